//! `seedbed rebase`: two branches of a team, from conflict to settled.

use std::fs;

use crate::test_env::TestEnv;

/// How the merge of the journal and the snapshot was left.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// With git's conflict marks.
    Conflict,
    /// Both entries were kept, and one of the snapshots.
    BothEntries,
    /// Ours was taken as a whole; the files of theirs lie beside it.
    Ours,
}

/// Two branches from one base, merged into the folder `ours`. Each is given by what its `users` have and the flags of its
/// `generate`.
fn merged(base: &str, ours: &[(&str, &[&str])], theirs: &[(&str, &[&str])], left: Left) -> TestEnv {
    let env = TestEnv::new();
    env.write("ours/src/schema.rs", base);
    generate(&env, "ours", &[]);
    branched(env, ours, theirs, left)
}

/// The same from a base that lies in `ours` already.
fn branched(env: TestEnv, ours: &[(&str, &[&str])], theirs: &[(&str, &[&str])], left: Left) -> TestEnv {
    for file in env.files().iter().filter(|file| file.starts_with("ours/")) {
        env.write(&file.replace("ours/", "theirs/"), &env.read(file));
    }
    for (folder, branch) in [("ours", ours), ("theirs", theirs)] {
        for (schema, flags) in branch {
            env.write(&format!("{folder}/src/schema.rs"), schema);
            generate(&env, folder, flags);
        }
    }
    let files = env.files();
    let of_theirs = files.iter().filter_map(|file| file.strip_prefix("theirs/migrations/"));
    for file in of_theirs {
        let (mine, other) =
            (format!("ours/migrations/{file}"), env.read(&format!("theirs/migrations/{file}")));
        if !env.path(&mine).exists() {
            env.write(&mine, &other);
            continue;
        }
        let text = env.read(&mine);
        match left {
            Left::Conflict => env.write(&mine, &conflict(&text, &other)),
            Left::BothEntries if file.ends_with("_journal.json") => env.write(&mine, &both(&text, &other)),
            Left::BothEntries | Left::Ours => {}
        }
    }
    fs::remove_dir_all(env.path("theirs")).unwrap();
    env
}

fn generate(env: &TestEnv, folder: &str, flags: &[&str]) {
    let mut arguments = vec!["generate"];
    arguments.extend(flags);
    env.run_with(folder, &[], &arguments).succeeded();
}

/// Puts the lines in which two texts differ side by side, as git does.
fn conflict(ours: &str, theirs: &str) -> String {
    if ours == theirs {
        return ours.to_owned();
    }
    let (one, other): (Vec<&str>, Vec<&str>) = (ours.lines().collect(), theirs.lines().collect());
    let start = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let rest = one.len().min(other.len()) - start;
    let end =
        one.iter().rev().zip(other.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let lines = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    format!(
        "{}<<<<<<< HEAD\n{}=======\n{}>>>>>>> theirs\n{}",
        lines(&one[..start]),
        lines(&one[start..one.len() - end]),
        lines(&other[start..other.len() - end]),
        lines(&one[one.len() - end..])
    )
}

/// Keeps the entries of both journals.
fn both(ours: &str, theirs: &str) -> String {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (mut journal, other) = (parse(ours), parse(theirs));
    let known = journal["entries"].as_array().unwrap().clone();
    let more = other["entries"].as_array().unwrap().iter().filter(|entry| !known.contains(entry)).cloned();
    journal["entries"].as_array_mut().unwrap().extend(more);
    serde_json::to_string_pretty(&journal).unwrap()
}

fn users(columns: &str) -> String {
    format!(
        "#[derive(Table)]\n#[table(name = \"users\")]\npub struct User {{\n    #[column(primary_key)]\n    pub id: i64,\n    \
         {columns}\n}}\n"
    )
}

const NAME: &str = "pub name: String,\n    ";
const AGE: &str = "pub age: Option<i64>,\n    ";
const NICK: &str = "pub nick: Option<String>,\n    ";

/// The folder is settled: it is in order, migrates, goes back, and leads to the schema of the merged code.
fn is_settled(env: &TestEnv, schema: &str) {
    env.write("ours/src/schema.rs", schema);
    env.run_with("ours", &[], &["check"]).succeeded();
    env.run_with("ours", &[], &["generate", "--check"]).succeeded();
    env.run_with("ours", &[], &["migrate", "--url", "settled.db"]).succeeded();
}

#[test]
fn two_branches_are_settled_however_the_merge_was_left() {
    for left in [Left::Conflict, Left::BothEntries, Left::Ours] {
        let (age, nick) = (users(&format!("{NAME}{AGE}")), users(&format!("{NAME}{NICK}")));
        let env = merged(&users(NAME), &[(&age, &[])], &[(&nick, &[])], left);
        let kept = env.read("ours/migrations/0001_add_nick_to_users.sql");
        assert!(env.run_with("ours", &[], &["check"]).failed(1).contains("`seedbed rebase`"));
        let run = env.run_with("ours", &[], &["rebase"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.starts_with("given: 0001_add_age_to_users ("), "{}", run.stderr);
        assert!(
            run.stderr.contains(
                "moved: 0001_add_nick_to_users \u{2192} 0002_add_nick_to_users (its SQL is kept)\n"
            ),
            "{}",
            run.stderr
        );
        assert_eq!(env.read("ours/migrations/0002_add_nick_to_users.sql"), kept);
        assert!(!env.path("ours/migrations/0001_add_nick_to_users.sql").exists());
        assert!(!env.path("ours/migrations/0001_add_nick_to_users.down.sql").exists());
        is_settled(&env, &users(&format!("{NAME}{AGE}{NICK}")));
        let run = env.run_with("ours", &[], &["rebase"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, "nothing to settle: the folder has one branch\n"));
    }
}

#[test]
fn a_branch_that_was_renumbered_by_hand_gets_the_snapshot_that_it_lacks() {
    let (age, nick) = (users(&format!("{NAME}{AGE}")), users(&format!("{NAME}{NICK}")));
    let env = merged(&users(NAME), &[(&age, &[])], &[(&nick, &["--name", "nick"])], Left::Conflict);
    env.run_with("ours", &[], &["rebase"]).succeeded();
    let snapshot = env.read("ours/migrations/meta/0002_snapshot.json");
    let base = env.read("ours/migrations/meta/0001_snapshot.json");
    let previous = |text: &str| text.split("\"prev_id\":\"").nth(1).unwrap()[..32].to_owned();
    let stale = snapshot
        .replace(&previous(&snapshot), &previous(&base))
        .replace("{\"name\":\"age\",\"type\":\"INTEGER\",\"null\":true},\n", "");
    assert_ne!(stale, snapshot);
    env.write("ours/migrations/meta/0002_snapshot.json", &stale);
    let stderr = env.run_with("ours", &[], &["check"]).failed(1);
    assert!(
        stderr.contains("`0001_add_age_to_users` and `0002_nick` both follow `0000_add_users`"),
        "{stderr}"
    );
    let object = env.run_with("ours", &[], &["rebase", "--json"]).json();
    assert_eq!(
        (&object["moved"][0]["from"], &object["moved"][0]["to"]),
        (&"0002_nick".into(), &"0002_nick".into())
    );
    assert_eq!(env.read("ours/migrations/meta/0002_snapshot.json"), snapshot);
    is_settled(&env, &users(&format!("{NAME}{AGE}{NICK}")));
}

#[test]
fn several_migrations_on_both_sides_keep_their_order() {
    let steps = |columns: &[&str]| columns.iter().map(|columns| users(columns)).collect::<Vec<_>>();
    let ours = steps(&[
        "pub name: String,\n    pub a: Option<i64>,",
        "pub name: String,\n    pub a: Option<i64>,\n    pub b: Option<i64>,",
    ]);
    let theirs = steps(&[
        "pub name: String,\n    pub c: Option<i64>,",
        "pub name: String,\n    pub c: Option<i64>,\n    pub d: Option<i64>,",
    ]);
    for left in [Left::Conflict, Left::BothEntries, Left::Ours] {
        let env = merged(
            &users(NAME),
            &[(&ours[0], &[]), (&ours[1], &[])],
            &[(&theirs[0], &[]), (&theirs[1], &[])],
            left,
        );
        let object =
            env.run_with("ours", &[], &["rebase", "--json", "--mine", "0002_add_b_to_users.sql"]).json();
        assert_eq!(object["given"], serde_json::json!(["0001_add_c_to_users", "0002_add_d_to_users"]));
        assert_eq!(object["moved"][1]["to"], "0004_add_b_to_users");
        assert_eq!(object["reason"], "named");
        is_settled(
            &env,
            &users(
                "pub name: String,\n    pub a: Option<i64>,\n    pub b: Option<i64>,\n    pub c: Option<i64>,\n    pub d: Option<i64>,",
            ),
        );
    }
}

#[test]
fn what_the_database_has_applied_is_given() {
    let (age, nick) = (users(&format!("{NAME}{AGE}")), users(&format!("{NAME}{NICK}")));
    let env = merged(&users(NAME), &[(&age, &[])], &[(&nick, &[])], Left::Conflict);
    // The other branch's program migrated this database.
    env.write("theirs/src/schema.rs", &users(NAME));
    for file in [
        "migrations/0000_add_users.sql",
        "migrations/0000_add_users.down.sql",
        "migrations/meta/0000_snapshot.json",
    ] {
        env.write(&format!("theirs/{file}"), &env.read(&format!("ours/{file}")));
    }
    let journal = env.read("ours/migrations/meta/_journal.json");
    let base = journal.find("    },\n").unwrap();
    env.write("theirs/migrations/meta/_journal.json", &format!("{}    }}\n  ]\n}}", &journal[..base]));
    env.write("theirs/src/schema.rs", &nick);
    generate(&env, "theirs", &[]);
    env.run_with("theirs", &[], &["migrate", "--url", "../ours/app.db"]).succeeded();
    let stderr = env
        .run_with("ours", &[], &["rebase", "--url", "app.db", "--mine", "0001_add_nick_to_users"])
        .failed(1);
    assert!(
        stderr.contains("`0001_add_nick_to_users` was applied to the database, so no other name"),
        "{stderr}"
    );
    assert!(stderr.contains("`seedbed rebase --mine 0001_add_age_to_users`"), "{stderr}");
    let run = env.run_with("ours", &[], &["rebase", "--url", "app.db"]);
    assert!(
        run.stderr.starts_with("given: 0001_add_nick_to_users (applied to `app.db`)\n"),
        "{}",
        run.stderr
    );
    env.run_with("ours", &[], &["migrate", "--url", "app.db"]).succeeded();
    is_settled(&env, &users(&format!("{NAME}{NICK}{AGE}")));
}

#[test]
fn a_database_that_ran_what_was_folded_since_counts_as_one_that_ran_the_fold() {
    let email = "    pub email: Option<String>,\n";
    let (base, age, nick) = (
        users(&format!("{NAME}{email}")),
        users(&format!("{NAME}{email}{AGE}")),
        users(&format!("{NAME}{email}{NICK}")),
    );
    let env = TestEnv::new();
    for schema in [&users(NAME), &base] {
        env.write("ours/src/schema.rs", schema);
        generate(&env, "ours", &[]);
    }
    env.run_with("ours", &[], &["migrate", "--url", "../app.db"]).succeeded();
    env.run_with("ours", &[], &["squash", "--to", "1"]).succeeded();
    let env = branched(env, &[(&age, &[])], &[(&nick, &[])], Left::Conflict);
    let run = env.run_with("ours", &[], &["rebase", "--url", "../app.db"]);
    assert!(run.stderr.starts_with("given: 0001_add_age_to_users ("), "{}", run.stderr);
    env.run_with("ours", &[], &["migrate", "--url", "../app.db"]).succeeded();
    is_settled(&env, &users(&format!("{NAME}{email}{NICK}{AGE}")));
}

#[test]
fn a_rebuild_is_planned_anew_when_the_other_branch_changed_the_table() {
    // The type of a column is changed by a rebuild, which lists the columns and would lose the other branch's.
    let ours = users(&format!("{NAME}{NICK}"));
    let theirs = users("pub name: Vec<u8>,");
    let env = merged(&users(NAME), &[(&ours, &[])], &[(&theirs, &["--name", "bytes"])], Left::Conflict);
    let run = env.run_with("ours", &[], &["rebase", "--onto", "0001_add_nick_to_users"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("0001_bytes \u{2192} 0002_bytes (its SQL is planned anew)"),
        "{}",
        run.stderr
    );
    assert!(env.read("ours/migrations/0002_bytes.sql").contains("\"nick\""));
    is_settled(&env, &users(&format!("pub name: Vec<u8>,\n    {NICK}")));
}

#[test]
fn what_a_person_wrote_is_not_planned_anew_unasked() {
    let ours = users(&format!("{NAME}{NICK}"));
    let theirs = users("pub name: Vec<u8>,");
    let env = merged(&users(NAME), &[(&ours, &[])], &[(&theirs, &["--name", "bytes"])], Left::Conflict);
    let file = "ours/migrations/0001_bytes.sql";
    env.write(file, &format!("{}UPDATE users SET name = upper(name);\n", env.read(file)));
    let files = env.files();
    let stderr = env.run_with("ours", &[], &["rebase", "--mine", "0001_bytes"]).failed(1);
    assert!(
        stderr.contains("`0001_bytes` was written by hand and is not right behind the other branch"),
        "{stderr}"
    );
    assert!(stderr.contains("--replan"), "{stderr}");
    assert_eq!(env.files(), files);
    env.run_with("ours", &[], &["rebase", "--mine", "0001_bytes", "--replan"]).succeeded();
    is_settled(&env, &users(&format!("pub name: Vec<u8>,\n    {NICK}")));
}

#[test]
fn a_column_that_both_add_is_told_and_nothing_is_written() {
    let ours = users(&format!("{NAME}pub age: Option<i64>,"));
    let theirs = users(&format!("{NAME}pub age: Option<String>,"));
    let env = merged(&users(NAME), &[(&ours, &["--name", "years"])], &[(&theirs, &[])], Left::Conflict);
    let files = env.files();
    let stderr = env.run_with("ours", &[], &["rebase"]).failed(1);
    for part in [
        "error: `0001_add_age_to_users` and `0001_years` touch the same thing\n",
        "  users.age\n    given: adds it as INTEGER\n    moved: adds it as TEXT\n",
        "hint: decide what it shall be: ",
    ] {
        assert!(stderr.contains(part), "{part}\n{stderr}");
    }
    let object = env.run_with("ours", &[], &["rebase", "--json"]).json();
    assert_eq!(object["error"]["clashes"][0]["subject"], "users.age");
    assert_eq!(env.files(), files);
}

#[test]
fn what_both_branches_do_alike_is_done_once() {
    let both = users(&format!("{NAME}{AGE}"));
    let env =
        merged(&users(NAME), &[(&both, &["--name", "one"])], &[(&both, &["--name", "two"])], Left::Conflict);
    let run = env.run_with("ours", &[], &["rebase"]);
    assert!(
        run.stderr.contains("0001_two \u{2192} 0002_two (nothing is left to do in it)"),
        "{}",
        run.stderr
    );
    is_settled(&env, &both);
}

#[test]
fn a_rename_is_followed() {
    let ours = users("pub full_name: String,");
    let theirs = users("#[column(default = \"x\")]\n    pub name: String,");
    let rename = ["--rename", "users.name:full_name"];
    let env = merged(&users(NAME), &[(&ours, &rename)], &[(&theirs, &["--name", "default"])], Left::Conflict);
    let run = env.run_with("ours", &[], &["rebase"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    is_settled(&env, &users("#[column(default = \"x\")]\n    pub full_name: String,"));
}

#[test]
fn branches_of_the_same_moment_are_a_question() {
    let (age, nick) = (users(&format!("{NAME}{AGE}")), users(&format!("{NAME}{NICK}")));
    let env = merged(&users(NAME), &[(&age, &[])], &[(&nick, &[])], Left::BothEntries);
    let journal: serde_json::Value =
        serde_json::from_str(&env.read("ours/migrations/meta/_journal.json")).unwrap();
    let (one, other) = (journal["entries"][1]["when"].to_string(), journal["entries"][2]["when"].to_string());
    let text = env.read("ours/migrations/meta/_journal.json").replace(&other, &one);
    env.write("ours/migrations/meta/_journal.json", &text);
    let stderr = env.run_with("ours", &[], &["rebase"]).failed(3);
    assert!(stderr.contains("`--mine 0001_add_age_to_users` or `--mine 0001_add_nick_to_users`"), "{stderr}");
    let object = env.run_with("ours", &[], &["rebase", "--json"]).json();
    assert_eq!(object["error"]["questions"][0]["flags"][1], "--mine 0001_add_nick_to_users");
    let stderr = env.run_with("ours", &[], &["rebase", "--mine", "0007_x"]).failed(2);
    assert!(stderr.contains("`0007_x` is a migration of neither branch"), "{stderr}");
    let before = env.files();
    env.run_with("ours", &[], &["rebase", "--mine", "0001_add_age_to_users", "--dry-run"]).succeeded();
    assert_eq!(env.files(), before);
}
