//! Values for one column: by its stored form, its declared type and the hints of the conditions that mention it.
//!
//! Most values are of the kind that the column was made for, but seldom the polite ones: empty texts, quotes, other
//! scripts, numbers in texts, negative and large numbers, times before 1970. Whether a value is allowed is not decided
//! here.

use rusqlite::types::Value;
use seedbed_schema::model::{Affinity, Column, DefaultValue, StoredForm, Table};

use super::hints::Hint;
use super::likely::{self, Likely};
use super::random::Random;

/// After so many attempts at a row the hints are listened to whatever the column is for.
const ATTEMPTS_WITHOUT_HINTS: usize = 48;

/// After so many attempts at a row its values need not be likely any more.
const ATTEMPTS_AT_LIKELIHOOD: usize = 12;

/// What the values of a row should be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Ordinary values in every column.
    Plain,
    /// NULL wherever it is allowed.
    Empty,
    /// Anything, NULL now and then.
    Odd,
    /// What a column of that name probably holds, NULL now and then.
    Likely,
}

/// What is known about the values of a column.
#[derive(Debug)]
pub(super) struct ColumnValues {
    kind: Kind,
    /// Whether NULL may be tried.
    pub(super) nullable: bool,
    /// The number in `varchar(20)`, which SQLite ignores but whoever wrote it did not.
    longest: Option<usize>,
    strong: Vec<Hint>,
    weak: Vec<Hint>,
    /// What the name says.
    likely: Option<Likely>,
    /// The default, where it is a value.
    default: Option<Value>,
}

/// The values that a column was made for.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Bool,
    Integer,
    Real,
    Text,
    Blob,
    Numeric,
    Any,
    TimestampText,
    DateTime,
    Date,
    UnixSeconds,
    UnixMilliseconds,
    UuidText,
    UuidBlob,
    Json,
    /// A time in a format of `strftime`.
    Formatted(String),
    OneOf(Vec<Value>),
}

impl ColumnValues {
    /// Looks at the declaration of a column; hints are added afterwards.
    pub(super) fn new(column: &Column, table: &Table) -> Self {
        let in_key = table
            .primary_key
            .as_ref()
            .is_some_and(|key| key.columns.iter().any(|part| part.name.eq_ignore_ascii_case(&column.name)));
        let mut values = Self {
            kind: kind(column, table.strict),
            nullable: column.nullable && !in_key,
            longest: declared_length(column.column_type.as_str()),
            strong: Vec::new(),
            weak: Vec::new(),
            likely: Likely::of(column),
            default: column.default.as_ref().and_then(constant),
        };
        if let Some(value) = values.default.clone() {
            values.hint(Hint::Value(value), false);
        }
        values
    }

    /// Adds a hint; one that a STRICT column could never hold is dropped by SQLite's own judgement later.
    ///
    /// A condition that asks for a form says what the column is for.
    pub(super) fn hint(&mut self, hint: Hint, strong: bool) {
        match &hint {
            Hint::Json if strong && self.kind == Kind::Text => self.kind = Kind::Json,
            Hint::Formatted(format) if strong && self.kind == Kind::Text => {
                self.kind = Kind::Formatted(format.clone());
            }
            _ => {}
        }
        let hints = if strong { &mut self.strong } else { &mut self.weak };
        hints.push(hint);
    }

    /// Whether the column's values have a form that its type does not tell.
    fn is_formed(&self) -> bool {
        use Kind::{
            Bool, Formatted, Json, OneOf, TimestampText, UnixMilliseconds, UnixSeconds, UuidBlob, UuidText,
        };
        matches!(
            self.kind,
            Bool | Formatted(_)
                | Json
                | OneOf(_)
                | TimestampText
                | UnixMilliseconds
                | UnixSeconds
                | UuidBlob
                | UuidText
        )
    }

    /// Returns a value for the given attempt at a row.
    pub(super) fn value(&self, style: Style, attempt: usize, random: &mut Random) -> Value {
        let null = match style {
            Style::Plain => false,
            Style::Empty => true,
            Style::Odd | Style::Likely => random.one_in(5),
        };
        if self.nullable && null {
            return Value::Null;
        }
        if style == Style::Likely && attempt < ATTEMPTS_AT_LIKELIHOOD {
            return self.likely_value(attempt, random);
        }
        // A column with a stored form holds that form; a hint such as `LIKE '____-%'` would make nonsense of it.
        let trusted = !self.is_formed() || attempt >= ATTEMPTS_WITHOUT_HINTS;
        let hints = match random.below(10) {
            0..=6 if trusted && !self.strong.is_empty() => &self.strong,
            7..=8 if trusted && !self.weak.is_empty() => &self.weak,
            _ => return self.own_value(style, random),
        };
        match random.pick(hints).clone() {
            Hint::Value(value) => value,
            Hint::Length(length) if self.kind == Kind::Blob || self.kind == Kind::UuidBlob => {
                Value::Blob((0..length).map(|_| random.bits() as u8).collect())
            }
            Hint::Length(length) => Value::Text(word(length, random)),
            Hint::Like(pattern) => Value::Text(match_like(&pattern, random)),
            Hint::Glob(pattern) => Value::Text(match_glob(&pattern, random)),
            Hint::Around(part) => {
                let (before, behind) = (random.below(4), random.below(4));
                Value::Text(format!("{}{part}{}", word(before, random), word(behind, random)))
            }
            Hint::Json => json(random),
            Hint::Formatted(format) => Value::Text(formatted(&format, seconds(random), random)),
            Hint::Time => Value::Text(if random.one_in(2) { date(random) } else { date_time(random, ' ') }),
        }
    }

    /// Returns a value of the kind that the column was made for.
    fn own_value(&self, style: Style, random: &mut Random) -> Value {
        let plain = style == Style::Plain;
        match &self.kind {
            Kind::Bool => Value::Integer(random.below(2) as i64),
            Kind::Integer => Value::Integer(integer(plain, random)),
            Kind::Real => Value::Real(real(plain, random)),
            Kind::Text => Value::Text(self.shortened(text(plain, random))),
            Kind::Blob => Value::Blob(blob(random)),
            Kind::Numeric => match random.below(3) {
                0 if !plain => Value::Text(format!("{}.50", random.below(1_000))),
                1 => Value::Real(real(plain, random)),
                _ => Value::Integer(integer(plain, random)),
            },
            Kind::Any => match random.below(4) {
                0 => Value::Integer(integer(plain, random)),
                1 => Value::Real(real(plain, random)),
                2 => Value::Blob(blob(random)),
                _ => Value::Text(text(plain, random)),
            },
            Kind::TimestampText => {
                Value::Text(format!("{}.{:03}Z", date_time(random, 'T'), random.below(1_000)))
            }
            Kind::DateTime => Value::Text(date_time(random, ' ')),
            Kind::Date => Value::Text(date(random)),
            Kind::UnixSeconds => Value::Integer(seconds(random)),
            Kind::UnixMilliseconds => Value::Integer(seconds(random) * 1_000 + random.below(1_000) as i64),
            Kind::UuidText => Value::Text(uuid_text(&uuid(random))),
            Kind::UuidBlob => Value::Blob(uuid(random).to_vec()),
            Kind::Json => json(random),
            Kind::Formatted(format) => Value::Text(formatted(format, seconds(random), random)),
            Kind::OneOf(values) => random.pick(values).clone(),
        }
    }

    /// Returns a value that a person would believe.
    fn likely_value(&self, attempt: usize, random: &mut Random) -> Value {
        if let Some(value) = self.condition_value(attempt, random) {
            return value;
        }
        let is_real = self.kind == Kind::Real;
        match (&self.kind, self.likely) {
            // A text with a default is mostly one of a few words that the program knows.
            (Kind::Text, _) if attempt == 0 && self.default.is_some() => {
                self.default.clone().unwrap_or(Value::Null)
            }
            (Kind::Text | Kind::Integer | Kind::Real, Some(likely)) => match likely.value(is_real, random) {
                Value::Text(text) if attempt > 0 && likely.takes_a_number() => {
                    Value::Text(self.shortened(likely::numbered(text, random)))
                }
                Value::Text(text) => Value::Text(self.shortened(text)),
                Value::Integer(_) if attempt > 1 => Value::Integer(random.below(1 << 40) as i64),
                value => value,
            },
            (Kind::TimestampText, _) => Value::Text(format!(
                "{}.{:03}Z",
                likely::date_time(likely::seconds(random), 'T'),
                random.below(1_000)
            )),
            (Kind::Formatted(format), _) => Value::Text(formatted(format, likely::seconds(random), random)),
            (Kind::UnixSeconds, _) => Value::Integer(likely::seconds(random)),
            (Kind::UnixMilliseconds, _) => {
                Value::Integer(likely::seconds(random) * 1_000 + random.below(1_000) as i64)
            }
            (Kind::DateTime, _) => Value::Text(likely::date_time(likely::seconds(random), ' ')),
            (Kind::Date, _) => Value::Text(likely::date_time(likely::seconds(random), ' ')[..10].to_owned()),
            _ => self.own_value(Style::Plain, random),
        }
    }

    /// Returns a value from what the conditions say about the column: one of a list of texts, a number between two.
    fn condition_value(&self, attempt: usize, random: &mut Random) -> Option<Value> {
        let is_text = |hint: &&Hint| matches!(hint, Hint::Value(Value::Text(_)));
        let texts: Vec<&Hint> = self.strong.iter().filter(is_text).collect();
        if !texts.is_empty() && !self.is_formed() {
            let Hint::Value(value) = *random.pick(&texts) else { return None };
            return Some(value.clone());
        }
        let number = |hint: &Hint| match hint {
            Hint::Value(Value::Integer(whole)) => Some(*whole as f64),
            Hint::Value(Value::Real(real)) => Some(*real),
            _ => None,
        };
        let numbers: Vec<f64> = self.strong.iter().filter_map(number).collect();
        if numbers.len() < 2 || attempt > 3 {
            return None;
        }
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let part = random.below(1_001) as f64 / 1_000.0;
        let value = low + (high - low) * part;
        Some(match self.kind {
            Kind::Real => Value::Real(value),
            Kind::Integer | Kind::Numeric | Kind::Any => Value::Integer(value.round() as i64),
            _ => return None,
        })
    }

    fn shortened(&self, text: String) -> String {
        match self.longest {
            Some(longest) if text.chars().count() > longest => text.chars().take(longest).collect(),
            _ => text,
        }
    }
}

fn kind(column: &Column, strict: bool) -> Kind {
    let affinity = column.column_type.affinity();
    let is_text = affinity == Affinity::Text;
    match &column.form {
        StoredForm::Plain => plain_kind(column, strict),
        StoredForm::Bool => Kind::Bool,
        StoredForm::TimestampText => Kind::TimestampText,
        StoredForm::UnixSeconds if is_text => Kind::TimestampText,
        StoredForm::UnixSeconds => Kind::UnixSeconds,
        StoredForm::UnixMilliseconds => Kind::UnixMilliseconds,
        StoredForm::UuidText => Kind::UuidText,
        StoredForm::UuidBlob => Kind::UuidBlob,
        StoredForm::Json => Kind::Json,
        StoredForm::TextEnum(variants) if variants.is_empty() => Kind::Text,
        StoredForm::TextEnum(variants) => {
            Kind::OneOf(variants.iter().map(|variant| Value::Text(variant.value.clone())).collect())
        }
    }
}

/// Reads the declared type as its author meant it, which is a little more than its affinity.
fn plain_kind(column: &Column, strict: bool) -> Kind {
    let upper = column.column_type.as_str().to_ascii_uppercase();
    let has = |part: &str| upper.contains(part);
    match column.column_type.affinity() {
        _ if strict && upper == "ANY" => Kind::Any,
        Affinity::Integer => Kind::Integer,
        Affinity::Text => Kind::Text,
        Affinity::Real => Kind::Real,
        Affinity::Blob if upper.is_empty() => Kind::Any,
        Affinity::Blob => Kind::Blob,
        Affinity::Numeric if has("BOOL") => Kind::Bool,
        Affinity::Numeric if has("JSON") => Kind::Json,
        Affinity::Numeric if has("UUID") => Kind::UuidText,
        Affinity::Numeric if has("TIME") => Kind::DateTime,
        Affinity::Numeric if has("DATE") => Kind::Date,
        Affinity::Numeric => Kind::Numeric,
    }
}

/// Returns the number in `varchar(20)`.
fn declared_length(sql_type: &str) -> Option<usize> {
    let (_, behind) = sql_type.split_once('(')?;
    behind.trim_end_matches(')').trim().parse().ok()
}

/// Returns the value of a default that is a literal.
fn constant(default: &DefaultValue) -> Option<Value> {
    match default {
        DefaultValue::Null | DefaultValue::Expr(_) => None,
        DefaultValue::Bool(value) => Some(Value::Integer(i64::from(*value))),
        DefaultValue::Integer(value) => Some(Value::Integer(*value)),
        DefaultValue::Real(value) => Some(Value::Real(*value)),
        DefaultValue::Text(value) => Some(Value::Text(value.clone())),
        DefaultValue::Blob(value) => Some(Value::Blob(value.clone())),
    }
}

/// Writes a time as `strftime` does, as far as its format is of the usual parts.
fn formatted(format: &str, seconds: i64, random: &mut Random) -> String {
    let text = likely::date_time(seconds, ' ');
    let fraction = format!("{}.{:03}", &text[17..], random.below(1_000));
    let parts = [
        ("%Y", &text[..4]),
        ("%m", &text[5..7]),
        ("%d", &text[8..10]),
        ("%H", &text[11..13]),
        ("%M", &text[14..16]),
        ("%S", &text[17..]),
        ("%f", fraction.as_str()),
        ("%F", &text[..10]),
        ("%T", &text[11..]),
        ("%R", &text[11..16]),
        ("%%", "%"),
    ];
    parts.iter().fold(format.to_owned(), |text, (part, value)| text.replace(part, value))
}

fn integer(plain: bool, random: &mut Random) -> i64 {
    const ODD: [i64; 10] =
        [0, 1, -1, 127, -32_768, 65_536, i32::MAX as i64 + 1, (1 << 53) + 1, -(1 << 53) - 1, 1_000_000_007];
    match random.below(3) {
        0 if !plain => *random.pick(&ODD),
        1 if !plain => random.below(2_000_001) as i64 - 1_000_000,
        _ => random.below(1_000) as i64,
    }
}

fn real(plain: bool, random: &mut Random) -> f64 {
    const ODD: [f64; 8] = [0.0, -0.5, 1.0, 0.1, 1e-9, -1.5e300, 123_456_789.125, 9_007_199_254_740_993.0];
    match random.below(3) {
        0 if !plain => *random.pick(&ODD),
        // Quarters have short decimal forms, so they survive the way through text.
        _ => random.below(4_000) as f64 / 4.0 - if plain { 0.0 } else { 500.0 },
    }
}

fn text(plain: bool, random: &mut Random) -> String {
    const ODD: [&str; 16] = [
        "",
        " ",
        "O'Brien \"Bob\"",
        "na\u{ef}ve \u{65e5}\u{672c}\u{8a9e} \u{1f331}",
        "42",
        "-7.5",
        "007",
        "12abc",
        "1e3",
        "NULL",
        "a;b -- c /* d */",
        "two\nlines\tand a tab",
        "100% [x]_",
        "\u{130}stanbul STRASSE stra\u{df}e",
        "{\"a\": 1}",
        "2026-01-31",
    ];
    const WORDS: [&str; 8] = ["alder", "Birch", "cedar", "ELM", "fir", "hazel", "maple", "oak"];
    match random.below(4) {
        0 | 1 if !plain => (*random.pick(&ODD)).to_owned(),
        2 if !plain => {
            let length = random.below(40);
            word(length, random)
        }
        _ => format!("{} {}", random.pick(&WORDS), random.below(10_000)),
    }
}

fn blob(random: &mut Random) -> Vec<u8> {
    match random.below(5) {
        0 => Vec::new(),
        1 => vec![0, 255, 0],
        2 => "text in a blob \u{e9}".as_bytes().to_vec(),
        _ => {
            let length = 1 + random.below(24);
            (0..length).map(|_| random.bits() as u8).collect()
        }
    }
}

/// Returns a text of so many letters and digits.
fn word(length: usize, random: &mut Random) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    (0..length).map(|_| char::from(*random.pick(LETTERS))).collect()
}

fn json(random: &mut Random) -> Value {
    const DOCUMENTS: [&str; 8] = [
        "{\"a\":1}",
        "[]",
        "{}",
        "[1,\"two\",null]",
        "\"text\"",
        "null",
        "7.5",
        "{\"nested\":{\"it's\":\"\u{65e5}\u{672c}\"},\"a\":[true]}",
    ];
    match random.below(3) {
        0 => Value::Text(format!("{{\"n\":{}}}", random.below(100_000))),
        _ => Value::Text((*random.pick(&DOCUMENTS)).to_owned()),
    }
}

/// Returns seconds since 1970, between 1938 and 2096; a few round ones.
fn seconds(random: &mut Random) -> i64 {
    match random.below(5) {
        0 => 0,
        1 => random.below(1_000_000_000) as i64 - 1_000_000_000,
        _ => random.below(4_000_000_000) as i64,
    }
}

fn date(random: &mut Random) -> String {
    format!("{:04}-{:02}-{:02}", 1950 + random.below(100), 1 + random.below(12), 1 + random.below(28))
}

fn date_time(random: &mut Random, separator: char) -> String {
    let day = date(random);
    format!("{day}{separator}{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60))
}

/// Returns the bytes of a UUID of version 4.
pub(super) fn uuid(random: &mut Random) -> [u8; 16] {
    let mut bytes = (u128::from(random.bits()) << 64 | u128::from(random.bits())).to_be_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

pub(super) fn uuid_text(bytes: &[u8; 16]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn match_like(pattern: &str, random: &mut Random) -> String {
    let mut text = String::new();
    for letter in pattern.chars() {
        match letter {
            '%' => {
                let length = random.below(5);
                text.push_str(&word(length, random));
            }
            '_' => text.push_str(&word(1, random)),
            other => text.push(other),
        }
    }
    text
}

fn match_glob(pattern: &str, random: &mut Random) -> String {
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => {
                let length = random.below(5);
                text.push_str(&word(length, random));
            }
            '?' => text.push_str(&word(1, random)),
            '[' => {
                let mut class = Vec::new();
                for member in letters.by_ref() {
                    if member == ']' && !class.is_empty() {
                        break;
                    }
                    class.push(member);
                }
                text.push(in_class(&class, random));
            }
            other => text.push(other),
        }
    }
    text
}

/// Returns a character of a class such as `a-z0-9` or `^,;`.
fn in_class(class: &[char], random: &mut Random) -> char {
    if class.first() == Some(&'^') {
        let others: Vec<char> = ('0'..='z').filter(|letter| !class.contains(letter)).collect();
        return if others.is_empty() { ' ' } else { *random.pick(&others) };
    }
    let mut members = Vec::new();
    let mut at = 0;
    while at < class.len() {
        if class.get(at + 1) == Some(&'-') && at + 2 < class.len() {
            members.extend(class[at]..=class[at + 2]);
            at += 3;
        } else {
            members.push(class[at]);
            at += 1;
        }
    }
    if members.is_empty() { ' ' } else { *random.pick(&members) }
}

#[cfg(test)]
mod tests {
    use super::{match_glob, match_like, uuid, uuid_text};
    use crate::rows::random::Random;

    #[test]
    fn patterns_are_matched_in_sqlites_eyes() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let mut random = Random::new(1);
        for pattern in ["%@_%.org", "", "a_c", "%"] {
            let text = match_like(pattern, &mut random);
            assert!(
                connection
                    .query_row("SELECT ?1 LIKE ?2", (&text, pattern), |row| row.get::<_, bool>(0))
                    .unwrap()
            );
        }
        for pattern in ["[a-f0-9][^x]?*-[]]", "*", "[-a]b"] {
            let text = match_glob(pattern, &mut random);
            let matches =
                connection.query_row("SELECT ?1 GLOB ?2", (&text, pattern), |row| row.get::<_, bool>(0));
            assert!(matches.unwrap(), "{text:?} does not match {pattern:?}");
        }
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let text = uuid_text(&uuid(&mut Random::new(3)));
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "4");
        assert!("89ab".contains(&text[19..20]));
    }
}
