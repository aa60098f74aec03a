//! What clients ask of a group.

use super::{Generation, MemberId, Name, Subscription};
use crate::kafka::Partition;
use explore::time::Span;
use std::sync::Arc;

/// What a join carries.
#[derive(Clone, Debug)]
pub struct Join {
    /// The id the client holds; none at first.
    pub member: Option<MemberId>,
    /// `group.instance.id`: it makes the member a static one.
    pub instance: Option<Name>,
    /// How long the coordinator waits for a sign of life.
    pub session_timeout: Span,
    /// How long the coordinator waits for this member in a rebalance.
    pub rebalance_timeout: Span,
    /// What kind of group it is: `consumer`, `connect`.
    pub protocol_type: Name,
    /// The protocols the member knows, the preferred one first. Members of scenes name none.
    pub protocols: Option<Arc<[Name]>>,
    /// What the member tells the others.
    pub subscription: Subscription,
}

/// What a sync carries.
#[derive(Clone, Debug)]
pub struct Sync {
    /// Who asks.
    pub speaker: Speaker,
    /// Which protocol it thinks was chosen; left out, that is not checked.
    pub protocol: Option<Name>,
    /// From the leader: who gets what.
    pub assignments: Vec<(MemberId, Vec<Partition>)>,
}

/// Who asks, as a member says it of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Speaker {
    /// Its member id; none where somebody is no member.
    pub member: Option<MemberId>,
    /// Its `group.instance.id`.
    pub instance: Option<Name>,
    /// Its generation; none is the -1 of somebody who never joined.
    pub generation: Option<Generation>,
}

impl Speaker {
    /// A dynamic member.
    pub const fn member(id: MemberId, generation: Generation) -> Self {
        Speaker {
            member: Some(id),
            instance: None,
            generation: Some(generation),
        }
    }
}
