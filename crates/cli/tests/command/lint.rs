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
            && run.stderr.contains("docs/hazards.md#drop-table"),
        "{}",
        run.stderr
    );

    let env = project(
        "-- seedbed: allow drop-table logs because nobody reads them\nDROP TABLE logs;\n-- seedbed: allow drop-table x because of it\n",
    );
    let run = env.run(&["lint"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("(allowed: nobody reads them)") && run.stdout.contains("idle-allow x"),
        "{}",
        run.stdout
    );
    env.write("migrations/0000_hand.sql", "-- seedbed: allow drop-table logs\nDROP TABLE logs;");
    assert!(env.run(&["lint"]).failed(1).contains("an allowance needs its reason"));
    assert!(env.run(&["lint", "0009_x"]).failed(2).contains("the folder has no migration `0009_x`"));
}

#[test]
fn every_hazard_has_its_section_in_the_docs() {
    let page = include_str!("../../../../docs/hazards.md");
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let codes: Vec<&str> = seedbed_schema::plan::HazardCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(sections, codes);
}
