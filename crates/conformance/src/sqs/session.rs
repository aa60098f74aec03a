//! A recording's session: one account at a virtual time, its clients, and the names of both.

use super::ops::{Clients, Declare, Given, Held, Op, Publish, Receive, Redrive, What};
use crate::player::Player;
use crate::recording::{Recording, Step};
use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::aws::{Account, Reply, Request};
use systems::sqs::{Entry, Receipt, ReceiptHandle, Received};
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

    fn redrive_policy(&self, redrive: &Redrive) -> Arc<str> {
        let target = sqs::arn::arn(&self.queue(&redrive.to));
        let policy =
            json!({"deadLetterTargetArn": &*target, "maxReceiveCount": redrive.max_receives});
        policy.to_string().into()
    }

    fn declare(&mut self, declare: &Declare) -> Result<Value, Refusal> {
        let name = match declare.fifo {
            true => format!("{}.fifo", declare.name),
            false => declare.name.clone(),
        };
        let mut attributes: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        let mut set = |attribute: &str, value: Option<Arc<str>>| {
            attributes.extend(value.map(|value| (attribute.into(), value)));
        };
        let dedup = declare.content_dedup.filter(|on| *on || declare.fifo);
        let fifo = declare.fifo.then(|| "true".into());
        let content = dedup.map(|on| on.to_string().into());
        if declare.kind == What::Topic {
            set("FifoTopic", fifo);
            set("ContentBasedDeduplication", content);
            self.topics.insert(declare.name.clone(), name.clone());
            let name = name.into();
            let reply = self.ask_topic(sns::Request::CreateTopic { name, attributes })?;
            return Ok(of_topic(&reply));
        }
        set("FifoQueue", fifo);
        set("ContentBasedDeduplication", content);
        let scope = declare.dedup_scope.as_deref();
        set("DeduplicationScope", scope.map(Into::into));
        set("VisibilityTimeout", number(seconds(declare.visibility_ms)));
        set("DelaySeconds", number(seconds(declare.delay_ms)));
        let wait = number(seconds(declare.receive_wait_ms));
        set("ReceiveMessageWaitTimeSeconds", wait);
        let retention = number(seconds(declare.retention_ms));
        set("MessageRetentionPeriod", retention);
        set("MaximumMessageSize", number(declare.max_bytes));
        if let Given::Value(redrive) = &declare.redrive {
            set("RedrivePolicy", Some(self.redrive_policy(redrive)));
        }
        if let Some(scope) = scope {
            self.scopes.insert(name.clone(), scope.to_owned());
        }
        self.queues.insert(declare.name.clone(), name.clone());
        let name = name.into();
        let reply = self.ask(sqs::Request::CreateQueue { name, attributes })?;
        Ok(of_queue(&reply))
    }

    /// The body of a message, padded to its size.
    fn body(&mut self, publish: &Publish) -> Arc<str> {
        let missing = publish.size.unwrap_or(0).saturating_sub(publish.msg.len());
        if missing == 0 {
            return publish.msg.as_str().into();
        }
        let body = format!("{}{}", publish.msg, ".".repeat(missing));
        self.padded.insert(body.clone(), publish.msg.clone());
        body.into()
    }

    fn entry(&mut self, publish: &Publish) -> Entry {
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

    fn message(&mut self, publish: &Publish) -> sns::Message {
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

    fn told_id(&mut self, id: &str) -> Value {
        if self.ids.iter().any(|told| **told == *id) {
            return json!({"same_id_as_earlier": true});
        }
        self.ids.push(id.into());
        json!({})
    }

    fn publish(&mut self, publish: &Publish) -> Result<Value, Refusal> {
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

    fn publish_batch(
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

    fn receive(&mut self, receive: Receive) -> Result<Value, Refusal> {
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
    fn answer_of(&mut self, client: u8) -> Result<Value, Refusal> {
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
    fn tell(&mut self, receive: &Receive, message: &Received) -> Value {
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

    /// The handle that a step means.
    fn held(&self, queue: &str, held: &Held) -> ReceiptHandle {
        if let Some(literal) = &held.handle {
            return ReceiptHandle::Text(literal.as_str().into());
        }
        let msg = held.msg.clone().unwrap_or_default();
        let receipts = self.receipts.get(&(queue.to_owned(), msg.clone()));
        let receipt = receipts.and_then(|receipts| match held.delivery {
            Some(number) => receipts.get(number.checked_sub(1)?),
            None => receipts.last(),
        });
        match receipt {
            Some(receipt) => ReceiptHandle::Issued(*receipt),
            None => ReceiptHandle::Text(msg.into()),
        }
    }

    fn hold(&mut self, held: &Held, is_deletion: bool) -> Result<Value, Refusal> {
        let name = held.queue.clone();
        let name = name.ok_or_else(|| Refusal::new("the step names no queue"))?;
        let (queue, handle) = (self.queue(&name), self.held(&name, held));
        let request = match is_deletion {
            true => sqs::Request::DeleteMessage { queue, handle },
            false => sqs::Request::ChangeMessageVisibility {
                queue,
                handle,
                visibility_timeout: seconds(held.visibility_ms).unwrap_or(0),
            },
        };
        Ok(of_queue(&self.ask(request)?))
    }

    fn hold_batch(
        &mut self,
        name: &str,
        entries: &[Held],
        is_deletion: bool,
    ) -> Result<Value, Refusal> {
        let queue = self.queue(name);
        let id = |held: &Held| Arc::from(held.id.as_deref().unwrap_or_default());
        let held = entries.iter().map(|held| (id(held), self.held(name, held)));
        let request = match is_deletion {
            true => sqs::Request::DeleteMessageBatch {
                queue,
                entries: held.collect(),
            },
            false => sqs::Request::ChangeMessageVisibilityBatch {
                queue,
                entries: held
                    .zip(entries)
                    .map(|((id, handle), held)| {
                        (id, handle, seconds(held.visibility_ms).unwrap_or(0))
                    })
                    .collect(),
            },
        };
        Ok(match self.ask(request)? {
            sqs::Reply::Batch(batch) => {
                let done = batch.successful.iter().map(|(id, ())| json!(&**id));
                let failed = batch.failed.iter();
                let failed = failed.map(|(id, error)| failed_entry(id, error.code.name()));
                json!({"done": done.collect::<Vec<_>>(), "failed": failed.collect::<Vec<_>>()})
            }
            reply => of_queue(&reply),
        })
    }

    /// Attributes of a queue by name, or the error.
    fn attributes(
        &mut self,
        name: &str,
    ) -> Result<Result<BTreeMap<Arc<str>, Arc<str>>, Value>, Refusal> {
        let queue = self.queue(name);
        let names = vec!["All".into()];
        Ok(
            match self.ask(sqs::Request::GetQueueAttributes { queue, names })? {
                sqs::Reply::Attributes(attributes) => Ok(attributes.into_iter().collect()),
                reply => Err(of_queue(&reply)),
            },
        )
    }

    fn depth(&mut self, name: &str) -> Result<Value, Refusal> {
        let attributes = match self.attributes(name)? {
            Ok(attributes) => attributes,
            Err(error) => return Ok(error),
        };
        let count = |name: &str| {
            attributes
                .get(name)
                .and_then(|text| text.parse::<u64>().ok())
        };
        Ok(json!({
            "ready": count("ApproximateNumberOfMessages"),
            "in_flight": count("ApproximateNumberOfMessagesNotVisible"),
            "delayed": count("ApproximateNumberOfMessagesDelayed"),
        }))
    }

    fn describe(&mut self, name: &str) -> Result<Value, Refusal> {
        let attributes = match self.attributes(name)? {
            Ok(attributes) => attributes,
            Err(error) => return Ok(error),
        };
        let ms = |name: &str| {
            let text = attributes.get(name)?;
            text.parse::<u64>().ok().map(|seconds| seconds * 1000)
        };
        let mut told = json!({
            "visibility_ms": ms("VisibilityTimeout"),
            "delay_ms": ms("DelaySeconds"),
            "receive_wait_ms": ms("ReceiveMessageWaitTimeSeconds"),
        });
        if attributes.contains_key("FifoQueue") {
            told["fifo"] = json!(true);
        }
        if let Some(scope) = self.scopes.get(&*self.queue(name)) {
            told["dedup_scope"] = json!(scope);
        }
        if let Some(policy) = attributes.get("RedrivePolicy") {
            let policy: Value = serde_json::from_str(policy)?;
            let target = policy["deadLetterTargetArn"].as_str().unwrap_or_default();
            let target = self.name_of(sqs::arn::name_of_arn(target).unwrap_or_default());
            told["redrive"] = json!({"to": target, "max_receives": policy["maxReceiveCount"]});
        }
        Ok(told)
    }

    fn alter(
        &mut self,
        name: &str,
        attributes: Vec<(Arc<str>, Arc<str>)>,
    ) -> Result<Value, Refusal> {
        let queue = self.queue(name);
        let request = sqs::Request::SetQueueAttributes { queue, attributes };
        Ok(of_queue(&self.ask(request)?))
    }

    fn bind(&mut self, op: Op) -> Result<Value, Refusal> {
        let Op::Bind {
            topic,
            queue,
            raw,
            filter,
            filter_scope,
        } = op
        else {
            return Err(Refusal::new("this is no subscription"));
        };
        let mut attributes: Vec<(Arc<str>, Arc<str>)> = Vec::new();
        if raw {
            attributes.push(("RawMessageDelivery".into(), "true".into()));
        }
        if let Some(scope) = filter_scope {
            attributes.push(("FilterPolicyScope".into(), scope.into()));
        }
        if let Some(filter) = filter {
            attributes.push(("FilterPolicy".into(), filter.to_string().into()));
        }
        let reply = self.ask_topic(sns::Request::Subscribe {
            topic: self.topic(&topic),
            protocol: "sqs".into(),
            endpoint: sns::arn::queue(&self.queue(&queue)),
            attributes,
        })?;
        Ok(of_topic(&reply))
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

    fn awaited(&mut self, client: Clients, merge: bool) -> Result<Value, Refusal> {
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
