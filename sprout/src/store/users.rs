//! Users: one, for now.

use seedbed::{Connection, Error, params};

/// The id of the user that every client works as.
pub const DEFAULT_USER_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Makes the default user when it is missing.
///
/// # Errors
///
/// When the database refuses.
pub fn seed_default(db: &Connection) -> Result<(), Error> {
    db.execute(
        "INSERT INTO users (id, email, title) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
        params![DEFAULT_USER_ID, "default@sprout.local", "Default Learner"],
    )?;
    Ok(())
}

/// Whether there is a user with an id.
///
/// # Errors
///
/// When the database refuses.
pub fn exists(db: &Connection, id: &str) -> Result<bool, Error> {
    db.query_one("SELECT EXISTS (SELECT 1 FROM users WHERE id = ?1)", params![id], |row| row.get(0))
}
