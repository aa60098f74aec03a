//! A slow and obvious model of the transaction coordinator, and of the offsets that transactions write.
//! Producer ids whose epochs are used up are left out: no sequence here is so long.

use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use systems::kafka::log::producers::{Epoch, ProducerId};
use systems::kafka::log::record::Ended;
use systems::kafka::settings::{Settings, TransactionVersion};
use systems::kafka::transaction::Identity;
use systems::kafka::{Error, GroupId, Offset, Partition};

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    AtRest(Option<Ended>),
    Open(Instant),
    Ending(Ended),
}

/// One transactional id.
#[derive(Clone, Debug)]
pub struct Holder {
    pub producer: ProducerId,
    pub epoch: i16,
    /// The epoch before, for who repeats what raised it.
    before: Option<i16>,
    pub phase: Phase,
    pub partitions: Vec<Partition>,
    pub groups: Vec<GroupId>,
    timeout: Span,
    used: Instant,
    pub version: TransactionVersion,
}

impl Holder {
    pub fn identity(&self) -> Identity {
        Identity {
            producer: self.producer,
            epoch: Epoch(self.epoch),
        }
    }

    fn check(&self, by: Identity) -> Result<(), Error> {
        if by.producer != self.producer {
            return Err(Error::InvalidProducerIdMapping);
        }
        if by.epoch.0 != self.epoch || self.epoch < 0 {
            return Err(Error::ProducerFenced);
        }
        Ok(())
    }

    fn abort(&mut self, now: Instant, version: TransactionVersion) {
        self.epoch += 1;
        self.before = None;
        self.version = version;
        self.phase = Phase::Ending(Ended::Abort);
        self.used = now;
    }
}

/// An offset that somebody wrote for a group. One of a transaction counts when that has committed; the
/// one written last of those that count is the group's.
#[derive(Clone, Debug)]
struct Written {
    partition: Partition,
    offset: Offset,
    open: Option<ProducerId>,
}

/// The coordinator.
#[derive(Clone, Debug, Default)]
pub struct Coordinator {
    pub holders: BTreeMap<u16, Holder>,
    producers: u64,
    offsets: BTreeMap<GroupId, Vec<Written>>,
}

impl Coordinator {
    pub fn new_producer(&mut self) -> ProducerId {
        self.producers += 1;
        ProducerId(self.producers - 1)
    }

    pub fn init(
        &mut self,
        now: Instant,
        id: u16,
        timeout: Span,
        expected: Option<Identity>,
        settings: &Settings,
    ) -> Result<Identity, Error> {
        if timeout == Span(0) || timeout > settings.transaction_max_timeout {
            return Err(Error::InvalidTransactionTimeout);
        }
        if !self.holders.contains_key(&id) {
            let fresh = Holder {
                producer: self.new_producer(),
                epoch: -1,
                before: None,
                phase: Phase::AtRest(None),
                partitions: Vec::new(),
                groups: Vec::new(),
                timeout,
                used: now,
                version: TransactionVersion::V1,
            };
            self.holders.insert(id, fresh);
        }
        let Some(one) = self.holders.get_mut(&id) else {
            return Err(Error::InvalidProducerIdMapping);
        };
        let is_new = one.epoch < 0;
        if expected.is_some_and(|named| !is_new && named.producer != one.producer) {
            return Err(Error::ProducerFenced);
        }
        match one.phase {
            Phase::Ending(_) => return Err(Error::ConcurrentTransactions),
            Phase::Open(_) => {
                one.abort(now, settings.transaction_version);
                return Err(Error::ConcurrentTransactions);
            }
            Phase::AtRest(_) => {}
        }
        match expected.map(|named| named.epoch.0) {
            None => {
                one.before = None;
                one.epoch += 1;
            }
            Some(named) if is_new || named == one.epoch => {
                one.before = (!is_new).then_some(one.epoch);
                one.epoch += 1;
            }
            Some(named) if one.before == Some(named) => {}
            Some(_) => return Err(Error::ProducerFenced),
        }
        one.phase = Phase::AtRest(None);
        one.timeout = timeout;
        one.partitions.clear();
        one.groups.clear();
        one.used = now;
        Ok(one.identity())
    }

    fn holder(&mut self, id: u16) -> Result<&mut Holder, Error> {
        let found = self.holders.get_mut(&id);
        found.ok_or(Error::InvalidProducerIdMapping)
    }

    pub fn add(
        &mut self,
        now: Instant,
        id: u16,
        by: Identity,
        (partitions, groups): (&[Partition], &[GroupId]),
        version: TransactionVersion,
    ) -> Result<(), Error> {
        let one = self.holder(id)?;
        one.check(by)?;
        match one.phase {
            Phase::Ending(_) => return Err(Error::ConcurrentTransactions),
            Phase::AtRest(_) => one.phase = Phase::Open(now),
            Phase::Open(_) if one.has(partitions, groups) => return Ok(()),
            Phase::Open(_) => {}
        }
        one.partitions.extend(partitions);
        one.groups.extend(groups);
        one.version = version;
        one.used = now;
        Ok(())
    }

    pub fn verify(
        &mut self,
        id: u16,
        by: Identity,
        partitions: &[Partition],
        groups: &[GroupId],
    ) -> Result<(), Error> {
        let one = self.holder(id)?;
        one.check(by)?;
        if matches!(one.phase, Phase::Ending(_)) {
            return Err(Error::ConcurrentTransactions);
        }
        if one.has(partitions, groups) {
            Ok(())
        } else {
            Err(Error::TransactionAbortable)
        }
    }

    pub fn end(
        &mut self,
        now: Instant,
        id: u16,
        by: Identity,
        ended: Ended,
        version: TransactionVersion,
    ) -> Result<Identity, Error> {
        let second = version == TransactionVersion::V2;
        let one = self.holder(id)?;
        if by.producer != one.producer {
            return Err(Error::InvalidProducerIdMapping);
        }
        let present = one.epoch >= 0 && one.epoch == by.epoch.0;
        // Somebody who does not know yet that the end he asks for has raised the epoch.
        let raised = one.version == TransactionVersion::V2 && one.epoch == by.epoch.0 + 1;
        let repeats = second && raised && !matches!(one.phase, Phase::Open(_));
        match (one.phase, second) {
            (_, false) if !present => return Err(Error::ProducerFenced),
            (Phase::AtRest(None) | Phase::Open(_), true) if !present => {
                return Err(Error::ProducerFenced);
            }
            (Phase::AtRest(Some(_)), true) if !present && !repeats => {
                return Err(Error::ProducerFenced);
            }
            (Phase::Ending(_), true) if !repeats => return Err(Error::ProducerFenced),
            (Phase::Ending(other), _) if other == ended => {
                return Err(Error::ConcurrentTransactions);
            }
            (Phase::Ending(_), _) => return Err(Error::InvalidTxnState),
            (Phase::AtRest(Some(other)), true) if repeats && other == ended => {
                return Ok(one.identity());
            }
            (Phase::AtRest(_), true) if !repeats && ended == Ended::Abort => {
                one.partitions.clear();
                one.groups.clear();
            }
            (Phase::AtRest(Some(other)), false) if other == ended => return Ok(by),
            (Phase::AtRest(_), _) => return Err(Error::InvalidTxnState),
            (Phase::Open(_), _) => {}
        }
        if second {
            one.before = Some(one.epoch);
            one.epoch += 1;
        }
        one.version = version;
        one.phase = Phase::Ending(ended);
        one.used = now;
        Ok(one.identity())
    }

    /// A transaction that is decided, and is over with this.
    pub fn take_ending(&mut self, now: Instant) -> Option<(Holder, Ended)> {
        for one in self.holders.values_mut() {
            if let Phase::Ending(ended) = one.phase {
                let ending = one.clone();
                one.phase = Phase::AtRest(Some(ended));
                one.partitions.clear();
                one.groups.clear();
                one.used = now;
                return Some((ending, ended));
            }
        }
        None
    }

    pub fn abort_late(&mut self, now: Instant, version: TransactionVersion) {
        for one in self.holders.values_mut() {
            if let Phase::Open(since) = one.phase
                && now > since + one.timeout
            {
                one.abort(now, version);
            }
        }
    }

    pub fn forget_unused(&mut self, now: Instant, unused: Span) {
        self.holders
            .retain(|_, one| !matches!(one.phase, Phase::AtRest(_)) || one.used + unused > now);
    }

    pub fn write_offset(
        &mut self,
        group: GroupId,
        partition: Partition,
        offset: Offset,
        by: Option<ProducerId>,
    ) {
        let written = self.offsets.entry(group).or_default();
        // What a producer writes again in its transaction replaces what it wrote there.
        written.retain(|one| by.is_none() || one.open != by || one.partition != partition);
        written.push(Written {
            partition,
            offset,
            open: by,
        });
    }

    pub fn end_offsets(&mut self, group: GroupId, producer: ProducerId, ended: Ended) {
        let written = self.offsets.entry(group).or_default();
        if ended == Ended::Abort {
            written.retain(|one| one.open != Some(producer));
        }
        for one in written {
            one.open = one.open.filter(|open| *open != producer);
        }
    }

    pub fn forget_offsets(&mut self, of: impl Fn(Partition) -> bool) {
        for written in self.offsets.values_mut() {
            written.retain(|one| !of(one.partition));
        }
    }

    pub fn committed(&self, group: GroupId, partition: Partition) -> Option<Offset> {
        let written = self.offsets.get(&group)?.iter().rev();
        let mut counting = written.filter(|one| one.open.is_none());
        counting
            .find(|one| one.partition == partition)
            .map(|one| one.offset)
    }

    pub fn is_stable(&self, group: GroupId, partition: Partition) -> bool {
        let mut written = self.offsets.get(&group).into_iter().flatten();
        !written.any(|one| one.partition == partition && one.open.is_some())
    }
}

impl Holder {
    fn has(&self, partitions: &[Partition], groups: &[GroupId]) -> bool {
        partitions.iter().all(|one| self.partitions.contains(one))
            && groups.iter().all(|one| self.groups.contains(one))
    }
}
