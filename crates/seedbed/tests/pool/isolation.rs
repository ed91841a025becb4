//! What one write of a group does to the others: nothing. Every test makes a group in which one write misbehaves, and looks
//! at what the callers of all of them hear, and at what is in the file.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use seedbed::{Error, Transaction, params};

use crate::support::Garden;

/// Runs a write between others that are in order, in one group; checks the others, and returns what the caller hears
/// and how many commits there were.
#[expect(clippy::unwrap_used, reason = "what fails here fails the test")]
async fn among_others(
    garden: &Garden,
    misbehaves: impl Fn(&Transaction<'_>) -> Result<(), Error> + Send + 'static,
) -> Result<(), Error> {
    let held = garden.hold();
    let before: Vec<_> = ["INSERT INTO trees VALUES ('before 1')", "INSERT INTO trees VALUES ('before 2')"]
        .map(|sql| garden.run(sql))
        .into();
    let culprit = garden.submit(misbehaves);
    let after: Vec<_> = ["INSERT INTO trees VALUES ('after 1')", "INSERT INTO trees VALUES ('after 2')"]
        .map(|sql| garden.run(sql))
        .into();
    held.go_on().await;
    for write in before.into_iter().chain(after) {
        assert_eq!(write.await.unwrap(), 1);
    }
    let heard = culprit.await;
    let mut trees = garden.trees();
    trees.sort();
    assert_eq!(trees, ["after 1", "after 2", "before 1", "before 2"]);
    // The connection is of use afterwards.
    assert_eq!(garden.run("INSERT INTO trees VALUES ('later')").await.unwrap(), 1);
    heard
}

#[tokio::test]
async fn one_that_fails_is_undone_alone() {
    let garden = Garden::new();
    let heard = among_others(&garden, |tx| {
        tx.execute("INSERT INTO trees VALUES ('elm')", params![])?;
        tx.execute("INSERT INTO trees VALUES ('oak')", params![]).map(drop)
    })
    .await;
    assert!(heard.unwrap_err().is_unique_violation());
    // One commit for the group, one for the write that looks whether all is well.
    assert_eq!((garden.pool.counters().commits, garden.pool.counters().runs_again), (2, 0));
}

#[tokio::test]
async fn one_that_panics_is_undone_alone() {
    let garden = Garden::new();
    let heard = among_others(&garden, |tx| {
        tx.execute("INSERT INTO trees VALUES ('elm')", params![])?;
        tx.savepoint(|tx| {
            tx.execute("INSERT INTO trees VALUES ('ash')", params![])?;
            panic!("a bug")
        })
    })
    .await;
    assert_eq!(heard.unwrap_err().to_string(), "the closure that was given to the pool panicked: a bug");
    assert_eq!((garden.pool.counters().commits, garden.pool.counters().panics), (2, 1));
}

#[tokio::test]
async fn one_that_rolls_back_on_conflict_takes_nobody_with_it() {
    let heard = among_others(&Garden::new(), |tx| {
        tx.execute("INSERT OR ROLLBACK INTO trees VALUES ('oak')", params![]).map(drop)
    })
    .await;
    assert!(heard.unwrap_err().is_unique_violation());
    // The same by the schema, and by a trigger.
    let heard = among_others(&Garden::new(), |tx| {
        tx.execute("INSERT INTO seals VALUES ('wax')", params![]).map(drop)
    })
    .await;
    assert!(heard.unwrap_err().is_unique_violation());
    let heard =
        among_others(&Garden::new(), |tx| tx.execute("INSERT INTO mines VALUES ('m')", params![]).map(drop))
            .await;
    assert_eq!(heard.unwrap_err().to_string(), "a mine");
}

#[tokio::test]
async fn one_that_ends_the_transaction_and_hides_it_hears_so_and_writes_nothing() {
    for statements in [
        vec!["INSERT OR ROLLBACK INTO trees VALUES ('oak')"],
        vec!["INSERT OR ROLLBACK INTO trees VALUES ('oak')", "INSERT INTO trees VALUES ('elm')"],
        vec!["COMMIT"],
        vec!["INSERT INTO trees VALUES ('elm')", "COMMIT", "INSERT INTO trees VALUES ('ash')"],
        vec!["INSERT INTO trees VALUES ('elm')", "END", "BEGIN", "INSERT INTO trees VALUES ('ash')"],
        vec![
            "INSERT INTO trees VALUES ('elm')",
            "COMMIT",
            "BEGIN",
            "INSERT INTO trees VALUES ('ash')",
            "COMMIT",
        ],
        vec!["ROLLBACK", "BEGIN IMMEDIATE", "INSERT INTO trees VALUES ('elm')"],
        vec!["ROLLBACK", "BEGIN IMMEDIATE", "SAVEPOINT __seedbed_write", "INSERT INTO trees VALUES ('elm')"],
        vec![
            "ROLLBACK",
            "SAVEPOINT __seedbed_write",
            "INSERT INTO trees VALUES ('elm')",
            "RELEASE __seedbed_write",
        ],
        vec!["ROLLBACK", "CREATE TABLE elms (a)", "VACUUM", "INSERT INTO trees VALUES ('elm')"],
    ] {
        let story = format!("{statements:?}");
        let garden = Garden::new();
        let heard = among_others(&garden, move |tx| {
            for statement in &statements {
                tx.execute_batch(statement).ok();
            }
            Ok(())
        })
        .await;
        let error = heard.expect_err(&story);
        assert_eq!(error.to_string(), "a statement ended the transaction that it ran in", "{story}");
        assert!(garden.texts("SELECT name FROM sqlite_schema WHERE name = 'elms'").is_empty());
    }
}

#[tokio::test]
async fn one_that_releases_the_savepoint_of_its_group_takes_nobody_with_it() {
    let garden = Garden::new();
    let heard = among_others(&garden, |tx| {
        // Alone it has no such savepoint.
        tx.execute_batch("RELEASE __seedbed_write")?;
        tx.execute("INSERT INTO trees VALUES ('elm')", params![]).map(drop)
    })
    .await;
    assert_eq!(heard.unwrap_err().to_string(), "no such savepoint: __seedbed_write");
}

#[tokio::test]
async fn savepoints_that_are_left_open_end_with_their_write() {
    let garden = Garden::new();
    let held = garden.hold();
    let kept = garden.submit(|tx| tx.execute_batch("SAVEPOINT mine; INSERT INTO trees VALUES ('elm')"));
    let failed = garden.submit(|tx| {
        tx.execute_batch("SAVEPOINT mine; INSERT INTO trees VALUES ('ash')")?;
        Err::<(), _>(Error::message("no"))
    });
    let alien = garden.submit(|tx| tx.execute_batch("ROLLBACK TO mine"));
    held.go_on().await;
    kept.await.unwrap();
    assert_eq!(failed.await.unwrap_err().to_string(), "no");
    assert_eq!(alien.await.unwrap_err().to_string(), "no such savepoint: mine");
    assert_eq!(garden.trees(), ["elm"]);
}

#[tokio::test]
async fn one_that_leaves_a_deferred_key_violated_is_refused_alone() {
    let garden = Garden::new();
    let heard =
        among_others(&garden, |tx| tx.execute("INSERT INTO grafts VALUES (7)", params![]).map(drop)).await;
    assert!(heard.unwrap_err().is_foreign_key_violation());
    assert_eq!(garden.pool.counters().runs_again, 0);
    let heard = among_others(&Garden::new(), |tx| {
        tx.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO children VALUES (7)")
    })
    .await;
    assert!(heard.unwrap_err().is_foreign_key_violation());
}

/// SQLite forgets what was deferred when the pragma is switched off. That is no better alone, and does not become worse.
#[tokio::test]
async fn a_violation_that_sqlite_forgets_is_forgotten_in_a_group_as_it_is_alone() {
    const FORGETS: &str =
        "PRAGMA defer_foreign_keys = ON; INSERT INTO children VALUES (7); PRAGMA defer_foreign_keys = OFF";
    let garden = Garden::new();
    garden.other().transaction(|tx| tx.execute_batch(FORGETS)).unwrap();
    among_others(&garden, |tx| tx.execute_batch(FORGETS)).await.unwrap();
}

#[tokio::test]
async fn the_first_of_a_group_is_not_spared_for_a_violation_either() {
    let garden = Garden::new();
    let (runs, running) = std::sync::mpsc::channel();
    let (go_on, waits) = std::sync::mpsc::channel::<()>();
    let waits = std::sync::Mutex::new(waits);
    let first = garden.submit(move |tx| {
        runs.send(()).ok();
        waits.lock().unwrap().recv().ok();
        tx.execute("INSERT INTO grafts VALUES (7)", params![])
    });
    running.recv().unwrap();
    let mends = garden.run("DELETE FROM grafts");
    let other = garden.run("INSERT INTO trees VALUES ('elm')");
    drop(go_on);
    assert!(first.await.unwrap_err().is_foreign_key_violation());
    assert_eq!((mends.await.unwrap(), other.await.unwrap()), (0, 1));
}

#[tokio::test]
async fn nobody_mends_the_violation_of_another() {
    let garden = Garden::new();
    let held = garden.hold();
    let violates = garden.run("INSERT INTO grafts VALUES (7)");
    // Were both in one transaction, its COMMIT would find nothing wrong, and the first would be told that its row is there.
    let mends = garden.run("DELETE FROM grafts WHERE parent = 7");
    let counts =
        garden.submit(|tx| tx.query_one("SELECT count(*) FROM grafts", params![], |row| row.get::<i64>(0)));
    held.go_on().await;
    assert!(violates.await.unwrap_err().is_foreign_key_violation());
    assert_eq!((mends.await.unwrap(), counts.await.unwrap()), (0, 0));
}

#[tokio::test]
async fn deferred_keys_that_are_kept_in_the_end_share_a_commit() {
    let garden = Garden::new();
    let held = garden.hold();
    let writes: Vec<_> = (0..20)
        .map(|id| {
            garden.submit(move |tx| {
                tx.execute("INSERT INTO grafts VALUES (?1)", params![id])?;
                tx.execute("INSERT INTO parents VALUES (?1)", params![id])
            })
        })
        .collect();
    held.go_on().await;
    for write in writes {
        write.await.unwrap();
    }
    assert_eq!((garden.pool.counters().commits, garden.pool.counters().largest_commit), (1, 21));
}

#[tokio::test]
async fn deferring_ends_with_the_closure_that_asked_for_it() {
    let garden = Garden::new();
    for round in 0..3 {
        let held = garden.hold();
        let defers = garden.submit(move |tx| {
            tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
            tx.execute("INSERT INTO children VALUES (?1)", params![round])?;
            tx.execute("INSERT INTO parents VALUES (?1)", params![round])
        });
        let fails = garden.submit(|tx| {
            tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
            Err::<(), _>(Error::message("no"))
        });
        // Its statement is refused, not its commit.
        let relies =
            garden.submit(|tx| Ok(tx.execute("INSERT INTO children VALUES (99)", params![]).is_err()));
        held.go_on().await;
        defers.await.unwrap();
        assert!(fails.await.is_err());
        assert!(relies.await.unwrap());
    }
}

#[tokio::test]
async fn what_failed_because_of_one_that_was_undone_is_run_again() {
    let garden = Garden::new();
    let held = garden.hold();
    let (tries, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // The first time it plants the tree, and then it changes its mind.
    let wavers = garden.submit({
        let tries = Arc::clone(&tries);
        move |tx| {
            if tries.fetch_add(1, Ordering::SeqCst) == 0 {
                return tx.execute("INSERT INTO trees VALUES ('elm')", params![]);
            }
            Err(Error::message("changed its mind"))
        }
    });
    let second = garden.submit({
        let counted = Arc::clone(&counted);
        move |tx| {
            counted.fetch_add(1, Ordering::SeqCst);
            tx.execute("INSERT INTO trees VALUES ('elm')", params![])
        }
    });
    let explodes = garden.run("INSERT INTO mines VALUES ('m')");
    held.go_on().await;
    assert_eq!(wavers.await.unwrap_err().to_string(), "changed its mind");
    assert_eq!(second.await.unwrap(), 1);
    assert!(explodes.await.is_err());
    assert_eq!((garden.trees(), counted.load(Ordering::SeqCst)), (vec!["elm".to_owned()], 2));
}

#[tokio::test]
async fn many_that_end_the_transaction_leave_the_others_done_once() {
    let garden = Garden::new();
    let held = garden.hold();
    let mut writes = Vec::new();
    for number in 0..30 {
        writes.push(garden.submit(move |tx| {
            if number % 5 == 4 {
                tx.execute("INSERT INTO mines VALUES ('m')", params![])
            } else {
                tx.execute("INSERT INTO trees VALUES (?1)", params![format!("tree {number:02}")])
            }
        }));
    }
    held.go_on().await;
    for (number, write) in writes.into_iter().enumerate() {
        assert_eq!(write.await.is_ok(), number % 5 != 4, "{number}");
    }
    assert_eq!(garden.trees().len(), 24);
}

#[tokio::test]
async fn a_database_that_is_full_refuses_only_what_does_not_fit() {
    let garden = Garden::new();
    garden
        .submit(|tx| tx.execute_batch("PRAGMA max_page_count = 60; CREATE TABLE blobs (bytes)"))
        .await
        .unwrap();
    // SQLite rolls the whole transaction back when a statement finds no room.
    let heard = among_others(&garden, |tx| {
        tx.execute("INSERT INTO blobs VALUES (zeroblob(1000))", params![])?;
        tx.execute("INSERT INTO blobs VALUES (zeroblob(1000000))", params![]).map(drop)
    })
    .await;
    assert_eq!(heard.unwrap_err().to_string(), "database or disk is full");
    assert!(garden.texts("SELECT 'row' FROM blobs").is_empty());
}

#[tokio::test]
async fn tables_of_one_that_fails_are_gone_for_the_others() {
    let garden = Garden::new();
    let held = garden.hold();
    let fails = garden.submit(|tx| {
        tx.execute_batch("CREATE TEMP TABLE notes (a); CREATE TABLE elms (a); DROP TABLE trees")?;
        Err::<(), _>(Error::message("no"))
    });
    let looks = garden.submit(|tx| {
        let tables = "SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema";
        tx.query(tables, params![], |row| row.get::<String>(0))
    });
    let makes = garden.submit(|tx| tx.execute_batch("CREATE TABLE elms (b)"));
    let uses = garden.run("INSERT INTO elms (b) VALUES (1)");
    held.go_on().await;
    assert!(fails.await.is_err());
    let tables = looks.await.unwrap();
    assert!(tables.contains(&"trees".to_owned()), "{tables:?}");
    assert!(!tables.iter().any(|name| name == "notes" || name == "elms"), "{tables:?}");
    makes.await.unwrap();
    assert_eq!(uses.await.unwrap(), 1);
}

/// What [`Pool`](seedbed::Pool) says stays: a closure that needs one of these has to set it itself.
#[tokio::test]
async fn what_belongs_to_the_connection_stays() {
    let garden = Garden::new();
    let held = garden.hold();
    let leaves = garden.submit(|tx| {
        tx.execute_batch("PRAGMA recursive_triggers = ON; CREATE TEMP TABLE notes (a)")?;
        tx.execute("INSERT INTO trees (rowid, name) VALUES (77, 'elm')", params![])
    });
    let finds = garden.submit(|tx| {
        let id = tx.last_insert_rowid();
        let pragma = tx.query_one("PRAGMA recursive_triggers", params![], |row| row.get::<bool>(0))?;
        tx.execute("INSERT INTO notes VALUES (1)", params![])?;
        Ok((id, pragma))
    });
    held.go_on().await;
    leaves.await.unwrap();
    assert_eq!(finds.await.unwrap(), (77, true));
}

/// Drops with a panic, wherever it is.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("dropped");
        }
    }
}

#[tokio::test]
async fn values_that_panic_when_they_are_dropped_end_no_thread() {
    let garden = Garden::new();
    let held = garden.hold();
    // Its caller goes away, so that the writer drops what it returned; and it is run twice, so that it is dropped twice.
    drop(garden.submit(|_| Ok(Grenade)));
    let captured = Grenade;
    drop(garden.submit(move |_| {
        let _captured = &captured;
        Ok(())
    }));
    drop(garden.submit(|_| -> Result<(), Error> { std::panic::panic_any(Grenade) }));
    let explodes = garden.run("INSERT INTO mines VALUES ('m')");
    let plants = garden.run("INSERT INTO trees VALUES ('elm')");
    held.go_on().await;
    assert!(explodes.await.is_err());
    assert_eq!(plants.await.unwrap(), 1);
}

/// Every answer is true: of many random writes in groups, those that were told "done" have all of their rows, and the others
/// none.
#[tokio::test]
async fn answers_and_rows_agree_whatever_a_group_is_made_of() {
    let mut state = 20_u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let garden = Garden::new();
    garden.submit(|tx| tx.execute_batch("CREATE TABLE log (id INTEGER, part INTEGER)")).await.unwrap();
    let mut id = 0;
    let mut done = Vec::new();
    for _ in 0..60 {
        let held = garden.hold();
        let mut writes = Vec::new();
        for _ in 0..random(12) {
            id += 1;
            let kind = random(14);
            let write = garden.submit(move |tx| {
                tx.execute("INSERT INTO log VALUES (?1, 1)", params![id])?;
                match kind {
                    0 => drop(tx.execute("INSERT OR ROLLBACK INTO trees VALUES ('oak')", params![])),
                    1 => drop(tx.execute("INSERT INTO mines VALUES ('m')", params![])?),
                    2 => drop(tx.execute("INSERT INTO grafts VALUES (?1)", params![id])?),
                    3 => drop(tx.execute("DELETE FROM grafts", params![])?),
                    4 => tx.execute_batch("COMMIT; BEGIN").unwrap_or_default(),
                    5 => panic!("a bug"),
                    6 => {
                        tx.execute_batch("PRAGMA defer_foreign_keys = ON; INSERT INTO children VALUES (-1)")?
                    }
                    7 => drop(tx.execute("DELETE FROM children", params![])?),
                    8 => return Err(Error::message("no")),
                    _ => {}
                }
                tx.execute("INSERT INTO log VALUES (?1, 2)", params![id])
            });
            writes.push((id, kind, write));
        }
        held.go_on().await;
        for (id, kind, write) in writes {
            let heard = write.await;
            assert_eq!(heard.is_ok(), matches!(kind, 3 | 7 | 9..), "kind {kind}: {heard:?}");
            if heard.is_ok() {
                done.push(format!("{id} 1"));
                done.push(format!("{id} 2"));
            }
        }
    }
    let mut rows = garden.texts("SELECT id || ' ' || part FROM log ORDER BY id, part");
    rows.sort();
    done.sort();
    assert_eq!(rows, done);
    assert_eq!(garden.texts("PRAGMA foreign_key_check"), Vec::<String>::new());
}
