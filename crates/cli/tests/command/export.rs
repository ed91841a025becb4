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

#[test]
fn rust_says_what_structs_can_and_names_the_rest() {
    let env = project();
    let run = env.run(&["export", "--from", "schema.sql", "--as", "rust", "--out", "schema.rs"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.stderr, "left out: the trigger `t`: a struct declares no triggers\nwritten: schema.rs\n");
    let text = env.read("schema.rs");
    assert!(text.starts_with("//! The tables of `schema.sql`, as `seedbed export` wrote them.\n"), "{text}");
    assert!(
        text.contains("pub struct Author {\n    pub id: Option<i64>,"),
        "the view's columns are asked: {text}"
    );
    env.run(&["diff", "--from", "schema.sql", "--to", "schema.rs", "--exit-code"]).succeeded();

    env.write("odd.sql", "CREATE TABLE logs (at TEXT NOT NULL UNIQUE ON CONFLICT REPLACE);\nCREATE VIRTUAL TABLE found USING fts5(text);");
    for (form, kinds) in
        [("rust", vec!["clause", "virtual table"]), ("sql", vec!["clause"]), ("json", vec![])]
    {
        let json = env.run(&["export", "--from", "odd.sql", "--as", form, "--json"]).json();
        let left_out = json["left_out"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert_eq!(left_out.iter().filter_map(|it| it["kind"].as_str()).collect::<Vec<_>>(), kinds, "{json}");
    }
}

#[test]
fn diagrams_show_every_table_and_every_foreign_key() {
    let env = project();
    env.write("more.sql", "CREATE TABLE \"a<b>\" (id INTEGER PRIMARY KEY, up INT REFERENCES \"a<b>\", away INT UNIQUE REFERENCES gone (id));");
    let export = |from: &str, form: &str| env.run(&["export", "--from", from, "--as", form]).succeeded();

    let mermaid = export("schema.sql", "mermaid");
    assert!(
        mermaid
            .starts_with("erDiagram\n    \"posts\" {\n        INTEGER id PK\n        INT author FK\n    }\n"),
        "{mermaid}"
    );
    assert!(mermaid.contains("        TEXT full_name UK \"full name, NULL\"\n"), "{mermaid}");
    assert!(mermaid.ends_with("    \"users\" ||--o{ \"posts\" : \"author\"\n"), "{mermaid}");
    let mermaid = export("more.sql", "mermaid");
    assert!(
        mermaid.contains("\"a‹b›\" |o--o{ \"a‹b›\" : \"up\"\n    \"gone\" |o--o| \"a‹b›\" : \"away\"\n"),
        "{mermaid}"
    );

    let dot = export("schema.sql", "dot");
    assert!(
        dot.contains("\"users\":r0:e -> \"posts\":l1:w [arrowtail=\"teetee\", arrowhead=\"crowodot\""),
        "{dot}"
    );
    assert!(export("more.sql", "dot").contains("<b>a&lt;b&gt;</b>"));

    let svg = export("schema.sql", "svg");
    assert!(svg.contains("<title id=\"title\">The tables of schema.sql</title>"), "{svg}");
    assert!(svg.contains("<title>posts.author → users.id, ON DELETE CASCADE</title>"), "{svg}");
    let svg = export("more.sql", "svg");
    for title in [
        "table a&lt;b&gt;",
        "gone (not in the schema)",
        "a&lt;b&gt;.up → a&lt;b&gt;.id",
        "a&lt;b&gt;.away → gone.id",
    ] {
        assert!(svg.contains(&format!("<title>{title}</title>")), "{title} in {svg}");
    }
    assert!(export("empty", "svg").contains("0 tables, 0 foreign keys"));
}
