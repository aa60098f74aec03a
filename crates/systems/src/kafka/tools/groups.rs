//! `kafka-groups`: the groups of every kind that a cluster has.
//!
//! # Rules
//! 1. `--list` prints a table, also of groups without members, with the protocol type; `--group-type` and
//!    `--protocol` leave others out, `--consumer` all but groups of consumers and of commits alone.
//!    Source: `GroupsCommand.listGroups`, KIP-1043. Shown by: kafka-group-tool-list.

use super::super::GroupId;
use super::arguments::{Arguments, Known, Takes};
use super::{Command, Printed, Refusal};

/// The tool's name.
pub const TOOL: &str = "kafka-groups";

const KNOWN: [Known; 6] = [
    ("--list", Takes::Nothing),
    ("--group-type", Takes::Value),
    ("--protocol", Takes::Value),
    ("--consumer", Takes::Nothing),
    ("--share", Takes::Nothing),
    ("--streams", Takes::Nothing),
];

/// Runs it.
///
/// # Errors
/// As [`run`](super::run).
pub fn run(command: Command<'_>) -> Result<Printed, Refusal> {
    let args = Arguments::read(TOOL, &KNOWN, command.args)?;
    if !args.has("--list") {
        return Ok(Printed::wrong(
            "Command must include exactly one action: --list.",
        ));
    }
    let all = (0..command.broker.group_count()).map(|at| GroupId(at as u8));
    let mut rows: Vec<(String, String)> = all
        .filter_map(|group| {
            let state = command.broker.group(group).filter(|state| state.exists())?;
            let kind = state.protocol_type().map_or("", |name| name);
            Some((command.names.group(group), kind.to_owned()))
        })
        .collect();
    let is_kind = |kind: &str| kind.eq_ignore_ascii_case("classic");
    rows.retain(|(_, protocol)| {
        args.value("--group-type").is_none_or(is_kind)
            && args
                .value("--protocol")
                .is_none_or(|wanted| wanted == protocol)
            && (!args.has("--consumer") || ["", "consumer"].contains(&protocol.as_str()))
            && !args.has("--share")
            && !args.has("--streams")
    });
    tiny_sort::stable::sort(&mut rows);
    let longest = rows.iter().map(|(name, _)| name.chars().count());
    let width = longest.fold(20, usize::max);
    let mut printed = Printed::default();
    let (kind, protocol) = ("TYPE", "PROTOCOL");
    printed.print(&format!("{:<width$} {kind:<20} {protocol:<20}", "GROUP"));
    for (name, protocol) in rows {
        // The tool pads a row by one more than its header.
        let kind = "Classic";
        printed.print(&format!("{name:<width$} {kind:<20} {protocol:<20} "));
    }
    Ok(printed)
}
