//! Comments that say what a table or a column was called before: `-- @renamed from=old_name`.
//!
//! ```sql
//! CREATE TABLE users ( -- @renamed from=accounts
//!   id INTEGER PRIMARY KEY,
//!   full_name TEXT,  -- @renamed from=name
//!   -- @renamed from="e-mail"
//!   email TEXT
//! );
//! ```
//!
//! Behind something on its line, the comment is about the column that begins there, or else about the table whose CREATE
//! begins there; alone on a line, about what comes next.

use seedbed_schema::model::Schema;
use seedbed_schema::sql::{DdlObject, Statement, Token, TokenKind, read_object, tokenize};

use super::SqlFault;

/// A comment that was found.
struct Annotation {
    /// Where it begins in the script.
    start: usize,
    end: usize,
    old_name: String,
}

/// A table or a column that a comment can be about.
struct Target {
    /// Where it begins in the script.
    start: usize,
    table: String,
    column: Option<String>,
}

/// Puts the old names into the schema.
pub(super) fn apply(script: &str, statements: &[Statement<'_>], schema: &mut Schema) -> Result<(), SqlFault> {
    if !script.contains("@renamed") {
        return Ok(());
    }
    let annotations = find(script)?;
    let targets: Vec<Target> = statements.iter().flat_map(targets).collect();
    for annotation in annotations {
        let fault = |message: &str| SqlFault {
            message: message.to_owned(),
            span: annotation.start..annotation.end,
            hint: Some(
                "it stands on the line where a table or a column begins, or on a line of its own before it"
                    .to_owned(),
            ),
        };
        let Some(target) = aim(script, &targets, annotation.start) else {
            return Err(fault("`@renamed` is about no table and no column"));
        };
        let table = schema.tables.iter_mut().find(|table| table.name.eq_ignore_ascii_case(&target.table));
        let Some(table) = table else {
            return Err(fault(&format!("`@renamed` is about `{}`, which is gone at the end", target.table)));
        };
        let place = match &target.column {
            None => &mut table.renamed_from,
            Some(name) => {
                let column = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name));
                let Some(column) = column else {
                    let message =
                        format!("`@renamed` is about `{}.{name}`, which is gone at the end", target.table);
                    return Err(fault(&message));
                };
                &mut column.renamed_from
            }
        };
        if place.is_some() {
            return Err(fault("there are two `@renamed` for the same name"));
        }
        *place = Some(annotation.old_name);
    }
    Ok(())
}

/// Finds the target of a comment.
fn aim<'t>(script: &str, targets: &'t [Target], at: usize) -> Option<&'t Target> {
    let line_start = script[..at].rfind('\n').map_or(0, |newline| newline + 1);
    if script[line_start..at].trim().is_empty() {
        return targets.iter().find(|target| target.start > at);
    }
    targets.iter().rfind(|target| (line_start..at).contains(&target.start))
}

fn find(script: &str) -> Result<Vec<Annotation>, SqlFault> {
    let mut annotations = Vec::new();
    for token in tokenize(script).iter().filter(|token| token.kind == TokenKind::Comment) {
        let text = token.text.trim_start_matches(['-', '/', '*']).trim_end_matches(['/', '*']).trim();
        let Some(rest) = text.strip_prefix("@renamed") else { continue };
        let name = rest.trim_start().strip_prefix("from").map(str::trim_start);
        let name = name.and_then(|rest| rest.strip_prefix('=')).map(str::trim);
        match name.and_then(whole_name) {
            Some(old_name) => {
                annotations.push(Annotation {
                    start: token.start,
                    end: token.start + token.text.trim_end().len(),
                    old_name,
                });
            }
            None => {
                return Err(SqlFault {
                    message: format!("`{}` is not of the form `@renamed from=name`", text),
                    span: token.start..token.start + token.text.trim_end().len(),
                    hint: Some(
                        "a name with other characters takes quotes: `@renamed from=\"old name\"`".to_owned(),
                    ),
                });
            }
        }
    }
    Ok(annotations)
}

/// Reads a text that is one name and nothing else.
fn whole_name(text: &str) -> Option<String> {
    let tokens = tokenize(text);
    let [only] = tokens.as_slice() else { return None };
    only.identifier().filter(|name| !name.is_empty())
}

/// Returns the table of a CREATE TABLE and its columns, or the column of an ADD COLUMN, with their places.
fn targets(statement: &Statement<'_>) -> Vec<Target> {
    let tokens = statement.tokens();
    if !tokens.first().is_some_and(|token| token.is_word("CREATE")) {
        return Vec::new();
    }
    let Ok(DdlObject::Table(table)) = read_object(statement.text) else { return Vec::new() };
    let mut targets = vec![Target { start: statement.start, table: table.name.clone(), column: None }];
    let is_column = |token: &Token<'_>| {
        let name = token.identifier()?;
        table.column(&name).map(|column| column.name.clone())
    };
    let mut depth = 0_usize;
    let mut begins = false;
    for token in &tokens {
        if depth == 1 && begins {
            begins = false;
            let column = is_column(token).filter(|_| !starts_constraint(token));
            if column.is_some() {
                let start = statement.start + token.start;
                targets.push(Target { start, table: table.name.clone(), column });
            }
        }
        match token.text {
            "(" => {
                depth += 1;
                begins = depth == 1;
            }
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 1 => begins = true,
            _ => {}
        }
    }
    targets
}

/// Whether a part of a table is a constraint; such words are no bare names of columns.
fn starts_constraint(token: &Token<'_>) -> bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| token.is_word(word))
}

#[cfg(test)]
mod tests {
    use crate::sql_source::read;

    fn renamed(text: &str) -> Vec<String> {
        let schema = read(text).unwrap_or_else(|fault| panic!("{fault}")).found.schema;
        let mut found = Vec::new();
        for table in &schema.tables {
            found.extend(table.renamed_from.iter().map(|from| format!("{from}:{}", table.name)));
            for column in &table.columns {
                found.extend(
                    column.renamed_from.iter().map(|from| format!("{}.{from}:{}", table.name, column.name)),
                );
            }
        }
        found
    }

    #[test]
    fn a_comment_is_about_what_begins_on_its_line_or_comes_next() {
        let text = "-- @renamed from=old\nCREATE TABLE a (\n  -- @renamed from=\"w x\"\n  x INT,\n y INT /* @renamed from = why */\n);
            CREATE TABLE b ( -- @renamed from=c\n  id INT CHECK (id > 0), -- @renamed from=key\n  CHECK (id < 9)\n);
            CREATE TABLE d (id INT); -- @renamed from=e";
        assert_eq!(renamed(text), ["old:a", "a.w x:x", "a.why:y", "c:b", "b.key:id", "d.e:id"]);
    }

    #[test]
    fn a_comment_about_nothing_is_a_fault() {
        for text in [
            "CREATE TABLE a (x INT,\n CHECK (x > 0) -- @renamed from=y\n)",
            "CREATE TABLE a (x INT) -- @renamed y\n",
            "CREATE TABLE a (x INT)\n-- @renamed from=y\n",
            "CREATE TABLE a (x INT -- @renamed from=y z\n)",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
