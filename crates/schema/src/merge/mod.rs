//! Two changes of one schema, made side by side, as one: what both branches of a team's work lead to together.
//!
//! ```text
//!          ┌─► onto    what is given: merged or applied first
//!  base ───┤                                                    ► merge = onto with the changes of mine
//!          └─► mine    what is put behind it
//! ```
//!
//! [`merge`] is pure. Where the two touch the same thing it is one thing still when they agree, or when they change
//! different sides of it (one the type of a column, the other its default; each adds a value to an enum). Otherwise it is
//! a [`Clash`], and all of them come at once. Renames are followed: a column that one branch renamed and the other
//! changed is changed under its new name.

mod names;
mod parts;
mod table;

use std::fmt;

use serde::Serialize;

use crate::diff::Renames;
use crate::model::{Schema, Table, TableIndex, Trigger, View};
use crate::normalize::normalize_table;

/// One of the two branches.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// What it leads to.
    pub schema: &'a Schema,
    /// What is renamed on the way from the base.
    pub renames: &'a Renames,
}

/// Something that both branches touch, each in another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clash {
    /// What they touch: `users`, `users.age`, `index users_age_idx`.
    pub subject: String,
    /// What the given branch does: `adds it as INTEGER`.
    pub onto: String,
    /// What the other one does.
    pub mine: String,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: one {}, the other {}", self.subject, self.onto, self.mine)
    }
}

/// Returns the schema that has the changes of both branches.
///
/// ```
/// use seedbed_schema::diff::Renames;
/// use seedbed_schema::merge::{Branch, merge};
/// use seedbed_schema::model::{Column, Schema, Table};
///
/// let users = |columns: &[&str]| {
///     let column = |name: &&str| Column { name: (*name).to_owned(), ..Column::default() };
///     let columns = columns.iter().map(column).collect();
///     Schema { tables: vec![Table { name: "users".into(), columns, ..Table::default() }], ..Schema::default() }
/// };
/// let none = Renames::default();
/// let onto = Branch { schema: &users(&["id", "nick"]), renames: &none };
/// let mine = Branch { schema: &users(&["id", "age"]), renames: &none };
/// let both = merge(&users(&["id"]), onto, mine).unwrap();
/// assert_eq!(both, users(&["id", "nick", "age"]));
/// ```
///
/// # Errors
///
/// Everything that both touch, each in another way.
pub fn merge(base: &Schema, onto: Branch<'_>, mine: Branch<'_>) -> Result<Schema, Vec<Clash>> {
    let mut clashes = Vec::new();
    let names = names::Names::new(base, onto, mine, &mut clashes);
    if !clashes.is_empty() {
        return Err(clashes);
    }
    let (base, onto, mine) = (names.base(base), names.onto(onto.schema), names.mine(mine.schema));
    let merged = Schema {
        tables: merge_tables(&base, &onto, &mine, &mut clashes),
        views: merge_named(
            "view",
            [&base.views, &onto.views, &mine.views],
            |view: &View| view.name.clone(),
            &mut clashes,
        ),
        triggers: merge_named(
            "trigger",
            [&base.triggers, &onto.triggers, &mine.triggers],
            |trigger: &Trigger| trigger.name.clone(),
            &mut clashes,
        ),
    };
    if clashes.is_empty() {
        parts::refuse_dangling(&merged, &onto, &mine, &mut clashes);
    }
    if clashes.is_empty() { Ok(merged) } else { Err(clashes) }
}

/// What becomes of something that has a name, given what it is in the base and in both branches.
enum Fate<'a, T> {
    Is(&'a T),
    Gone,
    /// Both changed it, or both made it.
    Both(Option<&'a T>, &'a T, &'a T),
    /// The given branch dropped it, the other changed it.
    DroppedByOnto(&'a T, &'a T),
    /// The other way round.
    DroppedByMine(&'a T, &'a T),
}

fn fate<'a, T>(
    base: Option<&'a T>,
    onto: Option<&'a T>,
    mine: Option<&'a T>,
    is_same: impl Fn(&T, &T) -> bool,
) -> Fate<'a, T> {
    match (base, onto, mine) {
        (_, None, None) => Fate::Gone,
        (None, Some(only), None) | (None, None, Some(only)) => Fate::Is(only),
        (Some(base), Some(onto), None) if is_same(base, onto) => Fate::Gone,
        (Some(base), Some(onto), None) => Fate::DroppedByMine(base, onto),
        (Some(base), None, Some(mine)) if is_same(base, mine) => Fate::Gone,
        (Some(base), None, Some(mine)) => Fate::DroppedByOnto(base, mine),
        (_, Some(onto), Some(mine)) if is_same(onto, mine) => Fate::Is(onto),
        (Some(base), Some(onto), Some(mine)) if is_same(base, mine) => Fate::Is(onto),
        (Some(base), Some(onto), Some(mine)) if is_same(base, onto) => Fate::Is(mine),
        (base, Some(onto), Some(mine)) => Fate::Both(base, onto, mine),
    }
}

fn merge_tables(base: &Schema, onto: &Schema, mine: &Schema, clashes: &mut Vec<Clash>) -> Vec<Table> {
    // A table says the same however it is spelled, and whichever order its columns have.
    let parents = TableIndex::new(onto);
    let normal = |table: &Table| normalize_table(table, &parents);
    let is_same = |one: &Table, other: &Table| one == other || normal(one) == normal(other);
    let mut merged = Vec::new();
    for name in union(onto.tables.iter().chain(&mine.tables).map(|table| table.name.as_str())) {
        let [base, onto, mine] = [base.table(name), onto.table(name), mine.table(name)];
        match fate(base, onto, mine, is_same) {
            Fate::Is(table) => merged.push(table.clone()),
            Fate::Gone => {}
            Fate::Both(Some(base), onto, mine) => merged.push(table::merge(base, onto, mine, clashes)),
            Fate::Both(None, onto, mine) => table::both_made(onto, mine, clashes),
            Fate::DroppedByOnto(base, mine) => clashes.push(Clash {
                subject: name.to_owned(),
                onto: "drops it".to_owned(),
                mine: table::what_changes(base, mine),
            }),
            Fate::DroppedByMine(base, onto) => clashes.push(Clash {
                subject: name.to_owned(),
                onto: table::what_changes(base, onto),
                mine: "drops it".to_owned(),
            }),
        }
    }
    merged
}

/// Merges lists of things with names of their own.
fn merge_named<T: PartialEq + Clone>(
    kind: &str,
    [base, onto, mine]: [&[T]; 3],
    name_of: impl Fn(&T) -> String,
    clashes: &mut Vec<Clash>,
) -> Vec<T> {
    let find =
        |list: &'_ [T], name: &str| list.iter().position(|one| name_of(one).eq_ignore_ascii_case(name));
    let names: Vec<String> = onto.iter().chain(mine).map(&name_of).collect();
    let mut merged = Vec::new();
    for name in union(names.iter().map(String::as_str)) {
        let base = find(base, name).map(|at| &base[at]);
        let onto = find(onto, name).map(|at| &onto[at]);
        let mine = find(mine, name).map(|at| &mine[at]);
        let mut clash = |onto: &str, mine: &str| {
            clashes.push(Clash {
                subject: format!("{kind} {name}"),
                onto: onto.to_owned(),
                mine: mine.to_owned(),
            });
        };
        match fate(base, onto, mine, |one, other| one == other) {
            Fate::Is(one) => merged.push(one.clone()),
            Fate::Gone => {}
            Fate::Both(None, ..) => clash("makes it", "makes another of that name"),
            Fate::Both(Some(_), ..) => clash("changes it", "changes it in another way"),
            Fate::DroppedByOnto(..) => clash("drops it", "changes it"),
            Fate::DroppedByMine(..) => clash("changes it", "drops it"),
        }
    }
    merged
}

/// Returns each name once, in order of appearance; names differ in more than case.
fn union<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            all.push(name);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Branch, merge};
    use crate::diff::Renames;
    use crate::model::{Check, Column, ColumnType, Index, IndexColumn, Schema, StoredForm, Table};
    use crate::sql::SqlExpr;

    fn column(name: &str, kind: &str) -> Column {
        Column { name: name.to_owned(), column_type: ColumnType::new(kind), ..Column::default() }
    }

    fn table(name: &str, columns: &[(&str, &str)]) -> Table {
        let columns = columns.iter().map(|(name, kind)| column(name, kind)).collect();
        Table { name: name.to_owned(), columns, ..Table::default() }
    }

    fn schema(tables: &[Table]) -> Schema {
        Schema { tables: tables.to_vec(), ..Schema::default() }
    }

    fn merged(base: &Schema, onto: &Schema, mine: &Schema) -> Result<Schema, Vec<String>> {
        let none = Renames::default();
        renamed(base, (onto, &none), (mine, &none))
    }

    fn renamed(
        base: &Schema,
        (onto, of_onto): (&Schema, &Renames),
        (mine, of_mine): (&Schema, &Renames),
    ) -> Result<Schema, Vec<String>> {
        let branch = |schema, renames| Branch { schema, renames };
        merge(base, branch(onto, of_onto), branch(mine, of_mine))
            .map_err(|clashes| clashes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_both_touch_is_told_column_by_column() {
        let base = schema(&[table("users", &[("id", "INTEGER"), ("age", "INTEGER"), ("nick", "TEXT")])]);
        let onto = schema(&[table("users", &[("id", "INTEGER"), ("nick", "BLOB"), ("born", "TEXT")])]);
        let mine = schema(&[table("users", &[("id", "INTEGER"), ("age", "REAL"), ("born", "INTEGER")])]);
        assert_eq!(
            merged(&base, &onto, &mine).unwrap_err(),
            [
                "users.nick: one changes it from TEXT NOT NULL to BLOB NOT NULL, the other drops it",
                "users.born: one adds it as TEXT NOT NULL, the other adds it as INTEGER NOT NULL",
                "users.age: one drops it, the other changes it from INTEGER NOT NULL to REAL NOT NULL",
            ]
        );
    }

    #[test]
    fn a_table_that_one_drops_and_the_other_changes_is_a_clash() {
        let base = schema(&[table("users", &[("id", "INTEGER")])]);
        let mine = schema(&[table("users", &[("id", "INTEGER"), ("age", "TEXT")])]);
        assert_eq!(
            merged(&base, &schema(&[]), &mine).unwrap_err(),
            ["users: one drops it, the other changes it: `add column users.age`"]
        );
        assert_eq!(merged(&base, &schema(&[]), &base), Ok(schema(&[])));
    }

    #[test]
    fn different_sides_of_a_column_are_no_clash() {
        let base = schema(&[table("users", &[("age", "TEXT")])]);
        let (mut onto, mut mine) = (base.clone(), base.clone());
        onto.tables[0].columns[0].nullable = true;
        mine.tables[0].columns[0].column_type = ColumnType::new("INTEGER");
        let both = merged(&base, &onto, &mine).unwrap();
        let age = &both.tables[0].columns[0];
        assert!(age.nullable && age.column_type.is_integer());
    }

    #[test]
    fn both_add_a_value_to_an_enum() {
        let with = |values: &[&str]| {
            let mut table = table("tasks", &[("state", "TEXT")]);
            let variants = values.iter().map(|value| (*value).to_owned().into()).collect();
            table.columns[0].form = StoredForm::TextEnum(variants);
            let expr = SqlExpr::one_of("state", values.iter().copied());
            table.checks = vec![Check { name: Some("tasks_state_check".to_owned()), expr }];
            schema(&[table])
        };
        let both =
            merged(&with(&["open", "done"]), &with(&["open", "done", "late"]), &with(&["open", "new"]));
        assert_eq!(both, Ok(with(&["open", "late", "new"])));
    }

    #[test]
    fn a_rename_is_followed_by_what_the_other_changes() {
        let base = schema(&[table("users", &[("name", "TEXT")])]);
        let onto = schema(&[table("people", &[("full_name", "TEXT")])]);
        let of_onto = Renames::default().table("users", "people").column("people", "name", "full_name");
        let mine = schema(&[table("users", &[("name", "BLOB"), ("age", "INTEGER")])]);
        let both = renamed(&base, (&onto, &of_onto), (&mine, &Renames::default())).unwrap();
        assert_eq!(both, schema(&[table("people", &[("full_name", "BLOB"), ("age", "INTEGER")])]));

        let third = schema(&[table("users", &[("nick", "TEXT")])]);
        let of_third = Renames::default().column("users", "name", "nick");
        assert_eq!(
            renamed(&base, (&onto, &of_onto), (&third, &of_third)).unwrap_err(),
            ["users.name: one renames it to `full_name`, the other renames it to `nick`"]
        );
    }

    #[test]
    fn an_index_on_a_column_that_goes_is_a_clash() {
        let base = schema(&[table("users", &[("id", "INTEGER"), ("age", "INTEGER")])]);
        let onto = schema(&[table("users", &[("id", "INTEGER")])]);
        let mut mine = base.clone();
        let on_age =
            Index { name: "by_age".to_owned(), columns: vec![IndexColumn::new("age")], ..Index::default() };
        mine.tables[0].indexes.push(on_age);
        assert_eq!(
            merged(&base, &onto, &mine).unwrap_err(),
            ["users.age: one drops it, the other has index `by_age` on it"]
        );
    }

    #[test]
    fn what_both_do_alike_is_one_change() {
        let base = schema(&[table("users", &[("id", "INTEGER")])]);
        let both = schema(&[
            table("users", &[("id", "INTEGER"), ("age", "INTEGER")]),
            table("tags", &[("id", "TEXT")]),
        ]);
        assert_eq!(merged(&base, &both, &both), Ok(both));
    }
}
