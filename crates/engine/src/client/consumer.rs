//! A consumer process: the Kafka consumer with the classic group protocol, and the poll loop around it.
//!
//! # Rules
//! Sources: Kafka documentation ("Consumer configs"), the `KafkaConsumer` class documentation, and
//! the behaviour of the Kafka 4.3 client.
//!
//! 1. Joining, reading positions and fetching happen inside poll. Heartbeats do not: they have a
//!    thread of their own and go on while the program works.
//! 2. The *position* is the next offset poll will return. It moves when poll returns, not when the
//!    program is done. It is memory: a crash forgets it.
//! 3. Reading begins at the group's committed offset; where there is none, at `auto.offset.reset`.
//! 4. Auto-commit happens inside poll only, when its interval has passed, and commits what
//!    *earlier* polls returned.
//! 5. Eager rebalance: before it joins again a consumer gives everything back, and afterwards reads
//!    on at the committed offset.
//! 6. Told that it is no longer a member, it learns at the next poll that its partitions are lost,
//!    and joins as a new member.
//!
//! # Simplified
//! Poll blocks until there are records. The client knows the topics without asking for metadata.
//! There is no prefetch: a fetch leaves when poll finds the buffer empty. `max.poll.interval.ms` is
//! only told to the coordinator as the rebalance time-out. Range is the only assignor.

mod membership;
mod reading;
mod transaction;
mod work;

pub use transaction::Calling;

use crate::PRODUCERS;
use crate::cast::{Cast, ConsumerId, ConsumerPlan, RecordId, ServiceId};
use crate::fact::process;
use crate::fact::{Asked, Fact, Origin};
use crate::handler::{Ask, Delivery, Next, TableStep, Value};
use crate::scene::{Point, Reset};
use crate::time::{Instant, Span};
use explore::Weigh;
use std::sync::Arc;
use systems::kafka::Placed;
use systems::kafka::group::{Generation, MemberId};
use systems::kafka::producer::Producer;
use systems::kafka::{Error, Offset, Partition, ProducerRequest, Request, Response};
use systems::visit::{Visit, Visitor};

/// How long a program takes from one of its steps to the next.
pub const STEP: Span = Span::from_ms(1);

/// How long a program waits for the answer to a call.
pub const PATIENCE: Span = Span::from_ms(5_000);

/// Where the client stands in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Membership {
    /// In none.
    Outside,
    /// A join is under way or parked.
    Joining,
    /// A sync is under way or parked.
    Syncing,
    /// It knows what it owns.
    Member,
}

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

/// What the client knows of where to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Position {
    /// Nothing yet.
    Unknown,
    /// The committed offset was asked for.
    Asked,
    /// The next offset poll will return.
    At(Offset),
}

/// A partition the client believes to own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Owned {
    /// Which.
    pub partition: Partition,
    /// Where it reads.
    pub position: Position,
    /// What it knows to be committed.
    pub committed: Option<Offset>,
    buffer: Vec<Placed>,
    /// Where it reads on when the buffer is empty, if that is not behind its last record: behind
    /// markers, and records that were passed over.
    onward: Option<Offset>,
    /// The coordinator has said that it cannot tell yet.
    unstable: bool,
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
}

impl Held {
    /// A record that was just polled.
    pub const fn new(record: RecordId, partition: Partition, offset: Offset) -> Self {
        Held {
            delivery: Delivery {
                record,
                partition,
                offset,
                attempt: 1,
            },
            answers: Vec::new(),
            asked: false,
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
    /// The next heartbeat.
    Heartbeat,
    /// The interval of auto-commit has passed.
    AutoCommit,
    /// No answer to a call has come in time.
    GiveUp,
}

/// What leaves a consumer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// To the broker.
    Broker(Asked, Request),
    /// To the broker, from its producer.
    Producer(ProducerRequest),
    /// To a service, with the idempotency key if there is one.
    Service(ServiceId, RecordId, Option<Value>),
    /// To the tables: a transaction.
    Tables(Vec<TableStep>),
}

/// What comes out of one step, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Something happened.
    Fact(Fact),
    /// Something leaves.
    Send(Outgoing),
    /// The group's handler is through with a record.
    Finished(RecordId),
    /// An uncaught exception: the process dies.
    Die,
}

/// The state of one consumer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Consumer {
    id: ConsumerId,
    /// How many processes of this name have begun; the last one may live.
    pub process: u16,
    /// Whether a process lives.
    pub up: bool,
    /// Whether it stands still.
    pub frozen: bool,
    /// Where it stands in its group.
    pub membership: Membership,
    /// The id it holds.
    pub member: Option<MemberId>,
    /// The generation it knows.
    pub generation: Generation,
    /// What it believes to own.
    pub owned: Vec<Owned>,
    /// Where its loop stands.
    pub phase: Phase,
    /// What it has polled and not finished, the next first.
    pub hand: Vec<Held>,
    start_due: Option<Instant>,
    loop_due: Option<Instant>,
    worker_due: Option<Instant>,
    heartbeat_due: Option<Instant>,
    auto_commit_due: Option<Instant>,
    /// The interval of auto-commit has passed; the next poll commits.
    auto_commit_ready: bool,
    give_up_due: Option<Instant>,
    fetching: bool,
    rejoin: Option<Error>,
    /// How many of the records in hand the last poll returned.
    batch: usize,
    /// The producer in its process.
    producer: Option<Arc<Producer>>,
    /// Its last transaction was aborted, and no other has begun.
    aborted: bool,
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

    fn ask(&mut self, asked: Asked, request: Request) {
        self.out
            .push(Effect::Send(Outgoing::Broker(asked, request)));
    }
}

impl Consumer {
    /// A consumer whose first process begins at `start`.
    pub fn new(id: ConsumerId, start: Instant) -> Self {
        Consumer {
            id,
            process: 0,
            up: false,
            frozen: false,
            membership: Membership::Outside,
            member: None,
            generation: Generation(0),
            owned: Vec::new(),
            phase: Phase::BeforePoll,
            hand: Vec::new(),
            start_due: Some(start),
            loop_due: None,
            worker_due: None,
            heartbeat_due: None,
            auto_commit_due: None,
            auto_commit_ready: false,
            give_up_due: None,
            fetching: false,
            rejoin: None,
            batch: 0,
            producer: None,
            aborted: false,
        }
    }

    /// What it waits for, with the time. Who stands still waits for nothing.
    pub fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        // An idle consumer with nothing to commit rests.
        let idle = self.phase == Phase::Polling && !self.has_news();
        let auto_commit = self
            .auto_commit_due
            .filter(|_| self.membership == Membership::Member && !self.auto_commit_ready && !idle);
        [
            (self.start_due, Timer::Start),
            (self.loop_due, Timer::Loop),
            (self.worker_due, Timer::Worker),
            (self.heartbeat_due, Timer::Heartbeat),
            (auto_commit, Timer::AutoCommit),
            (self.give_up_due, Timer::GiveUp),
        ]
        .into_iter()
        .filter(|_| !self.frozen)
        .filter_map(|(due, timer)| due.map(|due| (due, timer)))
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

    /// Whether heartbeats go out by themselves.
    pub fn heartbeats(&self) -> bool {
        self.up && !self.frozen && self.heartbeat_due.is_some()
    }

    /// Whether it was told already that it has to join again.
    pub fn knows_better(&self) -> bool {
        self.rejoin.is_some()
    }

    /// Whether it is about to begin a transaction again that was aborted.
    pub fn begins_again(&self) -> bool {
        self.aborted && self.phase == Phase::BeforePoll
    }

    /// Something was polled that is not known to be committed.
    fn has_news(&self) -> bool {
        self.owned
            .iter()
            .any(|owned| matches!(owned.position, Position::At(at) if owned.committed != Some(at)))
    }

    /// A new process begins.
    pub fn start(&mut self, now: Instant, cast: &Cast) -> Fact {
        *self = Consumer {
            process: self.process.saturating_add(1),
            up: true,
            start_due: None,
            ..Consumer::new(self.id, now)
        };
        self.loop_due = Some(now);
        if PRODUCERS && let Some(plan) = cast.consumers.get(self.id.at()) {
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
        *self = Consumer {
            process: self.process,
            start_due: restart.map(|span| now + span),
            ..Consumer::new(self.id, now)
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
                        self.poll(&mut step);
                    }
                    Phase::BeforeCommit => self.commit(&mut step),
                    Phase::BeforeCall(calling) if PRODUCERS => {
                        self.call_producer(calling, &mut step);
                    }
                    // It was to ask again after a while.
                    Phase::Polling if PRODUCERS => self.poll(&mut step),
                    _ => {}
                }
            }
            Timer::Worker => {
                self.worker_due = None;
                self.work(&mut step);
            }
            Timer::Heartbeat => {
                self.heartbeat_due = Some(now + plan.heartbeat_interval);
                if let Some(member) = self.member {
                    step.ask(
                        Asked::Heartbeat,
                        Request::Heartbeat {
                            group: plan.group,
                            member,
                            generation: self.generation,
                        },
                    );
                }
            }
            Timer::AutoCommit => {
                self.auto_commit_ready = true;
                if self.phase == Phase::Polling {
                    self.auto_commit(&mut step);
                }
            }
            Timer::GiveUp => {
                self.give_up_due = None;
                if PRODUCERS && self.ask_again(&mut step) {
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
        let own = own.filter(|_| PRODUCERS && waits);
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
        response: Response,
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
        let mut completed = None;
        match response {
            Response::Joined(answer) => self.on_joined(answer, &mut step),
            Response::Synced(answer) => self.on_synced(answer, &mut step),
            Response::HeartbeatAnswered(Ok(())) => {}
            Response::HeartbeatAnswered(Err(error)) => self.told(error, &mut step),
            Response::CommitAnswered(answer) => {
                if let Ok(taken) = &answer {
                    completed = Some(Point::Commit);
                    for (partition, offset) in taken {
                        if let Some(owned) = self
                            .owned
                            .iter_mut()
                            .find(|owned| owned.partition == *partition)
                        {
                            owned.committed = Some(*offset);
                        }
                    }
                }
                let taken = answer.is_ok();
                if let Err(error) = answer {
                    self.told(error, &mut step);
                }
                if self.phase == Phase::Committing {
                    self.after_commit(taken, plan, now);
                } else if self.asks_for(cast, |ask| *ask == Ask::Commit) {
                    self.take(Value::Truth(taken), &mut step);
                }
            }
            Response::Producer(answer) if PRODUCERS && self.producer.is_some() => {
                completed = self.producer_answered(answer, &mut step);
            }
            Response::Producer(answer) => {
                if self.asks_for(cast, |ask| matches!(ask, Ask::Publish { .. })) {
                    let taken = answer.refused().is_none();
                    self.take(Value::Truth(taken), &mut step);
                }
            }
            Response::Committed(offsets) => self.on_committed(offsets, &mut step),
            Response::Ends(ends) => {
                for (partition, start, end) in ends {
                    let (offset, origin) = match plan.reset {
                        Reset::Earliest => (start, Origin::Earliest),
                        Reset::Latest => (end, Origin::Latest),
                    };
                    self.place(partition, offset, origin, &mut step);
                }
            }
            Response::Fetched(answers) => self.on_fetched(answers, &mut step),
        }
        if self.phase == Phase::Polling {
            self.poll(&mut step);
        }
        completed
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
        self.member.visit(visitor);
        self.generation.visit(visitor);
        if PRODUCERS && let Some(producer) = &mut self.producer {
            Arc::make_mut(producer).visit(visitor);
        }
        for due in [
            &mut self.start_due,
            &mut self.loop_due,
            &mut self.worker_due,
            &mut self.heartbeat_due,
            &mut self.auto_commit_due,
            &mut self.give_up_due,
        ] {
            due.visit(visitor);
        }
    }
}
