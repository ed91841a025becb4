//! The `url` of a database, which for SQLite is the path of a file.
//!
//! Written as a path (`app.db`) or with a scheme (`sqlite:app.db`, `sqlite:///srv/app.db`). What another tool would
//! take and we can't honour (parameters, a database in memory, another system) is refused with the reason.

/// Why a url can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UrlFault {
    /// What is wrong.
    pub(crate) reason: String,
    /// What to write instead.
    pub(crate) hint: String,
}

/// Returns the path that a url names.
pub(crate) fn path(url: &str) -> Result<&str, UrlFault> {
    let fault = |reason: &str, hint: &str| Err(UrlFault { reason: reason.to_owned(), hint: hint.to_owned() });
    let scheme = url.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| is_scheme(scheme));
    let path = match scheme {
        Some("sqlite" | "file") => {
            let rest = url.split_once(':').map_or(url, |(_, rest)| rest);
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            if let Some((path, parameters)) = rest.split_once('?') {
                let reason = format!("its parameters `?{parameters}` have no meaning here");
                return fault(&reason, &format!("write the path alone: `{path}`"));
            }
            rest
        }
        Some(other) => {
            let reason = format!("`{other}` is not a database that Seedbed knows yet");
            return fault(&reason, "give the path of an SQLite file, such as `app.db`");
        }
        None => url,
    };
    match path {
        "" => fault("it names no file", "give the path of an SQLite file, such as `app.db`"),
        ":memory:" => fault(
            "a database in memory is gone when the command ends",
            "give the path of a file; a temporary one will do",
        ),
        path => Ok(path),
    }
}

/// Whether a text in front of a colon is a scheme; one letter is a Windows drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_and_the_sqlite_scheme_are_accepted() {
        for (url, expected) in [
            ("app.db", "app.db"),
            ("/srv/app.db", "/srv/app.db"),
            ("sqlite:app.db", "app.db"),
            ("sqlite://app.db", "app.db"),
            ("sqlite:///srv/app.db", "/srv/app.db"),
            ("file:app.db", "app.db"),
            ("c:\\app.db", "c:\\app.db"),
            ("what?.db", "what?.db"),
        ] {
            assert_eq!(path(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_file_is_refused_with_the_reason() {
        let reason = |url| path(url).expect_err("the url is refused").reason;
        assert!(reason(":memory:").contains("gone when the command ends"));
        assert!(reason("sqlite::memory:").contains("gone when the command ends"));
        assert!(reason("sqlite:").contains("names no file"));
        assert!(reason("sqlite:app.db?mode=rwc").contains("`?mode=rwc`"));
        assert!(reason("postgres://localhost/app").contains("`postgres`"));
    }
}
