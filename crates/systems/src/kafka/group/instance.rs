//! Static members: those with a `group.instance.id`.
//!
//! # Rules
//! 1. A static member enters at once, without an id of its own. Joining again without an id under the
//!    same instance takes the member over under a new id, in the same generation, and what it owns with
//!    it; nobody else notices, also when it subscribes to something else now. The leader that comes back
//!    so is told to skip the assignment. Source: KIP-345, KIP-814. Shown by: kafka-group-static-restart.
//! 2. Only if another protocol would be chosen now, or while the leader's sync is awaited, that starts a
//!    rebalance. Source: `updateStaticMemberThenRebalanceOrCompleteJoin`. Shown by: the test
//!    `a_restart_between_join_and_sync_starts_a_rebalance`.
//! 3. The old id together with the instance is `FENCED_INSTANCE_ID` everywhere; without the instance, or
//!    with one that nobody has, it is `UNKNOWN_MEMBER_ID`. A join or sync that is parked under the old id
//!    is answered `FENCED_INSTANCE_ID`. Source: `ClassicGroup.validateMember`, `replaceStaticMember`.
//!    Shown by: kafka-group-static-restart.
//! 4. The session time-out throws a static member out like any other; the rebalance time-out does not.
//!    Source: `completeClassicGroupJoin`. Shown by: kafka-group-static-session-timeout.
//! 5. A member leaves by its id, or by its instance alone. Each entry of a request is answered by
//!    itself. Shown by: kafka-group-static-session-timeout.

use super::rebalance::{Assignment, refuse_join};
use super::{Group, Join, MemberId, Name, State};
use crate::kafka::{Caller, Error, GroupId, Out, Response, Settings};
use explore::time::Instant;

impl Group {
    /// The member of an instance.
    pub fn instance(&self, instance: &Name) -> Option<MemberId> {
        let mut members = self.members.iter();
        let found = members.find(|member| member.instance.as_ref() == Some(instance));
        found.map(|member| member.id)
    }

    /// Whether somebody is the member it says (rule 3).
    pub(super) fn check_instance(
        &self,
        id: Option<MemberId>,
        instance: Option<&Name>,
    ) -> Result<MemberId, Error> {
        if let Some(instance) = instance {
            match self.instance(instance) {
                None => return Err(Error::UnknownMemberId),
                Some(holder) if Some(holder) != id => return Err(Error::FencedInstanceId),
                Some(_) => {}
            }
        }
        id.filter(|id| self.member(*id).is_some())
            .ok_or(Error::UnknownMemberId)
    }

    /// A member gets another id; who was it before is fenced.
    pub(super) fn take_over(&mut self, old: MemberId, new: MemberId, out: &mut Out) {
        let Some(member) = self.member_mut(old) else {
            return;
        };
        member.id = new;
        if let Some(caller) = member.joining.take() {
            refuse_join(caller, Error::FencedInstanceId, None, out);
        }
        if let Some(caller) = member.syncing.take() {
            let answer = Response::Synced(Err(Error::FencedInstanceId));
            out.to.push((caller, answer));
        }
        if self.leader == Some(old) {
            self.leader = Some(new);
        }
    }

    /// A static member joins again under its new id (rules 1 and 2).
    #[expect(clippy::too_many_arguments, reason = "all of it belongs to one join")]
    pub(super) fn restart(
        &mut self,
        group: GroupId,
        now: Instant,
        caller: Caller,
        id: MemberId,
        join: Join,
        settings: &Settings,
        out: &mut Out,
    ) {
        self.update(now, id, join);
        if self.state == State::Stable && self.preferred() == self.protocols.chosen {
            self.answer_join(caller, id, Assignment::Stands, out);
            return;
        }
        self.park_join(id, caller);
        self.prepare_rebalance(group, now, settings, out);
    }

    /// Members leave (rule 5): each is named by its id, by its instance, or by both.
    ///
    /// # Errors
    /// For each of them: [`Error::UnknownMemberId`], [`Error::FencedInstanceId`].
    pub fn leave(
        &mut self,
        group: GroupId,
        now: Instant,
        members: &[(Option<MemberId>, Option<Name>)],
        out: &mut Out,
    ) -> Vec<Result<(), Error>> {
        let mut left = Vec::new();
        let mut answers = Vec::new();
        for (id, instance) in members {
            let by_instance = instance
                .as_ref()
                .and_then(|instance| self.instance(instance));
            let found = match (id, by_instance) {
                (None, Some(holder)) => Ok(holder),
                (Some(id), _) if self.pending().any(|pending| pending == *id) => Ok(*id),
                (id, _) => self.check_instance(*id, instance.as_ref()),
            };
            let found = found.and_then(|id| match left.contains(&id) {
                true => Err(Error::UnknownMemberId),
                false => Ok(id),
            });
            left.extend(found.ok());
            answers.push(found.map(|_| ()));
        }
        let before = self.pending.len();
        self.pending.retain(|(id, _)| !left.contains(id));
        let is_member = |id: &MemberId| self.member(*id).is_some();
        let gone: Vec<MemberId> = left.into_iter().filter(is_member).collect();
        if !gone.is_empty() {
            self.remove(group, now, &gone, out);
        } else if self.pending.len() < before {
            self.complete_when_all_joined(group, now, out);
        }
        answers
    }
}
