//! The coordinator of a classic consumer group.
//!
//! # Rules
//! Sources: Kafka documentation ("Consumer configs", "Broker configs"), the protocol guide,
//! KIP-134 (initial rebalance delay), KIP-394 (member id required), and the behaviour of a
//! Kafka 4.3 broker.
//!
//! 1. The first join of a newcomer is answered `MEMBER_ID_REQUIRED` with an id; joining with that
//!    id enters the group. A session time-out outside the broker's bounds is refused before that.
//! 2. An id that was given out and not yet used does not disturb a stable group, but a rebalance
//!    waits for it until its session time-out.
//! 3. The first member is the leader and stays so as long as it rejoins. Only the leader is told
//!    who the members are.
//! 4. A join is answered when all known members have joined again, or when the largest rebalance
//!    time-out among them has passed; who has not rejoined by then is thrown out.
//! 5. While its join or sync is parked, a member is not thrown out by its session time-out.
//! 6. The coordinator does not notice that the connection of a member is gone. A dead member stays
//!    until its session time-out, and a successor's join waits until then.
//! 7. Every completed rebalance raises the generation by one, also the one that leaves the group empty.
//! 8. In a stable group a follower that joins unchanged is answered at once, without a rebalance.
//!    The leader's join starts one, and so does a changed subscription.
//! 9. The first rebalance of an empty group waits `group.initial.rebalance.delay.ms`. When somebody
//!    new came meanwhile it waits again, all in all never longer than the rebalance time-out.
//! 10. A heartbeat is fine while the group is stable or syncs; it is answered `REBALANCE_IN_PROGRESS`
//!     while members are awaited, which still keeps the session; a wrong generation does not keep it.
//! 11. Followers' syncs wait for the leader's. In a stable group a sync repeats the stored assignment.
//! 12. Whoever joined and sends no sync is thrown out one rebalance time-out after the join was answered.
//! 13. Signs of life are a join, a sync, a good heartbeat and an accepted commit.
//! 14. A commit needs a known member id and the present generation. While members are awaited,
//!     commits of the old generation are still taken; between the joins and the leader's sync all
//!     are refused.
//! 15. The coordinator checks neither who owns the partition nor whether the offset lies in the log.

mod rebalance;
pub(crate) mod visit;

use super::offsets::Offsets;
use super::{Caller, Error, Offset, Partition, TopicId};
use explore::Weigh;
use explore::time::{Instant, Span};
use serde::{Deserialize, Serialize};

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

/// What a join carries.
#[derive(Clone, Debug)]
pub struct Join {
    /// The id the client holds; none at first.
    pub member: Option<MemberId>,
    /// How long the coordinator waits for a sign of life.
    pub session_timeout: Span,
    /// How long the coordinator waits for this member in a rebalance.
    pub rebalance_timeout: Span,
    /// What the member subscribes to.
    pub topics: Vec<TopicId>,
}

/// One member as the coordinator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// What it owns in the present generation.
    pub assignment: Vec<Partition>,
    topics: Vec<TopicId>,
    session_timeout: Span,
    rebalance_timeout: Span,
    session_ends: Instant,
    joining: Option<Caller>,
    syncing: Option<Caller>,
    synced: bool,
}

/// What the group is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum State {
    /// Nobody is in it.
    #[default]
    Empty,
    /// Waiting for members to join again.
    PreparingRebalance {
        /// When the wait ends.
        until: Instant,
        /// In the first rebalance of an empty group: what is left of the longest wait.
        initial: Option<Initial>,
    },
    /// Everybody has joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Everybody knows what is theirs.
    Stable,
}

/// The first rebalance of an empty group (rule 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Initial {
    delay: Span,
    remaining: Span,
    newcomer: bool,
}

impl State {
    /// The name the tools print.
    pub const fn name(self) -> &'static str {
        match self {
            State::Empty => "Empty",
            State::PreparingRebalance { .. } => "PreparingRebalance",
            State::CompletingRebalance => "CompletingRebalance",
            State::Stable => "Stable",
        }
    }
}

/// Something the coordinator waits for, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deadline {
    /// A sign of life of a member.
    Session(MemberId),
    /// An id that was given out to be used.
    Pending(MemberId),
    /// All members to rejoin.
    Rebalance,
    /// All members to sync.
    Sync,
}

/// The state of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Group {
    state: State,
    generation: Generation,
    leader: Option<MemberId>,
    members: Vec<Member>,
    pending: Vec<(MemberId, Instant)>,
    sync_ends: Option<Instant>,
    ids_given: Vec<(u8, u16)>,
    offsets: Offsets,
}

impl Group {
    /// What it is doing.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the coordinator knows the group: it has given out an id, or holds a commit.
    pub fn exists(&self) -> bool {
        !self.ids_given.is_empty() || !self.offsets.all().is_empty()
    }

    /// The present generation; 0 before the first.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// The members, in the order they came.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The committed offset: the next one to read. Nothing where nothing was ever committed.
    pub fn committed(&self, partition: Partition) -> Option<Offset> {
        self.offsets.committed(partition)
    }

    /// Its offsets.
    pub fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    pub(super) fn offsets_mut(&mut self) -> &mut Offsets {
        &mut self.offsets
    }

    /// When a member's session ends, if nothing is heard of it until then and no request of it is parked (rule 5).
    pub fn session_ends(&self, id: MemberId) -> Option<Instant> {
        self.member(id)
            .filter(|member| !member.is_parked())
            .map(|member| member.session_ends)
    }

    fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    pub(super) fn check_member(&self, id: MemberId, generation: Generation) -> Result<(), Error> {
        if self.member(id).is_none() {
            Err(Error::UnknownMemberId)
        } else if generation != self.generation {
            Err(Error::IllegalGeneration)
        } else {
            Ok(())
        }
    }

    /// A heartbeat (rule 10).
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`], [`Error::IllegalGeneration`], [`Error::RebalanceInProgress`].
    pub fn heartbeat(
        &mut self,
        now: Instant,
        id: MemberId,
        generation: Generation,
    ) -> Result<(), Error> {
        self.check_member(id, generation)?;
        if let Some(member) = self.member_mut(id) {
            member.session_ends = now + member.session_timeout;
        }
        match self.state {
            State::PreparingRebalance { .. } => Err(Error::RebalanceInProgress),
            State::Empty | State::CompletingRebalance | State::Stable => Ok(()),
        }
    }

    /// Whether a heartbeat would tell the member something: that it is awaited, or no longer one.
    pub fn has_news_for(&self, id: MemberId, generation: Generation) -> bool {
        self.check_member(id, generation).is_err()
            || matches!(self.state, State::PreparingRebalance { .. })
    }

    /// Whom the wait of this deadline is for: who has not rejoined, not synced, or shown no sign of life.
    pub fn awaited(&self, deadline: Deadline) -> Vec<MemberId> {
        match deadline {
            Deadline::Session(id) | Deadline::Pending(id) => vec![id],
            // The first rebalance of an empty group waits for nobody in particular.
            Deadline::Rebalance
                if matches!(
                    self.state,
                    State::PreparingRebalance {
                        initial: Some(_),
                        ..
                    }
                ) =>
            {
                Vec::new()
            }
            Deadline::Rebalance => {
                let absent = self.members.iter().filter(|one| one.joining.is_none());
                let pending = self.pending.iter().map(|(id, _)| *id);
                absent.map(|one| one.id).chain(pending).collect()
            }
            Deadline::Sync => {
                let late = self.members.iter().filter(|one| !one.synced);
                late.map(|one| one.id).collect()
            }
        }
    }

    /// How many member ids it has given out, all in all.
    pub fn ids_given(&self) -> usize {
        let given = self.ids_given.iter();
        given.map(|(_, count)| usize::from(*count)).sum()
    }

    /// The ids that were given out and not used yet.
    pub fn pending(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.pending.iter().map(|(id, _)| *id)
    }

    /// A commit of partitions that exist (rules 14, 15).
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`], [`Error::IllegalGeneration`], [`Error::RebalanceInProgress`].
    pub fn commit(
        &mut self,
        now: Instant,
        id: MemberId,
        generation: Generation,
        offsets: &[(Partition, Offset)],
    ) -> Result<(), Error> {
        self.check_member(id, generation)?;
        if self.state == State::CompletingRebalance {
            return Err(Error::RebalanceInProgress);
        }
        if let Some(member) = self.member_mut(id) {
            member.session_ends = now + member.session_timeout;
        }
        self.offsets.commit(offsets);
        Ok(())
    }

    /// Everything the coordinator waits for.
    pub fn deadlines(&self) -> impl Iterator<Item = (Instant, Deadline)> + '_ {
        let rebalance = match self.state {
            State::PreparingRebalance { until, .. } => Some((until, Deadline::Rebalance)),
            State::Empty | State::CompletingRebalance | State::Stable => None,
        };
        let sessions = self
            .members
            .iter()
            .filter(|member| !member.is_parked())
            .map(|m| (m.session_ends, Deadline::Session(m.id)));
        let pending = self
            .pending
            .iter()
            .map(|&(id, until)| (until, Deadline::Pending(id)));
        sessions
            .chain(pending)
            .chain(rebalance)
            .chain(self.sync_ends.map(|until| (until, Deadline::Sync)))
    }
}

impl Member {
    fn is_parked(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }
}
