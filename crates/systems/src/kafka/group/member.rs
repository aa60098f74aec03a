//! Members, as the coordinator sees them.

use crate::kafka::{Caller, Partition, TopicId};
use explore::Weigh;
use explore::time::{Instant, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Counts the completed rebalances of a group.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Generation(pub u32);

/// A member's id: the n-th one this client was given. The real one ends in a random UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct MemberId {
    /// The client.
    pub client: u8,
    /// From 1.
    pub nth: u16,
}

/// A name that members choose: a protocol's, a protocol type's, an instance's.
pub type Name = Arc<str>;

/// What a member tells the others, by way of the leader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Subscription {
    /// What it subscribes to.
    pub topics: Vec<TopicId>,
    /// What it says it owns.
    pub owned: Vec<Partition>,
    /// In which generation it was given that.
    pub generation: Option<Generation>,
}

/// One member as the coordinator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// Its `group.instance.id`, if it is a static member.
    pub instance: Option<Name>,
    /// What it owns in the present generation.
    pub assignment: Vec<Partition>,
    pub(super) subscription: Subscription,
    pub(super) protocols: Option<Arc<[Name]>>,
    pub(super) session_timeout: Span,
    pub(super) rebalance_timeout: Span,
    pub(super) session_ends: Instant,
    pub(super) joining: Option<Caller>,
    pub(super) syncing: Option<Caller>,
    pub(super) synced: bool,
}

impl Member {
    /// What it subscribes to.
    pub fn topics(&self) -> &[TopicId] {
        &self.subscription.topics
    }

    /// What it tells the others.
    pub const fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    pub(super) fn is_parked(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }
}
