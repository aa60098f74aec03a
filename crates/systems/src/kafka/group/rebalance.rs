//! From one generation to the next: when a rebalance ends, syncs, and who is thrown out on the way.

use super::{Deadline, Group, Initial, Member, MemberId, State, Sync};
use crate::kafka::{Caller, Candidate, Error, Fact, GroupId, Joined, Out, Response, Settings};
use explore::time::{Instant, Span};

/// What becomes of the assignment when a join is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assignment {
    /// The leader works out a new one.
    Anew,
    /// The leader keeps the one there is.
    Stands,
}

/// Refuses a join.
pub(super) fn refuse_join(caller: Caller, error: Error, given: Option<MemberId>, out: &mut Out) {
    out.to.push((caller, Response::Joined(Err((error, given)))));
}

impl Group {
    /// Answers a join of a member.
    pub(super) fn answer_join(
        &self,
        caller: Caller,
        id: MemberId,
        assignment: Assignment,
        out: &mut Out,
    ) {
        let joined = self.joined(id, assignment);
        out.to.push((caller, Response::Joined(Ok(joined))));
    }

    fn joined(&self, id: MemberId, assignment: Assignment) -> Joined {
        let leader = self.leader.unwrap_or(id);
        let members = if leader == id {
            self.members
                .iter()
                .map(|member| Candidate {
                    id: member.id,
                    instance: member.instance.clone(),
                    subscription: member.subscription.clone(),
                })
                .collect()
        } else {
            Vec::new()
        };
        Joined {
            generation: self.generation,
            protocol: self.protocols.chosen.clone(),
            member: id,
            leader,
            members,
            skip_assignment: assignment == Assignment::Stands && leader == id,
        }
    }

    fn longest_rebalance(&self) -> Span {
        let timeouts = self.members.iter().map(|member| member.rebalance_timeout);
        timeouts.max().unwrap_or_default()
    }

    pub(super) fn prepare_rebalance(
        &mut self,
        group: GroupId,
        now: Instant,
        settings: &Settings,
        out: &mut Out,
    ) {
        if !matches!(self.state, State::PreparingRebalance { .. }) {
            let named = self.names_protocols();
            let takes_back = named && self.state == State::CompletingRebalance;
            let first = named && self.state == State::Empty;
            for member in &mut self.members {
                if takes_back {
                    member.assignment.clear();
                }
                if let Some(caller) = member.syncing.take() {
                    member.session_ends = now + member.session_timeout;
                    out.to
                        .push((caller, Response::Synced(Err(Error::RebalanceInProgress))));
                }
            }
            self.sync_ends = None;
            let longest = self.longest_rebalance();
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
            if first && delay == Span(0) {
                // The delay is over at once; ids that are pending are not waited for.
                self.complete_rebalance(group, now, out);
                return;
            }
        }
        self.complete_when_all_joined(group, now, out);
    }

    pub(super) fn complete_when_all_joined(&mut self, group: GroupId, now: Instant, out: &mut Out) {
        let State::PreparingRebalance { initial: None, .. } = self.state else {
            return;
        };
        if self.pending.is_empty() && self.members.iter().all(|member| member.joining.is_some()) {
            self.complete_rebalance(group, now, out);
        }
    }

    /// Ends the wait: rules 4 and 7. While only static members are left that have not rejoined, it goes on.
    fn complete_rebalance(&mut self, group: GroupId, now: Instant, out: &mut Out) {
        let stays = |member: &Member| member.joining.is_some() || member.instance.is_some();
        for member in self.members.iter().filter(|member| !stays(member)) {
            out.facts.push(Fact::RebalanceTimedOut {
                group,
                member: member.id,
            });
        }
        self.members.retain(stays);
        let mut rejoined = self
            .members
            .iter()
            .filter(|member| member.joining.is_some());
        let leads = |member: &&Member| Some(member.id) == self.leader;
        let first = rejoined.clone().next().map(|member| member.id);
        let leader = rejoined.find(leads).map(|member| member.id).or(first);
        // All that are left are static ones.
        if leader.is_none() && !self.members.is_empty() {
            self.state = State::PreparingRebalance {
                until: now + self.longest_rebalance(),
                initial: None,
            };
            return;
        }
        self.leader = leader;
        self.generation.0 = self.generation.0.saturating_add(1);
        self.agree();
        if self.members.is_empty() {
            self.state = State::Empty;
            self.emptied = self.offsets.can_expire().then_some(now);
            return;
        }
        self.state = State::CompletingRebalance;
        self.sync_ends = Some(now + self.longest_rebalance());
        out.facts.push(Fact::GenerationFormed {
            group,
            generation: self.generation,
            members: self.members.iter().map(|member| member.id).collect(),
        });
        for at in 0..self.members.len() {
            let member = &mut self.members[at];
            member.session_ends = now + member.session_timeout;
            member.synced = false;
            let id = member.id;
            if let Some(caller) = member.joining.take() {
                self.answer_join(caller, id, Assignment::Anew, out);
            }
        }
    }

    /// A sync request (rules 11, 12).
    pub fn sync(&mut self, now: Instant, caller: Caller, sync: Sync, out: &mut Out) {
        let other = sync.protocol.is_some() && sync.protocol != self.protocols.chosen;
        let id = match (self.check(&sync.speaker), self.state) {
            (Err(error), _) => Err(error),
            (Ok(_), _) if other => Err(Error::InconsistentGroupProtocol),
            (Ok(_), State::PreparingRebalance { .. }) => Err(Error::RebalanceInProgress),
            (Ok(_), State::Empty) => Err(Error::UnknownMemberId),
            (Ok(id), State::CompletingRebalance | State::Stable) => Ok(id),
        };
        let id = match id {
            Ok(id) => id,
            Err(error) => {
                out.to.push((caller, Response::Synced(Err(error))));
                return;
            }
        };
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
            let mut assignments = sync.assignments.iter();
            member.assignment = assignments
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

    /// Takes members out; the others rebalance at once.
    pub(super) fn remove(
        &mut self,
        group: GroupId,
        now: Instant,
        gone: &[MemberId],
        out: &mut Out,
    ) {
        for member in self.members.iter().filter(|one| gone.contains(&one.id)) {
            if let Some(caller) = member.joining {
                refuse_join(caller, Error::UnknownMemberId, None, out);
            }
        }
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
