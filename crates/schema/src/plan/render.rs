//! Writes the model as SQLite's CREATE statements, and a plan as the text of a migration file.

use std::fmt::Write;

use super::order::{parents_first, readable_first};
use super::{Plan, RunBy, Step};
use crate::model::{
    Column, DefaultValue, ForeignKey, Index, IndexTerm, KeyColumn, Schema, Table, Trigger, View,
};
use crate::sql::{quote_identifier, quote_text};

/// The comment that Drizzle cuts files at; ours never need it.
pub(super) const BREAKPOINT: &str = "--> statement-breakpoint";

/// What a person has to know who is about to paste a rebuild into a shell.
const BY_HAND: &str = "\
-- This file rebuilds a table; run it with `seedbed migrate`. By hand it needs `PRAGMA foreign_keys = OFF` before its
-- transaction, or rows that refer to the table are deleted, and triggers on the table would have to be made again.
";

/// The same for a plan that brings back its triggers and views by itself.
const IN_A_SHELL: &str = "\
-- This rebuilds a table: without `PRAGMA foreign_keys = OFF` before its transaction, rows that refer to the table
-- would be deleted with it.
";

impl Plan {
    /// Returns the text of a migration file. Every statement ends with a semicolon; a comment over each step says what
    /// it does and what it can cost.
    pub fn to_sql(&self) -> String {
        let mut text = String::new();
        let is_migration = self.run_by == RunBy::Migrator;
        if self.steps.iter().any(Step::is_rebuild) {
            text.push_str(if is_migration { BY_HAND } else { IN_A_SHELL });
        }
        // A plan for a shell has dropped the triggers by name.
        if is_migration && self.statements().any(|statement| statement.starts_with("UPDATE \"")) {
            text.push_str("-- seedbed: triggers-off\n");
        }
        let mut separate = false;
        for step in &self.steps {
            for (at, statement) in step.statements.iter().enumerate() {
                if std::mem::replace(&mut separate, true) && is_migration {
                    let _ = writeln!(text, "{BREAKPOINT}");
                }
                if at == 0 {
                    write_head(&mut text, step);
                }
                let _ = writeln!(text, "{statement};");
            }
            if step.statements.is_empty() {
                write_head(&mut text, step);
            }
        }
        text
    }
}

fn write_head(text: &mut String, step: &Step) {
    // A name may hold a line break; a comment may not.
    let mut comment = |prefix: &str, line: &str| {
        let _ = writeln!(text, "-- {prefix}{}", line.replace(['\n', '\r'], " "));
    };
    comment("", &step.comment);
    for directive in &step.directives {
        comment("seedbed: ", directive);
    }
    for hazard in &step.hazards {
        comment("hazard: ", &hazard.to_string());
    }
}

/// Returns the statements that make the whole schema in an empty database: tables, their indexes, then views, then triggers.
pub fn create_statements(schema: &Schema) -> Vec<String> {
    let mut statements = Vec::new();
    let tables: Vec<&Table> = schema.tables.iter().collect();
    for table in parents_first(&tables) {
        statements.push(create_table(table, &table.name));
        statements.extend(table.indexes.iter().map(|index| create_index(&table.name, index)));
    }
    let views: Vec<&View> = schema.views.iter().collect();
    statements.extend(readable_first(&views).into_iter().map(create_view));
    statements.extend(schema.triggers.iter().map(create_trigger));
    statements
}

/// Returns [`create_statements`] as a script: each ends with a semicolon, and an empty line stands before a table, a view
/// and a trigger.
///
/// ```
/// use seedbed_schema::model::{Column, Schema, Table};
/// use seedbed_schema::plan::create_script;
///
/// let column = Column { name: "id".into(), nullable: true, ..Column::default() };
/// let table = Table { name: "users".into(), columns: vec![column], ..Table::default() };
/// let schema = Schema { tables: vec![table.clone(), Table { name: "trees".into(), ..table }], ..Schema::default() };
/// assert!(create_script(&schema).contains(");\n\nCREATE TABLE \"trees\""));
/// ```
pub fn create_script(schema: &Schema) -> String {
    let mut script = String::new();
    for statement in create_statements(schema) {
        let is_index = ["CREATE INDEX", "CREATE UNIQUE"].iter().any(|start| statement.starts_with(start));
        if !script.is_empty() && !is_index {
            script.push('\n');
        }
        let _ = writeln!(script, "{statement};");
    }
    script
}

/// Returns CREATE TABLE under a name that need not be the table's own.
pub(super) fn create_table(table: &Table, name: &str) -> String {
    if name != table.name {
        return create_table(&renamed(table, name), name);
    }
    let inline_key = inline_key(table);
    let mut parts: Vec<String> = Vec::new();
    for column in &table.columns {
        let mut text = column_definition(column);
        if inline_key == Some(column.name.as_str()) {
            let clause = inline_key_clause(table);
            // The key's clause stands behind the type, as people write it.
            let at = quote_identifier(&column.name).len() + type_suffix(column).len();
            text.insert_str(at, &clause);
        }
        parts.push(text);
    }
    if let Some(key) = &table.primary_key
        && inline_key.is_none()
    {
        let clause = format!("PRIMARY KEY ({})", key_columns(&key.columns));
        parts.push(format!("{}{clause}", constraint_name(key.name.as_deref())));
    }
    for unique in &table.uniques {
        parts.push(format!(
            "{}UNIQUE ({})",
            constraint_name(unique.name.as_deref()),
            key_columns(&unique.columns)
        ));
    }
    for check in &table.checks {
        parts.push(format!("{}CHECK ({})", constraint_name(check.name.as_deref()), check.expr));
    }
    for key in &table.foreign_keys {
        parts.push(foreign_key(key));
    }
    let options: Vec<&str> = [(table.strict, "STRICT"), (table.without_rowid, "WITHOUT ROWID")]
        .iter()
        .filter(|o| o.0)
        .map(|o| o.1)
        .collect();
    let options = if options.is_empty() { String::new() } else { format!(" {}", options.join(", ")) };
    format!("CREATE TABLE {} (\n  {}\n){options}", quote_identifier(name), parts.join(",\n  "))
}

/// Returns the table under another name. Its conditions may say `users.age`, which would be no column of the new name.
fn renamed(table: &Table, name: &str) -> Table {
    let mut renamed = table.clone();
    for column in &mut renamed.columns {
        if let Some(generated) = &mut column.generated {
            generated.expr = generated.expr.without_qualifier(&table.name);
        }
    }
    for check in &mut renamed.checks {
        check.expr = check.expr.without_qualifier(&table.name);
    }
    name.clone_into(&mut renamed.name);
    renamed
}

/// A key of one column stands at the column when nothing but the column can be said about it.
fn inline_key(table: &Table) -> Option<&str> {
    let key = table.primary_key.as_ref()?;
    let [only] = key.columns.as_slice() else { return None };
    let is_plain = !only.descending && only.collation.is_none();
    (key.autoincrement || (key.name.is_none() && is_plain))
        .then(|| table.column(&only.name).map(|c| c.name.as_str()))?
}

fn inline_key_clause(table: &Table) -> String {
    let Some(key) = &table.primary_key else { return String::new() };
    let autoincrement = if key.autoincrement { " AUTOINCREMENT" } else { "" };
    format!(" {}PRIMARY KEY{autoincrement}", constraint_name(key.name.as_deref()))
}

fn constraint_name(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!("CONSTRAINT {} ", quote_identifier(name)))
}

fn key_columns(columns: &[KeyColumn]) -> String {
    let parts = columns.iter().map(|column| {
        let order = if column.descending { " DESC" } else { "" };
        format!("{}{}{order}", quote_identifier(&column.name), collate(column.collation.as_deref()))
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn collate(collation: Option<&str>) -> String {
    collation.map_or_else(String::new, |name| format!(" COLLATE {name}"))
}

fn type_suffix(column: &Column) -> String {
    let text = column.column_type.as_str();
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// Returns a column as it stands in CREATE TABLE and behind ADD COLUMN.
pub(super) fn column_definition(column: &Column) -> String {
    let mut text = format!("{}{}", quote_identifier(&column.name), type_suffix(column));
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        let _ = write!(text, " GENERATED ALWAYS AS ({}) {kind}", generated.expr);
    }
    if let Some(default) = &column.default {
        let _ = write!(text, " DEFAULT {}", default_clause(default));
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    text.push_str(&collate(column.collation.as_deref()));
    text
}

/// Returns what stands behind DEFAULT.
fn default_clause(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Expr(expr) => format!("({expr})"),
        other => value_expression(other),
    }
}

/// Returns a default as an expression of its own.
pub(super) fn value_expression(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Null => "NULL".to_owned(),
        DefaultValue::Bool(value) => (if *value { "TRUE" } else { "FALSE" }).to_owned(),
        DefaultValue::Integer(value) => value.to_string(),
        DefaultValue::Real(value) => real(*value),
        DefaultValue::Text(text) => quote_text(text),
        DefaultValue::Blob(bytes) => {
            let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
                let _ = write!(digits, "{byte:02X}");
                digits
            });
            format!("x'{digits}'")
        }
        DefaultValue::Expr(expr) => format!("({expr})"),
    }
}

/// Writes a number that SQLite reads as REAL and as the same number.
fn real(value: f64) -> String {
    if value.is_infinite() {
        return (if value > 0.0 { "9e999" } else { "-9e999" }).to_owned();
    }
    let text = format!("{value:?}");
    if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
}

/// Returns a foreign key as it stands in CREATE TABLE.
fn foreign_key(key: &ForeignKey) -> String {
    let columns: Vec<String> = key.columns.iter().map(|name| quote_identifier(name)).collect();
    format!(
        "{}FOREIGN KEY ({}) {}",
        constraint_name(key.name.as_deref()),
        columns.join(", "),
        references_clause(key)
    )
}

/// Returns the part of a foreign key that starts with REFERENCES.
pub(super) fn references_clause(key: &ForeignKey) -> String {
    let columns: Vec<String> = key.referenced_columns.iter().map(|name| quote_identifier(name)).collect();
    let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
    let mut text = format!("REFERENCES {}{columns}", quote_identifier(&key.referenced_table));
    if !key.on_update.is_no_action() {
        let _ = write!(text, " ON UPDATE {}", key.on_update.as_sql());
    }
    if !key.on_delete.is_no_action() {
        let _ = write!(text, " ON DELETE {}", key.on_delete.as_sql());
    }
    if key.deferred {
        text.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    text
}

/// Returns a single-column foreign key as it stands behind ADD COLUMN.
pub(super) fn inline_foreign_key(key: &ForeignKey) -> String {
    format!(" {}{}", constraint_name(key.name.as_deref()), references_clause(key))
}

/// Returns CREATE INDEX.
pub(super) fn create_index(table: &str, index: &Index) -> String {
    let parts = index.columns.iter().map(|part| {
        let term = match &part.term {
            IndexTerm::Column(name) => quote_identifier(name),
            IndexTerm::Expr(expr) => format!("({expr})"),
        };
        let order = if part.descending { " DESC" } else { "" };
        format!("{term}{}{order}", collate(part.collation.as_deref()))
    });
    let parts: Vec<String> = parts.collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let predicate =
        index.predicate.as_ref().map_or_else(String::new, |predicate| format!(" WHERE {predicate}"));
    format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate}",
        quote_identifier(&index.name),
        quote_identifier(table),
        parts.join(", ")
    )
}

/// Returns CREATE VIEW.
pub(super) fn create_view(view: &View) -> String {
    let columns: Vec<String> = view.columns.iter().map(|name| quote_identifier(name)).collect();
    let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
    format!("CREATE VIEW {}{columns} AS {}", quote_identifier(&view.name), view.definition)
}

/// Returns CREATE TRIGGER.
pub(super) fn create_trigger(trigger: &Trigger) -> String {
    format!("CREATE TRIGGER {} {}", quote_identifier(&trigger.name), trigger.definition)
}
