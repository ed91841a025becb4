//! A conversation: many small writes, which share their commits with those of others.

use std::io::Result as IoResult;

use serde_json::json;

use super::Story;
use super::line::{Line, Rows, USER, Witness, id};
use crate::Result;

pub(super) struct Talk {
    name: String,
    session: Option<String>,
    messages: Rows,
}

impl Talk {
    pub(super) fn new(name: String) -> Self {
        Self { name, session: None, messages: Rows::default() }
    }
}

impl Story for Talk {
    fn write(&mut self, line: &mut Line<'_>) -> IoResult<()> {
        let Some(session) = &self.session else {
            self.session = Some(id(&line.post("/api/chat/sessions", &json!({"userId": USER}))?));
            return Ok(());
        };
        let number = self.messages.told.len();
        let message = json!({
            "userId": USER,
            "role": if number.is_multiple_of(2) { "user" } else { "assistant" },
            "content": format!("{} {number} {}", self.name, "what does a tree need? ".repeat(number % 50)),
            "wasSuccessful": number.is_multiple_of(3),
        });
        self.messages.add(line, &format!("/api/chat/sessions/{session}/messages"), message)
    }

    fn check(&self, witness: &mut Witness) -> Result<usize> {
        let Some(session) = &self.session else { return Ok(0) };
        Ok(self.messages.check(&witness.list(&format!("/api/chat/sessions/{session}/messages"))?))
    }
}
