//! How many rows a hazard concerns, asked right before the statement that it is about.

use rusqlite::Connection;
use seedbed_schema::model::{ForeignKey, KeyColumn, Table};
use seedbed_schema::plan::{Hazard, HazardCode};
use seedbed_schema::sql::{DdlObject, quote_identifier, read_object};

use super::rows::Rows;
use crate::migrate::offending::Source;
use crate::migrate::script::{Action, ObjectKind, Rebuild, Script, is_same};

/// A hazard at a statement.
pub(super) struct Question<'a> {
    /// The database as the statement finds it.
    pub(super) database: &'a Connection,
    /// The script.
    pub(super) script: &'a Script,
    /// The statement.
    pub(super) index: usize,
    /// The hazard.
    pub(super) hazard: &'a Hazard,
}

impl Question<'_> {
    /// Returns the rows; `None` when the statement is not what the hazard is about.
    pub(super) fn answer(&self) -> rusqlite::Result<Option<Rows>> {
        let statement = &self.script.statements[self.index];
        match &statement.action {
            Action::Insert(_) => match self.filled() {
                Some(rebuild) if self.is_about(&rebuild.table) => self.of_rebuild(rebuild),
                _ => Ok(None),
            },
            Action::Drop(ObjectKind::Table, table) if self.is_about(table) => {
                match self.script.rebuild_at(self.index) {
                    Some(rebuild) if self.hazard.code == HazardCode::LossyCast => self.casts(rebuild),
                    Some(rebuild) => self.of_old_table(rebuild),
                    None if self.hazard.code == HazardCode::DropTable => self.table(table).map(Some),
                    None => Ok(None),
                }
            }
            Action::AlterTable(table) if self.is_about(table) => self.of_alter(table),
            Action::Delete(table) if self.hazard.code == HazardCode::DeleteRows => self.rows(table),
            Action::Update(table) if self.hazard.code == HazardCode::UpdateRows => self.rows(table),
            Action::Create(ObjectKind::Index, _) if self.hazard.code == HazardCode::MayFailUnique => {
                let Some(source) = self.source()? else { return Ok(None) };
                self.of_index(&source, &source.subquery())
            }
            _ => Ok(None),
        }
    }

    /// Whether the hazard is about the table, by the name that it has at the statement, before, or afterwards.
    fn is_about(&self, table: &str) -> bool {
        let named = &self.hazard.table;
        is_same(named, table)
            || is_same(named, &self.script.renamed_table(table))
            || is_same(named, &self.script.original_table(table, self.index))
    }

    fn is_of_column(&self, column: &str) -> bool {
        self.hazard.column.as_ref().is_some_and(|named| is_same(named, column))
    }

    /// Returns the rebuild whose new table the statement fills.
    fn filled(&self) -> Option<&Rebuild> {
        self.script.rebuilds.iter().find(|rebuild| rebuild.inserts.contains(&self.index))
    }

    fn source(&self) -> rusqlite::Result<Option<Source>> {
        Source::read(self.database, &self.script.statements[self.index].text)
    }

    fn count(&self, from: &str, condition: &str) -> rusqlite::Result<Rows> {
        let sql = format!("SELECT count(*) FROM {from} WHERE {condition}");
        let rows: i64 = self.database.query_row(&sql, [], |row| row.get(0))?;
        Ok(Rows { rows: rows.unsigned_abs(), ..Rows::default() })
    }

    /// Counts a table's rows, all of which a statement touches, if the hazard is about that table.
    fn rows(&self, table: &str) -> rusqlite::Result<Option<Rows>> {
        if !self.is_about(table) {
            return Ok(None);
        }
        self.count(&format!("main.{}", quote_identifier(table)), "1").map(Some)
    }

    /// Counts a table's rows and what it takes with its indexes.
    fn table(&self, table: &str) -> rusqlite::Result<Rows> {
        let rows = self.count(&format!("main.{}", quote_identifier(table)), "1")?;
        let sql = "SELECT coalesce(sum(s.pgsize), 0)\n\
                   FROM main.sqlite_schema AS m JOIN dbstat('main', 1) AS s ON s.name = m.name\n\
                   WHERE lower(m.tbl_name) = lower(?1)";
        let bytes: i64 = self.database.query_row(sql, [table], |row| row.get(0))?;
        Ok(Rows { bytes: Some(bytes.unsigned_abs()), ..rows })
    }

    /// Counts the rows that hold a value in a column that goes.
    fn values(&self, table: &str, column: &str) -> rusqlite::Result<Rows> {
        let condition = format!("{} IS NOT NULL", quote_identifier(column));
        self.count(&format!("main.{}", quote_identifier(table)), &condition)
    }

    fn of_alter(&self, table: &str) -> rusqlite::Result<Option<Rows>> {
        let statement = &self.script.statements[self.index];
        let own = format!("main.{}", quote_identifier(table));
        match self.hazard.code {
            HazardCode::DropColumn => match statement.dropped_column() {
                Some(column) if self.is_of_column(&column) => self.values(table, &column).map(Some),
                _ => Ok(None),
            },
            HazardCode::MayFailNotNull | HazardCode::MayFailCheck => {
                if super::by_hand::added_column_of(statement).is_some_and(|column| self.is_of_column(&column))
                {
                    return self.count(&own, "1").map(Some);
                }
                let Some(source) = self.source()? else { return Ok(None) };
                match (self.hazard.code, &source.not_null, &source.check) {
                    (HazardCode::MayFailNotNull, Some(column), _) if self.is_of_column(column) => {
                        self.count(&own, &format!("{} IS NULL", quote_identifier(column))).map(Some)
                    }
                    (HazardCode::MayFailCheck, _, Some(check)) => {
                        self.count(&own, &format!("NOT ({check})")).map(Some)
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// Counts for a unique index among the rows that it is to be made over.
    fn of_index(&self, source: &Source, rows: &str) -> rusqlite::Result<Option<Rows>> {
        let Some(terms) = source.unique_terms.as_ref().filter(|_| self.is_about(&source.table)) else {
            return Ok(None);
        };
        let written = terms.join(", ").replace(['"', '`', '[', ']'], "");
        let is_meant = match (&self.hazard.column, self.written_columns()) {
            (Some(column), _) => terms.iter().any(|term| is_same(term.trim_matches('"'), column)),
            (None, Some(columns)) => is_same(columns, &written),
            (None, None) => true,
        };
        if is_meant { self.repeated(rows, terms).map(Some) } else { Ok(None) }
    }

    /// Returns what the planner wrote in parentheses: `rows that repeat (a, b) make this fail`.
    fn written_columns(&self) -> Option<&str> {
        let (_, rest) = self.hazard.text.split_once('(')?;
        rest.rsplit_once(')').map(|(columns, _)| columns)
    }

    fn repeated(&self, from: &str, terms: &[String]) -> rusqlite::Result<Rows> {
        let not_null: Vec<String> = terms.iter().map(|term| format!("({term}) IS NOT NULL")).collect();
        let sql = format!(
            "SELECT count(*), coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM {from} WHERE {}\n\
             GROUP BY {} HAVING count(*) > 1)",
            not_null.join(" AND "),
            terms.join(", ")
        );
        let (groups, rows): (i64, i64) =
            self.database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Rows { rows: rows.unsigned_abs(), groups: Some(groups.unsigned_abs()), bytes: None })
    }

    /// What goes with the old table of a rebuild.
    fn of_old_table(&self, rebuild: &Rebuild) -> rusqlite::Result<Option<Rows>> {
        match (self.hazard.code, &self.hazard.column) {
            (HazardCode::Rebuild, _) => self.table(&rebuild.table).map(Some),
            (HazardCode::DropColumn, Some(column))
                if rebuild.dropped_columns.iter().any(|dropped| is_same(dropped, column)) =>
            {
                self.values(&rebuild.table, column).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Counts among the rows that a rebuild is about to copy.
    fn of_rebuild(&self, rebuild: &Rebuild) -> rusqlite::Result<Option<Rows>> {
        if !self.hazard.code.may_fail() {
            return self.of_old_table(rebuild);
        }
        let (Some(source), Some(table)) = (self.source()?, self.new_table(rebuild)) else { return Ok(None) };
        let from = source.subquery();
        match self.hazard.code {
            HazardCode::MayFailUnique => {
                let mut all: Option<Rows> = None;
                for key in self.uniques(&table) {
                    let terms: Vec<String> = key.iter().map(|part| term(&table, part)).collect();
                    let found = self.repeated(&from, &terms)?;
                    let sum = all.get_or_insert_with(|| Rows { groups: Some(0), ..Rows::default() });
                    sum.rows += found.rows;
                    sum.groups = sum.groups.zip(found.groups).map(|(sum, more)| sum + more);
                }
                match all {
                    Some(rows) => Ok(Some(rows)),
                    None => self.of_later_index(rebuild, &from),
                }
            }
            _ => match self.refused(&source, &table)? {
                Some(condition) => self.count(&from, &condition).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Counts for the unique indexes that come behind a rebuild, as the rows may not get that far.
    fn of_later_index(&self, rebuild: &Rebuild, rows: &str) -> rusqlite::Result<Option<Rows>> {
        for statement in &self.script.statements[rebuild.rename_at..] {
            if !matches!(statement.action, Action::Create(ObjectKind::Index, _)) {
                continue;
            }
            let Some(source) = Source::read(self.database, &statement.text)? else { continue };
            if is_same(&source.table, &rebuild.table)
                && !source.is_filtered()
                && let Some(found) = self.of_index(&source, rows)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn new_table(&self, rebuild: &Rebuild) -> Option<Table> {
        let creates = |action: &Action| matches!(action, Action::Create(ObjectKind::Table, name) if is_same(name, &rebuild.new_table));
        let statement = self.script.statements.iter().find(|statement| creates(&statement.action))?;
        match read_object(&statement.text) {
            Ok(DdlObject::Table(table)) => Some(table),
            _ => None,
        }
    }

    /// Returns the keys and uniques of a table that the hazard is about.
    fn uniques<'t>(&self, table: &'t Table) -> Vec<&'t [KeyColumn]> {
        let own = table.primary_key.iter().map(|key| key.columns.as_slice());
        let all = own.chain(table.uniques.iter().map(|unique| unique.columns.as_slice()));
        let is_meant = |columns: &&[KeyColumn]| match (&self.hazard.column, self.written_columns()) {
            (Some(column), _) => columns.iter().any(|part| is_same(&part.name, column)),
            (None, Some(written)) => {
                let text: Vec<String> = columns.iter().map(ToString::to_string).collect();
                is_same(written, &text.join(", "))
            }
            (None, None) => true,
        };
        all.filter(is_meant).collect()
    }

    /// Returns the condition under which the new table refuses a row.
    fn refused(&self, source: &Source, table: &Table) -> rusqlite::Result<Option<String>> {
        let column = self.hazard.column.as_deref();
        Ok(match self.hazard.code {
            HazardCode::MayFailNotNull => {
                column.and_then(|name| table.column(name)).and_then(|column| match &column.generated {
                    Some(generated) => Some(format!("({}) IS NULL", generated.expr)),
                    None if source.columns.iter().any(|name| is_same(name, &column.name)) => {
                        Some(format!("{} IS NULL", quote_identifier(&column.name)))
                    }
                    None => None,
                })
            }
            HazardCode::MayFailCheck => {
                let is_told = |expr: &str| self.hazard.text.contains(&format!("({expr})"));
                let told = table.checks.iter().any(|check| is_told(&check.expr.to_string()));
                let is_meant = |expr: &str| !told || is_told(expr);
                let checks = table.checks.iter().filter(|check| match column {
                    Some(column) => check.expr.mentions(column),
                    None => is_meant(&check.expr.to_string()),
                });
                any(checks.map(|check| format!("NOT ({})", check.expr)).collect())
            }
            HazardCode::MayFailForeignKey => {
                let mut lost = Vec::new();
                for key in &table.foreign_keys {
                    let is_meant = match (column, self.written_columns()) {
                        (Some(column), _) => key.columns.iter().any(|name| is_same(name, column)),
                        (None, Some(written)) => is_same(written, &key.columns.join(", ")),
                        (None, None) => true,
                    };
                    if is_meant {
                        lost.push(self.orphan(&source.table, key)?);
                    }
                }
                any(lost)
            }
            HazardCode::MayFailStrict => {
                let columns = table.columns.iter().filter(|other| match column {
                    Some(column) => is_same(&other.name, column),
                    None => source.columns.iter().any(|name| is_same(name, &other.name)),
                });
                let wrong = columns.filter_map(|column| {
                    let value = quote_identifier(&column.name);
                    let fits = fits(&value, &column.column_type.as_str().to_ascii_uppercase())?;
                    Some(format!("({value} IS NOT NULL AND NOT ({fits}))"))
                });
                any(wrong.collect())
            }
            _ => None,
        })
    }

    /// Returns the condition under which a row refers to nothing.
    fn orphan(&self, alias: &str, key: &ForeignKey) -> rusqlite::Result<String> {
        let parent = &key.referenced_table;
        let mut referenced = key.referenced_columns.clone();
        if referenced.is_empty() {
            let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
            let mut statement = self.database.prepare(sql)?;
            let names = statement.query_map([parent], |row| row.get(0))?;
            referenced = names.collect::<rusqlite::Result<_>>()?;
        }
        let own = |name: &String| format!("{}.{}", quote_identifier(alias), quote_identifier(name));
        let set: Vec<String> = key.columns.iter().map(|name| format!("{} IS NOT NULL", own(name))).collect();
        let same: Vec<String> = key
            .columns
            .iter()
            .zip(&referenced)
            .map(|(name, other)| format!("parent.{} = {}", quote_identifier(other), own(name)))
            .collect();
        Ok(format!(
            "({} AND NOT EXISTS (SELECT 1 FROM main.{} AS parent WHERE {}))",
            set.join(" AND "),
            quote_identifier(parent),
            same.join(" AND ")
        ))
    }

    /// Counts the rows whose converted value does not lead back to what it was. Both tables are there.
    fn casts(&self, rebuild: &Rebuild) -> rusqlite::Result<Option<Rows>> {
        let casts = self.script.keeps_at(self.index).flat_map(|keep| &keep.casts);
        let Some(cast) = casts.into_iter().find(|cast| self.is_of_column(&cast.name.live)) else {
            return Ok(None);
        };
        let column = quote_identifier(&cast.name.live);
        let from = format!(
            "(SELECT o.{column} AS \"__seedbed_was\", n.{column} AS {column}\n\
             FROM main.{} AS o JOIN main.{} AS n ON n.rowid = o.rowid)",
            quote_identifier(&rebuild.table),
            quote_identifier(&rebuild.new_table)
        );
        let back = &cast.back;
        let differs = format!(
            "typeof({back}) <> typeof(\"__seedbed_was\") OR ({back}) COLLATE BINARY IS NOT \"__seedbed_was\""
        );
        self.count(&from, &differs).map(Some)
    }
}

fn any(conditions: Vec<String>) -> Option<String> {
    if conditions.is_empty() { None } else { Some(conditions.join(" OR ")) }
}

fn term(table: &Table, part: &KeyColumn) -> String {
    let name = quote_identifier(&part.name);
    let own = table.column(&part.name).and_then(|column| column.collation.as_ref());
    match part.collation.as_ref().or(own) {
        Some(collation) => format!("{name} COLLATE {}", quote_identifier(collation)),
        None => name,
    }
}

/// Returns the condition under which a STRICT table takes a value that is not NULL; `None` when it takes all. A text
/// compared with a number is made one first if it looks like one, <https://www.sqlite.org/datatype3.html#type_conversions_prior_to_comparison>.
fn fits(value: &str, column_type: &str) -> Option<String> {
    let is_number =
        format!("typeof({value}) IN ('integer', 'real', 'text') AND CAST({value} AS NUMERIC) = {value}");
    match column_type {
        "INT" | "INTEGER" => {
            Some(format!("{is_number} AND CAST({value} AS NUMERIC) = CAST({value} AS INTEGER)"))
        }
        "REAL" => Some(is_number),
        "TEXT" => Some(format!("typeof({value}) <> 'blob'")),
        "BLOB" => Some(format!("typeof({value}) = 'blob'")),
        _ => None,
    }
}
