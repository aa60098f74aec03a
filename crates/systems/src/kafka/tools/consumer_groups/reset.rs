//! Resetting the offsets of a group.
//!
//! # Rules
//! 1. Only of a group without members; one that does not exist counts as such, and comes into being.
//!    Otherwise the tool says so and prints an empty plan. Source: `ConsumerGroupCommand.resetOffsets`.
//!    Shown by: kafka-group-tool-refused-while-active.
//! 2. Without `--execute` nothing is changed; without `--dry-run` too a warning says so. Source:
//!    `ConsumerGroupCommandOptions.checkArgs`. Shown by: kafka-group-tool-reset-offsets.
//! 3. `--topic` is a topic or `topic:n,m`, and can come several times; `--all-topics` are those that the
//!    group has committed. Source: `getPartitionsToReset`. Shown by: kafka-group-tool-reset-forms.
//! 4. Numbers, shifts and files are pulled into the log; `--to-current` leaves a commit as it is, and is
//!    the end where there is none. A shift needs a commit. Source: `checkOffsetsRange`,
//!    `prepareOffsetsToReset`. Shown by: kafka-group-tool-reset-offsets.
//! 5. A time is the first record that is not older. Where there is none it is the end, and the tool says
//!    that the partition is empty, whether it is or not. Source: `getLogTimestampOffsets`. Shown by:
//!    kafka-group-tool-reset-forms.
//! 6. `--export` prints the plan as CSV, with the group where it is of several, and an empty line; that
//!    is what `--from-file` reads. Source: `exportOffsetsToCsv`, `parseResetPlan`. Shown by:
//!    kafka-group-tool-reset-forms.
//! 7. Rows come in the order of a Java hash map. Source: `Collectors.toMap`. Shown by: the test
//!    `a_plan_comes_in_hash_order`.

use super::super::super::group::{Speaker, State};
use super::super::super::log::record::Timestamp;
use super::super::super::log::{At, Isolation};
use super::super::super::{Broker, GroupId, Offset, Partition};
use super::super::arguments::Arguments;
use super::super::hash_order::{Hash, Map};
use super::super::{Command, Printed, Refusal, iso8601};
use super::{TOOL, delete, existing};
use std::sync::Arc;

/// How the new offsets are found: exactly one.
const SCENARIOS: [&str; 8] = [
    "--to-offset",
    "--shift-by",
    "--to-datetime",
    "--by-duration",
    "--to-earliest",
    "--to-latest",
    "--to-current",
    "--from-file",
];

const WARNING: &str = "WARN: No action will be performed as the --execute option is missing. In version 5.0, this command will require either --dry-run or --execute to be specified. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.";

/// What `--topic` names.
pub(super) enum Topic {
    /// A topic.
    Whole(String),
    /// Some of its partitions.
    Partitions(String, Vec<u32>),
}

/// What stands behind `--topic`, which can come several times.
pub(super) fn topics(args: &Arguments<'_>) -> Result<Vec<Topic>, Refusal> {
    let read = |text: &str| match text.split_once(':') {
        None => Ok(Topic::Whole(text.to_owned())),
        Some((topic, numbers)) => {
            let numbers: Result<Vec<u32>, _> = numbers.split(',').map(str::parse).collect();
            let bad = |_| args.bad("--topic", "a topic, or `topic:n,m`");
            Ok(Topic::Partitions(topic.to_owned(), numbers.map_err(bad)?))
        }
    };
    args.values("--topic").map(read).collect()
}

/// New offsets, each with its partition.
type Plan = Vec<(Partition, Offset)>;

/// Why there is no plan: the tool ends with what it has printed.
enum Stop {
    /// Wrong usage.
    Usage(String),
    /// It failed, and says why on standard output.
    Failed(String),
    Refused(Refusal),
}

/// Runs it.
pub(super) fn run(
    command: Command<'_>,
    args: &Arguments<'_>,
    asked: &[&str],
) -> Result<Printed, Refusal> {
    let mut printed = Printed::default();
    let executes = args.has("--execute");
    let usage = |mut printed: Printed, text: String| {
        printed.stderr.push(text);
        printed.exit = 1;
        Ok(printed)
    };
    if executes && args.has("--dry-run") {
        let text = "Option [reset-offsets] only accepts one of [execute],[dry-run]";
        return usage(printed, text.to_owned());
    }
    if !executes && !args.has("--dry-run") {
        printed.stderr.push(WARNING.to_owned());
    }
    let given: Vec<&str> = SCENARIOS.into_iter().filter(|one| args.has(one)).collect();
    let bare = |name: &str| format!("[{}]", name.trim_start_matches('-'));
    match given[..] {
        [] => {
            let text = "Option '[reset-offsets]' requires one of the following scenarios: [[shift-by], [to-offset], [to-earliest], [to-current], [to-latest], [by-duration], [to-datetime], [from-file]]";
            return usage(printed, text.to_owned());
        }
        [_] => {}
        [one, other, ..] => {
            let (one, other) = (bare(one), bare(other));
            return usage(
                printed,
                format!("Option \"{one}\" can't be used with option \"{other}\""),
            );
        }
    }
    let mut plans: Vec<(&str, Plan)> = Vec::new();
    let mut groups = asked.to_vec();
    Map::Plain.order(&mut groups, |name| Hash::of_text(name));
    let mut command = command;
    for name in groups {
        let Some(group) = super::find(command.broker, command.names, name) else {
            return Err(Refusal::NotModelled {
                tool: TOOL,
                what: format!("the group `{name}`"),
                instead: "name a group that somebody has used",
            });
        };
        let state = existing(command.broker, group).map_or(State::Empty, |state| state.state());
        if state != State::Empty {
            let state = state.name();
            printed.print(&format!(
                "\nError: Assignments can only be reset if the group '{name}' is inactive, but the current state is {state}."
            ));
            plans.push((name, Vec::new()));
            continue;
        }
        match plan(&mut command, args, (name, group), &mut printed) {
            Ok(plan) => plans.push((name, plan)),
            Err(Stop::Usage(text)) => return usage(printed, text),
            Err(Stop::Failed(text)) => {
                printed.print(&format!(
                    "\nError: Executing consumer group command failed due to {text}"
                ));
                return Ok(printed);
            }
            Err(Stop::Refused(refusal)) => return Err(refusal),
        }
    }
    print(command.broker, args, &plans, &mut printed);
    Ok(printed)
}

/// The partitions that are reset (rule 3).
fn partitions(
    broker: &Broker,
    args: &Arguments<'_>,
    group: GroupId,
) -> Result<Vec<Partition>, Stop> {
    if args.has("--all-topics") {
        let offsets = broker.group(group).map(|state| state.offsets().all());
        let committed = offsets.into_iter().flatten().map(|(place, _)| *place);
        return Ok(committed.collect());
    }
    if !args.has("--topic") {
        let text = "One of the reset scopes should be defined: --all-topics, --topic.";
        return Err(Stop::Usage(text.to_owned()));
    }
    let mut found = Vec::new();
    for topic in topics(args).map_err(Stop::Refused)? {
        match topic {
            Topic::Whole(name) => {
                let unknown =
                    delete::exception(super::super::super::Error::UnknownTopicOrPartition);
                let id = broker.find_topic(&name);
                let id = id.ok_or_else(|| Stop::Failed(unknown.1.to_owned()))?;
                found.extend(broker.partitions(id));
            }
            Topic::Partitions(name, numbers) => {
                for number in numbers {
                    let missing = || {
                        let text = "Error getting ending offset of topic partition";
                        Stop::Usage(format!("{text}: {name}-{number}"))
                    };
                    found.push(broker.find_partition(&name, number).ok_or_else(missing)?);
                }
            }
        }
    }
    Ok(found)
}

/// The new offsets of a group, which are committed if that was asked for.
fn plan(
    command: &mut Command<'_>,
    args: &Arguments<'_>,
    (name, group): (&str, GroupId),
    printed: &mut Printed,
) -> Result<Plan, Stop> {
    let broker = &*command.broker;
    let mut plan: Plan = match args.has("--from-file") {
        true => from_file(command, args, name)?,
        false => {
            let places = partitions(broker, args, group)?;
            let target = Target::read(command, args).map_err(Stop::Refused)?;
            let mut plan = Vec::new();
            for place in places {
                plan.push((place, target.of(broker, group, place, printed)?));
            }
            plan
        }
    };
    let key = |place: &Partition| {
        let topic = broker.topic(place.topic).map_or("", |topic| &topic.name);
        Hash::of_partition(topic, place.index.into())
    };
    Map::Plain.order(&mut plan, |(place, _)| key(place));
    if args.has("--execute") {
        let commits: Vec<_> = plan
            .iter()
            .map(|(place, offset)| (*place, *offset, Arc::from("")))
            .collect();
        let nobody = Speaker::default();
        let broker = &mut *command.broker;
        let committed = broker.commit_offsets(command.now, group, &nobody, &commits);
        committed.map_err(|error| Stop::Failed(delete::exception(error).1.to_owned()))?;
    }
    Ok(plan)
}

/// Where a partition is reset to.
enum Target {
    Offset(i64),
    Shift(i64),
    Time(Timestamp),
    Earliest,
    Latest,
    Current,
}

impl Target {
    fn read(command: &Command<'_>, args: &Arguments<'_>) -> Result<Target, Refusal> {
        if let Some(offset) = args.number("--to-offset")? {
            return Ok(Target::Offset(offset));
        }
        if let Some(by) = args.number("--shift-by")? {
            return Ok(Target::Shift(by));
        }
        if let Some(text) = args.value("--to-datetime") {
            let unix = iso8601::datetime(text);
            let expected = "a time such as 2026-11-21T12:00:00.000";
            let unix = unix.ok_or_else(|| args.bad("--to-datetime", expected))?;
            let time = command.names.since_beginning(unix);
            return Ok(Target::Time(Timestamp(time)));
        }
        if let Some(text) = args.value("--by-duration") {
            let span = iso8601::duration(text);
            let expected = "a span such as PT1H30M or P1D";
            let span = span.ok_or_else(|| args.bad("--by-duration", expected))?;
            let now = Timestamp::from(command.now);
            return Ok(Target::Time(Timestamp(now.0.saturating_sub(span))));
        }
        Ok(if args.has("--to-earliest") {
            Target::Earliest
        } else if args.has("--to-latest") {
            Target::Latest
        } else {
            Target::Current
        })
    }

    /// Rules 4 and 5.
    fn of(
        &self,
        broker: &Broker,
        group: GroupId,
        place: Partition,
        printed: &mut Printed,
    ) -> Result<Offset, Stop> {
        let name = broker.partition_name(place);
        let Some(log) = broker.log(place) else {
            let text = "Error getting ending offset of topic partition";
            return Err(Stop::Usage(format!("{text}: {name}")));
        };
        let committed = broker.group(group).and_then(|state| state.committed(place));
        let within = |offset: i64| {
            let offset = u64::try_from(offset).map_or(Offset(0), Offset);
            offset.clamp(log.start(), log.end())
        };
        Ok(match self {
            Target::Offset(offset) => within(*offset),
            Target::Shift(by) => {
                let text = "since there is no current committed offset";
                let missing =
                    || Stop::Failed(format!("Cannot shift offset for partition {name} {text}"));
                let from = committed.ok_or_else(missing)?;
                within((from.0 as i64).saturating_add(*by))
            }
            Target::Time(time) => {
                let at = log.offset_at(At::Time(*time), Isolation::ReadUncommitted);
                if let Some((offset, _)) = at {
                    return Ok(offset);
                }
                let topic = broker.topic(place.topic).map_or("", |topic| &topic.name);
                let index = place.index;
                printed.print(&format!(
                    "\nWarn: Partition {index} from topic {topic} is empty. Falling back to latest known offset."
                ));
                log.end()
            }
            Target::Earliest => log.start(),
            Target::Latest => log.end(),
            Target::Current => committed.unwrap_or_else(|| log.end()),
        })
    }
}

/// The plan that a file has for a group (rule 6).
fn from_file(command: &Command<'_>, args: &Arguments<'_>, name: &str) -> Result<Plan, Stop> {
    let argument = "--from-file";
    let no_file = Refusal::NoFile {
        tool: TOOL,
        argument,
    };
    let text = command.file.ok_or(Stop::Refused(no_file))?;
    let single = args.values("--group").count() == 1;
    let mut plan = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let row = match (single, &cells[..]) {
            (true, [topic, number, offset]) => Some((name, *topic, *number, *offset)),
            (false, [group, topic, number, offset]) => Some((*group, *topic, *number, *offset)),
            _ => None,
        };
        let row = row.and_then(|(group, topic, number, offset)| {
            Some((group, topic, number.parse().ok()?, offset.parse().ok()?))
        });
        let Some((group, topic, number, offset)): Option<(&str, &str, u32, i64)> = row else {
            return Err(Stop::Refused(
                args.bad(argument, "lines such as `orders,0,5`"),
            ));
        };
        if group != name {
            continue;
        }
        let place = command.broker.find_partition(topic, number);
        let log = place.and_then(|place| Some((place, command.broker.log(place)?)));
        let Some((place, log)) = log else {
            let text = "Error getting ending offset of topic partition";
            return Err(Stop::Usage(format!("{text}: {topic}-{number}")));
        };
        let offset = u64::try_from(offset).map_or(Offset(0), Offset);
        plan.push((place, offset.clamp(log.start(), log.end())));
    }
    Ok(plan)
}

fn print(broker: &Broker, args: &Arguments<'_>, plans: &[(&str, Plan)], printed: &mut Printed) {
    let rows = plans.iter().flat_map(|(name, plan)| {
        plan.iter().map(|(place, offset)| {
            let topic = broker.topic(place.topic).map_or("", |topic| &topic.name);
            (*name, topic.to_owned(), place.index, offset.0)
        })
    });
    let rows: Vec<(&str, String, u16, u64)> = rows.collect();
    if args.has("--export") {
        let single = args.values("--group").count() == 1;
        for (group, topic, number, offset) in rows {
            let group = match single {
                true => String::new(),
                false => format!("{group},"),
            };
            printed.print(&format!("{group}{topic},{number},{offset}"));
        }
        printed.print("");
        return;
    }
    let length = |text: &str| text.chars().count();
    let group_width = plans
        .iter()
        .map(|(name, _)| length(name))
        .fold(15, usize::max);
    let topic_width = rows.iter().map(|row| length(&row.1)).fold(15, usize::max);
    let line = |group: &str, topic: &str, number: &str, offset: &str| {
        format!("{group:<group_width$} {topic:<topic_width$} {number:<10} {offset}")
    };
    printed.print("");
    printed.print(&line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"));
    for (group, topic, number, offset) in rows {
        printed.print(&line(
            group,
            &topic,
            &number.to_string(),
            &offset.to_string(),
        ));
    }
}
