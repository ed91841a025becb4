//! A schema written in SQL: the text is run on an empty database in memory, and the database is inspected.
//!
//! So whatever SQLite accepts is understood, in any style: a hand-written file, `sqlite3 app.db .dump`, the files of
//! another tool. Rows are nobody's business here: INSERT, SELECT and their like are compiled, which finds their faults,
//! and not run. Nothing outside the database is reached, and what would run for ever is stopped.
//!
//! A comment `-- @renamed from=old_name` on the line of a table or a column, or on a line of its own in front of it,
//! says what it was called before.

mod annotations;
mod sandbox;
#[cfg(test)]
mod torture;

use std::fmt;
use std::ops::Range;

use rusqlite::Connection;
use seedbed_schema::checksum::without_byte_order_mark;
use seedbed_schema::sql::{Statement, Token, split_statements};

use crate::inspect::{Inspection, inspect_all};
use crate::migrate::words;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFault {
    /// What is wrong: SQLite's words, where SQLite says it.
    pub message: String,
    /// The bytes at fault.
    pub span: Range<usize>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for SqlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SqlFault {}

/// What a text makes.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlSource {
    /// The schema, with what else was found. Names that `@renamed` gives are in `renamed_from`.
    pub found: Inspection,
    /// Whether the text can only be read when `"text"` in double quotes may be a text, which no connection of ours
    /// allows and SQLite itself advises against (<https://www.sqlite.org/quirks.html#dblquote>).
    pub has_double_quoted_texts: bool,
}

/// Reads the schema that a script of SQL makes in an empty database.
///
/// # Errors
///
/// At the first statement that SQLite refuses, or that reaches out of the database.
///
/// ```
/// use seedbed::sql_source::read;
///
/// let source = read("CREATE TABLE trees ( -- @renamed from=plants
///     name TEXT PRIMARY KEY NOT NULL, -- @renamed from=title
///     height REAL
/// )").unwrap();
/// let trees = &source.found.schema.tables[0];
/// assert_eq!(trees.renamed_from.as_deref(), Some("plants"));
/// assert_eq!(trees.columns[0].renamed_from.as_deref(), Some("title"));
///
/// let fault = read("CREATE TABLE trees (name TEXT);\nCREATE INDEX i ON trees (nme);").unwrap_err();
/// assert_eq!(fault.message, "no such column: nme");
/// ```
pub fn read(text: &str) -> Result<SqlSource, SqlFault> {
    let skipped = text.len() - without_byte_order_mark(text).len();
    let script = &text[skipped..];
    let statements = split_statements(script);
    let at_place =
        |fault: SqlFault| SqlFault { span: fault.span.start + skipped..fault.span.end + skipped, ..fault };
    let (mut found, has_double_quoted_texts) = match run(script, &statements, Quotes::Names) {
        Ok(found) => (found, false),
        // What only a text in double quotes can be at fault for is tried again with them.
        Err(fault) => match script.contains('"').then(|| run(script, &statements, Quotes::NamesOrTexts)) {
            Some(Ok(found)) => (found, true),
            _ => return Err(at_place(fault)),
        },
    };
    annotations::apply(script, &statements, &mut found.schema).map_err(at_place)?;
    Ok(SqlSource { found, has_double_quoted_texts })
}

/// What double quotes may stand around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Names only.
    Names,
    /// A text, too, where there is no such name.
    NamesOrTexts,
}

fn run(script: &str, statements: &[Statement<'_>], quotes: Quotes) -> Result<Inspection, SqlFault> {
    let connection = sandbox::open(quotes == Quotes::NamesOrTexts).map_err(|error| internal(&error))?;
    let mut writes_schema = false;
    for statement in statements {
        let kind = Kind::of(&statement.tokens());
        writes_schema |= kind == Kind::SchemaRow;
        connection
            .run(|raw| perform(raw, statement, kind), kind == Kind::TableFromSelect)
            .map_err(|error| fault(script, statement, &error))?;
    }
    let raw = connection.inspectable().map_err(|error| internal(&error))?;
    if writes_schema {
        // What was written into the schema by hand is read only now.
        raw.execute_batch("PRAGMA writable_schema = RESET").map_err(|error| internal(&error))?;
    }
    inspect_all(&raw).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        SqlFault { message: format!("{error}{cause}"), span: 0..0, hint: None }
    })
}

/// What is done with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is run.
    Definition,
    /// It is run, and the SELECT in it with it.
    TableFromSelect,
    /// It writes a row of the schema itself, as `.dump` does for virtual tables; it is run.
    SchemaRow,
    /// It concerns rows only, and is compiled.
    Rows,
    /// It reaches out of the database.
    Outside(&'static str),
    /// It is no SQL but a command of the sqlite3 shell.
    ShellCommand,
}

impl Kind {
    fn of(tokens: &[Token<'_>]) -> Self {
        let Some(first) = tokens.first() else { return Self::Rows };
        let has = |word: &str| tokens.iter().any(|token| token.is_word(word));
        let names_schema = || {
            let is_name = |token: &Token<'_>| {
                let name = token.identifier().unwrap_or_default().to_ascii_lowercase();
                name == "sqlite_schema" || name == "sqlite_master"
            };
            tokens.iter().take(5).any(is_name)
        };
        match first.text.to_ascii_uppercase().as_str() {
            "ATTACH" => Self::Outside("ATTACH"),
            "DETACH" => Self::Outside("DETACH"),
            "VACUUM" if has("INTO") => Self::Outside("VACUUM INTO"),
            "INSERT" | "REPLACE" | "UPDATE" | "DELETE" if names_schema() => Self::SchemaRow,
            "CREATE" if is_table_from_select(tokens) => Self::TableFromSelect,
            "CREATE" | "ALTER" | "DROP" | "PRAGMA" | "BEGIN" | "COMMIT" | "END" | "ROLLBACK"
            | "SAVEPOINT" | "RELEASE" => Self::Definition,
            "." => Self::ShellCommand,
            _ => Self::Rows,
        }
    }
}

/// Whether the tokens are `CREATE TABLE name AS SELECT`, in which no parenthesis stands in front of AS.
fn is_table_from_select(tokens: &[Token<'_>]) -> bool {
    let head: Vec<&Token<'_>> = tokens.iter().take_while(|token| !token.is_symbol("(")).collect();
    head.iter().any(|token| token.is_word("TABLE")) && head.iter().any(|token| token.is_word("AS"))
}

fn perform(connection: &Connection, statement: &Statement<'_>, kind: Kind) -> rusqlite::Result<()> {
    match kind {
        Kind::Definition | Kind::TableFromSelect | Kind::SchemaRow => {
            connection.execute_batch(statement.text)
        }
        Kind::Rows => connection.prepare(statement.text).map(|_| ()),
        Kind::Outside(_) | Kind::ShellCommand => Err(rusqlite::Error::InvalidQuery),
    }
}

fn internal(error: &rusqlite::Error) -> SqlFault {
    SqlFault { message: words(error), span: 0..0, hint: None }
}

/// Says what is wrong with a statement, at the token that SQLite points at or else at its first word.
fn fault(script: &str, statement: &Statement<'_>, error: &rusqlite::Error) -> SqlFault {
    let tokens = statement.tokens();
    let (mut message, mut hint) = (words(error), None);
    match Kind::of(&tokens) {
        Kind::Outside(what) => {
            message = format!("{what} reaches out of the schema");
            hint =
                Some("take the statement out; a schema source may only define what it contains".to_owned());
        }
        Kind::ShellCommand => {
            "this is a command of the sqlite3 shell, and no SQL".clone_into(&mut message);
            hint = Some("take the line out; `.dump` writes a file without such commands".to_owned());
        }
        kind if sandbox::was_stopped(error) => {
            "the statement takes too much time or memory and was stopped".clone_into(&mut message);
            if kind == Kind::TableFromSelect {
                hint = Some("write the table's columns down; its rows are not needed here".to_owned());
            }
        }
        _ => {}
    }
    let offset = match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        _ if message == "incomplete input" => tokens.last().map(|token| token.start),
        _ => named_token(&tokens, &message),
    };
    let token = tokens.iter().find(|token| offset.is_some_and(|offset| token.end() > offset));
    let span = match token.or(tokens.first()) {
        Some(token) => statement.start + token.start..statement.start + token.end(),
        None => statement.start..script.len().min(statement.start + 1),
    };
    SqlFault { message, span, hint }
}

/// Returns the place of the name that a message ends with, `no such table: users`, when SQLite does not tell it.
fn named_token(tokens: &[Token<'_>], message: &str) -> Option<usize> {
    let name = message.rsplit_once(": ")?.1;
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    let is_it = |token: &&Token<'_>| token.identifier().is_some_and(|own| own.eq_ignore_ascii_case(name));
    tokens.iter().find(is_it).map(|token| token.start)
}

#[cfg(test)]
mod tests {
    use super::{SqlFault, read};
    use seedbed_schema::model::{DefaultValue, Schema};

    fn schema(text: &str) -> Schema {
        read(text).unwrap_or_else(|fault| panic!("{fault:?} in {text}")).found.schema
    }

    fn fault(text: &str) -> (String, String) {
        let SqlFault { message, span, .. } = read(text).unwrap_err();
        (message, text[span].to_owned())
    }

    #[test]
    fn a_dump_is_read_as_what_was_dumped() {
        let source = read(
            "\u{feff}PRAGMA foreign_keys=OFF;\r\nBEGIN TRANSACTION;\r\nCREATE TABLE a(x, y TEXT DEFAULT 'b''c');
             INSERT INTO a VALUES(1,'one');\nPRAGMA writable_schema=ON;
             INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','search','search',0,'CREATE VIRTUAL TABLE search USING fts5(t)');
             CREATE TABLE IF NOT EXISTS 'search_data'(id INTEGER PRIMARY KEY, block BLOB);
             CREATE TABLE IF NOT EXISTS 'search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS 'search_content'(id INTEGER PRIMARY KEY, c0);
             CREATE TABLE IF NOT EXISTS 'search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
             CREATE TABLE IF NOT EXISTS 'search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
             PRAGMA writable_schema=OFF;\nCOMMIT;\n",
        )
        .unwrap();
        assert_eq!(source.found.virtual_tables, ["search"]);
        let names: Vec<&str> = source.found.schema.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["a"]);
        assert_eq!(
            source.found.schema.tables[0].columns[1].default,
            Some(DefaultValue::Text("b'c".to_owned()))
        );
    }

    #[test]
    fn later_statements_count() {
        let schema = schema(
            "CREATE TABLE a (x); ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 0; CREATE TABLE b AS SELECT y, 'z' AS z FROM a;
             CREATE TEMP TABLE t (x); DROP TABLE IF EXISTS c; ALTER TABLE a RENAME TO d; CREATE VIEW v AS SELECT * FROM d;
             CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN INSERT INTO d (x) VALUES (NEW.x); END;",
        );
        let names: Vec<&str> = schema.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["d", "b"]);
        assert_eq!(schema.tables[0].columns.len(), 2);
        assert_eq!(schema.triggers[0].table, "v");
    }

    #[test]
    fn a_text_in_double_quotes_is_taken_where_nothing_else_will_do() {
        let source = read("CREATE TABLE a (x TEXT CHECK (x IN (\"on\", \"off\")))").unwrap();
        assert!(source.has_double_quoted_texts);
        assert_eq!(source.found.schema.tables[0].checks[0].expr.as_str(), "x IN ('on', 'off')");
        assert!(!read("CREATE TABLE \"a\" (\"x\" TEXT)").unwrap().has_double_quoted_texts);
    }

    #[test]
    fn faults_are_in_sqlites_words_at_their_place() {
        let text = |message: &str, at: &str| (message.to_owned(), at.to_owned());
        assert_eq!(fault("SELECT 1;\nCREATE TABEL a (x)"), text("near \"TABEL\": syntax error", "TABEL"));
        assert_eq!(fault("CREATE TABLE a (x); CREATE INDEX i ON b (x)"), text("no such table: main.b", "b"));
        assert_eq!(fault("CREATE TABLE a (x); CREATE TABLE A (x)"), text("table A already exists", "A"));
        assert_eq!(
            fault("CREATE TABLE a (x); INSERT INTO a (y) VALUES (1)").0,
            "table a has no column named y"
        );
        assert_eq!(fault("CREATE TABLE a (x"), text("incomplete input", "x"));
    }

    #[test]
    fn nothing_outside_is_reached_and_nothing_hangs() {
        for (text, at) in [
            ("ATTACH 'x.db' AS x", "ATTACH"),
            ("VACUUM INTO '/tmp/x.db'", "VACUUM"),
            (".read other.sql\n", "."),
        ] {
            assert_eq!(fault(text).1, at, "{text}");
        }
        assert!(fault("SELECT load_extension('x')").0.contains("load_extension"));
        let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
        read(endless).unwrap();
        assert!(fault(&format!("CREATE TABLE t AS {endless}")).0.contains("was stopped"));
    }
}
