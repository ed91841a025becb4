//! What is wrong with a declaration: where, what, and what to write instead.
//!
//! Faults are gathered, never thrown one by one, so that one run shows all of them. A fault keeps the compiler's
//! span for the derive macros and the file's name for everyone else.

use proc_macro2::Span;
use std::fmt;
use std::sync::Arc;

/// A place in a source file; line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's path as it was given; empty inside a derive macro, where the span says it.
    pub file: Arc<str>,
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    pub(crate) fn new(file: &Arc<str>, span: Span) -> Self {
        let start = span.start();
        Self { file: Arc::clone(file), line: start.line, column: start.column + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that is wrong with a declaration.
#[derive(Debug, Clone)]
pub struct Fault(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    message: String,
    hint: Option<String>,
    file: Arc<str>,
    span: Span,
    other: Option<(&'static str, Place)>,
}

impl Fault {
    /// Makes a fault; the message is a lowercase fragment that names the thing in backticks.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { message: message.into(), hint: None, file: Arc::from(""), span, other: None }))
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the second place that a contradiction has; `what` is said before it, "the first is at".
    #[must_use]
    pub fn with_other(mut self, what: &'static str, other: Place) -> Self {
        self.0.other = Some((what, other));
        self
    }

    /// Says which file the fault is in, unless that is known already.
    #[must_use]
    pub fn in_file(mut self, file: &Arc<str>) -> Self {
        if self.0.file.is_empty() {
            self.0.file = Arc::clone(file);
        }
        if let Some((_, other)) = &mut self.0.other
            && other.file.is_empty()
        {
            other.file = Arc::clone(file);
        }
        self
    }

    /// Returns what is wrong.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns what to write instead.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns where it is.
    pub fn place(&self) -> Place {
        Place::new(&self.0.file, self.0.span)
    }

    /// Returns the second place, such as where a duplicate was declared first.
    pub fn other(&self) -> Option<&Place> {
        self.0.other.as_ref().map(|(_, place)| place)
    }

    /// Returns the second place with what it is, `the first is at src/schema.rs:3:5`.
    pub fn note(&self) -> Option<String> {
        self.0.other.as_ref().map(|(what, place)| format!("{what} {place}"))
    }

    /// Returns the span, for a macro that points at it.
    pub fn span(&self) -> Span {
        self.0.span
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.0.message)?;
        if let Some(note) = self.note() {
            write!(f, "; {note}")?;
        }
        match &self.0.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a set of declarations, in the order of files and lines.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the faults one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.0.iter()
    }

    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn append_in_file(&mut self, others: Self, file: &Arc<str>) {
        self.0.extend(others.0.into_iter().map(|fault| fault.in_file(file)));
    }

    /// Returns the value if nothing is wrong.
    pub(crate) fn into_result<T>(mut self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            return Ok(value);
        }
        self.0.sort_by_cached_key(Fault::place);
        Err(self)
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
