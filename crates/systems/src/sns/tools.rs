//! The AWS command line's output on subscriptions.
//!
//! S48. `aws sns list-subscriptions-by-topic` and `aws sns get-subscription-attributes` print the
//! answers as JSON, indented by four spaces, and a refusal as a sentence. Source: AWS CLI command
//! reference. Shown by: the test `the_command_line_prints_subscriptions`.
//!
//! Simplified: lists come as one page, in the order of subscribing; the service sorts attributes in
//! no documented order.

use crate::sns::arn;
use crate::sns::error::SnsError;
use crate::sns::topics::Topics;
use serde_json::Value;
use std::fmt::Write;

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
    let attributes = match topics.subscription_attributes(subscription) {
        Ok(attributes) => attributes,
        Err(error) => return refusal("GetSubscriptionAttributes", &error),
    };
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
