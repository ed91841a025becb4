//! Which rows make a statement fail: SQLite names the constraint, this names the rows.
//!
//! It is asked after the failure, inside the transaction that is about to be rolled back. The rows that the
//! statement wanted to write are computed again as a subquery and searched for the fault. That is best effort: a
//! statement that cannot be taken apart yields no rows, never an error.

mod source;

use rusqlite::{Connection, Error, ffi};
use seedbed_schema::sql::{Token, quote_identifier, quote_text, tokenize};

pub(crate) use self::source::Source;
use super::failure::words;
use super::foreign_keys::Violations;
use super::pragmas;
use super::row_text::{SHOWN, key_columns, text_expression, texts};
use super::script::{Script, is_same};

/// Returns at most five rows as text.
pub(super) fn offending_rows(
    connection: &Connection,
    script: &Script,
    index: usize,
    error: &Error,
) -> Vec<String> {
    let Error::SqliteFailure(code, _) = error else { return Vec::new() };
    if code.code != rusqlite::ErrorCode::ConstraintViolation {
        return Vec::new();
    }
    let found = match code.extended_code {
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY | ffi::SQLITE_CONSTRAINT_TRIGGER => {
            orphans(connection, script, index)
        }
        _ => match Source::read(connection, &script.statements[index].text) {
            Ok(Some(source)) => search(connection, &source, code.extended_code, &words(error)),
            Ok(None) => return Vec::new(),
            Err(error) => Err(error),
        },
    };
    found.unwrap_or_default()
}

fn search(
    connection: &Connection,
    source: &Source,
    code: i32,
    message: &str,
) -> rusqlite::Result<Vec<String>> {
    let subject = message.split_once(": ").map_or("", |(_, subject)| subject);
    match code {
        ffi::SQLITE_CONSTRAINT_NOTNULL => nulls(connection, source, &[last_part(subject)]),
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
            let columns: Vec<String> = match &source.unique_terms {
                Some(terms) => terms.clone(),
                None => subject.split(", ").map(|column| quote_identifier(last_part(column))).collect(),
            };
            duplicates(connection, source, &columns)
        }
        ffi::SQLITE_CONSTRAINT_CHECK => match check_expression(connection, &source.table, subject)? {
            Some(expression) => failing(connection, source, &expression),
            None => Ok(Vec::new()),
        },
        ffi::SQLITE_CONSTRAINT_DATATYPE => wrong_type(connection, source, message),
        // ALTER TABLE says no more than "constraint failed".
        _ => match (&source.not_null, &source.check) {
            (Some(column), _) => nulls(connection, source, &[column]),
            (None, Some(expression)) => failing(connection, source, expression),
            (None, None) => Ok(Vec::new()),
        },
    }
}

/// `users.email` → `email`.
fn last_part(subject: &str) -> &str {
    subject.rsplit_once('.').map_or(subject, |(_, column)| column)
}

fn nulls(connection: &Connection, source: &Source, columns: &[&str]) -> rusqlite::Result<Vec<String>> {
    let conditions: Vec<String> =
        columns.iter().map(|column| format!("{} IS NULL", quote_identifier(column))).collect();
    source.rows(connection, columns, &conditions.join(" OR "))
}

fn failing(connection: &Connection, source: &Source, expression: &str) -> rusqlite::Result<Vec<String>> {
    let used = source.columns_in(expression);
    let used: Vec<&str> = used.iter().map(String::as_str).collect();
    source.rows(connection, &used, &format!("NOT ({expression})"))
}

/// Groups by the terms; each group of several is one line with the keys of its rows.
fn duplicates(connection: &Connection, source: &Source, terms: &[String]) -> rusqlite::Result<Vec<String>> {
    let key = source.key(connection)?;
    let key_text = text_expression(&key);
    let not_null: Vec<String> = terms.iter().map(|term| format!("({term}) IS NOT NULL")).collect();
    let shown: Vec<String> = terms
        .iter()
        .map(|term| {
            let label = term.trim_matches('"').replace('\'', "''");
            format!("'{label} = ' || quote({term})")
        })
        .collect();
    // The columns may have a collation that the subquery does not know.
    for collation in ["", " COLLATE NOCASE", " COLLATE RTRIM"] {
        let groups: Vec<String> = terms.iter().map(|term| format!("({term}){collation}")).collect();
        let sql = format!(
            "SELECT {} || ' in ' || count(*) || ' rows: ' || substr(group_concat({key_text}, '; '), 1, 300)\n\
             FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT {SHOWN}",
            shown.join(" || ', ' || "),
            source.subquery(),
            not_null.join(" AND "),
            groups.join(", ")
        );
        let found = texts(connection, &sql)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// `cannot store TEXT value in INTEGER column t.c`.
fn wrong_type(connection: &Connection, source: &Source, message: &str) -> rusqlite::Result<Vec<String>> {
    let words: Vec<&str> = message.split(' ').collect();
    let ["cannot", "store", stored, "value", "in", wanted, "column", column] = words.as_slice() else {
        return Ok(Vec::new());
    };
    let column = last_part(column);
    let value = quote_identifier(column);
    let mut condition = format!("typeof({value}) = {}", quote_text(&stored.to_ascii_lowercase()));
    if is_same(wanted, "INTEGER") || is_same(wanted, "INT") {
        // Text that is a whole number is stored as one.
        condition =
            format!("{condition} AND CAST(CAST({value} AS INTEGER) AS TEXT) IS NOT CAST({value} AS TEXT)");
    }
    source.rows(connection, &[column], &condition)
}

/// Finds the condition of a CHECK by what SQLite calls it: its name, or else its text.
fn check_expression(connection: &Connection, table: &str, label: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)";
    let sql: String = connection.query_row(sql, [table], |row| row.get(0))?;
    let tokens: Vec<Token<'_>> = tokenize(&sql).into_iter().filter(|token| !token.is_trivia()).collect();
    for index in (0..tokens.len()).filter(|index| tokens[*index].is_word("CHECK")) {
        let Some(close) = source::closing(&tokens, index + 1) else { continue };
        let expression = &sql[tokens[index + 1].end()..tokens[close].start];
        let name = match &tokens[..index] {
            [.., constraint, name] if constraint.is_word("CONSTRAINT") => name.identifier(),
            _ => None,
        };
        let is_named = name.is_some_and(|name| is_same(&name, label));
        if is_named || expression.trim() == label.trim() {
            return Ok(Some(expression.to_owned()));
        }
    }
    Ok(None)
}

/// Runs the statement once more with the check put off to a COMMIT that never comes, and sees what it leaves behind.
fn orphans(connection: &Connection, script: &Script, index: usize) -> rusqlite::Result<Vec<String>> {
    connection.execute_batch("SAVEPOINT __seedbed_orphans")?;
    let look = || {
        let before = Violations::collect(connection)?;
        pragmas::set(connection, "defer_foreign_keys", true)?;
        connection.execute_batch(&script.statements[index].text)?;
        let after = Violations::collect(connection)?;
        // No name has changed since `before`.
        Ok(after.describe(connection, &before, &Script::default()))
    };
    let seen = look();
    connection.execute_batch("ROLLBACK TO __seedbed_orphans; RELEASE __seedbed_orphans")?;
    seen
}

impl Source {
    /// Returns the rows for which a condition holds, by their key and the given columns.
    fn rows(
        &self,
        connection: &Connection,
        columns: &[&str],
        condition: &str,
    ) -> rusqlite::Result<Vec<String>> {
        let mut shown = self.key(connection)?;
        for column in columns {
            if !shown.iter().any(|name| is_same(name, column)) {
                shown.push((*column).to_owned());
            }
        }
        let text = text_expression(&shown);
        let sql = format!("SELECT {text} FROM {} WHERE {condition} LIMIT {SHOWN}", self.subquery());
        texts(connection, &sql)
    }

    /// Returns the columns by which a row can be told: the key, if the statement writes it, or what it writes first.
    fn key(&self, connection: &Connection) -> rusqlite::Result<Vec<String>> {
        let key = key_columns(connection, &self.table)?;
        let has = |name: &String| {
            self.columns.is_empty() || self.columns.iter().any(|column| is_same(column, name))
        };
        if key.iter().all(has) { Ok(key) } else { Ok(self.columns.iter().take(3).cloned().collect()) }
    }

    fn columns_in(&self, expression: &str) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for name in seedbed_schema::sql::SqlExpr::new(expression).identifiers() {
            let is_column = self.all_columns.iter().any(|column| is_same(column, &name));
            if is_column && !columns.iter().any(|column| is_same(column, &name)) {
                columns.push(name);
            }
        }
        columns
    }
}
