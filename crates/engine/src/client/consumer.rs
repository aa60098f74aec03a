//! A consumer's process: the loop that takes records, has them handled and settles them, around a
//! system's client library.
//!
//! # Rules
//! 1. The loop takes, works, settles, as the scene says: before the work, after it, or when the library
//!    does it by itself. With work in the background it takes on while a worker works.
//! 2. One record is worked on at a time, in the order in which records were taken.
//! 3. A call to a service whose answer does not come is given up after a while; then the program makes
//!    it again, or does what its code says.

mod transaction;
mod work;

pub use transaction::Calling;

use super::inbox::{Call, Heard, Inbox};
use super::kafka;
use super::{Effect, Outgoing};
use crate::cast::{Cast, ConsumerId, ConsumerPlan, RecordId};
use crate::fact::{Fact, process};
use crate::handler::{Ask, Delivery, MOST_ATTEMPTS, Next, Place, TableStep, Value};
use crate::scene::{Commit, Point};
use crate::time::{Instant, Span};
use systems::broker::Reply;
use systems::kafka::producer::Producer;
use systems::kafka::{Offset, Partition, Response};
use systems::sqs::Receipt;
use systems::visit::{Visit, Visitor};

/// How long a program takes from one of its steps to the next.
pub const STEP: Span = Span::from_ms(1);

/// How long a program waits for the answer to a call.
pub const PATIENCE: Span = Span::from_ms(5_000);

/// Where the poll loop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Which, from where, and the how-manieth time.
    pub delivery: Delivery,
    /// The answers to what the handler has asked for. What is next or under way follows from them.
    pub answers: Vec<Value>,
    /// Whether the next step is under way.
    pub asked: bool,
    /// With what it is settled, in a system that gives something for it.
    pub receipt: Option<Receipt>,
}

impl Held {
    /// A record that was just taken from a log.
    pub const fn at(record: RecordId, partition: Partition, offset: Offset) -> Self {
        Held {
            delivery: Delivery {
                record,
                place: Some(Place { partition, offset }),
                attempt: 1,
            },
            answers: Vec::new(),
            asked: false,
            receipt: None,
        }
    }

    /// A message that was just received from a queue, for the n-th time.
    pub fn received(record: RecordId, receipt: Receipt, nth: u32) -> Self {
        Held {
            delivery: Delivery {
                record,
                place: None,
                attempt: nth.min(MOST_ATTEMPTS),
            },
            answers: Vec::new(),
            asked: false,
            receipt: Some(receipt),
        }
    }

    /// Which record.
    pub const fn record(&self) -> RecordId {
        self.delivery.record
    }
}

/// What a consumer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The process begins.
    Start,
    /// The poll loop's next step.
    Loop,
    /// The handler's next step.
    Worker,
    /// The library's next sign of life.
    Heartbeat,
    /// The interval of auto-commit has passed.
    AutoCommit,
    /// No answer to a call has come in time.
    GiveUp,
}

/// The state of one consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Consumer {
    id: ConsumerId,
    /// How many processes of this name have begun; the last one may live.
    pub process: u16,
    /// Whether a process lives.
    pub up: bool,
    /// Whether it stands still.
    pub frozen: bool,
    /// Where its loop stands.
    pub phase: Phase,
    /// What it has polled and not finished, the next first.
    pub hand: Vec<Held>,
    /// What is done and not settled, where the program has to name it.
    unsettled: Vec<Held>,
    start_due: Option<Instant>,
    loop_due: Option<Instant>,
    worker_due: Option<Instant>,
    give_up_due: Option<Instant>,
    /// How many of the records in hand the last poll returned.
    batch: usize,
    /// The library in its process.
    inbox: Inbox,
}

/// What a step may look at.
struct Step<'a> {
    now: Instant,
    cast: &'a Cast,
    plan: &'a ConsumerPlan,
    out: &'a mut Vec<Effect>,
}

impl Step<'_> {
    fn fact(&mut self, fact: Fact) {
        self.out.push(Effect::Fact(fact));
    }

    /// The same for the library of this consumer.
    fn call(&mut self, id: ConsumerId) -> Call<'_> {
        Call {
            now: self.now,
            id,
            cast: self.cast,
            plan: self.plan,
            out: self.out,
        }
    }
}

impl Consumer {
    /// A consumer whose first process begins as its plan says.
    pub fn new(id: ConsumerId, plan: &ConsumerPlan) -> Self {
        Self::before(id, Some(plan.start), Inbox::new(&plan.library))
    }

    /// A consumer without a process.
    fn before(id: ConsumerId, start_due: Option<Instant>, inbox: Inbox) -> Self {
        Consumer {
            id,
            process: 0,
            up: false,
            frozen: false,
            phase: Phase::BeforePoll,
            hand: Vec::new(),
            unsettled: Vec::new(),
            start_due,
            loop_due: None,
            worker_due: None,
            give_up_due: None,
            batch: 0,
            inbox,
        }
    }

    /// What it waits for, with the time. Who stands still waits for nothing.
    pub fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        let taking = self.phase == Phase::Polling;
        [
            (self.start_due, Timer::Start),
            (self.loop_due, Timer::Loop),
            (self.worker_due, Timer::Worker),
            (self.inbox.heartbeat_due(), Timer::Heartbeat),
            (self.inbox.auto_commit_due(taking), Timer::AutoCommit),
            (self.give_up_due, Timer::GiveUp),
        ]
        .into_iter()
        .filter(|_| !self.frozen)
        .filter_map(|(due, timer)| due.map(|due| (due, timer)))
    }

    /// The library in its process.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Kafka's library in its process, if it is that.
    pub fn kafka(&self) -> Option<&kafka::Inbox> {
        match &self.inbox {
            Inbox::Kafka(inbox) => Some(inbox),
            Inbox::Sqs(_) => None,
        }
    }

    fn kafka_mut(&mut self) -> Option<&mut kafka::Inbox> {
        match &mut self.inbox {
            Inbox::Kafka(inbox) => Some(inbox),
            Inbox::Sqs(_) => None,
        }
    }

    /// Its own producer, if it has one and lives.
    pub fn producer(&self) -> Option<&Producer> {
        self.kafka()?.producer()
    }

    /// The receives whose work is done and that are not settled yet.
    pub fn unsettled(&self) -> &[Held] {
        &self.unsettled
    }

    /// What the program will do when this timer fires, if a fault can wait for it.
    pub fn next_point(&self, timer: Timer, cast: &Cast) -> Option<Point> {
        match (timer, self.phase) {
            (Timer::Loop, Phase::BeforePoll) => Some(Point::Poll),
            (Timer::Loop, Phase::BeforeCommit) => Some(Point::Commit),
            (Timer::Loop, Phase::BeforeCall(calling)) => Some(calling.point()),
            (Timer::Worker, _) => match self.turn(cast)?.next {
                Next::Ask(ask) => Some(point_of(&ask)),
                Next::End(_) => None,
            },
            _ => None,
        }
    }

    /// Whether signs of life go out by themselves.
    pub fn heartbeats(&self) -> bool {
        self.up && !self.frozen && self.inbox.heartbeat_due().is_some()
    }

    /// Whether it is about to begin a transaction again that was aborted.
    pub fn begins_again(&self) -> bool {
        self.kafka().is_some_and(|inbox| inbox.aborted) && self.phase == Phase::BeforePoll
    }

    /// A new process begins.
    pub fn start(&mut self, now: Instant, cast: &Cast) -> Fact {
        *self = Consumer {
            process: self.process.saturating_add(1),
            up: true,
            loop_due: Some(now),
            ..Consumer::before(self.id, None, self.inbox.forgotten())
        };
        if let Some(plan) = cast.consumers.get(self.id.at()) {
            self.phase = self.first_phase(plan);
        }
        Fact::Process(process::Fact::Started {
            consumer: self.id,
            process: self.process,
        })
    }

    /// The process dies. A supervisor may start it again.
    pub fn crash(&mut self, now: Instant, restart: Option<Span>) -> Fact {
        let in_hand = self.hand.iter().map(Held::record).collect();
        let start_due = restart.map(|span| now + span);
        *self = Consumer {
            process: self.process,
            ..Consumer::before(self.id, start_due, self.inbox.forgotten())
        };
        Fact::Process(process::Fact::Crashed {
            consumer: self.id,
            in_hand,
        })
    }

    /// A timer fires.
    pub fn fire(&mut self, timer: Timer, now: Instant, cast: &Cast, out: &mut Vec<Effect>) {
        let Some(plan) = cast.consumers.get(self.id.at()) else {
            return;
        };
        let mut step = Step {
            now,
            cast,
            plan,
            out,
        };
        match timer {
            Timer::Start => {
                let fact = self.start(now, cast);
                step.fact(fact);
            }
            Timer::Loop => {
                self.loop_due = None;
                match self.phase {
                    Phase::BeforePoll => {
                        self.phase = Phase::Polling;
                        self.look(&mut step);
                    }
                    Phase::BeforeCommit => self.commit(&mut step),
                    Phase::BeforeCall(calling) => {
                        self.call_producer(calling, &mut step);
                    }
                    // It was to ask again after a while.
                    Phase::Polling => self.look(&mut step),
                    _ => {}
                }
            }
            Timer::Worker => {
                self.worker_due = None;
                self.work(&mut step);
            }
            Timer::Heartbeat => self.inbox.heartbeat(step.call(self.id)),
            Timer::AutoCommit => {
                let taking = self.phase == Phase::Polling;
                self.inbox.auto_commit_is_ready(taking, step.call(self.id));
            }
            Timer::GiveUp => {
                self.give_up_due = None;
                if self.ask_again(&mut step) {
                    return;
                }
                if let Some(held) = self.hand.first().filter(|held| held.asked) {
                    let fact = Fact::Process(process::Fact::GaveUp {
                        consumer: self.id,
                        record: held.record(),
                    });
                    step.fact(fact);
                    self.take(Value::Truth(false), &mut step);
                }
            }
        }
    }

    /// The message it waits for got lost: it gives up in the end, or its producer asks again.
    pub fn will_give_up(&mut self, now: Instant, cast: &Cast) {
        let plan = cast.consumers.get(self.id.at());
        let own = plan.and_then(|plan| plan.producer.as_ref());
        let waits = self.producer().is_some_and(|own| own.waits_for().is_some());
        let own = own.filter(|_| waits);
        self.give_up_due = Some(now + own.map_or(PATIENCE, |own| own.request_timeout));
    }

    /// A service or the tables answered. Says what was completed, if a fault can wait for it.
    pub fn answered(
        &mut self,
        answer: Value,
        now: Instant,
        cast: &Cast,
        out: &mut Vec<Effect>,
    ) -> Option<Point> {
        let plan = cast.consumers.get(self.id.at())?;
        let mut step = Step {
            now,
            cast,
            plan,
            out,
        };
        self.take(answer, &mut step)
    }

    /// The broker answered. Says what was completed, if a fault can wait for it.
    pub fn receive(
        &mut self,
        reply: Reply,
        now: Instant,
        cast: &Cast,
        out: &mut Vec<Effect>,
    ) -> Option<Point> {
        let plan = cast.consumers.get(self.id.at())?;
        let mut step = Step {
            now,
            cast,
            plan,
            out,
        };
        let completed = match reply {
            Reply::Kafka(Response::Producer(answer)) if self.producer().is_some() => {
                self.producer_answered(answer, &mut step)
            }
            reply => {
                let heard = self.inbox.hear(reply, step.call(self.id));
                self.heard(heard, &mut step)
            }
        };
        if self.phase == Phase::Polling {
            self.look(&mut step);
        }
        completed
    }

    /// One look inside the call that takes records.
    fn look(&mut self, step: &mut Step) {
        let waits = self.loop_due.is_some();
        let heard = self.inbox.take(waits, step.call(self.id));
        self.heard(heard, step);
    }

    /// What the library made of an answer. Says what was completed, if a fault can wait for it.
    fn heard(&mut self, heard: Heard, step: &mut Step) -> Option<Point> {
        match heard {
            Heard::Nothing => None,
            Heard::Took(records) => {
                self.took(records, step);
                None
            }
            Heard::Settled(taken) => {
                if self.phase == Phase::Committing {
                    self.after_commit(taken, step.plan, step.now);
                } else if self.asks_for(step.cast, |ask| *ask == Ask::Commit) {
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
                if self.asks_for(step.cast, |ask| matches!(ask, Ask::Publish { .. })) {
                    self.take(Value::Truth(taken), step);
                }
                None
            }
            Heard::LookAgain(span) => {
                self.loop_due = Some(step.now + span);
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

impl Visit for Consumer {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        visitor.process(self.id.0, &mut self.process);
        self.id.visit(visitor);
        self.inbox.visit(visitor);
        for held in self.hand.iter_mut().chain(&mut self.unsettled) {
            held.receipt.visit(visitor);
        }
        for due in [
            &mut self.start_due,
            &mut self.loop_due,
            &mut self.worker_due,
            &mut self.give_up_due,
        ] {
            due.visit(visitor);
        }
    }
}
