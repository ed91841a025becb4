//! `seedbed push`: brings a development database to the declared schema, without files.

use std::path::PathBuf;

use seedbed::Connection;
use seedbed::push::{Draft, PushErrorKind, PushOptions, Risk, prepare};
use seedbed_schema::model::Schema;
use seedbed_schema::plan::HazardCode;
use serde_json::{Value, json};

use super::paths::{SchemaArg, UrlArg};
use crate::answers::{AnswerArgs, Answers};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::prompt;
use crate::report::Outcome;
use crate::schema_source;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Bring a development database to the schema, without files
///
/// Shows the plan, asks before anything that can lose data or fail on rows, and runs it in one transaction. Tables
/// that neither push nor migrate made are left alone, unless the schema names them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    schema: SchemaArg,
    #[command(flatten)]
    url: UrlArg,
    /// Print the SQL that would run, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Consent to a hazard by its name, such as drop-column:users.age
    #[arg(long, value_name = "HAZARD:TABLE[.COLUMN]")]
    allow: Vec<String>,
    /// Consent to every hazard
    #[arg(long)]
    accept_data_loss: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides =
        Overrides { config, schema: args.schema.schema.clone(), out: None, url: args.url.url.clone() };
    args.allow.iter().try_for_each(|flag| refuse_unknown_hazard(flag))?;
    let settings = Settings::load(terminal, overrides)?;
    let schema = settings.schema()?;
    let database = settings.database()?;
    let wanted = schema_source::read(terminal, &settings, &schema)?;
    let access = if args.dry_run { Access::Look } else { Access::Make };
    let mut connection = database::open(&settings, &database, access)?;

    let mut outcome = Outcome::default();
    outcome.field("dry_run", args.dry_run);
    let draft = draft(terminal, &connection, &wanted, &args)?;
    tell(terminal, &draft);
    describe(&draft, |name, value| outcome.field(name, value));
    if draft.is_empty() {
        terminal.say("nothing changed: the database has this schema");
        return Ok(outcome);
    }
    if args.dry_run {
        outcome.data = draft.sql();
        return Ok(outcome);
    }
    consent(terminal, &draft, &args)?;
    draft.run(&mut connection)?;
    terminal.say(&terminal.paint(Style::Good, "done"));
    Ok(outcome)
}

/// Compares until every question is answered.
fn draft(
    terminal: &Terminal,
    connection: &Connection,
    wanted: &Schema,
    args: &Args,
) -> Result<Draft, CliError> {
    let mut answers = Answers::from_args(&args.answers)?;
    loop {
        let options = PushOptions { renames: answers.renames.clone(), backfills: answers.backfills.clone() };
        let error = match prepare(connection, wanted, &options) {
            Ok(draft) => return Ok(draft),
            Err(error) => error,
        };
        let PushErrorKind::Open { ambiguities, questions } = error.kind() else { return Err(error.into()) };
        if ambiguities.is_empty() {
            answers.ask_values(terminal, questions)?;
        } else {
            answers.ask_renames(terminal, ambiguities)?;
        }
    }
}

fn tell(terminal: &Terminal, draft: &Draft) {
    for change in draft.diff.changes() {
        terminal.say(&format!("  {change}"));
    }
    for risk in &draft.risks {
        terminal.say(&format!("{}: {}", terminal.paint(Style::Warning, "hazard"), risk_text(risk)));
    }
    if !draft.left_alone.is_empty() {
        terminal.say(&terminal.paint(Style::Faint, &format!("left alone: {}", draft.left_alone.join(", "))));
    }
}

fn risk_text(risk: &Risk) -> String {
    let rows = match risk.rows {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    format!("{} ({rows})", risk.hazard)
}

/// A flag of the wrong form would allow nothing and never be missed.
fn refuse_unknown_hazard(flag: &str) -> Result<(), CliError> {
    match flag.split_once(':') {
        Some((code, subject)) if HazardCode::named(code).is_some() && !subject.is_empty() => Ok(()),
        _ => Err(CliError::usage(format!("`--allow {flag}` names no hazard"))
            .with_hint("it is written as `seedbed push --dry-run` shows it: --allow drop-column:users.age")),
    }
}

/// Gets consent for the hazards that need it: from the flags, or from the person, whose default is no.
fn consent(terminal: &Terminal, draft: &Draft, args: &Args) -> Result<(), CliError> {
    let open = draft.unconsented(&args.allow, args.accept_data_loss);
    if open.is_empty() {
        return Ok(());
    }
    if terminal.interactive && prompt::consent(terminal, "run this nevertheless?") {
        return Ok(());
    }
    let error = CliError::new(Kind::Question, "only you can allow this; the database is as it was")
        .with_field("questions", open.iter().map(|risk| question_json(risk)).collect::<Vec<_>>());
    Err(open.iter().fold(error, |error, risk| {
        error.with_hint(format!("--allow {} allows: {}", risk.hazard.consent(), risk_text(risk)))
    }))
}

fn question_json(risk: &Risk) -> Value {
    json!({
        "kind": "consent",
        "hazard": risk.hazard,
        "rows": risk.rows,
        "flag": format!("--allow {}", risk.hazard.consent()),
    })
}

/// Gives the parts of a draft to `--json`.
fn describe(draft: &Draft, mut field: impl FnMut(&str, Value)) {
    let risk = |risk: &Risk| json!({ "hazard": risk.hazard, "rows": risk.rows });
    field("changes", serde_json::to_value(draft.diff.changes()).unwrap_or(Value::Null));
    field("hazards", draft.risks.iter().map(risk).collect());
    field("left_alone", draft.left_alone.clone().into());
    field("sql", (!draft.is_empty()).then(|| draft.sql()).into());
}
