//! What is drawn: boxes of rows, and lines that lead from the row of a foreign key to the row it refers to.

use std::collections::BTreeMap;

use crate::model::{Column, ForeignKey, Schema, Table};

/// A diagram without a shape.
pub(super) struct Entities<'s> {
    pub(super) boxes: Vec<Entity<'s>>,
    pub(super) relations: Vec<Relation<'s>>,
}

/// A table.
pub(super) struct Entity<'s> {
    pub(super) name: &'s str,
    /// Empty for a table that is not in the schema.
    pub(super) rows: Vec<Row<'s>>,
    pub(super) is_missing: bool,
}

/// A column.
pub(super) struct Row<'s> {
    pub(super) name: &'s str,
    pub(super) column_type: &'s str,
    /// Whether a row of the table may have NULL there.
    pub(super) nullable: bool,
    pub(super) is_primary: bool,
    pub(super) is_foreign: bool,
    /// Whether the column alone is unique; left out for a primary key.
    pub(super) is_unique: bool,
}

impl Row<'_> {
    /// Returns the marks as they are written in front of a column: `PK`, `FK`, `UK`.
    pub(super) fn marks(&self) -> Vec<&'static str> {
        let marks = [(self.is_primary, "PK"), (self.is_foreign, "FK"), (self.is_unique, "UK")];
        marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark).collect()
    }
}

/// A foreign key. Rows are places in the box; `None` when there is no such column.
pub(super) struct Relation<'s> {
    pub(super) child: usize,
    pub(super) child_row: Option<usize>,
    pub(super) parent: usize,
    pub(super) parent_row: Option<usize>,
    /// Whether at most one row refers to a row of the parent.
    pub(super) is_one_to_one: bool,
    /// Whether a row may refer to nothing.
    pub(super) is_optional: bool,
    pub(super) key: &'s ForeignKey,
    /// The columns referred to.
    pub(super) at: Vec<&'s str>,
}

impl Relation<'_> {
    /// Tells of the key in one line: `posts.author → users.id, ON DELETE CASCADE`.
    pub(super) fn sentence(&self, child: &str) -> String {
        let side = |table: &str, columns: &[&str]| match columns {
            [] => table.to_owned(),
            [only] => format!("{table}.{only}"),
            several => format!("{table} ({})", several.join(", ")),
        };
        let columns: Vec<&str> = self.key.columns.iter().map(String::as_str).collect();
        let mut text = format!("{} → {}", side(child, &columns), side(&self.key.referenced_table, &self.at));
        for (when, action) in [("DELETE", self.key.on_delete), ("UPDATE", self.key.on_update)] {
            if !action.is_no_action() {
                text.push_str(&format!(", ON {when} {}", action.as_sql()));
            }
        }
        text
    }
}

impl<'s> Entities<'s> {
    pub(super) fn new(schema: &'s Schema) -> Self {
        let mut boxes: Vec<Entity<'s>> = schema.tables.iter().map(entity).collect();
        let mut places: BTreeMap<String, usize> = schema
            .tables
            .iter()
            .enumerate()
            .map(|(at, table)| (table.name.to_ascii_lowercase(), at))
            .collect();
        let mut relations = Vec::new();
        for (child, table) in schema.tables.iter().enumerate() {
            for key in &table.foreign_keys {
                let parent = *places.entry(key.referenced_table.to_ascii_lowercase()).or_insert_with(|| {
                    boxes.push(Entity { name: &key.referenced_table, rows: Vec::new(), is_missing: true });
                    boxes.len() - 1
                });
                relations.push(relation((child, table), (parent, schema.tables.get(parent)), key));
            }
        }
        Self { boxes, relations }
    }
}

fn relation<'s>(
    (child, table): (usize, &'s Table),
    (parent, referenced): (usize, Option<&'s Table>),
    key: &'s ForeignKey,
) -> Relation<'s> {
    let at: Vec<&str> = if key.referenced_columns.is_empty() {
        let key = referenced.and_then(|table| table.primary_key.as_ref());
        key.map(|key| key.columns.iter().map(|part| part.name.as_str()).collect()).unwrap_or_default()
    } else {
        key.referenced_columns.iter().map(String::as_str).collect()
    };
    let row = |table: &Table, name: &str| {
        table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    };
    let columns = || key.columns.iter().filter_map(|name| table.column(name));
    Relation {
        child,
        child_row: key.columns.first().and_then(|name| row(table, name)),
        parent,
        parent_row: referenced.zip(at.first()).and_then(|(table, name)| row(table, name)),
        is_one_to_one: table.is_parent_key(&key.columns)
            || key.columns.iter().any(|name| table.is_parent_key(std::slice::from_ref(name))),
        is_optional: columns().any(|column| may_be_null(table, column)),
        key,
        at,
    }
}

fn entity(table: &Table) -> Entity<'_> {
    let is = |name: &str, column: &Column| name.eq_ignore_ascii_case(&column.name);
    let rows = table.columns.iter().map(|column| {
        let in_key = |key: &ForeignKey| key.columns.iter().any(|name| is(name, column));
        let keys = table.primary_key.iter().flat_map(|key| &key.columns);
        let is_primary = keys.clone().any(|part| is(&part.name, column));
        Row {
            name: &column.name,
            column_type: column.column_type.as_str(),
            nullable: may_be_null(table, column),
            is_primary,
            is_foreign: table.foreign_keys.iter().any(in_key),
            is_unique: !(is_primary && keys.count() == 1)
                && table.is_parent_key(std::slice::from_ref(&column.name)),
        }
    });
    Entity { name: &table.name, rows: rows.collect(), is_missing: false }
}

/// The rowid is never NULL, nor is a key of a WITHOUT ROWID table; other keys of SQLite may be.
fn may_be_null(table: &Table, column: &Column) -> bool {
    let is_key = || {
        let parts = table.primary_key.iter().flat_map(|key| &key.columns);
        parts.into_iter().any(|part| part.name.eq_ignore_ascii_case(&column.name))
    };
    column.nullable && table.rowid_alias() != Some(column.name.as_str()) && !(table.without_rowid && is_key())
}

#[cfg(test)]
mod tests {
    use super::Entities;
    use crate::model::{Column, ForeignKey, KeyColumn, PrimaryKey, Schema, Table};

    #[test]
    fn a_key_without_columns_means_the_primary_key_and_an_unknown_table_is_a_box() {
        let id = Column { name: "id".into(), ..Column::default() };
        let users = Table {
            name: "users".into(),
            columns: vec![id.clone()],
            primary_key: Some(PrimaryKey { columns: vec![KeyColumn::new("id")], ..PrimaryKey::default() }),
            foreign_keys: vec![
                ForeignKey {
                    columns: vec!["ID".into()],
                    referenced_table: "USERS".into(),
                    ..ForeignKey::default()
                },
                ForeignKey {
                    columns: vec!["id".into()],
                    referenced_table: "gone".into(),
                    ..ForeignKey::default()
                },
            ],
            ..Table::default()
        };
        let schema = Schema { tables: vec![users], ..Schema::default() };
        let entities = Entities::new(&schema);
        assert_eq!(entities.boxes.iter().map(|it| it.is_missing).collect::<Vec<_>>(), [false, true]);
        let ends: Vec<_> = entities.relations.iter().map(|it| (it.parent, it.parent_row)).collect();
        assert_eq!(ends, [(0, Some(0)), (1, None)]);
        assert!(entities.relations[0].is_one_to_one && !entities.relations[0].is_optional);
        assert_eq!(entities.relations[0].sentence("users"), "users.ID → USERS.id");
        assert_eq!(entities.boxes[0].rows[0].marks(), ["PK", "FK"]);
    }
}
