//! A client at a bench: it asks, lets time pass, and looks at what came back.

use std::sync::Arc;
use systems::sqs::{
    Code, Entry, Fact, Receipt, ReceiptHandle, Receive, Received, Reply, Request, Sqs, arn,
};
use systems::{Caller, Instant, Out, Server};

/// The client, and the service it talks to.
pub struct Bench {
    pub sqs: Sqs,
    pub now: Instant,
    pub facts: Vec<Fact>,
    /// What came without being the answer to the last request.
    pub later: Vec<(Caller, Reply)>,
}

/// The client's n-th connection.
pub fn caller(connection: u16) -> Caller {
    Caller {
        client: 0,
        connection,
    }
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            sqs: Sqs::default(),
            now: Instant(0),
            facts: Vec::new(),
            later: Vec::new(),
        }
    }

    /// With a queue `q` of these attributes.
    pub fn with(attributes: &[(&str, &str)]) -> Bench {
        let mut bench = Bench::new();
        assert!(matches!(bench.create("q", attributes), Reply::QueueUrl(_)));
        bench
    }

    /// With a FIFO queue `q.fifo` of these attributes.
    pub fn fifo(attributes: &[(&str, &str)]) -> Bench {
        let mut bench = Bench::new();
        let attributes = [&[("FifoQueue", "true")], attributes].concat();
        assert!(matches!(
            bench.create("q.fifo", &attributes),
            Reply::QueueUrl(_)
        ));
        bench
    }

    /// Time passes until so many seconds have passed since the beginning.
    pub fn at(&mut self, seconds: u64) -> &mut Bench {
        let mut out = Out::default();
        self.now = Instant(seconds * 1_000_000);
        self.sqs.advance(self.now, &mut out);
        self.facts.extend(out.facts);
        self.later.extend(out.to);
        self
    }

    /// Asks; what is not answered at once waits.
    pub fn ask_from(&mut self, from: Caller, request: Request) -> Option<Reply> {
        let mut out = Out::default();
        self.sqs.advance(self.now, &mut out);
        self.sqs.handle(self.now, from, request, &mut out);
        self.facts.extend(out.facts);
        let own = out.to.iter().position(|(to, _)| *to == from);
        let reply = own.map(|at| out.to.remove(at).1);
        self.later.extend(out.to);
        // What is due at this instant already.
        let mut out = Out::default();
        self.sqs.advance(self.now, &mut out);
        self.facts.extend(out.facts);
        self.later.extend(out.to);
        reply
    }

    pub fn ask(&mut self, request: Request) -> Reply {
        self.ask_from(caller(1), request).expect("an answer")
    }

    pub fn create(&mut self, name: &str, attributes: &[(&str, &str)]) -> Reply {
        self.ask(Request::CreateQueue {
            name: name.into(),
            attributes: pairs(attributes),
        })
    }

    pub fn set(&mut self, name: &str, attributes: &[(&str, &str)]) -> Reply {
        self.ask(Request::SetQueueAttributes {
            queue: name.into(),
            attributes: pairs(attributes),
        })
    }

    pub fn send(&mut self, queue: &str, message: Entry) -> Reply {
        let queue = queue.into();
        self.ask(Request::SendMessage { queue, message })
    }

    /// Sends to `q`.
    pub fn put(&mut self, bodies: &[&str]) -> &mut Bench {
        for body in bodies {
            assert!(matches!(self.send("q", Entry::new(body)), Reply::Sent(_)));
        }
        self
    }

    /// Sends to `q.fifo`; the body is the deduplication id.
    pub fn put_in(&mut self, group: &str, bodies: &[&str]) -> &mut Bench {
        for body in bodies {
            let message = Entry::new(body).of_group(group, body);
            assert!(matches!(self.send("q.fifo", message), Reply::Sent(_)));
        }
        self
    }

    pub fn receive(&mut self, queue: &str, max: i64) -> Vec<Received> {
        match self.ask(Request::receive(queue, max)) {
            Reply::Messages(messages) => messages,
            other => panic!("{other:?}"),
        }
    }

    pub fn receive_with(&mut self, queue: &str, receive: Receive) -> Vec<Received> {
        let queue = queue.into();
        match self.ask(Request::ReceiveMessage { queue, receive }) {
            Reply::Messages(messages) => messages,
            other => panic!("{other:?}"),
        }
    }

    /// The bodies of what is received.
    pub fn bodies(&mut self, queue: &str, max: i64) -> Vec<String> {
        bodies(&self.receive(queue, max))
    }

    pub fn delete(&mut self, queue: &str, receipt: Receipt) -> Reply {
        self.ask(Request::DeleteMessage {
            queue: queue.into(),
            handle: ReceiptHandle::Issued(receipt),
        })
    }

    pub fn hide(&mut self, queue: &str, receipt: Receipt, seconds: i64) -> Reply {
        self.ask(Request::ChangeMessageVisibility {
            queue: queue.into(),
            handle: ReceiptHandle::Issued(receipt),
            visibility_timeout: seconds,
        })
    }

    /// Visible, in flight, delayed.
    pub fn depth(&mut self, queue: &str) -> [u64; 3] {
        self.at(self.now.ms() / 1000);
        let store = &self.sqs.queue(queue).expect("a queue").store;
        [store.visible(), store.in_flight(), store.delayed()]
    }

    /// The bodies that waiting receives were given since the last look.
    pub fn woken(&mut self) -> Vec<(u16, Vec<String>)> {
        let later = std::mem::take(&mut self.later).into_iter();
        later
            .map(|(to, reply)| match reply {
                Reply::Messages(messages) => (to.connection, bodies(&messages)),
                other => panic!("{other:?}"),
            })
            .collect()
    }
}

pub fn bodies(messages: &[Received]) -> Vec<String> {
    messages
        .iter()
        .map(|message| message.body.to_string())
        .collect()
}

pub fn pairs(attributes: &[(&str, &str)]) -> Vec<(Arc<str>, Arc<str>)> {
    let pair = |(name, value): &(&str, &str)| ((*name).into(), (*value).into());
    attributes.iter().map(pair).collect()
}

/// A redrive policy to the queue of this name.
pub fn redrive(to: &str, max_receive_count: u32) -> String {
    format!(
        r#"{{"deadLetterTargetArn": "{}", "maxReceiveCount": {max_receive_count}}}"#,
        arn::arn(to)
    )
}

/// The code of a refusal.
#[track_caller]
pub fn code(reply: &Reply) -> Code {
    match reply {
        Reply::Refused(error) => error.code,
        other => panic!("it was not refused: {other:?}"),
    }
}

/// The words of a refusal.
#[track_caller]
pub fn words(reply: &Reply) -> String {
    match reply {
        Reply::Refused(error) => error.message.to_string(),
        other => panic!("it was not refused: {other:?}"),
    }
}
