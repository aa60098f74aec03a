//! The coordinator of a classic consumer group.
//!
//! # Rules
//! Sources: Kafka documentation ("Consumer configs", "Broker configs"), the protocol guide,
//! KIP-134 (initial rebalance delay), KIP-345 (static members), KIP-394 (member id required), the
//! classes `GroupMetadataManager` and `ClassicGroup`, and the behaviour of a Kafka 4.3 broker.
//!
//! 1. The first join of a dynamic newcomer is answered `MEMBER_ID_REQUIRED` with an id; joining with
//!    that id enters the group. By then the group exists. A session time-out outside the broker's
//!    bounds, a full group and protocols that nobody shares are refused before that. Shown by:
//!    kafka-group-first-join, kafka-group-invalid-requests.
//! 2. An id that was given out and not yet used does not disturb a stable group, but a rebalance
//!    waits for it until its session time-out. Leaving with it gives it up. Shown by:
//!    kafka-group-invalid-requests.
//! 3. The first member is the leader and stays so as long as it rejoins. Only the leader is told
//!    who the members are. Shown by: kafka-group-join-parks-until-all-rejoin.
//! 4. A join is answered when all known members have joined again, or when the largest rebalance
//!    time-out among them has passed; who has not rejoined by then is thrown out, unless it is a static
//!    member. Shown by: kafka-group-rebalance-timeout.
//! 5. While its join or sync is parked, a member is not thrown out by its session time-out. Shown by:
//!    kafka-group-initial-delay.
//! 6. The coordinator does not notice that the connection of a member is gone. A dead member stays
//!    until its session time-out, and a successor's join waits until then. Shown by:
//!    kafka-group-redelivery-after-crash.
//! 7. Every completed rebalance raises the generation by one, also the one that leaves the group empty.
//!    Only deleting the group begins anew. Shown by: kafka-group-generations.
//! 8. In a stable group a follower that joins unchanged is answered at once, without a rebalance.
//!    The leader's join starts one, and so does a changed subscription. Shown by:
//!    kafka-group-max-size.
//! 9. The first rebalance of an empty group waits `group.initial.rebalance.delay.ms`. When somebody
//!    new came meanwhile it waits again, all in all never longer than the rebalance time-out. Shown by:
//!    kafka-group-initial-delay.
//! 10. A heartbeat is fine while the group is stable or syncs; it is answered `REBALANCE_IN_PROGRESS`
//!     while members are awaited, which still keeps the session; a wrong generation does not keep it.
//!     Shown by: kafka-group-rebalance-timeout.
//! 11. Followers' syncs wait for the leader's; whom the leader does not name gets nothing. In a stable
//!     group a sync repeats the stored assignment. Another protocol than the chosen one is
//!     `INCONSISTENT_GROUP_PROTOCOL`. Shown by: kafka-group-protocol-choice.
//! 12. Whoever joined and sends no sync is thrown out one rebalance time-out after the join was answered.
//!     Source: `GroupMetadataManager.expirePendingSync`. Shown by: the test
//!     `who_joins_and_never_syncs_is_thrown_out`.
//! 13. Signs of life are a join, a sync, a good heartbeat and an accepted commit. Shown by:
//!     kafka-group-session-timeout.
//! 14. A commit needs a known member id and the present generation. While members are awaited,
//!     commits of the old generation are still taken; between the joins and the leader's sync all
//!     are refused. Without member and generation it is taken while the group is empty. Shown by:
//!     kafka-group-commit-fencing.
//! 15. The coordinator checks neither who owns the partition nor whether the offset lies in the log.
//!     Shown by: kafka-group-commit-values.
//! 16. `group.max.size` counts members; those that are in may rejoin. While members are awaited it
//!     counts those that have joined. Source: `acceptJoiningMember`. Shown by: kafka-group-max-size.
//! 17. A member must be of the group's protocol type and share a protocol with all others. Chosen is
//!     among the shared ones the one that most members list first. Source: `ClassicGroup.selectProtocol`.
//!     Shown by: kafka-group-protocol-choice.
//! 18. Only a stable group tells its protocol and what its members subscribe to. A rebalance that begins
//!     before the leader's sync takes back all assignments. Source: `ClassicGroup.describe`,
//!     `resetAndPropagateAssignmentWithError`. Shown by: kafka-group-static-session-timeout.
//!
//! More rules stand in [`instance`] (static members) and [`keeping`] (how long groups and offsets are
//! kept, and how they are deleted).
//!
//! Left out: that a parked join of a newcomer is given up after five minutes, which matters only for
//! longer rebalance time-outs; and that when no dynamic member has rejoined in time, all of them are
//! waited for once more. Members of scenes with the range strategy name no protocols: they all know range, their first rebalance
//! waits for ids that are pending also without an initial delay, and rule 18 takes nothing back from
//! them before the next sync.

mod asked;
mod committing;
mod deadline;
pub mod instance;
mod join;
pub mod keeping;
mod member;
mod protocols;
mod rebalance;
mod requests;
mod state;
pub(crate) mod visit;

pub use asked::{Join, Speaker, Sync};
pub use deadline::Deadline;
pub use member::{Generation, Member, MemberId, Name, Subscription};
pub use protocols::CONSUMER;
pub use state::{Initial, State};

use super::offsets::Offsets;
use super::{Error, Offset, Partition};
use explore::Weigh;
use explore::time::Instant;
use protocols::Protocols;

/// The state of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Group {
    state: State,
    generation: Generation,
    leader: Option<MemberId>,
    members: Vec<Member>,
    protocols: Protocols,
    pending: Vec<(MemberId, Instant)>,
    sync_ends: Option<Instant>,
    ids_given: Vec<(u8, u16)>,
    /// Somebody has asked for an id, or has committed.
    known: bool,
    /// Since when nobody is in it, where its offsets can expire.
    emptied: Option<Instant>,
    offsets: Offsets,
}

impl Group {
    /// What it is doing.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the coordinator knows the group: somebody has asked for an id, or has committed.
    pub fn exists(&self) -> bool {
        self.known || !self.offsets.all().is_empty()
    }

    /// Its protocol type; none where nobody has ever been in it.
    pub fn protocol_type(&self) -> Option<&str> {
        let kind = self.protocols.kind.as_deref();
        // Members of scenes do not say so, but are consumers.
        let was_used = self.generation.0 > 0 || !self.members.is_empty();
        kind.or(was_used.then_some(protocols::CONSUMER))
    }

    /// The protocol that was chosen, while the group is stable (rule 18).
    pub fn protocol(&self) -> Option<&Name> {
        let chosen = self.protocols.chosen.as_ref();
        chosen.filter(|_| self.state == State::Stable)
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

    /// Whether somebody is the member it says, in the present generation.
    fn check(&self, speaker: &Speaker) -> Result<MemberId, Error> {
        let id = self.check_instance(speaker.member, speaker.instance.as_ref())?;
        match speaker.generation {
            Some(generation) => self.check_member(id, generation).map(|()| id),
            None => Err(Error::IllegalGeneration),
        }
    }

    /// A heartbeat (rule 10).
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`], [`Error::FencedInstanceId`], [`Error::IllegalGeneration`],
    /// [`Error::RebalanceInProgress`].
    pub fn heartbeat(&mut self, now: Instant, speaker: &Speaker) -> Result<(), Error> {
        let id = self.check(speaker)?;
        self.revive(now, id);
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

    /// How many member ids it has given out, all in all.
    pub fn ids_given(&self) -> usize {
        let given = self.ids_given.iter();
        given.map(|(_, count)| usize::from(*count)).sum()
    }

    /// The ids that were given out and not used yet.
    pub fn pending(&self) -> impl Iterator<Item = MemberId> + '_ {
        self.pending.iter().map(|(id, _)| *id)
    }

    /// A sign of life of a member.
    fn revive(&mut self, now: Instant, id: MemberId) {
        if let Some(member) = self.member_mut(id) {
            member.session_ends = now + member.session_timeout;
        }
    }
}
