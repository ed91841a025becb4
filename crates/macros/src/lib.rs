//! The derives of Seedbed and `embed_migrations!`: read with the one reader, check, expand.
//!
//! Entry points only. What an attribute means is known to `seedbed_schema::read`, which the command line
//! uses too; what is made of it is in `expand`. Generated code names `::seedbed::__private` and nothing else.

mod embed;
mod expand;
mod sql;

use proc_macro::TokenStream;

/// Makes a struct with named fields a table.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(TextEnum)]
/// pub enum Kind { Root, Concept }
///
/// #[derive(Table)]
/// #[table(name = "nodes", index(columns(parent_id, kind)))]
/// #[table(check(name = "nodes_accuracy_range", "accuracy BETWEEN 0 AND 1"))]
/// pub struct Node {
///     #[column(primary_key)]
///     pub id: i64,
///     #[column(references = Self::id, on_delete = "cascade")]
///     pub parent_id: Option<i64>,
///     #[column(name = "type", default = Kind::Root)]
///     pub kind: Kind,
///     #[column(default = 0.0)]
///     pub accuracy: f64,
/// }
///
/// assert_eq!(Node::NAME, "nodes");
/// assert_eq!(Node::COLUMNS[2].name, "type");
/// ```
///
/// A column is NOT NULL unless its field is an `Option`. Names are the snake_case of the Rust names. Texts in `check`,
/// `where`, `generated`, `backfill` and `sql(..)` are SQL with SQL names; everything else takes Rust names.
///
/// # `#[table(..)]`
///
/// | key | meaning |
/// |---|---|
/// | `name = "…"` | the SQL name |
/// | `strict`, `without_rowid` | the table's options |
/// | `primary_key(columns(a, b), name = "…", autoincrement)` | a key of several columns, or one with a name |
/// | `unique(columns(a, b), name = "…")` | a unique index, `<table>_<column>…_unique` by itself |
/// | `unique_constraint(columns(a, b), name = "…")` | a UNIQUE constraint inside the table |
/// | `index(columns(a, b desc, c collate nocase), expressions("lower(d)"), unique, where = "…", name = "…")` | an index, `<table>_<column>…_idx` by itself |
/// | `foreign_key(columns(a, b), references = Other(x, y), on_delete = "…", on_update = "…", deferred, name = "…")` | a foreign key |
/// | `check(name = "…", "condition")` | a CHECK; `check(unnamed, "condition")` for a database that has it so |
/// | `renamed_from = "…"` | the SQL name the table had before |
///
/// # `#[column(..)]`
///
/// | key | meaning |
/// |---|---|
/// | `name = "…"` | the SQL name |
/// | `primary_key`, `autoincrement` | the key |
/// | `type = "…"` | the SQL type, checked against the Rust type when compiling; `""` for a column without one |
/// | `default = …` | a literal, a const, `now`, `None`, a variant, `sql("…")` |
/// | `default_fn = path` | a function that gives the value in Rust; SQL never sees it |
/// | `unique`, `index` | an index on this column; `= "…"` names it |
/// | `references = User::id` | a foreign key, with `on_delete`, `on_update`, `deferred`, `constraint = "…"`; `sql("table(column)")` for a table without a struct |
/// | `check = "…"` | a CHECK, named `<table>_<column>_check` |
/// | `collate = "…"` | the collation |
/// | `generated = "…"`, `stored` | a generated column |
/// | `stored_as = "…"` | `unix_seconds` or `unix_milliseconds` for a `Timestamp`, `blob` for a `Uuid` |
/// | `no_check` | no CHECK for a text enum |
/// | `allows_null` | a key that is not declared NOT NULL, as in databases of other origin; the field holds no NULL |
/// | `backfill = "…"` | the value that rows made before the column get |
/// | `renamed_from = "…"` | the SQL name the column had before |
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    expand::table(input.into()).into()
}

/// Makes a struct with named fields the rows of a view.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(View)]
/// #[view(name = "tall_trees", definition = "SELECT name, height FROM trees WHERE height > 30")]
/// pub struct TallTree {
///     pub name: String,
///     pub height: f64,
/// }
///
/// assert_eq!(TallTree::SELECT, r#"SELECT "name", "height" FROM "tall_trees""#);
/// ```
///
/// `#[view(..)]` takes `name`, `definition`, and `named_columns` when the view itself names its columns; `#[column(..)]` takes `name` and `stored_as`, as in a table.
#[proc_macro_derive(View, attributes(view, column))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    expand::view(input.into()).into()
}

/// Makes a struct with named fields what a query selects.
///
/// `Person` gets a `PersonSelect` with an expression for each field. With a name the struct can be read from as well: as a
/// query that WITH gives this name, whose columns are `Person::name` and so on. Where no WITH gives it, the name is that of
/// a table which is no part of the schema, such as `sqlite_schema`; nobody checks that there is one.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Table)]
/// #[table(name = "trees")]
/// pub struct Tree {
///     #[column(primary_key)]
///     pub id: i64,
///     pub kind: String,
/// }
///
/// #[derive(Debug, Record)]
/// #[record(name = "kinds")]
/// pub struct Kind {
///     pub kind: String,
///     pub trees: i64,
/// }
///
/// let kinds = Select::from::<Tree>()
///     .group_by(Tree::kind)
///     .select(KindSelect { kind: Tree::kind, trees: Tree::id.count() });
/// let frequent = Select::from::<Kind>().with::<Kind>(kinds).filter(Kind::trees.gt(10));
/// assert_eq!(
///     frequent.to_sql(),
///     r#"WITH "kinds"("kind", "trees") AS (SELECT "trees"."kind", count("trees"."id") FROM "trees" GROUP BY "trees"."kind") SELECT "kind", "trees" FROM "kinds" WHERE ("kinds"."trees" > ?)"#,
/// );
/// ```
///
/// `#[column(..)]` takes `name` and `stored_as`, as in a table.
#[proc_macro_derive(Record, attributes(record, column))]
pub fn derive_record(input: TokenStream) -> TokenStream {
    expand::record(input.into()).into()
}

/// Makes an enum without fields a column type that is stored as text.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Debug, PartialEq, TextEnum)]
/// pub enum Status {
///     InProgress,
///     #[text_enum(rename = "finished", renamed_from = "done")]
///     Done,
/// }
///
/// assert_eq!(Status::InProgress.text(), "in_progress");
/// assert_eq!(Status::from_text("finished"), Some(Status::Done));
/// ```
///
/// A column of this type has a CHECK that refuses other texts, unless the enum has `#[text_enum(no_check)]` or the field
/// `#[column(no_check)]`. `renamed_from` tells the migration to change the rows.
#[proc_macro_derive(TextEnum, attributes(text_enum))]
pub fn derive_text_enum(input: TokenStream) -> TokenStream {
    expand::text_enum(input.into()).into()
}

/// Makes a struct around one value a column type that is stored as that value is.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(DbType)]
/// pub struct UserId(pub String);
///
/// assert_eq!(UserId("ada".to_owned()).to_value(), Value::from("ada"));
/// ```
#[proc_macro_derive(DbType)]
pub fn derive_db_type(input: TokenStream) -> TokenStream {
    expand::db_type(input.into()).into()
}

/// Makes an expression of SQL that the query builder has no words for: `sql!(type, "text with {}", …)`.
///
/// Each `{}` is an expression or a value, which is bound. The type is what SQLite's value is read as, an `Option` where it
/// can be NULL; nobody checks it but the row that is read. Parentheses keep it one expression among others.
///
/// ```
/// use seedbed::prelude::*;
///
/// #[derive(Table)]
/// #[table(name = "trees")]
/// pub struct Tree {
///     #[column(primary_key)]
///     pub id: i64,
///     pub name: String,
/// }
///
/// let even = Select::from::<Tree>().filter(sql!(bool, "unicode({}) % {} = 0", Tree::name, 2));
/// # assert!(even.to_sql().ends_with(r#"WHERE (unicode("trees"."name") % ? = 0)"#));
/// ```
#[proc_macro]
pub fn sql(input: TokenStream) -> TokenStream {
    sql::sql(input.into()).into()
}

/// Builds a folder of migrations into the program: `embed_migrations!("migrations")`.
///
/// ```
/// use seedbed::migrate::{EmbeddedMigrations, Migrator};
/// use seedbed::prelude::*;
///
/// static MIGRATIONS: EmbeddedMigrations = seedbed::embed_migrations!("tests/migrations");
///
/// let mut connection = Connection::open_in_memory()?;
/// Migrator::new(MIGRATIONS).run(&mut connection)?;
/// connection.execute("INSERT INTO trees VALUES ('oak')", params![])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The path is relative to the package's `Cargo.toml`. The value is a `seedbed::migrate::EmbeddedMigrations`, which can be a
/// `const`. Cargo builds again when a file of the folder changes.
#[proc_macro]
pub fn embed_migrations(input: TokenStream) -> TokenStream {
    embed::embed_migrations(input.into()).into()
}
