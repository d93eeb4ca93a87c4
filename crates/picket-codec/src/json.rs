//! A line of `picket decode`, field by field.

use picket_model::Time;
use serde_json::{Map, Number, Value};

/// A line as it grows; what is `None` is left out.
#[derive(Debug)]
pub(crate) struct Line(Map<String, Value>);

impl Line {
    /// A line with what all formats share.
    pub(crate) fn new(format: &str, offset: u64, t: Option<Time>) -> Self {
        let mut line = Self(Map::new());
        line.put("format", format);
        line.put("offset", offset);
        line.time("t", t);
        line
    }

    /// An object within a line.
    pub(crate) fn empty() -> Self {
        Self(Map::new())
    }

    /// A value that is always there.
    pub(crate) fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// A value, if it is known.
    pub(crate) fn set(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// A number, if it is known and finite.
    pub(crate) fn float(&mut self, key: &str, value: Option<f64>) {
        self.set(key, value.and_then(Number::from_f64));
    }

    /// A number rounded to so many `parts` of its unit, if it is known.
    pub(crate) fn rounded(&mut self, key: &str, value: Option<f64>, parts: f64) {
        self.float(key, value.map(|value| (value * parts).round() / parts));
    }

    /// A time as RFC 3339 has it, if it is known.
    pub(crate) fn time(&mut self, key: &str, value: Option<Time>) {
        self.set(key, value.map(|time| time.to_string()));
    }

    /// The whole line.
    pub(crate) fn finish(self) -> Map<String, Value> {
        self.0
    }
}
