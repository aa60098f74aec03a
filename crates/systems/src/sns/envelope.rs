//! The form in which a message reaches an endpoint.
//!
//! S26. Without raw delivery the body is a JSON object with `Type`, `MessageId`, `TopicArn`,
//! `Subject`, `Message`, `Timestamp`, `UnsubscribeURL` and `MessageAttributes`, on FIFO topics also
//! `SequenceNumber`. What the publisher did not give is not there. Source: SNS developer guide,
//! "HTTP/S notification JSON format". Shown by: sqs-sns-fanout, the test `an_envelope_has_its_parts`.
//!
//! S27. With raw delivery a queue gets the bare body, and the message attributes as its own. Source:
//! SNS developer guide, "Raw message delivery". Shown by: sqs-sns-fanout, the test
//! `raw_delivery_gives_the_bare_body`.
//!
//! S28. With raw delivery a message of more than ten attributes cannot be delivered to a queue; that
//! is a client-side error. Source: SNS developer guide, "Message attributes for raw message delivery".
//! Shown by: the test `more_than_ten_attributes_cannot_be_delivered_raw`.
//!
//! S29. A function gets an event with one record, which has the message in it. Source: Lambda
//! developer guide, "Using Lambda with Amazon SNS". Shown by: the test `a_function_gets_an_event`.
//!
//! S30. A FIFO queue gets the message group and the deduplication id; from a FIFO topic a standard
//! queue gets neither. Source: SNS developer guide, "Message grouping for FIFO topics". Shown by: the
//! test `a_standard_queue_gets_no_group_of_a_fifo_topic`.
//!
//! Left out: signatures (`SignatureVersion`, `Signature`, `SigningCertURL`). Timestamps count from
//! the beginning of 1970, where the scene begins.

use crate::sns::arn;
use crate::sns::delivery::Parcel;
use crate::sns::message::{Attribute, Attributes, Message, Structure};
use crate::sns::subscription::{Endpoint, Format, Subscription};
use crate::sns::topic::{Kind, Topic};
use explore::time::Instant;
use serde_json::Value;
use std::fmt::Write;
use std::sync::Arc;

/// With how many attributes a message can be delivered raw to a queue.
pub const MOST_RAW_ATTRIBUTES: usize = 10;

/// A message that a topic has taken.
#[derive(Clone, Debug)]
pub struct Taken<'a> {
    /// When.
    pub at: Instant,
    /// What was published.
    pub message: &'a Message,
    /// The message id.
    pub message_id: &'a Arc<str>,
    /// The sequence number, on FIFO topics.
    pub sequence_number: Option<&'a Arc<str>>,
    /// The deduplication id, given or made of the body.
    pub deduplication_id: Option<&'a Arc<str>>,
}

impl Taken<'_> {
    /// The body for a protocol.
    pub fn body(&self, protocol: &str) -> Arc<str> {
        if self.message.structure == Structure::Json
            && let Ok(bodies) = serde_json::from_str::<Value>(&self.message.body)
        {
            let body = bodies[protocol].as_str().or(bodies["default"].as_str());
            return body.unwrap_or_default().into();
        }
        self.message.body.clone()
    }

    /// What a subscription's endpoint gets.
    pub fn parcel(&self, topic: &Topic, subscription: &Subscription) -> Parcel {
        let body = self.body(subscription.endpoint.protocol());
        let is_queue = matches!(subscription.endpoint, Endpoint::Sqs(_));
        let is_fifo_queue = subscription.endpoint.is_fifo();
        let has_group = is_queue && (is_fifo_queue || topic.settings.kind == Kind::Standard);
        let (body, attributes) = match (&subscription.endpoint, subscription.settings.format) {
            (Endpoint::Sqs(_), Format::Raw) => (body, self.message.attributes.clone()),
            (_, Format::Raw) => (body, Attributes::new()),
            (Endpoint::Lambda(_), Format::Envelope) => {
                (self.event(topic, subscription, &body), Attributes::new())
            }
            (_, Format::Envelope) => (self.envelope(topic, subscription, &body), Attributes::new()),
        };
        Parcel {
            message_id: self.message_id.clone(),
            body,
            attributes,
            group: self.message.group.clone().filter(|_| has_group),
            deduplication_id: self.deduplication_id.filter(|_| is_fifo_queue).cloned(),
            record: self.message.record,
        }
    }

    fn envelope(&self, topic: &Topic, subscription: &Subscription, body: &str) -> Arc<str> {
        let mut object = Object::default();
        object.text("Type", "Notification");
        object.text("MessageId", self.message_id);
        if let Some(number) = self.sequence_number {
            object.text("SequenceNumber", number);
        }
        object.text("TopicArn", &topic.arn);
        if let Some(subject) = &self.message.subject {
            object.text("Subject", subject);
        }
        object.text("Message", body);
        object.text("Timestamp", &timestamp(self.at));
        object.text("UnsubscribeURL", &unsubscribe_url(&subscription.arn));
        if !self.message.attributes.is_empty() {
            object.raw("MessageAttributes", &attributes(&self.message.attributes));
        }
        object.end().into()
    }

    fn event(&self, topic: &Topic, subscription: &Subscription, body: &str) -> Arc<str> {
        let mut sns = Object::default();
        sns.text("Type", "Notification");
        sns.text("MessageId", self.message_id);
        sns.text("TopicArn", &topic.arn);
        match &self.message.subject {
            Some(subject) => sns.text("Subject", subject),
            None => sns.raw("Subject", "null"),
        }
        sns.text("Message", body);
        sns.text("Timestamp", &timestamp(self.at));
        sns.text("UnsubscribeUrl", &unsubscribe_url(&subscription.arn));
        sns.raw("MessageAttributes", &attributes(&self.message.attributes));
        let mut record = Object::default();
        record.text("EventSource", "aws:sns");
        record.text("EventVersion", "1.0");
        record.text("EventSubscriptionArn", &subscription.arn);
        record.raw("Sns", &sns.end());
        let mut event = Object::default();
        event.raw("Records", &format!("[{}]", record.end()));
        event.end().into()
    }
}

/// What an endpoint is sent to ask whether it wants to be subscribed.
pub fn confirmation(now: Instant, message_id: &str, topic: &str, token: &str) -> Arc<str> {
    let mut object = Object::default();
    object.text("Type", "SubscriptionConfirmation");
    object.text("MessageId", message_id);
    object.text("Token", token);
    object.text("TopicArn", topic);
    object.text(
        "Message",
        &format!(
            "You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."
        ),
    );
    let region = arn::REGION;
    object.text(
        "SubscribeURL",
        &format!("https://sns.{region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}"),
    );
    object.text("Timestamp", &timestamp(now));
    object.end().into()
}

/// The attributes that a dead letter has beside those of the message.
pub fn error_attributes(request: &str, code: &str, message: &str) -> Attributes {
    let parts = [
        ("RequestID", request),
        ("ErrorCode", code),
        ("ErrorMessage", message),
    ];
    let attribute = |(name, value): (&str, &str)| (name.into(), Attribute::string(value));
    parts.into_iter().map(attribute).collect()
}

fn unsubscribe_url(subscription: &str) -> String {
    let region = arn::REGION;
    format!("https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}")
}

fn attributes(attributes: &Attributes) -> String {
    let one = |(name, attribute): (&Arc<str>, &Attribute)| {
        format!(
            "{}:{{\"Type\":\"{}\",\"Value\":{}}}",
            quoted(name),
            attribute.data_type(),
            quoted(attribute.value())
        )
    };
    let all: Vec<String> = attributes.iter().map(one).collect();
    format!("{{{}}}", all.join(","))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A JSON object whose fields stand in the order in which they are written, one on a line.
#[derive(Default)]
struct Object(String);

impl Object {
    fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &quoted(value));
    }

    fn raw(&mut self, name: &str, value: &str) {
        let comma = if self.0.is_empty() { "" } else { "," };
        let _ = write!(self.0, "{comma}\n  {} : {value}", quoted(name));
    }

    fn end(self) -> String {
        format!("{{{}\n}}", self.0)
    }
}

/// An instant as ISO 8601 writes it.
pub fn timestamp(at: Instant) -> String {
    let ms = at.ms();
    let (days, of_day) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = date(days);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, millisecond) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// The day that comes so many days after the first of January 1970, in the Gregorian calendar, which
/// repeats itself every 146,097 days. Years are counted from the first of March, so that the leap day
/// is their last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year_of_era + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_those_of_the_calendar() {
        let at = |seconds: u64| timestamp(Instant(seconds * 1_000_000));
        assert_eq!(at(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(at(1_709_251_199), "2024-02-29T23:59:59.000Z");
        assert_eq!(timestamp(Instant(1_500)), "1970-01-01T00:00:00.001Z");
        assert!(timestamp(Instant(u64::MAX)).ends_with('Z'));
    }
}
