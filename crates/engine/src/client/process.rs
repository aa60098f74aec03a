//! A producer process: the Kafka producer, and the program around it.
//!
//! # Rules
//! 1. The program takes one step after the other, and waits for each. A producer with a transactional
//!    id takes it first. Source: `KafkaProducer`, class documentation. Shown by: the test
//!    `a_transaction_keeps_its_promise_to_its_producer_and_not_to_the_next_one`.
//! 2. A request without an answer is sent again as it was, after `request.timeout.ms`; with
//!    `retries=0` the call throws `TimeoutException` instead. Source: documentation, "Producer
//!    Configs"; `Sender`. Shown by: the test
//!    `a_lost_answer_stores_a_plain_producers_record_twice_and_an_idempotent_ones_once`.
//! 3. An answer that says to try again is tried again after `retry.backoff.ms`. Source: documentation,
//!    "Producer Configs".
//! 4. What a call throws ends the program, unless an abort can help: then the transaction is aborted
//!    and begun again, at most [`TRIES`] times. Source: `KafkaProducer`, class documentation. Shown by: the
//!    test `a_producer_that_stood_still_is_fenced_by_its_successor`.
//! 5. With `acks=0` nothing is waited for. Source: documentation, "Producer Configs". Shown by: the test
//!    `without_acknowledgements_a_lost_record_is_lost`.
//! 6. A new process goes on behind the last step that was acknowledged, or the last transaction that
//!    was ended, or begins again, as the scene says: it is the program's business to remember that. Shown by:
//!    the test `an_idempotent_producer_that_is_started_again_is_another_one`.
//!
//! Left out: a request is sent again when it or its answer got lost, not when the answer is merely late; one
//! request is under way at a time; nothing waits to be sent together (`linger.ms`).

use super::consumer::{STEP, Timer};
use super::{Effect, Outgoing};
use crate::cast::{Cast, ClientId, ProducerAction, ProducerNr, ProducerPlan, RecordId};
use crate::fact::{Fact, ProducerAsked};
use crate::fact::{kafka, process};
use crate::handler::Value;
use crate::scene::Point;
use crate::time::{Instant, Span};
use systems::broker;
use systems::kafka::log::Appended;
use systems::kafka::log::record::Ended;
use systems::kafka::producer::{Call, Exception, Next, Outcome, Producer};
use systems::kafka::{Offset, ProducerRequest, ProducerResponse, Request};
use systems::visit::{Visit, Visitor};

/// How often a transaction is begun that has to be aborted (rule 4).
pub const TRIES: u8 = 3;

/// `retry.backoff.ms` (rule 3).
pub const BACKOFF: Span = Span::from_ms(100);

/// The state of one producer process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    nr: ProducerNr,
    /// How many processes of this name have begun; the last one may live.
    pub process: u16,
    /// Whether a process lives.
    pub up: bool,
    /// Whether it stands still.
    pub frozen: bool,
    /// The library it uses.
    pub client: Producer,
    /// Which step of its program is next, or under way.
    pub at: u16,
    /// Where a new process goes on (rule 6).
    kept: u16,
    /// How often the present transaction had to be aborted.
    tries: u8,
    /// It is aborting after an error.
    failing: bool,
    /// Its program is over.
    pub over: bool,
    start_due: Option<Instant>,
    loop_due: Option<Instant>,
    /// When the request is sent again.
    again_due: Option<Instant>,
}

/// What a step may look at.
struct Step<'a> {
    now: Instant,
    cast: &'a Cast,
    plan: &'a ProducerPlan,
    out: &'a mut Vec<Effect>,
}

impl Step<'_> {
    fn fact(&mut self, fact: Fact) {
        self.out.push(Effect::Fact(fact));
    }

    fn send(&mut self, request: ProducerRequest) {
        let request = broker::Request::Kafka(Request::Producer(request));
        self.out.push(Effect::Send(Outgoing::Broker(request)));
    }
}

impl Process {
    /// A producer whose first process begins at `start`.
    pub fn new(nr: ProducerNr, start: Instant) -> Self {
        Process {
            nr,
            process: 0,
            up: false,
            frozen: false,
            client: Producer::default(),
            at: 0,
            kept: 0,
            tries: 0,
            failing: false,
            over: false,
            start_due: Some(start),
            loop_due: None,
            again_due: None,
        }
    }

    fn id(&self, cast: &Cast) -> ClientId {
        cast.client_of(self.nr)
    }

    /// What it waits for, with the time. Who stands still waits for nothing.
    pub fn timers(&self) -> impl Iterator<Item = (Instant, Timer)> + '_ {
        [
            (self.start_due, Timer::Start),
            (self.loop_due, Timer::Loop),
            (self.again_due, Timer::GiveUp),
        ]
        .into_iter()
        .filter(|_| !self.frozen)
        .filter_map(|(due, timer)| due.map(|due| (due, timer)))
    }

    /// What it does when its loop goes on.
    fn next(&self, plan: &ProducerPlan) -> Option<Doing> {
        if plan.config.transactional_id.is_some() && self.client.identity().is_none() {
            return Some(Doing::Init);
        }
        if self.failing {
            return Some(Doing::Action(ProducerAction::End(Ended::Abort)));
        }
        let action = plan.program.get(usize::from(self.at))?;
        Some(Doing::Action(*action))
    }

    /// What the program will do when this timer fires, if a fault can wait for it.
    pub fn next_point(&self, timer: Timer, cast: &Cast) -> Option<Point> {
        let plan = cast.producers.get(self.nr.at())?;
        match timer {
            Timer::Loop => self.next(plan)?.point(),
            _ => None,
        }
    }

    /// The record that it is about to send, or has sent without hearing that it is stored.
    pub fn in_hand(&self, cast: &Cast) -> Option<RecordId> {
        let plan = cast.producers.get(self.nr.at())?;
        match self.next(plan)? {
            Doing::Action(ProducerAction::Send(record)) if self.up => Some(record),
            _ => None,
        }
    }

    /// A new process begins.
    pub fn start(&mut self, now: Instant, cast: &Cast) -> Fact {
        let plan = cast.producers.get(self.nr.at());
        let (config, again) =
            plan.map_or_else(Default::default, |plan| (plan.config.clone(), plan.again));
        let kept = if again { 0 } else { self.kept };
        *self = Process {
            process: self.process.saturating_add(1),
            up: true,
            client: Producer::new(config),
            at: kept,
            kept,
            start_due: None,
            loop_due: Some(now),
            ..Process::new(self.nr, now)
        };
        Fact::Process(process::Fact::ProducerStarted {
            producer: self.id(cast),
            process: self.process,
        })
    }

    /// The process dies. A supervisor may start it again.
    pub fn crash(&mut self, now: Instant, cast: &Cast) -> Fact {
        let waits = matches!(self.client.waits_for(), Some(ProducerRequest::Produce(..)));
        let unacknowledged = self.in_hand(cast).filter(|_| waits).into_iter().collect();
        let restart = cast
            .producers
            .get(self.nr.at())
            .and_then(|plan| plan.restart);
        *self = Process {
            process: self.process,
            kept: self.kept,
            start_due: restart.map(|span| now + span),
            ..Process::new(self.nr, now)
        };
        Fact::Process(process::Fact::ProducerCrashed {
            producer: self.id(cast),
            unacknowledged,
        })
    }

    /// A message between it and the broker got lost: it hears nothing (rule 2).
    pub fn will_ask_again(&mut self, now: Instant, cast: &Cast) {
        let plan = cast.producers.get(self.nr.at());
        self.again_due = plan.map(|plan| now + plan.request_timeout);
    }

    /// A timer fires.
    pub fn fire(&mut self, timer: Timer, now: Instant, cast: &Cast, out: &mut Vec<Effect>) {
        let Some(plan) = cast.producers.get(self.nr.at()) else {
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
                self.take_step(&mut step);
            }
            Timer::GiveUp => {
                self.again_due = None;
                let Some(request) = self.client.waits_for().cloned() else {
                    return;
                };
                if plan.retries {
                    step.fact(Fact::Kafka(kafka::Fact::Retried {
                        producer: self.id(step.cast),
                        request: ProducerAsked::from(&request),
                    }));
                    step.send(request);
                } else if let Some(doing) = self.next(plan) {
                    let thrown = self.client.give_up();
                    self.lead(doing, thrown, &mut step);
                }
            }
            Timer::Worker | Timer::Heartbeat | Timer::AutoCommit => {}
        }
    }

    fn take_step(&mut self, step: &mut Step) {
        let Some(doing) = self.next(step.plan) else {
            self.end(step);
            return;
        };
        let call = match doing {
            Doing::Init => Call::Init,
            Doing::Action(ProducerAction::Begin) => Call::Begin,
            Doing::Action(ProducerAction::Send(record)) => {
                let Some(plan) = step.cast.records.get(record.at()) else {
                    return;
                };
                Call::Send(plan.partition, vec![step.cast.record(record)])
            }
            Doing::Action(ProducerAction::End(ended)) => Call::End(ended),
            Doing::Action(ProducerAction::Wait(_)) => {
                self.done(doing, &Outcome::Done, step);
                return;
            }
        };
        let next = self.client.call(call);
        self.lead(doing, next, step);
    }

    /// The broker answered. Says what was completed, if a fault can wait for it.
    pub fn receive(
        &mut self,
        response: ProducerResponse,
        now: Instant,
        cast: &Cast,
        out: &mut Vec<Effect>,
    ) -> Option<Point> {
        let plan = cast.producers.get(self.nr.at())?;
        let asked = self.client.waits_for()?.clone();
        let mut step = Step {
            now,
            cast,
            plan,
            out,
        };
        let doing = self.next(plan)?;
        let was_refused = response.refused().is_some();
        match self.client.answered(response) {
            Next::Ask(again) if was_refused && again == asked => {
                self.again_due = Some(now + BACKOFF);
                None
            }
            next => {
                let is_over = matches!(next, Next::Done(Ok(_)));
                self.lead(doing, next, &mut step);
                doing.point().filter(|_| is_over)
            }
        }
    }

    /// Goes on with a call.
    fn lead(&mut self, doing: Doing, next: Next, step: &mut Step) {
        match next {
            Next::Ask(request) => {
                step.fact(Fact::Kafka(kafka::Fact::ProducerSent {
                    producer: self.id(step.cast),
                    request: ProducerAsked::from(&request),
                }));
                let stores = matches!(request, ProducerRequest::Produce(..));
                step.send(request);
                if step.plan.acks_none && stores {
                    // Nobody will say where it stands (rule 5).
                    let nowhere = Appended {
                        first: Offset(0),
                        last: Offset(0),
                        time: None,
                        duplicate: false,
                    };
                    self.client
                        .answered(ProducerResponse::Produced(Ok(nowhere)));
                    self.done(doing, &Outcome::Done, step);
                }
            }
            Next::Done(Ok(outcome)) => self.done(doing, &outcome, step),
            Next::Done(Err(thrown)) => self.failed(thrown, step),
        }
    }

    fn done(&mut self, doing: Doing, outcome: &Outcome, step: &mut Step) {
        let producer = self.id(step.cast);
        match doing {
            Doing::Init => self.loop_due = Some(step.now + STEP),
            Doing::Action(ProducerAction::End(ended)) => {
                step.fact(Fact::Kafka(kafka::Fact::TransactionEnded {
                    producer,
                    ended,
                }));
                if self.failing {
                    self.failing = false;
                    self.try_again(step);
                } else {
                    self.tries = 0;
                    self.go_on(step);
                    self.kept = self.at;
                }
            }
            Doing::Action(ProducerAction::Begin) => {
                step.fact(Fact::Kafka(kafka::Fact::TransactionBegan { producer }));
                self.go_on(step);
            }
            Doing::Action(ProducerAction::Send(record)) => {
                if let Outcome::Sent(appended) = outcome {
                    step.fact(Fact::Kafka(kafka::Fact::Acknowledged {
                        producer,
                        record,
                        offset: appended.first,
                    }));
                }
                self.go_on(step);
                if step.plan.config.transactional_id.is_none() {
                    self.kept = self.at;
                }
            }
            Doing::Action(ProducerAction::Wait(span)) => {
                self.go_on(step);
                self.loop_due = Some(step.now + span);
            }
        }
    }

    fn go_on(&mut self, step: &Step) {
        self.at += 1;
        self.loop_due = Some(step.now + STEP);
    }

    /// The transaction is aborted: its program begins it again, or gives up (rule 4).
    fn try_again(&mut self, step: &mut Step) {
        self.tries += 1;
        let before = &step.plan.program[..usize::from(self.at).min(step.plan.program.len())];
        let begun = before
            .iter()
            .rposition(|action| *action == ProducerAction::Begin);
        match begun.filter(|_| self.tries < TRIES) {
            Some(at) => {
                self.at = at as u16;
                self.loop_due = Some(step.now + STEP);
            }
            None => self.end(step),
        }
    }

    /// Rule 4.
    fn failed(&mut self, thrown: Exception, step: &mut Step) {
        step.fact(Fact::Process(process::Fact::Threw {
            producer: self.id(step.cast),
            exception: Value::Text(thrown.class.into()),
        }));
        if self.client.may_only_abort() && !self.failing {
            self.failing = true;
            self.loop_due = Some(step.now + STEP);
        } else {
            self.end(step);
        }
    }

    fn end(&mut self, step: &mut Step) {
        self.over = true;
        step.fact(Fact::Process(process::Fact::ProgramOver {
            producer: self.id(step.cast),
        }));
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Init,
    Action(ProducerAction),
}

impl Doing {
    const fn point(self) -> Option<Point> {
        Some(match self {
            Doing::Init => Point::Init,
            Doing::Action(ProducerAction::Begin) => Point::Begin,
            Doing::Action(ProducerAction::Send(_)) => Point::Produce,
            Doing::Action(ProducerAction::End(Ended::Commit)) => Point::CommitTransaction,
            Doing::Action(ProducerAction::End(Ended::Abort)) => Point::AbortTransaction,
            Doing::Action(ProducerAction::Wait(_)) => return None,
        })
    }
}

impl Visit for Process {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for due in [&mut self.start_due, &mut self.loop_due, &mut self.again_due] {
            due.visit(visitor);
        }
    }
}
