//! `kafka-topics`: topics listed, described, made, grown and deleted.
//!
//! # Rules
//! 1. `--list` prints names in order, one to a line; of nothing an empty line. Source:
//!    `TopicService.listTopics`.
//! 2. `--describe` prints for each topic a line with its settings, then one for each
//!    partition. Of partitions with something wrong it prints their lines alone: with
//!    `--under-min-isr-partitions` those with fewer replicas in sync than `min.insync.replicas`, with
//!    `--at-min-isr-partitions` those with just as many. Source: `DescribeOptions`.
//! 3. Several topics come in the order of a hash map that was asked for their number. Source:
//!    `DescribeTopicsResult.all`.
//! 4. `--create` warns of a name with a dot or an underscore, and says when it is done; `--alter` and
//!    `--delete` say nothing. Source: `TopicService.createTopic`.
//! 5. What the cluster refuses is told on standard output, behind `Error while executing topic
//!    command : `. Source: `TopicCommand.printException`.
//! 6. What goes together with what: exactly one thing to do; `--config` only with `--create`, since
//!    settings are changed with `kafka-configs`. Source: `TopicCommandOptions.checkArgs`.
//!
//! Simplified: one node, so each partition has one replica, which is in sync. `num.partitions` is 1.

mod settings;

use super::super::topic::{Config, collide};
use super::super::{Broker, Error, TopicId};
use super::arguments::{Arguments, Known, Takes};
use super::hash_order::{Hash, Map};
use super::pattern::Pattern;
use super::{Command, Names, Printed, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// The tool's name.
pub const TOOL: &str = "kafka-topics";

const KNOWN: [Known; 19] = [
    ("--list", Takes::Nothing),
    ("--describe", Takes::Nothing),
    ("--create", Takes::Nothing),
    ("--alter", Takes::Nothing),
    ("--delete", Takes::Nothing),
    ("--topic", Takes::Value),
    ("--exclude-internal", Takes::Nothing),
    ("--if-exists", Takes::Nothing),
    ("--if-not-exists", Takes::Nothing),
    ("--partitions", Takes::Value),
    ("--replication-factor", Takes::Value),
    ("--replica-assignment", Takes::Value),
    ("--config", Takes::Value),
    ("--topics-with-overrides", Takes::Nothing),
    ("--under-replicated-partitions", Takes::Nothing),
    ("--unavailable-partitions", Takes::Nothing),
    ("--under-min-isr-partitions", Takes::Nothing),
    ("--at-min-isr-partitions", Takes::Nothing),
    ("--partition-size-limit-per-response", Takes::Value),
];

const ACTIONS: [&str; 5] = ["--create", "--list", "--alter", "--describe", "--delete"];

/// What an argument goes with.
const GOES_WITH: [(&str, &[&str]); 11] = [
    ("--config", &["--create"]),
    ("--partitions", &["--create", "--alter"]),
    ("--replication-factor", &["--create"]),
    ("--replica-assignment", &["--create", "--alter"]),
    ("--under-replicated-partitions", &["--describe"]),
    ("--under-min-isr-partitions", &["--describe"]),
    ("--at-min-isr-partitions", &["--describe"]),
    ("--unavailable-partitions", &["--describe"]),
    ("--topics-with-overrides", &["--describe"]),
    ("--if-exists", &["--alter", "--delete", "--describe"]),
    ("--if-not-exists", &["--create"]),
];

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    if let Some(text) = misused(&args) {
        return Ok(Printed::wrong(text));
    }
    let broker = command.broker;
    if args.has("--create") {
        return create(broker, &args);
    }
    let (found, internal) = matching(broker, &args)?;
    if args.has("--list") {
        let names = found.iter().map(|(name, _)| name.as_str()).chain(internal);
        let names: BTreeSet<&str> = names.collect();
        let names: Vec<&str> = names.into_iter().collect();
        return Ok(Printed::from_iter([names.join("\n")]));
    }
    if let Some(internal) = internal.first() {
        return Err(Refusal::NotModelled {
            tool: TOOL,
            what: format!("what is in `{internal}`"),
            instead: "name a topic, or add `--exclude-internal`",
        });
    }
    let topic = args.value("--topic").unwrap_or_default();
    if found.is_empty() && !args.has("--if-exists") && !topic.is_empty() {
        return Ok(failed(format!(
            "Topic '{topic}' does not exist as expected"
        )));
    }
    if args.has("--describe") {
        return Ok(describe(broker, found, &args, command.names));
    }
    let total: Option<i64> = args.number("--partitions")?;
    if total > Some(u16::MAX.into()) {
        return Err(args.bad("--partitions", "at most 65535"));
    }
    let mut printed = Printed::default();
    for (name, topic) in found {
        let done = match total {
            Some(total) => grow(broker, topic, &name, total),
            None => broker
                .delete_topic(topic)
                .map_err(|error| told(error, &name)),
        };
        // Each topic is asked for by itself; the first refusal is what the tool tells.
        if let (Err(text), 0) = (done, printed.exit) {
            printed = failed(text);
        }
    }
    Ok(printed)
}

/// What is wrong with a command's arguments (rule 6).
fn misused(args: &Arguments<'_>) -> Option<String> {
    let mut asked = ACTIONS.iter().filter(|action| args.has(action));
    let (Some(action), None) = (asked.next(), asked.next()) else {
        return Some(
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete"
                .to_owned(),
        );
    };
    let bare = |name: &str| name.trim_start_matches('-').to_owned();
    let missing = |name: &str| Some(format!("Missing required argument \"[{}]\"", bare(name)));
    if !["--list", "--describe"].contains(action) && !args.has("--topic") {
        return missing("--topic");
    }
    if *action == "--alter" && args.has("--config") {
        return Some(
            "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" \
             (To alter topic configurations, the kafka-configs tool can be used.)"
                .to_owned(),
        );
    }
    if *action == "--alter" && !args.has("--partitions") {
        return missing("--partitions");
    }
    let clash = |one: &str, other: &str| {
        let (one, other) = (bare(one), bare(other));
        Some(format!(
            "Option \"[{one}]\" can't be used with option \"[{other}]\""
        ))
    };
    for (name, actions) in GOES_WITH {
        if args.has(name) && !actions.contains(action) {
            return clash(name, action);
        }
    }
    let placed = args.has("--create") && args.has("--replica-assignment");
    let sized = ["--partitions", "--replication-factor"];
    let sized = sized.into_iter().find(|name| args.has(name));
    sized
        .filter(|_| placed)
        .and_then(|name| clash("--replica-assignment", name))
}

/// What the cluster refused (rule 5).
fn failed(text: String) -> Printed {
    Printed {
        exit: 1,
        ..Printed::from_iter([format!("Error while executing topic command : {text}")])
    }
}

/// The topics that a command is about, by name, and the internal ones among them.
type Matching = (Vec<(String, TopicId)>, Vec<&'static str>);

fn matching(broker: &Broker, args: &Arguments<'_>) -> Result<Matching, Refusal> {
    let pattern = match args.value("--topic") {
        Some(text) => Pattern::read(TOOL, "--topic", text)?,
        None => Pattern::all(),
    };
    let topics = broker
        .topics()
        .filter(|(_, topic)| pattern.matches(&topic.name));
    let mut found: Vec<(String, TopicId)> = topics
        .map(|(id, topic)| ((*topic.name).to_owned(), id))
        .collect();
    tiny_sort::stable::sort(&mut found);
    let internal = broker.internal_topics();
    let internal = internal.filter(|name| !args.has("--exclude-internal") && pattern.matches(name));
    Ok((found, internal.collect()))
}

/// Rules 2 and 3.
fn describe(
    broker: &Broker,
    mut found: Vec<(String, TopicId)>,
    args: &Arguments<'_>,
    names: &dyn Names,
) -> Printed {
    Map::Sized.order(&mut found, |(name, _)| Hash::of_text(name));
    let node = broker.settings().node;
    let only = [
        "--under-replicated-partitions",
        "--unavailable-partitions",
        "--under-min-isr-partitions",
        "--at-min-isr-partitions",
    ];
    let all = !only.iter().any(|name| args.has(name));
    let mut printed = Printed::default();
    for (name, id) in found {
        let Some(topic) = broker.topic(id) else {
            continue;
        };
        if all {
            let settings = settings::printed(topic, &broker.settings().topic);
            printed.print(&format!(
                "Topic: {name}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: 1\tConfigs: {settings}",
                names.topic_id(id),
                topic.logs.len(),
            ));
        }
        let in_sync = 1;
        let wanted = topic.config.min_insync_replicas;
        let told = all
            || args.has("--under-min-isr-partitions") && in_sync < wanted
            || args.has("--at-min-isr-partitions") && in_sync == wanted;
        if told && !args.has("--topics-with-overrides") {
            for index in 0..topic.logs.len() {
                printed.print(&format!(
                    "\tTopic: {name}\tPartition: {index}\tLeader: {node}\tReplicas: {node}\tIsr: {node}\tElr: \tLastKnownElr: "
                ));
            }
        }
    }
    printed
}

/// Rule 4.
fn create(broker: &mut Broker, args: &Arguments<'_>) -> Result<Printed, Refusal> {
    let name = args.value("--topic").unwrap_or_default();
    let settings = match written(broker, args)? {
        Ok(settings) => settings,
        Err(text) => return Ok(failed(text)),
    };
    let settings: Vec<(&str, &str)> = settings.into_iter().collect();
    let mut printed = Printed::default();
    if name.contains(['.', '_']) {
        printed.print(
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') \
             could collide. To avoid issues it is best to use either, but not both.",
        );
    }
    let made = match args.value("--replica-assignment") {
        Some(text) => match placed(text).ok_or_else(|| {
            args.bad(
                "--replica-assignment",
                "broker numbers, with `:` between replicas and `,` between partitions",
            )
        })? {
            Ok(replicas) => broker
                .create_topic_placed(name, &replicas, &settings)
                .map_err(|error| refused(broker, error, name, &replicas)),
            Err(text) => Err(text),
        },
        None => {
            let partitions = args.number::<i64>("--partitions")?.unwrap_or(1);
            if partitions > u16::MAX.into() {
                return Err(args.bad("--partitions", "at most 65535"));
            }
            let replicas = args.number::<i64>("--replication-factor")?.unwrap_or(1);
            sized(partitions, replicas).and_then(|partitions| {
                broker
                    .create_topic(name, partitions, &settings)
                    .map_err(|error| match error {
                        Error::TopicAlreadyExists | Error::InvalidTopic => {
                            refused(broker, error, name, &[])
                        }
                        other => told(other, name),
                    })
            })
        }
    };
    match made {
        Ok(_) => printed.print(&format!("Created topic {name}.")),
        Err(text)
            if args.has("--if-not-exists") && text == told(Error::TopicAlreadyExists, name) => {}
        Err(text) => {
            let failed = failed(text);
            printed.stdout.extend(failed.stdout);
            printed.exit = failed.exit;
        }
    }
    Ok(printed)
}

/// How many partitions there are to be, when there can be so many on one broker.
fn sized(partitions: i64, replicas: i64) -> Result<u16, String> {
    if !(1..=i64::from(i16::MAX)).contains(&replicas) {
        return Err("The replication factor must be between 1 and 32767 inclusive".to_owned());
    }
    if partitions < 1 {
        return Err("The partitions must be greater than 0".to_owned());
    }
    if replicas > 1 {
        return Err(format!(
            "Unable to replicate the partition {replicas} time(s): The target replication factor of \
             {replicas} cannot be reached because only 1 broker(s) are registered or some brokers have \
             all their log directories cordoned."
        ));
    }
    u16::try_from(partitions).map_err(|_| told(Error::InvalidPartitions, ""))
}

/// The replicas of each partition; nothing when the text is no such list.
fn placed(text: &str) -> Option<Result<Vec<Vec<i32>>, String>> {
    let mut all: Vec<Vec<i32>> = Vec::new();
    for (at, partition) in text.split(',').enumerate() {
        let nodes = partition.split(':').map(|node| node.trim().parse().ok());
        let nodes: Vec<i32> = nodes.collect::<Option<_>>()?;
        let mut seen = BTreeSet::new();
        let twice: BTreeSet<String> = nodes
            .iter()
            .filter(|node| !seen.insert(**node))
            .map(i32::to_string)
            .collect();
        if !twice.is_empty() {
            let twice: Vec<String> = twice.into_iter().collect();
            return Some(Err(format!(
                "Partition replica lists may not contain duplicate entries: {}",
                twice.join(",")
            )));
        }
        if all.first().is_some_and(|first| first.len() != nodes.len()) {
            return Some(Err(format!(
                "Partition {at} has different replication factor: {nodes:?}"
            )));
        }
        all.push(nodes);
    }
    Some(Ok(all))
}

type Written<'a> = Result<BTreeMap<&'a str, &'a str>, String>;

/// The settings that a topic is to have, or what the tool says of them.
fn written<'a>(broker: &Broker, args: &Arguments<'a>) -> Result<Written<'a>, Refusal> {
    let mut settings = BTreeMap::new();
    for pair in args.values("--config") {
        let mut words = pair.split('=').map(str::trim);
        let (Some(name), Some(value), None) = (words.next(), words.next(), words.next()) else {
            return Ok(Err(
                "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\"."
                    .to_owned(),
            ));
        };
        settings.insert(name, value);
    }
    for (name, value) in &settings {
        let one = [((*name).into(), (*value).into())];
        if Config::of(&broker.settings().topic, &one).is_err() {
            if !settings::ALL.contains(name) {
                return Ok(Err(format!("Unknown topic config name: {name}")));
            }
            return Err(Refusal::NotModelled {
                tool: TOOL,
                what: format!("what is said of the value `{value}` for `{name}`"),
                instead: "choose one that the setting can have",
            });
        }
    }
    Ok(Ok(settings))
}

/// Why a topic could not be made.
fn refused(broker: &Broker, error: Error, name: &str, replicas: &[Vec<i32>]) -> String {
    let mut topics = broker.topics().map(|(_, topic)| &*topic.name);
    if let (Error::InvalidTopic, Some(other)) = (error, topics.find(|other| collide(name, other))) {
        return format!("Topic '{name}' collides with existing topic: {other}");
    }
    let node = broker.settings().node;
    let foreign = replicas.iter().flatten().find(|one| **one != node);
    if let (Error::InvalidReplicaAssignment, Some(foreign)) = (error, foreign) {
        return format!(
            "The manual partition assignment includes broker {foreign}, but no such broker is registered."
        );
    }
    told(error, name)
}

/// Raises a topic's number of partitions.
fn grow(broker: &mut Broker, topic: TopicId, name: &str, total: i64) -> Result<(), String> {
    let present = broker.topic(topic).map_or(0, |topic| topic.logs.len());
    let asked = u16::try_from(total).unwrap_or(0);
    broker.add_partitions(topic, asked).map_err(|error| {
        if error != Error::InvalidPartitions {
            told(error, name)
        } else if usize::from(asked) == present {
            format!("Topic already has {present} partition(s).")
        } else {
            format!(
                "The topic {name} currently has {present} partition(s); {total} would not be an increase."
            )
        }
    })
}

/// How the cluster words an error. Source: `ReplicationControlManager`, `Topic.validate`, `Errors`.
fn told(error: Error, name: &str) -> String {
    match error {
        Error::TopicAlreadyExists => format!("Topic '{name}' already exists."),
        Error::InvalidTopic => {
            let why = match name {
                "" => "the empty string is not allowed".to_owned(),
                "." | ".." => format!("'{name}' is not allowed"),
                long if long.len() > 249 => {
                    format!("the length of '{name}' is longer than the max allowed length 249")
                }
                _ => format!(
                    "'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
                ),
            };
            format!("Topic name is invalid: {why}")
        }
        Error::UnknownTopicOrPartition => {
            "This server does not host this topic-partition.".to_owned()
        }
        other => other.name().to_owned(),
    }
}
