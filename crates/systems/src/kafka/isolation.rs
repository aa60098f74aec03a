//! What a client makes of a fetched piece of log.
//!
//! # Rules
//! 1. What lies below the asked offset is dropped: brokers hand out whole batches. Source: KIP-98,
//!    `CompletedFetch`. Shown by: kafka-log-batch.
//! 2. Nobody sees markers. Shown by: kafka-txn-commit.
//! 3. Who reads committed records passes over those of a listed producer, from the listed offset to
//!    that producer's next abort marker. Source: `CompletedFetch.nextFetchedRecord`. Shown by:
//!    kafka-txn-abort, kafka_transactions_lso.
//! 4. The position goes on behind everything that was fetched, seen or not. Shown by: kafka-txn-lag.

use crate::kafka::Offset;
use crate::kafka::log::producers::{Aborted, ProducerId};
use crate::kafka::log::record::{Ended, Record, Stored};
use crate::kafka::log::{Found, Isolation};
use std::collections::BTreeSet;

/// The records of what was fetched that a client sees.
pub fn seen(found: &Found, from: Offset, isolation: Isolation) -> Vec<(Offset, &Record)> {
    let mut listed: Vec<Aborted> = found.aborted.clone();
    tiny_sort::stable::sort_by_key(&mut listed, |one| one.first);
    let mut listed = listed.into_iter().peekable();
    let mut aborted: BTreeSet<ProducerId> = BTreeSet::new();
    let mut seen = Vec::new();
    for batch in &found.batches {
        if isolation == Isolation::ReadCommitted
            && let Some((producer, _)) = batch.producer
        {
            while let Some(one) = listed.next_if(|one| one.first <= batch.last) {
                aborted.insert(one.producer);
            }
            if batch
                .end_marker()
                .is_some_and(|end| end.ended == Ended::Abort)
            {
                aborted.remove(&producer);
            } else if batch.transactional && aborted.contains(&producer) {
                continue;
            }
        }
        let records = batch.records().iter();
        let here = records.filter(|(offset, _)| *offset >= from);
        seen.extend(here.map(|(offset, record)| (*offset, record)));
    }
    seen
}

/// Where reading goes on (rule 4).
pub fn next(batches: &[std::sync::Arc<Stored>], from: Offset) -> Offset {
    let behind = batches.last().map(|batch| Offset(batch.last.0 + 1));
    behind.unwrap_or(from).max(from)
}
