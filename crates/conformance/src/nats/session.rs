//! A recording's session: one server at a virtual time, and its clients.

mod asking;
mod client;
mod declaring;
mod sending;

use super::ops::{Op, Thing};
use crate::player::Player;
use crate::recording::{Order, Recording, Step};
use crate::refusal::Refusal;
use client::{Client, written};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::nats::{AckKind, Answer, ApiError, Call, Get, Message, Nats, Reply, ReplyTo, Request};
use systems::{Caller, Instant, Out, Server, Span};

/// The inbox of whoever publishes to a stream or confirms twice.
const INBOX: &str = "_INBOX.answers";
/// Whose it is: no name of a recording.
const ASKING: &str = "";

/// The session.
pub struct Session {
    nats: Nats,
    now: Instant,
    clients: BTreeMap<String, Client>,
    answer: Option<Result<Answer, ApiError>>,
}

impl Session {
    /// A fresh server at virtual time 0.
    ///
    /// # Errors
    /// The recording sets something that the model does not know.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        if let Some((name, _)) = recording.broker.iter().chain(&recording.features).next() {
            return Err(Refusal::unknown("setting", name, &[]));
        }
        let mut session = Session {
            nats: Nats::default(),
            now: Instant(0),
            clients: BTreeMap::new(),
            answer: None,
        };
        let (subject, queue, sid) = (format!("{INBOX}.>").into(), None, 0);
        session.send(
            ASKING,
            Request::Subscribe {
                subject,
                queue,
                sid,
            },
        );
        Ok(Box::new(session))
    }

    fn client(&mut self, name: &str) -> &mut Client {
        let number = u8::try_from(self.clients.len()).unwrap_or(u8::MAX);
        let fresh = || Client {
            number,
            connection: 1,
            ..Client::default()
        };
        self.clients.entry(name.to_owned()).or_insert_with(fresh)
    }

    /// Sends a request of a client, and takes what comes of it.
    fn send(&mut self, client: &str, request: Request) {
        let client = self.client(client);
        let from = Caller {
            client: client.number,
            connection: client.connection,
        };
        let mut out = Out::default();
        self.nats.handle(self.now, from, request, &mut out);
        self.take(out);
    }

    fn take(&mut self, out: Out<Nats>) {
        for (to, reply) in out.to {
            let found = self
                .clients
                .values_mut()
                .find(|one| one.number == to.client);
            let Some(client) = found else {
                continue;
            };
            match reply {
                Reply::Api { answer, .. } => self.answer = Some(answer),
                Reply::Message {
                    sid,
                    message,
                    reply,
                } => client.take(sid, &message, reply),
                Reply::Status { sid, code, .. } if client.fetching == Some(sid) => {
                    client.status = Some(code);
                }
                Reply::Status { code, .. } => client.pushed.push(json!({ "status": code })),
                Reply::Error(error) => client.pushed.push(json!({"error": error.words()})),
            }
        }
    }

    /// Lets time pass until `end`, or until `stop` says so.
    fn run(&mut self, end: Instant, stop: impl Fn(&Session) -> bool) {
        while !stop(self)
            && let Some((at, due)) = self.nats.next_due()
            && at <= end
        {
            self.now = self.now.max(at);
            let mut out = Out::default();
            self.nats.fire(self.now, due, &mut out);
            self.take(out);
        }
        if !stop(self) {
            self.now = self.now.max(end);
        }
    }

    /// Asks the API.
    fn call(&mut self, call: Call) -> Result<Answer, Value> {
        self.answer = None;
        self.send(ASKING, Request::Api { id: 0, call });
        match self.answer.take() {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => {
                let (code, err_code, _) = error.parts();
                Err(json!({"error": {"code": code, "err_code": err_code}}))
            }
            None => Err(json!({"status": 503})),
        }
    }

    /// What came to the inbox of [`ASKING`] since it was last looked at.
    fn answers(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.client(ASKING).pushed)
    }

    fn drain(&mut self, clients: &[String], merge: bool) -> Value {
        let mut deliveries = Map::new();
        for name in clients {
            let pushed = std::mem::take(&mut self.client(name).pushed);
            deliveries.insert(name.clone(), Value::Array(pushed));
        }
        if !merge {
            return json!({ "deliveries": deliveries });
        }
        let all = deliveries.values().filter_map(Value::as_array).flatten();
        let mut bodies: Vec<String> = all
            .filter_map(|one| one["msg"].as_str().map(str::to_owned))
            .collect();
        bodies.sort();
        json!({ "merged": bodies })
    }

    fn crash(&mut self, name: &str) {
        let client = self.client(name);
        let gone = Caller {
            client: client.number,
            connection: client.connection,
        };
        client.connection += 1;
        let mut out = Out::default();
        self.nats.disconnect(self.now, gone, &mut out);
        self.take(out);
    }

    fn subscribe(
        &mut self,
        name: &str,
        subject: &str,
        queue: Option<String>,
        sub: Option<String>,
    ) -> u32 {
        let client = self.client(name);
        client.subscriptions.push(sub);
        let sid = u32::try_from(client.subscriptions.len()).unwrap_or(u32::MAX);
        let (subject, queue) = (subject.into(), queue.map(Into::into));
        self.send(
            name,
            Request::Subscribe {
                subject,
                queue,
                sid,
            },
        );
        sid
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let op: Op = step.read()?;
        let _ = step.order == Order::Any;
        let never = |_: &Session| false;
        Ok(match op {
            Op::Connect { client, echo } => {
                self.send(
                    &client,
                    Request::Connect {
                        echo,
                        no_responders: true,
                    },
                );
                json!({})
            }
            Op::Subscribe {
                client,
                subject,
                queue_group,
                sub,
                max,
            } => {
                let errors = self.client(&client).pushed.len();
                let sid = self.subscribe(&client, &subject, queue_group, sub);
                if max.is_some() {
                    self.send(&client, Request::Unsubscribe { sid, max });
                }
                let pushed = &mut self.client(&client).pushed;
                match pushed.get(errors).and_then(|one| one.get("error")).cloned() {
                    Some(words) => {
                        pushed.truncate(errors);
                        json!({"error": {"name": words}})
                    }
                    None => json!({}),
                }
            }
            Op::Unsubscribe { client, sub, max } => {
                let known = &self.client(&client).subscriptions;
                let at = known.iter().rposition(|one| one.as_ref() == Some(&sub));
                let at =
                    at.ok_or_else(|| Refusal::new(format!("there is no subscription `{sub}`")))?;
                let sid = u32::try_from(at + 1).unwrap_or(u32::MAX);
                self.send(&client, Request::Unsubscribe { sid, max });
                json!({})
            }
            Op::Publish(publish) => self.publish(publish),
            Op::Reply {
                client,
                to_msg,
                msg,
            } => {
                let ReplyTo::Subject(to) = self.delivery(&client, &to_msg, None)? else {
                    return Err(Refusal::new(format!("`{to_msg}` asks for no reply")));
                };
                let message = Message::new(&to, &msg);
                self.send(
                    &client,
                    Request::Publish {
                        message,
                        reply: None,
                    },
                );
                json!({})
            }
            Op::Declare(declare) => self.declare(declare)?,
            Op::Fetch(fetch) => self.fetch(&fetch),
            Op::Ack(settle) => self.settle(&settle, AckKind::Ack)?,
            Op::Nack(settle) => {
                let delay = settle.delay_ms.map(Span::from_ms);
                self.settle(&settle, AckKind::Nak(delay))?
            }
            Op::Term(settle) => self.settle(&settle, AckKind::Term)?,
            Op::InProgress(settle) => self.settle(&settle, AckKind::InProgress)?,
            Op::Info(thing) => self.info(thing)?,
            Op::GetMessage {
                stream,
                seq,
                last_by_subject,
            } => {
                let get = match (seq, last_by_subject) {
                    (Some(seq), None) => Get::Sequence(seq),
                    (None, Some(subject)) => Get::LastBySubject(subject.into()),
                    _ => {
                        return Err(Refusal::new(
                            "one of `seq` and `last_by_subject` is expected",
                        ));
                    }
                };
                match self.call(Call::GetMessage {
                    stream: stream.into(),
                    get,
                }) {
                    Ok(Answer::Message(stored)) => {
                        let mut value = written(&stored.message);
                        value["stream_seq"] = json!(stored.seq);
                        value
                    }
                    Ok(_) => json!({}),
                    Err(error) => error,
                }
            }
            Op::Delete(thing) => {
                let call = match thing {
                    Thing::Stream { name } => Call::DeleteStream {
                        stream: name.into(),
                    },
                    Thing::Consumer { stream, name } => Call::DeleteConsumer {
                        stream: stream.into(),
                        consumer: name.into(),
                    },
                    Thing::Message { stream, seq } => Call::DeleteMessage {
                        stream: stream.into(),
                        seq,
                    },
                };
                self.call(call).map_or_else(|error| error, |_| json!({}))
            }
            Op::Purge {
                stream,
                filter,
                keep,
                seq,
            } => {
                let call = Call::PurgeStream {
                    stream: stream.into(),
                    filter: filter.map(Into::into),
                    seq: seq.unwrap_or(0),
                    keep: keep.unwrap_or(0),
                };
                match self.call(call) {
                    Ok(Answer::Purged(purged)) => json!({ "purged": purged }),
                    Ok(_) => json!({}),
                    Err(error) => error,
                }
            }
            Op::Wait { ms } => {
                self.run(self.now + Span::from_ms(ms), never);
                json!({})
            }
            Op::Drain { clients, merge } => self.drain(&clients, merge),
            Op::Crash { client } => {
                self.crash(&client);
                json!({})
            }
        })
    }
}
