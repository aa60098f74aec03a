//! Names of queues: the ARN and the URL of a queue end in its name.
//!
//! Left out: other regions and accounts than this one.

use std::sync::Arc;

/// What every queue's ARN begins with: the region and the account.
const BEGINNING: &str = "arn:aws:sqs:us-east-1:123456789012:";
/// What every queue's URL begins with.
const URL: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/";

/// The ARN of a queue, which policies name it by.
pub fn arn(name: &str) -> Arc<str> {
    format!("{BEGINNING}{name}").into()
}

/// The URL of a queue, which requests name it by.
pub fn url(name: &str) -> Arc<str> {
    format!("{URL}{name}").into()
}

/// The name of the queue with this ARN.
pub fn name_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix(BEGINNING).filter(|name| !name.is_empty())
}

/// The name in a queue's URL; a name alone is taken too.
pub fn name_of_url(url: &str) -> &str {
    url.strip_prefix(URL).unwrap_or(url)
}
