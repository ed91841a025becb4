//! `seedbed forget`: frees what was kept of dropped tables and columns.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use seedbed::migrate::{Kept, forget, kept};
use serde_json::Value;

use super::kept::{describe, show};
use super::paths::UrlArg;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::prompt;
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::{Style, Terminal};

/// Free what was kept of dropped tables and columns; a rollback cannot bring it back afterwards
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The migrations that dropped it, by their names or numbers
    #[arg(value_name = "MIGRATION", required_unless_present_any = ["all", "older_than"], conflicts_with = "all")]
    migrations: Vec<String>,
    /// Free everything that is kept
    #[arg(long)]
    all: bool,
    /// Only what has been kept for so long, such as 30d or 12h
    #[arg(long, value_name = "TIME", value_parser = age)]
    older_than: Option<Duration>,
    #[command(flatten)]
    url: UrlArg,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: None, url: args.url.url.clone() };
    let settings = Settings::load(terminal, overrides)?;
    let mut connection = database::open(&settings, &settings.database()?, Access::Change)?;
    let list = kept(&connection).map_err(|error| {
        CliError::new(Kind::Database, "what is kept could not be read").with_source(error)
    })?;
    for name in &args.migrations {
        if !list.iter().any(|kept| means(name, &kept.migration)) {
            return Err(CliError::usage(format!("nothing is kept of a migration `{name}`"))
                .with_hint("`seedbed kept` lists what there is"));
        }
    }
    let before = args.older_than.map(kept_before);
    let is_chosen = |kept: &Kept| {
        let is_named =
            args.migrations.is_empty() || args.migrations.iter().any(|name| means(name, &kept.migration));
        is_named && before.is_none_or(|before| kept.kept_at < before)
    };
    let chosen: Vec<Kept> = list.iter().filter(|kept| is_chosen(kept)).cloned().collect();
    if !chosen.is_empty() && !args.yes {
        consent(terminal, &chosen)?;
    }
    // What was kept since the question was asked is not part of the answer.
    let forgotten = forget(&mut connection, |kept| chosen.contains(kept))?;
    let mut outcome = Outcome::default();
    show(&mut outcome, &forgotten);
    let bytes = forgotten.iter().map(|kept| kept.bytes).sum();
    terminal.say(&match forgotten.len() {
        0 => "nothing is to be freed".to_owned(),
        _ => format!(
            "{}: {}, which the database uses again",
            terminal.paint(Style::Good, "freed"),
            quantity::bytes(bytes)
        ),
    });
    outcome.field("forgotten", forgotten.iter().map(describe).collect::<Value>());
    Ok(outcome)
}

fn consent(terminal: &Terminal, chosen: &[Kept]) -> Result<(), CliError> {
    let list: Vec<String> =
        chosen.iter().map(|kept| format!("{} of {}", kept.part, kept.migration)).collect();
    let question = format!("free {}? It cannot be brought back.", list.join(", "));
    if terminal.interactive {
        if prompt::consent(terminal, &question) {
            return Ok(());
        }
        return Err(CliError::new(Kind::Question, "nothing was freed"));
    }
    Err(CliError::new(Kind::Question, question).with_hint("pass `--yes`"))
}

/// Whether a person who says `name` means the migration: its name or its number.
fn means(name: &str, tag: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    let tags_number = tag.split_once('_').and_then(|(digits, _)| number(digits));
    name == tag || (tags_number.is_some() && number(name) == tags_number)
}

/// Returns the time so long ago, in milliseconds since 1970.
fn kept_before(age: Duration) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.saturating_sub(age).as_millis()).unwrap_or(i64::MAX)
}

/// Reads `30d`, `12h`, `90m` or `10s`.
fn age(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "write a whole number with d, h, m or s".to_owned())?;
    let seconds = match &text[digits.len()..] {
        "d" => 24 * 60 * 60,
        "h" => 60 * 60,
        "m" => 60,
        "s" => 1,
        unit => return Err(format!("`{unit}` is none of d, h, m and s")),
    };
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_a_unit() {
        assert_eq!(age("30d"), Ok(Duration::from_secs(30 * 24 * 60 * 60)));
        assert_eq!(age("12h"), Ok(Duration::from_secs(12 * 60 * 60)));
        for wrong in ["30", "d", "1y", "-1d"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }
}
