//! `seedbed adopt` on folders and databases that drizzle-kit made, see drizzle/README.md.

use std::fs;
use std::path::Path;

use seedbed::Connection;

use crate::test_env::TestEnv;

/// What Drizzle's migrators make first.
const HISTORY_0_31: &str =
    "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);";

fn drizzle(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/drizzle").join(name)
}

/// A project with a folder that drizzle-kit wrote.
fn project(folder: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\nout = \"drizzle\"\n");
    copy(&drizzle(folder), &env.path("drizzle"));
    env
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

fn database(env: &TestEnv) -> Connection {
    Connection::open(env.path("app.db")).unwrap()
}

/// The shop's database after two migrations, with a customer who has ordered.
fn shop(folder: &str) -> TestEnv {
    let env = project(folder);
    let connection = database(&env);
    connection.execute_batch(&fs::read_to_string(drizzle(&format!("{folder}.dump"))).unwrap()).unwrap();
    connection
        .execute_batch(
            "INSERT INTO customers (email) VALUES ('ada@example.org'); INSERT INTO products VALUES ('C3', 'Cheese', 9, 5);
             INSERT INTO orders (id, customer_id) VALUES (1, 1); INSERT INTO order_lines (order_id, sku) VALUES (1, 'C3')",
        )
        .unwrap();
    env
}

/// Every verb goes on with a database that was taken over, and no row is lost.
fn goes_on(env: &TestEnv) {
    env.run(&["generate", "--check"]).succeeded();
    assert_eq!(env.run(&["migrate"]).succeeded(), "0002_first_products\n0003_channels\n");
    env.run(&["status"]).succeeded();
    env.run(&["check"]).succeeded();
    let lines = database(env).query_one(
        "SELECT count(*) FROM order_lines JOIN orders ON channel = 'web'",
        &[],
        |row| row.get::<i64>(0),
    );
    assert_eq!(lines.unwrap(), 1);
    let products = database(env).query_one("SELECT count(*) FROM products", &[], |row| row.get::<i64>(0));
    assert_eq!(products.unwrap(), 3);

    let text = env.read("src/schema.rs").replace("pub note:", "pub gift: Option<String>,\n    pub note:");
    env.write("src/schema.rs", &text);
    let written = env.run(&["generate"]).succeeded();
    assert_eq!(written, "drizzle/0004_add_gift_to_orders.sql\ndrizzle/0004_add_gift_to_orders.down.sql\n");
    assert_eq!(env.read("drizzle/0004_add_gift_to_orders.sql").matches("ALTER TABLE").count(), 1);
    env.run(&["migrate"]).succeeded();
    env.run(&["status"]).succeeded();
    env.run(&["rollback"]).succeeded();
    let stderr = env.run(&["rollback"]).failed(1);
    assert!(stderr.contains("0003_channels"), "{stderr}");
}

#[test]
fn a_project_of_drizzle_kit_0_31_is_taken_over_in_place() {
    let env = shop("shop-0.31");
    assert!(env.run(&["migrate"]).failed(1).contains("seedbed adopt"));
    let run = env.run(&["adopt"]);
    assert!(run.stderr.contains("adopted: the database is as after 0001_orders"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "0000_customers_and_products\n0001_orders\n");
    assert!(env.read("src/schema.rs").contains("    #[column(unique)]\n    pub email: String,"));
    goes_on(&env);
}

#[test]
fn a_project_of_drizzle_kit_1_0_is_taken_over_in_place() {
    let env = shop("shop-1.0");
    let stderr = env.run(&["check"]).failed(2);
    assert!(stderr.contains("written by drizzle-kit 1.0") && stderr.contains("`seedbed adopt`"), "{stderr}");
    let run = env.run(&["adopt"]);
    assert!(run.stderr.contains("the directories stay, and nothing reads them any more"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "0000_customers_and_products\n0001_orders\n");
    // The UNIQUE inside the table stays what it is, so nothing is rebuilt for it.
    assert!(env.read("src/schema.rs").contains("#[table(unique_constraint(columns(email)))]"));
    let theirs = "drizzle/20261126065215_orders/migration.sql";
    assert_eq!(env.read("drizzle/0001_orders.sql"), env.read(theirs));
    assert!(env.read("drizzle/meta/_journal.json").contains("1795675935000"));
    assert!(env.run(&["adopt"]).failed(1).contains("taken over already"));
    goes_on(&env);
}

#[test]
fn the_history_of_the_original_sprout_is_taken_over() {
    let env = project("sprout-0.31");
    let connection = database(&env);
    let journal: serde_json::Value = serde_json::from_str(&env.read("drizzle/meta/_journal.json")).unwrap();
    connection.execute_batch(HISTORY_0_31).unwrap();
    for entry in journal["entries"].as_array().unwrap() {
        let sql = env.read(&format!("drizzle/{}.sql", entry["tag"].as_str().unwrap()));
        connection.execute_batch(&sql).unwrap();
        let row =
            format!("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', {})", entry["when"]);
        connection.execute_batch(&row).unwrap();
    }
    let run = env.run(&["adopt", "--json"]).json();
    assert_eq!(run["migrations"].as_array().unwrap().len(), 4);
    assert_eq!(run["schema"], "src/schema.rs");
    assert_eq!(env.read("src/schema.rs").matches("#[derive(Debug, Clone, PartialEq, Table)]").count(), 14);
    env.run(&["generate", "--check"]).succeeded();
    env.run(&["status"]).succeeded();
    assert!(env.run(&["migrate"]).stderr.contains("nothing is pending"));
}

/// The third migration changes rows alone, so only the record tells whether it ran.
#[test]
fn of_two_migrations_with_one_schema_the_record_tells_which_was_the_last() {
    let env = shop("shop-0.31");
    let connection = database(&env);
    let trigger = env.read("drizzle/0002_first_products.sql");
    connection.execute_batch(&trigger).unwrap();
    let journal: serde_json::Value = serde_json::from_str(&env.read("drizzle/meta/_journal.json")).unwrap();
    let row = format!(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', {})",
        journal["entries"][2]["when"]
    );
    connection.execute_batch(&row).unwrap();
    drop(connection);
    assert!(env.run(&["adopt"]).succeeded().ends_with("0002_first_products\n"));
    assert_eq!(env.run(&["migrate"]).succeeded(), "0003_channels\n");
}

#[test]
fn a_record_that_says_more_than_the_schema_shows_is_not_believed() {
    let env = shop("shop-0.31");
    let journal: serde_json::Value = serde_json::from_str(&env.read("drizzle/meta/_journal.json")).unwrap();
    let row = format!(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', {})",
        journal["entries"][3]["when"]
    );
    database(&env).execute_batch(&row).unwrap();
    let stderr = env.run(&["adopt"]).failed(1);
    assert!(stderr.contains("`0002_first_products` was never run here, though later ones were"), "{stderr}");
}

#[test]
fn a_database_where_nothing_ran_yet_is_taken_over_as_empty() {
    let env = project("shop-1.0");
    database(&env).execute_batch(HISTORY_0_31).unwrap();
    let run = env.run(&["adopt"]);
    assert!(run.stderr.contains("the database has nothing of the folder yet"), "{}", run.stderr);
    assert_eq!(run.succeeded(), "");
    assert_eq!(env.run(&["migrate"]).succeeded().lines().count(), 4);
}

/// The Rust crate numbers its directories or gives them a time, and keeps the history that Drizzle 0.31 has.
#[test]
fn a_project_of_the_rust_crate_drizzle_is_taken_over_in_place() {
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\nout = \"drizzle\"\n");
    let first =
        "CREATE TABLE `users` (\n\t`id` INTEGER PRIMARY KEY AUTOINCREMENT,\n\t`name` TEXT NOT NULL\n);\n";
    env.write("drizzle/0000_init/migration.sql", first);
    env.write("drizzle/0000_init/snapshot.json", "{\"version\":\"7\",\"dialect\":\"sqlite\",\"ddl\":[]}");
    env.write("drizzle/0001_age/migration.sql", "ALTER TABLE `users` ADD `age` INTEGER;\n");
    let history = "CREATE TABLE \"__drizzle_migrations\" (id INTEGER PRIMARY KEY AUTOINCREMENT, hash text NOT NULL, created_at numeric);
        INSERT INTO \"__drizzle_migrations\" (hash, created_at) VALUES ('x', 0)";
    database(&env).execute_batch(&format!("{first}{history}")).unwrap();
    env.write("src/schema.rs", "// mine\n");
    assert_eq!(env.run(&["adopt"]).succeeded(), "0000_init\n");
    assert_eq!(env.read("src/schema.rs"), "// mine\n");
    fs::remove_file(env.path("src/schema.rs")).unwrap();
    assert_eq!(env.run(&["migrate"]).succeeded(), "0001_age\n");

    // With a time in the names, the record has it as it is written; the second changes rows alone.
    let env = TestEnv::new();
    env.write("seedbed.toml", "url = \"app.db\"\nout = \"drizzle\"\n");
    env.write("drizzle/20240101120000_init/migration.sql", first);
    env.write("drizzle/20240102120000_ada/migration.sql", "INSERT INTO users (name) VALUES ('ada');\n");
    let history = history.replace(", 0)", ", 20240101120000)");
    database(&env).execute_batch(&format!("{first}{history}")).unwrap();
    assert_eq!(env.run(&["adopt"]).succeeded(), "0000_init\n");
    assert_eq!(env.run(&["migrate"]).succeeded(), "0001_ada\n");
}
