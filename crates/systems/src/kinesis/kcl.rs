//! The Kinesis Client Library (KCL): workers that share the shards of a stream by leases.
//!
//! One lease for each shard stands in a table that all workers of an application use. It behaves as
//! version 2 of the library. A worker is a state machine over the clock it is handed; it reads the
//! stream with a [`reader`] for each lease it holds.
//!
//! # Rules
//! K36. Each shard has one lease, with its owner, a counter that grows with every renewal and change
//! of owner, and a checkpoint. Every write to a lease is conditional on the counter one saw.
//! Source: developer guide, "Use Kinesis Client Library", lease table; awslabs/amazon-kinesis-client.
//! Shown by: the test `of_two_workers_that_take_a_lease_one_gets_it`.
//!
//! K37. The owner renews its leases every third of the failover time (10 s). A lease whose counter
//! another worker has not seen change for the failover time has expired, and may be taken; one without
//! owner may be taken at once. Source: `failoverTimeMillis`; awslabs/amazon-kinesis-client. Shown by:
//! the test `a_dead_worker_loses_its_leases_after_the_failover_time`.
//!
//! K38. A worker aims at its even share of the leases, rounded up. It takes expired leases up to that;
//! when there are none it steals one from the worker that has most, if that one has more than the
//! share, or just the share while the thief lacks more than one. Source:
//! awslabs/amazon-kinesis-client, `DynamoDBLeaseTaker`. Shown by: the test `a_new_worker_steals_its_share`.
//!
//! K39. A worker that has not renewed a lease for the failover time no longer counts it as its own. A
//! checkpoint for a lease that is not held, or whose counter somebody else changed, is refused, and
//! the lease is lost: a zombie cannot move a checkpoint. Source: awslabs/amazon-kinesis-client,
//! `ShutdownException`. Shown by: the test `the_checkpoint_of_a_zombie_is_refused`.
//!
//! K40. A checkpoint never goes back, and lies at a record that was given to the processor. Source:
//! awslabs/amazon-kinesis-client, `ShardRecordProcessorCheckpointer`. Shown by:
//! the test `a_checkpoint_does_not_go_back`.
//!
//! K41. At the end of its shard the worker makes leases for the children, starting at TRIM_HORIZON,
//! and then checkpoints at SHARD_END. A shard is processed only when all its parents are at SHARD_END
//! or have no lease any more. Source: developer guide, "Resharding, scaling, and parallel processing".
//! Shown by: the test `children_are_processed_after_their_parents`.
//!
//! K42. At first there are leases for the shards at the initial position: the oldest ones for
//! TRIM_HORIZON, the open ones for LATEST. The lease of a finished shard goes when the leases of all
//! its children have moved on. Source: awslabs/amazon-kinesis-client, `HierarchicalShardSyncer`,
//! `LeaseCleanupManager`. Shown by: the test `the_first_leases_are_those_at_the_initial_position`,
//! the test `children_are_processed_after_their_parents`.
//!
//! Simplified: the library takes expired leases in random order; here the longest expired comes
//! first. A checkpoint stands at a whole record, without sub-sequence numbers.
//!
//! Left out: graceful handover of a lease, assignment by CPU load (version 3), pending checkpoints,
//! and the leader that audits the table for missing leases.

pub mod fact;
pub mod lease;
pub mod reader;
pub mod worker;

crate::settings! {
    /// Of an application that uses the library.
    pub struct Settings {
        /// After how many milliseconds without a renewal a lease may be taken.
        "failoverTimeMillis" failover_ms: u64 = 10_000, 1_000..=3_600_000;
        /// How many leases a worker holds at most.
        "maxLeasesForWorker" most_leases: u32 = 2_147_483_647, 1..=2_147_483_647;
        /// How many leases a worker steals at one time.
        "maxLeasesToStealAtOneTime" most_stolen: u32 = 1, 1..=1_000;
    }
}
