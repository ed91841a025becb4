//! `seedbed pull`: the Rust file of a database that no migration of ours made, and the migrations that would have.

use std::path::PathBuf;

use seedbed::migrate::{Folder, MigrateOptions, Migrator};
use seedbed::pull::{self, Baseline, Pull};
use seedbed_schema::write::LeftOut;
use serde_json::{Value, json};

use super::generate::now;
use super::paths::{LockArg, OutArg, UrlArg};
use super::running::teller;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::rust_file::RustFile;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Write the Rust structs of a database that is there, and a baseline migration
///
/// The baseline is what would have made the database. It was tried in memory, and the database records it as applied, so
/// that `seedbed generate` and `seedbed migrate` go on from there. Triggers, virtual tables and whatever else Rust source
/// does not say are kept in a migration of their own. Where there are migrations already, only the Rust file is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    url: UrlArg,
    #[command(flatten)]
    out: OutArg,
    /// Write the tables into this Rust file
    #[arg(long, value_name = "PATH")]
    schema: Option<PathBuf>,
    /// Replace the Rust file that is there
    #[arg(long)]
    force: bool,
    /// Write the Rust file alone
    #[arg(long)]
    no_baseline: bool,
    #[command(flatten)]
    lock: LockArg,
}

/// The first comment of the file.
const HEADING: &str = "The tables of the database, as `seedbed pull` found them.\n\n\
    From here on this file is yours: change a struct, run `seedbed generate`, then `seedbed migrate`.";

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: args.schema, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let schema = settings.schema_to_write()?;
    let out = settings.out()?;
    let database = settings.database()?;
    let mut connection = database::open(&settings, &database, Access::Change)?;
    let folder = Folder::new(settings.show(&out.value));
    let migrations = folder.migrations()?;
    let has_migrations = !migrations.is_empty();
    let progress = teller(terminal, &settings);
    let options = MigrateOptions {
        lock_timeout: args.lock.lock_timeout,
        progress: Some(&progress),
        ..MigrateOptions::default()
    };
    let migrator = Migrator::new(folder.clone()).options(options);
    let has_history = migrator.has_history(&connection)?;

    let found = Pull::of(connection.rusqlite(), HEADING)?;
    let file = RustFile::new(&settings, &schema, &found.source)?;
    if file.is_taken() && !args.force {
        file.tell_changes(terminal);
        let message = format!("`{}` is there already, and it is not what would be written", file.shown);
        let hint = "`--force` replaces it; `--schema` writes another file";
        return Err(CliError::new(Kind::Files, message).with_hint(hint));
    }
    let wants_baseline = !args.no_baseline && !has_migrations && !has_history;
    let baseline = if wants_baseline { found.baseline(&file.declared)? } else { Vec::new() };

    file.tell_changes(terminal);
    let mut outcome = Outcome::default();
    let mut files = Vec::new();
    if file.write(terminal)? {
        outcome.line(&file.shown);
        files.push(file.shown.clone());
    }
    pull::write(&folder, &baseline, now()?)?;
    for migration in &baseline {
        for way in ["", ".down"] {
            let shown = folder.path().join(format!("{}{way}.sql", migration.tag)).display().to_string();
            outcome.line(&shown);
            files.push(shown);
        }
    }
    // The folder of a pull that was stopped before the database knew of it.
    let is_unfinished = !has_history && migrations.first().is_some_and(|first| first.tag() == pull::BASELINE);
    if !baseline.is_empty() || is_unfinished {
        migrator.adopt(&mut connection).map_err(|error| {
            CliError::from(error).with_hint(
                "the files are written and the database does not know of them yet: `seedbed adopt` tells it",
            )
        })?;
    }
    tell(terminal, &found.source.left_out, &baseline);
    if is_unfinished {
        terminal
            .say(&format!("{} is there already, and the database records it as applied now", pull::BASELINE));
    } else if wants_baseline {
        let tags: Vec<&str> = baseline.iter().map(|migration| migration.tag.as_str()).collect();
        terminal.say(&format!(
            "{}: {}, which the database records as applied",
            terminal.paint(Style::Good, "baseline"),
            tags.join(", ")
        ));
    } else if !args.no_baseline {
        let why = if has_migrations {
            "there are migrations already"
        } else {
            "the database has a history already"
        };
        terminal.say(&format!("no baseline is written: {why}"));
    }
    outcome.field("schema", file.shown.as_str());
    outcome.field("files", files);
    outcome.field("tables", file.declared.tables.len());
    outcome.field("views", file.declared.views.len());
    outcome.field("left_out", found.source.left_out.iter().map(left_out_json).collect::<Vec<_>>());
    let tags = baseline.iter().map(|migration| Value::from(migration.tag.as_str()));
    outcome.field("migrations", tags.collect::<Vec<_>>());
    Ok(outcome)
}

/// Names what Rust source does not say, and where it is kept.
fn tell(terminal: &Terminal, left_out: &[LeftOut], baseline: &[Baseline]) {
    let warning = terminal.paint(Style::Warning, "not in Rust");
    for it in left_out {
        terminal.say(&format!("{warning}: {it}"));
    }
    for broken in baseline.iter().flat_map(|migration| &migration.broken) {
        terminal.say(&format!(
            "{}: {broken}",
            terminal.paint(Style::Warning, "does not work, and is in no file")
        ));
    }
    for migration in baseline.iter().filter(|migration| !migration.by_hand.is_empty()) {
        terminal.say(&format!("kept in {}.sql: {}", migration.tag, migration.by_hand.join(", ")));
    }
}

pub(super) fn left_out_json(it: &LeftOut) -> Value {
    json!({ "kind": it.kind, "name": it.name, "reason": it.reason })
}
