//! What operators see: `gcloud pubsub subscriptions describe` and `gcloud pubsub topics describe`.
//!
//! # Rules
//! P42. `gcloud … describe` prints the fields of the resource that are set as YAML, sorted by name; durations
//! are seconds with an `s`, an empty push configuration is `{}`, and so is the policy of a subscription that
//! never expires. Source: gcloud reference, Subscription reference. Shown by: the test
//! `gcloud_describes_a_subscription`.

use super::request::Description;
use super::{Error, Pubsub};
use std::fmt::Write;

/// What `gcloud pubsub subscriptions describe NAME` prints.
///
/// # Errors
/// `NOT_FOUND`.
pub fn subscriptions_describe(pubsub: &Pubsub, name: &str) -> Result<String, Error> {
    let one = pubsub.subscription(name);
    let one = one.ok_or_else(|| Error::not_found(name))?.describe();
    let project = pubsub.project();
    Ok(subscription(project, &one).concat())
}

/// What `gcloud pubsub topics describe NAME` prints.
///
/// # Errors
/// `NOT_FOUND`.
pub fn topics_describe(pubsub: &Pubsub, name: &str) -> Result<String, Error> {
    let all = pubsub.topics();
    let topic = all.at(name).and_then(|at| all.0.get(at));
    let topic = topic.ok_or_else(|| Error::not_found(name))?;
    let mut text = String::new();
    if let Some(seconds) = topic.retention {
        let _ = writeln!(text, "messageRetentionDuration: {seconds}s");
    }
    let _ = writeln!(text, "name: projects/{}/topics/{name}", pubsub.project());
    Ok(text)
}

/// The lines of a subscription.
fn subscription(project: &str, one: &Description) -> Vec<String> {
    let settings = &one.settings;
    let topic = |name: &str| match name {
        super::subscription::DELETED_TOPIC => name.to_owned(),
        name => format!("projects/{project}/topics/{name}"),
    };
    let mut lines = vec![format!(
        "ackDeadlineSeconds: {}\n",
        settings.ack_deadline_seconds
    )];
    if let Some(dead) = &settings.dead_letter_topic {
        lines.push(format!(
            "deadLetterPolicy:\n  deadLetterTopic: {}\n  maxDeliveryAttempts: {}\n",
            topic(dead),
            settings.max_delivery_attempts
        ));
    }
    let mut truth = |name: &str, value: bool| {
        if value {
            lines.push(format!("{name}: true\n"));
        }
    };
    truth("detached", one.detached);
    truth(
        "enableExactlyOnceDelivery",
        settings.enable_exactly_once_delivery,
    );
    truth("enableMessageOrdering", settings.enable_message_ordering);
    lines.push(match settings.expiration_ttl {
        Some(ttl) => format!("expirationPolicy:\n  ttl: {ttl}s\n"),
        None => "expirationPolicy: {}\n".to_owned(),
    });
    if let Some(filter) = &settings.filter {
        lines.push(format!("filter: {}\n", scalar(filter)));
    }
    lines.push(format!(
        "messageRetentionDuration: {}s\nname: projects/{project}/subscriptions/{}\n",
        settings.message_retention_duration, one.name
    ));
    lines.push(match &settings.push_endpoint {
        Some(endpoint) => format!("pushConfig:\n  pushEndpoint: {}\n", scalar(endpoint)),
        None => "pushConfig: {}\n".to_owned(),
    });
    if settings.retain_acked_messages {
        lines.push("retainAckedMessages: true\n".to_owned());
    }
    if let Some(minimum) = settings.minimum_backoff {
        lines.push(format!(
            "retryPolicy:\n  maximumBackoff: {}s\n  minimumBackoff: {minimum}s\n",
            settings.maximum_backoff
        ));
    }
    lines.push(format!("state: ACTIVE\ntopic: {}\n", topic(&one.topic)));
    lines
}

/// A text as a YAML scalar, in quotes only where it needs them.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '(')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.contains(['\n', '\t']);
    match is_plain {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}
