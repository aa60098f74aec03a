//! A consumer's program: the loop that takes records, has them handled and settles them, around the
//! receiving half of a system's client library.
//!
//! # Rules
//! 1. The loop takes, works, settles, as the scene says: before the work, after it, or when the library
//!    does it by itself. With work in the background it takes on while a worker works.
//! 2. One record is worked on at a time, in the order in which records were taken.
//! 3. A call to a service whose answer does not come is given up after a while; then the program makes
//!    it again, or does what its code says.
//! 4. What becomes of a record that the handler failed with stands in `failing`.

mod failing;
mod transaction;
mod work;

pub use transaction::Calling;

use super::process::{STEP, Timer};
use super::{Effect, Inbox, Outbox, Outgoing};
use crate::cast::{Cast, ClientId, ConsumerId, ConsumerPlan, RecordId};
use crate::fact::{Fact, process};
use crate::handler::{Ask, Delivery, MOST_ATTEMPTS, Next, TableStep, Value};
use crate::scene::{Commit, Point};
use crate::time::Instant;
use explore::Weigh;
use systems::broker::{Broker, InboxPlan, Receipt, Reply};
use systems::kafka;
use systems::library::inbox::{Heard, Taken};
use systems::library::{Context, Inbox as _, Outbox as _};
use systems::visit::{Visit, Visitor};

type Step<'a> = super::process::Step<'a, ConsumerPlan>;

/// Where the poll loop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Phase {
    /// About to call poll.
    BeforePoll,
    /// Inside poll.
    Polling,
    /// About to commit.
    BeforeCommit,
    /// The commit is under way.
    Committing,
    /// The batch is being worked on, and the loop waits.
    Working,
    /// About to call its producer.
    BeforeCall(Calling),
    /// A call of its producer is under way.
    Calling(Calling),
}

/// A record the program has polled and not finished.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Held {
    /// Which, from where, and the how-manieth time.
    pub delivery: Delivery,
    /// The answers to what the handler has asked for. What is next or under way follows from them.
    pub answers: Vec<Value>,
    /// Whether the next step is under way.
    pub asked: bool,
    /// Whether it is given up: a dead letter is published in place of the handler's steps.
    pub given_up: bool,
    /// With what it is settled, in a system that gives something for it.
    pub receipt: Option<Receipt>,
}

impl Held {
    /// A record that the library has just returned.
    fn taken(taken: Taken<Receipt>) -> Self {
        Held {
            delivery: Delivery {
                record: taken.record,
                place: taken.place,
                attempt: taken.attempt.min(MOST_ATTEMPTS),
                redelivered: taken.redelivered,
            },
            answers: Vec::new(),
            asked: false,
            given_up: false,
            receipt: taken.receipt,
        }
    }

    /// Which record.
    pub const fn record(&self) -> RecordId {
        self.delivery.record
    }
}

/// Where a consumer's program is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Handling {
    /// Where its loop stands.
    pub phase: Phase,
    /// What it has taken and not finished, the next first.
    pub hand: Vec<Held>,
    /// What is done and not settled, where the program has to name it.
    unsettled: Vec<Held>,
    /// How many of the records in hand the last call returned.
    batch: usize,
    /// The receiving half of the library in its process.
    inbox: Inbox,
}

impl Step<'_> {
    /// What the receiving half of the library may look at.
    fn context(&mut self) -> Context<'_, Broker, InboxPlan> {
        Context {
            now: self.now,
            by: self.id,
            plan: &self.plan.inbox,
            out: self.out,
        }
    }

    /// As whom it stands in facts.
    fn consumer(&self) -> ConsumerId {
        ConsumerId(self.id.0)
    }
}

impl Handling {
    /// Before a process begins, and when it has died.
    pub(super) fn before(plan: &ConsumerPlan) -> Self {
        Handling {
            phase: Phase::BeforePoll,
            hand: Vec::new(),
            unsettled: Vec::new(),
            batch: 0,
            inbox: Inbox::new(&plan.inbox),
        }
    }

    /// Where a new process begins: with its transactional id, if it has one.
    pub(super) fn begun(plan: &ConsumerPlan) -> Self {
        let opens = plan.outbox.as_ref().is_some_and(Outbox::opens);
        Handling {
            phase: match opens {
                true => Phase::BeforeCall(Calling::Init),
                false => Phase::BeforePoll,
            },
            ..Handling::before(plan)
        }
    }

    /// When the library gives its next sign of life.
    pub(super) fn heartbeat_due(&self) -> Option<Instant> {
        self.inbox.heartbeat_due()
    }

    /// When the library settles by itself.
    pub(super) fn auto_commit_due(&self) -> Option<Instant> {
        self.inbox.auto_commit_due(self.phase == Phase::Polling)
    }

    /// When the library has waited long enough for the program to take records again.
    pub(super) fn poll_interval_due(&self) -> Option<Instant> {
        self.inbox.poll_interval_due()
    }

    /// The receiving half of the library in its process.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Kafka's library in its process, if it is that.
    pub fn kafka(&self) -> Option<&kafka::Inbox> {
        self.inbox.kafka()
    }

    /// The receives whose work is done and that are not settled yet.
    pub fn unsettled(&self) -> &[Held] {
        &self.unsettled
    }

    /// What the program will do when this timer fires, if a fault can wait for it.
    pub(super) fn next_point(&self, timer: Timer, id: ClientId, cast: &Cast) -> Option<Point> {
        match (timer, self.phase) {
            (Timer::Loop, Phase::BeforePoll) => Some(Point::Poll),
            (Timer::Loop, Phase::BeforeCommit) => Some(Point::Commit),
            (Timer::Loop, Phase::BeforeCall(calling)) => Some(calling.point()),
            (Timer::Worker, _) => match self.turn(id, cast)?.next {
                Next::Ask(ask) => Some(point_of(&ask)),
                Next::End(_) => None,
            },
            _ => None,
        }
    }

    /// Whether it is about to begin a transaction again that was aborted.
    pub fn begins_again(&self) -> bool {
        self.kafka().is_some_and(|inbox| inbox.aborted) && self.phase == Phase::BeforePoll
    }

    /// A timer fires.
    pub(super) fn fire(&mut self, timer: Timer, step: &mut Step) {
        match timer {
            Timer::Start => {}
            Timer::Loop => match self.phase {
                Phase::BeforePoll => {
                    self.phase = Phase::Polling;
                    self.look(step);
                }
                Phase::BeforeCommit => self.commit(step),
                Phase::BeforeCall(calling) => self.call_producer(calling, step),
                // It was to ask again after a while.
                Phase::Polling => self.look(step),
                Phase::Committing | Phase::Working | Phase::Calling(_) => {}
            },
            Timer::Worker => self.work(step),
            Timer::Heartbeat => self.inbox.heartbeat(&mut step.context()),
            Timer::AutoCommit => {
                let taking = self.phase == Phase::Polling;
                self.inbox.auto_commit_is_ready(taking, &mut step.context());
            }
            Timer::GiveUp => self.give_up(step),
            Timer::PollInterval => self.inbox.poll_interval_passed(&mut step.context()),
        }
    }

    /// No answer has come in time: the sending half of the library asks again, or the program gives up.
    fn give_up(&mut self, step: &mut Step) {
        if step.outbox.as_ref().is_some_and(Outbox::waits) {
            let heard = step.ask_again();
            self.sent(heard, step);
            return;
        }
        if let Some(held) = self.hand.first().filter(|held| held.asked) {
            let fact = Fact::Process(process::Fact::GaveUp {
                consumer: step.consumer(),
                record: held.record(),
            });
            step.fact(fact);
            self.take(Value::Truth(false), step);
        }
    }

    /// A service or the tables answered. Says what was completed, if a fault can wait for it.
    pub(super) fn answered(&mut self, answer: Value, step: &mut Step) -> Option<Point> {
        self.take(answer, step)
    }

    /// The broker answered. Says what was completed, if a fault can wait for it.
    pub(super) fn receive(&mut self, reply: Reply, step: &mut Step) -> Option<Point> {
        let completed = if step.is_for_outbox(&reply) {
            let heard = step.hear(reply);
            self.sent(heard, step)
        } else {
            let heard = self.inbox.hear(reply, &mut step.context());
            self.heard(heard, step)
        };
        if self.phase == Phase::Polling {
            self.look(step);
        }
        completed
    }

    /// One look inside the call that takes records.
    fn look(&mut self, step: &mut Step) {
        let waits = step.life.loop_due.is_some();
        let heard = self.inbox.take(waits, &mut step.context());
        self.heard(heard, step);
    }

    /// What the library made of an answer. Says what was completed, if a fault can wait for it.
    fn heard(&mut self, heard: Heard<Receipt>, step: &mut Step) -> Option<Point> {
        match heard {
            Heard::Nothing => None,
            Heard::Took(records) => {
                self.took(records.into_iter().map(Held::taken).collect(), step);
                None
            }
            Heard::Settled(taken) => {
                if self.phase == Phase::Committing {
                    self.after_commit(taken, step);
                } else if self.asks_for(step, |ask| *ask == Ask::Commit) {
                    self.take(Value::Truth(taken), step);
                }
                taken.then_some(Point::Commit)
            }
            Heard::SettledWithout(refused) => {
                if step.plan.commit == Commit::Before {
                    // What was refused is received again, by this worker or another.
                    let is_refused =
                        |held: &Held| held.receipt.is_some_and(|one| refused.contains(&one));
                    self.hand.retain(|held| !is_refused(held));
                }
                self.heard(Heard::Settled(true), step)
            }
            Heard::Stored(taken) => {
                if self.asks_for(step, |ask| matches!(ask, Ask::Publish { .. })) {
                    self.take(Value::Truth(taken), step);
                }
                None
            }
            Heard::LookAgain(span) => {
                step.life.loop_due = Some(step.now + span);
                None
            }
        }
    }
}

const fn point_of(ask: &Ask) -> Point {
    match ask {
        Ask::Call { .. } => Point::Send,
        Ask::Tables(steps) => match steps.as_slice() {
            [TableStep::Get(..) | TableStep::Has(..)] => Point::Lookup,
            _ => Point::Insert,
        },
        Ask::Commit => Point::Commit,
        Ask::Publish { .. } => Point::Publish,
        Ask::Sleep(_) => Point::Sleep,
    }
}

impl Visit for Handling {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.inbox.visit(visitor);
        for held in self.hand.iter_mut().chain(&mut self.unsettled) {
            held.receipt.visit(visitor);
        }
    }
}
