//! Decides what push may touch: what the schema names, and what push or migrate made before.
//!
//! Everything else in the database is somebody else's. A foreign table is left out of the comparison; a foreign
//! column, index or constraint on one of our tables is carried along, through a rebuild as well.

use std::collections::BTreeSet;

use crate::migrate::forms::Forms;
use seedbed_schema::diff::Renames;
use seedbed_schema::model::{Check, EnumVariant, IndexTerm, Schema, StoredForm, Table};
use seedbed_schema::sql::quote_text;

/// What is recorded as ours: kind (`table`, `index`, `view`, `column`) and name (`table.column` for a column).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Owned {
    /// The objects.
    pub(crate) objects: BTreeSet<(String, String)>,
    /// The stored forms of its columns.
    pub(crate) forms: Forms,
}

impl Owned {
    fn has(&self, kind: &str, name: &str) -> bool {
        self.objects.iter().any(|(recorded, of)| recorded == kind && of.eq_ignore_ascii_case(name))
    }
}

/// The two schemas that push compares.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    /// The live schema without what is not ours.
    pub(super) before: Schema,
    /// The wanted schema with what is carried along.
    pub(super) after: Schema,
    /// What was left alone, for the report: `table audit`, `column users.legacy`.
    pub(super) left_alone: Vec<String>,
}

/// Restricts the live schema to what push may touch and completes the wanted one by what it must carry along.
pub(super) fn comparison(live: &Schema, wanted: &Schema, owned: &Owned, renames: &Renames) -> Comparison {
    let mut left_alone = Vec::new();
    let mut before = Schema::default();
    let mut after = wanted.clone();
    for table in &live.tables {
        let new_name = wanted_name(table, live, wanted, renames);
        let Some(place) = new_name.and_then(|name| after.tables.iter().position(|table| table.name == name))
        else {
            if owned.has("table", &table.name) {
                before.tables.push(table.clone());
            } else {
                left_alone.push(format!("table {}", table.name));
            }
            continue;
        };
        let mut kept = table.clone();
        carry_columns(&mut kept, &mut after.tables[place], owned, renames, &mut left_alone);
        let target = &after.tables[place];
        kept.indexes.retain(|index| {
            let stays = target.indexes.iter().any(|wanted| wanted.name.eq_ignore_ascii_case(&index.name))
                || owned.has("index", &index.name);
            if !stays {
                left_alone.push(format!("index {}", index.name));
            }
            stays
        });
        before.tables.push(kept);
    }
    for view in &live.views {
        if wanted.view(&view.name).is_some() || owned.has("view", &view.name) {
            before.views.push(view.clone());
        } else {
            left_alone.push(format!("view {}", view.name));
        }
    }
    Comparison { before, after, left_alone }
}

/// Returns the name under which the schema wants a live table: its own, or that of a rename.
fn wanted_name(table: &Table, live: &Schema, wanted: &Schema, renames: &Renames) -> Option<String> {
    let given = renames.tables.iter().find(|rename| rename.from.eq_ignore_ascii_case(&table.name));
    if let Some(rename) = given {
        return wanted.table(&rename.to).map(|table| table.name.clone());
    }
    if let Some(same) = wanted.table(&table.name) {
        return Some(same.name.clone());
    }
    let declares = |candidate: &&Table| {
        let from = candidate.renamed_from.as_deref();
        from.is_some_and(|from| from.eq_ignore_ascii_case(&table.name))
            && live.table(&candidate.name).is_none()
    };
    wanted.tables.iter().find(declares).map(|table| table.name.clone())
}

/// Adds the live columns that nobody of ours made to the wanted table, and takes over what a database cannot tell:
/// the stored forms of columns whose SQL type is the wanted one.
fn carry_columns(
    live: &mut Table,
    wanted: &mut Table,
    owned: &Owned,
    renames: &Renames,
    left_alone: &mut Vec<String>,
) {
    let mut foreign = BTreeSet::new();
    for column in &mut live.columns {
        let is_target = |name: &str, renamed_from: Option<&str>| {
            let given = renames.old_column(&wanted.name, name);
            name.eq_ignore_ascii_case(&column.name)
                || given.eq_ignore_ascii_case(&column.name)
                || renamed_from.is_some_and(|from| from.eq_ignore_ascii_case(&column.name))
        };
        let target =
            wanted.columns.iter().find(|wanted| is_target(&wanted.name, wanted.renamed_from.as_deref()));
        if let Some(target) = target {
            let recorded = owned.forms.get(&format!("{}.{}", live.name, column.name).to_ascii_lowercase());
            if let Some(form) = recorded {
                column.form = form.clone();
            } else if target.column_type.affinity() == column.column_type.affinity() {
                column.form = live_form(&target.form, &live.checks);
            }
        } else if !owned.has("column", &format!("{}.{}", live.name, column.name)) {
            left_alone.push(format!("column {}.{}", live.name, column.name));
            foreign.insert(column.name.to_ascii_lowercase());
        }
    }
    if foreign.is_empty() {
        return;
    }
    let is_foreign = |name: &str| foreign.contains(&name.to_ascii_lowercase());
    wanted.columns.extend(live.columns.iter().filter(|column| is_foreign(&column.name)).cloned());
    let with_foreign_part =
        live.uniques.iter().filter(|unique| unique.columns.iter().any(|part| is_foreign(&part.name)));
    wanted.uniques.extend(with_foreign_part.cloned());
    let foreign_keys = live.foreign_keys.iter().filter(|key| key.columns.iter().any(|name| is_foreign(name)));
    wanted.foreign_keys.extend(foreign_keys.cloned());
    let checks = live.checks.iter().filter(|check| check.expr.identifiers().any(|name| is_foreign(&name)));
    wanted.checks.extend(checks.cloned());
    let on_foreign = live.indexes.iter().filter(|index| {
        index.columns.iter().any(|part| match &part.term {
            IndexTerm::Column(name) => is_foreign(name),
            IndexTerm::Expr(expr) => expr.identifiers().any(|name| is_foreign(&name)),
        })
    });
    let known: Vec<String> = wanted.indexes.iter().map(|index| index.name.clone()).collect();
    wanted.indexes.extend(on_foreign.filter(|index| !known.contains(&index.name)).cloned());
}

/// Returns the form that the live column has when the wanted one is `form`. Only the texts of an enum can be told from
/// the database, by its CHECK: a text that the schema renamed and the CHECK still lists is the old one.
fn live_form(form: &StoredForm, checks: &[Check]) -> StoredForm {
    let StoredForm::TextEnum(variants) = form else { return form.clone() };
    let lists = |value: &str| checks.iter().any(|check| check.expr.as_str().contains(&quote_text(value)));
    let live = |variant: &EnumVariant| match &variant.renamed_from {
        Some(old) if lists(old) && !lists(&variant.value) => EnumVariant::from(old.clone()),
        _ => EnumVariant::from(variant.value.clone()),
    };
    StoredForm::TextEnum(variants.iter().map(live).collect())
}

#[cfg(test)]
mod tests {
    use super::{Owned, comparison};
    use crate::Connection;
    use crate::inspect::inspect;
    use seedbed_schema::diff::{Renames, diff};
    use seedbed_schema::model::Schema;

    fn schema(script: &str) -> Schema {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(script).unwrap();
        inspect(connection.rusqlite()).unwrap()
    }

    #[test]
    fn what_nobody_made_is_never_dropped() {
        let live = schema(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, legacy TEXT CHECK (legacy <> '')); CREATE INDEX hand ON users (legacy);
             CREATE TABLE audit (id); CREATE VIEW hand_view AS SELECT id FROM users",
        );
        let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY)");
        let found = comparison(&live, &wanted, &Owned::default(), &Renames::default());
        assert!(diff(&found.before, &found.after, &Renames::default()).unwrap().is_empty());
        assert_eq!(found.left_alone, ["column users.legacy", "table audit", "view hand_view"]);
    }

    #[test]
    fn what_is_recorded_as_ours_goes_when_the_schema_drops_it() {
        let live = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, old TEXT); CREATE TABLE gone (id)");
        let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY)");
        let names = [("table", "gone"), ("column", "users.old")];
        let owned = Owned {
            objects: names.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect(),
            ..Owned::default()
        };
        let found = comparison(&live, &wanted, &owned, &Renames::default());
        let changes = diff(&found.before, &found.after, &Renames::default()).unwrap().changes();
        assert_eq!(
            changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["drop column users.old", "drop table gone"]
        );
    }
}
