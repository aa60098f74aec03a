//! A recording's session: one account at a virtual time, its clients, and the names of both.

mod declaring;
mod holding;
mod publishing;
mod receiving;

use super::ops::{Given, Op, Receive, What};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::aws::{Account, Reply, Request};
use systems::sqs::Receipt;
use systems::{Caller, Instant, Out, Server, Span, sns, sqs};

/// The longest wait, 35 days.
const MAX_WAIT_MS: u64 = 35 * 86_400_000;

/// What a receive tells, and what it came to.
#[derive(Clone, Debug)]
struct Asked {
    receive: Receive,
    at: Instant,
    reply: Option<sqs::Reply>,
}

/// The session.
pub struct Session {
    account: Account,
    now: Instant,
    clients: Vec<String>,
    /// The service's name of each queue and topic.
    queues: BTreeMap<String, String>,
    topics: BTreeMap<String, String>,
    /// Which queues were declared with a deduplication scope.
    scopes: BTreeMap<String, String>,
    /// What each padded body stands for.
    padded: BTreeMap<String, String>,
    /// The receipts of each message of each queue, in the order of receiving.
    receipts: BTreeMap<(String, String), Vec<Receipt>>,
    /// The ids that senders have been told.
    ids: Vec<Arc<str>>,
    /// The latest receive of each client.
    asked: BTreeMap<u8, Asked>,
    /// The last answer of SNS.
    told: Option<sns::Reply>,
    answers: Vec<sqs::Reply>,
}

/// What the emulators behind all recordings of this family have in common: a deleted queue's name is
/// free at once, and a queue can be purged again at once.
fn emulated() -> sqs::Service {
    sqs::Service {
        deleted_queue_seconds: 0,
        purge_seconds: 0,
    }
}

/// What is left of an error.
fn error(name: &str) -> Value {
    json!({"error": {"name": name}})
}

fn number(count: Option<i64>) -> Option<Arc<str>> {
    count.map(|count| count.to_string().into())
}

/// Milliseconds of a recording as the service's seconds.
fn seconds(ms: Option<i64>) -> Option<i64> {
    ms.map(|ms| ms.div_euclid(1000))
}

impl Session {
    /// An empty account at virtual time 0.
    ///
    /// # Errors
    /// The recording has settings, of which this model knows none.
    pub fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
        let settings = recording.broker.keys().chain(recording.features.keys());
        if let Some(name) = settings.into_iter().next() {
            return Err(Refusal::new(format!("the setting `{name}` is unknown")));
        }
        Ok(Box::new(Session {
            account: Account::new(emulated(), sns::Account::default()),
            now: Instant(0),
            clients: Vec::new(),
            queues: BTreeMap::new(),
            topics: BTreeMap::new(),
            scopes: BTreeMap::new(),
            padded: BTreeMap::new(),
            receipts: BTreeMap::new(),
            ids: Vec::new(),
            asked: BTreeMap::new(),
            told: None,
            answers: Vec::new(),
        }))
    }

    fn caller(&mut self, name: Option<&str>) -> Result<Caller, Refusal> {
        let name = name.unwrap_or("g");
        let at = self.clients.iter().position(|one| one == name);
        let at = at.unwrap_or_else(|| {
            self.clients.push(name.to_owned());
            self.clients.len() - 1
        });
        let client = u8::try_from(at).ok().filter(|client| *client < u8::MAX);
        client
            .map(|client| Caller {
                client,
                connection: 1,
            })
            .ok_or_else(|| Refusal::new("a session has at most 255 clients"))
    }

    /// The service's name of a queue.
    fn queue(&self, name: &str) -> Arc<str> {
        self.queues.get(name).map_or(name, String::as_str).into()
    }

    /// The recording's name of a queue.
    fn name_of(&self, queue: &str) -> String {
        let is_it = |(_, real): &(&String, &String)| *real == queue;
        let found = self.queues.iter().find(is_it);
        found.map_or_else(|| queue.to_owned(), |(name, _)| name.clone())
    }

    fn topic(&self, name: &str) -> Arc<str> {
        sns::arn::topic(self.topics.get(name).map_or(name, String::as_str))
    }

    /// Notes what the services sent.
    fn take(&mut self, out: Out<Account>) {
        for (to, reply) in out.to {
            match reply {
                Reply::Sns(reply) => self.told = Some(reply),
                Reply::Sqs(reply) => {
                    let is_of_receive = matches!(reply, sqs::Reply::Messages(_));
                    match self.asked.get_mut(&to.client) {
                        Some(asked)
                            if is_of_receive
                                || asked.reply.is_none() && self.answers.is_empty() =>
                        {
                            asked.reply = Some(reply);
                        }
                        _ => self.answers.push(reply),
                    }
                }
            }
        }
    }

    /// Lets time pass up to `end`; whatever is due on the way happens.
    fn pass(&mut self, end: Instant) {
        let mut out = Out::default();
        self.account.advance(end, &mut out);
        self.now = end;
        self.take(out);
    }

    fn handle(&mut self, from: Caller, request: Request) {
        let mut out = Out::default();
        self.account.handle(self.now, from, request, &mut out);
        self.take(out);
        self.pass(self.now);
    }

    /// Asks SQS for something that is answered at once.
    fn ask(&mut self, request: sqs::Request) -> Result<sqs::Reply, Refusal> {
        let from = Caller {
            client: u8::MAX - 1,
            connection: 1,
        };
        self.answers.clear();
        self.handle(from, Request::Sqs(request));
        let reply = self.answers.pop();
        reply.ok_or_else(|| Refusal::new("the queue gave no answer"))
    }

    /// Asks SNS for something.
    fn ask_topic(&mut self, request: sns::Request) -> Result<sns::Reply, Refusal> {
        let from = Caller {
            client: u8::MAX - 1,
            connection: 1,
        };
        self.told = None;
        self.handle(from, Request::Sns(request));
        let reply = self.told.take();
        reply.ok_or_else(|| Refusal::new("the topic gave no answer"))
    }

    fn wait(&mut self, ms: u64) -> Result<Value, Refusal> {
        if ms > MAX_WAIT_MS {
            return Err(Refusal::new(format!(
                "a wait of {ms} ms is longer than {MAX_WAIT_MS} ms"
            )));
        }
        self.pass(self.now + Span::from_ms(ms));
        Ok(json!({}))
    }

    fn answer(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Declare(declare) => self.declare(&declare),
            Op::Alter {
                queue,
                visibility_ms,
                delay_ms,
                receive_wait_ms,
                retention_ms,
                max_bytes,
                redrive,
            } => {
                let given = [
                    ("VisibilityTimeout", number(seconds(visibility_ms))),
                    ("DelaySeconds", number(seconds(delay_ms))),
                    (
                        "ReceiveMessageWaitTimeSeconds",
                        number(seconds(receive_wait_ms)),
                    ),
                    ("MessageRetentionPeriod", number(seconds(retention_ms))),
                    ("MaximumMessageSize", number(max_bytes)),
                    (
                        "RedrivePolicy",
                        match redrive {
                            Given::LeftOut => None,
                            Given::Null => Some("".into()),
                            Given::Value(redrive) => Some(self.redrive_policy(&redrive)),
                        },
                    ),
                ];
                let set = given
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.into(), value?)));
                self.alter(&queue, set.collect())
            }
            Op::Bind { .. } => self.bind(op),
            Op::Publish(publish) => self.publish(&publish),
            Op::PublishBatch {
                queue,
                topic,
                entries,
                client: _,
            } => self.publish_batch(queue.as_deref(), topic.as_deref(), &entries),
            Op::Receive(receive) => self.receive(receive),
            Op::Await { client, merge } => self.awaited(client, merge),
            Op::Ack(held) => self.hold(&held, true),
            Op::AckBatch { queue, entries } => self.hold_batch(&queue, &entries, true),
            Op::ChangeVisibility(held) => self.hold(&held, false),
            Op::ChangeVisibilityBatch { queue, entries } => {
                self.hold_batch(&queue, &entries, false)
            }
            Op::Depth { queue } => self.depth(&queue),
            Op::Describe { queue } => self.describe(&queue),
            Op::ListSources { queue } => {
                let queue = self.queue(&queue);
                Ok(
                    match self.ask(sqs::Request::ListDeadLetterSourceQueues { queue })? {
                        sqs::Reply::QueueUrls(urls) => {
                            let names = urls.iter().map(|url| sqs::arn::name_of_url(url));
                            let mut names: Vec<String> =
                                names.map(|name| self.name_of(name)).collect();
                            names.sort();
                            json!({"queues": names})
                        }
                        reply => of_queue(&reply),
                    },
                )
            }
            Op::Redrive { queue, to } => {
                let request = sqs::Request::StartMessageMoveTask {
                    source_arn: sqs::arn::arn(&self.queue(&queue)),
                    destination_arn: to.map(|to| sqs::arn::arn(&self.queue(&to))),
                    max_number_of_messages_per_second: None,
                };
                Ok(of_queue(&self.ask(request)?))
            }
            Op::Purge { queue } => {
                let queue = self.queue(&queue);
                Ok(of_queue(&self.ask(sqs::Request::PurgeQueue { queue })?))
            }
            Op::Delete {
                kind,
                queue,
                topic,
                name,
            } => {
                let named = name.or(queue).or(topic.clone()).unwrap_or_default();
                if kind == Some(What::Topic) || topic.is_some() {
                    let topic = self.topic(&named);
                    return Ok(of_topic(
                        &self.ask_topic(sns::Request::DeleteTopic { topic })?,
                    ));
                }
                let queue = self.queue(&named);
                Ok(of_queue(&self.ask(sqs::Request::DeleteQueue { queue })?))
            }
            Op::Crash { client } => {
                let gone = self.caller(Some(&client))?;
                self.asked.remove(&gone.client);
                let mut out = Out::default();
                self.account.disconnect(self.now, gone, &mut out);
                self.take(out);
                Ok(json!({}))
            }
            Op::Wait { ms } => self.wait(ms),
        }
    }
}

impl Player for Session {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        let answer = self.answer(step.read()?)?;
        self.pass(self.now);
        Ok(answer)
    }
}

fn failed_entry(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name})
}

/// What a recording tells of an answer that has nothing in it but an error.
fn of_queue(reply: &sqs::Reply) -> Value {
    match reply {
        sqs::Reply::Refused(refused) => error(refused.code.name()),
        _ => json!({}),
    }
}

fn of_topic(reply: &sns::Reply) -> Value {
    match reply {
        sns::Reply::Refused(refused) => error(refused.code()),
        _ => json!({}),
    }
}
