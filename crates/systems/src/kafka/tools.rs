//! What Kafka's command line tools print, from the broker's state and in the real format.
//!
//! A tool is a client like any other: what it changes, it changes through the broker's own calls. The
//! names are those of the scripts in `bin`, with or without `.sh`; the connection options are taken
//! and not looked at.
//!
//! # Rules
//! 1. What a tool finds wrong with what it was asked goes to standard error, or where the tool does so
//!    to standard output, and the exit status is 1. Source: `mainNoExit` of each tool.
//! 2. Several tools keep what they found in a Java hash map and print it in that order ([`hash_order`]).
//! 3. Where `--topic` names topics that exist, it is a pattern for whole names; a comma separates
//!    alternatives ([`pattern`]). Source: `TopicFilter.IncludeList`.
//!
//! What each tool prints is numbered in its own module.
//!
//! # What is left out
//! Usage texts, warnings of the client library and stack traces: of standard error there is the
//! tool's own sentence. The records of the internal topics are not kept, so a command that would have
//! to print them is refused, and so is an argument that nobody here knows: an invented answer would
//! be worse.

pub mod arguments;
pub mod console_consumer;
pub mod consumer_groups;
pub mod delete_records;
pub mod dump_log;
pub mod get_offsets;
pub mod groups;
pub mod hash_order;
pub mod iso8601;
pub mod pattern;
pub mod topics;
pub mod transactions;

#[cfg(test)]
mod tests;

pub use consumer_groups::{describe_group, describe_group_command};

use super::log::record::Stored;
use super::transaction::TransactionalId;
use super::{Broker, GroupId, Partition, TopicId, group::MemberId};
use explore::time::Instant;
use std::fmt;

/// Names for the numbers inside the broker, and how to write what differs from one cluster to another.
pub trait Names {
    /// A group's name.
    fn group(&self, group: GroupId) -> String;
    /// A topic's name.
    fn topic(&self, topic: TopicId) -> String;
    /// A member's full id, as the tool prints it.
    fn member(&self, member: MemberId) -> String;
    /// The address a client connects from.
    fn host(&self, client: u8) -> String;
    /// The `client.id`.
    fn client(&self, client: u8) -> String;

    /// A transactional id.
    fn transactional_id(&self, id: TransactionalId) -> String {
        id.0.to_string()
    }
    /// A topic's id, which is drawn by chance when it is made.
    fn topic_id(&self, _topic: TopicId) -> String {
        "<id>".to_owned()
    }
    /// The broker's address, `host:port`.
    fn address(&self) -> String {
        "broker:9092".to_owned()
    }
    /// A point in time, in milliseconds.
    fn instant(&self, ms: i64) -> String {
        ms.to_string()
    }
    /// The broker's time, in milliseconds, at a Unix time.
    fn since_beginning(&self, unix_ms: i64) -> i64 {
        unix_ms
    }
    /// How long something has lasted, in milliseconds.
    fn duration(&self, ms: u64) -> String {
        ms.to_string()
    }
    /// A batch's checksum. It covers what is not kept here, such as the time as the real clock has it.
    fn crc(&self, _batch: &Stored) -> String {
        "<crc>".to_owned()
    }
    /// `offsets.topic.num.partitions`: a transaction names the partition of the groups it wrote for.
    fn offsets_partitions(&self) -> u32 {
        50
    }
}

/// What a tool has printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The lines of standard output.
    pub stdout: Vec<String>,
    /// The tool's own lines of standard error.
    pub stderr: Vec<String>,
    /// The exit status.
    pub exit: i32,
}

impl Printed {
    /// Prints a text, which may have several lines.
    fn print(&mut self, text: &str) {
        self.stdout.extend(text.split('\n').map(str::to_owned));
    }

    /// A tool that found something wrong, and said so on standard error.
    fn wrong(text: impl Into<String>) -> Self {
        Printed {
            stderr: vec![text.into()],
            exit: 1,
            ..Printed::default()
        }
    }
}

impl FromIterator<String> for Printed {
    fn from_iter<I: IntoIterator<Item = String>>(lines: I) -> Self {
        let mut printed = Printed::default();
        for line in lines {
            printed.print(&line);
        }
        printed
    }
}

/// Why a command cannot be run here. What the real tool itself would refuse is no such case: that is
/// [`Printed`] with an exit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such tool here.
    UnknownTool {
        /// What was asked for.
        tool: String,
    },
    /// The tool does not know this argument here.
    UnknownArgument {
        /// The tool.
        tool: &'static str,
        /// The argument.
        argument: String,
        /// Those it knows.
        known: Vec<&'static str>,
    },
    /// Something must follow the argument.
    MissingValue {
        /// The tool.
        tool: &'static str,
        /// The argument.
        argument: &'static str,
    },
    /// What follows the argument cannot be read.
    BadValue {
        /// The tool.
        tool: &'static str,
        /// The argument.
        argument: &'static str,
        /// What follows it.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// The argument names a file, and none was handed over.
    NoFile {
        /// The tool.
        tool: &'static str,
        /// The argument.
        argument: &'static str,
    },
    /// The tool would wait for more and never end.
    Endless {
        /// The tool.
        tool: &'static str,
        /// How many records it would print before.
        found: usize,
    },
    /// The real tool has an answer that is not known here.
    NotModelled {
        /// The tool.
        tool: &'static str,
        /// What is not known.
        what: String,
        /// What to do instead.
        instead: &'static str,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::UnknownTool { tool } => {
                let known: Vec<&str> = TOOLS.iter().map(|(name, _)| *name).collect();
                let known = known.join(", ");
                write!(
                    out,
                    "there is no tool `{tool}` here; those there are: {known}"
                )
            }
            Refusal::UnknownArgument {
                tool,
                argument,
                known,
            } => {
                let known = known.join(", ");
                write!(
                    out,
                    "{tool}: `{argument}` is not known here; known are: {known}"
                )
            }
            Refusal::MissingValue { tool, argument } => {
                write!(
                    out,
                    "{tool}: nothing follows `{argument}`; write its value behind it"
                )
            }
            Refusal::BadValue {
                tool,
                argument,
                value,
                expected,
            } => write!(
                out,
                "{tool}: `{value}` behind `{argument}` cannot be read; write {expected}"
            ),
            Refusal::NoFile { tool, argument } => {
                write!(
                    out,
                    "{tool}: the file behind `{argument}` is not there; hand its text over"
                )
            }
            Refusal::Endless { tool, found } => write!(
                out,
                "{tool}: it would print {found} records and then wait for more without end; \
                 add `--max-messages` with at most that number, or `--timeout-ms`"
            ),
            Refusal::NotModelled {
                tool,
                what,
                instead,
            } => write!(out, "{tool}: {what} is not known here; {instead}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// A command to one tool.
pub struct Command<'a> {
    /// The broker it talks to.
    pub broker: &'a mut Broker,
    /// When.
    pub now: Instant,
    /// What is behind the tool's name.
    pub args: &'a [&'a str],
    /// What stands in the file that an argument names.
    pub file: Option<&'a str>,
    /// Names.
    pub names: &'a dyn Names,
}

type Tool = fn(Command<'_>) -> Result<Printed, Refusal>;

const TOOLS: [(&str, Tool); 8] = [
    (topics::TOOL, topics::run),
    (get_offsets::TOOL, get_offsets::run),
    (delete_records::TOOL, delete_records::run),
    (console_consumer::TOOL, console_consumer::run),
    (dump_log::TOOL, dump_log::run),
    (transactions::TOOL, transactions::run),
    (consumer_groups::TOOL, consumer_groups::run),
    (groups::TOOL, groups::run),
];

/// Runs a command: first the tool's name, then its arguments. `file` is what stands in the file that
/// an argument names.
///
/// # Errors
/// There is no such tool or argument here, or its answer is not known ([`Refusal`]).
pub fn run(
    broker: &mut Broker,
    now: Instant,
    args: &[&str],
    file: Option<&str>,
    names: &dyn Names,
) -> Result<Printed, Refusal> {
    let (name, args) = args.split_first().unwrap_or((&"", &[]));
    let bare = name.strip_suffix(".sh").unwrap_or(name);
    let Some((_, tool)) = TOOLS.iter().find(|(known, _)| *known == bare) else {
        return Err(Refusal::UnknownTool {
            tool: (*name).to_owned(),
        });
    };
    tool(Command {
        broker,
        now,
        args,
        file,
        names,
    })
}

impl Broker {
    /// How tools write a partition.
    fn partition_name(&self, partition: Partition) -> String {
        let topic = self.topic(partition.topic).map_or("", |topic| &topic.name);
        format!("{topic}-{}", partition.index)
    }

    /// The partition of this name, if there is one.
    fn find_partition(&self, topic: &str, index: u32) -> Option<Partition> {
        let topic = self.find_topic(topic)?;
        let index = u16::try_from(index).ok()?;
        let partition = Partition { topic, index };
        self.log(partition).is_some().then_some(partition)
    }

    /// The internal topics that there are by now: they come with the first group, and with the first
    /// transactional id.
    fn internal_topics(&self) -> impl Iterator<Item = &'static str> {
        let groups = self.groups.iter().any(|group| group.exists());
        let transactions = self.transactions().next().is_some();
        let offsets = groups.then_some("__consumer_offsets");
        let states = transactions.then_some("__transaction_state");
        offsets.into_iter().chain(states)
    }
}
