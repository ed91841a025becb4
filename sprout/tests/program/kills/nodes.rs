//! A graph that grows while its nodes change: a change of several fields is there as a whole or not at all.

use std::io::Result as IoResult;

use serde_json::{Value, json};

use super::Story;
use super::line::{Line, USER, Witness, agrees, id};
use crate::Result;

pub(super) struct Graph {
    name: String,
    branch: Option<String>,
    /// The nodes as the replies had them, the root first.
    nodes: Vec<Value>,
    doubt: Option<Doubt>,
    changes: usize,
}

/// What was sent and not answered.
enum Doubt {
    New(Value),
    Change(usize, Value),
}

impl Graph {
    pub(super) fn new(name: String) -> Self {
        Self { name, branch: None, nodes: Vec::new(), doubt: None, changes: 0 }
    }

    fn add(&mut self, line: &mut Line<'_>, branch: &str) -> IoResult<()> {
        let root = self.nodes.first().map(id);
        let body = json!({
            "userId": USER,
            "type": if root.is_some() { "concept" } else { "root" },
            "title": format!("{} {}", self.name, self.nodes.len()),
            "desc": "new",
            "branchId": branch,
            "parentId": root,
        });
        self.doubt = Some(Doubt::New(body.clone()));
        let node = line.post("/api/nodes", &body)?;
        assert!(agrees(&node, &body), "{node} came for {body}");
        self.nodes.push(node);
        self.doubt = None;
        Ok(())
    }

    fn change(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        self.changes += 1;
        let (number, index) = (self.changes, self.changes % self.nodes.len());
        let body = json!({
            "title": format!("{} changed {number}", self.name),
            "desc": format!("for the {number}th time"),
            "accuracyScore": 1.0 / number as f64,
        });
        self.doubt = Some(Doubt::Change(index, body.clone()));
        let node = line.patch(&format!("/api/nodes/{}", id(&self.nodes[index])), &body)?;
        assert!(is_changed(&self.nodes[index], &node, &body), "{node} came for {body}");
        self.nodes[index] = node;
        self.doubt = None;
        Ok(())
    }
}

/// Tells whether a node is another with a change made to it.
fn is_changed(before: &Value, after: &Value, change: &Value) -> bool {
    let stays = ["id", "userId", "type", "branchId", "parentId", "createdAt"];
    agrees(after, change)
        && stays.iter().all(|name| before[name] == after[name])
        && before["updatedAt"].as_str() <= after["updatedAt"].as_str()
}

impl Story for Graph {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        match self.branch.clone() {
            None => {
                let branch = line.post("/api/branches", &json!({"userId": USER, "title": self.name}))?;
                self.branch = Some(id(&branch));
                Ok(())
            }
            Some(branch) if self.nodes.len() < 2 || self.nodes.len() < self.changes => {
                self.add(line, &branch)
            }
            Some(_) => self.change(line),
        }
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        let Some(branch) = &self.branch else { return Ok(0) };
        let mut there = witness.list(&format!("/api/nodes?branchId={branch}"))?;
        let mut untold = 0;
        match &self.doubt {
            Some(Doubt::New(sent)) if there.len() > self.nodes.len() => {
                let node = there.pop().ok_or("no node")?;
                assert!(agrees(&node, sent), "{node} is there, and {sent} was sent");
                untold = 1;
            }
            Some(Doubt::Change(index, sent)) if there.get(*index) != self.nodes.get(*index) => {
                let (before, after) = (&self.nodes[*index], &there[*index]);
                assert!(
                    is_changed(before, after, sent),
                    "{after} is there, {before} was and {sent} was sent"
                );
                there[*index] = before.clone();
                untold = 1;
            }
            _ => {}
        }
        assert_eq!(there, self.nodes, "nodes that were answered are lost or changed");
        Ok(untold)
    }
}
