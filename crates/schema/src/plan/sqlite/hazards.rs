//! What a change of one table can cost, whichever way it is carried out.

use super::Context;
use crate::diff::{ASIDE, ColumnDiff, TableDiff};
use crate::model::{Check, Column, EnumVariant, Index, IndexTerm, KeyColumn, PrimaryKey, StoredForm};
use crate::plan::conversion::{Conversion, conversion, filling};
use crate::plan::{Hazard, HazardCode};
use crate::sql::{SqlExpr, quote_text};

/// Data that is lost.
pub(super) fn of_dropped_column(table: &TableDiff, column: &Column) -> Option<Hazard> {
    // The values of a generated column are not data.
    let text = "the column and its values are dropped";
    column
        .generated
        .is_none()
        .then(|| Hazard::new(HazardCode::DropColumn, &table.after.name, Some(own_name(column)), text))
}

/// The name that a dropped column had before another one took it.
fn own_name(column: &Column) -> &str {
    column.name.strip_prefix(ASIDE).unwrap_or(&column.name)
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
    // ANY keeps every value as it is in a STRICT table only, <https://www.sqlite.org/stricttables.html#the_any_datatype>.
    if table.before.strict && !table.after.strict {
        let is_any = |column: &&Column| column.column_type.as_str().eq_ignore_ascii_case("ANY");
        for column in table.after.columns.iter().filter(is_any) {
            if table.before.column(&column.name).is_some_and(|was| is_any(&was)) {
                let text = "a text that looks like a number becomes one";
                hazards.push(Hazard::new(HazardCode::LossyCast, &table.after.name, Some(&column.name), text));
            }
        }
    }
    hazards
}

/// Texts that an enum loses where no CHECK guards them: rows keep them, and no value of the code stands for them.
pub(super) fn of_lost_texts(table: &TableDiff) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    for change in &table.changed_columns {
        let (StoredForm::TextEnum(before), StoredForm::TextEnum(after)) =
            (&change.before.form, &change.after.form)
        else {
            continue;
        };
        let is_kept = |variant: &&EnumVariant| {
            after.iter().any(|other| other.value == variant.value)
                || change.variants.iter().any(|rename| rename.from == variant.value)
        };
        let lost: Vec<String> = before
            .iter()
            .filter(|variant| !is_kept(variant))
            .map(|variant| quote_text(&variant.value))
            .collect();
        let is_checked = table.after.checks.iter().any(|check| check.expr.mentions(change.name()));
        if !lost.is_empty() && !is_checked {
            let text = format!(
                "rows that hold {} keep a text that the enum no longer has; `renamed_from` on a variant converts them",
                lost.join(", ")
            );
            hazards.push(Hazard::new(HazardCode::LossyCast, &table.after.name, Some(change.name()), text));
        }
    }
    hazards
}

/// Constraints that stay, on a column whose values change or compare in another way: what held need not hold any more.
pub(super) fn of_kept_constraints(
    table: &TableDiff,
    change: &ColumnDiff,
    context: &Context<'_>,
) -> Vec<Hazard> {
    let becomes_generated =
        change.after.generated.is_some() && change.after.generated != change.before.generated;
    let conversion = conversion(change, table.after.strict);
    let converts = conversion != Conversion::None;
    let loses = matches!(conversion, Conversion::Expr { loss: Some(_), .. });
    let compares_anew = change.before.collation != change.after.collation;
    let fills = change.before.nullable
        && !change.after.nullable
        && filling(&change.after, context.backfill(&table.after.name, &change.after)).is_some();
    if !becomes_generated && !converts && !compares_anew && !fills {
        return Vec::new();
    }
    let (name, column) = (&table.after.name, change.name());
    let is = |other: &str| other.eq_ignore_ascii_case(column);
    let mut hazards = Vec::new();
    // BINARY, the one that a column has when none is written, tells all values apart.
    let merges = becomes_generated || loses || fills || (compares_anew && change.after.collation.is_some());
    if merges && table.after.has_unique_over(column) {
        let text = "values that become the same make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailUnique, name, Some(column), text));
    }
    let is_kept = |check: &Check| !table.added_checks.iter().any(|added| added.name == check.name);
    if table.after.checks.iter().any(|check| is_kept(check) && check.expr.mentions(column)) {
        let text = "values that break a check after the change make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailCheck, name, Some(column), text));
    }
    let may_miss = becomes_generated || loses || fills || compares_anew;
    if may_miss && table.after.foreign_keys.iter().any(|key| key.columns.iter().any(|name| is(name))) {
        let text = "values that refer to nothing after the change make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailForeignKey, name, Some(column), text));
    }
    hazards
}

/// NULLs that a NOT NULL would refuse and nothing fills.
pub(super) fn of_not_null(table: &TableDiff, context: &Context<'_>) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    for change in table.changed_columns.iter().filter(|change| !change.after.nullable) {
        let is_filled = filling(&change.after, context.backfill(&table.after.name, &change.after)).is_some();
        let text = if change.after.generated.is_some() && change.before.generated != change.after.generated {
            "rows for which the expression is NULL make this fail"
        } else if change.before.nullable && !is_filled {
            "rows in which it is NULL make this fail; a default or a backfill fills them"
        } else {
            continue;
        };
        hazards.push(Hazard::new(HazardCode::MayFailNotNull, &table.after.name, Some(change.name()), text));
    }
    hazards
}

/// Rows that a new constraint or a new unique index would refuse.
pub(super) fn of_constraints(table: &TableDiff, context: &Context<'_>) -> Vec<Hazard> {
    let name = &table.after.name;
    let mut hazards = Vec::new();
    for added in &table.added_uniques {
        hazards.extend(of_unique(
            table,
            context,
            added.columns.iter().map(|part| (part.name.as_str(), part.to_string())),
        ));
    }
    if let Some(change) = &table.primary_key
        && let Some(key) = &change.after
        && !is_wider_key(change.before.as_ref(), key)
    {
        hazards.extend(of_unique(
            table,
            context,
            key.columns.iter().map(|part| (part.name.as_str(), part.to_string())),
        ));
    }
    hazards.extend(table.added_indexes.iter().filter_map(|index| of_index(table, index, context)));
    hazards.extend(table.added_checks.iter().filter_map(|check| of_check(table, check, context)));
    for key in &table.added_foreign_keys {
        if key.columns.iter().any(|column| is_null_everywhere(table, column, context)) {
            continue;
        }
        let (columns, parent) = (key.columns.join(", "), &key.referenced_table);
        let text = format!("rows whose ({columns}) is not in \"{parent}\" make this fail");
        hazards.push(Hazard::new(HazardCode::MayFailForeignKey, name, None, text));
    }
    if let Some(alias) = table.after.rowid_alias()
        && table.before.column(alias).is_some()
        && table.before.rowid_alias() != Some(alias)
    {
        let text = "values that are no whole number make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailStrict, name, Some(alias), text));
    }
    if table.after.strict && !table.before.strict {
        let text = "values that are not of their column's type make this fail";
        hazards.push(Hazard::new(HazardCode::MayFailStrict, name, None, text));
    }
    hazards
}

/// Whether rows that differ in the key before differ in the key afterwards, too.
fn is_wider_key(before: Option<&PrimaryKey>, after: &PrimaryKey) -> bool {
    let is_kept = |part: &KeyColumn| {
        after
            .columns
            .iter()
            .any(|other| other.name.eq_ignore_ascii_case(&part.name) && other.collation == part.collation)
    };
    before.is_some_and(|before| before.columns.iter().all(is_kept))
}

/// The hazard of a new check. A check of a text enum that only lets more through than the one before it has none.
pub(super) fn of_check(table: &TableDiff, check: &Check, context: &Context<'_>) -> Option<Hazard> {
    let lost = table.changed_columns.iter().find_map(|change| values_shut_out(table, change, check));
    let text = match lost {
        None => format!("rows that break ({}) make this fail", check.expr),
        Some((gone, _)) if gone.is_empty() => return None,
        Some((gone, new)) => {
            let gone = gone.iter().map(|value| quote_text(value)).collect::<Vec<_>>().join(", ");
            let hint = new.first().filter(|_| !context.is_reverse()).map_or_else(String::new, |new| {
                format!("; a variant that has a new name, such as {}, takes `renamed_from`", quote_text(new))
            });
            format!("rows that hold {gone} make this fail{hint}")
        }
    };
    Some(Hazard::new(HazardCode::MayFailCheck, &table.after.name, None, text))
}

/// When the check is that of a text enum and takes the place of the one before it: the values that only the old one
/// lets through, after renames, and those that only the new one does.
fn values_shut_out<'t>(
    table: &TableDiff,
    change: &'t ColumnDiff,
    check: &Check,
) -> Option<(Vec<&'t str>, Vec<&'t str>)> {
    let (StoredForm::TextEnum(before), StoredForm::TextEnum(after)) =
        (&change.before.form, &change.after.form)
    else {
        return None;
    };
    let values = |variants: &'t [EnumVariant]| variants.iter().map(|variant| variant.value.as_str());
    let condition = |variants: &'t [EnumVariant]| SqlExpr::one_of(change.name(), values(variants));
    let takes_its_place = check.expr == condition(after)
        && table.dropped_checks.iter().any(|dropped| dropped.expr == condition(before))
        // Under NOCASE a check lets more through than it lists.
        && change.before.collation.is_none()
        && change.after.collation.is_none();
    if !takes_its_place {
        return None;
    }
    let now = |value: &'t str| {
        change.variants.iter().find(|rename| rename.from == value).map_or(value, |rename| rename.to.as_str())
    };
    let gone = values(before).filter(|value| values(after).all(|other| other != now(value)));
    let new = values(after).filter(|value| values(before).all(|other| now(other) != *value));
    Some((gone.collect(), new.collect()))
}

/// The hazard of a new unique index.
pub(super) fn of_index(table: &TableDiff, index: &Index, context: &Context<'_>) -> Option<Hazard> {
    let parts = index.columns.iter().map(|part| match &part.term {
        IndexTerm::Column(name) => (name.as_str(), part.to_string()),
        IndexTerm::Expr(_) => ("", part.to_string()),
    });
    if index.unique { of_unique(table, context, parts) } else { None }
}

/// The hazard of a new uniqueness over parts, given as (column, text) pairs. NULLs repeat as they like, and a new key
/// that takes over the rows' numbers repeats nothing.
fn of_unique<'t>(
    table: &TableDiff,
    context: &Context<'_>,
    parts: impl Iterator<Item = (&'t str, String)>,
) -> Option<Hazard> {
    let is_harmless = |column: &str| {
        let takes_numbers =
            table.after.rowid_alias() == Some(column) && table.before.column(column).is_none();
        takes_numbers || is_null_everywhere(table, column, context)
    };
    let (columns, texts): (Vec<&str>, Vec<String>) = parts.unzip();
    if columns.iter().any(|column| is_harmless(column)) {
        return None;
    }
    let text = format!("rows that repeat ({}) make this fail", texts.join(", "));
    Some(Hazard::new(HazardCode::MayFailUnique, &table.after.name, None, text))
}

/// Whether the column is new and NULL in every row that is there.
fn is_null_everywhere(table: &TableDiff, name: &str, context: &Context<'_>) -> bool {
    table.added_columns.iter().any(|column| {
        column.name.eq_ignore_ascii_case(name)
            && column.nullable
            && column.generated.is_none()
            && filling(column, context.backfill(&table.after.name, column)).is_none()
    })
}
