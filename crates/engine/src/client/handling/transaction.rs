//! Read, process, write: a consumer with a producer of its own, which writes what the handler publishes
//! and where the group reads on in one transaction.
//!
//! # Rules
//! 1. Before its first poll the process takes its transactional id (`initTransactions`). Source:
//!    `KafkaProducer`, class documentation. Shown by: the test
//!    `each_order_is_shipped_once_and_committed_with_it`.
//! 2. When poll has returned records a transaction is begun; what is published is sent in it. After the
//!    batch come the positions, with the member id and the generation of the last join
//!    (`sendOffsetsToTransaction` with `groupMetadata`), and the commit. Source: KIP-98, KIP-447,
//!    `ConsumerCoordinator.onJoinComplete`. Shown by: the test
//!    `each_order_is_shipped_once_and_committed_with_it`, the test
//!    `a_crash_ships_twice_without_a_transaction_and_once_with_it`.
//! 3. What a call throws is answered with an abort, where one can help: then the consumer reads on at the
//!    group's committed offsets. Where none can, the process dies of it. Source: KIP-447, `KafkaProducer`,
//!    class documentation. Shown by: the test `who_stood_still_too_long_ships_nothing_twice`.
//! 4. While another transaction has written an offset and is still open, the coordinator does not say
//!    where to read on (`UNSTABLE_OFFSET_COMMIT`): the consumer asks again after `retry.backoff.ms`.
//!    Source: KIP-447, `ConsumerCoordinator.fetchCommittedOffsets`. Shown by: the test
//!    `the_next_owner_waits_until_an_open_transaction_has_let_go_of_the_offsets`.
//!
//! Left out: work in the background while a transaction is open, and a transaction over several polls. One
//! record is sent at a time, and its acknowledgement awaited.

use super::{Effect, Handling, Phase, Step};
use crate::client::{Inbox, Outbox};
use crate::fact::{Fact, process};
use crate::handler::Value;
use crate::scene::Point;
use explore::Weigh;
use systems::kafka::log::record::Ended;
use systems::kafka::produce::Membership;
use systems::library::Outbox as _;
use systems::library::outbox::{Call, Heard};

/// What the loop calls its producer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Calling {
    /// `initTransactions`.
    Init,
    /// `sendOffsetsToTransaction`.
    SendOffsets,
    /// `commitTransaction`.
    Commit,
    /// `abortTransaction`.
    Abort,
}

impl Calling {
    pub(super) const fn point(self) -> Point {
        match self {
            Calling::Init => Point::Init,
            Calling::SendOffsets => Point::SendOffsets,
            Calling::Commit => Point::CommitTransaction,
            Calling::Abort => Point::AbortTransaction,
        }
    }
}

impl Handling {
    pub(super) fn before_call(&mut self, calling: Calling, step: &mut Step) {
        self.phase = Phase::BeforeCall(calling);
        step.go_on();
    }

    pub(super) fn begin_transaction(&mut self, step: &mut Step) {
        if let Inbox::Kafka(inbox) = &mut self.inbox {
            inbox.aborted = false;
        }
        match step.call(Call::Begin) {
            Heard::Threw(class) => self.threw(class, step),
            Heard::Done(_) | Heard::Nothing | Heard::AskAgain(_) => {
                step.tell_over(&Call::Begin, None);
            }
        }
    }

    pub(super) fn call_producer(&mut self, calling: Calling, step: &mut Step) {
        self.phase = Phase::Calling(calling);
        let call = match calling {
            Calling::Init => Call::Open,
            Calling::SendOffsets => {
                let Some(inbox) = self.kafka() else { return };
                let membership = inbox.member.map(|member| Membership {
                    member,
                    generation: inbox.generation,
                });
                Call::SendOffsets(step.plan.group, membership, inbox.positions())
            }
            Calling::Commit => Call::End(Ended::Commit),
            Calling::Abort => Call::End(Ended::Abort),
        };
        let heard = step.call(call);
        self.sent(heard, step);
    }

    /// What the sending half of its library made of a call or an answer. Says what was completed, if a
    /// fault can wait for it.
    pub(super) fn sent(&mut self, heard: Heard, step: &mut Step) -> Option<Point> {
        match heard {
            Heard::Nothing => None,
            Heard::AskAgain(span) => {
                step.life.give_up_due = Some(step.now + span);
                None
            }
            Heard::Done(_) => {
                step.life.give_up_due = None;
                self.called(step)
            }
            Heard::Threw(class) => {
                step.life.give_up_due = None;
                self.threw(class, step);
                None
            }
        }
    }

    /// A call is over.
    fn called(&mut self, step: &mut Step) -> Option<Point> {
        let calling = match self.phase {
            Phase::Calling(calling) => calling,
            // What the handler asked for is published.
            Phase::Working => return self.take(Value::Truth(true), step),
            _ => return None,
        };
        match calling {
            Calling::Init => self.go_on(step),
            Calling::SendOffsets => self.before_call(Calling::Commit, step),
            Calling::Commit => {
                if let Inbox::Kafka(inbox) = &mut self.inbox {
                    inbox.all_committed();
                }
                self.ended(Ended::Commit, step);
            }
            Calling::Abort => {
                if let Inbox::Kafka(inbox) = &mut self.inbox {
                    inbox.forget_positions();
                    inbox.aborted = true;
                }
                self.ended(Ended::Abort, step);
            }
        }
        Some(calling.point())
    }

    fn ended(&mut self, ended: Ended, step: &mut Step) {
        step.tell_over(&Call::End(ended), None);
        self.go_on(step);
    }

    fn go_on(&mut self, step: &mut Step) {
        self.phase = Phase::BeforePoll;
        step.go_on();
    }

    /// Rule 3.
    fn threw(&mut self, class: &'static str, step: &mut Step) {
        step.fact(Fact::Process(process::Fact::Threw {
            producer: step.id,
            exception: Value::Text(class.into()),
        }));
        let may_abort = step.outbox.as_ref().is_some_and(Outbox::may_only_abort);
        if may_abort && self.phase != Phase::Calling(Calling::Abort) {
            self.hand.clear();
            step.life.worker_due = None;
            self.before_call(Calling::Abort, step);
        } else {
            step.out.push(Effect::Die);
        }
    }
}
