//! Promises, judged on a world.
//!
//! What is *lost*, *doubled*, *reordered* and *stuck* is defined in [`anomaly`], over what a world gives
//! account of; these are defined here:
//!
//! - **adds up**: a table's numbers never exceed the amounts of all records, and are the same as
//!   they when nothing more happens and everybody is up.
//! - **stored once**: no record stands twice in a topic, those of open and of aborted transactions left out.
//! - **none aborted**: nobody was handed a record that stands in aborted transactions only.
//! - **all stored**: every record that producers send to a topic, and the event of every record whose readers
//!   publish there, stands in it, not in a transaction that is open or aborted.
//! - **ghost**: an event stands in its topic whose row is not in the table, and nobody is about to
//!   write it.

use crate::thousands;
use engine::anomaly::{self, Account};
use engine::cast::{Action, Cast, ConsumerPlan, RecordId, ServiceId, TableId};
use engine::custody::Custody;
use engine::scene::Promise;
use engine::scene::promise::Condition;
use engine::world::World;
use explore::Kind;
use systems::SystemName;
use systems::kafka::TopicId;

/// A promise by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judge {
    NothingLost,
    DoneOnce(ServiceId),
    InOrder(ServiceId),
    AddsUp(TableId),
    NoGhost(TopicId, TableId),
    StoredOnce(TopicId),
    NoneAborted,
    AllStored(TopicId),
    AllHandled,
    LagZero,
    AllDone(ServiceId),
    Redelivered,
    /// It names somebody the scene does not have, which its check would have said.
    Nobody,
}

/// What is wrong with a world, as far as one promise goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// The promise's condition is true.
    True,
    /// It is not; with the record it is about, if it is about one.
    False(Option<RecordId>),
}

impl Judge {
    /// The promise by numbers.
    pub(super) fn new(promise: &Promise, cast: &Cast) -> Judge {
        let service =
            |name: &str, judge: fn(ServiceId) -> Judge| cast.find_service(name).map(judge);
        match &promise.that {
            Condition::NothingLost => Some(Judge::NothingLost),
            Condition::DoneOnce(name) => service(name, Judge::DoneOnce),
            Condition::InOrder(name) => service(name, Judge::InOrder),
            Condition::AllDone(name) => service(name, Judge::AllDone),
            Condition::AddsUp(name) => cast.find_table(name).map(Judge::AddsUp),
            Condition::NoGhost { topic, table } => cast
                .find_topic(topic)
                .zip(cast.find_table(table))
                .map(|(topic, table)| Judge::NoGhost(topic, table)),
            Condition::StoredOnce(name) => cast.find_topic(name).map(Judge::StoredOnce),
            Condition::NoneAborted => Some(Judge::NoneAborted),
            Condition::AllStored(name) => cast.find_topic(name).map(Judge::AllStored),
            Condition::AllHandled => Some(Judge::AllHandled),
            Condition::LagZero => Some(Judge::LagZero),
            Condition::Redelivered => Some(Judge::Redelivered),
        }
        .unwrap_or(Judge::Nobody)
    }

    /// Whether it needs to know which records handlers are through with.
    pub(super) fn needs_handled(self, cast: &Cast) -> bool {
        match self {
            Judge::AllHandled => true,
            Judge::NothingLost => cast.subscriptions().any(|of| cast.work_of(of).is_empty()),
            _ => false,
        }
    }

    /// Whether it needs to know which records were handed out before.
    pub(super) fn needs_polled(self) -> bool {
        matches!(self, Judge::Redelivered | Judge::NoneAborted)
    }

    /// Whether the condition is true in this world.
    pub(super) fn look(self, world: &World) -> Finding {
        let cast = &**world.cast();
        let broken = |found: Option<RecordId>| match found {
            None => Finding::True,
            record => Finding::False(record),
        };
        let truth = |true_: bool| {
            if true_ {
                Finding::True
            } else {
                Finding::False(None)
            }
        };
        match self {
            Judge::NothingLost => broken(anomaly::first_lost(world).map(|(record, _)| record)),
            Judge::DoneOnce(service) => {
                let done = world.services()[service.at()].all();
                let doubled = |record| anomaly::is_doubled(world, service, record);
                let mut done = done.map(|(record, _)| record);
                broken(done.find(|&record| doubled(record)))
            }
            Judge::InOrder(service) => broken(world.services()[service.at()].overtaken()),
            Judge::AddsUp(table) => truth(adds_up(world, table)),
            Judge::NoGhost(topic, table) => broken(ghost(world, topic, table)),
            Judge::StoredOnce(topic) => broken(stored_twice(world, topic)),
            Judge::NoneAborted => broken(handed_out_aborted(world)),
            Judge::AllStored(topic) => {
                broken(awaited(cast, topic).find(|&record| world.copies(record, false) == 0))
            }
            Judge::AllHandled => broken(cast.subscriptions().find_map(|of| {
                let mut awaited = cast.told().filter(|&record| cast.is_for(of, record));
                awaited.find(|&record| {
                    !world.is_handled(record, of) && !world.is_set_aside(record, of)
                })
            })),
            Judge::LagZero => truth(cast.subscriptions().all(|of| world.backlog(of) == 0)),
            Judge::AllDone(service) => {
                let mut told = cast.told();
                let service = &world.services()[service.at()];
                broken(told.find(|&record| service.times(record) == 0))
            }
            Judge::Redelivered => truth(world.ledger().redelivered()),
            Judge::Nobody => Finding::False(None),
        }
    }

    /// What is wrong with a world, in words: "ord_12 is mailed twice".
    pub(super) fn words(self, world: &World, record: Option<RecordId>) -> String {
        let cast = &**world.cast();
        let words = cast.system().words();
        let name = record.map_or_else(
            || format!("a {}", words.item),
            |record| cast.record_name(record),
        );
        let done = |service: ServiceId| {
            let plan = cast.services.get(service.at());
            plan.map_or_else(|| "done".to_owned(), |plan| plan.done.clone())
        };
        match self {
            Judge::NothingLost => {
                let lost = anomaly::first_lost(world).map(|(_, of)| cast.work_of(of));
                match lost.unwrap_or_default().first() {
                    Some(&service) => {
                        format!("{name} is {} and never {}", words.settled, done(service))
                    }
                    None => format!("{name} is {} and never handled", words.settled),
                }
            }
            Judge::DoneOnce(service) => format!("{name} is {} twice", done(service)),
            Judge::InOrder(service) => {
                format!(
                    "{name} is {} after a later one of its {}",
                    done(service),
                    words.order
                )
            }
            Judge::AddsUp(table) => off(world, table),
            Judge::NoGhost(_, table) => {
                format!(
                    "{name} is published, and its row never stands in {}",
                    cast.table_name(table)
                )
            }
            Judge::StoredOnce(topic) => {
                format!("{name} stands in {} twice", cast.topic_name(topic))
            }
            Judge::NoneAborted => format!("{name} is handed out, and its transaction is aborted"),
            Judge::AllStored(topic) => format!("{name} never stands in {}", cast.topic_name(topic)),
            Judge::AllHandled => format!("{name} is never handled"),
            Judge::LagZero => match cast.system() {
                SystemName::Kafka => "the lag never returns to zero",
                SystemName::Sqs | SystemName::Rabbitmq => "a queue is never empty again",
            }
            .to_owned(),
            Judge::AllDone(service) => format!("every {} is {}", words.item, done(service)),
            Judge::Redelivered => format!("a {} is handed out a second time", words.item),
            Judge::Nobody => "the promise names somebody who is not there".to_owned(),
        }
    }
}

/// What is to stand in a topic in the end: what producers send to it, and the event of every record that
/// somebody reads who publishes to it.
fn awaited(cast: &Cast, topic: TopicId) -> impl Iterator<Item = RecordId> + '_ {
    let publishes = move |plan: &ConsumerPlan| {
        plan.code.is_some() || plan.handler.contains(&Action::Publish(topic))
    };
    let is_read = move |record: RecordId| {
        let of = cast.records[record.at()].partition.topic;
        let mut readers = cast.consumers.iter();
        readers.any(|plan| plan.topics.contains(&of) && publishes(plan))
    };
    cast.all_records().filter(move |id| {
        let plan = &cast.records[id.at()];
        plan.partition.topic == topic && (plan.sent || plan.of.is_some_and(is_read))
    })
}

fn stored_twice(world: &World, topic: TopicId) -> Option<RecordId> {
    let cast = world.cast();
    cast.all_records()
        .filter(|id| cast.records[id.at()].partition.topic == topic)
        .find(|&id| world.copies(id, false) > 1)
}

/// A record that somebody was handed, and that stands in aborted transactions only.
fn handed_out_aborted(world: &World) -> Option<RecordId> {
    let cast = world.cast();
    let written = cast.all_records().filter(|id| {
        let plan = &cast.records[id.at()];
        plan.sent || plan.of.is_some()
    });
    let mut gone = written.filter(|&id| world.copies(id, true) == 0);
    gone.find(|&id| {
        cast.subscriptions()
            .any(|of| world.ledger().is_polled(of, id))
    })
}

fn ghost(world: &World, topic: TopicId, table: TableId) -> Option<RecordId> {
    let cast = world.cast();
    cast.told().find_map(|record| {
        let event = cast.event(topic, record)?;
        let will_come = |of| {
            let custody = world.custody(record, of);
            let is_passed = matches!(custody, Custody::Settled | Custody::SetAside);
            !is_passed || world.is_in_hand(record, of)
        };
        let will_come = || {
            let mut all = cast.subscriptions().filter(|&of| cast.is_for(of, record));
            all.any(will_come)
        };
        let row = world.tables()[table.at()].contains(&cast.text(record));
        (!row && world.copies(event, false) > 0 && !will_come()).then_some(event)
    })
}

/// Whether the sum of a table's rows is that of all records' amounts; or, while somebody has still to
/// do something, whether some of the records could have brought it about: it lies between the sum of
/// what is taken back and that of what is paid.
fn adds_up(world: &World, table: TableId) -> bool {
    let sums = world.sums(table);
    let everybody_up = || {
        let mut all = world.consumers().iter().chain(world.producers());
        all.all(|one| one.life.goes_on())
    };
    let some_of_them = (sums.taken_back..=sums.paid).contains(&sums.there);
    sums.surplus() == 0 || some_of_them && !(everybody_up() && world.at_rest())
}

/// By how much a table's numbers are not those of the records, and for whom.
fn off(world: &World, table: TableId) -> String {
    let name = world.cast().table_name(table);
    let sums = world.sums(table);
    let by = |there: i64, due: i64| {
        let (there_words, due_words) = (signed(there), signed(due));
        let by = signed(there.saturating_sub(due).saturating_abs());
        let what = if there > due { "much" } else { "little" };
        format!("{there_words} instead of {due_words}, {by} too {what}")
    };
    // Of rows that are off in both directions those tell why that are off as the sum is.
    let mut all = world.off(table).unwrap_or_default();
    all.retain(|off| (off.there > off.due) == (sums.surplus() > 0));
    match all.as_slice() {
        [] => format!("{name} comes to {}", by(sums.there, sums.due)),
        [one] => format!("{name} has {} for {}", by(one.there, one.due), one.key),
        [one, others @ ..] => format!(
            "{name} has {} for {}, and is off for {} more",
            by(one.there, one.due),
            one.key,
            others.len()
        ),
    }
}

fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", thousands(number.unsigned_abs().into()))
}

/// How a promise of this kind is judged when its condition was looked at.
pub(super) fn is_true(judge: Judge, world: &World) -> bool {
    judge.look(world) == Finding::True
}

/// The kinds of all promises of a cast.
pub(super) fn kinds(cast: &Cast) -> Vec<Kind> {
    cast.promises
        .iter()
        .map(|promise| promise.that.kind())
        .collect()
}
