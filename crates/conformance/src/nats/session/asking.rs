//! Fetching messages, and looking at streams and consumers.

use super::Session;
use crate::nats::ops::{Fetch, Thing};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::Span;
use systems::nats::{Answer, Call, Pull, Request, Sequences};

fn sequences(sequences: Sequences) -> Value {
    json!({"consumer_seq": sequences.consumer, "stream_seq": sequences.stream})
}

impl Session {
    pub(super) fn fetch(&mut self, fetch: &Fetch) -> Value {
        let name = fetch.client.as_deref().unwrap_or("w");
        let known = self.client(name).subscriptions.len();
        let inbox = format!("_INBOX.{}.{known}", self.client(name).number);
        let sid = self.subscribe(name, &inbox, None, None);
        let client = self.client(name);
        client.fetching = (!fetch.background).then_some(sid);
        client.fetched.clear();
        client.status = None;
        let request = Request::Next {
            stream: fetch.stream.as_str().into(),
            consumer: fetch.consumer.as_str().into(),
            reply: inbox.into(),
            pull: Pull {
                batch: fetch.batch,
                expires: fetch.expires_ms.map(Span::from_ms),
                no_wait: fetch.expires_ms.is_none(),
                max_bytes: None,
            },
        };
        self.send(name, request);
        if fetch.background {
            return json!({});
        }
        if let Some(ms) = fetch.expires_ms {
            let (batch, name) = (fetch.batch, name.to_owned());
            let is_over = move |session: &Session| {
                let client = session.clients.get(&name);
                client.is_none_or(|one| {
                    one.fetched.len() as u64 >= batch || one.status.is_some_and(|code| code != 408)
                })
            };
            let end = self.now + Span::from_ms(ms);
            self.run(end, is_over);
        }
        self.send(name, Request::Unsubscribe { sid, max: None });
        let client = self.client(name);
        client.fetching = None;
        let messages = std::mem::take(&mut client.fetched);
        let status = client.status.take().filter(|_| messages.is_empty());
        json!({"messages": messages, "status": status})
    }

    pub(super) fn info(&mut self, thing: Thing) -> Result<Value, Refusal> {
        let call = match thing {
            Thing::Stream { name } => Call::StreamInfo {
                stream: name.into(),
            },
            Thing::Consumer { stream, name } => Call::ConsumerInfo {
                stream: stream.into(),
                consumer: name.into(),
            },
            Thing::Message { .. } => {
                return Err(Refusal::unknown("kind", "message", &["stream", "consumer"]));
            }
        };
        Ok(match self.call(call) {
            Ok(Answer::Stream(info)) => json!({
                "messages": info.messages,
                "first_seq": info.first_seq,
                "last_seq": info.last_seq,
                "consumers": info.consumers,
                "deleted": info.deleted,
            }),
            Ok(Answer::Consumer(info)) => json!({
                "pending": info.pending,
                "ack_pending": info.ack_pending,
                "redelivered": info.redelivered,
                "delivered": sequences(info.delivered),
                "ack_floor": sequences(info.ack_floor),
                "waiting": info.waiting,
            }),
            Ok(_) => json!({}),
            Err(error) => error,
        })
    }
}
