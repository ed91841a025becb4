//! `seedbed export`: one schema, written in every form.

use crate::test_env::TestEnv;

const SQL: &str = "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE users (id INTEGER PRIMARY KEY, \"full name\" TEXT);
CREATE UNIQUE INDEX users_name ON users (\"full name\");
CREATE VIEW named AS SELECT * FROM authors; CREATE VIEW authors AS SELECT * FROM users;
CREATE TRIGGER t INSTEAD OF DELETE ON named BEGIN DELETE FROM users; END;
";

fn project() -> TestEnv {
    let env = TestEnv::new();
    env.write("schema.sql", SQL);
    env
}

#[test]
fn sql_comes_in_an_order_in_which_it_can_be_run() {
    let env = project();
    let sql = env.run(&["export", "--from", "schema.sql", "--as", "sql"]).succeeded();
    let place = |text: &str| sql.find(text).unwrap_or_else(|| panic!("{text} is missing in\n{sql}"));
    let order = [
        "TABLE \"users\"",
        "INDEX \"users_name\"",
        "TABLE \"posts\"",
        "VIEW \"authors\"",
        "VIEW \"named\"",
        "TRIGGER \"t\"",
    ];
    assert!(order.map(place).is_sorted(), "{sql}");
    env.write("again.sql", &sql);
    env.run(&["diff", "--from", "schema.sql", "--to", "again.sql", "--exit-code"]).succeeded();
}

#[test]
fn a_snapshot_is_a_source_again() {
    let env = project();
    let run = env.run(&["export", "--from", "schema.sql", "--as", "json", "--out", "schema.json"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", "written: schema.json\n"));
    env.run(&["diff", "--from", "schema.json", "--to", "schema.sql", "--exit-code"]).succeeded();
    env.write("broken.json", &env.read("schema.json").replace("\"tables\"", "\"tabels\""));
    let stderr = env.run(&["export", "--from", "broken.json", "--as", "sql"]).failed(2);
    assert!(stderr.contains("broken.json:1:") && stderr.contains("unknown field `tabels`"), "{stderr}");
    let json = env.run(&["export", "--from", "schema.sql", "--as", "sql", "--json"]).json();
    assert_eq!((json["from"].as_str(), json["form"].as_str()), (Some("schema.sql"), Some("sql")));
    assert!(json["text"].as_str().is_some_and(|text| text.starts_with("CREATE TABLE")));
}
