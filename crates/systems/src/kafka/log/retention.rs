//! Retention: whole segments go, the oldest first.
//!
//! # Rules
//! 1. The oldest segment goes, then the next one, up to the first that has to stay. A segment that
//!    reaches above the high watermark stays, and so does an active segment without records. Source:
//!    `UnifiedLog.deletableSegments`.
//! 2. What has to go is asked three times, each time of what is left: first what lies below the log's
//!    start as a whole; then by size, while the rest is still at least `retention.bytes`; then by time,
//!    when the latest timestamp of the segment is more than `retention.ms` ago. Source:
//!    `UnifiedLog.deleteOldSegments`.
//! 3. Size and time are asked only where `cleanup.policy` has `delete`; the log's start always. Source:
//!    the same.
//! 4. The active segment goes like the others: a new one without records follows it, and offsets go on.
//!    Source: `UnifiedLog.deleteSegments`.
//! 5. The log then starts at the first segment that is left, or stays where it started. Source: the same.
//! 6. With a segment goes the list of aborted transactions whose markers are in it. What is known of
//!    producers stays, and a transaction whose records went is still open. Source: `TransactionIndex`,
//!    `ProducerStateManager.onLogStartOffsetIncremented`.
//! 7. The check for retention passes compacted logs over: the cleaner drops their segments, each time
//!    after it has looked for something to clean. Source: `LogManager.cleanupLogs`,
//!    `LogCleaner.CleanerThread`.
//!
//! Nothing here happens by itself. Who has the clock asks [`Log::retention_due`] when to look.
//!
//! Simplified: where cleaning has left nothing in a segment, its age is that of the latest record that
//! was in it; the real one goes by the time its file was written.

use super::super::Offset;
use super::super::fact::Retired;
use super::super::housekeeping;
use super::super::topic::Config;
use super::Log;
use super::record::Timestamp;
use super::segment::Segment;
use crate::record::RecordId;

/// What retention asks of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its first offset.
    pub base: Offset,
    /// Its bytes.
    pub bytes: u64,
    /// The latest timestamp in it.
    pub latest: Option<Timestamp>,
}

/// What retention asks of a log as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Where it starts.
    pub start: Offset,
    /// The offset the next record will get.
    pub end: Offset,
    /// Below this everything is on all replicas.
    pub high_watermark: Offset,
}

/// A segment that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its first offset.
    pub base: Offset,
    /// Why it went.
    pub why: Retired,
    /// The records of a scene that were in it.
    pub records: Vec<RecordId>,
}

impl From<&Segment> for Held {
    fn from(segment: &Segment) -> Self {
        Held {
            base: segment.base(),
            bytes: segment.bytes(),
            latest: segment.aged_from(),
        }
    }
}

/// How many of a log's segments go, the oldest first (rules 1 to 3). When it is all of them, a new one
/// follows at the log's end.
pub fn droppable(segments: &[Held], log: Extent, now: Timestamp, config: &Config) -> usize {
    let next = |at: usize| segments.get(at + 1).map(|next| next.base);
    let is_free = |at: usize| {
        let is_empty_active = next(at).is_none() && segments[at].bytes == 0;
        next(at).unwrap_or(log.end) <= log.high_watermark && !is_empty_active
    };
    let go_on = |from: usize, is_due: &mut dyn FnMut(usize) -> bool| {
        let stays = |at: &usize| !is_free(*at) || !is_due(*at);
        (from..segments.len()).find(stays).unwrap_or(segments.len())
    };
    let gone = go_on(0, &mut |at| next(at).is_some_and(|next| next <= log.start));
    if !config.cleanup.delete {
        return gone;
    }
    let left = segments[gone..].iter().map(|segment| segment.bytes);
    let mut bytes = left.fold(0, u64::saturating_add);
    let gone = go_on(gone, &mut |at| {
        let rest = bytes - segments[at].bytes;
        let is_due = config.retention_bytes.is_some_and(|least| rest >= least);
        bytes = if is_due { rest } else { bytes };
        is_due
    });
    go_on(gone, &mut |at| {
        expiry(&segments[at], config).is_some_and(|expiry| now >= expiry)
    })
}

/// From when on a segment has to go by its time.
fn expiry(segment: &Held, config: &Config) -> Option<Timestamp> {
    let last = segment.latest?.0.checked_add(config.retention_ms?)?;
    last.checked_add(1).map(Timestamp)
}

impl Log {
    /// Drops the segments that have to go (rules 1 to 6).
    pub fn retain(&mut self, now: Timestamp, config: &Config) {
        let gone = droppable(&self.held(), self.extent(), now, config);
        if gone == 0 {
            return;
        }
        if gone == self.segments.len() {
            self.roll();
        }
        self.segments.drain(..gone);
        self.begin_at(self.segments[0].base());
    }

    /// Drops the oldest segment, if there is a time at which it has to go if nothing else happens before; says
    /// what went. It looks at no clock: whoever has one knows that the time has come.
    pub fn drop_segment(&mut self, config: &Config) -> Option<Dropped> {
        let now = self.retention_due(config)?;
        let oldest = self.segments.first()?;
        let (base, records) = (oldest.base(), housekeeping::records(oldest.batches()));
        let next = self.segments.get(1).map(|next| next.base());
        let why = match (now, next) {
            (Timestamp::MIN, Some(next)) if next <= self.start => Retired::Start,
            (Timestamp::MIN, _) => Retired::Size,
            _ => Retired::Time,
        };
        if self.segments.len() == 1 {
            self.roll();
        }
        self.segments.remove(0);
        self.begin_at(self.segments[0].base());
        let of = |(_, record): (Offset, RecordId)| record;
        Some(Dropped {
            base,
            why,
            records: records.into_iter().map(of).collect(),
        })
    }

    /// The log starts no earlier than its first segment (rules 5 and 6).
    fn begin_at(&mut self, first: Offset) {
        self.start = self.start.max(first);
        self.producers.forget_aborted(first);
    }

    /// The earliest time at which [`Log::retain`] would change something, if nothing else happens
    /// before. What has to go whatever the time is was due at the beginning of all time.
    pub fn retention_due(&self, config: &Config) -> Option<Timestamp> {
        let segments = self.held();
        let by_time = segments.first().and_then(|first| expiry(first, config));
        let goes = |now: &Timestamp| droppable(&segments, self.extent(), *now, config) > 0;
        let mut times = [Some(Timestamp::MIN), by_time].into_iter().flatten();
        times.find(goes)
    }

    fn held(&self) -> Vec<Held> {
        self.segments().map(Held::from).collect()
    }

    fn extent(&self) -> Extent {
        Extent {
            start: self.start,
            end: self.end,
            high_watermark: self.high_watermark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::producers::{CoordinatorEpoch, Epoch, Origin, ProducerId, Sequence};
    use super::super::record::{Batch, Ended, Marker, Record, Stamp};
    use super::*;
    use crate::kafka::topic::Cleanup;

    const DELETE: Cleanup = Cleanup {
        delete: true,
        compact: false,
    };
    const COMPACT: Cleanup = Cleanup {
        delete: false,
        compact: true,
    };

    /// Settings under which nothing goes by size or time.
    fn forever(cleanup: Cleanup) -> Config {
        Config {
            cleanup,
            retention_ms: None,
            ..Config::default()
        }
    }

    fn by_size(bytes: u64) -> Config {
        Config {
            retention_bytes: Some(bytes),
            ..forever(DELETE)
        }
    }

    fn by_time(ms: i64) -> Config {
        Config {
            retention_ms: Some(ms),
            ..forever(DELETE)
        }
    }

    /// Five records of 20 bytes to a segment; the high watermark is at the end.
    fn check(name: &str, latest: &[i64], start: u64, config: &Config, gone: usize) {
        let ends = latest.len() as u64 * 5;
        check_below(name, latest, (start, ends), config, gone);
    }

    fn check_below(
        name: &str,
        latest: &[i64],
        (start, high_watermark): (u64, u64),
        config: &Config,
        gone: usize,
    ) {
        let segments: Vec<Held> = (0..)
            .zip(latest)
            .map(|(at, latest)| Held {
                base: Offset(at * 5),
                bytes: 100,
                latest: Some(Timestamp(*latest)),
            })
            .collect();
        let log = Extent {
            start: Offset(start),
            end: Offset(latest.len() as u64 * 5),
            high_watermark: Offset(high_watermark),
        };
        assert_eq!(
            droppable(&segments, log, Timestamp(1_000), config),
            gone,
            "{name}"
        );
    }

    #[test]
    fn the_oldest_segments_go_up_to_the_first_that_stays() {
        let at = [0, 0, 0];
        check("the rest is exactly enough", &at, 0, &by_size(200), 1);
        check("the rest is too little", &at, 0, &by_size(201), 0);
        check("a limit above everything", &at, 0, &by_size(301), 0);
        check("nothing is kept", &at, 0, &by_size(0), 3);
        check("exactly as old as allowed", &at, 0, &by_time(1_000), 0);
        check("a millisecond older", &at, 0, &by_time(999), 3);
        check(
            "an older one behind a younger",
            &[0, 900, 0],
            0,
            &by_time(500),
            1,
        );
        check(
            "one from the future holds all",
            &[2_000, 0, 0],
            0,
            &by_time(0),
            0,
        );
        check("any age", &[i64::MIN, 0], 0, &by_time(i64::MAX), 1);
        check("no limits", &at, 0, &forever(DELETE), 0);
        check("the start is in the second", &at, 9, &forever(DELETE), 1);
        check(
            "the start is where the third begins",
            &at,
            10,
            &forever(DELETE),
            2,
        );
        check(
            "the active one ends at the start",
            &at,
            15,
            &forever(DELETE),
            2,
        );
        check("compacted only", &at, 10, &forever(COMPACT), 2);
        let compacted = Config {
            cleanup: COMPACT,
            retention_bytes: Some(0),
            ..by_time(0)
        };
        check("size and time are not asked", &at, 0, &compacted, 0);
        let both = Cleanup {
            delete: true,
            compact: true,
        };
        let both = Config {
            cleanup: both,
            ..by_time(0)
        };
        check("compacted and deleted", &at, 0, &both, 3);
    }

    #[test]
    fn nothing_goes_that_reaches_above_the_high_watermark() {
        let at = [0, 0, 0];
        check_below("inside the second", &at, (0, 9), &by_time(0), 1);
        check_below("where the second ends", &at, (0, 10), &by_time(0), 2);
        check_below("inside the active one", &at, (0, 14), &by_size(0), 2);
        check_below("at the beginning", &at, (0, 0), &by_size(0), 0);
    }

    #[test]
    fn size_is_asked_before_time() {
        // By time alone the first would stay, and with it all behind it.
        let by_both = Config {
            retention_bytes: Some(200),
            ..by_time(500)
        };
        check(
            "time goes on where size stops",
            &[900, 0, 900],
            0,
            &by_both,
            2,
        );
        check("size counts what is left", &[0, 0, 0], 5, &by_size(100), 2);
    }

    fn appended(log: &mut Log, at: i64, config: &Config, stamp: Option<Stamp>) {
        let record = Record {
            timestamp: Timestamp(at),
            ..Record::new("k", "v")
        };
        let batch = Batch {
            stamp,
            transactional: stamp.is_some(),
            records: vec![record],
        };
        let origin = Origin::Client { bumps_epochs: true };
        log.append(Timestamp(at), &batch, origin, config)
            .expect("it fits");
        log.acknowledge(log.end());
    }

    #[test]
    fn a_new_active_segment_follows_when_all_go_and_offsets_go_on() {
        let config = by_time(10);
        let mut log = Log::default();
        appended(&mut log, 0, &config, None);
        appended(&mut log, 5, &config, None);
        assert_eq!(log.retention_due(&config), Some(Timestamp(16)));
        log.retain(Timestamp(15), &config);
        assert_eq!((log.start(), log.segments().len()), (Offset(0), 1));
        log.retain(Timestamp(16), &config);
        let bases: Vec<_> = log.segments().map(Segment::base).collect();
        assert_eq!(bases, [Offset(2)]);
        assert_eq!(
            (log.start(), log.end(), log.bytes()),
            (Offset(2), Offset(2), 0)
        );
        assert_eq!(log.retention_due(&config), None);
        appended(&mut log, 20, &config, None);
        assert_eq!(log.end(), Offset(3));
    }

    #[test]
    fn what_lies_below_the_start_is_due_at_any_time() {
        let config = Config {
            segment_bytes: 100,
            ..forever(COMPACT)
        };
        let mut log = Log::default();
        for at in 0..3 {
            appended(&mut log, at, &config, None);
        }
        assert_eq!(log.retention_due(&config), None);
        log.delete_before(Some(Offset(1))).expect("it is there");
        assert_eq!(log.retention_due(&config), Some(Timestamp::MIN));
        log.retain(Timestamp::MIN, &config);
        let bases: Vec<_> = log.segments().map(Segment::base).collect();
        assert_eq!(bases, [Offset(1), Offset(2)]);
        assert_eq!(log.start(), Offset(1));
    }

    #[test]
    fn the_list_of_aborted_transactions_goes_with_the_markers_and_producers_stay() {
        let config = Config {
            segment_bytes: 160,
            ..forever(DELETE)
        };
        let mut log = Log::default();
        let stamp = |epoch| Stamp {
            producer: ProducerId(7),
            epoch: Epoch(epoch),
            sequence: Sequence(0),
        };
        let marker = Marker {
            ended: Ended::Abort,
            coordinator: CoordinatorEpoch(0),
        };
        for epoch in 0..2 {
            let producer = (ProducerId(7), Epoch(epoch + 1));
            appended(&mut log, 0, &config, Some(stamp(epoch)));
            log.append_marker(Timestamp(0), producer, marker, true, &config)
                .expect("it may end it");
            log.acknowledge(log.end());
        }
        assert_eq!(log.segments().len(), 2);
        log.retain(Timestamp(0), &by_size(100));
        let aborted = log.producers().aborted();
        let aborted: Vec<_> = aborted.iter().map(|one| one.first.0).collect();
        assert_eq!((log.start(), aborted), (Offset(2), vec![2]));
        let known = log.producers().get(ProducerId(7)).map(|known| known.epoch);
        assert_eq!(known, Some(Epoch(2)));
        log.retain(Timestamp(0), &by_size(0));
        assert_eq!(log.producers().aborted(), []);
        assert!(log.producers().get(ProducerId(7)).is_some());
    }
}
