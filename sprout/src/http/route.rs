//! A path with what answers it, and what the OpenAPI document says about that.

use std::any::type_name;
use std::fmt;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter};

use super::operation::{Describe, Operation};
use crate::app::AppState;

/// A path and its methods.
#[derive(Debug)]
pub struct Route {
    /// The path, such as `/api/nodes/{id}`.
    pub pattern: &'static str,
    /// What answers.
    pub methods: MethodRouter<AppState>,
    /// What is said about it.
    pub operations: Vec<Described>,
}

/// A method of a path, as the OpenAPI document shows it.
pub struct Described {
    /// The method, in lower case.
    pub method: &'static str,
    /// The handler's place and name, such as `branches::list`.
    pub handler: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The statuses of errors besides those that its arguments bring.
    pub refusals: &'static [u16],
    /// Describes what it takes and gives.
    pub describe: fn(&mut Operation<'_>),
}

impl fmt::Debug for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Described").field("method", &self.method).field("handler", &self.handler).finish()
    }
}

impl Route {
    /// Begins the route of a path.
    pub fn at(pattern: &'static str) -> Self {
        Self { pattern, methods: MethodRouter::new(), operations: Vec::new() }
    }

    /// Answers GET, and HEAD.
    pub fn get<H, M, A>(self, summary: &'static str, handler: H) -> Self
    where
        H: Handler<M, AppState> + Describe<A>,
        M: 'static,
    {
        self.on("get", MethodFilter::GET, summary, handler)
    }

    /// Says what HEAD tells here; every GET answers it, and where the reply is large it is worth asking for.
    pub fn head(mut self, summary: &'static str) -> Self {
        if let Some(&Described { handler, refusals, describe, .. }) = self.operations.last() {
            self.operations.push(Described { method: "head", handler, summary, refusals, describe });
        }
        self
    }

    /// Answers POST.
    pub fn post<H, M, A>(self, summary: &'static str, handler: H) -> Self
    where
        H: Handler<M, AppState> + Describe<A>,
        M: 'static,
    {
        self.on("post", MethodFilter::POST, summary, handler)
    }

    /// Answers PATCH.
    pub fn patch<H, M, A>(self, summary: &'static str, handler: H) -> Self
    where
        H: Handler<M, AppState> + Describe<A>,
        M: 'static,
    {
        self.on("patch", MethodFilter::PATCH, summary, handler)
    }

    /// Answers DELETE.
    pub fn delete<H, M, A>(self, summary: &'static str, handler: H) -> Self
    where
        H: Handler<M, AppState> + Describe<A>,
        M: 'static,
    {
        self.on("delete", MethodFilter::DELETE, summary, handler)
    }

    /// Says which errors the method before may answer with, besides those that its arguments bring.
    pub fn refuses(mut self, statuses: &'static [u16]) -> Self {
        if let Some(operation) = self.operations.last_mut() {
            operation.refusals = statuses;
        }
        self
    }

    fn on<H, M, A>(
        mut self,
        method: &'static str,
        filter: MethodFilter,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<M, AppState> + Describe<A>,
        M: 'static,
    {
        let name = type_name::<H>();
        let handler_name = name.find("http::").map_or(name, |place| &name[place + "http::".len()..]);
        self.methods = self.methods.on(filter, handler);
        self.operations.push(Described {
            method,
            handler: handler_name,
            summary,
            refusals: &[],
            describe: H::describe,
        });
        self
    }
}
