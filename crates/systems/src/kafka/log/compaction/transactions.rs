//! Transactions, as they pass somebody who reads a log from its beginning.
//!
//! Source: `CleanedTransactionMetadata`.

use super::super::producers::{Aborted, ProducerId};
use super::super::record::{Content, Ended, Stored};
use std::collections::{BTreeMap, BTreeSet};

/// The transactions that are open at the place that is read.
pub(super) struct Transactions<'a> {
    /// Aborted ones that have not begun, the next one last.
    ahead: Vec<&'a Aborted>,
    /// Aborted ones, and whether a batch of theirs was seen.
    aborted: BTreeMap<ProducerId, (&'a Aborted, bool)>,
    /// Producers of which batches of another kind of transaction were seen.
    committed: BTreeSet<ProducerId>,
    listed: Vec<Aborted>,
}

impl<'a> Transactions<'a> {
    /// Nothing is read yet; these transactions end as aborted.
    pub(super) fn new(aborted: impl IntoIterator<Item = &'a Aborted>) -> Self {
        let mut ahead: Vec<_> = aborted.into_iter().collect();
        tiny_sort::stable::sort_by_key(&mut ahead, |one| std::cmp::Reverse(one.first));
        Transactions {
            ahead,
            aborted: BTreeMap::new(),
            committed: BTreeSet::new(),
            listed: Vec::new(),
        }
    }

    /// Reads the next batch, and says whether its transaction needs nothing of it: because it was
    /// aborted, or because it is a marker and no batch of its transaction was seen.
    pub(super) fn read(&mut self, batch: &Stored) -> bool {
        while let Some(next) = self.ahead.pop_if(|next| next.first <= batch.last) {
            self.aborted.entry(next.producer).or_insert((next, false));
        }
        let Some((producer, _)) = batch.producer else {
            return false;
        };
        match &batch.content {
            Content::Records(_) if !batch.transactional => false,
            Content::Records(_) => match self.aborted.get_mut(&producer) {
                Some((_, seen)) => {
                    *seen = true;
                    true
                }
                None => {
                    self.committed.insert(producer);
                    false
                }
            },
            Content::Marker(marker, _) => match marker.ended {
                Ended::Commit => !self.committed.remove(&producer),
                Ended::Abort => match self.aborted.remove(&producer) {
                    Some((one, true)) => {
                        self.listed.push(*one);
                        false
                    }
                    Some((_, false)) | None => true,
                },
            },
            Content::Gone => true,
        }
    }

    /// The aborted transactions that readers still have to know of: their markers were read, and
    /// batches of theirs.
    pub(super) fn listed(self) -> Vec<Aborted> {
        self.listed
    }
}
