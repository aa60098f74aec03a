//! `kafka-dump-log`: the batches of a segment's file, and what is in them.
//!
//! # Rules
//! 1. A file is known by its folder, `topic-partition`, and by its name, the segment's first offset with
//!    20 digits and `.log`. What lies before the folder is not looked at. Source: `LogFileUtils`.
//! 2. Each batch is a line; with `--deep-iteration` each record too; with `--print-data-log` its key
//!    and value behind that. What is not there is -1. A whole file is printed, also what lies below the
//!    log's start. Source: `DumpLogSegments.dumpLog`.
//! 3. An end marker has a key of 4 bytes and a value of 6. Source: the message format, "Control Batches",
//!    and `EndTxnMarker` of the protocol's schemas.
//! 4. A `.txnindex` file has a line for each aborted transaction whose marker is in the segment. Source:
//!    `DumpLogSegments.dumpTxnIndex`.
//! 5. Of a file that is not there the first lines are printed, and the exit status is 1.
//!
//! Simplified: batches keep no type of their timestamps, so the topic's present one is printed, and the
//! leader's epoch is 0. Left out: decoders, the other index files and snapshots.

use super::super::log::record::{Bytes, Content, Ended, Marker, Stored, Timestamp};
use super::super::log::segment::Segment;
use super::super::topic::TimestampType;
use super::super::{Broker, Offset, Partition};
use super::arguments::{Arguments, Known, Takes};
use super::{Command, Names, Printed, Refusal};

/// The tool's name.
pub const TOOL: &str = "kafka-dump-log";

const KNOWN: [Known; 5] = [
    ("--files", Takes::Value),
    ("--print-data-log", Takes::Nothing),
    ("--deep-iteration", Takes::Nothing),
    ("--skip-record-metadata", Takes::Nothing),
    ("--max-bytes", Takes::Value),
];

/// How much is printed (rule 2).
struct Depth {
    records: bool,
    contents: bool,
    metadata: bool,
    bytes_max: u64,
}

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    let Some(files) = args.value("--files") else {
        return Ok(Printed::wrong("Missing required argument \"[files]\""));
    };
    let contents = args.has("--print-data-log");
    let depth = Depth {
        records: contents || args.has("--deep-iteration"),
        contents,
        metadata: !args.has("--skip-record-metadata"),
        bytes_max: args.number("--max-bytes")?.unwrap_or(u64::MAX),
    };
    let mut printed = Printed::default();
    for path in files.split(',') {
        printed.print(&format!("Dumping {path}"));
        let bad = || Refusal::BadValue {
            tool: TOOL,
            argument: "--files",
            value: path.to_owned(),
            expected: "the `.log` or `.txnindex` file of a segment, such as orders-0/00000000000000000000.log",
        };
        let (partition, file) = split(path).ok_or_else(bad)?;
        let (base, suffix) = file.split_once('.').ok_or_else(bad)?;
        let base: u64 = base.parse().map_err(|_| bad())?;
        if !["log", "txnindex"].contains(&suffix) {
            return Err(bad());
        }
        if suffix == "log" {
            printed.print(&format!("Log starting offset: {base}"));
        }
        let Some((partition, segment)) = find(command.broker, partition, Offset(base)) else {
            printed.stderr.push(path.to_owned());
            printed.exit = 1;
            return Ok(printed);
        };
        if suffix == "log" {
            let topic = command.broker.topic(partition.topic);
            let kind = topic.map_or(TimestampType::CreateTime, |topic| {
                topic.config.timestamp_type
            });
            let file = File {
                kind,
                names: command.names,
            };
            file.print(segment, &depth, &mut printed);
        } else {
            print_aborted(command.broker, partition, segment, &mut printed);
        }
    }
    Ok(printed)
}

/// The last folder of a path and what is in it.
fn split(path: &str) -> Option<(&str, &str)> {
    let (folders, file) = path.rsplit_once('/')?;
    let folder = folders.rsplit_once('/').map_or(folders, |(_, last)| last);
    Some((folder, file))
}

/// The segment of a file.
fn find<'a>(broker: &'a Broker, name: &str, base: Offset) -> Option<(Partition, &'a Segment)> {
    let (topic, index) = name.rsplit_once('-')?;
    let partition = broker.find_partition(topic, index.parse().ok()?)?;
    let mut segments = broker.log(partition)?.segments();
    let segment = segments.find(|segment| segment.base() == base)?;
    Some((partition, segment))
}

/// Rule 4.
fn print_aborted(broker: &Broker, partition: Partition, segment: &Segment, out: &mut Printed) {
    let Some(log) = broker.log(partition) else {
        return;
    };
    let next = log.segments().map(Segment::base);
    let end = next.filter(|base| *base > segment.base()).min();
    for one in log.producers().aborted() {
        if one.last >= segment.base() && end.is_none_or(|end| one.last < end) {
            out.print(&format!(
                "version: 0 producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
                one.producer.0, one.first.0, one.last.0, one.last_stable.0
            ));
        }
    }
}

/// A file, and how to write what is in it.
struct File<'a> {
    kind: TimestampType,
    names: &'a dyn Names,
}

impl File<'_> {
    fn print(&self, segment: &Segment, depth: &Depth, out: &mut Printed) {
        let mut position = 0;
        for batch in segment.batches() {
            if position + batch.bytes > depth.bytes_max {
                return;
            }
            out.print(&self.batch(batch, position));
            if depth.records {
                self.records(batch, depth, out);
            }
            position += batch.bytes;
        }
    }

    fn time(&self, time: Timestamp) -> String {
        format!("{}: {}", self.kind.name(), self.names.instant(time.0))
    }

    fn batch(&self, batch: &Stored, position: u64) -> String {
        let count = match &batch.content {
            Content::Records(records) => records.len(),
            Content::Marker(..) => 1,
            Content::Gone => 0,
        };
        let sequence = |sequence: Option<i32>| sequence.unwrap_or(-1);
        let producer = batch.producer.map(|(id, _)| id.0.to_string());
        let horizon = match batch.horizon {
            Some(horizon) => format!("OptionalLong[{}]", self.names.instant(horizon.0)),
            None => "OptionalLong.empty".to_owned(),
        };
        format!(
            "baseOffset: {} lastOffset: {} count: {count} baseSequence: {} lastSequence: {} producerId: {} \
             producerEpoch: {} partitionLeaderEpoch: 0 isTransactional: {} isControl: {} \
             deleteHorizonMs: {horizon} position: {position} {} size: {} magic: 2 compresscodec: none \
             crc: {} isvalid: true",
            batch.base.0,
            batch.last.0,
            sequence(batch.sequence.map(|one| one.0)),
            sequence(batch.last_sequence().map(|one| one.0)),
            producer.unwrap_or_else(|| "-1".to_owned()),
            batch.producer.map_or(-1, |(_, epoch)| epoch.0),
            batch.transactional,
            batch.is_control(),
            self.time(batch.latest),
            batch.bytes,
            self.names.crc(batch),
        )
    }

    fn records(&self, batch: &Stored, depth: &Depth, out: &mut Printed) {
        if let Content::Marker(marker, at) = &batch.content {
            out.print(&match depth.metadata {
                true => self.marker(batch.base, *marker, *at),
                false => String::new(),
            });
        }
        for (offset, record) in batch.records() {
            let size =
                |bytes: &Option<Bytes>| bytes.as_ref().map_or(-1, |bytes| bytes.len() as i64);
            let since = u32::try_from(offset.0 - batch.base.0).unwrap_or(u32::MAX);
            let sequence = batch.sequence.map_or(-1, |first| first.plus(since).0);
            let headers: Vec<&str> = record.headers.iter().map(|header| &*header.name).collect();
            let mut line = String::new();
            if depth.metadata {
                line = format!(
                    "| offset: {} {} keySize: {} valueSize: {} sequence: {sequence} headerKeys: [{}]",
                    offset.0,
                    self.time(record.timestamp),
                    size(&record.key),
                    size(&record.value),
                    headers.join(","),
                );
            }
            let contents = [("key", &record.key), ("payload", &record.value)];
            for (name, bytes) in contents.into_iter().filter(|_| depth.contents) {
                if let Some(bytes) = bytes {
                    line.push_str(if line.is_empty() { "| " } else { " " });
                    let text = String::from_utf8_lossy(bytes);
                    line.push_str(&format!("{name}: {text}"));
                }
            }
            out.print(&line);
        }
    }

    /// Rule 3.
    fn marker(&self, at: Offset, marker: Marker, time: Timestamp) -> String {
        let ended = match marker.ended {
            Ended::Commit => "COMMIT",
            Ended::Abort => "ABORT",
        };
        format!(
            "| offset: {} {} keySize: 4 valueSize: 6 sequence: -1 headerKeys: [] endTxnMarker: {ended} \
             coordinatorEpoch: {}",
            at.0,
            self.time(time),
            marker.coordinator.0,
        )
    }
}
