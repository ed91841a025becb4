//! What a migration file asks for: its statements with their lines, its directives, and the rebuilds in it.
//!
//! A file is read once and by tokens, never by looking for words in its text. Directives are comments, so that any
//! other tool can run the file as well:
//!
//! ```sql
//! -- seedbed: no-transaction
//! -- seedbed: skip-replay
//! -- seedbed: triggers-off
//! -- seedbed: replaces 0000_base 5f1c…
//! -- seedbed: rebuild "users" drops "nickname"
//! -- seedbed: keep "users" key "id" drops "nickname"
//! -- seedbed: restore "users" key "id" drops "nickname"
//! -- hazard: drop-column users.nickname: drops the column and its values
//! -- seedbed: allow drop-column users.nickname because nobody reads it
//! ```

mod allow;
mod directive;
mod statement;

use seedbed_schema::checksum::without_byte_order_mark;
use seedbed_schema::sql::{TokenKind, split_statements, tokenize};

pub(crate) use allow::Allow;
pub(crate) use directive::{Cast, Keep, KeyColumn, Name, Restore, RestoredColumns, RowKey};
pub(crate) use statement::{Action, ObjectKind, ScriptStatement, is_of_the_moment, is_same};

/// A migration file that was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// The file's name, for messages.
    pub(crate) name: String,
    /// The statements in order.
    pub(crate) statements: Vec<ScriptStatement>,
    /// `-- seedbed: no-transaction`.
    pub(crate) no_transaction: bool,
    /// `-- seedbed: skip-replay`.
    pub(crate) skip_replay: bool,
    /// `-- seedbed: triggers-off`.
    pub(crate) triggers_off: bool,
    /// The rebuilds, in the order of their DROP TABLE.
    pub(crate) rebuilds: Vec<Rebuild>,
    /// What is kept, each with the statement before which it is.
    pub(crate) keeps: Vec<(usize, Keep)>,
    /// What is brought back, each with the first statement that reads it.
    pub(crate) restores: Vec<(usize, Restore)>,
    /// The `-- hazard:` lines.
    pub(crate) hazards: Vec<HazardLine>,
    /// The hazards that are allowed.
    pub(crate) allows: Vec<Allow>,
}

/// A table that a script makes anew: `CREATE TABLE new`, `INSERT INTO new … SELECT`, `DROP TABLE old`,
/// `ALTER TABLE new RENAME TO old`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rebuild {
    /// The table.
    pub(crate) table: String,
    /// The name it has while it is filled.
    pub(crate) new_table: String,
    /// The columns that are dropped on purpose.
    pub(crate) dropped_columns: Vec<String>,
    /// The statements that fill the new table.
    pub(crate) inserts: Vec<usize>,
    /// The statement that drops the old table.
    pub(crate) drop_at: usize,
    /// The statement that gives the new table its name.
    pub(crate) rename_at: usize,
}

/// A danger that the planner or a person wrote into the file: `-- hazard: <code> <table[.column]>: <text>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HazardLine {
    /// The line in the file.
    pub(crate) line: usize,
    /// Everything behind `hazard:`.
    pub(crate) text: String,
}

/// A migration that a file stands for: `-- seedbed: replaces <tag> <checksum>`, with `of <tag>` behind it when it was
/// folded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// Its name.
    pub(crate) tag: String,
    /// The checksum that its file had.
    pub(crate) checksum: String,
    /// The migration that it was folded into first.
    pub(crate) of: Option<String>,
}

impl Replaced {
    /// Returns the line that says so.
    pub(crate) fn line(&self) -> String {
        let of = self.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        format!("-- seedbed: replaces {} {}{of}", self.tag, self.checksum)
    }
}

/// Returns the migrations that a file stands for, none for one that was not folded.
pub(crate) fn read_replaced(text: &str) -> Vec<Replaced> {
    if !text.contains("seedbed: replaces ") {
        return Vec::new();
    }
    let tokens = tokenize(text);
    let comments = tokens.iter().filter(|token| token.kind == TokenKind::Comment);
    let directives =
        comments.filter_map(|token| token.text.strip_prefix("--")?.trim().strip_prefix("seedbed:"));
    directives.filter_map(|directive| one_replaced(directive.trim())).collect()
}

fn one_replaced(directive: &str) -> Option<Replaced> {
    let words: Vec<&str> = directive.split_whitespace().collect();
    let (tag, checksum, of) = match words.as_slice() {
        ["replaces", tag, checksum] => (*tag, *checksum, None),
        ["replaces", tag, checksum, "of", of] => (*tag, *checksum, Some((*of).to_owned())),
        _ => return None,
    };
    Some(Replaced { tag: tag.to_owned(), checksum: checksum.to_owned(), of })
}

/// Why a file cannot be run at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptError {
    /// The line in the file.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) message: String,
    /// The way out.
    pub(crate) hint: String,
}

impl Script {
    /// Reads a script; `name` is its file's name.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, ScriptError> {
        let text = without_byte_order_mark(text);
        let mut script = Self { name: name.to_owned(), ..Self::default() };
        let mut found = Directives::default();
        for token in tokenize(text).iter().filter(|token| token.kind == TokenKind::Comment) {
            let Some(comment) = token.text.strip_prefix("--") else { continue };
            let comment = comment.trim();
            let line = || 1 + text[..token.start].matches('\n').count();
            if let Some(directive) = comment.strip_prefix("seedbed:") {
                script.read_directive(directive.trim(), line(), &mut found)?;
            } else if let Some(text) = comment.strip_prefix("hazard:") {
                script.hazards.push(HazardLine { line: line(), text: text.trim().to_owned() });
            }
        }
        script.statements = split_statements(text).iter().map(ScriptStatement::read).collect();
        script.refuse_what_cannot_run()?;
        script.rebuilds = find_rebuilds(&script.statements, &found.dropped);
        for (line, keep) in found.keeps {
            script.keeps.extend(script.place_of_keep(line, &keep.table.live).map(|at| (at, keep)));
        }
        for restore in found.restores {
            script.restores.extend(script.first_reader(&restore.view()).map(|at| (at, restore)));
        }
        Ok(script)
    }

    fn read_directive(
        &mut self,
        directive: &str,
        line: usize,
        found: &mut Directives,
    ) -> Result<(), ScriptError> {
        match directive {
            "no-transaction" => self.no_transaction = true,
            "skip-replay" => self.skip_replay = true,
            "triggers-off" => self.triggers_off = true,
            other if other.starts_with("allow ") || other == "allow" => {
                let allow = Allow::read(other.trim_start_matches("allow").trim(), line);
                self.allows.push(allow.map_err(|message| ScriptError {
                    line,
                    message: format!("`-- seedbed: {other}`: {message}"),
                    hint: "it is written so: `-- seedbed: allow drop-column users.age because nobody reads it`, with \
                           the code and the name that `seedbed lint` shows"
                        .to_owned(),
                })?);
            }
            // What it stands for is told by `read_replaced`.
            other if one_replaced(other).is_some() => {}
            other => {
                let rebuild = directive::rebuild(other).map(|rebuild| found.dropped.push(rebuild));
                let keep = directive::keep(other).map(|keep| found.keeps.push((line, keep)));
                let restore = directive::restore(other).map(|restore| found.restores.push(restore));
                if rebuild.or(keep).or(restore).is_none() {
                    return Err(ScriptError {
                        line,
                        message: format!("unknown directive `-- seedbed: {other}`"),
                        hint: "write `no-transaction`, `skip-replay`, `triggers-off`, `allow …` or `rebuild \"table\" drops \
                               \"column\"`"
                            .to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    fn refuse_what_cannot_run(&self) -> Result<(), ScriptError> {
        for statement in &self.statements {
            if let Some(parameter) = &statement.parameter {
                return Err(ScriptError {
                    line: statement.line,
                    message: format!("the parameter `{parameter}` has no value in a migration"),
                    hint: "write the value itself".to_owned(),
                });
            }
            if let Action::Transaction(word) = &statement.action
                && !self.no_transaction
            {
                return Err(ScriptError {
                    line: statement.line,
                    message: format!("`{word}` in a migration, which runs in a transaction of its own"),
                    hint: "remove it, or write `-- seedbed: no-transaction` to run the statements one by one"
                        .to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Whether foreign keys have to be off while the script runs: with keys on, DROP TABLE deletes the table's rows
    /// first, and children with ON DELETE CASCADE go with them.
    pub(crate) fn needs_keys_off(&self) -> bool {
        !self.rebuilds.is_empty()
            || !self.restores.is_empty()
            || self.statements.iter().any(|statement| match &statement.action {
                Action::Drop(ObjectKind::Table, _) => true,
                Action::ForeignKeysPragma { on } => !on,
                _ => false,
            })
    }

    /// Whether foreign keys can come to refer to nothing without SQLite noticing: while keys are off, and when an
    /// index goes that a key needs.
    pub(crate) fn can_break_keys(&self) -> bool {
        let drops_index =
            |statement: &ScriptStatement| matches!(statement.action, Action::Drop(ObjectKind::Index, _));
        self.needs_keys_off() || self.statements.iter().any(drops_index)
    }

    /// Whether the runner does what the statement asks, so that the statement itself is left out.
    pub(crate) fn is_hoisted(&self, index: usize) -> bool {
        !self.no_transaction && matches!(self.statements[index].action, Action::ForeignKeysPragma { .. })
    }

    /// Returns the rebuild whose DROP TABLE or RENAME is that statement.
    pub(crate) fn rebuild_at(&self, index: usize) -> Option<&Rebuild> {
        self.rebuilds.iter().find(|rebuild| rebuild.drop_at == index || rebuild.rename_at == index)
    }

    /// Returns what is kept before that statement.
    pub(crate) fn keeps_at(&self, index: usize) -> impl Iterator<Item = &Keep> {
        self.keeps.iter().filter(move |(at, _)| *at == index).map(|(_, keep)| keep)
    }

    /// Returns what that statement is the first to read of what was kept.
    pub(crate) fn restores_at(&self, index: usize) -> impl Iterator<Item = &Restore> {
        self.restores.iter().filter(move |(at, _)| *at == index).map(|(_, restore)| restore)
    }

    /// Values go at the end of a rebuild, and otherwise with the statements behind the directive.
    fn place_of_keep(&self, line: usize, table: &str) -> Option<usize> {
        let is_behind = |index: usize| self.statements[index].line >= line;
        let rebuild =
            self.rebuilds.iter().find(|rebuild| is_same(&rebuild.table, table) && is_behind(rebuild.drop_at));
        rebuild
            .map(|rebuild| rebuild.drop_at)
            .or_else(|| (0..self.statements.len()).find(|index| is_behind(*index)))
    }

    fn first_reader(&self, view: &str) -> Option<usize> {
        let reads = |statement: &ScriptStatement| {
            tokenize(&statement.text)
                .iter()
                .any(|token| token.identifier().is_some_and(|name| is_same(&name, view)))
        };
        self.statements.iter().position(reads)
    }

    /// Returns the first thing that a statement behind `index` does to the object by its name.
    pub(crate) fn next_mention(&self, index: usize, kind: ObjectKind, name: &str) -> Option<Mention> {
        self.mentions(index, kind, name).next()
    }

    /// Whether the last thing that the script does to the object, behind `index`, is to drop it by its name.
    pub(crate) fn ends_dropped(&self, index: usize, kind: ObjectKind, name: &str) -> bool {
        self.mentions(index, kind, name).last() == Some(Mention::Dropped)
    }

    fn mentions<'a>(
        &'a self,
        index: usize,
        kind: ObjectKind,
        name: &'a str,
    ) -> impl Iterator<Item = Mention> + 'a {
        self.statements.iter().skip(index + 1).filter_map(move |statement| match &statement.action {
            Action::Create(found, object) if *found == kind && is_same(object, name) => {
                Some(Mention::Created)
            }
            Action::Drop(found, object) if *found == kind && is_same(object, name) => Some(Mention::Dropped),
            _ => None,
        })
    }

    /// Follows a table's name back from statement `index` to what it was before the script.
    pub(crate) fn original_table(&self, name: &str, index: usize) -> String {
        let mut name = name.to_owned();
        for (at, statement) in self.statements[..index].iter().enumerate().rev() {
            if let Action::RenameTable { from, to } = &statement.action
                && is_same(to, &name)
                && self.rebuild_at(at).is_none()
            {
                name.clone_from(from);
            }
        }
        name
    }

    /// Follows a table's name through the renames of the script, rebuilds left out.
    pub(crate) fn renamed_table(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for (index, statement) in self.statements.iter().enumerate() {
            if let Action::RenameTable { from, to } = &statement.action
                && is_same(from, &name)
                && self.rebuild_at(index).is_none()
            {
                name.clone_from(to);
            }
        }
        name
    }

    /// Follows a column, given with its table's name before the script, through the renames of the script.
    pub(crate) fn renamed_column(&self, table: &str, column: &str) -> String {
        let (mut table, mut column) = (table.to_owned(), column.to_owned());
        for (index, statement) in self.statements.iter().enumerate() {
            match &statement.action {
                Action::RenameTable { from, to }
                    if is_same(from, &table) && self.rebuild_at(index).is_none() =>
                {
                    table.clone_from(to);
                }
                Action::RenameColumn { table: of, from, to }
                    if is_same(of, &table) && is_same(from, &column) =>
                {
                    column.clone_from(to);
                }
                _ => {}
            }
        }
        column
    }
}

/// What a script does to an object by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mention {
    /// CREATE.
    Created,
    /// DROP.
    Dropped,
}

/// The directives that name tables.
#[derive(Default)]
struct Directives {
    /// The columns that a rebuild drops on purpose.
    dropped: Vec<(String, Vec<String>)>,
    /// What is kept, with the line that says so.
    keeps: Vec<(usize, Keep)>,
    restores: Vec<Restore>,
}

fn find_rebuilds(statements: &[ScriptStatement], dropped: &[(String, Vec<String>)]) -> Vec<Rebuild> {
    let mut rebuilds = Vec::new();
    for (drop_at, statement) in statements.iter().enumerate() {
        let Action::Drop(ObjectKind::Table, table) = &statement.action else { continue };
        let rename =
            statements.iter().enumerate().skip(drop_at + 1).find_map(|(index, later)| match &later.action {
                Action::RenameTable { from, to } if is_same(to, table) => Some((index, from.clone())),
                _ => None,
            });
        let Some((rename_at, new_table)) = rename else { continue };
        // A table that takes the name of a dropped one without being made here is no copy of it.
        let makes = |other: &ScriptStatement| matches!(&other.action, Action::Create(ObjectKind::Table, made) if is_same(made, &new_table));
        if !statements[..drop_at].iter().any(makes) {
            continue;
        }
        let fills = |other: &ScriptStatement| matches!(&other.action, Action::Insert(into) if is_same(into, &new_table));
        let inserts = (0..drop_at).filter(|index| fills(&statements[*index])).collect();
        let dropped_columns = dropped
            .iter()
            .filter(|(name, _)| is_same(name, table))
            .flat_map(|(_, columns)| columns.iter().cloned())
            .collect();
        rebuilds.push(Rebuild {
            table: table.clone(),
            new_table,
            dropped_columns,
            inserts,
            drop_at,
            rename_at,
        });
    }
    rebuilds
}

#[cfg(test)]
mod tests {
    use super::{Action, Mention, ObjectKind, Script};

    fn script(text: &str) -> Script {
        Script::parse("0001_x.sql", text).unwrap()
    }

    const REBUILD: &str = "-- seedbed: rebuild \"users\" drops \"nick\"\"name\", \"age\"\r\n\
        CREATE TABLE \"__seedbed_new_users\" (id INTEGER PRIMARY KEY);\n--> statement-breakpoint\n\
        INSERT INTO \"__seedbed_new_users\" (\"id\") SELECT \"id\" FROM \"users\";\n\
        DROP TABLE \"users\";\n\
        ALTER TABLE \"__seedbed_new_users\" RENAME TO \"users\";\n\
        CREATE INDEX i ON users (id);";

    #[test]
    fn a_rebuild_is_found_by_its_drop_and_rename() {
        let script = script(REBUILD);
        let [rebuild] = script.rebuilds.as_slice() else { panic!("{:?}", script.rebuilds) };
        assert_eq!((rebuild.table.as_str(), rebuild.new_table.as_str()), ("users", "__seedbed_new_users"));
        assert_eq!((rebuild.drop_at, rebuild.rename_at, &rebuild.inserts), (2, 3, &vec![1]));
        assert_eq!(rebuild.dropped_columns, ["nick\"name", "age"]);
        assert!(script.needs_keys_off());
        assert_eq!(script.statements[3].line, 6);
        assert_eq!(script.next_mention(3, ObjectKind::Index, "I"), Some(Mention::Created));
        assert_eq!(script.next_mention(4, ObjectKind::Index, "i"), None);
        assert_eq!(script.renamed_table("users"), "users");
    }

    #[test]
    fn a_table_that_takes_over_a_name_is_no_rebuild() {
        let script = script("DROP TABLE old; ALTER TABLE fresh RENAME TO old;");
        assert!(script.rebuilds.is_empty() && script.needs_keys_off());
        assert_eq!(script.renamed_table("fresh"), "old");
    }

    #[test]
    fn the_words_of_a_rebuild_inside_literals_and_comments_are_nothing() {
        let script = script(
            "-- DROP TABLE users\nINSERT INTO t VALUES ('DROP TABLE users; ALTER TABLE a RENAME TO users');",
        );
        assert!(script.rebuilds.is_empty() && !script.needs_keys_off());
        assert_eq!(script.statements.len(), 1);
    }

    #[test]
    fn drizzles_pragmas_are_hoisted() {
        let script =
            script("PRAGMA foreign_keys=OFF;--> statement-breakpoint\nSELECT 1;\nPRAGMA foreign_keys = ON;");
        assert!(script.needs_keys_off());
        assert!(script.is_hoisted(0) && !script.is_hoisted(1) && script.is_hoisted(2));
    }

    #[test]
    fn directives_and_hazards_are_read() {
        let script = script(
            "-- seedbed: no-transaction\n--seedbed: skip-replay\n-- seedbed: triggers-off\n\
             -- hazard: drop-table users: drops every row\nVACUUM;",
        );
        assert!(script.no_transaction && script.skip_replay && script.triggers_off);
        assert_eq!(
            (script.hazards[0].line, script.hazards[0].text.as_str()),
            (4, "drop-table users: drops every row")
        );
    }

    #[test]
    fn what_cannot_run_is_refused_with_its_line() {
        for (text, line, words) in [
            ("SELECT 1;\n-- seedbed: no-transactions", 2, "unknown directive"),
            ("-- seedbed: rebuild users drops", 1, "unknown directive"),
            ("SELECT 1;\n\nCOMMIT;", 3, "`COMMIT`"),
            ("BEGIN TRANSACTION;", 1, "`BEGIN`"),
            ("end", 1, "`end`"),
            ("ROLLBACK;", 1, "`ROLLBACK`"),
            ("SELECT 1;\nINSERT INTO t VALUES (?1)", 2, "`?1`"),
        ] {
            let error = Script::parse("x.sql", text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(error.message.contains(words), "{text}: {}", error.message);
        }
        assert!(Script::parse("x.sql", "-- seedbed: no-transaction\nBEGIN; COMMIT;").is_ok());
        assert!(Script::parse("x.sql", "SAVEPOINT a; ROLLBACK TO a; RELEASE a").is_ok());
    }

    #[test]
    fn names_are_followed_through_renames() {
        let script = script(
            "ALTER TABLE a RENAME TO b; ALTER TABLE b RENAME COLUMN x TO y; ALTER TABLE b RENAME y TO z;",
        );
        assert_eq!(script.renamed_table("A"), "b");
        assert_eq!(script.renamed_column("a", "x"), "z");
        assert_eq!(script.renamed_column("a", "q"), "q");
        assert!(matches!(script.statements[0].action, Action::RenameTable { .. }));
    }
}
