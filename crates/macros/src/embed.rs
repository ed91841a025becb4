//! `embed_migrations!`: a folder becomes a list of names and texts. The only place of this crate that reads files.
//!
//! The texts themselves are taken by `include_str!`, so cargo knows every file and builds again when one changes. A
//! file that is new changes the journal, so it is noticed too.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::fs;
use std::path::{Path, PathBuf};

/// Expands `embed_migrations!("folder")`.
pub(crate) fn embed_migrations(input: TokenStream) -> TokenStream {
    let expanded = syn::parse2::<syn::LitStr>(input)
        .map_err(|error| {
            let message = "`embed_migrations!` takes the folder's path\nhint: write `embed_migrations!(\"migrations\")`";
            syn::Error::new(error.span(), message)
        })
        .and_then(|path| {
            let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
            embed(&root, &path.value(), path.span())
        });
    expanded.unwrap_or_else(syn::Error::into_compile_error)
}

fn embed(root: &Path, folder: &str, span: Span) -> syn::Result<TokenStream> {
    let path = root.join(folder);
    let files = migration_files(&path).map_err(|error| {
        let message = format!(
            "the migrations folder `{}` cannot be read: {error}\nhint: the path is relative to the package's `Cargo.toml`",
            path.display()
        );
        syn::Error::new(span, message)
    })?;
    if !files.iter().any(|file| file == "meta/_journal.json") {
        let message = format!(
            "`{}` is no migrations folder: it has no `meta/_journal.json`\nhint: `seedbed generate` makes it",
            path.display()
        );
        return Err(syn::Error::new(span, message));
    }
    let included = files.iter().map(|file| {
        if Path::new(folder).is_absolute() {
            let path = format!("{folder}/{file}");
            quote!(::core::include_str!(#path))
        } else {
            let path = format!("/{folder}/{file}");
            quote!(::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #path)))
        }
    });
    Ok(quote! {
        ::seedbed::migrate::EmbeddedMigrations::new(&[#((#files, #included)),*])
    })
}

/// Returns the names of the files that belong to a migrations folder, sorted, with `/` between their parts.
fn migration_files(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    for (directory, prefix, extension) in
        [(folder.to_owned(), "", "sql"), (folder.join("meta"), "meta/", "json")]
    {
        if !prefix.is_empty() && !directory.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(name) = name.filter(|_| path.extension().is_some_and(|found| found == extension)) {
                files.push(format!("{prefix}{name}"));
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::embed;
    use proc_macro2::Span;
    use std::path::Path;

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = embed(Path::new("/nowhere"), "migrations", Span::call_site()).unwrap_err();
        assert!(error.to_string().contains("`/nowhere/migrations` cannot be read"), "{error}");
    }

    #[test]
    fn a_folder_without_a_journal_is_no_migrations_folder() {
        let error = embed(Path::new(env!("CARGO_MANIFEST_DIR")), "src", Span::call_site()).unwrap_err();
        assert!(error.to_string().contains("it has no `meta/_journal.json`"), "{error}");
    }
}
