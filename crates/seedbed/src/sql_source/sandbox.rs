//! The database that a foreign script is run on: in memory, shut off from everything else, with an end to what a
//! statement may take.
//!
//! No row is ever inserted, so the only statement that can run long or grow is CREATE TABLE … AS SELECT. It may make
//! small values only, and few of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;

/// How many steps of its machine SQLite makes between two looks at the clock.
const STEPS: i32 = 10_000;
/// How many looks a statement has that only defines something; renaming in a schema of thousands of tables is one.
const LOOKS: u32 = 20_000;
/// How many looks a statement has that makes rows.
const LOOKS_WITH_ROWS: u32 = 20;
/// How long a value may be while rows are made, in bytes.
const ROW_LENGTH: i32 = 16 * 1024;

/// Pragmas that a script may set: they say something about the schema, or nothing that lasts.
const PRAGMAS: [&str; 12] = [
    "application_id",
    "auto_vacuum",
    "defer_foreign_keys",
    "encoding",
    "foreign_keys",
    "ignore_check_constraints",
    "legacy_alter_table",
    "page_size",
    "recursive_triggers",
    "table_info",
    "user_version",
    "writable_schema",
];

/// Such a database.
pub(super) struct Sandbox {
    raw: Connection,
    looks_left: Arc<AtomicU32>,
}

/// Opens one; `lenient` takes `"text"` for a text where there is no such name.
pub(super) fn open(lenient: bool) -> rusqlite::Result<Sandbox> {
    let mut raw = Connection::open_in_memory()?;
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, lenient)?;
    raw.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, lenient)?;
    // Sorting and temporary tables would otherwise go to files. Pages: 64 MiB.
    raw.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA max_page_count = 16384")?;
    raw.authorizer(Some(|context: AuthContext<'_>| judge(&context.action)))?;
    let looks_left = Arc::new(AtomicU32::new(LOOKS));
    let left = Arc::clone(&looks_left);
    raw.progress_handler(STEPS, Some(move || left.fetch_sub(1, Ordering::Relaxed) <= 1))?;
    Ok(Sandbox { raw, looks_left })
}

impl Sandbox {
    /// Does something with the database, with the allowance of a statement.
    pub(super) fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
        makes_rows: bool,
    ) -> rusqlite::Result<T> {
        self.looks_left.store(if makes_rows { LOOKS_WITH_ROWS } else { LOOKS }, Ordering::Relaxed);
        if !makes_rows {
            return work(&self.raw);
        }
        let usual = self.raw.set_limit(Limit::SQLITE_LIMIT_LENGTH, ROW_LENGTH)?;
        let done = work(&self.raw);
        self.raw.set_limit(Limit::SQLITE_LIMIT_LENGTH, usual)?;
        done
    }

    /// Returns the database without its guards, to be looked at.
    pub(super) fn inspectable(self) -> rusqlite::Result<Connection> {
        let mut raw = self.raw;
        raw.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        raw.progress_handler(0, None::<fn() -> bool>)?;
        Ok(raw)
    }
}

fn judge(action: &AuthAction<'_>) -> Authorization {
    match action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => Authorization::Deny,
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            Authorization::Deny
        }
        // What concerns the process, or files, is passed over.
        AuthAction::Pragma { pragma_name, .. } => {
            let is_harmless = PRAGMAS.iter().any(|name| pragma_name.eq_ignore_ascii_case(name));
            if is_harmless { Authorization::Allow } else { Authorization::Ignore }
        }
        _ => Authorization::Allow,
    }
}

/// Whether a statement ended because it had used its allowance up.
pub(super) fn was_stopped(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DiskFull, OperationInterrupted, TooBig};
    matches!(error.sqlite_error_code(), Some(OperationInterrupted | DiskFull | TooBig))
}
