//! `seedbed status`: how every migration stands to the database, and whether its schema is what they made.

use std::path::PathBuf;

use seedbed::migrate::{
    Difference, Drift, Folder, MigrateOptions, MigrationState, MigrationStatus, Migrator, Standing,
};
use seedbed_schema::diff::Change;
use serde_json::{Value, json};

use super::paths::{OutArg, UrlArg};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Show which migrations the database has, and whether its schema is what they made
///
/// Writes nothing, and works beside others who write. Exits with 1 when something is wrong: a file that was edited, is
/// missing or out of order, a migration that the folder does not have, or a schema that was changed by hand.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// List every migration, those too that were applied long ago
    #[arg(long)]
    all: bool,
    /// Exit with 1 when migrations are pending, too
    #[arg(long)]
    exit_pending: bool,
}

/// How many of the applied migrations are listed, the newest; what is wrong is always listed.
const NEWEST: usize = 5;

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let out = settings.out()?;
    let database = settings.database()?;
    let exists = database.value.exists();
    let connection = database::open(&settings, &database, Access::Look)?;
    let folder = Folder::new(settings.show(&out.value));
    let options = MigrateOptions { lock_timeout: Some(database::PATIENCE), ..MigrateOptions::default() };
    let standing = Migrator::new(folder).options(options).standing(&connection)?;
    let shown = settings.show(&database.value);

    let mut outcome = Outcome::default();
    list(terminal, &mut outcome, &standing, args.all);
    show_drift(&mut outcome, &standing);
    if !exists {
        terminal.say(&format!("there is no database at `{shown}` yet"));
    }
    if !standing.foreign.is_empty() {
        let foreign = format!("not ours, and left alone: {}", standing.foreign.join(", "));
        terminal.say(&terminal.paint(Style::Faint, &foreign));
    }
    outcome.field("database", shown);
    outcome.field("exists", exists);
    describe(&mut outcome, &standing);
    match wrong(&standing, args.exit_pending) {
        Some(error) => outcome.found = Some(error),
        None => say_next(terminal, &standing),
    }
    Ok(outcome)
}

/// Lists the migrations, one a line: the state, the name, when it ran and how long it took.
fn list(terminal: &Terminal, outcome: &mut Outcome, standing: &Standing, all: bool) {
    let migrations = &standing.migrations;
    let applied = migrations.iter().filter(|migration| migration.state == MigrationState::Applied).count();
    let mut hidden = if all || applied <= NEWEST * 2 { 0 } else { applied - NEWEST };
    if hidden > 0 {
        outcome.line(format!("{:<13}{hidden} more before these, `--all` lists them", "applied"));
    }
    let width = migrations.iter().map(|migration| migration.tag.len()).max().unwrap_or_default();
    for migration in migrations {
        if hidden > 0 && migration.state == MigrationState::Applied {
            hidden -= 1;
            continue;
        }
        let state = format!("{:<13}", word(migration.state));
        let ran = match (migration.applied_at, migration.duration) {
            (Some(at), Some(took)) => format!("  {}  {}", quantity::moment(at), quantity::duration(took)),
            _ => String::new(),
        };
        let tag = if ran.is_empty() { migration.tag.clone() } else { format!("{:<width$}", migration.tag) };
        outcome.line(format!("{state}{tag}{ran}"));
    }
    if migrations.is_empty() {
        terminal.say("the folder has no migrations yet");
    }
}

/// Returns the word for a state, in the list and in `--json`.
fn word(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Applied => "applied",
        MigrationState::Pending => "pending",
        MigrationState::Changed => "edited",
        MigrationState::Missing => "missing",
        MigrationState::OutOfOrder => "out-of-order",
        _ => "unknown",
    }
}

fn show_drift(outcome: &mut Outcome, standing: &Standing) {
    let Drift::Drifted(Difference { since, changes, way_back, .. }) = &standing.drift else { return };
    outcome.line("");
    outcome.line(format!("-- drifted: since {since} the schema was changed by hand"));
    for change in changes {
        outcome.line(format!("--   {change}"));
    }
    match way_back {
        Some(sql) => {
            outcome.line("-- what would bring the database back:");
            outcome.line(sql.trim_end());
        }
        None => outcome.line("-- what would bring the database back cannot be planned: write it by hand"),
    }
}

fn describe(outcome: &mut Outcome, standing: &Standing) {
    let migration = |migration: &MigrationStatus| {
        json!({
            "tag": migration.tag,
            "state": word(migration.state),
            "applied_at": migration.applied_at,
            "milliseconds": migration.duration.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        })
    };
    let drift = match &standing.drift {
        Drift::None => json!({ "state": "none" }),
        Drift::Drifted(found) => json!({
            "state": "drifted",
            "since": found.since,
            "changes": found.changes,
            "way_back": found.way_back,
        }),
        Drift::NotCompared { reason } => json!({ "state": "not-compared", "reason": reason }),
        _ => Value::Null,
    };
    outcome.field("migrations", standing.migrations.iter().map(migration).collect::<Vec<_>>());
    outcome.field("pending", standing.pending());
    outcome.field("drift", drift);
    outcome.field("foreign", standing.foreign.clone());
    outcome.field("in_the_way", standing.in_the_way.clone());
    outcome.field("next", next(standing));
}

/// Says which applied migrations the folder does not have, and what to do about it.
fn unknown(standing: &Standing, tags: &[&str]) -> Option<(String, String)> {
    if let Some(fault) = &standing.partly_folded {
        return Some(fault.clone());
    }
    let first = *tags.first()?;
    let newest = standing.migrations.iter().rfind(|migration| migration.applied_at.is_some());
    let is_newest = newest.is_some_and(|newest| tags.contains(&newest.tag.as_str()));
    let hint = match &standing.renamed {
        Some((unknown, renamed)) if unknown == first => {
            format!("`{renamed}` has the same SQL: name its files `{first}` again")
        }
        _ if is_newest => {
            "use the folder that has it, or a newer one; `seedbed rollback` undoes the newest without its file".to_owned()
        }
        _ => format!(
            "use the folder that has it, or a newer one; if the database has nothing of it, `seedbed repair --not-applied \
             {first}`"
        ),
    };
    let (others, them) = match tags.len() - 1 {
        0 => (" was".to_owned(), "it"),
        others => (format!(" and {} were", quantity::count(others, "other migration")), "them"),
    };
    Some((format!("`{first}`{others} applied, and the folder does not have {them}"), hint))
}

/// Says what is wrong, the first thing to mend first.
fn wrong(standing: &Standing, exit_pending: bool) -> Option<CliError> {
    let of = |state: MigrationState| -> Vec<&str> {
        let found = standing.migrations.iter().filter(|migration| migration.state == state);
        found.map(|migration| migration.tag.as_str()).collect()
    };
    let mut faults: Vec<(String, String)> = Vec::new();
    if standing.drizzle > 0 {
        faults.push((
            format!("Drizzle made the database, with {}", quantity::count(standing.drizzle, "migration")),
            "`seedbed adopt` takes it over, which proves the schema equal and changes no row".to_owned(),
        ));
    }
    for tag in of(MigrationState::Missing) {
        faults.push((
            format!("the journal names `{tag}`, and its file is gone"),
            format!("restore `{tag}.sql` from version control"),
        ));
    }
    faults.extend(unknown(standing, &of(MigrationState::Unknown)));
    for tag in of(MigrationState::Changed) {
        faults.push((
            format!("`{tag}` was edited after it was applied"),
            format!(
                "restore it from version control; if it makes the same schema, `seedbed repair --edited {tag}`"
            ),
        ));
    }
    for tag in of(MigrationState::OutOfOrder) {
        faults.push((
            format!("`{tag}` was not applied, and a later one was"),
            format!("`seedbed rebase` moves it to the end; if the database has it, `seedbed repair --applied {tag}`"),
        ));
    }
    if let Drift::Drifted(found) = &standing.drift {
        faults.push((drifted(&found.changes), drift_hint(&found.changes)));
    }
    if exit_pending && standing.pending() > 0 {
        faults.push((pending(standing.pending()), "`seedbed migrate` runs them".to_owned()));
    }
    let (messages, hints): (Vec<String>, Vec<String>) = faults.into_iter().unzip();
    (!messages.is_empty()).then(|| CliError::new(Kind::Check, messages.join("; ")).with_hints(hints))
}

fn drifted(changes: &[Change]) -> String {
    format!("the schema drifted by {}", quantity::count(changes.len(), "change"))
}

/// Says what to do about a drift: run the way back, or say that a table is nobody's business.
fn drift_hint(changes: &[Change]) -> String {
    let stray = changes.iter().find_map(|change| match change {
        Change::CreateTable { table } => Some(format!("table {table}")),
        Change::CreateView { view } => Some(format!("view {view}")),
        Change::CreateTrigger { trigger } => Some(format!("trigger {trigger}")),
        _ => None,
    });
    let back =
        "run the SQL above, or declare the change in the schema, generate, and `seedbed repair --applied` it";
    match stray {
        Some(stray) => {
            format!("{back}; if another tool made it, `seedbed repair --foreign \"{stray}\"`")
        }
        None => back.to_owned(),
    }
}

fn pending(count: usize) -> String {
    format!("{} pending", quantity::count(count, "migration"))
}

/// Returns the command to run next, when nothing is wrong and there is one.
fn next(standing: &Standing) -> Option<&'static str> {
    match () {
        () if standing.drizzle > 0 => Some("seedbed adopt"),
        () if standing.migrations.is_empty() => Some("seedbed generate"),
        () if !standing.is_in_order() => None,
        () if !standing.in_the_way.is_empty() => Some("seedbed adopt"),
        () if standing.pending() > 0 => Some("seedbed migrate"),
        () => None,
    }
}

fn say_next(terminal: &Terminal, standing: &Standing) {
    if let Drift::NotCompared { reason } = &standing.drift
        && standing.migrations.iter().any(|migration| migration.applied_at.is_some())
    {
        terminal.say(&format!("the schema was not compared: {reason}"));
    }
    if !standing.in_the_way.is_empty() {
        terminal.say(&format!(
            "{}: the database has {} already, and no migration was applied",
            terminal.paint(Style::Warning, "warning"),
            standing.in_the_way.iter().map(|table| format!("`{table}`")).collect::<Vec<_>>().join(", ")
        ));
    }
    let said = match standing.pending() {
        0 if standing.migrations.is_empty() => String::new(),
        0 => terminal.paint(Style::Good, "up to date"),
        count => pending(count),
    };
    match next(standing) {
        Some(command) if said.is_empty() => terminal.say(&format!("next: `{command}`")),
        Some(command) => terminal.say(&format!("{said}; next: `{command}`")),
        None => terminal.say(&said),
    }
}
