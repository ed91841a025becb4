//! Branches that grow by one row in each of seven tables, and are deleted: all of it goes, or nothing.

use std::io::Result as IoResult;

use seedbed::params;
use serde_json::json;

use super::Story;
use super::line::{Line, USER, Witness, id};
use crate::Result;

/// The rows that belong to a branch, but for those of documents' texts.
const ROWS: &str = "\
    WITH tree AS (SELECT id FROM nodes WHERE branch_id = ?1), \
      talks AS (SELECT id FROM chat_sessions WHERE node_id IN tree) \
    SELECT (SELECT count(*) FROM branches WHERE id = ?1) + (SELECT count(*) FROM tree) \
      + (SELECT count(*) FROM node_edges WHERE target_node_id IN tree) \
      + (SELECT count(*) FROM node_contents WHERE node_id IN tree) \
      + (SELECT count(*) FROM topic_documents WHERE node_id IN tree) \
      + (SELECT count(*) FROM talks) \
      + (SELECT count(*) FROM chat_messages WHERE session_id IN talks)";

pub(super) struct Deletions {
    name: String,
    /// The ids of the rows of the branch that is growing, in the order in which they came.
    growing: Vec<String>,
    is_in_doubt: bool,
    /// Branches that were deleted.
    gone: Vec<String>,
}

/// How many rows a branch has before it is deleted.
const GROWN: usize = 9;

impl Deletions {
    pub(super) fn new(name: String) -> Self {
        Self { name, growing: Vec::new(), is_in_doubt: false, gone: Vec::new() }
    }

    /// Adds the next row and returns its id.
    fn grow(&self, line: &mut Line<'_>) -> IoResult<String> {
        let (name, ids) = (&self.name, &self.growing);
        let node = |kind: &str| json!({"userId": USER, "type": kind, "title": name, "branchId": ids[0]});
        let concept = || {
            let mut node = node("concept");
            node["parentId"] = json!(ids[1]);
            node
        };
        let (path, body) = match ids.len() {
            0 => ("/api/branches".to_owned(), json!({"userId": USER, "title": name})),
            1 => ("/api/nodes".to_owned(), node("root")),
            2 | 3 => ("/api/nodes".to_owned(), concept()),
            4 => ("/api/edges".to_owned(), json!({"sourceNodeId": ids[2], "targetNodeId": ids[3]})),
            5 => (format!("/api/nodes/{}/contents", ids[2]), json!({"explanationMd": "Beeches."})),
            6 => ("/api/chat/sessions".to_owned(), json!({"userId": USER, "nodeId": ids[3]})),
            7 => (
                format!("/api/chat/sessions/{}/messages", ids[6]),
                json!({"userId": USER, "role": "user", "content": "Why?"}),
            ),
            _ => {
                let part = "Content-Disposition: form-data; name=\"files\"; filename=\"beech.md\"";
                let form = format!("--limit\r\n{part}\r\n\r\n# Beech\r\n--limit--\r\n");
                let path = format!("/api/nodes/{}/documents", ids[1]);
                let kind = "multipart/form-data; boundary=limit";
                return Ok(id(&line.send("POST", &path, kind, form.as_bytes())?["uploaded"][0]));
            }
        };
        Ok(id(&line.post(&path, &body)?))
    }
}

impl Story for Deletions {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        self.is_in_doubt = true;
        if self.growing.len() == GROWN {
            line.delete(&format!("/api/branches/{}", self.growing[0]))?;
            self.gone.push(self.growing.swap_remove(0));
            self.growing.clear();
        } else {
            let id = self.grow(line)?;
            self.growing.push(id);
        }
        self.is_in_doubt = false;
        Ok(())
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        for branch in &self.gone {
            assert_eq!(
                witness.count(ROWS, params![branch.as_str()])?,
                0,
                "rows of a branch that was deleted"
            );
        }
        let Some(branch) = self.growing.first() else { return Ok(0) };
        let there = usize::try_from(witness.count(ROWS, params![branch.as_str()])?)?;
        let told = self.growing.len();
        let untold = match told {
            _ if !self.is_in_doubt => told,
            GROWN => 0,
            _ => told + 1,
        };
        assert!(
            there == told || there == untold,
            "{there} rows of a branch, and {told} or {untold} were to be"
        );
        Ok(usize::from(there != told))
    }
}
