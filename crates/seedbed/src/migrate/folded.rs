//! Databases that have applied what was folded into one migration since.
//!
//! A file that `squash` wrote names what it stands for, each with the checksum that it had:
//!
//! ```sql
//! -- seedbed: replaces 0000_base 5f1c…
//! -- seedbed: replaces 0001_squashed_to_0003_tags 77aa…
//! -- seedbed: replaces 0001_users 09d2… of 0001_squashed_to_0003_tags
//! ```
//!
//! In a history that has all of them they become the one; a history that has only some of them is at a point that the
//! folder no longer knows. What they keep aside stays under their own names: the way back of the one drops everything, so
//! nothing could come back through it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::error::{MigrateError, MigrateErrorKind};
use super::folder::Migration;
use super::history::{self, AppliedRow};
use super::kept::{KeptPart, kept_in};
use super::report::Progress;
use super::script::{Replaced, read_replaced};

/// A migration that takes the place of others in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folding {
    /// Its index in the folder.
    index: usize,
    /// The names that go, in the order in which they ran.
    names: Vec<String>,
}

/// Puts folded migrations into a history, and returns what that changes.
pub(super) fn fold(
    migrations: &[Migration],
    mut rows: Vec<AppliedRow>,
) -> Result<(Vec<AppliedRow>, Vec<Folding>), MigrateErrorKind> {
    let mut foldings = Vec::new();
    for (index, migration) in migrations.iter().enumerate() {
        if rows.is_empty() || rows.iter().any(|row| row.name == migration.tag()) {
            continue;
        }
        let replaced = read_replaced(migration.up());
        let Some(names) = all_applied(migration, &replaced, &rows)? else { continue };
        let last = rows.iter().rposition(|row| names.contains(&row.name));
        if let Some(last) = last {
            rows[last].name = migration.tag().to_owned();
            rows[last].checksum = migration.checksum().to_owned();
            rows.retain(|row| !names.contains(&row.name));
            foldings.push(Folding { index, names });
        }
    }
    Ok((rows, foldings))
}

/// Whether the history has what a file stands for, or a part of it.
pub(crate) fn has_parts_of(up: &str, rows: &[AppliedRow]) -> bool {
    let replaced = read_replaced(up);
    rows.iter().any(|row| replaced.iter().any(|it| it.tag == row.name))
}

/// Returns the names in the history that a migration stands for, if it has all of them; `None` when it has none.
fn all_applied(
    migration: &Migration,
    replaced: &[Replaced],
    rows: &[AppliedRow],
) -> Result<Option<Vec<String>>, MigrateErrorKind> {
    let mut parts: BTreeMap<Option<&str>, Vec<&Replaced>> = BTreeMap::new();
    for it in replaced {
        parts.entry(it.of.as_deref()).or_default().push(it);
    }
    let own = parts.get(&None).map(Vec::as_slice).unwrap_or_default();
    let missing: Vec<String> =
        own.iter().filter(|it| !is_applied(it, &parts, rows, 0)).map(|it| it.tag.clone()).collect();
    let of_these = |row: &&AppliedRow| replaced.iter().find(|it| it.tag == row.name);
    let names: Vec<String> =
        rows.iter().filter(|row| of_these(row).is_some()).map(|row| row.name.clone()).collect();
    if names.is_empty() {
        return Ok(None);
    }
    if !missing.is_empty() {
        let applied = names.last().cloned().unwrap_or_default();
        return Err(MigrateErrorKind::PartlyFolded { tag: migration.tag().to_owned(), applied, missing });
    }
    let edited = rows.iter().find(|row| of_these(row).is_some_and(|it| it.checksum != row.checksum));
    match edited {
        Some(row) => Err(MigrateErrorKind::FoldedOtherwise {
            tag: migration.tag().to_owned(),
            replaced: row.name.clone(),
        }),
        None => Ok(Some(names)),
    }
}

/// How deep foldings may stand in each other; a file that says more was not written by us.
const MAX_DEPTH: usize = 64;

/// Whether the history has it, or all that it stands for itself.
fn is_applied(
    it: &Replaced,
    parts: &BTreeMap<Option<&str>, Vec<&Replaced>>,
    rows: &[AppliedRow],
    depth: usize,
) -> bool {
    let of_it = parts.get(&Some(it.tag.as_str()));
    rows.iter().any(|row| row.name == it.tag)
        || of_it.is_some_and(|of_it| {
            depth < MAX_DEPTH && of_it.iter().all(|part| is_applied(part, parts, rows, depth + 1))
        })
}

/// Writes foldings into the history, all of them or none, and tells of each.
pub(super) fn record(
    connection: &Connection,
    migrations: &[Migration],
    foldings: &[Folding],
    tell: &dyn Fn(&Progress<'_>),
) -> Result<(), MigrateError> {
    let transaction =
        rusqlite::Transaction::new_unchecked(connection, rusqlite::TransactionBehavior::Immediate)?;
    // Somebody without our lock may have been faster; then there is nothing to do, or something else.
    let (_, now) = fold(migrations, history::applied(&transaction)?)?;
    let is_news = now == foldings;
    let kept = kept_in(&transaction)?;
    if is_news {
        for Folding { index, names } in foldings {
            let migration = &migrations[*index];
            let Some((last, others)) = names.split_last() else { continue };
            for name in others {
                history::remove(&transaction, name)?;
            }
            transaction.execute(
                "UPDATE main.__seedbed_migrations SET name = ?1, checksum = ?2, tool_version = ?3, down_sql = ?4 WHERE name = ?5",
                params![migration.tag(), migration.checksum(), env!("CARGO_PKG_VERSION"), migration.down(), last],
            )?;
        }
    }
    transaction.commit()?;
    for Folding { index, names } in foldings.iter().filter(|_| is_news) {
        let of_these = kept.iter().filter(|kept| kept.in_reach && names.contains(&kept.migration));
        let kept: Vec<KeptPart> = of_these.map(|kept| kept.part.clone()).collect();
        tell(&Progress::Folded { tag: migrations[*index].tag(), folded: names, kept: &kept });
    }
    Ok(())
}
