//! Fills one table: makes a row, lets SQLite judge it, changes what SQLite blames, and tries again.

use rusqlite::ffi;
use rusqlite::types::Value;
use rusqlite::{Connection, Statement};
use seedbed_schema::model::{IndexTerm, Schema, Table};
use seedbed_schema::sql::{SqlExpr, quote_identifier};

use super::Manner;
use super::hints::{ColumnHint, column_position, columns_in};
use super::keys::{Keys, Promise, Reference, references};
use super::random::Random;
use super::values::{ColumnValues, Style};

/// How often a row is tried before it is given up.
const ATTEMPTS: usize = 160;
/// After so many attempts a row is begun anew, because changing the blamed columns alone leads nowhere.
const ATTEMPTS_BEFORE_A_NEW_ROW: usize = 32;
/// How many rows may be given up before the table is.
const ROWS_GIVEN_UP: usize = 2;

/// A row that was put into a table, by which it can be found again.
#[derive(Debug)]
pub(super) enum RowId {
    Rowid(i64),
    /// The values of the key of a WITHOUT ROWID table.
    Key(Vec<Value>),
}

/// A table on its way to be filled.
pub(super) struct TableFiller<'a> {
    schema: &'a Schema,
    pub(super) table: &'a Table,
    columns: Vec<ColumnValues>,
    pub(super) references: Vec<Reference<'a>>,
    random: Random,
    /// The rows put in so far.
    pub(super) rows: Vec<RowId>,
    /// Why there are fewer rows than wanted, in SQLite's words.
    pub(super) refusal: Option<String>,
    manner: Manner,
    /// Keys of rows put in, by foreign key, for a table that refers to itself.
    own_keys: Vec<Vec<Vec<Value>>>,
    /// By foreign key, the place of the parent's row that is next, where every row takes another one.
    next_places: Vec<usize>,
}

/// How many keys of its own rows a table that refers to itself holds.
const OWN_KEYS: usize = 256;

/// A row in the making; a column without a value is still to be decided.
type Draft = Vec<Option<Value>>;

impl<'a> TableFiller<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        table: &'a Table,
        hints: Vec<ColumnHint>,
        seed: u64,
        manner: Manner,
    ) -> Self {
        let mut columns: Vec<ColumnValues> =
            table.columns.iter().map(|column| ColumnValues::new(column, table)).collect();
        for ColumnHint { column, hint, strong } in hints {
            columns[column].hint(hint, strong);
        }
        let references = references(schema, table);
        Self {
            schema,
            table,
            columns,
            own_keys: vec![Vec::new(); references.len()],
            next_places: vec![0; references.len()],
            references,
            random: Random::for_name(seed, &table.name),
            rows: Vec::new(),
            refusal: None,
            manner,
        }
    }

    /// Returns a value that the column might take; used for promises to other tables.
    fn value_for(&mut self, column: usize) -> Value {
        self.columns[column].value(Style::Plain, 0, &mut self.random)
    }

    /// Puts rows into the table until there are `wanted` of them or the table refuses.
    pub(super) fn fill(
        &mut self,
        connection: &Connection,
        keys: &mut Keys<'_>,
        wanted: usize,
        progress: &dyn Fn(usize),
    ) -> rusqlite::Result<()> {
        // A foreign key to something that is missing or not unique shows here.
        let mut insert = match Insert::prepare(connection, self.table) {
            Ok(insert) => insert,
            Err(error) => {
                self.refusal = Some(Failure::of(error)?.message);
                return Ok(());
            }
        };
        if self.manner == Manner::Plausible && self.rows.is_empty() {
            // The rows that are there took the first rows of the parent.
            let sql = format!("SELECT count(*) FROM main.{}", quote_identifier(&self.table.name));
            self.next_places.fill(connection.query_row(&sql, [], |row| row.get(0))?);
        }
        let mut promises = keys.take_promises(&self.table.name).into_iter();
        let mut given_up = 0;
        self.refusal = None;
        while self.rows.len() < wanted && given_up < ROWS_GIVEN_UP {
            let promise = promises.next();
            match self.fill_row(&mut insert, keys, promise)? {
                Ok(row) => {
                    self.rows.push(row);
                    progress(self.rows.len());
                }
                Err(refusal) => {
                    self.refusal = Some(refusal);
                    given_up += 1;
                }
            }
        }
        Ok(())
    }

    /// Tries to put one row in; the inner error is why no attempt was accepted.
    fn fill_row(
        &mut self,
        insert: &mut Insert<'_>,
        keys: &mut Keys<'_>,
        mut promise: Option<Promise>,
    ) -> rusqlite::Result<Result<RowId, String>> {
        let style = match (self.manner, self.rows.len()) {
            (Manner::Plausible, _) => Style::Likely,
            (Manner::Probing, 0) => Style::Plain,
            (Manner::Probing, 1) => Style::Empty,
            (Manner::Probing, _) => Style::Odd,
        };
        let mut draft: Draft = vec![None; self.table.columns.len()];
        let mut refusal = String::new();
        for attempt in 0..ATTEMPTS {
            // A nullable column is left NULL only as long as that works, and so is a promised key kept.
            let style = if attempt == 0 || style == Style::Likely { style } else { Style::Odd };
            if attempt > 0 && attempt % ATTEMPTS_BEFORE_A_NEW_ROW == 0 {
                draft.fill(None);
                promise = None;
            }
            for (column, value) in promise.iter().flatten() {
                draft[*column] = Some(value.clone());
            }
            if let Err(reason) = self.refer(&mut draft, keys, style, attempt) {
                refusal = reason;
                draft.fill(None);
                continue;
            }
            self.complete(&mut draft, style, attempt);
            match insert.run(&draft) {
                Ok(row) => {
                    match self.manner {
                        Manner::Probing => keys.forget(&self.table.name),
                        Manner::Plausible => self.remember(&draft, &row),
                    }
                    return Ok(Ok(row));
                }
                Err(error) => {
                    let failure = Failure::of(error)?;
                    self.clear(&mut draft, &failure.blamed(self.table));
                    refusal = failure.message;
                }
            }
        }
        Ok(Err(refusal))
    }

    /// Decides the columns of foreign keys.
    fn refer(
        &mut self,
        draft: &mut Draft,
        keys: &mut Keys<'_>,
        style: Style,
        attempt: usize,
    ) -> Result<(), String> {
        let references = std::mem::take(&mut self.references);
        let outcome = references.iter().enumerate().try_for_each(|(number, reference)| {
            self.refer_one(draft, keys, (number, reference), style, attempt)
        });
        self.references = references;
        outcome
    }

    fn refer_one(
        &mut self,
        draft: &mut Draft,
        keys: &mut Keys<'_>,
        (number, reference): (usize, &Reference<'_>),
        style: Style,
        attempt: usize,
    ) -> Result<(), String> {
        let decided = |draft: &Draft, column: &usize| draft[*column].is_some();
        let is_null = |draft: &Draft, column: &usize| draft[*column] == Some(Value::Null);
        if reference.columns.iter().any(|column| is_null(draft, column)) {
            return Ok(());
        }
        let may_be_null: Vec<usize> = (reference.columns.iter().copied())
            .filter(|column| self.columns[*column].nullable && !decided(draft, column))
            .collect();
        let may_want_null = matches!(style, Style::Odd | Style::Likely);
        let wants_null = style == Style::Empty || may_want_null && self.random.one_in(5);
        if wants_null && !may_be_null.is_empty() {
            let count = if self.random.one_in(4) { 1 } else { may_be_null.len() };
            may_be_null.iter().take(count).for_each(|column| draft[*column] = Some(Value::Null));
            return Ok(());
        }
        let key = match style {
            Style::Likely => self.choose_likely_key(draft, keys, (number, reference)),
            _ => self.choose_key(draft, keys, reference, attempt),
        };
        if let Some(key) = key {
            for (column, value) in reference.columns.iter().zip(key) {
                draft[*column] = Some(value);
            }
            return Ok(());
        }
        if let Some(column) = may_be_null.first() {
            draft[*column] = Some(Value::Null);
            return Ok(());
        }
        let referred = match reference.to_itself {
            true => self.refer_to_itself(draft, reference),
            false => keys.is_pending(reference.parent) && self.promise(draft, keys, reference),
        };
        if referred {
            return Ok(());
        }
        Err(format!("its foreign key finds no row to refer to in `{}`", reference.parent))
    }

    /// Returns a key of the parent that agrees with what is decided; every row another one, so that UNIQUE is met.
    fn choose_key(
        &mut self,
        draft: &Draft,
        keys: &mut Keys<'_>,
        reference: &Reference<'_>,
        attempt: usize,
    ) -> Option<Vec<Value>> {
        let agrees = |key: &&Vec<Value>| {
            let pairs = reference.columns.iter().zip(key.iter());
            pairs.into_iter().all(|(column, value)| draft[*column].as_ref().is_none_or(|own| own == value))
        };
        let mut fitting: Vec<Vec<Value>> = keys.existing(reference).iter().filter(agrees).cloned().collect();
        if !reference.to_itself
            && keys.is_pending(reference.parent)
            && let Some(parent) = self.schema.table(reference.parent)
        {
            let promised = keys.promised(reference, parent);
            // As long as few keys are promised, new ones are; later rows share them.
            if promised.len() > self.rows.len() || attempt > 4 {
                fitting.extend(promised.iter().filter(agrees).cloned());
            }
        }
        if fitting.is_empty() {
            return None;
        }
        let at =
            if attempt == 0 { self.rows.len() % fitting.len() } else { self.random.below(fitting.len()) };
        Some(fitting.swap_remove(at))
    }

    /// Returns a key from anywhere in the parent that agrees with what is decided, or the next one where rows must differ.
    fn choose_likely_key(
        &mut self,
        draft: &Draft,
        keys: &mut Keys<'_>,
        (number, reference): (usize, &Reference<'_>),
    ) -> Option<Vec<Value>> {
        let agrees = |key: &[Value]| {
            let mut pairs = reference.columns.iter().zip(key);
            pairs.all(|(column, value)| draft[*column].as_ref().is_none_or(|own| own == value))
        };
        if reference.is_unique && !reference.to_itself {
            let place = self.next_places[number];
            // A parent that cannot be read has no keys; the row that needs one is reported.
            let key = keys.parents.nth(reference, place).ok().flatten();
            self.next_places[number] = if key.is_some() { place + 1 } else { 0 };
            if let Some(key) = key.filter(|key| agrees(key)) {
                return Some(key.to_vec());
            }
        }
        let own = &self.own_keys[number];
        let candidates = match reference.to_itself && !own.is_empty() {
            true => own,
            false => keys.parents.selection(reference).ok()?,
        };
        // A key that was chosen with another one is there; should it not be, the row goes in the end.
        if !reference.to_itself && reference.columns.iter().all(|column| draft[*column].is_some()) {
            return reference.columns.iter().map(|column| draft[*column].clone()).collect();
        }
        let start = self.random.below(candidates.len());
        let mut turned = candidates[start..].iter().chain(&candidates[..start]);
        turned.find(|key| agrees(key)).cloned()
    }

    /// Remembers the keys of a row that later rows of the table can refer to.
    fn remember(&mut self, draft: &Draft, row: &RowId) {
        for (number, reference) in
            self.references.iter().enumerate().filter(|(_, reference)| reference.to_itself)
        {
            let value = |name: &&str| {
                let place = column_position(self.table, name)?;
                match (draft[place].clone(), row) {
                    (Some(Value::Null), RowId::Rowid(rowid)) if self.table.rowid_alias() == Some(*name) => {
                        Some(Value::Integer(*rowid))
                    }
                    (Some(Value::Null) | None, _) => None,
                    (value, _) => value,
                }
            };
            let Some(key) = reference.parent_columns.iter().map(value).collect() else { continue };
            let own = &mut self.own_keys[number];
            if own.len() < OWN_KEYS {
                own.push(key);
            } else {
                let place = self.random.below(OWN_KEYS);
                own[place] = key;
            }
        }
    }

    /// Makes the row refer to itself; is false when a column referred to is generated or does not exist.
    fn refer_to_itself(&mut self, draft: &mut Draft, reference: &Reference<'_>) -> bool {
        for (column, parent_column) in reference.columns.iter().zip(&reference.parent_columns) {
            let Some(own) = column_position(self.table, parent_column) else { return false };
            if self.table.columns[own].generated.is_some() {
                return false;
            }
            let value = draft[own].clone().or_else(|| draft[*column].clone());
            let value = value.unwrap_or_else(|| self.value_for(own));
            draft[own] = Some(value.clone());
            draft[*column] = Some(value);
        }
        true
    }

    /// Promises a key of a table that is filled later, and refers to it.
    fn promise(&mut self, draft: &mut Draft, keys: &mut Keys<'_>, reference: &Reference<'_>) -> bool {
        let Some(parent) = self.schema.table(reference.parent) else { return false };
        let mut promise = Promise::new();
        for (column, parent_column) in reference.columns.iter().zip(&reference.parent_columns) {
            let Some(place) = column_position(parent, parent_column) else { return false };
            let declared = &parent.columns[place];
            if declared.generated.is_some() {
                return false;
            }
            let made = || ColumnValues::new(declared, parent).value(Style::Plain, 0, &mut self.random);
            promise.push((place, draft[*column].clone().unwrap_or_else(made)));
        }
        for (column, (_, value)) in reference.columns.iter().zip(&promise) {
            draft[*column] = Some(value.clone());
        }
        keys.promise(&parent.name, promise);
        true
    }

    /// Gives every column that is still open a value.
    fn complete(&mut self, draft: &mut Draft, style: Style, attempt: usize) {
        let alias = self.table.rowid_alias().and_then(|name| column_position(self.table, name));
        for (column, value) in draft.iter_mut().enumerate() {
            if value.is_some() || self.table.columns[column].generated.is_some() {
                continue;
            }
            if alias == Some(column) && style == Style::Likely && attempt < ATTEMPTS_BEFORE_A_NEW_ROW {
                // SQLite gives the next one.
                *value = Some(Value::Null);
                continue;
            }
            // Rowids that begin at one and have gaps are what a real table has.
            let rowid = alias == Some(column) && attempt == 0;
            *value = Some(if rowid {
                let count = self.rows.len() as i64 + 1;
                Value::Integer(if count > 3 { count * 10 + self.random.below(9) as i64 } else { count })
            } else {
                self.columns[column].value(style, attempt, &mut self.random)
            });
        }
    }

    /// Opens the blamed columns again, and with them all columns of foreign keys that they belong to.
    fn clear(&mut self, draft: &mut Draft, blamed: &[usize]) {
        let mut cleared = blamed.to_vec();
        for reference in &self.references {
            if reference.columns.iter().any(|column| cleared.contains(column)) {
                cleared.extend(&reference.columns);
            }
        }
        // Sometimes the fault is elsewhere: a column that the blamed ones are compared with.
        if cleared.is_empty() || self.random.one_in(8) {
            cleared.extend(0..draft.len());
        }
        for column in cleared {
            draft[column] = None;
        }
    }
}

/// The prepared INSERT of a table.
struct Insert<'c> {
    connection: &'c Connection,
    statement: Statement<'c>,
    /// The places of the columns that are written.
    columns: Vec<usize>,
    /// The places of the key's columns in a WITHOUT ROWID table.
    key: Option<Vec<usize>>,
}

impl<'c> Insert<'c> {
    fn prepare(connection: &'c Connection, table: &Table) -> rusqlite::Result<Self> {
        let is_written = |place: &usize| table.columns[*place].generated.is_none();
        let columns: Vec<usize> = (0..table.columns.len()).filter(is_written).collect();
        let names: Vec<String> =
            columns.iter().map(|place| quote_identifier(&table.columns[*place].name)).collect();
        let sql = format!(
            "INSERT INTO main.{} ({}) VALUES ({})",
            quote_identifier(&table.name),
            names.join(", "),
            vec!["?"; names.len()].join(", ")
        );
        let key = table.primary_key.as_ref().filter(|_| table.without_rowid);
        let key = key.map(|key| {
            key.columns.iter().filter_map(|part| column_position(table, &part.name)).collect::<Vec<_>>()
        });
        Ok(Self { connection, statement: connection.prepare(&sql)?, columns, key })
    }

    fn run(&mut self, draft: &Draft) -> rusqlite::Result<RowId> {
        let value = |place: &usize| draft[*place].as_ref().unwrap_or(&Value::Null);
        self.statement.execute(rusqlite::params_from_iter(self.columns.iter().map(value)))?;
        Ok(match &self.key {
            Some(key) => RowId::Key(key.iter().map(|place| value(place).clone()).collect()),
            None => RowId::Rowid(self.connection.last_insert_rowid()),
        })
    }
}

/// Why SQLite refused a row.
struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    /// Takes a refusal of the row apart; an error that has nothing to do with the row is given back.
    fn of(error: rusqlite::Error) -> rusqlite::Result<Self> {
        match error {
            rusqlite::Error::SqliteFailure(failure, Some(message))
                if is_about_the_row(failure.extended_code) =>
            {
                Ok(Self { code: failure.extended_code, message })
            }
            other => Err(other),
        }
    }

    /// Returns the columns to change; none when nobody can tell.
    fn blamed(&self, table: &Table) -> Vec<usize> {
        let subject = self.message.split_once(": ").map_or("", |(_, subject)| subject);
        let mut columns = match self.code {
            ffi::SQLITE_CONSTRAINT_CHECK => checked_columns(subject, table),
            ffi::SQLITE_CONSTRAINT_DATATYPE => {
                let named = |name: &str| self.message.ends_with(&format!(" column {}.{name}", table.name));
                (0..table.columns.len()).filter(|place| named(&table.columns[*place].name)).collect()
            }
            _ => match subject.strip_prefix("index '") {
                Some(index) => indexed_columns(index.trim_end_matches('\''), table),
                None => named_columns(subject, table),
            },
        };
        // The value of a generated column is changed through the columns that it is made of.
        for _ in 0..table.columns.len() {
            let generated = |column: &usize| table.columns[*column].generated.as_ref();
            let Some(at) = columns.iter().position(|column| generated(column).is_some()) else { break };
            let made_of = generated(&columns.swap_remove(at)).map(|made| columns_in(&made.expr, table));
            columns.extend(made_of.unwrap_or_default());
        }
        columns
    }
}

/// Whether another row could fare better: constraints, and errors while an expression is computed (`malformed JSON`,
/// `integer overflow`, a trigger's RAISE).
fn is_about_the_row(extended_code: i32) -> bool {
    matches!(
        extended_code & 0xff,
        ffi::SQLITE_CONSTRAINT | ffi::SQLITE_ERROR | ffi::SQLITE_MISMATCH | ffi::SQLITE_TOOBIG
    )
}

/// Returns the columns of the check that SQLite names, by its name or by its text.
fn checked_columns(subject: &str, table: &Table) -> Vec<usize> {
    let text = SqlExpr::new(subject);
    let is_named =
        |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(subject));
    let failed = table.checks.iter().filter(|check| is_named(&check.name) || check.expr == text);
    let columns: Vec<usize> = failed.flat_map(|check| columns_in(&check.expr, table)).collect();
    if !columns.is_empty() {
        return columns;
    }
    table.checks.iter().flat_map(|check| columns_in(&check.expr, table)).collect()
}

fn indexed_columns(index: &str, table: &Table) -> Vec<usize> {
    let Some(index) = table.indexes.iter().find(|known| known.name.eq_ignore_ascii_case(index)) else {
        return Vec::new();
    };
    let part = |term: &IndexTerm| match term {
        IndexTerm::Column(name) => column_position(table, name).into_iter().collect(),
        IndexTerm::Expr(expr) => columns_in(expr, table),
    };
    index.columns.iter().flat_map(|column| part(&column.term)).collect()
}

/// Reads `users.name, users.email`.
fn named_columns(subject: &str, table: &Table) -> Vec<usize> {
    let prefix = format!("{}.", table.name);
    let Some(names) = subject.strip_prefix(&prefix) else { return Vec::new() };
    names.split(&format!(", {prefix}")).filter_map(|name| column_position(table, name)).collect()
}
