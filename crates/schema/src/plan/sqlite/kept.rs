//! What a migration keeps aside, and how the way back takes it.
//!
//! ```text
//! up    -- seedbed: keep "users" key "id" drops "nickname" casts "age" back (…)
//!         the runner copies the values into a hidden table before they go
//! down  -- seedbed: restore "users" key "id" drops "nickname" casts "age" needs "nickname"
//!         the runner shows them as "__seedbed_kept_users", by the names of before the migration:
//!         "key id"  "is kept"  "has nickname"  "was nickname"  "was age"  "now age"
//! ```
//!
//! Both ways are planned apart from each other and have to agree on how rows are told apart; [`row_key`] decides that
//! from the two tables alone. A value that was cast comes back only where the new value is still the one of then.

use super::Context;
use super::rebuild::{self, has_default};
use crate::diff::{ASIDE, ColumnDiff, ColumnRename, TableDiff, VariantRename};
use crate::model::{Affinity, Column, Table};
use crate::plan::conversion::{Conversion, changes_form, conversion, filling, free_rowid_name};
use crate::sql::{Token, TokenKind, quote_identifier, tokenize};

/// The name under which the kept rows are joined.
const KEPT: &str = "\"__seedbed_kept\"";

/// How the rows of a table are found again on the other side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RowKey {
    /// By these columns, whose values do not change.
    Columns(Vec<String>),
    /// By these columns of the newer table, whose values are computed from the older row.
    Computed(Vec<String>),
    /// By the rowid, together with the values of these columns: VACUUM may number the rows anew. Where the older table
    /// has no rowids, its rows are numbered in the order of its key.
    Rowid { name: &'static str, same: Vec<String>, numbered: bool },
}

/// Decides how rows are told apart; `newer` has the columns' names of `older` or the other way round.
fn row_key(older: &Table, newer: &Table, is_altered: impl Fn(&str) -> bool) -> Option<RowKey> {
    let is_steady = |name: &str| {
        let both = older.column(name).zip(newer.column(name));
        both.is_some_and(|(was, is)| was.generated.is_none() && is.generated.is_none()) && !is_altered(name)
    };
    let key = |table: &Table| {
        let columns = &table.primary_key.as_ref()?.columns;
        let is_fit = |name: &str| {
            let column = table.column(name);
            let is_never_null = table.without_rowid
                || table.rowid_alias() == Some(name)
                || column.is_some_and(|column| !column.nullable);
            is_never_null && is_steady(name)
        };
        let names = columns.iter().map(|part| part.name.clone());
        columns.iter().all(|part| is_fit(&part.name)).then(|| RowKey::Columns(names.collect()))
    };
    let by_rowid = |numbered: bool| {
        let has_rowid = older.without_rowid == numbered
            && !newer.without_rowid
            && newer
                .rowid_alias()
                .is_none_or(|alias| older.column(alias).is_none() || older.rowid_alias() == Some(alias));
        let name = free_rowid_name(&[older, newer]).filter(|_| has_rowid)?;
        let same = older.columns.iter().map(|column| column.name.clone()).filter(|name| is_steady(name));
        Some(RowKey::Rowid { name, same: same.collect(), numbered })
    };
    let computed = || {
        let columns = &newer.primary_key.as_ref()?.columns;
        let alias = newer.rowid_alias();
        // A number that SQLite gives is in no older row.
        let is_fit = |name: &str| {
            let column = newer.column(name).filter(|column| column.generated.is_none());
            let is_given = alias != Some(name) || older.column(name).is_some();
            column.is_some_and(|column| is_given && (newer.without_rowid || !column.nullable))
        };
        let names = columns.iter().map(|part| part.name.clone());
        let is_known = columns.iter().any(|part| older.column(&part.name).is_some());
        (is_known && columns.iter().all(|part| is_fit(&part.name))).then(|| RowKey::Computed(names.collect()))
    };
    key(older).or_else(|| key(newer)).or_else(|| by_rowid(false)).or_else(computed).or_else(|| by_rowid(true))
}

/// Whether stored values may change on the way from the older column to the newer one.
fn is_altered(older: &Column, newer: &Column, strict: (bool, bool)) -> bool {
    let holds = |column: &Column, strict: bool| {
        let is_any = strict && column.column_type.as_str().eq_ignore_ascii_case("ANY");
        (!is_any).then(|| column.column_type.affinity())
    };
    (older.nullable && !newer.nullable)
        || changes_form(&older.form, &newer.form)
        || holds(older, strict.0) != holds(newer, strict.1)
}

/// A column on both sides, whichever way the plan leads.
struct Changed {
    older: Column,
    newer: Column,
    change: ColumnDiff,
}

/// Returns the columns that differ, and those whose values may change all the same: what ANY holds depends on STRICT.
fn changed(table: &TableDiff, is_reverse: bool) -> Vec<Changed> {
    let sides = |change: ColumnDiff| {
        let (before, after) = (change.before.clone(), change.after.clone());
        let (older, newer) = if is_reverse { (after, before) } else { (before, after) };
        Changed { older, newer, change }
    };
    let mut changed: Vec<Changed> = table.changed_columns.iter().cloned().map(sides).collect();
    let strict = strict(table, is_reverse);
    for after in &table.after.columns {
        let is_known = table.changed_columns.iter().any(|change| change.name() == after.name);
        let Some(before) = table.before.column(&after.name).filter(|_| !is_known) else { continue };
        let change = ColumnDiff { before: before.clone(), after: after.clone(), variants: Vec::new() };
        changed.extend(Some(sides(change)).filter(|changed| changed.is_altered(strict)));
    }
    changed
}

/// Whether the older and the newer table are STRICT.
fn strict(table: &TableDiff, is_reverse: bool) -> (bool, bool) {
    let (before, after) = (table.before.strict, table.after.strict);
    if is_reverse { (after, before) } else { (before, after) }
}

impl Changed {
    fn name(&self) -> &str {
        self.change.name()
    }

    fn is_cast(&self, strict: (bool, bool)) -> bool {
        self.is_stored() == (true, true) && self.is_altered(strict)
    }

    /// Whether a stored value gives way to a computed one.
    fn is_replaced(&self) -> bool {
        self.is_stored() == (true, false)
    }

    fn is_stored(&self) -> (bool, bool) {
        (self.older.generated.is_none(), self.newer.generated.is_none())
    }

    fn is_altered(&self, strict: (bool, bool)) -> bool {
        !self.change.variants.is_empty() || is_altered(&self.older, &self.newer, strict)
    }
}

fn key_of(table: &TableDiff, is_reverse: bool) -> Option<RowKey> {
    let (older, newer) =
        if is_reverse { (&table.after, &table.before) } else { (&table.before, &table.after) };
    let strict = strict(table, is_reverse);
    let altered = changed(table, is_reverse);
    // A rowid under a name is a whole number, and stays the same one in any column of numbers.
    let is_number = |name: &str| {
        let affinity = newer.column(name).map(|column| column.column_type.affinity());
        older.rowid_alias() == Some(name) && matches!(affinity, Some(Affinity::Integer | Affinity::Numeric))
    };
    let is_altered = |name: &str| {
        let is_it = |changed: &Changed| changed.is_altered(strict) && changed.name() == name;
        altered.iter().any(is_it) && !is_number(name)
    };
    row_key(older, newer, is_altered)
}

/// Returns the directive that keeps what a change of a table loses, if it loses anything. `in_place` says that values
/// are converted by UPDATE, so that the runner cannot read the new ones beside the old.
pub(super) fn keep(table: &TableDiff, context: &Context<'_>, in_place: bool) -> Option<String> {
    if context.is_reverse() || !context.keeps_values() {
        return None;
    }
    let changed = changed(table, false);
    let strict = strict(table, false);
    let dropped = table.dropped_columns.iter().filter(|column| column.generated.is_none());
    let mut drops: Vec<&str> = dropped.map(|column| column.name.as_str()).collect();
    drops.extend(changed.iter().filter(|changed| changed.is_replaced()).map(Changed::name));
    let casts = changed.iter().filter(|changed| changed.is_cast(strict));
    let casts: Vec<String> =
        casts.filter_map(|changed| cast(table, &changed.change, context, in_place)).collect();
    if drops.is_empty() && casts.is_empty() {
        return None;
    }
    let name = &table.after.name;
    let renames = &context.diff.renames;
    let of_before = |live: &str| {
        let own = live.strip_prefix(ASIDE).map(str::to_owned);
        own.unwrap_or_else(|| renames.old_column(name, live))
    };
    let named = |live: &str| with_name_before(live, &of_before(live));
    let list = |names: &[String]| names.iter().map(|name| named(name)).collect::<Vec<_>>().join(", ");
    let computed = |live: &String| {
        let column = table.after.column(live)?;
        let value = on_one_line(&rebuild::value(table, column, context)?);
        // On the way back a column that was added gives way to the one whose name it took.
        let is_taken = |rename: &ColumnRename| {
            rename.table.eq_ignore_ascii_case(name) && rename.from.eq_ignore_ascii_case(live)
        };
        let is_aside = table.before.column(live).is_none() && renames.columns.iter().any(is_taken);
        let before = if is_aside { format!("{ASIDE}{live}") } else { of_before(live) };
        Some(format!("{} from ({value})", with_name_before(live, &before)))
    };
    let mut text = format!(
        "keep {} key {}",
        with_name_before(name, &context.diff.renames.old_table(name)),
        match key_of(table, false)? {
            RowKey::Columns(columns) => list(&columns),
            RowKey::Computed(columns) => {
                columns.iter().map(computed).collect::<Option<Vec<_>>>()?.join(", ")
            }
            RowKey::Rowid { same, numbered, .. } => {
                let alias = table.after.rowid_alias().and_then(|alias| table.after.column(alias));
                let number = || {
                    let given = alias.and_then(|alias| rebuild::value(table, alias, context));
                    let order = numbering(table).unwrap_or_default();
                    given.unwrap_or_else(|| format!("row_number() OVER ({order})"))
                };
                let from =
                    if numbered { format!(" from ({})", on_one_line(&number())) } else { String::new() };
                let same = if same.is_empty() { String::new() } else { format!(" same {}", list(&same)) };
                format!("rowid{from}{same}")
            }
        }
    );
    if !drops.is_empty() {
        let drops: Vec<String> = drops.into_iter().map(named).collect();
        text.push_str(&format!(" drops {}", drops.join(", ")));
    }
    if !casts.is_empty() {
        text.push_str(&format!(" casts {}", casts.join(", ")));
    }
    is_one_line(&text).then_some(text)
}

/// Returns the order in which rows without rowids are copied into a table that numbers them.
pub(super) fn numbering(table: &TableDiff) -> Option<String> {
    let key = table.before.primary_key.as_ref()?;
    let is_numbered = table.before.without_rowid && !table.after.without_rowid;
    let names = key.columns.iter().map(|part| quote_identifier(&part.name));
    is_numbered.then(|| format!("ORDER BY {}", names.collect::<Vec<_>>().join(", ")))
}

/// A name may hold a line break; a comment may not.
fn is_one_line(text: &str) -> bool {
    !text.contains(['\n', '\r'])
}

/// Writes an expression on one line. Where a text has a line break, `char` makes it.
fn on_one_line(expr: &str) -> String {
    let one_line = |token: &Token<'_>| match token.kind {
        TokenKind::Comment => " ".to_owned(),
        TokenKind::Space => token.text.replace(['\n', '\r'], " "),
        TokenKind::Text if !is_one_line(token.text) => {
            let text = token.text.replace('\n', "'||char(10)||'").replace('\r', "'||char(13)||'");
            format!("({text})")
        }
        _ => token.text.to_owned(),
    };
    tokenize(expr).iter().map(one_line).collect()
}

fn with_name_before(live: &str, before: &str) -> String {
    let quoted = quote_identifier(live);
    if live == before { quoted } else { format!("{quoted} as {}", quote_identifier(before)) }
}

/// Returns a column of which old and new values are kept, with the expression that leads back from the new value: a
/// row where that is the old value need not be kept.
fn cast(table: &TableDiff, change: &ColumnDiff, context: &Context<'_>, in_place: bool) -> Option<String> {
    let name = quote_identifier(change.name());
    let is_tightened = change.before.nullable && !change.after.nullable;
    let filling =
        filling(&change.after, context.backfill(&table.after.name, &change.after)).filter(|_| is_tightened);
    let forward = conversion(change, table.after.strict);
    let strict = (table.before.strict, table.after.strict);
    let only_tightened = change.variants.is_empty()
        && !is_altered(&Column { nullable: false, ..change.before.clone() }, &change.after, strict);
    if only_tightened && filling.is_none() {
        return None;
    }
    let reverse = ColumnDiff {
        before: change.after.clone(),
        after: change.before.clone(),
        variants: change.variants.iter().map(VariantRename::inverse).collect(),
    };
    let back = expression(&conversion(&reverse, table.before.strict), &name);
    let mut text =
        with_name_before(change.name(), &context.diff.renames.old_column(&table.after.name, change.name()));
    if in_place {
        let value = expression(&forward, &name);
        let value = filling.map_or(value.clone(), |filling| format!("coalesce({value}, {filling})"));
        text.push_str(&format!(" to ({})", on_one_line(&value)));
    }
    text.push_str(&format!(" back ({})", on_one_line(&back)));
    Some(text)
}

fn expression(conversion: &Conversion, name: &str) -> String {
    match conversion {
        Conversion::None => name.to_owned(),
        Conversion::Expr { expr, .. } => expr.clone(),
    }
}

/// Brings kept values back into a table, on the way back.
pub(super) struct Restoring<'t> {
    table: &'t str,
    key: RowKey,
    drops: Vec<String>,
    casts: Vec<String>,
    needs: Vec<String>,
}

impl<'t> Restoring<'t> {
    /// Returns what can be brought back into the table; `None` when nothing was lost or the plan does not lead back.
    pub(super) fn of(table: &'t TableDiff, context: &Context<'_>) -> Option<Self> {
        if !context.is_reverse() || !context.keeps_values() {
            return None;
        }
        let (changed, strict) = (changed(table, true), strict(table, true));
        let names =
            |changed: Vec<&Changed>| changed.iter().map(|changed| changed.name().to_owned()).collect();
        let added: Vec<&Column> =
            table.added_columns.iter().filter(|column| column.generated.is_none()).collect();
        let mut drops: Vec<String> = added.iter().map(|column| column.name.clone()).collect();
        drops.extend::<Vec<String>>(names(changed.iter().filter(|changed| changed.is_replaced()).collect()));
        let casts: Vec<String> = names(changed.iter().filter(|changed| changed.is_cast(strict)).collect());
        let alias = table.after.rowid_alias();
        let needs_value = |column: &&&Column| {
            !column.nullable && !has_default(column) && alias != Some(column.name.as_str())
        };
        let needs = added.iter().filter(needs_value).map(|column| column.name.clone()).collect();
        if drops.is_empty() && casts.is_empty() {
            return None;
        }
        let restoring = Self { table: &table.after.name, key: key_of(table, true)?, drops, casts, needs };
        is_one_line(&restoring.directive()).then_some(restoring)
    }

    pub(super) fn directive(&self) -> String {
        let list =
            |names: &[String]| names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ");
        let mut text = format!(
            "restore {} key {}",
            quote_identifier(self.table),
            match &self.key {
                RowKey::Columns(columns) | RowKey::Computed(columns) => list(columns),
                RowKey::Rowid { same, .. } if same.is_empty() => "rowid".to_owned(),
                RowKey::Rowid { same, .. } => format!("rowid same {}", list(same)),
            }
        );
        for (word, names) in [("drops", &self.drops), ("casts", &self.casts), ("needs", &self.needs)] {
            if !names.is_empty() {
                text.push_str(&format!(" {word} {}", list(names)));
            }
        }
        text
    }

    /// What the rows are copied from, each with what was kept of it.
    pub(super) fn source(&self) -> String {
        format!("{} LEFT JOIN {}\n  ON {}", quote_identifier(self.table), self.kept(), self.matches())
    }

    fn kept(&self) -> String {
        format!("{} AS {KEPT}", kept_rows(self.table))
    }

    /// The condition under which a kept row belongs to a row. Without the `+` a column's affinity would keep SQLite from
    /// looking kept rows up by their key.
    fn matches(&self) -> String {
        let table = quote_identifier(self.table);
        let kept = |word: &str, name: &str| format!("{KEPT}.{}", quote_identifier(&format!("{word} {name}")));
        let terms: Vec<String> =
            match &self.key {
                RowKey::Columns(columns) | RowKey::Computed(columns) => columns
                    .iter()
                    .map(|name| format!("{} = +{table}.{}", kept("key", name), quote_identifier(name)))
                    .collect(),
                RowKey::Rowid { name, same, .. } => {
                    std::iter::once(format!("{} = +{table}.{name}", kept("key", "rowid")))
                        .chain(same.iter().map(|name| {
                            format!("{} IS +{table}.{}", kept("same", name), quote_identifier(name))
                        }))
                        .collect()
                }
            };
        terms.join(" AND ")
    }

    /// Returns the value of a column in the rows that are copied: what was kept of it, or else this.
    pub(super) fn value(&self, column: &str, value: Option<String>) -> Option<String> {
        let kept = |word: &str| format!("{KEPT}.{}", quote_identifier(&format!("{word} {column}")));
        let otherwise = || value.as_deref().unwrap_or("NULL");
        if self.drops.iter().any(|name| name == column) {
            Some(format!("CASE WHEN {} THEN {} ELSE {} END", kept("has"), kept("was"), otherwise()))
        } else if self.casts.iter().any(|name| name == column) {
            let now = format!("{}.{}", quote_identifier(self.table), quote_identifier(column));
            let is_unchanged = format!("{KEPT}.\"is kept\" AND {} IS {now}", kept("now"));
            Some(format!("CASE WHEN {is_unchanged} THEN {} ELSE {} END", kept("was"), otherwise()))
        } else {
            value
        }
    }

    /// Fills columns that were added in place.
    pub(super) fn fill(&self) -> Option<String> {
        let table = quote_identifier(self.table);
        let set = |name: &String| {
            let column = quote_identifier(name);
            let value = self.value(name, Some(format!("{table}.{column}")));
            value.map(|value| format!("{column} = {value}"))
        };
        let sets: Vec<String> = self.drops.iter().filter_map(set).collect();
        let statement =
            format!("UPDATE {table} SET {}\nFROM {}\nWHERE {}", sets.join(", "), self.kept(), self.matches());
        (!sets.is_empty()).then_some(statement)
    }

    /// Converts the values of a column in place, `expr` being the conversion where one is needed. A value that was kept
    /// comes back instead.
    pub(super) fn convert(&self, column: &str, expr: Option<&str>) -> Option<String> {
        if !self.casts.iter().any(|name| name == column) {
            return None;
        }
        let table = quote_identifier(self.table);
        let name = quote_identifier(column);
        let kept = |word: &str| format!("{KEPT}.{}", quote_identifier(&format!("{word} {column}")));
        let condition =
            format!("{} AND {KEPT}.\"is kept\" AND {} IS {table}.{name}", self.matches(), kept("now"));
        Some(match expr {
            None => format!(
                "UPDATE {table} SET {name} = {}\nFROM {}\nWHERE {condition}",
                kept("was"),
                self.kept()
            ),
            Some(expr) => {
                let from = format!("FROM {} WHERE {condition}", self.kept());
                format!(
                    "UPDATE {table} SET {name} = CASE WHEN EXISTS (SELECT 1 {from})\n  \
                     THEN (SELECT {} {from}) ELSE {expr} END",
                    kept("was")
                )
            }
        })
    }
}

/// The name under which the runner shows what was kept of a table.
pub(super) fn kept_rows(table: &str) -> String {
    quote_identifier(&format!("__seedbed_kept_{table}"))
}

/// Returns the statement that fills a table which is made again, and its directive.
pub(super) fn refill(table: &Table, context: &Context<'_>) -> Option<(String, String)> {
    let directive = format!("restore {}", quote_identifier(&table.name));
    if !context.is_reverse() || !context.keeps_values() || !is_one_line(&directive) {
        return None;
    }
    let stored = table.columns.iter().filter(|column| column.generated.is_none());
    let columns: Vec<String> = stored.map(|column| quote_identifier(&column.name)).collect();
    let (mut targets, mut sources) = (columns.clone(), columns);
    if !table.without_rowid
        && table.rowid_alias().is_none()
        && let Some(rowid) = free_rowid_name(&[table])
    {
        targets.insert(0, rowid.to_owned());
        sources.insert(0, "\"__seedbed_rowid\"".to_owned());
    }
    let statement = format!(
        "INSERT INTO {} ({})\nSELECT {}\nFROM {}",
        quote_identifier(&table.name),
        targets.join(", "),
        sources.join(", "),
        kept_rows(&table.name)
    );
    Some((directive, statement))
}
