//! Rust types by their looks: what is built in, and what has to be looked up.

use crate::model::StoredForm;

/// The kinds of Rust types that have a column type of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Builtin {
    Text,
    Char,
    Bool,
    /// With the least and the greatest value.
    Integer(i64, i64),
    Real,
    Bytes,
    Uuid,
    Timestamp,
    Json,
}

impl Builtin {
    /// Returns the SQL type and the stored form it has without further words.
    pub(crate) fn column_type(&self) -> (&'static str, StoredForm) {
        match self {
            Self::Text | Self::Char => ("TEXT", StoredForm::Plain),
            Self::Bool => ("INTEGER", StoredForm::Bool),
            Self::Integer(..) => ("INTEGER", StoredForm::Plain),
            Self::Real => ("REAL", StoredForm::Plain),
            Self::Bytes => ("BLOB", StoredForm::Plain),
            Self::Uuid => ("TEXT", StoredForm::UuidText),
            Self::Timestamp => ("TEXT", StoredForm::TimestampText),
            Self::Json => ("TEXT", StoredForm::Json),
        }
    }
}

/// What the looks of a type tell.
pub(crate) enum Looks {
    /// A built-in type, unless the tree declares a type of that name.
    Builtin(Builtin),
    /// A type that SQLite has no place for; the text is the reason.
    Unfit(&'static str),
    /// An `Option` inside of something.
    Option,
    /// A named type that must be looked up.
    Named,
    /// Something that has no name: a tuple, a reference, a function.
    Other,
}

/// Takes the `Option` off a type.
pub(crate) fn without_option(ty: &syn::Type) -> (&syn::Type, bool) {
    if let syn::Type::Path(path) = bare(ty)
        && let Some(last) = path.path.segments.last()
        && last.ident == "Option"
        && starts_with_any(&path.path, &["std", "core"])
        && let Some(inner) = only_argument(last)
    {
        return (bare(inner), true);
    }
    (bare(ty), false)
}

/// Takes off parentheses and the invisible groups of macros.
fn bare(mut ty: &syn::Type) -> &syn::Type {
    loop {
        ty = match ty {
            syn::Type::Paren(inner) => &inner.elem,
            syn::Type::Group(inner) => &inner.elem,
            _ => return ty,
        }
    }
}

/// Says what a type is by its looks alone.
pub(crate) fn looks(ty: &syn::Type) -> Looks {
    match bare(ty) {
        syn::Type::Path(path) if path.qself.is_none() => {
            path_looks(&super::scope::names_of(&path.path), path.path.segments.last())
        }
        syn::Type::Reference(reference) if is_named(&reference.elem, "str") => Looks::Builtin(Builtin::Text),
        syn::Type::Array(array) if is_named(&array.elem, "u8") => Looks::Builtin(Builtin::Bytes),
        _ => Looks::Other,
    }
}

/// Says what a path of a type is by its looks alone: its names with `use` lines put in, and the last segment, which
/// has the type's arguments.
pub(crate) fn path_looks(names: &[String], last: Option<&syn::PathSegment>) -> Looks {
    let (Some(name), Some(last)) = (names.last(), last) else { return Looks::Other };
    let is_from = |crates: &[&str]| names.len() == 1 || crates.contains(&names[0].as_str());
    let standard = || is_from(&["std", "core", "alloc"]);
    let of = |inner: &str| only_argument(last).is_some_and(|argument| is_named(argument, inner));
    let is_bytes = || {
        only_argument(last).is_some_and(
            |argument| matches!(bare(argument), syn::Type::Slice(slice) if is_named(&slice.elem, "u8")),
        )
    };
    let found = match name.as_str() {
        "String" if standard() => Builtin::Text,
        "Box" | "Cow" if standard() && of("str") => Builtin::Text,
        "Vec" if standard() && of("u8") => Builtin::Bytes,
        "Box" if standard() && is_bytes() => Builtin::Bytes,
        "char" => Builtin::Char,
        "bool" => Builtin::Bool,
        "i8" => Builtin::Integer(i8::MIN.into(), i8::MAX.into()),
        "i16" => Builtin::Integer(i16::MIN.into(), i16::MAX.into()),
        "i32" => Builtin::Integer(i32::MIN.into(), i32::MAX.into()),
        "i64" => Builtin::Integer(i64::MIN, i64::MAX),
        "u8" => Builtin::Integer(u8::MIN.into(), u8::MAX.into()),
        "u16" => Builtin::Integer(u16::MIN.into(), u16::MAX.into()),
        "u32" => Builtin::Integer(u32::MIN.into(), u32::MAX.into()),
        "f32" | "f64" => Builtin::Real,
        "Uuid" if is_from(&["seedbed", "uuid"]) => Builtin::Uuid,
        "Timestamp" if is_from(&["seedbed", "jiff"]) => Builtin::Timestamp,
        "Json" if is_from(&["seedbed"]) => Builtin::Json,
        "u64" | "u128" | "i128" => {
            return Looks::Unfit("holds numbers that are greater than SQLite's greatest integer");
        }
        "usize" | "isize" => return Looks::Unfit("has another range on another machine"),
        "Option" if standard() => return Looks::Option,
        _ => return Looks::Named,
    };
    Looks::Builtin(found)
}

fn is_named(ty: &syn::Type, name: &str) -> bool {
    matches!(bare(ty), syn::Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// Whether a path has one segment, or starts with one of these crates.
fn starts_with_any(path: &syn::Path, crates: &[&str]) -> bool {
    path.segments.len() == 1
        || path.segments.first().is_some_and(|first| crates.iter().any(|name| first.ident == name))
}

/// Returns the last type argument of `Name<…>`, if it is the only one beside lifetimes.
fn only_argument(segment: &syn::PathSegment) -> Option<&syn::Type> {
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.next().filter(|_| types.next().is_none())
}
