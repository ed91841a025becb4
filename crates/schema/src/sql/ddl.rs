//! Reads the CREATE statements that SQLite keeps in `sqlite_schema` into the model.
//!
//! SQLite has accepted the text already, so the reader follows the grammar of <https://www.sqlite.org/lang_createtable.html>
//! without checking it twice; what it cannot place is an error, never a guess. Clauses that the model has no place for
//! (`ON CONFLICT`) are named in [`Table::unmodelled`].

use std::fmt;

use super::cursor::Cursor;
use super::key_text::read_index_column;
use super::token::TokenKind;
use crate::model::{
    Action, Check, Column, ColumnType, DefaultValue, ForeignKey, Generated, Index, IndexTerm, KeyColumn,
    PrimaryKey, Table, Trigger, Unique, View,
};
use crate::sql::SqlExpr;

/// What a CREATE statement makes.
#[derive(Debug, Clone, PartialEq)]
pub enum DdlObject {
    /// A table, without its indexes.
    Table(Table),
    /// A virtual table; its module and arguments are not modelled.
    VirtualTable(String),
    /// An index and the table that it is on.
    Index {
        /// The table.
        table: String,
        /// The index.
        index: Index,
    },
    /// A view.
    View(View),
    /// A trigger.
    Trigger(Trigger),
}

/// A CREATE statement that the reader could not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DdlError {
    /// What was expected.
    pub message: String,
    /// The byte offset in the statement.
    pub offset: usize,
}

impl fmt::Display for DdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.offset)
    }
}

impl std::error::Error for DdlError {}

type Result<T> = std::result::Result<T, DdlError>;

/// Reads one CREATE TABLE, INDEX, VIEW, TRIGGER or VIRTUAL TABLE statement.
///
/// # Errors
///
/// When the statement is none of these or breaks their grammar.
///
/// ```
/// use seedbed_schema::sql::{read_object, DdlObject};
///
/// let object = read_object("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE)")?;
/// let DdlObject::Table(table) = object else { panic!("not a table") };
/// assert_eq!(table.columns[1].name, "email");
/// assert!(!table.columns[1].nullable);
/// # Ok::<(), seedbed_schema::sql::DdlError>(())
/// ```
pub fn read_object(sql: &str) -> Result<DdlObject> {
    let mut cursor = Cursor::new(sql);
    cursor.expect_word("CREATE")?;
    let unique = cursor.take_word("UNIQUE");
    let _ = cursor.take_word("TEMP") || cursor.take_word("TEMPORARY");
    let is_virtual = cursor.take_word("VIRTUAL");
    if cursor.take_word("TABLE") {
        let name = object_name(&mut cursor)?;
        return if is_virtual {
            Ok(DdlObject::VirtualTable(name))
        } else {
            Ok(DdlObject::Table(table(&mut cursor, name)?))
        };
    }
    if cursor.take_word("INDEX") {
        return index(&mut cursor, unique);
    }
    if cursor.take_word("VIEW") {
        return view(&mut cursor);
    }
    if cursor.take_word("TRIGGER") {
        return trigger(&mut cursor);
    }
    Err(cursor.error("expected TABLE, INDEX, VIEW or TRIGGER"))
}

/// Reads `[IF NOT EXISTS] [schema.]name`.
fn object_name(cursor: &mut Cursor<'_>) -> Result<String> {
    if cursor.take_word("IF") {
        cursor.expect_word("NOT")?;
        cursor.expect_word("EXISTS")?;
    }
    qualified_name(cursor)
}

/// Reads `[schema.]name`.
fn qualified_name(cursor: &mut Cursor<'_>) -> Result<String> {
    let name = cursor.expect_name()?;
    if cursor.take_symbol(".") { cursor.expect_name() } else { Ok(name) }
}

fn index(cursor: &mut Cursor<'_>, unique: bool) -> Result<DdlObject> {
    let name = object_name(cursor)?;
    cursor.expect_word("ON")?;
    let table = cursor.expect_name()?;
    let mut columns = Vec::new();
    for part in cursor.expect_list()? {
        let column =
            read_index_column(cursor.sql, &part).ok_or_else(|| cursor.error("expected an index column"))?;
        columns.push(column);
    }
    let predicate = if cursor.take_word("WHERE") { Some(SqlExpr::new(cursor.rest())) } else { None };
    Ok(DdlObject::Index { table, index: Index { name, columns, unique, predicate } })
}

fn view(cursor: &mut Cursor<'_>) -> Result<DdlObject> {
    let name = object_name(cursor)?;
    let mut columns = Vec::new();
    if cursor.is_symbol("(") {
        for part in cursor.expect_list()? {
            let column = part.first().and_then(|token| token.identifier());
            columns.push(column.ok_or_else(|| cursor.error("expected a column name"))?);
        }
    }
    cursor.expect_word("AS")?;
    Ok(DdlObject::View(View { name, definition: SqlExpr::new(cursor.rest().trim_end_matches(';')), columns }))
}

fn trigger(cursor: &mut Cursor<'_>) -> Result<DdlObject> {
    let name = object_name(cursor)?;
    let definition = SqlExpr::new(cursor.rest().trim_end_matches(';'));
    while !cursor.at_end() && !cursor.is_word("ON") {
        cursor.bump();
    }
    cursor.expect_word("ON")?;
    Ok(DdlObject::Trigger(Trigger { name, table: qualified_name(cursor)?, definition }))
}

fn table(cursor: &mut Cursor<'_>, name: String) -> Result<Table> {
    let mut table = Table { name, ..Table::default() };
    cursor.expect_symbol("(")?;
    loop {
        if cursor.take_symbol(")") {
            break;
        }
        if cursor.take_symbol(",") {
            continue;
        }
        if starts_table_constraint(cursor) {
            table_constraint(cursor, &mut table)?
        } else {
            column(cursor, &mut table)?
        }
    }
    while !cursor.at_end() {
        if cursor.take_word("STRICT") {
            table.strict = true;
        } else if cursor.take_word("WITHOUT") {
            cursor.expect_word("ROWID")?;
            table.without_rowid = true;
        } else if !cursor.take_symbol(",") && !cursor.take_symbol(";") {
            return Err(cursor.error("expected STRICT or WITHOUT ROWID"));
        }
    }
    texts_in_single_quotes(&mut table);
    Ok(table)
}

/// Writes texts that stand in double quotes (`kind IN ("a", "b")`) as texts: such a word that names no column of the
/// table can be nothing else, and SQLite keeps it that way.
fn texts_in_single_quotes(table: &mut Table) {
    let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let is_name = |word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    for check in &mut table.checks {
        check.expr.quote_texts(&is_name);
    }
    for generated in table.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
        generated.expr.quote_texts(&is_name);
    }
    for column in &mut table.columns {
        if let Some(DefaultValue::Expr(expr)) = &mut column.default {
            expr.quote_texts(&|_| false);
        }
    }
}

fn starts_table_constraint(cursor: &Cursor<'_>) -> bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| cursor.is_word(word))
}

fn starts_column_constraint(cursor: &Cursor<'_>) -> bool {
    const WORDS: [&str; 12] = [
        "CONSTRAINT",
        "PRIMARY",
        "NOT",
        "NULL",
        "UNIQUE",
        "CHECK",
        "DEFAULT",
        "COLLATE",
        "REFERENCES",
        "GENERATED",
        "AS",
        "DEFERRABLE",
    ];
    WORDS.iter().any(|word| cursor.is_word(word))
}

fn column(cursor: &mut Cursor<'_>, table: &mut Table) -> Result<()> {
    let mut column = Column { name: cursor.expect_name()?, nullable: true, ..Column::default() };
    column.column_type = column_type(cursor);
    let mut name = None;
    while starts_column_constraint(cursor) {
        if cursor.take_word("CONSTRAINT") {
            name = Some(cursor.expect_name()?);
            continue;
        }
        column_constraint(cursor, table, &mut column, name.take())?;
    }
    table.columns.push(column);
    Ok(())
}

/// Reads a type name such as `varchar(20)`; a column may have none.
fn column_type(cursor: &mut Cursor<'_>) -> ColumnType {
    let start = cursor.offset();
    let mut end = start;
    while !cursor.at_end()
        && !starts_column_constraint(cursor)
        && !cursor.is_symbol(",")
        && !cursor.is_symbol(")")
    {
        if cursor.is_symbol("(") {
            end = cursor.skip_parentheses();
        } else {
            end = cursor.bump().end();
        }
    }
    let text = &cursor.sql[start..end];
    // A type name may be quoted as any other name: `"varchar"`.
    let is_quote = |character: char| matches!(character, '"' | '`' | '[' | ']' | '\'');
    let quoted = text.len() > 2 && text.starts_with(is_quote) && text.ends_with(is_quote);
    ColumnType::new(if quoted { &text[1..text.len() - 1] } else { text })
}

fn column_constraint(
    cursor: &mut Cursor<'_>,
    table: &mut Table,
    column: &mut Column,
    name: Option<String>,
) -> Result<()> {
    if cursor.take_word("PRIMARY") {
        cursor.expect_word("KEY")?;
        let descending = order(cursor);
        conflict(cursor, table)?;
        let key = KeyColumn { name: column.name.clone(), descending, collation: None };
        let autoincrement = cursor.take_word("AUTOINCREMENT");
        table.primary_key = Some(PrimaryKey { name, columns: vec![key], autoincrement });
    } else if starts_deferral(cursor) {
        // It belongs to the REFERENCES in front of it, even when something else stands between them.
        let deferred = deferral(cursor)?;
        if let Some(key) = table.foreign_keys.last_mut().filter(|key| key.columns == [column.name.as_str()]) {
            key.deferred = deferred;
        }
    } else if cursor.take_word("NOT") {
        cursor.expect_word("NULL")?;
        conflict(cursor, table)?;
        column.nullable = false;
    } else if cursor.take_word("NULL") {
        conflict(cursor, table)?;
    } else if cursor.take_word("UNIQUE") {
        conflict(cursor, table)?;
        table.uniques.push(Unique { name, columns: vec![KeyColumn::new(&column.name)] });
    } else if cursor.take_word("CHECK") {
        let expr = cursor.expect_parenthesized()?;
        conflict(cursor, table)?;
        table.checks.push(Check { name, expr: SqlExpr::new(expr) });
    } else if cursor.take_word("DEFAULT") {
        column.default = Some(default_value(cursor)?);
    } else if cursor.take_word("COLLATE") {
        column.collation = Some(cursor.expect_name()?.to_ascii_uppercase());
    } else if cursor.take_word("REFERENCES") {
        let key = references(cursor, name, vec![column.name.clone()])?;
        table.foreign_keys.push(key);
    } else {
        if cursor.take_word("GENERATED") {
            cursor.expect_word("ALWAYS")?;
        }
        cursor.expect_word("AS")?;
        let expr = SqlExpr::new(cursor.expect_parenthesized()?);
        let stored = cursor.take_word("STORED");
        let _ = cursor.take_word("VIRTUAL");
        column.generated = Some(Generated { expr, stored });
    }
    Ok(())
}

fn table_constraint(cursor: &mut Cursor<'_>, table: &mut Table) -> Result<()> {
    let name = if cursor.take_word("CONSTRAINT") { Some(cursor.expect_name()?) } else { None };
    if cursor.take_word("PRIMARY") {
        cursor.expect_word("KEY")?;
        let mut parts = cursor.expect_list()?;
        let mut autoincrement = false;
        if let Some(last) = parts.last_mut()
            && last.last().is_some_and(|token| token.is_word("AUTOINCREMENT"))
        {
            last.pop();
            autoincrement = true;
        }
        let columns = key_columns(cursor, &parts)?;
        conflict(cursor, table)?;
        table.primary_key = Some(PrimaryKey { name, columns, autoincrement });
    } else if cursor.take_word("UNIQUE") {
        let parts = cursor.expect_list()?;
        let columns = key_columns(cursor, &parts)?;
        conflict(cursor, table)?;
        table.uniques.push(Unique { name, columns });
    } else if cursor.take_word("CHECK") {
        let expr = cursor.expect_parenthesized()?;
        conflict(cursor, table)?;
        table.checks.push(Check { name, expr: SqlExpr::new(expr) });
    } else if cursor.take_word("FOREIGN") {
        cursor.expect_word("KEY")?;
        let mut columns = Vec::new();
        for part in cursor.expect_list()? {
            let column = part.first().and_then(|token| token.identifier());
            columns.push(column.ok_or_else(|| cursor.error("expected a column name"))?);
        }
        cursor.expect_word("REFERENCES")?;
        let key = references(cursor, name, columns)?;
        table.foreign_keys.push(key);
    } else if name.is_none() || !(cursor.is_symbol(",") || cursor.is_symbol(")")) {
        // A name without a constraint is allowed and means nothing.
        return Err(cursor.error("expected a table constraint"));
    }
    Ok(())
}

fn key_columns(cursor: &Cursor<'_>, parts: &[Vec<super::Token<'_>>]) -> Result<Vec<KeyColumn>> {
    let mut columns = Vec::new();
    for part in parts {
        let column =
            read_index_column(cursor.sql, part).ok_or_else(|| cursor.error("expected a key column"))?;
        let IndexTerm::Column(name) = column.term else {
            return Err(cursor.error("expected a column name"));
        };
        columns.push(KeyColumn { name, descending: column.descending, collation: column.collation });
    }
    Ok(columns)
}

/// Reads `[ASC | DESC]` and returns whether it was DESC.
fn order(cursor: &mut Cursor<'_>) -> bool {
    let descending = cursor.take_word("DESC");
    let _ = cursor.take_word("ASC");
    descending
}

/// Reads `[ON CONFLICT algorithm]`, which the model has no place for.
fn conflict(cursor: &mut Cursor<'_>, table: &mut Table) -> Result<()> {
    if cursor.is_word("ON") {
        let start = cursor.offset();
        cursor.expect_word("ON")?;
        cursor.expect_word("CONFLICT")?;
        let end = cursor.bump().end();
        // ABORT is what SQLite does without the clause.
        let clause =
            cursor.sql[start..end].split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_uppercase();
        if clause != "ON CONFLICT ABORT" {
            table.unmodelled.push(clause);
        }
    }
    Ok(())
}

fn references(cursor: &mut Cursor<'_>, name: Option<String>, columns: Vec<String>) -> Result<ForeignKey> {
    let mut key =
        ForeignKey { name, columns, referenced_table: cursor.expect_name()?, ..ForeignKey::default() };
    if cursor.is_symbol("(") {
        for part in cursor.expect_list()? {
            let column = part.first().and_then(|token| token.identifier());
            key.referenced_columns.push(column.ok_or_else(|| cursor.error("expected a column name"))?);
        }
    }
    loop {
        if cursor.take_word("ON") {
            let on_delete = cursor.take_word("DELETE");
            // ON INSERT is read and means nothing.
            let on_insert = !on_delete && cursor.take_word("INSERT");
            if !on_delete && !on_insert {
                cursor.expect_word("UPDATE")?;
            }
            let action = action(cursor)?;
            if on_delete {
                key.on_delete = action;
            } else if !on_insert {
                key.on_update = action;
            }
        } else if cursor.take_word("MATCH") {
            // SQLite reads MATCH and does nothing with it, <https://www.sqlite.org/foreignkeys.html#fk_unsupported>.
            cursor.bump();
        } else if starts_deferral(cursor) {
            key.deferred = deferral(cursor)?;
        } else {
            return Ok(key);
        }
    }
}

/// Reads what stands behind REFERENCES, `name` or `name (a, b)`, and nothing more.
#[cfg(feature = "read")]
pub(crate) fn read_target(text: &str) -> Option<(String, Vec<String>)> {
    let mut cursor = Cursor::new(text);
    let key = references(&mut cursor, None, Vec::new()).ok()?;
    let is_bare = key.on_delete.is_no_action() && key.on_update.is_no_action() && !key.deferred;
    (cursor.at_end() && is_bare).then_some((key.referenced_table, key.referenced_columns))
}

fn starts_deferral(cursor: &Cursor<'_>) -> bool {
    cursor.is_word("DEFERRABLE") || (cursor.is_word("NOT") && cursor.peek_is_word(1, "DEFERRABLE"))
}

/// Reads `[NOT] DEFERRABLE [INITIALLY DEFERRED | IMMEDIATE]` and returns whether the key waits for the commit.
fn deferral(cursor: &mut Cursor<'_>) -> Result<bool> {
    let not = cursor.take_word("NOT");
    cursor.expect_word("DEFERRABLE")?;
    if !cursor.take_word("INITIALLY") {
        return Ok(false);
    }
    let deferred = cursor.take_word("DEFERRED");
    let _ = cursor.take_word("IMMEDIATE");
    Ok(deferred && !not)
}

fn action(cursor: &mut Cursor<'_>) -> Result<Action> {
    if cursor.take_word("SET") {
        if cursor.take_word("NULL") {
            return Ok(Action::SetNull);
        }
        cursor.expect_word("DEFAULT")?;
        return Ok(Action::SetDefault);
    }
    if cursor.take_word("NO") {
        cursor.expect_word("ACTION")?;
        return Ok(Action::NoAction);
    }
    if cursor.take_word("CASCADE") {
        return Ok(Action::Cascade);
    }
    cursor.expect_word("RESTRICT")?;
    Ok(Action::Restrict)
}

/// Reads what stands behind DEFAULT.
fn default_value(cursor: &mut Cursor<'_>) -> Result<DefaultValue> {
    if cursor.is_symbol("(") {
        let inner = cursor.expect_parenthesized()?;
        return Ok(literal(inner));
    }
    let start = cursor.offset();
    if cursor.is_symbol("-") || cursor.is_symbol("+") {
        cursor.bump();
    }
    let token = cursor.bump();
    if token.kind == TokenKind::Word && !is_constant_word(token.text) {
        // A bare word is a text here, <https://www.sqlite.org/lang_createtable.html#the_default_clause>.
        return Ok(DefaultValue::Text(token.text.to_owned()));
    }
    if token.kind == TokenKind::Quoted {
        return Ok(DefaultValue::Text(token.identifier().unwrap_or_default()));
    }
    Ok(literal(&cursor.sql[start..token.end()]))
}

fn is_constant_word(word: &str) -> bool {
    ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"]
        .iter()
        .any(|constant| word.eq_ignore_ascii_case(constant))
}

/// Reads a literal; what is none is an expression.
pub(crate) fn literal(sql: &str) -> DefaultValue {
    let expr = SqlExpr::new(sql);
    let tokens: Vec<_> =
        super::tokenize(expr.as_str()).into_iter().filter(|token| !token.is_trivia()).collect();
    let (negative, rest) = match tokens.as_slice() {
        [sign, rest @ ..] if sign.is_symbol("-") => (true, rest),
        [sign, rest @ ..] if sign.is_symbol("+") => (false, rest),
        all => (false, all),
    };
    let is_signed = rest.len() < tokens.len();
    match rest {
        [token] if token.kind == TokenKind::Number => {
            number(token.text, negative).unwrap_or_else(|| DefaultValue::Expr(expr.clone()))
        }
        [_] if is_signed => DefaultValue::Expr(expr),
        [token] if token.kind == TokenKind::Text => {
            DefaultValue::Text(token.identifier().unwrap_or_default())
        }
        [token] if token.kind == TokenKind::Blob => DefaultValue::Blob(blob_bytes(token.text)),
        [token] if token.is_word("NULL") => DefaultValue::Null,
        [token] if token.is_word("TRUE") => DefaultValue::Bool(true),
        [token] if token.is_word("FALSE") => DefaultValue::Bool(false),
        _ => DefaultValue::Expr(expr),
    }
}

fn number(text: &str, negative: bool) -> Option<DefaultValue> {
    let digits = text.replace('_', "");
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let value = u64::from_str_radix(hex, 16).ok()?.cast_signed();
        return Some(DefaultValue::Integer(if negative { value.wrapping_neg() } else { value }));
    }
    let signed = if negative { format!("-{digits}") } else { digits };
    if let Ok(value) = signed.parse::<i64>() {
        return Some(DefaultValue::Integer(value));
    }
    signed.parse::<f64>().ok().map(DefaultValue::Real)
}

fn blob_bytes(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
    let digits = &text.as_bytes()[2..text.len() - 1];
    digits.chunks_exact(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::{DdlObject, read_object};
    use crate::model::{Action, DefaultValue, IndexTerm, Table, Trigger};

    fn table(sql: &str) -> Table {
        match read_object(sql) {
            Ok(DdlObject::Table(table)) => table,
            other => panic!("{sql}: {other:?}"),
        }
    }

    #[test]
    fn every_column_clause_is_read() {
        let table = table(
            "CREATE TABLE IF NOT EXISTS main.\"t\" (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, [a b] varchar ( 20 , 3 ) DEFAULT 'x;y,z' COLLATE nocase,
             c CONSTRAINT c_u UNIQUE CONSTRAINT c_c CHECK (c <> ')') REFERENCES other ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
             d REAL NOT NULL DEFAULT -1.5, e TEXT AS (lower(c)) STORED, f DEFAULT (datetime('now')), g DEFAULT true) STRICT, WITHOUT ROWID",
        );
        assert_eq!(table.name, "t");
        assert!(table.strict && table.without_rowid && table.primary_key.as_ref().unwrap().autoincrement);
        let [id, ab, c, d, e, f, g] = table.columns.as_slice() else { panic!("{table:?}") };
        assert!(!id.nullable && ab.nullable);
        assert_eq!(ab.column_type.as_str(), "varchar(20,3)");
        assert_eq!(
            (ab.default.clone(), ab.collation.as_deref()),
            (Some(DefaultValue::Text("x;y,z".into())), Some("NOCASE"))
        );
        assert_eq!(c.column_type.as_str(), "");
        assert_eq!(table.uniques[0].name.as_deref(), Some("c_u"));
        assert_eq!(table.checks[0].name.as_deref(), Some("c_c"));
        assert_eq!(
            (table.foreign_keys[0].on_delete, table.foreign_keys[0].deferred),
            (Action::SetNull, true)
        );
        assert_eq!(d.default, Some(DefaultValue::Real(-1.5)));
        assert!(e.generated.as_ref().is_some_and(|generated| generated.stored));
        assert_eq!(f.default, Some(DefaultValue::Expr("datetime('now')".into())));
        assert_eq!(g.default, Some(DefaultValue::Bool(true)));
    }

    #[test]
    fn table_constraints_are_read() {
        let table = table(
            "CREATE TABLE t (a, b, CONSTRAINT pk PRIMARY KEY (a DESC, b COLLATE nocase) ON CONFLICT REPLACE, UNIQUE (b, a), CHECK (a > (1)),
             CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES o (x, y) ON UPDATE no action ON DELETE cascade MATCH FULL NOT DEFERRABLE)",
        );
        let key = table.primary_key.unwrap();
        assert_eq!(key.name.as_deref(), Some("pk"));
        assert_eq!(
            key.columns.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["a DESC", "b COLLATE NOCASE"]
        );
        assert_eq!(table.unmodelled, ["ON CONFLICT REPLACE"]);
        assert_eq!(table.foreign_keys[0].referenced_columns, ["x", "y"]);
        assert_eq!(table.foreign_keys[0].on_delete, Action::Cascade);
    }

    #[test]
    fn indexes_views_and_triggers_are_read() {
        let Ok(DdlObject::Index { table, index }) =
            read_object("CREATE UNIQUE INDEX i ON t (a, lower(b) DESC, coalesce(a, b)) WHERE a IS NOT NULL")
        else {
            panic!("no index")
        };
        assert_eq!((table.as_str(), index.unique), ("t", true));
        assert!(matches!(&index.columns[2].term, IndexTerm::Expr(expr) if expr.as_str() == "coalesce(a, b)"));
        let Ok(DdlObject::View(view)) = read_object("CREATE VIEW v(x) AS SELECT a FROM t;") else {
            panic!("no view")
        };
        assert_eq!(
            (view.columns.as_slice(), view.definition.as_str()),
            (["x".to_owned()].as_slice(), "SELECT a FROM t")
        );
        let definition = "AFTER UPDATE OF a, b ON t BEGIN SELECT 1; END";
        let trigger = read_object(&format!("CREATE TRIGGER main.g {definition}"));
        let expected = Trigger { name: "g".into(), table: "t".into(), definition: definition.into() };
        assert_eq!(trigger, Ok(DdlObject::Trigger(expected)));
    }

    #[test]
    fn broken_statements_are_errors_not_panics() {
        for sql in [
            "",
            "CREATE",
            "CREATE TABLE",
            "CREATE TABLE t",
            "CREATE TABLE t (",
            "CREATE TABLE t (a CHECK (",
            "CREATE INDEX i ON t (",
            "CREATE TABLE t (a) x",
            "DROP TABLE t",
        ] {
            assert!(read_object(sql).is_err(), "{sql}");
        }
    }
}
