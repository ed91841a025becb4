//! A large schema: tables of ten columns, two indexes and a foreign key each.

use std::fmt::Write;

/// Returns the source of a schema of so many tables; `changed` gives the middle one a column more.
pub(crate) fn render(tables: usize, changed: bool) -> String {
    let mut source = String::from("use seedbed::prelude::*;\n");
    for number in 0..tables {
        let parent = if number == 0 { 0 } else { number - 1 };
        let _ = write!(
            source,
            r#"
#[derive(Table)]
#[table(name = "table_{number}", index(columns(status, created_at)))]
pub struct Table{number} {{
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Table{parent}::id, on_delete = "cascade", index)]
    pub parent_id: Option<i64>,
    pub title: String,
    pub body: Option<String>,
    #[column(default = "open")]
    pub status: String,
    #[column(default = 0)]
    pub position: i64,
    #[column(default = 0.0)]
    pub score: f64,
    #[column(default = false)]
    pub archived: bool,
    #[column(default = sql("(datetime('now'))"))]
    pub created_at: String,
    pub updated_at: Option<String>,
"#
        );
        if changed && number == tables / 2 {
            source.push_str("    pub added: Option<String>,\n");
        }
        source.push_str("}\n");
    }
    source
}

/// Returns the same schema in SQL, as people write it.
pub(crate) fn render_sql(tables: usize, changed: bool) -> String {
    let mut source = String::new();
    for number in 0..tables {
        let parent = if number == 0 { 0 } else { number - 1 };
        let added = if changed && number == tables / 2 { "\n    added TEXT," } else { "" };
        let _ = write!(
            source,
            "-- The table of the number {number}.
CREATE TABLE table_{number} (
    id INTEGER PRIMARY KEY NOT NULL,
    parent_id INTEGER REFERENCES table_{parent} (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    body TEXT,{added}
    status TEXT NOT NULL DEFAULT 'open',
    position INTEGER NOT NULL DEFAULT 0,
    score REAL NOT NULL DEFAULT 0.0,
    archived INTEGER NOT NULL DEFAULT FALSE,
    created_at TEXT NOT NULL DEFAULT (datetime('now')),
    updated_at TEXT
);
CREATE INDEX table_{number}_parent_id ON table_{number} (parent_id);
CREATE INDEX table_{number}_status ON table_{number} (status, created_at);

"
        );
    }
    source
}
