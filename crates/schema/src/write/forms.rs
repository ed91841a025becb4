//! The stored forms that a database shows without saying so: a text that a CHECK limits to a list is an enum, a time
//! that defaults to now is a time.
//!
//! Only what the database itself enforces or computes counts. Names and rows are no reason: a column called
//! `created_at` may hold anything.

use super::column::now_of;
use crate::model::{Affinity, Check, Column, ColumnType, DefaultValue, Schema, StoredForm, Table};
use crate::sql::{SqlExpr, TokenKind, tokenize};

/// Gives the columns that have no form the one that their checks and defaults show.
///
/// ```
/// use seedbed_schema::model::{Check, Column, Schema, StoredForm, Table};
/// use seedbed_schema::write::infer_forms;
///
/// let mut schema = Schema {
///     tables: vec![Table {
///         name: "nodes".into(),
///         columns: vec![Column { name: "kind".into(), column_type: seedbed_schema::model::ColumnType::new("TEXT"), ..Column::default() }],
///         checks: vec![Check { name: None, expr: "kind IN ('root', 'leaf')".into() }],
///         ..Table::default()
///     }],
///     ..Schema::default()
/// };
/// infer_forms(&mut schema);
/// assert!(matches!(&schema.tables[0].columns[0].form, StoredForm::TextEnum(variants) if variants.len() == 2));
/// ```
pub fn infer_forms(schema: &mut Schema) {
    for table in &mut schema.tables {
        let forms: Vec<StoredForm> = table.columns.iter().map(|column| form_of(table, column)).collect();
        for (column, form) in table.columns.iter_mut().zip(forms) {
            column.form = form;
        }
    }
}

fn form_of(table: &Table, column: &Column) -> StoredForm {
    let has_form = !column.form.is_plain() || column.generated.is_some();
    let holds = |stored: Affinity| column.column_type.holds(table.strict, stored);
    if has_form || is_referenced_or_refers(table, column) {
        return column.form.clone();
    }
    let is_text = column.column_type.affinity() == Affinity::Text;
    if is_text && let Some(values) = table.checks.iter().find_map(|check| texts_of(check, &column.name)) {
        // A default that the enum does not have could not be written as a variant; SQLite refuses it row by row.
        return StoredForm::TextEnum(values.into_iter().map(Into::into).collect());
    }
    if column.column_type.affinity() == Affinity::Integer
        && column.column_type != ColumnType::new("INTEGER")
        && column.column_type.as_str().to_ascii_uppercase().contains("BOOL")
    {
        return StoredForm::Bool;
    }
    let Some(DefaultValue::Expr(default)) = &column.default else { return StoredForm::Plain };
    let forms = [
        (StoredForm::TimestampText, Affinity::Text),
        (StoredForm::UnixSeconds, Affinity::Integer),
        (StoredForm::UnixMilliseconds, Affinity::Integer),
    ];
    let is_now =
        |(form, stored): &(StoredForm, Affinity)| holds(*stored) && now_of(form).as_ref() == Some(default);
    forms.into_iter().find(is_now).map_or(StoredForm::Plain, |(form, _)| form)
}

/// Both ends of a foreign key are of one type, so neither gets a form that the other may not have.
fn is_referenced_or_refers(table: &Table, column: &Column) -> bool {
    table
        .foreign_keys
        .iter()
        .any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name)))
}

/// Returns the texts of `column IN ('a', 'b')`, each another.
fn texts_of(check: &Check, column: &str) -> Option<Vec<String>> {
    let tokens: Vec<_> =
        tokenize(check.expr.as_str()).into_iter().filter(|token| !token.is_trivia()).collect();
    let [name, keyword, open, list @ .., close] = tokens.as_slice() else { return None };
    let is_column = matches!(name.kind, TokenKind::Word | TokenKind::Quoted)
        && name.identifier().is_some_and(|name| name.eq_ignore_ascii_case(column));
    if !(is_column && keyword.is_word("IN") && open.is_symbol("(") && close.is_symbol(")")) {
        return None;
    }
    let mut texts: Vec<String> = Vec::new();
    for (at, token) in list.iter().enumerate() {
        match (at % 2, token.kind) {
            (0, TokenKind::Text) => texts.push(token.identifier()?),
            (1, TokenKind::Symbol) if token.text == "," => {}
            _ => return None,
        }
    }
    let is_same = texts.iter().enumerate().all(|(at, text)| !texts[..at].contains(text));
    let says_it_all = check.expr == SqlExpr::one_of(column, texts.iter().map(String::as_str));
    (list.len() % 2 == 1 && is_same && says_it_all).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::texts_of;
    use crate::model::Check;

    #[test]
    fn only_a_list_of_texts_is_an_enum() {
        let texts = |expr: &str| texts_of(&Check { name: None, expr: expr.into() }, "kind");
        assert_eq!(texts("\"kind\" in ('a', 'it''s')"), Some(vec!["a".to_owned(), "it's".to_owned()]));
        for other in [
            "kind IN ('a', 1)",
            "kind IN ('a', 'a')",
            "kind IN ()",
            "kind NOT IN ('a')",
            "other IN ('a')",
            "kind IN ('a') OR 1",
        ] {
            assert_eq!(texts(other), None, "{other}");
        }
    }
}
