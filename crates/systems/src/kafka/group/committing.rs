//! Commits: who may, and what they change.

use super::{Group, MemberId, Speaker, State};
use crate::kafka::{Error, Offset, Partition};
use explore::time::Instant;

impl Group {
    /// Whether somebody may commit (rule 14).
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`], [`Error::FencedInstanceId`], [`Error::IllegalGeneration`],
    /// [`Error::RebalanceInProgress`], and [`Error::GroupIdNotFound`] for a generation of a group that
    /// is not known.
    fn check_commit(&self, speaker: &Speaker) -> Result<Option<MemberId>, Error> {
        if !self.exists() && speaker.generation.is_some() {
            return Err(Error::GroupIdNotFound);
        }
        if speaker.generation.is_none() && self.state == State::Empty {
            return Ok(None);
        }
        let id = self.check(speaker)?;
        match self.state {
            State::CompletingRebalance => Err(Error::RebalanceInProgress),
            _ => Ok(Some(id)),
        }
    }

    /// A commit of partitions that exist (rules 14, 15).
    ///
    /// # Errors
    /// [`Error::UnknownMemberId`], [`Error::FencedInstanceId`], [`Error::IllegalGeneration`],
    /// [`Error::RebalanceInProgress`], [`Error::GroupIdNotFound`].
    pub fn commit(
        &mut self,
        now: Instant,
        speaker: &Speaker,
        offsets: &[(Partition, Offset)],
    ) -> Result<(), Error> {
        if let Some(id) = self.check_commit(speaker)? {
            self.revive(now, id);
        }
        self.known = true;
        self.offsets.commit(offsets);
        Ok(())
    }
}
