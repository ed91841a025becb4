//! Rebuilds a table: a new one beside it, the rows copied, the names swapped.
//!
//! This is the procedure of <https://www.sqlite.org/lang_altertable.html#otheralter>. The runner does what a file
//! cannot: it switches foreign keys off before the transaction, keeps triggers and hand-made indexes, and compares
//! row counts and foreign keys before it commits.

use super::kept::{self, Restoring};
use super::{Context, alter, hazards};
use crate::diff::{ColumnDiff, TableDiff};
use crate::model::{Column, DefaultValue, IndexTerm};
use crate::plan::conversion::{Conversion, conversion, filling, free_rowid_name, placeholder};
use crate::plan::render::{create_index, create_table};
use crate::plan::{Hazard, HazardCode, Question, QuestionKind, Step};
use crate::sql::{quote_identifier, quote_text};

/// The name of the new table until it takes the old one's place.
const PREFIX: &str = "__seedbed_new_";

/// Whether ALTER cannot do it.
pub(super) fn is_needed(table: &TableDiff, context: &Context<'_>) -> bool {
    let unnamed = |checks: &[crate::model::Check]| checks.iter().any(|check| check.name.is_none());
    let checks_change = !table.added_checks.is_empty() || !table.dropped_checks.is_empty();
    let inline_key = |key: &crate::model::ForeignKey| {
        table.added_columns.iter().any(|column| alter::is_inline(key, column))
    };
    table.options_changed
        || table.primary_key.is_some()
        || !table.added_uniques.is_empty()
        || !table.dropped_uniques.is_empty()
        || !table.dropped_foreign_keys.is_empty()
        || !table.added_foreign_keys.iter().all(inline_key)
        || unnamed(&table.added_checks)
        || unnamed(&table.dropped_checks)
        || (checks_change && !context.alters_constraints())
        || table.added_columns.iter().any(|column| !can_be_added(table, column, context))
        || table.dropped_columns.iter().any(|column| !can_be_dropped(table, column, context))
        || table.changed_columns.iter().any(|change| !can_be_changed(table, change, context))
}

fn can_be_added(table: &TableDiff, column: &Column, context: &Context<'_>) -> bool {
    if let Some(generated) = &column.generated {
        return !generated.stored;
    }
    let has_reference = table.added_foreign_keys.iter().any(|key| alter::is_inline(key, column));
    let backfill = context.backfill(&table.after.name, column);
    match &column.default {
        None | Some(DefaultValue::Null) if column.nullable => backfill.is_none() || !has_reference,
        None | Some(DefaultValue::Null) => {
            backfill.is_some() && !has_reference && context.alters_constraints()
        }
        Some(DefaultValue::Expr(_)) => false,
        Some(_) => !has_reference,
    }
}

fn can_be_dropped(table: &TableDiff, column: &Column, context: &Context<'_>) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(&column.name);
    let in_key = table.before.primary_key.iter().flat_map(|key| &key.columns).any(|part| is(&part.name));
    let in_unique = table.before.uniques.iter().flat_map(|unique| &unique.columns).any(|part| is(&part.name));
    let in_foreign = table.before.foreign_keys.iter().any(|key| key.columns.iter().any(|name| is(name)));
    context.drops_columns() && !in_key && !in_unique && !in_foreign && !is_read_by_kept(table, &column.name)
}

/// Whether a check, a generated column or an index that stays reads the column.
fn is_read_by_kept(table: &TableDiff, name: &str) -> bool {
    let goes = |column: &Column| table.dropped_columns.iter().any(|dropped| dropped.name == column.name);
    let by_check = table.before.checks.iter().any(|check| {
        let dropped =
            table.dropped_checks.iter().any(|dropped| dropped.name == check.name && dropped.name.is_some());
        !dropped && check.expr.mentions(name)
    });
    let by_generated = table.before.columns.iter().any(|column| {
        !goes(column)
            && !column.name.eq_ignore_ascii_case(name)
            && column.generated.as_ref().is_some_and(|generated| generated.expr.mentions(name))
    });
    let by_index = table.before.indexes.iter().any(|index| {
        let dropped = table.dropped_indexes.iter().any(|dropped| dropped.name == index.name);
        let reads = |term: &IndexTerm| match term {
            IndexTerm::Column(column) => column.eq_ignore_ascii_case(name),
            IndexTerm::Expr(expr) => expr.mentions(name),
        };
        let in_predicate = index.predicate.as_ref().is_some_and(|predicate| predicate.mentions(name));
        !dropped && (in_predicate || index.columns.iter().any(|part| reads(&part.term)))
    });
    by_check || by_generated || by_index
}

fn can_be_changed(table: &TableDiff, change: &ColumnDiff, context: &Context<'_>) -> bool {
    if is_virtual_swap(table, change) {
        return true;
    }
    let same_sql = change.before.column_type == change.after.column_type
        && change.before.generated == change.after.generated
        && same_default(&change.before, &change.after)
        && same_collation(&change.before, &change.after);
    let nullability = change.before.nullable != change.after.nullable;
    let converts = conversion(change, table.after.strict) != Conversion::None;
    // Values on either side of a foreign key cannot change while the key is watched, and an UPDATE of unique ones can
    // meet on its way a row that it has not come to yet.
    let old_name = context.diff.renames.old_column(&table.after.name, change.name());
    let is_referenced = context.diff.before.tables.iter().flat_map(|other| &other.foreign_keys).any(|key| {
        let new_table = context.diff.renames.new_table(&key.referenced_table);
        let mut columns = key.referenced_columns.iter();
        new_table.eq_ignore_ascii_case(&table.after.name)
            && (key.referenced_columns.is_empty() || columns.any(|name| name.eq_ignore_ascii_case(&old_name)))
    });
    let is_foreign = table
        .before
        .foreign_keys
        .iter()
        .chain(&table.after.foreign_keys)
        .any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(change.name())));
    let is_plain = change.before.generated.is_none() && change.after.generated.is_none();
    same_sql
        && (!nullability || (context.alters_constraints() && is_plain))
        && (!converts || !(is_referenced || is_foreign || table.after.has_unique_over(change.name())))
}

fn same_default(before: &Column, after: &Column) -> bool {
    let present = |column: &Column| column.default.clone().filter(|default| *default != DefaultValue::Null);
    present(before) == present(after)
}

fn same_collation(before: &Column, after: &Column) -> bool {
    let name = |column: &Column| {
        column.collation.clone().unwrap_or_else(|| "BINARY".to_owned()).to_ascii_uppercase()
    };
    name(before) == name(after)
}

/// Whether the column is VIRTUAL on both sides and nothing else reads it, so that dropping and adding it will do.
pub(super) fn is_virtual_swap(table: &TableDiff, change: &ColumnDiff) -> bool {
    let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|generated| !generated.stored);
    let is_key = |key: &crate::model::ForeignKey| {
        key.columns.iter().any(|name| name.eq_ignore_ascii_case(change.name()))
    };
    let is_unique =
        table.before.uniques.iter().flat_map(|unique| &unique.columns).any(|part| part.name == change.name());
    is_virtual(&change.before)
        && is_virtual(&change.after)
        && change.before.generated != change.after.generated
        && !is_unique
        && !table.before.foreign_keys.iter().any(is_key)
        && !is_read_by_kept(table, change.name())
        && !table.after.columns.iter().any(|column| {
            column.generated.as_ref().is_some_and(|generated| generated.expr.mentions(change.name()))
        })
}

/// Plans the rebuild of a table with all its changes at once.
pub(super) fn plan(table: &TableDiff, context: &Context<'_>) -> Result<Vec<Step>, Vec<Question>> {
    let name = &table.after.name;
    let mut questions = Vec::new();
    if !table.before.unmodelled.is_empty() {
        let text = format!(
            "`{name}` would have to be rebuilt, which would lose its {}; write this migration by hand",
            table.before.unmodelled.join(", ")
        );
        questions.push(Question { kind: QuestionKind::Unmodelled, table: name.clone(), column: None, text });
    }
    let mut hazards = vec![Hazard::new(HazardCode::Rebuild, name, None, "the table is copied")];
    hazards
        .extend(table.dropped_columns.iter().filter_map(|column| hazards::of_dropped_column(table, column)));
    hazards.extend(hazards::of_conversions(table));
    hazards.extend(hazards::of_lost_texts(table));
    hazards.extend(hazards::of_not_null(table, context));
    hazards.extend(
        table.changed_columns.iter().flat_map(|change| hazards::of_kept_constraints(table, change, context)),
    );
    hazards.extend(hazards::of_constraints(table, context));
    let restoring = Restoring::of(table, context);
    let copy = copy(table, context, restoring.as_ref(), &mut hazards, &mut questions);
    if !questions.is_empty() {
        return Err(questions);
    }

    let new_name = format!("{PREFIX}{name}");
    let (old, new) = (quote_identifier(name), quote_identifier(&new_name));
    let mut statements = vec![create_table(&table.after, &new_name)];
    let targets: Vec<&str> = copy.iter().map(|(target, _)| target.as_str()).collect();
    let sources: Vec<&str> = copy.iter().map(|(_, source)| source.as_str()).collect();
    if !copy.is_empty() {
        let order = kept::numbering(table).filter(|_| !context.is_reverse());
        statements.push(format!(
            "INSERT INTO {new} ({})\nSELECT {}\nFROM {}{}",
            targets.join(", "),
            sources.join(", "),
            restoring.as_ref().map_or_else(|| old.clone(), Restoring::source),
            order.map_or_else(String::new, |order| format!("\n{order}"))
        ));
    }
    let counts = |of: &crate::model::Table| of.primary_key.as_ref().is_some_and(|key| key.autoincrement);
    if counts(&table.before) && counts(&table.after) {
        // The counter of ids must not fall back to the largest id that is left.
        let (old_text, new_text) = (quote_text(name), quote_text(&new_name));
        statements.push(format!("DELETE FROM sqlite_sequence WHERE name = {new_text}"));
        statements.push(format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {new_text}, seq FROM sqlite_sequence WHERE name = {old_text}"
        ));
    }
    statements.push(format!("DROP TABLE {old}"));
    statements.push(format!("ALTER TABLE {new} RENAME TO {old}"));
    statements.extend(table.after.indexes.iter().map(|index| create_index(name, index)));
    let dropped: Vec<String> =
        table.dropped_columns.iter().map(|column| quote_identifier(&column.name)).collect();
    let dropped = if dropped.is_empty() { String::new() } else { format!(" drops {}", dropped.join(", ")) };
    let mut directives = vec![format!("rebuild {old}{dropped}")];
    directives.extend(kept::keep(table, context, false));
    directives.extend(restoring.as_ref().map(Restoring::directive));
    Ok(vec![Step { comment: format!("Rebuild table \"{name}\"."), directives, hazards, statements }])
}

/// Returns where each column's values come from, as (target, expression) pairs. A column that is left out takes its
/// default.
fn copy(
    table: &TableDiff,
    context: &Context<'_>,
    restoring: Option<&Restoring<'_>>,
    hazards: &mut Vec<Hazard>,
    questions: &mut Vec<Question>,
) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let rowid = free_rowid_name(&[&table.before, &table.after]);
    // Beside kept rows only the table's own name says whose rowid it is.
    let own_rowid = rowid.map(|rowid| match restoring {
        Some(_) => format!("{}.{rowid}", quote_identifier(&table.after.name)),
        None => rowid.to_owned(),
    });
    let alias = table.after.rowid_alias();
    let keeps_rowid = !table.before.without_rowid && !table.after.without_rowid;
    if keeps_rowid
        && alias.is_none()
        && let Some((rowid, own)) = rowid.zip(own_rowid.clone())
    {
        pairs.push((rowid.to_owned(), own));
    }
    for column in table.after.columns.iter().filter(|column| column.generated.is_none()) {
        let target = quote_identifier(&column.name);
        let is_alias = alias == Some(column.name.as_str());
        let value = if let Some(was) = table.before.column(&column.name) {
            Some(carried(table, was, column, context))
        } else if let Some(expr) = context.backfill(&table.after.name, column) {
            Some(format!("({expr})"))
        } else if is_alias {
            // The new key takes over the numbers that the rows had.
            own_rowid.clone().filter(|_| keeps_rowid)
        } else if !column.nullable && !has_default(column) {
            made_up(table, column, own_rowid.as_deref(), context, hazards, questions)
        } else {
            // Left out, it takes its default; beside a kept value that has to be written.
            filling(column, None).filter(|_| restoring.is_some())
        };
        let value = match restoring {
            Some(restoring) => restoring.value(&column.name, value),
            None => value,
        };
        pairs.extend(value.map(|value| (target, value)));
    }
    pairs
}

/// Returns the value that a row of the old table gives a column of the new one; `None` where SQLite finds one itself.
pub(super) fn value(table: &TableDiff, column: &Column, context: &Context<'_>) -> Option<String> {
    match table.before.column(&column.name) {
        Some(was) => Some(carried(table, was, column, context)),
        None => filling(column, context.backfill(&table.after.name, column)),
    }
}

/// Whether rows that are not given a value get one that is not NULL.
pub(super) fn has_default(column: &Column) -> bool {
    column.default.as_ref().is_some_and(|default| *default != DefaultValue::Null)
}

/// Returns the expression for a column that was there before.
fn carried(table: &TableDiff, was: &Column, column: &Column, context: &Context<'_>) -> String {
    let change = table.changed_columns.iter().find(|change| change.name() == column.name);
    let name = quote_identifier(&was.name);
    let Some(change) = change else { return name };
    let value = match conversion(change, table.after.strict) {
        Conversion::None => name,
        Conversion::Expr { expr, .. } => expr,
    };
    let tightened = change.before.nullable && !change.after.nullable;
    match filling(column, context.backfill(&table.after.name, column)) {
        Some(filling) if tightened => format!("coalesce({value}, {filling})"),
        _ => value,
    }
}

/// Returns a value for a column that is NOT NULL and has none, going back; going forward that is the author's to say.
fn made_up(
    table: &TableDiff,
    column: &Column,
    rowid: Option<&str>,
    context: &Context<'_>,
    hazards: &mut Vec<Hazard>,
    questions: &mut Vec<Question>,
) -> Option<String> {
    let name = &table.after.name;
    if !context.is_reverse() {
        let text = format!(
            "`{name}.{}` is NOT NULL and has no default: which value do the rows there are get?",
            column.name
        );
        let (kind, column) = (QuestionKind::MissingValue, Some(column.name.clone()));
        questions.push(Question { kind, table: name.clone(), column, text });
        return None;
    }
    let hazard = |code, text: &str| Hazard::new(code, name, Some(&column.name), text);
    let made_up = placeholder(&table.before, &table.after, column, rowid);
    hazards.push(match &made_up {
        Some(value) => {
            hazard(HazardCode::Placeholder, &format!("where its values were not kept, rows get {value}"))
        }
        None => hazard(
            HazardCode::CannotRestore,
            "where its values were not kept, none can be made up, and rows make this fail",
        ),
    });
    made_up
}
