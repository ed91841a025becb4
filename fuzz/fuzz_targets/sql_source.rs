//! A schema source written in SQL: run in a sandbox in memory and inspected, or a fault with a place in the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbed::sql_source::read;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::plan::create_statements;

fuzz_target!(|text: &str| match read(text) {
    Ok(source) => {
        let schema = &source.found.schema;
        let same = diff(schema, schema, &Renames::default().nothing_else());
        assert!(same.is_ok_and(|same| same.is_empty()), "it differs from itself");
        create_statements(schema);
    }
    Err(fault) => {
        assert!(!fault.message.is_empty());
        assert!(text.get(fault.span.clone()).is_some(), "{:?} is no place in the text", fault.span);
    }
});
