//! The flags that override a setting, shared by the verbs that use it.

use std::path::PathBuf;
use std::time::Duration;

/// `--schema`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SchemaArg {
    /// Read the tables from this Rust file
    #[arg(long, value_name = "PATH")]
    pub(crate) schema: Option<PathBuf>,
}

/// `--out`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct OutArg {
    /// Use this migrations folder
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

/// `--url`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct UrlArg {
    /// Use this database, a path such as app.db
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
}

/// `--lock-timeout`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct LockArg {
    /// Wait so long for another migrator, such as 30s or 500ms; left out, as long as it lives
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,
}

/// Reads `30`, `30s`, `500ms` or `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| "write a whole number with s, ms or m".to_owned())?;
    match &text[digits.len()..] {
        "" | "s" => Ok(Duration::from_secs(number)),
        "ms" => Ok(Duration::from_millis(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        unit => Err(format!("`{unit}` is none of s, ms and m")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "s", "1h", "-1s", "1.5s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
