//! From one generation to the next: joins, syncs, and who is thrown out on the way.

use super::{Deadline, Generation, Group, Initial, Join, Member, MemberId, State};
use crate::kafka::{Caller, Error, Fact, GroupId, Joined, Out, Partition, Response, Settings};
use explore::time::{Instant, Span};

impl Group {
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
            out.to.push(refuse(Error::InvalidSessionTimeout, None));
            return;
        }
        let Some(id) = join.member else {
            let id = self.next_id(caller.client);
            self.pending.push((id, now + join.session_timeout));
            out.facts.push(Fact::MemberIdGiven { group, member: id });
            out.to.push(refuse(Error::MemberIdRequired, Some(id)));
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
                out.to.push((caller, Response::Joined(Ok(self.joined(id)))));
            }
        } else {
            out.to.push(refuse(Error::UnknownMemberId, None));
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
            out.facts.push(Fact::JoinParked {
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
                    out.to
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
            out.facts.push(Fact::RebalanceTimedOut {
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
        out.facts.push(Fact::GenerationFormed {
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
                out.to.push((caller, Response::Joined(Ok(answer))));
            }
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
            out.to.push((caller, Response::Synced(Err(error))));
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
            out.to
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
                out.to
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

    /// Lets a deadline pass.
    pub fn expire(&mut self, group: GroupId, now: Instant, deadline: Deadline, out: &mut Out) {
        match deadline {
            Deadline::Session(member) => {
                out.facts.push(Fact::SessionExpired { group, member });
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
                out.facts.extend(
                    late.iter()
                        .map(|&member| Fact::RebalanceTimedOut { group, member }),
                );
                self.remove(group, now, &late, out);
            }
        }
    }

    /// A member says that it leaves; the others rebalance at once.
    pub(in crate::kafka) fn leave(
        &mut self,
        group: GroupId,
        now: Instant,
        id: MemberId,
        out: &mut Out,
    ) {
        if self.member(id).is_some() {
            self.remove(group, now, &[id], out);
        }
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
