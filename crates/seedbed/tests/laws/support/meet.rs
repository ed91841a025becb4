//! Which rows both schemas can hold: the present schema with the demands of the wanted one added to it.
//!
//! A migration may stop at rows that break a constraint it adds; that is announced as a hazard and tested elsewhere. The
//! laws speak of rows that both can hold, and those are the rows of the schema made here. It has the tables and columns
//! of the present schema.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::types::Value;
use seedbed_schema::diff::Renames;
use seedbed_schema::model::{
    Check, Column, DefaultValue, ForeignKey, Index, IndexTerm, KeyColumn, Schema, StoredForm, Table, Unique,
};
use seedbed_schema::plan::create_statements;
use seedbed_schema::sql::{SqlExpr, quote_identifier, quote_text};

use super::validity::database;

/// A column on both sides.
pub(crate) struct Shared<'a> {
    pub(crate) before: &'a Column,
    pub(crate) after: &'a Column,
    /// Whether the tables are STRICT.
    pub(crate) strict: (bool, bool),
}

impl Shared<'_> {
    /// Whether values are converted on the way.
    pub(crate) fn is_converted(&self) -> bool {
        // ANY holds anything as it is in a STRICT table, and has the affinity NUMERIC elsewhere.
        let holds = |column: &Column, strict: bool| match column.column_type.as_str() {
            "ANY" if strict => None,
            _ => Some(column.column_type.affinity()),
        };
        let same_type = holds(self.before, self.strict.0) == holds(self.after, self.strict.1);
        !same_type || self.before.form != self.after.form
    }
}

impl Shared<'_> {
    /// Whether the forms are ways of writing the same thing, so that every value survives.
    fn means_the_same(&self) -> bool {
        use StoredForm::{TextEnum, TimestampText, UnixMilliseconds, UnixSeconds, UuidBlob, UuidText};
        let times = |form: &StoredForm| matches!(form, TimestampText | UnixSeconds | UnixMilliseconds);
        let uuids = |form: &StoredForm| matches!(form, UuidText | UuidBlob);
        let (one, other) = (&self.before.form, &self.after.form);
        times(one) && times(other)
            || uuids(one) && uuids(other)
            || matches!((one, other), (TextEnum(_), TextEnum(_)))
    }
}

/// Returns the table of the wanted schema that a present one becomes.
pub(crate) fn counterpart<'a>(table: &Table, after: &'a Schema, renames: &Renames) -> Option<&'a Table> {
    let name = renames.new_table(&table.name);
    let new = after.table(&name)?;
    renames.old_table(&new.name).eq_ignore_ascii_case(&table.name).then_some(new)
}

/// Returns the columns on both sides whose values are stored on both sides.
pub(crate) fn shared_columns<'a>(before: &'a Table, after: &'a Table, renames: &Renames) -> Vec<Shared<'a>> {
    let is_moved_away = |name: &str| {
        renames.columns.iter().any(|rename| {
            rename.table.eq_ignore_ascii_case(&after.name) && rename.from.eq_ignore_ascii_case(name)
        })
    };
    let pairs = after.columns.iter().filter_map(|new| {
        let old_name = renames.old_column(&after.name, &new.name);
        if old_name == new.name && is_moved_away(&old_name) {
            return None;
        }
        Some(Shared { before: before.column(&old_name)?, after: new, strict: (before.strict, after.strict) })
    });
    pairs.filter(|pair| pair.before.generated.is_none() && pair.after.generated.is_none()).collect()
}

/// Returns the present schema with the demands of the wanted one.
pub(crate) fn meet(before: &Schema, after: &Schema, renames: &Renames) -> Schema {
    let mut schema = Schema { tables: before.tables.clone(), ..Schema::default() };
    for (table, present) in schema.tables.iter_mut().zip(&before.tables) {
        let Some(wanted) = counterpart(present, after, renames) else { continue };
        let shared = shared_columns(present, wanted, renames);
        let mut meeting = Meeting { table, wanted, shared, keys: BTreeSet::new() };
        meeting.keys();
        meeting.unique_indexes();
        meeting.checks();
        meeting.storage();
        meeting.foreign_keys(before, after, renames);
        meeting.survival();
    }
    schema
}

struct Meeting<'a> {
    /// The present table, to which demands are added.
    table: &'a mut Table,
    wanted: &'a Table,
    shared: Vec<Shared<'a>>,
    /// The shared columns, by their present names, that something depends on.
    keys: BTreeSet<String>,
}

impl Meeting<'_> {
    /// Returns the present name of a wanted column.
    fn old_name(&self, wanted: &str) -> Option<String> {
        let pair = self.shared.iter().find(|pair| pair.after.name.eq_ignore_ascii_case(wanted))?;
        Some(pair.before.name.clone())
    }

    fn old_expr(&self, expr: &SqlExpr) -> Option<SqlExpr> {
        let expr = expr.without_qualifier(&self.wanted.name);
        if expr.identifiers().any(|name| self.old_name(&name).is_none()) {
            return None;
        }
        Some(expr.rename_identifiers(|name| self.old_name(name)))
    }

    fn key_columns(&self, columns: &[KeyColumn]) -> Option<Vec<KeyColumn>> {
        let part = |column: &KeyColumn| {
            let own = self.wanted.column(&column.name)?.collation.clone();
            let collation = column.collation.clone().or(own).or(Some("BINARY".to_owned()));
            Some(KeyColumn { name: self.old_name(&column.name)?, descending: false, collation })
        };
        columns.iter().map(part).collect()
    }

    fn keys(&mut self) {
        let primary = self.wanted.primary_key.iter().map(|key| &key.columns);
        let uniques = self.wanted.uniques.iter().map(|unique| &unique.columns);
        let keys: Vec<_> = primary.chain(uniques).filter_map(|columns| self.key_columns(columns)).collect();
        for columns in keys {
            self.keys.extend(columns.iter().map(|part| part.name.clone()));
            let plain = columns.iter().map(|part| KeyColumn::new(part.name.clone())).collect();
            self.table.uniques.push(Unique { name: None, columns: plain });
            self.table.uniques.push(Unique { name: None, columns });
        }
    }

    fn unique_indexes(&mut self) {
        for (at, index) in self.wanted.indexes.iter().enumerate().filter(|(_, index)| index.unique) {
            let columns = index.columns.iter().map(|part| {
                let mut part = part.clone();
                part.term = match &part.term {
                    IndexTerm::Column(name) => {
                        let own = self.wanted.column(name)?.collation.clone();
                        part.collation = part.collation.or(own).or(Some("BINARY".to_owned()));
                        IndexTerm::Column(self.old_name(name)?)
                    }
                    IndexTerm::Expr(expr) => IndexTerm::Expr(self.old_expr(expr)?),
                };
                Some(part)
            });
            let Some(columns) = columns.collect::<Option<Vec<_>>>() else { continue };
            // What the predicate leaves out only makes the demand stronger than it must be.
            for part in &columns {
                match &part.term {
                    IndexTerm::Column(name) => self.keys.extend([name.clone()]),
                    IndexTerm::Expr(expr) => self.keys.extend(expr.identifiers()),
                }
            }
            let name = format!("meet {at} {}", self.table.name);
            self.table.indexes.push(Index { name, columns, unique: true, predicate: None });
        }
    }

    fn demand(&mut self, expr: &str) {
        self.table.checks.push(Check { name: None, expr: SqlExpr::new(expr) });
    }

    fn checks(&mut self) {
        for check in &self.wanted.checks {
            let enumerated = self.shared.iter().find(|pair| {
                matches!(pair.after.form, StoredForm::TextEnum(_)) && check.expr.mentions(&pair.after.name)
            });
            let demand = match enumerated.map(|pair| (&pair.before.name, &pair.after.form)) {
                Some((name, StoredForm::TextEnum(variants))) => {
                    let old = variants
                        .iter()
                        .map(|variant| variant.renamed_from.as_ref().unwrap_or(&variant.value));
                    let old: Vec<String> = old.map(|value| quote_text(value)).collect();
                    Some(SqlExpr::new(&format!("{} IN ({})", quote_identifier(name), old.join(", "))))
                }
                _ => self.old_expr(&check.expr),
            };
            if let Some(expr) = demand {
                self.keys.extend(expr.identifiers());
                self.table.checks.push(Check { name: None, expr });
            }
        }
    }

    /// A STRICT table demands values of the declared types.
    fn storage(&mut self) {
        if !self.wanted.strict {
            return;
        }
        let demands: Vec<String> = (self.shared.iter())
            .filter(|pair| !pair.is_converted())
            .filter_map(|pair| {
                let classes = match pair.after.column_type.as_str() {
                    "INT" | "INTEGER" => "'integer'",
                    "REAL" => "'real'",
                    "TEXT" => "'text'",
                    "BLOB" => "'blob'",
                    _ => return None,
                };
                Some(format!("typeof({}) IN ({classes}, 'null')", quote_identifier(&pair.before.name)))
            })
            .collect();
        demands.iter().for_each(|demand| self.demand(demand));
    }

    fn foreign_keys(&mut self, before: &Schema, after: &Schema, renames: &Renames) {
        for key in &self.wanted.foreign_keys {
            let own: Option<Vec<String>> = key.columns.iter().map(|name| self.old_name(name)).collect();
            // New columns are empty in old rows, so nothing is demanded of them.
            let Some(columns) = own else { continue };
            self.keys.extend(columns.iter().cloned());
            match old_target(key, before, after, renames) {
                Some((referenced_table, referenced_columns)) => self.table.foreign_keys.push(ForeignKey {
                    columns,
                    referenced_table,
                    referenced_columns,
                    ..ForeignKey::default()
                }),
                None => {
                    let nothing: Vec<String> =
                        columns.iter().map(|name| format!("{} IS NULL", quote_identifier(name))).collect();
                    self.demand(&nothing.join(" AND "));
                }
            }
        }
    }

    /// Values that something depends on must survive their conversion, and a NULL may not become the default.
    fn survival(&mut self) {
        let mut demands = Vec::new();
        for pair in &self.shared {
            let name = quote_identifier(&pair.before.name);
            let in_key = self.keys.contains(&pair.before.name);
            let is_alias = self.wanted.rowid_alias() == Some(pair.after.name.as_str());
            if is_alias || !pair.after.nullable && (in_key || !has_filling(pair.after)) {
                demands.push(format!("{name} IS NOT NULL"));
            }
            if !in_key {
                continue;
            }
            if pair.is_converted() && !pair.means_the_same() {
                let new_type = pair.after.column_type.as_str();
                demands.push(format!(
                    "{name} IS NULL OR CAST(CAST({name} AS {new_type}) AS {}) = {name}",
                    pair.before.column_type
                ));
            }
        }
        let generated = self.wanted.columns.iter().filter(|column| !column.nullable);
        let generated = generated.filter_map(|column| self.old_expr(&column.generated.as_ref()?.expr));
        demands.extend(generated.map(|expr| format!("({expr}) IS NOT NULL")));
        for demand in &demands {
            self.demand(demand);
        }
    }
}

/// Whether a NULL of before becomes something else when the column is NOT NULL.
fn has_filling(column: &Column) -> bool {
    let has_default = column.default.as_ref().is_some_and(|default| *default != DefaultValue::Null);
    has_default || column.backfill.is_some()
}

/// Returns what a wanted foreign key refers to, by its present names; `None` when that is new.
fn old_target(
    key: &ForeignKey,
    before: &Schema,
    after: &Schema,
    renames: &Renames,
) -> Option<(String, Vec<String>)> {
    let parent = after.table(&key.referenced_table)?;
    let old_parent = before.table(&renames.old_table(&parent.name))?;
    counterpart(old_parent, after, renames).filter(|table| table.name == parent.name)?;
    let shared = shared_columns(old_parent, parent, renames);
    let mut names = key.referenced_columns.clone();
    if names.is_empty() {
        names =
            parent.primary_key.iter().flat_map(|key| &key.columns).map(|part| part.name.clone()).collect();
    }
    let old = |name: &String| {
        shared
            .iter()
            .find(|pair| pair.after.name.eq_ignore_ascii_case(name))
            .map(|pair| pair.before.name.clone())
    };
    Some((old_parent.name.clone(), names.iter().map(old).collect::<Option<Vec<_>>>()?))
}

/// Makes a database of the present schema with rows that both schemas can hold.
pub(crate) fn database_with_rows(
    before: &Schema,
    after: &Schema,
    renames: &Renames,
    seed: u64,
) -> Result<seedbed::Connection, Box<dyn std::error::Error>> {
    let target = seedbed::Connection::open_in_memory()?;
    for statement in create_statements(before) {
        target.execute_batch(&statement)?;
    }
    put_rows(target.rusqlite(), before, after, renames, seed)?;
    Ok(target)
}

/// Puts rows that both schemas can hold into a database of the present one.
pub(crate) fn put_rows(
    target: &Connection,
    before: &Schema,
    after: &Schema,
    renames: &Renames,
    seed: u64,
) -> Result<(), Box<dyn std::error::Error>> {
    let meeting = meet(before, after, renames);
    let source = database(&meeting)?;
    seedbed::rows::fill(&source, &meeting, None, 5, seed)?;
    target.execute_batch("PRAGMA foreign_keys = OFF; BEGIN")?;
    for table in &before.tables {
        copy(table, &source, target)?;
    }
    Ok(target.execute_batch("COMMIT; PRAGMA foreign_keys = ON")?)
}

fn copy(table: &Table, source: &Connection, target: &Connection) -> rusqlite::Result<()> {
    let stored = table.columns.iter().filter(|column| column.generated.is_none());
    let mut names: Vec<String> = stored.map(|column| quote_identifier(&column.name)).collect();
    let mut values = names.clone();
    if !table.without_rowid && table.rowid_alias().is_none() {
        names.push("rowid".to_owned());
        // Gaps, so that rowids that are made anew are noticed.
        values.push("rowid * 3 + 5".to_owned());
    }
    let name = quote_identifier(&table.name);
    let mut select = source.prepare(&format!("SELECT {} FROM {name}", values.join(", ")))?;
    let places = vec!["?"; names.len()].join(", ");
    let mut insert =
        target.prepare(&format!("INSERT OR IGNORE INTO {name} ({}) VALUES ({places})", names.join(", ")))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..names.len()).map(|at| row.get(at)).collect::<Result<_, _>>()?;
        insert.execute(rusqlite::params_from_iter(values))?;
    }
    Ok(())
}
