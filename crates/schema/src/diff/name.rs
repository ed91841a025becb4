//! Names a migration after what it does.

use super::{Change, SchemaDiff};

/// The longest name that is made, in bytes; a folder is read by people.
const LONGEST: usize = 60;

/// Returns a name such as `add_hint_events` or `rename_name_to_full_name_in_users`.
///
/// Adding the first tables is `initial`; of many changes the weightiest is named: `add_cards_to_node_contents_and_2_more`.
pub fn migration_name(diff: &SchemaDiff) -> String {
    let changes = diff.changes();
    let creates_only =
        changes.iter().all(|change| matches!(change, Change::CreateTable { .. } | Change::CreateView { .. }));
    if diff.before.tables.is_empty() && creates_only && changes.len() > 1 {
        return "initial".to_owned();
    }
    let mut fragments: Vec<String> = Vec::new();
    for change in changes.iter().filter(|change| !goes_without_saying(change, &changes)) {
        let fragment = slug(&fragment(change));
        if !fragments.contains(&fragment) {
            fragments.push(fragment);
        }
    }
    let joined = fragments.join("_and_");
    match fragments.as_slice() {
        [] => "empty".to_owned(),
        _ if fragments.len() <= 2 && joined.len() <= LONGEST => joined,
        [first, rest @ ..] => {
            let tail = if rest.is_empty() { String::new() } else { format!("_and_{}_more", rest.len()) };
            let head: String = first.chars().take(LONGEST - tail.len()).collect();
            format!("{}{tail}", head.trim_end_matches('_'))
        }
    }
}

/// Whether the change is an index or a constraint of a table whose columns change, or the old half of a constraint
/// that changes: it goes without saying.
fn goes_without_saying(change: &Change, changes: &[Change]) -> bool {
    let (Change::AddConstraint { table, .. }
    | Change::DropConstraint { table, .. }
    | Change::CreateIndex { table, .. }
    | Change::DropIndex { table, .. }
    | Change::AlterIndex { table, .. }) = change
    else {
        return false;
    };
    changes.iter().any(|other| match (other, change) {
        (
            Change::AddColumn { table: of, .. }
            | Change::DropColumn { table: of, .. }
            | Change::AlterColumn { table: of, .. },
            _,
        ) => of == table,
        (Change::RenameTable { to, .. }, _) => to == table,
        (
            Change::AddConstraint { table: of, constraint: new },
            Change::DropConstraint { constraint: old, .. },
        ) => of == table && new == old,
        _ => false,
    })
}

fn fragment(change: &Change) -> String {
    match change {
        Change::CreateTable { table } => format!("add_{table}"),
        Change::DropTable { table } => format!("drop_{table}"),
        Change::RenameTable { from, to } => format!("rename_{from}_to_{to}"),
        Change::AddColumn { table, column } => format!("add_{column}_to_{table}"),
        Change::DropColumn { table, column } => format!("drop_{column}_from_{table}"),
        Change::RenameColumn { table, from, to } => format!("rename_{from}_to_{to}_in_{table}"),
        Change::AlterColumn { table, column } => format!("alter_{column}_of_{table}"),
        Change::AlterPrimaryKey { table } => format!("alter_key_of_{table}"),
        Change::AlterOptions { table } => format!("alter_{table}"),
        Change::AddConstraint { table, constraint } => format!("add_{}_to_{table}", kind(constraint)),
        Change::DropConstraint { table, constraint } => format!("drop_{}_from_{table}", kind(constraint)),
        Change::CreateIndex { index, .. } => format!("add_{index}"),
        Change::DropIndex { index, .. } => format!("drop_{index}"),
        Change::AlterIndex { index, .. } => format!("alter_{index}"),
        Change::CreateView { view } => format!("add_{view}"),
        Change::DropView { view } => format!("drop_{view}"),
        Change::AlterView { view } => format!("alter_{view}"),
        Change::CreateTrigger { trigger } => format!("add_{trigger}"),
        Change::DropTrigger { trigger } => format!("drop_{trigger}"),
        Change::AlterTrigger { trigger } => format!("alter_{trigger}"),
    }
}

/// The constraint's name when it has one, else its kind.
fn kind(constraint: &str) -> &str {
    match constraint.split_once('(') {
        Some((kind, _)) => kind.trim(),
        None => constraint.rsplit(' ').next().unwrap_or(constraint),
    }
}

/// Lower-case ASCII letters, digits and single underscores.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.ends_with('_') && !slug.is_empty() {
            slug.push('_');
        }
    }
    slug.trim_end_matches('_').to_owned()
}
