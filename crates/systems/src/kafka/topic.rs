//! Topics: their names and their settings.
//!
//! # Rules
//! 1. A name has 1 to 249 letters, digits, `.`, `_` and `-`, and is not `.` or `..`
//!    (`INVALID_TOPIC_EXCEPTION`). Two that differ in `.` and `_` only collide. Source:
//!    `Topic.validate`, `Topic.hasCollision`. Shown by: kafka-log-unknown-targets.
//! 2. A setting nobody knows, or a value it cannot have, is `INVALID_CONFIG`. Source: `LogConfig`.
//!    Shown by: kafka-log-unknown-targets.
//! 3. Without a setting of its own a topic has the broker's; what is read here are the defaults as
//!    shipped. Source: documentation, "Topic Configs". Shown by: kafka-log-tools.

use super::Error;
use super::log::Log;
use explore::Weigh;
use std::sync::Arc;

/// Settings as they were written, by name.
pub type Written = Arc<[(Arc<str>, Arc<str>)]>;

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Topic {
    /// Its name.
    pub name: Arc<str>,
    /// Its settings.
    pub config: Config,
    /// Those that were written for itself.
    pub written: Written,
    /// The logs of its partitions.
    pub logs: Vec<Log>,
}

impl Topic {
    /// Whether only its number is left of it.
    pub fn is_deleted(&self) -> bool {
        self.logs.is_empty()
    }
}

/// What may be done to old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Cleanup {
    /// Drop old segments.
    pub delete: bool,
    /// Keep the last record of each key.
    pub compact: bool,
}

/// Whose clock a record's timestamp is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's.
    LogAppendTime,
}

impl TimestampType {
    /// The word that settings and tools have for it.
    pub const fn name(self) -> &'static str {
        match self {
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        }
    }
}

/// The settings of a topic. Spans in milliseconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Config {
    /// `cleanup.policy`.
    pub cleanup: Cleanup,
    /// `retention.ms`; none is without end.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`; none is without end.
    pub retention_bytes: Option<u64>,
    /// `segment.bytes`, or `internal.segment.bytes`, which may be smaller.
    pub segment_bytes: u64,
    /// `segment.ms`.
    pub segment_ms: i64,
    /// `max.message.bytes`.
    pub max_message_bytes: u64,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
    /// `min.cleanable.dirty.ratio`, in millionths.
    pub min_cleanable_dirty_millionths: u64,
    /// `min.compaction.lag.ms`.
    pub min_compaction_lag_ms: i64,
    /// `max.compaction.lag.ms`.
    pub max_compaction_lag_ms: i64,
    /// `delete.retention.ms`.
    pub delete_retention_ms: i64,
    /// `min.insync.replicas`.
    pub min_insync_replicas: u32,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            cleanup: Cleanup {
                delete: true,
                compact: false,
            },
            retention_ms: Some(604_800_000),
            retention_bytes: None,
            segment_bytes: 1_073_741_824,
            segment_ms: 604_800_000,
            max_message_bytes: 1_048_588,
            timestamp_type: TimestampType::CreateTime,
            timestamp_before_max_ms: i64::MAX,
            timestamp_after_max_ms: 3_600_000,
            min_cleanable_dirty_millionths: 500_000,
            min_compaction_lag_ms: 0,
            max_compaction_lag_ms: i64::MAX,
            delete_retention_ms: 86_400_000,
            min_insync_replicas: 1,
        }
    }
}

/// Settings that a topic can have and that change nothing here, with what may be written.
const WITHOUT_EFFECT: [(&str, Kind); 14] = [
    ("compression.gzip.level", Kind::Number(-1, 9)),
    ("compression.lz4.level", Kind::Number(1, 17)),
    (
        "compression.type",
        Kind::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
    ),
    ("compression.zstd.level", Kind::Number(-131_072, 22)),
    ("file.delete.delay.ms", Kind::Number(0, i64::MAX)),
    ("flush.messages", Kind::Number(1, i64::MAX)),
    ("flush.ms", Kind::Number(0, i64::MAX)),
    ("follower.replication.throttled.replicas", Kind::Text),
    ("index.interval.bytes", Kind::Number(0, i32::MAX as i64)),
    ("leader.replication.throttled.replicas", Kind::Text),
    ("preallocate", Kind::OneOf(&["true", "false"])),
    ("segment.index.bytes", Kind::Number(4, i32::MAX as i64)),
    ("segment.jitter.ms", Kind::Number(0, i64::MAX)),
    (
        "unclean.leader.election.enable",
        Kind::OneOf(&["true", "false"]),
    ),
];

/// What may be written for a setting.
#[derive(Clone, Copy)]
enum Kind {
    /// A whole number from a least to a most.
    Number(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Anything.
    Text,
}

impl Kind {
    fn takes(self, value: &str) -> bool {
        match self {
            Kind::Number(low, high) => number(value, low, high).is_ok(),
            Kind::OneOf(words) => words.contains(&value),
            Kind::Text => true,
        }
    }
}

fn number(value: &str, low: i64, high: i64) -> Result<i64, Error> {
    let parsed: i64 = value.trim().parse().map_err(|_| Error::InvalidConfig)?;
    if (low..=high).contains(&parsed) {
        Ok(parsed)
    } else {
        Err(Error::InvalidConfig)
    }
}

fn bytes(value: &str, low: i64) -> Result<u64, Error> {
    number(value, low, i32::MAX.into()).map(|bytes| bytes as u64)
}

/// A number from 0 to 1, in millionths.
pub(super) fn millionths(value: &str) -> Result<u64, Error> {
    let (whole, part) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && part.is_empty() || !digits(whole) || !digits(part) {
        return Err(Error::InvalidConfig);
    }
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let all = format!("{whole}{part}").parse().unwrap_or(u64::MAX);
    if all > 1_000_000 {
        return Err(Error::InvalidConfig);
    }
    Ok(all)
}

impl Config {
    /// The settings that these words make, over these defaults (rules 2 and 3).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`].
    pub fn of(defaults: &Config, written: &[(Arc<str>, Arc<str>)]) -> Result<Self, Error> {
        let mut config = defaults.clone();
        for (name, value) in written {
            config.set(name, value)?;
        }
        // Whatever the order they were written in, the internal one counts.
        let internal = |(name, _): &&(Arc<str>, _)| &**name == "internal.segment.bytes";
        if let Some((_, value)) = written.iter().find(internal) {
            config.set("internal.segment.bytes", value)?;
        }
        if config.min_compaction_lag_ms > config.max_compaction_lag_ms {
            return Err(Error::InvalidConfig);
        }
        Ok(config)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        const ALL: i64 = i64::MAX;
        match name {
            "cleanup.policy" => {
                let words: Vec<&str> = value.split(',').map(str::trim).collect();
                let known = |word: &&str| ["delete", "compact"].contains(word);
                if !words.iter().filter(|word| !word.is_empty()).all(known) {
                    return Err(Error::InvalidConfig);
                }
                self.cleanup = Cleanup {
                    delete: words.contains(&"delete"),
                    compact: words.contains(&"compact"),
                };
            }
            "retention.ms" => {
                self.retention_ms = Some(number(value, -1, ALL)?).filter(|span| *span >= 0);
            }
            "retention.bytes" => {
                let bytes = number(value, -1, ALL)?;
                self.retention_bytes = u64::try_from(bytes).ok();
            }
            "segment.bytes" => self.segment_bytes = bytes(value, 1_048_576)?,
            "internal.segment.bytes" => self.segment_bytes = bytes(value, 14)?,
            "segment.ms" => self.segment_ms = number(value, 1, ALL)?,
            "max.message.bytes" => self.max_message_bytes = bytes(value, 0)?,
            "message.timestamp.type" => {
                self.timestamp_type = match value {
                    "CreateTime" => TimestampType::CreateTime,
                    "LogAppendTime" => TimestampType::LogAppendTime,
                    _ => return Err(Error::InvalidConfig),
                };
            }
            "message.timestamp.before.max.ms" => {
                self.timestamp_before_max_ms = number(value, 0, ALL)?;
            }
            "message.timestamp.after.max.ms" => {
                self.timestamp_after_max_ms = number(value, 0, ALL)?;
            }
            "min.cleanable.dirty.ratio" => {
                self.min_cleanable_dirty_millionths = millionths(value)?;
            }
            "min.compaction.lag.ms" => self.min_compaction_lag_ms = number(value, 0, ALL)?,
            "max.compaction.lag.ms" => self.max_compaction_lag_ms = number(value, 1, ALL)?,
            "delete.retention.ms" => self.delete_retention_ms = number(value, 0, ALL)?,
            "min.insync.replicas" => {
                self.min_insync_replicas = number(value, 1, i32::MAX.into())? as u32;
            }
            other => {
                let known = WITHOUT_EFFECT.iter().find(|(name, _)| *name == other);
                if !known.is_some_and(|(_, kind)| kind.takes(value)) {
                    return Err(Error::InvalidConfig);
                }
            }
        }
        Ok(())
    }
}

/// Whether a topic can be called so (rule 1).
pub fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=249).contains(&name.len()) && name != "." && name != ".." && name.bytes().all(fits)
}

/// Whether two names are too much alike to stand beside each other (rule 1).
pub fn collide(one: &str, other: &str) -> bool {
    one.replace('.', "_") == other.replace('.', "_")
}

/// The topics that the broker keeps for itself.
pub const INTERNAL: [&str; 3] = [
    "__consumer_offsets",
    "__transaction_state",
    "__share_group_state",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_or_refused() {
        let check = |name: &str, value: &str, takes: bool| {
            let written = [(name.into(), value.into())];
            let read = Config::of(&Config::default(), &written);
            assert_eq!(read.is_ok(), takes, "{name}={value}");
        };
        check("retention.ms", "-1", true);
        check("retention.ms", "-2", false);
        check("retention.ms", "soon", false);
        check("cleanup.policy", "compact,delete", true);
        check("cleanup.policy", "keep", false);
        check("segment.bytes", "1000", false);
        check("internal.segment.bytes", "1000", true);
        check("min.cleanable.dirty.ratio", "0.01", true);
        check("min.cleanable.dirty.ratio", "1.01", false);
        check("min.cleanable.dirty.ratio", ".", false);
        check("compression.type", "zstd", true);
        check("compression.type", "rar", false);
        check("no.such.setting", "1", false);
    }

    #[test]
    fn names_are_checked() {
        for name in ["orders", "a.b-c_D9", "..."] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", "bad name", "ä", &"x".repeat(250)] {
            assert!(!is_name(name), "{name}");
        }
        assert!(collide("a.b", "a_b"));
        assert!(!collide("a.b", "a-b"));
    }
}
