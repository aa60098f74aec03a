//! Deleting groups and offsets.
//!
//! # Rules
//! 1. Each group is deleted by itself; what could not be is told first, with the reason. The exit status
//!    is 0. Source: `ConsumerGroupCommand.deleteGroups`. Shown by: kafka-group-tool-delete.
//! 2. Offsets are deleted of `--topic`, which is a topic or `topic:n,m`. One line says how it went: of a
//!    topic that does not exist that is told in its row alone. Source: `deleteOffsets`. Shown by:
//!    kafka-group-tool-delete, kafka-group-tool-refused-while-active.

use super::super::super::{Broker, Error, Partition};
use super::super::arguments::Arguments;
use super::super::hash_order::{Hash, Map};
use super::super::{Names, Printed, Refusal};
use super::reset::{Topic, topics};

/// What an error is called where the tool prints it.
pub(super) fn exception(error: Error) -> (&'static str, &'static str) {
    match error {
        Error::GroupIdNotFound => ("GroupIdNotFoundException", "The group id does not exist."),
        Error::NonEmptyGroup => ("GroupNotEmptyException", "The group is not empty."),
        Error::GroupSubscribedToTopic => (
            "GroupSubscribedToTopicException",
            "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.",
        ),
        Error::UnknownTopicOrPartition => (
            "UnknownTopicOrPartitionException",
            "This server does not host this topic-partition.",
        ),
        Error::UnknownMemberId => (
            "UnknownMemberIdException",
            "The coordinator is not aware of this member.",
        ),
        _ => (
            "UnknownServerException",
            "The server experienced an unexpected error when processing the request.",
        ),
    }
}

fn told(error: Error) -> String {
    let (class, message) = exception(error);
    format!("org.apache.kafka.common.errors.{class}: {message}")
}

/// Rule 1.
pub(super) fn groups(broker: &mut Broker, names: &dyn Names, asked: &[&str]) -> Printed {
    let mut asked = asked.to_vec();
    asked.dedup();
    Map::Plain.order(&mut asked, |name| Hash::of_text(name));
    let (mut deleted, mut failed) = (Vec::new(), Vec::new());
    for name in asked {
        let group = super::find(broker, names, name);
        let answer = group.ok_or(Error::GroupIdNotFound);
        match answer.and_then(|group| broker.delete_group(group)) {
            Ok(()) => deleted.push(format!("'{name}'")),
            Err(error) => failed.push((name, error)),
        }
    }
    let mut printed = Printed::default();
    let deleted = deleted.join(", ");
    if failed.is_empty() {
        let text = "Deletion of requested consumer groups";
        printed.print(&format!("{text} ({deleted}) was successful."));
        return printed;
    }
    printed.print("\nError: Deletion of some consumer groups failed:");
    for (name, error) in failed {
        let error = told(error);
        printed.print(&format!(
            "* Group '{name}' could not be deleted due to: {error}"
        ));
    }
    if !deleted.is_empty() {
        printed.print(&format!(
            "\nThese consumer groups were deleted successfully: {deleted}"
        ));
    }
    printed
}

/// Rule 2.
pub(super) fn offsets(
    broker: &mut Broker,
    names: &dyn Names,
    name: &str,
    args: &Arguments<'_>,
) -> Result<Printed, Refusal> {
    if !args.has("--topic") {
        return Ok(Printed::wrong(
            "Option [delete-offsets] takes the following options: [topic], [group]",
        ));
    }
    let mut rows: Vec<(String, Option<u32>, Result<(), Error>)> = Vec::new();
    let mut asked: Vec<(String, u32)> = Vec::new();
    for topic in topics(args)? {
        match topic {
            Topic::Partitions(topic, numbers) => {
                asked.extend(numbers.into_iter().map(|number| (topic.clone(), number)));
            }
            Topic::Whole(topic) => match broker.find_topic(&topic) {
                Some(id) => {
                    let all = broker.partitions(id);
                    asked.extend(all.map(|at| (topic.clone(), u32::from(at.index))));
                }
                None => rows.push((topic, None, Err(Error::UnknownTopicOrPartition))),
            },
        }
    }
    let group = super::find(broker, names, name);
    let places: Vec<Option<Partition>> = asked
        .iter()
        .map(|(topic, number)| broker.find_partition(topic, *number))
        .collect();
    let known: Vec<Partition> = places.iter().copied().flatten().collect();
    let answer = group.ok_or(Error::GroupIdNotFound);
    let answer = match asked.is_empty() {
        true => Ok(Vec::new()),
        false => answer.and_then(|group| broker.delete_offsets(group, &known)),
    };
    let mut first = answer.as_ref().err().copied();
    let mut deleted = answer.clone().unwrap_or_default().into_iter();
    for ((topic, number), place) in asked.into_iter().zip(places) {
        let one = match (&answer, place) {
            (Err(error), _) => Err(*error),
            (Ok(_), Some(_)) => deleted.next().unwrap_or(Ok(())),
            (Ok(_), None) => Err(Error::UnknownTopicOrPartition),
        };
        first = first.or(one.err());
        rows.push((topic, Some(number), one));
    }
    let mut printed = Printed::default();
    match first {
        None => printed.print(&format!(
            "Request succeeded for deleting offsets from group {name}."
        )),
        Some(error @ (Error::GroupIdNotFound | Error::NonEmptyGroup)) => {
            printed.print(&format!("\nError: {}", exception(error).1));
        }
        Some(_) => printed
            .print("\nError: Encountered some partition-level error, see the follow-up details."),
    }
    tiny_sort::stable::sort_by(&mut rows, |one, other| {
        (&one.0, one.1).cmp(&(&other.0, other.1))
    });
    printed.print(&format!(
        "\n{:<15} {:<10} {:<15}",
        "TOPIC", "PARTITION", "STATUS"
    ));
    for (topic, number, answer) in rows {
        let number = number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let status = answer.map_or_else(
            |error| format!("Error: {}", told(error)),
            |()| "Successful".to_owned(),
        );
        printed.print(&format!("{topic:<15} {number:<10} {status:<15}"));
    }
    Ok(printed)
}
