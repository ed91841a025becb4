//! The shape of a learning graph: a root, concepts under it, subconcepts under each concept.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use seedbed::TextEnum;

use crate::error::Fault;
use crate::schema::NodeKind;

impl NodeKind {
    /// Returns what its parent is; a root has none.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::Root => None,
            Self::Concept => Some(Self::Root),
            Self::Subconcept => Some(Self::Concept),
        }
    }
}

/// A node that is about to be added, with what is stored around the place it is to take.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// What the node is.
    pub kind: NodeKind,
    /// The user it belongs to.
    pub user_id: &'a str,
    /// The branch that was asked for, with the user it belongs to.
    pub branch: Option<Branch<'a>>,
    /// The parent that was asked for.
    pub parent: Option<Parent<'a>>,
}

/// A stored branch.
#[derive(Debug, Clone, Copy)]
pub struct Branch<'a> {
    /// Its id.
    pub id: &'a str,
    /// The user it belongs to.
    pub user_id: &'a str,
}

/// A stored node that is to be a parent.
#[derive(Debug, Clone, Copy)]
pub struct Parent<'a> {
    /// What it is.
    pub kind: NodeKind,
    /// The user it belongs to.
    pub user_id: &'a str,
    /// The branch it belongs to.
    pub branch_id: Option<&'a str>,
}

/// Checks that a node may take a place and returns the branch it belongs to: the one that was asked for, or else the parent's.
///
/// # Errors
///
/// Everything that is wrong with the place.
pub fn place<'a>(placement: &Placement<'a>) -> Result<Option<&'a str>, Vec<Fault>> {
    let mut faults = Vec::new();
    let kind = placement.kind.text();
    match (placement.kind.parent(), &placement.parent) {
        (None, None) => {}
        (None, Some(_)) => faults.push(Fault::new("parentId", "must be empty: a root node has no parent")),
        (Some(wanted), None) => {
            let text = format!("is required: a {kind} belongs under a {}", wanted.text());
            faults.push(Fault::new("parentId", text));
        }
        (Some(wanted), Some(parent)) if parent.kind != wanted => {
            let text = format!("must be a {}: a {kind} belongs under no other node", wanted.text());
            faults.push(Fault::new("parentId", text));
        }
        (Some(_), Some(parent)) => {
            if parent.user_id != placement.user_id {
                faults.push(Fault::new("parentId", "belongs to another user"));
            } else if placement.branch.is_some_and(|branch| parent.branch_id != Some(branch.id)) {
                faults.push(Fault::new("parentId", "belongs to another branch"));
            }
        }
    }
    if placement.branch.is_some_and(|branch| branch.user_id != placement.user_id) {
        faults.push(Fault::new("branchId", "belongs to another user"));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let parents = placement.parent.and_then(|parent| parent.branch_id);
    Ok(placement.branch.map(|branch| branch.id).or(parents))
}

/// Checks that an edge may lead from a node of one kind to one of another: it orders nodes of one level. The levels are
/// ordered by what is under what, and an edge that leads up would contradict that.
///
/// # Errors
///
/// When they are of different levels.
pub fn join(source: NodeKind, target: NodeKind) -> Result<(), Fault> {
    if source == target {
        return Ok(());
    }
    let kind = source.text();
    Err(Fault::new("targetNodeId", format!("must be a {kind}: an edge from a {kind} leads to no other node")))
}

/// Returns the nodes of the circle that an edge would close, from the edge's source back to it: the shortest there is.
/// `None` when the edge closes none.
pub fn closing_path<'a>(
    edges: &[(&'a str, &'a str)],
    source: &'a str,
    target: &'a str,
) -> Option<Vec<&'a str>> {
    let mut following: BTreeMap<&str, Vec<&'a str>> = BTreeMap::new();
    for &(from, to) in edges {
        following.entry(from).or_default().push(to);
    }
    let mut reached_from = BTreeMap::from([(target, source)]);
    let mut waiting = VecDeque::from([target]);
    while let Some(node) = waiting.pop_front() {
        if node == source {
            let mut path = vec![node];
            let mut at = node;
            while let Some(&before) = reached_from.get(at) {
                path.push(before);
                if before == source {
                    break;
                }
                at = before;
            }
            path.reverse();
            return Some(path);
        }
        for &next in following.get(node).into_iter().flatten() {
            if !reached_from.contains_key(next) {
                reached_from.insert(next, node);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// Returns the nodes of a circle that edges make, from one of them back to it; `None` when they make none.
pub fn circle<'a>(edges: &[(&'a str, &'a str)]) -> Option<Vec<&'a str>> {
    let mut following: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open_before: BTreeMap<&str, usize> = BTreeMap::new();
    for &(source, target) in edges {
        following.entry(source).or_default().push(target);
        open_before.entry(source).or_default();
        *open_before.entry(target).or_default() += 1;
    }
    let mut ready: Vec<&str> =
        open_before.iter().filter(|(_, open)| **open == 0).map(|(node, _)| *node).collect();
    while let Some(node) = ready.pop() {
        open_before.remove(node);
        for &next in following.get(node).into_iter().flatten() {
            let open = open_before.get_mut(next)?;
            *open -= 1;
            if *open == 0 {
                ready.push(next);
            }
        }
    }
    // Each node that is left has one of these before it, so whoever walks back comes round.
    let before: BTreeMap<&str, &str> = edges
        .iter()
        .filter(|(source, _)| open_before.contains_key(source))
        .map(|&(source, target)| (target, source))
        .collect();
    let mut path = vec![*before.keys().next()?];
    loop {
        let next = *before.get(path.last()?)?;
        if let Some(place) = path.iter().position(|node| *node == next) {
            let mut circle = path.split_off(place);
            circle.push(next);
            circle.reverse();
            return Some(circle);
        }
        path.push(next);
    }
}

/// Returns nodes in an order in which they can be learned: each behind those that edges lead from to it, and else as given.
/// Nodes of a circle, which nothing should have made, come last.
pub fn learning_order<'a>(nodes: &[&'a str], edges: &[(&str, &str)]) -> Vec<&'a str> {
    let places: BTreeMap<&str, usize> =
        nodes.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    let mut following = vec![Vec::new(); nodes.len()];
    let mut open_before = vec![0_usize; nodes.len()];
    for (source, target) in edges {
        if let (Some(&source), Some(&target)) = (places.get(source), places.get(target)) {
            following[source].push(target);
            open_before[target] += 1;
        }
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|place| open_before[*place] == 0).collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(place) = ready.pop_first() {
        order.push(nodes[place]);
        for &next in &following[place] {
            open_before[next] -= 1;
            if open_before[next] == 0 {
                ready.insert(next);
            }
        }
    }
    order.extend((0..nodes.len()).filter(|place| open_before[*place] > 0).map(|place| nodes[place]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRANCH: Branch<'static> = Branch { id: "b", user_id: "u" };

    fn parent(kind: NodeKind) -> Option<Parent<'static>> {
        Some(Parent { kind, user_id: "u", branch_id: Some("b") })
    }

    fn try_place(
        kind: NodeKind,
        branch: Option<Branch<'static>>,
        parent: Option<Parent<'static>>,
    ) -> Result<Option<&'static str>, String> {
        place(&Placement { kind, user_id: "u", branch, parent })
            .map_err(|faults| faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; "))
    }

    #[test]
    fn every_kind_has_its_place() {
        assert_eq!(try_place(NodeKind::Root, Some(BRANCH), None), Ok(Some("b")));
        assert_eq!(try_place(NodeKind::Root, None, None), Ok(None));
        assert_eq!(try_place(NodeKind::Concept, Some(BRANCH), parent(NodeKind::Root)), Ok(Some("b")));
        assert_eq!(try_place(NodeKind::Subconcept, Some(BRANCH), parent(NodeKind::Concept)), Ok(Some("b")));
    }

    #[test]
    fn a_child_without_a_branch_takes_its_parents() {
        assert_eq!(try_place(NodeKind::Concept, None, parent(NodeKind::Root)), Ok(Some("b")));
    }

    #[test]
    fn a_node_in_the_wrong_place_is_refused() {
        let refusal = |kind, parent| try_place(kind, None, parent).unwrap_err();
        assert_eq!(
            refusal(NodeKind::Root, parent(NodeKind::Root)),
            "parentId must be empty: a root node has no parent"
        );
        assert_eq!(refusal(NodeKind::Concept, None), "parentId is required: a concept belongs under a root");
        for wrong in [NodeKind::Root, NodeKind::Subconcept] {
            assert_eq!(
                refusal(NodeKind::Subconcept, parent(wrong)),
                "parentId must be a concept: a subconcept belongs under no other node"
            );
        }
    }

    #[test]
    fn user_and_branch_agree_with_the_parents() {
        let other_user = Some(Parent { kind: NodeKind::Root, user_id: "v", branch_id: Some("b") });
        let other_branch = Some(Parent { kind: NodeKind::Root, user_id: "u", branch_id: Some("c") });
        let no_branch = Some(Parent { kind: NodeKind::Root, user_id: "u", branch_id: None });
        let refusal = |parent| try_place(NodeKind::Concept, Some(BRANCH), parent).unwrap_err();
        assert_eq!(refusal(other_user), "parentId belongs to another user");
        assert_eq!(refusal(other_branch), "parentId belongs to another branch");
        assert_eq!(refusal(no_branch), "parentId belongs to another branch");
        let strange = Some(Branch { id: "b", user_id: "v" });
        assert_eq!(try_place(NodeKind::Root, strange, None).unwrap_err(), "branchId belongs to another user");
    }

    #[test]
    fn an_edge_stays_on_its_level() {
        for kind in NodeKind::VARIANTS {
            assert_eq!(join(*kind, *kind), Ok(()));
        }
        let fault = join(NodeKind::Subconcept, NodeKind::Concept).unwrap_err().to_string();
        assert_eq!(
            fault,
            "targetNodeId must be a subconcept: an edge from a subconcept leads to no other node"
        );
    }

    #[test]
    fn an_edge_that_closes_a_circle_names_the_shortest() {
        let edges = [("a", "b"), ("b", "c"), ("c", "d"), ("b", "d"), ("x", "a")];
        assert_eq!(closing_path(&edges, "d", "a"), Some(vec!["d", "a", "b", "d"]));
        assert_eq!(closing_path(&edges, "b", "a"), Some(vec!["b", "a", "b"]));
        assert_eq!(closing_path(&edges, "a", "a"), Some(vec!["a", "a"]));
        assert_eq!(closing_path(&edges, "a", "d"), None);
        assert_eq!(closing_path(&edges, "c", "new"), None);
        // A circle that is there already is no reason to walk for ever.
        assert_eq!(closing_path(&[("a", "b"), ("b", "a")], "c", "a"), None);
    }

    #[test]
    fn a_circle_is_found_and_what_hangs_on_it_is_no_part() {
        assert_eq!(circle(&[]), None);
        assert_eq!(circle(&[("a", "b"), ("b", "c"), ("a", "c")]), None);
        assert_eq!(circle(&[("a", "a")]), Some(vec!["a", "a"]));
        let edges = [("x", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "a"), ("a", "z")];
        assert_eq!(circle(&edges), Some(vec!["d", "b", "c", "d"]));
    }

    #[test]
    fn nodes_come_behind_what_they_need_and_else_as_given() {
        let nodes = ["d", "c", "b", "a"];
        assert_eq!(learning_order(&nodes, &[]), nodes);
        assert_eq!(
            learning_order(&nodes, &[("a", "b"), ("b", "c"), ("elsewhere", "d")]),
            ["d", "a", "b", "c"]
        );
        assert_eq!(learning_order(&nodes, &[("b", "d"), ("d", "b")]), ["c", "a", "d", "b"]);
    }
}
