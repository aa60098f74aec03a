//! Names of topics, queues, functions and subscriptions across Amazon Web Services.
//!
//! Left out: other regions and accounts than this one.

use std::sync::Arc;

/// The region everything is in.
pub const REGION: &str = "us-east-1";
/// The account everything belongs to.
pub const ACCOUNT: &str = "123456789012";

fn arn(service: &str, resource: &str) -> Arc<str> {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}").into()
}

/// The ARN of a topic.
pub fn topic(name: &str) -> Arc<str> {
    arn("sns", name)
}

/// The ARN of a queue of Amazon SQS.
pub fn queue(name: &str) -> Arc<str> {
    arn("sqs", name)
}

/// The ARN of a function of AWS Lambda.
pub fn function(name: &str) -> Arc<str> {
    arn("lambda", &format!("function:{name}"))
}

/// The name of the queue with this ARN.
pub fn queue_name(arn: &str) -> Option<&str> {
    let name = resource("sqs", arn)?;
    (!name.is_empty() && !name.contains(':')).then_some(name)
}

/// The name of the function with this ARN.
pub fn function_name(arn: &str) -> Option<&str> {
    let name = resource("lambda", arn)?.strip_prefix("function:")?;
    (!name.is_empty()).then_some(name)
}

fn resource<'a>(service: &str, arn: &'a str) -> Option<&'a str> {
    let mut parts = arn.splitn(6, ':');
    let begins = parts.next() == Some("arn") && parts.next() == Some("aws");
    let is_here = parts.next() == Some(service)
        && parts.next() == Some(REGION)
        && parts.next() == Some(ACCOUNT);
    parts.next().filter(|_| begins && is_here)
}
