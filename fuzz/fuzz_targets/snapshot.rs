//! A snapshot: what is read can be written, compared and planned with, however little sense it makes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbed_schema::diff::{Renames, diff};
use seedbed_schema::model::Schema;
use seedbed_schema::plan::{PlanOptions, create_statements, plan};
use seedbed_schema::snapshot;

fuzz_target!(|text: &str| {
    let Ok(read) = snapshot::parse(text) else { return };
    snapshot::parse(&snapshot::render(&read)).expect("what was read can be written");
    create_statements(&read.schema);
    let empty = Schema::default();
    for (before, after) in [(&empty, &read.schema), (&read.schema, &empty), (&read.schema, &read.schema)] {
        if let Ok(difference) = diff(before, after, &Renames::default().nothing_else()) {
            let _ = plan(&difference, &PlanOptions::default());
        }
    }
});
