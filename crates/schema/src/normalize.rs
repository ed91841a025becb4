//! Brings a schema into the one form that all equal schemas share.
//!
//! A database gives back other words than it was given: SQLite leaves out what is the default, spells types as it was
//! told to, quotes names it rewrote. Everything that makes no difference to the database is levelled here, so that
//! comparing normalised schemas compares meaning. The result is for comparing; SQL is written from the schema as declared.

use crate::model::{
    Affinity, Column, DefaultValue, EnumVariant, ForeignKey, Index, IndexColumn, IndexTerm, KeyColumn,
    Schema, StoredForm, Table, TableIndex, Trigger,
};

/// Returns the schema in its normal form: sorted by name, defaults spelled out or left out the same way everywhere,
/// and without the author's intents (`renamed_from`, `backfill`).
///
/// ```
/// use seedbed_schema::model::{Column, Schema, Table};
/// use seedbed_schema::normalize::normalize;
///
/// let column = |name: &str| Column { name: name.into(), ..Column::default() };
/// let table = |columns| Schema {
///     tables: vec![Table { name: "t".into(), columns, ..Table::default() }],
///     ..Schema::default()
/// };
/// // The order of columns is no difference.
/// assert_eq!(normalize(&table(vec![column("a"), column("b")])), normalize(&table(vec![column("b"), column("a")])));
/// ```
pub fn normalize(schema: &Schema) -> Schema {
    let index = TableIndex::new(schema);
    let tables = schema.tables.iter().map(|table| normalize_table(table, &index)).collect();
    let triggers = schema.triggers.iter().map(normalize_trigger).collect();
    let mut normal = Schema { tables, views: schema.views.clone(), triggers };
    normal.tables.sort_by_key(|table| table.name.to_ascii_lowercase());
    normal.views.sort_by_key(|view| view.name.to_ascii_lowercase());
    normal.triggers.sort_by_key(|trigger| trigger.name.to_ascii_lowercase());
    normal
}

/// Returns the normal form without what only one side can know: the stored forms of columns, which no database
/// tells, and the clauses that no declaration has.
pub fn observable(schema: &Schema) -> Schema {
    let mut normal = normalize(schema);
    for column in normal.tables.iter_mut().flat_map(|table| &mut table.columns) {
        column.form = StoredForm::Plain;
    }
    let lower = |name: &str| name.to_ascii_lowercase();
    let spelling = Spelling { own: &lower, table: &lower, parent_column: &|_, name| lower(name) };
    for table in &mut normal.tables {
        table.unmodelled.clear();
        table.name.make_ascii_lowercase();
        respell(table, &spelling);
    }
    normal.views.iter_mut().for_each(|view| view.name.make_ascii_lowercase());
    for trigger in &mut normal.triggers {
        trigger.name.make_ascii_lowercase();
        trigger.table.make_ascii_lowercase();
    }
    normal
}

/// Gives a table that is wanted the spelling of the names that are there: SQL names that differ in case are the same.
pub(crate) fn spell_as_it_is(wanted: &mut Table, was: &Table, tables: &TableIndex<'_>) {
    wanted.name.clone_from(&was.name);
    let or_as_is = |known: Option<&String>, name: &str| known.map_or_else(|| name.to_owned(), Clone::clone);
    let own = |name: &str| {
        let index =
            || was.indexes.iter().map(|index| &index.name).find(|known| known.eq_ignore_ascii_case(name));
        or_as_is(was.column(name).map(|column| &column.name).or_else(index), name)
    };
    let table = |name: &str| or_as_is(tables.get(name).map(|table| &table.name), name);
    let parent_column = |parent: &str, name: &str| {
        or_as_is(tables.get(parent).and_then(|table| table.column(name)).map(|column| &column.name), name)
    };
    respell(wanted, &Spelling { own: &own, table: &table, parent_column: &parent_column });
}

/// How names are spelled.
struct Spelling<'f> {
    /// A column or an index of the table itself.
    own: &'f dyn Fn(&str) -> String,
    /// A referenced table.
    table: &'f dyn Fn(&str) -> String,
    /// A column of a referenced table, which comes first.
    parent_column: &'f dyn Fn(&str, &str) -> String,
}

/// Spells the names in a table anew, apart from its own.
fn respell(table: &mut Table, spelling: &Spelling<'_>) {
    let own = spelling.own;
    table.columns.iter_mut().for_each(|column| column.name = own(&column.name));
    let keys = table.primary_key.iter_mut().flat_map(|key| &mut key.columns);
    let uniques = table.uniques.iter_mut().flat_map(|unique| &mut unique.columns);
    keys.chain(uniques).for_each(|part| part.name = own(&part.name));
    for key in &mut table.foreign_keys {
        key.columns.iter_mut().for_each(|name| *name = own(name));
        for name in &mut key.referenced_columns {
            *name = (spelling.parent_column)(&key.referenced_table, name);
        }
        key.referenced_table = (spelling.table)(&key.referenced_table);
    }
    for index in &mut table.indexes {
        index.name = own(&index.name);
        for part in &mut index.columns {
            if let IndexTerm::Column(name) = &mut part.term {
                *name = own(name);
            }
        }
    }
}

/// An empty list of referenced columns means the referenced table's primary key.
fn fill_referenced_columns(key: &mut ForeignKey, tables: &TableIndex<'_>) {
    let Some(parent) = tables.get(&key.referenced_table) else { return };
    key.referenced_table.clone_from(&parent.name);
    if key.referenced_columns.is_empty()
        && let Some(primary) = &parent.primary_key
    {
        key.referenced_columns = primary.columns.iter().map(|column| column.name.clone()).collect();
    }
    for name in &mut key.referenced_columns {
        spell_like(parent, name);
    }
}

/// Returns one table in its normal form; `tables` are those that its foreign keys refer to.
pub(crate) fn normalize_table(table: &Table, tables: &TableIndex<'_>) -> Table {
    let mut normal = table.clone();
    normal.renamed_from = None;
    for column in &mut normal.columns {
        normalize_column(column, table);
    }
    if let Some(key) = &mut normal.primary_key {
        key.columns.iter_mut().for_each(|column| normalize_key_column(column, table));
    }
    for unique in &mut normal.uniques {
        unique.columns.iter_mut().for_each(|column| normalize_key_column(column, table));
    }
    for key in &mut normal.foreign_keys {
        fill_referenced_columns(key, tables);
        key.columns.iter_mut().for_each(|name| spell_like(table, name));
    }
    for check in &mut normal.checks {
        check.expr = check.expr.without_qualifier(&table.name);
    }
    for index in &mut normal.indexes {
        normalize_index(index, table);
    }
    normal.columns.sort_by_key(|column| column.name.to_ascii_lowercase());
    normal.uniques.sort_by_cached_key(|unique| (unique.name.clone(), join(&unique.columns)));
    normal.foreign_keys.sort_by_cached_key(|key| {
        (key.columns.clone(), key.referenced_table.clone(), key.referenced_columns.clone(), key.name.clone())
    });
    normal.checks.sort_by_cached_key(|check| (check.name.clone(), check.expr.canonical()));
    normal.indexes.sort_by_key(|index| index.name.to_ascii_lowercase());
    normal
}

/// Returns a trigger in its normal form: BEFORE and FOR EACH ROW are what SQLite takes where nothing is said
/// (<https://www.sqlite.org/lang_createtrigger.html>).
pub(crate) fn normalize_trigger(trigger: &Trigger) -> Trigger {
    Trigger { definition: trigger.definition.without_trigger_defaults(), ..trigger.clone() }
}

fn join(columns: &[KeyColumn]) -> String {
    columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Takes the spelling of the column's declaration; SQL names differ in case without being different.
fn spell_like(table: &Table, name: &mut String) {
    if let Some(column) = table.column(name) {
        name.clone_from(&column.name);
    }
}

fn normalize_column(column: &mut Column, table: &Table) {
    column.backfill = None;
    column.renamed_from = None;
    column.nullable = column.nullable && !is_never_null(column, table);
    column.collation =
        column.collation.as_deref().map(str::to_ascii_uppercase).filter(|name| name != "BINARY");
    column.default = column.default.as_ref().and_then(|default| normalize_default(default, column));
    if let Some(generated) = &mut column.generated {
        generated.expr = generated.expr.without_qualifier(&table.name);
    }
    column.form = normalize_form(&column.form);
}

/// Whether SQLite keeps NULL out of the column without being asked to: the rowid's alias, and key columns of tables
/// that are STRICT or WITHOUT ROWID (<https://www.sqlite.org/lang_createtable.html#the_primary_key>).
pub(crate) fn is_never_null(column: &Column, table: &Table) -> bool {
    let is_alias = table.rowid_alias().is_some_and(|alias| alias.eq_ignore_ascii_case(&column.name));
    let is_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.iter().any(|part| part.name.eq_ignore_ascii_case(&column.name)));
    is_alias || (is_key && (table.strict || table.without_rowid))
}

/// Booleans are numbers, numbers take the column's affinity, and `DEFAULT NULL` is no default.
fn normalize_default(default: &DefaultValue, column: &Column) -> Option<DefaultValue> {
    let affinity = column.column_type.affinity();
    let number = match default {
        DefaultValue::Null => return None,
        DefaultValue::Bool(value) => DefaultValue::Integer(i64::from(*value)),
        other => other.clone(),
    };
    Some(match (number, affinity) {
        (DefaultValue::Integer(value), Affinity::Real) => DefaultValue::Real(value as f64),
        (DefaultValue::Real(value), Affinity::Integer | Affinity::Numeric)
            if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 =>
        {
            DefaultValue::Integer(value as i64)
        }
        (other, _) => other,
    })
}

/// Forms that no conversion leads to or from say nothing about the database.
fn normalize_form(form: &StoredForm) -> StoredForm {
    match form {
        StoredForm::Bool | StoredForm::Json => StoredForm::Plain,
        StoredForm::TextEnum(variants) => StoredForm::TextEnum(
            variants.iter().map(|variant| EnumVariant::from(variant.value.clone())).collect(),
        ),
        other => other.clone(),
    }
}

fn normalize_key_column(column: &mut KeyColumn, table: &Table) {
    spell_like(table, &mut column.name);
    column.collation = own_collation(column.collation.as_deref(), table.column(&column.name));
}

fn normalize_index(index: &mut Index, table: &Table) {
    for part in &mut index.columns {
        normalize_index_column(part, table);
    }
    if let Some(predicate) = &mut index.predicate {
        *predicate = predicate.without_qualifier(&table.name);
    }
}

fn normalize_index_column(part: &mut IndexColumn, table: &Table) {
    match &mut part.term {
        IndexTerm::Column(name) => {
            spell_like(table, name);
            part.collation = own_collation(part.collation.as_deref(), table.column(name));
        }
        IndexTerm::Expr(expr) => *expr = expr.without_qualifier(&table.name),
    }
}

/// A collation that is the column's own anyway is none.
fn own_collation(collation: Option<&str>, column: Option<&Column>) -> Option<String> {
    let wanted = collation?.to_ascii_uppercase();
    let own = column.and_then(|column| column.collation.as_deref()).unwrap_or("BINARY");
    (!wanted.eq_ignore_ascii_case(own)).then_some(wanted)
}
