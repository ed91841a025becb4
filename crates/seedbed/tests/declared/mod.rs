//! Tables with everything that a derive makes code of. `derive.rs` compiles this file and reads it as text, too.

use seedbed::prelude::*;

/// What `seedbed pull` makes of pulled.sql; that it compiles is the test.
#[expect(unreachable_pub, reason = "the text is that of a file for other projects")]
#[rustfmt::skip]
pub(crate) mod pulled;

pub(crate) const LIMIT: i64 = 50;

pub(crate) fn new_name() -> String {
    "new".to_owned()
}

#[derive(Debug, Clone, PartialEq, DbType)]
pub(crate) struct Cents(pub(crate) i64);

#[derive(Debug, Clone, PartialEq, DbType)]
pub(crate) struct Slug {
    pub(crate) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, TextEnum)]
pub(crate) enum Status {
    Active,
    InReview,
    #[text_enum(rename = "off", renamed_from = "disabled")]
    Inactive,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "accounts", strict, index(name = "accounts_status_age", columns(status, age desc)))]
#[table(check(name = "accounts_age", "age >= 0"), unique(columns(slug, status)))]
#[table(index(name = "accounts_lower", expressions("lower(slug)"), where = "age > 1"))]
pub(crate) struct Account {
    #[column(primary_key, autoincrement)]
    pub(crate) id: i64,
    #[column(renamed_from = "short", collate = "nocase")]
    pub(crate) slug: Slug,
    #[column(default = Status::Active)]
    pub(crate) status: Status,
    #[column(name = "type", default_fn = new_name)]
    pub(crate) r#type: String,
    #[column(default = LIMIT, backfill = "0")]
    pub(crate) age: i64,
    pub(crate) balance: Option<Cents>,
    #[column(type = "ANY")]
    pub(crate) anything: f64,
    #[column(default = b"\x00")]
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: [u8; 4],
    #[column(default = false)]
    pub(crate) flag: bool,
    pub(crate) uuid: Uuid,
    #[column(stored_as = "blob")]
    pub(crate) compact: Option<Uuid>,
    #[column(default = now)]
    pub(crate) created_at: Timestamp,
    #[column(stored_as = "unix_seconds")]
    pub(crate) seen_at: Option<Timestamp>,
    #[column(stored_as = "unix_milliseconds", default = now)]
    pub(crate) exact_at: Timestamp,
    pub(crate) tags: Json<Vec<String>>,
    #[column(generated = "age * 2", stored)]
    pub(crate) double_age: i64,
}

#[derive(Debug, PartialEq, Table)]
#[table(without_rowid, primary_key(columns(left, right)))]
#[table(foreign_key(columns(left), references = Account::id, on_delete = "cascade", deferred, name = "pair_left"))]
pub(crate) struct Pair {
    pub(crate) left: i64,
    #[column(references = self::Account::id, on_update = "cascade")]
    pub(crate) right: i64,
    #[column(type = "TEXT")]
    pub(crate) note: String,
}

#[derive(Debug, PartialEq, View)]
#[view(name = "old_accounts", definition = "SELECT id, seen_at AS seen FROM accounts WHERE age > 60")]
pub(crate) struct OldAccount {
    pub(crate) id: i64,
    #[column(name = "seen", stored_as = "unix_seconds")]
    pub(crate) seen_at: Option<Timestamp>,
}
