//! The connection's settings while a script runs, and their return to what the caller had.
//!
//! A caller's connection can be in any state. What decides whether rows survive (foreign keys, triggers, checks) is
//! set before BEGIN, because `PRAGMA foreign_keys` does nothing inside a transaction, and put back afterwards
//! whatever happened in between.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::script::Script;

/// Pragmas of type boolean that a script's run depends on.
const PRAGMAS: [&str; 4] = ["query_only", "foreign_keys", "ignore_check_constraints", "legacy_alter_table"];

/// Switches that no pragma reaches.
const SWITCHES: [DbConfig; 3] = [
    DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
    DbConfig::SQLITE_DBCONFIG_DQS_DML,
    DbConfig::SQLITE_DBCONFIG_DQS_DDL,
];

/// The caller's settings; dropping it puts them back, and rolls back what is still open.
pub(super) struct CallersSettings<'c> {
    connection: &'c Connection,
    pragmas: Vec<(&'static str, bool)>,
    switches: Vec<(DbConfig, bool)>,
}

impl<'c> CallersSettings<'c> {
    /// Remembers the settings and sets those that the script needs.
    pub(super) fn replace(connection: &'c Connection, script: &Script) -> rusqlite::Result<Self> {
        let mut settings = Self { connection, pragmas: Vec::new(), switches: Vec::new() };
        for pragma in PRAGMAS {
            let on = connection.pragma_query_value(None, pragma, |row| row.get(0))?;
            settings.pragmas.push((pragma, on));
        }
        for switch in SWITCHES {
            settings.switches.push((switch, connection.db_config(switch)?));
        }
        for pragma in ["query_only", "ignore_check_constraints", "legacy_alter_table"] {
            set(connection, pragma, false)?;
        }
        set(connection, "foreign_keys", !script.needs_keys_off())?;
        set_triggers(connection, !script.triggers_off)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        Ok(settings)
    }
}

impl Drop for CallersSettings<'_> {
    fn drop(&mut self) {
        // Nothing can be done about an error here, and none is known: these are flags of the connection in memory.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        for (pragma, on) in self.pragmas.iter().rev() {
            let _ = set(self.connection, pragma, *on);
        }
        for (switch, on) in &self.switches {
            let _ = self.connection.set_db_config(*switch, *on);
        }
    }
}

/// Sets a boolean pragma.
pub(super) fn set(connection: &Connection, pragma: &str, on: bool) -> rusqlite::Result<()> {
    connection.pragma_update(None, pragma, on)
}

/// Switches all triggers on or off.
pub(super) fn set_triggers(connection: &Connection, on: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, on).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{CallersSettings, PRAGMAS, SWITCHES, set};
    use crate::migrate::script::Script;
    use rusqlite::Connection;

    fn state(connection: &Connection) -> Vec<bool> {
        let pragmas = PRAGMAS
            .iter()
            .map(|pragma| connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap());
        pragmas.chain(SWITCHES.iter().map(|switch| connection.db_config(*switch).unwrap())).collect()
    }

    #[test]
    fn the_callers_settings_come_back_whatever_they_were() {
        let script = Script::parse("x.sql", "-- seedbed: triggers-off\nDROP TABLE t").unwrap();
        for on in [true, false] {
            let connection = Connection::open_in_memory().unwrap();
            for pragma in PRAGMAS {
                set(&connection, pragma, on).unwrap();
            }
            for switch in SWITCHES {
                connection.set_db_config(switch, on).unwrap();
            }
            let before = state(&connection);
            let settings = CallersSettings::replace(&connection, &script).unwrap();
            assert_eq!(state(&connection), [false; 7]);
            connection.execute_batch("BEGIN").unwrap();
            drop(settings);
            assert!(connection.is_autocommit());
            assert_eq!(state(&connection), before);
        }
    }
}
