//! A topic's settings as `kafka-topics` prints them.
//!
//! # Rules
//! 1. Printed is what was set somewhere: on the topic, or on the broker. `min.insync.replicas` is
//!    always there, because the controller sets it for the whole cluster. Source: `ConfigEntry.isDefault`,
//!    KIP-966.
//! 2. The order is that of a hash map with all settings a topic has, and within a bucket that of their
//!    hashes, in which the broker sends them. Source: `Config.entries`, `ConfigHelper.allConfigs`.
//! 3. A value is printed as it was read: numbers bare, lists without blanks. Source:
//!    `ConfigDef.convertToString`.
//!
//! Left out: a broker's own setting that is the same as what is shipped is printed by the real tool.

use super::super::super::topic::{Cleanup, Config, Topic};
use super::super::hash_order::{Hash, Map};
use std::collections::BTreeMap;

/// All settings that a topic has.
pub const ALL: [&str; 33] = [
    "cleanup.policy",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "follower.replication.throttled.replicas",
    "index.interval.bytes",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.index.bytes",
    "segment.jitter.ms",
    "segment.ms",
    "unclean.leader.election.enable",
];

/// What was set, as `name=value` with commas between.
pub fn printed(topic: &Topic, broker: &Config) -> String {
    let shipped = texts(&Config::default());
    let set = texts(broker).into_iter().zip(shipped);
    let mut found: BTreeMap<&str, String> = set
        .filter(|((name, here), (_, shipped))| *name == "min.insync.replicas" || here != shipped)
        .map(|(here, _)| here)
        .collect();
    for (name, value) in topic.written.iter() {
        found.insert(name, text(name, value, &topic.config));
    }
    let buckets = Map::Plain.buckets(ALL.len());
    let mut found: Vec<_> = found.into_iter().collect();
    tiny_sort::stable::sort_by_key(&mut found, |(name, _)| {
        let hash = Hash::of_text(name);
        (hash.bucket(buckets), hash.spread())
    });
    let pairs: Vec<String> = found
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(",")
}

/// A written value as it was read.
fn text(name: &str, value: &str, config: &Config) -> String {
    let value = value.trim();
    match name {
        "min.cleanable.dirty.ratio" => ratio(config.min_cleanable_dirty_millionths),
        "cleanup.policy" => {
            let words: Vec<&str> = value.split(',').map(str::trim).collect();
            words.join(",")
        }
        _ => match value.parse::<i64>() {
            Ok(number) => number.to_string(),
            Err(_) => value.to_owned(),
        },
    }
}

/// All that the model reads, as text.
fn texts(config: &Config) -> [(&'static str, String); 14] {
    let endless = |limit: Option<String>| limit.unwrap_or_else(|| "-1".to_owned());
    let cleanup = match config.cleanup {
        Cleanup {
            delete: true,
            compact: true,
        } => "compact,delete",
        Cleanup { delete: true, .. } => "delete",
        Cleanup { compact: true, .. } => "compact",
        Cleanup { .. } => "",
    };
    [
        ("cleanup.policy", cleanup.to_owned()),
        (
            "retention.ms",
            endless(config.retention_ms.map(|ms| ms.to_string())),
        ),
        (
            "retention.bytes",
            endless(config.retention_bytes.map(|bytes| bytes.to_string())),
        ),
        ("segment.bytes", config.segment_bytes.to_string()),
        ("segment.ms", config.segment_ms.to_string()),
        ("max.message.bytes", config.max_message_bytes.to_string()),
        (
            "message.timestamp.type",
            config.timestamp_type.name().to_owned(),
        ),
        (
            "message.timestamp.before.max.ms",
            config.timestamp_before_max_ms.to_string(),
        ),
        (
            "message.timestamp.after.max.ms",
            config.timestamp_after_max_ms.to_string(),
        ),
        (
            "min.cleanable.dirty.ratio",
            ratio(config.min_cleanable_dirty_millionths),
        ),
        (
            "min.compaction.lag.ms",
            config.min_compaction_lag_ms.to_string(),
        ),
        (
            "max.compaction.lag.ms",
            config.max_compaction_lag_ms.to_string(),
        ),
        (
            "delete.retention.ms",
            config.delete_retention_ms.to_string(),
        ),
        (
            "min.insync.replicas",
            config.min_insync_replicas.to_string(),
        ),
    ]
}

/// Millionths as Java writes a double: below a thousandth with an exponent. Source: `Double.toString`.
fn ratio(millionths: u64) -> String {
    let or_zero = |digits: &str| match digits {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    };
    if millionths == 0 || millionths >= 1_000 {
        let part = format!("{:06}", millionths % 1_000_000);
        let part = or_zero(part.trim_end_matches('0'));
        return format!("{}.{part}", millionths / 1_000_000);
    }
    let digits = millionths.to_string();
    let exponent = 7 - digits.len();
    let (first, rest) = digits.split_at(1);
    format!(
        "{first}.{}E-{exponent}",
        or_zero(rest.trim_end_matches('0'))
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::super::topic::Written;
    use super::*;

    #[test]
    fn what_was_set_is_printed_in_the_order_of_the_map() {
        let check = |written: &[(&str, &str)], expected: &str| {
            let written: Written = written
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect();
            let config = Config::of(&Config::default(), &written).expect("settings");
            let topic = Topic {
                written,
                config,
                ..Topic::default()
            };
            assert_eq!(printed(&topic, &Config::default()), expected);
        };
        check(&[], "min.insync.replicas=1");
        check(&[("min.insync.replicas", "2")], "min.insync.replicas=2");
        // As recorded from Apache Kafka 4.3.1.
        check(
            &[("retention.ms", "600000"), ("cleanup.policy", "delete")],
            "min.insync.replicas=1,cleanup.policy=delete,retention.ms=600000",
        );
        // As `__consumer_offsets` shows its own.
        check(
            &[
                ("segment.bytes", "104857600"),
                ("cleanup.policy", "compact"),
                ("compression.type", "producer"),
            ],
            "compression.type=producer,min.insync.replicas=1,cleanup.policy=compact,segment.bytes=104857600",
        );
        check(
            &[
                ("retention.ms", "1"),
                ("segment.bytes", "1048576"),
                ("delete.retention.ms", "5"),
                ("retention.bytes", "-1"),
            ],
            "min.insync.replicas=1,segment.bytes=1048576,retention.ms=1,retention.bytes=-1,delete.retention.ms=5",
        );
        check(
            &[
                ("cleanup.policy", "compact , delete"),
                ("min.cleanable.dirty.ratio", ".50"),
                ("retention.ms", " +07 "),
            ],
            "min.insync.replicas=1,cleanup.policy=compact,delete,retention.ms=7,min.cleanable.dirty.ratio=0.5",
        );
    }

    #[test]
    fn what_the_broker_sets_is_printed_too() {
        let broker = Config {
            retention_ms: Some(1_000),
            ..Config::default()
        };
        let found = printed(&Topic::default(), &broker);
        assert_eq!(found, "min.insync.replicas=1,retention.ms=1000");
    }

    #[test]
    fn ratios_are_written_as_java_does() {
        let check = |millionths, expected| assert_eq!(ratio(millionths), expected);
        check(0, "0.0");
        check(1_000_000, "1.0");
        check(500_000, "0.5");
        check(10_000, "0.01");
        check(1_000, "0.001");
        check(100, "1.0E-4");
        check(120, "1.2E-4");
        check(1, "1.0E-6");
    }
}
