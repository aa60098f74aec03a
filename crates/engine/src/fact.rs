//! What can happen, as a closed list in several rooms. One fact is one line of the trace.
//!
//! A fact names only who and what it is about; when, by whom and because of what stand in its
//! [`Entry`](crate::Entry). Each room lists its own: what happens to [processes](process) and to
//! messages on their [way](link), what [services](service) and [tables](store) do, and what each system
//! tells of itself. A verb stands in one room only.

pub mod link;
pub mod process;
pub mod service;
pub mod store;

use crate::cast::{Cast, ConsumerId, RecordId};
use crate::handler::Value;
use systems::broker;
pub use systems::fact::{Field, Holds, Leg, Weight, items};
use systems::fact::{Named, Names, escaped, unescaped};
pub use systems::kafka;
pub use systems::kafka::fact::{Asked, Origin, ProducerAsked, Retired, Thrown};
pub use systems::rabbitmq;
pub use systems::sqs;

/// The verb of a kind of fact, and the names of its fields in order.
pub type Form = (&'static str, &'static [&'static str]);

macro_rules! facts_of {
    ($( $(#[$doc:meta])* $room:ident($module:ident) ),* $(,)?) => {
        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Fact { $( $(#[$doc])* $room($module::Fact) ),* }

        impl Fact {
            /// Every kind of fact, room by room.
            pub fn forms() -> impl Iterator<Item = &'static Form> {
                std::iter::empty()$( .chain($module::Fact::FORMS) )*
            }

            /// What a field of a kind of fact holds; none where there is no such field.
            pub fn holds(verb: &str, field: &str) -> Option<Holds> {
                None$( .or_else(|| $module::Fact::holds(verb, field)) )*
            }

            /// The word that stands for this kind of fact in a trace.
            pub const fn verb(&self) -> &'static str {
                match self { $( Fact::$room(fact) => fact.verb() ),* }
            }

            /// How much it matters.
            pub const fn weight(&self) -> Weight {
                match self { $( Fact::$room(fact) => fact.weight() ),* }
            }

            /// The fields by name, with the names of the scene.
            pub fn fields(&self, cast: &Cast) -> Vec<(&'static str, String)> {
                match self { $( Fact::$room(fact) => fact.fields(cast) ),* }
            }

            /// Reads a fact back from its verb and fields.
            ///
            /// # Errors
            /// Says which verb, field or value is not understood.
            pub fn read(verb: &str, fields: &[(&str, &str)], cast: &Cast) -> Result<Fact, String> {
                $( if $module::Fact::FORMS.iter().any(|(known, _)| *known == verb) {
                    return $module::Fact::read(verb, fields, cast).map(Fact::$room);
                } )*
                Err(format!("`{verb}` is no fact"))
            }
        }

        $( impl From<$module::Fact> for Fact {
            fn from(fact: $module::Fact) -> Fact {
                Fact::$room(fact)
            }
        } )*
    };
}

/// The rooms of facts: those of the world, and one for each system.
macro_rules! facts_with_systems {
    ($( $(#[$doc:meta])* $variant:ident $module:ident $name:literal $title:literal $state:ty ),* $(,)?) => {
        facts_of! {
            /// To a process and the program in it.
            Process(process),
            /// To a message on its way.
            Link(link),
            /// At a service.
            Service(service),
            /// In a table.
            Store(store),
            $( $(#[$doc])* $variant($module) ),*
        }

        impl Fact {
            /// The system that alone brings about this kind of fact; none for those of every system.
            pub fn system(verb: &str) -> Option<broker::SystemName> {
                $( if $module::Fact::FORMS.iter().any(|(known, _)| *known == verb) {
                    return Some(broker::SystemName::$variant);
                } )*
                None
            }
        }

        impl From<broker::Fact> for Fact {
            fn from(fact: broker::Fact) -> Fact {
                match fact { $( broker::Fact::$variant(fact) => Fact::$variant(fact) ),* }
            }
        }
    };
}

systems::systems!(facts_with_systems);

impl Fact {
    /// The consumer whose program was handed records, and which: what a poll or a receive returned.
    pub fn handed_out(&self) -> Option<(ConsumerId, &[RecordId])> {
        match self {
            Fact::Kafka(kafka::Fact::Polled {
                consumer, records, ..
            })
            | Fact::Sqs(sqs::Fact::Returned { consumer, records })
            | Fact::Rabbitmq(rabbitmq::Fact::Handed { consumer, records }) => {
                Some((*consumer, records))
            }
            Fact::Kafka(_) | Fact::Sqs(_) | Fact::Rabbitmq(_) => None,
            Fact::Process(_) | Fact::Link(_) | Fact::Service(_) | Fact::Store(_) => None,
        }
    }
}

impl Names for Cast {
    fn name(&self, kind: Named, number: u32) -> String {
        // Numbers are those of a fact, so each fits its kind.
        let small = u8::try_from(number).unwrap_or(u8::MAX);
        match kind {
            Named::Client => self.client_name(crate::ClientId(small)),
            Named::Consumer => self.consumer_name(crate::ConsumerId(small)),
            Named::Record => {
                self.record_name(crate::RecordId(number.try_into().unwrap_or(u16::MAX)))
            }
            Named::Service => self.service_name(crate::ServiceId(small)),
            Named::Table => self.table_name(crate::TableId(small)),
            Named::Channel => self.topic_name(systems::kafka::TopicId(small)),
            Named::Subscription => self.group_name(systems::kafka::GroupId(small)),
            Named::Transaction => self.transactional_name(
                systems::kafka::transaction::TransactionalId(number.try_into().unwrap_or(u16::MAX)),
            ),
        }
    }

    fn find(&self, kind: Named, name: &str) -> Option<u32> {
        Some(match kind {
            Named::Client => self.find_client(name)?.0.into(),
            Named::Consumer => self.find_consumer(name)?.0.into(),
            Named::Record => self.find_record(name)?.0.into(),
            Named::Service => self.find_service(name)?.0.into(),
            Named::Table => self.find_table(name)?.0.into(),
            Named::Channel => self.find_topic(name)?.0.into(),
            Named::Subscription => self.find_group(name)?.0.into(),
            Named::Transaction => self.find_transactional(name)?.0.into(),
        })
    }

    fn count(&self, kind: Named) -> u32 {
        let count = match kind {
            Named::Client => self.clients().count(),
            Named::Consumer => self.consumers.len(),
            Named::Record => self.records.len(),
            Named::Service => self.services.len(),
            Named::Table => self.tables.len(),
            Named::Channel => self.topics.len(),
            Named::Subscription => self.groups.len(),
            Named::Transaction => self.transactional_ids.len(),
        };
        // A cast is checked: it has a few thousand records at most.
        count.try_into().unwrap_or(u32::MAX)
    }

    fn partitions(&self, channel: u32) -> u16 {
        self.topics
            .get(channel as usize)
            .map_or(0, |topic| topic.partitions)
    }
}

impl Field for Value {
    const HOLDS: Holds = Holds::Text;
    /// As JSON; what a line of a trace cannot carry as `%` and two hexadecimal digits.
    fn write(&self, _: &dyn Names) -> String {
        escaped(&self.to_string())
    }
    fn read(text: &str, _: &dyn Names) -> Option<Self> {
        crate::text::read(&unescaped(text)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_verb_stands_in_one_room_only() {
        let verbs: Vec<&str> = Fact::forms().map(|(verb, _)| *verb).collect();
        let different: BTreeSet<&str> = verbs.iter().copied().collect();
        assert_eq!(verbs.len(), different.len(), "{verbs:?}");
    }
}
