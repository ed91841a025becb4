//! CREATE statements of a schema, written apart from the planner's so that one can be held against the other.

use seedbed_schema::model::{
    Action, Column, DefaultValue, ForeignKey, Index, KeyColumn, PrimaryKey, Schema, Table, View,
};
use seedbed_schema::sql::{quote_identifier as quoted, quote_text};

/// Returns the statements that make the schema in an empty database.
pub(crate) fn create_statements(schema: &Schema) -> Vec<String> {
    let tables = schema.tables.iter().map(create_table);
    let indexes =
        schema.tables.iter().flat_map(|table| table.indexes.iter().map(|index| create_index(table, index)));
    tables.chain(indexes).chain(schema.views.iter().map(create_view)).collect()
}

fn create_table(table: &Table) -> String {
    let alias = table.primary_key.as_ref().filter(|_| table.rowid_alias().is_some());
    let mut parts: Vec<String> =
        table.columns.iter().map(|column| column_definition(column, table, alias)).collect();
    if let Some(key) = table.primary_key.as_ref().filter(|_| alias.is_none()) {
        parts.push(format!("{}PRIMARY KEY ({})", constraint(key.name.as_deref()), key_columns(&key.columns)));
    }
    for unique in &table.uniques {
        parts.push(format!(
            "{}UNIQUE ({})",
            constraint(unique.name.as_deref()),
            key_columns(&unique.columns)
        ));
    }
    for check in &table.checks {
        // The line break ends a comment that the expression may end with.
        parts.push(format!("{}CHECK ({}\n)", constraint(check.name.as_deref()), check.expr));
    }
    parts.extend(table.foreign_keys.iter().map(foreign_key));
    let options = match (table.strict, table.without_rowid) {
        (true, true) => " STRICT, WITHOUT ROWID",
        (true, false) => " STRICT",
        (false, true) => " WITHOUT ROWID",
        (false, false) => "",
    };
    format!("CREATE TABLE {} (\n  {}\n){options};", quoted(&table.name), parts.join(",\n  "))
}

fn column_definition(column: &Column, table: &Table, alias: Option<&PrimaryKey>) -> String {
    let mut text = format!("{} {}", quoted(&column.name), column.column_type);
    if let Some(key) = alias
        && table.rowid_alias() == Some(column.name.as_str())
    {
        let increment = if key.autoincrement { " AUTOINCREMENT" } else { "" };
        text.push_str(&format!(" {}PRIMARY KEY{increment}", constraint(key.name.as_deref())));
    }
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default_value(default)));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        text.push_str(&format!(" AS ({}\n) {kind}", generated.expr));
    }
    text
}

fn default_value(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Null => "NULL".to_owned(),
        DefaultValue::Bool(value) => value.to_string().to_uppercase(),
        DefaultValue::Integer(value) => value.to_string(),
        DefaultValue::Real(value) => format!("{value:e}"),
        DefaultValue::Text(value) => quote_text(value),
        DefaultValue::Blob(value) => {
            format!("x'{}'", value.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        }
        DefaultValue::Expr(expr) => format!("({expr}\n)"),
    }
}

fn constraint(name: Option<&str>) -> String {
    name.map(|name| format!("CONSTRAINT {} ", quoted(name))).unwrap_or_default()
}

fn key_columns(columns: &[KeyColumn]) -> String {
    columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn names(columns: &[String]) -> String {
    columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut text = format!(
        "{}FOREIGN KEY ({}) REFERENCES {}",
        constraint(key.name.as_deref()),
        names(&key.columns),
        quoted(&key.referenced_table)
    );
    if !key.referenced_columns.is_empty() {
        text.push_str(&format!(" ({})", names(&key.referenced_columns)));
    }
    for (event, action) in [("DELETE", key.on_delete), ("UPDATE", key.on_update)] {
        if action != Action::NoAction {
            text.push_str(&format!(" ON {event} {}", action.as_sql()));
        }
    }
    if key.deferred {
        text.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    text
}

fn create_index(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns: Vec<String> = index.columns.iter().map(ToString::to_string).collect();
    let predicate =
        index.predicate.as_ref().map(|predicate| format!(" WHERE {predicate}")).unwrap_or_default();
    format!(
        "CREATE {unique}INDEX {} ON {} ({}){predicate};",
        quoted(&index.name),
        quoted(&table.name),
        columns.join(", ")
    )
}

/// Returns the CREATE VIEW statement.
pub(crate) fn create_view(view: &View) -> String {
    let columns =
        if view.columns.is_empty() { String::new() } else { format!(" ({})", names(&view.columns)) };
    format!("CREATE VIEW {}{columns} AS {};", quoted(&view.name), view.definition)
}
