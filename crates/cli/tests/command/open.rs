//! `seedbed open`: statements and their rows, at a prompt and without one.

use std::io::Write;
use std::process::{Command, Stdio};

use seedbed::rusqlite::Connection;

use crate::test_env::TestEnv;

fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    let connection = Connection::open(env.path("app.db")).unwrap();
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE posts (user_id INTEGER NOT NULL REFERENCES users (id));
        INSERT INTO users VALUES (1, 'ada'), (12, NULL)";
    connection.execute_batch(sql).unwrap();
    env
}

/// Runs the command with a text on its standard input, and no terminal.
fn typed(env: &TestEnv, arguments: &[&str], text: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_seedbed"))
        .args(arguments)
        .current_dir(env.path("."))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_command_prints_a_table() {
    let env = project();
    let run = env.run(&["open", "--command", "SELECT id, name FROM users; SELECT 1.0 AS real"]);
    assert_eq!(run.succeeded(), "id  name\n--  ----\n 1  ada\n12  NULL\nreal\n----\n 1.0\n");
    let json = env
        .run(&["open", "--json", "-c", "DELETE FROM users WHERE id = 12; SELECT x'00ff', id FROM users"])
        .json();
    let expected = serde_json::json!([
        { "columns": [], "rows": [], "changed": 1 },
        { "columns": ["x'00ff'", "id"], "rows": [["x'00ff'", 1]], "changed": 0 },
    ]);
    assert_eq!(json["answers"], expected);
}

#[test]
fn a_fault_is_shown_in_its_place() {
    let env = project();
    let run = env.run(&["open", "-c", "SELECT 1 AS one;\nSELECT nme FROM users"]);
    assert_eq!((run.code, run.stdout.as_str()), (4, "one\n---\n  1\n"));
    assert!(run.stderr.contains("no such column: nme") && run.stderr.contains("^^^"), "{}", run.stderr);
    let json = env.run(&["open", "--json", "-c", "SELECT 1;\nSELECT nme FROM users"]).json();
    assert_eq!((&json["error"]["line"], &json["error"]["column"]), (&2.into(), &8.into()), "{json}");
}

#[test]
fn foreign_keys_are_enforced_and_reading_only_reads() {
    let env = project();
    let stderr = env.run(&["open", "-c", "INSERT INTO posts VALUES (9)"]).failed(4);
    assert!(stderr.contains("FOREIGN KEY constraint failed"), "{stderr}");
    let stderr = env.run(&["open", "--read-only", "-c", "DELETE FROM users"]).failed(4);
    assert!(stderr.contains("readonly"), "{stderr}");
    assert!(env.run(&["open", "--json"]).json()["error"]["message"].as_str().unwrap().contains("--json"));
    assert!(
        env.run(&["open", "--url", "none.db", "-c", "SELECT 1"]).failed(2).contains("there is no database")
    );
}

#[test]
fn the_small_prompt_takes_statements_over_several_lines() {
    let env = project();
    let script = "SELECT name\nFROM users\nWHERE id = 1;\n.tables\n.schema posts\nDELETE FROM users WHERE id = 12;\nSELECT 2 AS two";
    let (code, stdout, stderr) = typed(&env, &["open", "--built-in"], script);
    assert_eq!((code, stderr.as_str()), (0, "1 row changed\n"));
    let schema = "CREATE TABLE posts (user_id INTEGER NOT NULL REFERENCES users (id));\n";
    assert_eq!(stdout, format!("name\n----\nada\nposts\nusers\n{schema}two\n---\n  2\n"));
    let (code, stdout, stderr) =
        typed(&env, &["open", "--built-in"], "SELEC 1;\nSELECT 1 AS one;\n.nonsense\n.quit\nSELECT 3;");
    assert_eq!((code, stdout.as_str()), (4, "one\n---\n  1\n"));
    assert!(stderr.contains("syntax error") && stderr.contains("there is no `.nonsense`"), "{stderr}");
}

#[test]
fn an_installed_sqlite3_is_the_prompt() {
    let env = project();
    let folder = env.path("bin");
    // A stand-in that says what it was called with.
    env.write("bin/sqlite3", "#!/bin/sh\nprintf '%s|' \"$@\"\ncat\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder.join("sqlite3"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        let run = env.run_with(".", &[("PATH", &path)], &["open", "--read-only"]);
        assert_eq!(
            run.succeeded(),
            "-cmd|PRAGMA foreign_keys = ON|-readonly|-header|-column|<folder>/app.db|"
        );
    }
}
