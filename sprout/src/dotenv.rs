//! `.env`: settings in a file, for what the environment does not say.
//!
//! One `NAME=value` a line, `export` before it if one likes; `#` begins a comment on a line of its own or after white space;
//! a value in single or double quotes is taken as it stands between them. Nothing is expanded.

use std::collections::BTreeMap;

/// Reads the text of a `.env` file.
///
/// # Errors
///
/// Names the line that is no setting.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut settings = BTreeMap::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let setting = line.strip_prefix("export ").unwrap_or(line);
        let parsed =
            setting.split_once('=').and_then(|(name, value)| Some((name.trim(), unquote(value.trim())?)));
        match parsed {
            Some((name, value)) if is_name(name) => settings.insert(name.to_owned(), value.to_owned()),
            _ => return Err(format!("line {} is no setting such as `PORT=8000`", index + 1)),
        };
    }
    Ok(settings)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Returns the value without its quotes or the comment after it; nothing when a quote is not closed.
fn unquote(value: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let (inside, after) = rest.split_once(quote)?;
            let after = after.trim();
            return (after.is_empty() || after.starts_with('#')).then_some(inside);
        }
    }
    let comment = value.find(" #").or_else(|| value.find("\t#")).unwrap_or(value.len());
    Some(value[..comment].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_comments_and_quotes_are_read() {
        let text = "\u{feff}# comment\n\nPORT=8001\nexport HOST = 0.0.0.0 # everyone\nA=\"x # y\"\nB='' # b\nC=a=b#c\r\n";
        let settings = parse(text).unwrap();
        let pairs: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "x # y"), ("B", ""), ("C", "a=b#c"), ("HOST", "0.0.0.0"), ("PORT", "8001")]);
    }

    #[test]
    fn a_line_that_is_no_setting_is_named() {
        for text in ["\nPORT", "\nA=\"open", "\nA B=1", "\n=1", "\nA=\"x\" y"] {
            assert_eq!(parse(text).unwrap_err(), "line 2 is no setting such as `PORT=8000`", "{text}");
        }
    }
}
