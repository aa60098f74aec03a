//! What must have happened before a promise says anything: its premise.
//!
//! "No order lost" holds in a scene in which nobody settles an order, and tells nothing. So each promise
//! that something never goes wrong, or comes about in the end, has a premise, and a search counts in how
//! many of the scene's ends it came true. A promise that something is possible has none: the run that
//! shows it is its witness.
//!
//! | promise | premise |
//! |---|---|
//! | nothing lost, lag zero | a record is settled |
//! | done once, in order | the service does its work |
//! | adds up | the table has a row |
//! | no ghost, stored once, all stored | a record stands in the topic |
//! | none aborted | records stand in an aborted transaction |
//! | all handled | a handler leaves something behind; where it can leave nothing, a record is settled |

use engine::cast::{Action, Cast, RecordId, ServiceId, TableId};
use engine::custody::Custody;
use engine::scene::Promise;
use engine::scene::promise::Condition;
use engine::world::World;
use serde::{Deserialize, Serialize};
use systems::kafka::{GroupId, TopicId};

/// How often the premise of a promise came true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The premise in words that go on after "in which": "a record is committed past".
    pub premise: String,
    /// In how many of the ends it had come true; where ends are not counted, 1 or 0: whether it ever did.
    pub came_true: u64,
    /// How many ends there are: different states in which nothing more can happen. None where a way can
    /// go round, so that ends are not counted.
    pub ends: Option<u64>,
}

impl Witness {
    /// Whether the promise was never put to the test.
    pub const fn is_missing(&self) -> bool {
        self.came_true == 0
    }
}

/// A premise by numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Premise {
    Settled,
    Done(ServiceId),
    HasRow(TableId),
    Stands(TopicId),
    Aborted,
    LeftBehind,
}

impl Premise {
    /// The premise of a promise; nothing where it has none.
    pub(super) fn new(promise: &Promise, cast: &Cast) -> Option<Premise> {
        match &promise.that {
            Condition::NothingLost | Condition::LagZero => Some(Premise::Settled),
            Condition::DoneOnce(name) | Condition::InOrder(name) => {
                cast.find_service(name).map(Premise::Done)
            }
            Condition::AddsUp(name) => cast.find_table(name).map(Premise::HasRow),
            Condition::NoGhost { topic, .. } => cast.find_topic(topic).map(Premise::Stands),
            Condition::StoredOnce(name) | Condition::AllStored(name) => {
                cast.find_topic(name).map(Premise::Stands)
            }
            Condition::NoneAborted => Some(Premise::Aborted),
            Condition::AllHandled if leaves_something(cast) => Some(Premise::LeftBehind),
            Condition::AllHandled => Some(Premise::Settled),
            Condition::AllDone(_) | Condition::Redelivered => None,
        }
    }

    /// Whether it has come true in this world.
    pub(super) fn is_true(self, world: &World) -> bool {
        let cast = world.cast();
        match self {
            Premise::Settled => is_settled(world),
            Premise::Done(service) => world.services()[service.at()].total() > 0,
            Premise::HasRow(table) => !world.tables()[table.at()].rows().is_empty(),
            Premise::Stands(topic) => stands(world, topic),
            Premise::Aborted => (0..cast.topics.len())
                .flat_map(|topic| cast.partitions(TopicId(topic as u8)))
                .filter_map(|partition| world.log(partition))
                .any(|log| {
                    let mut batches = log.batches();
                    batches.any(|batch| log.is_aborted(batch) && batch.end_marker().is_none())
                }),
            Premise::LeftBehind => {
                let events = (0..cast.topics.len())
                    .map(|topic| TopicId(topic as u8))
                    .filter(|topic| cast.topics[usize::from(topic.0)].published.is_some());
                world.services().iter().any(|service| service.total() > 0)
                    || world.tables().iter().any(|table| !table.rows().is_empty())
                    || events.into_iter().any(|topic| stands(world, topic))
            }
        }
    }

    /// The premise in words that go on after "in which".
    pub(super) fn words(self, cast: &Cast) -> String {
        let words = cast.system().words();
        let item = words.item;
        match self {
            Premise::Settled => format!("a {item} is {}", words.settled),
            Premise::Done(service) => match cast.services.get(service.at()) {
                Some(plan) => format!("a {item} is {}", plan.done),
                None => format!("a {item} is done"),
            },
            Premise::HasRow(table) => format!("{} has a row", cast.table_name(table)),
            Premise::Stands(topic) => format!("a {item} stands in {}", cast.topic_name(topic)),
            Premise::Aborted => format!("a {item} stands in an aborted transaction"),
            Premise::LeftBehind => "a handler leaves something behind".to_owned(),
        }
    }
}

/// Whether handlers of this cast can leave something behind outside themselves.
fn leaves_something(cast: &Cast) -> bool {
    let acts = |action: &Action| !matches!(action, Action::SkipIfIn(_) | Action::Fail(..));
    cast.consumers
        .iter()
        .any(|plan| plan.code.is_some() || plan.handler.iter().any(acts))
        && !(cast.services.is_empty() && cast.tables.is_empty() && cast.topics.len() < 2)
}

/// Whether a record is settled for somebody.
fn is_settled(world: &World) -> bool {
    let cast = world.cast();
    let groups = || (0..cast.groups.len()).map(|at| GroupId(at as u8));
    (0..cast.records.len())
        .map(|at| RecordId(at as u16))
        .any(|record| groups().any(|group| world.custody(record, group) == Custody::Settled))
}

/// Whether a record stands in a topic, outside aborted transactions.
fn stands(world: &World, topic: TopicId) -> bool {
    let mut logs = world
        .cast()
        .partitions(topic)
        .filter_map(|partition| world.log(partition));
    logs.any(|log| {
        let mut batches = log.batches();
        batches.any(|batch| batch.end_marker().is_none() && !log.is_aborted(batch))
    })
}
