//! What a request refers to: every id that is the id of nothing is a fault of its field, and all come together.

use std::borrow::Cow;
use std::collections::BTreeSet;

use seedbed::prelude::*;

use super::users;
use crate::error::{AppError, Fault};
use crate::schema::{ChatMessage, ChatSession, Node};

/// References that are being looked up.
pub(super) struct References<'a> {
    db: &'a Connection,
    faults: Vec<Fault>,
}

impl<'a> References<'a> {
    /// Begins.
    pub(super) fn new(db: &'a Connection) -> Self {
        Self { db, faults: Vec::new() }
    }

    /// Looks up a user.
    pub(super) fn user(self, field: &'static str, id: &str) -> Result<Self, Error> {
        let found = users::exists(self.db, id)?;
        Ok(self.expect(found, field, "is the id of no user"))
    }

    /// Looks up a node, if one is named.
    pub(super) fn node(self, field: &'static str, id: Option<&str>) -> Result<Self, Error> {
        let Some(id) = id else { return Ok(self) };
        let found = Select::from::<Node>().filter(Node::id.eq(id)).exists(self.db)?;
        Ok(self.expect(found, field, "is the id of no node"))
    }

    /// Looks up a chat session, if one is named.
    pub(super) fn session(self, field: &'static str, id: Option<&str>) -> Result<Self, Error> {
        let Some(id) = id else { return Ok(self) };
        let found = Select::from::<ChatSession>().filter(ChatSession::id.eq(id)).exists(self.db)?;
        Ok(self.expect(found, field, "is the id of no session"))
    }

    /// Looks up a chat message, if one is named.
    pub(super) fn message(self, field: &'static str, id: Option<&str>) -> Result<Self, Error> {
        let Some(id) = id else { return Ok(self) };
        let found = Select::from::<ChatMessage>().filter(ChatMessage::id.eq(id)).exists(self.db)?;
        Ok(self.expect(found, field, "is the id of no message"))
    }

    /// Looks up the chat messages of a list, if there is one.
    pub(super) fn messages(mut self, field: &'static str, ids: Option<&[String]>) -> Result<Self, Error> {
        let Some(ids) = ids else { return Ok(self) };
        let found =
            Select::from::<ChatMessage>().filter(ChatMessage::id.in_list(ids)).select(ChatMessage::id);
        let found: BTreeSet<_> = found.all(self.db)?.into_iter().collect();
        for (index, id) in ids.iter().enumerate() {
            self = self.expect(found.contains(id), format!("{field}[{index}]"), "is the id of no message");
        }
        Ok(self)
    }

    /// Notes a fault unless something was found.
    pub(super) fn expect(mut self, is_found: bool, field: impl Into<Cow<'static, str>>, fault: &str) -> Self {
        if !is_found {
            self.faults.push(Fault::new(field, fault));
        }
        self
    }

    /// Ends.
    pub(super) fn check(self) -> Result<(), AppError> {
        if self.faults.is_empty() { Ok(()) } else { Err(AppError::invalid(self.faults)) }
    }
}
