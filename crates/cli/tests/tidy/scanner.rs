//! Looks into Rust code without parsing it: comments away, then words. Tried on planted breaches below.

/// Returns the code without its comments; line ends stay, strings and characters stay as they are.
pub(crate) fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            rest = &rest[end..];
            continue;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            rest = &rest[end..];
            continue;
        } else if let Some(length) = raw_string(rest, code.chars().next_back()) {
            length
        } else if first == '"' {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'/'") {
            3
        } else if let Some(escaped) = rest.strip_prefix("'\\") {
            escaped.find('\'').map_or(2, |end| if end == 0 { 4 } else { end + 3 })
        } else {
            first.len_utf8()
        };
        code.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    code
}

/// Returns the length of the string that the text begins with.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of the raw string that the text begins with, if it does.
fn raw_string(text: &str, before: Option<char>) -> Option<usize> {
    if before
        .is_some_and(|before| before.is_alphanumeric() && before != 'b' && before != 'c' || before == '_')
    {
        return None;
    }
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let inside = rest[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    inside.find(&close).map(|end| 1 + hashes + 1 + end + close.len())
}

/// Whether code uses a module of the standard library, alone or in a braced list.
pub(crate) fn uses_std_module(code: &str, module: &str) -> bool {
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices("std::").any(|(at, _)| {
        let rest = &code[at + 5..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = &list[..list.find(';').unwrap_or(list.len())];
                list.split([',', '{', '}']).any(|item| item.trim().strip_prefix(module).is_some_and(is_end))
            }
            None => rest.strip_prefix(module).is_some_and(is_end),
        }
    })
}

/// Returns the SQL that code writes.
pub(crate) fn names_sql(code: &str) -> Vec<String> {
    const PHRASES: [&str; 14] = [
        "SELECT ",
        "INSERT INTO",
        "INSERT OR",
        "DELETE FROM",
        "UPDATE ",
        "CREATE TABLE",
        "CREATE INDEX",
        "CREATE VIEW",
        "CREATE TRIGGER",
        "DROP TABLE",
        "ALTER TABLE",
        "PRAGMA ",
        "BEGIN IMMEDIATE",
        "VACUUM",
    ];
    PHRASES
        .iter()
        .filter(|phrase| code.contains(**phrase))
        .map(|phrase| format!("`{}`", phrase.trim()))
        .collect()
}

/// Returns the calls that are given SQL as text.
pub(crate) fn runs_sql(code: &str) -> Vec<String> {
    const CALLS: [&str; 8] = [
        ".execute(",
        ".execute_batch(",
        ".query(",
        ".query_one(",
        ".query_optional(",
        ".prepare(",
        "params!",
        "rusqlite",
    ];
    // Without an argument it is the query of an address.
    let code = code.replace(".query()", "");
    CALLS.iter().filter(|call| code.contains(**call)).map(|call| format!("`{call}`")).collect()
}

/// Returns code without what is given to a macro.
pub(crate) fn without_macro(code: &str, name: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(name) {
        let begin = at + name.len();
        left.push_str(&rest[..begin]);
        rest = &rest[begin + brackets(&rest[begin..])..];
    }
    left + rest
}

/// Returns the length of the bracket that the text begins with, up to its end.
fn brackets(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, text.len() - text.trim_start().len());
    while let Some(first) = text[at..].chars().next() {
        match first {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let raw = raw_string(&text[at..], text[..at].chars().next_back());
        at += match (raw, first) {
            (Some(length), _) => length,
            (None, '"') => string(&text[at..]),
            _ => first.len_utf8(),
        };
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the `allow` attributes that give no reason.
pub(crate) fn allows_without_reason(code: &str) -> Vec<String> {
    let attributes = code.match_indices("[allow(").map(|(at, _)| {
        let rest = &code[at..];
        &rest[..rest.find(")]").map_or(rest.len(), |end| end + 2)]
    });
    attributes
        .filter(|attribute| !attribute.contains("reason"))
        .map(|attribute| format!("`#{attribute}`"))
        .collect()
}

/// Returns the files and folders of the repository that a page names: in backticks with one of its top folders, or as
/// the target of a link. Patterns (`NNNN_name.sql`, `*`, `…`) are no names.
pub(crate) fn named_paths(page: &str) -> Vec<String> {
    const TOP: [&str; 5] = ["crates/", "sprout/", "docs/", "benches/", ".ci/"];
    let quoted =
        page.split('`').skip(1).step_by(2).filter(|text| TOP.iter().any(|top| text.starts_with(top)));
    let linked = page.match_indices("](").filter_map(|(at, _)| page[at + 2..].split(')').next());
    let linked = linked.filter(|target| !target.contains("://") && !target.starts_with('#'));
    let is_name = |path: &&str| !path.contains(['*', '…', '{', '<', ' ', '\n']) && !path.contains("NNNN");
    quoted
        .chain(linked)
        .filter(is_name)
        .map(|path| path.split('#').next().unwrap_or(path).to_owned())
        .collect()
}

#[test]
fn comments_go_and_strings_stay() {
    let text = "a // x\nb /* y */ c \"// not \\\" one\" r#\"/* \" nor this */\"# '\"' '\\'' '/' d";
    let expected = "a \nb  c \"// not \\\" one\" r#\"/* \" nor this */\"# '\"' '\\'' '/' d";
    assert_eq!(without_comments(text), expected);
    assert_eq!(without_comments("for_r\"x\" // y"), "for_r\"x\" ");
}

#[test]
fn a_module_is_found_alone_and_in_a_list() {
    for code in
        ["std::fs::read(p)", "use std::fs;", "use std::{fmt, fs::File};", "use std::{\n    io,\n    fs,\n};"]
    {
        assert!(uses_std_module(code, "fs"), "{code}");
    }
    for code in ["std::fsx", "use std::{fmt, io};", "use std::fmt; let fs = 1;", "std::time"] {
        assert!(!uses_std_module(code, "fs"), "{code}");
    }
}

#[test]
fn sql_is_found() {
    assert_eq!(names_sql("connection.run(\"PRAGMA foreign_keys\")"), ["`PRAGMA`"]);
    assert!(names_sql("let selected = update;").is_empty());
}

#[test]
fn what_runs_sql_is_found() {
    assert_eq!(runs_sql("db.execute(&text, params![id])"), ["`.execute(`", "`params!`"]);
    assert!(runs_sql("uri.query(); query.filter(query.required(id)).run(db)").is_empty());
}

#[test]
fn what_a_macro_is_given_goes() {
    let code = r###"a(sql!(i64, "SELECT )\"", f(x), r#"")"#)) + sql! { bool, "PRAGMA " } + "UPDATE ""###;
    assert_eq!(without_macro(code, "sql!"), r#"a(sql!) + sql! + "UPDATE ""#);
}

#[test]
fn an_allow_needs_a_reason() {
    let code = "#[allow(dead_code)]\n#[allow(\n    unused,\n    reason = \"x\"\n)]\n#![allow(unused)]";
    assert_eq!(allows_without_reason(code), ["`#[allow(dead_code)]`", "`#[allow(unused)]`"]);
}

#[test]
fn paths_are_found_in_backticks_and_links() {
    let page = "see `crates/schema/src/read/`, `meta/x`, [the page](docs/a.md#b), [web](https://x.y) and `crates/*/src`";
    assert_eq!(named_paths(page), ["crates/schema/src/read/", "docs/a.md"]);
}
