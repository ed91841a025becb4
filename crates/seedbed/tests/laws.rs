//! The laws of the toolkit as property tests on random schemas, run for real on in-memory SQLite.

mod support;

use support::evolve::evolve;
use support::random::Random;
use support::schemas::schema;
use support::validity::database;

#[test]
fn generated_schemas_are_valid_and_take_rows() {
    let (mut tables, mut full) = (0, 0);
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let before = schema(&mut random);
        let after = evolve(&before, &mut random);
        for schema in [&before, &after.schema] {
            let connection = database(schema).unwrap();
            let report = seedbed::rows::fill(&connection, schema, None, 5, seed).unwrap();
            tables += report.tables.len();
            full += report.tables.iter().filter(|table| table.rows == 5).count();
            for table in report.unfilled() {
                println!("{seed} {table:?}");
            }
            assert!(!connection.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
        }
    }
    println!("{full} of {tables} tables took all rows");
}
