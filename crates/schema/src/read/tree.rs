//! Walks Rust source, file by file and module by module, and gathers what is declared.
//!
//! Reading files is the caller's: a loader gets a path and answers with the text. Nothing that could hide a table is
//! passed over in silence; what cannot be followed (a table made by a macro, `include!` of a computed path) is a fault.
//! Structs inside of functions are no part of a schema.

use proc_macro2::{Span, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::sync::Arc;
use syn::spanned::Spanned as _;

use super::args::{pieces, text_literal};
use super::attributes::{Condition, condition_of, derive_in, has_attribute, path_attribute};
use super::db_type::read_db_type;
use super::decl::{DbTypeDecl, Origin, RustType, TableDecl, TextEnumDecl, ViewDecl};
use super::depth::too_deep;
use super::fault::{Fault, Faults};
use super::module_path::{child_paths, directory, join, module_path_of, owns_directory};
use super::names::plain;
use super::scope::{Item, Scopes};
use super::table::read_table;
use super::text_enum::read_text_enum;
use super::view::read_view;

/// A file of Rust source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The path, as faults show it. What stands behind the last `src/` tells the module.
    pub path: String,
    /// The text.
    pub text: String,
}

/// What a set of source files declares.
#[derive(Debug, Clone, Default)]
pub struct Declarations {
    /// The tables, in the order of files and lines.
    pub tables: Vec<TableDecl>,
    /// The views.
    pub views: Vec<ViewDecl>,
    /// The text enums.
    pub text_enums: Vec<TextEnumDecl>,
    /// The newtypes.
    pub db_types: Vec<DbTypeDecl>,
    /// The paths of the files that were read.
    pub files: Vec<String>,
    pub(super) aliases: Vec<AliasDecl>,
    pub(super) consts: Vec<ConstDecl>,
    pub(super) scopes: Scopes,
}

/// `type Name = Type;`
#[derive(Debug, Clone)]
pub(super) struct AliasDecl {
    pub(super) target: RustType,
    pub(super) is_generic: bool,
    pub(super) origin: Origin,
}

/// `const NAME: Type = value;`
#[derive(Clone)]
pub(super) struct ConstDecl {
    pub(super) value: syn::Expr,
    pub(super) origin: Origin,
}

impl std::fmt::Debug for ConstDecl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("const")
    }
}

/// Gives the text of a file; `None` when there is no such file, an error when it cannot be read.
pub(super) type Loader<'a> = dyn FnMut(&str) -> Result<Option<String>, String> + 'a;

/// Gathers declarations and faults.
pub(super) struct Walker<'a> {
    declarations: Declarations,
    faults: Faults,
    is_incomplete: bool,
    /// `None` when the caller chose the files, and `mod` lines are not followed.
    loader: Option<&'a mut Loader<'a>>,
    read: BTreeSet<String>,
}

/// Where the walker is.
#[derive(Clone)]
struct Position {
    file: Arc<str>,
    module: usize,
    /// Where `mod name;` looks for its file.
    children: String,
    /// What a `#[path]` is relative to.
    path_base: String,
    /// The `cfg` that everything here depends on.
    condition: Option<Span>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(loader: Option<&'a mut Loader<'a>>) -> Self {
        Self {
            declarations: Declarations::default(),
            faults: Faults::default(),
            is_incomplete: false,
            loader,
            read: BTreeSet::new(),
        }
    }

    /// Returns what was found, what is wrong with it, and whether a part of the tree could not be read, so that a missing
    /// name may be declared there.
    pub(super) fn finish(mut self) -> (Declarations, Faults, bool) {
        self.declarations.scopes.seal();
        (self.declarations, self.faults, self.is_incomplete)
    }

    /// Reads a file that no `mod` line led to.
    pub(super) fn read_root(&mut self, file: &SourceFile) {
        let module = self.declarations.scopes.module(module_path_of(&file.path));
        self.read_file(&file.path, &file.text, module, owns_directory(&file.path), None);
    }

    fn read_file(&mut self, path: &str, text: &str, module: usize, owns: bool, condition: Option<Span>) {
        if !self.read.insert(path.to_owned()) {
            return;
        }
        self.declarations.files.push(path.to_owned());
        let file: Arc<str> = Arc::from(path);
        let base = directory(path);
        let children = if owns { base.to_owned() } else { path.trim_end_matches(".rs").to_owned() };
        let position = Position { file, module, children, path_base: base.to_owned(), condition };
        self.read_text(text, &position);
    }

    fn read_text(&mut self, text: &str, position: &Position) {
        if let Some(span) = too_deep(text) {
            self.is_incomplete = true;
            let fault = Fault::new(span, "this is nested too deeply, or too long without an end, to be read");
            self.fault(fault.with_hint("move what is no table or view into a module of its own"), position);
            return;
        }
        match syn::parse_file(text) {
            Ok(parsed) => self.read_items(&parsed.items, position),
            Err(error) => {
                self.is_incomplete = true;
                self.fault(syntax_fault(&error, text), position);
            }
        }
    }

    fn fault(&mut self, fault: Fault, position: &Position) {
        self.faults.push(fault.in_file(&position.file));
    }

    fn read_items(&mut self, items: &[syn::Item], position: &Position) {
        for item in items {
            if let syn::Item::Use(item) = item {
                let mut path = Vec::new();
                if item.leading_colon.is_some() {
                    path.push(String::new());
                }
                self.read_use(&item.tree, &mut path, position.module);
            }
        }
        for item in items {
            self.read_item(item, position);
        }
    }

    fn read_use(&mut self, tree: &syn::UseTree, path: &mut Vec<String>, module: usize) {
        let scope = &mut self.declarations.scopes.modules[module];
        match tree {
            syn::UseTree::Path(part) => {
                path.push(plain(&part.ident));
                self.read_use(&part.tree, path, module);
                path.pop();
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = path.last() {
                    scope.uses.insert(last.clone(), path.clone());
                }
            }
            syn::UseTree::Name(name) => {
                let name = plain(&name.ident);
                let target = path.iter().cloned().chain([name.clone()]).collect();
                scope.uses.insert(name, target);
            }
            syn::UseTree::Rename(rename) => {
                let mut target = path.clone();
                if rename.ident != "self" {
                    target.push(plain(&rename.ident));
                }
                scope.uses.insert(plain(&rename.rename), target);
            }
            syn::UseTree::Glob(_) => scope.globs.push(path.clone()),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.read_use(tree, path, module);
                }
            }
        }
    }

    fn read_item(&mut self, item: &syn::Item, position: &Position) {
        let attributes = match item {
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Union(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            _ => return,
        };
        let mut position = position.clone();
        match condition_of(attributes) {
            Condition::Always => {}
            Condition::Never => return,
            Condition::Sometimes(span) => position.condition = Some(span),
        }
        match item {
            syn::Item::Struct(item) => self.read_struct(item, &position),
            syn::Item::Enum(item) => self.read_enum(item, &position),
            syn::Item::Union(item) => {
                let derives = self.derives(&item.attrs, &position);
                self.refuse_derives(
                    &derives,
                    &item.ident,
                    &["Table", "View", "TextEnum", "DbType"],
                    &position,
                );
            }
            syn::Item::Type(item) => {
                let target = RustType((*item.ty).clone());
                let is_generic = !item.generics.params.is_empty();
                let alias = AliasDecl { target, is_generic, origin: origin(&position) };
                self.declarations.aliases.push(alias);
                self.declare_type(&item.ident, Item::Alias(self.declarations.aliases.len() - 1), &position);
            }
            syn::Item::Const(item) => self.declare_const(plain(&item.ident), &item.expr, &position),
            syn::Item::Impl(item) => self.read_impl(item, &position),
            syn::Item::Mod(item) => self.read_mod(item, &position),
            syn::Item::Macro(item) => self.read_macro(item, &position),
            _ => {}
        }
    }

    fn declare_type(&mut self, ident: &proc_macro2::Ident, item: Item, position: &Position) {
        let item = position.condition.map_or(item, Item::Conditional);
        self.declarations.scopes.modules[position.module].types.insert(plain(ident), item);
    }

    fn declare_const(&mut self, name: String, value: &syn::Expr, position: &Position) {
        self.declarations.consts.push(ConstDecl { value: value.clone(), origin: origin(position) });
        let item = Item::Const(self.declarations.consts.len() - 1);
        let item = position.condition.map_or(item, Item::Conditional);
        self.declarations.scopes.modules[position.module].consts.insert(name, item);
    }

    /// Consts of `impl Type` can be defaults, `default = Type::LIMIT`.
    fn read_impl(&mut self, item: &syn::ItemImpl, position: &Position) {
        let syn::Type::Path(path) = item.self_ty.as_ref() else { return };
        let (None, Some(ident)) = (&item.trait_, path.path.get_ident()) else { return };
        for item in &item.items {
            if let syn::ImplItem::Const(item) = item {
                let name = format!("{}::{}", plain(ident), plain(&item.ident));
                self.declare_const(name, &item.expr, position);
            }
        }
    }

    fn read_struct(&mut self, item: &syn::ItemStruct, position: &Position) {
        let derives = self.derives(&item.attrs, position);
        let derives_it = |name: &str| derives.iter().any(|derive| derive == name);
        let is_table = derives_it("Table") || has_attribute(&item.attrs, "table");
        let is_view = derives_it("View") || has_attribute(&item.attrs, "view");
        if (is_table || is_view) && position.condition.is_some() {
            self.refuse_condition(&item.ident, position);
        }
        let mut faults = Faults::default();
        let mut declared = Item::Other;
        if is_table {
            if let Some(mut table) = read_table(item, &mut faults) {
                table.origin = origin(position);
                self.declarations.tables.push(table);
                declared = Item::Table(self.declarations.tables.len() - 1);
            }
        } else if is_view {
            if let Some(mut view) = read_view(item, &mut faults) {
                view.origin = origin(position);
                self.declarations.views.push(view);
            }
        } else if derives_it("DbType")
            && let Some(mut db_type) = read_db_type(item, &mut faults)
        {
            db_type.origin = origin(position);
            self.declarations.db_types.push(db_type);
            declared = Item::DbType(self.declarations.db_types.len() - 1);
        }
        self.faults.append_in_file(faults, &position.file);
        self.declare_type(&item.ident, declared, position);
        self.refuse_derives(&derives, &item.ident, &["TextEnum"], position);
    }

    fn read_enum(&mut self, item: &syn::ItemEnum, position: &Position) {
        let derives = self.derives(&item.attrs, position);
        let mut declared = Item::Other;
        if derives.iter().any(|derive| derive == "TextEnum") {
            let mut faults = Faults::default();
            let mut text_enum = read_text_enum(item, &mut faults);
            text_enum.origin = origin(position);
            self.faults.append_in_file(faults, &position.file);
            self.declarations.text_enums.push(text_enum);
            declared = Item::TextEnum(self.declarations.text_enums.len() - 1);
        }
        self.declare_type(&item.ident, declared, position);
        self.refuse_derives(&derives, &item.ident, &["Table", "View", "DbType"], position);
    }

    fn refuse_condition(&mut self, ident: &proc_macro2::Ident, position: &Position) {
        let span = position.condition.unwrap_or_else(|| ident.span());
        let fault = Fault::new(
            ident.span(),
            format!("whether the table of `{}` exists depends on a `cfg`", plain(ident)),
        )
        .with_other("the `cfg` is at", super::fault::Place::new(&position.file, span))
        .with_hint("a database has one schema: declare the table always");
        self.fault(fault, position);
    }

    fn refuse_derives(
        &mut self,
        derives: &[String],
        ident: &proc_macro2::Ident,
        refused: &[&str],
        position: &Position,
    ) {
        for derive in derives {
            if refused.contains(&derive.as_str()) {
                let wanted = match derive.as_str() {
                    "TextEnum" => "an enum",
                    "DbType" => "a struct around one value",
                    _ => "a struct with named fields",
                };
                let fault = Fault::new(
                    ident.span(),
                    format!("`#[derive({derive})]` on `{}` is for {wanted}", plain(ident)),
                );
                self.fault(fault, position);
            }
        }
    }

    /// Returns the names of the derives, as they are called where they come from.
    fn derives(&self, attributes: &[syn::Attribute], position: &Position) -> Vec<String> {
        let scope = &self.declarations.scopes.modules[position.module];
        let mut names = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let syn::Meta::List(list) = &attribute.meta else { continue };
            for piece in pieces(list.tokens.clone()) {
                let Some(TokenTree::Ident(last)) = piece.last() else { continue };
                let name = last.to_string();
                let renamed = scope.uses.get(&name).filter(|_| piece.len() == 1).and_then(|path| path.last());
                names.push(renamed.cloned().unwrap_or(name));
            }
        }
        names
    }

    fn read_mod(&mut self, item: &syn::ItemMod, position: &Position) {
        let name = plain(&item.ident);
        let mut path = self.declarations.scopes.modules[position.module].path.clone();
        path.push(name.clone());
        let module = self.declarations.scopes.module(path);
        let given = path_attribute(&item.attrs);
        if let Some((_, items)) = &item.content {
            let directory = given
                .map_or_else(|| join(&position.children, &name), |given| join(&position.path_base, &given));
            let inner =
                Position { module, children: directory.clone(), path_base: directory, ..position.clone() };
            self.read_items(items, &inner);
            return;
        }
        let Some(loader) = self.loader.as_mut() else { return };
        let candidates = match &given {
            Some(given) => vec![(join(&position.path_base, given), true)],
            None => child_paths(&position.children, &name),
        };
        for (path, owns) in &candidates {
            match loader(path) {
                Ok(Some(text)) => {
                    if self.read.contains(path) {
                        let fault =
                            Fault::new(item.ident.span(), format!("the file `{path}` is a module twice"));
                        self.fault(
                            fault.with_hint("a table is declared once: use the other module"),
                            position,
                        );
                    } else {
                        self.read_file(path, &text, module, *owns, position.condition);
                    }
                    return;
                }
                Ok(None) => {}
                Err(error) => {
                    self.is_incomplete = true;
                    let fault = Fault::new(
                        item.ident.span(),
                        format!("the file `{path}` of the module `{name}` cannot be read: {error}"),
                    );
                    self.fault(fault, position);
                    return;
                }
            }
        }
        if position.condition.is_none() {
            self.is_incomplete = true;
            let tried: Vec<&str> = candidates.iter().map(|(path, _)| path.as_str()).collect();
            let fault = Fault::new(item.ident.span(), format!("the module `{name}` has no file"));
            self.fault(fault.with_hint(format!("tried {}", super::args::listed(&tried))), position);
        }
    }

    fn read_macro(&mut self, item: &syn::ItemMacro, position: &Position) {
        if item.mac.path.is_ident("include") {
            self.include(item, position);
        } else if let Some((span, derive)) = derive_in(item.mac.tokens.clone()) {
            let fault = Fault::new(span, format!("`derive({derive})` inside of a macro cannot be read: what the macro makes of it is not known"))
                .with_hint("write the struct out");
            self.fault(fault, position);
        }
    }

    fn include(&mut self, item: &syn::ItemMacro, position: &Position) {
        let Some(loader) = self.loader.as_mut() else { return };
        let Some(path) = text_literal(item.mac.tokens.clone()) else {
            let fault = Fault::new(
                item.mac.path.span(),
                "`include!` of a computed path cannot be followed, and it could hold tables",
            )
            .with_hint("move the `include!` into a module outside of the schema's files");
            return self.fault(fault, position);
        };
        let path = join(directory(&position.file), &path.value);
        match loader(&path) {
            Ok(Some(text)) if !self.read.contains(&path) => {
                self.read.insert(path.clone());
                self.declarations.files.push(path.clone());
                let inner = Position {
                    file: Arc::from(path.as_str()),
                    path_base: directory(&path).to_owned(),
                    ..position.clone()
                };
                self.read_text(&text, &inner);
            }
            Ok(Some(_)) => {}
            _ => {
                let fault = Fault::new(
                    item.mac.path.span(),
                    format!("the file `{path}` of `include!` cannot be read"),
                );
                self.fault(fault, position);
            }
        }
    }
}

fn syntax_fault(error: &syn::Error, text: &str) -> Fault {
    let message = error.to_string();
    // The tokenizer says no more than that it stopped.
    let message = if message.contains("token stream") {
        "a bracket or a quote is not closed, or a character is out of place"
    } else {
        message.as_str()
    };
    let span = error.span();
    let line = text.lines().nth(span.start().line.saturating_sub(1)).unwrap_or_default();
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
        return Fault::new(span, "a merge conflict that is not resolved");
    }
    // The end of a file has no place of its own, so its last token stands for it.
    let last = || text.parse::<TokenStream>().ok()?.into_iter().last().map(|token| token.span());
    let span = if span.byte_range().is_empty() { last().unwrap_or(span) } else { span };
    Fault::new(span, format!("syntax error: {message}"))
}

fn origin(position: &Position) -> Origin {
    Origin { file: Arc::clone(&position.file), module: position.module }
}
