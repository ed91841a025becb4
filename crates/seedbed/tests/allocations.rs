//! A query that was asked before allocates no more than `prepare_cached` of rusqlite and the values that are read.

use allocation_counter::measure;
use seedbed::prelude::*;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "trees")]
struct Tree {
    #[column(primary_key)]
    id: i64,
    name: String,
    height: f64,
    note: Option<String>,
}

fn forest() -> Connection {
    let db = Connection::open_in_memory().expect("there is memory");
    db.execute_batch(
        "CREATE TABLE trees (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, height REAL NOT NULL, note TEXT);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO trees SELECT i, 'tree ' || i, i / 2.0, iif(i % 2, 'odd', NULL) FROM n",
    )
    .expect("the rows fit");
    db
}

fn tree(row: &seedbed::rusqlite::Row<'_>) -> seedbed::rusqlite::Result<Tree> {
    Ok(Tree { id: row.get(0)?, name: row.get(1)?, height: row.get(2)?, note: row.get(3)? })
}

/// Counts what the third run allocates: the first prepares, and the second finds out how much space it takes.
fn allocations(mut work: impl FnMut()) -> u64 {
    work();
    work();
    measure(work).count_total
}

#[test]
fn a_point_select_allocates_no_more_than_one_by_hand() {
    let db = forest();
    let by_hand = allocations(|| {
        let mut statement =
            db.rusqlite().prepare_cached("SELECT id, name, height, note FROM trees WHERE id = ?1").unwrap();
        assert_eq!(statement.query_row([7], tree).unwrap().id, 7);
    });
    let typed = allocations(|| {
        assert_eq!(Select::from::<Tree>().filter(Tree::id.eq(7)).one(&db).unwrap().id, 7);
    });
    assert!(typed <= by_hand, "{typed} allocations instead of {by_hand}");
}

#[test]
fn a_scan_with_clauses_out_of_order_allocates_no_more_than_one_by_hand() {
    let db = forest();
    let name = String::from("tree 5%");
    let by_hand = allocations(|| {
        let sql = "SELECT id, name, height, note FROM trees WHERE name LIKE ?1 AND height < ?2 ORDER BY id LIMIT ?3";
        let mut statement = db.rusqlite().prepare_cached(sql).unwrap();
        let rows = statement.query_map(seedbed::rusqlite::params![name, 40.0, 8], tree).unwrap();
        let trees: Vec<Tree> = rows.collect::<Result<_, _>>().unwrap();
        assert_eq!(trees.len(), 8);
    });
    let typed = allocations(|| {
        let query = Select::from::<Tree>()
            .limit(8)
            .order_by(Tree::id)
            .filter(Tree::name.like(&name))
            .filter(Tree::height.lt(40.0));
        assert_eq!(query.all(&db).unwrap().len(), 8);
    });
    assert!(typed <= by_hand, "{typed} allocations instead of {by_hand}");
}

#[test]
fn a_join_allocates_no_more_than_one_by_hand() {
    let db = forest();
    let by_hand = allocations(|| {
        let sql = "SELECT a.id, b.name FROM trees AS a JOIN trees AS b ON b.id = a.id + 1 WHERE a.id < ?1";
        let mut statement = db.rusqlite().prepare_cached(sql).unwrap();
        let rows = statement.query_map([9], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let rows: Vec<(i64, String)> = rows.collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 8);
    });
    alias!(Next = Tree);
    let typed = allocations(|| {
        let query = Select::from::<Tree>()
            .join::<Next>()
            .on(Next::of(Tree::id).eq(Tree::id + 1))
            .filter(Tree::id.lt(9))
            .select((Tree::id, Next::of(Tree::name)));
        assert_eq!(query.all(&db).unwrap().len(), 8);
    });
    assert!(typed <= by_hand, "{typed} allocations instead of {by_hand}");
}

#[test]
fn changes_allocate_no_more_than_those_by_hand() {
    let db = forest();
    let tree = Tree { id: 1000, name: "oak".to_owned(), height: 21.5, note: None };
    let by_hand = allocations(|| {
        let sql = "INSERT INTO trees (id, name, height, note) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = db.rusqlite().prepare_cached(sql).unwrap();
        statement.execute(seedbed::rusqlite::params![tree.id, tree.name, tree.height, tree.note]).unwrap();
        let mut statement =
            db.rusqlite().prepare_cached("UPDATE trees SET height = ?1 WHERE id = ?2").unwrap();
        statement.execute((22.0, tree.id)).unwrap();
        db.rusqlite().prepare_cached("DELETE FROM trees WHERE id = ?1").unwrap().execute([tree.id]).unwrap();
    });
    let typed = allocations(|| {
        Insert::row(&tree).run(&db).unwrap();
        Update::table::<Tree>().set(Tree::height, 22.0).filter(Tree::id.eq(tree.id)).run(&db).unwrap();
        Delete::from::<Tree>().filter(Tree::id.eq(tree.id)).run(&db).unwrap();
    });
    assert!(typed <= by_hand, "{typed} allocations instead of {by_hand}");
}
