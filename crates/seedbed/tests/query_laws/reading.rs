//! SELECT on one table: filters, lists, orders, limits, groups, windows, named queries, compounds and pages.

use rusqlite::types::Value as Raw;
use seedbed::prelude::*;
use seedbed::query::{
    Col, Direction, From, NotNull, Nullness, Order, Window, count_all, dense_rank, rank, row_number,
};

use crate::conditions::condition;
use crate::in_many_worlds;
use crate::random::Random;
use crate::world::{Group, Item, numbers, raw_row, rows, stored};

const ITEMS: &str = "\"the \"\"items\"\"\" AS t";

#[test]
fn filters_find_what_the_text_finds() {
    in_many_worlds(|world, random| {
        let db = &world.db;
        for _ in 0..30 {
            let both = condition(random, 3);
            let sql = format!("SELECT t.* FROM {ITEMS} WHERE {} ORDER BY t.id", both.written);
            let expected = rows(db, &sql, &both.values);
            let query = || Select::from::<Item>().filter(both.built.clone());
            let found: Vec<Vec<Raw>> =
                query().order_by(Item::id).all(db).unwrap().iter().map(raw_row).collect();
            assert_eq!(found, expected, "{sql}");
            assert_eq!(query().count(db).unwrap(), expected.len() as u64);
            assert_eq!(query().exists(db).unwrap(), !expected.is_empty());
            let first = query().order_by(Item::id).first(db).unwrap();
            assert_eq!(first.as_ref().map(raw_row).as_ref(), expected.first());
            let second = condition(random, 1);
            let sql = format!(
                "SELECT t.id FROM {ITEMS} WHERE ({}) AND ({}) ORDER BY 1",
                both.written, second.written
            );
            let values: Vec<Raw> = both.values.iter().chain(&second.values).cloned().collect();
            let found = query().filter(second.built).order_by(Item::id).select(Item::id).all(db).unwrap();
            assert_eq!(found, numbers(db, &sql, &values), "{sql}");
        }
    });
}

#[test]
fn a_condition_that_is_selected_is_true_false_or_null() {
    in_many_worlds(|world, random| {
        for _ in 0..10 {
            let both = condition(random, 2);
            let sql = format!("SELECT {} FROM {ITEMS} ORDER BY t.id", both.written);
            let found: Vec<Option<bool>> =
                Select::from::<Item>().order_by(Item::id).select(both.built).all(&world.db).unwrap();
            let found: Vec<Vec<Raw>> = found.iter().map(|value| vec![stored(value)]).collect();
            assert_eq!(found, rows(&world.db, &sql, &both.values), "{sql}");
        }
    });
}

/// An order in a random direction, and its text.
fn order<V, N: Nullness, C>(
    random: &mut Random,
    column: Col<Item, V, N, C>,
    name: &str,
) -> (Order<Col<Item, V, N, C>>, String)
where
    Col<Item, V, N, C>: Expression,
{
    let (order, word) = if random.one_in(2) { (column.asc(), "ASC") } else { (column.desc(), "DESC") };
    match random.below(3) {
        0 => (order, format!("{name} {word}")),
        1 => (order.nulls_first(), format!("{name} {word} NULLS FIRST")),
        _ => (order.nulls_last(), format!("{name} {word} NULLS LAST")),
    }
}

#[test]
fn orders_limits_and_offsets_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        for _ in 0..20 {
            let mut query = Select::from::<Item>();
            let mut words = Vec::new();
            macro_rules! orders {
                ($($column:expr, $name:literal;)+) => {$(
                    if random.one_in(4) {
                        let (order, word) = order(random, $column, $name);
                        query = query.order_by(order);
                        words.push(word);
                    }
                )+};
            }
            orders! {
                Item::group_id, "\"group\""; Item::note, "\"no\"\"te ?1\""; Item::small, "small"; Item::share, "share";
                Item::bytes, "bytes"; Item::flag, "flag"; Item::r#type, "type"; Item::at, "at";
                Item::seconds, "seconds"; Item::millis, "millis"; Item::uid, "uid"; Item::raw, "raw";
                Item::number, "number"; Item::text, "text";
            }
            let (last, word) = order(random, Item::id, "id");
            words.push(word);
            let mut sql = format!("SELECT id FROM {ITEMS} ORDER BY {}", words.join(", "));
            query = query.order_by(last);
            let (limit, offset) = (random.below(12) as u64, random.below(12) as u64);
            let (has_limit, has_offset) = (random.one_in(2), random.one_in(2));
            query = if has_offset { query.offset(offset) } else { query };
            query = if has_limit { query.limit(limit) } else { query };
            if has_limit || has_offset {
                sql += &format!(" LIMIT {}", if has_limit { limit as i64 } else { -1 });
            }
            sql += &if has_offset { format!(" OFFSET {offset}") } else { String::new() };
            let count = query.clone().count(&world.db).unwrap();
            let found = query.select(Item::id).all(&world.db).unwrap();
            assert_eq!(found, numbers(&world.db, &sql, &[]), "{sql}");
            assert_eq!(found.len() as u64, count);
        }
    });
}

#[test]
fn distinct_groups_and_aggregates_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let db = &world.db;
        let both = condition(random, 1);
        let at_least = random.below(4) as i64;
        let distinct: Vec<(Option<i64>, bool)> = Select::from::<Item>()
            .order_by((Item::group_id, Item::flag))
            .distinct()
            .select((Item::group_id, Item::flag))
            .all(db)
            .unwrap();
        let distinct: Vec<Vec<Raw>> =
            distinct.iter().map(|(group, flag)| vec![stored(group), stored(flag)]).collect();
        assert_eq!(
            distinct,
            rows(db, &format!("SELECT DISTINCT \"group\", flag FROM {ITEMS} ORDER BY 1, 2"), &[])
        );

        let grouped = Select::from::<Item>()
            .having(count_all().ge(at_least))
            .group_by(Item::group_id)
            .filter(both.built.clone())
            .order_by(Item::group_id.desc().nulls_last())
            .select((
                Item::group_id,
                count_all(),
                Item::note.count(),
                Item::text.count_distinct(),
                Item::small.sum(),
                Item::id.avg(),
                Item::small.total(),
                Item::text.min(),
                Item::raw.max(),
                Item::seconds.max(),
                count_all().filter_where(Item::flag),
            ))
            .all(db)
            .unwrap();
        let found: Vec<Vec<Raw>> = grouped
            .iter()
            .map(|row| {
                let raw = row.8.map_or(Raw::Null, |uuid| Raw::Blob(uuid.as_bytes().to_vec()));
                let seconds = row.9.map_or(Raw::Null, |time| Raw::Integer(time.as_second()));
                vec![
                    stored(&row.0),
                    stored(&row.1),
                    stored(&row.2),
                    stored(&row.3),
                    stored(&row.4),
                    stored(&row.5),
                    stored(&row.6),
                    stored(&row.7),
                    raw,
                    seconds,
                    stored(&row.10),
                ]
            })
            .collect();
        let sql = format!(
            "SELECT \"group\", count(*), count(\"no\"\"te ?1\"), count(DISTINCT text), sum(small), avg(id), total(small),
             min(text), max(raw), max(seconds), sum(flag) FROM {ITEMS} WHERE {} GROUP BY \"group\" HAVING count(*) >= {at_least}
             ORDER BY \"group\" DESC NULLS LAST",
            both.written
        );
        assert_eq!(found, rows(db, &sql, &both.values), "{sql}");

        let texts: Option<String> = Select::from::<Item>()
            .select(Item::text.group_concat("', '"))
            .filter(Item::text.ne("nul\0nul"))
            .one(db)
            .unwrap();
        let sql = format!("SELECT group_concat(text, ''', ''') FROM {ITEMS} WHERE instr(text, char(0)) = 0");
        assert_eq!(vec![vec![stored(&texts)]], rows(db, &sql, &[]));
    });
}

#[test]
fn windows_are_those_of_the_text() {
    in_many_worlds(|world, _| {
        let window = || {
            Window::new().partition_by((Item::flag, Item::r#type)).order_by((Item::small.desc(), Item::id))
        };
        let found: Vec<_> = Select::from::<Item>()
            .order_by(Item::id)
            .select((
                Item::id,
                row_number().over(window()),
                rank().over(Window::new().order_by(Item::text)),
                dense_rank().over(Window::new().order_by(Item::text.desc()).partition_by(Item::flag)),
                Item::text.lag(2).over(window()),
                Item::seconds.lead(1).over(window()),
                Item::id.sum().over(window().frame("ROWS BETWEEN 2 PRECEDING AND CURRENT ROW")),
                Item::id
                    .last_value()
                    .over(window().frame("ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING")),
                count_all().filter_where(Item::note.is_null()).over(Window::new()),
            ))
            .all(&world.db)
            .unwrap();
        let found: Vec<Vec<Raw>> = found
            .iter()
            .map(|row| {
                let seconds = row.5.map_or(Raw::Null, |time| Raw::Integer(time.as_second()));
                vec![
                    stored(&row.0),
                    stored(&row.1),
                    stored(&row.2),
                    stored(&row.3),
                    stored(&row.4),
                    seconds,
                    stored(&row.6),
                    stored(&row.7),
                    stored(&row.8),
                ]
            })
            .collect();
        let sql = format!(
            "SELECT id, row_number() OVER w, rank() OVER (ORDER BY text),
             dense_rank() OVER (PARTITION BY flag ORDER BY text DESC), lag(text, 2) OVER w, lead(seconds) OVER w,
             sum(id) OVER (w ROWS BETWEEN 2 PRECEDING AND CURRENT ROW),
             last_value(id) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
             (SELECT count(*) FROM {ITEMS} WHERE \"no\"\"te ?1\" IS NULL)
             FROM {ITEMS} WINDOW w AS (PARTITION BY flag, type ORDER BY small DESC, id) ORDER BY id"
        );
        assert_eq!(found, rows(&world.db, &sql, &[]));
    });
}

#[test]
fn compounds_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let (one, two, three) = (condition(random, 1), condition(random, 1), condition(random, 1));
        let ids = |both: &crate::conditions::Both| {
            Select::from::<Item>().filter(both.built.clone()).select((Item::id, Item::note))
        };
        let text = |both: &crate::conditions::Both| {
            format!("SELECT t.id, t.\"no\"\"te ?1\" FROM {ITEMS} WHERE {}", both.written)
        };
        let limit = random.below(9);
        let (a, b, c) = (ids(&one), ids(&two), ids(&three));
        let (compound, words) = match random.below(6) {
            0 => (a.union(b).except(c), ["", "UNION", "", "EXCEPT", ""]),
            1 => (a.union_all(b.union(c)), ["", "UNION ALL SELECT * FROM (", "", "UNION", ")"]),
            2 => (a.intersect(b).union_all(c), ["", "INTERSECT", "", "UNION ALL", ""]),
            3 => (a.except(b.intersect(c)), ["", "EXCEPT SELECT * FROM (", "", "INTERSECT", ")"]),
            4 => (a.intersect(b.except(c)), ["", "INTERSECT SELECT * FROM (", "", "EXCEPT", ")"]),
            _ => (a.union_all(b).intersect(c), ["", "UNION ALL", "", "INTERSECT", ""]),
        };
        let sql = format!(
            "{}{} {} {} {} {} {} ORDER BY 1 DESC, 2 LIMIT {limit}",
            words[0],
            text(&one),
            words[1],
            text(&two),
            words[3],
            text(&three),
            words[4]
        );
        let values: Vec<Raw> = [&one, &two, &three].iter().flat_map(|both| both.values.clone()).collect();
        let found = compound
            .limit(limit as u64)
            .order_by_position(1, Direction::Descending)
            .order_by_position(2, Direction::Ascending)
            .all(&world.db)
            .unwrap();
        let found: Vec<Vec<Raw>> = found.iter().map(|(id, note)| vec![stored(id), stored(note)]).collect();
        assert_eq!(found, rows(&world.db, &sql, &values), "{sql}");
    });
}

#[derive(Debug, Clone, PartialEq, Record)]
#[record(name = "with \"quotes\"")]
struct Named {
    #[column(name = "a b")]
    id: i64,
    #[column(name = "from")]
    note: Option<String>,
    #[column(stored_as = "unix_milliseconds")]
    millis: Timestamp,
}

#[test]
fn named_queries_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let (inner, outer) = (condition(random, 2), condition(random, 1));
        let named = Select::from::<Item>().filter(inner.built).select(NamedSelect {
            millis: Item::millis,
            note: Item::text,
            id: Item::number,
        });
        let found: Vec<(i64, Named)> = Select::from::<Item>()
            .filter(outer.built)
            .with::<Named>(named)
            .join::<Named>()
            .on(Named::millis.eq(Item::millis).and(Named::id.ge(0)))
            .order_by((Item::id, Named::id, Named::note))
            .select((Item::id, seedbed::query::all_of::<Named>()))
            .limit(200)
            .all(&world.db)
            .unwrap();
        let sql = format!(
            "WITH n(a, b, c) AS (SELECT number, text, millis FROM {ITEMS} WHERE {})
             SELECT t.id, a, b, c FROM {ITEMS} JOIN n ON c = t.millis AND a >= 0 WHERE {} ORDER BY t.id, a, b LIMIT 200",
            inner.written, outer.written
        );
        let values: Vec<Raw> = inner.values.into_iter().chain(outer.values).collect();
        let found: Vec<Vec<Raw>> = found
            .iter()
            .map(|(id, named)| {
                let millis = Raw::Integer(named.millis.as_millisecond());
                vec![stored(id), stored(&named.id), stored(&named.note), millis]
            })
            .collect();
        assert_eq!(found, rows(&world.db, &sql, &values), "{sql}");
    });
}

#[test]
fn pages_by_keyset_are_pages_by_offset() {
    in_many_worlds(|world, random| {
        let size = random.below(4) as u64 + 1;
        let both = condition(random, 1);
        let filtered = || Select::from::<Item>().filter(both.built.clone());
        let (flag, text, id) = match random.below(3) {
            0 => (Item::flag.asc(), Item::text.desc(), Item::id.asc()),
            1 => (Item::flag.desc(), Item::text.asc(), Item::id.desc()),
            _ => (Item::flag.desc(), Item::text.desc(), Item::id.asc()),
        };
        let mut after: Option<(bool, String, i64)> = None;
        for page in 0.. {
            let by_offset = filtered()
                .order_by((flag, text))
                .order_by(id)
                .limit(size)
                .offset(page * size)
                .all(&world.db)
                .unwrap();
            let by_keyset = filtered().limit(size).keyset((flag, text, id), after).all(&world.db).unwrap();
            assert_eq!(by_keyset, by_offset);
            let Some(last) = by_keyset.last() else { break };
            after = Some((last.flag, last.text.clone(), last.id));
        }
        let times: Vec<Item> = filtered().order_by((Item::millis.desc(), Item::id)).all(&world.db).unwrap();
        let mut paged = Vec::new();
        let mut after: Option<(Timestamp, i64)> = None;
        loop {
            let page = filtered()
                .keyset((Item::millis.desc(), Item::id.asc()), after)
                .limit(size)
                .all(&world.db)
                .unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.millis, last.id));
            paged.extend(page);
        }
        assert_eq!(paged, times);
    });
}

#[test]
fn subqueries_are_those_of_the_text() {
    in_many_worlds(|world, random| {
        let db = &world.db;
        let both = condition(random, 1);
        let texts = || Select::from::<Item>().filter(both.built.clone());
        for negative in [false, true] {
            let numbers_of = texts().filter(Item::group_id.is_not_null()).select(Item::group_id);
            let condition =
                if negative { Group::id.not_in_query(numbers_of) } else { Group::id.in_query(numbers_of) };
            let found = Select::from::<Group>()
                .filter(condition)
                .order_by(Group::id)
                .select(Group::id)
                .all(db)
                .unwrap();
            let word = if negative { "NOT IN" } else { "IN" };
            let sql = format!(
                "SELECT id FROM \"order\" WHERE id {word} (SELECT \"group\" FROM {ITEMS} WHERE ({}) AND \"group\" NOTNULL)
                 ORDER BY id",
                both.written
            );
            assert_eq!(found, numbers(db, &sql, &both.values), "{sql}");
        }
        let greatest = Select::within::<Group>()
            .from::<Item>()
            .filter(Item::group_id.eq(Group::id))
            .select(Item::number.max());
        let found: Vec<(i64, Option<i64>)> = Select::from::<Group>()
            .order_by(Group::id)
            .select((Group::id, seedbed::query::scalar(greatest)))
            .all(db)
            .unwrap();
        let found: Vec<Vec<Raw>> =
            found.iter().map(|(id, number)| vec![stored(id), stored(number)]).collect();
        let sql = format!(
            "SELECT id, (SELECT max(number) FROM {ITEMS} WHERE t.\"group\" = g.id) FROM \"order\" AS g ORDER BY id"
        );
        assert_eq!(found, rows(db, &sql, &[]));
    });
}

/// The types of a filtered query, so that one can be named.
#[test]
fn a_query_can_be_asked_twice() {
    in_many_worlds(|world, random| {
        let query: Select<'_, From<Item>> = Select::from::<Item>().filter(condition(random, 2).built);
        let column: Col<Item, i64, NotNull> = Item::id;
        let page = query.clone().order_by(column).limit(3).all(&world.db).unwrap();
        assert_eq!(page.len() as u64, query.count(&world.db).unwrap().min(3));
    });
}
