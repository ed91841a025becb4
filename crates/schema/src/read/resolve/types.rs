//! What a Rust type is in the database: built-in types, and those that the tree declares.

use crate::read::decl::{DbTypeDecl, RustType, TextEnumDecl};
use crate::read::rust_type::{Builtin, Looks, looks, path_looks, without_option};
use crate::read::scope::{Item, Space, names_of};
use crate::read::tree::Declarations;

/// What a type is after aliases and newtypes.
#[derive(Debug, Clone)]
pub(super) enum Kind<'a> {
    Builtin(Builtin),
    TextEnum(&'a TextEnumDecl),
}

/// Why a type cannot be known.
pub(super) struct Unknown {
    pub(super) message: String,
    pub(super) hint: String,
}

/// How many aliases and newtypes may stand in each other.
const MAX_DEPTH: usize = 16;

/// Returns what a type is.
pub(super) fn kind_of<'a>(
    declarations: &'a Declarations,
    module: usize,
    ty: &syn::Type,
) -> Result<Kind<'a>, Unknown> {
    kind_at(declarations, module, ty, MAX_DEPTH)
}

fn kind_at<'a>(
    declarations: &'a Declarations,
    module: usize,
    ty: &syn::Type,
    depth: usize,
) -> Result<Kind<'a>, Unknown> {
    let text = || RustType(ty.clone()).text();
    let Some(depth) = depth.checked_sub(1) else {
        return Err(unknown(format!("`{}` is declared by itself", text()), "write the type out"));
    };
    let syn::Type::Path(path) = ty else { return by_looks(looks(ty), text) };
    if path.qself.is_some() {
        return by_looks(Looks::Other, text);
    }
    let names = names_of(&path.path);
    let Some(found) = declarations.scopes.find(module, &names, Space::Types) else {
        let names = declarations.scopes.expand(module, &names);
        return by_looks(path_looks(&names, path.path.segments.last()), text);
    };
    match found.item {
        Item::TextEnum(at) => Ok(Kind::TextEnum(&declarations.text_enums[at])),
        Item::DbType(at) => {
            let DbTypeDecl { inner, origin, .. } = &declarations.db_types[at];
            if without_option(&inner.0).1 {
                return Err(unknown(
                    format!("`{}` is stored as an `Option`", text()),
                    "put the `Option` around the field's type, not inside of it",
                ));
            }
            kind_at(declarations, origin.module, &inner.0, depth)
        }
        Item::Alias(at) => {
            let alias = &declarations.aliases[at];
            if alias.is_generic {
                return Err(unknown(format!("`{}` is a generic alias", text()), "write the type out"));
            }
            if without_option(&alias.target.0).1 {
                return Err(unknown(
                    format!(
                        "`{}` is an alias of an `Option`, which hides that the column is nullable",
                        text()
                    ),
                    "write the `Option` in the struct",
                ));
            }
            kind_at(declarations, alias.origin.module, &alias.target.0, depth)
        }
        Item::Conditional(_) => {
            Err(unknown(format!("what `{}` is depends on a `cfg`", text()), "declare it always"))
        }
        Item::Table(_) => Err(unknown(
            format!("`{}` is a table, not a value", text()),
            "store its key: `#[column(references = Other::id)]` on a field of the key's type",
        )),
        Item::Other | Item::Const(_) => Err(unknown(
            format!("`{}` derives neither `DbType` nor `TextEnum`", text()),
            "derive one of them, store it as `Json<T>`, or say the SQL type: `#[column(type = \"…\")]`",
        )),
    }
}

fn by_looks<'a>(looks: Looks, text: impl Fn() -> String) -> Result<Kind<'a>, Unknown> {
    let (message, hint) = match looks {
        Looks::Builtin(builtin) => return Ok(Kind::Builtin(builtin)),
        Looks::Option => (
            "an `Option` inside of an `Option` cannot be stored".to_owned(),
            "write one `Option`: a column is NULL or not".to_owned(),
        ),
        Looks::Unfit(reason) => (format!("`{}` {reason}", text()), "use `i64`".to_owned()),
        Looks::Named => (
            format!("`{}` is not declared in the schema's files", text()),
            format!(
                "if it implements `DbType`, say its SQL type: `#[column(type = \"…\")]`; if serde can write it, store it as `Json<{}>`",
                text()
            ),
        ),
        Looks::Other => (
            format!("`{}` is no type that a column can have", text()),
            format!("if serde can write it, store it as `Json<{}>`", text()),
        ),
    };
    Err(Unknown { message, hint })
}

fn unknown(message: String, hint: &str) -> Unknown {
    Unknown { message, hint: hint.to_owned() }
}
