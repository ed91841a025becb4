//! Reading the named values of a request, with every fault found in one go.
//!
//! What a route takes is a struct that says, in `reads!`, how each of its fields is read. The same lines are run
//! to answer a request and, once, to describe it in the OpenAPI document, so that the two cannot differ. Values of
//! the wrong type are faults, never converted; names that nobody asked for are ignored.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::form::{AnyJson, Form, Wrong};
use crate::error::{AppError, Fault};

/// Something that is read from the fields of a request; `reads!` implements it.
pub trait FromFields: Sized {
    /// The error's text when a required field is missing.
    const INCOMPLETE: &'static str;

    /// Reads all fields; `None` when there was a fault, or when they are only described.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// Says how a struct is read from the fields of a request: `field: how("name", form)`, where `how` is a method of
/// [`Fields`] and the comment above becomes the field's description in the OpenAPI document.
macro_rules! reads {
    ($type:ty, $incomplete:literal { $( $(#[doc = $about:literal])* $field:ident: $how:ident($($argument:expr),*) ),* $(,)? }) => {
        impl $crate::http::fields::FromFields for $type {
            const INCOMPLETE: &'static str = $incomplete;

            fn read(fields: &mut $crate::http::fields::Fields) -> Option<Self> {
                $( let $field = fields.about(concat!($($about),*)).$how($($argument),*); )*
                Some(Self { $( $field: $field? ),* })
            }
        }
    };
}
pub(super) use reads;

/// The named values of a request, or the description of what is asked of them.
#[derive(Debug)]
pub struct Fields {
    source: Source,
    about: &'static str,
    faults: Vec<Fault>,
    is_incomplete: bool,
}

/// The members of a JSON object as they were written: each is read in the form that is asked for, and what is kept as JSON
/// keeps its numbers and the order of its keys.
pub type Members = BTreeMap<String, Box<RawValue>>;

#[derive(Debug)]
enum Source {
    Json(Members),
    Query(Vec<(String, String)>),
    Described(Vec<Described>),
}

/// A field as the OpenAPI document shows it.
#[derive(Debug)]
pub struct Described {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The JSON Schema of its values.
    pub schema: Value,
    /// The values of a JSON body that stand for none.
    pub absent: Vec<Value>,
    /// Whether it must be there.
    pub is_required: bool,
}

impl Described {
    /// Returns the JSON Schema of what a body may have here.
    pub fn in_body(self) -> Value {
        let takes_empty_text = self.schema == json!({"type": "string"});
        let absent: Vec<_> =
            self.absent.into_iter().filter(|value| !(takes_empty_text && *value == json!(""))).collect();
        let mut schema = match absent.as_slice() {
            [] => self.schema,
            [Value::Null] if takes_empty_text => json!({"type": ["string", "null"]}),
            absent => {
                let mut schema = self.schema;
                let default = schema.as_object_mut().and_then(|schema| schema.remove("default"));
                let mut schema = json!({"anyOf": [schema, {"enum": absent}]});
                if let Some(default) = default {
                    schema["default"] = default;
                }
                schema
            }
        };
        if !self.about.is_empty() {
            schema["description"] = json!(self.about);
        }
        schema
    }

    /// Returns the parameter of a query; there, what is empty is like none.
    pub fn in_query(self) -> Value {
        let mut parameter =
            json!({"name": self.name, "in": "query", "required": self.is_required, "schema": self.schema});
        if !self.is_required {
            parameter["allowEmptyValue"] = json!(true);
        }
        if !self.about.is_empty() {
            parameter["description"] = json!(self.about);
        }
        parameter
    }
}

impl Fields {
    /// Reads the members of a JSON object.
    pub fn of_json(members: Members) -> Self {
        Self::of(Source::Json(members))
    }

    /// Reads the parameters of a query.
    pub fn of_query(pairs: Vec<(String, String)>) -> Self {
        Self::of(Source::Query(pairs))
    }

    /// Lists the fields that a type is read from.
    pub fn described<T: FromFields>() -> Vec<Described> {
        let mut fields = Self::of(Source::Described(Vec::new()));
        T::read(&mut fields);
        match fields.source {
            Source::Described(list) => list,
            Source::Json(_) | Source::Query(_) => Vec::new(),
        }
    }

    fn of(source: Source) -> Self {
        Self { source, about: "", faults: Vec::new(), is_incomplete: false }
    }

    /// Reads a value of all that it needs.
    ///
    /// # Errors
    ///
    /// All faults together.
    pub fn read_as<T: FromFields>(mut self) -> Result<T, AppError> {
        match T::read(&mut self) {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ if self.is_incomplete => {
                Err(AppError::Invalid { message: T::INCOMPLETE.to_owned(), faults: self.faults })
            }
            _ => Err(AppError::invalid(self.faults)),
        }
    }

    /// Describes the field that is read next.
    pub fn about(&mut self, text: &'static str) -> &mut Self {
        self.about = text.trim();
        self
    }

    /// Takes a value that must be there: absent, empty and "falsy" values are missing.
    pub fn required<F: Form>(&mut self, name: &'static str, form: F) -> Option<F::Value> {
        match self.take(name, &form, true, |form| (form.filled_schema(), vec![]))? {
            Some(value) if !self.is_missing(&value) => self.value(name, &form, value),
            _ => {
                self.is_incomplete = true;
                self.fault(name, "is required")
            }
        }
    }

    /// Takes a value that may be missing, which null and an empty text are too, and every other "falsy" value that is none of
    /// the form.
    pub fn optional<F: Form>(&mut self, name: &'static str, form: F) -> Option<Option<F::Value>> {
        let absent = || if F::KEEPS_FALSY { vec![json!(""), Value::Null] } else { falsy() };
        let value = self.take(name, &form, false, |form| (form.schema(), absent()))?;
        let is_absent = |value: &Value| if F::KEEPS_FALSY { is_blank(value) } else { self.is_missing(value) };
        match value.filter(|value| !is_absent(value)) {
            Some(value) => self.value(name, &form, value).map(Some),
            None => Some(None),
        }
    }

    /// Takes a value that stands for `default` when it is missing, empty or "falsy".
    pub fn or<F: Form>(&mut self, name: &'static str, form: F, default: F::Value) -> Option<F::Value> {
        let schema = |form: &F| {
            let mut schema = form.schema();
            schema["default"] = form.write(&default);
            (schema, falsy())
        };
        match self.take(name, &form, false, schema)? {
            Some(value) if !self.is_missing(&value) => self.value(name, &form, value),
            _ => Some(default),
        }
    }

    /// Takes a value that a change may give; it cannot be empty.
    pub fn changed<F: Form>(&mut self, name: &'static str, form: F) -> Option<Option<F::Value>> {
        match self.take(name, &form, false, |form| (form.filled_schema(), vec![]))? {
            None => Some(None),
            Some(Value::String(text)) if text.is_empty() => self.fault(name, "must not be empty"),
            Some(value) => self.value(name, &form, value).map(Some),
        }
    }

    /// Takes a value that a change may give or, with null, clear.
    pub fn clearable<F: Form>(&mut self, name: &'static str, form: F) -> Option<Option<Option<F::Value>>> {
        match self.take(name, &form, false, |form| (form.schema(), vec![Value::Null]))? {
            None => Some(None),
            Some(Value::Null) => Some(Some(None)),
            Some(value) => match form.read(value) {
                Ok(value) => Some(Some(Some(value))),
                Err(wrong) => {
                    self.wrong(name, Wrong { message: format!("{} or null", wrong.message), ..wrong })
                }
            },
        }
    }

    /// Takes a JSON value as its text; none is what JavaScript calls falsy, which clients of the original rely on.
    pub fn json(&mut self, name: &'static str) -> Option<Option<String>> {
        let written = match &self.source {
            Source::Json(members) => members.get(name).map(|member| compact(member.get())),
            Source::Query(_) | Source::Described(_) => None,
        };
        let value = self.take(name, &AnyJson, false, |form| (form.schema(), vec![]))?;
        Some(value.filter(|value| !is_falsy(value)).map(|value| written.unwrap_or_else(|| value.to_string())))
    }

    /// Takes the raw value of a field; the outer `None` says that there is nothing to go on with.
    fn take<F: Form>(
        &mut self,
        name: &'static str,
        form: &F,
        is_required: bool,
        describe: impl FnOnce(&F) -> (Value, Vec<Value>),
    ) -> Option<Option<Value>> {
        match &mut self.source {
            Source::Json(members) => match members.remove(name) {
                None => Some(None),
                Some(member) => match serde_json::from_str(member.get()) {
                    Ok(value) => Some(Some(value)),
                    Err(error) => self.fault(name, &unreadable(&error)),
                },
            },
            Source::Query(pairs) => {
                let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
                match (values.next(), values.next()) {
                    (_, Some(_)) => self.fault(name, "must be given once"),
                    (first, None) => Some(first.map(|text| form.of_text(text))),
                }
            }
            Source::Described(list) => {
                let (schema, absent) = describe(form);
                list.push(Described { name, about: self.about, schema, absent, is_required });
                None
            }
        }
    }

    /// Whether a value counts as missing where it is needed. In a query only an empty text does: 0 is written on purpose.
    fn is_missing(&self, value: &Value) -> bool {
        match self.source {
            Source::Json(_) => is_falsy(value),
            Source::Query(_) | Source::Described(_) => is_blank(value),
        }
    }

    fn value<F: Form>(&mut self, name: &'static str, form: &F, value: Value) -> Option<F::Value> {
        form.read(value).map_or_else(|wrong| self.wrong(name, wrong), Some)
    }

    fn wrong<T>(&mut self, name: &'static str, Wrong { place, message }: Wrong) -> Option<T> {
        self.faults.push(Fault::new(format!("{name}{place}"), message));
        None
    }

    fn fault<T>(&mut self, name: &'static str, message: &str) -> Option<T> {
        self.faults.push(Fault::new(name, message));
        None
    }
}

/// Says why a value cannot be read although it is JSON by its grammar.
fn unreadable(error: &serde_json::Error) -> String {
    let reason = error.to_string();
    if reason.contains("escape") {
        "must not hold one half of a surrogate pair, which is no character".to_owned()
    } else if reason.contains("out of range") {
        "must not hold a number that is too large".to_owned()
    } else if reason.contains("recursion") {
        "must not be nested deeper than 127 levels".to_owned()
    } else {
        format!("cannot be read: {reason}")
    }
}

/// Returns JSON without the space between its parts.
fn compact(json: &str) -> String {
    let (mut is_in_text, mut is_escaped) = (false, false);
    let is_part = |letter: &char| {
        if !is_in_text {
            is_in_text = *letter == '"';
            return !letter.is_ascii_whitespace();
        }
        is_in_text = is_escaped || *letter != '"';
        is_escaped = !is_escaped && *letter == '\\';
        true
    };
    json.chars().filter(is_part).collect()
}

/// What a field of a JSON body may have instead of a value.
fn falsy() -> Vec<Value> {
    vec![json!(""), json!(0), json!(false), Value::Null]
}

/// Whether a value counts as missing where a field is required, as it does in JavaScript.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => is_blank(value),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::{Share, Text, Truth};
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Pear {
        name: String,
        note: Option<String>,
        weight: f64,
        is_ripe: Option<bool>,
        colour: Option<Option<String>>,
    }

    reads!(Pear, "name is required" {
        /// What it is called.
        name: required("name", Text),
        note: optional("note", Text),
        weight: or("weight", Share, 1.0),
        is_ripe: changed("isRipe", Truth),
        colour: clearable("colour", Text),
    });

    fn read(value: Value) -> Result<Pear, String> {
        read_text(&value.to_string())
    }

    fn read_text(json: &str) -> Result<Pear, String> {
        Fields::of_json(serde_json::from_str(json).unwrap()).read_as().map_err(|error| match error {
            AppError::Invalid { message, faults } => format!("{message} {faults:?}"),
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn values_are_taken_as_they_are_asked_for() {
        let pear =
            read(json!({"name": "a", "note": "", "isRipe": false, "colour": null, "other": 1})).unwrap();
        let expected =
            Pear { name: "a".into(), note: None, weight: 1.0, is_ripe: Some(false), colour: Some(None) };
        assert_eq!(pear, expected);
    }

    #[test]
    fn all_faults_come_together() {
        let error =
            read(json!({"name": 0, "note": 3, "weight": "x", "isRipe": null, "colour": []})).unwrap_err();
        for part in [
            "name is required",
            "\"is required\"",
            "\"must be a text\"",
            "\"must be a number from 0 to 1\"",
            "\"must be true or false\"",
            "\"must be a text or null\"",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn a_query_is_read_by_the_same_lines() {
        let pairs = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let pear: Pear = Fields::of_query(pairs(&[("name", "a"), ("weight", "0.5"), ("isRipe", "true")]))
            .read_as()
            .unwrap();
        assert_eq!((pear.weight, pear.is_ripe), (0.5, Some(true)));
        let twice = Fields::of_query(pairs(&[("name", "a"), ("name", "b")])).read_as::<Pear>();
        assert!(format!("{twice:?}").contains("must be given once"));
    }

    #[test]
    fn what_is_read_is_described() {
        let fields = Fields::described::<Pear>();
        let names: Vec<_> = fields.iter().map(|field| (field.name, field.is_required)).collect();
        let expected =
            [("name", true), ("note", false), ("weight", false), ("isRipe", false), ("colour", false)];
        assert_eq!(names, expected);
        let in_body: Vec<_> = fields.into_iter().map(Described::in_body).collect();
        assert_eq!(
            in_body,
            [
                json!({"type": "string", "minLength": 1, "description": "What it is called."}),
                json!({"anyOf": [{"type": "string"}, {"enum": [0, false, null]}]}),
                json!({
                    "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"enum": ["", 0, false, null]}],
                    "default": 1.0,
                }),
                json!({"type": "boolean"}),
                json!({"type": ["string", "null"]}),
            ]
        );
        let in_query = Fields::described::<Pear>().remove(0).in_query();
        assert_eq!(
            (&in_query["description"], &in_query["required"]),
            (&json!("What it is called."), &json!(true))
        );
    }
}
