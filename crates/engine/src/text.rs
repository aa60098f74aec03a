//! Values as JSON text, by way of a [`Value`].
//!
//! What reads a type is compiled once for each kind of source, and what writes it for each kind of
//! target: text in one place and a value in another would put both into a wasm module twice.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads a text.
///
/// # Errors
/// It is no JSON, or not of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(&serde_json::from_str::<Value>(text)?)
}

/// Writes what has a JSON form: all that is plain data with text for keys.
pub fn write(written: &impl Serialize) -> String {
    serde_json::to_value(written).map_or_else(|_| String::new(), |value| value.to_string())
}
