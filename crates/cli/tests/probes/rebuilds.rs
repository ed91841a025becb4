//! Tables that SQLite can only change by copying them, and everything that must survive it.

use crate::project::{Project, table, users};

/// A change that no ALTER TABLE can do: another default.
const BEFORE: &str = "#[column(default = \"new\")]\n    state: String,";
const AFTER: &str = "#[column(default = \"fresh\")]\n    state: String,";

/// A parent with three rows, and a child that refers to it with the given action.
fn family(action: &str) -> (String, String, Project) {
    let child = table(
        "posts",
        &format!("#[column(references = Users::id{action})]\n    user_id: Option<i64>,\n    title: String,"),
    );
    let (before, after) = (users(BEFORE) + &child, users(AFTER) + &child);
    let rows = "INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c'); \
        INSERT INTO posts VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 3, 'z'), (4, NULL, 'w')";
    let project = Project::with_rows(&before, rows);
    (before, after, project)
}

/// Rebuilds the parent there and back and compares every row.
fn no_row_changes(action: &str, then: &str, left: &[&str]) {
    let (before, after, project) = family(action);
    let rows = project.everything();
    let sql = project.becomes(&after, &[]);
    assert!(sql.contains("-- seedbed: rebuild \"users\""), "{sql}");
    assert_eq!(project.everything(), rows);
    project.becomes(&before, &[]);
    assert_eq!(project.everything(), rows);
    project.execute(then);
    assert_eq!(project.rows("SELECT id, user_id FROM posts ORDER BY id"), left, "the action still works");
}

/// Probe 4: an added column together with anything that rebuilds; Drizzle copies the new column out of the old table.
#[test]
fn a_column_added_by_a_rebuild_is_not_copied_out_of_the_old_table() {
    let project = Project::with_rows(&users(BEFORE), "INSERT INTO users VALUES (1, 'a')");
    project.becomes(&users(&format!("{AFTER}\n    z: Option<String>,")), &[]);
    assert_eq!(project.rows("SELECT id, state, z FROM users"), ["1|a|-"]);
}

/// Probe 6: Drizzle's PRAGMA inside a transaction does nothing, so dropping the old table empties the children.
#[test]
fn a_rebuild_keeps_the_rows_of_cascading_children() {
    no_row_changes(", on_delete = \"cascade\"", "DELETE FROM users WHERE id = 1", &["3|3", "4|-"]);
}

/// Probe 7: with NO ACTION the same is an error, and the table can never be rebuilt.
#[test]
fn a_table_that_children_refer_to_can_be_rebuilt() {
    no_row_changes(
        "",
        "DELETE FROM posts WHERE user_id = 1; DELETE FROM users WHERE id = 1",
        &["3|3", "4|-"],
    );
}

/// Probe 8: with SET NULL every reference is gone.
#[test]
fn a_rebuild_keeps_references_that_would_be_set_to_null() {
    no_row_changes(
        ", on_delete = \"set null\"",
        "DELETE FROM users WHERE id = 1",
        &["1|-", "2|-", "3|3", "4|-"],
    );
}

/// Probe 9: a table that refers to itself loses the rows below the first.
#[test]
fn a_rebuild_keeps_the_rows_of_a_tree() {
    let tree = |state: &str| {
        users(&format!(
            "{state}\n    #[column(references = Self::id, on_delete = \"cascade\")]\n    parent: Option<i64>,"
        ))
    };
    let project = Project::with_rows(
        &tree(BEFORE),
        "INSERT INTO users VALUES (1, 'root', NULL), (2, 'leaf', 1), (3, 'leaf', 2)",
    );
    project.becomes(&tree(AFTER), &[]);
    assert_eq!(project.everything(), ["users: 1|root|-", "users: 2|leaf|1", "users: 3|leaf|2"]);
    project.execute("DELETE FROM users WHERE id = 1");
    assert!(project.everything().is_empty());
}

/// Probe 10: triggers and hand-made indexes go with the old table. Ours are put back, and a trigger fires for new rows
/// and not for the copied ones.
#[test]
fn a_rebuild_puts_triggers_and_hand_made_indexes_back() {
    let project = Project::with_rows(&users(BEFORE), "INSERT INTO users VALUES (1, 'a')");
    project.custom(
        "CREATE TABLE log (what TEXT);\n\
         CREATE TRIGGER noted AFTER INSERT ON users BEGIN INSERT INTO log VALUES ('new; ' || new.state); END;",
    );
    project.execute("CREATE INDEX by_hand ON users (lower(state)) WHERE state <> 'x;y'");
    let hanging = project.hanging();
    assert_eq!(hanging, ["by_hand", "noted"]);
    project.becomes(&users(AFTER), &[]);
    assert_eq!(project.hanging(), hanging);
    assert!(project.rows("SELECT what FROM log").is_empty(), "copied rows are not new rows");
    project.execute("INSERT INTO users VALUES (2, 'b')");
    assert_eq!(project.rows("SELECT what FROM log"), ["new; b"]);
}

/// Probe 13: a column that somebody added to the database by hand is dropped with its data. Ours stops and names it.
#[test]
fn a_column_that_nobody_declared_is_not_lost_in_a_rebuild() {
    let project = Project::with_rows(&users(BEFORE), "INSERT INTO users VALUES (1, 'a')");
    project.execute("ALTER TABLE users ADD COLUMN drifted TEXT; UPDATE users SET drifted = 'precious'");
    project.generates(&users(AFTER), &[]);
    let stderr = project.run(&["migrate"]).failed(4);
    assert!(stderr.contains("column `users.drifted` is in the database but nobody declared it"), "{stderr}");
    assert_eq!(project.rows("SELECT drifted FROM users"), ["precious"]);
    let sql = project.run(&["migrate", "--dry-run"]).succeeded();
    assert!(sql.contains("-- seedbed: rebuild \"users\""), "it is still to be run");
}

/// Probe 14: the counter of AUTOINCREMENT falls back to the highest row, and a deleted number is given again.
#[test]
fn a_rebuild_keeps_the_counter_of_autoincrement() {
    let counted = |state: &str| users(state).replace("primary_key", "primary_key, autoincrement");
    let project = Project::with_rows(
        &counted(BEFORE),
        "INSERT INTO users VALUES (1, 'a'), (9, 'b'); DELETE FROM users WHERE id = 9",
    );
    project.becomes(&counted(AFTER), &[]);
    project.execute("INSERT INTO users (state) VALUES ('c')");
    assert_eq!(project.rows("SELECT id FROM users"), ["1", "10"]);
}

/// Probe 15: Drizzle knows neither STRICT nor COLLATE, and a rebuild loses them.
#[test]
fn a_rebuild_keeps_strictness_and_collations() {
    let strict = |state: &str| {
        users(&format!("{state}\n    #[column(collate = \"nocase\")]\n    name: String,"))
            .replace("name = \"users\"", "name = \"users\", strict")
    };
    let project = Project::with_rows(&strict(BEFORE), "INSERT INTO users VALUES (1, 'a', 'Ada')");
    project.becomes(&strict(AFTER), &[]);
    assert_eq!(project.rows("SELECT id FROM users WHERE name = 'ADA'"), ["1"]);
    let refusal = project.refusal("INSERT INTO users VALUES (2, x'00', 'Bob')");
    assert!(refusal.contains("cannot store BLOB value in TEXT column"), "{refusal}");
}

/// Probe 22: another default or check is a whole rebuild for Drizzle. A check is altered in place here; a default has
/// to be rebuilt, says so, and loses nothing.
#[test]
fn another_check_is_no_rebuild_and_another_default_says_that_it_is_one() {
    let checked = |state: &str, at_least: u8| {
        users(&format!("{state}\n    #[column(check = \"age >= {at_least}\")]\n    age: i64,"))
    };
    let project = Project::with_rows(&checked(BEFORE, 0), "INSERT INTO users VALUES (1, 'a', 40)");
    let sql = project.becomes(&checked(BEFORE, 18), &[]);
    assert!(!sql.contains("rebuild") && sql.contains("-- hazard: may-fail-check users"), "{sql}");
    assert!(project.refusal("INSERT INTO users VALUES (2, 'b', 17)").contains("CHECK constraint failed"));
    let sql = project.becomes(&checked(AFTER, 18), &[]);
    assert!(sql.contains("-- hazard: rebuild users"), "{sql}");
    project.execute("INSERT INTO users (id, age) VALUES (2, 18)");
    assert_eq!(project.everything(), ["users: 1|a|40", "users: 2|fresh|18"]);
}
