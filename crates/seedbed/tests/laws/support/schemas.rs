//! Random schemas that use all of SQLite that the model knows.

use seedbed_schema::model::{
    Action, Affinity, Check, Column, ColumnType, DefaultValue, EnumVariant, ForeignKey, Generated, Index,
    IndexColumn, IndexTerm, KeyColumn, PrimaryKey, Schema, StoredForm, Table, Unique, View,
};
use seedbed_schema::sql::{SqlExpr, quote_identifier, quote_text};

use super::names::{Taken, spelled};
use super::random::Random;
use super::validity::{drop_broken_views, keep_valid, target_keys};

const LOOSE_TYPES: [&str; 15] = [
    "TEXT",
    "TEXT",
    "INTEGER",
    "INTEGER",
    "REAL",
    "BLOB",
    "NUMERIC",
    "",
    "varchar(20)",
    "BOOLEAN",
    "DATETIME",
    "bigint",
    "double precision",
    "decimal(10,2)",
    "INT",
];
const STRICT_TYPES: [&str; 7] = ["TEXT", "TEXT", "INTEGER", "INT", "REAL", "BLOB", "ANY"];

/// Makes a schema of up to five tables and a view or two.
pub(crate) fn schema(random: &mut Random) -> Schema {
    let mut schema = Schema::default();
    let mut taken = Taken::default();
    for _ in 0..1 + random.below(5) {
        let table = table(&mut taken, random);
        schema.tables.push(table);
    }
    for at in 0..schema.tables.len() {
        for _ in 0..random.below(3) {
            add_foreign_key(&mut schema, at, random);
        }
    }
    keep_valid(&mut schema);
    for _ in 0..random.below(3) {
        let view = view(&schema, &mut taken, random);
        schema.views.extend(view);
    }
    drop_broken_views(&mut schema);
    schema
}

/// Returns every name that a new table, index or view cannot have.
pub(crate) fn taken_names(schema: &Schema) -> Taken {
    let indexes = schema.tables.iter().flat_map(|table| &table.indexes).map(|index| index.name.as_str());
    let tables = schema.tables.iter().map(|table| table.name.as_str());
    Taken::new(tables.chain(indexes).chain(schema.views.iter().map(|view| view.name.as_str())))
}

/// Returns every name that a new constraint of the table cannot have.
pub(crate) fn taken_constraints(table: &Table) -> Taken {
    let checks = table.checks.iter().filter_map(|check| check.name.as_deref());
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.as_deref());
    let keys = table.foreign_keys.iter().filter_map(|key| key.name.as_deref());
    let primary = table.primary_key.iter().filter_map(|key| key.name.as_deref());
    Taken::new(checks.chain(uniques).chain(keys).chain(primary))
}

/// Makes a table without foreign keys.
pub(crate) fn table(taken: &mut Taken, random: &mut Random) -> Table {
    let mut table = Table { name: taken.table(random), strict: random.one_in(3), ..Table::default() };
    let mut columns = Taken::default();
    add_primary_key(&mut table, &mut columns, random);
    for _ in 0..1 + random.below(6) {
        let name = columns.column(random);
        let column = column(&name, table.strict, random);
        table.columns.push(column);
    }
    table.without_rowid =
        table.primary_key.as_ref().is_some_and(|key| !key.autoincrement) && random.one_in(5);
    for _ in 0..random.below(2) {
        let name = columns.column(random);
        let generated = generated_column(&name, &table, random);
        table.columns.extend(generated);
    }
    for _ in 0..random.below(3) {
        add_unique(&mut table, random);
    }
    for _ in 0..random.below(3) {
        add_check(&mut table, random);
    }
    for _ in 0..random.below(3) {
        add_index(&mut table, taken, random);
    }
    table
}

fn add_primary_key(table: &mut Table, taken: &mut Taken, random: &mut Random) {
    let mut key = PrimaryKey::default();
    match random.below(10) {
        0 => return,
        1..=4 => {
            let name = taken.free("id");
            let column_type = ColumnType::new("INTEGER");
            table.columns.push(Column { name: name.clone(), column_type, ..Column::default() });
            key.columns.push(KeyColumn::new(name));
            key.autoincrement = random.one_in(3);
        }
        kind => {
            for _ in 0..if kind < 7 { 1 } else { 2 + random.below(2) } {
                let name = taken.column(random);
                let mut column = column(&name, table.strict, random);
                column.nullable = false;
                // Only one INTEGER column would be the rowid, which the case above makes.
                if column.column_type.is_integer() {
                    column.column_type = ColumnType::new("INT");
                }
                table.columns.push(column);
                key.columns.push(KeyColumn { descending: random.one_in(8), ..KeyColumn::new(name) });
            }
        }
    }
    if random.one_in(6) {
        key.name = Some(format!("{}_key", table.name));
    }
    table.primary_key = Some(key);
}

/// Makes an ordinary column.
pub(crate) fn column(name: &str, strict: bool, random: &mut Random) -> Column {
    let types: &[&str] = if strict { &STRICT_TYPES } else { &LOOSE_TYPES };
    let column_type = ColumnType::new(types[random.below(types.len())]);
    let form = form(&column_type, random);
    let nullable = random.below(5) < 3;
    let mut column = Column { name: name.to_owned(), column_type, form, nullable, ..Column::default() };
    if random.below(5) < 2 {
        column.default = Some(default_value(&column, random));
    }
    if column.column_type.affinity() == Affinity::Text && column.form.is_plain() && random.one_in(5) {
        column.collation = Some((*random.pick(&["NOCASE", "RTRIM"])).to_owned());
    }
    column
}

/// Returns a stored form that fits the type; half of them are plain.
pub(crate) fn form(column_type: &ColumnType, random: &mut Random) -> StoredForm {
    let plain = random.one_in(2);
    match column_type.as_str() {
        _ if plain => StoredForm::Plain,
        "TEXT" => match random.below(4) {
            0 => StoredForm::TimestampText,
            1 => StoredForm::UuidText,
            2 => StoredForm::Json,
            _ => StoredForm::TextEnum(variants(random)),
        },
        "INTEGER" => {
            random.pick(&[StoredForm::Bool, StoredForm::UnixSeconds, StoredForm::UnixMilliseconds]).clone()
        }
        "BLOB" => StoredForm::UuidBlob,
        _ => StoredForm::Plain,
    }
}

fn variants(random: &mut Random) -> Vec<EnumVariant> {
    let mut values = vec!["draft", "in_review", "it's done", "semi;colon", "\u{fc}ber", ""];
    (0..2 + random.below(3)).map(|_| values.remove(random.below(values.len())).to_owned().into()).collect()
}

/// Returns a default that the column can hold.
pub(crate) fn default_value(column: &Column, random: &mut Random) -> DefaultValue {
    let text = |text: &str| DefaultValue::Text(text.to_owned());
    let expr = |expr: &str| DefaultValue::Expr(SqlExpr::new(expr));
    match (&column.form, column.column_type.affinity()) {
        (StoredForm::Bool, _) => DefaultValue::Bool(random.one_in(2)),
        (StoredForm::TimestampText, _) => match random.below(2) {
            0 => text("2026-01-31T12:00:00.000Z"),
            _ => expr("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"),
        },
        (StoredForm::UnixSeconds, _) => expr("unixepoch()"),
        (StoredForm::UnixMilliseconds, _) => expr("CAST(unixepoch('subsec') * 1000 AS INTEGER)"),
        (StoredForm::UuidText, _) => text("00000000-0000-4000-8000-000000000000"),
        (StoredForm::UuidBlob, _) => DefaultValue::Blob(vec![7; 16]),
        (StoredForm::Json, _) => random.pick(&[text("[]"), text("{\"a\": \"it's; x\"}")]).clone(),
        (StoredForm::TextEnum(variants), _) => text(&random.pick(variants).value),
        (StoredForm::Plain, Affinity::Text) => match random.below(5) {
            0 => expr("lower(hex(randomblob(4)))"),
            1 => expr("CURRENT_TIMESTAMP"),
            2 => expr("'a;b' || ',(c'"),
            _ => random
                .pick(&[
                    text(""),
                    text("it's \"x\"; -- y"),
                    text("42"),
                    text("l\u{ef}ne\nbreak"),
                    text("NULL"),
                ])
                .clone(),
        },
        (StoredForm::Plain, Affinity::Integer) => match random.below(4) {
            0 => expr("1 + 2"),
            1 => DefaultValue::Bool(random.one_in(2)),
            _ => DefaultValue::Integer(*random.pick(&[0, 1, -1, 42, i64::MAX, -9_007_199_254_740_993])),
        },
        (StoredForm::Plain, Affinity::Real) => match random.below(4) {
            0 => DefaultValue::Integer(3),
            1 => expr("-(1.5 / 2)"),
            _ => DefaultValue::Real(*random.pick(&[0.0, -1.5, 1e20, 0.1, 1e-7, 123_456_789.25])),
        },
        (StoredForm::Plain, Affinity::Numeric) => random
            .pick(&[DefaultValue::Integer(-5), DefaultValue::Real(2.5), DefaultValue::Bool(true)])
            .clone(),
        (StoredForm::Plain, Affinity::Blob) => match random.below(3) {
            0 => DefaultValue::Null,
            // The result of `||` is a text, which a BLOB of a STRICT table refuses.
            1 => expr("CAST('a' || 'b' AS BLOB)"),
            _ => DefaultValue::Blob(vec![0, 255, 39]),
        },
    }
}

/// Returns the ordinary columns of a table that an expression can speak of.
fn plain_columns(table: &Table) -> Vec<&Column> {
    table.columns.iter().filter(|column| column.generated.is_none()).collect()
}

/// Makes a generated column over the others.
pub(crate) fn generated_column(name: &str, table: &Table, random: &mut Random) -> Option<Column> {
    let columns = plain_columns(table);
    let key_names: Vec<&str> =
        table.primary_key.iter().flat_map(|key| &key.columns).map(|part| part.name.as_str()).collect();
    // An expression over a rowid alias is legal, but the value is known too late for a STORED column in some versions.
    let usable: Vec<&&Column> =
        columns.iter().filter(|column| !key_names.contains(&column.name.as_str())).collect();
    if usable.is_empty() {
        return None;
    }
    let source = spelled(&random.pick(&usable).name, random);
    let (sql_type, expr) = match random.below(4) {
        0 => ("INTEGER", format!("length({source})")),
        1 => ("TEXT", format!("coalesce(lower({source}), 'none; (really)')")),
        2 => ("TEXT", format!("CAST({source} AS TEXT) || ', ' || 'it''s'")),
        _ => ("INTEGER", format!("{source} IS NOT NULL")),
    };
    let never_null = expr.starts_with("coalesce") || expr.ends_with("IS NOT NULL");
    Some(Column {
        name: name.to_owned(),
        column_type: ColumnType::new(sql_type),
        nullable: !never_null || random.one_in(2),
        generated: Some(Generated { expr: SqlExpr::new(&expr), stored: random.one_in(2) }),
        ..Column::default()
    })
}

/// Adds a UNIQUE constraint.
pub(crate) fn add_unique(table: &mut Table, random: &mut Random) {
    let columns = plain_columns(table);
    let mut names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let count = (1 + random.below(2)).min(names.len());
    let columns: Vec<KeyColumn> =
        (0..count).map(|_| KeyColumn::new(names.remove(random.below(names.len())))).collect();
    let name = random.one_in(2).then(|| taken_constraints(table).constraint(random));
    table.uniques.push(Unique { name, columns });
}

/// Adds a CHECK over a column that has none yet and is in no foreign key, so that rows can be found.
pub(crate) fn add_check(table: &mut Table, random: &mut Random) {
    let is_free = |column: &&&Column| {
        let in_key = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
        !in_key && !table.checks.iter().any(|check| check.expr.mentions(&column.name))
    };
    let columns = plain_columns(table);
    let free: Vec<&Column> = columns.iter().filter(is_free).copied().collect();
    if free.is_empty() {
        return;
    }
    let column = *random.pick(&free);
    let expr = condition(column, table, random);
    let name = taken_constraints(table).constraint(random);
    table.checks.push(Check { name: Some(name), expr: SqlExpr::new(&expr) });
}

/// Returns the check that keeps a text enum to its list.
pub(crate) fn enum_check(column: &str, variants: &[EnumVariant]) -> String {
    let values: Vec<String> = variants.iter().map(|variant| quote_text(&variant.value)).collect();
    format!("{} IN ({})", quote_identifier(column), values.join(", "))
}

fn condition(column: &Column, table: &Table, random: &mut Random) -> String {
    let name = spelled(&column.name, random);
    match (&column.form, column.column_type.affinity()) {
        (StoredForm::TextEnum(variants), _) => enum_check(&column.name, variants),
        (StoredForm::Bool, _) => format!("{name} IN (0, 1)"),
        (StoredForm::Json, _) => format!("json_valid({name})"),
        (StoredForm::UuidText, _) => format!("length({name}) = 36"),
        (StoredForm::UuidBlob, _) => format!("length({name}) = 16"),
        (StoredForm::TimestampText, _) => format!("{name} LIKE '____-__-__T%Z'"),
        (StoredForm::UnixSeconds | StoredForm::UnixMilliseconds, _) => {
            format!("{name} > -4e12 /* far; back */")
        }
        (StoredForm::Plain, Affinity::Text) => match random.below(5) {
            0 => format!("{name} <> 'a;b''c,)' -- not that; one\n AND length({name}) < 200"),
            1 => format!("length({name}) BETWEEN 0 AND 100"),
            2 => format!("{name} GLOB '*' OR {name} IN ('x;', 'y)')"),
            3 => format!("CASE WHEN {name} = 'never' THEN 0 ELSE 1 END"),
            _ => format!("{name} NOT LIKE '%forbidden%' ESCAPE '!'"),
        },
        (StoredForm::Plain, Affinity::Integer | Affinity::Real | Affinity::Numeric) => {
            match random.below(4) {
                0 => format!("{name} >= -10000"),
                1 => format!("{name} BETWEEN -5 AND 5000 -- whole; or (not"),
                2 => format!("{name} IS NULL OR ({name} > -1e15 AND {name} < 1e15)"),
                _ => format!("{}.{name} <> 13", quote_identifier(&table.name)),
            }
        }
        (StoredForm::Plain, Affinity::Blob) => format!("{name} IS NOT x'dead' AND {name} IS NOT 'bee;f'"),
    }
}

/// Adds an index of some kind.
pub(crate) fn add_index(table: &mut Table, taken: &mut Taken, random: &mut Random) {
    let mut names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let mut index = Index { unique: random.one_in(4), ..Index::default() };
    for _ in 0..(1 + random.below(3)).min(names.len()) {
        let name = names.remove(random.below(names.len()));
        let term = match random.below(6) {
            0 => IndexTerm::Expr(SqlExpr::new(&format!("lower({})", spelled(&name, random)))),
            1 => IndexTerm::Expr(SqlExpr::new(&format!("coalesce({}, 'a;b')", spelled(&name, random)))),
            _ => IndexTerm::Column(name),
        };
        let collation = random.one_in(7).then(|| (*random.pick(&["NOCASE", "BINARY", "RTRIM"])).to_owned());
        index.columns.push(IndexColumn { term, descending: random.one_in(4), collation });
    }
    if random.one_in(4) {
        let column = random.pick(&table.columns).name.clone();
        let name = spelled(&column, random);
        let predicates = [
            format!("{name} IS NOT NULL"),
            format!("{name} > 0 AND {name} <> 'a;b'"),
            format!("{name} IN (1, 'x')"),
        ];
        index.predicate = Some(SqlExpr::new(random.pick(&predicates).as_str()));
    }
    index.name = match random.one_in(3) {
        true => taken.constraint(random),
        false => taken.free(&format!("{}_idx", table.name)),
    };
    table.indexes.push(index);
}

/// Adds a foreign key from a table to some table, itself included, mostly with columns of its own.
pub(crate) fn add_foreign_key(schema: &mut Schema, at: usize, random: &mut Random) {
    let parent_at = random.below(schema.tables.len());
    let parent = schema.tables[parent_at].clone();
    let keys = target_keys(&parent);
    if keys.is_empty() {
        return;
    }
    let key = random.pick(&keys).clone();
    let is_primary = parent
        .primary_key
        .as_ref()
        .is_some_and(|primary| primary.columns.iter().map(|part| &part.name).eq(key.iter()));
    let table = &mut schema.tables[at];
    let mut taken = Taken::new(table.columns.iter().map(|column| column.name.as_str()));
    let nullable = random.below(5) < 3;
    let mut columns = Vec::new();
    for name in &key {
        let Some(target) = parent.column(name) else { return };
        let wanted = format!("{}_{}", parent.name, name);
        let name = taken.free(&wanted);
        columns.push(Column {
            name,
            column_type: target.column_type.clone(),
            form: target.form.clone(),
            nullable,
            ..Column::default()
        });
    }
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    table.columns.extend(columns);
    let actions = [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];
    let mut action = || match *random.pick(&actions) {
        Action::SetNull | Action::SetDefault if !nullable => Action::Cascade,
        other => other,
    };
    let (on_delete, on_update) = (action(), action());
    let name = random.one_in(3).then(|| taken_constraints(table).constraint(random));
    table.foreign_keys.push(ForeignKey {
        name,
        columns: names,
        referenced_table: parent.name.clone(),
        referenced_columns: if is_primary && random.one_in(5) { Vec::new() } else { key },
        on_delete,
        on_update,
        deferred: random.one_in(5),
    });
}

/// Makes a view over one or two tables or over a view.
pub(crate) fn view(schema: &Schema, taken: &mut Taken, random: &mut Random) -> Option<View> {
    if schema.tables.is_empty() {
        return None;
    }
    let name = taken.free(&format!("{}_view", random.pick(&schema.tables).name));
    if let Some(other) = schema.views.first()
        && random.one_in(4)
    {
        let definition = format!("SELECT count(*) AS \"how many;\" FROM {}", quote_identifier(&other.name));
        return Some(View { name, definition: SqlExpr::new(&definition), columns: Vec::new() });
    }
    let table = random.pick(&schema.tables);
    let own = quote_identifier(&table.name);
    let first = quote_identifier(&random.pick(&table.columns).name);
    let second = quote_identifier(&random.pick(&table.columns).name);
    let (definition, columns) = match random.below(4) {
        0 => (format!("SELECT {first} FROM {own} WHERE {second} <> 'a;b' ORDER BY 1"), vec![]),
        1 => (
            format!("SELECT {first}, count(*) FROM {own} GROUP BY 1"),
            vec!["what".to_owned(), "how many".to_owned()],
        ),
        2 => {
            let other = random.pick(&schema.tables);
            let theirs = quote_identifier(&other.columns[0].name);
            let other = quote_identifier(&other.name);
            (
                format!(
                    "SELECT l.{first} AS a, r.{theirs} AS b FROM {own} AS l LEFT JOIN {other} AS r ON l.{second} = r.{theirs}"
                ),
                vec![],
            )
        }
        _ => (
            format!(
                "WITH c AS (SELECT {first} AS x FROM {own}) SELECT x FROM c UNION SELECT {own}.{second} FROM {own}"
            ),
            vec![],
        ),
    };
    Some(View { name, definition: SqlExpr::new(&definition), columns })
}
