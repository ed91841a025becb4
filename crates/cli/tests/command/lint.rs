//! `seedbed lint`: hazards of files that were planned and of files that were written by hand.

use crate::test_env::{TestEnv, assert_tells};

fn project(sql: &str) -> TestEnv {
    let env = TestEnv::new();
    env.run(&["generate", "--custom", "--name", "hand"]).succeeded();
    env.write("migrations/0000_hand.sql", sql);
    env
}

#[test]
fn sql_by_hand_has_hazards_and_the_file_allows_them() {
    let env = project(
        "DROP TABLE logs;\nALTER TABLE users DROP COLUMN age;\nDELETE FROM users;\nUPDATE users SET a = (SELECT 1 WHERE 1);\n\
         CREATE UNIQUE INDEX i ON users (a);\nCREATE TABLE fresh (x);\nDELETE FROM fresh;\nDELETE FROM users WHERE a = 1;\n",
    );
    let run = env.run(&["lint"]);
    assert_eq!(run.code, 1);
    let codes: Vec<&str> = run.stdout.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
    assert_eq!(
        codes,
        ["drop-table", "no-way-back:", "drop-column", "delete-rows", "update-rows", "may-fail-unique"]
    );
    assert!(
        run.stderr.contains("5 hazards in 1 migration not allowed")
            && run.stderr.contains("`seedbed lint --explain drop-table`"),
        "{}",
        run.stderr
    );

    let env = project(
        "-- seedbed: allow drop-table logs because nobody reads them\nDROP TABLE logs;\n-- seedbed: allow drop-table x because of it\n",
    );
    let run = env.run(&["lint"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for chosen in [&["lint", "0"][..], &["lint", "migrations/0000_hand.sql"], &["lint", "--since", "empty"]] {
        assert_eq!(env.run(chosen).stdout, run.stdout, "{chosen:?}");
    }
    assert_eq!(env.run(&["lint", "--since", "hand"]).stdout, "");
    assert!(
        run.stdout.contains("(allowed: nobody reads them)") && run.stdout.contains("idle-allow x"),
        "{}",
        run.stdout
    );
    env.write("migrations/0000_hand.sql", "-- seedbed: allow drop-table logs\nDROP TABLE logs;");
    assert!(env.run(&["lint"]).failed(1).contains("an allowance needs its reason"));
    assert!(env.run(&["lint", "0009_x"]).failed(2).contains("there is no migration `0009_x`\nhint: "));
}

#[test]
fn what_a_file_adds_itself_is_no_hazard_and_what_it_forgets_is_one() {
    let env = project(
        "ALTER TABLE users ADD COLUMN rank INTEGER NOT NULL;\nALTER TABLE users ADD COLUMN fine TEXT NOT NULL DEFAULT '';\n\
         UPDATE users SET fine = 'x';\nUPDATE users SET fine = 'x', old = 1;\nPRAGMA journal_mode = WAL;\n\
         PRAGMA foreign_keys = OFF;\nCREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INT REFERENCES users, tag_id INT REFERENCES tags);\n\
         CREATE INDEX of_tag ON posts (tag_id);\nALTER TABLE posts ADD COLUMN by INT REFERENCES users;\n",
    );
    env.write("migrations/0000_hand.down.sql", "SELECT 1;");
    let run = env.run(&["lint"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let heads: Vec<(&str, &str)> = run
        .stdout
        .lines()
        .map(|line| {
            let mut parts = line.splitn(3, ": ");
            (parts.next().unwrap(), parts.next().unwrap())
        })
        .map(|(place, what)| (place.rsplit(':').next().unwrap(), what))
        .collect();
    assert_eq!(
        heads,
        [
            ("1", "may-fail-not-null users.rank"),
            ("4", "update-rows users"),
            ("5", "idle-pragma"),
            ("7", "unindexed-key posts.user_id"),
            ("9", "unindexed-key posts.by"),
        ]
    );
}

const USERS: &str = "#[derive(Table)]\n#[table(name = \"users\")]\npub struct User {\n    #[column(primary_key)]\n    \
    pub id: i64,\n    pub email: Option<String>,\n    pub age: Option<String>,\n    pub nick: Option<String>,\n}\n";

/// A database with three users, and a migration behind it that wants more of them.
fn grown(rows: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    env.write("src/schema.rs", USERS);
    env.run(&["generate", "--name", "base"]).succeeded();
    env.run(&["migrate"]).succeeded();
    seedbed::Connection::open(env.path("app.db")).unwrap().execute_batch(rows).unwrap();
    let wanted = USERS
        .replace("pub email: Option<String>", "#[column(unique)]\n    pub email: String")
        .replace("pub age: Option<String>", "pub age: Option<i64>")
        .replace("    pub nick: Option<String>,\n", "");
    env.write("src/schema.rs", &wanted);
    env.run(&["generate", "--name", "more"]).succeeded();
    env
}

#[test]
fn with_a_database_the_rows_are_counted_and_the_file_is_left_alone() {
    let env = grown(
        "INSERT INTO users VALUES (1, 'a@x', '12', 'nick'), (2, 'a@x', 'old', NULL), (3, NULL, NULL, NULL)",
    );
    let before = std::fs::read(env.path("app.db")).unwrap();
    let run = env.run(&["lint", "--db", "app.db"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert_tells(
        &run.stdout,
        &[
            "drop-column users.nick: the column and its values are dropped; 1 row now",
            "make this fail; a default or a backfill fills them; 1 row now",
            "rows that repeat (email) make this fail; 2 rows with 1 repeated value now",
            "the table is copied; 3 rows, ",
        ],
    );
    assert!(
        run.stderr.contains("does not run on the rows of this database: NOT NULL constraint failed"),
        "{}",
        run.stderr
    );
    assert_eq!(std::fs::read(env.path("app.db")).unwrap(), before);
    let json = env.run(&["lint", "--db", "app.db", "--json"]).json();
    let hazards = json["error"]["hazards"].as_array().or(json["hazards"].as_array()).unwrap().clone();
    let unique = hazards.iter().find(|hazard| hazard["code"] == "may-fail-unique").unwrap();
    assert_eq!((&unique["rows"], &unique["groups"]), (&2.into(), &1.into()), "{unique}");
    let cast = hazards.iter().find(|hazard| hazard["code"] == "lossy-cast").unwrap();
    assert!(cast["not_counted"].as_str().unwrap().contains("stops before"), "{cast}");
}

#[test]
fn a_hazard_that_meets_no_row_is_harmless_and_later_files_are_counted_as_well() {
    let env = grown("INSERT INTO users VALUES (1, 'a@x', '12', NULL), (2, 'b@x', NULL, NULL)");
    let run = env.run(&["lint", "--db", "app.db"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout.matches("; no row now").count(), 4, "{}", run.stdout);

    env.run(&["generate", "--custom", "--name", "hand"]).succeeded();
    env.write(
        "migrations/0002_hand.sql",
        "UPDATE users SET age = 7;\nDELETE FROM users;\nALTER TABLE users ADD COLUMN x TEXT NOT NULL;\nDROP TABLE users;\n",
    );
    let run = env.run(&["lint", "--db", "app.db"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    let of_hand: Vec<&str> = run.stdout.lines().filter(|line| line.contains("0002_hand.sql")).collect();
    for (code, count) in [
        ("update-rows", "; 2 rows now"),
        ("delete-rows", "; 2 rows now"),
        ("may-fail-not-null", "; no row now"),
        ("drop-table", "; no row now"),
    ] {
        let is_told = |line: &&&str| line.contains(code) && line.contains(count);
        assert!(of_hand.iter().any(|line| is_told(&line)), "{code} in\n{}", run.stdout);
    }
}

#[test]
fn every_hazard_has_its_section_in_the_docs() {
    let page = include_str!("../../../../docs/hazards.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = seedbed_schema::plan::HazardCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(sections, codes);
    let env = TestEnv::new();
    for code in codes {
        let told = env.run(&["lint", "--explain", code]).succeeded();
        assert!(told.starts_with(&format!("{code} (")) && told.lines().count() >= 4, "{told}");
        assert!(!told.contains('#'), "{told}");
    }
    let said = env.run(&["lint", "--explain", "drop-tabel"]).failed(2);
    assert!(said.contains("the codes are drop-table, drop-column"), "{said}");
}
