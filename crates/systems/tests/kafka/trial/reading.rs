//! What readers ask, and what is compared of a partition after every operation.

use super::Trial;
use crate::operations::{Ask, Op};
use crate::reference::Partition as Model;
use systems::kafka::isolation::{next, seen};
use systems::kafka::log::record::Record;
use systems::kafka::log::{At, Isolation, Log, Read};
use systems::kafka::{Error, Offset, Partition};

const BOTH: [Isolation; 2] = [Isolation::ReadUncommitted, Isolation::ReadCommitted];

fn isolation(committed: bool) -> Isolation {
    BOTH[usize::from(committed)]
}

/// Whether segments can hide what a model without them finds: records below the start.
fn may_miss(log: &Log) -> bool {
    log.start() > Offset(0) && log.segments().len() > 1
}

impl Trial {
    pub(super) fn read(&mut self, op: &Op) {
        match op {
            Op::Fetch {
                at,
                from,
                bytes_max,
                at_least_one,
                committed,
            } => {
                let partition = self.place(*at);
                let (Some(log), Some(model)) =
                    (self.broker.log(partition), self.partitions.get(&partition))
                else {
                    return;
                };
                let read = Read {
                    from: self.point(partition, *from),
                    bytes_max: (*bytes_max).into(),
                    at_least_one: *at_least_one,
                    isolation: isolation(*committed),
                };
                compare_read(log, model, &read);
            }
            Op::ListOffsets { at, ask, committed } => {
                let partition = self.place(*at);
                let (Some(log), Some(model)) =
                    (self.broker.log(partition), self.partitions.get(&partition))
                else {
                    return;
                };
                let at = match ask {
                    Ask::Earliest => At::Earliest,
                    Ask::Latest => At::Latest,
                    Ask::At(when) => At::Time(self.when(*when)),
                    Ask::Youngest => At::LatestTimestamp,
                };
                let answer = log.offset_at(at, isolation(*committed));
                let by_time = matches!(at, At::Time(_) | At::LatestTimestamp);
                let missed = answer.is_none() && matches!(at, At::Time(_)) && may_miss(log);
                let is_known = !(missed || by_time && model.cleaned);
                if is_known {
                    assert_eq!(answer, model.offset_at(at, isolation(*committed)), "{at:?}");
                }
            }
            _ => {}
        }
    }

    /// The partition's marks are the model's, and a reader of everything sees what it should.
    pub(super) fn check_partition(&self, partition: Partition) {
        let log = self.broker.log(partition).expect("the model has it");
        let model = &self.partitions[&partition];
        assert_eq!(log.end().0, model.end(), "end of {partition:?}");
        assert_eq!(log.start().0, model.start, "start of {partition:?}");
        assert_eq!(log.last_stable().0, model.last_stable(), "{partition:?}");
        if !model.cleaned {
            let kept = model.entries.iter();
            let kept = kept.filter(|entry| entry.base >= model.kept_from);
            let bytes: u64 = kept.map(|entry| entry.bytes).sum();
            assert_eq!(log.bytes(), bytes, "bytes of {partition:?}");
        }
        for isolation in BOTH {
            let mut from = log.start();
            let mut read = Vec::new();
            loop {
                let asked = Read {
                    from: from.0 as i64,
                    bytes_max: 300,
                    at_least_one: true,
                    isolation,
                };
                let found = log.read(&asked).expect("the log begins there");
                let records = seen(&found, from, isolation);
                read.extend(records.into_iter().map(|(at, one)| (at, one.clone())));
                let to = next(&found.batches, from);
                if to == from {
                    break;
                }
                from = to;
            }
            let end = model.below(isolation).max(model.start);
            assert!(from.0 == end || model.cleaned && from.0 < end);
            let expected = model.seen(model.start, model.below(isolation), isolation);
            let found: Vec<_> = read.iter().map(|(at, one)| (*at, one)).collect();
            if model.cleaned {
                assert!(is_part(&found, &expected), "{isolation:?} of {partition:?}");
                let lasts = model.last_of_keys();
                let stays = |one: &_| found.contains(one);
                assert!(lasts.iter().all(stays), "{partition:?} lost a key");
            } else {
                assert_eq!(found, expected, "{isolation:?} of {partition:?}");
            }
        }
    }
}

/// One read is whole batches in a row, the right ones, and as many as fit.
fn compare_read(log: &Log, model: &Model, read: &Read) {
    let found = match log.read(read) {
        Ok(found) => found,
        Err(error) => {
            assert_eq!(error, Error::OffsetOutOfRange);
            let from = u64::try_from(read.from).ok();
            assert!(from.is_none_or(|from| from < model.start || from > model.end()));
            return;
        }
    };
    let from = read.from.unsigned_abs();
    assert!(read.from >= 0 && (model.start..=model.end()).contains(&from));
    let below = model.below(read.isolation);
    let candidates = model.entries.iter();
    let readable: Vec<_> = candidates
        .filter(|entry| entry.last >= from && entry.last < below)
        .collect();
    let to = next(&found.batches, Offset(from)).0;
    let expected = model.seen(from, to, read.isolation);
    let seen = seen(&found, Offset(from), read.isolation);
    if model.cleaned {
        assert!(is_part(&seen, &expected));
        return;
    }
    assert_eq!(seen, expected);
    let (mut fitting, mut bytes) = (0, 0);
    for entry in &readable {
        bytes += entry.bytes;
        if bytes > read.bytes_max && !(read.at_least_one && fitting == 0) {
            break;
        }
        fitting += 1;
    }
    let count = found.batches.len();
    for (batch, entry) in found.batches.iter().zip(&readable) {
        assert_eq!((batch.base.0, batch.last.0), (entry.base, entry.last));
    }
    assert!(count <= fitting, "{read:?} found {count} of {fitting}");
    assert_eq!(count == 0, fitting == 0, "{read:?}");
    if log.segments().len() == 1 {
        assert_eq!(count, fitting, "{read:?}");
    }
}

/// Whether all of some records are among others.
fn is_part(some: &[(Offset, &Record)], others: &[(Offset, &Record)]) -> bool {
    let mut others = others.iter();
    some.iter().all(|one| others.any(|other| other == one))
}
