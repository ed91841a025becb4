//! Finds what a Rust path means in the tree that was read: modules, `use` lines and globs, as the compiler looks
//! them up, without macros and without other crates.

use std::collections::BTreeMap;

use proc_macro2::Span;

/// A module of the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Module {
    /// The path from the crate's root.
    pub(super) path: Vec<String>,
    /// `use a::b as c` is `c` to `a, b`.
    pub(super) uses: BTreeMap<String, Vec<String>>,
    /// `use a::b::*` is `a, b`.
    pub(super) globs: Vec<Vec<String>>,
    /// Structs, enums and type aliases.
    pub(super) types: BTreeMap<String, Item>,
    /// Consts; those of an `impl` under `Type::NAME`.
    pub(super) consts: BTreeMap<String, Item>,
}

/// An item of the tree: an index into the list of its kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item {
    Table(usize),
    TextEnum(usize),
    DbType(usize),
    Alias(usize),
    Const(usize),
    /// A struct or an enum that is nothing to us.
    Other,
    /// An item behind a `cfg`.
    Conditional(#[expect(dead_code, reason = "shown by Debug")] Span),
}

/// Which of Rust's name spaces to look in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Space {
    Types,
    Consts,
}

/// All modules of a tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Scopes {
    pub(super) modules: Vec<Module>,
    by_path: BTreeMap<Vec<String>, usize>,
}

/// An item and the module and name it was found under.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) item: Item,
    pub(super) module: usize,
    pub(super) name: String,
}

/// How many `use` lines a path may lead through.
const MAX_HOPS: usize = 16;

impl Scopes {
    /// Returns the module of that path, which is made when it is new.
    pub(super) fn module(&mut self, path: Vec<String>) -> usize {
        if let Some(module) = self.by_path.get(&path) {
            return *module;
        }
        self.modules.push(Module { path: path.clone(), ..Module::default() });
        self.by_path.insert(path, self.modules.len() - 1);
        self.modules.len() - 1
    }

    /// Returns what a path means in a module; `None` when it leads out of the tree.
    pub(super) fn find(&self, module: usize, path: &[String], space: Space) -> Option<Found> {
        self.find_path(module, path, space, &mut Vec::new(), MAX_HOPS)
    }

    fn find_path(
        &self,
        module: usize,
        path: &[String],
        space: Space,
        visited: &mut Vec<(usize, String)>,
        hops: usize,
    ) -> Option<Found> {
        let hops = hops.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let mut base = self.modules[module].path.clone();
        let mut rest = rest;
        match first.as_str() {
            "" => return None,
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop()?;
                while let Some(("super", after)) =
                    rest.split_first().map(|(name, after)| (name.as_str(), after))
                {
                    base.pop()?;
                    rest = after;
                }
            }
            name if rest.is_empty() => return self.find_name(module, name, space, visited, hops),
            _ => rest = path,
        }
        let (last, middle) = rest.split_last()?;
        // The tree's root may stand below the crate's root, so the first modules of a path may not be known.
        let mut at = self.by_path.get(&base).copied();
        for (index, name) in middle.iter().enumerate() {
            base.push(name.clone());
            if let Some(child) = self.by_path.get(&base) {
                at = Some(*child);
                continue;
            }
            let Some(at) = at else { continue };
            let remaining = &rest[index + 1..];
            if let Some(target) = self.modules[at].uses.get(name) {
                return self.find_path(at, &joined(target, remaining), space, visited, hops);
            }
            return self.find_in_globs(at, &rest[index..], space, visited, hops);
        }
        let at = at?;
        self.find_name(at, last, space, visited, hops)
    }

    fn find_name(
        &self,
        module: usize,
        name: &str,
        space: Space,
        visited: &mut Vec<(usize, String)>,
        hops: usize,
    ) -> Option<Found> {
        let scope = &self.modules[module];
        let items = match space {
            Space::Types => &scope.types,
            Space::Consts => &scope.consts,
        };
        if let Some(item) = items.get(name) {
            return Some(Found { item: *item, module, name: name.to_owned() });
        }
        if visited.iter().any(|(seen, seen_name)| *seen == module && seen_name == name) {
            return None;
        }
        visited.push((module, name.to_owned()));
        if let Some(target) = scope.uses.get(name) {
            return self.find_path(module, target, space, visited, hops);
        }
        self.find_in_globs(module, &[name.to_owned()], space, visited, hops)
    }

    fn find_in_globs(
        &self,
        module: usize,
        path: &[String],
        space: Space,
        visited: &mut Vec<(usize, String)>,
        hops: usize,
    ) -> Option<Found> {
        let globs = &self.modules[module].globs;
        globs.iter().find_map(|glob| self.find_path(module, &joined(glob, path), space, visited, hops))
    }

    /// Returns the path with the `use` line put in that its first name stands for.
    pub(super) fn expand(&self, module: usize, path: &[String]) -> Vec<String> {
        let target = path.split_first().and_then(|(first, rest)| {
            self.modules[module].uses.get(first).map(|target| joined(target, rest))
        });
        target.unwrap_or_else(|| path.to_vec())
    }
}

fn joined(head: &[String], tail: &[String]) -> Vec<String> {
    head.iter().chain(tail).cloned().collect()
}

/// Returns the names of a path; one that starts with `::` starts with an empty name.
pub(super) fn names_of(path: &syn::Path) -> Vec<String> {
    let leading = path.leading_colon.map(|_| String::new());
    leading
        .into_iter()
        .chain(path.segments.iter().map(|segment| super::names::plain(&segment.ident)))
        .collect()
}
