//! The AWS command line's output on topics and subscriptions.
//!
//! S49. `aws sns list-topics`, `list-subscriptions-by-topic`, `get-topic-attributes` and
//! `get-subscription-attributes` print the answers as JSON, indented by four spaces, and a refusal as a
//! sentence. Source: AWS CLI command reference. Shown by: the test
//! `the_command_line_prints_subscriptions`, the test `the_command_line_prints_topics`.
//!
//! Simplified: lists come as one page, in the order of subscribing; the service sorts attributes in
//! no documented order.

use crate::sns::arn;
use crate::sns::error::SnsError;
use crate::sns::topics::Topics;
use serde_json::Value;
use std::fmt::Write;
use std::sync::Arc;

/// `aws sns list-subscriptions-by-topic --topic-arn …`
pub fn list_subscriptions_by_topic(topics: &Topics, topic: &str) -> String {
    let listed = match topics.list_subscriptions_by_topic(topic) {
        Ok(listed) => listed,
        Err(error) => return refusal("ListSubscriptionsByTopic", &error),
    };
    if listed.is_empty() {
        return "{\n    \"Subscriptions\": []\n}\n".to_owned();
    }
    let mut out = "{\n    \"Subscriptions\": [".to_owned();
    for (one, at) in listed.iter().zip(0..) {
        out.push_str(if at == 0 {
            "\n        {"
        } else {
            ",\n        {"
        });
        let fields = [
            ("SubscriptionArn", &*one.subscription),
            ("Owner", arn::ACCOUNT),
            ("Protocol", one.protocol),
            ("Endpoint", &*one.endpoint),
            ("TopicArn", &*one.topic),
        ];
        write_fields(&mut out, 12, fields.into_iter());
        out.push_str("\n        }");
    }
    out.push_str("\n    ]\n}\n");
    out
}

/// `aws sns get-subscription-attributes --subscription-arn …`
pub fn get_subscription_attributes(topics: &Topics, subscription: &str) -> String {
    match topics.subscription_attributes(subscription) {
        Ok(attributes) => shown(&attributes),
        Err(error) => refusal("GetSubscriptionAttributes", &error),
    }
}

/// `aws sns get-topic-attributes --topic-arn …`
pub fn get_topic_attributes(topics: &Topics, topic: &str) -> String {
    match topics.topic_attributes(topic) {
        Ok(attributes) => shown(&attributes),
        Err(error) => refusal("GetTopicAttributes", &error),
    }
}

/// `aws sns list-topics`
pub fn list_topics(topics: &Topics) -> String {
    let listed = topics.list_topics();
    let one = |arn: &Arc<str>| {
        let mut out = "        {".to_owned();
        write_fields(&mut out, 12, [("TopicArn", &**arn)].into_iter());
        out.push_str("\n        }");
        out
    };
    let all: Vec<String> = listed.iter().map(one).collect();
    if all.is_empty() {
        return "{\n    \"Topics\": []\n}\n".to_owned();
    }
    format!("{{\n    \"Topics\": [\n{}\n    ]\n}}\n", all.join(",\n"))
}

fn shown(attributes: &[(&'static str, Arc<str>)]) -> String {
    let mut out = "{\n    \"Attributes\": {".to_owned();
    let fields = attributes.iter().map(|(name, value)| (*name, &**value));
    write_fields(&mut out, 8, fields);
    out.push_str("\n    }\n}\n");
    out
}

fn write_fields<'a>(
    out: &mut String,
    indent: usize,
    fields: impl Iterator<Item = (&'a str, &'a str)>,
) {
    for ((name, value), at) in fields.zip(0..) {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(
            out,
            "{comma}\n{:indent$}\"{name}\": {}",
            "",
            Value::from(value)
        );
    }
}

fn refusal(operation: &str, error: &SnsError) -> String {
    format!(
        "\nAn error occurred ({}) when calling the {operation} operation: {error}\n",
        error.code()
    )
}
