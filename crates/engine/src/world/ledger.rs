//! What has become of the records: the little that no party itself remembers and promises are about.

use crate::cast::RecordId;
use explore::Weigh;
use systems::kafka::GroupId;

/// The ledger of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Ledger {
    /// By group: the records its handlers are through with, sorted.
    handled: Vec<Vec<RecordId>>,
    /// By group: the records it was handed, sorted.
    polled: Vec<Vec<RecordId>>,
    /// Whether a record was handed out a second time.
    redelivered: bool,
}

impl Ledger {
    /// Whether anything stands in it that is not to be kept.
    pub(super) fn has_other(&self, handled: bool, polled: bool) -> bool {
        let any = |lists: &[Vec<RecordId>]| lists.iter().any(|list| !list.is_empty());
        !handled && any(&self.handled) || !polled && (any(&self.polled) || self.redelivered)
    }

    /// Forgets what is not to be kept.
    pub(super) fn keep(&mut self, handled: bool, polled: bool) {
        if !handled {
            self.handled.iter_mut().for_each(Vec::clear);
        }
        if !polled {
            self.polled.iter_mut().for_each(Vec::clear);
            self.redelivered = false;
        }
    }

    /// An empty ledger for so many groups.
    pub fn new(groups: usize) -> Self {
        Ledger {
            handled: vec![Vec::new(); groups],
            polled: vec![Vec::new(); groups],
            redelivered: false,
        }
    }

    /// A group's handler is through with a record. Says whether that is news.
    pub fn handle(&mut self, group: GroupId, record: RecordId) -> bool {
        insert(&mut self.handled, group, record)
    }

    /// A group was handed a record. Says whether that is news.
    pub fn poll(&mut self, group: GroupId, record: RecordId) {
        if !insert(&mut self.polled, group, record) {
            self.redelivered = true;
        }
    }

    /// Whether a group's handler is through with a record.
    pub fn is_handled(&self, group: GroupId, record: RecordId) -> bool {
        has(&self.handled, group, record)
    }

    /// Whether a group was handed a record.
    pub fn is_polled(&self, group: GroupId, record: RecordId) -> bool {
        has(&self.polled, group, record)
    }

    /// Whether any record was handed out a second time.
    pub fn redelivered(&self) -> bool {
        self.redelivered
    }
}

fn has(lists: &[Vec<RecordId>], group: GroupId, record: RecordId) -> bool {
    let own = lists.get(usize::from(group.0));
    own.is_some_and(|own| own.binary_search(&record).is_ok())
}

fn insert(lists: &mut [Vec<RecordId>], group: GroupId, record: RecordId) -> bool {
    let Some(own) = lists.get_mut(usize::from(group.0)) else {
        return false;
    };
    match own.binary_search(&record) {
        Ok(_) => false,
        Err(at) => {
            own.insert(at, record);
            true
        }
    }
}
