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
