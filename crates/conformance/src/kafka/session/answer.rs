//! Answers, in the recordings' words.

use serde_json::{Map, Value, json};
use systems::kafka::log::record::Record;
use systems::kafka::log::{Appended, Refused};
use systems::kafka::producer::Exception;
use systems::kafka::{Error, Offset};

/// An answer that says nothing.
pub fn nothing() -> Value {
    json!({})
}

/// An error of the broker.
pub fn error(error: Error) -> Value {
    json!({ "error": { "code": error.code(), "name": error.name() } })
}

/// Nothing, or an error.
pub fn done(result: Result<(), Error>) -> Value {
    result.map_or_else(error, |()| nothing())
}

/// Where a batch was stored, or why not.
pub fn appended(partition: u16, result: &Result<Appended, Refused>) -> Value {
    match result {
        Ok(appended) => json!({
            "partition": partition,
            "offset": appended.first.0,
            "timestamp_ms": appended.time.map(|time| time.0)
        }),
        Err(refused) => {
            let mut told = error(refused.error);
            if !refused.records.is_empty() {
                told["error"]["records"] = json!(refused.records);
            }
            told
        }
    }
}

/// What a client throws.
pub fn thrown(exception: Exception) -> Value {
    json!({ "error": { "name": exception.class, "cause": exception.cause } })
}

/// What a client throws, by its class alone.
pub fn throws(class: &str) -> Value {
    json!({ "error": { "name": class } })
}

/// The body of a record, without what it was padded with.
fn body(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches(char::from(PAD)).to_owned()
}

/// What bodies are padded with, which no body of a recording ends in.
pub const PAD: u8 = 0;

/// A record at its offset.
pub fn record(offset: Offset, record: &Record, timestamps: bool) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("offset".to_owned(), json!(offset.0));
    let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes).into_owned());
    if let Some(key) = &record.key {
        told.insert("key".to_owned(), text(key));
    }
    let msg = record.value.as_ref().map(|value| body(value));
    told.insert("msg".to_owned(), json!(msg));
    if !record.headers.is_empty() {
        let headers = record.headers.iter();
        let headers =
            headers.map(|one| json!([&*one.name, one.value.as_ref().map(|value| text(value))]));
        told.insert("headers".to_owned(), headers.collect());
    }
    if timestamps {
        told.insert("timestamp_ms".to_owned(), json!(record.timestamp.0));
    }
    told
}
