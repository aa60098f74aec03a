//! `kafka-transactions`: transactions as the coordinator and the partitions know them, and the way out
//! of those that hang.
//!
//! # Rules
//! 1. Tables have a tab behind each cell, and columns as wide as their widest cell. Source:
//!    `ToolsUtils.prettyPrintTable`.
//! 2. `list` prints all transactional ids in the order of the coordinator's concurrent hash map;
//!    `--duration-filter` leaves out those whose transaction began no longer ago than that. Source:
//!    `TransactionStateManager.listTransactionStates`, KIP-994.
//! 3. `describe` prints when the last transaction began, also when it has ended, and the partitions of
//!    an open one in the order of a hash set. Source: `DescribeTransactionsHandler`.
//! 4. `describe-producers` prints what a partition knows of its producers. -1 is nothing. Source:
//!    `ProducerStateManager.activeProducers`.
//! 5. `find-hanging` prints the transactions that are open in a partition, whose producer was silent for
//!    longer than `--max-transaction-timeout` (15 minutes), and which the coordinator does not hold open
//!    there. Source: `FindHangingTransactionsCommand`, KIP-664.
//! 6. `abort` writes an abort marker to one partition, with the producer's present epoch. Nothing of the
//!    coordinator changes. Source: `AbortTransactionHandler`.
//! 7. `forceTerminateTransaction` takes the transactional id away from its holder by an init, repeated
//!    while the answer is `CONCURRENT_TRANSACTIONS`; the id's time-out is then that of the request, 30 s.
//!    Its argument is `--transactionalId`. Source: `FenceProducersHandler`.
//! 8. What does not work is told on standard error; nothing else is printed.
//!
//! Simplified: the transactions' topic has one partition. Left out: replicas of other brokers, older
//! brokers' arguments for `abort`.

use super::super::log::producers::{CoordinatorEpoch, Producer, ProducerId};
use super::super::log::record::{Ended, Marker};
use super::super::settings::TransactionVersion;
use super::super::transaction::{Identity, Parts, Transaction, TransactionalId};
use super::super::{Broker, Error, Partition};
use super::arguments::{Arguments, Known, Takes};
use super::hash_order::{Hash, Map};
use super::pattern::Pattern;
use super::{Command, Names, Printed, Refusal};
use explore::time::{Instant, Span};

/// The tool's name.
pub const TOOL: &str = "kafka-transactions";

const COMMANDS: [&str; 6] = [
    "list",
    "describe",
    "describe-producers",
    "find-hanging",
    "abort",
    "forceTerminateTransaction",
];

/// How long the tool waits for an answer, and so what it asks for as a time-out (rule 7).
const REQUEST_TIMEOUT: Span = Span::from_ms(30_000);

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    // The connection options stand before the command's name.
    let at = command.args.iter().position(|arg| COMMANDS.contains(arg));
    let (before, args) = command.args.split_at(at.unwrap_or(0));
    Arguments::read(TOOL, &[], before)?;
    let Some((name, args)) = args.split_first().filter(|_| at.is_some()) else {
        return Err(Refusal::UnknownArgument {
            tool: TOOL,
            argument: command.args.first().copied().unwrap_or_default().to_owned(),
            known: COMMANDS.to_vec(),
        });
    };
    let (broker, now, names) = (command.broker, command.now, command.names);
    let value = |name| -> Known { (name, Takes::Value) };
    match *name {
        "list" => {
            let known = [
                value("--duration-filter"),
                value("--transactional-id-pattern"),
            ];
            list(broker, now, &Arguments::read(TOOL, &known, args)?, names)
        }
        "describe" => {
            let known = [value("--transactional-id")];
            let args = Arguments::read(TOOL, &known, args)?;
            let id = required(&args, "--transactional-id")?;
            Ok(describe(broker, now, id, names))
        }
        "describe-producers" => {
            let known = [value("--topic"), value("--partition"), value("--broker-id")];
            let args = Arguments::read(TOOL, &known, args)?;
            here(broker, &args)?;
            let partition = partition(broker, &args)?;
            Ok(describe_producers(broker, partition, names))
        }
        "find-hanging" => {
            let known = [
                value("--broker-id"),
                value("--topic"),
                value("--partition"),
                value("--max-transaction-timeout"),
            ];
            find_hanging(broker, now, &Arguments::read(TOOL, &known, args)?, names)
        }
        "abort" => {
            let known = [
                value("--topic"),
                value("--partition"),
                value("--start-offset"),
            ];
            abort(broker, now, &Arguments::read(TOOL, &known, args)?)
        }
        _ => {
            let known = [value("--transactionalId")];
            let args = Arguments::read(TOOL, &known, args)?;
            let id = required(&args, "--transactionalId")?;
            force_terminate(broker, now, id, names)
        }
    }
}

/// The value of an argument that must be there.
fn required<'a>(args: &Arguments<'a>, argument: &'static str) -> Result<&'a str, Refusal> {
    args.value(argument).ok_or(Refusal::MissingValue {
        tool: TOOL,
        argument,
    })
}

/// The partition that is named, and is there.
fn partition(broker: &Broker, args: &Arguments<'_>) -> Result<Partition, Refusal> {
    let topic = required(args, "--topic")?;
    required(args, "--partition")?;
    let index: u32 = args.number("--partition")?.unwrap_or_default();
    let found = broker.find_partition(topic, index);
    found.ok_or_else(|| Refusal::NotModelled {
        tool: TOOL,
        what: format!(
            "what comes of `{topic}-{index}`, which is not there and asked for during a minute,"
        ),
        instead: "name a partition that there is",
    })
}

/// That no other broker is asked.
fn here(broker: &Broker, args: &Arguments<'_>) -> Result<(), Refusal> {
    let asked: Option<i32> = args.number("--broker-id")?;
    if asked.is_some_and(|node| node != broker.settings().node) {
        return Err(args.bad("--broker-id", "the number of this broker, the only one"));
    }
    Ok(())
}

/// The transactional id of this name.
fn find(broker: &Broker, name: &str, names: &dyn Names) -> Option<TransactionalId> {
    let mut all = broker.transactions();
    all.find(|(id, _)| names.transactional_id(*id) == name)
        .map(|(id, _)| id)
}

/// Rule 1.
fn table<const N: usize>(headers: [&str; N], rows: &[[String; N]]) -> Printed {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.fold(headers[column].len(), usize::max)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths);
        cells
            .map(|(cell, width)| format!("{cell:<width$}\t"))
            .collect()
    };
    let headers = headers.map(str::to_owned);
    std::iter::once(&headers).chain(rows).map(line).collect()
}

fn or_nothing(number: Option<i64>) -> String {
    number.unwrap_or(-1).to_string()
}

/// Rule 2.
fn list(
    broker: &Broker,
    now: Instant,
    args: &Arguments<'_>,
    names: &dyn Names,
) -> Result<Printed, Refusal> {
    let pattern = match args.value("--transactional-id-pattern") {
        None | Some("") => Pattern::all(),
        Some(text) => Pattern::read(TOOL, "--transactional-id-pattern", text)?,
    };
    let least: Option<i64> = args.number("--duration-filter")?;
    let least = least.and_then(|least| u64::try_from(least).ok());
    let lasts = |one: &Transaction| {
        let lasted = one.started.map(|started| now.since(started).0 / 1_000);
        least
            .zip(lasted)
            .is_none_or(|(least, lasted)| lasted > least)
    };
    let mut all: Vec<(String, &Transaction)> = broker
        .transactions()
        .map(|(id, one)| (names.transactional_id(id), one))
        .collect();
    Map::Concurrent.order(&mut all, |(name, _)| Hash::of_text(name));
    let node = broker.settings().node;
    let rows: Vec<[String; 4]> = all
        .into_iter()
        .filter(|(name, one)| pattern.matches(name) && lasts(one))
        .map(|(name, one)| {
            let producer = one.producer.0.to_string();
            [
                name,
                node.to_string(),
                producer,
                one.state.name().to_owned(),
            ]
        })
        .collect();
    Ok(table(
        [
            "TransactionalId",
            "Coordinator",
            "ProducerId",
            "TransactionState",
        ],
        &rows,
    ))
}

/// Rule 3.
fn describe(broker: &Broker, now: Instant, name: &str, names: &dyn Names) -> Printed {
    let found = find(broker, name, names).and_then(|id| broker.transaction(id));
    let Some(one) = found else {
        return Printed::wrong(format!(
            "Failed to describe transaction state of transactional-id `{name}`: DescribeTransactions \
             request for transactionalId `{name}` failed because the ID could not be found. Enable \
             debug logging for additional detail."
        ));
    };
    let none = || "None".to_owned();
    let started = one.started.map(|at| names.instant(at.ms() as i64));
    let lasted = one
        .started
        .map(|at| names.duration(now.since(at).0 / 1_000));
    let row = [
        broker.settings().node.to_string(),
        name.to_owned(),
        one.producer.0.to_string(),
        or_nothing(one.epoch.map(|epoch| epoch.0.into())),
        one.state.name().to_owned(),
        (one.timeout.0 / 1_000).to_string(),
        started.unwrap_or_else(none),
        lasted.unwrap_or_else(none),
        parts(broker, &one.parts, names).join(","),
    ];
    table(
        [
            "CoordinatorId",
            "TransactionalId",
            "ProducerId",
            "ProducerEpoch",
            "TransactionState",
            "TransactionTimeoutMs",
            "CurrentTransactionStartTimeMs",
            "TransactionDurationMs",
            "TopicPartitions",
        ],
        &[row],
    )
}

/// The partitions of a transaction, also those with the offsets of its groups.
fn parts(broker: &Broker, parts: &Parts, names: &dyn Names) -> Vec<String> {
    let mut all: Vec<(String, u32)> = Vec::new();
    for partition in &parts.partitions {
        if let Some(topic) = broker.topic(partition.topic) {
            all.push(((*topic.name).to_owned(), partition.index.into()));
        }
    }
    for group in &parts.groups {
        let hash = Hash::of_text(&names.group(*group)).number();
        // Source: `Utils.abs`, which has no positive for the least number.
        let positive = hash.checked_abs().unwrap_or(0).unsigned_abs();
        let index = positive % names.offsets_partitions().max(1);
        let one = ("__consumer_offsets".to_owned(), index);
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Map::Plain.order(&mut all, |(topic, index)| Hash::of_partition(topic, *index));
    all.into_iter()
        .map(|(topic, index)| format!("{topic}-{index}"))
        .collect()
}

/// Rule 4.
fn describe_producers(broker: &Broker, partition: Partition, names: &dyn Names) -> Printed {
    let log = broker.log(partition);
    let mut all: Vec<_> = log
        .into_iter()
        .flat_map(|log| log.producers().all())
        .collect();
    Map::Plain.order(&mut all, |(id, _)| Hash::of_long(id.0));
    let rows: Vec<[String; 6]> = all
        .into_iter()
        .map(|(id, one)| {
            let open = one.open_from.map(|offset| offset.0.to_string());
            [
                id.0.to_string(),
                one.epoch.0.to_string(),
                or_nothing(one.coordinator.map(|epoch| epoch.0.into())),
                or_nothing(one.last_sequence().map(|sequence| sequence.0.into())),
                names.instant(one.latest.0),
                open.unwrap_or_else(|| "None".to_owned()),
            ]
        })
        .collect();
    table(
        [
            "ProducerId",
            "ProducerEpoch",
            "LatestCoordinatorEpoch",
            "LastSequence",
            "LastTimestamp",
            "CurrentTransactionStartOffset",
        ],
        &rows,
    )
}

/// Rule 5.
fn find_hanging(
    broker: &Broker,
    now: Instant,
    args: &Arguments<'_>,
    names: &dyn Names,
) -> Result<Printed, Refusal> {
    if !args.has("--topic") && !args.has("--broker-id") {
        return Ok(Printed::wrong(
            "The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search",
        ));
    }
    if args.has("--partition") && !args.has("--topic") {
        return Ok(Printed::wrong(
            "The --partition argument requires --topic to be provided",
        ));
    }
    here(broker, args)?;
    let topics: Vec<_> = match args.value("--topic") {
        None => broker.topics().map(|(id, _)| id).collect(),
        Some(name) => match broker.find_topic(name) {
            Some(topic) => vec![topic],
            None => {
                return Ok(Printed::wrong(
                    "Failed to describe 1 topics: This server does not host this topic-partition.. \
                     Enable debug logging for additional detail.",
                ));
            }
        },
    };
    let mut searched: Vec<Partition> = match args.has("--partition") {
        true => vec![partition(broker, args)?],
        false => topics
            .into_iter()
            .flat_map(|topic| broker.partitions(topic))
            .collect(),
    };
    let name = |partition: &Partition| {
        let topic = broker.topic(partition.topic);
        topic.map_or("", |topic| &*topic.name)
    };
    Map::Sized.order(&mut searched, |one| {
        Hash::of_partition(name(one), one.index.into())
    });
    let minutes: i64 = args.number("--max-transaction-timeout")?.unwrap_or(15);
    let silence = minutes.saturating_mul(60_000);
    let now_ms = i64::try_from(now.ms()).unwrap_or(i64::MAX);
    let mut rows: Vec<(ProducerId, [String; 8])> = Vec::new();
    for partition in searched {
        let Some(log) = broker.log(partition) else {
            continue;
        };
        for (id, one) in log.producers().all() {
            let silent = now_ms.saturating_sub(one.latest.0);
            let Some(from) = one.open_from.filter(|_| silent > silence) else {
                continue;
            };
            let mut known = broker.transactions();
            if known.any(|(_, known)| {
                known.producer == id && known.parts.partitions.contains(&partition)
            }) {
                continue;
            }
            let row = [
                name(&partition).to_owned(),
                partition.index.to_string(),
                id.0.to_string(),
                one.epoch.0.to_string(),
                or_nothing(one.coordinator.map(|epoch| epoch.0.into())),
                from.0.to_string(),
                names.instant(one.latest.0),
                (silent / 60_000).to_string(),
            ];
            rows.push((id, row));
        }
    }
    let mut producers: Vec<ProducerId> = Vec::new();
    for (id, _) in &rows {
        if !producers.contains(id) {
            producers.push(*id);
        }
    }
    Map::Plain.order(&mut producers, |id| Hash::of_long(id.0));
    tiny_sort::stable::sort_by_key(&mut rows, |(id, _)| {
        producers.iter().position(|one| one == id)
    });
    let rows: Vec<[String; 8]> = rows.into_iter().map(|(_, row)| row).collect();
    Ok(table(
        [
            "Topic",
            "Partition",
            "ProducerId",
            "ProducerEpoch",
            "CoordinatorEpoch",
            "StartOffset",
            "LastTimestamp",
            "Duration(min)",
        ],
        &rows,
    ))
}

/// Rule 6.
fn abort(broker: &mut Broker, now: Instant, args: &Arguments<'_>) -> Result<Printed, Refusal> {
    let Some(from) = args.number::<u64>("--start-offset")? else {
        return Ok(Printed::wrong(
            "The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or \
             above) or with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)",
        ));
    };
    let partition = partition(broker, args)?;
    let log = broker.log(partition);
    let all = log.into_iter().flat_map(|log| log.producers().all());
    let starts = |one: &Producer| one.open_from.is_some_and(|offset| offset.0 == from);
    let open: Vec<_> = all.filter(|(_, one)| starts(one)).collect();
    let Some((producer, one)) = open.first() else {
        let name = broker.partition_name(partition);
        return Ok(Printed::wrong(format!(
            "Could not find any open transactions starting at offset {from} on partition {name}"
        )));
    };
    let by = Identity {
        producer: *producer,
        epoch: one.epoch,
    };
    let marker = Marker {
        ended: Ended::Abort,
        coordinator: one.coordinator.unwrap_or(CoordinatorEpoch(0)),
    };
    // Such a marker says of no version, and so need not have a higher epoch.
    let done = broker.write_marker(now, partition, by, marker, TransactionVersion::V1);
    Ok(match done {
        Ok(_) => Printed::default(),
        Err(error) => {
            let name = broker.partition_name(partition);
            Printed::wrong(format!(
                "Failed to abort transaction of producer {} in {name}: {}",
                by.producer.0,
                error.name()
            ))
        }
    })
}

/// Rule 7.
fn force_terminate(
    broker: &mut Broker,
    now: Instant,
    name: &str,
    names: &dyn Names,
) -> Result<Printed, Refusal> {
    let id = find(broker, name, names).ok_or_else(|| Refusal::NotModelled {
        tool: TOOL,
        what: format!("what comes of `{name}`, which no producer has used,"),
        instead: "name a transactional id that `kafka-transactions list` shows",
    })?;
    let mut asked = broker.init_transactional(now, id, REQUEST_TIMEOUT, None);
    if asked == Err(Error::ConcurrentTransactions) {
        // The coordinator has the time to write its markers before the tool asks again.
        broker.write_markers(now);
        asked = broker.init_transactional(now, id, REQUEST_TIMEOUT, None);
    }
    Ok(match asked {
        Ok(_) => Printed::default(),
        Err(error) => Printed::wrong(format!(
            "Failed to force terminate transactionalId `{name}`: {}. Enable debug logging for additional \
             detail.",
            error.name()
        )),
    })
}
