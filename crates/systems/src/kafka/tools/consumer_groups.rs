//! `kafka-consumer-groups`: who is in a group, and how far it has read.
//!
//! # Rules
//! 1. `--describe` prints one row for each partition that is assigned or has a commit. `CURRENT-OFFSET`
//!    is the *next* offset to read, and the lag is counted to the log's end. A crashed member stays
//!    listed until its session ends. Source: `ConsumerGroupCommand.printOffsets`. Shown by:
//!    kafka-group-tool-describe.
//! 2. `--members` and `--state` print these instead, also of a group without members; `--verbose` adds
//!    columns, and a static member one for instances. Source: `printMembers`, `printStates`. Shown by:
//!    kafka-group-tool-describe.
//! 3. That nobody is in the group, or that it is rebalancing, is told on standard error, that there is no
//!    such group on standard output; the exit status is 0. Source: `maybePrintEmptyGroupState`. Shown
//!    by: kafka-group-tool-delete.
//! 4. `--list` prints names; with `--state` or `--type`, which can be followed by those that are wanted,
//!    a table. Source: `ConsumerGroupCommand.listGroups`. Shown by: kafka-group-tool-list.
//! 5. `--delete` treats each group by itself ([`delete`]), `--delete-offsets` each partition. Source:
//!    `deleteGroups`, `deleteOffsets`. Shown by: kafka-group-tool-delete.
//! 6. `--reset-offsets` is for groups without members ([`reset`]). Source: `resetOffsets`. Shown by:
//!    kafka-group-tool-reset-offsets.
//!
//! Simplified: commits keep no leader epoch, so `--verbose` prints 0 for each.

pub mod delete;
mod describe;
pub mod reset;

use super::super::{Broker, GroupId, group::Group};
use super::arguments::{Arguments, Known, Takes};
use super::{Command, Names, Printed, Refusal};
pub use describe::{describe_group, describe_group_command};

/// The tool's name.
pub const TOOL: &str = "kafka-consumer-groups";

/// What it can be asked to do: exactly one.
const ACTIONS: [&str; 5] = [
    "--list",
    "--describe",
    "--delete",
    "--reset-offsets",
    "--delete-offsets",
];

const KNOWN: [Known; 25] = [
    ("--describe", Takes::Nothing),
    ("--list", Takes::Nothing),
    ("--delete", Takes::Nothing),
    ("--reset-offsets", Takes::Nothing),
    ("--delete-offsets", Takes::Nothing),
    ("--group", Takes::Value),
    ("--all-groups", Takes::Nothing),
    ("--topic", Takes::Value),
    ("--all-topics", Takes::Nothing),
    ("--offsets", Takes::Nothing),
    ("--members", Takes::Nothing),
    ("--state", Takes::Maybe),
    ("--type", Takes::Maybe),
    ("--verbose", Takes::Nothing),
    ("--timeout", Takes::Value),
    ("--execute", Takes::Nothing),
    ("--dry-run", Takes::Nothing),
    ("--export", Takes::Nothing),
    ("--to-offset", Takes::Value),
    ("--to-earliest", Takes::Nothing),
    ("--to-latest", Takes::Nothing),
    ("--to-current", Takes::Nothing),
    ("--shift-by", Takes::Value),
    ("--by-duration", Takes::Value),
    ("--to-datetime", Takes::Value),
];

/// `--from-file` names a file, whose text is handed over.
const FROM_FILE: Known = ("--from-file", Takes::Value);

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let known: Vec<Known> = KNOWN.into_iter().chain([FROM_FILE]).collect();
    let args = Arguments::read(TOOL, &known, command.args)?;
    let groups = named(command.broker, command.names);
    let mut actions = ACTIONS.iter().filter(|action| args.has(action));
    let (Some(&action), None) = (actions.next(), actions.next()) else {
        return Ok(Printed::wrong(
            "Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets",
        ));
    };
    if action == "--list" {
        return list(command.broker, &groups, &args);
    }
    let all = args.has("--all-groups");
    let asked: Vec<&str> = match all {
        true => groups.iter().map(|(name, _)| name.as_str()).collect(),
        false => args.values("--group").collect(),
    };
    if asked.is_empty() && !all {
        let action = action.trim_start_matches('-');
        return Ok(Printed::wrong(format!(
            "Option [{action}] takes one of these options: [all-groups], [group]"
        )));
    }
    match action {
        "--delete" => Ok(delete::groups(command.broker, command.names, &asked)),
        "--delete-offsets" => delete::offsets(command.broker, command.names, asked[0], &args),
        "--reset-offsets" => reset::run(command, &args, &asked),
        _ => {
            let wanted = ["--members", "--state", "--verbose"].map(|name| args.has(name));
            let [members, state, verbose] = wanted;
            let wanted = (members, state, verbose);
            Ok(describe::run(command.broker, command.names, &asked, wanted))
        }
    }
}

/// The groups that the coordinator knows, by their names.
fn named(broker: &Broker, names: &dyn Names) -> Vec<(String, GroupId)> {
    let all = (0..broker.groups.len()).map(|at| GroupId(at as u8));
    let groups = all.filter(|group| existing(broker, *group).is_some());
    let mut groups: Vec<_> = groups.map(|group| (names.group(group), group)).collect();
    tiny_sort::stable::sort(&mut groups);
    groups
}

/// The group of this name, whether the coordinator knows it or not.
fn find(broker: &Broker, names: &dyn Names, name: &str) -> Option<GroupId> {
    let mut all = (0..broker.groups.len()).map(|at| GroupId(at as u8));
    all.find(|group| names.group(*group) == name)
}

/// The group, if the coordinator knows it.
fn existing(broker: &Broker, group: GroupId) -> Option<&Group> {
    broker.group(group).filter(|state| state.exists())
}

/// Rule 4.
fn list(
    broker: &Broker,
    groups: &[(String, GroupId)],
    args: &Arguments<'_>,
) -> Result<Printed, Refusal> {
    const TYPE: &str = "Classic";
    const STATES: [&str; 5] = [
        "Empty",
        "PreparingRebalance",
        "CompletingRebalance",
        "Stable",
        "Dead",
    ];
    let wanted = |argument: &'static str, known: &[&str], expected: &'static str| {
        let words = args.value(argument).unwrap_or_default().to_lowercase();
        let words: Vec<String> = words
            .split(',')
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        let is_known = |word: &String| known.iter().any(|one| one.to_lowercase() == *word);
        match words.iter().all(is_known) {
            true => Ok(words),
            false => Err(args.bad(argument, expected)),
        }
    };
    let states = wanted(
        "--state",
        &STATES,
        "states of classic groups: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead",
    )?;
    let types = wanted("--type", &[TYPE, "consumer"], "Classic or Consumer")?;
    let has =
        |words: &[String], word: &str| words.is_empty() || words.contains(&word.to_lowercase());
    let rows: Vec<(&str, &str)> = groups
        .iter()
        .filter_map(|(name, id)| Some((name.as_str(), existing(broker, *id)?.state().name())))
        .filter(|(_, state)| has(&states, state) && has(&types, TYPE))
        .collect();
    if !args.has("--state") && !args.has("--type") {
        return Ok(rows.iter().map(|(name, _)| (*name).to_owned()).collect());
    }
    let longest = rows.iter().map(|(name, _)| name.chars().count());
    let group_width = longest.fold(15, usize::max) + 10;
    let line = |group: &str, kind: &str, state: &str| {
        let mut line = format!("{group:<group_width$} ");
        match (args.has("--type"), args.has("--state")) {
            (true, true) => line.push_str(&format!("{kind:<20} {state:<20}")),
            (true, false) => line.push_str(&format!("{kind:<20}")),
            (false, _) => line.push_str(&format!("{state:<20}")),
        }
        line
    };
    let mut printed = Printed::default();
    printed.print(&line("GROUP", "TYPE", "STATE"));
    for (name, state) in rows {
        printed.print(&line(name, TYPE, state));
    }
    Ok(printed)
}
