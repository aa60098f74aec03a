//! The receiving half of a system's client library, inside a consumer's process.

use super::{Effect, Held, kafka, rabbitmq, sqs};
use crate::cast::{Cast, ConsumerId, ConsumerPlan, Library};
use crate::scene::Commit;
use crate::time::{Instant, Span};
use explore::Weigh;
use systems::broker::Reply;
use systems::rabbitmq::Acknowledges;
use systems::sqs::{Deletes, Receipt};
use systems::visit::{Visit, Visitor};

/// What a library makes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing the program sees.
    Nothing,
    /// The call that takes records returns these.
    Took(Vec<Held>),
    /// What was settled is settled, or was refused.
    Settled(bool),
    /// It is settled, these receives excepted, which were refused.
    SettledWithout(Vec<Receipt>),
    /// What the program has published is stored, or was refused.
    Stored(bool),
    /// Nothing yet: the library looks again after this time.
    LookAgain(Span),
}

/// What a library remembers; a crash forgets it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Inbox {
    /// Kafka's consumer.
    Kafka(kafka::Inbox),
    /// A worker of an Amazon SQS queue.
    Sqs(sqs::Inbox),
    /// A consumer of a RabbitMQ queue.
    Rabbitmq(rabbitmq::Inbox),
}

/// What a step of any library may look at.
pub(super) struct Call<'a> {
    pub now: Instant,
    pub id: ConsumerId,
    pub cast: &'a Cast,
    pub plan: &'a ConsumerPlan,
    pub out: &'a mut Vec<Effect>,
}

impl<'a> Call<'a> {
    fn kafka(self) -> kafka::Step<'a> {
        let Call {
            now,
            id,
            cast,
            plan,
            out,
        } = self;
        kafka::Step {
            now,
            id,
            cast,
            plan,
            out,
        }
    }

    fn sqs(self) -> sqs::Step<'a> {
        let Library::Sqs(plan) = &self.plan.library else {
            unreachable!("a worker of a queue has the settings of one")
        };
        sqs::Step {
            now: self.now,
            id: self.id,
            plan,
            out: self.out,
        }
    }

    fn rabbitmq(self) -> rabbitmq::Step<'a> {
        let Library::Rabbitmq(plan) = &self.plan.library else {
            unreachable!("a consumer of a RabbitMQ queue has the settings of one")
        };
        rabbitmq::Step {
            id: self.id,
            plan,
            out: self.out,
        }
    }
}

impl Inbox {
    /// The library of a process that begins.
    pub(super) fn new(library: &Library) -> Inbox {
        match library {
            Library::Kafka => Inbox::Kafka(kafka::Inbox::default()),
            Library::Sqs(_) => Inbox::Sqs(sqs::Inbox::default()),
            Library::Rabbitmq(_) => Inbox::Rabbitmq(rabbitmq::Inbox::default()),
        }
    }

    /// What is left of it after a crash: nothing but which library it is.
    pub(super) fn forgotten(&self) -> Inbox {
        match self {
            Inbox::Kafka(_) => Inbox::Kafka(kafka::Inbox::default()),
            Inbox::Sqs(_) => Inbox::Sqs(sqs::Inbox::default()),
            Inbox::Rabbitmq(_) => Inbox::Rabbitmq(rabbitmq::Inbox::default()),
        }
    }

    /// The call that takes records: poll, or a receive. While the program `waits` before it looks
    /// again, nothing new is asked.
    pub(super) fn take(&mut self, waits: bool, call: Call) -> Heard {
        match self {
            Inbox::Kafka(inbox) => inbox.take(waits, &mut call.kafka()),
            Inbox::Sqs(inbox) => inbox.take(waits, &mut call.sqs()),
            Inbox::Rabbitmq(inbox) => inbox.take(waits, &mut call.rabbitmq()),
        }
    }

    /// The broker answered, or has something nobody asked for.
    pub(super) fn hear(&mut self, reply: Reply, call: Call) -> Heard {
        match (self, reply) {
            (Inbox::Kafka(inbox), Reply::Kafka(reply)) => inbox.hear(reply, &mut call.kafka()),
            (Inbox::Sqs(inbox), Reply::Sqs(reply)) => inbox.hear(reply, &mut call.sqs()),
            (Inbox::Rabbitmq(inbox), Reply::Rabbitmq(reply)) => {
                inbox.hear(reply, &mut call.rabbitmq())
            }
            (_, _) => unreachable!("a library hears its own system"),
        }
    }

    /// Settles what was taken: commits all positions, or deletes these messages. Says whether there is
    /// an answer to wait for.
    pub(super) fn settle(&mut self, done: &[Held], call: Call) -> bool {
        match self {
            Inbox::Kafka(inbox) => inbox.settle(&mut call.kafka()),
            Inbox::Sqs(inbox) => {
                let receipts: Vec<_> = done.iter().filter_map(|held| held.receipt).collect();
                inbox.settle(&receipts, &mut call.sqs())
            }
            Inbox::Rabbitmq(inbox) => {
                inbox.settle(done, &mut call.rabbitmq());
                false
            }
        }
    }

    /// Settles one record, where the handler says so. Nothing where there is an answer to wait for; else
    /// whether it is done, or could not be.
    pub(super) fn settle_one(&mut self, held: &Held, call: Call) -> Option<bool> {
        let has_answer = match self {
            Inbox::Kafka(inbox) => inbox.settle_one(held.delivery.place, &mut call.kafka()),
            Inbox::Sqs(inbox) => {
                let receipts: Vec<_> = held.receipt.into_iter().collect();
                inbox.settle(&receipts, &mut call.sqs())
            }
            Inbox::Rabbitmq(inbox) => return Some(inbox.settle_one(held, &mut call.rabbitmq())),
        };
        (!has_answer).then_some(false)
    }

    /// Gives back a record whose handling failed, where a consumer is set so. Says whether it did.
    pub(super) fn give_back(&mut self, held: &Held, call: Call) -> bool {
        match self {
            Inbox::Kafka(_) | Inbox::Sqs(_) => false,
            Inbox::Rabbitmq(inbox) => inbox.give_back(held, &mut call.rabbitmq()),
        }
    }

    /// Whether the program names the records that it settles, and so has to remember them.
    pub(super) const fn settles_by_name(&self) -> bool {
        match self {
            Inbox::Kafka(_) => false,
            Inbox::Sqs(_) | Inbox::Rabbitmq(_) => true,
        }
    }

    /// When it gives its next sign of life: a heartbeat, or a longer lease.
    pub(super) fn heartbeat_due(&self) -> Option<Instant> {
        match self {
            Inbox::Kafka(inbox) => inbox.heartbeat_due(),
            Inbox::Sqs(inbox) => inbox.heartbeat_due(),
            Inbox::Rabbitmq(_) => None,
        }
    }

    pub(super) fn heartbeat(&mut self, call: Call) {
        match self {
            Inbox::Kafka(inbox) => inbox.heartbeat(&mut call.kafka()),
            Inbox::Sqs(inbox) => inbox.heartbeat(&mut call.sqs()),
            Inbox::Rabbitmq(_) => {}
        }
    }

    /// When it settles by itself.
    pub(super) fn auto_commit_due(&self, taking: bool) -> Option<Instant> {
        match self {
            Inbox::Kafka(inbox) => inbox.auto_commit_due(taking),
            Inbox::Sqs(_) | Inbox::Rabbitmq(_) => None,
        }
    }

    pub(super) fn auto_commit_is_ready(&mut self, taking: bool, call: Call) {
        if let Inbox::Kafka(inbox) = self {
            inbox.auto_commit_is_ready(taking, &mut call.kafka());
        }
    }
}

/// Whether each record is settled when its own work is done, and not the batch.
pub(super) fn settles_each(plan: &ConsumerPlan) -> bool {
    let each = match &plan.library {
        Library::Kafka => false,
        Library::Sqs(plan) => plan.worker.deletes == Deletes::Each,
        Library::Rabbitmq(plan) => plan.consumer.acknowledges == Acknowledges::Each,
    };
    each && plan.commit == Commit::After
}

impl Visit for Inbox {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        match self {
            Inbox::Kafka(inbox) => inbox.visit(visitor),
            Inbox::Sqs(inbox) => inbox.visit(visitor),
            Inbox::Rabbitmq(inbox) => inbox.visit(visitor),
        }
    }
}
