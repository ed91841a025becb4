//! What a change of one table can cost, whichever way it is carried out.

use super::Context;
use crate::diff::TableDiff;
use crate::model::Column;
use crate::plan::conversion::{Conversion, conversion, filling};
use crate::plan::{Hazard, HazardCode};

/// Data that is lost.
pub(super) fn of_dropped_column(table: &TableDiff, column: &Column) -> Option<Hazard> {
    // The values of a generated column are not data.
    let text = "the column and its values are dropped";
    column
        .generated
        .is_none()
        .then(|| Hazard::new(HazardCode::DropColumn, &table.after.name, Some(&column.name), text))
}

/// Values that may not survive, of every changed column.
pub(super) fn of_conversions(table: &TableDiff) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    for change in &table.changed_columns {
        if let Conversion::Expr { loss: Some(loss), .. } = conversion(change, table.after.strict) {
            hazards.push(Hazard::new(HazardCode::LossyCast, &table.after.name, Some(change.name()), loss));
        }
        if change.before.generated.is_none() && change.after.generated.is_some() {
            let text = "the stored values are replaced by computed ones";
            hazards.push(Hazard::new(HazardCode::LossyCast, &table.after.name, Some(change.name()), text));
        }
    }
    hazards
}

/// NULLs that a new NOT NULL would refuse and nothing fills.
pub(super) fn of_not_null(table: &TableDiff, context: &Context<'_>) -> Vec<Hazard> {
    let tightened =
        table.changed_columns.iter().filter(|change| change.before.nullable && !change.after.nullable);
    let unfilled = tightened.filter(|change| {
        filling(&change.after, context.backfill(&table.after.name, &change.after)).is_none()
            || change.after.generated.is_some()
    });
    let hazard = |name: &str| {
        let text = "rows in which it is NULL make this fail; a default or a backfill fills them";
        Hazard::new(HazardCode::MayFailNotNull, &table.after.name, Some(name), text)
    };
    unfilled.map(|change| hazard(change.name())).collect()
}

/// Rows that a new constraint or a new unique index would refuse.
pub(super) fn of_constraints(table: &TableDiff) -> Vec<Hazard> {
    let name = &table.after.name;
    let mut hazards = Vec::new();
    let mut unique = |columns: String| {
        let text = format!("rows that repeat ({columns}) make this fail");
        hazards.push(Hazard::new(HazardCode::MayFailUnique, name, None, text));
    };
    for added in &table.added_uniques {
        unique(added.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    if let Some(key) = &table.primary_key
        && let Some(key) = &key.after
    {
        unique(key.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    for added in table.added_indexes.iter().filter(|index| index.unique) {
        unique(added.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    for check in &table.added_checks {
        let text = format!("rows that break ({}) make this fail", check.expr);
        hazards.push(Hazard::new(HazardCode::MayFailCheck, name, None, text));
    }
    for key in &table.added_foreign_keys {
        let text = format!(
            "rows whose ({}) is not in \"{}\" make this fail",
            key.columns.join(", "),
            key.referenced_table
        );
        hazards.push(Hazard::new(HazardCode::MayFailForeignKey, name, None, text));
    }
    if table.after.strict && !table.before.strict {
        let text = "values that are not of their column's type make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailStrict, name, None, text));
    }
    hazards
}
