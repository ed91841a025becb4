//! The journal of a folder: what is read is written again as the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbed_schema::{journal, naming};

fuzz_target!(|text: &str| match journal::parse(text) {
    Ok(read) => {
        let again = journal::parse(&journal::render(&read)).expect("what was read can be written");
        assert_eq!(again, read);
        let _ = naming::next_tag(&read, "next");
    }
    Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
});
