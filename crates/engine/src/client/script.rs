//! A producer's program: it sends records, step by step.
//!
//! # Rules
//! 1. The program takes one step after the other, and waits for each. A producer with a transactional
//!    id takes it first. Source: `KafkaProducer`, class documentation. Shown by: the test
//!    `a_transaction_keeps_its_promise_to_its_producer_and_not_to_the_next_one`.
//! 2. What a call throws ends the process, unless an abort can help: then the transaction is aborted
//!    and begun again, at most [`TRIES`] times. Source: `KafkaProducer`, class documentation. Shown by: the
//!    test `a_producer_that_stood_still_is_fenced_by_its_successor`.
//! 3. A new process goes on behind the last step that was acknowledged, or the last transaction that
//!    was ended, or begins again, as the scene says: it is the program's business to remember that. Shown by:
//!    the test `an_idempotent_producer_that_is_started_again_is_another_one`.

use super::process::Timer;
use super::{Effect, Outbox};
use crate::cast::{ProducerAction, ProducerPlan, RecordId};
use crate::fact::{Fact, process};
use crate::handler::Value;
use crate::scene::Point;
use explore::Weigh;
use systems::broker::Reply;
use systems::kafka::Offset;
use systems::kafka::log::record::Ended;
use systems::library::Outbox as _;
use systems::library::outbox::{Call, Heard};

/// How often a transaction is begun that has to be aborted (rule 2).
pub const TRIES: u8 = 3;

type Step<'a> = super::process::Step<'a, ProducerPlan>;

/// Where a program is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Script {
    /// Which step of its program is next, or under way.
    pub at: u16,
    /// Where a new process goes on (rule 3).
    kept: u16,
    /// How often the present transaction had to be aborted.
    tries: u8,
    /// It is aborting after an error.
    failing: bool,
    /// Its program is over.
    pub over: bool,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Open,
    Action(ProducerAction),
}

impl Doing {
    /// What of its library the program calls for that; nothing, while it waits.
    const fn call(self) -> Option<Call> {
        Some(match self {
            Doing::Open => Call::Open,
            Doing::Action(ProducerAction::Begin) => Call::Begin,
            Doing::Action(ProducerAction::Send(record)) => Call::Send(record),
            Doing::Action(ProducerAction::End(ended)) => Call::End(ended),
            Doing::Action(ProducerAction::Wait(_)) => return None,
        })
    }

    pub(super) const fn point(self) -> Option<Point> {
        Some(match self {
            Doing::Open => Point::Init,
            Doing::Action(ProducerAction::Begin) => Point::Begin,
            Doing::Action(ProducerAction::Send(_)) => Point::Produce,
            Doing::Action(ProducerAction::End(Ended::Commit)) => Point::CommitTransaction,
            Doing::Action(ProducerAction::End(Ended::Abort)) => Point::AbortTransaction,
            Doing::Action(ProducerAction::Wait(_)) => return None,
        })
    }
}

impl Script {
    /// Where a new process begins (rule 3).
    pub(super) fn begun(&self, plan: &ProducerPlan) -> Script {
        let kept = if plan.again { 0 } else { self.kept };
        Script {
            at: kept,
            kept,
            ..Script::default()
        }
    }

    /// What is left of it after a crash.
    pub(super) fn forgotten(&self) -> Script {
        Script {
            kept: self.kept,
            ..Script::default()
        }
    }

    /// What it does when its loop goes on.
    pub(super) fn next(&self, plan: &ProducerPlan, outbox: Option<&Outbox>) -> Option<Doing> {
        let is_closed = outbox.map_or_else(|| Outbox::opens(&plan.outbox), Outbox::is_closed);
        if is_closed {
            return Some(Doing::Open);
        }
        if self.failing {
            return Some(Doing::Action(ProducerAction::End(Ended::Abort)));
        }
        let action = plan.program.get(usize::from(self.at))?;
        Some(Doing::Action(*action))
    }

    /// The record that it is about to send, or has sent without hearing that it is stored.
    pub(super) fn sends(&self, plan: &ProducerPlan, outbox: Option<&Outbox>) -> Option<RecordId> {
        match self.next(plan, outbox)? {
            Doing::Action(ProducerAction::Send(record)) => Some(record),
            _ => None,
        }
    }

    /// Whether it knows that this record of its program is stored, and will not send it again.
    pub(super) fn has_sent(&self, plan: &ProducerPlan, record: RecordId, is_up: bool) -> bool {
        let at = match (is_up, plan.again) {
            (true, _) => self.at,
            (false, true) => 0,
            (false, false) => self.kept,
        };
        let sent = plan.program.iter().take(usize::from(at));
        sent.into_iter()
            .any(|action| *action == ProducerAction::Send(record))
    }

    fn doing(&self, step: &Step) -> Option<Doing> {
        self.next(step.plan, step.outbox.as_ref())
    }

    /// A timer fires.
    pub(super) fn fire(&mut self, timer: Timer, step: &mut Step) {
        match timer {
            Timer::Loop => self.take_step(step),
            Timer::GiveUp => {
                if let Some(doing) = self.doing(step) {
                    let heard = step.ask_again();
                    self.heard(doing, heard, step);
                }
            }
            Timer::Start
            | Timer::Worker
            | Timer::Heartbeat
            | Timer::AutoCommit
            | Timer::PollInterval => {}
        }
    }

    fn take_step(&mut self, step: &mut Step) {
        let Some(doing) = self.doing(step) else {
            self.end(step);
            return;
        };
        let heard = match doing.call() {
            Some(call) => step.call(call),
            None => Heard::Done(None),
        };
        self.heard(doing, heard, step);
    }

    /// The broker answered. Says what was completed, if a fault can wait for it.
    pub(super) fn receive(&mut self, reply: Reply, step: &mut Step) -> Option<Point> {
        if !step.is_for_outbox(&reply) {
            return None;
        }
        let doing = self.doing(step)?;
        let heard = step.hear(reply);
        let is_over = matches!(heard, Heard::Done(_));
        self.heard(doing, heard, step);
        doing.point().filter(|_| is_over)
    }

    /// Nothing that a script calls answers but the broker.
    pub(super) fn answered(&mut self, _: Value, _: &mut Step) -> Option<Point> {
        None
    }

    /// What the library made of a call or an answer.
    fn heard(&mut self, doing: Doing, heard: Heard, step: &mut Step) {
        match heard {
            Heard::Nothing => {}
            Heard::AskAgain(span) => step.life.give_up_due = Some(step.now + span),
            Heard::Done(at) => self.done(doing, at, step),
            Heard::Threw(class) => self.threw(class, step),
        }
    }

    fn done(&mut self, doing: Doing, at: Option<Offset>, step: &mut Step) {
        if let Some(call) = doing.call() {
            step.tell_over(&call, at);
        }
        match doing {
            Doing::Open => step.go_on(),
            Doing::Action(ProducerAction::End(_)) => {
                if self.failing {
                    self.failing = false;
                    self.try_again(step);
                } else {
                    self.tries = 0;
                    self.go_on(step);
                    self.kept = self.at;
                }
            }
            Doing::Action(ProducerAction::Begin) => self.go_on(step),
            Doing::Action(ProducerAction::Send(_)) => {
                self.go_on(step);
                if !Outbox::is_transactional(&step.plan.outbox) {
                    self.kept = self.at;
                }
            }
            Doing::Action(ProducerAction::Wait(span)) => {
                self.go_on(step);
                step.life.loop_due = Some(step.now + span);
            }
        }
    }

    fn go_on(&mut self, step: &mut Step) {
        self.at += 1;
        step.go_on();
    }

    /// The transaction is aborted: its program begins it again, or lets the exception out (rule 2).
    fn try_again(&mut self, step: &mut Step) {
        self.tries += 1;
        let before = &step.plan.program[..usize::from(self.at).min(step.plan.program.len())];
        let begun = before
            .iter()
            .rposition(|action| *action == ProducerAction::Begin);
        match begun.filter(|_| self.tries < TRIES) {
            Some(at) => {
                self.at = at as u16;
                step.go_on();
            }
            None => self.uncaught(step),
        }
    }

    /// Rule 2.
    fn threw(&mut self, class: &'static str, step: &mut Step) {
        step.fact(Fact::Process(process::Fact::Threw {
            producer: step.id,
            exception: Value::Text(class.into()),
        }));
        let may_abort = step.outbox.as_ref().is_some_and(Outbox::may_only_abort);
        if may_abort && !self.failing {
            self.failing = true;
            step.go_on();
        } else {
            self.uncaught(step);
        }
    }

    /// Nothing catches an exception: the process dies of it, for its supervisor to start the next one.
    /// Where there is none, that was its program.
    fn uncaught(&mut self, step: &mut Step) {
        match step.plan.restart {
            Some(_) => step.out.push(Effect::Die),
            None => self.end(step),
        }
    }

    fn end(&mut self, step: &mut Step) {
        self.over = true;
        step.fact(Fact::Process(process::Fact::ProgramOver {
            producer: step.id,
        }));
    }
}
