//! What must not compile, one mistake a file in `tests/ui`, and what the compiler says to it.
//!
//! `TRYBUILD=overwrite cargo test -p seedbed --test ui` writes the `.stderr` files; they are text for users, so read them.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
    cases.compile_fail("tests/ui/queries/*.rs");
}
