//! `seedbed generate`: the migration from the newest snapshot to the declared schema.
//!
//! Compares until no question is open, then proves the draft and writes it. `--check` stops after the comparison.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use seedbed::generate::{Draft, GenerateErrorKind, GenerateOptions, custom, prepare};
use seedbed::migrate::{Folder, Migrator};
use seedbed_schema::model::Schema;
use seedbed_schema::plan::Plan;
use serde_json::Value;

use super::paths::{OutArg, SchemaArg};
use crate::answers::{AnswerArgs, Answers};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::schema_source;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Write the migration that leads from the newest snapshot to the schema
///
/// The migration and its way back are tried on an in-memory SQLite with rows in every table before they are written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    schema: SchemaArg,
    #[command(flatten)]
    out: OutArg,
    /// Name the migration; left out, the name is made from the change
    #[arg(long)]
    name: Option<String>,
    /// Write an empty migration for SQL of your own
    #[arg(long, conflicts_with_all = ["check", "rename", "no_renames", "backfill"])]
    custom: bool,
    /// Write nothing, and exit with 1 when a migration is missing
    #[arg(long)]
    check: bool,
    /// Take the newest migration back that no database has applied: its files and its entry in the journal
    #[arg(long, conflicts_with_all = ["name", "custom", "check", "rename", "no_renames", "backfill"])]
    undo: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides =
        Overrides { config, schema: args.schema.schema.clone(), out: args.out.out.clone(), url: None };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.out()?;
    let folder = Folder::new(settings.show(&out.value));
    if args.undo {
        return undo(terminal, &settings, &folder);
    }
    if args.custom {
        let tag = custom(&folder, args.name.as_deref(), now()?)?;
        return Ok(written(terminal, &folder, &tag));
    }
    let schema = settings.schema()?;
    let sqlite_version = settings.sqlite_version()?;
    let wanted = schema_source::read(terminal, &settings, &schema)?;
    let mut options = GenerateOptions { name: args.name.clone(), now: now()?, ..GenerateOptions::default() };
    if let Some(version) = sqlite_version {
        options.sqlite_version = (version.0, version.1, version.2);
    }
    let Some(draft) = draft(terminal, &folder, &wanted, options, &args)? else {
        let nothing =
            if wanted == Schema::default() { "" } else { ": the newest migration leads to this schema" };
        terminal.say(&format!("nothing changed{nothing}"));
        let mut outcome = Outcome::default();
        outcome.field("migration", Value::Null);
        return Ok(outcome);
    };
    if args.check {
        return Err(missing(&draft));
    }
    draft.prove()?;
    draft.write(&folder)?;
    tell_changes(terminal, &draft);
    tell_hazards(terminal, &draft.up);
    let mut outcome = written(terminal, &folder, &draft.tag);
    if draft.up.hazards().any(|hazard| hazard.code.loses_data()) {
        let hint = "if this is not what you meant, `seedbed generate --undo` takes it back; a rename is said by `--rename`";
        terminal.say(&format!("{}: {hint}", terminal.paint(Style::Hint, "hint")));
    }
    describe(&draft, |name, value| outcome.field(name, value));
    Ok(outcome)
}

/// Takes the newest migration back, unless the database that the settings name has applied it.
fn undo(terminal: &Terminal, settings: &Settings, folder: &Folder) -> Result<Outcome, CliError> {
    let Some(tag) = folder.newest()? else {
        let message = format!("the folder `{}` has no migration to take back", folder.path().display());
        return Err(CliError::new(Kind::Check, message));
    };
    match settings.known_database()? {
        Some(database) if database.value.exists() => {
            let connection = database::open(settings, &database, Access::Look)?;
            let statuses = Migrator::new(folder.clone()).status(&connection)?;
            if statuses.iter().any(|status| status.tag == tag && status.applied_at.is_some()) {
                let shown = settings.show(&database.value);
                return Err(CliError::new(Kind::Check, format!("`{tag}` was applied to `{shown}`"))
                    .with_hint("take it back there first with `seedbed rollback`, or change what it did by a new migration"));
            }
        }
        Some(_) => {}
        None => terminal.say("no database is configured, so whether one has applied it is for you to know"),
    }
    let mut outcome = Outcome::default();
    let files = folder.take_back()?.map(|taken| taken.files).unwrap_or_default();
    let files: Vec<String> = files.iter().map(|file| shown(&folder.path().join(file))).collect();
    terminal.say(&format!("{} {tag}", terminal.paint(Style::Good, "taken back:")));
    files.iter().for_each(|file| outcome.line(file));
    outcome.field("migration", tag);
    outcome.field("removed", files);
    Ok(outcome)
}

/// Compares until every question is answered. A check asks nobody: an open question is a migration that is missing.
fn draft(
    terminal: &Terminal,
    folder: &Folder,
    wanted: &Schema,
    mut options: GenerateOptions,
    args: &Args,
) -> Result<Option<Draft>, CliError> {
    let mut answers = Answers::from_args(&args.answers)?;
    let asked = Terminal { interactive: terminal.interactive && !args.check, ..*terminal };
    loop {
        options.renames = answers.renames.clone();
        options.backfills.clone_from(&answers.backfills);
        let error = match prepare(folder, wanted, &options) {
            Ok(draft) => return Ok(draft),
            Err(error) => error,
        };
        let GenerateErrorKind::Open { ambiguities, questions } = error.kind() else {
            return Err(error.into());
        };
        let answered = if ambiguities.is_empty() {
            answers.ask_values(&asked, questions)
        } else {
            answers.ask_renames(&asked, ambiguities)
        };
        answered.map_err(|error| {
            let kind = if args.check { Kind::Check } else { error.kind };
            CliError { kind, ..error }
        })?;
    }
}

/// What `--check` says when the folder is behind the schema.
fn missing(draft: &Draft) -> CliError {
    let changes: Vec<String> = draft.diff.changes().iter().map(|change| format!("`{change}`")).collect();
    let message = format!("a migration is missing: the schema asks for {}", changes.join(", "));
    let mut error = CliError::new(Kind::Check, message).with_hint("`seedbed generate` writes it");
    describe(draft, |name, value| {
        error.fields.insert(name.to_owned(), value);
    });
    error
}

/// Lists the changes, as many as a person reads; the file holds them all.
fn tell_changes(terminal: &Terminal, draft: &Draft) {
    const MOST: usize = 20;
    let changes = draft.diff.changes();
    for change in changes.iter().take(MOST) {
        terminal.say(&format!("  {change}"));
    }
    if changes.len() > MOST {
        terminal.say(&format!("  \u{2026} and {} more", changes.len() - MOST));
    }
}

/// Gives the parts of a draft to `--json`.
fn describe(draft: &Draft, mut field: impl FnMut(&str, Value)) {
    let json = |value: serde_json::Result<Value>| value.unwrap_or(Value::Null);
    field("migration", draft.tag.as_str().into());
    field("changes", json(serde_json::to_value(draft.diff.changes())));
    field("hazards", json(serde_json::to_value(draft.up.hazards().collect::<Vec<_>>())));
}

/// Shows what a plan can cost.
pub(crate) fn tell_hazards(terminal: &Terminal, plan: &Plan) {
    for hazard in plan.hazards() {
        terminal.say(&format!("{}: {hazard}", terminal.paint(Style::Warning, "hazard")));
    }
}

fn written(terminal: &Terminal, folder: &Folder, tag: &str) -> Outcome {
    let mut outcome = Outcome::default();
    let files = ["", ".down"].map(|way| shown(&folder.path().join(format!("{tag}{way}.sql"))));
    // On a screen the data that follows is the list.
    let on_screen = std::io::stdout().is_terminal() && !terminal.json;
    let list = if on_screen { String::new() } else { format!(" {}", files.join(", ")) };
    terminal.say(&format!("{}{list}", terminal.paint(Style::Good, "written:")));
    files.iter().for_each(|file| outcome.line(file));
    outcome.field("migration", tag);
    outcome.field("files", files.to_vec());
    outcome
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Returns the time in milliseconds since 1970, which orders the journal.
pub(crate) fn now() -> Result<i64, CliError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    since
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .ok_or_else(|| CliError::config("the clock of this machine stands before 1970"))
}
