//! The reader of Rust source: a schema that does not differ from itself, or faults.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::plan::create_statements;
use seedbed_schema::read::{SourceFile, read_sources};

fuzz_target!(|text: &str| {
    let file = SourceFile { path: "src/schema.rs".to_owned(), text: text.to_owned() };
    match read_sources(&[file]) {
        Ok(schema) => {
            let same =
                diff(&schema, &schema, &Renames::default().nothing_else()).expect("no rename is given");
            assert!(same.is_empty(), "it differs from itself");
            create_statements(&schema);
        }
        Err(faults) => {
            // Under a fuzzer, proc-macro2 keeps no source text, and so every place is line 0.
            for fault in &faults {
                assert!(!fault.message().is_empty());
            }
        }
    }
});
