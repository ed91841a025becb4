//! Making migrations: what is written, what is asked, what is refused, and that refusing writes nothing.

use std::path::PathBuf;

use seedbed::generate::{GenerateErrorKind, GenerateOptions, custom, prepare};
use seedbed::inspect::inspect;
use seedbed::migrate::{Folder, Migrator};
use seedbed::{Connection, params};
use seedbed_schema::diff::Renames;
use seedbed_schema::model::{Schema, View};
use seedbed_schema::plan::Backfill;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Reads a schema from CREATE statements, as they would be declared.
fn schema(script: &str) -> Result<Schema> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(script)?;
    Ok(inspect(connection.rusqlite())?)
}

struct TestFolder(tempfile::TempDir);

impl TestFolder {
    fn new() -> Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn folder(&self) -> Folder {
        Folder::new(self.0.path().join("migrations"))
    }

    fn generate(&self, wanted: &Schema, options: &GenerateOptions) -> Result<Option<String>> {
        let Some(draft) = prepare(&self.folder(), wanted, options)? else { return Ok(None) };
        draft.prove()?;
        draft.write(&self.folder())?;
        Ok(Some(draft.tag))
    }

    fn files(&self) -> Vec<PathBuf> {
        let list =
            |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> = list(self.folder().path().to_owned()).collect();
        files.extend(list(self.folder().path().join("meta")));
        files.sort();
        files
    }

    fn migrated(&self) -> Result<Connection> {
        let mut connection = Connection::open_in_memory()?;
        Migrator::new(self.folder()).run(&mut connection)?;
        Ok(connection)
    }
}

fn default() -> GenerateOptions {
    GenerateOptions { now: 1_700_000_000_000, ..GenerateOptions::default() }
}

#[test]
fn a_second_run_finds_no_change() -> Result {
    let test = TestFolder::new()?;
    let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")?;
    assert_eq!(test.generate(&wanted, &default())?.as_deref(), Some("0000_add_users"));
    let written = test.files();
    assert_eq!(test.generate(&wanted, &default())?, None);
    assert_eq!(test.files(), written);
    Ok(())
}

#[test]
fn an_open_rename_writes_nothing_and_is_answered_by_data() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")?, &default())?;
    let written = test.files();
    let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, full_name TEXT)")?;
    let error = prepare(&test.folder(), &wanted, &default()).unwrap_err();
    let GenerateErrorKind::Open { ambiguities, .. } = error.kind() else { panic!("{error}") };
    assert_eq!(ambiguities[0].flag("name"), "users.name:full_name");
    assert_eq!(test.files(), written);

    let renames = Renames::default().column("users", "name", "full_name");
    let tag = test.generate(&wanted, &GenerateOptions { renames, ..default() })?;
    assert_eq!(tag.as_deref(), Some("0001_rename_name_to_full_name_in_users"));
    Ok(())
}

#[test]
fn a_value_for_the_rows_is_asked_for_and_given_by_a_backfill() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY)")?, &default())?;
    let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL)")?;
    let error = prepare(&test.folder(), &wanted, &default()).unwrap_err();
    assert!(
        matches!(error.kind(), GenerateErrorKind::Open { questions, .. } if questions.len() == 1),
        "{error}"
    );
    let backfill = |column: &str| Backfill {
        table: "users".into(),
        column: column.into(),
        expr: "'none-' || id".into(),
    };
    let wrong = GenerateOptions { backfills: vec![backfill("emial")], ..default() };
    assert!(matches!(
        prepare(&test.folder(), &wanted, &wrong).unwrap_err().kind(),
        GenerateErrorKind::Backfill { .. }
    ));
    let right = GenerateOptions { backfills: vec![backfill("email")], ..default() };
    assert!(test.generate(&wanted, &right)?.is_some());
    Ok(())
}

#[test]
fn what_sqlite_would_refuse_is_never_written() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY)")?, &default())?;
    let written = test.files();
    let mut wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY)")?;
    wanted.views.push(View {
        name: "v".into(),
        definition: "SELECT nick FROM users".into(),
        columns: vec![],
    });
    let error = test.generate(&wanted, &default()).unwrap_err();
    assert!(error.to_string().contains("no such column: nick"), "{error}");
    assert_eq!(test.files(), written);
    Ok(())
}

#[test]
fn a_declared_view_that_loses_what_it_reads_is_a_fault_of_the_schema() -> Result {
    let test = TestFolder::new()?;
    let users = "CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)";
    let view = "CREATE VIEW nicks AS SELECT nick FROM users";
    test.generate(&schema(&format!("{users};{view}"))?, &default())?;
    let written = test.files();
    let mut wanted = schema(&format!("{users};{view}"))?;
    wanted.tables[0].columns.pop();
    let error = test.generate(&wanted, &default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the view `nicks` cannot be read from the declared tables: no such column: nick"
    );
    let error = error.downcast::<seedbed::generate::GenerateError>()?;
    assert_eq!(error.hint().as_deref(), Some("change the view's definition, or keep what it reads"));
    assert!(matches!(error.kind(), GenerateErrorKind::Proof(proof) if proof.is_about_schema()));
    assert_eq!(test.files(), written);
    Ok(())
}

#[test]
fn a_default_that_no_row_could_take_is_a_fault_of_the_schema() -> Result {
    let test = TestFolder::new()?;
    let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT DEFAULT (nope()))")?;
    let error = test.generate(&wanted, &default()).unwrap_err();
    assert_eq!(error.to_string(), "the default of `users.nick` cannot be computed: no such function: nope");
    assert!(test.files().is_empty());

    // One that is there already does not keep the better one out.
    let earlier = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)")?;
    test.generate(&earlier, &default())?;
    let file = test.folder().path().join("0000_add_users.sql");
    let snapshot = test.folder().path().join("meta/0000_snapshot.json");
    std::fs::write(
        &file,
        std::fs::read_to_string(&file)?.replace("\"nick\" TEXT", "\"nick\" TEXT DEFAULT (nope())"),
    )?;
    let text = std::fs::read_to_string(&snapshot)?;
    let with_default =
        text.replace("{\"name\":\"nick\"", "{\"name\":\"nick\",\"default\":{\"expr\":\"nope()\"}");
    assert_ne!(text, with_default);
    std::fs::write(&snapshot, with_default)?;
    assert!(test.generate(&earlier, &default())?.is_some());
    Ok(())
}

#[test]
fn a_view_of_a_custom_migration_that_is_in_the_way_has_a_way_out() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)")?, &default())?;
    let tag = seedbed::generate::custom(&test.folder(), None, 0)?;
    let file = test.folder().path().join(format!("{tag}.sql"));
    std::fs::write(file, "CREATE VIEW nicks AS SELECT nick FROM users;")?;
    let error =
        test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY)")?, &default()).unwrap_err();
    let hint = error.downcast::<seedbed::generate::GenerateError>()?.hint().unwrap_or_default();
    assert!(hint.contains("the view `nicks` was made by hand") && hint.contains("--custom"), "{hint}");
    Ok(())
}

#[test]
fn a_generated_column_that_rows_may_leave_null_is_a_hazard_and_no_refusal() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT)")?, &default())?;
    let loud = "CREATE TABLE users (id INTEGER PRIMARY KEY, nick TEXT, loud TEXT AS (upper(nick)) NOT NULL)";
    let tag = test.generate(&schema(loud)?, &default())?.unwrap_or_default();
    let sql = std::fs::read_to_string(test.folder().path().join(format!("{tag}.sql")))?;
    assert!(sql.contains("-- hazard: may-fail-not-null users.loud"), "{sql}");
    Ok(())
}

#[test]
fn an_edited_file_that_makes_something_else_is_noticed() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY)")?, &default())?;
    let file = test.folder().path().join("0000_add_users.sql");
    std::fs::write(&file, "CREATE TABLE users (id INTEGER PRIMARY KEY, extra TEXT);")?;
    let wanted = schema("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)")?;
    let error = test.generate(&wanted, &default()).unwrap_err().to_string();
    assert!(
        error.starts_with("the migrations folder does not arrive") && error.contains("users.extra"),
        "{error}"
    );
    Ok(())
}

#[test]
fn what_a_custom_migration_makes_is_carried_through_a_rebuild() -> Result {
    let test = TestFolder::new()?;
    test.generate(&schema("CREATE TABLE users (id INTEGER PRIMARY KEY, age TEXT)")?, &default())?;
    let tag = custom(&test.folder(), Some("audit"), 1)?;
    let by_hand = "CREATE TABLE audit (what TEXT); CREATE INDEX by_age ON users (age);
        CREATE TRIGGER log AFTER UPDATE ON users BEGIN INSERT INTO audit VALUES (new.age); END;
        CREATE VIEW ages AS SELECT age FROM users;";
    std::fs::write(test.folder().path().join(format!("{tag}.sql")), by_hand)?;
    test.generate(
        &schema("CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER DEFAULT 3)")?,
        &default(),
    )?;
    let connection = test.migrated()?;
    connection.execute("INSERT INTO users (id) VALUES (1)", params![])?;
    connection.execute("UPDATE users SET age = 4", params![])?;
    let logged: String = connection.query_one("SELECT what FROM audit", params![], |row| row.get(0))?;
    assert_eq!(logged, "4");
    let kept = "SELECT count(*) FROM sqlite_schema WHERE name IN ('by_age', 'ages')";
    assert_eq!(connection.query_one(kept, params![], |row| row.get::<i64>(0))?, 2);
    Ok(())
}

#[test]
fn a_change_in_a_large_schema_is_proved_on_what_it_reaches() -> Result {
    let test = TestFolder::new()?;
    let tables = |extra: &str| {
        let table = |number: usize| {
            let parent = number.saturating_sub(1);
            let extra = if number == 60 { extra } else { "" };
            format!(
                "CREATE TABLE t{number} (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t{parent} (id){extra});"
            )
        };
        schema(&(0..120).map(table).collect::<String>())
    };
    test.generate(&tables("")?, &default())?;
    assert_eq!(
        test.generate(&tables(", note TEXT DEFAULT (1 + 1)")?, &default())?.as_deref(),
        Some("0001_add_note_to_t60")
    );
    let live = inspect(test.migrated()?.rusqlite())?;
    assert!(live.table("t60").is_some_and(|table| table.column("note").is_some()));
    Ok(())
}

#[test]
fn the_way_back_of_every_kind_of_loss_is_proved_too() -> Result {
    let test = TestFolder::new()?;
    let first = "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL, email TEXT NOT NULL UNIQUE);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), size INTEGER NOT NULL CHECK (size > 9))";
    test.generate(&schema(first)?, &default())?;
    let then =
        "CREATE TABLE users (id TEXT PRIMARY KEY NOT NULL); CREATE TABLE posts (id INTEGER PRIMARY KEY)";
    test.generate(&schema(then)?, &default())?;
    let down = std::fs::read_to_string(
        test.files()
            .iter()
            .find(|file| file.ends_with("0001_drop_email_from_users_and_2_more.down.sql"))
            .unwrap(),
    )?;
    assert!(
        down.contains("cannot-restore posts.user_id") && down.contains("placeholder users.email"),
        "{down}"
    );
    Ok(())
}

#[test]
fn names_that_differ_in_case_only_are_no_change() -> Result {
    let test = TestFolder::new()?;
    let first =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX by_name ON users (name);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))";
    test.generate(&schema(first)?, &default())?;
    let then = "CREATE TABLE Users (ID INTEGER PRIMARY KEY, Name TEXT); CREATE INDEX By_Name ON Users (NAME);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES USERS (Id))";
    assert_eq!(test.generate(&schema(then)?, &default())?, None);
    let changed = then.replace("Name TEXT", "Name TEXT DEFAULT (1 + 1), Age INTEGER");
    let renames = Renames::default().table("users", "Users").column("Users", "name", "Name");
    assert!(test.generate(&schema(&changed)?, &GenerateOptions { renames, ..default() })?.is_some());
    assert_eq!(test.generate(&schema(&changed)?, &default())?, None);
    Ok(())
}
