//! The forms of values in requests: how each is read from JSON and from a query, and its JSON Schema.

use std::marker::PhantomData;

use seedbed::TextEnum;
use serde_json::{Value, json};

use crate::schema::IsoTime;

/// What is wrong with a value.
#[derive(Debug)]
pub struct Wrong {
    /// Where in the value, as it is written behind the field's name: `[2]`, or nothing.
    pub place: String,
    /// What is wrong there, as it reads on from that.
    pub message: String,
}

impl<T: Into<String>> From<T> for Wrong {
    fn from(message: T) -> Self {
        Self { place: String::new(), message: message.into() }
    }
}

/// A form of values.
pub trait Form {
    /// What is read.
    type Value;

    /// Whether false or 0 is a value like any other. Where it is none, it says in a JSON body that there is no value, as it
    /// does in JavaScript.
    const KEEPS_FALSY: bool = false;

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
    /// What is wrong.
    fn read(&self, value: Value) -> Result<Self::Value, Wrong>;

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

    fn read(&self, value: Value) -> Result<String, Wrong> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err("must be a text".into()),
        }
    }

    fn write(&self, value: &String) -> Value {
        json!(value)
    }
}

/// An array of texts.
#[derive(Debug, Clone, Copy)]
pub struct Texts;

impl Form for Texts {
    type Value = Vec<String>;

    fn schema(&self) -> Value {
        json!({"type": "array", "items": Text.schema()})
    }

    fn read(&self, value: Value) -> Result<Vec<String>, Wrong> {
        let Value::Array(items) = value else { return Err("must be an array of texts".into()) };
        let read = |(index, item)| {
            Text.read(item).map_err(|wrong| Wrong { place: format!("[{index}]"), message: wrong.message })
        };
        items.into_iter().enumerate().map(read).collect()
    }

    fn write(&self, value: &Vec<String>) -> Value {
        json!(value)
    }
}

/// True or false.
#[derive(Debug, Clone, Copy)]
pub struct Truth;

impl Form for Truth {
    type Value = bool;

    const KEEPS_FALSY: bool = true;

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }

    fn read(&self, value: Value) -> Result<bool, Wrong> {
        value.as_bool().ok_or_else(|| "must be true or false".into())
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

    const KEEPS_FALSY: bool = true;

    fn schema(&self) -> Value {
        json!({"type": "number", "minimum": 0, "maximum": 1})
    }

    fn read(&self, value: Value) -> Result<f64, Wrong> {
        let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
        share.ok_or_else(|| "must be a number from 0 to 1".into())
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

    fn read(&self, value: Value) -> Result<i64, Wrong> {
        // JSON knows no whole numbers: 2.0 and 2e0 are 2. Beyond 2^53 a float stands for several.
        let of_float =
            |number: f64| (number.fract() == 0.0 && number.abs() < 2f64.powi(53)).then_some(number as i64);
        let whole = value.as_i64().or_else(|| value.as_f64().and_then(of_float));
        let Self(min, max) = self;
        whole
            .filter(|number| (min..=max).contains(&number))
            .ok_or_else(|| format!("must be a whole number from {min} to {max}").into())
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

    fn read(&self, value: Value) -> Result<IsoTime, Wrong> {
        let time = value.as_str().and_then(IsoTime::parse);
        time.ok_or_else(|| "must be a time such as 2026-01-31T12:00:00Z".into())
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

    fn read(&self, value: Value) -> Result<E, Wrong> {
        value.as_str().and_then(E::from_text).ok_or_else(|| {
            let words: Vec<_> = E::VARIANTS.iter().map(E::text).collect();
            match words.split_last() {
                Some((last, others)) if !others.is_empty() => {
                    format!("must be {} or {last}", others.join(", ")).into()
                }
                _ => format!("must be {}", words.join("")).into(),
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

    fn read(&self, value: Value) -> Result<Value, Wrong> {
        Ok(value)
    }

    fn write(&self, value: &Value) -> Value {
        value.clone()
    }
}
