//! What the command line tool `aws sqs` prints, from the state of the queues.
//!
//! Q34. `aws sqs get-queue-attributes` prints an object with all values as texts, the policies as JSON
//! inside a text. Source: AWS CLI command reference, "get-queue-attributes". Shown by: the test
//! `get_queue_attributes_prints_what_the_tool_prints`.
//!
//! Q35. `aws sqs list-dead-letter-source-queues` prints the URLs under `queueUrls`. Source: AWS CLI
//! command reference, "list-dead-letter-source-queues". Shown by: the test
//! `list_dead_letter_source_queues_prints_urls`.
//!
//! Simplified: times are counted from the beginning of the scene instead of from 1970.
//!
//! Left out: the other output forms (text, table, YAML), `receive-message`.

use super::error::Error;
use super::{Reply, Sqs, arn};
use std::fmt::Write;
use std::sync::Arc;

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The tool's words for an error.
fn refused(error: &Error, operation: &str) -> String {
    format!(
        "\nAn error occurred ({}) when calling the {operation} operation: {}\n",
        error.code.code(),
        error.message
    )
}

/// The command that prints all attributes of a queue.
pub fn get_queue_attributes_command(queue: &str) -> String {
    format!(
        "aws sqs get-queue-attributes --queue-url {} --attribute-names All",
        arn::url(queue)
    )
}

/// `aws sqs get-queue-attributes --queue-url … --attribute-names …`
pub fn get_queue_attributes(sqs: &Sqs, queue: &str, names: &[&str]) -> String {
    let names: Vec<Arc<str>> = names.iter().map(|name| (*name).into()).collect();
    let found = sqs.queue(queue).ok_or_else(Error::no_queue);
    let attributes = match found.and_then(|queue| queue.attributes_named(&names)) {
        Ok(attributes) => attributes,
        Err(error) => return refused(&error, "GetQueueAttributes"),
    };
    if attributes.is_empty() {
        return String::new();
    }
    let mut text = String::from("{\n    \"Attributes\": {");
    for (at, (name, value)) in attributes.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n        {}: {}", quoted(name), quoted(value));
    }
    text.push_str("\n    }\n}\n");
    text
}

/// `aws sqs list-dead-letter-source-queues --queue-url …`
pub fn list_dead_letter_source_queues(sqs: &Sqs, queue: &str) -> String {
    let urls = match sqs.queue(queue).map(|queue| sqs.list_sources(queue.id)) {
        Some(Reply::QueueUrls(urls)) => urls,
        _ => return refused(&Error::no_queue(), "ListDeadLetterSourceQueues"),
    };
    let mut text = String::from("{\n    \"queueUrls\": [");
    for (at, url) in urls.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n        {}", quoted(url));
    }
    text.push_str(if urls.is_empty() {
        "]\n}\n"
    } else {
        "\n    ]\n}\n"
    });
    text
}
