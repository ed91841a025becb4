//! Views over what changes.

use crate::project::{Project, users};

fn view(definition: &str) -> String {
    format!(
        "#[derive(View)]\n#[view(name = \"names\", definition = \"{definition}\")]\npub struct Names {{ id: i64 }}\n"
    )
}

/// Probe 11: with a view on it, be it Drizzle's own, a table can't be rebuilt: RENAME fails.
#[test]
fn a_table_under_views_can_be_rebuilt() {
    let schema = |default: &str| {
        users(&format!("#[column(default = \"{default}\")]\n    name: String,"))
            + &view("SELECT id, name FROM users WHERE name <> ''")
    };
    let project = Project::with_rows(&schema("a"), "INSERT INTO users VALUES (1, 'ada')");
    project.execute("CREATE VIEW by_hand AS SELECT upper(name) AS loud FROM names");
    project.becomes(&schema("b"), &[]);
    assert_eq!(project.rows("SELECT name FROM names"), ["ada"]);
    assert_eq!(project.rows("SELECT loud FROM by_hand"), ["ADA"]);
}

/// Probe 12: Drizzle drops the column first and the view that reads it later.
#[test]
fn a_column_that_the_view_no_longer_reads_can_go_with_it() {
    let before = users("name: String,\n    age: Option<i64>,") + &view("SELECT id, name, age FROM users");
    let project = Project::with_rows(&before, "INSERT INTO users VALUES (1, 'ada', 36)");
    project.becomes(&(users("name: String,") + &view("SELECT id, name FROM users")), &[]);
    assert_eq!(project.rows("SELECT * FROM names"), ["1|ada"]);
}

/// Probe 12, the other half: a view that still reads the column is a fault of the schema, found before anything is
/// written.
#[test]
fn a_column_that_the_view_still_reads_is_refused_by_name() {
    let names = view("SELECT id, age FROM users");
    let before = users("name: String,\n    age: Option<i64>,") + &names;
    let project = Project::with_rows(&before, "INSERT INTO users VALUES (1, 'ada', 36)");
    let files = project.env().files();
    project.env().write("src/schema.rs", &(users("name: String,") + &names));
    let stderr = project.run(&["generate"]).failed(2);
    assert_eq!(
        stderr,
        "error: the view `names` cannot be read from the declared tables: no such column: age\n\
         hint: change the view's definition, or keep what it reads\n"
    );
    assert_eq!(project.env().files(), files);
}
