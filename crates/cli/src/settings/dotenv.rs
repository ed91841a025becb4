//! `.env` files: `NAME=value` lines that stand in for variables nobody set.
//!
//! Read: `export` in front, `#` comments, single quotes (everything literal), double quotes (`\n`, `\t`, `\"`, `\\`,
//! `\$`), both over several lines. A line that is none of this is a fault with its number, never skipped. The real
//! environment always wins over what is read here; that is [`super::Environment`]'s work.

use super::expand::is_variable_name;

/// A variable that a `.env` file sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The variable.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: String,
    /// The line of the name, counted from one.
    pub(crate) line: usize,
}

/// A line that can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DotEnvFault {
    /// The line, counted from one.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) message: String,
}

/// Reads a `.env` file; when a variable is set twice, the later one counts.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, DotEnvFault> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let end = rest.find('\n').unwrap_or(rest.len());
        let content = rest[..end].trim();
        if content.is_empty() || content.starts_with('#') {
            rest = rest.get(end + 1..).unwrap_or_default();
            line += 1;
            continue;
        }
        let fault = |message: String| DotEnvFault { line, message };
        let Some(equals) = rest[..end].find('=') else {
            return Err(fault(format!("`{content}` is not of the form `NAME=value`")));
        };
        let name = rest[..equals].trim();
        let name = name.strip_prefix("export ").map_or(name, str::trim_start);
        if !is_variable_name(name) {
            return Err(fault(format!("`{name}` is no name of a variable")));
        }
        let (value, used) = value(&rest[equals + 1..]).map_err(fault)?;
        entries.retain(|entry| entry.name != name);
        entries.push(Entry { name: name.to_owned(), value, line });
        let consumed = &rest[..equals + 1 + used];
        line += consumed.matches('\n').count();
        rest = &rest[consumed.len()..];
    }
    Ok(entries)
}

/// Reads a value with the rest of its last line; returns it and how many bytes that was.
fn value(text: &str) -> Result<(String, usize), String> {
    let blank = text.len() - text.trim_start_matches([' ', '\t']).len();
    let start = &text[blank..];
    match start.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, used) = quoted(&start[1..], quote)?;
            let after = &start[1 + used..];
            let end = after.find('\n').map_or(after.len(), |newline| newline + 1);
            let trailing = after[..end].trim();
            if !trailing.is_empty() && !trailing.starts_with('#') {
                return Err(format!("`{trailing}` stands behind the closing quote"));
            }
            Ok((value, blank + 1 + used + end))
        }
        _ => {
            let end = text.find('\n').map_or(text.len(), |newline| newline + 1);
            let line = &text[..end];
            let comment = line.find(" #").or_else(|| line.find("\t#")).unwrap_or(line.len());
            Ok((line[..comment].trim().to_owned(), end))
        }
    }
}

/// Reads up to the closing quote; returns the value and how many bytes it took, the quote included.
fn quoted(text: &str, quote: char) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Ok((value, at + 1)),
            '\\' if quote == '"' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, escaped @ ('"' | '\\' | '$'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => break,
            },
            _ => value.push(character),
        }
    }
    Err(format!("the quote `{quote}` is not closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let entries = parse(text).expect("the text is a .env file");
        entries.into_iter().map(|entry| (entry.name, entry.value)).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn plain_quoted_and_commented_values_are_read() {
        let text = "# head\n\nA=one\r\n export B = two words # why\nC=\"x#y\\n\\\"z\\\"\" # c\nD='a\\n$b'\nE=\nF=a#b";
        let expected = [
            pair("A", "one"),
            pair("B", "two words"),
            pair("C", "x#y\n\"z\""),
            pair("D", "a\\n$b"),
            pair("E", ""),
            pair("F", "a#b"),
        ];
        assert_eq!(pairs(text), expected);
    }

    #[test]
    fn a_quoted_value_may_span_lines_and_lines_are_still_counted() {
        let entries = parse("KEY=\"one\ntwo\"\nNEXT=1\n").expect("the text is a .env file");
        assert_eq!(entries[0].value, "one\ntwo");
        assert_eq!((entries[1].name.as_str(), entries[1].line), ("NEXT", 3));
    }

    #[test]
    fn the_later_of_two_counts() {
        assert_eq!(pairs("A=1\nA=2\n"), [pair("A", "2")]);
    }

    #[test]
    fn what_is_no_assignment_is_a_fault_with_its_line() {
        let message = |text| parse(text).expect_err("the text is wrong").message;
        assert_eq!(parse("A=1\nnonsense\n").expect_err("no assignment").line, 2);
        assert_eq!(message("9=1"), "`9` is no name of a variable");
        assert_eq!(message("A=\"x"), "the quote `\"` is not closed");
        assert_eq!(message("A='x' y"), "`y` stands behind the closing quote");
    }
}
