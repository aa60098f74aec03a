//! A client of a recording: what came to it, and how it names that.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::nats::{Message, ReplyTo};

/// A client of the recording.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) number: u8,
    pub(super) connection: u16,
    /// Names of subscriptions by number; nothing for those without.
    pub(super) subscriptions: Vec<Option<String>>,
    /// Which subscriptions are fetches, whose messages the fetch answers.
    pub(super) fetching: Option<u32>,
    pub(super) fetched: Vec<Value>,
    pub(super) status: Option<u16>,
    /// What was pushed since the last drain.
    pub(super) pushed: Vec<Value>,
    /// All deliveries, by the body that names them, with where they are answered.
    pub(super) deliveries: BTreeMap<String, Vec<ReplyTo>>,
}

impl Client {
    pub(super) fn take(&mut self, sid: u32, message: &Message, reply: Option<ReplyTo>) {
        let mut delivery = written(message);
        let at = usize::try_from(sid).unwrap_or(usize::MAX);
        let sub = at
            .checked_sub(1)
            .and_then(|at| self.subscriptions.get(at))
            .cloned();
        if let Some(Some(sub)) = sub {
            delivery["sub"] = json!(sub);
        }
        match &reply {
            Some(ReplyTo::Ack(ack)) => {
                delivery["stream_seq"] = json!(ack.stream_seq);
                delivery["consumer_seq"] = json!(ack.consumer_seq);
                delivery["deliveries"] = json!(ack.deliveries);
                delivery["pending"] = json!(ack.pending);
            }
            Some(ReplyTo::Subject(subject)) => delivery["reply_to"] = json!(&**subject),
            None => {}
        }
        if let Some(reply) = reply {
            let all = self
                .deliveries
                .entry(message.payload.to_string())
                .or_default();
            all.push(reply);
        }
        match self.fetching == Some(sid) {
            true => self.fetched.push(delivery),
            false => self.pushed.push(advisory(message).unwrap_or(delivery)),
        }
    }
}

/// A message as recordings have it.
pub(super) fn written(message: &Message) -> Value {
    let mut value = json!({"subject": &*message.subject, "msg": &*message.payload});
    if !message.headers.is_empty() {
        let headers = message.headers.iter();
        let headers: Map<String, Value> = headers
            .map(|(name, value)| (name.to_string(), json!(&**value)))
            .collect();
        value["headers"] = Value::Object(headers);
    }
    value
}

/// An advisory as recordings have it.
fn advisory(message: &Message) -> Option<Value> {
    if !message.subject.starts_with("$JS.EVENT.ADVISORY.CONSUMER.") {
        return None;
    }
    let mut body: Value = serde_json::from_str(&message.payload).ok()?;
    let fields = body.as_object_mut()?;
    let kind = fields.remove("type")?;
    let kind = kind.as_str()?.rsplit('.').next()?.to_owned();
    fields.insert("advisory".to_owned(), json!(kind));
    Some(body)
}
