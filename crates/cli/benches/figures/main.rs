//! The figures for speed and memory: whole processes, release, medians.
//!
//! `benches/seedbed.sh` runs it. Every figure has its limit beside it, and the run fails when one is passed. Where
//! `DRIZZLE_KIT` names a folder with drizzle-kit and drizzle-orm installed (`npm install drizzle-kit@0.31 drizzle-orm`),
//! the same work is measured there, too. `--build` adds the clean debug build of the library, which takes a minute.
//! `--only NAME` measures one group of figures. `folder DIR [COUNT]` measures nothing: it writes the project with a long
//! history that other figures are about.

#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

mod drizzle;
mod large_schema;
mod long_folder;
mod measure;
mod rebuild;
mod sprout;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Measured, Plan};
use seedbed_schema::model::Schema;

const MIB: f64 = 1024.0 * 1024.0;

/// How long the long history is.
const MIGRATIONS: usize = 500;

/// Figures that are measured together, in a folder of their own.
type Group = fn(&Path) -> Vec<Figure>;

/// What is measured, by the names that `--only` takes.
const GROUPS: [(&str, Group); 6] = [
    ("generate", sprouts_schema),
    ("tables", thousand_tables),
    ("sources", thousand_tables_of_sql),
    ("history", long_history),
    ("rebuild", rebuild::figures),
    ("sprout", |folder| vec![sprout::from_exec_to_healthy(folder)]),
];

/// One measured figure and what it may be.
struct Figure {
    name: String,
    measured: Measured,
    limit_ms: Option<f64>,
    limit_mib: Option<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|argument| argument == "measure") {
        return measure::child(&arguments[1..]);
    }
    if arguments.first().is_some_and(|argument| argument == "bare-rebuild") {
        return rebuild::bare(&arguments[1..]);
    }
    if let [word, folder, count @ ..] = arguments.as_slice()
        && word == "folder"
    {
        let count = count.first().map_or(MIGRATIONS, |count| count.parse().expect("COUNT is a number"));
        return long_folder::write(Path::new(folder), &sprouts_newest_schema(), count);
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder takes files");

    // What the build wrote goes to the disk first, or every fsync that is measured would wait for it.
    prepare(&mut Command::new("sync"));
    let only = arguments.iter().skip_while(|argument| *argument != "--only").nth(1);
    let is_wanted = |name: &str| only.is_none_or(|only| only == name);
    let mut figures = Vec::new();
    for (name, measure) in GROUPS {
        if is_wanted(name) {
            figures.extend(measure(&folder));
        }
    }
    if arguments.iter().any(|argument| argument == "--build") {
        figures.push(clean_build(&folder));
    }
    if let Some(drizzle_kit) = std::env::var_os("DRIZZLE_KIT") {
        figures.extend(drizzle::figures(&PathBuf::from(drizzle_kit), &folder));
    }
    let _ = fs::remove_dir_all(&folder);
    std::process::exit(i32::from(!print(&figures)));
}

/// Prints the table; `false` when a limit was passed.
fn print(figures: &[Figure]) -> bool {
    println!("{:<58} {:>9} {:>9} {:>9}  limit", "median of whole processes", "wall ms", "CPU ms", "MiB");
    let mut all_hold = true;
    for figure in figures {
        let measured = &figure.measured;
        let wall_holds = figure.limit_ms.is_none_or(|limit| measured.limited_ms() <= limit);
        let memory_holds =
            figure.limit_mib.is_none_or(|limit| measured.mib.is_nan() || measured.mib <= limit);
        let limits = [
            figure.limit_ms.map(|limit| format!("{limit:.0} {}", measured.limited_unit())),
            figure.limit_mib.map(|limit| format!("{limit:.1} MiB")),
        ];
        let limits = limits.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mark = if wall_holds && memory_holds { "" } else { "  TOO MUCH" };
        let shown = |figure: f64| if figure.is_nan() { "-".to_owned() } else { format!("{figure:.1}") };
        println!(
            "{:<58} {:>9} {:>9} {:>9}  {limits}{mark}",
            figure.name,
            shown(measured.wall_ms),
            shown(measured.cpu_ms),
            shown(measured.mib)
        );
        all_hold &= wall_holds && memory_holds;
    }
    all_hold
}

fn seedbed() -> &'static str {
    env!("CARGO_BIN_EXE_seedbed")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate is two folders deep")
        .to_owned()
}

fn text(path: &Path) -> String {
    path.to_str().expect("the repository's path is UTF-8").to_owned()
}

/// Runs a command that only prepares; it has to succeed.
fn prepare(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Copies Sprout's schema and migrations, so that nothing in the repository is touched.
fn sprouts_schema(folder: &Path) -> Vec<Figure> {
    let project = folder.join("sprout");
    measure::copy(&repository().join("sprout/src/schema.rs"), &project.join("src/schema.rs"));
    measure::copy(&repository().join("sprout/migrations"), &project.join("migrations"));
    let (schema, out) = (text(&project.join("src/schema.rs")), text(&sprouts_migrations(&project)));
    let unchanged = Plan::new(&[seedbed(), "generate", "--schema", &schema, "--out", &out]);
    let fresh = project.join("fresh");
    let scratch =
        Plan::new(&[seedbed(), "generate", "--schema", &schema, "--out", &text(&fresh)]).removing(&fresh);
    let database = project.join("fresh.db");
    let migrate = Plan::new(&[seedbed(), "migrate", "--out", &out, "--url", &text(&database)])
        .removing_database(&database);
    vec![
        figure("generate, Sprout's schema, nothing changed", &unchanged, Some(10.0), Some(15.0)),
        figure("generate, Sprout's schema, from scratch", &scratch, Some(20.0), None),
        figure("migrate, Sprout's migrations, new file", &migrate, Some(25.0), None),
    ]
}

/// Returns the folder of Sprout's migrations: the one below `migrations` that has a journal.
fn sprouts_migrations(project: &Path) -> PathBuf {
    let root = project.join("migrations");
    let candidates = [root.join("sqlite"), root];
    let found = candidates.into_iter().find(|folder| folder.join("meta/_journal.json").is_file());
    found.expect("Sprout's migrations have a journal")
}

/// Returns the schema of Sprout's newest snapshot.
fn sprouts_newest_schema() -> Schema {
    drizzle::newest_schema(&sprouts_migrations(&repository().join("sprout")))
}

/// A project of five hundred migrations.
fn long_history(folder: &Path) -> Vec<Figure> {
    let project = folder.join("long-history");
    long_folder::write(&project, &sprouts_newest_schema(), MIGRATIONS);
    let bytes = long_folder::apparent_bytes(&project.join("migrations"));
    let size = Figure {
        name: format!("the folder of {MIGRATIONS} migrations, MiB of files"),
        measured: Measured { wall_ms: f64::NAN, cpu_ms: f64::NAN, mib: bytes as f64 / MIB, by_cpu: false },
        limit_ms: None,
        limit_mib: Some(6e6 / MIB),
    };
    let database = project.join("app.db");
    let config = text(&project.join("seedbed.toml"));
    let migrate =
        Plan::new(&[seedbed(), "migrate", "--config", &config]).removing_database(&database).times(3);
    let migrate = figure(&format!("migrate, {MIGRATIONS} migrations, new file"), &migrate, None, None);
    // The last of those runs left its database.
    let status = Plan::new(&[seedbed(), "status", "--config", &config]);
    let status = figure(&format!("status, {MIGRATIONS} migrations applied"), &status, Some(60.0), None);
    let check = Plan::new(&[seedbed(), "check", "--config", &config]).times(5);
    let check =
        figure(&format!("check, {MIGRATIONS} migrations, there and back"), &check, Some(1500.0), None);
    vec![size, migrate, status, check]
}

/// A change of one column in growing schemas, beside what SQLite itself takes to make them.
fn thousand_tables(folder: &Path) -> Vec<Figure> {
    let mut figures = Vec::new();
    for tables in [250, 500, 1000, 2000] {
        let project = folder.join(format!("large-{tables}"));
        fs::create_dir_all(&project).expect("the target folder takes files");
        let (schema, before) = (project.join("schema.rs"), project.join("before"));
        fs::write(&schema, large_schema::render(tables, false)).expect("the target folder takes files");
        prepare(Command::new(seedbed()).args([
            "generate",
            "--schema",
            &text(&schema),
            "--out",
            &text(&before),
        ]));
        fs::write(&schema, large_schema::render(tables, true)).expect("the target folder takes files");
        let after = project.join("after");
        let plan = Plan::new(&[seedbed(), "generate", "--schema", &text(&schema), "--out", &text(&after)])
            .restoring(&before, &after);
        let limit = (tables == 1000).then_some(150.0);
        figures.push(figure(&format!("generate, one column of {tables} tables"), &plan, limit, None));
    }
    figures
}

/// What `diff` needs for two files of SQL, which it runs in memory, and what `export` needs to draw one.
fn thousand_tables_of_sql(folder: &Path) -> Vec<Figure> {
    let (before, after) = (folder.join("before.sql"), folder.join("after.sql"));
    fs::write(&before, large_schema::render_sql(1000, false)).expect("the target folder takes files");
    fs::write(&after, large_schema::render_sql(1000, true)).expect("the target folder takes files");
    let (before, after) = (text(&before), text(&after));
    let diff = Plan::new(&[seedbed(), "diff", "--from", &before, "--to", &after]);
    let export = Plan::new(&[seedbed(), "export", "--from", &before, "--as", "svg"]);
    vec![
        figure("diff, two files of SQL with 1000 tables", &diff, Some(1000.0), None),
        figure("export, a picture of 1000 tables", &export, Some(2000.0), None),
    ]
}

/// Builds the library from nothing.
fn clean_build(folder: &Path) -> Figure {
    let target = folder.join("target");
    let manifest = text(&repository().join("Cargo.toml"));
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let plan = Plan::new(&[
        &cargo,
        "build",
        "--quiet",
        "--locked",
        "-p",
        "seedbed",
        "--manifest-path",
        &manifest,
        "--target-dir",
        &text(&target),
    ]);
    let mut figure = figure(
        "a clean debug build of the library",
        &plan.removing(&target).once().by_cpu(),
        Some(45_000.0),
        None,
    );
    figure.measured.mib = f64::NAN;
    figure
}

fn figure(name: &str, plan: &Plan, limit_ms: Option<f64>, limit_mib: Option<f64>) -> Figure {
    Figure { name: name.to_owned(), measured: plan.run(), limit_ms, limit_mib }
}
