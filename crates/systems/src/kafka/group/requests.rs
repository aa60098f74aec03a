//! What is asked of a group by its number.

use super::{Group, Join, Name, Speaker, Sync};
use crate::kafka::{Broker, Caller, Error, GroupId, Offset, Out, Partition};
use explore::time::Instant;
use std::sync::Arc;

/// An offset to commit, with a note for those who read it.
pub type Commit = (Partition, Offset, Arc<str>);

impl Broker {
    pub(in crate::kafka) fn group_mut(&mut self, group: GroupId) -> Option<&mut Group> {
        let slot = self.groups.get_mut(usize::from(group.0));
        slot.map(|slot| &mut **slot)
    }

    /// Joins a group. The answer may come later, out of another call.
    pub fn join_group(
        &mut self,
        now: Instant,
        caller: Caller,
        group: GroupId,
        join: Join,
        out: &mut Out,
    ) {
        let settings = Arc::clone(&self.settings);
        if let Some(state) = self.group_mut(group) {
            state.join(group, now, caller, join, &settings, out);
        }
    }

    /// Syncs with a group. The answer may come later, out of another call.
    pub fn sync_group(
        &mut self,
        now: Instant,
        caller: Caller,
        group: GroupId,
        sync: Sync,
        out: &mut Out,
    ) {
        if let Some(state) = self.group_mut(group) {
            state.sync(now, caller, sync, out);
        }
    }

    /// A sign of life.
    ///
    /// # Errors
    /// As [`Group::heartbeat`].
    pub fn heartbeat_group(
        &mut self,
        now: Instant,
        group: GroupId,
        speaker: &Speaker,
    ) -> Result<(), Error> {
        let state = self.group_mut(group).ok_or(Error::UnknownMemberId)?;
        state.heartbeat(now, speaker)
    }

    /// Members leave, each named by its id, by its instance, or by both.
    ///
    /// # Errors
    /// For each of them, as [`Group::leave`].
    pub fn leave_members(
        &mut self,
        now: Instant,
        group: GroupId,
        members: &[(Option<super::MemberId>, Option<Name>)],
        out: &mut Out,
    ) -> Vec<Result<(), Error>> {
        match self.group_mut(group) {
            Some(state) => state.leave(group, now, members, out),
            None => vec![Err(Error::UnknownMemberId); members.len()],
        }
    }

    /// Writes committed offsets of partitions, with their notes and their time.
    ///
    /// # Errors
    /// For all: as [`Group::commit`]. For each: [`Error::UnknownTopicOrPartition`],
    /// [`Error::OffsetMetadataTooLarge`].
    pub fn commit_offsets(
        &mut self,
        now: Instant,
        group: GroupId,
        speaker: &Speaker,
        offsets: &[Commit],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let most = self.settings.offset_metadata_max_bytes as usize;
        let check = |(partition, _, note): &Commit| {
            if self.log(*partition).is_none() {
                return Err(Error::UnknownTopicOrPartition);
            }
            match note.len() > most {
                true => Err(Error::OffsetMetadataTooLarge),
                false => Ok(()),
            }
        };
        let answers: Vec<Result<(), Error>> = offsets.iter().map(check).collect();
        // Unknown partitions never reach the coordinator.
        let asks = |answer: &Result<(), Error>| *answer != Err(Error::UnknownTopicOrPartition);
        if answers.iter().any(asks) {
            let state = self.group_mut(group).ok_or(Error::GroupIdNotFound)?;
            state.commit(now, speaker, &[])?;
            let good = offsets
                .iter()
                .zip(&answers)
                .filter(|(_, answer)| answer.is_ok());
            for ((partition, offset, note), _) in good {
                state
                    .offsets_mut()
                    .enter_dated(*partition, *offset, note, now);
            }
        }
        Ok(answers)
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// As [`Group::delete`].
    pub fn delete_group(&mut self, group: GroupId) -> Result<(), Error> {
        let state = self.group_mut(group).ok_or(Error::GroupIdNotFound)?;
        state.delete()
    }

    /// Deletes committed offsets.
    ///
    /// # Errors
    /// For all: [`Error::GroupIdNotFound`], [`Error::NonEmptyGroup`]. For each:
    /// [`Error::UnknownTopicOrPartition`], [`Error::GroupSubscribedToTopic`].
    pub fn delete_offsets(
        &mut self,
        group: GroupId,
        partitions: &[Partition],
    ) -> Result<Vec<Result<(), Error>>, Error> {
        let exists = |at: &&Partition| self.log(**at).is_some();
        let known: Vec<Partition> = partitions.iter().filter(exists).copied().collect();
        let state = self.group_mut(group).ok_or(Error::GroupIdNotFound)?;
        let deleted = state.delete_offsets(&known)?;
        let answer = |at: &Partition| match known.iter().position(|one| one == at) {
            Some(nth) => deleted[nth],
            None => Err(Error::UnknownTopicOrPartition),
        };
        Ok(partitions.iter().map(answer).collect())
    }
}
