//! What a client writes over and keeps, and who looks afterwards.

use std::io::Result as IoResult;
use std::sync::mpsc::Sender;

use seedbed::{Connection, Value as Bound};
use serde_json::{Value, json};

use crate::Result;
use crate::client::Client;
use crate::home::Home;
use crate::server::Server;

/// The user that every client writes as.
pub(super) const USER: &str = sprout::store::users::DEFAULT_USER_ID;

/// A connection that tells of every write that was answered.
pub(super) struct Line<'a> {
    address: &'a str,
    client: Option<Client>,
    tell: Sender<()>,
}

impl<'a> Line<'a> {
    pub(super) fn new(address: &'a str, tell: Sender<()>) -> Self {
        Self { address, client: None, tell }
    }

    /// Sends a write. No answer is an error; one that is no success is a fault.
    pub(super) fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> IoResult<Value> {
        let client = match &mut self.client {
            Some(client) => client,
            none => none.insert(Client::connect(self.address)?),
        };
        let reply = client.ask(method, path, kind, body)?;
        let text = String::from_utf8_lossy(reply.body);
        assert!(matches!(reply.status, 200 | 201 | 204), "{method} {path}: {} {text}", reply.status);
        let value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? };
        // Whoever counts ends when it has counted enough.
        let _ = self.tell.send(());
        Ok(value)
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> IoResult<Value> {
        self.send("POST", path, "application/json", body.to_string().as_bytes())
    }

    pub(super) fn patch(&mut self, path: &str, body: &Value) -> IoResult<Value> {
        self.send("PATCH", path, "application/json", body.to_string().as_bytes())
    }

    pub(super) fn delete(&mut self, path: &str) -> IoResult<()> {
        self.send("DELETE", path, "application/json", b"").map(|_| ())
    }

    /// Makes a branch with a root and returns the id of the root.
    pub(super) fn root(&mut self, title: &str) -> IoResult<String> {
        let branch = self.post("/api/branches", &json!({"userId": USER, "title": title}))?;
        let root = json!({"userId": USER, "type": "root", "title": title, "branchId": branch["id"]});
        Ok(id(&self.post("/api/nodes", &root)?))
    }
}

/// Returns the id of a row.
pub(super) fn id(row: &Value) -> String {
    row["id"].as_str().expect("a row has an id").to_owned()
}

/// Rows that a client made one after the other.
#[derive(Default)]
pub(super) struct Rows {
    /// The rows as the replies had them.
    pub(super) told: Vec<Value>,
    /// What was sent for a row and not answered.
    doubt: Option<Value>,
}

impl Rows {
    /// Makes the next row.
    pub(super) fn add(&mut self, line: &mut Line<'_>, path: &str, body: Value) -> IoResult<()> {
        let row = line.post(path, self.doubt.insert(body))?;
        let sent = self.doubt.take().expect("it was sent");
        assert!(agrees(&row, &sent), "{path}: {row} came for {sent}");
        self.told.push(row);
        Ok(())
    }

    /// Holds rows to those that were told of: all of these, and then at most the one in doubt, as it was sent. Returns how many
    /// are there beyond.
    #[track_caller]
    pub(super) fn check(&self, there: &[Value]) -> usize {
        for (index, row) in self.told.iter().enumerate() {
            let found = there.get(index);
            let count = self.told.len();
            assert_eq!(found, Some(row), "row {index} of {count} that were answered is lost or changed");
        }
        let beyond = &there[self.told.len()..];
        let sent = self.doubt.as_slice();
        assert!(
            beyond.len() <= sent.len() && beyond.iter().zip(sent).all(|(row, sent)| agrees(row, sent)),
            "{beyond:?} is there, and {sent:?} was sent"
        );
        beyond.len()
    }
}

/// Tells whether a row has all values that were sent for it.
pub(super) fn agrees(row: &Value, sent: &Value) -> bool {
    sent.as_object().is_some_and(|sent| sent.iter().all(|(name, value)| row[name] == *value))
}

/// Who looks at what is there after a kill: through the API of the next server, and in its file.
pub(super) struct Witness {
    client: Client,
    pub(super) db: Connection,
}

impl Witness {
    pub(super) fn new(server: &Server, home: &Home) -> Result<Self> {
        Ok(Self { client: Client::connect(&server.address)?, db: home.db()? })
    }

    /// Asks for something and returns the status and the bytes.
    pub(super) fn bytes(&mut self, path: &str) -> Result<(u16, &[u8])> {
        let reply = self.client.ask("GET", path, "application/json", b"")?;
        Ok((reply.status, reply.body))
    }

    /// Asks for something that has to be there.
    pub(super) fn get(&mut self, path: &str) -> Result<Value> {
        let (status, body) = self.bytes(path)?;
        assert_eq!(status, 200, "GET {path}: {}", String::from_utf8_lossy(body));
        Ok(serde_json::from_slice(body)?)
    }

    /// Asks for a list.
    pub(super) fn list(&mut self, path: &str) -> Result<Vec<Value>> {
        let list = self.get(path)?;
        Ok(list.as_array().ok_or("no list")?.clone())
    }

    /// Counts in the file.
    pub(super) fn count(&self, query: &str, values: &[Bound<'_>]) -> Result<i64> {
        Ok(self.db.query_one(query, values, |row| row.get(0))?)
    }
}
