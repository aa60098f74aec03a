//! What the coordinator of a group waits for, how long, and for whom.

use super::{Group, MemberId, State};
use explore::time::Instant;

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

impl Group {
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
