//! `seedbed lint`: the hazards of migrations, each with its place and the way to allow it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use seedbed::lint::{Count, Finding, Rows, count, lint};
use seedbed::migrate::{Failure, Folder, Migration, Migrator, named};
use seedbed_schema::plan::HazardCode;
use serde_json::{Value, json};

use super::paths::OutArg;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::hazard_page;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// List what migrations can cost: what loses data, what rows can make fail, what copies a table
///
/// Looks at the SQL that was written by hand, too. Exits with 1 when a hazard that loses data or may fail is not allowed in its
/// file. With a database, one that meets no row there is harmless.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look at these migrations, given by their names or numbers; left out, at all
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Look at those behind this migration
    #[arg(long, value_name = "NAME", conflicts_with = "names")]
    since: Option<String>,
    /// Look at those that this database has not applied, and count the rows that they concern
    ///
    /// The database is only read: the migrations run on a copy of it.
    #[arg(long, alias = "url", value_name = "URL", conflicts_with_all = ["names", "since"])]
    db: Option<String>,
    /// Tell what a hazard is and what to do about it, by its code: `drop-column`
    #[arg(long, value_name = "CODE", conflicts_with_all = ["names", "since", "db"], value_parser = code)]
    explain: Option<HazardCode>,
    #[command(flatten)]
    out: OutArg,
}

fn code(text: &str) -> Result<HazardCode, String> {
    HazardCode::named(text).ok_or_else(|| {
        let codes: Vec<&str> = HazardCode::ALL.iter().map(|code| code.as_str()).collect();
        format!("the codes are {}", codes.join(", "))
    })
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    if let Some(code) = args.explain {
        return Ok(explain(code));
    }
    let overrides = Overrides { config, schema: None, out: args.out.out.clone(), url: args.db.clone() };
    let settings = Settings::load(terminal, overrides)?;
    let shown = settings.show(&settings.existing_out()?.value);
    let folder = Folder::new(&shown);
    let database = match &args.db {
        Some(_) => Some(database::open(&settings, &settings.database()?, Access::Look)?),
        None => None,
    };
    let migrations = match &database {
        Some(connection) => Migrator::new(folder).pending(connection)?,
        None => chosen(folder.migrations()?, &args)?,
    };
    let mut findings: Vec<Vec<Finding>> = Vec::new();
    for migration in &migrations {
        let read = lint(&migration.file_name(), migration.up(), migration.down());
        findings.push(read.map_err(|failure| stopped(failure.to_string(), &failure))?);
    }
    let stop = match &database {
        Some(connection) => count(connection, &migrations, &mut findings).map_err(|error| {
            CliError::new(Kind::Database, "the rows of the database cannot be counted").with_source(error)
        })?,
        None => None,
    };
    let files = migrations.iter().map(|migration| format!("{shown}/{}", migration.file_name()));
    let found: Vec<(String, Finding)> = files
        .zip(findings)
        .flat_map(|(file, findings)| findings.into_iter().map(move |finding| (file.clone(), finding)))
        .collect();
    let mut outcome = Outcome::default();
    for (file, finding) in &found {
        let state = match (&finding.allowed, finding.needs_consent()) {
            (Some(reason), _) => format!(" (allowed: {reason})"),
            (None, true) => String::new(),
            (None, false) => format!(" ({})", finding.hazard.code.severity().as_str()),
        };
        let count =
            finding.count.as_ref().map(|count| format!("; {}", count_words(count))).unwrap_or_default();
        outcome.line(format!("{file}:{}: {}{count}{state}", finding.line, finding.hazard));
    }
    let hazards: Vec<Value> = found.iter().map(|(file, finding)| finding_json(file, finding)).collect();
    let names: Vec<&str> = migrations.iter().map(Migration::tag).collect();
    outcome.field("hazards", hazards);
    outcome.field("migrations", names);
    if let Some(failure) = stop {
        let place = failure.line().map(|line| format!(":{line}")).unwrap_or_default();
        let message = format!(
            "`{shown}/{}{place}` does not run on the rows of this database: {}",
            failure.file(),
            failure.message()
        );
        outcome.found = Some(stopped(message, &failure));
        return Ok(outcome);
    }
    let open: Vec<&(String, Finding)> = found.iter().filter(|(_, finding)| finding.needs_consent()).collect();
    let all = quantity::count(migrations.len(), "migration");
    let Some((_, first)) = open.first() else {
        terminal.say(&format!("{}: {all}", terminal.paint(Style::Good, "no hazard that is not allowed")));
        return Ok(outcome);
    };
    let message = format!("{} in {all} not allowed", quantity::count(open.len(), "hazard"));
    let (code, subject) = (first.hazard.code, first.hazard.subject());
    let allow = format!("`-- seedbed: allow {code} {subject} because …` in the file allows it");
    let explained = hazard_page::reference(code);
    outcome.found = Some(CliError::new(Kind::Check, message).with_hint(allow).with_hint(explained));
    Ok(outcome)
}

fn explain(code: HazardCode) -> Outcome {
    let section = hazard_page::section(code);
    let mut outcome = Outcome::default();
    outcome.line(format!("{code} ({})", code.severity().as_str()));
    outcome.line(section);
    outcome.field("code", code.as_str());
    outcome.field("severity", code.severity().as_str());
    outcome.field("text", section);
    outcome
}

/// Returns the error about a migration that cannot run, with the rows that are in its way.
fn stopped(mut message: String, failure: &Failure) -> CliError {
    let rows = failure.offending_rows();
    if !rows.is_empty() {
        message.push_str(&format!(" ({})", rows.join("; ")));
    }
    CliError::new(Kind::Check, message).with_hints(failure.way_out().map(str::to_owned))
}

/// Says what a hazard meets in the database.
fn count_words(count: &Count) -> String {
    let Rows { rows, groups, bytes } = match count {
        Count::Unknown(reason) => return format!("not counted: {reason}"),
        Count::Rows(Rows { rows: 0, .. }) => return "no row now".to_owned(),
        Count::Rows(rows) => *rows,
    };
    let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let mut words = quantity::count(number(rows), "row");
    if let Some(groups) = groups {
        words.push_str(&format!(" with {}", quantity::count(number(groups), "repeated value")));
    }
    if let Some(bytes) = bytes {
        words.push_str(&format!(", {}", quantity::bytes(bytes)));
    }
    format!("{words} now")
}

/// Returns the migrations that are named, or those behind one.
fn chosen(migrations: Vec<Migration>, args: &Args) -> Result<Vec<Migration>, CliError> {
    if let Some(since) = &args.since {
        let Some(last) = named(&migrations, since)?.map(|migration| migration.tag().to_owned()) else {
            return Ok(migrations);
        };
        return Ok(migrations.into_iter().skip_while(|one| one.tag() != last).skip(1).collect());
    }
    if args.names.is_empty() {
        return Ok(migrations);
    }
    let mut wanted = BTreeSet::new();
    for name in &args.names {
        let found = named(&migrations, name)?
            .ok_or_else(|| CliError::usage(format!("`{name}` is before all migrations, and none of them")))?;
        wanted.insert(found.tag().to_owned());
    }
    Ok(migrations.into_iter().filter(|one| wanted.contains(one.tag())).collect())
}

fn finding_json(file: &str, finding: &Finding) -> Value {
    let (mut rows, mut reason) = (None, None);
    match &finding.count {
        Some(Count::Rows(found)) => rows = Some(*found),
        Some(Count::Unknown(why)) => reason = Some(why.as_str()),
        None => {}
    }
    json!({
        "rows": rows.map(|found| found.rows),
        "groups": rows.and_then(|found| found.groups),
        "bytes": rows.and_then(|found| found.bytes),
        "not_counted": reason,
        "code": finding.hazard.code.as_str(),
        "severity": finding.hazard.code.severity().as_str(),
        "file": file,
        "line": finding.line,
        "subject": finding.hazard.subject(),
        "text": finding.hazard.text,
        "allowed": finding.allowed,
    })
}
