//! Joins: who is let in, and what a join starts.

use super::rebalance::{Assignment, refuse_join};
use super::{Group, Join, Member, MemberId, State};
use crate::kafka::{Caller, Error, Fact, GroupId, Out, Settings};
use explore::time::Instant;

impl Group {
    /// A join request (rules 1, 2, 4, 8, 16, 17).
    pub fn join(
        &mut self,
        group: GroupId,
        now: Instant,
        caller: Caller,
        join: Join,
        settings: &Settings,
        out: &mut Out,
    ) {
        if join.session_timeout < settings.min_session_timeout
            || join.session_timeout > settings.max_session_timeout
        {
            refuse_join(caller, Error::InvalidSessionTimeout, None, out);
            return;
        }
        if join.member.is_some() && !self.exists() {
            refuse_join(caller, Error::UnknownMemberId, None, out);
            return;
        }
        self.known = true;
        if !self.has_room_for(join.member, settings) {
            if let Some(id) = join.member {
                self.forget(id);
            }
            refuse_join(caller, Error::GroupMaxSizeReached, None, out);
            return;
        }
        if !self.supports(&join) {
            refuse_join(caller, Error::InconsistentGroupProtocol, None, out);
            return;
        }
        let joined = match (join.member, &join.instance) {
            (None, None) => {
                let id = self.next_id(caller.client);
                self.pending.push((id, now + join.session_timeout));
                out.facts.push(Fact::MemberIdGiven { group, member: id });
                refuse_join(caller, Error::MemberIdRequired, Some(id), out);
                return;
            }
            (None, Some(instance)) => {
                let known = self.instance(instance);
                let id = self.next_id(caller.client);
                match known {
                    Some(old) => {
                        self.take_over(old, id, out);
                        self.restart(group, now, caller, id, join, settings, out);
                    }
                    None => self.enter(group, now, caller, id, join, settings, out),
                }
                id
            }
            (Some(id), _) => {
                if let Some(at) = self.pending.iter().position(|(pending, _)| *pending == id) {
                    self.pending.remove(at);
                    self.enter(group, now, caller, id, join, settings, out);
                } else if let Err(error) = self.check_instance(Some(id), join.instance.as_ref()) {
                    refuse_join(caller, error, None, out);
                    return;
                } else {
                    self.rejoin(group, now, caller, id, join, settings, out);
                }
                id
            }
        };
        let parked = self.member(joined).is_some_and(|one| one.joining.is_some());
        if parked && let State::PreparingRebalance { initial: None, .. } = self.state {
            let absent = self.members.iter().filter(|one| one.joining.is_none());
            let pending = self.pending.iter().map(|(id, _)| *id);
            out.facts.push(Fact::JoinParked {
                group,
                member: joined,
                awaited: absent.map(|one| one.id).chain(pending).collect(),
            });
        }
    }

    /// Rule 16.
    fn has_room_for(&self, id: Option<MemberId>, settings: &Settings) -> bool {
        let most = settings.group_max_size as usize;
        let known = id.and_then(|id| self.member(id));
        match self.state {
            State::Empty => true,
            State::PreparingRebalance { .. } => {
                let joined = self.members.iter().filter(|one| one.joining.is_some());
                known.is_some_and(|one| one.joining.is_some()) || joined.count() < most
            }
            State::CompletingRebalance | State::Stable => {
                known.is_some() || self.members.len() < most
            }
        }
    }

    /// Somebody who finds no room is no member any more; no one else notices before the next rebalance.
    fn forget(&mut self, id: MemberId) {
        self.pending.retain(|(pending, _)| *pending != id);
        self.members.retain(|member| member.id != id);
        if self.leader == Some(id) {
            self.leader = self.members.first().map(|member| member.id);
        }
    }

    pub(super) fn next_id(&mut self, client: u8) -> MemberId {
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

    /// A new member.
    #[expect(clippy::too_many_arguments, reason = "all of it belongs to one join")]
    fn enter(
        &mut self,
        group: GroupId,
        now: Instant,
        caller: Caller,
        id: MemberId,
        join: Join,
        settings: &Settings,
        out: &mut Out,
    ) {
        if self.members.is_empty() && join.protocols.is_some() {
            self.protocols.kind = Some(join.protocol_type);
        }
        self.members.push(Member {
            id,
            instance: join.instance,
            assignment: Vec::new(),
            subscription: join.subscription,
            protocols: join.protocols,
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
    }

    /// What a join says of a member is kept. Says whether it changed what the others have to know.
    pub(super) fn update(&mut self, now: Instant, id: MemberId, join: Join) -> bool {
        let Some(member) = self.member_mut(id) else {
            return false;
        };
        let changed =
            member.subscription != join.subscription || member.protocols != join.protocols;
        member.subscription = join.subscription;
        member.protocols = join.protocols;
        member.session_timeout = join.session_timeout;
        member.rebalance_timeout = join.rebalance_timeout;
        member.session_ends = now + join.session_timeout;
        changed
    }

    /// A member that is in joins again.
    #[expect(clippy::too_many_arguments, reason = "all of it belongs to one join")]
    fn rejoin(
        &mut self,
        group: GroupId,
        now: Instant,
        caller: Caller,
        id: MemberId,
        join: Join,
        settings: &Settings,
        out: &mut Out,
    ) {
        let changed = self.update(now, id, join);
        let starts = match self.state {
            State::Stable => changed || self.leader == Some(id),
            State::CompletingRebalance => changed,
            State::PreparingRebalance { .. } | State::Empty => true,
        };
        if !starts {
            self.answer_join(caller, id, Assignment::Anew, out);
            return;
        }
        self.park_join(id, caller);
        self.prepare_rebalance(group, now, settings, out);
    }

    pub(super) fn park_join(&mut self, id: MemberId, caller: Caller) {
        if let Some(member) = self.member_mut(id) {
            member.joining = Some(caller);
        }
    }
}
