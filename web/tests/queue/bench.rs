//! Amazon SQS as it is driven by these tests: requests at whole seconds, and what came of them.

use engine::systems::fact::{Named, Names};
use engine::systems::sqs::{Entry, Fact, Receipt, ReceiptHandle, Receive, Reply, Request, Sqs};
use engine::systems::{Caller, Out, Server};
use engine::{Instant, RecordId};

pub const SHOP: u8 = 0;
pub const WORKER_1: u8 = 1;
pub const WORKER_2: u8 = 2;

/// The names of clients and messages; a message's name is its number.
pub struct Cast;

impl Names for Cast {
    fn name(&self, kind: Named, number: u32) -> String {
        match kind {
            Named::Client | Named::Consumer => {
                ["shop", "worker-1", "worker-2"][number as usize].to_owned()
            }
            _ => format!("ord_{number}"),
        }
    }
    fn find(&self, _: Named, name: &str) -> Option<u32> {
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.parse().ok()
    }
}

pub const fn at(seconds: u64) -> Instant {
    Instant(seconds * 1_000_000)
}

/// Queues, and what has happened in them.
#[derive(Clone, Default)]
pub struct Bench {
    pub sqs: Sqs,
    pub facts: Vec<(Instant, Fact)>,
}

impl Bench {
    /// Does what is due until then.
    pub fn advance(&mut self, seconds: u64) {
        while let Some((when, due)) = self.sqs.next_due().filter(|(when, _)| *when <= at(seconds)) {
            let mut out = Out::default();
            self.sqs.fire(when, due, &mut out);
            self.facts
                .extend(out.facts.into_iter().map(|fact| (when, fact)));
        }
    }

    pub fn ask(&mut self, seconds: u64, client: u8, request: Request) -> Option<Reply> {
        self.advance(seconds);
        let caller = Caller {
            client,
            connection: 1,
        };
        let mut out = Out::default();
        self.sqs.handle(at(seconds), caller, request, &mut out);
        let facts = out.facts.into_iter().map(|fact| (at(seconds), fact));
        self.facts.extend(facts);
        out.to.pop().map(|(_, reply)| reply)
    }

    pub fn make(&mut self, queue: &str, attributes: &[(&str, &str)]) {
        let attributes = attributes.iter();
        let reply = self.ask(
            0,
            SHOP,
            Request::CreateQueue {
                name: queue.into(),
                attributes: attributes
                    .map(|&(name, value)| (name.into(), value.into()))
                    .collect(),
            },
        );
        assert!(matches!(reply, Some(Reply::QueueUrl(_))), "{reply:?}");
    }

    pub fn send(
        &mut self,
        seconds: u64,
        queue: &str,
        record: u16,
        group: Option<&str>,
        delay: i64,
    ) {
        let entry = Entry {
            record: Some(RecordId(record)),
            delay_seconds: group.is_none().then_some(delay),
            group: group.map(Into::into),
            deduplication_id: group.map(|_| record.to_string().into()),
            ..Entry::new("{}")
        };
        let reply = self.ask(
            seconds,
            SHOP,
            Request::SendMessage {
                queue: queue.into(),
                message: entry,
            },
        );
        assert!(matches!(reply, Some(Reply::Sent(_))), "{reply:?}");
    }

    /// Receives up to ten messages; nothing where it waits.
    pub fn receive(
        &mut self,
        seconds: u64,
        client: u8,
        queue: &str,
        receive: Receive,
    ) -> Vec<Receipt> {
        let request = Request::ReceiveMessage {
            queue: queue.into(),
            receive,
        };
        match self.ask(seconds, client, request) {
            Some(Reply::Messages(messages)) => messages.iter().map(|one| one.receipt).collect(),
            _ => Vec::new(),
        }
    }

    pub fn delete(&mut self, seconds: u64, client: u8, queue: &str, receipt: Receipt) {
        let request = Request::DeleteMessage {
            queue: queue.into(),
            handle: ReceiptHandle::Issued(receipt),
        };
        self.ask(seconds, client, request);
    }
}

/// Waits up to 20 seconds for one message.
pub fn patient() -> Receive {
    Receive {
        wait_time_seconds: Some(20),
        ..Receive::default()
    }
}

/// A receive of up to so many messages, hidden for so many seconds.
pub fn most(count: i64, visibility_timeout: i64) -> Receive {
    Receive {
        max_number_of_messages: Some(count),
        visibility_timeout: Some(visibility_timeout),
        ..Receive::default()
    }
}
