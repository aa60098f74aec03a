//! What a search over all schedules asks about a system: when something may happen that nobody asked for.
//!
//! Of times a search knows little, so whether a time-out comes is decided by whom it waits for: who lives
//! and would have answered lets it come as a fault only. What such an answer looks like each system
//! knows, in a room of its own.

mod kafka;
mod rabbitmq;
mod sqs;

use super::World;
use crate::cast::{ClientId, ConsumerId};
use crate::client::process::Timer;
use systems::Server;
use systems::broker::{Broker, Due};

/// When something that the broker does by itself may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// When it is due; without times at any time.
    WhenDue,
    /// At any time, and at the present instant, because the system remembers when it was: an instant
    /// would tell worlds apart that go on in the same ways. Times are not explored with it.
    Anytime,
    /// Only as a fault: whom it waits for lives and would have answered.
    AsFault,
    /// Never: nothing would be different then.
    Never,
}

impl World {
    /// How many parties of the broker can make something happen in this scene.
    pub fn acting_parties(&self) -> u8 {
        let all = self.broker.parties();
        match &self.broker {
            Broker::Kafka(broker) => kafka::acting_parties(all, &self.cast, broker),
            Broker::Sqs(_) | Broker::Rabbitmq(_) => all,
        }
    }

    /// When something that the broker does by itself may happen, in a search with times or without.
    ///
    /// # Panics
    /// When it is a due of another system than the scene's.
    pub fn patience(&self, due: &Due, timed: bool) -> Patience {
        match (&self.broker, due) {
            (Broker::Kafka(broker), Due::Kafka(due)) => kafka::patience(self, broker, due),
            (Broker::Sqs(_), Due::Sqs(due)) => sqs::patience(self, due, timed),
            (Broker::Rabbitmq(broker), Due::Rabbitmq(due)) => {
                rabbitmq::patience(self, broker, due, timed)
            }
            (broker @ (Broker::Kafka(_) | Broker::Sqs(_) | Broker::Rabbitmq(_)), _) => {
                stranger(broker)
            }
        }
    }

    /// Whether anything new comes of a timer of this client, in a search with times or without. A sign of
    /// life whose answer says what it knows is none.
    pub fn is_news(&self, id: ClientId, timer: Timer, timed: bool) -> bool {
        match &self.broker {
            Broker::Kafka(_) => kafka::is_news(self, id, timer),
            Broker::Sqs(_) => sqs::is_news(timer, timed),
            // Nobody there gives signs of life.
            Broker::Rabbitmq(_) => true,
        }
    }

    /// Whether a sign of life of this consumer would go there and back alone and change nothing.
    pub fn says_nothing_new(&self, id: ConsumerId) -> bool {
        match &self.broker {
            Broker::Kafka(_) => kafka::says_nothing_new(self, id),
            // More time asked for at a queue moves an end that others see.
            Broker::Sqs(_) | Broker::Rabbitmq(_) => false,
        }
    }

    /// The due of this world that is a due of another one, which differs from it in numbers and times
    /// only.
    pub fn same_due(&self, due: &Due, of: &World) -> Option<Due> {
        match (&self.broker, due) {
            (Broker::Kafka(_), Due::Kafka(due)) => kafka::same_due(self, due, of).map(Due::Kafka),
            (Broker::Sqs(_), Due::Sqs(due)) => sqs::same_due(self, due, of).map(Due::Sqs),
            (Broker::Rabbitmq(_), Due::Rabbitmq(due)) => {
                rabbitmq::same_due(self, due).map(Due::Rabbitmq)
            }
            (broker @ (Broker::Kafka(_) | Broker::Sqs(_) | Broker::Rabbitmq(_)), _) => {
                stranger(broker)
            }
        }
    }
}

/// A due of one system was asked of another: a mistake of this program.
fn stranger(broker: &Broker) -> ! {
    unreachable!(
        "{} was asked of a due of another system",
        broker.system().title()
    )
}
