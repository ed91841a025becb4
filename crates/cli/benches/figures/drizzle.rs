//! The same work done by drizzle-kit, where it is installed.
//!
//! The TypeScript schema is written from our own snapshot, so that both tools see the same tables.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seedbed_schema::model::{Affinity, Column, Schema, Table};
use seedbed_schema::snapshot;

use crate::measure::Plan;
use crate::{Figure, figure, large_schema, prepare, seedbed, sprouts_migrations, text};

/// Measures drizzle-kit from `install`, a folder with a `node_modules`.
pub(crate) fn figures(install: &Path, folder: &Path) -> Vec<Figure> {
    let kit = install.join("node_modules/.bin/drizzle-kit");
    assert!(kit.is_file(), "DRIZZLE_KIT: there is no {}", kit.display());
    let sprout = newest_schema(&sprouts_migrations(&folder.join("sprout")));
    let project = install.join(format!("seedbed-figures-{}", std::process::id()));
    let mut figures = Vec::new();

    let unchanged = Project::new(&project.join("sprout"), &kit, &sprout);
    unchanged.generate("out");
    figures.push(figure(
        "drizzle-kit generate, Sprout's schema, nothing changed",
        &unchanged.plan("out"),
        None,
        None,
    ));
    let fresh = unchanged.folder.join("fresh");
    let scratch = unchanged.plan("fresh").removing(&fresh);
    figures.push(figure("drizzle-kit generate, Sprout's schema, from scratch", &scratch, None, None));
    unchanged.has_migrations("out", 1);
    unchanged.has_migrations("fresh", 1);

    let (before, after) = large_schemas(folder);
    let large = Project::new(&project.join("large"), &kit, &before);
    large.generate("before");
    fs::write(large.folder.join("schema.ts"), typescript(&after)).expect("DRIZZLE_KIT takes files");
    let plan = large.plan("after").restoring(&large.folder.join("before"), &large.folder.join("after"));
    figures.push(figure("drizzle-kit generate, one column of 1000 tables", &plan, None, None));
    large.has_migrations("after", 2);
    let _ = fs::remove_dir_all(project);
    figures
}

/// A project of drizzle-kit.
struct Project {
    folder: PathBuf,
    kit: String,
}

impl Project {
    fn new(folder: &Path, kit: &Path, schema: &Schema) -> Self {
        fs::create_dir_all(folder).expect("DRIZZLE_KIT takes files");
        fs::write(folder.join("schema.ts"), typescript(schema)).expect("DRIZZLE_KIT takes files");
        Self { folder: folder.to_owned(), kit: text(kit) }
    }

    fn words(&self, out: &str) -> Vec<String> {
        let words = ["generate", "--dialect", "sqlite", "--schema", "schema.ts", "--out", out];
        [self.kit.as_str()].into_iter().chain(words).map(str::to_owned).collect()
    }

    /// Generates once. The exit code of drizzle-kit says nothing, so what it wrote is looked at.
    fn generate(&self, out: &str) {
        let words = self.words(out);
        let output = Command::new(&words[0]).args(&words[1..]).current_dir(&self.folder).output();
        let output = output.expect("drizzle-kit runs");
        let is_written = self.folder.join(out).join("meta/_journal.json").is_file();
        assert!(is_written, "drizzle-kit: {}{}", text_of(&output.stdout), text_of(&output.stderr));
    }

    fn plan(&self, out: &str) -> Plan {
        let words = self.words(out);
        Plan::new(&words.iter().map(String::as_str).collect::<Vec<_>>()).within(&self.folder)
    }

    /// Checks that so many migrations came about, since a failing drizzle-kit is quick and exits with 0.
    fn has_migrations(&self, out: &str, count: usize) {
        let entries = fs::read_dir(self.folder.join(out)).expect("drizzle-kit wrote a folder");
        let files = entries.filter_map(|entry| Some(text(&entry.ok()?.path())));
        assert_eq!(
            files.filter(|file| file.ends_with(".sql")).count(),
            count,
            "migrations of drizzle-kit in {out}"
        );
    }
}

/// Returns the schema of the newest snapshot of a migrations folder.
pub(crate) fn newest_schema(migrations: &Path) -> Schema {
    let entries = fs::read_dir(migrations.join("meta")).expect("the folder has snapshots");
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| text(path).ends_with("_snapshot.json"));
    let newest = paths.into_iter().max().expect("the folder has snapshots");
    let source = fs::read_to_string(newest).expect("the snapshot can be read");
    snapshot::parse(&source).expect("the snapshot is one of ours").schema
}

/// Returns the schema of a thousand tables before and after the change of a column.
fn large_schemas(folder: &Path) -> (Schema, Schema) {
    let schema_of = |changed: bool| {
        let project = folder.join(format!("drizzle-large-{changed}"));
        fs::create_dir_all(&project).expect("the target folder takes files");
        let (schema, out) = (project.join("schema.rs"), project.join("out"));
        fs::write(&schema, large_schema::render(1000, changed)).expect("the target folder takes files");
        prepare(Command::new(seedbed()).args(["generate", "--schema", &text(&schema), "--out", &text(&out)]));
        newest_schema(&out)
    };
    (schema_of(false), schema_of(true))
}

fn typescript(schema: &Schema) -> String {
    let mut source = String::from(
        "import { sql } from 'drizzle-orm';\nimport { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';\n",
    );
    for table in &schema.tables {
        let _ = writeln!(source, "export const {} = sqliteTable('{}', {{", table.name, table.name);
        for column in &table.columns {
            let _ = writeln!(source, "  {}: {},", column.name, typescript_column(table, column));
        }
        source.push_str("}, (t) => [\n");
        for index in &table.indexes {
            let columns = index.columns.iter().filter_map(|column| match &column.term {
                seedbed_schema::model::IndexTerm::Column(name) => Some(format!("t.{name}")),
                seedbed_schema::model::IndexTerm::Expr(_) => None,
            });
            let _ =
                writeln!(source, "  index('{}').on({}),", index.name, columns.collect::<Vec<_>>().join(", "));
        }
        source.push_str("]);\n");
    }
    source
}

fn typescript_column(table: &Table, column: &Column) -> String {
    let mut text = match column.column_type.affinity() {
        Affinity::Integer => format!("integer('{}')", column.name),
        Affinity::Real => format!("real('{}')", column.name),
        _ => format!("text('{}')", column.name),
    };
    let is_key = table
        .primary_key
        .as_ref()
        .is_some_and(|key| key.columns.len() == 1 && key.columns[0].name == column.name);
    if is_key {
        text.push_str(".primaryKey()");
    }
    if !column.nullable {
        text.push_str(".notNull()");
    }
    if column.default.is_some() {
        text.push_str(".default(sql`0`)");
    }
    for key in table.foreign_keys.iter().filter(|key| key.columns == [column.name.clone()]) {
        if let [at] = key.referenced_columns.as_slice() {
            let _ = write!(
                text,
                ".references((): any => {}.{at}, {{ onDelete: 'cascade' }})",
                key.referenced_table
            );
        }
    }
    text
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
