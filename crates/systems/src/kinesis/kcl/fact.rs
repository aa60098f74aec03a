//! What happens to leases, as a learner should see it.

use std::sync::Arc;

crate::facts! {
    /// A worker took a lease that nobody held or that had expired.
    Headline LeaseTaken "lease_taken" {
        /// Who.
        worker: Arc<str>,
        /// Of which shard.
        shard: u32,
        /// Who had held it.
        from: Option<Arc<str>>,
    }
    /// A worker took a live lease, for balance.
    Headline LeaseStolen "lease_stolen" {
        /// Who.
        worker: Arc<str>,
        /// Of which shard.
        shard: u32,
        /// From whom.
        from: Arc<str>,
    }
    /// A worker found that a lease is no longer its own.
    Headline LeaseLost "lease_lost" {
        /// Who.
        worker: Arc<str>,
        /// Of which shard.
        shard: u32,
    }
    /// A worker showed that it lives.
    Detail LeaseRenewed "lease_renewed" {
        /// Who.
        worker: Arc<str>,
        /// Of which shard.
        shard: u32,
    }
    /// A worker noted how far it is.
    Headline Checkpointed "checkpointed" {
        /// Who.
        worker: Arc<str>,
        /// In which shard.
        shard: u32,
        /// Where.
        at: Arc<str>,
    }
    /// A worker wanted to note how far it is, and may not.
    Headline CheckpointRefused "checkpoint_refused" {
        /// Who.
        worker: Arc<str>,
        /// In which shard.
        shard: u32,
    }
    /// A shard has a lease now.
    Detail LeaseCreated "lease_created" {
        /// Which.
        shard: u32,
    }
}
