//! Where settings come from, and what is said when one can't be used: the path that was tried, and from where.

use crate::test_env::TestEnv;

const SCHEMA: &str = "#[derive(Table)]\npub struct User {\n    #[column(primary_key)]\n    pub id: i64,\n}\n";

#[test]
fn without_a_configuration_the_defaults_are_used_and_named() {
    let env = TestEnv::new();
    let stderr = env.run(&["generate"]).failed(2);
    assert_eq!(
        stderr,
        "error: there is no schema at `src/schema.rs` (the default, as there is no seedbed.toml in `<folder>` or above)\n\
         hint: `seedbed init` writes an example; `--schema` names another file\n"
    );
    env.write("src/schema.rs", SCHEMA);
    assert!(env.run(&["generate"]).succeeded().starts_with("migrations/0000_"));
}

#[test]
fn a_wrong_path_says_which_place_named_it() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "dialect = \"sqlite\"\n  schema = \"from/file.rs\"\n");
    let stderr = env.run(&["generate"]).failed(2);
    assert!(stderr.contains("no schema at `from/file.rs` (from `schema` in seedbed.toml:2:12)"), "{stderr}");

    env.write(".env", "# ours\nSEEDBED_SCHEMA=from/dotenv.rs\n");
    let stderr = env.run(&["generate"]).failed(2);
    assert!(stderr.contains("no schema at `from/dotenv.rs` (from `SEEDBED_SCHEMA` in .env:2)"), "{stderr}");

    let variables = [("SEEDBED_SCHEMA", "from/environment.rs")];
    let stderr = env.run_with(".", &variables, &["generate"]).failed(2);
    let expected = "no schema at `from/environment.rs` (from the environment variable `SEEDBED_SCHEMA`)";
    assert!(stderr.contains(expected), "{stderr}");

    let stderr = env.run_with(".", &variables, &["generate", "--schema", "from/flag.rs"]).failed(2);
    assert!(stderr.contains("no schema at `from/flag.rs` (from `--schema`)"), "{stderr}");
}

#[test]
fn a_variable_that_is_empty_counts_as_not_set() {
    let env = TestEnv::new();
    env.write("src/schema.rs", SCHEMA);
    env.run_with(".", &[("SEEDBED_SCHEMA", ""), ("SEEDBED_OUT", "")], &["generate"]).succeeded();
}

/// Probe 56: with Drizzle, a flag makes the configuration file count for nothing.
#[test]
fn flags_and_the_file_combine() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "schema = \"tables.rs\"\nout = \"sql\"\n");
    env.write("tables.rs", SCHEMA);
    assert!(env.run(&["generate", "--out", "elsewhere"]).succeeded().starts_with("elsewhere/0000_"));
}

#[test]
fn paths_in_the_file_are_relative_to_it_and_it_is_found_from_below() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "schema = \"tables.rs\"\nout = \"sql\"\n");
    env.write("tables.rs", SCHEMA);
    env.write("deep/down/here.txt", "");
    env.run_with("deep/down", &[], &["generate"]).succeeded();
    assert!(env.files().iter().any(|file| file.starts_with("sql/0000_")), "{:?}", env.files());
    let named = env.run_with("deep", &[], &["--config", "../seedbed.toml", "generate", "--check"]);
    assert_eq!(named.code, 0, "{}", named.stderr);
    let custom = env.run_with("deep/down", &[], &["generate", "--custom", "--name", "fill"]);
    assert_eq!(custom.succeeded(), "../../sql/0001_fill.sql\n../../sql/0001_fill.down.sql\n");
    let stderr = env.run_with("deep", &[], &["status"]).failed(2);
    assert!(stderr.contains(" ../seedbed.toml does not name one"), "{stderr}");
}

#[test]
fn variables_in_the_file_are_filled_in() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "schema = \"${TABLES:-missing}.rs\"\n");
    env.write("given.rs", SCHEMA);
    assert!(env.run(&["generate"]).failed(2).contains("`missing.rs`"));
    env.write(".env", "TABLES=given\n");
    env.run(&["generate"]).succeeded();
    let real = env.run_with(".", &[("TABLES", "other")], &["generate"]).failed(2);
    assert!(real.contains("`other.rs`"), "the real environment counts before .env: {real}");
}

#[test]
fn a_variable_that_is_not_set_is_asked_for_only_when_it_is_needed() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"${DATABASE}\"\n");
    env.write("src/schema.rs", SCHEMA);
    env.run(&["generate"]).succeeded();
    let stderr = env.run(&["migrate"]).failed(2);
    assert!(stderr.contains("error: the environment variable `DATABASE` is not set"), "{stderr}");
    assert!(stderr.contains("seedbed.toml:1:7"), "{stderr}");
}

#[test]
fn a_wrong_file_is_shown_with_its_line() {
    let env = TestEnv::new();
    for (text, place, message) in [
        ("dialect = \"sqlite\"\nschem = \"a.rs\"\n", "seedbed.toml:2:1", "unknown field `schem`"),
        ("schema = 3\n", "seedbed.toml:1:10", "invalid type: integer `3`, expected a string"),
        ("schema = \"a.rs\nout = \"b\"\n", "seedbed.toml:1:", "invalid basic string"),
        ("dialect = \"oracle\"\n", "seedbed.toml:1:11", "the dialect `oracle` is not one that Seedbed knows"),
        ("sqlite_version = \"four\"\n", "seedbed.toml:1:18", "`four` is no version of SQLite"),
        ("sqlite_version = \"3.8\"\n", "seedbed.toml:1:18", "SQLite 3.8 is older than Seedbed can write for"),
    ] {
        env.write("seedbed.toml", text);
        env.write("src/schema.rs", SCHEMA);
        let stderr = env.run(&["generate", "--check"]).failed(2);
        assert!(stderr.contains(place) && stderr.contains(message), "{text}\n{stderr}");
    }
}

#[test]
fn a_wrong_file_is_json_with_its_place_when_asked_for() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "\n  schem = \"a.rs\"\n");
    let run = env.run(&["generate", "--json"]);
    assert_eq!(run.code, 2);
    let error = run.json()["error"].clone();
    assert_eq!(error["kind"], "config");
    assert_eq!(
        (&error["file"], &error["line"], &error["column"]),
        (&"seedbed.toml".into(), &2.into(), &3.into())
    );
}

#[test]
fn a_configuration_that_is_not_there_says_which_was_tried() {
    let env = TestEnv::new();
    let stderr = env.run(&["generate", "--config", "no/seedbed.toml"]).failed(2);
    assert!(
        stderr.contains("there is no configuration file at `no/seedbed.toml` (from `--config`)"),
        "{stderr}"
    );
    env.write("db/seedbed.toml", "");
    let stderr = env.run(&["generate", "--config", "db"]).failed(2);
    assert!(
        stderr.contains("is a folder") && stderr.contains("--config <folder>/db/seedbed.toml"),
        "{stderr}"
    );
    env.write("src/lib.rs", "");
    let stderr = env.run(&["generate", "--config", "src"]).failed(2);
    assert!(stderr.contains("is a folder") && stderr.contains("hint: name a file"), "{stderr}");
    std::fs::write(env.path("seedbed.toml"), b"\xff").unwrap();
    let stderr = env.run(&["generate"]).failed(2);
    assert!(stderr.contains("cannot read the configuration") && !stderr.contains("hint"), "{stderr}");
}

#[test]
fn a_wrong_env_file_says_its_line() {
    let env = TestEnv::new();
    env.write(".env", "A=1\nnonsense\n");
    let stderr = env.run(&["generate"]).failed(2);
    assert!(
        stderr.starts_with("error: .env:2 can't be used: `nonsense` is not of the form `NAME=value`"),
        "{stderr}"
    );
}

#[test]
fn a_database_that_cannot_be_used_says_why_and_from_where() {
    let env = TestEnv::new();
    env.write("migrations/meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[]}"#);
    let error = |variables: &[(&str, &str)], arguments: &[&str]| {
        env.run_with(".", variables, &[&["migrate"], arguments].concat()).failed(2)
    };
    assert!(error(&[], &[]).contains("no database is given: neither `--url` nor `SEEDBED_URL` is set"));
    let memory = error(&[], &["--url", ":memory:"]);
    assert!(
        memory.contains("`:memory:` (from `--url`)") && memory.contains("gone when the command ends"),
        "{memory}"
    );
    let other = error(&[("SEEDBED_URL", "postgres://localhost/app")], &[]);
    assert!(other.contains("(from the environment variable `SEEDBED_URL`)"), "{other}");
    let lost = error(&[], &["--url", "sqlite:no/such/app.db"]);
    assert!(lost.contains("there is no folder `no/such`"), "{lost}");
    let folder = error(&[], &["--url", "migrations"]);
    assert!(folder.contains("the database `migrations` (from `--url`) is a folder"), "{folder}");
}

#[test]
fn a_schema_that_is_elsewhere_is_looked_for() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "schema = \"src/schema.rs\"\n");
    env.write("src/db/models.rs", SCHEMA);
    env.write("target/debug/build/schema.rs", SCHEMA);
    let stderr = env.run_with("src", &[], &["generate"]).failed(2);
    assert!(
        stderr.ends_with(
            "hint: `db/models.rs` declares tables: pass `--schema db/models.rs`, or write `schema = \"src/db/models.rs\"` \
             in seedbed.toml\n"
        ),
        "{stderr}"
    );
}

#[test]
fn a_way_there_and_back_is_not_shown_unless_it_leads_through_a_link() {
    let env = TestEnv::new();
    env.write("sprout/seedbed.toml", "out = \"sqlite\"\n");
    env.write("sprout/sqlite/meta/_journal.json", r#"{"version":"7","dialect":"sqlite","entries":[]}"#);
    let shown = |url: &str| {
        let arguments = ["status", "--json", "--config", "sprout/seedbed.toml", "--url", url];
        env.run(&arguments).json()["database"].as_str().unwrap().to_owned()
    };
    assert_eq!(shown("sprout/../sprout.db"), "sprout.db");
    assert_eq!(shown("./sprout/.././sprout/app.db"), "sprout/app.db");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(env.path("sprout/sqlite"), env.path("link")).unwrap();
        assert_eq!(shown("link/../app.db"), "link/../app.db");
    }
}
