//! What the facts of a trace give account of.

use super::Account;
use super::hands::Hands;
use crate::cast::{Cast, ConsumerId, RecordId, ServiceId};
use crate::custody::{Custody, Reader};
use crate::fact::{Fact, process, service};
use crate::handler::Place;
use crate::trace::{FactId, Trace};
use std::sync::Arc;
use systems::kafka::GroupId;

/// An account of what a trace has told so far.
pub struct Facts {
    cast: Arc<Cast>,
    reader: Reader,
    hands: Hands,
    /// How often each service did its work, by service and record.
    done: Vec<Vec<u32>>,
    handled: Vec<(RecordId, GroupId)>,
}

impl Facts {
    /// Before any fact.
    pub fn new(cast: &Arc<Cast>) -> Facts {
        Facts {
            reader: Reader::new(cast),
            hands: Hands::new(cast),
            done: vec![vec![0; cast.records.len()]; cast.services.len()],
            handled: Vec::new(),
            cast: Arc::clone(cast),
        }
    }

    /// After all facts of a trace.
    pub fn of(trace: &Trace) -> Facts {
        let mut account = Facts::new(trace.cast());
        for at in 0..trace.entries().len() {
            account.read(FactId(at as u32), trace);
        }
        account
    }

    /// Reads the next fact of a trace. Says whether it may have changed what is judged.
    pub fn read(&mut self, at: FactId, trace: &Trace) -> bool {
        let moved = self.reader.read(at, trace);
        let taken = self.hands.read(at, trace);
        let done = trace.get(at).is_some_and(|entry| self.work(&entry.fact));
        moved || taken || done
    }

    fn work(&mut self, fact: &Fact) -> bool {
        match fact {
            Fact::Service(service::Fact::EffectDone {
                service,
                record,
                times,
                ..
            }) => {
                let records = self.done.get_mut(service.at());
                if let Some(known) = records.and_then(|records| records.get_mut(record.at())) {
                    *known = *times;
                }
                true
            }
            Fact::Process(process::Fact::Handled { consumer, record }) => {
                if let Some(of) = self.group_of(*consumer) {
                    self.handled.push((*record, of));
                }
                true
            }
            _ => false,
        }
    }

    fn group_of(&self, consumer: ConsumerId) -> Option<GroupId> {
        let plan = self.cast.consumers.get(consumer.at());
        plan.map(|plan| plan.group)
    }

    /// Where a record stands, in a system whose records have places.
    pub fn place(&self, record: RecordId) -> Option<Place> {
        self.reader.place(record)
    }
}

impl Account for Facts {
    fn cast(&self) -> &Cast {
        &self.cast
    }

    fn custody(&self, record: RecordId, of: GroupId) -> Custody {
        let holder = || {
            let mut members = self.cast.members(of);
            let holder = members.find(|id| self.hands.holds(*id, record));
            holder.map(Into::into)
        };
        self.reader.custody(record, of, &self.cast, holder)
    }

    fn is_in_hand(&self, record: RecordId, of: GroupId) -> bool {
        let mut members = self.cast.members(of);
        members.any(|id| self.hands.holds(id, record) || self.hands.asks(id, record))
    }

    fn times(&self, service: ServiceId, record: RecordId) -> u32 {
        let records = self.done.get(service.at());
        let times = records.and_then(|records| records.get(record.at()));
        times.copied().unwrap_or(0)
    }

    fn is_handled(&self, record: RecordId, of: GroupId) -> bool {
        self.handled.contains(&(record, of))
    }
}
