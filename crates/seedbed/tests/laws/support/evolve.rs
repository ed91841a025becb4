//! Random edits of a schema: what an author might do between two migrations, and what no author in his right mind does.
//!
//! While a schema is edited, `renamed_from` of every table and column that was there at the start holds the name of that
//! time; at the end the renames are read off it. A NOT NULL that needs a value for old rows gets one, so a plan that
//! asks a question is a finding.

use seedbed_schema::diff::Renames;
use seedbed_schema::model::{
    Action, Affinity, Column, ColumnType, DefaultValue, EnumVariant, Generated, IndexTerm, KeyColumn,
    PrimaryKey, Schema, StoredForm, Table,
};
use seedbed_schema::sql::{SqlExpr, quote_text};

use super::names::Taken;
use super::random::Random;
use super::schemas::{
    add_check, add_foreign_key, add_index, add_unique, column, default_value, enum_check, form,
    generated_column, table, taken_names, view,
};
use super::validity::{drop_broken_views, keep_valid};

/// An edited schema.
#[derive(Debug, Clone)]
pub(crate) struct Evolved {
    pub(crate) schema: Schema,
    pub(crate) renames: Renames,
    /// What was done, for a person.
    pub(crate) edits: Vec<String>,
}

/// Makes one to six random edits.
pub(crate) fn evolve(before: &Schema, random: &mut Random) -> Evolved {
    let mut schema = before.clone();
    for table in &mut schema.tables {
        table.renamed_from = Some(table.name.clone());
        for column in &mut table.columns {
            column.renamed_from = Some(column.name.clone());
        }
    }
    let mut edits = Vec::new();
    for _ in 0..1 + random.below(6) {
        edits.extend(edit(&mut schema, before, random));
        keep_valid(&mut schema);
        drop_broken_views(&mut schema);
    }
    give_values_for_old_rows(&mut schema, before);
    avoid_names_of_the_dropped(&mut schema, before);
    keep_valid(&mut schema);
    drop_broken_views(&mut schema);
    let renames = take_renames(&mut schema);
    Evolved { schema, renames, edits }
}

/// What takes the name of something that is dropped is refused as a rename, so it gets another name.
fn avoid_names_of_the_dropped(schema: &mut Schema, before: &Schema) {
    for at in 0..schema.tables.len() {
        let table = &schema.tables[at];
        let Some(from) = table.renamed_from.clone() else { continue };
        let moved_away = |name: &str| {
            schema
                .tables
                .iter()
                .any(|other| other.renamed_from.as_deref() == Some(name) && other.name != name)
        };
        if from != table.name && before.table(&table.name).is_some_and(|old| !moved_away(&old.name)) {
            let name = taken_in_both(schema, before).free(&schema.tables[at].name.clone());
            set_table_name(schema, at, &name);
        }
        let Some(was) = before.table(&from) else { continue };
        for place in 0..schema.tables[at].columns.len() {
            let columns = &schema.tables[at].columns;
            let column = &columns[place];
            let moved_away = |name: &str| {
                columns.iter().any(|other| other.renamed_from.as_deref() == Some(name) && other.name != name)
            };
            let renamed = column.renamed_from.as_ref().is_some_and(|from| *from != column.name);
            if renamed && was.column(&column.name).is_some_and(|old| !moved_away(&old.name)) {
                let from = column.name.clone();
                let name = taken_columns(&schema.tables[at], before).free(&from);
                set_column_name(schema, at, &from, &name);
            }
        }
    }
}

/// Reads the renames off and removes the marks.
pub(crate) fn take_renames(schema: &mut Schema) -> Renames {
    let mut renames = Renames::default().nothing_else();
    for table in &mut schema.tables {
        if let Some(from) = table.renamed_from.take().filter(|from| *from != table.name) {
            renames = renames.table(&from, &table.name);
        }
        for column in &mut table.columns {
            if let Some(from) = column.renamed_from.take().filter(|from| *from != column.name) {
                renames = renames.column(&table.name, &from, &column.name);
            }
        }
    }
    renames
}

/// Returns what a table of the edited schema was before.
fn origin<'a>(table: &Table, before: &'a Schema) -> Option<&'a Table> {
    table.renamed_from.as_deref().and_then(|name| before.table(name))
}

/// NOT NULL on a column that may hold NULL, or that is new, needs a default or a backfill.
fn give_values_for_old_rows(schema: &mut Schema, before: &Schema) {
    for table in &mut schema.tables {
        let Some(was) = origin(table, before) else { continue };
        let strict = table.strict;
        free_new_columns(table);
        for column in &mut table.columns {
            let had_values = column
                .renamed_from
                .as_deref()
                .and_then(|name| was.column(name))
                .is_some_and(|old| !old.nullable && old.generated.is_none());
            let needs_value = !column.nullable && column.generated.is_none() && !had_values;
            let has_default = column.default.as_ref().is_some_and(|default| *default != DefaultValue::Null);
            if needs_value && !has_default {
                column.backfill = Some(value_for_old_rows(column, strict));
            }
        }
    }
}

/// Old rows get one and the same value in a new column, so it is in no key, refers to nothing and is not checked. What a
/// generated column will hold is known to SQLite alone, so it is in no key either.
fn free_new_columns(table: &mut Table) {
    let in_foreign_key =
        |column: &Column| table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
    let referring: Vec<String> = table
        .columns
        .iter()
        .filter(|column| in_foreign_key(column))
        .map(|column| column.name.clone())
        .collect();
    let generated = table.columns.iter().filter(|column| column.generated.is_some());
    let mut filled: Vec<String> = generated.map(|column| column.name.clone()).collect();
    for column in table.columns.iter_mut().filter(|column| column.renamed_from.is_none()) {
        if referring.contains(&column.name) {
            column.nullable = true;
            column.default = None;
        } else if column.generated.is_none() && (!column.nullable || column.default.is_some()) {
            filled.push(column.name.clone());
        }
    }
    let is_free = |parts: &[KeyColumn]| !parts.iter().any(|part| filled.contains(&part.name));
    table.uniques.retain(|unique| is_free(&unique.columns));
    table.primary_key = table.primary_key.take().filter(|key| is_free(&key.columns));
    for index in table.indexes.iter_mut().filter(|index| index.unique) {
        index.unique = !index.columns.iter().any(|part| match &part.term {
            IndexTerm::Column(name) => filled.contains(name),
            IndexTerm::Expr(expr) => filled.iter().any(|name| expr.mentions(name)),
        });
    }
    table.checks.retain(|check| !filled.iter().any(|name| check.expr.mentions(name)));
}

fn value_for_old_rows(column: &Column, strict: bool) -> SqlExpr {
    SqlExpr::new(&match (&column.form, column.column_type.affinity()) {
        (StoredForm::TextEnum(variants), _) => quote_text(&variants[0].value),
        (StoredForm::UuidText, _) => quote_text("00000000-0000-4000-8000-000000000001"),
        (StoredForm::UuidBlob, _) => "zeroblob(16)".to_owned(),
        (StoredForm::Json, _) => "'{}'".to_owned(),
        (StoredForm::TimestampText, _) => "'2026-01-31T12:00:00.000Z'".to_owned(),
        (_, Affinity::Integer | Affinity::Numeric | Affinity::Real) => "1 + 1".to_owned(),
        (_, Affinity::Blob) if strict && column.column_type.as_str().eq_ignore_ascii_case("BLOB") => {
            "x'01'".to_owned()
        }
        _ => "'old; row'".to_owned(),
    })
}

/// Makes one edit and says what it was; `None` when the schema had nothing to edit that way.
fn edit(schema: &mut Schema, before: &Schema, random: &mut Random) -> Option<String> {
    if schema.tables.is_empty() {
        return add_table(schema, before, random);
    }
    let at = random.below(schema.tables.len());
    match random.below(30) {
        0 | 1 => add_table(schema, before, random),
        2 => Some(drop_table(schema, at)),
        3 | 4 => Some(rename_table(schema, before, at, random)),
        5 => swap_tables(schema, before, at, random),
        6..=8 => add_column(schema, before, at, random),
        9 | 10 => drop_column(schema, at, random),
        11 | 12 => rename_column(schema, before, at, random),
        13 => swap_columns(schema, at, random),
        14..=20 => alter_column(schema, at, random),
        21 => alter_primary_key(schema, at, random),
        22 => alter_uniques(schema, at, random),
        23 => alter_indexes(schema, before, at, random),
        24 | 25 => alter_foreign_keys(schema, at, random),
        26 => alter_checks(schema, at, random),
        27 => alter_options(schema, at, random),
        28 => Some(move_column(schema, at, random)),
        _ => alter_views(schema, before, random),
    }
}

/// Names of both schemas, so that a new name is never an old one by accident.
fn taken_in_both(schema: &Schema, before: &Schema) -> Taken {
    let mut taken = taken_names(schema);
    before.tables.iter().for_each(|table| taken.take(&table.name));
    before.tables.iter().flat_map(|table| &table.indexes).for_each(|index| taken.take(&index.name));
    before.views.iter().for_each(|view| taken.take(&view.name));
    taken
}

fn taken_columns(table: &Table, before: &Schema) -> Taken {
    let own = table.columns.iter().map(|column| column.name.as_str());
    let old = origin(table, before).into_iter().flat_map(|table| &table.columns);
    Taken::new(own.chain(old.map(|column| column.name.as_str())))
}

fn add_table(schema: &mut Schema, before: &Schema, random: &mut Random) -> Option<String> {
    let table = table(&mut taken_in_both(schema, before), random);
    let text = format!("add table {}", table.name);
    schema.tables.push(table);
    let at = schema.tables.len() - 1;
    if random.one_in(2) {
        add_foreign_key(schema, at, random);
    }
    Some(text)
}

fn drop_table(schema: &mut Schema, at: usize) -> String {
    format!("drop table {}", schema.tables.remove(at).name)
}

fn rename_table(schema: &mut Schema, before: &Schema, at: usize, random: &mut Random) -> String {
    let to = taken_in_both(schema, before).table(random);
    let from = schema.tables[at].name.clone();
    set_table_name(schema, at, &to);
    format!("rename table {from} to {to}")
}

/// Two tables take each other's name.
fn swap_tables(schema: &mut Schema, before: &Schema, at: usize, random: &mut Random) -> Option<String> {
    let other = random.below(schema.tables.len());
    let is_old = |at: usize| schema.tables[at].renamed_from.is_some();
    if other == at || !is_old(at) || !is_old(other) || !random.one_in(3) {
        return None;
    }
    let (one, two) = (schema.tables[at].name.clone(), schema.tables[other].name.clone());
    let between = taken_in_both(schema, before).free("between");
    set_table_name(schema, at, &between);
    set_table_name(schema, other, &one);
    set_table_name(schema, at, &two);
    Some(format!("swap the names of {one} and {two}"))
}

/// Gives a table another name wherever it is named.
fn set_table_name(schema: &mut Schema, at: usize, to: &str) {
    let from = std::mem::replace(&mut schema.tables[at].name, to.to_owned());
    let renamed = |name: &str| name.eq_ignore_ascii_case(&from).then(|| to.to_owned());
    for table in &mut schema.tables {
        for key in &mut table.foreign_keys {
            if let Some(name) = renamed(&key.referenced_table) {
                key.referenced_table = name;
            }
        }
    }
    let table = &mut schema.tables[at];
    for check in &mut table.checks {
        check.expr = check.expr.without_qualifier(&from);
    }
    for view in &mut schema.views {
        view.definition = view.definition.rename_identifiers(renamed);
    }
}

fn add_column(schema: &mut Schema, before: &Schema, at: usize, random: &mut Random) -> Option<String> {
    if random.one_in(5) {
        add_foreign_key(schema, at, random);
        // Rows that are there have no parent to give to a new NOT NULL column.
        for column in schema.tables[at].columns.iter_mut().filter(|column| column.renamed_from.is_none()) {
            column.nullable = column.generated.is_some() || column.nullable || column.default.is_none();
        }
        return Some(format!("add a foreign key with its columns to {}", schema.tables[at].name));
    }
    let table = &mut schema.tables[at];
    let name = taken_columns(table, before).column(random);
    let new = match random.below(4) {
        0 => generated_column(&name, table, random)?,
        _ => column(&name, table.strict, random),
    };
    let place = random.below(table.columns.len() + 1);
    table.columns.insert(place, new);
    Some(format!("add column {}.{name}", table.name))
}

fn drop_column(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    if table.columns.len() < 2 {
        return None;
    }
    let gone = table.columns.remove(random.below(table.columns.len()));
    // A shorter key would hold rows together that were apart.
    let in_key =
        |columns: &[KeyColumn]| columns.iter().any(|part| part.name.eq_ignore_ascii_case(&gone.name));
    table.primary_key = table.primary_key.take().filter(|key| !in_key(&key.columns));
    Some(format!("drop column {}.{}", table.name, gone.name))
}

fn rename_column(schema: &mut Schema, before: &Schema, at: usize, random: &mut Random) -> Option<String> {
    let column = random.below(schema.tables[at].columns.len());
    let to = taken_columns(&schema.tables[at], before).column(random);
    let from = schema.tables[at].columns[column].name.clone();
    set_column_name(schema, at, &from, &to);
    Some(format!("rename column {}.{from} to {to}", schema.tables[at].name))
}

/// Two columns take each other's name.
fn swap_columns(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let columns = &schema.tables[at].columns;
    let (one, two) = (random.pick(columns), random.pick(columns));
    if one.name == two.name || one.renamed_from.is_none() || two.renamed_from.is_none() || !random.one_in(3) {
        return None;
    }
    let (one, two) = (one.name.clone(), two.name.clone());
    set_column_name(schema, at, &one, "\u{1}between");
    set_column_name(schema, at, &two, &one);
    set_column_name(schema, at, "\u{1}between", &two);
    Some(format!("swap the names of {one} and {two} in {}", schema.tables[at].name))
}

/// Gives a column another name wherever it is named. Views are left as they are; one that breaks is dropped.
fn set_column_name(schema: &mut Schema, at: usize, from: &str, to: &str) {
    let renamed = |name: &str| name.eq_ignore_ascii_case(from).then(|| to.to_owned());
    let set = |name: &mut String| {
        if let Some(new_name) = renamed(name) {
            *name = new_name;
        }
    };
    let table_name = schema.tables[at].name.clone();
    for table in &mut schema.tables {
        let is_itself = table.name == table_name;
        for key in &mut table.foreign_keys {
            if key.referenced_table.eq_ignore_ascii_case(&table_name) {
                key.referenced_columns.iter_mut().for_each(set);
            }
            if is_itself {
                key.columns.iter_mut().for_each(set);
            }
        }
    }
    let table = &mut schema.tables[at];
    let set_in = |expr: &mut SqlExpr| *expr = expr.without_qualifier(&table_name).rename_identifiers(renamed);
    for column in &mut table.columns {
        set(&mut column.name);
        column.generated.iter_mut().for_each(|generated| set_in(&mut generated.expr));
    }
    table.primary_key.iter_mut().flat_map(|key| &mut key.columns).for_each(|part| set(&mut part.name));
    table.uniques.iter_mut().flat_map(|unique| &mut unique.columns).for_each(|part| set(&mut part.name));
    table.checks.iter_mut().for_each(|check| set_in(&mut check.expr));
    for index in &mut table.indexes {
        for part in &mut index.columns {
            match &mut part.term {
                IndexTerm::Column(name) => set(name),
                IndexTerm::Expr(expr) => set_in(expr),
            }
        }
        index.predicate.iter_mut().for_each(set_in);
    }
}

/// Changes the type, nullability, default, form, collation or expression of a column.
fn alter_column(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    let place = random.below(table.columns.len());
    let name = table.columns[place].name.clone();
    let what = if table.columns[place].generated.is_some() {
        alter_generated(table, place, random)?
    } else {
        match random.below(7) {
            0 => {
                alter_type(table, place, random);
                "type"
            }
            1 | 2 => {
                let column = &mut table.columns[place];
                column.nullable = !column.nullable;
                "nullability"
            }
            3 => {
                let column = &mut table.columns[place];
                column.default = match column.default {
                    Some(_) if random.one_in(2) => None,
                    _ => Some(default_value(column, random)),
                };
                "default"
            }
            4 => alter_form(table, place, random)?,
            5 => {
                let column = &mut table.columns[place];
                let collations = [None, Some("NOCASE".to_owned()), Some("RTRIM".to_owned())];
                column.collation.clone_from(random.pick(&collations));
                "collation"
            }
            _ => {
                let generated = generated_column(&name, table, random)?;
                if generated.generated.as_ref().is_some_and(|generated| generated.expr.mentions(&name)) {
                    return None;
                }
                let renamed_from = table.columns[place].renamed_from.clone();
                table.columns[place] = Column { renamed_from, ..generated };
                "to generated"
            }
        }
    };
    Some(format!("alter column {}.{name}: {what}", table.name))
}

fn alter_generated(table: &mut Table, place: usize, random: &mut Random) -> Option<&'static str> {
    let name = table.columns[place].name.clone();
    let renamed_from = table.columns[place].renamed_from.clone();
    match random.below(3) {
        0 => {
            let column = &mut table.columns[place];
            column.generated = None;
            column.nullable = true;
            Some("to ordinary")
        }
        1 => {
            let generated: &mut Generated = table.columns[place].generated.as_mut()?;
            generated.stored = !generated.stored;
            Some("stored")
        }
        _ => {
            table.columns[place] = Column { renamed_from, ..generated_column(&name, table, random)? };
            Some("expression")
        }
    }
}

fn alter_type(table: &mut Table, place: usize, random: &mut Random) {
    let strict = table.strict;
    let column = &mut table.columns[place];
    let new = super::schemas::column(&column.name, strict, random);
    column.column_type = new.column_type;
    column.form = StoredForm::Plain;
    column.default = None;
    let name = column.name.clone();
    // A condition of the old form would refuse what the new one holds.
    table.checks.retain(|check| !check.expr.mentions(&name));
}

fn alter_form(table: &mut Table, place: usize, random: &mut Random) -> Option<&'static str> {
    let name = table.columns[place].name.clone();
    let is_in_key = table.foreign_keys.iter().any(|key| key.columns.contains(&name));
    let column = &mut table.columns[place];
    let old = column.form.clone();
    let typed = |column: &mut Column, sql_type: &str, form: StoredForm| {
        column.column_type = ColumnType::new(sql_type);
        column.form = form;
        column.default = None;
    };
    if is_in_key {
        return None;
    }
    match &old {
        StoredForm::UnixSeconds if random.one_in(2) => typed(column, "TEXT", StoredForm::TimestampText),
        StoredForm::UnixSeconds => typed(column, "INTEGER", StoredForm::UnixMilliseconds),
        StoredForm::UnixMilliseconds => typed(column, "INTEGER", StoredForm::UnixSeconds),
        StoredForm::TimestampText if random.one_in(2) => typed(column, "INTEGER", StoredForm::UnixSeconds),
        StoredForm::TimestampText => typed(column, "INTEGER", StoredForm::UnixMilliseconds),
        StoredForm::UuidText => typed(column, "BLOB", StoredForm::UuidBlob),
        StoredForm::UuidBlob => typed(column, "TEXT", StoredForm::UuidText),
        StoredForm::TextEnum(variants) => {
            let mut variants = variants.clone();
            let at = random.below(variants.len());
            match random.below(3) {
                0 => variants.push("added".to_owned().into()),
                1 if variants.len() > 2 => {
                    variants.remove(at);
                }
                _ => {
                    let from = variants[at].value.clone();
                    let value = format!("{from} (new)");
                    variants[at] = EnumVariant { value, renamed_from: Some(from) };
                }
            }
            column.form = StoredForm::TextEnum(variants.clone());
            column.default = None;
            for check in table.checks.iter_mut().filter(|check| check.expr.mentions(&name)) {
                check.expr = SqlExpr::new(&enum_check(&name, &variants));
            }
            return Some("enum values");
        }
        StoredForm::Plain | StoredForm::Bool | StoredForm::Json => {
            let new = form(&column.column_type, random);
            // A plain text is no time and no UUID; what becomes of such rows is nobody's promise.
            if !matches!(new, StoredForm::Plain | StoredForm::Bool | StoredForm::Json) {
                return None;
            }
            column.form = new;
            return Some("form in name only");
        }
    }
    table.checks.retain(|check| !check.expr.mentions(&name));
    Some("form")
}

fn alter_primary_key(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    let names: Vec<String> = (table.columns.iter())
        .filter(|column| column.generated.is_none() && !column.nullable)
        .map(|column| column.name.clone())
        .collect();
    let alias = table.rowid_alias().is_some();
    let what = match (&mut table.primary_key, random.below(4)) {
        (Some(key), 0) if alias => {
            key.autoincrement = !key.autoincrement;
            "AUTOINCREMENT"
        }
        (Some(_), 1) => {
            table.primary_key = None;
            "none"
        }
        (Some(key), 2) => {
            key.name = if key.name.is_some() { None } else { Some("the key".to_owned()) };
            "name"
        }
        _ if names.is_empty() => return None,
        _ => {
            let first = random.pick(&names).clone();
            let mut columns = vec![KeyColumn::new(first.clone())];
            let second = random.pick(&names).clone();
            if second != first && random.one_in(2) {
                columns.push(KeyColumn::new(second));
            }
            table.primary_key = Some(PrimaryKey { columns, ..PrimaryKey::default() });
            "columns"
        }
    };
    Some(format!("alter primary key of {}: {what}", table.name))
}

fn alter_uniques(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    if !table.uniques.is_empty() && random.one_in(2) {
        table.uniques.remove(random.below(table.uniques.len()));
        return Some(format!("drop a unique of {}", table.name));
    }
    add_unique(table, random);
    Some(format!("add a unique to {}", table.name))
}

fn alter_indexes(schema: &mut Schema, before: &Schema, at: usize, random: &mut Random) -> Option<String> {
    let mut taken = taken_in_both(schema, before);
    let table = &mut schema.tables[at];
    match random.below(3) {
        0 if !table.indexes.is_empty() => {
            table.indexes.remove(random.below(table.indexes.len()));
            Some(format!("drop an index of {}", table.name))
        }
        1 if !table.indexes.is_empty() => {
            let place = random.below(table.indexes.len());
            table.indexes[place].unique = false;
            table.indexes[place].columns[0].descending = !table.indexes[place].columns[0].descending;
            Some(format!("alter an index of {}", table.name))
        }
        _ => {
            add_index(table, &mut taken, random);
            Some(format!("add an index to {}", table.name))
        }
    }
}

fn alter_foreign_keys(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    if table.foreign_keys.is_empty() {
        return None;
    }
    let place = random.below(table.foreign_keys.len());
    let what = match random.below(4) {
        0 => {
            table.foreign_keys.remove(place);
            "drop"
        }
        1 => {
            let key = &mut table.foreign_keys[place];
            key.on_delete = if key.on_delete == Action::Cascade { Action::NoAction } else { Action::Cascade };
            "action"
        }
        2 => {
            table.foreign_keys[place].deferred = !table.foreign_keys[place].deferred;
            "deferred"
        }
        _ => {
            let key = &mut table.foreign_keys[place];
            key.name = if key.name.is_some() { None } else { Some("linked; to".to_owned()) };
            "name"
        }
    };
    Some(format!("alter a foreign key of {}: {what}", table.name))
}

fn alter_checks(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    match random.below(3) {
        0 if !table.checks.is_empty() => {
            table.checks.remove(random.below(table.checks.len()));
            Some(format!("drop a check of {}", table.name))
        }
        1 if !table.checks.is_empty() => {
            let place = random.below(table.checks.len());
            let check = &mut table.checks[place];
            check.expr = SqlExpr::new(&format!("({}\n) OR 1 = 1", check.expr));
            Some(format!("alter a check of {}", table.name))
        }
        _ => {
            add_check(table, random);
            Some(format!("add a check to {}", table.name))
        }
    }
}

fn alter_options(schema: &mut Schema, at: usize, random: &mut Random) -> Option<String> {
    let table = &mut schema.tables[at];
    if random.one_in(2) {
        table.without_rowid = !table.without_rowid;
        return Some(format!("WITHOUT ROWID of {}", table.name));
    }
    table.strict = !table.strict;
    if table.strict {
        for column in &mut table.columns {
            let affinity = column.column_type.affinity();
            column.column_type = ColumnType::new(match affinity {
                Affinity::Text => "TEXT",
                Affinity::Integer if column.column_type.is_integer() => "INTEGER",
                Affinity::Integer => "INT",
                Affinity::Real => "REAL",
                Affinity::Blob if column.column_type.as_str().is_empty() => "ANY",
                Affinity::Blob => "BLOB",
                Affinity::Numeric => "ANY",
            });
        }
    }
    Some(format!("STRICT of {}", table.name))
}

fn move_column(schema: &mut Schema, at: usize, random: &mut Random) -> String {
    let columns = &mut schema.tables[at].columns;
    let column = columns.remove(random.below(columns.len()));
    columns.insert(random.below(columns.len() + 1), column);
    format!("move a column of {}", schema.tables[at].name)
}

fn alter_views(schema: &mut Schema, before: &Schema, random: &mut Random) -> Option<String> {
    match random.below(3) {
        0 if !schema.views.is_empty() => {
            let gone = schema.views.remove(random.below(schema.views.len()));
            Some(format!("drop view {}", gone.name))
        }
        1 if !schema.views.is_empty() => {
            let place = random.below(schema.views.len());
            let mut taken = taken_in_both(schema, before);
            let new = view(schema, &mut taken, random)?;
            if new.definition.mentions(&schema.views[place].name) {
                return None;
            }
            let name = schema.views[place].name.clone();
            schema.views[place].definition = new.definition;
            schema.views[place].columns = new.columns;
            Some(format!("alter view {name}"))
        }
        _ => {
            let mut taken = taken_in_both(schema, before);
            let new = view(schema, &mut taken, random)?;
            let text = format!("add view {}", new.name);
            schema.views.push(new);
            Some(text)
        }
    }
}
