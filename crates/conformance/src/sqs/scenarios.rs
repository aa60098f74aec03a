//! `sqs_scenarios`: a queue's settings and timed operations, and what each came to.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::sqs::{Entry, Receipt, ReceiptHandle, Reply, Request, Sqs};
use systems::{Caller, Instant, Out, Server};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    queue: Settings,
    ops: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    fifo: bool,
    #[serde(default)]
    content_dedup: bool,
    visibility: Option<i64>,
    max_receive: Option<i64>,
    delay: Option<i64>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Op {
    Send {
        body: String,
        group: Option<String>,
        dedup: Option<String>,
        delay: Option<i64>,
    },
    Receive {
        max: Option<i64>,
    },
    ReceiveDlq {
        max: Option<i64>,
    },
    Delete {
        body: String,
    },
}

/// The operations' queue, and the dead-letter queue beside it.
struct Played {
    sqs: Sqs,
    now: Instant,
    queue: Arc<str>,
    dead: Arc<str>,
    latest: BTreeMap<Arc<str>, (Arc<str>, Receipt)>,
    ids: Vec<String>,
}

impl Played {
    fn ask(&mut self, request: Request) -> Result<Reply, Refusal> {
        let from = Caller {
            client: 0,
            connection: 1,
        };
        let mut out = Out::default();
        self.sqs.advance(self.now, &mut out);
        self.sqs.handle(self.now, from, request, &mut out);
        match out.to.pop() {
            Some((_, reply)) => Ok(reply),
            None => Err(Refusal::new("the queue gave no answer")),
        }
    }

    fn create(&mut self, name: Arc<str>, attributes: &[(&str, String)]) -> Result<(), Refusal> {
        let attributes = attributes.iter();
        let attributes = attributes
            .map(|(name, value)| (Arc::from(*name), Arc::from(value.as_str())))
            .collect();
        match self.ask(Request::CreateQueue { name, attributes })? {
            Reply::Refused(error) => Err(Refusal::new(error.to_string())),
            _ => Ok(()),
        }
    }

    fn receive(&mut self, queue: Arc<str>, max: Option<i64>) -> Result<Value, Refusal> {
        let received = match self.ask(Request::receive(&queue, max.unwrap_or(10)))? {
            Reply::Messages(messages) => messages,
            Reply::Refused(error) => return Ok(json!({"error": error.code.name()})),
            _ => return Err(Refusal::new("a receive gives messages")),
        };
        for message in &received {
            let held = (queue.clone(), message.receipt);
            self.latest.insert(message.body.clone(), held);
        }
        let bodies: Vec<&str> = received.iter().map(|message| &*message.body).collect();
        Ok(json!(bodies))
    }

    fn play(&mut self, op: Op) -> Result<Value, Refusal> {
        match op {
            Op::Send {
                body,
                group,
                dedup,
                delay,
            } => {
                let message = Entry {
                    group: group.map(Into::into),
                    deduplication_id: dedup.map(Into::into),
                    delay_seconds: delay,
                    ..Entry::new(&body)
                };
                let queue = self.queue.clone();
                match self.ask(Request::SendMessage { queue, message })? {
                    Reply::Sent(sent) => {
                        let id = sent.message_id.to_string();
                        let stored = !self.ids.contains(&id);
                        self.ids.push(id);
                        Ok(json!({"accepted": true, "stored": stored}))
                    }
                    Reply::Refused(error) => Ok(json!({"error": error.code.name()})),
                    _ => Err(Refusal::new("a send gives an id")),
                }
            }
            Op::Receive { max } => self.receive(self.queue.clone(), max),
            Op::ReceiveDlq { max } => self.receive(self.dead.clone(), max),
            Op::Delete { body } => {
                if let Some((queue, receipt)) = self.latest.get(&*body).cloned() {
                    let handle = ReceiptHandle::Issued(receipt);
                    self.ask(Request::DeleteMessage { queue, handle })?;
                }
                Ok(Value::Null)
            }
        }
    }
}

/// What each operation came to.
///
/// # Errors
/// An operation or a setting that the model does not know.
pub fn answer(input: &Value) -> Result<Value, Refusal> {
    let Input { queue, ops } = serde_json::from_value(input.clone())?;
    let named = |name: &str| match queue.fifo {
        true => format!("{name}.fifo").into(),
        false => name.into(),
    };
    let mut played = Played {
        sqs: Sqs::default(),
        now: Instant(0),
        queue: named("queue"),
        dead: named("dead"),
        latest: BTreeMap::new(),
        ids: Vec::new(),
    };
    let mut attributes = Vec::new();
    if queue.fifo {
        attributes.push(("FifoQueue", "true".to_owned()));
    }
    played.create(played.dead.clone(), &attributes)?;
    if queue.content_dedup {
        attributes.push(("ContentBasedDeduplication", "true".to_owned()));
    }
    let seconds = [
        ("VisibilityTimeout", queue.visibility),
        ("DelaySeconds", queue.delay),
    ];
    for (name, value) in seconds {
        attributes.extend(value.map(|value| (name, value.to_string())));
    }
    if let Some(count) = queue.max_receive {
        let target = systems::sqs::arn::arn(&played.dead);
        let policy = json!({"deadLetterTargetArn": &*target, "maxReceiveCount": count});
        attributes.push(("RedrivePolicy", policy.to_string()));
    }
    played.create(played.queue.clone(), &attributes)?;
    let mut results = Vec::new();
    for mut op in ops {
        let at = op.remove("at").and_then(|at| at.as_f64());
        let at = at.ok_or_else(|| Refusal::new("an operation has a time `at`"))?;
        let op: Op = serde_json::from_value(Value::Object(op))?;
        let micros = (at * 1_000_000.0).round().max(0.0);
        played.now = played.now.max(Instant(micros as u64));
        results.push(played.play(op)?);
    }
    Ok(Value::Array(results))
}
