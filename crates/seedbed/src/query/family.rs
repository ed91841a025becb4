//! Families of values: what may be compared with what.
//!
//! SQLite compares anything with anything, and a number with a text is simply never equal. So every expression has a
//! family, and only what is of one family meets in a comparison. All whole numbers are one family whatever their width;
//! a newtype, a text enum and a way to store a time are families of their own.

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
    )*};
}

families! {
    /// Texts.
    Text,
    /// Whole numbers of any width.
    Integer,
    /// Floating-point numbers.
    Real,
    /// Truth values.
    Bool,
    /// Bytes.
    Blob,
    /// Values of any class.
    Any,
    /// JSON documents.
    Json,
    /// Times as text.
    Time,
    /// Times as seconds since 1970.
    UnixSeconds,
    /// Times as milliseconds since 1970.
    UnixMilliseconds,
    /// UUIDs as text.
    Uuid,
    /// UUIDs as bytes.
    UuidBlob,
}

/// What may be NULL: no operand of a comparison, because nothing equals NULL.
#[derive(Debug)]
pub struct Maybe<F>(std::marker::PhantomData<F>);

/// A family that SQLite calculates with.
#[diagnostic::on_unimplemented(message = "`{Self}` is no family of numbers: SQLite cannot calculate with it")]
pub trait Numeric {
    /// What a sum is read as.
    type Sum: crate::DbType;
}

impl Numeric for Integer {
    type Sum = i64;
}
impl Numeric for Real {
    type Sum = f64;
}

/// The family of conditions, which a filter takes.
#[diagnostic::on_unimplemented(
    message = "a value of the family `{Self}` is no condition",
    label = "a condition is wanted here",
    note = "a comparison makes one of it: `.eq(…)`, `.gt(…)`, `.is_not_null()`"
)]
pub trait Truth {}

impl Truth for Bool {}

/// The family of texts, on which `like`, `lower` and the other functions of texts work.
#[diagnostic::on_unimplemented(
    message = "a value of the family `{Self}` is no text",
    label = "this is for texts",
    note = "another type is converted by `.cast::<String>()`"
)]
pub trait Textual {}

impl Textual for Text {}

/// A family that values of the family `F` are compared with: the same one.
#[diagnostic::on_unimplemented(
    message = "a value of the family `{Self}` cannot be compared with one of the family `{F}`",
    label = "this is of another type",
    note = "`Maybe` is an `Option`, and nothing equals NULL: compare by `.is(…)`, or leave the condition out by `.filter_option(…)`",
    note = "another type is converted by `.cast::<…>()`"
)]
pub trait ComparedWith<F> {}

impl<F> ComparedWith<F> for F {}
