//! Values of headers and arguments, as AMQP field tables carry them.

use explore::Weigh;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A field table: names with values.
pub type Table = BTreeMap<Arc<str>, Value>;

/// A value of a field table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Weigh)]
pub enum Value {
    /// No value. In a headers binding it asks only that the header is there.
    Void,
    /// True or false.
    Bool(bool),
    /// A whole number of any of AMQP's widths.
    Int(i64),
    /// A number with a fraction, by its bits; two are equal when their bits are.
    Double(u64),
    /// A text.
    Text(Arc<str>),
    /// A list.
    Array(Vec<Value>),
    /// A table inside.
    Table(Table),
}

impl Value {
    /// The value that JSON writes so; null is [void](Value::Void).
    pub fn of_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::Void,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Value::Int(whole),
                None => Value::Double(number.as_f64().unwrap_or_default().to_bits()),
            },
            Json::String(text) => Value::Text(text.as_str().into()),
            Json::Array(list) => Value::Array(list.iter().map(Value::of_json).collect()),
            Json::Object(members) => {
                let members = members.iter();
                let mut table = Table::new();
                table.extend(
                    members.map(|(name, value)| (name.as_str().into(), Value::of_json(value))),
                );
                Value::Table(table)
            }
        }
    }

    /// As JSON.
    pub fn json(&self) -> Json {
        match self {
            Value::Void => Json::Null,
            Value::Bool(truth) => Json::from(*truth),
            Value::Int(whole) => Json::from(*whole),
            Value::Double(bits) => Json::from(f64::from_bits(*bits)),
            Value::Text(text) => Json::from(&**text),
            Value::Array(list) => list.iter().map(Value::json).collect(),
            Value::Table(table) => json(table),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&Arc<str>> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A table as JSON.
pub fn json(table: &Table) -> Json {
    let members = table.iter();
    let mut object = serde_json::Map::new();
    object.extend(members.map(|(name, value)| (name.to_string(), value.json())));
    Json::Object(object)
}

/// The table that a JSON object writes; anything else is an empty one.
pub fn table(json: &Json) -> Table {
    match Value::of_json(json) {
        Value::Table(table) => table,
        _ => Table::new(),
    }
}
