//! A text has no fields.

use seedbed::prelude::*;

#[derive(TextEnum)]
enum Shape {
    Circle(f64),
    Square,
    #[text_enum(rename = "square")]
    Other,
}

#[derive(Table)]
struct Drawing {
    shape: Shape,
}

fn main() {}
