//! `seedbed open`: an SQL prompt on the database, the system's `sqlite3` where it is, or a small one of our own.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use seedbed::Connection;
use seedbed::console::{self, Answer};
use serde_json::{Value, json};

use super::paths::UrlArg;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::excerpt::{self, Fault};
use crate::grid;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// How many rows of one answer the prompt shows.
const ROWS_SHOWN: usize = 1_000;
/// How wide a value may be at the prompt.
const WIDEST: usize = 60;

/// Open an SQL prompt on the database
///
/// Uses the sqlite3 that is installed, with foreign keys enforced, or a small prompt of its own where there is none. With
/// --command the statements are run and their rows printed; --json prints the rows as JSON.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    url: UrlArg,
    /// Run these statements instead of asking for some
    #[arg(short, long, value_name = "SQL")]
    command: Option<String>,
    /// Refuse to change anything
    #[arg(long)]
    read_only: bool,
    /// Use the small prompt even where sqlite3 is installed
    #[arg(long)]
    built_in: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let settings =
        Settings::load(terminal, Overrides { config, schema: None, out: None, url: args.url.url })?;
    let database = settings.database()?;
    if terminal.json && args.command.is_none() {
        return Err(CliError::usage("`--json` has nothing to print at a prompt")
            .with_hint("pass the statements: `seedbed open --json --command \"…\"`"));
    }
    let access = if args.read_only { Access::Read } else { Access::Change };
    let connection = database::open(&settings, &database, access)?;
    let Some(sql) = args.command else {
        if !args.built_in {
            drop(connection);
            hand_over(&database.value, args.read_only)?;
            let connection = database::open(&settings, &database, access)?;
            return prompt(terminal, &connection, &settings.show(&database.value));
        }
        return prompt(terminal, &connection, &settings.show(&database.value));
    };
    let mut outcome = Outcome::default();
    let mut answers = Vec::new();
    let result = console::run(&connection, &sql, usize::MAX, |answer| {
        if !answer.columns.is_empty() {
            outcome.data.push_str(&grid::render(&answer, usize::MAX));
        }
        answers.push(answer_json(&answer));
    });
    if let Err(refusal) = result {
        // What was printed by the statements before it is told, too.
        if !terminal.json {
            terminal.print(&outcome.data)?;
        }
        let (line, column) = excerpt::line_column(&sql, refusal.offset());
        return Err(CliError::new(Kind::Database, refusal.to_string())
            .with_excerpt(show_refusal(terminal, &sql, &refusal))
            .with_field("line", line)
            .with_field("column", column)
            .with_field("answers", answers));
    }
    outcome.field("answers", answers);
    Ok(outcome)
}

fn answer_json(answer: &Answer) -> Value {
    let rows: Vec<Vec<Value>> = answer.rows.iter().map(|row| row.iter().map(grid::json).collect()).collect();
    json!({ "columns": answer.columns, "rows": rows, "changed": answer.changed })
}

fn show_refusal(terminal: &Terminal, sql: &str, refusal: &console::Refusal) -> String {
    let end = refusal.offset()
        + sql[refusal.offset()..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
    let message = refusal.to_string();
    let span = refusal.offset()..end.max(refusal.offset());
    excerpt::render(
        terminal,
        &Fault { path: "sql", text: sql, span, message: &message, note: None, help: None },
    )
}

/// Becomes the system's `sqlite3`; comes back only where there is none.
fn hand_over(path: &Path, read_only: bool) -> Result<(), CliError> {
    let mut arguments: Vec<OsString> = vec!["-cmd".into(), console::FOREIGN_KEYS.into()];
    if read_only {
        arguments.push("-readonly".into());
    }
    arguments.extend(["-header".into(), "-column".into(), path.into()]);
    let mut command = Command::new("sqlite3");
    command.args(arguments);
    match become_it(&mut command) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(CliError::files("cannot run `sqlite3`", error)
            .with_hint("`--built-in` uses a small prompt of our own")),
        Ok(never) => match never {},
    }
}

/// Replaces this process, so that the terminal, signals and the exit code are those of the program.
#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Result<std::convert::Infallible> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

/// Runs the program and ends as it ends.
#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Result<std::convert::Infallible> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

const HELP: &str = "a statement ends with a semicolon and may take several lines\n\
    .tables         the tables and views\n.schema [NAME]  how they were made\n.quit           leave, as the end of input does";

/// Our own prompt: statements over several lines, and the few commands that one looks for.
fn prompt(terminal: &Terminal, connection: &Connection, path: &str) -> Result<Outcome, CliError> {
    if terminal.interactive {
        terminal.say(&format!("{path}; .help lists what there is"));
    }
    let mut sql = String::new();
    let mut failed = None;
    loop {
        let sign = if sql.is_empty() { "seedbed> " } else { "    ...> " };
        let Some(line) = terminal.read_line(sign) else { break };
        if sql.is_empty() && line.trim_start().starts_with('.') {
            let mut words = line.split_whitespace();
            match (words.next().unwrap_or_default(), words.next()) {
                (".quit" | ".exit" | ".q", _) => break,
                (".help", _) => terminal.say(HELP),
                (".tables", _) => terminal.print(&lines(&console::tables(connection).map_err(refused)?))?,
                (".schema", name) => {
                    let statements = console::schema(connection, name).map_err(refused)?;
                    let statements: Vec<String> = statements.iter().map(|sql| format!("{sql};")).collect();
                    terminal.print(&lines(&statements))?;
                }
                (other, _) => terminal.say(&format!("there is no `{other}`; .help lists what there is")),
            }
            continue;
        }
        sql.push_str(&line);
        if !sql.trim().is_empty() && !console::is_complete(&sql) {
            continue;
        }
        failed = failed.or(answer(terminal, connection, &std::mem::take(&mut sql))?);
    }
    // The end of input ends a statement as well.
    if !sql.trim().is_empty() {
        failed = failed.or(answer(terminal, connection, &sql)?);
    }
    match failed {
        // A person has seen it; a script has to be told.
        Some(message) if !terminal.interactive => {
            Err(CliError::new(Kind::Database, format!("a statement failed: {message}")))
        }
        _ => Ok(Outcome::default()),
    }
}

/// Runs what was typed; returns what SQLite refused.
fn answer(terminal: &Terminal, connection: &Connection, sql: &str) -> Result<Option<String>, CliError> {
    let mut shown = Ok(());
    let result = console::run(connection, sql, ROWS_SHOWN, |answer| {
        if answer.columns.is_empty() {
            if answer.changed > 0 {
                let rows = usize::try_from(answer.changed).unwrap_or(usize::MAX);
                terminal.say(&format!("{} changed", quantity::count(rows, "row")));
            }
            return;
        }
        if let Err(error) = terminal.print(&grid::render(&answer, WIDEST)) {
            shown = Err(error);
        }
        if answer.has_more {
            let note = format!("more than {ROWS_SHOWN} rows: the others are not shown");
            terminal.say(&terminal.paint(Style::Faint, &note));
        }
    });
    shown?;
    Ok(result.err().map(|refusal| {
        terminal.say(show_refusal(terminal, sql, &refusal).trim_end());
        refusal.to_string()
    }))
}

fn lines(items: &[String]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

fn refused(error: seedbed::Error) -> CliError {
    CliError::new(Kind::Database, "cannot read the schema of the database").with_source(error)
}
