//! What is said and drawn of a fact: one [`Telling`] for each, by matches without a wildcard.
//!
//! Each room of facts has a room here. A fact that no room tells of does not compile.

pub mod aws;

mod kafka;
mod link;
mod process;
mod rabbitmq;
mod service;
mod store;

pub use service::done_word;

use crate::stage::moment::Moment;
use crate::stage::sentence::{Sentence, Tone};
use crate::stage::words::list;
use engine::fact::{process as fact_of_process, sqs};
use engine::systems::fact::{Named, Names};
use engine::{Cast, ClientId, ConsumerId, Entry, Fact, FactId, Party, RecordId, Trace};
use std::sync::Arc;

/// How a turn of the story is drawn on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A dot.
    Dot,
    /// Crossed strokes.
    Cross,
    /// A ring around a dot: not for the first time.
    Ring,
    /// A triangle: the mark moved.
    Triangle,
}

/// What is said and drawn of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Of whom it is told: not always of the party at which it happened.
    pub who: String,
    /// The party it came from, where that is another than the one at which it happened.
    pub from: Option<Party>,
    /// How it feels.
    pub tone: Tone,
    /// How it is drawn.
    pub shape: Shape,
    /// The words beside the shape; none where the shape says enough.
    pub label: String,
    /// What happened, in a few words that go on after `who`.
    pub phrase: String,
    /// What happened as a sentence, and what follows from it; where the fact has nothing to add to
    /// its phrase, nothing.
    says: Option<(String, String)>,
}

impl Telling {
    /// A fact that is drawn as a dot without words and has no sentence of its own.
    pub fn new(who: String, tone: Tone, phrase: impl Into<String>) -> Self {
        Telling {
            who,
            from: None,
            tone,
            shape: Shape::Dot,
            label: String::new(),
            phrase: phrase.into(),
            says: None,
        }
    }

    /// The same, drawn so.
    #[must_use]
    pub fn drawn(self, shape: Shape, label: impl Into<String>) -> Self {
        let label = label.into();
        Telling {
            shape,
            label,
            ..self
        }
    }

    /// The same, come from this party.
    #[must_use]
    pub fn came_from(self, party: Party) -> Self {
        let from = Some(party);
        Telling { from, ..self }
    }

    /// The same, with a sentence and what follows from it.
    #[must_use]
    pub fn says(self, lead: impl Into<String>, rest: impl Into<String>) -> Self {
        let says = Some((lead.into(), rest.into()));
        Telling { says, ..self }
    }

    /// The same, with a sentence that needs the moment at which it is said. For the table there is
    /// none, and nothing is worked out.
    #[must_use]
    fn says_at(self, at: &At<'_>, say: impl FnOnce(&Moment<'_>) -> (String, String)) -> Self {
        match at.moment {
            Some(moment) => Telling {
                says: Some(say(moment)),
                ..self
            },
            None => self,
        }
    }

    /// The same, with a sentence that may feel otherwise than the fact does.
    #[must_use]
    fn feels_at(self, at: &At<'_>, say: impl FnOnce(&Moment<'_>) -> Sentence) -> Self {
        match at.moment.map(say) {
            Some(Sentence { tone, lead, rest }) => Telling {
                tone,
                says: Some((lead, rest)),
                ..self
            },
            None => self,
        }
    }

    /// What happened, as a sentence.
    pub fn lead(&self) -> String {
        match &self.says {
            Some((lead, _)) => lead.clone(),
            None => format!("{} {}.", self.who, self.phrase),
        }
    }

    /// What follows from it.
    pub fn rest(&self) -> &str {
        self.says.as_ref().map_or("", |(_, rest)| rest)
    }
}

/// A fact in its trace, and the moment at which it is told of.
struct At<'a> {
    trace: &'a Trace,
    id: FactId,
    entry: &'a Entry,
    moment: Option<&'a Moment<'a>>,
}

impl At<'_> {
    fn cast(&self) -> &Cast {
        self.trace.cast()
    }

    /// The name of the party at which the fact happened; of a client, of the process that it was then.
    fn here(&self) -> String {
        match self.entry.by {
            Party::Consumer(id) => self.client(id.into()),
            Party::Producer(id) => self.client(self.cast().client_of(id)),
            Party::Broker | Party::Service(_) | Party::Table(_) => {
                self.cast().party_name(self.entry.by)
            }
        }
    }

    fn consumer(&self, id: ConsumerId) -> String {
        self.client(id.into())
    }

    /// The name of a client's process as it was when the fact happened.
    fn client(&self, id: ClientId) -> String {
        process_name(self.trace, id, self.id.0 as usize)
    }

    fn record(&self, id: RecordId) -> String {
        self.cast().record_name(id)
    }

    fn records(&self, ids: &[RecordId]) -> String {
        let names: Vec<_> = ids.iter().map(|&id| self.record(id)).collect();
        list(&names)
    }
}

/// The name of the process that a client was when a fact happened: "email-1", after a restart
/// "email-1 · 2nd".
pub fn process_name(trace: &Trace, client: ClientId, fact: usize) -> String {
    let mut past = trace.entries().iter().take(fact + 1).rev();
    let process = past.find_map(|entry| match entry.fact {
        Fact::Process(fact_of_process::Fact::Started { consumer, process })
            if ClientId::from(consumer) == client =>
        {
            Some(process)
        }
        Fact::Process(fact_of_process::Fact::ProducerStarted { producer, process })
            if producer == client =>
        {
            Some(process)
        }
        _ => None,
    });
    engine::cast::process_name(trace.cast().client_name(client), process.unwrap_or(0))
}

/// The names of a scene, those of clients as of the processes that they were when a fact happened.
struct ProcessNames<'a> {
    trace: &'a Trace,
    fact: usize,
}

impl Names for ProcessNames<'_> {
    fn name(&self, kind: Named, number: u32) -> String {
        match (kind, u8::try_from(number)) {
            (Named::Client | Named::Consumer, Ok(client)) => {
                process_name(self.trace, ClientId(client), self.fact)
            }
            _ => self.trace.cast().name(kind, number),
        }
    }

    fn find(&self, kind: Named, name: &str) -> Option<u32> {
        self.trace.cast().find(kind, name)
    }

    fn partitions(&self, channel: u32) -> u16 {
        Names::partitions(&**self.trace.cast(), channel)
    }
}

/// The fact that says which process a fact of a queue is about: a lease belongs to the process that
/// received the message, whoever has that name when the lease ends.
fn received(fact: &sqs::Fact, at: &At<'_>) -> usize {
    let now = at.id.0 as usize;
    let sqs::Fact::VisibilityEnded {
        record, held_by, ..
    } = fact
    else {
        return now;
    };
    let past = &at.trace.entries()[..now];
    let receive = past.iter().rposition(|entry| {
        matches!(&entry.fact, Fact::Sqs(sqs::Fact::Received { record: received, by, .. }) if (received, by) == (record, held_by))
    });
    receive.unwrap_or(now)
}

/// The messages that came with the receive of this fact, where it is one.
fn received_together(fact: &sqs::Fact, at: &At<'_>) -> Vec<RecordId> {
    if !matches!(fact, sqs::Fact::Received { .. }) {
        return Vec::new();
    }
    let (when, cause) = (at.entry.at, at.entry.cause);
    let entries = at.trace.entries();
    let is_of_it = |entry: &&Entry| (entry.at, entry.cause) == (when, cause);
    let now = at.id.0 as usize;
    let before = entries[..now].iter().rev().take_while(is_of_it).count();
    let all = entries[now - before..].iter().take_while(is_of_it);
    let record = |entry: &Entry| match &entry.fact {
        Fact::Sqs(sqs::Fact::Received { record, .. }) => *record,
        _ => None,
    };
    all.filter_map(record).collect()
}

/// Whether the message of this fact is one that its queue was sent before, under the same name: what a producer
/// sends again is a message of its own, and one that comes back is not.
fn is_copy(fact: &sqs::Fact, at: &At<'_>) -> bool {
    let before = &at.trace.entries()[..at.id.0 as usize];
    let count = |is_it: &dyn Fn(&sqs::Fact) -> bool| {
        let before = before.iter();
        before
            .filter(|entry| matches!(&entry.fact, Fact::Sqs(fact) if is_it(fact)))
            .count()
    };
    let sent = |record: &Option<RecordId>, queue: &Arc<str>| {
        count(
            &|before| matches!(before, sqs::Fact::Sent { record: other, queue: to, .. } if (other, to) == (record, queue)),
        )
    };
    match fact {
        sqs::Fact::Sent {
            record: record @ Some(_),
            queue,
            ..
        } => sent(record, queue) > 0,
        sqs::Fact::Received {
            record: record @ Some(_),
            queue,
            receive_count: 1,
            ..
        } => {
            let first = count(&|before| {
                matches!(before, sqs::Fact::Received { record: other, queue: from, receive_count: 1, .. }
                    if (other, from) == (record, queue))
            });
            sent(record, queue) > 1 && first > 0
        }
        _ => false,
    }
}

/// Whether a worker has let go of the message of this fact since it received it.
fn is_left(fact: &sqs::Fact, at: &At<'_>) -> bool {
    let sqs::Fact::VisibilityChanged {
        record: Some(record),
        ..
    } = fact
    else {
        return false;
    };
    let before = &at.trace.entries()[..at.id.0 as usize];
    let mut before = before.iter().rev();
    before
        .find_map(|entry| match &entry.fact {
            Fact::Sqs(sqs::Fact::MessageLeft {
                record: Some(left), ..
            }) if left == record => Some(true),
            Fact::Sqs(sqs::Fact::Received {
                record: Some(other),
                ..
            }) if other == record => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

fn of(at: &At<'_>) -> Telling {
    match &at.entry.fact {
        Fact::Process(fact) => process::telling(fact, at),
        Fact::Link(fact) => link::telling(fact, at),
        Fact::Service(fact) => service::telling(fact, at),
        Fact::Store(fact) => store::telling(fact, at),
        Fact::Kafka(fact) => kafka::telling(fact, at),
        Fact::Rabbitmq(fact) => rabbitmq::telling(fact, at),
        Fact::Sqs(fact) => aws::sqs::telling(
            fact,
            &aws::Place {
                names: &ProcessNames {
                    trace: at.trace,
                    fact: received(fact, at),
                },
                here: &at.here(),
                party_of: &|client| at.cast().party_of(client),
                moment: at
                    .moment
                    .and_then(|moment| Some((moment.world.sqs()?, moment.world.now()))),
                is_copy: is_copy(fact, at),
                is_left: is_left(fact, at),
                together: &received_together(fact, at),
            },
        ),
    }
}

/// A fact of a trace, as the table and the timeline tell of it.
pub fn telling(trace: &Trace, id: FactId) -> Option<Telling> {
    let entry = trace.get(id)?;
    let moment = None;
    Some(of(&At {
        trace,
        id,
        entry,
        moment,
    }))
}

/// A fact of the past, with what can be said of it at this moment.
pub fn telling_at(moment: &Moment<'_>, id: FactId) -> Option<Telling> {
    let trace = &moment.past;
    let entry = trace.get(id)?;
    Some(of(&At {
        trace,
        id,
        entry,
        moment: Some(moment),
    }))
}
