//! An attribute's arguments as a tree, laid out as rustfmt would.

/// How long the arguments of a list may be on one line, rustfmt's `attr_fn_like_width`.
const LIST_WIDTH: usize = 70;

/// One argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arg {
    /// `key`, `key = value`, a literal.
    Text(String),
    /// `key(…)`
    List(String, Vec<Self>),
}

impl Arg {
    /// A bare key.
    pub(super) fn flag(key: &str) -> Self {
        Self::Text(key.to_owned())
    }

    /// `key = "text"`
    pub(super) fn text(key: &str, text: &str) -> Self {
        Self::Text(format!("{key} = {}", string(text)))
    }

    /// `key = value`, where the value is Rust already.
    pub(super) fn value(key: &str, value: &str) -> Self {
        Self::Text(format!("{key} = {value}"))
    }

    /// `key(a, b)`, where the parts are Rust already.
    pub(super) fn list(key: &str, parts: Vec<String>) -> Self {
        Self::List(key.to_owned(), parts.into_iter().map(Self::Text).collect())
    }

    fn one_line(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(key, args) => format!("{key}({})", joined(args)),
        }
    }

    fn laid_out(&self, indent: usize) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(key, args) => format!("{key}{}", list(args, indent)),
        }
    }
}

fn joined(args: &[Arg]) -> String {
    args.iter().map(Arg::one_line).collect::<Vec<_>>().join(", ")
}

/// Lays a list out behind its key: on one line if it is short enough, else an argument a line. A list that holds one
/// list only opens on the line of that one.
fn list(args: &[Arg], indent: usize) -> String {
    if let [Arg::List(key, inner)] = args {
        return format!("({key}{})", list(inner, indent));
    }
    let line = joined(args);
    if line.chars().count() <= LIST_WIDTH && !line.contains('\n') {
        return format!("({line})");
    }
    let inner = indent + 4;
    let lines: Vec<String> = args.iter().map(|arg| format!("{:inner$}{}", "", arg.laid_out(inner))).collect();
    format!("(\n{}\n{:indent$})", lines.join(",\n"), "")
}

/// Returns a whole attribute with its line end; nothing when it has no arguments.
pub(super) fn attribute(name: &str, args: &[Arg], indent: usize) -> String {
    if args.is_empty() {
        return String::new();
    }
    format!("{:indent$}#[{name}{}]\n", "", list(args, indent))
}

/// Returns a text as a Rust literal: raw where quotes would have to be escaped, escaped where it holds what no literal
/// can show.
pub(super) fn string(text: &str) -> String {
    let is_odd = |c: char| (c.is_control() && c != '\n' && c != '\t') || is_invisible(c);
    if text.contains(is_odd) {
        return format!("\"{}\"", escaped(text, is_odd));
    }
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// Marks that change the direction of writing, which the compiler refuses in source, and white space that nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn escaped(text: &str, is_odd: impl Fn(char) -> bool) -> String {
    text.chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            c if is_odd(c) => c.escape_unicode().to_string(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Arg, attribute, string};

    #[test]
    fn long_lists_are_broken_and_a_single_list_opens_on_its_line() {
        let index = Arg::List(
            "index".into(),
            vec![
                Arg::text("name", &"n".repeat(40)),
                Arg::list("columns", vec!["user_id".into(), "kind".into()]),
                Arg::flag("unique"),
            ],
        );
        let long = format!(
            "#[table(index(\n    name = \"{}\",\n    columns(user_id, kind),\n    unique\n))]\n",
            "n".repeat(40)
        );
        assert_eq!(attribute("table", &[index], 0), long);
        assert_eq!(attribute("table", &[Arg::flag("strict")], 0), "#[table(strict)]\n");
        assert_eq!(attribute("table", &[], 0), "");
    }

    #[test]
    fn texts_are_raw_where_quotes_would_be_escaped() {
        assert_eq!(string("a"), "\"a\"");
        assert_eq!(string("\"a\" > 1"), "r#\"\"a\" > 1\"#");
        assert_eq!(string("\"#"), "r##\"\"#\"##");
        assert_eq!(string("a\0\"\u{202e}"), "\"a\\u{0}\\\"\\u{202e}\"");
    }
}
