//! `seedbed diff`: the SQL that turns one schema source into another.

use std::path::PathBuf;

use seedbed::generate::refuse_idle_backfills;
use seedbed_schema::diff::{SchemaDiff, diff};
use seedbed_schema::plan::{Direction, Plan, PlanOptions, RunBy, plan};
use serde_json::Value;

use crate::answers::{AnswerArgs, Answers};
use crate::cli_error::{CliError, Kind};
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::source::{Form, Loaded, Source, level, load_both, say_notes};
use crate::terminal::Terminal;

/// Print the SQL that turns one schema into another
///
/// A schema source SRC is a Rust file, a .sql file, a snapshot .json, a migrations folder (folder@NAME for a point in
/// it), an SQLite database (a path or a sqlite: url), `empty`, or `-` for SQL from standard input. The SQL runs in any
/// SQLite; what it can cost stands in its comments. Nothing is changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Start from this schema source; left out, from the migrations folder
    #[arg(long, value_name = "SRC")]
    from: Option<String>,
    /// Lead to this schema source; left out, to the schema
    #[arg(long, value_name = "SRC")]
    to: Option<String>,
    /// Print the way back instead, with placeholders for values that are gone
    #[arg(long)]
    reverse: bool,
    /// Exit with 1 when the two differ
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings = Settings::load(terminal, Overrides { config, ..Overrides::default() })?;
    let source = |text: &Option<String>, flag, default: fn(&Settings) -> Result<Source, CliError>| match text
    {
        Some(text) => Source::parse(text, flag),
        None => default(&settings),
    };
    let from = source(&args.from, "--from", Source::of_migrations)?;
    let to = source(&args.to, "--to", Source::of_schema)?;
    if from.form == Form::Stdin && to.form == Form::Stdin {
        return Err(CliError::usage("standard input can be read once: `--from` and `--to` are both `-`"));
    }
    let (mut from, mut to) = load_both((&from, &to), terminal, &settings)?;
    let levelled = level(&mut from, &mut to);
    let notes = [from.notes.as_slice(), &to.notes, &levelled].concat();
    say_notes(terminal, &notes);

    let mut options = PlanOptions { run_by: RunBy::Shell, ..PlanOptions::default() };
    if let Some(version) = settings.sqlite_version()? {
        options.sqlite_version = (version.0, version.1, version.2);
    }
    let (difference, plan) = compare(terminal, &from, &to, options, &args)?;
    let mut outcome = Outcome::default();
    describe(&difference, &plan, |name, value| outcome.field(name, value));
    outcome.field("from", from.label.as_str());
    outcome.field("to", to.label.as_str());
    outcome.field("notes", notes);
    if difference.is_empty() {
        terminal.say(&format!("no difference between `{}` and `{}`", from.label, to.label));
        return Ok(outcome);
    }
    outcome.data = plan.to_sql();
    if args.exit_code {
        let count = difference.changes().len();
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        let message = format!("`{}` and `{}` differ by {changes}", from.label, to.label);
        outcome.found = Some(CliError::new(Kind::Check, message));
    }
    Ok(outcome)
}

/// Compares until every question is answered.
fn compare(
    terminal: &Terminal,
    from: &Loaded,
    to: &Loaded,
    mut options: PlanOptions,
    args: &Args,
) -> Result<(SchemaDiff, Plan), CliError> {
    let mut answers = Answers::from_args(&args.answers)?;
    loop {
        let difference = diff(&from.schema, &to.schema, &answers.renames)
            .map_err(|error| CliError::usage(error.to_string()))?;
        if !difference.ambiguities.is_empty() {
            answers.ask_renames(terminal, &difference.ambiguities)?;
            continue;
        }
        refuse_idle_backfills(&answers.backfills, &difference)?;
        let difference = if args.reverse {
            options.direction = Direction::Reverse;
            difference.reverse().map_err(|error| CliError::usage(error.to_string()))?
        } else {
            options.backfills.clone_from(&answers.backfills);
            difference
        };
        match plan(&difference, &options) {
            Ok(plan) => return Ok((difference, plan)),
            Err(questions) => answers.ask_values(terminal, &questions)?,
        }
    }
}

/// Gives the parts of a difference to `--json`.
fn describe(difference: &SchemaDiff, plan: &Plan, mut field: impl FnMut(&str, Value)) {
    let json = |value: serde_json::Result<Value>| value.unwrap_or(Value::Null);
    field("differ", (!difference.is_empty()).into());
    field("changes", json(serde_json::to_value(difference.changes())));
    field("hazards", json(serde_json::to_value(plan.hazards().collect::<Vec<_>>())));
    field("sql", plan.to_sql().into());
}
