//! The queues of a scene that begins.

use super::attributes::Given;
use super::{Entry, Fact, Request, Sqs};
use crate::party::Caller;
use crate::server::{Opens, Out, Server};
use explore::time::Instant;
use std::sync::Arc;

/// Who sets queues up and fills them: nobody of the scene.
const OPERATOR: Caller = Caller {
    client: u8::MAX,
    connection: 0,
};

/// What an account is made of before anything happens: its queues, in the order in which they are made.
#[derive(Clone, Debug)]
pub struct Opening {
    /// A queue that others name (as their dead-letter queue) stands before them.
    pub queues: Vec<NewQueue>,
}

/// A queue of a scene that begins.
#[derive(Clone, Debug)]
pub struct NewQueue {
    /// Its name.
    pub name: Arc<str>,
    /// Its attributes, as `CreateQueue` takes them.
    pub attributes: Vec<Given>,
    /// What it was sent, in order.
    pub sent: Vec<Entry>,
}

impl Opens for Sqs {
    type Opening = Opening;

    /// What was sent is told; that queues were made is not.
    fn open(opening: &Opening, tell: &mut dyn FnMut(Fact)) -> Sqs {
        let mut sqs = Sqs::default();
        let mut ask = |request| {
            let mut out = Out::default();
            sqs.handle(Instant(0), OPERATOR, request, &mut out);
            let sent = |fact: &Fact| matches!(fact, Fact::Sent { .. });
            out.facts.into_iter().filter(sent).for_each(&mut *tell);
        };
        for queue in &opening.queues {
            ask(Request::CreateQueue {
                name: Arc::clone(&queue.name),
                attributes: queue.attributes.clone(),
            });
        }
        for queue in &opening.queues {
            for entry in &queue.sent {
                ask(Request::SendMessage {
                    queue: Arc::clone(&queue.name),
                    message: entry.clone(),
                });
            }
        }
        sqs
    }
}
