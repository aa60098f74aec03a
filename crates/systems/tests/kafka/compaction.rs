//! Compaction and retention: what they may take, and what they may not.

use super::written::{Written, acts, committed, configs, eager, table};
use proptest::prelude::*;
use std::collections::BTreeSet;
use systems::kafka::Offset;
use systems::kafka::log::Log;
use systems::kafka::log::producers::Last;
use systems::kafka::log::record::{Record, Timestamp};
use systems::kafka::topic::{Cleanup, Config};

/// All records of a log with their offsets, also those of aborted transactions.
fn records(log: &Log) -> Vec<(Offset, Record)> {
    let batches = log.batches();
    batches.flat_map(|batch| batch.records().to_vec()).collect()
}

/// Whether a log can be one: offsets go up, and segments and batches follow each other.
fn is_sound(log: &Log) -> Result<(), TestCaseError> {
    let bases: Vec<_> = log.segments().map(|segment| segment.base()).collect();
    prop_assert!(bases.is_sorted_by(|one, next| one < next), "{bases:?}");
    for (at, segment) in log.segments().enumerate() {
        let end = bases.get(at + 1).copied().unwrap_or(log.end());
        let within = |batch: Offset| segment.base() <= batch && batch < end;
        prop_assert!(
            segment
                .batches()
                .all(|batch| within(batch.base) && within(batch.last))
        );
    }
    let mut next = Offset(0);
    for batch in log.batches() {
        prop_assert!(next <= batch.base && batch.base <= batch.last);
        next = Offset(batch.last.0 + 1);
        let offsets: Vec<_> = batch.records().iter().map(|(offset, _)| *offset).collect();
        prop_assert!(offsets.is_sorted_by(|one, next| one < next));
        prop_assert!(
            offsets
                .iter()
                .all(|at| batch.base <= *at && *at <= batch.last)
        );
    }
    prop_assert!(next <= log.end());
    Ok(())
}

/// The offsets that were there and are not any more.
fn taken(before: &[(Offset, Record)], after: &[(Offset, Record)]) -> BTreeSet<Offset> {
    let offsets = |records: &[(Offset, Record)]| -> BTreeSet<Offset> {
        records.iter().map(|(offset, _)| *offset).collect()
    };
    &offsets(before) - &offsets(after)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_last_value_of_each_key_is_kept(acts in acts(), config in configs(), is_eager: bool) {
        let config = if is_eager { eager(config) } else { config };
        let mut written = Written::default();
        written.all(&acts, &config, |before, after| {
            let (was, is) = (committed(before), committed(&after.log));
            prop_assert_eq!(table(&was), table(&is));
            let history = after.counting.range(..after.log.last_stable());
            let history: Vec<_> = history.map(|at| (*at, after.records[at].clone())).collect();
            prop_assert_eq!(table(&history), table(&is));
            Ok(())
        })?;
    }

    #[test]
    fn offsets_never_repeat_nor_go_back_and_what_is_left_is_as_it_was(acts in acts(), config in configs()) {
        let mut written = Written::default();
        let config = eager(config);
        written.all(&acts, &config, |before, after| {
            is_sound(&after.log)?;
            prop_assert_eq!((before.start(), before.end()), (after.log.start(), after.log.end()));
            for (offset, record) in records(&after.log) {
                prop_assert_eq!(&after.records[&offset], &record);
            }
            let bytes: u64 = after.log.batches().map(|batch| batch.bytes).sum();
            prop_assert_eq!(bytes, after.log.bytes());
            Ok(())
        })?;
    }

    #[test]
    fn readers_of_committed_records_miss_superseded_values_and_tombstones_only(acts in acts(), config in configs()) {
        let mut written = Written::default();
        let config = eager(config);
        written.all(&acts, &config, |before, after| {
            let (was, is) = (committed(before), committed(&after.log));
            prop_assert!(taken(&is, &was).is_empty());
            for offset in taken(&was, &is) {
                let record = &after.records[&offset];
                let newer = after.counting.range(Offset(offset.0 + 1)..after.log.first_dirty());
                let is_superseded = newer.clone().any(|at| after.records[at].key == record.key);
                prop_assert!(is_superseded || record.value.is_none(), "{}", offset.0);
            }
            prop_assert!(is.iter().all(|(offset, _)| after.counting.contains(offset)));
            Ok(())
        })?;
    }

    #[test]
    fn a_second_cleaning_takes_tombstones_and_what_was_replaced_since(acts in acts(), config in configs()) {
        let mut written = Written::default();
        let config = eager(config);
        written.all(&acts, &config, |before, after| {
            let mut again = after.log.clone();
            prop_assert!(!again.clean(Timestamp(i64::MAX), &config), "there is no new data");
            prop_assert_eq!(&again, &after.log);
            let cleaned = before.first_dirty();
            for offset in taken(&records(before), &records(&after.log)) {
                let record = &after.records[&offset];
                let since = after.counting.range(cleaned..);
                let is_replaced = since.clone().any(|at| after.records[at].key == record.key);
                let is_old = offset < cleaned;
                prop_assert!(!is_old || is_replaced || record.value.is_none(), "{}", offset.0);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_cleaned_log_still_tells_what_each_producer_wrote_last(acts in acts(), config in configs()) {
        let mut written = Written::default();
        let config = eager(config);
        written.all(&acts, &config, |before, after| {
            let lasts = after.log.producers().lasts();
            prop_assert_eq!(before.producers().lasts(), lasts.clone());
            for (id, last) in lasts {
                let mut batches = after.log.batches().filter(|batch| {
                    batch.producer.is_some_and(|(producer, _)| producer == id)
                });
                let tells = match last {
                    Last::Records(offset) => batches.any(|batch| batch.last == offset),
                    Last::Marker(epoch) => {
                        batches.any(|batch| batch.is_control() && batch.producer == Some((id, epoch)))
                    }
                };
                prop_assert!(tells, "{id:?} {last:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn nothing_is_cleaned_before_it_is_due(acts in acts(), config in configs()) {
        let mut written = Written::default();
        written.all(&acts, &config, |_, _| Ok(()))?;
        let log = &written.log;
        let cleans = |now: i64| log.clone().clean(Timestamp(now), &config);
        match log.cleaning_due(&config) {
            None => prop_assert!(!cleans(i64::MAX)),
            Some(due) => {
                prop_assert!(cleans(due.0));
                prop_assert!(!due.0.checked_sub(1).is_some_and(cleans));
            }
        }
    }

    #[test]
    fn retention_never_makes_a_gap_in_the_middle(
        acts in acts(),
        config in configs(),
        compact: bool,
        start in prop::option::of(0_u64..40),
        ms in 0_i64..500,
    ) {
        let cleanup = Cleanup { delete: true, compact };
        let config = Config { cleanup, ..config };
        let mut written = Written::default();
        written.all(&acts, &config, |_, _| Ok(()))?;
        let mut log = written.log;
        // It may lie above the high watermark.
        let _ = start.map(|start| log.delete_before(Some(Offset(start))));
        let before = log.clone();
        log.retain(Timestamp(written.now + ms), &config);
        is_sound(&log)?;
        let batches = |log: &Log| -> Vec<_> { log.batches().cloned().collect() };
        prop_assert!(batches(&before).ends_with(&batches(&log)));
        let bases = |log: &Log| -> Vec<_> { log.segments().map(|one| one.base()).collect() };
        let (was, is) = (bases(&before), bases(&log));
        prop_assert!(was.ends_with(&is) || is == [before.end()]);
        prop_assert_eq!(log.start(), before.start().max(is[0]));
        prop_assert!(log.start() <= before.high_watermark().max(before.start()));
        prop_assert_eq!(log.end(), before.end());
        prop_assert_eq!(log.producers().lasts(), before.producers().lasts());
        prop_assert_eq!(log.producers().first_unstable(), before.producers().first_unstable());
        let left: Vec<_> = before.producers().aborted().iter().filter(|one| one.last >= is[0]).collect();
        prop_assert_eq!(left, log.producers().aborted().iter().collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_dropped_before_it_is_due(acts in acts(), config in configs()) {
        let cleanup = Cleanup { delete: true, compact: false };
        let config = Config { cleanup, ..config };
        let mut written = Written::default();
        written.all(&acts, &config, |_, _| Ok(()))?;
        let log = &written.log;
        let drops = |now: i64| {
            let mut after = log.clone();
            after.retain(Timestamp(now), &config);
            after != *log
        };
        match log.retention_due(&config) {
            None => prop_assert!(!drops(i64::MAX)),
            Some(due) => {
                prop_assert!(drops(due.0));
                prop_assert!(!due.0.checked_sub(1).is_some_and(drops));
            }
        }
    }
}
