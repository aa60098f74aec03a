//! What is received, at once or in the background.

use super::super::ops::{Clients, Receive};
use super::{Asked, Session, of_queue, seconds};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use systems::aws::Request;
use systems::sqs::Received;
use systems::{Instant, Server, sqs};

impl Session {
    pub(super) fn receive(&mut self, receive: Receive) -> Result<Value, Refusal> {
        let caller = self.caller(receive.client.as_deref())?;
        let is_busy = self
            .asked
            .get(&caller.client)
            .is_some_and(|asked| asked.reply.is_none());
        if is_busy {
            return Err(Refusal::new(
                "a client that waits in the background receives no more",
            ));
        }
        let request = sqs::Request::ReceiveMessage {
            queue: self.queue(&receive.queue),
            receive: sqs::Receive {
                max_number_of_messages: Some(receive.max.unwrap_or(1)),
                visibility_timeout: seconds(receive.visibility_ms),
                wait_time_seconds: seconds(receive.wait_ms),
                receive_request_attempt_id: receive.attempt.as_deref().map(Into::into),
            },
        };
        let asked = Asked {
            receive: receive.clone(),
            at: self.now,
            reply: None,
        };
        self.answers.clear();
        self.asked.insert(caller.client, asked);
        self.handle(caller, Request::Sqs(request));
        if receive.background {
            return Ok(json!({}));
        }
        loop {
            match self.asked.get(&caller.client) {
                Some(asked) if asked.reply.is_none() => {}
                _ => break,
            }
            let Some((at, _)) = self.account.next_due() else {
                return Err(Refusal::new("the receive is never answered"));
            };
            self.pass(at.max(self.now));
        }
        self.answer_of(caller.client)
    }

    /// The answer to the latest receive of a client.
    pub(super) fn answer_of(&mut self, client: u8) -> Result<Value, Refusal> {
        let Some(Asked { receive, at, reply }) = self.asked.get(&client).cloned() else {
            return Err(Refusal::new("the client has not received"));
        };
        let messages = match reply {
            None => return Ok(json!({"pending": true})),
            Some(sqs::Reply::Messages(messages)) => messages,
            Some(reply) => return Ok(of_queue(&reply)),
        };
        self.asked.remove(&client);
        let told: Vec<Value> = messages
            .iter()
            .map(|one| self.tell(&receive, one))
            .collect();
        let mut answer = json!({"messages": told});
        if !receive.background && (receive.wait_ms.is_some() || receive.measure) {
            answer["waited_ms"] = json!(self.now.since(at).0 / 1000);
        }
        Ok(answer)
    }

    /// What the recording tells of a message; its receipt is noted.
    pub(super) fn tell(&mut self, receive: &Receive, message: &Received) -> Value {
        let mut told = Map::new();
        let body = match envelope(&message.body) {
            Some((body, envelope)) => {
                told.insert("envelope".to_owned(), envelope);
                body
            }
            None => (*message.body).to_owned(),
        };
        let name = self.padded.get(&body).cloned().unwrap_or(body);
        let place = (receive.queue.clone(), name.clone());
        self.receipts
            .entry(place)
            .or_default()
            .push(message.receipt);
        told.insert("msg".to_owned(), json!(name));
        if !receive.names_only {
            told.insert("receives".to_owned(), json!(message.receive_count));
        }
        if let Some(group) = &message.group {
            told.insert("group".to_owned(), json!(&**group));
        }
        let attributes: Map<String, Value> = message
            .attributes
            .iter()
            .map(|(name, one)| ((**name).to_owned(), json!(&*one.value)))
            .collect();
        told.insert("attributes".to_owned(), Value::Object(attributes));
        if receive.times {
            let rounded = |at: Instant| (at.ms() + 500) / 1000 * 1000;
            told.insert("sent_ms".to_owned(), json!(rounded(message.sent)));
            told.insert(
                "first_received_ms".to_owned(),
                json!(rounded(message.first_received)),
            );
        }
        Value::Object(told)
    }

    pub(super) fn awaited(&mut self, client: Clients, merge: bool) -> Result<Value, Refusal> {
        let names = match client {
            Clients::One(name) => vec![name],
            Clients::Several(names) => names,
        };
        let mut answers = Vec::new();
        for name in &names {
            let caller = self.caller(Some(name))?;
            answers.push(self.answer_of(caller.client)?);
        }
        if let ([answer], false) = (answers.as_slice(), merge) {
            return Ok(answer.clone());
        }
        let lists = answers
            .iter()
            .filter_map(|answer| answer["messages"].as_array());
        let bodies = lists.flatten().filter_map(|one| one["msg"].as_str());
        let mut merged: Vec<&str> = bodies.collect();
        merged.sort_unstable();
        Ok(json!({"merged": merged}))
    }
}

/// The message in an envelope of SNS, and what a recording tells of the envelope.
fn envelope(body: &str) -> Option<(String, Value)> {
    let parts: Value = serde_json::from_str(body).ok()?;
    let kind = parts["Type"].as_str()?;
    let message = parts["Message"].as_str()?;
    let attributes: Map<String, Value> = parts["MessageAttributes"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, one)| (name.clone(), one["Value"].clone()))
        .collect();
    let envelope = json!({
        "Type": kind,
        "MessageId": parts["MessageId"].is_string(),
        "TopicArn": parts["TopicArn"].is_string(),
        "attributes": attributes,
    });
    Some((message.to_owned(), envelope))
}
