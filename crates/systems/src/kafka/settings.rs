//! What is set on the broker; defaults as shipped.
//!
//! Source: documentation, "Broker Configs". Only what changes what clients see is here.

use super::TopicId;
use super::topic::Config;
use explore::Weigh;
use explore::time::Span;

/// How transactions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub enum TransactionVersion {
    /// The producer announces partitions and groups, and keeps its epoch.
    V1,
    /// Writing announces by itself, and every end raises the epoch. Source: KIP-890.
    V2,
}

/// Broker settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// `node.id`.
    pub node: i32,
    /// `group.initial.rebalance.delay.ms`, 3000 as shipped.
    pub initial_rebalance_delay: Span,
    /// `group.min.session.timeout.ms`, 6000 as shipped.
    pub min_session_timeout: Span,
    /// `group.max.session.timeout.ms`, 1800000 as shipped.
    pub max_session_timeout: Span,
    /// `group.max.size`, 2147483647 as shipped.
    pub group_max_size: u32,
    /// `offset.metadata.max.bytes`, 4096 as shipped.
    pub offset_metadata_max_bytes: u32,
    /// `offsets.retention.minutes`, 10080 as shipped.
    pub offsets_retention: Span,
    /// `offsets.retention.check.interval.ms`, 600000 as shipped.
    pub offsets_retention_check_interval: Span,
    /// What topics have that were not given their own.
    pub topic: Config,
    /// The topics of a scene whose logs are looked after by themselves ([`super::housekeeping::Upkeep`]): those
    /// that set something of their log. Others keep everything for as long as a scene lasts.
    pub looked_after: Vec<TopicId>,
    /// `log.retention.check.interval.ms`, 300000 as shipped.
    pub retention_check_interval: Span,
    /// `log.cleaner.backoff.ms`, 15000 as shipped.
    pub cleaner_backoff: Span,
    /// `producer.id.expiration.ms`, 86400000 as shipped.
    pub producer_id_expiration: Span,
    /// `producer.id.expiration.check.interval.ms`, 600000 as shipped.
    pub producer_id_expiration_check_interval: Span,
    /// `transaction.max.timeout.ms`, 900000 as shipped.
    pub transaction_max_timeout: Span,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`, 10000 as shipped.
    pub transaction_abort_interval: Span,
    /// `transactional.id.expiration.ms`, 604800000 as shipped.
    pub transactional_id_expiration: Span,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`, 3600000 as shipped.
    pub transactional_id_expiration_interval: Span,
    /// `transaction.partition.verification.enable`, true as shipped.
    pub transaction_verification: bool,
    /// The feature `transaction.version` of the cluster, 2 as shipped.
    pub transaction_version: TransactionVersion,
}

impl Default for Settings {
    fn default() -> Self {
        let ms = Span::from_ms;
        Settings {
            node: 1,
            initial_rebalance_delay: ms(3_000),
            min_session_timeout: ms(6_000),
            max_session_timeout: ms(1_800_000),
            group_max_size: 2_147_483_647,
            offset_metadata_max_bytes: 4_096,
            offsets_retention: ms(10_080 * 60_000),
            offsets_retention_check_interval: ms(600_000),
            topic: Config::default(),
            looked_after: Vec::new(),
            retention_check_interval: ms(300_000),
            cleaner_backoff: ms(15_000),
            producer_id_expiration: ms(86_400_000),
            producer_id_expiration_check_interval: ms(600_000),
            transaction_max_timeout: ms(900_000),
            transaction_abort_interval: ms(10_000),
            transactional_id_expiration: ms(604_800_000),
            transactional_id_expiration_interval: ms(3_600_000),
            transaction_verification: true,
            transaction_version: TransactionVersion::V2,
        }
    }
}
