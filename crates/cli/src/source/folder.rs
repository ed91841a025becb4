//! A migrations folder as a source: what its files make when they are run, and how values are written, which only its
//! snapshots know.

use std::collections::BTreeSet;

use seedbed::inspect::inspect_all;
use seedbed::migrate::{Folder, Migration};
use seedbed::replay::Replay;
use seedbed_schema::model::Schema;

use super::Loaded;
use crate::cli_error::{CliError, Kind};
use crate::failures::folder_kind;

/// Reads the folder up to the migration that `at` names, or to its end.
pub(super) fn load(path: &str, at: Option<&str>) -> Result<Loaded, CliError> {
    let migrations = Folder::new(path).migrations().map_err(|error| {
        let hint = error.hint();
        CliError::new(folder_kind(&error), error.to_string()).with_hints(hint)
    })?;
    let end = match at {
        Some(name) => find(path, &migrations, name)? + 1,
        None => migrations.len(),
    };
    let migrations = &migrations[..end];
    let label = match (at, migrations.last()) {
        (Some(_), Some(last)) => format!("{path}@{}", last.tag()),
        _ => path.to_owned(),
    };
    let replay = Replay::of(migrations)?;
    let found = inspect_all(replay.connection()).map_err(|error| {
        CliError::new(Kind::Database, format!("cannot read the schema that `{path}` makes"))
            .with_source(error)
    })?;
    let mut loaded = Loaded::found(label, found);
    for tag in replay.skipped() {
        loaded.notes.push(format!("`{tag}` asks not to be run in memory; what it does is left out"));
    }
    if let Some(last) = migrations.last() {
        complete(&mut loaded, last)?;
    } else {
        loaded.knows_forms = true;
    }
    Ok(loaded)
}

/// Adds what the newest snapshot knows; a folder of Drizzle has none that we could read.
fn complete(loaded: &mut Loaded, newest: &Migration) -> Result<(), CliError> {
    let snapshot = match newest.snapshot() {
        Ok(Some(snapshot)) => snapshot.schema,
        Ok(None) => return Ok(()),
        Err(error) if error.is_drizzle_snapshot() => return Ok(()),
        Err(error) => {
            let hint = error.hint();
            return Err(CliError::new(folder_kind(&error), error.to_string()).with_hints(hint));
        }
    };
    loaded.knows_forms = true;
    loaded.made_by_hand = made_by_hand(&loaded.schema, &snapshot);
    for table in &mut loaded.schema.tables {
        let Some(declared) = snapshot.table(&table.name) else { continue };
        for column in &mut table.columns {
            if let Some(known) = declared.column(&column.name) {
                column.form = known.form.clone();
            }
        }
    }
    Ok(())
}

/// Returns what the files make and the snapshot does not know.
fn made_by_hand(live: &Schema, declared: &Schema) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in &live.tables {
        let Some(known) = declared.table(&table.name) else {
            names.insert(table.name.to_ascii_lowercase());
            continue;
        };
        let is_known = |name: &str| known.indexes.iter().any(|index| index.name.eq_ignore_ascii_case(name));
        let strange = table.indexes.iter().filter(|index| !is_known(&index.name));
        names.extend(strange.map(|index| index.name.to_ascii_lowercase()));
    }
    let views = live.views.iter().filter(|view| declared.view(&view.name).is_none());
    names.extend(views.map(|view| view.name.to_ascii_lowercase()));
    names
}

/// Returns the place of the migration with that name: its tag, its number, or a part of one tag only.
pub(crate) fn find(path: &str, migrations: &[Migration], name: &str) -> Result<usize, CliError> {
    if let Some(at) = migrations.iter().position(|migration| migration.tag() == name) {
        return Ok(at);
    }
    let number = name.parse::<u32>().ok();
    if let Some(at) = migrations.iter().position(|migration| Some(migration.index()) == number) {
        return Ok(at);
    }
    let places: Vec<usize> =
        (0..migrations.len()).filter(|at| migrations[*at].tag().contains(name)).collect();
    let tags = |places: &[usize]| {
        let tags: Vec<String> = places.iter().map(|at| format!("`{}`", migrations[*at].tag())).collect();
        tags.join(", ")
    };
    match places.as_slice() {
        [only] => Ok(*only),
        [] => {
            let error = CliError::usage(format!("`{path}` has no migration `{name}`"));
            Err(match migrations.last() {
                Some(last) => error.with_hint(format!(
                    "its newest is `{}`; a name is a tag, a number, or a part of one tag",
                    last.tag()
                )),
                None => error.with_hint("it has no migration at all"),
            })
        }
        several => Err(CliError::usage(format!(
            "`{name}` is part of several migrations of `{path}`: {}",
            tags(several)
        ))
        .with_hint("give more of the name, or its number")),
    }
}
