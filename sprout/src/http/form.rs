//! The forms of values in requests: how each is read from JSON and from a query, and its JSON Schema.

use std::marker::PhantomData;

use seedbed::TextEnum;
use serde_json::{Value, json};

use crate::schema::IsoTime;

/// A form of values.
pub trait Form {
    /// What is read.
    type Value;

    /// Returns the JSON Schema of the values.
    fn schema(&self) -> Value;

    /// Returns the JSON Schema of the values that are not empty.
    fn filled_schema(&self) -> Value {
        self.schema()
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// What is wrong, as it reads on from the field's name.
    fn read(&self, value: Value) -> Result<Self::Value, String>;

    /// Returns a value in JSON.
    fn write(&self, value: &Self::Value) -> Value;

    /// Returns the JSON value that a text in a query stands for.
    fn of_text(&self, text: &str) -> Value {
        json!(text)
    }
}

/// Any text.
#[derive(Debug, Clone, Copy)]
pub struct Text;

impl Form for Text {
    type Value = String;

    fn schema(&self) -> Value {
        json!({"type": "string"})
    }

    fn filled_schema(&self) -> Value {
        json!({"type": "string", "minLength": 1})
    }

    fn read(&self, value: Value) -> Result<String, String> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err("must be a text".to_owned()),
        }
    }

    fn write(&self, value: &String) -> Value {
        json!(value)
    }
}

/// True or false.
#[derive(Debug, Clone, Copy)]
pub struct Truth;

impl Form for Truth {
    type Value = bool;

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }

    fn read(&self, value: Value) -> Result<bool, String> {
        value.as_bool().ok_or_else(|| "must be true or false".to_owned())
    }

    fn write(&self, value: &bool) -> Value {
        json!(value)
    }

    fn of_text(&self, text: &str) -> Value {
        text.parse::<bool>().map_or_else(|_| json!(text), Value::Bool)
    }
}

/// A number from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Share;

impl Form for Share {
    type Value = f64;

    fn schema(&self) -> Value {
        json!({"type": "number", "minimum": 0, "maximum": 1})
    }

    fn read(&self, value: Value) -> Result<f64, String> {
        let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
        share.ok_or_else(|| "must be a number from 0 to 1".to_owned())
    }

    fn write(&self, value: &f64) -> Value {
        json!(value)
    }

    fn of_text(&self, text: &str) -> Value {
        text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number))
    }
}

/// A whole number within bounds, both of which it may be.
#[derive(Debug, Clone, Copy)]
pub struct Whole(pub i64, pub i64);

impl Form for Whole {
    type Value = i64;

    fn schema(&self) -> Value {
        json!({"type": "integer", "minimum": self.0, "maximum": self.1})
    }

    fn read(&self, value: Value) -> Result<i64, String> {
        // JSON knows no whole numbers: 2.0 and 2e0 are 2. Beyond 2^53 a float stands for several.
        let of_float =
            |number: f64| (number.fract() == 0.0 && number.abs() < 2f64.powi(53)).then_some(number as i64);
        let whole = value.as_i64().or_else(|| value.as_f64().and_then(of_float));
        let Self(min, max) = self;
        whole
            .filter(|number| (min..=max).contains(&number))
            .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
    }

    fn write(&self, value: &i64) -> Value {
        json!(value)
    }

    fn of_text(&self, text: &str) -> Value {
        text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
    }
}

/// A time with its zone, as RFC 3339 writes it.
#[derive(Debug, Clone, Copy)]
pub struct Time;

impl Form for Time {
    type Value = IsoTime;

    fn schema(&self) -> Value {
        json!({"type": "string", "format": "date-time"})
    }

    fn read(&self, value: Value) -> Result<IsoTime, String> {
        let time = value.as_str().and_then(IsoTime::parse);
        time.ok_or_else(|| "must be a time such as 2026-01-31T12:00:00Z".to_owned())
    }

    fn write(&self, value: &IsoTime) -> Value {
        json!(value)
    }
}

/// One of the words of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Words<E>(PhantomData<E>);

/// One of the words of an enum.
pub fn words<E: TextEnum>() -> Words<E> {
    Words(PhantomData)
}

impl<E: TextEnum> Form for Words<E> {
    type Value = E;

    fn schema(&self) -> Value {
        let words: Vec<_> = E::VARIANTS.iter().map(E::text).collect();
        json!({"type": "string", "enum": words})
    }

    fn read(&self, value: Value) -> Result<E, String> {
        value.as_str().and_then(E::from_text).ok_or_else(|| {
            let words: Vec<_> = E::VARIANTS.iter().map(E::text).collect();
            match words.split_last() {
                Some((last, others)) if !others.is_empty() => {
                    format!("must be {} or {last}", others.join(", "))
                }
                _ => format!("must be {}", words.join("")),
            }
        })
    }

    fn write(&self, value: &E) -> Value {
        json!(value.text())
    }
}

/// Any JSON value.
#[derive(Debug, Clone, Copy)]
pub struct AnyJson;

impl Form for AnyJson {
    type Value = Value;

    fn schema(&self) -> Value {
        json!({})
    }

    fn read(&self, value: Value) -> Result<Value, String> {
        Ok(value)
    }

    fn write(&self, value: &Value) -> Value {
        value.clone()
    }
}
