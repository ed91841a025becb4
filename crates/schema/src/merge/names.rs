//! One name for everything: a table or column that a branch renamed is called by its new name in all three schemas.

use super::{Branch, Clash};
use crate::diff::Renames;
use crate::model::Schema;

/// The renames that bring each of the three schemas to the names that both branches lead to.
pub(super) struct Names {
    base: Renames,
    onto: Renames,
    mine: Renames,
}

impl Names {
    pub(super) fn new(base: &Schema, onto: Branch<'_>, mine: Branch<'_>, clashes: &mut Vec<Clash>) -> Self {
        let mut names = Self { base: Renames::default(), onto: Renames::default(), mine: Renames::default() };
        for table in &base.tables {
            let (in_onto, in_mine) =
                (onto.renames.new_table(&table.name), mine.renames.new_table(&table.name));
            let Some(last) = common(&table.name, &in_onto, &in_mine, &table.name, clashes) else { continue };
            refuse_taken(&last, &in_onto, &in_mine, onto.schema, mine.schema, clashes);
            names.rename_table(&table.name, &in_onto, &in_mine, &last);
            for column in &table.columns {
                let of_onto = new_column(onto.renames, &in_onto, &column.name);
                let of_mine = new_column(mine.renames, &in_mine, &column.name);
                let subject = format!("{}.{}", table.name, column.name);
                let Some(to) = common(&column.name, &of_onto, &of_mine, &subject, clashes) else { continue };
                let is_taken = |schema: &Schema, table: &str, own: &str| {
                    !own.eq_ignore_ascii_case(&to)
                        && schema.table(table).is_some_and(|table| table.column(&to).is_some())
                };
                if is_taken(onto.schema, &in_onto, &of_onto) {
                    clashes.push(taken(&subject, &to, false));
                }
                if is_taken(mine.schema, &in_mine, &of_mine) {
                    clashes.push(taken(&subject, &to, true));
                }
                names.rename_column(&last, [&column.name, &of_onto, &of_mine], &to);
            }
        }
        names
    }

    pub(super) fn base(&self, schema: &Schema) -> Schema {
        self.base.apply(schema).into_owned()
    }

    pub(super) fn onto(&self, schema: &Schema) -> Schema {
        self.onto.apply(schema).into_owned()
    }

    pub(super) fn mine(&self, schema: &Schema) -> Schema {
        self.mine.apply(schema).into_owned()
    }

    fn rename_table(&mut self, in_base: &str, in_onto: &str, in_mine: &str, to: &str) {
        for (renames, from) in
            [(&mut self.base, in_base), (&mut self.onto, in_onto), (&mut self.mine, in_mine)]
        {
            if from != to {
                *renames = std::mem::take(renames).table(from, to);
            }
        }
    }

    fn rename_column(&mut self, table: &str, from: [&str; 3], to: &str) {
        for (renames, from) in [&mut self.base, &mut self.onto, &mut self.mine].into_iter().zip(from) {
            if from != to {
                *renames = std::mem::take(renames).column(table, from, to);
            }
        }
    }
}

/// Returns the name that both lead to; two different new names are a clash.
fn common(was: &str, onto: &str, mine: &str, subject: &str, clashes: &mut Vec<Clash>) -> Option<String> {
    let is_same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    if is_same(onto, mine) || is_same(mine, was) {
        return Some(onto.to_owned());
    }
    if is_same(onto, was) {
        return Some(mine.to_owned());
    }
    clashes.push(Clash {
        subject: subject.to_owned(),
        onto: format!("renames it to `{onto}`"),
        mine: format!("renames it to `{mine}`"),
    });
    None
}

/// A new name that the other branch gave to something of its own.
fn refuse_taken(
    last: &str,
    in_onto: &str,
    in_mine: &str,
    onto: &Schema,
    mine: &Schema,
    clashes: &mut Vec<Clash>,
) {
    let is_taken =
        |schema: &Schema, own: &str| !own.eq_ignore_ascii_case(last) && schema.table(last).is_some();
    if is_taken(onto, in_onto) {
        clashes.push(taken(in_onto, last, false));
    }
    if is_taken(mine, in_mine) {
        clashes.push(taken(in_mine, last, true));
    }
}

fn taken(subject: &str, to: &str, by_mine: bool) -> Clash {
    let (makes, renames) = (format!("makes a `{to}` of its own"), format!("renames it to `{to}`"));
    let (onto, mine) = if by_mine { (renames, makes) } else { (makes, renames) };
    Clash { subject: subject.to_owned(), onto, mine }
}

/// Returns the name that a column of the base has in a branch; the table goes by its name there.
fn new_column(renames: &Renames, table: &str, name: &str) -> String {
    let rename = renames
        .columns
        .iter()
        .find(|rename| rename.table.eq_ignore_ascii_case(table) && rename.from.eq_ignore_ascii_case(name));
    rename.map_or_else(|| name.to_owned(), |rename| rename.to.clone())
}
