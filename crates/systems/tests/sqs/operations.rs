//! What clients may ask of the service, decoded from bytes.

use arbitrary::Arbitrary;
use std::collections::BTreeMap;
use std::sync::Arc;
use systems::sqs::{Attribute, Entry, QueueId, Receipt, ReceiptHandle, Receive, Request, arn};

/// A queue's name, of few.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Name {
    Standard,
    Dead,
    Fifo,
    FifoDead,
    None,
}

impl Name {
    fn text(self) -> Arc<str> {
        match self {
            Name::Standard => "q",
            Name::Dead => "dead",
            Name::Fifo => "q.fifo",
            Name::FifoDead => "dead.fifo",
            Name::None => "",
        }
        .into()
    }
}

#[derive(Arbitrary, Clone, Debug)]
pub enum Handle {
    Latest(u8),
    Made(u16, u64, u64),
    Text(String),
}

#[derive(Arbitrary, Clone, Debug)]
pub struct Sent {
    body: String,
    attribute: Option<(String, String, String)>,
    delay: Option<i64>,
    group: Option<u8>,
    id: Option<String>,
}

#[derive(Arbitrary, Clone, Debug)]
pub enum Op {
    Create(Name, Vec<(u8, i64)>),
    CreateFifo(Name),
    Set(Name, u8, String),
    SetNumber(Name, u8, i64),
    Redrive(Name, Name, u16),
    Delete(Name),
    List(String),
    Attributes(Name, Option<String>),
    Purge(Name),
    Send(Name, Sent),
    SendBatch(Name, Vec<(String, Sent)>),
    Receive(Name, Option<i64>, Option<i64>, Option<i64>, Option<u8>),
    ReceiveWell(Name, u8),
    Forget(Name, Handle),
    ForgetBatch(Name, Vec<(String, Handle)>),
    Hide(Name, Handle, i64),
    HideBatch(Name, Vec<(String, Handle, i64)>),
    Sources(Name),
    Move(Name, Option<Name>, Option<i64>),
    Cancel(String),
    Moves(Name),
    Wait(u64),
    Leave(u8),
    Fire,
    Sleep(u16),
}

const ATTRIBUTES: [&str; 11] = [
    "VisibilityTimeout",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "MessageRetentionPeriod",
    "MaximumMessageSize",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "Nothing",
];

fn attribute(number: u8) -> Arc<str> {
    ATTRIBUTES[usize::from(number) % ATTRIBUTES.len()].into()
}

fn entry(sent: Sent) -> Entry {
    let attribute = sent.attribute.map(|(name, data_type, value)| {
        let one = Attribute {
            data_type: data_type.into(),
            value: value.into(),
        };
        (Arc::from(name), one)
    });
    Entry {
        body: sent.body.into(),
        attributes: BTreeMap::from_iter(attribute),
        delay_seconds: sent.delay,
        group: sent.group.map(|group| group.to_string().into()),
        deduplication_id: sent.id.map(Into::into),
        record: None,
    }
}

/// The receipts that the service has given.
#[derive(Default)]
pub struct Receipts(pub Vec<Receipt>);

impl Receipts {
    fn handle(&self, handle: Handle) -> ReceiptHandle {
        match handle {
            Handle::Latest(back) => {
                let at = self.0.len().checked_sub(1 + usize::from(back));
                match at.and_then(|at| self.0.get(at)) {
                    Some(receipt) => ReceiptHandle::Issued(*receipt),
                    None => ReceiptHandle::Text("".into()),
                }
            }
            Handle::Made(queue, sequence, number) => ReceiptHandle::Issued(Receipt {
                queue: QueueId(queue),
                sequence,
                number,
                record: None,
            }),
            Handle::Text(text) => ReceiptHandle::Text(text.into()),
        }
    }

    /// The request that an operation makes, if it is one of a client.
    pub fn request(&self, op: Op) -> Option<Request> {
        Some(match op {
            Op::Create(name, attributes) => Request::CreateQueue {
                name: name.text(),
                attributes: attributes
                    .into_iter()
                    .map(|(name, value)| (attribute(name), value.to_string().into()))
                    .collect(),
            },
            Op::CreateFifo(name) => Request::CreateQueue {
                name: name.text(),
                attributes: vec![
                    ("FifoQueue".into(), "true".into()),
                    ("ContentBasedDeduplication".into(), "true".into()),
                ],
            },
            Op::Set(queue, name, value) => Request::SetQueueAttributes {
                queue: queue.text(),
                attributes: vec![(attribute(name), value.into())],
            },
            Op::SetNumber(queue, name, value) => Request::SetQueueAttributes {
                queue: queue.text(),
                attributes: vec![(attribute(name), value.to_string().into())],
            },
            Op::Redrive(queue, to, count) => Request::SetQueueAttributes {
                queue: queue.text(),
                attributes: vec![(
                    "RedrivePolicy".into(),
                    crate::bench_client::redrive(&to.text(), u32::from(count % 4)).into(),
                )],
            },
            Op::Delete(queue) => Request::DeleteQueue {
                queue: queue.text(),
            },
            Op::List(prefix) => Request::ListQueues {
                prefix: prefix.into(),
            },
            Op::Attributes(queue, name) => Request::GetQueueAttributes {
                queue: queue.text(),
                names: vec![name.map_or("All".into(), Into::into)],
            },
            Op::Purge(queue) => Request::PurgeQueue {
                queue: queue.text(),
            },
            Op::Send(queue, sent) => Request::SendMessage {
                queue: queue.text(),
                message: entry(sent),
            },
            Op::SendBatch(queue, entries) => Request::SendMessageBatch {
                queue: queue.text(),
                entries: entries
                    .into_iter()
                    .map(|(id, sent)| (id.into(), entry(sent)))
                    .collect(),
            },
            Op::Receive(queue, max, visibility, wait, attempt) => Request::ReceiveMessage {
                queue: queue.text(),
                receive: Receive {
                    max_number_of_messages: max,
                    visibility_timeout: visibility,
                    wait_time_seconds: wait,
                    receive_request_attempt_id: attempt.map(|id| id.to_string().into()),
                },
            },
            Op::ReceiveWell(queue, attempt) => Request::ReceiveMessage {
                queue: queue.text(),
                receive: Receive {
                    max_number_of_messages: Some(i64::from(attempt % 10) + 1),
                    wait_time_seconds: Some(i64::from(attempt % 3)),
                    receive_request_attempt_id: Some((attempt % 4).to_string().into()),
                    visibility_timeout: None,
                },
            },
            Op::Forget(queue, handle) => Request::DeleteMessage {
                queue: queue.text(),
                handle: self.handle(handle),
            },
            Op::ForgetBatch(queue, entries) => Request::DeleteMessageBatch {
                queue: queue.text(),
                entries: entries
                    .into_iter()
                    .map(|(id, handle)| (id.into(), self.handle(handle)))
                    .collect(),
            },
            Op::Hide(queue, handle, visibility_timeout) => Request::ChangeMessageVisibility {
                queue: queue.text(),
                handle: self.handle(handle),
                visibility_timeout,
            },
            Op::HideBatch(queue, entries) => Request::ChangeMessageVisibilityBatch {
                queue: queue.text(),
                entries: entries
                    .into_iter()
                    .map(|(id, handle, seconds)| (id.into(), self.handle(handle), seconds))
                    .collect(),
            },
            Op::Sources(queue) => Request::ListDeadLetterSourceQueues {
                queue: queue.text(),
            },
            Op::Move(from, to, rate) => Request::StartMessageMoveTask {
                source_arn: arn::arn(&from.text()),
                destination_arn: to.map(|to| arn::arn(&to.text())),
                max_number_of_messages_per_second: rate,
            },
            Op::Cancel(task_handle) => Request::CancelMessageMoveTask {
                task_handle: task_handle.into(),
            },
            Op::Moves(queue) => Request::ListMessageMoveTasks {
                source_arn: arn::arn(&queue.text()),
            },
            Op::Wait(_) | Op::Leave(_) | Op::Fire | Op::Sleep(_) => return None,
        })
    }
}
