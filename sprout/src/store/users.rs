//! Users: one, for now.

use seedbed::prelude::*;

use crate::schema::{NewUser, User};

/// The id of the user that every client works as.
pub const DEFAULT_USER_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Makes the default user when it is missing.
///
/// # Errors
///
/// When the database refuses.
pub fn seed_default(db: &Connection) -> Result<(), Error> {
    let user = NewUser { id: DEFAULT_USER_ID.to_owned(), email: "default@sprout.local".to_owned() };
    Insert::row(&user).set(User::title, "Default Learner").on_conflict(User::id).do_nothing().run(db)?;
    Ok(())
}

/// Whether there is a user with an id.
///
/// # Errors
///
/// When the database refuses.
pub fn exists(db: &Connection, id: &str) -> Result<bool, Error> {
    Select::from::<User>().filter(User::id.eq(id)).exists(db)
}
