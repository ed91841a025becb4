//! Joins of all kinds, with rows that are missing on either side.

use rusqlite::types::Value as Raw;
use seedbed::prelude::*;
use seedbed::query::all_of;

use crate::conditions::condition;
use crate::in_many_worlds;
use crate::world::{Group, Item, Other, Tag, raw_option, raw_row, rows, stored};

const ITEMS: &str = "\"the \"\"items\"\"\" AS t";

fn flat(parts: [Vec<Raw>; 2]) -> Vec<Raw> {
    parts.concat()
}

#[test]
fn joins_of_two_tables_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let db = &world.db;
        let both = condition(random, 1);
        let sql = |word: &str| {
            format!(
                "SELECT t.*, g.* FROM {ITEMS} {word} \"order\" AS g ON g.id = t.\"group\" AND ({}) ORDER BY t.id, g.id",
                both.written
            )
        };
        let on = || Group::id.eq(Item::group_id);
        let order = (Item::id, Group::id);

        let inner =
            Select::from::<Item>().filter(both.built.clone()).join::<Group>().on(on()).order_by(order);
        let found: Vec<Vec<Raw>> = inner
            .all(db)
            .unwrap()
            .iter()
            .map(|(item, group)| flat([raw_row(item), raw_row(group)]))
            .collect();
        assert_eq!(found, rows(db, &sql("JOIN"), &both.values));

        let is_odd = || sql!(bool, "{} % 2 <> 0", Item::id);
        let sql = |word: &str| {
            format!(
                "SELECT t.*, g.* FROM {ITEMS} {word} \"order\" AS g ON g.id = t.\"group\" AND t.id % 2 <> 0
                 ORDER BY t.id, g.id"
            )
        };
        let left = Select::from::<Item>().left_join::<Group>().on(on().and(is_odd())).order_by(order);
        let found: Vec<Vec<Raw>> = left
            .all(db)
            .unwrap()
            .iter()
            .map(|(item, group)| flat([raw_row(item), raw_option(group.as_ref())]))
            .collect();
        assert_eq!(found, rows(db, &sql("LEFT JOIN"), &[]));

        let right = Select::from::<Item>().right_join::<Group>().on(on().and(is_odd())).order_by(order);
        let found: Vec<Vec<Raw>> = right
            .all(db)
            .unwrap()
            .iter()
            .map(|(item, group)| flat([raw_option(item.as_ref()), raw_row(group)]))
            .collect();
        assert_eq!(found, rows(db, &sql("RIGHT JOIN"), &[]));

        let full = Select::from::<Item>().full_join::<Group>().on(on().and(is_odd())).order_by(order);
        let found: Vec<Vec<Raw>> = full
            .all(db)
            .unwrap()
            .iter()
            .map(|(item, group)| flat([raw_option(item.as_ref()), raw_option(group.as_ref())]))
            .collect();
        assert_eq!(found, rows(db, &sql("FULL JOIN"), &[]));

        let cross = Select::from::<Item>().cross_join::<Group>().order_by(order).limit(50);
        let found: Vec<Vec<Raw>> = cross
            .all(db)
            .unwrap()
            .iter()
            .map(|(item, group)| flat([raw_row(item), raw_row(group)]))
            .collect();
        let sql = format!("SELECT t.*, g.* FROM {ITEMS}, \"order\" AS g ORDER BY t.id, g.id LIMIT 50");
        assert_eq!(found, rows(db, &sql, &[]));
    });
}

#[test]
fn joins_of_three_tables_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let db = &world.db;
        let limit = random.below(40) as u64;
        let found = Select::from::<Item>()
            .left_join::<Group>()
            .on(Group::id.eq(Item::group_id))
            .right_join::<Tag>()
            .on(Tag::number.eq(Group::id).or(Tag::number.eq(Item::number)))
            .order_by((Tag::number, Item::id, Group::id))
            .limit(limit)
            .all(db)
            .unwrap();
        let found: Vec<Vec<Raw>> = found
            .iter()
            .map(|(item, group, tag)| {
                [raw_option(item.as_ref()), raw_option(group.as_ref()), raw_row(tag)].concat()
            })
            .collect();
        let sql = format!(
            "SELECT t.*, g.*, x.* FROM {ITEMS} LEFT JOIN \"order\" AS g ON g.id = t.\"group\"
             RIGHT JOIN \"Mixed Case\" AS x ON x.number = g.id OR x.number = t.number
             ORDER BY x.number, t.id, g.id LIMIT {limit}"
        );
        assert_eq!(found, rows(db, &sql, &[]));

        let found = Select::from::<Item>()
            .join::<Other>()
            .on(Other::of(Item::group_id).eq(Item::group_id).and(Other::of(Item::id).lt(Item::id)))
            .full_join::<Tag>()
            .on(Tag::number.eq(Other::of(Item::number)))
            .order_by((Item::id, Other::of(Item::id), Tag::number))
            .all(db)
            .unwrap();
        let found: Vec<Vec<Raw>> = found
            .iter()
            .map(|(item, other, tag)| {
                [raw_option(item.as_ref()), raw_option(other.as_ref()), raw_option(tag.as_ref())].concat()
            })
            .collect();
        let sql = format!(
            "SELECT t.*, o.*, x.* FROM {ITEMS} JOIN \"the \"\"items\"\"\" AS o ON o.\"group\" = t.\"group\" AND o.id < t.id
             FULL JOIN \"Mixed Case\" AS x ON x.number = o.number ORDER BY t.id, o.id, x.number"
        );
        assert_eq!(found, rows(db, &sql, &[]));
    });
}

#[test]
fn selected_columns_of_joined_tables_of_one_name_are_told_apart() {
    in_many_worlds(|world, _| {
        let db = &world.db;
        let found: Vec<_> = Select::from::<Item>()
            .left_join::<Group>()
            .on(Group::number.eq(Item::group_id))
            .select((Item::number, Group::number, Item::text, Group::text, all_of::<Group>()))
            .order_by((Item::id, Group::id))
            .all(db)
            .unwrap();
        let found: Vec<Vec<Raw>> = found
            .iter()
            .map(|(number, other, text, name, group)| {
                let mut row = vec![stored(number), stored(other), stored(text), stored(name)];
                row.extend(raw_option(group.as_ref()));
                row
            })
            .collect();
        let sql = format!(
            "SELECT t.number, g.number, t.text, g.\"select\", g.* FROM {ITEMS} LEFT JOIN \"order\" AS g
             ON g.number = t.\"group\" ORDER BY t.id, g.id"
        );
        assert_eq!(found, rows(db, &sql, &[]));
    });
}
