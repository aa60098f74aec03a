//! What a server's state looks like: a few shapes, which the view draws without knowing of whom they are.
//!
//! Each system has a room here that makes shapes of its state.

pub mod kafka;
pub mod leases;
pub mod queue;
pub mod rabbitmq;
pub mod routes;
pub mod sqs;
pub mod tape;

use crate::stage::moment::{Fate, Moment};
use crate::stage::telling::done_word;
use crate::stage::words::times;
use engine::systems::broker::Broker;
use engine::systems::fact::{Named, Names};
use engine::{ClientId, Fact, Instant, RecordId, Run, ServiceId};
use leases::{Event, Happening};
use queue::Queue;
use routes::Routes;
use tape::Tape;

/// What can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A log.
    Tape(Tape),
    /// A queue whose messages are handed out for a time.
    Queue(Box<Queue>),
    /// Exchanges, bindings and the queues they lead to.
    Routes(Box<Routes>),
}

/// What a server's state alone does not say: what things are called, what time it is, and what has
/// become of the work on messages.
pub struct Seen<'a> {
    /// The names.
    pub names: &'a dyn Names,
    /// The time.
    pub now: Instant,
    /// How far the run has been looked at: a position, and its time. Nothing where it is told whole.
    pub until: Option<(usize, Instant)>,
    /// What has become of the work on a message for those who read the queue of this name.
    pub fate: &'a dyn Fn(RecordId, &str) -> Fate,
    /// Who receives from the queue of this name.
    pub workers: &'a dyn Fn(&str) -> Vec<ClientId>,
    /// Whether what a search found is about a message.
    pub concerns: &'a dyn Fn(RecordId) -> bool,
    /// What those who read the queue of this name say of a message whose work is done: "mailed".
    pub done: &'a dyn Fn(&str) -> &'a str,
    /// What a service says of a message for which it did its work: "mailed".
    pub did: &'a dyn Fn(ServiceId) -> String,
}

impl Seen<'_> {
    fn record(&self, record: RecordId) -> String {
        self.names.name(Named::Record, record.0.into())
    }

    /// What has become of a message in a queue, and the words for it where there are any.
    fn fate(&self, record: Option<RecordId>, queue: &str) -> (Fate, Option<String>) {
        let fate = record.map_or(Fate::Waiting, |record| (self.fate)(record, queue));
        let done = (self.done)(queue);
        let words = match fate {
            Fate::Done => Some(format!("{done} ✓")),
            Fate::Twice(count) => Some(format!("{done} {}", times(count))),
            Fate::Lost => Some("lost".to_owned()),
            Fate::Waiting | Fate::InHand | Fate::Dropped => None,
        };
        (fate, words)
    }

    fn client(&self, client: ClientId) -> String {
        self.names.name(Named::Client, client.0.into())
    }
}

/// A column that a system has in the table beside who did what: a number it keeps, as it is after each
/// fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What is written above it.
    pub head: &'static str,
    /// One for each fact of the trace; nothing where there is none yet.
    pub values: Vec<Option<u64>>,
}

/// The column of a run's system.
pub fn column(run: &Run) -> Option<Column> {
    match run.world().broker() {
        Broker::Kafka(_) => kafka::column(run),
        Broker::Rabbitmq(_) => None,
        Broker::Sqs(_) => {
            let entries = run.trace().entries().iter();
            let own = entries.map(|entry| match &entry.fact {
                Fact::Sqs(fact) => Some(fact),
                Fact::Kafka(_)
                | Fact::Rabbitmq(_)
                | Fact::Process(_)
                | Fact::Link(_)
                | Fact::Service(_)
                | Fact::Store(_) => None,
            });
            Some(sqs::receives(own))
        }
    }
}

/// What a run's facts mean for leases, with the positions at which they have just happened.
fn story(run: &Run) -> Vec<Happening> {
    let mut position = 0;
    let mut story = Vec::new();
    let mut deliveries = rabbitmq::Deliveries::new(run.world().cast());
    for (number, entry) in run.trace().entries().iter().enumerate() {
        while position < run.len() && run.facts_after(position) <= number {
            position += 1;
        }
        let of = |event: Option<Event>| {
            event.map(|event| Happening {
                at: entry.at,
                position: Some(position),
                queue: None,
                event,
            })
        };
        story.extend(match &entry.fact {
            Fact::Sqs(fact) => sqs::happening(entry.at, Some(position), fact),
            Fact::Process(fact) => of(Event::of_process(fact)),
            Fact::Service(fact) => of(Event::of_service(fact)),
            Fact::Rabbitmq(fact) => deliveries.happening(entry.at, Some(position), fact),
            Fact::Kafka(_) | Fact::Link(_) | Fact::Store(_) => None,
        });
    }
    story
}

/// The figures of a moment, in the order in which they stand.
pub fn figures(moment: &Moment<'_>) -> Vec<Figure> {
    let cast = moment.world.cast();
    let group = |queue: &str| cast.group_of_queue(queue);
    let first = cast.services.first();
    let seen = Seen {
        names: &**cast,
        now: moment.world.now(),
        until: (moment.unseen > 0).then(|| {
            let facts = moment.run.facts_after(moment.horizon);
            let told = moment.run.trace().entries()[..facts].last();
            (moment.horizon, told.map_or(Instant(0), |entry| entry.at))
        }),
        fate: &|record, queue| {
            let own = group(queue).and_then(|group| moment.fate_for(record, group));
            own.unwrap_or_else(|| moment.fate(record))
        },
        workers: &|queue| {
            let receives = |client: &ClientId| {
                let plan = cast.consumers.get(usize::from(client.0));
                let own = plan.and_then(|plan| plan.queue());
                own.is_some_and(|own| *own == *queue)
            };
            let all = (0..cast.consumers.len() as u8).map(ClientId);
            all.filter(receives).collect()
        },
        concerns: &|record| moment.concerns(record),
        done: &|queue| match (group(queue), first) {
            (Some(group), _) => moment.done_by(group),
            (None, Some(plan)) => &plan.done,
            (None, None) => "done",
        },
        did: &|service| done_word(cast, service),
    };
    match moment.world.broker() {
        Broker::Kafka(_) => kafka::tapes(moment).into_iter().map(Figure::Tape).collect(),
        Broker::Sqs(account) => sqs::figures(account, &seen, &story(moment.run)),
        Broker::Rabbitmq(broker) => {
            let past = moment.past.entries().iter();
            let facts = past.filter_map(|entry| match &entry.fact {
                Fact::Rabbitmq(fact) => Some(fact),
                Fact::Kafka(_)
                | Fact::Sqs(_)
                | Fact::Process(_)
                | Fact::Link(_)
                | Fact::Service(_)
                | Fact::Store(_) => None,
            });
            rabbitmq::figures(broker, &moment.world, &seen, facts, &story(moment.run))
        }
    }
}
