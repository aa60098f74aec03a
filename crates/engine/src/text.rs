//! Values as JSON text, by way of a [`Value`].
//!
//! What reads a type is compiled once for each kind of source, and what writes it for each kind of
//! target: text in one place and a value in another would put both into a wasm module twice. The
//! [`Reader`] that all types are read from has only what plain data asks for.

mod reader;

pub use reader::{Error, Reader};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Reads a text.
///
/// # Errors
/// It is no JSON, or not of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    read_value(&serde_json::from_str(text)?)
}

/// Reads a value. An object is a struct and text is a name: no list is taken for the fields of a struct.
///
/// # Errors
/// It is not of this type.
pub fn read_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Error> {
    T::deserialize(Reader(value))
}

/// Writes what has a JSON form: all that is plain data with text for keys.
pub fn write(written: &impl Serialize) -> String {
    serde_json::to_value(written).map_or_else(|_| String::new(), |value| value.to_string())
}
