//! Texts that would be SQL if a statement were joined of them, through everything that takes a value.

use seedbed::prelude::*;
use seedbed::query::{Condition, case, count_all, scalar};

use crate::world::{Group, NewGroup, NewTag, TEXTS, Tag, World, numbers, rows};

/// What people type who mean harm, and what breaks by accident.
fn hostile() -> Vec<String> {
    let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(
        [
            "'; DROP TABLE \"the \"\"items\"\"\"; --",
            "\"; DROP TABLE \"order\"; --",
            "x' OR '1'='1",
            "1; DELETE FROM \"order\"",
            "/*",
            "*/ --",
            "\\'; SELECT 1 --",
            "'''",
            "\"\"\"",
            "'\"`",
            "?",
            "?1",
            "?99999",
            ":name",
            "@name",
            "$name",
            "{}",
            "{0}",
            "%s%n",
            "%",
            "_",
            "*",
            "\0",
            "a\0'; DROP TABLE \"order\"; --",
            "\u{feff}",
            "\u{202e}",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
            "NULL",
            "null",
            "[1,2]",
            "{\"a\":1}",
            "\\u0000",
            "\r\n",
        ]
        .map(str::to_owned),
    );
    texts.push("'; DROP TABLE \"order\"; --".repeat(20_000));
    texts.push("\u{1f331}".repeat(50_000));
    texts
}

fn schema(db: &Connection) -> Vec<Vec<rusqlite::types::Value>> {
    rows(db, "SELECT * FROM sqlite_schema ORDER BY name", &[])
}

#[test]
fn hostile_texts_are_texts_wherever_a_value_is_taken() {
    let db = World::empty();
    let before = schema(&db);
    let texts = hostile();
    for text in &texts {
        let id = Insert::row(&NewGroup { text: text.clone() }).run_for_rowid(&db).unwrap();
        assert_eq!(read(&db, id).as_ref(), Some(text));
        conditions(&db, id, text);
        expressions(&db, id, text);
        changes(&db, id, text);
    }
    let found = Select::from::<Group>().order_by(Group::id).select(Group::text).all(&db).unwrap();
    assert_eq!(found, texts);
    lists(&db, &texts);
    let mut after: Option<(String, i64)> = None;
    let mut paged = Vec::new();
    loop {
        let page = Select::from::<Group>()
            .keyset((Group::text.asc(), Group::id.asc()), after)
            .limit(5)
            .all(&db)
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.text.clone(), last.id));
        paged.extend(page.into_iter().map(|group| group.text));
    }
    let mut sorted = texts.clone();
    sorted.sort();
    assert_eq!(paged, sorted);
    assert_eq!(schema(&db), before);
}

fn read(db: &Connection, id: i64) -> Option<String> {
    Select::from::<Group>()
        .filter(Group::id.eq(id))
        .select(Group::text)
        .optional(db)
        .expect("a text is a value")
}

fn conditions(db: &Connection, id: i64, text: &str) {
    let only = |condition: Condition<'_, seedbed::query::From<Group>>| {
        Select::from::<Group>()
            .filter(Group::id.eq(id))
            .filter(condition)
            .count(db)
            .expect("a text is a value")
            == 1
    };
    let owned = text.to_owned();
    assert!(only(Condition::new(Group::text.eq(text))) && !only(Condition::new(Group::text.ne(&owned))));
    assert!(only(Condition::new(Group::text.between(text, owned.clone()))));
    assert!(only(Condition::new(Group::text.le(text))) && !only(Condition::new(Group::text.lt(text))));
    assert!(only(Condition::new(Group::text.ge(text))) && !only(Condition::new(Group::text.gt(text))));
    assert!(
        only(Condition::new(Group::text.is(text))) && !only(Condition::new(Group::text.is_not(Some(text))))
    );
    assert!(only(Condition::new(Group::text.in_list([text, "other"]))));
    assert!(!only(Condition::new(Group::text.not_in_list([text, "other"]))));
    assert!(only(Condition::new(Group::text.in_list(vec![text; 100]))));
    assert!(only(Condition::new(sql!(bool, "{} = {}", Group::text, text))));
    assert!(only(Condition::new(sql!(bool, "{} IN ({}, {})", Group::text, "other", owned.clone()))));
    assert!(only(Condition::new(Group::text.coalesce(text).eq(text).and(Group::text.eq(text)))));
    if !text.contains('\0') {
        assert!(only(Condition::new(Group::text.contains(text))));
    }
    let inner = Select::from::<Group>().filter(Group::text.eq(text)).select(Group::text);
    assert!(only(Condition::new(Group::text.in_query(inner))));
    // A pattern means what it means, and a text that is too long for one is refused; nothing else happens.
    let _ = Select::from::<Group>().filter(Group::text.like(text)).count(db);
    let _ = Select::from::<Group>().filter(Group::text.not_like(text)).count(db);
    let _ = Select::from::<Group>().filter(Group::text.glob(text)).count(db);
    let _ =
        Select::from::<Group>().select(Group::text.json_get::<String>(text)).filter(Group::id.eq(id)).all(db);
    let _ =
        Select::from::<Group>().select(Group::text.json_array_length(text)).filter(Group::id.eq(id)).all(db);
}

fn expressions(db: &Connection, id: i64, text: &str) {
    let one = || Select::from::<Group>().filter(Group::id.eq(id));
    let doubled: String = one().select(Group::text.concat(text)).one(db).expect("a text is a value");
    assert_eq!(doubled, format!("{text}{text}"));
    let chosen: (String, String) = one()
        .select((
            case(Group::text.eq(text), text).otherwise("no"),
            case(Group::id.lt(i64::MIN), "no").when(Group::text.eq(text), text).otherwise("never"),
        ))
        .one(db)
        .expect("a text is a value");
    assert_eq!(chosen, (text.to_owned(), text.to_owned()));
    let missing: String =
        one().select(Group::number.cast::<String>().coalesce(text)).one(db).expect("a text is a value");
    assert_eq!(missing, text);
    let same: String = one()
        .select(scalar(one().select(sql!(String, "{}", text))).coalesce("no"))
        .one(db)
        .expect("a text is a value");
    assert_eq!(same, text);
    if !text.is_empty() && !text.contains('\0') {
        let replaced: String =
            one().select(Group::text.replace(text, "-")).one(db).expect("a text is a value");
        assert_eq!(replaced, "-");
    }
    let replacement: String =
        one().select(sql!(String, "'-'").replace("-", text)).one(db).expect("a text is a value");
    assert!(text.contains('\0') || replacement == text);
    let joined: Option<String> = Select::from::<Group>()
        .filter(Group::id.eq(id))
        .group_by(Group::text.concat(text))
        .having(count_all().gt(0).and(Group::text.max().is(text)))
        .order_by(Group::text.concat(text).desc())
        .select(Group::id.cast::<String>().group_concat(text))
        .one(db)
        .expect("a text is a value");
    assert_eq!(joined, Some(id.to_string()));
    let both: Vec<String> = one()
        .select(Group::text)
        .union(one().select(Group::text.coalesce(text)))
        .all(db)
        .expect("a text is a value");
    assert_eq!(both, [text]);
}

fn changes(db: &Connection, id: i64, text: &str) {
    let group = Group { id, text: text.to_owned(), number: Some(1) };
    let upsert = Insert::row(&group)
        .on_conflict(Group::id)
        .do_update(|change| {
            change
                .set(Group::text, text)
                .set(Group::number, excluded(Group::number))
                .filter(Group::text.eq(text).and(excluded(Group::text).eq(text)))
        })
        .returning((Group::text, Group::text.concat(text), Group::number));
    let (same, doubled, number) = upsert.one(db).expect("a text is a value");
    assert_eq!((same.as_str(), doubled, number), (text, format!("{text}{text}"), Some(1)));
    let updated: Vec<String> = Update::table::<Group>()
        .set(Group::text, text)
        .set_option(Group::number, Some(2))
        .filter(Group::text.eq(text))
        .returning(Group::text)
        .all(db)
        .expect("a text is a value");
    assert_eq!(updated, [text]);
    let rows =
        [Tag { number: 1, text: Some(text.to_owned()) }, Tag { number: 2, text: Some(text.to_owned()) }];
    assert_eq!(Insert::rows(&rows).run(db).expect("a text is a value"), 2);
    let from_query =
        Select::from::<Tag>().filter(Tag::text.eq(text)).select((Tag::number + 2, Tag::text.concat("")));
    assert_eq!(Insert::query((Tag::number, Tag::text), from_query).run(db).expect("a text is a value"), 2);
    let third = Select::from::<Tag>().filter(Tag::number.eq(3)).one(db).expect("a text is a value");
    assert_eq!(third.text.as_deref(), Some(text));
    let set = Insert::row(&NewTag {}).set(Tag::text, text).set(Tag::number, 9).run(db);
    assert_eq!(set.expect("a text is a value"), 1);
    assert_eq!(Delete::from::<Tag>().filter(Tag::text.eq(text)).run(db).expect("a text is a value"), 5);
    assert_eq!(numbers(db, "SELECT count(*) FROM \"Mixed Case\"", &[]), [0]);
}

fn lists(db: &Connection, texts: &[String]) {
    let all =
        Select::from::<Group>().filter(Group::text.in_list(texts)).count(db).expect("a text is a value");
    assert_eq!(all, texts.len() as u64);
    let many: Vec<&str> =
        texts.iter().map(String::as_str).cycle().take(300).filter(|text| text.len() < 1000).collect();
    let none = Select::from::<Group>()
        .filter(Group::text.not_in_list(many))
        .select(Group::text)
        .all(db)
        .expect("a text is a value");
    assert!(none.iter().all(|text| text.len() >= 1000) && none.len() == 2);
}
