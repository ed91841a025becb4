//! A table as a struct: fields with their keys, indexes and references, and what takes several columns on the struct.

use super::attribute::{Arg, attribute, string};
use super::column::{self, Field};
use super::foreign_key;
use super::names::Names;
use crate::model::{Check, ForeignKey, Index, IndexColumn, IndexTerm, KeyColumn, Table};
use crate::naming::snake_case;

/// A struct, and the enums of its columns.
pub(super) struct Item {
    pub(super) text: String,
    pub(super) enums: Vec<String>,
    /// Whether two attributes of the struct name the same field, which clippy takes for a slip.
    pub(super) repeats_fields: bool,
}

/// Writes a table; `tables` are all that have a struct.
pub(super) fn item(table: &Table, tables: &[&Table], names: &Names) -> Item {
    let mut fields: Vec<Field> =
        table.columns.iter().map(|column| column::field(table, column, names)).collect();
    let mut own: Vec<Arg> = Vec::new();
    let name = names.of_table(&table.name);
    if snake_case(name) != table.name {
        own.push(Arg::text("name", &table.name));
    }
    own.extend(table.strict.then(|| Arg::flag("strict")));
    own.extend(table.without_rowid.then(|| Arg::flag("without_rowid")));
    let mut attributes = attribute("table", &own, 0);

    let mut writer = Writer { table, tables, names, fields: &mut fields, listed: Vec::new() };
    let mut constraints = Vec::new();
    constraints.extend(writer.primary_key());
    constraints.extend(table.uniques.iter().map(|unique| {
        let mut args = vec![writer.columns(&unique.columns)];
        args.extend(unique.name.as_deref().map(|name| Arg::text("name", name)));
        Arg::List("unique_constraint".to_owned(), args)
    }));
    constraints.extend(table.foreign_keys.iter().filter_map(|key| writer.foreign_key(key)));
    constraints.extend(table.indexes.iter().filter_map(|index| writer.index(index)));
    let listed = std::mem::take(&mut writer.listed);
    let made: Vec<Check> = fields.iter().filter_map(|field| field.enum_check.clone()).collect();
    constraints.extend(without(&table.checks, &made).into_iter().map(check));
    for constraint in constraints {
        attributes.push_str(&attribute("table", &[constraint], 0));
    }

    let mut text = format!("#[derive(Debug, Clone, PartialEq, Table)]\n{attributes}pub struct {name} {{\n");
    for (column, field) in table.columns.iter().zip(&fields) {
        text.push_str(&attribute("column", &field.args, 4));
        text.push_str(&format!(
            "    pub {}: {},\n",
            names.of_field(&table.name, &column.name),
            field.rust_type
        ));
    }
    text.push_str("}\n");
    let repeats_fields = listed.iter().enumerate().any(|(at, name)| listed[..at].contains(name));
    Item { text, enums: fields.into_iter().filter_map(|field| field.text_enum).collect(), repeats_fields }
}

/// Returns the checks that no enum makes, counting repetitions.
fn without<'c>(checks: &'c [Check], made: &[Check]) -> Vec<&'c Check> {
    let mut made: Vec<&Check> = made.iter().collect();
    checks
        .iter()
        .filter(|check| match made.iter().position(|other| other == check) {
            Some(at) => {
                made.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

fn check(check: &Check) -> Arg {
    let name = check.name.as_deref().map_or(Arg::flag("unnamed"), |name| Arg::text("name", name));
    Arg::List("check".to_owned(), vec![name, Arg::Text(string(check.expr.as_str()))])
}

struct Writer<'a> {
    table: &'a Table,
    tables: &'a [&'a Table],
    names: &'a Names,
    fields: &'a mut [Field],
    /// The fields that attributes of the struct name, one after the other.
    listed: Vec<String>,
}

impl Writer<'_> {
    /// Adds to what a field says.
    fn add_to(&mut self, column: &str, args: Vec<Arg>, first: bool) {
        let at = self.table.columns.iter().position(|known| known.name.eq_ignore_ascii_case(column));
        let Some(field) = at.and_then(|at| self.fields.get_mut(at)) else { return };
        let place = if first { 0 } else { field.args.len() };
        field.args.splice(place..place, args);
    }

    fn has(&self, column: &str, key: &str) -> bool {
        let at = self.table.columns.iter().position(|known| known.name.eq_ignore_ascii_case(column));
        let args = at.and_then(|at| self.fields.get(at)).map(|field| &field.args);
        let says = |arg: &Arg| matches!(arg, Arg::Text(text) if text.split(' ').next() == Some(key));
        args.is_some_and(|args| args.iter().any(says))
    }

    /// Returns `columns(a, b desc)`.
    fn columns(&mut self, parts: &[KeyColumn]) -> Arg {
        let parts = parts
            .iter()
            .map(|part| self.listed_field(&part.name) + &order(part.collation.as_deref(), part.descending));
        Arg::list("columns", parts.collect::<Vec<_>>())
    }

    fn listed_field(&mut self, column: &str) -> String {
        let field = self.names.of_field(&self.table.name, column).to_owned();
        self.listed.push(field.clone());
        field
    }

    /// A key of one plain column stands at its field.
    fn primary_key(&mut self) -> Option<Arg> {
        let key = self.table.primary_key.as_ref()?;
        if let ([only], None) = (key.columns.as_slice(), &key.name)
            && !only.descending
            && only.collation.is_none()
        {
            let autoincrement = key.autoincrement.then(|| Arg::flag("autoincrement"));
            let args = std::iter::once(Arg::flag("primary_key")).chain(autoincrement).collect();
            self.add_to(&only.name, args, true);
            return None;
        }
        let mut args = vec![self.columns(&key.columns)];
        args.extend(key.name.as_deref().map(|name| Arg::text("name", name)));
        args.extend(key.autoincrement.then(|| Arg::flag("autoincrement")));
        Some(Arg::List("primary_key".to_owned(), args))
    }

    /// A key of one column stands at its field, the first of a field at least.
    fn foreign_key(&mut self, key: &ForeignKey) -> Option<Arg> {
        let mut args = foreign_key::args(self.table, key, self.tables, self.names);
        if let [only] = key.columns.as_slice()
            && !self.has(only, "references")
        {
            args.extend(key.name.as_deref().map(|name| Arg::text("constraint", name)));
            self.add_to(only, args, false);
            return None;
        }
        let fields = key.columns.iter().map(|name| self.listed_field(name)).collect();
        args.insert(0, Arg::list("columns", fields));
        if let Some(name) = &key.name {
            args.insert(0, Arg::text("name", name));
        }
        Some(Arg::List("foreign_key".to_owned(), args))
    }

    /// An index of one plain column stands at its field, the first of its kind at least.
    fn index(&mut self, index: &Index) -> Option<Arg> {
        let key = if index.unique { "unique" } else { "index" };
        let usual_name = |columns: &[&str]| {
            format!(
                "{}_{}_{}",
                self.table.name,
                columns.join("_"),
                if index.unique { "unique" } else { "idx" }
            )
        };
        let names: Option<Vec<&str>> = index
            .columns
            .iter()
            .map(|part| match &part.term {
                IndexTerm::Column(name) => Some(name.as_str()),
                IndexTerm::Expr(_) => None,
            })
            .collect();
        let is_usual = names.as_deref().is_some_and(|names| usual_name(names) == index.name);
        if let [IndexColumn { term: IndexTerm::Column(column), descending: false, collation: None }] =
            index.columns.as_slice()
            && index.predicate.is_none()
            && !self.has(column, key)
        {
            let arg = if is_usual { Arg::flag(key) } else { Arg::text(key, &index.name) };
            self.add_to(column, vec![arg], false);
            return None;
        }
        let mut args = Vec::new();
        args.extend((!is_usual).then(|| Arg::text("name", &index.name)));
        args.extend(self.index_parts(&index.columns));
        args.extend(index.predicate.as_ref().map(|expr| Arg::text("where", expr.as_str())));
        Some(Arg::List(key.to_owned(), args))
    }

    /// Returns `columns(..)` and `expressions(..)` in the order of the parts. A column that is there twice is an
    /// expression the second time, as a list of fields names each once.
    fn index_parts(&mut self, parts: &[IndexColumn]) -> Vec<Arg> {
        let mut args: Vec<Arg> = Vec::new();
        let mut listed: Vec<String> = Vec::new();
        for part in parts {
            let (key, text) = match &part.term {
                IndexTerm::Column(name) if !listed.contains(name) => {
                    listed.push(name.clone());
                    let order = order(part.collation.as_deref(), part.descending);
                    ("columns", self.listed_field(name) + &order)
                }
                _ => ("expressions", string(&expression(part))),
            };
            match args.last_mut() {
                Some(Arg::List(last, texts)) if last == key => texts.push(Arg::Text(text)),
                _ => args.push(Arg::list(key, vec![text])),
            }
        }
        args
    }
}

/// Returns an expression of an index, in parentheses only where it would be read otherwise.
fn expression(part: &IndexColumn) -> String {
    let guarded = part.to_string();
    let IndexTerm::Expr(expr) = &part.term else { return guarded };
    let bare = guarded.replacen(&format!("({expr})"), expr.as_str(), 1);
    let is_same = IndexColumn::try_from(bare.clone()).is_ok_and(|read| read == *part);
    if is_same { bare } else { guarded }
}

fn order(collation: Option<&str>, descending: bool) -> String {
    let collation = collation.map(|name| format!(" collate {}", name.to_ascii_lowercase()));
    format!("{}{}", collation.unwrap_or_default(), if descending { " desc" } else { "" })
}
