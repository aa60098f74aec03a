//! `kafka-console-consumer`: the records of a topic, as text.
//!
//! The one place of the broker that knows of clients: this tool is one, so it sees what
//! [`isolation`] lets clients see.
//!
//! # Rules
//! 1. It begins at the end, unless told otherwise: `--from-beginning`, or `--partition` with `--offset`.
//!    An offset outside of the log is set to the end. Source: `ConsoleConsumerOptions`; documentation,
//!    `auto.offset.reset`.
//! 2. Of each record the columns are, each with its switch: `print.timestamp`, `print.partition`,
//!    `print.offset`, `print.headers`, `print.key`, and `print.value`, which alone is on. Between them
//!    stands `key.separator`. No headers are `NO_HEADERS`, no key or value `null.literal`. Source:
//!    `DefaultMessageFormatter`.
//! 3. Records of several partitions come partition by partition, in the order of the hash map of one
//!    poll. Source: `ConsumerRecords`.
//! 4. It goes on until it has `--max-messages`, or until nothing came for `--timeout-ms`; both end well.
//!    Source: `ConsoleConsumer.process`.
//! 5. `--property` still does what `--formatter-property` does, and says that it will not for long.
//!    Source: KIP-1147.
//!
//! Left out: `--group` and `--include`, which make it a member of a group that others see; other
//! formatters and deserializers. Simplified: what is there fits into one poll (`max.poll.records`, 500).

use super::super::log::record::{Record, Timestamp};
use super::super::log::{At, Isolation, Log, Read};
use super::super::topic::TimestampType;
use super::super::{Offset, Partition};
use super::arguments::{Arguments, Known, Takes};
use super::hash_order::{Hash, Map};
use super::{Command, Names, Printed, Refusal};
use crate::kafka::isolation;

/// The tool's name.
pub const TOOL: &str = "kafka-console-consumer";

const KNOWN: [Known; 9] = [
    ("--topic", Takes::Value),
    ("--partition", Takes::Value),
    ("--offset", Takes::Value),
    ("--from-beginning", Takes::Nothing),
    ("--max-messages", Takes::Value),
    ("--timeout-ms", Takes::Value),
    ("--isolation-level", Takes::Value),
    ("--formatter-property", Takes::Value),
    ("--property", Takes::Value),
];

/// How records are written (rule 2).
struct Columns {
    timestamp: bool,
    partition: bool,
    offset: bool,
    headers: bool,
    key: bool,
    value: bool,
    separator: String,
    headers_separator: String,
    line_separator: String,
    null: String,
}

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    if let Some(text) = misused(&args) {
        return Ok(Printed::wrong(text));
    }
    let columns = columns(&args)?;
    let from = match start(&args) {
        Ok(from) => from,
        Err(text) => return Ok(Printed::wrong(text)),
    };
    let isolation = match args.value("--isolation-level") {
        None | Some("read_uncommitted") => Isolation::ReadUncommitted,
        Some("read_committed") => Isolation::ReadCommitted,
        Some(_) => {
            return Err(args.bad(
                "--isolation-level",
                "`read_committed` or `read_uncommitted`",
            ));
        }
    };
    let broker = command.broker;
    let name = args.value("--topic").unwrap_or_default();
    let only: Option<u32> = args.number("--partition")?;
    let topic = broker.find_topic(name);
    let mut partitions: Vec<Partition> = match (topic, only) {
        (Some(_), Some(index)) => broker.find_partition(name, index).into_iter().collect(),
        (Some(topic), None) => broker.partitions(topic).collect(),
        (None, _) => Vec::new(),
    };
    Map::Plain.order(&mut partitions, |one| {
        Hash::of_partition(name, one.index.into())
    });
    let max: Option<i64> = args.number("--max-messages")?;
    let max = max.filter(|max| *max != -1);
    let mut written = String::new();
    let mut count = 0;
    'all: for partition in partitions {
        let (Some(topic), Some(log)) = (broker.topic(partition.topic), broker.log(partition))
        else {
            continue;
        };
        let kind = topic.config.timestamp_type;
        for (offset, record) in records(log, from, isolation) {
            if max.is_some_and(|max| count >= max) {
                break 'all;
            }
            let place = (kind, partition, offset);
            columns.write(&mut written, place, &record, command.names);
            count += 1;
        }
    }
    let ends = args.has("--timeout-ms") || max.is_some_and(|max| count >= max);
    if !ends {
        return Err(Refusal::Endless {
            tool: TOOL,
            found: usize::try_from(count).unwrap_or_default(),
        });
    }
    let mut printed = Printed::default();
    if args.has("--property") {
        printed.print(
            "Option --property is deprecated and will be removed in a future version. \
             Use --formatter-property instead.",
        );
    }
    if !written.is_empty() {
        printed.print(written.strip_suffix('\n').unwrap_or(&written));
    }
    let said = format!("Processed a total of {count} messages");
    printed.stderr.push(said);
    Ok(printed)
}

/// What is wrong with a command's arguments.
fn misused(args: &Arguments<'_>) -> Option<&'static str> {
    if !args.has("--topic") {
        Some("Exactly one of the following arguments is required: [topic], [include]")
    } else if args.has("--partition") && args.has("--from-beginning") && args.has("--offset") {
        Some("Options from-beginning and offset cannot be specified together.")
    } else if args.has("--offset") && !args.has("--partition") {
        Some("The partition is required when offset is specified.")
    } else if args.has("--property") && args.has("--formatter-property") {
        Some("Options --property and --formatter-property cannot be specified together.")
    } else {
        None
    }
}

/// Where to begin.
#[derive(Clone, Copy)]
enum Start {
    At(At),
    Offset(u64),
}

fn start(args: &Arguments<'_>) -> Result<Start, String> {
    let Some(text) = args.value("--offset") else {
        return Ok(match args.has("--from-beginning") {
            true => Start::At(At::Earliest),
            false => Start::At(At::Latest),
        });
    };
    match text.to_ascii_lowercase().as_str() {
        "earliest" => Ok(Start::At(At::Earliest)),
        "latest" => Ok(Start::At(At::Latest)),
        number => match number
            .parse::<i64>()
            .ok()
            .and_then(|one| one.try_into().ok())
        {
            Some(offset) => Ok(Start::Offset(offset)),
            None => Err(format!(
                "The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', \
                 or a non-negative long."
            )),
        },
    }
}

/// What such a reader sees of a log from there on.
fn records(log: &Log, from: Start, isolation: Isolation) -> Vec<(Offset, Record)> {
    let place = |at| log.offset_at(at, isolation).map(|(offset, _)| offset);
    let end = place(At::Latest).unwrap_or(log.end());
    let mut position = match from {
        Start::At(at) => place(at).unwrap_or(end),
        Start::Offset(offset) if (log.start().0..=log.end().0).contains(&offset) => Offset(offset),
        Start::Offset(_) => end,
    };
    let mut all = Vec::new();
    loop {
        let read = Read {
            from: i64::try_from(position.0).unwrap_or(i64::MAX),
            bytes_max: u64::MAX,
            at_least_one: true,
            isolation,
        };
        let Ok(found) = log.read(&read) else {
            return all;
        };
        let seen = isolation::seen(&found, position, isolation);
        all.extend(seen.into_iter().map(|(at, record)| (at, record.clone())));
        let next = isolation::next(&found.batches, position);
        if next == position {
            return all;
        }
        position = next;
    }
}

fn columns(args: &Arguments<'_>) -> Result<Columns, Refusal> {
    let mut columns = Columns {
        timestamp: false,
        partition: false,
        offset: false,
        headers: false,
        key: false,
        value: true,
        separator: "\t".to_owned(),
        headers_separator: ",".to_owned(),
        line_separator: "\n".to_owned(),
        null: "null".to_owned(),
    };
    for argument in ["--formatter-property", "--property"] {
        for pair in args.values(argument) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let on = value.trim().eq_ignore_ascii_case("true");
            match name {
                "print.timestamp" => columns.timestamp = on,
                "print.partition" => columns.partition = on,
                "print.offset" => columns.offset = on,
                "print.headers" => columns.headers = on,
                "print.key" => columns.key = on,
                "print.value" => columns.value = on,
                "key.separator" => value.clone_into(&mut columns.separator),
                "headers.separator" => value.clone_into(&mut columns.headers_separator),
                "line.separator" => value.clone_into(&mut columns.line_separator),
                "null.literal" => value.clone_into(&mut columns.null),
                _ => {
                    return Err(Refusal::BadValue {
                        tool: TOOL,
                        argument,
                        value: pair.to_owned(),
                        expected: "print.timestamp, print.partition, print.offset, print.headers, print.key, \
                                   print.value, key.separator, headers.separator, line.separator or \
                                   null.literal, with `=` and a value",
                    });
                }
            }
        }
    }
    Ok(columns)
}

impl Columns {
    fn write(
        &self,
        out: &mut String,
        (kind, partition, offset): (TimestampType, Partition, Offset),
        record: &Record,
        names: &dyn Names,
    ) {
        let bytes = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            None => self.null.clone(),
        };
        let mut cells = Vec::new();
        if self.timestamp {
            let Timestamp(ms) = record.timestamp;
            cells.push(format!("{}:{}", kind.name(), names.instant(ms)));
        }
        if self.partition {
            cells.push(format!("Partition:{}", partition.index));
        }
        if self.offset {
            cells.push(format!("Offset:{}", offset.0));
        }
        if self.headers {
            let headers: Vec<String> = record
                .headers
                .iter()
                .map(|header| format!("{}:{}", header.name, bytes(header.value.as_deref())))
                .collect();
            cells.push(match headers.is_empty() {
                true => "NO_HEADERS".to_owned(),
                false => headers.join(&self.headers_separator),
            });
        }
        if self.key {
            cells.push(bytes(record.key.as_deref()));
        }
        if self.value {
            cells.push(bytes(record.value.as_deref()));
        }
        if !cells.is_empty() {
            out.push_str(&cells.join(&self.separator));
            out.push_str(&self.line_separator);
        }
    }
}
