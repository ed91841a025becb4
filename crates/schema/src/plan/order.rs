//! Orders tables and views so that what is referred to comes first.

use std::collections::BTreeSet;

use crate::model::{Table, View};

/// Returns the tables with referenced tables before those that refer to them; inside a cycle the given order holds.
pub(super) fn parents_first<'a>(tables: &[&'a Table]) -> Vec<&'a Table> {
    let edges = |at: usize| {
        let referenced = tables[at].foreign_keys.iter().map(|key| key.referenced_table.to_ascii_lowercase());
        referenced.collect::<BTreeSet<_>>()
    };
    let names: Vec<String> = tables.iter().map(|table| table.name.to_ascii_lowercase()).collect();
    sorted(&names, edges).into_iter().map(|at| tables[at]).collect()
}

/// Returns the views with those that others read first.
pub(super) fn readable_first<'a>(views: &[&'a View]) -> Vec<&'a View> {
    let names: Vec<String> = views.iter().map(|view| view.name.to_ascii_lowercase()).collect();
    let edges = |at: usize| {
        views[at].definition.identifiers().map(|name| name.to_ascii_lowercase()).collect::<BTreeSet<_>>()
    };
    sorted(&names, edges).into_iter().map(|at| views[at]).collect()
}

/// Depth-first, so a name stands behind all it depends on; a cycle is cut where it is met.
fn sorted(names: &[String], depends_on: impl Fn(usize) -> BTreeSet<String>) -> Vec<usize> {
    let place: std::collections::BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut order = Vec::with_capacity(names.len());
    let mut seen = vec![false; names.len()];
    for start in 0..names.len() {
        // An own stack: a chain of a thousand tables must not exhaust the thread's.
        let mut stack = vec![(start, false)];
        while let Some((at, done)) = stack.pop() {
            if done {
                order.push(at);
                continue;
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            stack.push((at, true));
            let below = depends_on(at);
            let mut next: Vec<usize> =
                below.iter().filter_map(|name| place.get(name.as_str()).copied()).collect();
            next.sort_unstable_by_key(|at| std::cmp::Reverse(*at));
            stack.extend(next.into_iter().filter(|at| !seen[*at]).map(|at| (at, false)));
        }
    }
    order
}
