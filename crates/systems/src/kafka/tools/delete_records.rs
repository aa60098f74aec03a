//! `kafka-delete-records`: everything below an offset, for each partition that a file names.
//!
//! # Rules
//! 1. The file is `{"partitions": [{"topic", "partition", "offset"}, …], "version": 1}`; the version may
//!    be left out. Offset -1 is the high watermark. Source: `DeleteRecordsCommand.parseJsonData`.
//! 2. A partition named twice stops everything before it begins. Source: `DeleteRecordsCommand.execute`.
//! 3. Printed is where each log begins afterwards, or the error's class and text. Source: the same, and
//!    `DeleteRecordsHandler`.
//!
//! Simplified: the lines of several partitions come in the order of the file; the real order is
//! undefined. Left out: a partition that is not there, which the real tool asks for during a minute.

use super::super::{Broker, Error, Offset, Partition};
use super::arguments::{Arguments, Known, Takes};
use super::{Command, Printed, Refusal};
use serde::Deserialize;

/// The tool's name.
pub const TOOL: &str = "kafka-delete-records";

const FILE: &str = "--offset-json-file";

const KNOWN: [Known; 1] = [(FILE, Takes::Value)];

/// The file (rule 1).
#[derive(Deserialize)]
struct Wanted {
    #[serde(default = "first_version")]
    version: i64,
    partitions: Option<Vec<Below>>,
}

/// One of its entries.
#[derive(Deserialize)]
struct Below {
    topic: String,
    partition: u32,
    offset: i64,
}

const fn first_version() -> i64 {
    1
}

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    if !args.has(FILE) {
        return Ok(Printed::wrong(
            "Missing required argument \"[offset-json-file]\"",
        ));
    }
    let text = command.file.ok_or(Refusal::NoFile {
        tool: TOOL,
        argument: FILE,
    })?;
    let wanted: Wanted = match serde_json::from_str(text) {
        Ok(wanted) => wanted,
        Err(error) if error.is_data() => {
            return Err(Refusal::BadValue {
                tool: TOOL,
                argument: FILE,
                value: text.to_owned(),
                expected: "a file with `topic`, `partition` and `offset` for each of its `partitions`",
            });
        }
        Err(_) => return Ok(Printed::wrong("The input string is not a valid JSON")),
    };
    if wanted.version != 1 {
        let text = format!("Not supported version field value {}", wanted.version);
        return Ok(Printed::wrong(text));
    }
    let Some(list) = wanted.partitions else {
        return Ok(Printed::wrong("Missing partitions field"));
    };
    let mut found: Vec<(Partition, i64)> = Vec::new();
    for below in &list {
        let Some(partition) = command.broker.find_partition(&below.topic, below.partition) else {
            return Err(Refusal::NotModelled {
                tool: TOOL,
                what: format!(
                    "what comes of `{}-{}`, which is not there and asked for during a minute,",
                    below.topic, below.partition
                ),
                instead: "name partitions that there are",
            });
        };
        if found.iter().any(|(other, _)| *other == partition) {
            let name = command.broker.partition_name(partition);
            return Ok(Printed::wrong(format!(
                "Offset json file contains duplicate topic partitions: {name}"
            )));
        }
        found.push((partition, below.offset));
    }
    let mut printed = Printed::default();
    printed.print("Executing records delete operation");
    printed.print("Records delete operation completed:");
    for (partition, offset) in found {
        let outcome = match delete(command.broker, partition, offset) {
            Ok(start) => format!("low_watermark: {}", start.0),
            Err(error) => format!("error: {}", told(error)),
        };
        let name = command.broker.partition_name(partition);
        printed.print(&format!("partition: {name}\t{outcome}"));
    }
    Ok(printed)
}

fn delete(broker: &mut Broker, partition: Partition, offset: i64) -> Result<Offset, Error> {
    let before = match offset {
        -1 => None,
        offset => Some(Offset(
            u64::try_from(offset).map_err(|_| Error::OffsetOutOfRange)?,
        )),
    };
    broker.delete_records(partition, before)
}

/// The Java class of an error and its text. Source: `Errors`.
fn told(error: Error) -> String {
    let (class, text) = match error {
        Error::OffsetOutOfRange => (
            "OffsetOutOfRangeException",
            "The requested offset is not within the range of offsets maintained by the server.",
        ),
        Error::PolicyViolation => (
            "PolicyViolationException",
            "Request parameters do not satisfy the configured policy.",
        ),
        other => (other.name(), ""),
    };
    format!("org.apache.kafka.common.errors.{class}: {text}")
}
