//! Random conditions on an item, as the builder makes them and as a person writes them.

use rusqlite::types::Value as Raw;
use seedbed::prelude::*;
use seedbed::query::{Bind, Condition, From, In, Nullable, Operand, Slot};

use crate::random::Random;
use crate::world::{self, Item, stored};

type Scope = From<Item>;

/// A condition twice.
pub(crate) struct Both {
    pub(crate) built: Condition<'static, Scope>,
    /// With `t` as the name of the table.
    pub(crate) written: String,
    pub(crate) values: Vec<Raw>,
}

/// A tree of AND, OR and NOT over comparisons.
pub(crate) fn condition(random: &mut Random, depth: usize) -> Both {
    if depth == 0 || random.one_in(4) {
        return leaf(random);
    }
    let inner = |random: &mut Random| condition(random, depth - 1);
    match random.below(6) {
        0 => {
            let Both { built, written, values } = inner(random);
            Both { built: Condition::new(built.not()), written: format!("NOT ({written})"), values }
        }
        1 => pair(inner(random), inner(random), "AND", |left, right| Condition::new(left.and(right))),
        2 => pair(inner(random), inner(random), "OR", |left, right| Condition::new(left.or(right))),
        3 => pair(inner(random), inner(random), "IS", |left, right| {
            Condition::new(left.is_null().eq(right.is_null()))
        })
        .nulls(),
        4 => pair(inner(random), inner(random), "AND", |left, right| Condition::all([left, right])),
        _ => pair(inner(random), inner(random), "OR", |left, right| Condition::any([left, right])),
    }
}

impl Both {
    /// `a IS b` of a pair that compares whether its parts are NULL.
    fn nulls(mut self) -> Self {
        let (left, right) = self.written.split_once(" /*IS*/ ").expect("a pair has two parts");
        self.written = format!("({left} IS NULL) = ({right} IS NULL)");
        self
    }
}

fn pair(
    left: Both,
    right: Both,
    word: &str,
    join: impl FnOnce(Condition<'static, Scope>, Condition<'static, Scope>) -> Condition<'static, Scope>,
) -> Both {
    let word = if word == "IS" { "/*IS*/" } else { word };
    let written = format!("({}) {word} ({})", left.written, right.written);
    let values = left.values.into_iter().chain(right.values).collect();
    Both { built: join(left.built, right.built), written, values }
}

fn leaf(random: &mut Random) -> Both {
    let instant = |form: fn(Timestamp) -> i64| move |time: &Timestamp| Raw::Integer(form(*time));
    match random.below(19) {
        0 => compare(random, Item::id, "t.id", |random| random.below(60) as i64 - 20, stored),
        1 => compare(random, Item::group_id, "t.\"group\"", |random| random.below(8) as i64, stored),
        2 => compare(random, Item::text, "t.text", world::text, stored),
        3 => compare(random, Item::note, "t.\"no\"\"te ?1\"", world::text, stored),
        4 => compare(random, Item::number, "t.number", world::number, stored),
        5 => compare(random, Item::small, "t.small", world::number, stored),
        6 => compare(random, Item::ratio, "t.ratio", world::ratio, stored),
        7 => compare(random, Item::share, "t.share", world::ratio, stored),
        8 => compare(random, Item::bytes, "t.bytes", world::bytes, stored),
        9 => compare(random, Item::flag, "t.flag", |random| random.one_in(2), stored),
        10 => compare(random, Item::r#type, "t.type", world::kind, stored),
        11 => compare(random, Item::at, "t.at", world::time, stored),
        12 => compare(random, Item::seconds, "t.seconds", world::seconds, instant(Timestamp::as_second)),
        13 => compare(random, Item::millis, "t.millis", world::time, instant(Timestamp::as_millisecond)),
        14 => compare(random, Item::uid, "t.uid", world::uuid, stored),
        15 => compare(random, Item::raw, "t.raw", world::uuid, |uuid| Raw::Blob(uuid.as_bytes().to_vec())),
        16 => compare(
            random,
            Item::note.coalesce(Item::text),
            "coalesce(t.\"no\"\"te ?1\", t.text)",
            world::text,
            stored,
        ),
        17 => pattern(random),
        _ => columns(random),
    }
}

/// A comparison of an expression with values.
fn compare<E, I, V>(
    random: &mut Random,
    column: E,
    name: &str,
    make: impl Fn(&mut Random) -> V,
    stored: impl Fn(&V) -> Raw,
) -> Both
where
    E: Expression + Operand<<E as Expression>::Family, Out = E> + In<Scope, I> + Clone + 'static,
    V: Operand<E::Family, Out = Bind<'static>>
        + seedbed::query::Assign<Slot<E::Family, Nullable>, Out = Bind<'static>>,
{
    let mut values = Vec::new();
    let mut value = |random: &mut Random| {
        let value = make(random);
        values.push(stored(&value));
        value
    };
    let (built, written) = match random.below(14) {
        0 => (Condition::new(column.eq(value(random))), format!("{name} = ?")),
        1 => (Condition::new(column.ne(value(random))), format!("{name} != ?")),
        2 => (Condition::new(column.lt(value(random))), format!("{name} < ?")),
        3 => (Condition::new(column.le(value(random))), format!("{name} <= ?")),
        4 => (Condition::new(column.gt(value(random))), format!("{name} > ?")),
        5 => (Condition::new(column.ge(value(random))), format!("{name} >= ?")),
        6 => {
            let (low, high) = (value(random), value(random));
            (Condition::new(column.between(low, high)), format!("{name} >= ? AND {name} <= ?"))
        }
        7 => (Condition::new(column.is(value(random))), format!("{name} IS ?")),
        8 => (Condition::new(column.is_not(value(random))), format!("{name} IS NOT ?")),
        9 => (Condition::new(column.is_null()), format!("{name} ISNULL")),
        10 => (Condition::new(column.is_not_null()), format!("{name} NOTNULL")),
        11 => (Condition::new(column.clone().eq(column)), format!("{name} = {name}")),
        list => {
            let length = *random.pick(&[0, 1, 2, 3, 5, 63, 64, 65, 130, 1000]);
            let items: Vec<V> = (0..length).map(|_| value(random)).collect();
            let places = vec!["?"; length].join(",");
            if list == 12 {
                (Condition::new(column.in_list(items)), format!("{name} IN ({places})"))
            } else {
                (Condition::new(column.not_in_list(items)), format!("{name} NOT IN ({places})"))
            }
        }
    };
    Both { built, written, values }
}

fn pattern(random: &mut Random) -> Both {
    let pattern =
        (*random.pick(&["", "%", "a%", "A_", "%'%", "100% _ \\", "*", "?1*", "[ab]*", "\u{ef}"])).to_owned();
    let values = vec![Raw::Text(pattern.clone())];
    let (built, written) = match random.below(5) {
        0 => (Condition::new(Item::text.like(pattern)), "t.text LIKE ?"),
        1 => (Condition::new(Item::note.not_like(pattern)), "t.\"no\"\"te ?1\" NOT LIKE ?"),
        2 => (Condition::new(Item::text.glob(pattern)), "t.text GLOB ?"),
        3 => (Condition::new(Item::note.contains(pattern)), "instr(t.\"no\"\"te ?1\", ?) <> 0"),
        _ => (Condition::new(Item::text.ignoring_case().eq(pattern)), "t.text = ? COLLATE NOCASE"),
    };
    Both { built, written: written.to_owned(), values }
}

fn columns(random: &mut Random) -> Both {
    let (built, written) = match random.below(6) {
        0 => (Condition::new(Item::id.lt(Item::number)), "t.id < t.number"),
        1 => (Condition::new(Item::small.ge(Item::group_id)), "t.small >= t.\"group\""),
        2 => (Condition::new(Item::share.ne(Item::ratio)), "t.share <> t.ratio"),
        3 => (Condition::new(Item::text.is(Item::note)), "t.text IS t.\"no\"\"te ?1\""),
        4 => (Condition::new(Item::flag.or(Item::id.gt(3))), "t.flag OR t.id > 3"),
        _ => (Condition::new((Item::id + 1).gt(Item::id * 2 - 5)), "t.id + 1 > t.id * 2 - 5"),
    };
    Both { built, written: written.to_owned(), values: Vec::new() }
}
