//! Names: those of migration files, `NNNN_what_it_does`, safe on every file system; the snake_case of a Rust name.
//!
//! The words come from the caller (the changes themselves, or a person's `--name`); the number and the guarantee
//! that no other migration has the name come from here.

use std::fmt;

use crate::journal::Journal;

/// How long the words of a tag may be.
const LONGEST: usize = 60;

/// Names that Windows keeps for devices, whatever extension follows.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Returns a name as snake_case ASCII of at most 60 characters.
///
/// ```
/// use seedbed_schema::naming::file_name;
///
/// assert_eq!(file_name("Add hintEvents (v2)").unwrap(), "add_hint_events_v2");
/// assert!(file_name("???").is_err());
/// ```
///
/// # Errors
///
/// When no ASCII letter or digit is left.
pub fn file_name(name: &str) -> Result<String, NameError> {
    let mut words = String::with_capacity(name.len());
    let mut before = ' ';
    for character in name.chars() {
        let starts_word =
            character.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if !character.is_ascii_alphanumeric() || starts_word {
            push_separator(&mut words);
        }
        if character.is_ascii_alphanumeric() {
            words.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    let words = shorten(words.trim_matches('_'));
    if words.is_empty() {
        return Err(NameError { name: name.to_owned() });
    }
    Ok(if is_reserved(words) { format!("{words}_migration") } else { words.to_owned() })
}

/// Returns the tag of the migration that comes next, `0004_add_hint_events`.
///
/// A tag that differs from another one in case only would be the same file on some systems, so it counts as taken
/// and gets a number behind it.
///
/// ```
/// use seedbed_schema::journal::Journal;
/// use seedbed_schema::model::Dialect;
/// use seedbed_schema::naming::next_tag;
///
/// let mut journal = Journal::new(Dialect::Sqlite);
/// journal.append("0000_base", 0);
/// assert_eq!(next_tag(&journal, "add users").unwrap(), "0001_add_users");
/// ```
///
/// # Errors
///
/// As [`file_name`].
pub fn next_tag(journal: &Journal, name: &str) -> Result<String, NameError> {
    let tag = format!("{:04}_{}", journal.next_index(), file_name(name)?);
    let is_taken = |tag: &str| journal.entries.iter().any(|entry| entry.tag.eq_ignore_ascii_case(tag));
    let numbered = (2..).map(|number: u32| format!("{tag}_{number}"));
    Ok(std::iter::once(tag.clone()).chain(numbered).find(|tag| !is_taken(tag)).unwrap_or(tag))
}

/// Returns the snake_case of a Rust name: `HttpRequest` and `HTTPRequest` are `http_request`.
pub(crate) fn snake_case(name: &str) -> String {
    if !name.contains(char::is_uppercase) {
        return name.to_owned();
    }
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        if letter.is_uppercase() {
            let before = at.checked_sub(1).map(|index| letters[index]);
            let after_lower = before.is_some_and(|c| c.is_lowercase() || c.is_numeric());
            let ends_acronym = before.is_some_and(char::is_uppercase)
                && letters.get(at + 1).is_some_and(|c| c.is_lowercase());
            if after_lower || ends_acronym {
                snake.push('_');
            }
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

fn push_separator(words: &mut String) {
    if !words.is_empty() && !words.ends_with('_') {
        words.push('_');
    }
}

/// Cuts at a word's end if there is one in the second half.
fn shorten(words: &str) -> &str {
    if words.len() <= LONGEST {
        return words;
    }
    let cut = if words.as_bytes()[LONGEST] == b'_' {
        LONGEST
    } else {
        words[..LONGEST].rfind('_').filter(|at| *at >= LONGEST / 2).unwrap_or(LONGEST)
    };
    words[..cut].trim_end_matches('_')
}

fn is_reserved(name: &str) -> bool {
    let letters = name.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = name.len() - letters.len();
    let takes_digit = matches!(letters, "com" | "lpt");
    RESERVED.contains(&letters) && digits == usize::from(takes_digit)
}

/// A name of which nothing is left as a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameError {
    name: String,
}

impl NameError {
    /// Says what to do about it.
    pub fn hint(&self) -> &'static str {
        "use letters a to z, digits and underscores, such as `--name add_users`"
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no letter or digit that can stand in a file name", self.name)
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::{LONGEST, file_name, next_tag, snake_case};
    use crate::journal::Journal;
    use crate::model::Dialect;

    #[test]
    fn snake_case_knows_acronyms_digits_and_underscores() {
        for (name, snake) in [
            ("Node", "node"),
            ("UserNodeProgress", "user_node_progress"),
            ("HTTPRequest", "http_request"),
            ("Sha256Sum", "sha256_sum"),
            ("user_id", "user_id"),
            ("_hidden", "_hidden"),
            ("S3Key", "s3_key"),
            ("ÉtéNeuf", "été_neuf"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }

    #[test]
    fn names_become_snake_case() {
        for (name, expected) in [
            ("add_users", "add_users"),
            ("AddUsers", "add_users"),
            ("add  users -- now!", "add_users_now"),
            ("../../etc/passwd", "etc_passwd"),
            ("HTTPLog", "httplog"),
            ("gr\u{fc}n", "gr_n"),
            ("_x_", "x"),
            ("v2Users", "v2_users"),
        ] {
            assert_eq!(file_name(name).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn device_names_of_windows_are_avoided() {
        for name in ["con", "NUL", "com1", "Lpt9"] {
            assert!(file_name(name).unwrap().ends_with("_migration"), "{name}");
        }
        for name in ["com", "com12", "con1", "console"] {
            assert_eq!(file_name(name).unwrap(), name);
        }
    }

    #[test]
    fn long_names_are_cut_at_a_word() {
        let long = file_name(&"word_".repeat(40)).unwrap();
        assert!(long.len() <= LONGEST && long.ends_with("word"), "{long}");
        assert_eq!(file_name(&"x".repeat(100)).unwrap().len(), LONGEST);
    }

    #[test]
    fn a_name_without_letters_is_refused() {
        let error = file_name("\u{65e5}\u{672c}").unwrap_err();
        assert!(error.to_string().contains("\u{65e5}\u{672c}"));
        assert!(error.hint().contains("--name"));
    }

    #[test]
    fn a_taken_tag_gets_a_number() {
        let mut journal = Journal::new(Dialect::Sqlite);
        journal.append("0001_Add_users", 0);
        assert_eq!(next_tag(&journal, "add users").unwrap(), "0001_add_users_2");
    }
}
