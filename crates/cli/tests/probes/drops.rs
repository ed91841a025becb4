//! Tables that go, with rows in them and in those that refer to them.

use crate::project::{Project, table, users};

const CHILD: &str = "#[column(references = Users::id)]\n    user_id: i64,";
const ROWS: &str = "INSERT INTO users VALUES (1, 'ada'); INSERT INTO posts VALUES (1, 1)";

fn project() -> Project {
    Project::with_rows(&(users("name: String,") + &table("posts", CHILD)), ROWS)
}

/// Probe 32: Drizzle drops the parent first, which its child's rows refuse.
#[test]
fn a_parent_and_its_child_can_go_together() {
    let project = project();
    let sql = project.becomes(&table("others", "name: String,"), &["--no-renames"]);
    assert!(
        sql.contains("-- hazard: drop-table users") && sql.contains("-- hazard: drop-table posts"),
        "{sql}"
    );
    assert!(project.everything().is_empty());
}

/// Probe 33: the parent goes, the child keeps the column and loses the reference.
#[test]
fn a_parent_can_go_and_leave_its_child_the_column() {
    let project = project();
    project.becomes(&table("posts", "user_id: i64,"), &[]);
    assert_eq!(project.everything(), ["posts: 1|1"]);
    project.execute("INSERT INTO posts VALUES (2, 99)");
}
