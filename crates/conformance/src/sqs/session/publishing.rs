//! What is sent.

use super::super::ops::Publish;
use super::{Session, failed_entry, of_queue, of_topic, seconds};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::sync::Arc;
use systems::sqs::Entry;
use systems::{sns, sqs};

impl Session {
    /// The body of a message, padded to its size.
    pub(super) fn body(&mut self, publish: &Publish) -> Arc<str> {
        let missing = publish.size.unwrap_or(0).saturating_sub(publish.msg.len());
        if missing == 0 {
            return publish.msg.as_str().into();
        }
        let body = format!("{}{}", publish.msg, ".".repeat(missing));
        self.padded.insert(body.clone(), publish.msg.clone());
        body.into()
    }

    pub(super) fn entry(&mut self, publish: &Publish) -> Entry {
        let attribute = |(name, value): (&String, &Value)| {
            let (data_type, value) = match value {
                Value::String(text) => ("String", text.clone()),
                Value::Number(number) => ("Number", number.to_string()),
                other => ("String.Array", other.to_string()),
            };
            let one = sqs::Attribute {
                data_type: data_type.into(),
                value: value.into(),
            };
            (Arc::from(name.as_str()), one)
        };
        Entry {
            body: self.body(publish),
            attributes: publish.attributes.iter().map(attribute).collect(),
            delay_seconds: seconds(publish.delay_ms),
            group: publish.group.as_deref().map(Into::into),
            deduplication_id: publish.dedup.as_deref().map(Into::into),
            record: None,
        }
    }

    pub(super) fn message(&mut self, publish: &Publish) -> sns::Message {
        let attribute = |(name, value): (&String, &Value)| {
            let one = match value {
                Value::String(text) => sns::Attribute::string(text),
                Value::Number(number) => sns::Attribute::Number(number.to_string().into()),
                other => sns::Attribute::StringArray(other.to_string().into()),
            };
            (Arc::from(name.as_str()), one)
        };
        sns::Message {
            body: self.body(publish),
            attributes: publish.attributes.iter().map(attribute).collect(),
            group: publish.group.as_deref().map(Into::into),
            deduplication_id: publish.dedup.as_deref().map(Into::into),
            ..sns::Message::default()
        }
    }

    pub(super) fn told_id(&mut self, id: &str) -> Value {
        if self.ids.iter().any(|told| **told == *id) {
            return json!({"same_id_as_earlier": true});
        }
        self.ids.push(id.into());
        json!({})
    }

    pub(super) fn publish(&mut self, publish: &Publish) -> Result<Value, Refusal> {
        match (&publish.queue, &publish.topic) {
            (Some(queue), None) => {
                let queue = self.queue(queue);
                let message = self.entry(publish);
                match self.ask(sqs::Request::SendMessage { queue, message })? {
                    sqs::Reply::Sent(sent) => Ok(self.told_id(&sent.message_id.to_string())),
                    reply => Ok(of_queue(&reply)),
                }
            }
            (None, Some(topic)) => {
                let topic = self.topic(topic);
                let message = self.message(publish);
                match self.ask_topic(sns::Request::Publish { topic, message })? {
                    sns::Reply::Published { message_id, .. } => Ok(self.told_id(&message_id)),
                    reply => Ok(of_topic(&reply)),
                }
            }
            _ => Err(Refusal::new(
                "a message is published to a queue or to a topic",
            )),
        }
    }

    pub(super) fn publish_batch(
        &mut self,
        queue: Option<&str>,
        topic: Option<&str>,
        entries: &[Publish],
    ) -> Result<Value, Refusal> {
        let id = |publish: &Publish| Arc::from(publish.id.as_deref().unwrap_or_default());
        let (sent, failed): (Vec<Value>, Vec<Value>) = match (queue, topic) {
            (Some(queue), None) => {
                let queue = self.queue(queue);
                let entries = entries
                    .iter()
                    .map(|one| (id(one), self.entry(one)))
                    .collect();
                match self.ask(sqs::Request::SendMessageBatch { queue, entries })? {
                    sqs::Reply::SentBatch(batch) => (
                        batch
                            .successful
                            .iter()
                            .map(|(id, _)| json!(&**id))
                            .collect(),
                        batch
                            .failed
                            .iter()
                            .map(|(id, error)| failed_entry(id, error.code.name()))
                            .collect(),
                    ),
                    reply => return Ok(of_queue(&reply)),
                }
            }
            (None, Some(topic)) => {
                let topic = self.topic(topic);
                let entries = entries
                    .iter()
                    .map(|one| (id(one), self.message(one)))
                    .collect();
                match self.ask_topic(sns::Request::PublishBatch { topic, entries })? {
                    sns::Reply::Batch { successful, failed } => (
                        successful.iter().map(|(id, _)| json!(&**id)).collect(),
                        failed
                            .iter()
                            .map(|(id, error)| failed_entry(id, error.code()))
                            .collect(),
                    ),
                    reply => return Ok(of_topic(&reply)),
                }
            }
            _ => {
                return Err(Refusal::new(
                    "a batch is published to a queue or to a topic",
                ));
            }
        };
        Ok(json!({"sent": sent, "failed": failed}))
    }
}
