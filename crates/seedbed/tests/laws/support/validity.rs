//! Keeps a schema valid after an edit: what hangs on something that is gone goes too.
//!
//! The generator, the edits and the shrinking of failures all end here, so each of them can be careless.

use std::collections::BTreeSet;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use seedbed_schema::model::{IndexTerm, Schema, Table};
use seedbed_schema::plan::create_statements;
use seedbed_schema::sql::{SqlExpr, quote_identifier};

const STRICT_TYPES: [&str; 6] = ["TEXT", "INTEGER", "INT", "REAL", "BLOB", "ANY"];

/// Returns the column lists of a table that a foreign key can refer to.
pub(crate) fn target_keys(table: &Table) -> Vec<Vec<String>> {
    let primary = table.primary_key.iter().map(|key| &key.columns);
    let uniques = table.uniques.iter().map(|unique| &unique.columns);
    let constraints = primary
        .chain(uniques)
        .filter(|columns| columns.iter().all(|column| column.collation.is_none()))
        .map(|columns| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>());
    let indexes = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
    let indexes = indexes.filter_map(|index| {
        let name = |term: &IndexTerm| match term {
            IndexTerm::Column(name) => Some(name.clone()),
            IndexTerm::Expr(_) => None,
        };
        index.columns.iter().map(|part| name(&part.term).filter(|_| part.collation.is_none())).collect()
    });
    let is_ordinary = |name: &String| table.column(name).is_some_and(|column| column.generated.is_none());
    constraints.chain(indexes).filter(|key: &Vec<String>| key.iter().all(is_ordinary)).collect()
}

/// Removes what is not valid.
pub(crate) fn keep_valid(schema: &mut Schema) {
    schema.tables.iter_mut().for_each(keep_table_valid);
    schema.tables.retain(|table| table.columns.iter().any(|column| column.generated.is_none()));
    let whole = schema.clone();
    for table in &mut schema.tables {
        let columns = table.columns.clone();
        table.foreign_keys.retain(|key| {
            let Some(parent) = whole.table(&key.referenced_table) else { return false };
            let primary =
                parent.primary_key.iter().flat_map(|key| &key.columns).map(|part| part.name.clone());
            let referenced = match key.referenced_columns.is_empty() {
                true => primary.collect(),
                false => key.referenced_columns.clone(),
            };
            let same_type = key.columns.iter().zip(&referenced).all(|(own, theirs)| {
                let own = columns.iter().find(|column| column.name.eq_ignore_ascii_case(own));
                own.zip(parent.column(theirs))
                    .is_some_and(|(own, theirs)| own.column_type == theirs.column_type)
            });
            let is_key = target_keys(parent).iter().any(|target| {
                let target: BTreeSet<String> = target.iter().map(|name| name.to_lowercase()).collect();
                target == referenced.iter().map(|name| name.to_lowercase()).collect()
            });
            same_type && is_key && key.columns.len() == referenced.len()
        });
        let mut seen = BTreeSet::new();
        table.foreign_keys.retain(|key| seen.insert(key.columns.clone()));
    }
}

fn keep_table_valid(table: &mut Table) {
    let ordinary: BTreeSet<String> = (table.columns.iter())
        .filter(|column| column.generated.is_none())
        .map(|column| column.name.to_lowercase())
        .collect();
    let over = |expr: &SqlExpr, names: &BTreeSet<String>, table: &str| {
        let known = |name: String| names.contains(&name.to_lowercase());
        expr.without_qualifier(table).identifiers().all(known)
    };
    let name = table.name.clone();
    table.columns.retain(|column| {
        column.generated.as_ref().is_none_or(|generated| over(&generated.expr, &ordinary, &name))
    });
    if table.strict
        && !table
            .columns
            .iter()
            .all(|column| STRICT_TYPES.contains(&column.column_type.as_str().to_ascii_uppercase().as_str()))
    {
        table.strict = false;
    }
    let all: BTreeSet<String> = table.columns.iter().map(|column| column.name.to_lowercase()).collect();
    if let Some(key) = &mut table.primary_key {
        key.columns.retain(|part| ordinary.contains(&part.name.to_lowercase()));
    }
    table.primary_key = table.primary_key.take().filter(|key| !key.columns.is_empty());
    let alias = table.rowid_alias().map(str::to_owned);
    if let Some(key) = &mut table.primary_key {
        key.autoincrement &= alias.is_some();
        for column in &mut table.columns {
            if key.columns.iter().any(|part| part.name.eq_ignore_ascii_case(&column.name)) {
                column.nullable = false;
            }
        }
        // How an INTEGER key in descending order is read depends on where it is written.
        if let [only] = key.columns.as_mut_slice() {
            only.descending = false;
        }
    }
    let rowid_key = table.primary_key.as_ref().is_some_and(|key| !key.autoincrement);
    table.without_rowid &= rowid_key;
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    if let Some(key) = &table.primary_key {
        seen.insert(key.columns.iter().map(|part| part.name.to_lowercase()).collect());
    }
    table.uniques.retain(|unique| {
        let names: Vec<String> = unique.columns.iter().map(|part| part.name.to_lowercase()).collect();
        names.iter().all(|name| ordinary.contains(name)) && seen.insert(names)
    });
    table.checks.retain(|check| over(&check.expr, &ordinary, &name));
    table.indexes.retain(|index| {
        let terms = index.columns.iter().all(|part| match &part.term {
            IndexTerm::Column(column) => all.contains(&column.to_lowercase()),
            IndexTerm::Expr(expr) => over(expr, &all, &name),
        });
        terms && index.predicate.as_ref().is_none_or(|predicate| over(predicate, &all, &name))
    });
    table.foreign_keys.retain(|key| key.columns.iter().all(|name| ordinary.contains(&name.to_lowercase())));
}

/// Removes views that do not compile, in SQLite's judgement.
pub(crate) fn drop_broken_views(schema: &mut Schema) {
    let views = std::mem::take(&mut schema.views);
    if views.is_empty() {
        return;
    }
    let connection = database(schema).expect("the tables of a generated schema are valid");
    // A view may read another one, so what fails now is tried again when others are there.
    let mut open = views;
    loop {
        let before = open.len();
        open.retain(|view| {
            let name = quote_identifier(&view.name);
            let only_this = Schema { views: vec![view.clone()], ..Schema::default() };
            let made = create_statements(&only_this).iter().all(|sql| connection.execute_batch(sql).is_ok());
            if made && connection.prepare(&format!("SELECT * FROM {name}")).is_ok() {
                schema.views.push(view.clone());
                return false;
            }
            connection.execute_batch(&format!("DROP VIEW IF EXISTS {name}")).expect("a view can be dropped");
            true
        });
        if open.len() == before {
            break;
        }
    }
}

/// Opens a database the way the toolkit does: foreign keys are enforced, and a name in double quotes is no text.
pub(crate) fn empty_database() -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.execute_batch("PRAGMA foreign_keys = ON")?;
    Ok(connection)
}

/// Makes an empty database of the schema.
pub(crate) fn database(schema: &Schema) -> rusqlite::Result<Connection> {
    let connection = empty_database()?;
    for statement in create_statements(schema) {
        if let Err(error) = connection.execute_batch(&statement) {
            panic!("{error}\n{statement}");
        }
    }
    Ok(connection)
}
