//! `${VAR}` and `${VAR:-default}` in the values of `seedbed.toml`.
//!
//! A variable that is not set or empty takes the default; without one it is a fault, since a database path with a
//! hole in it is a different database. `$${` stands for `${`; a `$` without a brace is itself.

/// Returns the text with its variables filled in, or what is wrong with it.
pub(crate) fn expand(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find("${") {
        if rest[..dollar].ends_with('$') {
            expanded.push_str(&rest[..dollar - 1]);
            expanded.push_str("${");
            rest = &rest[dollar + 2..];
            continue;
        }
        expanded.push_str(&rest[..dollar]);
        let inside = &rest[dollar + 2..];
        let Some(end) = inside.find('}') else {
            return Err(format!("`{}` is not closed by `}}`", &rest[dollar..]));
        };
        let (name, default) = match inside[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inside[..end], None),
        };
        if !is_variable_name(name) {
            return Err(format!("`{name}` is no name of an environment variable"));
        }
        match (variable(name).filter(|value| !value.is_empty()), default) {
            (Some(value), _) => expanded.push_str(&value),
            (None, Some(default)) => expanded.push_str(default),
            (None, None) => return Err(format!("the environment variable `{name}` is not set")),
        }
        rest = &inside[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// Whether a text can name an environment variable.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, String> {
        expand(text, |name| match name {
            "HOME" => Some("/home/ada".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_and_defaults_are_filled_in() {
        assert_eq!(expanded("${HOME}/${NONE:-app}.db").as_deref(), Ok("/home/ada/app.db"));
        assert_eq!(expanded("${EMPTY:-x}").as_deref(), Ok("x"));
        assert_eq!(expanded("${HOME:-x}").as_deref(), Ok("/home/ada"));
        assert_eq!(expanded("${NONE:-}").as_deref(), Ok(""));
    }

    #[test]
    fn a_dollar_that_begins_no_variable_is_itself() {
        assert_eq!(expanded("a$b$").as_deref(), Ok("a$b$"));
        assert_eq!(expanded("a$${HOME}b").as_deref(), Ok("a${HOME}b"));
    }

    #[test]
    fn what_cannot_be_filled_in_is_said() {
        assert_eq!(expanded("x${NONE}"), Err("the environment variable `NONE` is not set".to_owned()));
        assert_eq!(expanded("x${HOME"), Err("`${HOME` is not closed by `}`".to_owned()));
        assert_eq!(expanded("${a b}"), Err("`a b` is no name of an environment variable".to_owned()));
    }
}
