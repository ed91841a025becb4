//! `seedbed lint`: hazards of files that were planned and of files that were written by hand.

use crate::test_env::TestEnv;

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
