//! `seedbed squash`: the folder's start becomes one migration, and databases that ran the old ones go on.

use seedbed::Connection;

use crate::test_env::TestEnv;

const FILES: [(&str, &str, &str); 4] = [
    (
        "0000_base",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);\nCREATE TABLE gone (x TEXT);\n",
        "DROP TABLE gone;\nDROP TABLE users;\n",
    ),
    (
        "0001_by_hand",
        "DROP TABLE gone;\nCREATE VIRTUAL TABLE search USING fts5(email);\nCREATE TABLE log (at TEXT, user_id INTEGER REFERENCES users(id));\n\
         CREATE INDEX log_at ON log (at);\nCREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES ('now', new.id); \
         INSERT INTO search (rowid, email) VALUES (new.id, new.email); END;\n",
        "DROP TRIGGER users_ai;\nDROP TABLE log;\nDROP TABLE search;\nCREATE TABLE gone (x TEXT);\n",
    ),
    (
        "0002_ada",
        "INSERT INTO users VALUES (7, 'it''s ada@example.org');\n",
        "DELETE FROM log;\nDELETE FROM search;\nDELETE FROM users;\n",
    ),
    ("0003_age", "ALTER TABLE users ADD COLUMN age INTEGER;\n", "ALTER TABLE users DROP COLUMN age;\n"),
];

/// A folder that was made by hand and got its snapshots from a check.
fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    let entries: Vec<String> = FILES
        .iter()
        .enumerate()
        .map(|(idx, (tag, up, down))| {
            env.write(&format!("migrations/{tag}.sql"), up);
            env.write(&format!("migrations/{tag}.down.sql"), down);
            format!(r#"{{"idx":{idx},"version":"6","when":{idx},"tag":"{tag}","breakpoints":true}}"#)
        })
        .collect();
    let journal = format!(r#"{{"version":"7","dialect":"sqlite","entries":[{}]}}"#, entries.join(","));
    env.write("migrations/meta/_journal.json", &journal);
    env.run(&["check", "--fix"]).succeeded();
    env
}

fn text(env: &TestEnv, database: &str, sql: &str) -> String {
    let connection = Connection::open(env.path(database)).unwrap();
    let rows = connection.query(sql, &[], |row| row.get::<String>(0)).unwrap();
    rows.join(";")
}

const SCHEMA: &str =
    "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE '\\_\\_seedbed%' ESCAPE '\\' ORDER BY 1";
const ROWS: &str = "SELECT id || email FROM users UNION ALL SELECT at || user_id FROM log
    UNION ALL SELECT rowid || email FROM search ORDER BY 1";
const HISTORY: &str = "SELECT name FROM __seedbed_migrations ORDER BY rowid";

#[test]
fn the_start_of_a_folder_is_folded_and_databases_go_on() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    let run = env.run(&["squash", "--to", "2"]);
    for told in [
        "folded: 0000_base, 0001_by_hand, 0002_ada into 0000_squashed_to_0002_ada",
        "rows carried: 1 of users",
    ] {
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
    let stem = "migrations/0000_squashed_to_0002_ada";
    assert_eq!(run.succeeded(), format!("{stem}.sql\n{stem}.down.sql\n"));
    let sql = env.read(&format!("{stem}.sql"));
    assert!(sql.contains("-- seedbed: replaces 0001_by_hand ") && !sql.contains("gone"), "{sql}");
    let files = env.files().into_iter().filter(|file| file.starts_with("migrations/")).collect::<Vec<_>>();
    assert_eq!(files.len(), 4 + 1 + 2, "{files:?}");
    env.run(&["check"]).succeeded();

    // The old database is recognised, the new one is the same.
    env.run(&["status"]).succeeded();
    assert!(env.run(&["migrate"]).stderr.contains("nothing is pending"));
    assert_eq!(text(&env, "app.db", HISTORY), "0000_squashed_to_0002_ada;0003_age");
    env.run(&["migrate", "--url", "new.db"]).succeeded();
    assert_eq!(text(&env, "new.db", SCHEMA), text(&env, "app.db", SCHEMA));
    assert_eq!(text(&env, "new.db", ROWS), text(&env, "app.db", ROWS));
    env.run(&["status"]).succeeded();

    // Both go back, all the way.
    for url in ["app.db", "new.db"] {
        env.run(&["rollback", "--steps", "2", "--url", url]).succeeded();
        assert_eq!(text(&env, url, SCHEMA), "", "{url}");
    }
}

#[test]
fn a_database_in_the_middle_is_told_the_way_out() {
    let env = project();
    env.run(&["migrate", "--to", "0001_by_hand"]).succeeded();
    env.run(&["squash", "--to", "0002_ada"]).succeeded();
    let stderr = env.run(&["migrate"]).failed(1);
    let told = "the database is as after `0001_by_hand`, which was folded into `0000_squashed_to_0002_ada` together with `0002_ada`";
    assert!(stderr.contains(told), "{stderr}");
    assert!(stderr.contains("still has `0002_ada.sql`"), "{stderr}");
    let status = env.run(&["status"]);
    assert!(status.code == 1 && status.stderr.contains(told), "{status:?}");
    assert!(
        status.stderr.contains("still has `0002_ada.sql`") && !status.stderr.contains("repair"),
        "{status:?}"
    );
    assert_eq!(text(&env, "app.db", HISTORY), "0000_base;0001_by_hand");
}

#[test]
fn what_was_folded_before_is_recognised_after_it_is_folded_again() {
    let env = project();
    env.run(&["migrate"]).succeeded();
    env.run(&["squash", "--to", "1"]).succeeded();
    env.run(&["migrate", "--url", "once.db"]).succeeded();
    env.run(&["squash", "--to", "0003_age"]).succeeded();
    env.run(&["check"]).succeeded();
    for url in ["app.db", "once.db"] {
        env.run(&["migrate", "--url", url]).succeeded();
        assert_eq!(text(&env, url, HISTORY), "0000_squashed_to_0003_age");
        env.run(&["status", "--url", url]).succeeded();
    }
}

#[test]
fn rows_are_left_out_when_asked_and_values_of_the_moment_are_named() {
    let env = project();
    let sql = "INSERT INTO users (email) VALUES (datetime('now'));\n";
    env.write("migrations/0002_ada.sql", sql);
    let run = env.run(&["squash", "--to", "2", "--no-rows", "--json"]).json();
    assert_eq!(run["folded"].as_array().unwrap().len(), 3);
    assert!(!env.read("migrations/0000_squashed_to_0002_ada.sql").contains("INSERT INTO \"users\""));

    let env = project();
    env.write("migrations/0002_ada.sql", sql);
    let run = env.run(&["squash", "--to", "2"]);
    assert!(run.stderr.contains("0002_ada.sql line 1 computes a value"), "{}", run.stderr);
    run.succeeded();
}

#[test]
fn what_cannot_be_folded_is_said_and_nothing_changes() {
    let env = project();
    let before = env.files();
    let stderr = env.run(&["squash", "--to", "0000_base"]).failed(2);
    assert!(stderr.contains("there is nothing to fold\nhint: name the last of two or more"), "{stderr}");
    assert!(stderr.contains("`--to 0003_age`"), "{stderr}");
    assert!(env.run(&["squash", "--to", "0009"]).failed(2).contains("0009"));
    env.write("migrations/0001_by_hand.sql", "-- seedbed: skip-replay\nDROP TABLE elsewhere;\n");
    assert!(env.run(&["squash", "--to", "2"]).failed(2).contains("`0001_by_hand` is not run in memory"));
    assert_eq!(env.files(), before);
}

#[test]
fn what_folded_migrations_dropped_is_listed_as_out_of_reach_and_can_be_freed() {
    let env = project();
    env.run(&["migrate", "--to", "0000_base"]).succeeded();
    Connection::open(env.path("app.db")).unwrap().execute_batch("INSERT INTO gone VALUES ('x')").unwrap();
    env.run(&["migrate"]).succeeded();
    assert!(env.run(&["kept"]).stderr.contains("`seedbed rollback` brings it back"));
    let run = env.run(&["squash", "--to", "2"]);
    assert!(run.stderr.contains("what 0001_by_hand dropped stays kept"), "{}", run.stderr);
    let stderr = env.run(&["migrate"]).stderr;
    let told = "0000_squashed_to_0002_ada stands for 0000_base, 0001_by_hand, 0002_ada from now on; what they dropped \
                is kept, and no rollback gets to it any more: gone\n";
    assert!(stderr.contains(told), "{stderr}");
    let run = env.run(&["kept"]);
    let told =
        "gone of 0001_by_hand: no rollback gets to it, its migration was folded or undone; the rows are in";
    assert!(run.stderr.contains(told) && !run.stderr.contains("brings it back"), "{}", run.stderr);
    let object = env.run(&["kept", "--json"]).json();
    let kept = &object["kept"][0];
    assert_eq!(kept["in_reach"], false, "{object}");
    assert_eq!(text(&env, "app.db", &format!("SELECT x FROM {}", kept["kept_table"])), "x");
    env.run(&["rollback", "--to", "empty"]).succeeded();
    assert_eq!(env.run(&["kept", "--json"]).json()["kept"][0]["table"], "gone");
    env.run(&["forget", "--all", "--yes"]).succeeded();
    assert_eq!(env.run(&["kept"]).stderr, "nothing is kept\n");
}
