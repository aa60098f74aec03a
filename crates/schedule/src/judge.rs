//! Promises, judged on a world.
//!
//! - **lost**: a record is settled for a group (committed past, or deleted), its work was not done, and nobody alive is
//!   still about to do it.
//! - **done once**: no service did its work twice for one record.
//! - **in order**: no service did its work for a record, for the first time, after that of a later
//!   one of the same key.
//! - **adds up**: a table's numbers never exceed the amounts of all records, and are the same as
//!   they when nothing more happens and everybody is up.
//! - **stored once**: no record stands twice in a topic, those of open and of aborted transactions left out.
//! - **none aborted**: nobody was handed a record that stands in aborted transactions only.
//! - **all stored**: every record that producers send to a topic, and the event of every record whose readers
//!   publish there, stands in it, not in a transaction that is open or aborted.
//! - **ghost**: an event stands in its topic whose row is not in the table, and nobody is about to
//!   write it.

use engine::calendar::Message;
use engine::cast::{Action, Cast, ConsumerId, ConsumerPlan, Library, RecordId, ServiceId, TableId};
use engine::handler::Value;
use engine::scene::promise::Condition;
use engine::scene::{Promise, Published};
use engine::world::World;
use explore::Kind;
use systems::broker::Request;
use systems::kafka::Placed;
use systems::kafka::log::record::Stored;
use systems::kafka::log::{Isolation, Log};
use systems::kafka::{self as system, GroupId, Offset, Partition, ProducerRequest, TopicId};
use systems::sqs;

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
            Judge::NothingLost => {
                (0..cast.groups.len()).any(|group| effects(cast, GroupId(group as u8)).is_empty())
            }
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
            Judge::NothingLost => broken(groups(cast).find_map(|group| lost(world, group))),
            Judge::DoneOnce(service) => {
                let mut all = world.services()[service.at()].all();
                broken(all.find(|(_, times)| *times > 1).map(|(record, _)| record))
            }
            Judge::InOrder(service) => broken(world.services()[service.at()].overtaken()),
            Judge::AddsUp(table) => truth(adds_up(world, table)),
            Judge::NoGhost(topic, table) => broken(ghost(world, topic, table)),
            Judge::StoredOnce(topic) => broken(stored_twice(world, topic)),
            Judge::NoneAborted => broken(handed_out_aborted(world)),
            Judge::AllStored(topic) => {
                broken(awaited(cast, topic).find(|&record| times_stored(world, record, false) == 0))
            }
            Judge::AllHandled => broken(groups(cast).find_map(|group| {
                let mut awaited = cast.told().filter(|&record| is_for(cast, group, record));
                awaited.find(|&record| {
                    !world.ledger().is_handled(group, record) && !is_dead_letter(world, record)
                })
            })),
            Judge::LagZero => truth(groups(cast).all(|group| lag_is_zero(world, group))),
            Judge::AllDone(service) => {
                let mut told = cast.told();
                let service = &world.services()[service.at()];
                broken(told.find(|&record| service.times(record) == 0))
            }
            Judge::Redelivered => truth(world.ledger().redelivered()),
            Judge::Nobody => Finding::False(None),
        }
    }

    /// What is wrong, in words: "ord_12 is mailed twice".
    pub(super) fn words(self, cast: &Cast, record: Option<RecordId>) -> String {
        let name = record.map_or_else(|| "a record".to_owned(), |record| cast.record_name(record));
        let done = |service: ServiceId| {
            let plan = cast.services.get(service.at());
            plan.map_or_else(|| "done".to_owned(), |plan| plan.done.clone())
        };
        let words = cast.system().words();
        match self {
            Judge::NothingLost => match effects(cast, GroupId(0)).first() {
                Some(&service) => {
                    format!("{name} is {} and never {}", words.settled, done(service))
                }
                None => format!("{name} is {} and never handled", words.settled),
            },
            Judge::DoneOnce(service) => format!("{name} is {} twice", done(service)),
            Judge::InOrder(service) => {
                format!("{name} is {} after a later one of its key", done(service))
            }
            Judge::AddsUp(table) => {
                format!(
                    "the sum of {} is not that of the records",
                    cast.table_name(table)
                )
            }
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
            Judge::LagZero => "the lag never returns to zero".to_owned(),
            Judge::AllDone(service) => format!("every record is {}", done(service)),
            Judge::Redelivered => "a record is handed out a second time".to_owned(),
            Judge::Nobody => "the promise names somebody who is not there".to_owned(),
        }
    }
}

fn groups(cast: &Cast) -> impl Iterator<Item = GroupId> + use<> {
    (0..cast.groups.len()).map(|at| GroupId(at as u8))
}

/// Whether a group subscribes to the topic of a record.
fn is_for(cast: &Cast, group: GroupId, record: RecordId) -> bool {
    let topic = cast.records[record.at()].partition.topic;
    members(cast, group).any(|id| cast.consumers[id.at()].topics.contains(&topic))
}

fn members(cast: &Cast, group: GroupId) -> impl Iterator<Item = ConsumerId> + '_ {
    cast.consumers
        .iter()
        .enumerate()
        .filter(move |(_, plan)| plan.group == group)
        .map(|(at, _)| ConsumerId(at as u8))
}

/// The services whose work is a group's work: those its steps send to; all of them, where it is a program.
fn effects(cast: &Cast, group: GroupId) -> Vec<ServiceId> {
    let mut found = Vec::new();
    for id in members(cast, group) {
        let plan = &cast.consumers[id.at()];
        let own: Vec<ServiceId> = match plan.code {
            Some(_) => (0..cast.services.len())
                .map(|at| ServiceId(at as u8))
                .collect(),
            None => {
                let sends = plan.handler.iter().filter_map(|action| match action {
                    Action::Send(service) => Some(*service),
                    _ => None,
                });
                sends.collect()
            }
        };
        for service in own {
            if !found.contains(&service) {
                found.push(service);
            }
        }
    }
    found
}

/// The partitions a group reads, each with its log's end and what was committed.
fn reads(world: &World, group: GroupId) -> Vec<(Partition, Option<Offset>)> {
    let cast = world.cast();
    let mut topics: Vec<TopicId> = Vec::new();
    for id in members(cast, group) {
        for topic in &cast.consumers[id.at()].topics {
            if !topics.contains(topic) {
                topics.push(*topic);
            }
        }
    }
    let state = world.group(group);
    topics
        .into_iter()
        .flat_map(|topic| cast.partitions(topic))
        .map(|partition| {
            (
                partition,
                state.and_then(|state| state.committed(partition)),
            )
        })
        .collect()
}

fn lag_is_zero(world: &World, group: GroupId) -> bool {
    if let Some(queues) = world.sqs() {
        return queue(world, queues, group).is_none_or(|queue| queue.store.is_empty());
    }
    reads(world, group)
        .into_iter()
        .all(|(partition, committed)| {
            let end = world.log(partition).map(Log::end);
            committed.or(Some(Offset(0))) == end
        })
}

/// The queue of a subscription.
fn queue<'w>(world: &World, queues: &'w sqs::Sqs, group: GroupId) -> Option<&'w sqs::Queue> {
    let Library::Sqs(plan) =
        &world.cast().consumers[members(world.cast(), group).next()?.at()].library
    else {
        return None;
    };
    queues.queue(&plan.queue)
}

/// Whether a message of this record is in a queue, visible or not.
fn holds(queue: &sqs::Queue, record: RecordId) -> bool {
    let mut messages = queue.store.messages();
    messages.any(|(_, message)| message.record == Some(record))
}

fn is_done(world: &World, group: GroupId, record: RecordId) -> bool {
    let services = effects(world.cast(), group);
    if services.is_empty() {
        world.ledger().is_handled(group, record)
    } else {
        let state = world.services();
        services
            .iter()
            .all(|service| state[service.at()].times(record) > 0)
    }
}

/// Whether somebody alive is still about to do a record's work, or a request for it is under way.
fn is_hoped_for(world: &World, group: GroupId, record: RecordId) -> bool {
    members(world.cast(), group).any(|id| {
        let held = world.consumers()[id.at()].hand.iter();
        held.map(|held| held.record()).any(|other| other == record)
            || world
                .flights(id)
                .iter()
                .any(|flight| match &flight.message {
                    Message::Perform(call) => call.record == record,
                    Message::Request(Request::Kafka(system::Request::Producer(
                        ProducerRequest::Produce(_, batch, _),
                    ))) => {
                        let events = batch.records.iter().filter_map(|record| record.of);
                        events
                            .map(|event| world.cast().records[event.at()].of)
                            .any(|of| of == Some(record))
                    }
                    _ => false,
                })
    })
}

/// Which records are for a group.
fn isolation(cast: &Cast, group: GroupId) -> Isolation {
    let first = members(cast, group).next();
    first.map_or_else(Isolation::default, |id| {
        cast.consumers[id.at()].config.isolation_level.into()
    })
}

/// How often a record stands in its partition, with those of open transactions or without; never with
/// those of aborted ones.
fn times_stored(world: &World, record: RecordId, with_open: bool) -> usize {
    let partition = world.cast().records[record.at()].partition;
    let Some(log) = world.log(partition) else {
        return 0;
    };
    let counts = |batch: &Stored| !log.is_aborted(batch) && (with_open || !log.is_open(batch));
    let batches = log.batches().filter(|batch| counts(batch));
    batches
        .flat_map(|batch| batch.records())
        .filter(|(_, stored)| stored.of == Some(record))
        .count()
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
    (0..cast.records.len())
        .map(|at| RecordId(at as u16))
        .filter(move |id| {
            let plan = &cast.records[id.at()];
            plan.partition.topic == topic && (plan.sent || plan.of.is_some_and(is_read))
        })
}

fn stored_twice(world: &World, topic: TopicId) -> Option<RecordId> {
    let cast = world.cast();
    (0..cast.records.len())
        .map(|at| RecordId(at as u16))
        .filter(|id| cast.records[id.at()].partition.topic == topic)
        .find(|&id| times_stored(world, id, false) > 1)
}

/// A record that somebody was handed, and that stands in aborted transactions only.
fn handed_out_aborted(world: &World) -> Option<RecordId> {
    let cast = world.cast();
    let all = (0..cast.records.len()).map(|at| RecordId(at as u16));
    let written = all.filter(|id| {
        let plan = &cast.records[id.at()];
        plan.sent || plan.of.is_some()
    });
    let mut gone = written.filter(|&id| times_stored(world, id, true) == 0);
    gone.find(|&id| groups(cast).any(|group| world.ledger().is_polled(group, id)))
}

/// The first record that is settled for a group, and that nobody has done or will do.
fn lost(world: &World, group: GroupId) -> Option<RecordId> {
    if let Some(queues) = world.sqs() {
        let cast = world.cast();
        let gone = |record: RecordId| {
            !queues.queues().any(|queue| holds(queue, record))
                && !is_done(world, group, record)
                && !is_hoped_for(world, group, record)
        };
        let mut all = cast.told().filter(|&record| is_for(cast, group, record));
        return all.find(|&record| gone(record));
    }
    for (partition, committed) in reads(world, group) {
        let (Some(log), Some(committed)) = (world.log(partition), committed) else {
            continue;
        };
        let passed = log.piece(log.start(), isolation(world.cast(), group));
        let mut passed = passed
            .records
            .into_iter()
            .take_while(|stored| stored.offset < committed);
        let gone = |stored: &Placed| {
            !stored.aborted
                && !is_done(world, group, stored.record)
                && !is_dead_letter(world, stored.record)
                && !is_hoped_for(world, group, stored.record)
        };
        if let Some(stored) = passed.find(gone) {
            return Some(stored.record);
        }
    }
    None
}

/// Whether a record stands in a dead-letter topic.
fn is_dead_letter(world: &World, record: RecordId) -> bool {
    let cast = world.cast();
    let topics = cast.topics.iter().enumerate();
    topics
        .filter(|(_, plan)| plan.published == Some(Published::DeadLetters))
        .filter_map(|(at, _)| cast.event(TopicId(at as u8), record))
        .any(|letter| stands(world, letter))
}

/// Whether an event was published, and its transaction, if it is in one, was committed.
fn stands(world: &World, event: RecordId) -> bool {
    times_stored(world, event, false) > 0
}

fn ghost(world: &World, topic: TopicId, table: TableId) -> Option<RecordId> {
    let cast = world.cast();
    cast.told().find_map(|record| {
        let event = cast.event(topic, record)?;
        let will_come = || {
            groups(cast)
                .filter(|&group| is_for(cast, group, record))
                .any(|group| {
                    let committed = world
                        .group(group)
                        .and_then(|state| state.committed(cast.records[record.at()].partition));
                    !passed(world, record, committed) || is_hoped_for(world, group, record)
                })
        };
        let row = world.tables()[table.at()].contains(&cast.text(record));
        (!row && stands(world, event) && !will_come()).then_some(event)
    })
}

/// Whether a record lies below a committed offset.
fn passed(world: &World, record: RecordId, committed: Option<Offset>) -> bool {
    let partition = world.cast().records[record.at()].partition;
    let (Some(log), Some(committed)) = (world.log(partition), committed) else {
        return false;
    };
    log.placed_from(log.start())
        .iter()
        .any(|stored| stored.record == record && stored.offset < committed)
}

/// Whether the sum of a table's rows is that of all records' amounts; or, while somebody has still to
/// do something, whether some of the records could have brought it about: it lies between the sum of
/// what is taken back and that of what is paid.
fn adds_up(world: &World, table: TableId) -> bool {
    let cast = world.cast();
    let sum_of = |counts: fn(i64) -> bool| {
        let amounts = cast.told().map(|record| cast.records[record.at()].amount);
        let counted = amounts.filter(|&amount| counts(amount));
        counted.fold(0_i64, i64::saturating_add)
    };
    let (due, taken_back, paid) = (
        sum_of(|_| true),
        sum_of(|amount| amount < 0),
        sum_of(|amount| amount > 0),
    );
    let there = world.tables()[table.at()]
        .rows()
        .iter()
        .fold(0_i64, |sum, row| match row.value {
            Value::Number(number) => sum.saturating_add(number),
            _ => sum,
        });
    let everybody_up = || {
        world.consumers().iter().all(|one| one.up && !one.frozen)
            && world.producers().iter().all(|one| one.up && !one.frozen)
    };
    there == due || (taken_back..=paid).contains(&there) && !(everybody_up() && world.at_rest())
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
