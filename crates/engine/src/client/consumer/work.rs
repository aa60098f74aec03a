//! Around poll: the handler's steps, and when the program commits.

use super::{Consumer, Effect, Outgoing, Phase, STEP, Step};
use crate::broker::kafka::Request;
use crate::cast::{Action, ConsumerPlan};
use crate::fact::{Asked, Fact};
use crate::scene::{Commit, Work};
use crate::time::Instant;

impl Consumer {
    pub(super) fn begin_work(&mut self, plan: &ConsumerPlan, now: Instant) {
        let idle = !self.hand.first().is_some_and(|held| held.asked);
        if idle && self.worker_due.is_none() && !self.hand.is_empty() {
            self.worker_due = Some(now + STEP);
        }
        match plan.work {
            Work::Inline if !self.hand.is_empty() => self.phase = Phase::Working,
            Work::Inline | Work::Background => self.after_batch(plan, now),
        }
    }

    pub(super) fn after_batch(&mut self, plan: &ConsumerPlan, now: Instant) {
        self.phase = if plan.commit == Commit::After {
            Phase::BeforeCommit
        } else {
            Phase::BeforePoll
        };
        self.loop_due = Some(now + STEP);
    }

    /// `commitSync()`: commits all positions and waits.
    pub(super) fn commit(&mut self, step: &mut Step) {
        match self.member {
            Some(member) if !self.owned.is_empty() => {
                self.phase = Phase::Committing;
                let offsets = self.positions();
                step.ask(
                    Asked::Commit,
                    Request::OffsetCommit {
                        group: step.plan.group,
                        member,
                        generation: self.generation,
                        offsets,
                    },
                );
            }
            _ => self.after_commit(true, step.plan, step.now),
        }
    }

    pub(super) fn after_commit(&mut self, taken: bool, plan: &ConsumerPlan, now: Instant) {
        if plan.commit == Commit::Before && taken {
            self.begin_work(plan, now);
            return;
        }
        if plan.commit == Commit::Before {
            // The exception leaves the batch untouched; the next poll reads it again.
            self.hand
                .truncate(self.hand.len().saturating_sub(self.batch));
        }
        self.phase = Phase::BeforePoll;
        self.loop_due = Some(now + STEP);
    }

    /// Rule 4. It does not wait for the answer.
    pub(super) fn auto_commit(&mut self, step: &mut Step) {
        self.auto_commit_due = Some(step.now + step.plan.auto_commit_interval);
        let Some(member) = self.member else { return };
        if self.has_news() {
            let offsets = self.positions();
            step.ask(
                Asked::AutoCommit,
                Request::OffsetCommit {
                    group: step.plan.group,
                    member,
                    generation: self.generation,
                    offsets,
                },
            );
        }
    }

    /// The handler's next step for the first record in hand.
    pub(super) fn work(&mut self, step: &mut Step) {
        let Some(held) = self.hand.first_mut() else {
            return;
        };
        let record = held.record;
        let outgoing = match step.plan.handler.get(usize::from(held.step)) {
            Some(Action::SkipIfIn(table)) => Outgoing::Lookup(*table, record),
            Some(Action::Send(service)) => {
                step.fact(Fact::EffectAsked {
                    consumer: self.id,
                    service: *service,
                    record,
                });
                Outgoing::Service(*service, record)
            }
            Some(Action::InsertInto(table)) => Outgoing::Insert(*table, record),
            None => {
                self.finish(step);
                return;
            }
        };
        held.asked = true;
        step.out.push(Effect::Send(outgoing));
    }

    pub(super) fn finish(&mut self, step: &mut Step) {
        if !self.hand.is_empty() {
            let held = self.hand.remove(0);
            step.fact(Fact::Handled {
                consumer: self.id,
                record: held.record,
            });
        }
        if !self.hand.is_empty() {
            self.worker_due = Some(step.now + STEP);
        } else if self.phase == Phase::Working {
            self.after_batch(step.plan, step.now);
        }
    }
}
