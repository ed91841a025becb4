//! `seedbed rebase`: settles two branches that were merged.
//!
//! The work is `seedbed::rebase`; here the database is asked what it has applied, and the choice is explained.

use std::path::PathBuf;

use seedbed::migrate::Folder;
use seedbed::rebase::{
    Draft, MovedSql, Reason, RebaseError, RebaseErrorKind, RebaseOptions, applied_to, prepare,
};
use seedbed_schema::model::Schema;
use serde_json::{Value, json};

use super::paths::{OutArg, UrlArg};
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::report::Outcome;
use crate::schema_source;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Settle two branches that were merged: put the migrations of one behind those of the other
///
/// The migrations that the database has applied are taken as given; where none is, those that were generated first. The
/// others get new numbers and snapshots; their SQL is kept where it is still right and planned anew where it is not. All is
/// tried in memory first, and written at once or not at all. Where both branches touch the same thing, that is told
/// column by column, and nothing is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    out: OutArg,
    #[command(flatten)]
    url: UrlArg,
    /// Put the branch with this migration behind the other
    #[arg(long, value_name = "NAME")]
    mine: Vec<String>,
    /// Take the branch with this migration as given
    #[arg(long, value_name = "NAME")]
    onto: Vec<String>,
    /// Plan SQL anew that was written by hand, where it is not right any more
    #[arg(long)]
    replan: bool,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let is_named = args.url.url.is_some();
    let overrides = Overrides { config, schema: None, out: args.out.out, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let shown = settings.show(&settings.existing_out()?.value);
    let folder = Folder::new(&shown);
    let database = applied(&settings, is_named, &folder)?;
    let declared = declared(&settings);
    let mut options = RebaseOptions {
        mine: args.mine.iter().map(|name| tag(name)).collect(),
        onto: args.onto.iter().map(|name| tag(name)).collect(),
        applied: database.as_ref().map(|(_, tags)| tags.clone()).unwrap_or_default(),
        replan: args.replan,
        declared: declared.as_ref(),
        ..RebaseOptions::default()
    };
    if let Some(version) = settings.sqlite_version()? {
        options.sqlite_version = (version.0, version.1, version.2);
    }
    let mut outcome = Outcome::default();
    outcome.field("dry_run", args.dry_run);
    let draft = prepare(&folder, &options).map_err(|error| failed(terminal, error))?;
    let Some(draft) = draft else {
        terminal.say("nothing to settle: the folder has one branch");
        for name in ["given", "moved", "written", "removed"] {
            outcome.field(name, Vec::<String>::new());
        }
        outcome.field("reason", Value::Null);
        return Ok(outcome);
    };
    tell(terminal, &draft, database.as_ref().map(|(path, _)| path.as_str()));
    if !args.dry_run {
        draft.write(&folder)?;
        let next = "look at it with `seedbed check`, and at the code with `seedbed generate --check`";
        terminal.say(&format!("{}; {next}", terminal.paint(Style::Good, "settled")));
    }
    let paths =
        |names: Vec<&str>| names.into_iter().map(|name| format!("{shown}/{name}")).collect::<Vec<_>>();
    let (written, removed) = (paths(draft.written().collect()), paths(draft.removed().collect()));
    written.iter().for_each(|path| outcome.line(path));
    let moved = draft
        .moved
        .iter()
        .map(|moved| json!({ "from": moved.from, "to": moved.to, "sql": sql_word(moved.sql) }));
    outcome.field("given", draft.given.clone());
    outcome.field("moved", moved.collect::<Vec<_>>());
    outcome.field("reason", reason_word(draft.reason));
    outcome.field("written", written);
    outcome.field("removed", removed);
    Ok(outcome)
}

/// Returns the database's path and what was applied to it. A database that is only configured need not be there.
fn applied(
    settings: &Settings,
    is_named: bool,
    folder: &Folder,
) -> Result<Option<(String, Vec<String>)>, CliError> {
    let database = match settings.database() {
        Ok(database) => database,
        Err(error) if is_named => return Err(error),
        Err(_) => return Ok(None),
    };
    if !database.value.is_file() && !is_named {
        return Ok(None);
    }
    let connection = database::open(settings, &database, Access::Look)?;
    let tags = applied_to(&connection, folder).map_err(|error| {
        CliError::new(Kind::Database, "cannot tell what the database has applied").with_source(error)
    })?;
    Ok(Some((settings.show(&database.value), tags)))
}

/// Reads the schema in the code, if it can be read: it only helps to say how values are stored, and after a merge it may be
/// broken itself.
fn declared(settings: &Settings) -> Option<Schema> {
    let quiet = Terminal { json: true, color: false, interactive: false };
    let source = settings.schema().ok()?;
    schema_source::read(&quiet, settings, &source).ok()
}

/// A migration may be named as its file is.
fn tag(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.strip_suffix(".down.sql").or_else(|| file.strip_suffix(".sql")).unwrap_or(file).to_owned()
}

fn tell(terminal: &Terminal, draft: &Draft, database: Option<&str>) {
    let why = match draft.reason {
        Reason::Named => "as you say".to_owned(),
        Reason::Applied => format!("applied to `{}`", database.unwrap_or("the database")),
        Reason::Listed => "the journal lists it".to_owned(),
        Reason::Earlier => "generated first; `--onto` takes the other branch instead".to_owned(),
    };
    if !draft.given.is_empty() {
        terminal.say(&format!("given: {} ({why})", draft.given.join(", ")));
    }
    for moved in &draft.moved {
        let sql = match moved.sql {
            MovedSql::Kept => "its SQL is kept",
            MovedSql::Planned => "its SQL is planned anew",
            MovedSql::Nothing => "nothing is left to do in it",
        };
        terminal.say(&if moved.from == moved.to {
            format!("listed: {} ({sql})", moved.to)
        } else {
            format!("moved: {} \u{2192} {} ({sql})", moved.from, moved.to)
        });
    }
}

fn sql_word(sql: MovedSql) -> &'static str {
    match sql {
        MovedSql::Kept => "kept",
        MovedSql::Planned => "planned",
        MovedSql::Nothing => "nothing",
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Named => "named",
        Reason::Applied => "applied",
        Reason::Listed => "listed",
        Reason::Earlier => "earlier",
    }
}

fn failed(terminal: &Terminal, error: RebaseError) -> CliError {
    let kind = match error.kind() {
        RebaseErrorKind::Folder(_) | RebaseErrorKind::Sqlite(_) | RebaseErrorKind::Inspect(_) => Kind::Files,
        RebaseErrorKind::Unknown { .. } => Kind::Usage,
        RebaseErrorKind::Open { .. } => Kind::Question,
        _ => Kind::Check,
    };
    let mut failure = CliError::new(kind, error.to_string()).with_hints(error.hint());
    match error.kind() {
        RebaseErrorKind::Clashes { clashes, .. } => {
            let mut text = format!("{}: {error}\n", terminal.paint(Style::Error, "error"));
            for clash in clashes {
                text.push_str(&format!("  {}\n", terminal.paint(Style::Strong, &clash.subject)));
                text.push_str(&format!("    given: {}\n    moved: {}\n", clash.onto, clash.mine));
            }
            let clashes = clashes
                .iter()
                .map(|clash| json!({ "subject": clash.subject, "given": clash.onto, "moved": clash.mine }));
            failure = failure.with_field("clashes", clashes.collect::<Vec<_>>()).with_excerpt(text);
        }
        RebaseErrorKind::Open { first, second } => {
            let flags =
                [first, second].map(|branch| format!("--mine {}", branch.first().map_or("", String::as_str)));
            let question = json!({ "kind": "branch", "branches": [first, second], "flags": flags });
            failure = failure.with_field("questions", vec![question]);
        }
        RebaseErrorKind::Applied { onto, .. } => {
            let other = onto.first().map(|tag| format!("--mine {tag}"));
            failure = failure
                .with_hints(other.map(|flag| format!("the other way round it is `seedbed rebase {flag}`")));
        }
        _ => {}
    }
    failure.with_source(error)
}
