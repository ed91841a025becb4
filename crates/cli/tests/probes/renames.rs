//! Names that change, alone and together with something else.

use crate::project::{Project, table, users};

/// Probe 1b: in a script nobody can be asked, and Drizzle prints a stack trace and exits with 0.
#[test]
fn a_rename_that_nobody_can_be_asked_about_stops_with_the_flags_to_choose_from() {
    let project = Project::with_rows(&users("name: String,"), "INSERT INTO users VALUES (1, 'ada')");
    project.env().write("src/schema.rs", &users("full_name: String,"));
    let stderr = project.run(&["generate"]).failed(3);
    assert!(stderr.contains("--rename users.name:full_name") && stderr.contains("--no-renames"), "{stderr}");
    project.becomes(&users("full_name: String,"), &["--rename", "users.name:full_name"]);
    assert_eq!(project.rows("SELECT full_name FROM users"), ["ada"]);
}

/// Probe 2: a renamed table whose children refer to it by its new name, without a rebuild of any of them.
#[test]
fn a_renamed_table_takes_its_children_along_without_a_rebuild() {
    let posts = |users: &str| {
        table(
            "posts",
            &format!("#[column(references = {users}::id, on_delete = \"cascade\")]\n    user_id: i64,"),
        )
    };
    let project = Project::with_rows(
        &(users("name: String,") + &posts("Users")),
        "INSERT INTO users VALUES (1, 'ada'); INSERT INTO posts VALUES (7, 1)",
    );
    let sql = project
        .becomes(&(table("people", "name: String,") + &posts("People")), &["--rename", "users:people"]);
    assert!(!sql.contains("rebuild"), "{sql}");
    assert_eq!(project.everything(), ["people: 1|ada", "posts: 7|1"]);
    project.execute("DELETE FROM people");
    assert!(project.everything().is_empty(), "the child still follows its parent");
}

/// Probe 3: Drizzle selects the new name from the old table, so that every row holds the column's name as a text.
#[test]
fn a_column_that_changes_its_name_and_its_type_at_once_keeps_its_values() {
    let project = Project::with_rows(&users("age: String,"), "INSERT INTO users VALUES (1, '5'), (2, '61')");
    project.becomes(&users("years: i64,"), &["--rename", "users.age:years"]);
    assert_eq!(
        project.rows("SELECT years, typeof(years) FROM users ORDER BY id"),
        ["5|integer", "61|integer"]
    );
}
