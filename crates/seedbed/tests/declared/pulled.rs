//! The tables of the database, as `seedbed pull` found them.
//!
//! From here on this file is yours: change a struct, run `seedbed generate`, then `seedbed migrate`.

use seedbed::prelude::*;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users")]
#[table(unique_constraint(columns(email)))]
#[table(check(unnamed, r#""type" IN ('root', 'guest user', '')"#))]
pub struct User {
    #[column(primary_key, autoincrement)]
    pub id: i64,
    #[column(no_check)]
    pub r#type: UserType,
    #[column(type = "varchar(200)", collate = "NOCASE")]
    pub email: Option<String>,
    #[column(type = "BOOLEAN", default = false)]
    pub is_admin: bool,
    #[column(type = "DATETIME", default = sql("CURRENT_TIMESTAMP"))]
    pub created_at: Option<String>,
    #[column(type = "DECIMAL(10,2)", default = 0.5)]
    pub balance: Option<f64>,
    #[column(references = User::id, on_delete = "set null")]
    pub parent: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, TextEnum)]
pub enum UserType {
    Root,
    #[text_enum(rename = "guest user")]
    GuestUser,
    #[text_enum(rename = "")]
    Empty,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "order items", without_rowid)]
#[table(primary_key(columns(order, select)))]
#[table(check(unnamed, r#"length("order") > 0"#))]
pub struct OrderItem {
    pub order: String,
    #[column(type = "INT")]
    pub select: i64,
    #[column(name = r#"a "quoted" col"#, default = sql("x'00ff'"))]
    pub a_quoted_col: Option<Vec<u8>>,
    #[column(name = "self", type = "")]
    pub self_: Option<AnyValue>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Kv {
    #[column(primary_key, allows_null)]
    pub k: String,
    #[column(type = "")]
    pub v: Option<AnyValue>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Nokey {
    #[column(type = "")]
    pub a: Option<AnyValue>,
    pub b: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Copied {
    #[column(type = "INT")]
    pub id: Option<i64>,
    pub email: Option<String>,
    #[column(type = "")]
    pub ratio: Option<AnyValue>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct A {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = B::id, deferred)]
    pub b_id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct B {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = A::id)]
    pub a_id: Option<i64>,
    #[column(references = sql("gone(id)"), on_delete = "cascade")]
    pub missing: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(unique_constraint(columns(name)))]
pub struct Conf {
    #[column(primary_key)]
    pub id: i64,
    pub name: Option<String>,
    pub n: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(strict)]
pub struct S {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "ANY")]
    pub x: Option<AnyValue>,
    #[column(type = "INT", default = sql("1+2"))]
    pub y: i64,
    #[column(generated = "upper(x)", stored)]
    pub z: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "Match")]
pub struct Match {
    #[column(name = "Self")]
    pub self_: Option<String>,
    #[column(name = "FN")]
    pub r#fn: Option<String>,
    #[column(name = "userName")]
    pub user_name_2: Option<String>,
    pub user_name: Option<String>,
    pub größe: Option<String>,
    pub 日本: Option<String>,
    #[column(name = "1st")]
    pub _1st: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "events")]
#[table(index(
    name = "events_at",
    columns(at desc),
    expressions("lower(id)"),
    where = "at > 0"
))]
pub struct Event {
    #[column(primary_key)]
    pub id: String,
    #[column(stored_as = "unix_seconds", default = now)]
    pub at: Timestamp,
    #[column(references = sql("rowdef(id)"))]
    pub rowdef_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(
    definition = r#"SELECT id, email AS "e mail" FROM users WHERE "type" = 'root'"#
)]
pub struct V {
    pub id: Option<i64>,
    #[column(name = "e mail")]
    pub e_mail: Option<String>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(
    named_columns,
    definition = "SELECT id, count(*) FROM events GROUP BY id"
)]
pub struct W {
    pub one: Option<String>,
    pub two: Option<AnyValue>,
}
