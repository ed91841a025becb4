//! Five migrations on rows and back again, step by step and at once: every value is as it was at each stage.

use seedbed::rusqlite::{self, Connection};

use crate::test_env::TestEnv;

const USERS: &str = "#[derive(Table)]\n#[table(name = \"users\")]\nstruct User {\n    \
    #[column(primary_key, autoincrement)]\n    id: i64,\n    name: String,\n    nickname: String,\n    age: String,\n}\n";
const TAGS: &str = "#[derive(Table)]\n#[table(name = \"tags\", without_rowid)]\nstruct Tag {\n    \
    #[column(primary_key)]\n    code: String,\n    label: String,\n}\n";
const NOTES: &str = "#[derive(Table)]\n#[table(name = \"notes\")]\nstruct Note {\n    \
    #[column(primary_key)]\n    slug: String,\n    text: Option<String>,\n}\n";

/// Values that a cast or a drop would lose: numbers that read otherwise, a counter ahead of its rows, rowids with holes.
const ROWS: &str =
    "INSERT INTO users (id, name, nickname, age) VALUES (1, 'ada', 'a', '007'), (5, 'bob', '', 'old');
    INSERT INTO users (id, name, nickname, age) VALUES (9, 'eve', 'e', '3'); DELETE FROM users WHERE id = 9;
    INSERT INTO tags VALUES ('010', 'ten'), ('2', 'two'), ('03', 'three');
    INSERT INTO notes (rowid, slug, text) VALUES (40, 'b', NULL), (7, 'a', 'x');";

/// The schemas behind the first migration, each with what `generate` must be told.
fn stages() -> Vec<(&'static str, String, &'static [&'static str])> {
    let friendly = USERS.replace("    nickname: String,\n", "");
    let counted = friendly.replace("age: String", "age: i64");
    let numbered = TAGS.replace("code: String", "code: i64");
    let people = counted.replace("\"users\"", "\"people\"").replace("    name: String,\n", "");
    let keyless = "#[derive(Table)]\n#[table(name = \"tags\")]\nstruct Tag {\n    #[column(primary_key)]\n    id: i64,\n    label: String,\n}\n";
    vec![
        ("drop_nickname", format!("{friendly}{TAGS}{NOTES}"), &[]),
        ("cast", format!("{counted}{numbered}{NOTES}"), &[]),
        ("drop_notes", format!("{counted}{numbered}"), &[]),
        ("people", format!("{people}{numbered}"), &["--rename", "users:people"]),
        ("ids", format!("{people}{keyless}"), &["--no-renames"]),
    ]
}

/// Every table with every value, its type and its rowid, and the counters.
fn contents(env: &TestEnv) -> String {
    let connection = Connection::open(env.path("app.db")).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut select = connection.prepare(sql).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let mut contents = String::new();
    for table in texts(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_\\_seedbed%' ESCAPE '\\' ORDER BY name",
    ) {
        let columns = texts(&format!(
            "SELECT 'typeof(\"' || name || '\") || quote(\"' || name || '\")' FROM pragma_table_info('{table}')"
        ));
        let has_rowid = !table.starts_with("sqlite_")
            && connection.prepare(&format!("SELECT rowid FROM \"{table}\"")).is_ok();
        let rowid = if has_rowid { "rowid" } else { "''" };
        let values = columns.join(" || ' ' || ");
        let rows = texts(&format!("SELECT {rowid} || ': ' || {values} FROM \"{table}\" ORDER BY 1"));
        contents.push_str(&format!("{table}\n{}\n", rows.join("\n")));
    }
    contents
}

#[test]
fn every_value_is_back_at_every_stage() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\n");
    env.write("src/schema.rs", &format!("{USERS}{TAGS}{NOTES}"));
    env.run(&["generate", "--name", "first"]).succeeded();
    env.run(&["migrate"]).succeeded();
    Connection::open(env.path("app.db")).unwrap().execute_batch(ROWS).unwrap();
    let mut seen = vec![contents(&env)];
    for (name, schema, told) in stages() {
        env.write("src/schema.rs", &schema);
        env.run(&[&["generate", "--name", name], told].concat()).succeeded();
        env.run(&["migrate", "--no-backup"]).succeeded();
        let now = contents(&env);
        assert_ne!(Some(&now), seen.last(), "{name} changes nothing");
        seen.push(now);
    }
    let newest = seen.len() - 1;
    for stage in (0..newest).rev() {
        env.run(&["rollback", "--no-backup"]).succeeded();
        assert_eq!(contents(&env), seen[stage], "one step back to {stage}");
    }
    assert_eq!(env.run(&["kept"]).succeeded(), "", "what is back is kept no longer");
    env.run(&["migrate", "--no-backup"]).succeeded();
    assert_eq!(contents(&env), seen[newest], "forward once more");
    env.run(&["rollback", "--to", "0000_first", "--no-backup"]).succeeded();
    assert_eq!(contents(&env), seen[0], "back at once");
    for (stage, expected) in seen.iter().enumerate().skip(1) {
        env.run(&["migrate", "--to", &stage.to_string(), "--no-backup"]).succeeded();
        assert_eq!(&contents(&env), expected, "forward to {stage}");
    }
}
