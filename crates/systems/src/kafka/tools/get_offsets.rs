//! `kafka-get-offsets`: the ends of partitions, and offsets by time.
//!
//! # Rules
//! 1. A line is `topic:partition:offset`, in the order of `topic-partition` as text: 10 comes before 2.
//!    Source: `GetOffsetShell.fetchOffsets`.
//! 2. `--time` is `latest` (-1, where nothing is said: the high watermark), `earliest` (-2),
//!    `max-timestamp` (-3) or a time in milliseconds. A partition that has no such offset is left out.
//!    Source: the same, and KIP-734.
//! 3. `--topic-partitions` is a list of `topic`, `topic:n`, `topic:n-m` (without m), `topic:n-` and
//!    `topic:-m`; topic may be empty. It does not go with `--topic` and `--partitions`. Source:
//!    `GetOffsetShell.parseRuleSpec`, KIP-635.
//!
//! Left out: tiered storage, and with it `earliest-local`, `latest-tiered` and
//! `earliest-pending-upload`.

use super::super::Partition;
use super::super::log::record::Timestamp;
use super::super::log::{At, Isolation};
use super::arguments::{Arguments, Known, Takes};
use super::pattern::Pattern;
use super::{Command, Printed, Refusal};
use std::collections::BTreeMap;
use std::ops::Range;

/// The tool's name.
pub const TOOL: &str = "kafka-get-offsets";

const KNOWN: [Known; 5] = [
    ("--topic", Takes::Value),
    ("--partitions", Takes::Value),
    ("--topic-partitions", Takes::Value),
    ("--time", Takes::Value),
    ("--exclude-internal-topics", Takes::Nothing),
];

/// Partitions that are asked for: any of these topics with any of these numbers.
struct Rule {
    topic: Pattern,
    partitions: Vec<Range<u64>>,
}

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    let wrong = |text: String| Ok(Printed::wrong(format!("Error occurred: {text}")));
    if args.has("--topic-partitions") && (args.has("--topic") || args.has("--partitions")) {
        return wrong("--topic-partitions cannot be used with --topic or --partitions".to_owned());
    }
    let at = match time(&args)? {
        Ok(at) => at,
        Err(text) => return wrong(text),
    };
    let rules = match rules(&args)? {
        Ok(rules) => rules,
        Err(text) => return wrong(text),
    };
    let broker = command.broker;
    let mut internal = broker.internal_topics();
    let asked = |name: &&str| rules.iter().any(|rule| rule.topic.matches(name));
    if let (false, Some(internal)) = (
        args.has("--exclude-internal-topics"),
        internal.find(|name| asked(name)),
    ) {
        return Err(Refusal::NotModelled {
            tool: TOOL,
            what: format!("how far `{internal}` goes"),
            instead: "name a topic, or add `--exclude-internal-topics`",
        });
    }
    let mut matched = false;
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for (id, topic) in broker.topics() {
        for Partition { index, .. } in broker.partitions(id) {
            let has = |range: &Range<u64>| range.contains(&index.into());
            let asked =
                |rule: &Rule| rule.topic.matches(&topic.name) && rule.partitions.iter().any(has);
            if !rules.iter().any(asked) {
                continue;
            }
            matched = true;
            let log = topic.logs.get(usize::from(index));
            let offset = log.and_then(|log| log.offset_at(at, Isolation::ReadUncommitted));
            if let Some((offset, _)) = offset {
                let name = &topic.name;
                found.insert(
                    format!("{name}-{index}"),
                    format!("{name}:{index}:{}", offset.0),
                );
            }
        }
    }
    if !matched {
        return wrong("Could not match any topic-partitions with the specified filters".to_owned());
    }
    Ok(found.into_values().collect())
}

/// Rule 2.
fn time(args: &Arguments<'_>) -> Result<Result<At, String>, Refusal> {
    let text = args.value("--time").unwrap_or("latest");
    Ok(Ok(match text {
        "latest" | "-1" => At::Latest,
        "earliest" | "-2" => At::Earliest,
        "max-timestamp" | "-3" => At::LatestTimestamp,
        "earliest-local" | "latest-tiered" | "earliest-pending-upload" | "-4" | "-5" | "-6" => {
            return Err(args.bad(
                "--time",
                "`latest`, `earliest`, `max-timestamp` or a time in milliseconds; there is no tiered storage here",
            ));
        }
        _ => match text.parse() {
            Ok(ms) => At::Time(Timestamp(ms)),
            Err(_) => {
                return Ok(Err(format!(
                    "Malformed time argument {text}. Please use -1 or latest / -2 or earliest / -3 or \
                     max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or \
                     earliest-pending-upload, or a specified long format timestamp"
                )));
            }
        },
    }))
}

fn rules(args: &Arguments<'_>) -> Result<Result<Vec<Rule>, String>, Refusal> {
    let pattern = |argument, text: &str| match text {
        "" => Ok(Pattern::all()),
        text => Pattern::read(TOOL, argument, text),
    };
    let everything = 0..u64::MAX;
    let Some(list) = args.value("--topic-partitions") else {
        let topic = pattern("--topic", args.value("--topic").unwrap_or_default())?;
        let numbers = args.value("--partitions").unwrap_or_default();
        let mut partitions = Vec::new();
        for number in numbers.split(',').filter(|_| !numbers.is_empty()) {
            let Ok(number) = number.parse::<u32>() else {
                return Ok(Err(format!(
                    "--partitions expects a comma separated list of numeric partition ids, but received: {numbers}"
                )));
            };
            partitions.push(one(number.into()));
        }
        if partitions.is_empty() {
            partitions.push(everything);
        }
        return Ok(Ok(vec![Rule { topic, partitions }]));
    };
    let mut rules = Vec::new();
    for text in list.split(',') {
        let (topic, numbers) = text.split_once(':').unwrap_or((text, ""));
        let bound = |text: &str, open: u64| match text {
            "" => Some(open),
            text => text.parse::<u32>().ok().map(u64::from),
        };
        let partitions = match numbers.split_once('-') {
            Some((low, high)) => bound(low, 0)
                .zip(bound(high, u64::MAX))
                .map(|(low, high)| low..high),
            None if numbers.is_empty() => Some(everything.clone()),
            None => bound(numbers, 0).map(one),
        };
        let Some(partitions) = partitions else {
            return Ok(Err(format!("Invalid rule specification: {text}")));
        };
        rules.push(Rule {
            topic: pattern("--topic-partitions", topic)?,
            partitions: vec![partitions],
        });
    }
    Ok(Ok(rules))
}

/// One number, as a range.
fn one(number: u64) -> Range<u64> {
    number..number + 1
}
