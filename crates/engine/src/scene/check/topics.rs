//! Mistakes in the settings of topics, and in what they want of records.

use crate::scene::mistake::Mistakes;
use crate::scene::{Record, Topic};
use systems::kafka::config::{CleanupPolicy, TopicConfig};
use systems::setting::{Misfit, Table};

/// How far from the beginning of a scene a timestamp may lie, in ms: a hundred years.
const FARTHEST_MS: i64 = 3_155_760_000_000;

impl Topic {
    /// The number of its partitions, the settings of its log, and records that such a log refuses.
    pub(super) fn check_config(&self, place: &str, found: &mut Mistakes) {
        let partitions = TopicConfig {
            partitions: self.partitions,
            ..TopicConfig::default()
        };
        let misfits = partitions.outside().into_iter().map(|misfit| Misfit {
            what: format!("the number of {}", misfit.what),
            ..misfit
        });
        found.misfits(place, misfits.collect());
        let config = self.config.clone().unwrap_or_default();
        found.misfits(&format!("{place}/config"), config.misfits());
        for (nth, record) in self.records.iter().enumerate() {
            let place = format!("{place}/records/{nth}");
            check_record(record, &place, found);
            let ahead = config.message_timestamp_after_max_ms;
            if record.timestamp_ms > ahead {
                found.add(
                    format!("{place}/timestamp_ms"),
                    format!("the broker refuses a record that is more than {ahead} ms ahead of its clock"),
                    "write a smaller number, or raise message.timestamp.after.max.ms of the topic",
                );
            }
        }
        for (nth, record) in self.sent.iter().enumerate() {
            check_record(record, &format!("{place}/sent/{nth}"), found);
        }
        let compacted = config.cleanup_policy != CleanupPolicy::Delete;
        let lists = [("records", &self.records), ("sent", &self.sent)];
        for (list, records) in lists.into_iter().filter(|_| compacted) {
            for (nth, record) in records.iter().enumerate() {
                if record.key.is_none() {
                    let rests = format!("{place}/config/cleanup.policy");
                    found.resting_on([&*rests], |found| {
                        found.add(
                            format!("{place}/{list}/{nth}"),
                            format!("`{}` is compacted, and the record has no key", self.name),
                            "give it a key, or write \"cleanup.policy\": \"delete\"",
                        );
                    });
                }
            }
        }
    }
}

/// Its timestamp, and what a tombstone needs.
fn check_record(record: &Record, place: &str, found: &mut Mistakes) {
    if !(-FARTHEST_MS..=FARTHEST_MS).contains(&record.timestamp_ms) {
        found.add(
            format!("{place}/timestamp_ms"),
            format!("the timestamp is {} ms", record.timestamp_ms),
            format!("write a number from -{FARTHEST_MS} to {FARTHEST_MS}"),
        );
    }
    if record.tombstone && record.key.is_none() {
        found.add(
            format!("{place}/tombstone"),
            "a tombstone without a key deletes nothing",
            "give it the key that it deletes",
        );
    }
}
