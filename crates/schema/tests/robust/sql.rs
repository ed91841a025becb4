//! SQL as text: tokens and statements are the whole text in order, and CREATE statements are read or refused.

use std::fs;
use std::path::Path;

use seedbed_schema::checksum::checksum;
use seedbed_schema::sql::{
    SqlExpr, quote_identifier, read_object, split_statements, tokenize, what_is_wrong,
};

use crate::numbers::Numbers;

/// The SQL of all case files and of Sprout's migrations.
fn scripts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut scripts = Vec::new();
    for folder in ["tests/cases/plan", "../../sprout/migrations/sqlite"] {
        for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                continue;
            }
            let text = fs::read_to_string(&path).expect("it can be read");
            if path.extension().is_some_and(|extension| extension == "sql") {
                scripts.push(text);
            } else {
                let blocks = text.split("\n```").filter_map(|block| block.strip_prefix("sql "));
                scripts.extend(blocks.map(str::to_owned));
            }
        }
    }
    scripts.sort();
    scripts
}

#[test]
fn damaged_sql_is_cut_into_all_of_its_text() {
    let scripts = scripts();
    assert!(scripts.len() > 70, "{}", scripts.len());
    let mut numbers = Numbers(17);
    for script in &scripts {
        for _ in 0..crate::rounds(12) {
            let text = numbers.damaged(script);
            let tokens = tokenize(&text);
            let whole: String = tokens.iter().map(|token| token.text).collect();
            assert_eq!(whole, text, "the tokens are not the text");
            checksum(&text);
            what_is_wrong(&text);
            for statement in split_statements(&text) {
                assert!(text.contains(statement.text));
                let _ = read_object(statement.text);
                let expr = SqlExpr::new(statement.text);
                // A quote without its end means something else as soon as anything is written behind it.
                if what_is_wrong(statement.text).is_some() {
                    continue;
                }
                assert_eq!(SqlExpr::new(&expr.canonical()).canonical(), expr.canonical(), "{text}");
                let renamed = expr.rename_identifiers(|name| Some(format!("{name}x")));
                assert_eq!(renamed.identifiers().count(), expr.identifiers().count(), "{text}");
            }
            let name = quote_identifier(&text);
            let [only] = tokenize(&name)[..] else { panic!("a quoted name is one token: {name}") };
            assert_eq!(only.identifier().as_deref(), Some(text.as_str()));
        }
    }
}
