//! Keys, checks and references: what is declared is in the database, and what can't be is said at `generate`.

use crate::project::{Project, table, users};

/// Probe 21: rows that break new constraints are told as a hazard, and named when they really do; nothing is lost.
#[test]
fn rows_that_break_new_constraints_are_named_and_left_alone() {
    let before = users("name: String,\n    age: i64,\n    mentor: Option<i64>,");
    let rows = "INSERT INTO users VALUES (1, 'ada', 36, NULL), (2, 'ada', -1, 9)";
    let changes = [
        (
            "#[column(unique)]\n    name: String,\n    age: i64,\n    mentor: Option<i64>,",
            "may-fail-unique",
            "id = 2",
        ),
        (
            "name: String,\n    #[column(check = \"age > 0\")]\n    age: i64,\n    mentor: Option<i64>,",
            "may-fail-check",
            "id = 2, age = -1",
        ),
        (
            "name: String,\n    age: i64,\n    #[column(references = Self::id)]\n    mentor: Option<i64>,",
            "may-fail-foreign-key",
            "id = 2, mentor = 9",
        ),
    ];
    for (columns, hazard, row) in changes {
        let project = Project::with_rows(&before, rows);
        let sql = project.generates(&users(columns), &[]);
        assert!(sql.contains(&format!("-- hazard: {hazard} users")), "{sql}");
        let everything = project.everything();
        let stderr = project.run(&["migrate"]).failed(4);
        assert!(stderr.contains(row), "{stderr}");
        assert_eq!(project.everything(), everything);
        project.execute("UPDATE users SET name = 'bob', age = 1, mentor = 1 WHERE id = 2");
        project.run(&["migrate"]).succeeded();
        assert_eq!(project.rows("SELECT count(*) FROM users"), ["2"]);
    }
}

/// Probe 25: another primary key, with a child that refers to the table.
#[test]
fn a_composite_key_takes_the_place_of_a_single_one() {
    let post =
        table("posts", "#[column(references = Users::id, on_delete = \"cascade\")]\n    user_id: i64,");
    let rows = "INSERT INTO users VALUES (1, 'de'), (2, 'de'); INSERT INTO posts VALUES (1, 2)";
    let project = Project::with_rows(&(users("land: String,") + &post), rows);
    let composite = "#[derive(Table)]\n#[table(name = \"users\", primary_key(columns(land, id)), unique(columns(id)))]\n\
        pub struct Users { id: i64, land: String }\n";
    project.becomes(&format!("{composite}{post}"), &[]);
    assert_eq!(project.everything(), ["posts: 1|2", "users: 1|de", "users: 2|de"]);
    assert!(project.refusal("INSERT INTO users (id, land) VALUES (2, 'de')").contains("UNIQUE"));
}

/// Probe 26: the values of a text enum are no more than a type in Drizzle, and the database takes any.
#[test]
fn a_text_enum_keeps_other_texts_out_of_the_database() {
    let state = |variants: &str| {
        format!("#[derive(TextEnum)]\npub enum State {{ {variants} }}\n") + &users("state: State,")
    };
    let project =
        Project::with_rows(&state("Open, Closed"), "INSERT INTO users VALUES (1, 'open'), (2, 'closed')");
    assert!(project.refusal("INSERT INTO users VALUES (3, 'garbage')").contains("CHECK constraint failed"));
    let sql = project.becomes(&state("Open, Waiting, Closed"), &[]);
    assert!(!sql.contains("hazard") && !sql.contains("rebuild"), "{sql}");
    project.execute("INSERT INTO users VALUES (3, 'waiting')");
    project.becomes(&state("Open, Waiting, #[text_enum(renamed_from = \"closed\")] Done"), &[]);
    assert_eq!(project.rows("SELECT state FROM users ORDER BY id"), ["open", "done", "waiting"]);
    assert!(project.refusal("UPDATE users SET state = 'closed'").contains("CHECK constraint failed"));
}

/// Probe 27: a text key takes NULL in SQLite unless somebody says NOT NULL.
#[test]
fn a_text_key_is_never_null() {
    let schema = "#[derive(Table)]\n#[table(name = \"users\")]\npub struct Users {\n    #[column(primary_key)]\n    \
        id: String,\n}\n";
    let project = Project::with_rows(schema, "INSERT INTO users VALUES ('a')");
    assert!(project.refusal("INSERT INTO users VALUES (NULL)").contains("NOT NULL"));
}

/// Probe 28: Drizzle joins checks by `;` and index columns by `,` and splits them there again.
#[test]
fn semicolons_and_commas_inside_of_expressions_are_just_text() {
    let schema = |more: &str| {
        users(&format!("a: Option<String>,\n    b: Option<String>,{more}")).replace(
            "name = \"users\"",
            "name = \"users\", check(name = \"odd\", \"a <> ';' AND a <> 'it''s, -- x'\"), \
             index(name = \"both\", expressions(\"coalesce(a, b)\"))",
        )
    };
    let project = Project::with_rows(&schema(""), "INSERT INTO users VALUES (1, 'x', NULL)");
    for text in ["';'", "'it''s, -- x'"] {
        let refusal = project.refusal(&format!("INSERT INTO users VALUES (2, {text}, NULL)"));
        assert!(refusal.contains("CHECK constraint failed: odd"), "{refusal}");
    }
    let plan = project.rows("EXPLAIN QUERY PLAN SELECT id FROM users WHERE coalesce(a, b) = 'x'");
    assert!(plan[0].contains("INDEX both"), "{plan:?}");
    project.becomes(&schema("\n    #[column(default = sql(\"(';' || ',')\"))]\n    c: String,"), &[]);
    assert_eq!(project.rows("SELECT a, c FROM users"), ["x|;,"]);
    assert_eq!(project.hanging(), ["both"]);
}

/// Probe 31: a reference to something that is not unique, or of another type, fails at the first INSERT.
#[test]
fn a_reference_that_cannot_work_is_refused_with_its_line() {
    for (target, words) in [("name", "not unique"), ("email", "TEXT")] {
        let schema = users("name: i64,\n    #[column(unique)]\n    email: String,")
            + &table("posts", &format!("#[column(references = Users::{target})]\n    user: i64,"));
        let project = Project::new(&schema);
        let stderr = project.run(&["generate"]).failed(2);
        assert!(stderr.contains(words) && stderr.contains("src/schema.rs:15:"), "{stderr}");
        assert!(!project.env().path("migrations").exists());
    }
}
