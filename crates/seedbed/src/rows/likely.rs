//! Plausible values: what a column of that name probably holds.
//!
//! `email` is an address, `created_at` a time of the last years, `is_open` a yes or no, `parent_id` an id. This is for
//! rows that people look at, in a development database or a picture; whether a value is allowed is not decided here.

use rusqlite::types::Value;
use seedbed_schema::model::{Affinity, Column};

use super::random::Random;
use super::values::{uuid, uuid_text};
use super::words;

/// What a column of a name probably holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likely {
    Id,
    Email,
    FullName,
    FirstName,
    LastName,
    Slug,
    Title,
    Sentences,
    Url,
    Phone,
    City,
    Country,
    Street,
    PostalCode,
    Company,
    Language,
    Currency,
    Color,
    FileName,
    MediaType,
    Path,
    Hexadecimal,
    Version,
    List,
    Object,
    Date,
    Moment,
    UnixTime,
    Words,
    YesNo,
    Year,
    Age,
    Bytes,
    Count,
    Grade,
    Percent,
    Money,
    Share,
    Latitude,
    Longitude,
    Number,
}

/// The endings and words of names, and what they speak of; the first that fits counts. A name fits when it is the word
/// or ends in it behind an underscore.
const TEXTS: [(&[&str], Likely); 25] = [
    (&["email", "e_mail", "mail", "email_address"], Likely::Email),
    (&["first_name", "given_name", "forename"], Likely::FirstName),
    (&["last_name", "surname", "family_name"], Likely::LastName),
    (&["filename", "file_name", "file", "attachment"], Likely::FileName),
    (&["username", "user_name", "login", "handle", "slug", "nickname", "permalink"], Likely::Slug),
    (&["company", "company_name", "organization", "organisation", "employer", "vendor"], Likely::Company),
    (&["name", "author", "owner", "contact", "customer"], Likely::FullName),
    (&["title", "subject", "headline", "label", "heading", "caption"], Likely::Title),
    (&["url", "uri", "link", "website", "homepage", "href", "avatar", "image"], Likely::Url),
    (&["phone", "telephone", "mobile", "fax", "phone_number"], Likely::Phone),
    (&["city", "town", "place", "location"], Likely::City),
    (&["country", "nation"], Likely::Country),
    (&["street", "address", "address1"], Likely::Street),
    (&["zip", "zipcode", "zip_code", "postcode", "postal_code"], Likely::PostalCode),
    (&["language", "lang", "locale"], Likely::Language),
    (&["currency", "currency_code"], Likely::Currency),
    (&["color", "colour"], Likely::Color),
    (&["mime", "mime_type", "content_type", "media_type"], Likely::MediaType),
    (&["path", "folder", "directory", "key"], Likely::Path),
    (
        &["hash", "sha256", "sha1", "md5", "checksum", "digest", "token", "secret", "fingerprint"],
        Likely::Hexadecimal,
    ),
    (&["version", "release"], Likely::Version),
    (&["tags", "labels", "options", "items", "ids", "cards", "choices", "list"], Likely::List),
    (
        &["meta", "metadata", "payload", "settings", "config", "json", "attributes", "rubric", "signal"],
        Likely::Object,
    ),
    (&["date", "day", "birthday", "on"], Likely::Date),
    (
        &["at", "time", "timestamp", "datetime", "created", "updated", "modified", "until", "since"],
        Likely::Moment,
    ),
];

/// What says a text of several sentences; these words may stand anywhere in the name.
const PROSE: [&str; 16] = [
    "desc",
    "description",
    "summary",
    "bio",
    "note",
    "notes",
    "comment",
    "content",
    "body",
    "text",
    "message",
    "prompt",
    "explanation",
    "feedback",
    "answer",
    "md",
];

const INTEGERS: [(&[&str], Likely); 9] = [
    (&["year"], Likely::Year),
    (&["age"], Likely::Age),
    (&["bytes", "size", "length", "filesize"], Likely::Bytes),
    (
        &["count", "attempts", "quantity", "qty", "stock", "views", "likes", "visits", "retries"],
        Likely::Count,
    ),
    (&["rating", "stars", "level", "difficulty", "priority", "grade", "rank"], Likely::Grade),
    (&["percent", "percentage", "progress"], Likely::Percent),
    (&["price", "amount", "total", "cost", "cents", "balance", "salary", "budget", "fee"], Likely::Money),
    (&["at", "time", "timestamp", "created", "updated", "since", "until"], Likely::UnixTime),
    (&["flag", "enabled", "active", "visible", "deleted", "archived", "done", "completed"], Likely::YesNo),
];

const REALS: [(&[&str], Likely); 5] = [
    (&["latitude", "lat"], Likely::Latitude),
    (&["longitude", "lng", "lon", "long"], Likely::Longitude),
    (&["percent", "percentage"], Likely::Percent),
    (&["price", "amount", "total", "cost", "balance", "salary", "budget", "fee"], Likely::Money),
    (
        &["score", "accuracy", "ratio", "share", "rate", "probability", "confidence", "mastery", "weight"],
        Likely::Share,
    ),
];

impl Likely {
    /// Guesses from the name and the declared type; `None` where the type alone has to do.
    pub(super) fn of(column: &Column) -> Option<Self> {
        let name = snake_case(&column.name);
        let listed = |list: &[(&[&str], Self)]| {
            let fits = |word: &&str| {
                name == **word || name.strip_suffix(*word).is_some_and(|rest| rest.ends_with('_'))
            };
            list.iter().find(|(words, _)| words.iter().any(fits)).map(|(_, likely)| *likely)
        };
        let begins = |prefix: &str| name.starts_with(prefix);
        let is_id =
            ["id", "uuid", "guid"].iter().any(|word| name == *word || name.ends_with(&format!("_{word}")));
        match column.column_type.affinity() {
            Affinity::Text if is_id => Some(Self::Id),
            Affinity::Text if name.split('_').any(|word| PROSE.contains(&word)) => {
                Some(listed(&TEXTS).filter(|likely| *likely == Self::FileName).unwrap_or(Self::Sentences))
            }
            Affinity::Text => Some(listed(&TEXTS).unwrap_or(Self::Words)),
            Affinity::Integer if ["is_", "has_", "was_", "can_"].iter().any(|prefix| begins(prefix)) => {
                Some(Self::YesNo)
            }
            Affinity::Integer => Some(listed(&INTEGERS).unwrap_or(Self::Number)),
            Affinity::Real => Some(listed(&REALS).unwrap_or(Self::Number)),
            Affinity::Numeric | Affinity::Blob => None,
        }
    }

    /// Returns a value; `is_real` says that the column takes fractions.
    pub(super) fn value(self, is_real: bool, random: &mut Random) -> Value {
        let number =
            |whole: usize| if is_real { Value::Real(whole as f64) } else { Value::Integer(whole as i64) };
        let hundredths =
            |random: &mut Random, limit: usize| Value::Real(random.below(limit * 100 + 1) as f64 / 100.0);
        match self {
            Self::YesNo => number(random.below(2)),
            Self::Year => number(1990 + random.below(37)),
            Self::Age => number(18 + random.below(73)),
            Self::Bytes => number(512 + random.below(5_000_000)),
            Self::Count => number(random.below(50)),
            Self::Grade => number(1 + random.below(5)),
            Self::Percent if is_real => hundredths(random, 100),
            Self::Percent => number(random.below(101)),
            Self::Money if is_real => hundredths(random, 1_000),
            Self::Money => number(100 + random.below(100_000)),
            Self::Share => hundredths(random, 1),
            Self::Latitude => Value::Real(random.below(180_000) as f64 / 1_000.0 - 90.0),
            Self::Longitude => Value::Real(random.below(360_000) as f64 / 1_000.0 - 180.0),
            Self::Number if is_real => Value::Real(random.below(10_000) as f64 / 10.0),
            Self::Number => number(random.below(1_000)),
            Self::UnixTime => Value::Integer(seconds(random)),
            other => Value::Text(other.text(random)),
        }
    }

    /// Whether a text may get a number so that it differs from others.
    pub(super) fn takes_a_number(self) -> bool {
        use Likely::{
            City, Company, Country, Email, FileName, FirstName, FullName, LastName, Path, Sentences,
        };
        use Likely::{Slug, Street, Title, Url, Words};
        matches!(
            self,
            City | Company
                | Country
                | Email
                | FileName
                | FirstName
                | FullName
                | LastName
                | Path
                | Sentences
                | Slug
                | Street
                | Title
                | Url
                | Words
        )
    }

    fn text(self, random: &mut Random) -> String {
        const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "pt", "ja", "tr", "hi"];
        const CURRENCIES: [&str; 6] = ["EUR", "USD", "GBP", "JPY", "CHF", "INR"];
        const MEDIA_TYPES: [&str; 5] =
            ["application/pdf", "text/plain", "text/markdown", "image/png", "application/json"];
        match self {
            Self::Id => uuid_text(&uuid(random)),
            Self::Email => words::email(random),
            Self::FullName => words::full_name(random),
            Self::FirstName => words::first_name(random).to_owned(),
            Self::LastName => words::last_name(random).to_owned(),
            Self::Slug => words::slug(random),
            Self::Title => words::title(random),
            Self::Sentences => words::sentences(random),
            Self::Url => format!("https://example.org/{}", words::slug(random)),
            Self::Phone => format!("+1 555 01{:02}", random.below(100)),
            Self::City => words::city(random).to_owned(),
            Self::Country => words::country(random).to_owned(),
            Self::Street => format!("{} {} Street", 1 + random.below(200), words::last_name(random)),
            Self::PostalCode => format!("{:05}", random.below(100_000)),
            Self::Company => format!("{} and {}", words::last_name(random), words::last_name(random)),
            Self::Language => (*random.pick(&LANGUAGES)).to_owned(),
            Self::Currency => (*random.pick(&CURRENCIES)).to_owned(),
            Self::Color => format!("#{:06x}", random.below(0x100_0000)),
            Self::FileName => format!("{}.pdf", words::slug(random)),
            Self::MediaType => (*random.pick(&MEDIA_TYPES)).to_owned(),
            Self::Path => format!("{}/{}", words::thing(random), words::slug(random)),
            Self::Hexadecimal => (0..4).map(|_| format!("{:016x}", random.bits())).collect(),
            Self::Version => format!("{}.{}.{}", random.below(4), random.below(12), random.below(20)),
            Self::List if random.one_in(4) => "[]".to_owned(),
            Self::List => format!("[\"{}\",\"{}\"]", words::phrase(random), words::phrase(random)),
            Self::Object => format!("{{\"{}\":{}}}", words::thing(random), random.below(100)),
            Self::Date => date_time(seconds(random), ' ')[..10].to_owned(),
            Self::Moment => date_time(seconds(random), ' '),
            _ => words::phrase(random),
        }
    }
}

/// Returns seconds since 1970 of a moment from 2024 to the middle of 2026. Fixed, so that the same seed gives the same rows
/// whenever it is used.
pub(super) fn seconds(random: &mut Random) -> i64 {
    const FROM: i64 = 1_704_067_200;
    const SPAN: usize = 912 * 86_400;
    FROM + random.below(SPAN) as i64
}

/// Returns a moment as SQLite writes it, `2026-01-31 12:00:00`, with another separator if wanted.
pub(super) fn date_time(seconds: i64, separator: char) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days are counted from the first of March of the year 0, so that the day of a leap year comes last; see Hinnant,
    // "chrono-compatible low-level date algorithms".
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}")
}

/// Returns a text with a number behind it, for a column whose values have to differ.
pub(super) fn numbered(text: String, random: &mut Random) -> String {
    let number = random.below(1_000_000);
    match text.split_once('@') {
        Some((before, host)) => format!("{before}.{number}@{host}"),
        None => format!("{text} {number}"),
    }
}

/// Returns `created_at` for `createdAt`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        before = letter;
    }
    snake.replace([' ', '-', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::{Likely, date_time, numbered};
    use crate::rows::random::Random;
    use seedbed_schema::model::{Column, ColumnType};

    fn likely(name: &str, sql_type: &str) -> Option<Likely> {
        Likely::of(&Column { name: name.into(), column_type: ColumnType::new(sql_type), ..Column::default() })
    }

    #[test]
    fn a_name_says_what_is_in_a_column() {
        for (name, expected) in [
            ("id", Likely::Id),
            ("parentId", Likely::Id),
            ("email", Likely::Email),
            ("contact_email", Likely::Email),
            ("Display Name", Likely::FullName),
            ("original_filename", Likely::FileName),
            ("explanation_md", Likely::Sentences),
            ("mime_type", Likely::MediaType),
            ("created_at", Likely::Moment),
            ("options", Likely::List),
            ("format", Likely::Words),
            ("what", Likely::Words),
        ] {
            assert_eq!(likely(name, "TEXT"), Some(expected), "{name}");
        }
        assert_eq!(likely("is_open", "INTEGER"), Some(Likely::YesNo));
        assert_eq!(likely("created_at", "INTEGER"), Some(Likely::UnixTime));
        assert_eq!(likely("mastery_score", "REAL"), Some(Likely::Share));
        assert_eq!(likely("anything", "BLOB"), None);
    }

    #[test]
    fn moments_are_those_of_sqlite() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for seconds in [0, 951_782_399, 951_782_400, 1_704_067_199, 1_709_164_800, 1_782_777_600] {
            let sqlite: String = connection
                .query_row("SELECT datetime(?1, 'unixepoch')", [seconds], |row| row.get(0))
                .unwrap();
            assert_eq!(date_time(seconds, ' '), sqlite);
        }
    }

    #[test]
    fn an_address_stays_one_when_it_gets_a_number() {
        let text = numbered("ada@example.org".to_owned(), &mut Random::new(1));
        assert!(text.starts_with("ada.") && text.ends_with("@example.org"), "{text}");
    }
}
