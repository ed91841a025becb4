//! Migrations: a folder of SQL files is brought to a database, once, in order, and without losing a row.
//!
//! ```
//! use seedbed::Connection;
//! use seedbed::migrate::{EmbeddedMigrations, Migrator};
//!
//! static MIGRATIONS: EmbeddedMigrations = EmbeddedMigrations::new(&[
//!     ("meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[
//!         {"idx":0,"version":"6","when":0,"tag":"0000_base","breakpoints":true}]}"#),
//!     ("0000_base.sql", "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL);"),
//! ]);
//!
//! let mut connection = Connection::open_in_memory()?;
//! let report = Migrator::new(MIGRATIONS).run(&mut connection)?;
//! assert_eq!(report.migrations[0].tag, "0000_base");
//! assert!(Migrator::new(MIGRATIONS).run(&mut connection)?.migrations.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In reading order: the [`Migrator`] runs what is pending of a [`Folder`] or of [`EmbeddedMigrations`] under a lock
//! and tells it in a [`Report`]; each file becomes a script of statements, rebuilds and directives and is run in a
//! transaction of its own, with what hangs on rebuilt tables put back, and the rows that must not be lost counted.

mod adopt;
mod adopt_folder;
mod arrival;
pub(crate) mod before_loss;
mod drift;
mod drizzle_history;
mod drizzle_layout;
mod error;
mod failure;
pub(crate) mod folded;
pub(crate) mod folder;
mod folder_error;
mod foreign_keys;
pub(crate) mod forms;
mod hanging;
pub(crate) mod history;
mod holders;
mod in_the_way;
mod kept;
pub(crate) mod lock;
mod migrator;
pub(crate) mod offending;
mod pragmas;
mod rebuild;
mod repair;
mod report;
pub(crate) mod rewrite;
mod rollback;
mod row_text;
pub(crate) mod run;
pub(crate) mod script;
mod status;
mod take_back;
mod verify;
pub(crate) mod writer;

pub use drift::{Difference, Drift};
pub use error::{MigrateError, MigrateErrorKind};
pub(crate) use failure::words;
pub use failure::{Failure, FailureKind};
pub use folder::{EmbeddedMigrations, Folder, Migration, MigrationSource, NewMigration};
pub use folder_error::FolderError;
pub use holders::Holders;
pub use kept::{Kept, KeptPart, forget, kept};
pub use lock::Holder;
pub use migrator::{BackupBefore, Keeping, MigrateOptions, Migrator};
pub use repair::{Repair, RepairOptions, Repaired};
pub use report::{MigrationReport, Progress, Report};
pub(crate) use rollback::find as find_tag;
pub use rollback::{Back, named};
pub use seedbed_schema::plan::{Backfill, Direction};
pub use status::{MigrationState, MigrationStatus, Standing};
pub use take_back::TakenBack;
