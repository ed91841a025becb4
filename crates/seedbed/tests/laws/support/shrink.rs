//! Makes a failing pair of schemas small: takes away, one at a time, whatever the failure does not need.

use seedbed_schema::diff::Renames;
use seedbed_schema::model::{Schema, Table};

use super::evolve::Evolved;
use super::meet::counterpart;
use super::validity::{drop_broken_views, keep_valid};

/// How often a smaller pair is tried.
const TRIES: usize = 600;

/// A pair of schemas.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) before: Schema,
    pub(crate) after: Evolved,
}

/// Returns the smallest pair found for which `fails` still holds.
pub(crate) fn shrink(mut pair: Pair, fails: impl Fn(&Pair) -> bool) -> Pair {
    let mut tries = 0;
    loop {
        let smaller = candidates(&pair).into_iter().find(|candidate| {
            tries += 1;
            tries <= TRIES && fails(candidate)
        });
        match smaller {
            Some(candidate) => pair = candidate,
            None => return pair,
        }
    }
}

/// Returns pairs that lack one thing, the largest things first.
fn candidates(pair: &Pair) -> Vec<Pair> {
    let mut all = Vec::new();
    let mut add = |edit: &dyn Fn(&mut Pair)| {
        let mut smaller = pair.clone();
        edit(&mut smaller);
        tidy(&mut smaller);
        if smaller.before != pair.before || smaller.after.schema != pair.after.schema {
            all.push(smaller);
        }
    };
    add(&|pair| {
        pair.before.views.clear();
        pair.after.schema.views.clear();
    });
    for table in &pair.before.tables {
        let new = counterpart(table, &pair.after.schema, &pair.after.renames).map(|new| new.name.clone());
        add(&|pair| {
            pair.before.tables.retain(|other| other.name != table.name);
            pair.after.schema.tables.retain(|other| Some(&other.name) != new.as_ref());
        });
        if let Some(new) = &new {
            add(&|pair| undo(pair, table, new));
        }
    }
    for table in &pair.after.schema.tables {
        let old = pair.after.renames.old_table(&table.name);
        if pair.before.table(&old).is_none() {
            add(&|pair| pair.after.schema.tables.retain(|other| other.name != table.name));
        }
    }
    for table in &pair.before.tables {
        let new = counterpart(table, &pair.after.schema, &pair.after.renames);
        for part in parts(table, new, &pair.after.renames) {
            add(&|pair| {
                let (old_name, new_name) = (&table.name, new.map(|new| &new.name));
                for (schema, name) in [(&mut pair.before, Some(old_name)), (&mut pair.after.schema, new_name)]
                {
                    let found = schema.tables.iter_mut().find(|table| Some(&table.name) == name);
                    found.into_iter().for_each(|table| part.remove_from(table, name == Some(old_name)));
                }
            });
        }
    }
    for table in &pair.after.schema.tables {
        for part in parts(table, None, &Renames::default()) {
            add(&|pair| {
                let found = pair.after.schema.tables.iter_mut().find(|other| other.name == table.name);
                found.into_iter().for_each(|table| part.remove_from(table, true));
            });
        }
    }
    all
}

/// Takes back what was done to a table, but for its names.
fn undo(pair: &mut Pair, table: &Table, new_name: &str) {
    let renames = pair.after.renames.clone();
    let Some(new) = pair.after.schema.tables.iter_mut().find(|new| new.name == new_name) else { return };
    let is_renamed =
        |name: &str| renames.columns.iter().any(|rename| rename.table == new_name && rename.from == name);
    if table.columns.iter().any(|column| is_renamed(&column.name)) {
        return;
    }
    *new = Table { name: new_name.to_owned(), ..table.clone() };
    for key in &mut new.foreign_keys {
        key.referenced_table = renames.new_table(&key.referenced_table);
    }
}

/// A part of a table, by its names on both sides.
#[derive(Debug)]
enum Part {
    Column(String, Option<String>),
    Unique(usize),
    Check(usize),
    Index(usize),
    ForeignKey(usize),
    Default(String, Option<String>),
}

fn parts(table: &Table, new: Option<&Table>, renames: &Renames) -> Vec<Part> {
    let new_name = |name: &str| {
        let new = new?;
        let is_it = |column: &&seedbed_schema::model::Column| {
            renames.old_column(&new.name, &column.name).eq_ignore_ascii_case(name)
        };
        new.columns.iter().find(is_it).map(|column| column.name.clone())
    };
    let columns =
        table.columns.iter().map(|column| Part::Column(column.name.clone(), new_name(&column.name)));
    let defaults = table.columns.iter().filter(|column| column.default.is_some());
    let defaults = defaults.map(|column| Part::Default(column.name.clone(), new_name(&column.name)));
    let same = |count: usize| 0..count;
    columns
        .chain(same(table.foreign_keys.len()).map(Part::ForeignKey))
        .chain(same(table.uniques.len()).map(Part::Unique))
        .chain(same(table.checks.len()).map(Part::Check))
        .chain(same(table.indexes.len()).map(Part::Index))
        .chain(defaults)
        .collect()
}

impl Part {
    /// Removes the part; `is_first` says which of its names counts.
    fn remove_from(&self, table: &mut Table, is_first: bool) {
        fn remove<T>(list: &mut Vec<T>, at: usize) {
            if at < list.len() {
                list.remove(at);
            }
        }
        let chosen =
            |one: &String, other: &Option<String>| if is_first { Some(one.clone()) } else { other.clone() };
        match self {
            Self::Column(one, other) => {
                let name = chosen(one, other);
                table.columns.retain(|column| Some(&column.name) != name.as_ref());
            }
            Self::Default(one, other) => {
                let name = chosen(one, other);
                table
                    .columns
                    .iter_mut()
                    .filter(|column| Some(&column.name) == name.as_ref())
                    .for_each(|column| column.default = None);
            }
            Self::Unique(at) => remove(&mut table.uniques, *at),
            Self::Check(at) => remove(&mut table.checks, *at),
            Self::Index(at) => remove(&mut table.indexes, *at),
            Self::ForeignKey(at) => remove(&mut table.foreign_keys, *at),
        }
    }
}

/// Makes both schemas valid again and drops renames of what is gone.
fn tidy(pair: &mut Pair) {
    for schema in [&mut pair.before, &mut pair.after.schema] {
        keep_valid(schema);
        drop_broken_views(schema);
    }
    let (before, after) = (&pair.before, &pair.after.schema);
    let renames = &mut pair.after.renames;
    renames.tables.retain(|rename| before.table(&rename.from).is_some() && after.table(&rename.to).is_some());
    let tables = renames.clone();
    renames.columns.retain(|rename| {
        let old = before.table(&tables.old_table(&rename.table)).and_then(|table| table.column(&rename.from));
        let new = after.table(&rename.table).and_then(|table| table.column(&rename.to));
        old.is_some() && new.is_some()
    });
}
