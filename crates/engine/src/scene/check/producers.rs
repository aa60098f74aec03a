//! What a schema cannot say about producers.

use super::{Mistakes, Scene};
use crate::scene::mistake::MOST_NAMES;
use crate::scene::{Commit, Consumer, Producer, ProducerConfig, ProducerStep, Work};
use std::collections::BTreeSet;

/// The longest time anything of a producer may take, in ms: a day.
const LONGEST_MS: u64 = 86_400_000;

impl Scene {
    pub(super) fn check_producers(&self, found: &mut Mistakes) {
        let sent = self.topics.iter().flat_map(|topic| &topic.sent);
        let sent: BTreeSet<&str> = sent.map(|record| record.value.as_str()).collect();
        for (at, producer) in self.producers.iter().enumerate() {
            let place = format!("/producers/{at}");
            check_config(&producer.config, &format!("{place}/config"), found);
            check_program(producer, &place, &sent, found);
        }
        for (at, consumer) in self.consumers.iter().enumerate() {
            check_own(consumer, &format!("/consumers/{at}"), found);
        }
        let alone = self.producers.iter().map(|one| &one.config);
        let own = self
            .consumers
            .iter()
            .filter_map(|one| one.producer.as_ref());
        let mut all = alone.chain(own);
        if self.explore.jitter_ms.is_some() && self.topics.iter().any(|one| one.config.is_some()) {
            found.resting_on(["/topics/*/config"], |found| {
                found.add(
                    "/explore/jitter_ms",
                    "times are not explored together with settings of logs yet",
                    "remove it: then a segment may be deleted at any time",
                );
            });
        }
        if self.explore.jitter_ms.is_some() && all.any(|one| one.transactional_id.is_some()) {
            let rests = [
                "/consumers/*/producer/transactional.id",
                "/producers/*/config/transactional.id",
            ];
            found.resting_on(rests, |found| {
                found.add(
                    "/explore/jitter_ms",
                    "times are not explored together with transactions yet",
                    "remove it: then any order goes",
                );
            });
        }
    }
}

/// A consumer's own producer, and what goes with it.
fn check_own(consumer: &Consumer, place: &str, found: &mut Mistakes) {
    let in_transaction = consumer.commit == Commit::InTransaction;
    let Some(config) = &consumer.producer else {
        if in_transaction {
            let rests = [&*format!("{place}/producer"), &format!("{place}/name")];
            found.resting_on(rests, |found| {
                found.add(
                    format!("{place}/commit"),
                    format!("`{}` has no producer to commit with", consumer.name),
                    "add \"producer\": {\"transactional.id\": \"…\"}, or commit in another way",
                );
            });
        }
        return;
    };
    check_config(config, &format!("{place}/producer"), found);
    if config.transactional_id.is_none() {
        found.add(
            format!("{place}/producer"),
            "without a transactional.id there are no transactions",
            "give it one, or remove the producer",
        );
    }
    found.resting_on([&format!("{place}/producer")], |found| {
        if !in_transaction {
            found.add(
                format!("{place}/commit"),
                "a consumer with a producer of its own commits in its transactions",
                "write \"commit\": \"in_transaction\", or remove the producer",
            );
        }
        if consumer.work == Work::Background {
            found.add(
                format!("{place}/work"),
                "a transaction ends when the batch has been handled, so the loop waits for it",
                "write \"work\": \"inline\"",
            );
        }
    });
}

fn check_config(config: &ProducerConfig, place: &str, found: &mut Mistakes) {
    if let Some(id) = &config.transactional_id {
        found.name(format!("{place}/transactional.id"), id);
    }
    found.misfits(place, config.misfits());
}

fn check_program(producer: &Producer, place: &str, sent: &BTreeSet<&str>, found: &mut Mistakes) {
    let program = format!("{place}/program");
    if producer.program.is_empty() {
        found.resting_on([&format!("{place}/name")], |found| {
            found.add(
                &program,
                format!("`{}` does nothing", producer.name),
                "write at least one step, such as {\"send\": \"ord_10\"}",
            );
        });
    }
    // Whether a transaction is open depends on all steps before.
    let (id, steps) = (
        format!("{place}/config/transactional.id"),
        format!("{program}/*"),
    );
    let transactional = producer.config.transactional_id.is_some();
    let mut open = false;
    for (nth, step) in producer.program.iter().enumerate() {
        let here = format!("{program}/{nth}");
        match step {
            ProducerStep::Send(name) => {
                if !sent.contains(name.as_str()) {
                    let sent: Vec<&str> = sent.iter().copied().take(MOST_NAMES + 1).collect();
                    let rests = ["/topics/*/sent", "/topics/*/sent/*/value"];
                    found.resting_on(rests, |found| {
                        found.known(format!("{here}/send"), "sent record", name, &sent);
                    });
                }
                if transactional && !open {
                    found.resting_on([&id, &steps], |found| {
                        found.add(
                            &here,
                            "a transactional producer sends in transactions only",
                            "write \"begin\" before it",
                        );
                    });
                }
            }
            ProducerStep::WaitMs(ms) => found.within(
                format!("{here}/wait_ms"),
                "the wait",
                (*ms).into(),
                1,
                LONGEST_MS,
            ),
            ProducerStep::Begin | ProducerStep::Commit | ProducerStep::Abort => {
                let begins = *step == ProducerStep::Begin;
                found.resting_on([&id, &steps], |found| {
                    if !transactional {
                        found.add(
                            &here,
                            "without a transactional.id there are no transactions",
                            "give it one, or remove the step",
                        );
                    } else if begins == open {
                        found.add(
                            &here,
                            if begins {
                                "a transaction is open already"
                            } else {
                                "no transaction is open"
                            },
                            "begin and end transactions in turn",
                        );
                    }
                });
                open = begins;
            }
        }
    }
}
