//! What becomes of a record that its handler failed with, or wants again.
//!
//! # Rules
//! 1. What its system gives out again, or sets aside, the program gives back, where its user has set it so, and
//!    goes on with the next record: a worker of Amazon SQS leaves it, a consumer of RabbitMQ requeues or rejects
//!    it. Shown by: the test `the_same_poison_blocks_spins_or_waits`.
//! 2. Else a consumer with a `retry` tries again in its own process after the wait, and everything behind the
//!    record waits with it. Shown by: the test `the_same_poison_blocks_spins_or_waits`.
//! 3. When no attempt is left and its system takes nothing back, the program does what it is set to: it lets the
//!    exception out and dies, goes on, or publishes a dead letter first. The record is settled when that is
//!    stored, so a crash between the two leaves a second letter. Shown by: the test
//!    `a_dead_letter_is_stored_before_its_record_is_settled`.

use super::{Effect, Handling, Held, STEP, Step};
use crate::cast::{Last, RecordId};
use crate::fact::{Fact, process};
use crate::handler::{Ask, Failure, MOST_ATTEMPTS, Next, Turn, Value, Verdict};
use crate::time::Span;
use systems::library::Inbox as _;
use systems::library::inbox::GiveBack;

/// How long it is waited before a dead letter is published again that was not taken.
const AGAIN: Span = Span::from_ms(100);

impl Handling {
    /// The handler wants its message again.
    pub(super) fn put_back(&mut self, span: Span, step: &mut Step) {
        if !self.give_back(GiveBack::AsSet(span), step) {
            self.try_again(span, step);
        }
    }

    /// The handler failed.
    pub(super) fn failed(&mut self, failure: &Failure, step: &mut Step) {
        let Some(held) = self.hand.first() else {
            return;
        };
        let (record, attempt) = (held.record(), held.delivery.attempt);
        tell_failed(record, failure, step);
        let plan = &step.plan.failure;
        let left = plan.retry.as_ref().filter(|retry| retry.goes_on(attempt));
        if let Some(retry) = left {
            let span = retry.wait(attempt, step.cast.seed, record.0.into());
            if !self.give_back(GiveBack::Again(span), step) {
                self.try_again(span, step);
            }
            return;
        }
        let how = match plan.retry {
            Some(_) => GiveBack::Reject,
            None => GiveBack::AsSet(Span(0)),
        };
        if !self.give_back(how, step) {
            self.abandon(step);
        }
    }

    /// No attempt is left, and its system takes nothing back (rule 3).
    fn abandon(&mut self, step: &mut Step) {
        let last = step.plan.failure.last;
        if last == Last::Raise {
            step.out.push(Effect::Die);
            return;
        }
        if let Some(held) = self.hand.first_mut() {
            held.given_up = true;
            held.answers.clear();
        }
        match last {
            Last::DeadLetter(_) => step.work_on(),
            Last::Raise | Last::Skip => self.finish(step),
        }
    }

    /// Gives the first record in hand back to a system that takes it, and goes on with the next. Says whether
    /// it did.
    fn give_back(&mut self, how: GiveBack, step: &mut Step) -> bool {
        let Some(receipt) = self.hand.first().map(|held| held.receipt) else {
            return false;
        };
        if !self.inbox.give_back(receipt, how, &mut step.context()) {
            return false;
        }
        self.hand.remove(0);
        self.next_in_hand(step);
        true
    }

    /// The first record in hand is tried again in this process after a while (rule 2).
    fn try_again(&mut self, span: Span, step: &mut Step) {
        if let Some(held) = self.hand.first_mut() {
            held.answers.clear();
            if !held.given_up {
                let attempt = held.delivery.attempt;
                held.delivery.attempt = attempt.saturating_add(1).min(MOST_ATTEMPTS);
                let record = held.record();
                step.fact(Fact::Process(process::Fact::PutBack {
                    consumer: step.consumer(),
                    record,
                    attempt,
                }));
            }
        }
        step.life.worker_due = Some(step.now + span.max(STEP));
    }
}

/// What a program does next with a record that it has given up.
pub(super) fn given_up_next(last: Last, held: &Held) -> Turn {
    let next = match (last, held.answers.last()) {
        (Last::DeadLetter(topic), None) => Next::Ask(Ask::Publish {
            topic,
            record: held.record(),
        }),
        (Last::DeadLetter(_), Some(Value::Truth(false))) => Next::End(Verdict::Again(AGAIN)),
        _ => Next::End(Verdict::Done),
    };
    Turn {
        log: Vec::new(),
        next,
    }
}

/// A handler failed with a record.
pub(super) fn tell_failed(record: RecordId, failure: &Failure, step: &mut Step) {
    let failed = process::Fact::HandlerFailed {
        consumer: step.consumer(),
        record,
        code_line: failure.line,
        text: Value::Text(failure.message.clone()),
    };
    step.fact(Fact::Process(failed));
}
