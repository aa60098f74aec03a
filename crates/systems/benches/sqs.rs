//! How many messages a second Amazon SQS takes, gives out and deletes, with a thousand messages waiting
//! and with a million: what a message costs must not grow with what lies before it.
//!
//! `cargo bench -p systems --bench sqs`. A measurement, not a test. A client keeps the names it uses;
//! the ids that make a FIFO queue's messages differ are written anew each time.

#[path = "common/turns.rs"]
mod turns;

use std::sync::Arc;
use systems::sqs::{Entry, ReceiptHandle, Receive, Reply, Request, Sqs};
use systems::{Caller, Instant, Out, Server, Span};

const OPERATIONS: u32 = 100_000;
/// How many message groups there are.
const GROUPS: usize = 1_000;

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

/// A queue with a backlog.
struct Filled {
    sqs: Sqs,
    out: Out<Sqs>,
    queue: Arc<str>,
    body: Arc<str>,
    groups: Vec<Arc<str>>,
    sent: usize,
    now: Instant,
    /// How much later each message is sent than the one before it.
    later: Span,
}

impl Filled {
    fn new(queue: &str, later: Span, backlog: usize) -> Filled {
        let mut filled = Filled {
            sqs: Sqs::default(),
            out: Out::default(),
            queue: queue.into(),
            body: "a message of some words".into(),
            groups: (0..GROUPS).map(|one| one.to_string().into()).collect(),
            sent: 0,
            now: Instant(0),
            later,
        };
        let attributes = match queue.ends_with(".fifo") {
            true => vec![("FifoQueue".into(), "true".into())],
            false => vec![],
        };
        let name = queue.into();
        filled.ask(Request::CreateQueue { name, attributes });
        (0..backlog).for_each(|_| filled.send());
        filled
    }

    fn ask(&mut self, request: Request) -> Reply {
        self.out.facts.clear();
        self.sqs.handle(self.now, ME, request, &mut self.out);
        self.out.to.pop().expect("an answer").1
    }

    fn send(&mut self) {
        let mut message = Entry {
            body: self.body.clone(),
            ..Entry::default()
        };
        if self.queue.ends_with(".fifo") {
            message.group = self.groups.get(self.sent % GROUPS).cloned();
            message.deduplication_id = Some(self.sent.to_string().into());
        }
        self.sent += 1;
        self.now = self.now + self.later;
        let queue = self.queue.clone();
        let sent = self.ask(Request::SendMessage { queue, message });
        assert!(matches!(sent, Reply::Sent(_)));
    }

    /// Sends one, and receives and deletes the first.
    fn work(&mut self) {
        self.send();
        let (queue, receive) = (self.queue.clone(), Receive::default());
        let Reply::Messages(messages) = self.ask(Request::ReceiveMessage { queue, receive }) else {
            panic!("messages");
        };
        let (queue, handle) = (
            self.queue.clone(),
            ReceiptHandle::Issued(messages[0].receipt),
        );
        self.ask(Request::DeleteMessage { queue, handle });
        assert!(self.sqs.next_due().is_some());
    }
}

fn main() {
    // A FIFO queue takes 300 messages a second, unless it is set to high throughput: five minutes of
    // deduplication ids are 90,000 then. Without a clock nothing is forgotten.
    let quota = Span(1_000_000 / 300);
    let none = Span(0);
    let kinds = [
        ("standard", "standard", none),
        ("orders.fifo", "FIFO, 300 a second", quota),
        ("orders.fifo", "FIFO, every id remembered", none),
    ];
    for (queue, kind, later) in kinds {
        let filled = |size| (format!("{size} messages"), Filled::new(queue, later, size));
        let mut queues = [1_000, 1_000_000].map(filled);
        let what = format!("{kind}: send, receive, delete");
        turns::take_turns(&what, OPERATIONS, &mut queues, |filled| {
            turns::timed(|| (0..OPERATIONS).for_each(|_| filled.work()))
        });
    }
}
