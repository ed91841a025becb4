//! A project with a long history: a migrations folder of any length for a schema of Sprout's size.
//!
//! It starts with Sprout's tables and goes on in small evolutions of every kind that projects have: columns and indexes
//! that come and go, renames, tables, constraints, rebuilds. Ten of them lead back to where they started, so the schema
//! keeps its size however long the folder gets. The files are those that `generate` would write; they are written
//! without its proof, which would replay the folder for each. The same length gives the same bytes.

use std::fs;
use std::path::Path;

use seedbed_schema::diff::{Renames, diff, migration_name};
use seedbed_schema::journal::{self, Journal};
use seedbed_schema::model::{
    Check, Column, ColumnType, DefaultValue, Dialect, ForeignKey, Index, IndexColumn, IndexTerm, KeyColumn,
    PrimaryKey, Schema, Table,
};
use seedbed_schema::naming;
use seedbed_schema::plan::{Direction, Plan, PlanOptions, plan};
use seedbed_schema::snapshot::{self, Snapshot};
use seedbed_schema::sql::SqlExpr;

/// When the first migration is said to have been made; each is an hour later than the one before.
const FIRST: i64 = 1_735_689_600_000;
const HOUR: i64 = 3_600_000;

/// Writes a project: `seedbed.toml`, which names `app.db`, and a folder `migrations` of so many migrations.
pub(crate) fn write(project: &Path, start: &Schema, migrations: usize) {
    let folder = project.join("migrations");
    fs::create_dir_all(folder.join("meta")).expect("the folder takes files");
    let settings = "dialect = \"sqlite\"\nout = \"migrations\"\nurl = \"app.db\"\n";
    put(&project.join("seedbed.toml"), settings);

    let mut journal = Journal::new(Dialect::Sqlite);
    let (mut schema, mut previous) = (Schema::default(), None);
    for number in 0..migrations {
        let (wanted, renames) = match number.checked_sub(1) {
            None => (start.clone(), Renames::default()),
            Some(evolution) => evolved(&schema, evolution, start.tables.len()),
        };
        let difference = diff(&schema, &wanted, &renames.nothing_else()).expect("the renames fit");
        let up = planned(plan(&difference, &PlanOptions::default()));
        let reverse = difference.reverse().expect("a difference can be reversed");
        let options = PlanOptions { direction: Direction::Reverse, ..PlanOptions::default() };
        let down = planned(plan(&reverse, &options));

        let name = migration_name(&difference);
        let tag = naming::next_tag(&journal, &name).expect("a name made from changes is a file's");
        let snapshot = Snapshot::new(Dialect::Sqlite, previous.as_deref(), wanted.clone());
        put(&folder.join(format!("{tag}.sql")), &up.to_sql());
        put(&folder.join(format!("{tag}.down.sql")), &down.to_sql());
        put(&folder.join(format!("meta/{number:04}_snapshot.json")), &snapshot::render(&snapshot));
        let when = FIRST + HOUR * i64::try_from(number).expect("a folder is shorter");
        journal.append(&tag, when);
        (schema, previous) = (wanted, Some(snapshot.id));
    }
    put(&folder.join("meta/_journal.json"), &journal::render(&journal));
}

/// Returns the sizes of all files below a folder, added up.
pub(crate) fn apparent_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let sizes = entries.map(|entry| {
        let entry = entry.expect("the folder can be read");
        let metadata = entry.metadata().expect("a file has a size");
        if metadata.is_dir() { apparent_bytes(&entry.path()) } else { metadata.len() }
    });
    sizes.sum()
}

fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn planned<E: std::fmt::Debug>(plan: Result<Plan, E>) -> Plan {
    plan.expect("an evolution asks nothing")
}

/// Returns the schema after the evolution of that number, and its renames. The first tables are Sprout's, each in turn
/// for ten evolutions.
fn evolved(schema: &Schema, number: usize, tables: usize) -> (Schema, Renames) {
    let mut wanted = schema.clone();
    let mut renames = Renames::default();
    let round = number / 10;
    let at = round % tables;
    let name = wanted.tables[at].name.clone();
    let (note, remark, rank) = (format!("note_{round}"), format!("remark_{round}"), format!("rank_{round}"));
    let (index, check, extra) =
        (format!("{name}_note_{round}_idx"), format!("{name}_rank_{round}"), format!("extras_{round}"));
    let table = &mut wanted.tables[at];
    match number % 10 {
        0 => table.columns.push(Column { nullable: true, ..text(&note) }),
        1 => table.indexes.push(index_over(index, note)),
        2 => {
            rename_column(table, &note, &remark);
            renames = renames.column(&name, &note, &remark);
        }
        3 => table.columns.push(Column {
            name: rank,
            column_type: ColumnType::new("INTEGER"),
            default: Some(DefaultValue::Integer(0)),
            ..Column::default()
        }),
        // SQLite cannot alter a type, so this is a rebuild.
        4 => column_mut(table, &rank).column_type = ColumnType::new("REAL"),
        5 => table
            .checks
            .push(Check { name: Some(check), expr: SqlExpr::new(&format!("{rank} BETWEEN -1000 AND 1000")) }),
        6 => {
            let extra = extra_table(extra, table);
            wanted.tables.push(extra);
        }
        7 => {
            table.checks.retain(|one| one.name.as_ref() != Some(&check));
            table.indexes.retain(|one| one.name != index);
        }
        8 => table.columns.retain(|column| column.name != remark && column.name != rank),
        _ => wanted.tables.retain(|table| table.name != extra),
    }
    (wanted, renames)
}

fn index_over(name: String, column: String) -> Index {
    Index { name, columns: vec![IndexColumn::new(column)], ..Index::default() }
}

fn column_mut<'a>(table: &'a mut Table, name: &str) -> &'a mut Column {
    table.columns.iter_mut().find(|column| column.name == name).expect("it was added before")
}

fn rename_column(table: &mut Table, from: &str, to: &str) {
    column_mut(table, from).name = to.to_owned();
    for part in table.indexes.iter_mut().flat_map(|index| &mut index.columns) {
        if let IndexTerm::Column(name) = &mut part.term
            && name == from
        {
            *name = to.to_owned();
        }
    }
}

fn text(name: &str) -> Column {
    Column { name: name.to_owned(), column_type: ColumnType::new("TEXT"), ..Column::default() }
}

/// A table that refers to another one, with a column of most kinds.
fn extra_table(name: String, parent: &Table) -> Table {
    let key = parent.primary_key.as_ref().expect("Sprout's tables have a key");
    let key_name = key.columns[0].name.clone();
    let key_type = parent.column(&key_name).expect("a key is over columns").column_type.clone();
    let columns = vec![
        Column { column_type: ColumnType::new("INTEGER"), ..text("id") },
        Column { column_type: key_type, ..text("parent_id") },
        text("title"),
        Column { nullable: true, ..text("body") },
        Column { default: Some(DefaultValue::Expr(SqlExpr::new("datetime('now')"))), ..text("created_at") },
    ];
    let parent_key = ForeignKey {
        columns: vec!["parent_id".to_owned()],
        referenced_table: parent.name.clone(),
        referenced_columns: vec![key_name],
        ..ForeignKey::default()
    };
    Table {
        columns,
        primary_key: Some(PrimaryKey { columns: vec![KeyColumn::new("id")], ..PrimaryKey::default() }),
        foreign_keys: vec![parent_key],
        indexes: vec![index_over(format!("{name}_parent_id_idx"), "parent_id".to_owned())],
        name,
        ..Table::default()
    }
}
