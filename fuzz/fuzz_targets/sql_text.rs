//! SQL as text: tokens, statements, CREATE statements, expressions and checksums.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbed_schema::checksum::checksum;
use seedbed_schema::sql::{
    SqlExpr, quote_identifier, read_object, split_statements, tokenize, what_is_wrong,
};

fuzz_target!(|text: &str| {
    let whole: String = tokenize(text).iter().map(|token| token.text).collect();
    assert_eq!(whole, text, "the tokens are not the text");
    checksum(text);
    for statement in split_statements(text) {
        let _ = read_object(statement.text);
    }
    // A quote without its end means something else as soon as anything is written behind it.
    if what_is_wrong(text).is_none() {
        let expr = SqlExpr::new(text);
        assert_eq!(SqlExpr::new(&expr.canonical()).canonical(), expr.canonical());
        let renamed = expr.rename_identifiers(|name| Some(format!("{name}x")));
        assert_eq!(renamed.identifiers().count(), expr.identifiers().count());
    }
    let name = quote_identifier(text);
    let [only] = tokenize(&name)[..] else { panic!("a quoted name is one token") };
    assert_eq!(only.identifier().as_deref(), Some(text));
});
