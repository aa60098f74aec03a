//! Logs before and after, as text. A batch is its records' keys with commas between them, `-` behind
//! the key of a tombstone; `7:` before it makes it a batch of a transaction of producer 7, `7;` an
//! idempotent one outside. `7:commit` and `7:abort` are the ends of a transaction, `+` behind them
//! raises the epoch (transaction version 2), and `|` begins a segment. Afterwards each record has its
//! offset before its key, an end is `3C` or `3A`, and a batch that was left without anything is its
//! last offset in brackets.

use super::super::producers::{CoordinatorEpoch, Epoch, Origin, ProducerId, Sequence};
use super::super::record::{Batch, Content, Ended, Marker, Record, Stamp, Stored};
use super::*;
use crate::kafka::topic::Cleanup;

fn config() -> Config {
    Config {
        cleanup: Cleanup {
            delete: false,
            compact: true,
        },
        min_cleanable_dirty_millionths: 0,
        delete_retention_ms: 100,
        ..Config::default()
    }
}

fn append(log: &mut Log, text: &str, at: i64, config: &Config) {
    for word in text.split_whitespace() {
        if word == "|" {
            log.roll();
            continue;
        }
        let split = word.split_once(':').map(|split| (split, true));
        let split = split.or(word.split_once(';').map(|split| (split, false)));
        let Some(((id, what), transactional)) = split else {
            append_batch(log, word, None, at, config);
            continue;
        };
        let id = ProducerId(id.parse().expect("a number"));
        let known = log.producers().get(id);
        let epoch = known.map_or(Epoch(0), |known| known.epoch);
        let last = known.and_then(|known| known.last_sequence());
        let ended = match what.trim_end_matches('+') {
            "commit" => Ended::Commit,
            "abort" => Ended::Abort,
            keys => {
                let stamp = Stamp {
                    producer: id,
                    epoch,
                    sequence: last.map_or(Sequence(0), |last| last.plus(1)),
                };
                append_batch(log, keys, Some((stamp, transactional)), at, config);
                continue;
            }
        };
        let marker = Marker {
            ended,
            coordinator: CoordinatorEpoch(0),
        };
        let raises = what.ends_with('+');
        let epoch = if raises { epoch.next() } else { epoch };
        log.append_marker(Timestamp(at), (id, epoch), marker, raises, config)
            .expect("it may end it");
    }
    log.acknowledge(log.end());
}

fn append_batch(log: &mut Log, keys: &str, stamp: Option<(Stamp, bool)>, at: i64, config: &Config) {
    let record = |key: &str| Record {
        timestamp: Timestamp(at),
        key: Some(key.trim_end_matches('-').as_bytes().into()),
        value: (!key.ends_with('-')).then(|| b"v".as_slice().into()),
        ..Record::default()
    };
    let batch = Batch {
        stamp: stamp.map(|(stamp, _)| stamp),
        transactional: stamp.is_some_and(|(_, transactional)| transactional),
        records: keys.split(',').map(record).collect(),
    };
    let origin = Origin::Client { bumps_epochs: true };
    log.append(Timestamp(at), &batch, origin, config)
        .expect("it fits");
}

fn tell(log: &Log) -> String {
    let batch = |batch: &Arc<Stored>| match &batch.content {
        Content::Marker(marker, _) if marker.ended == Ended::Commit => {
            format!("{}C", batch.last.0)
        }
        Content::Marker(..) => format!("{}A", batch.last.0),
        Content::Records(records) if !records.is_empty() => {
            let record = |(offset, record): &(Offset, Record)| {
                let key = record.key.as_deref().unwrap_or_default();
                let dash = if record.value.is_none() { "-" } else { "" };
                format!("{}{}{dash}", offset.0, String::from_utf8_lossy(key))
            };
            let records: Vec<_> = records.iter().map(record).collect();
            records.join(",")
        }
        Content::Records(_) | Content::Gone => format!("({})", batch.last.0),
    };
    let segment = |segment: &Segment| segment.batches().map(batch).collect::<Vec<_>>().join(" ");
    log.segments().map(segment).collect::<Vec<_>>().join(" | ")
}

/// Appends, lets a pass go over all but the active segment, and looks; as often as there are steps.
fn check(name: &str, steps: &[(&str, i64, &str)]) {
    let (config, mut log) = (config(), Log::default());
    for (text, at, expected) in steps {
        append(&mut log, text, *at, &config);
        let (start, end) = (log.start(), log.end());
        log.go_over(log.segments.len() - 1, Timestamp(*at), &config);
        assert_eq!(tell(&log), expected.trim_start(), "{name}, at {at} ms");
        assert_eq!((log.start(), log.end()), (start, end), "{name}");
        let bytes: u64 = log.batches().map(|batch| batch.bytes).sum();
        assert_eq!(log.bytes(), bytes, "{name}");
    }
}

#[test]
fn the_last_record_of_each_key_stays_at_its_offset() {
    check(
        "the active segment is left alone",
        &[("a b a | a", 0, "1b 2a | 3a")],
    );
    check(
        "batches stay apart",
        &[("a,b,c b,d |", 0, "0a,2c 3b,4d | ")],
    );
    check(
        "a clean part is cleaned of what new records replace",
        &[("a b | c", 0, "0a 1b | 2c"), ("a | c", 1, "1b 2c 3a | 4c")],
    );
    check(
        "the last batch of a pass stays, empty or not",
        &[
            ("a,b | a b | c", 0, "2a 3b | 4c"),
            ("1:a 1:abort |", 1, "2a 3b 4c (5) 6A | "),
        ],
    );
}

#[test]
fn a_tombstone_goes_with_the_first_pass_behind_its_horizon() {
    check(
        "older values go at once",
        &[
            ("a b a- |", 0, "1b 2a- | "),
            ("", 99, "1b 2a- | "),
            ("", 100, "1b (2) | "),
        ],
    );
    check(
        "the horizon is that of the first pass, however many follow",
        &[
            ("a- x |", 50, "0a- 1x | "),
            ("y |", 149, "0a- 1x 2y | "),
            ("z |", 150, "1x 2y 3z | "),
        ],
    );
    check(
        "a horizon is that of its batch",
        &[
            ("a-,b |", 0, "0a-,1b | "),
            ("b |", 60, "0a- 2b | "),
            ("c |", 100, "2b 3c | "),
        ],
    );
}

#[test]
fn aborted_records_go_and_replace_nothing() {
    check(
        "an older value stays",
        &[("a 7:a,b 7:abort c |", 0, "0a (2) 3A 4c | ")],
    );
    check(
        "a committed one replaces it",
        &[("a 7:a 7:commit c |", 0, "1a 2C 3c | ")],
    );
    check(
        "one aborts, the other commits",
        &[(
            "1:a 1:b 2:b 2:c 1:c 1:d 1:abort 2:commit 1:b 1:commit |",
            0,
            "3c 6A 7C 8b 9C | ",
        )],
    );
    check(
        "across segments",
        &[("x 7:x | 7:y | 7:abort |", 0, "0x (2) 3A | ")],
    );
}

// Steps and results are those of `LogCleanerTest` (Apache Kafka): #testAbortMarkerRemoval,
// #testCommitMarkerRemoval, #testCommitMarkerRetentionWithEmptyBatch,
// #testAbortMarkerRetentionWithEmptyBatch, #testEmptyBatchRemovalWithSequenceReuse.
#[test]
fn a_marker_stays_until_a_pass_met_nothing_of_its_transaction_and_then_to_its_horizon() {
    check(
        "an abort",
        &[
            ("1:a 1:b,c 1:abort 1:c 1:commit |", 0, "3A 4c 5C | "),
            ("", 1, "3A 4c 5C | "),
            ("", 100, "3A 4c 5C | "),
            ("", 101, "4c 5C | "),
        ],
    );
    check(
        "a commit",
        &[
            ("1:a 1:b,c 1:commit 1:b 1:commit |", 0, "0a 2c 3C 4b 5C | "),
            ("1:a,c 1:commit |", 1, "3C 4b 5C 6a,7c 8C | "),
            ("", 2, "3C 4b 5C 6a,7c 8C | "),
            ("", 101, "3C 4b 5C 6a,7c 8C | "),
            ("", 102, "4b 5C 6a,7c 8C | "),
        ],
    );
    check(
        "a commit behind an empty batch",
        &[
            (
                "1:b,c | 2:b,c 2:commit | b c 1:commit |",
                0,
                "(1) (3) 4C 5b 6c 7C | ",
            ),
            ("", 1, "(1) (3) 4C 5b 6c 7C | "),
            ("2:a 2:commit |", 2, "(1) 4C 5b 6c 7C 8a 9C | "),
            ("", 3, "(1) 4C 5b 6c 7C 8a 9C | "),
            ("", 103, "(1) 5b 6c 7C 8a 9C | "),
        ],
    );
    check(
        "an abort behind an empty batch",
        &[
            ("1:b,c 1:abort |", 0, "(1) 2A | "),
            ("", 1_000, "(1) 2A | "),
            ("1:a |", 2_000, "2A 3a | "),
            ("", 3_000, "2A 3a | "),
            ("", 4_000, "3a | "),
        ],
    );
    check(
        "two of one producer",
        &[
            ("1:a 1:commit 1:b 1:commit a b |", 0, "1C (2) 3C 4a 5b | "),
            ("", 1, "1C (2) 3C 4a 5b | "),
            ("", 101, "(2) 3C 4a 5b | "),
        ],
    );
}

#[test]
fn what_a_producer_is_known_by_stays() {
    check(
        "its last sequence",
        &[("7;a 7;b a b c |", 0, "(1) 2a 3b 4c | ")],
    );
    check(
        "its epoch, when a marker has raised it",
        &[
            ("7:a 7:commit+ a c |", 0, "1C 2a 3c | "),
            ("", 1, "1C 2a 3c | "),
            ("", 101, "(1) 2a 3c | "),
            ("", 999, "(1) 2a 3c | "),
        ],
    );
    check(
        "nothing, when it has written again",
        &[
            ("7;a a c |", 0, "(0) 1a 2c | "),
            ("7;d |", 1, "1a 2c 3d | "),
        ],
    );
}

#[test]
fn the_list_of_aborted_transactions_ends_with_their_batches() {
    let (config, mut log) = (config(), Log::default());
    let listed = |log: &Log| log.producers().aborted().len();
    let pass = |log: &mut Log| log.go_over(log.segments.len() - 1, Timestamp(0), &config);
    append(
        &mut log,
        "7:a 7:abort 7:b 7:abort | 7:c 7:abort",
        0,
        &config,
    );
    pass(&mut log);
    assert_eq!((tell(&log).as_str(), listed(&log)), ("1A 3A | 4c 5A", 3));
    pass(&mut log);
    assert_eq!((tell(&log).as_str(), listed(&log)), ("1A 3A | 4c 5A", 1));
    assert_eq!(log.producers().aborted()[0].last, Offset(5));
}

#[test]
fn records_without_a_key_go() {
    let (config, mut log) = (config(), Log::default());
    let keyless = Record {
        value: Some(b"v".as_slice().into()),
        ..Record::default()
    };
    let batch = Batch::plain(vec![keyless, Record::new("a", "v")]);
    let origin = Origin::Client { bumps_epochs: true };
    // It was no compacted topic at the time.
    log.append(Timestamp(0), &batch, origin, &Config::default())
        .expect("it fits");
    append(&mut log, "|", 0, &config);
    log.go_over(1, Timestamp(0), &config);
    assert_eq!(tell(&log), "1a | ");
}

#[test]
fn batches_are_written_anew_with_the_bytes_that_this_makes() {
    let check = |name: &str, text: &str, passes: &[i64], bytes: &[u64]| {
        let (config, mut log) = (config(), Log::default());
        append(&mut log, text, 1_000, &config);
        for now in passes {
            log.go_over(log.segments.len() - 1, Timestamp(*now), &config);
        }
        let sizes: Vec<_> = log.batches().map(|batch| batch.bytes).collect();
        assert_eq!(sizes, bytes, "{name}");
    };
    check("untouched", "a |", &[1_000], &[70]);
    check("one of two left", "a,b a |", &[1_000], &[70, 70]);
    check("an empty one", "7;a a |", &[1_000], &[61, 70]);
    // The tombstone's timestamp lies 100 ms before the horizon, and then takes two bytes.
    check("a tombstone waits", "a- b |", &[1_000], &[70, 70]);
    check(
        "a marker, first pass",
        "7:a 7:commit a |",
        &[1_000],
        &[61, 78, 70],
    );
    check(
        "a marker waits",
        "7:a 7:commit+ a b |",
        &[1_000, 1_000],
        &[79, 70, 70],
    );
    check(
        "a marker waits for long",
        "7:a 7:commit+ a b |",
        &[1_000, 20_000],
        &[80, 70, 70],
    );
    check(
        "a marker is gone",
        "7:a 7:commit+ a b |",
        &[0, 0, 100],
        &[61, 70, 70],
    );
}

#[test]
fn segments_become_one_while_they_have_the_bytes_of_one() {
    let check = |text: &str, bytes: u64, expected: &str| {
        let mut log = Log::default();
        append(&mut log, text, 0, &config());
        let config = Config {
            segment_bytes: bytes,
            ..config()
        };
        log.go_over(log.segments.len() - 1, Timestamp(0), &config);
        assert_eq!(tell(&log), expected, "{text}, {bytes} bytes");
    };
    check("a | b | c | d |", 140, "0a 1b | 2c 3d | ");
    check("a | b | c | d |", 139, "0a | 1b | 2c | 3d | ");
    // What counts are the bytes before the cleaning.
    check("a | a | a | a |", 140, " | 3a | ");
    check("a | a | a | a | a", 280, "3a | 4a");
    check("a b | c | d |", 140, "0a 1b | 2c 3d | ");
}

#[test]
fn an_emptied_segment_has_the_age_of_what_was_in_it() {
    let mut log = Log::default();
    append(&mut log, "a | a | b", 7, &config());
    let config = Config {
        segment_bytes: 70,
        ..config()
    };
    assert!(log.clean(Timestamp(7), &config));
    assert_eq!(tell(&log), " | 1a | 2b");
    let ages: Vec<_> = log.segments().map(Segment::aged_from).collect();
    assert_eq!(ages, [Some(Timestamp(7)); 3]);
    let expiring = Config {
        cleanup: Cleanup {
            delete: true,
            compact: true,
        },
        retention_ms: Some(10),
        ..config
    };
    assert_eq!(log.retention_due(&expiring), Some(Timestamp(18)));
    log.retain(Timestamp(18), &expiring);
    assert_eq!((tell(&log).as_str(), log.start()), ("", Offset(3)));
}

/// Each segment of the text is appended at the time before it; what is expected is when a cleaning
/// is due, and the log after it.
fn check_due(name: &str, parts: &[(i64, &str)], config: &Config, expected: Option<(i64, &str)>) {
    let mut log = Log::default();
    for (at, text) in parts {
        append(&mut log, text, *at, config);
    }
    let due = log.cleaning_due(config);
    assert_eq!(due, expected.map(|(at, _)| Timestamp(at)), "{name}");
    let before = log.clone();
    if let Some(due) = due {
        let earlier = due.0.checked_sub(1).map(Timestamp);
        assert!(!earlier.is_some_and(|now| log.clean(now, config)), "{name}");
    }
    assert_eq!(log, before, "{name}");
    if let Some((at, after)) = expected {
        assert!(log.clean(Timestamp(at), config), "{name}");
        assert_eq!(tell(&log), after, "{name}");
        assert!(!log.clean(Timestamp(at), config), "{name}");
    } else {
        assert!(!log.clean(Timestamp(i64::MAX), config), "{name}");
    }
}

#[test]
fn a_log_is_cleaned_when_it_is_dirty_enough_or_has_been_dirty_for_too_long() {
    let always = Some((i64::MIN, "1a | 2b"));
    let ratio = |millionths| Config {
        min_cleanable_dirty_millionths: millionths,
        ..config()
    };
    let min = Config {
        min_compaction_lag_ms: 50,
        ..config()
    };
    let max = Config {
        max_compaction_lag_ms: 50,
        ..ratio(1_000_000)
    };
    let both = Config {
        min_compaction_lag_ms: 20,
        ..max.clone()
    };
    let two = [(0, "a a | b")];
    check_due("everything is dirty", &two, &ratio(999_999), always);
    check_due("it has to be more", &two, &ratio(1_000_000), None);
    check_due(
        "the active segment does not count",
        &[(0, "a a")],
        &ratio(0),
        None,
    );
    check_due("not compacted", &two, &Config::default(), None);
    check_due("not for so long", &two, &min, Some((50, "1a | 2b")));
    check_due(
        "up to the first that is too young",
        &[(0, "a a | "), (40, "a | "), (10, "b")],
        &min,
        Some((50, "1a | 2a | 3b")),
    );
    check_due("too long", &[(7, "a a | b")], &max, Some((58, "1a | 2b")));
    check_due(
        "too long by the first batch of a segment",
        &[(100, "a | "), (7, "b "), (0, "c | d")],
        &max,
        Some((58, "0a 1b 2c | 3d")),
    );
    check_due(
        "too long, and then long enough",
        &[(7, "a "), (90, "a | b")],
        &both,
        Some((110, "1a | 2b")),
    );
}

#[test]
fn the_ratio_is_that_of_what_is_clean_and_can_be_cleaned() {
    let log = |millionths| {
        let config = Config {
            min_cleanable_dirty_millionths: millionths,
            ..config()
        };
        let mut log = Log::default();
        append(&mut log, "a b c | d", 0, &config);
        assert!(log.clean(Timestamp(0), &config));
        assert_eq!(log.first_dirty(), Offset(3));
        append(&mut log, "| e e e e e e", 0, &config);
        log.clean(Timestamp(0), &config)
    };
    assert!(log(249_999), "70 bytes of 280");
    assert!(!log(250_000), "it has to be more");
}

#[test]
fn an_open_transaction_holds_back_its_segment_and_all_behind() {
    let config = config();
    let mut log = Log::default();
    append(&mut log, "a a | a 7:b | a | c", 0, &config);
    assert!(log.clean(Timestamp(0), &config));
    assert_eq!(
        (tell(&log).as_str(), log.first_dirty()),
        ("1a | 2a 3b | 4a | 5c", Offset(2))
    );
    assert!(!log.clean(Timestamp(0), &config));
    append(&mut log, "7:commit", 0, &config);
    assert!(log.clean(Timestamp(0), &config));
    assert_eq!(
        (tell(&log).as_str(), log.first_dirty()),
        ("3b 4a | 5c 6C", Offset(5))
    );
}

#[test]
fn what_is_not_on_all_replicas_is_left_alone() {
    let config = config();
    let mut log = Log::default();
    append(&mut log, "a a |", 0, &config);
    let batch = Batch::plain(vec![Record::new("a", "v")]);
    let origin = Origin::Client { bumps_epochs: true };
    for _ in 0..2 {
        log.append(Timestamp(0), &batch, origin, &config)
            .expect("it fits");
        log.roll();
    }
    assert!(log.clean(Timestamp(0), &config));
    assert_eq!(tell(&log), "1a | 2a | 3a | ");
}

#[test]
fn cleaning_begins_at_the_start_when_that_has_moved_on() {
    let config = config();
    let mut log = Log::default();
    append(&mut log, "a b a | c | d", 0, &config);
    log.delete_before(Some(Offset(2))).expect("it is there");
    assert_eq!(log.first_dirty(), Offset(2));
    assert!(log.clean(Timestamp(0), &config));
    // What lies below the start is no reason to take anything, but may be replaced.
    assert_eq!(
        (tell(&log).as_str(), log.start()),
        ("1b 2a 3c | 4d", Offset(2))
    );
}

#[test]
fn a_repeated_batch_is_still_known_after_a_cleaning() {
    let config = config();
    let mut log = Log::default();
    append(&mut log, "7;a a | b", 0, &config);
    assert!(log.clean(Timestamp(0), &config));
    let stamp = Stamp {
        producer: ProducerId(7),
        epoch: Epoch(0),
        sequence: Sequence(0),
    };
    assert_eq!(
        log.producers().duplicate(stamp, 1),
        Some((Offset(0), Offset(0)))
    );
    let last = log
        .batches()
        .filter_map(|batch| batch.last_sequence())
        .max_by_key(|last| last.0);
    assert_eq!(last, Some(Sequence(0)));
}
