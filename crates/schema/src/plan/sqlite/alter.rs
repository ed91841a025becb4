//! Changes a table in place, by the ALTER statements that SQLite has.

use super::kept::{self, Restoring};
use super::rebuild::has_default;
use super::{Context, hazards};
use crate::diff::{ColumnDiff, TableDiff};
use crate::model::{Column, ForeignKey};
use crate::plan::conversion::{Conversion, conversion, filling};
use crate::plan::render::{column_definition, create_index, inline_foreign_key};
use crate::plan::{Hazard, HazardCode, Question, Step};
use crate::sql::quote_identifier;

/// Plans the changes of a table for which [`super::rebuild::is_needed`] says no.
pub(super) fn plan(table: &TableDiff, context: &Context<'_>) -> Result<Vec<Step>, Vec<Question>> {
    let mut steps = Vec::new();
    let restoring = Restoring::of(table, context);
    drop_checks(table, &mut steps);
    for column in ordered_additions(table) {
        add_column(table, column, context, &mut steps);
    }
    if let Some(statement) = restoring.as_ref().and_then(Restoring::fill) {
        let comment = format!("Bring back what was kept of \"{}\".", table.after.name);
        steps.push(Step::new(comment, statement));
    }
    for change in &table.changed_columns {
        change_column(table, change, restoring.as_ref(), context, &mut steps);
    }
    drop_columns(table, &mut steps);
    add_checks(table, context, &mut steps);
    create_indexes(table, context, &mut steps);
    note_bare_changes(table, &mut steps);
    if let Some(first) = steps.first_mut() {
        first.hazards.extend(hazards::of_lost_texts(table));
        first.directives.extend(kept::keep(table, context, true));
        first.directives.extend(restoring.as_ref().map(Restoring::directive));
    }
    Ok(steps)
}

fn alter(table: &TableDiff, action: &str) -> String {
    format!("ALTER TABLE {} {action}", quote_identifier(&table.after.name))
}

fn drop_checks(table: &TableDiff, steps: &mut Vec<Step>) {
    for name in table.dropped_checks.iter().filter_map(|check| check.name.as_ref()) {
        let comment = format!("Drop check \"{name}\" of \"{}\".", table.after.name);
        steps.push(Step::new(comment, alter(table, &format!("DROP CONSTRAINT {}", quote_identifier(name)))));
    }
}

fn add_checks(table: &TableDiff, context: &Context<'_>, steps: &mut Vec<Step>) {
    for check in &table.added_checks {
        let Some(name) = &check.name else { continue };
        let comment = format!("Add check \"{name}\" to \"{}\".", table.after.name);
        let action = format!("ADD CONSTRAINT {} CHECK ({})", quote_identifier(name), check.expr);
        let mut step = Step::new(comment, alter(table, &action));
        step.hazards.extend(hazards::of_check(table, check, context));
        steps.push(step);
    }
}

/// Generated columns come after the plain ones that they may read.
fn ordered_additions(table: &TableDiff) -> Vec<&Column> {
    let (generated, plain): (Vec<&Column>, Vec<&Column>) =
        table.added_columns.iter().partition(|column| column.generated.is_some());
    let mut ordered = plain;
    let mut rest = generated;
    while !rest.is_empty() {
        let reads_pending = |column: &&Column| {
            let expr = column.generated.as_ref().map(|generated| &generated.expr);
            rest.iter()
                .any(|other| other.name != column.name && expr.is_some_and(|expr| expr.mentions(&other.name)))
        };
        let at = rest.iter().position(|column| !reads_pending(column)).unwrap_or(0);
        ordered.push(rest.remove(at));
    }
    ordered
}

fn add_column(table: &TableDiff, column: &Column, context: &Context<'_>, steps: &mut Vec<Step>) {
    let name = &table.after.name;
    let backfill = context.backfill(name, column);
    // A column that gets its values by UPDATE is tightened afterwards.
    let tighten = !column.nullable && !has_default(column) && column.generated.is_none();
    let added = Column { nullable: column.nullable || tighten, ..column.clone() };
    let references = table.added_foreign_keys.iter().filter(|key| is_inline(key, column));
    let reference: String = references.map(inline_foreign_key).collect();
    let action = format!("ADD COLUMN {}{reference}", column_definition(&added));
    let mut step = Step::new(format!("Add column \"{}\" to \"{name}\".", column.name), alter(table, &action));
    if !column.nullable && column.generated.is_some() {
        let text = "rows for which the expression is NULL make this fail";
        step = step.with_hazard(Hazard::new(HazardCode::MayFailNotNull, name, Some(&column.name), text));
    }
    steps.push(step);
    if let Some(expr) = backfill {
        let statement =
            format!("UPDATE {} SET {} = ({expr})", quote_identifier(name), quote_identifier(&column.name));
        steps.push(Step::new(
            format!("Fill \"{name}\".\"{}\" of the rows there are.", column.name),
            statement,
        ));
    }
    if tighten {
        let action = format!("ALTER COLUMN {} SET NOT NULL", quote_identifier(&column.name));
        steps
            .push(Step::new(format!("Make \"{name}\".\"{}\" NOT NULL.", column.name), alter(table, &action)));
    }
}

/// Whether the foreign key can stand at the column itself.
pub(super) fn is_inline(key: &ForeignKey, column: &Column) -> bool {
    matches!(key.columns.as_slice(), [only] if only.eq_ignore_ascii_case(&column.name))
}

fn change_column(
    table: &TableDiff,
    change: &ColumnDiff,
    restoring: Option<&Restoring<'_>>,
    context: &Context<'_>,
    steps: &mut Vec<Step>,
) {
    let name = &table.after.name;
    let column = quote_identifier(change.name());
    if super::rebuild::is_virtual_swap(table, change) {
        let mut step = Step::new(
            format!("Replace the generated column \"{name}\".\"{}\".", change.name()),
            alter(table, &format!("DROP COLUMN {column}")),
        );
        step.statements.push(alter(table, &format!("ADD COLUMN {}", column_definition(&change.after))));
        steps.push(step);
        return;
    }
    let mut kept = hazards::of_kept_constraints(table, change, context);
    let conversion = conversion(change, table.after.strict);
    let is_loosened = !change.before.nullable && change.after.nullable;
    let loosen = || {
        let action = format!("ALTER COLUMN {column} DROP NOT NULL");
        Step::new(format!("Allow NULL in \"{name}\".\"{}\".", change.name()), alter(table, &action))
    };
    // What comes back can be a NULL.
    let brought_back =
        |expr: Option<&str>| restoring.and_then(|restoring| restoring.convert(change.name(), expr));
    let loosens_first = is_loosened && brought_back(None).is_some();
    if loosens_first {
        steps.push(loosen());
    }
    if let Conversion::Expr { expr, .. } = conversion {
        let statement = brought_back(Some(&expr)).unwrap_or_else(|| {
            format!("UPDATE {} SET {column} = {expr} WHERE {column} IS NOT NULL", quote_identifier(name))
        });
        let mut step =
            Step::new(format!("Convert the values of \"{name}\".\"{}\".", change.name()), statement);
        let of_column = |hazard: &Hazard| hazard.column.as_deref() == Some(change.name());
        step.hazards.extend(hazards::of_conversions(table).into_iter().filter(of_column));
        step.hazards.append(&mut kept);
        steps.push(step);
    } else if let Some(statement) = brought_back(None) {
        let comment = format!("Bring back what was kept of \"{name}\".\"{}\".", change.name());
        steps.push(Step::new(comment, statement));
    }
    if change.before.nullable && !change.after.nullable {
        if let Some(value) = filling(&change.after, context.backfill(name, &change.after)) {
            let statement =
                format!("UPDATE {} SET {column} = {value} WHERE {column} IS NULL", quote_identifier(name));
            let comment = format!("Fill \"{name}\".\"{}\" where it is NULL.", change.name());
            let mut step = Step::new(comment, statement);
            step.hazards.append(&mut kept);
            steps.push(step);
        }
        let mut step = Step::new(
            format!("Make \"{name}\".\"{}\" NOT NULL.", change.name()),
            alter(table, &format!("ALTER COLUMN {column} SET NOT NULL")),
        );
        let of_column = |hazard: &Hazard| hazard.column.as_deref() == Some(change.name());
        step.hazards.extend(hazards::of_not_null(table, context).into_iter().filter(of_column));
        steps.push(step);
    } else if is_loosened && !loosens_first {
        steps.push(loosen());
    }
}

/// Generated columns go before the columns that they read.
fn drop_columns(table: &TableDiff, steps: &mut Vec<Step>) {
    let mut rest: Vec<&Column> = table.dropped_columns.iter().collect();
    while !rest.is_empty() {
        let is_read = |column: &&Column| {
            rest.iter().any(|other| {
                other.name != column.name
                    && other.generated.as_ref().is_some_and(|generated| generated.expr.mentions(&column.name))
            })
        };
        let at = rest.iter().position(|column| !is_read(column)).unwrap_or(0);
        let column = rest.remove(at);
        let action = format!("DROP COLUMN {}", quote_identifier(&column.name));
        let mut step = Step::new(
            format!("Drop column \"{}\" of \"{}\".", column.name, table.after.name),
            alter(table, &action),
        );
        step.hazards.extend(hazards::of_dropped_column(table, column));
        steps.push(step);
    }
}

fn create_indexes(table: &TableDiff, context: &Context<'_>, steps: &mut Vec<Step>) {
    for index in &table.added_indexes {
        let comment = format!("Create index \"{}\".", index.name);
        let mut step = Step::new(comment, create_index(&table.after.name, index));
        step.hazards.extend(hazards::of_index(table, index, context));
        steps.push(step);
    }
}

/// A change that the database does not see (an enum without CHECK gets a value) is recorded by a comment, so that a
/// later change of stored form knows where it starts from.
fn note_bare_changes(table: &TableDiff, steps: &mut Vec<Step>) {
    if steps.is_empty() && table.renamed_columns.is_empty() && !table.changed_columns.is_empty() {
        let columns: Vec<String> = table
            .changed_columns
            .iter()
            .map(|change| format!("\"{}\".\"{}\"", table.after.name, change.name()))
            .collect();
        let comment =
            format!("Only the stored form of {} changes; the rows stay as they are.", columns.join(", "));
        steps.push(Step { comment, ..Step::default() });
    }
}
