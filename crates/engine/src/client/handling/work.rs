//! Around poll: the handler's steps, and when the program commits.

use super::failing::{given_up_next, tell_failed};
use super::{Calling, Effect, Handling, Held, Outgoing, Phase, Step, point_of};
use crate::cast::{Action, Cast, ClientId, ConsumerPlan, RecordId};
use crate::client::Inbox;
use crate::fact::{Fact, process, service, store};
use crate::handler::{Ask, Delivery, Failure, Next, TableStep, Turn, Value, Verdict};
use crate::scene::{Commit, Point, Work};
use crate::time::Span;
use std::sync::Arc;
use systems::library::Inbox as _;
use systems::library::outbox::Call;

impl Handling {
    /// The call that takes records has returned some.
    pub(super) fn took(&mut self, records: Vec<Held>, step: &mut Step) {
        let names = records.iter().map(Held::record).collect();
        step.out.push(Effect::Took(names));
        self.batch = records.len();
        if step.plan.commit == Commit::Before {
            if self.inbox.settles_by_name() {
                self.unsettled.extend(records.iter().cloned());
            }
            self.hand.extend(records);
            self.phase = Phase::BeforeCommit;
            step.go_on();
            return;
        }
        self.hand.extend(records);
        if step.plan.commit == Commit::InTransaction {
            self.begin_transaction(step);
        }
        self.begin_work(step);
    }

    pub(super) fn begin_work(&mut self, step: &mut Step) {
        let idle = !self.hand.first().is_some_and(|held| held.asked);
        if idle && step.life.worker_due.is_none() && !self.hand.is_empty() {
            step.work_on();
        }
        match step.plan.work {
            Work::Inline if !self.hand.is_empty() => self.phase = Phase::Working,
            Work::Inline | Work::Background => self.after_batch(step),
        }
    }

    pub(super) fn after_batch(&mut self, step: &mut Step) {
        self.phase = match step.plan.commit {
            Commit::After => Phase::BeforeCommit,
            Commit::InTransaction => Phase::BeforeCall(Calling::SendOffsets),
            _ => Phase::BeforePoll,
        };
        step.go_on();
    }

    /// Settles what is done, and waits for the answer.
    pub(super) fn commit(&mut self, step: &mut Step) {
        let receipts: Vec<_> = self
            .unsettled
            .iter()
            .filter_map(|one| one.receipt)
            .collect();
        match self.inbox.settle(&receipts, &mut step.context()) {
            None => self.phase = Phase::Committing,
            Some(settled) => self.after_commit(settled, step),
        }
    }

    pub(super) fn after_commit(&mut self, taken: bool, step: &mut Step) {
        let plan = step.plan;
        self.unsettled.clear();
        if plan.commit == Commit::Before && taken {
            self.begin_work(step);
            return;
        }
        if plan.commit == Commit::Before {
            // The exception leaves the batch untouched; the next poll reads it again.
            self.hand
                .truncate(self.hand.len().saturating_sub(self.batch));
        }
        if settles_each(plan) && !self.hand.is_empty() {
            self.phase = Phase::Working;
            step.work_on();
            return;
        }
        self.phase = Phase::BeforePoll;
        step.go_on();
    }

    /// What the handler does next with the first record in hand.
    pub(in crate::client) fn turn(&self, id: ClientId, cast: &Cast) -> Option<Turn> {
        let plan = cast.consumers.get(id.at())?;
        let held = self.hand.first()?;
        Some(match &plan.code {
            _ if held.given_up => given_up_next(plan.failure.last, held),
            Some(code) => code.next(cast, &held.delivery, &held.answers),
            None => steps_next(&plan.handler, held, cast),
        })
    }

    /// Whether the first record's handler waits for the answer to such a thing.
    pub(super) fn asks_for(&self, step: &Step, what: impl Fn(&Ask) -> bool) -> bool {
        self.hand.first().is_some_and(|held| held.asked)
            && self
                .turn(step.id, step.cast)
                .is_some_and(|turn| matches!(&turn.next, Next::Ask(ask) if what(ask)))
    }

    /// The handler's next step for the first record in hand.
    pub(super) fn work(&mut self, step: &mut Step) {
        let Some(turn) = self.turn(step.id, step.cast) else {
            return;
        };
        let ask = match turn.next {
            Next::Ask(ask) => ask,
            Next::End(verdict) => {
                self.log(turn.log, step);
                self.end(verdict, step);
                return;
            }
        };
        self.log(turn.log, step);
        let has_outbox = step.outbox.is_some();
        let Some(held) = self.hand.first_mut() else {
            return;
        };
        let Delivery { record, .. } = held.delivery;
        let outgoing = match ask {
            Ask::Call {
                service,
                record,
                key,
            } => {
                step.fact(Fact::Service(service::Fact::EffectAsked {
                    consumer: step.consumer(),
                    service,
                    record,
                }));
                Outgoing::Service(service, record, key)
            }
            Ask::Tables(steps) => Outgoing::Tables(steps),
            Ask::Commit => {
                held.asked = true;
                let (place, receipt) = (held.delivery.place, held.receipt);
                let mut context = step.context();
                // Where nobody would take it, the client throws at once.
                if let Some(taken) = self.inbox.settle_one(place, receipt, &mut context) {
                    self.take(Value::Truth(taken), step);
                }
                return;
            }
            Ask::Publish { topic, record: of } => match step.cast.event(topic, of) {
                Some(event) if has_outbox => {
                    held.asked = true;
                    let heard = step.call(Call::Send(event));
                    self.sent(heard, step);
                    return;
                }
                Some(event) => {
                    held.asked = true;
                    if !self.inbox.publish(event, &mut step.context()) {
                        // Nobody would take it: the client throws at once.
                        self.take(Value::Truth(false), step);
                    }
                    return;
                }
                None => {
                    let failure = Failure {
                        line: 0,
                        column: 0,
                        message: "nothing can be published to this topic".into(),
                    };
                    tell_failed(record, &failure, step);
                    step.out.push(Effect::Die);
                    return;
                }
            },
            Ask::Sleep(span) => {
                held.answers.push(Value::Nothing);
                step.life.worker_due = Some(step.now + span);
                return;
            }
        };
        held.asked = true;
        step.out.push(Effect::Send(outgoing));
    }

    fn log(&self, lines: Vec<Arc<str>>, step: &mut Step) {
        for line in lines {
            step.fact(Fact::Process(process::Fact::Logged {
                consumer: step.consumer(),
                text: Value::Text(line),
            }));
        }
    }

    /// The answer to what the handler asked for. Says what was completed, if a fault can wait for it.
    pub(super) fn take(&mut self, answer: Value, step: &mut Step) -> Option<Point> {
        let asked = match self.turn(step.id, step.cast)?.next {
            Next::Ask(ask) => ask,
            Next::End(_) => return None,
        };
        let held = self.hand.first_mut().filter(|held| held.asked)?;
        held.asked = false;
        held.answers.push(answer.clone());
        let record = held.record();
        step.life.give_up_due = None;
        let next = self.turn(step.id, step.cast)?;
        let over = matches!(next.next, Next::End(Verdict::Done));
        if let Ask::Tables(steps) = &asked {
            self.tell(steps, &answer, record, over, step);
        }
        match next.next {
            Next::End(verdict) => {
                self.log(next.log, step);
                self.end(verdict, step);
            }
            Next::Ask(_) => step.work_on(),
        }
        Some(point_of(&asked))
    }

    /// What a consumer learned from a table, as facts.
    fn tell(
        &self,
        steps: &[TableStep],
        answer: &Value,
        record: RecordId,
        over: bool,
        step: &mut Step,
    ) {
        let [one] = steps else { return };
        let consumer = step.consumer();
        match one {
            TableStep::Has(table, key) | TableStep::Insert(table, key, _)
                if *key == step.cast.text(record) =>
            {
                let table = *table;
                let there = matches!(
                    (one, answer),
                    (TableStep::Has(..), Value::Truth(true))
                        | (TableStep::Insert(..), Value::Truth(false))
                );
                // Whose row was entered by the handler itself did not pass over the record.
                let first = self
                    .hand
                    .first()
                    .is_some_and(|held| held.answers.len() == 1);
                if there && over && (one.only_reads() || first) {
                    step.fact(Fact::Store(store::Fact::Skipped {
                        consumer,
                        table,
                        record,
                    }));
                } else if !there && !over && one.only_reads() {
                    step.fact(Fact::Store(store::Fact::NotFound {
                        consumer,
                        table,
                        record,
                    }));
                }
            }
            TableStep::Has(table, key) | TableStep::Get(table, key) => {
                step.fact(Fact::Store(store::Fact::Read {
                    consumer,
                    table: *table,
                    key: key.clone(),
                    value: answer.clone(),
                }))
            }
            _ => {}
        }
    }

    fn end(&mut self, verdict: Verdict, step: &mut Step) {
        match verdict {
            Verdict::Done => self.finish(step),
            Verdict::Again(span) => self.put_back(span, step),
            Verdict::Failed(failure) => self.failed(&failure, step),
        }
    }

    pub(super) fn finish(&mut self, step: &mut Step) {
        if !self.hand.is_empty() {
            let held = self.hand.remove(0);
            let record = held.record();
            let consumer = step.consumer();
            if held.given_up {
                step.fact(Fact::Process(process::Fact::MovedOn { consumer, record }));
            } else {
                step.fact(Fact::Process(process::Fact::Handled { consumer, record }));
                step.out.push(Effect::Finished(record));
            }
            if step.plan.commit == Commit::After && self.inbox.settles_by_name() {
                self.unsettled.push(held);
            }
            if settles_each(step.plan) {
                self.after_batch(step);
                return;
            }
        }
        self.next_in_hand(step);
    }

    /// Goes on with the next record in hand, or is through with the batch.
    pub(super) fn next_in_hand(&mut self, step: &mut Step) {
        if !self.hand.is_empty() {
            step.work_on();
        } else if self.phase == Phase::Working {
            self.after_batch(step);
        }
    }
}

/// Whether each record is settled when its own work is done, and not the batch.
fn settles_each(plan: &ConsumerPlan) -> bool {
    plan.commit == Commit::After && Inbox::settles_each(&plan.inbox)
}

/// A handler that is a list of steps. A call without an answer is made again.
fn steps_next(steps: &[Action], held: &Held, cast: &Cast) -> Turn {
    let done = held.answers.len();
    let key = || cast.text(held.record());
    // A step that does not fail with this record asks for nothing, and has no answer.
    let passes = |action: &&Action| match action {
        Action::Fail(records, tries) => {
            !records.contains(&held.record())
                || tries.is_some_and(|tries| held.delivery.attempt > tries)
        }
        _ => false,
    };
    let step = |at: usize| steps.iter().filter(|one| !passes(one)).nth(at);
    let last = done.checked_sub(1).and_then(step);
    let next = match (last, held.answers.last()) {
        (Some(Action::SkipIfIn(_)), Some(Value::Truth(true))) => Next::End(Verdict::Done),
        (Some(Action::Send(_)), Some(Value::Truth(false))) => {
            Next::End(Verdict::Again(Span::from_ms(100)))
        }
        _ => match step(done) {
            None => Next::End(Verdict::Done),
            Some(Action::Fail(..)) => Next::End(Verdict::Failed(Failure {
                line: 0,
                column: 0,
                message: format!("{} cannot be handled", cast.record_name(held.record())).into(),
            })),
            Some(Action::SkipIfIn(table)) => {
                Next::Ask(Ask::Tables(vec![TableStep::Has(*table, key())]))
            }
            Some(Action::Send(service)) => Next::Ask(Ask::Call {
                service: *service,
                record: held.record(),
                key: None,
            }),
            Some(Action::Publish(topic)) => Next::Ask(Ask::Publish {
                topic: *topic,
                record: held.record(),
            }),
            Some(Action::InsertInto(table)) => Next::Ask(Ask::Tables(vec![TableStep::Insert(
                *table,
                key(),
                Value::Truth(true),
            )])),
        },
    };
    Turn {
        log: Vec::new(),
        next,
    }
}
