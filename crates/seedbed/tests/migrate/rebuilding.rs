//! Rebuilds of tables with rows in them and in the tables around them: rows 6 to 9, 13, 14, 32, 33 and 42 of the
//! probe table.

use crate::support::{Project, after, attempt, failure_kind, memory, offending, one, refused, rows};
use seedbed::Connection;
use seedbed::migrate::FailureKind;

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\n\
    INSERT INTO users VALUES (1, 'ann', 30), (2, 'bob', 40), (7, 'cid', NULL);\n";

/// Makes `name` NOT NULL, as `generate` writes it.
const REBUILD: &str = "-- rebuild \"users\": column \"name\" becomes NOT NULL\n\
    -- seedbed: rebuild \"users\"\n\
    CREATE TABLE \"__seedbed_new_users\" (\n  \"id\" INTEGER PRIMARY KEY,\n  \"name\" TEXT NOT NULL,\n  \"age\" INTEGER\n);\n\
    --> statement-breakpoint\n\
    INSERT INTO \"__seedbed_new_users\" (\"id\", \"name\", \"age\") SELECT \"id\", \"name\", \"age\" FROM \"users\";\n\
    --> statement-breakpoint\n\
    DROP TABLE \"users\";\n\
    --> statement-breakpoint\n\
    ALTER TABLE \"__seedbed_new_users\" RENAME TO \"users\";\n";

/// The same as drizzle-kit writes it.
const DRIZZLE_REBUILD: &str = "PRAGMA foreign_keys=OFF;--> statement-breakpoint\n\
    CREATE TABLE `__new_users` (\n\t`id` integer PRIMARY KEY,\n\t`name` text NOT NULL,\n\t`age` integer\n);\n\
    --> statement-breakpoint\n\
    INSERT INTO `__new_users`(\"id\", \"name\", \"age\") SELECT \"id\", \"name\", \"age\" FROM `users`;--> statement-breakpoint\n\
    DROP TABLE `users`;--> statement-breakpoint\n\
    ALTER TABLE `__new_users` RENAME TO `users`;--> statement-breakpoint\n\
    PRAGMA foreign_keys=ON;";

fn children(action: &str) -> String {
    format!(
        "{USERS}CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER DEFAULT 2 REFERENCES users (id) {action});\n\
         INSERT INTO posts VALUES (10, 1), (11, 2), (12, 7), (13, NULL);\n"
    )
}

fn assert_users_and_posts(connection: &Connection) {
    assert_eq!(rows(connection, "SELECT * FROM users"), ["1|ann|30", "2|bob|40", "7|cid|NULL"]);
    assert_eq!(rows(connection, "SELECT * FROM posts"), ["10|1", "11|2", "12|7", "13|NULL"]);
    assert!(rows(connection, "PRAGMA foreign_key_check").is_empty());
    assert_eq!(
        rows(connection, "SELECT \"table\", \"from\" FROM pragma_foreign_key_list('posts')"),
        ["users|user_id"]
    );
    assert!(one::<bool>(connection, "PRAGMA foreign_keys"));
}

#[test]
fn children_keep_their_rows_whatever_their_action_is() {
    for action in [
        "",
        "ON DELETE NO ACTION",
        "ON DELETE CASCADE",
        "ON DELETE SET NULL",
        "ON DELETE SET DEFAULT",
        "ON DELETE RESTRICT",
        "DEFERRABLE INITIALLY DEFERRED",
    ] {
        for script in [REBUILD, DRIZZLE_REBUILD] {
            let connection = after(&children(action), script);
            assert_users_and_posts(&connection);
            let error = connection.execute("INSERT INTO users (id) VALUES (9)", &[]).unwrap_err();
            assert!(error.is_not_null_violation(), "{error}");
        }
    }
}

#[test]
fn the_actions_of_children_still_work_afterwards() {
    let connection = after(&children("ON DELETE CASCADE"), REBUILD);
    connection.execute("DELETE FROM users WHERE id = 1", &[]).unwrap();
    assert_eq!(rows(&connection, "SELECT id FROM posts"), ["11", "12", "13"]);
    let error = connection.execute("INSERT INTO posts VALUES (20, 99)", &[]).unwrap_err();
    assert!(error.is_foreign_key_violation(), "{error}");
}

#[test]
fn a_table_that_refers_to_itself_keeps_its_rows() {
    for action in ["", "ON DELETE CASCADE", "ON DELETE SET NULL"] {
        let setup = format!(
            "CREATE TABLE nodes (id INTEGER PRIMARY KEY, title TEXT, parent_id INTEGER REFERENCES nodes (id) {action});\n\
             INSERT INTO nodes VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2);"
        );
        let script = format!(
            "CREATE TABLE \"__seedbed_new_nodes\" (id INTEGER PRIMARY KEY, title TEXT NOT NULL, \
             parent_id INTEGER REFERENCES \"nodes\" (\"id\") {action});\n\
             INSERT INTO \"__seedbed_new_nodes\" (id, title, parent_id) SELECT id, title, parent_id FROM nodes;\n\
             DROP TABLE nodes;\nALTER TABLE \"__seedbed_new_nodes\" RENAME TO \"nodes\";"
        );
        let connection = after(&setup, &script);
        assert_eq!(rows(&connection, "SELECT * FROM nodes"), ["1|a|NULL", "2|b|1", "3|c|2"]);
        assert_eq!(rows(&connection, "SELECT \"table\" FROM pragma_foreign_key_list('nodes')"), ["nodes"]);
        assert!(rows(&connection, "PRAGMA foreign_key_check").is_empty());
    }
}

#[test]
fn the_callers_pragmas_make_no_difference_and_come_back() {
    for state in 0..32_u32 {
        let on = |bit: u32| u8::from(state & (1 << bit) != 0);
        let setup = children("ON DELETE CASCADE");
        let mut connection = memory(&setup);
        let pragmas = format!(
            "PRAGMA foreign_keys = {}; PRAGMA legacy_alter_table = {}; PRAGMA recursive_triggers = {};\n\
             PRAGMA ignore_check_constraints = {}; PRAGMA query_only = {};",
            on(0),
            on(1),
            on(2),
            on(3),
            on(4)
        );
        connection.execute_batch(&pragmas).unwrap();
        let project = Project::new(&[("0000_rebuild", REBUILD)]);
        project.run(&mut connection).unwrap();
        let after: Vec<u8> = [
            "foreign_keys",
            "legacy_alter_table",
            "recursive_triggers",
            "ignore_check_constraints",
            "query_only",
        ]
        .iter()
        .map(|pragma| one(&connection, &format!("PRAGMA {pragma}")))
        .collect();
        assert_eq!(after, [on(0), on(1), on(2), on(3), on(4)]);
        connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA query_only = OFF").unwrap();
        assert_users_and_posts(&connection);
    }
}

#[test]
fn an_open_transaction_of_the_caller_is_refused_and_left_open() {
    let project = Project::new(&[("0000_rebuild", REBUILD)]);
    let mut connection = memory(USERS);
    connection.execute_batch("BEGIN; DELETE FROM users WHERE id = 1").unwrap();
    let error = project.run(&mut connection).unwrap_err();
    assert!(error.to_string().contains("open transaction"), "{error}");
    assert!(!connection.rusqlite().is_autocommit());
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM users"), 3);
}

#[test]
fn a_column_that_nobody_declared_stops_the_rebuild() {
    let setup = format!("{USERS}ALTER TABLE users ADD COLUMN nick TEXT; UPDATE users SET nick = 'x';");
    let error = refused(&setup, REBUILD);
    assert_eq!(failure_kind(&error), FailureKind::UndeclaredColumn);
    assert!(
        error.to_string().contains("column `users.nick` is in the database but nobody declared it"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("ALTER TABLE \"users\" DROP COLUMN \"nick\""));

    let error =
        refused(USERS, &REBUILD.replace(", \"age\") SELECT", ") SELECT").replace(", \"age\" FROM", " FROM"));
    assert_eq!(failure_kind(&error), FailureKind::UndeclaredColumn);
    assert!(
        error.to_string().contains("`users.age` is in both tables, but its values are not copied"),
        "{error}"
    );

    let generated = format!("{USERS}ALTER TABLE users ADD COLUMN twice INTEGER AS (age * 2);");
    assert_eq!(failure_kind(&refused(&generated, REBUILD)), FailureKind::UndeclaredColumn);
}

#[test]
fn a_column_that_the_file_drops_by_name_may_go() {
    let setup = format!(
        "{USERS}ALTER TABLE users ADD COLUMN \"Nick\" TEXT; ALTER TABLE users ADD COLUMN twice AS (age * 2);"
    );
    let script = REBUILD.replace("rebuild \"users\"\n", "rebuild \"users\" drops \"nick\", \"twice\"\n");
    let connection = after(&setup, &script);
    assert_eq!(rows(&connection, "SELECT name FROM pragma_table_xinfo('users')"), ["id", "name", "age"]);
}

#[test]
fn a_generated_column_is_computed_again_not_copied() {
    let setup = format!("{USERS}ALTER TABLE users ADD COLUMN twice INTEGER AS (age * 2);");
    let script =
        REBUILD.replace("\"age\" INTEGER\n)", "\"age\" INTEGER,\n  \"twice\" INTEGER AS (age * 2) STORED\n)");
    let connection = after(&setup, &script);
    assert_eq!(rows(&connection, "SELECT twice FROM users"), ["60", "80", "NULL"]);

    // A column that becomes a generated one, and a generated one that becomes a column.
    let setup = format!("{USERS}ALTER TABLE users ADD COLUMN twice INTEGER DEFAULT 5;");
    let connection = after(&setup, &script);
    assert_eq!(rows(&connection, "SELECT twice FROM users"), ["60", "80", "NULL"]);
    let setup = format!("{USERS}ALTER TABLE users ADD COLUMN twice INTEGER AS (age * 2);");
    let connection = after(&setup, &script.replace(" AS (age * 2) STORED", ""));
    assert_eq!(rows(&connection, "SELECT twice FROM users"), ["NULL", "NULL", "NULL"]);
}

#[test]
fn a_column_that_somebody_dropped_by_hand_is_named() {
    let error = refused(&format!("{USERS}ALTER TABLE users DROP COLUMN age;"), REBUILD);
    assert!(
        error.to_string().contains("line 9: no such column: \"age\"")
            || error.to_string().contains("no such column: age"),
        "{error}"
    );
}

#[test]
fn the_counter_of_autoincrement_is_not_lowered() {
    let setup = "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT);\n\
        INSERT INTO t (a) VALUES ('x'), ('y'), ('z'); DELETE FROM t WHERE id = 3;";
    let script = "CREATE TABLE \"__seedbed_new_t\" (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL);\n\
        INSERT INTO \"__seedbed_new_t\" (id, a) SELECT id, a FROM t;\nDROP TABLE t;\n\
        ALTER TABLE \"__seedbed_new_t\" RENAME TO \"t\";";
    let connection = after(setup, script);
    assert_eq!(rows(&connection, "SELECT * FROM sqlite_sequence"), ["t|3"]);
    connection.execute("INSERT INTO t (a) VALUES ('new')", &[]).unwrap();
    assert_eq!(rows(&connection, "SELECT id FROM t"), ["1", "2", "4"]);

    // All rows deleted: the new table has no counter of its own yet.
    let connection = after(&format!("{setup} DELETE FROM t;"), script);
    assert_eq!(rows(&connection, "SELECT * FROM sqlite_sequence"), ["t|3"]);

    // A table that is AUTOINCREMENT no longer has no counter.
    let connection = after(setup, &script.replace(" AUTOINCREMENT", ""));
    assert!(rows(&connection, "SELECT * FROM sqlite_sequence").is_empty());
}

#[test]
fn a_copy_that_leaves_rows_behind_is_stopped() {
    let error = refused(
        &children("ON DELETE CASCADE"),
        &REBUILD.replace("FROM \"users\"", "FROM \"users\" WHERE id < 5"),
    );
    assert_eq!(failure_kind(&error), FailureKind::RowCount);
    assert!(
        error
            .to_string()
            .contains("`users` has 3 rows, but `__seedbed_new_users`, which is to take its place, has 2"),
        "{error}"
    );

    let script = format!("DELETE FROM posts WHERE user_id = 7; DELETE FROM users WHERE id = 7;\n{REBUILD}");
    let connection = after(&children("ON DELETE CASCADE"), &script);
    assert_eq!(rows(&connection, "SELECT id FROM users"), ["1", "2"]);
    assert_eq!(rows(&connection, "SELECT id FROM posts"), ["10", "11", "13"]);
}

#[test]
fn rows_that_a_trigger_deletes_from_a_child_are_missed() {
    let setup = format!(
        "{}CREATE TABLE log (x); CREATE TRIGGER wipe AFTER INSERT ON log BEGIN DELETE FROM posts; END;",
        children("")
    );
    let script = format!("{REBUILD}INSERT INTO log VALUES (1);");
    let error = refused(&setup, &script);
    assert_eq!(failure_kind(&error), FailureKind::RowCount);
    assert!(error.to_string().contains("`posts` would have 0 rows instead of 4"), "{error}");

    let connection = after(&setup, &format!("-- seedbed: triggers-off\n{script}"));
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM posts"), 4);
    connection.execute("INSERT INTO log VALUES (2)", &[]).unwrap();
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM posts"), 0);
}

#[test]
fn names_change_before_the_rebuild() {
    let script = format!(
        "ALTER TABLE \"people\" RENAME TO \"users\";\nALTER TABLE \"users\" RENAME COLUMN \"full_name\" TO \"name\";\n{REBUILD}"
    );
    let setup = children("ON DELETE CASCADE").replace("users", "people").replace("name", "full_name");
    let connection = after(&setup, &script);
    assert_users_and_posts(&connection);
}

#[test]
fn parents_and_children_can_be_dropped_in_any_order() {
    for script in ["DROP TABLE users; DROP TABLE posts;", "DROP TABLE posts; DROP TABLE users;"] {
        let connection = after(&children("ON DELETE RESTRICT"), script);
        assert!(
            rows(&connection, "SELECT name FROM sqlite_schema WHERE name IN ('users', 'posts')").is_empty()
        );
    }
}

#[test]
fn a_parent_can_be_dropped_with_the_reference_of_its_child() {
    let script = "DROP TABLE \"users\";\n\
        CREATE TABLE \"__seedbed_new_posts\" (\"id\" INTEGER PRIMARY KEY, \"user_id\" INTEGER);\n\
        INSERT INTO \"__seedbed_new_posts\" (\"id\", \"user_id\") SELECT \"id\", \"user_id\" FROM \"posts\";\n\
        DROP TABLE \"posts\";\nALTER TABLE \"__seedbed_new_posts\" RENAME TO \"posts\";";
    for action in ["", "ON DELETE CASCADE", "ON DELETE SET NULL"] {
        let connection = after(&children(action), script);
        assert_eq!(rows(&connection, "SELECT * FROM posts"), ["10|1", "11|2", "12|7", "13|NULL"]);
    }
}

#[test]
fn a_parent_that_children_still_need_cannot_be_dropped() {
    let error = refused(&children("ON DELETE CASCADE"), "DROP TABLE users;");
    assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
    assert!(error.to_string().contains("`posts.user_id`: 3 rows of `posts`"), "{error}");
    assert_eq!(offending(&error), ["id = 10, user_id = 1", "id = 11, user_id = 2", "id = 12, user_id = 7"]);
}

#[test]
fn rows_that_referred_to_nothing_before_do_not_block() {
    let setup = format!(
        "{}PRAGMA foreign_keys = OFF; INSERT INTO posts VALUES (20, 99), (21, 99); PRAGMA foreign_keys = ON;",
        children("ON DELETE CASCADE")
    );
    let connection = after(&setup, REBUILD);
    assert_eq!(rows(&connection, "SELECT rowid FROM pragma_foreign_key_check"), ["20", "21"]);

    // One more is one too many, and it alone is named.
    let error = refused(&setup, &format!("{REBUILD}DELETE FROM users WHERE id = 2;"));
    assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
    assert_eq!(offending(&error), ["id = 11, user_id = 2"]);
    let error = refused(&setup, &format!("{REBUILD}INSERT INTO posts VALUES (30, 99);"));
    assert!(error.to_string().contains("1 row of `posts`"), "{error}");

    // The rebuild of the child itself, under a new name for table and column.
    let script = "ALTER TABLE posts RENAME TO notes; ALTER TABLE notes RENAME COLUMN user_id TO author;\n\
        CREATE TABLE \"__seedbed_new_notes\" (id INTEGER PRIMARY KEY, author TEXT REFERENCES users (id));\n\
        INSERT INTO \"__seedbed_new_notes\" (id, author) SELECT id, CAST(author AS TEXT) FROM notes;\n\
        DROP TABLE notes; ALTER TABLE \"__seedbed_new_notes\" RENAME TO \"notes\";";
    let connection = after(&setup, script);
    assert_eq!(one::<i64>(&connection, "SELECT count(*) FROM notes"), 6);
}

#[test]
fn orphans_of_a_table_without_rowid_are_named() {
    let setup = "CREATE TABLE p (id TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID; INSERT INTO p VALUES ('a'), ('b');\n\
        CREATE TABLE c (k TEXT PRIMARY KEY NOT NULL, p_id TEXT REFERENCES p) WITHOUT ROWID;\n\
        INSERT INTO c VALUES ('x', 'a'), ('y', 'b');";
    let script = "CREATE TABLE n (id TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;\n\
        INSERT INTO n (id) SELECT upper(id) FROM p;\nDROP TABLE p;\nALTER TABLE n RENAME TO p;";
    let error = refused(setup, script);
    assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
    assert_eq!(offending(&error), ["k = 'x', p_id = 'a'", "k = 'y', p_id = 'b'"]);
}

#[test]
fn a_parent_that_loses_its_key_is_refused() {
    let setup = "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO p VALUES (1, 'a');\n\
        CREATE TABLE c (code TEXT REFERENCES p (code)); INSERT INTO c VALUES ('a');";
    let script = "CREATE TABLE n (id INTEGER PRIMARY KEY, code TEXT);\n\
        INSERT INTO n (id, code) SELECT id, code FROM p; DROP TABLE p; ALTER TABLE n RENAME TO p;";
    let error = refused(setup, script);
    assert_eq!(failure_kind(&error), FailureKind::ForeignKey);
    assert!(error.to_string().contains("foreign key mismatch"), "{error}");
    assert!(error.hint().unwrap().contains("UNIQUE"));

    let setup = "CREATE TABLE p (code TEXT); CREATE UNIQUE INDEX i ON p (code); CREATE TABLE c (code TEXT REFERENCES p (code));";
    assert_eq!(failure_kind(&refused(setup, "DROP INDEX i;")), FailureKind::ForeignKey);
}

#[test]
fn rowids_strictness_and_collations_are_what_the_script_says() {
    let setup = "CREATE TABLE t (a TEXT COLLATE NOCASE) STRICT; INSERT INTO t (rowid, a) VALUES (5, 'X');";
    let script = "CREATE TABLE n (a TEXT COLLATE NOCASE, b TEXT) STRICT; \
        INSERT INTO n (rowid, a) SELECT rowid, a FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t;";
    let connection = after(setup, script);
    assert_eq!(rows(&connection, "SELECT rowid, a FROM t WHERE a = 'x'"), ["5|X"]);
    assert!(one::<bool>(&connection, "SELECT strict FROM pragma_table_list WHERE name = 't'"));
}

#[test]
fn two_tables_that_refer_to_each_other_are_rebuilt_together() {
    let setup = "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id) ON DELETE CASCADE);\n\
        CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id) ON DELETE CASCADE);\n\
        PRAGMA foreign_keys = OFF; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); PRAGMA foreign_keys = ON;";
    let rebuild = |table: &str, other: &str| {
        format!(
            "CREATE TABLE \"__seedbed_new_{table}\" (id INTEGER PRIMARY KEY, {other}_id INTEGER NOT NULL \
             REFERENCES {other} (id) ON DELETE CASCADE);\nINSERT INTO \"__seedbed_new_{table}\" (id, {other}_id) \
             SELECT id, {other}_id FROM {table};\nDROP TABLE {table};\n\
             ALTER TABLE \"__seedbed_new_{table}\" RENAME TO {table};\n"
        )
    };
    let connection = after(setup, &format!("{}{}", rebuild("a", "b"), rebuild("b", "a")));
    assert_eq!(rows(&connection, "SELECT * FROM a, b"), ["1|1|1|1"]);
    assert!(rows(&connection, "PRAGMA foreign_key_check").is_empty());
}

#[test]
fn what_the_report_says_happened() {
    let setup = format!("{USERS}CREATE INDEX by_hand ON users (age);");
    let (_, outcome) = attempt(&setup, REBUILD);
    let report = outcome.unwrap();
    let [migration] = report.migrations.as_slice() else { panic!("{report:?}") };
    assert_eq!((migration.tag.as_str(), migration.statements), ("0000_change", 4));
    assert!(migration.in_transaction && migration.hazards.is_empty());
    assert_eq!(migration.restored, ["index by_hand"]);
}
