//! Expansion: what the reader understood becomes implementations of Seedbed's traits.
//!
//! A declaration with faults expands to one compiler error for each fault and to an implementation that does nothing,
//! so that the faults are all a person sees.

mod by_reference;
mod columns;
mod db_type;
mod new_row;
mod record;
mod relation;
mod row;
mod table;
mod text_enum;
mod view;

use proc_macro2::TokenStream;
use quote::quote;
use seedbed_schema::read::{Faults, db_type_decl, record_decl, table_decl, text_enum_decl, view_decl};

/// Expands `#[derive(Table)]`.
pub(crate) fn table(input: TokenStream) -> TokenStream {
    let item = match parse_struct(input, "Table") {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match table_decl(&item) {
        Ok(decl) => table::expand(&item, &decl),
        Err(faults) => with_errors(&faults, table::fallback(&item)),
    }
}

/// Expands `#[derive(View)]`.
pub(crate) fn view(input: TokenStream) -> TokenStream {
    let item = match parse_struct(input, "View") {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match view_decl(&item) {
        Ok(decl) => view::expand(&item, &decl),
        Err(faults) => with_errors(&faults, view::fallback(&item)),
    }
}

/// Expands `#[derive(Record)]`.
pub(crate) fn record(input: TokenStream) -> TokenStream {
    let item = match parse_struct(input, "Record") {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match record_decl(&item) {
        Ok(decl) => record::expand(&item, &decl),
        Err(faults) => with_errors(&faults, TokenStream::new()),
    }
}

/// Expands `#[derive(TextEnum)]`.
pub(crate) fn text_enum(input: TokenStream) -> TokenStream {
    let item: syn::ItemEnum = match parse(input, "TextEnum", "an enum without fields") {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match text_enum_decl(&item) {
        Ok(decl) => text_enum::expand(&item, &decl),
        Err(faults) => with_errors(&faults, text_enum::fallback(&item)),
    }
}

/// Expands `#[derive(DbType)]`.
pub(crate) fn db_type(input: TokenStream) -> TokenStream {
    let item: syn::ItemStruct = match parse(input, "DbType", "a struct around one value") {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match db_type_decl(&item) {
        Ok(_) => db_type::expand(&item),
        Err(faults) => with_errors(&faults, db_type::fallback(&item)),
    }
}

fn parse_struct(input: TokenStream, derive: &str) -> syn::Result<syn::ItemStruct> {
    parse(input, derive, "a struct with named fields")
}

/// Parses the item a derive stands on; an item of another kind is told what the derive is for.
fn parse<T: syn::parse::Parse>(input: TokenStream, derive: &str, wanted: &str) -> syn::Result<T> {
    let any: syn::DeriveInput = syn::parse2(input.clone())?;
    syn::parse2(input).map_err(|_| {
        syn::Error::new(any.ident.span(), format!("`#[derive({derive})]` on `{}` is for {wanted}", any.ident))
    })
}

/// Makes one compiler error of each fault.
fn with_errors(faults: &Faults, fallback: TokenStream) -> TokenStream {
    let errors = faults.iter().map(|fault| {
        let text = match fault.hint() {
            Some(hint) => format!("{}\nhint: {hint}", fault.message()),
            None => fault.message().to_owned(),
        };
        syn::Error::new(fault.span(), text).into_compile_error()
    });
    quote!(#(#errors)* #fallback)
}
