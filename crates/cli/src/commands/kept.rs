//! `seedbed kept`: lists what migrations dropped and the database still has.

use std::path::PathBuf;

use seedbed::migrate::{Kept, KeptPart, kept};
use serde_json::{Value, json};

use super::paths::UrlArg;
use crate::cli_error::{CliError, Kind};
use crate::database::{self, Access};
use crate::quantity;
use crate::report::Outcome;
use crate::settings::{Overrides, Settings};
use crate::terminal::Terminal;

/// List what migrations dropped and a rollback would bring back
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    url: UrlArg,
}

pub(crate) fn run(terminal: &Terminal, config: Option<PathBuf>, args: Args) -> Result<Outcome, CliError> {
    let overrides = Overrides { config, schema: None, out: None, url: args.url.url };
    let settings = Settings::load(terminal, overrides)?;
    let connection = database::open(&settings, &settings.database()?, Access::Look)?;
    let list = kept(&connection).map_err(|error| {
        CliError::new(Kind::Database, "what is kept could not be read").with_source(error)
    })?;
    let mut outcome = Outcome::default();
    show(&mut outcome, &list);
    let (within, beyond): (Vec<&Kept>, Vec<&Kept>) = list.iter().partition(|kept| kept.in_reach);
    if list.is_empty() {
        terminal.say("nothing is kept");
    }
    if !within.is_empty() {
        terminal.say("`seedbed rollback` brings it back, `seedbed forget` frees it");
    }
    for kept in beyond {
        terminal.say(&format!(
            "{} of {}: no rollback gets to it, its migration was folded or undone; the rows are in `{}`",
            kept.part, kept.migration, kept.kept_table
        ));
    }
    outcome.field("kept", list.iter().map(describe).collect::<Value>());
    Ok(outcome)
}

/// Lists what is kept, a line each.
pub(super) fn show(outcome: &mut Outcome, list: &[Kept]) {
    let width = |text: &dyn Fn(&Kept) -> usize| list.iter().map(text).max().unwrap_or_default();
    let tags = width(&|kept| kept.migration.len());
    let parts = width(&|kept| kept.part.to_string().chars().count());
    for kept in list {
        outcome.line(format!(
            "{:<tags$}  {:<parts$}  {:>12}  {:>9}  {}",
            kept.migration,
            kept.part.to_string(),
            rows(&kept.part),
            quantity::bytes(kept.bytes),
            quantity::moment(kept.kept_at)
        ));
    }
}

/// Says how many rows it has.
pub(super) fn rows(part: &KeptPart) -> String {
    quantity::count(usize::try_from(part.rows).unwrap_or(usize::MAX), "row")
}

pub(super) fn describe(kept: &Kept) -> Value {
    let mut object = crate::failures::part_json(&kept.part);
    object["migration"] = kept.migration.as_str().into();
    object["bytes"] = json!(kept.bytes);
    object["kept_at"] = json!(kept.kept_at);
    object["kept_table"] = kept.kept_table.as_str().into();
    object["in_reach"] = kept.in_reach.into();
    object
}
