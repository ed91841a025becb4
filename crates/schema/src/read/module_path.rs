//! Which file a module is in, and which module a file is, by the rules of
//! <https://doc.rust-lang.org/reference/items/modules.html>. Paths are text; no file is touched.

/// Returns the path's directory, without a slash at the end.
pub(super) fn directory(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |at| &path[..at])
}

/// Joins a directory and a relative path.
pub(super) fn join(directory: &str, path: &str) -> String {
    if directory.is_empty() || path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{directory}/{path}")
    }
}

/// Returns the files in which `mod name;` may be, each with whether its own modules stand beside it.
pub(super) fn child_paths(directory: &str, name: &str) -> Vec<(String, bool)> {
    vec![(join(directory, &format!("{name}.rs")), false), (join(directory, &format!("{name}/mod.rs")), true)]
}

/// Whether the modules of a file stand beside it: in a crate's root and in `mod.rs`.
pub(super) fn owns_directory(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    matches!(name, "mod.rs" | "lib.rs" | "main.rs") || is_root_in(directory(path))
}

/// Every file right in one of these directories is the root of a crate.
fn is_root_in(directory: &str) -> bool {
    let last = directory.rsplit(['/', '\\']).next().unwrap_or(directory);
    matches!(last, "bin" | "examples" | "tests" | "benches")
}

/// Returns the module a file is, by what stands behind the last `src/` of its path.
pub(super) fn module_path_of(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let after_src = parts.iter().rposition(|part| *part == "src").map(|at| &parts[at + 1..]);
    if after_src.is_some_and(|parts| parts.first() == Some(&"bin")) || is_root_in(directory(path)) {
        return Vec::new();
    }
    let is_mod_file = parts.last() == Some(&"mod.rs");
    let fallback = &parts[parts.len().saturating_sub(if is_mod_file { 2 } else { 1 })..];
    let mut modules: Vec<String> =
        after_src.unwrap_or(fallback).iter().map(|part| part.trim_end_matches(".rs").to_owned()).collect();
    if modules.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        modules.pop();
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::{module_path_of, owns_directory};

    #[test]
    fn the_path_of_a_file_tells_its_module() {
        for (path, module) in [
            ("src/schema.rs", "schema"),
            ("app/src/db/schema.rs", "db::schema"),
            ("src/schema/mod.rs", "schema"),
            ("src/lib.rs", ""),
            ("src/bin/tool.rs", ""),
            ("schema.rs", "schema"),
            ("anywhere/tables/mod.rs", "tables"),
            ("examples/blog.rs", ""),
        ] {
            assert_eq!(module_path_of(path).join("::"), module, "{path}");
        }
    }

    #[test]
    fn roots_and_mod_files_have_their_modules_beside_them() {
        assert!(
            owns_directory("src/main.rs") && owns_directory("src/a/mod.rs") && owns_directory("src/bin/x.rs")
        );
        assert!(!owns_directory("src/schema.rs"));
    }
}
