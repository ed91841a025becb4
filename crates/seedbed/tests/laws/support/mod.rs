//! What the law tests need: random schemas, random edits of them, and looking into databases.
//!
//! Everything is made from a seed. [`schemas`] makes a schema, [`evolve`] edits it, [`validity`] keeps the edited one
//! valid, [`meet`] says which rows both can hold.

pub(crate) mod contents;
pub(crate) mod evolve;
pub(crate) mod meet;
pub(crate) mod names;
#[path = "../../../src/rows/random.rs"]
pub(crate) mod random;
pub(crate) mod run;
pub(crate) mod schemas;
pub(crate) mod shrink;
pub(crate) mod validity;
