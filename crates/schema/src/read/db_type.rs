//! A struct with `#[derive(DbType)]`: a name around one value.

use super::decl::{DbTypeDecl, Origin, RustType, Spanned};
use super::fault::{Fault, Faults};
use super::names::plain;

/// Reads a struct with `#[derive(DbType)]`, which has one field and is stored as that field is.
///
/// # Errors
///
/// Everything that is wrong with the struct.
///
/// ```
/// let item = syn::parse_str("struct UserId(String);")?;
/// let user_id = seedbed_schema::read::db_type_decl(&item).map_err(|faults| faults.to_string()).unwrap();
/// assert_eq!(user_id.inner.text(), "String");
/// # Ok::<(), syn::Error>(())
/// ```
pub fn db_type_decl(item: &syn::ItemStruct) -> Result<DbTypeDecl, Faults> {
    let mut faults = Faults::default();
    match read_db_type(item, &mut faults) {
        Some(decl) => faults.into_result(decl),
        None => Err(faults),
    }
}

/// Reads a newtype as far as it can be read.
pub(super) fn read_db_type(item: &syn::ItemStruct, faults: &mut Faults) -> Option<DbTypeDecl> {
    let ident = Spanned { value: plain(&item.ident), span: item.ident.span() };
    if !item.generics.params.is_empty() {
        faults.push(Fault::new(ident.span, format!("`{}` has generic parameters", ident.value)));
    }
    let mut fields = item.fields.iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        faults.push(
            Fault::new(ident.span, format!("`{}` has {} fields, and one value has one", ident.value, item.fields.len()))
                .with_hint("`#[derive(DbType)]` is for a struct around one value; store a value with fields as `Json<T>`"),
        );
        return None;
    };
    Some(DbTypeDecl { ident, inner: RustType(field.ty.clone()), origin: Origin::default() })
}
