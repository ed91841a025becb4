//! Serving: the program started on an empty folder, asked over a socket, stopped by a signal.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};

use seedbed::migrate::Migrator;
use seedbed::{Connection, params};
use sprout::database::MIGRATIONS;

use crate::Result;
use crate::home::Home;
use crate::server::Server;

/// Runs a command that has to fail, and returns what it said on stderr.
fn refusal(command: &mut Command) -> Result<String> {
    let Output { status, stderr, .. } = command.output()?;
    assert_eq!(status.code(), Some(1));
    Ok(String::from_utf8(stderr)?)
}

#[test]
fn a_new_server_makes_its_database_and_serves() -> Result {
    let home = Home::empty()?;
    let server = home.serve()?;
    assert_eq!(server.said.first().map(String::as_str), Some("Running migrations…"));
    assert_eq!(server.said.last().map(String::as_str), Some("Migrations complete."));
    assert!(server.address.starts_with("127.0.0.1:"), "{}", server.address);
    assert_eq!(server.ask("GET", "/api/health", "")?.0, 200);

    let user = "00000000-0000-0000-0000-000000000000";
    let body = format!(r#"{{"title":"Trees","userId":"{user}"}}"#);
    assert_eq!(server.ask("POST", "/api/branches", &body)?.0, 201);
    assert_eq!(server.stop("-TERM")?, Some(0));

    let again = home.serve()?;
    assert_eq!(again.said, ["Running migrations…", "Migrations complete."]);
    let (status, branches) = again.ask("GET", &format!("/api/branches?userId={user}"), "")?;
    assert_eq!((status, branches.matches("Trees").count()), (200, 1));
    assert_eq!(again.stop("-INT")?, Some(0));
    Ok(())
}

#[test]
fn a_request_that_is_under_way_is_answered_before_the_end() -> Result {
    let home = Home::empty()?;
    let mut server = home.serve()?;
    let body = r#"{"title":"Trees","userId":"00000000-0000-0000-0000-000000000000"}"#;
    let mut stream = TcpStream::connect(&server.address)?;
    write!(stream, "POST /api/branches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")?;
    write!(stream, "Expect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len())?;
    // The server asks for the body when it has begun to read the request.
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    assert_eq!(line.trim_end(), "HTTP/1.1 100 Continue");
    server.signal("-TERM")?;
    wait_until_refused(&server.address);
    stream.write_all(body.as_bytes())?;
    let mut reply = String::new();
    reader.read_to_string(&mut reply)?;
    assert!(reply.contains("HTTP/1.1 201 Created"), "{reply}");
    assert_eq!(server.child.wait()?.code(), Some(0));
    assert_eq!(home.files()?, ["sprout.db"]);
    Ok(())
}

fn wait_until_refused(address: &str) {
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_server_that_waits_for_the_database_can_be_stopped() -> Result {
    let home = Home::empty()?;
    let mut busy = Connection::open(home.path("sprout.db"))?;
    busy.transaction(|_| -> Result {
        let mut child = home.command(&[]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        assert_eq!(line, "Running migrations…\n");
        let server = Server { child, said: Vec::new(), address: String::new() };
        assert_eq!(server.stop("-TERM")?, Some(0));
        Ok(())
    })
}

#[test]
fn settings_come_from_the_environment_and_then_from_the_file() -> Result {
    let home = Home::empty()?;
    fs::write(home.path(".env"), "DB_PATH=from-file.db\nHOST=nowhere.invalid\n")?;
    let server = Server::start(home.command(&[]).env("HOST", "127.0.0.1"))?;
    assert!(home.files()?.contains(&"from-file.db".to_owned()));
    assert_eq!(server.stop("-TERM")?, Some(0));
    Ok(())
}

#[test]
fn what_keeps_the_server_from_starting_is_said_in_a_line() -> Result {
    let home = Home::empty()?;
    assert_eq!(
        refusal(home.command(&[]).env("PORT", "many"))?,
        "error: PORT is `many`, which is no port from 0 to 65535\n"
    );
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    assert_eq!(
        refusal(home.command(&[]).env("PORT", &port))?,
        format!(
            "error: cannot listen on 127.0.0.1:{port}: another program uses the port\n\
             hint: set PORT (and HOST) in the environment or in .env\n"
        )
    );
    assert_eq!(
        refusal(home.command(&[]).env("DB_PATH", "nowhere/sprout.db"))?,
        "error: the folder `nowhere` of the database `nowhere/sprout.db` does not exist\n"
    );
    fs::write(
        home.path("notes.db"),
        "this is a text and no database at all, whatever its name may say".repeat(9),
    )?;
    assert_eq!(
        refusal(home.command(&[]).env("DB_PATH", "notes.db"))?,
        "error: the file `notes.db` is not a SQLite database, or it is encrypted\n"
    );
    fs::write(home.path(".env"), "PORT\n")?;
    assert_eq!(refusal(&mut home.command(&[]))?, "error: `.env`: line 1 is no setting such as `PORT=8000`\n");
    assert!(refusal(&mut home.command(&["serve"]))?.contains("hint: `sprout --help`"));
    assert_eq!(home.files()?, [".env", "notes.db"]);
    Ok(())
}

#[test]
fn a_database_of_the_original_is_taken_over_by_a_command_only() -> Result {
    let home = Home::empty()?;
    let connection = Connection::open(home.path("sprout.db"))?;
    connection.execute_batch(include_str!("../data/original.sql"))?;
    connection.execute_batch(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('a', 1), ('b', 2), ('c', 3), ('d', 4); \
         INSERT INTO users (id, email) VALUES ('u', 'u@x'); \
         INSERT INTO branches (id, title, user_id) VALUES ('b', 'Old', 'u'); \
         INSERT INTO nodes (id, user_id, type, title, accuracy_score) VALUES ('n', 'u', 'root', 'Old', 85);",
    )?;
    drop(connection);
    assert_eq!(
        refusal(&mut home.command(&[]))?,
        "error: the database `./sprout.db` was made by the original Sprout and is not taken over yet\n\
         hint: `sprout adopt` takes it over and changes none of its rows\n"
    );
    let adopted = home.command(&["adopt"]).output()?;
    assert_eq!((adopted.status.code(), String::from_utf8(adopted.stderr)?.as_str()), (Some(0), ""));

    let server = home.serve()?;
    assert_eq!(
        server.said.iter().rev().nth(1).map(String::as_str),
        Some("Rows that were mended or taken away: 1; the table `set_aside` has them as they were.")
    );
    let (status, branch) = server.ask("GET", "/api/branches/b", "")?;
    assert_eq!((status, branch.contains(r#""title":"Old""#)), (200, true));
    assert_eq!(server.stop("-TERM")?, Some(0));
    Ok(())
}

#[test]
fn a_database_that_is_newer_than_the_program_is_refused() -> Result {
    let home = Home::empty()?;
    home.serve()?.stop("-TERM")?;
    let connection = Connection::open(home.path("sprout.db"))?;
    connection
        .execute_batch("UPDATE __seedbed_migrations SET name = '9999_future' WHERE name LIKE '0007%'")?;
    drop(connection);
    let said = refusal(&mut home.command(&[]))?;
    assert!(said.starts_with("error: the database `./sprout.db` was migrated by a newer Sprout"), "{said}");
    Ok(())
}

#[test]
fn a_database_with_data_is_copied_before_it_is_migrated() -> Result {
    let home = Home::empty()?;
    let path = home.path("sprout.db");
    let mut connection = Connection::open(&path)?;
    Migrator::new(MIGRATIONS).run_to(&mut connection, "2")?;
    connection.execute_batch("CREATE TABLE kept (x); INSERT INTO kept VALUES (1)")?;
    drop(connection);
    let copies = || -> Result<Vec<String>> {
        let files = home.files()?.into_iter();
        Ok(files.filter(|name| name.contains(".before-migrate.") && name.ends_with(".db")).collect())
    };

    // A migration that cannot run changes nothing, and however often it is tried, no copy stays.
    let execute = |sql: &str| -> Result { Ok(Connection::open(&path)?.execute_batch(sql)?) };
    execute("ALTER TABLE node_contents ADD COLUMN cards TEXT")?;
    assert!(
        refusal(&mut home.command(&[]))?.starts_with("error: the database `./sprout.db` cannot be migrated")
    );
    assert_eq!(copies()?, [""; 0]);

    execute("ALTER TABLE node_contents DROP COLUMN cards")?;
    home.serve()?.stop("-TERM")?;
    let copies = copies()?;
    assert_eq!(copies.len(), 1, "{copies:?}");
    let copy = Connection::open(home.path(&copies[0]))?;
    assert_eq!(copy.query_one("SELECT x FROM kept", params![], |row| row.get::<i64>(0))?, 1);
    Ok(())
}
