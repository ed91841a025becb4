//! Columns that are added, tightened, converted and computed while the table has rows.

use crate::project::{Project, users};

const ADA: &str = "INSERT INTO users VALUES (1, 'ada')";

/// Probe 5: Drizzle copies texts into an INTEGER column as they are and says nothing.
#[test]
fn a_text_that_becomes_a_number_is_cast_and_what_is_none_is_a_hazard() {
    let project = Project::with_rows(
        &users("age: String,"),
        "INSERT INTO users VALUES (1, '41'), (2, '-7'), (3, 'abc')",
    );
    let sql = project.becomes(&users("age: i64,"), &[]);
    assert!(sql.contains("-- hazard: lossy-cast users.age: a value that is no number becomes 0"), "{sql}");
    let rows = project.rows("SELECT age, typeof(age) FROM users ORDER BY id");
    assert_eq!(rows, ["41|integer", "-7|integer", "0|integer"]);
}

/// Probe 16: Drizzle writes a NOT NULL column without a value, which no table with rows takes; its push offers to
/// empty the table (48).
#[test]
fn a_column_without_a_value_for_the_rows_is_asked_about_and_never_written() {
    let project = Project::with_rows(&users("name: String,"), ADA);
    let files = project.env().files();
    let wanted = users("name: String,\n    slug: String,");
    project.env().write("src/schema.rs", &wanted);
    let stderr = project.run(&["generate"]).failed(3);
    assert!(stderr.contains("--backfill users.slug='…'"), "{stderr}");
    assert_eq!(project.env().files(), files);
    project.becomes(&wanted, &["--backfill", "users.slug=name || '-' || id"]);
    assert_eq!(project.rows("SELECT name, slug FROM users"), ["ada|ada-1"]);
    assert!(project.refusal("INSERT INTO users (name) VALUES ('x')").contains("NOT NULL"));
}

/// Probe 17: NOT NULL with a default, on a column that holds NULLs; Drizzle's copy fails on them.
#[test]
fn nulls_take_the_default_when_a_column_becomes_not_null() {
    let project = Project::with_rows(
        &users("city: Option<String>,"),
        "INSERT INTO users VALUES (1, NULL), (2, 'Rome')",
    );
    project.becomes(&users("#[column(default = \"none\")]\n    city: String,"), &[]);
    assert_eq!(project.rows("SELECT city FROM users ORDER BY id"), ["none", "Rome"]);
}

/// Probe 18: a default that SQLite works out can't be added by ALTER TABLE, and Drizzle has no other way.
#[test]
fn a_column_whose_default_is_computed_can_be_added_to_rows() {
    let project = Project::with_rows(&users("name: String,"), ADA);
    project.becomes(
        &users("name: String,\n    #[column(default = sql(\"(datetime('now'))\"))]\n    created_at: String,"),
        &[],
    );
    assert_eq!(project.rows("SELECT length(created_at) FROM users"), ["19"]);
}

/// Probe 19: nor can a reference with a default.
#[test]
fn a_reference_with_a_default_can_be_added_to_rows() {
    let project = Project::with_rows(&users("name: String,"), ADA);
    let mentor = "name: String,\n    #[column(default = 1, references = Self::id)]\n    mentor: i64,";
    project.becomes(&users(mentor), &[]);
    assert_eq!(project.rows("SELECT mentor FROM users"), ["1"]);
    assert!(project.refusal("INSERT INTO users VALUES (2, 'bob', 99)").contains("FOREIGN KEY"));
}

/// Probe 20: a column may go together with the indexes, the uniqueness and the reference on it.
#[test]
fn a_column_goes_with_all_that_is_on_it() {
    let before = "name: String,\n    #[column(unique, index)]\n    email: Option<String>,\n    \
        #[column(references = Self::id)]\n    mentor: Option<i64>,";
    let project = Project::with_rows(&users(before), "INSERT INTO users VALUES (1, 'ada', 'a@b', 1)");
    let sql = project.becomes(&users("name: String,"), &[]);
    assert!(sql.contains("-- hazard: drop-column users.email"), "{sql}");
    assert_eq!(project.rows("SELECT * FROM users"), ["1|ada"]);
    assert!(project.hanging().is_empty());
}

/// Probe 23: a STORED column is warned about, not made, and recorded as made.
#[test]
fn a_stored_column_is_really_made() {
    let project = Project::with_rows(&users("name: String,"), ADA);
    let loud = "name: String,\n    #[column(generated = \"upper(name)\", stored)]\n    loud: String,";
    project.becomes(&users(loud), &[]);
    assert_eq!(project.rows("SELECT loud FROM users"), ["ADA"]);
}

/// Probe 24: the other expression of a STORED column is ignored.
#[test]
fn computed_columns_take_another_expression() {
    let computed = |stored: &str, virtual_: &str| {
        users(&format!(
            "name: String,\n    #[column(generated = \"{stored}\", stored)]\n    a: String,\n    \
             #[column(generated = \"{virtual_}\")]\n    b: String,"
        ))
    };
    let rows = "INSERT INTO users (id, name) VALUES (1, 'ada')";
    let project = Project::with_rows(&computed("upper(name)", "lower(name)"), rows);
    project.becomes(&computed("name || '!'", "lower(name)"), &[]);
    project.becomes(&computed("name || '!'", "name || '?'"), &[]);
    assert_eq!(project.rows("SELECT a, b FROM users"), ["ada!|ada?"]);
}
