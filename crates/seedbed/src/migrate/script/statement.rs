//! One statement of a script, and what it does as far as the runner cares.

use seedbed_schema::sql::{Statement, Token, TokenKind, tokenize};

/// A statement with its place.
#[derive(Debug, Clone)]
pub(crate) struct ScriptStatement {
    /// The text, without the semicolon.
    pub(crate) text: String,
    /// The line it starts on, from 1.
    pub(crate) line: usize,
    /// What it does.
    pub(crate) action: Action,
    /// The first bound parameter in it, which nobody could bind.
    pub(crate) parameter: Option<String>,
}

/// What a statement does to the main database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// CREATE TABLE, INDEX, TRIGGER or VIEW.
    Create(ObjectKind, String),
    /// DROP TABLE, INDEX, TRIGGER or VIEW.
    Drop(ObjectKind, String),
    /// ALTER TABLE … RENAME TO.
    RenameTable {
        /// The name before.
        from: String,
        /// The name after.
        to: String,
    },
    /// ALTER TABLE … RENAME COLUMN.
    RenameColumn {
        /// The table.
        table: String,
        /// The name before.
        from: String,
        /// The name after.
        to: String,
    },
    /// Any other ALTER TABLE.
    AlterTable(String),
    /// INSERT or REPLACE into a table.
    Insert(String),
    /// UPDATE of a table.
    Update(String),
    /// DELETE from a table.
    Delete(String),
    /// `PRAGMA foreign_keys = …`.
    ForeignKeysPragma {
        /// The value asked for.
        on: bool,
    },
    /// BEGIN, COMMIT, END or ROLLBACK of a whole transaction.
    Transaction(String),
    /// Anything else.
    Other,
}

/// The kinds of objects that have names of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectKind {
    /// A table, virtual ones too.
    Table,
    /// A view.
    View,
    /// An index.
    Index,
    /// A trigger.
    Trigger,
}

impl ObjectKind {
    /// Returns the word that SQL and `sqlite_schema.type` have for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
            Self::Index => "index",
            Self::Trigger => "trigger",
        }
    }

    /// Returns the kind that the word stands for.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Table, Self::View, Self::Index, Self::Trigger]
            .into_iter()
            .find(|kind| kind.word().eq_ignore_ascii_case(word))
    }
}

/// Whether two SQL names mean the same thing.
pub(crate) fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}

impl ScriptStatement {
    pub(super) fn read(statement: &Statement<'_>) -> Self {
        let tokens = statement.tokens();
        let parameter = tokens.iter().find(|token| token.kind == TokenKind::Parameter);
        let parameter = parameter.map(|token| token.text.to_owned());
        let action = Words { tokens: &tokens, at: 0 }.action().unwrap_or(Action::Other);
        Self { text: statement.text.to_owned(), line: statement.line, action, parameter }
    }
}

impl ScriptStatement {
    /// Returns the column that an ALTER TABLE … DROP COLUMN drops.
    pub(crate) fn dropped_column(&self) -> Option<String> {
        if !matches!(self.action, Action::AlterTable(_)) {
            return None;
        }
        let tokens: Vec<_> = tokenize(&self.text).into_iter().filter(|token| !token.is_trivia()).collect();
        let [rest @ .., column] = tokens.as_slice() else { return None };
        // `DROP a`, `DROP COLUMN a`, but `DROP CONSTRAINT a` and `ALTER COLUMN a DROP NOT NULL` end in a name as well.
        let is_drop = match rest {
            [.., drop, word] if word.is_word("COLUMN") && word.kind == TokenKind::Word => {
                drop.is_word("DROP")
            }
            [.., before, drop] => drop.is_word("DROP") && !before.is_symbol("."),
            _ => false,
        };
        column.identifier().filter(|_| is_drop)
    }
}

/// A reading head over a statement's tokens.
struct Words<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
}

impl Words<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|token| token.is_word(word));
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|token| token.is_symbol(symbol));
        self.at += usize::from(found);
        found
    }

    fn skip_words(&mut self, words: &[&str]) {
        while words.iter().any(|word| self.take(word)) {}
    }

    fn identifier(&mut self) -> Option<String> {
        let name = self.tokens.get(self.at)?.identifier()?;
        self.at += 1;
        Some(name)
    }

    /// Reads `name` or `main.name`; objects of other databases are nobody's business here.
    fn name(&mut self) -> Option<String> {
        let first = self.identifier()?;
        if !self.take_symbol(".") {
            return Some(first);
        }
        let second = self.identifier()?;
        is_same(&first, "main").then_some(second)
    }

    fn action(mut self) -> Option<Action> {
        let first = *self.tokens.first()?;
        self.at = 1;
        if first.is_word("CREATE") {
            if self.take("TEMP") || self.take("TEMPORARY") {
                return None;
            }
            self.skip_words(&["UNIQUE", "VIRTUAL"]);
            let kind = self.kind()?;
            self.skip_words(&["IF", "NOT", "EXISTS"]);
            return Some(Action::Create(kind, self.name()?));
        }
        if first.is_word("DROP") {
            let kind = self.kind()?;
            self.skip_words(&["IF", "EXISTS"]);
            return Some(Action::Drop(kind, self.name()?));
        }
        if first.is_word("ALTER") {
            return self.alter();
        }
        if first.is_word("PRAGMA") {
            return self.pragma();
        }
        if first.is_word("WITH") {
            return self.with();
        }
        if ["BEGIN", "COMMIT", "END", "ROLLBACK"].iter().any(|word| first.is_word(word)) {
            self.skip_words(&["TRANSACTION"]);
            return (!self.take("TO")).then(|| Action::Transaction(first.text.to_owned()));
        }
        self.at = 0;
        self.change()
    }

    fn kind(&mut self) -> Option<ObjectKind> {
        let kind = ObjectKind::from_word(self.tokens.get(self.at)?.text)?;
        self.at += 1;
        Some(kind)
    }

    fn alter(&mut self) -> Option<Action> {
        if !self.take("TABLE") {
            return None;
        }
        let table = self.name()?;
        if !self.take("RENAME") {
            return Some(Action::AlterTable(table));
        }
        if self.take("TO") {
            return Some(Action::RenameTable { from: table, to: self.identifier()? });
        }
        self.take("COLUMN");
        let from = self.identifier()?;
        self.take("TO").then_some(())?;
        Some(Action::RenameColumn { table, from, to: self.identifier()? })
    }

    fn pragma(&mut self) -> Option<Action> {
        if !is_same(&self.name()?, "foreign_keys") {
            return None;
        }
        if !self.take_symbol("=") && !self.take_symbol("(") {
            return None;
        }
        let value = self.tokens.get(self.at)?;
        let value = value.identifier().unwrap_or_else(|| value.text.to_owned()).to_ascii_lowercase();
        Some(Action::ForeignKeysPragma { on: matches!(value.as_str(), "1" | "on" | "yes" | "true") })
    }

    /// Finds the statement behind the common table expressions.
    fn with(&mut self) -> Option<Action> {
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            } else if depth == 0
                && ["INSERT", "REPLACE", "UPDATE", "DELETE"].iter().any(|word| token.is_word(word))
            {
                return self.change();
            }
            self.at += 1;
        }
        None
    }

    fn change(&mut self) -> Option<Action> {
        let word = *self.tokens.get(self.at)?;
        self.at += 1;
        if self.take("OR") {
            self.at += 1;
        }
        if word.is_word("INSERT") || word.is_word("REPLACE") {
            return if self.take("INTO") { Some(Action::Insert(self.name()?)) } else { None };
        }
        if word.is_word("UPDATE") {
            return Some(Action::Update(self.name()?));
        }
        if word.is_word("DELETE") && self.take("FROM") {
            return Some(Action::Delete(self.name()?));
        }
        None
    }
}

/// Functions and words whose value is another one at every run.
const CHANGING: [&str; 13] = [
    "random",
    "randomblob",
    "datetime",
    "date",
    "time",
    "julianday",
    "unixepoch",
    "strftime",
    "timediff",
    "current_timestamp",
    "current_date",
    "current_time",
    "now",
];

/// Whether an SQL text yields another value at every run.
pub(crate) fn is_of_the_moment(sql: &str) -> bool {
    tokenize(sql).iter().any(|token| CHANGING.iter().any(|word| token.is_word(word)))
}

#[cfg(test)]
mod tests {
    use super::{Action, ObjectKind, ScriptStatement};
    use seedbed_schema::sql::split_statements;

    fn action(sql: &str) -> Action {
        ScriptStatement::read(&split_statements(sql)[0]).action
    }

    #[test]
    fn statements_are_told_apart() {
        use ObjectKind::{Index, Table, Trigger, View};
        let name = |name: &str| name.to_owned();
        for (sql, expected) in [
            ("CREATE TABLE IF NOT EXISTS main.\"a b\" (x)", Action::Create(Table, name("a b"))),
            ("create unique index if not exists i on t (a)", Action::Create(Index, name("i"))),
            ("CREATE VIRTUAL TABLE f USING fts5 (a)", Action::Create(Table, name("f"))),
            ("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END", Action::Create(Trigger, name("t"))),
            ("CREATE TEMP TABLE a (x)", Action::Other),
            ("DROP VIEW IF EXISTS [v]", Action::Drop(View, name("v"))),
            ("DROP TABLE temp.x", Action::Other),
            (
                "ALTER TABLE a RENAME x TO y",
                Action::RenameColumn { table: name("a"), from: name("x"), to: name("y") },
            ),
            ("ALTER TABLE a RENAME TO b", Action::RenameTable { from: name("a"), to: name("b") }),
            ("ALTER TABLE a ADD COLUMN x", Action::AlterTable(name("a"))),
            ("INSERT OR IGNORE INTO a VALUES (1)", Action::Insert(name("a"))),
            ("REPLACE INTO a VALUES (1)", Action::Insert(name("a"))),
            ("UPDATE OR FAIL a SET x = 1", Action::Update(name("a"))),
            ("DELETE FROM main.a", Action::Delete(name("a"))),
            ("WITH d AS (DELETE) DELETE FROM a", Action::Delete(name("a"))),
            ("WITH d(x) AS (SELECT 1) SELECT * FROM d", Action::Other),
            ("PRAGMA main.foreign_keys(0)", Action::ForeignKeysPragma { on: false }),
            ("PRAGMA foreign_keys = 'on'", Action::ForeignKeysPragma { on: true }),
            ("PRAGMA foreign_keys", Action::Other),
            ("PRAGMA foreign_key_check", Action::Other),
            ("SELECT 1", Action::Other),
        ] {
            assert_eq!(action(sql), expected, "{sql}");
        }
    }
}
