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

mod visit;

use super::offsets::Offsets;
use super::{
    Caller, Error, Event, GroupId, Joined, Offset, Out, Partition, Response, Settings, TopicId,
};
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// Counts the completed rebalances of a group.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Generation(pub u32);

/// A member's id: the n-th one this client was given. The real one ends in a random UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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

    /// A join request (rules 1, 2, 4, 8).
    pub fn join(
        &mut self,
        group: GroupId,
        now: Instant,
        caller: Caller,
        join: Join,
        settings: &Settings,
        out: &mut Out,
    ) {
        let refuse = |error, id| (caller, Response::Joined(Err((error, id))));
        if join.session_timeout < settings.min_session_timeout
            || join.session_timeout > settings.max_session_timeout
        {
            out.answers.push(refuse(Error::InvalidSessionTimeout, None));
            return;
        }
        let Some(id) = join.member else {
            let id = self.next_id(caller.client);
            self.pending.push((id, now + join.session_timeout));
            out.events.push(Event::MemberIdGiven { group, member: id });
            out.answers.push(refuse(Error::MemberIdRequired, Some(id)));
            return;
        };
        if let Some(at) = self.pending.iter().position(|(pending, _)| *pending == id) {
            self.pending.remove(at);
            self.members.push(Member {
                id,
                assignment: Vec::new(),
                topics: join.topics,
                session_timeout: join.session_timeout,
                rebalance_timeout: join.rebalance_timeout,
                session_ends: now + join.session_timeout,
                joining: Some(caller),
                syncing: None,
                synced: false,
            });
            if let State::PreparingRebalance {
                initial: Some(initial),
                ..
            } = &mut self.state
            {
                initial.newcomer = true;
            }
            self.prepare_rebalance(group, now, settings, out);
        } else if let Some(member) = self.member_mut(id) {
            let changed = member.topics != join.topics;
            member.topics = join.topics;
            member.session_timeout = join.session_timeout;
            member.rebalance_timeout = join.rebalance_timeout;
            member.session_ends = now + join.session_timeout;
            let starts = match self.state {
                State::Stable => changed || self.leader == Some(id),
                State::CompletingRebalance => changed,
                State::PreparingRebalance { .. } | State::Empty => true,
            };
            if starts {
                if let Some(member) = self.member_mut(id) {
                    member.joining = Some(caller);
                }
                self.prepare_rebalance(group, now, settings, out);
            } else {
                out.answers
                    .push((caller, Response::Joined(Ok(self.joined(id)))));
            }
        } else {
            out.answers.push(refuse(Error::UnknownMemberId, None));
            return;
        }
        if let State::PreparingRebalance { initial: None, .. } = self.state {
            let mut awaited: Vec<_> = self
                .members
                .iter()
                .filter(|m| m.joining.is_none())
                .map(|m| m.id)
                .collect();
            awaited.extend(self.pending.iter().map(|(id, _)| *id));
            out.events.push(Event::JoinParked {
                group,
                member: id,
                awaited,
            });
        }
    }

    fn next_id(&mut self, client: u8) -> MemberId {
        let at = self
            .ids_given
            .iter()
            .position(|(given, _)| *given == client)
            .unwrap_or_else(|| {
                self.ids_given.push((client, 0));
                self.ids_given.len() - 1
            });
        self.ids_given[at].1 = self.ids_given[at].1.saturating_add(1);
        MemberId {
            client,
            nth: self.ids_given[at].1,
        }
    }

    fn joined(&self, id: MemberId) -> Joined {
        let leader = self.leader.unwrap_or(id);
        let members = if leader == id {
            self.members
                .iter()
                .map(|member| (member.id, member.topics.clone()))
                .collect()
        } else {
            Vec::new()
        };
        Joined {
            generation: self.generation,
            member: id,
            leader,
            members,
        }
    }

    fn prepare_rebalance(
        &mut self,
        group: GroupId,
        now: Instant,
        settings: &Settings,
        out: &mut Out,
    ) {
        if !matches!(self.state, State::PreparingRebalance { .. }) {
            for member in &mut self.members {
                if let Some(caller) = member.syncing.take() {
                    member.session_ends = now + member.session_timeout;
                    out.answers
                        .push((caller, Response::Synced(Err(Error::RebalanceInProgress))));
                }
            }
            self.sync_ends = None;
            let longest = self
                .members
                .iter()
                .map(|member| member.rebalance_timeout)
                .max()
                .unwrap_or_default();
            let delay = settings.initial_rebalance_delay;
            self.state = if self.state == State::Empty && delay > Span(0) {
                let remaining = Span(longest.0.saturating_sub(delay.0));
                State::PreparingRebalance {
                    until: now + delay,
                    initial: Some(Initial {
                        delay,
                        remaining,
                        newcomer: false,
                    }),
                }
            } else {
                State::PreparingRebalance {
                    until: now + longest,
                    initial: None,
                }
            };
        }
        self.complete_when_all_joined(group, now, out);
    }

    fn complete_when_all_joined(&mut self, group: GroupId, now: Instant, out: &mut Out) {
        let State::PreparingRebalance { initial: None, .. } = self.state else {
            return;
        };
        if self.pending.is_empty() && self.members.iter().all(|member| member.joining.is_some()) {
            self.complete_rebalance(group, now, out);
        }
    }

    /// Ends the wait: rules 4 and 7.
    fn complete_rebalance(&mut self, group: GroupId, now: Instant, out: &mut Out) {
        for member in self
            .members
            .iter()
            .filter(|member| member.joining.is_none())
        {
            out.events.push(Event::RebalanceTimedOut {
                group,
                member: member.id,
            });
        }
        self.members.retain(|member| member.joining.is_some());
        self.generation.0 = self.generation.0.saturating_add(1);
        if self.members.is_empty() {
            self.state = State::Empty;
            self.leader = None;
            return;
        }
        if !self
            .members
            .iter()
            .any(|member| Some(member.id) == self.leader)
        {
            self.leader = self.members.first().map(|member| member.id);
        }
        self.state = State::CompletingRebalance;
        let longest = self
            .members
            .iter()
            .map(|member| member.rebalance_timeout)
            .max()
            .unwrap_or_default();
        self.sync_ends = Some(now + longest);
        out.events.push(Event::GenerationFormed {
            group,
            generation: self.generation,
            members: self.members.iter().map(|member| member.id).collect(),
        });
        for at in 0..self.members.len() {
            let answer = self.joined(self.members[at].id);
            let member = &mut self.members[at];
            member.session_ends = now + member.session_timeout;
            member.synced = false;
            if let Some(caller) = member.joining.take() {
                out.answers.push((caller, Response::Joined(Ok(answer))));
            }
        }
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

    /// A sync request (rules 11, 12).
    pub fn sync(
        &mut self,
        now: Instant,
        caller: Caller,
        id: MemberId,
        generation: Generation,
        assignments: Vec<(MemberId, Vec<Partition>)>,
        out: &mut Out,
    ) {
        let known = self.check_member(id, generation);
        let refused = known.err().or(match self.state {
            State::PreparingRebalance { .. } => Some(Error::RebalanceInProgress),
            State::Empty => Some(Error::UnknownMemberId),
            State::CompletingRebalance | State::Stable => None,
        });
        if let Some(error) = refused {
            out.answers.push((caller, Response::Synced(Err(error))));
            return;
        }
        let leads = self.leader == Some(id);
        let stable = self.state == State::Stable;
        let Some(member) = self.member_mut(id) else {
            return;
        };
        member.synced = true;
        member.session_ends = now + member.session_timeout;
        if stable {
            out.answers
                .push((caller, Response::Synced(Ok(member.assignment.clone()))));
            return;
        }
        member.syncing = Some(caller);
        if !leads {
            return;
        }
        self.state = State::Stable;
        for member in &mut self.members {
            member.assignment = assignments
                .iter()
                .find(|(to, _)| *to == member.id)
                .map(|(_, own)| own.clone())
                .unwrap_or_default();
            if let Some(caller) = member.syncing.take() {
                member.session_ends = now + member.session_timeout;
                out.answers
                    .push((caller, Response::Synced(Ok(member.assignment.clone()))));
            }
        }
        self.drop_sync_deadline_when_all_synced();
    }

    fn drop_sync_deadline_when_all_synced(&mut self) {
        if self.members.iter().all(|member| member.synced) {
            self.sync_ends = None;
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
    pub(crate) fn has_news_for(&self, id: MemberId, generation: Generation) -> bool {
        self.check_member(id, generation).is_err()
            || matches!(self.state, State::PreparingRebalance { .. })
    }

    /// Whom the wait of this deadline is for: who has not rejoined, not synced, or shown no sign of life.
    pub(crate) fn awaited(&self, deadline: Deadline) -> Vec<MemberId> {
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
    pub(crate) fn ids_given(&self) -> usize {
        let given = self.ids_given.iter();
        given.map(|(_, count)| usize::from(*count)).sum()
    }

    /// The ids that were given out and not used yet.
    pub(crate) fn pending(&self) -> impl Iterator<Item = MemberId> + '_ {
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

    /// Lets a deadline pass.
    pub fn expire(&mut self, group: GroupId, now: Instant, deadline: Deadline, out: &mut Out) {
        match deadline {
            Deadline::Session(member) => {
                out.events.push(Event::SessionExpired { group, member });
                self.remove(group, now, &[member], out);
            }
            Deadline::Pending(id) => {
                self.pending.retain(|(pending, _)| *pending != id);
                self.complete_when_all_joined(group, now, out);
            }
            Deadline::Rebalance => {
                if let State::PreparingRebalance {
                    until,
                    initial: Some(initial),
                } = &mut self.state
                    && initial.newcomer
                    && initial.remaining > Span(0)
                {
                    let delay = initial.delay.min(initial.remaining);
                    initial.remaining = Span(initial.remaining.0 - delay.0);
                    initial.newcomer = false;
                    *until = now + delay;
                } else {
                    self.complete_rebalance(group, now, out);
                }
            }
            Deadline::Sync => {
                let late: Vec<_> = self
                    .members
                    .iter()
                    .filter(|member| !member.synced)
                    .map(|member| member.id)
                    .collect();
                self.sync_ends = None;
                out.events.extend(
                    late.iter()
                        .map(|&member| Event::RebalanceTimedOut { group, member }),
                );
                self.remove(group, now, &late, out);
            }
        }
    }

    /// A member says that it leaves; the others rebalance at once.
    pub(super) fn leave(&mut self, group: GroupId, now: Instant, id: MemberId, out: &mut Out) {
        self.remove(group, now, &[id], out);
    }

    fn remove(&mut self, group: GroupId, now: Instant, gone: &[MemberId], out: &mut Out) {
        self.members.retain(|member| !gone.contains(&member.id));
        if self.leader.is_some_and(|leader| gone.contains(&leader)) {
            self.leader = self.members.first().map(|member| member.id);
        }
        match self.state {
            State::Empty => {}
            State::PreparingRebalance { .. } => self.complete_when_all_joined(group, now, out),
            State::CompletingRebalance | State::Stable if gone.is_empty() => {}
            State::CompletingRebalance | State::Stable => {
                // Only an empty group has the initial delay, so the settings do not matter here.
                self.prepare_rebalance(group, now, &Settings::default(), out);
            }
        }
    }
}

impl Member {
    fn is_parked(&self) -> bool {
        self.joining.is_some() || self.syncing.is_some()
    }
}
