//! INSERT, upserts, UPDATE and DELETE: two databases with the same rows stay the same, and RETURNING says the same.

use rusqlite::types::Value as Raw;
use seedbed::prelude::*;
use seedbed::query::all_of;

use crate::conditions::condition;
use crate::in_many_worlds;
use crate::random::Random;
use crate::world::{self, Group, Item, NewGroup, contents, item, numbers, raw, raw_row, rows, stored};

const ITEMS: &str = "\"the \"\"items\"\"\"";

/// Rows sorted, as RETURNING promises no order.
fn sorted(mut rows: Vec<Vec<Raw>>) -> Vec<String> {
    rows.sort_by_key(|row| format!("{row:?}"));
    rows.iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn inserted_rows_read_back_as_they_were() {
    in_many_worlds(|world, _| {
        let read = Select::from::<Item>().order_by(Item::id).all(&world.db).unwrap();
        assert_eq!(read, world.items);
        let read = Select::from::<Group>().order_by(Group::id).all(&world.db).unwrap();
        assert_eq!(read, world.groups);
    });
}

#[test]
fn upserts_do_what_the_text_does() {
    in_many_worlds(|world, random| {
        let by_hand = world.copy();
        let bound = world::text(random);
        let number = random.below(10) as i64 - 5;
        for _ in 0..10 {
            let item = item(random.below(30) as i64 * 3 - 20, random);
            let mut values: Vec<Raw> = item.values().iter().map(raw).collect();
            let places = vec!["?"; values.len()].join(", ");
            match random.below(3) {
                0 => {
                    let changed = Insert::row(&item).or_ignore().run(&world.db).unwrap();
                    let sql = format!("INSERT OR IGNORE INTO {ITEMS} VALUES ({places})");
                    let expected =
                        by_hand.rusqlite().execute(&sql, rusqlite::params_from_iter(values)).unwrap();
                    assert_eq!(changed, expected);
                }
                1 => {
                    let changed =
                        Insert::row(&item).on_conflict(Item::id).do_nothing().run(&world.db).unwrap();
                    let sql = format!("INSERT INTO {ITEMS} VALUES ({places}) ON CONFLICT (id) DO NOTHING");
                    let expected =
                        by_hand.rusqlite().execute(&sql, rusqlite::params_from_iter(values)).unwrap();
                    assert_eq!(changed, expected);
                }
                _ => {
                    let returned: Vec<(Item, Option<String>)> = Insert::row(&item)
                        .on_conflict(Item::id)
                        .do_update(|change| {
                            change
                                .set(Item::text, excluded(Item::text))
                                .filter(Item::small.is_null().or(excluded(Item::small).gt(number)))
                                .set(Item::note, bound.as_str())
                                .set(Item::millis, excluded(Item::millis))
                                .set(Item::raw, excluded(Item::raw))
                                .set(Item::seconds, None::<Timestamp>)
                                .filter(Item::id.gt(-15))
                        })
                        .returning((all_of::<Item>(), Item::note.concat(Item::text)))
                        .all(&world.db)
                        .unwrap();
                    let returned: Vec<Vec<Raw>> = returned
                        .iter()
                        .map(|(item, text)| [raw_row(item), vec![stored(text)]].concat())
                        .collect();
                    let sql = format!(
                        "INSERT INTO {ITEMS} AS t VALUES ({places}) ON CONFLICT (id) DO UPDATE SET
                         text = excluded.text, \"no\"\"te ?1\" = ?, millis = excluded.millis, raw = excluded.raw, seconds = NULL
                         WHERE (t.small IS NULL OR excluded.small > ?) AND t.id > -15
                         RETURNING *, \"no\"\"te ?1\" || text"
                    );
                    values.extend([Raw::Text(bound.clone()), Raw::Integer(number)]);
                    assert_eq!(returned, rows(&by_hand, &sql, &values));
                }
            }
        }
        assert_eq!(contents(&world.db), contents(&by_hand));
    });
}

#[test]
fn updates_do_what_the_text_does() {
    in_many_worlds(|world, random| {
        let by_hand = world.copy();
        let both = condition(random, 2);
        let text = world::text(random);
        let millis = world::time(random);
        let returned: Vec<(i64, String)> = Update::table::<Item>()
            .filter(both.built)
            .set(Item::text, Item::text.concat(text.as_str()))
            .set(Item::note, Item::text)
            .set_option(Item::small, None::<i16>)
            .set(Item::millis, millis)
            .set(Item::share, Item::ratio.abs())
            .returning((Item::id, Item::text))
            .all(&world.db)
            .unwrap();
        let returned: Vec<Vec<Raw>> =
            returned.iter().map(|(id, text)| vec![stored(id), stored(text)]).collect();
        let sql = format!(
            "UPDATE {ITEMS} AS t SET text = text || ?, \"no\"\"te ?1\" = text, millis = ?, share = abs(ratio) WHERE {}
             RETURNING id, text",
            both.written
        );
        let mut values = vec![Raw::Text(text.clone()), Raw::Integer(millis.as_millisecond())];
        values.extend(both.values);
        assert_eq!(sorted(returned), sorted(rows(&by_hand, &sql, &values)));

        let bound = random.below(5) as i64;
        let changed = Update::table::<Item>()
            .from::<Group>()
            .set(Item::note, Group::text)
            .set(Item::number, Group::number.coalesce(bound))
            .filter(Group::id.eq(Item::group_id))
            .run(&world.db)
            .unwrap();
        let sql = format!(
            "UPDATE {ITEMS} AS t SET \"no\"\"te ?1\" = g.\"select\", number = coalesce(g.number, ?) FROM \"order\" AS g
             WHERE g.id = t.\"group\""
        );
        assert_eq!(changed, by_hand.rusqlite().execute(&sql, [bound]).unwrap());
        assert_eq!(contents(&world.db), contents(&by_hand));
    });
}

#[test]
fn deletes_do_what_the_text_does() {
    in_many_worlds(|world, random| {
        let by_hand = world.copy();
        let both = condition(random, 3);
        let mut returned =
            Delete::from::<Item>().filter(both.built).returning(Item::id).all(&world.db).unwrap();
        returned.sort_unstable();
        let sql = format!("DELETE FROM {ITEMS} AS t WHERE {} RETURNING id", both.written);
        let mut expected = numbers(&by_hand, &sql, &both.values);
        expected.sort_unstable();
        assert_eq!(returned, expected, "{sql}");
        assert_eq!(contents(&world.db), contents(&by_hand));
    });
}

/// Groups with texts that are there already, and some that are not.
fn groups(random: &mut Random, known: &[Group]) -> Vec<NewGroup> {
    (0..random.below(12))
        .map(|at| {
            let text = match known.get(at) {
                Some(group) if random.one_in(2) => group.text.clone(),
                _ => format!("new {at}"),
            };
            NewGroup { text }
        })
        .collect()
}

#[test]
fn many_rows_do_what_rows_one_by_one_do() {
    in_many_worlds(|world, random| {
        let by_hand = world.copy();
        let groups = groups(random, &world.groups);
        let returned: Vec<(i64, Option<i64>)> = Insert::rows(&groups)
            .on_conflict(Group::text)
            .do_update(|change| change.set(Group::number, Group::number + 1))
            .returning((Group::id, Group::number))
            .all(&world.db)
            .unwrap();
        let returned: Vec<Vec<Raw>> =
            returned.iter().map(|(id, number)| vec![stored(id), stored(number)]).collect();
        let expected: Vec<Vec<Raw>> = groups
            .iter()
            .flat_map(|group| {
                let sql = "INSERT INTO \"order\" (\"select\") VALUES (?)
                    ON CONFLICT (\"select\") DO UPDATE SET number = number + 1 RETURNING id, number";
                rows(&by_hand, sql, &[Raw::Text(group.text.clone())])
            })
            .collect();
        assert_eq!(returned, expected);

        let both = condition(random, 1);
        let texts = Select::from::<Item>()
            .filter(both.built)
            .group_by(Item::text)
            .select((Item::text.concat("+"), Item::number.min()));
        let inserted = Insert::query((Group::text, Group::number), texts)
            .on_conflict(Group::text)
            .do_update(|change| change.set(Group::number, excluded(Group::number)))
            .run(&world.db)
            .unwrap();
        let sql = format!(
            "INSERT INTO \"order\" (\"select\", number) SELECT text || '+', min(number) FROM {ITEMS} AS t WHERE {} GROUP BY text
             ON CONFLICT (\"select\") DO UPDATE SET number = excluded.number",
            both.written
        );
        let expected = by_hand.rusqlite().execute(&sql, rusqlite::params_from_iter(both.values)).unwrap();
        assert_eq!(inserted, expected);
        assert_eq!(contents(&world.db), contents(&by_hand));
    });
}
