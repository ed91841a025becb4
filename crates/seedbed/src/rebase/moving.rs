//! Puts one migration behind those of the other branch: the schema with both changes, and SQL that leads to it.
//!
//! The SQL that is there is kept, byte for byte, when it is still right: it leads to the merged schema, and its way back
//! leads back, on tables with rows. Otherwise it is planned anew, unless a person has written into it.

use rusqlite::Connection;
use seedbed_schema::checksum::checksum;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::merge::{Branch, merge};
use seedbed_schema::model::Schema;

use super::error::{RebaseError, RebaseErrorKind};
use super::line::{Line, read_script};
use super::{MovedSql, RebaseOptions};
use crate::check::layout::Entry;
use crate::check::state::{declared_part, differences};
use crate::generate::{GenerateOptions, plan_and_prove, plan_files};
use crate::migrate::script::Script;
use crate::replay::apply;
use crate::rows;

/// What a migration does on its own branch.
pub(super) struct Work<'a> {
    pub(super) entry: &'a Entry,
    pub(super) before: Schema,
    pub(super) after: Schema,
    /// What it renames.
    pub(super) renames: Renames,
}

/// A migration behind the other branch.
pub(super) struct Placed {
    pub(super) schema: Schema,
    pub(super) up: String,
    pub(super) down: Option<String>,
    pub(super) sql: MovedSql,
}

/// Finds what a migration becomes behind `target`. `renames` lead from the schema before it to that of `target`.
pub(super) fn place(
    target: &mut Line,
    work: &Work<'_>,
    renames: &Renames,
    tag: &str,
    onto: &[String],
    options: &RebaseOptions<'_>,
) -> Result<Placed, RebaseError> {
    let branches =
        (Branch { schema: &target.schema, renames }, Branch { schema: &work.after, renames: &work.renames });
    let merged = merge(&work.before, branches.0, branches.1).map_err(|clashes| RebaseErrorKind::Clashes {
        tag: work.entry.tag().to_owned(),
        onto: onto.to_vec(),
        clashes,
    })?;
    let merged = options.declared.map_or(merged.clone(), |declared| in_declared_order(merged, declared));
    let (up, down) = (work.entry.up.clone().unwrap_or_default(), work.entry.down.clone());
    let Some(wrong) = still_right(target, work.entry, &merged)? else {
        return Ok(Placed { schema: merged, up, down, sql: MovedSql::Kept });
    };
    let by_hand = !options.replan && !is_as_planned(work, options);
    if by_hand {
        return Err(RebaseErrorKind::ByHand { tag: work.entry.tag().to_owned(), reason: wrong }.into());
    }
    if differences(&target.schema, &merged).is_empty() && target.schema == merged {
        let up = format!("-- Nothing is left to do: {} did the same.\n", super::error::list(onto));
        return Ok(Placed { schema: merged, down: Some(up.clone()), up, sql: MovedSql::Nothing });
    }
    plan_anew(target, work, renames, tag, merged, options)
}

/// An enum that both branches added to lists its values as the code does.
fn in_declared_order(mut merged: Schema, declared: &Schema) -> Schema {
    for table in &mut merged.tables {
        let Some(wanted) = declared.table(&table.name) else { continue };
        // All of it or nothing: a condition lists the values, too.
        let is_same = |one: &Schema, other: &Schema| differences(one, other).is_empty();
        let alone = |table: &seedbed_schema::model::Table| Schema {
            tables: vec![table.clone()],
            ..Schema::default()
        };
        let mut sorted = table.clone();
        for column in &mut sorted.columns {
            if let Some(like) = wanted.column(&column.name)
                && have_same_values(&column.form, &like.form)
            {
                column.form = like.form.clone();
            }
        }
        sorted.checks.clone_from(&wanted.checks);
        if sorted.columns != table.columns && is_same(&alone(&sorted), &alone(wanted)) {
            *table = sorted;
        }
    }
    merged
}

fn have_same_values(
    one: &seedbed_schema::model::StoredForm,
    other: &seedbed_schema::model::StoredForm,
) -> bool {
    use seedbed_schema::model::StoredForm::TextEnum;
    let (TextEnum(one), TextEnum(other)) = (one, other) else { return false };
    one.len() == other.len() && one.iter().all(|variant| other.iter().any(|like| like.value == variant.value))
}

/// Tries the SQL that is there; returns why it is not right any more.
fn still_right(target: &mut Line, entry: &Entry, merged: &Schema) -> Result<Option<String>, RebaseError> {
    let up = read_script(&entry.up_name(), entry.up.as_deref())?;
    if up.skip_replay {
        return Ok(None);
    }
    let down = match &entry.down {
        Some(down) => Some(read_script(&entry.down_name(), Some(down))?),
        None => None,
    };
    let down = down.filter(|down| !down.statements.is_empty());
    let before = target.read()?;
    for rows in [2, 0] {
        let copy = target.copy()?;
        if rows > 0 && rows::fill(&copy, &target.schema, None, rows, 1).is_err() {
            continue;
        }
        match run(&copy, &up, rows)? {
            Tried::Again => continue,
            Tried::Refused(said) => return Ok(Some(said)),
            Tried::Ran => {}
        }
        let after = target.read_other(&copy)?;
        let missing = differences(&declared_part(&after.schema, merged), merged);
        if !missing.is_empty() {
            return Ok(Some(format!("still to do would be `{}`", missing.join("`, `"))));
        }
        let Some(down) = &down else { return Ok(None) };
        match run(&copy, down, rows)? {
            Tried::Again => continue,
            Tried::Refused(said) => return Ok(Some(format!("its way back: {said}"))),
            Tried::Ran => {}
        }
        let missing = target.read_other(&copy)?.missing(&before);
        return Ok((!missing.is_empty())
            .then(|| format!("its way back: still to do would be `{}`", missing.join("`, `"))));
    }
    Ok(None)
}

enum Tried {
    Ran,
    /// Rows that were made up are in the way; fewer may not be.
    Again,
    Refused(String),
}

fn run(connection: &Connection, script: &Script, rows: usize) -> Result<Tried, RebaseError> {
    Ok(match apply(connection, script) {
        Ok(()) => Tried::Ran,
        Err(failure) if rows > 0 && failure.is_about_rows() => Tried::Again,
        Err(failure) => Tried::Refused(failure.message().to_owned()),
    })
}

/// Whether the file holds what the planner would write today, so that nothing of a person's is lost with it.
fn is_as_planned(work: &Work<'_>, options: &RebaseOptions<'_>) -> bool {
    let Ok(difference) = diff(&work.before, &work.after, &work.renames.clone().nothing_else()) else {
        return false;
    };
    let up = work.entry.up.as_deref().unwrap_or_default();
    let planned = plan_files(&difference, &generate_options(options));
    planned.is_ok_and(|(planned, _)| checksum(&planned) == checksum(up))
}

fn generate_options(options: &RebaseOptions<'_>) -> GenerateOptions {
    GenerateOptions { sqlite_version: options.sqlite_version, ..GenerateOptions::default() }
}

fn plan_anew(
    target: &Line,
    work: &Work<'_>,
    renames: &Renames,
    tag: &str,
    merged: Schema,
    options: &RebaseOptions<'_>,
) -> Result<Placed, RebaseError> {
    let failed = |error| RebaseErrorKind::Plan { tag: work.entry.tag().to_owned(), error };
    let mine = still_to_rename(work, renames, &target.schema, &merged);
    let difference = diff(&target.schema, &merged, &mine).map_err(|error| failed(error.into()))?;
    let (up, down) = plan_and_prove(&difference, target.scripts.clone(), tag, &generate_options(options))
        .map_err(failed)?;
    Ok(Placed { schema: merged, up, down: Some(down), sql: MovedSql::Planned })
}

/// Returns the renames of a migration that the other branch has not made as well, by the names there.
fn still_to_rename(work: &Work<'_>, others: &Renames, before: &Schema, after: &Schema) -> Renames {
    let mut renames = Renames::default().nothing_else();
    for rename in &work.renames.tables {
        let from = others.new_table(&rename.from);
        if from != rename.to && before.table(&from).is_some() && after.table(&rename.to).is_some() {
            renames = renames.table(&from, &rename.to);
        }
    }
    for rename in &work.renames.columns {
        let old_table = work.renames.old_table(&rename.table);
        let in_others = others.new_table(&old_table);
        let table = if after.table(&rename.table).is_some() { &rename.table } else { &in_others };
        let from = others.columns.iter().find(|other| {
            other.table.eq_ignore_ascii_case(&in_others) && other.from.eq_ignore_ascii_case(&rename.from)
        });
        let from = from.map_or(rename.from.as_str(), |other| other.to.as_str());
        let is_there = before.table(&in_others).is_some_and(|table| table.column(from).is_some());
        if from != rename.to && is_there {
            renames = renames.column(table, from, &rename.to);
        }
    }
    renames
}
