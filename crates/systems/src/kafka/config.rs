//! Kafka's own settings where scenes set them, one table for each place: of consumers, producers, the
//! broker and its topics.
//!
//! Source: documentation, "Consumer Configs", "Producer Configs" and "Broker Configs". What is checked of
//! two settings together is checked here too, as Kafka's clients and broker do it.

use super::assignor::Assignor;
use super::log::Isolation;
use super::settings::{Settings, TransactionVersion};
use super::topic::{Cleanup, Config, millionths};
use crate::setting::{Misfit, Row, Table};
use explore::time::Span;
use serde::{Deserialize, Serialize};

/// `auto.offset.reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Reset {
    /// At the start of the log.
    Earliest,
    /// At its end, as shipped: what was written before is not read.
    Latest,
}

crate::choices! { Reset { Earliest "earliest", Latest "latest" } }

/// `isolation.level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum IsolationLevel {
    /// All of them, as shipped.
    ReadUncommitted,
    /// Those of transactions that were committed, up to the first one that is open.
    ReadCommitted,
}

crate::choices! { IsolationLevel { ReadUncommitted "read_uncommitted", ReadCommitted "read_committed" } }

impl From<IsolationLevel> for Isolation {
    fn from(level: IsolationLevel) -> Self {
        match level {
            IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
            IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        }
    }
}

/// `acks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Acks {
    /// For nothing: a record that gets lost is lost, and nobody knows.
    #[serde(rename = "0")]
    None,
    /// For the leader.
    #[serde(rename = "1")]
    Leader,
    /// For all replicas in sync, as shipped.
    #[serde(rename = "all")]
    All,
}

crate::choices! { Acks { None "0", Leader "1", All "all" } }

crate::settings! {
    /// Consumer settings, with the values as shipped.
    pub struct ConsumerConfig in scenes {
        /// The most records one poll returns.
        "max.poll.records" max_poll_records: u32 = 500, 1..=100_000;
        /// How long the coordinator waits for a sign of life, in ms.
        "session.timeout.ms" session_timeout_ms: u32 = 45_000;
        /// How often the client says that it lives, in ms.
        "heartbeat.interval.ms" heartbeat_interval_ms: u32 = 3_000;
        /// How long a program may take from one poll to the next, in ms: then its client leaves the group. A rebalance waits as long for this member.
        "max.poll.interval.ms" max_poll_interval_ms: u32 = 300_000, 1..=86_400_000;
        /// How often auto-commit writes the position, in ms. It does so inside a poll only.
        "auto.commit.interval.ms" auto_commit_interval_ms: u32 = 5_000, 1..=86_400_000;
        /// Where to begin when nothing was committed.
        "auto.offset.reset" auto_offset_reset: Reset = Reset::Latest;
        /// Which records of transactions it reads.
        "isolation.level" isolation_level: IsolationLevel = IsolationLevel::ReadUncommitted;
        /// How the leader of its group gives out the partitions: all members of a group have the same.
        #[serde(skip_serializing_if = "Assignor::is_range")]
        "partition.assignment.strategy" partition_assignment_strategy: Assignor = Assignor::Range;
        /// The name that makes it a static member: a restart under it moves no partition.
        #[serde(skip_serializing_if = "Option::is_none")]
        "group.instance.id" group_instance_id: Option<String> = None;
    }
}

impl ConsumerConfig {
    /// What makes no sense of these settings with such a broker, in the order of the table.
    ///
    /// ```
    /// use systems::kafka::config::{BrokerConfig, ConsumerConfig};
    ///
    /// let config = ConsumerConfig { session_timeout_ms: 5_999, ..ConsumerConfig::default() };
    /// let misfits = config.misfits(&BrokerConfig::default());
    /// assert_eq!(misfits[0].what, "session.timeout.ms is 5999");
    /// assert_eq!(misfits[0].help, "write a number from 6000 to 1800000");
    /// ```
    pub fn misfits(&self, broker: &BrokerConfig) -> Vec<Misfit> {
        let mut found = self.outside();
        let session = broker.group_min_session_timeout_ms..=broker.group_max_session_timeout_ms;
        let (is, heartbeat) = (self.session_timeout_ms, self.heartbeat_interval_ms);
        // A broker that accepts no session is told once, and not with each of its consumers.
        if !session.is_empty() && !session.contains(&is) {
            let (low, high) = (session.start(), session.end());
            found.push(Misfit {
                beside_of_broker: &[
                    "group.min.session.timeout.ms",
                    "group.max.session.timeout.ms",
                ],
                ..Misfit::outside("session.timeout.ms", is, low, high)
            });
        }
        // Heartbeats are held against a session time-out only where the broker accepts that.
        if heartbeat == 0 || heartbeat >= is && session.contains(&is) {
            found.push(Misfit {
                name: "heartbeat.interval.ms",
                what: format!("heartbeats every {heartbeat} ms cannot keep a session of {is} ms"),
                help: "write a number above 0 and below session.timeout.ms; Kafka advises a third of it"
                    .to_owned(),
                beside: &["session.timeout.ms"],
                beside_of_broker: &[],
            });
        }
        in_order(Self::ROWS, found)
    }
}

crate::settings! {
    /// Producer settings, with the values as shipped.
    pub struct ProducerConfig in scenes {
        /// Whether the broker recognises a record that is sent again.
        "enable.idempotence" enable_idempotence: bool = true;
        /// What it waits for. There is one replica here, so that 1 and all are the same.
        "acks" acks: Acks = Acks::All;
        /// How often a request without an answer is sent again.
        "retries" retries: u32 = 2_147_483_647;
        /// How long it waits for an answer, in ms.
        "request.timeout.ms" request_timeout_ms: u32 = 30_000, 1..=86_400_000;
        /// The name that its transactions are known by, whichever process makes them. Left out: it makes none.
        #[serde(skip_serializing_if = "Option::is_none")]
        "transactional.id" transactional_id: Option<String> = None;
        /// How long a transaction may be open before the coordinator aborts it, in ms.
        "transaction.timeout.ms" transaction_timeout_ms: u32 = 60_000, 1..=900_000;
    }
}

impl ProducerConfig {
    /// What makes no sense of these settings, in the order of the table. A transaction may be open for as
    /// long as `transaction.max.timeout.ms` of the broker says, as shipped.
    ///
    /// Source: `ProducerConfig.postProcessAndValidateIdempotenceConfigs`.
    pub fn misfits(&self) -> Vec<Misfit> {
        let mut found = self.outside();
        let mut add = |name, what: &str, help: &str, beside| {
            found.push(Misfit {
                name,
                what: what.to_owned(),
                help: help.to_owned(),
                beside,
                beside_of_broker: &[],
            });
        };
        if self.transactional_id.is_some() && !self.enable_idempotence {
            add(
                "enable.idempotence",
                "a transactional producer is an idempotent one",
                "remove it, or remove the transactional.id",
                &["transactional.id"],
            );
        }
        let or_not = "remove it, or write \"enable.idempotence\": false";
        if self.enable_idempotence && self.acks != Acks::All {
            let what = "an idempotent producer needs acks=all";
            add("acks", what, or_not, &["enable.idempotence"]);
        }
        if self.enable_idempotence && self.retries == 0 {
            let what = "an idempotent producer needs retries";
            add("retries", what, or_not, &["enable.idempotence"]);
        }
        in_order(Self::ROWS, found)
    }
}

crate::settings! {
    /// Broker settings under their real names, with the values as shipped.
    pub struct BrokerConfig in scenes {
        /// How long the first rebalance of an empty group waits for more members, in ms.
        "group.initial.rebalance.delay.ms" group_initial_rebalance_delay_ms: u32 = 3_000;
        /// The shortest session time-out that is accepted, in ms.
        "group.min.session.timeout.ms" group_min_session_timeout_ms: u32 = 6_000;
        /// The longest session time-out that is accepted, in ms.
        "group.max.session.timeout.ms" group_max_session_timeout_ms: u32 = 1_800_000;
        /// How often the broker looks for segments that are too old or too many, in ms.
        "log.retention.check.interval.ms" log_retention_check_interval_ms: u32 = 300_000, 1..=86_400_000;
        /// How long the log cleaner waits when there is nothing to clean, in ms.
        "log.cleaner.backoff.ms" log_cleaner_backoff_ms: u32 = 15_000, 1..=86_400_000;
        /// The version of transactions that the cluster has agreed on, 1 or 2 (a feature, not a setting).
        "transaction.version" transaction_version: u8 = 2, 1..=2;
    }
}

impl BrokerConfig {
    /// What makes no sense of these settings, in the order of the table.
    pub fn misfits(&self) -> Vec<Misfit> {
        let mut found = self.outside();
        let (low, high) = (
            self.group_min_session_timeout_ms,
            self.group_max_session_timeout_ms,
        );
        if low > high {
            found.push(Misfit {
                name: "group.min.session.timeout.ms",
                what: format!("no session can last {low} ms or longer and {high} ms or shorter"),
                help: "write a number that is no larger than group.max.session.timeout.ms"
                    .to_owned(),
                beside: &["group.max.session.timeout.ms"],
                beside_of_broker: &[],
            });
        }
        in_order(Self::ROWS, found)
    }

    /// The version of transactions; 2 where there is no such version.
    pub const fn version(&self) -> TransactionVersion {
        match self.transaction_version {
            1 => TransactionVersion::V1,
            _ => TransactionVersion::V2,
        }
    }
}

impl From<&BrokerConfig> for Settings {
    fn from(config: &BrokerConfig) -> Self {
        let ms = |ms: u32| Span::from_ms(ms.into());
        Settings {
            initial_rebalance_delay: ms(config.group_initial_rebalance_delay_ms),
            min_session_timeout: ms(config.group_min_session_timeout_ms),
            max_session_timeout: ms(config.group_max_session_timeout_ms),
            retention_check_interval: ms(config.log_retention_check_interval_ms),
            cleaner_backoff: ms(config.log_cleaner_backoff_ms),
            transaction_version: config.version(),
            ..Settings::default()
        }
    }
}

/// `cleanup.policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CleanupPolicy {
    /// Old segments are deleted, as shipped.
    #[serde(rename = "delete")]
    Delete,
    /// Of each key the last record is kept.
    #[serde(rename = "compact")]
    Compact,
    /// Both.
    #[serde(rename = "compact,delete")]
    Both,
}

crate::choices! { CleanupPolicy { Delete "delete", Compact "compact", Both "compact,delete" } }

crate::settings! {
    /// What a topic is made with. A topic of a scene that sets one of those of its log is looked after: its
    /// old segments go, and it is cleaned.
    pub struct TopicConfig in scenes {
        /// How many partitions it has.
        #[serde(skip)]
        "partitions" partitions: u16 = 1, 1..=64;
        /// What is done to old records.
        "cleanup.policy" cleanup_policy: CleanupPolicy = CleanupPolicy::Delete;
        /// How old the latest timestamp of a segment may get before the segment is deleted, in ms; -1 is without end.
        "retention.ms" retention_ms: i64 = 604_800_000, -1..=i64::MAX;
        /// How many bytes of a partition are kept at least, when segments are deleted for its size; -1 is all.
        "retention.bytes" retention_bytes: i64 = -1, -1..=i64::MAX;
        /// By how much a record may be younger than the first one of its segment, in ms; the next one begins a new segment.
        "segment.ms" segment_ms: i64 = 604_800_000, 1..=i64::MAX;
        /// How many bytes a segment may have.
        "segment.bytes" segment_bytes: i32 = 1_073_741_824, 1_048_576..=i32::MAX;
        /// Of the bytes that could be cleaned more than this part must be dirty before the cleaner comes, as a text from "0" to "1".
        "min.cleanable.dirty.ratio" min_cleanable_dirty_ratio: String = "0.5".to_owned();
        /// For how long a tombstone stays after the cleaning that met it first, in ms.
        "delete.retention.ms" delete_retention_ms: i64 = 86_400_000, 0..=i64::MAX;
        /// By how much a record's timestamp may lie ahead of the broker's clock, in ms.
        "message.timestamp.after.max.ms" message_timestamp_after_max_ms: i64 = 3_600_000, 0..=i64::MAX;
    }
}

impl TopicConfig {
    /// What makes no sense of these settings, in the order of the table.
    pub fn misfits(&self) -> Vec<Misfit> {
        let mut found = self.outside();
        if millionths(&self.min_cleanable_dirty_ratio).is_err() {
            let (name, is) = ("min.cleanable.dirty.ratio", &self.min_cleanable_dirty_ratio);
            found.push(Misfit::outside(name, is, "\"0\"", "\"1\""));
        }
        in_order(Self::ROWS, found)
    }
}

impl From<&TopicConfig> for Config {
    fn from(config: &TopicConfig) -> Self {
        let delete = config.cleanup_policy != CleanupPolicy::Compact;
        let compact = config.cleanup_policy != CleanupPolicy::Delete;
        Config {
            cleanup: Cleanup { delete, compact },
            retention_ms: Some(config.retention_ms).filter(|span| *span >= 0),
            retention_bytes: u64::try_from(config.retention_bytes).ok(),
            segment_ms: config.segment_ms,
            segment_bytes: u64::try_from(config.segment_bytes).unwrap_or(0),
            // One that makes no sense is told as a misfit, and no scene runs with it.
            min_cleanable_dirty_millionths: millionths(&config.min_cleanable_dirty_ratio)
                .unwrap_or(1_000_000),
            delete_retention_ms: config.delete_retention_ms,
            timestamp_after_max_ms: config.message_timestamp_after_max_ms,
            ..Config::default()
        }
    }
}

/// These misfits in the order of their settings in a table.
fn in_order(rows: &[Row], mut found: Vec<Misfit>) -> Vec<Misfit> {
    let place = |misfit: &Misfit| rows.iter().position(|row| row.name == misfit.name);
    tiny_sort::stable::sort_by_key(&mut found, place);
    found
}
