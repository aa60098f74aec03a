//! What a schema cannot say about producers.

use super::{MOST_NAMES, Mistakes, Scene};
use crate::scene::{Acks, Commit, Consumer, Producer, ProducerConfig, ProducerStep, Work};
use std::collections::BTreeSet;

/// The longest time anything of a producer may take, in ms: a day.
const LONGEST_MS: u64 = 86_400_000;
/// `transaction.max.timeout.ms` of the broker, as shipped.
const LONGEST_TRANSACTION_MS: u64 = 900_000;

impl Scene {
    pub(super) fn check_producers(&self, found: &mut Mistakes) {
        let version = self.broker.settings.transaction_version;
        found.within(
            "/broker/settings/transaction.version",
            "transaction.version",
            version.into(),
            1,
            2,
        );
        let sent = self.topics.iter().flat_map(|topic| &topic.sent);
        let sent: BTreeSet<&str> = sent.map(|record| record.value.as_str()).collect();
        for (at, producer) in self.producers.iter().enumerate() {
            let place = format!("/producers/{at}");
            check_config(&producer.config, &format!("{place}/config"), found);
            check_program(producer, &format!("{place}/program"), &sent, found);
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
        if self.explore.jitter_ms.is_some() && all.any(|one| one.transactional_id.is_some()) {
            found.add(
                "/explore/jitter_ms",
                "times are not explored together with transactions yet",
                "remove it: then any order goes",
            );
        }
    }
}

/// A consumer's own producer, and what goes with it.
fn check_own(consumer: &Consumer, place: &str, found: &mut Mistakes) {
    let in_transaction = consumer.commit == Commit::InTransaction;
    let Some(config) = &consumer.producer else {
        if in_transaction {
            found.add(
                format!("{place}/commit"),
                format!("`{}` has no producer to commit with", consumer.name),
                "add \"producer\": {\"transactional.id\": \"…\"}, or commit in another way",
            );
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
}

fn check_config(config: &ProducerConfig, place: &str, found: &mut Mistakes) {
    found.within(
        format!("{place}/request.timeout.ms"),
        "request.timeout.ms",
        config.request_timeout_ms.into(),
        1,
        LONGEST_MS,
    );
    found.within(
        format!("{place}/transaction.timeout.ms"),
        "transaction.timeout.ms",
        config.transaction_timeout_ms.into(),
        1,
        LONGEST_TRANSACTION_MS,
    );
    if let Some(id) = &config.transactional_id {
        found.name(format!("{place}/transactional.id"), id);
        if !config.enable_idempotence {
            found.add(
                format!("{place}/enable.idempotence"),
                "a transactional producer is an idempotent one",
                "remove it, or remove the transactional.id",
            );
        }
    }
    // Source: `ProducerConfig.postProcessAndValidateIdempotenceConfigs`.
    if config.enable_idempotence && config.acks != Acks::All {
        found.add(
            format!("{place}/acks"),
            "an idempotent producer needs acks=all",
            "remove it, or write \"enable.idempotence\": false",
        );
    }
    if config.enable_idempotence && config.retries == 0 {
        found.add(
            format!("{place}/retries"),
            "an idempotent producer needs retries",
            "remove it, or write \"enable.idempotence\": false",
        );
    }
}

fn check_program(producer: &Producer, place: &str, sent: &BTreeSet<&str>, found: &mut Mistakes) {
    if producer.program.is_empty() {
        found.add(
            place,
            format!("`{}` does nothing", producer.name),
            "write at least one step, such as {\"send\": \"ord_10\"}",
        );
    }
    let transactional = producer.config.transactional_id.is_some();
    let mut open = false;
    for (nth, step) in producer.program.iter().enumerate() {
        let here = format!("{place}/{nth}");
        match step {
            ProducerStep::Send(name) => {
                if !sent.contains(name.as_str()) {
                    let sent: Vec<&str> = sent.iter().copied().take(MOST_NAMES + 1).collect();
                    found.known(format!("{here}/send"), "sent record", name, &sent);
                }
                if transactional && !open {
                    found.add(
                        &here,
                        "a transactional producer sends in transactions only",
                        "write \"begin\" before it",
                    );
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
                open = begins;
            }
        }
    }
}
