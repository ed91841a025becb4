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
    /// The modules of the tree that `globs` lead to.
    glob_modules: Vec<usize>,
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

/// How many `use` lines the path of a glob may lead through.
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

    /// Finds out which globs lead to a module of the tree. Most lead to a crate's prelude, and no name has to be
    /// looked for there.
    pub(super) fn seal(&mut self) {
        for at in 0..self.modules.len() {
            let globs = &self.modules[at].globs;
            let found = globs.iter().filter_map(|glob| self.find_module(at, glob, MAX_HOPS)).collect();
            self.modules[at].glob_modules = found;
        }
    }

    /// Returns the module that a path leads to, through `use` lines and without globs.
    fn find_module(&self, module: usize, path: &[String], hops: usize) -> Option<usize> {
        let hops = hops.checked_sub(1)?;
        let (mut at, mut base, rest) = self.start(module, path)?;
        for (index, name) in rest.iter().enumerate() {
            base.push(name.clone());
            if let Some(child) = self.by_path.get(&base) {
                at = Some(*child);
            } else if let Some(parent) = at {
                let target = self.modules[parent].uses.get(name)?;
                return self.find_module(parent, &joined(target, &rest[index + 1..]), hops);
            }
        }
        self.by_path.get(&base).copied()
    }

    /// Returns the module a path starts in, that module's path, and the names that are left. The tree's root may stand
    /// below the crate's root, so the module where `crate::` starts may not be known.
    fn start<'p>(
        &self,
        module: usize,
        path: &'p [String],
    ) -> Option<(Option<usize>, Vec<String>, &'p [String])> {
        let (first, mut rest) = path.split_first()?;
        let mut base = self.modules[module].path.clone();
        match first.as_str() {
            "" => return None,
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop()?;
                while rest.first().is_some_and(|name| name == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            _ => rest = path,
        }
        Some((self.by_path.get(&base).copied(), base, rest))
    }

    /// Returns what a path means in a module; `None` when it leads out of the tree.
    pub(super) fn find(&self, module: usize, path: &[String], space: Space) -> Option<Found> {
        self.find_path(module, path, space, &mut Vec::new())
    }

    /// `visited` keeps `use` lines that lead to each other from going round for ever.
    fn find_path(
        &self,
        module: usize,
        path: &[String],
        space: Space,
        visited: &mut Vec<(usize, Vec<String>)>,
    ) -> Option<Found> {
        if let [name] = path {
            return self.find_name(module, name, space, visited);
        }
        if !is_first_visit(module, path, visited) {
            return None;
        }
        let (mut at, mut base, rest) = self.start(module, path)?;
        let (last, middle) = rest.split_last()?;
        for (index, name) in middle.iter().enumerate() {
            base.push(name.clone());
            if let Some(child) = self.by_path.get(&base) {
                at = Some(*child);
            } else if let Some(parent) = at {
                if let Some(target) = self.modules[parent].uses.get(name) {
                    return self.find_path(parent, &joined(target, &rest[index + 1..]), space, visited);
                }
                return self.find_in_globs(parent, &rest[index..], space, visited);
            }
        }
        self.find_name(at?, last, space, visited)
    }

    fn find_name(
        &self,
        module: usize,
        name: &str,
        space: Space,
        visited: &mut Vec<(usize, Vec<String>)>,
    ) -> Option<Found> {
        let scope = &self.modules[module];
        let items = match space {
            Space::Types => &scope.types,
            Space::Consts => &scope.consts,
        };
        if let Some(item) = items.get(name) {
            return Some(Found { item: *item, module, name: name.to_owned() });
        }
        let target = scope.uses.get(name);
        if target.is_none() && scope.glob_modules.is_empty() {
            return None;
        }
        let path = [name.to_owned()];
        if !is_first_visit(module, &path, visited) {
            return None;
        }
        match target {
            Some(target) => self.find_path(module, target, space, visited),
            None => self.find_in_globs(module, &path, space, visited),
        }
    }

    fn find_in_globs(
        &self,
        module: usize,
        path: &[String],
        space: Space,
        visited: &mut Vec<(usize, Vec<String>)>,
    ) -> Option<Found> {
        self.modules[module].glob_modules.iter().find_map(|glob| self.find_path(*glob, path, space, visited))
    }

    /// Returns the path with the `use` line put in that its first name stands for.
    pub(super) fn expand(&self, module: usize, path: &[String]) -> Vec<String> {
        let target = path.split_first().and_then(|(first, rest)| {
            self.modules[module].uses.get(first).map(|target| joined(target, rest))
        });
        target.unwrap_or_else(|| path.to_vec())
    }
}

fn is_first_visit(module: usize, path: &[String], visited: &mut Vec<(usize, Vec<String>)>) -> bool {
    let is_first = !visited.iter().any(|(seen, seen_path)| *seen == module && seen_path == path);
    if is_first {
        visited.push((module, path.to_vec()));
    }
    is_first
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
