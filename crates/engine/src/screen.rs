//! What an operator's own tool prints: `kafka-consumer-groups` of a group, `aws sqs` of a queue,
//! `rabbitmqctl` of a broker.

use crate::World;
use crate::scene::Listing;
use systems::broker::Broker;
use systems::kafka::{GroupId, tools};
use systems::rabbitmq;
use systems::sqs::{self, Sqs};

/// A command, and what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The command, with its arguments.
    pub command: String,
    /// What it prints.
    pub output: String,
}

/// What the tools print now: one screen for each group, or for each queue.
pub fn of_all(world: &World) -> Vec<Screen> {
    match world.broker() {
        Broker::Kafka(_) => {
            let groups = (0..world.cast().groups.len() as u8).map(GroupId);
            groups
                .filter_map(|group| of_subscription(world, group))
                .collect()
        }
        Broker::Sqs(account) => of_queues(account),
        Broker::Rabbitmq(broker) => {
            let listings = world.cast().listings.iter();
            listings.map(|listing| listed(broker, *listing)).collect()
        }
    }
}

/// What the tool prints of a subscription: of a group, or of the queue its consumers share. None where
/// the system has no tool for it: a queue that nobody receives from belongs to no subscription.
pub fn of_subscription(world: &World, subscription: GroupId) -> Option<Screen> {
    let cast = world.cast();
    match world.broker() {
        Broker::Kafka(broker) => Some(Screen {
            command: tools::describe_group_command(&cast.group_name(subscription)),
            output: tools::describe_group(broker, subscription, &**cast),
        }),
        Broker::Sqs(account) => Some(of_queue(account, cast.queue_of(subscription)?)),
        Broker::Rabbitmq(broker) => {
            let first = cast.listings.first().copied();
            Some(listed(broker, first.unwrap_or(Listing::ListQueues)))
        }
    }
}

/// What `aws` prints of each queue of an account.
pub fn of_queues(account: &Sqs) -> Vec<Screen> {
    let queues = account.queues();
    queues.map(|queue| of_queue(account, &queue.name)).collect()
}

/// What `aws` prints of a queue.
fn of_queue(account: &Sqs, queue: &str) -> Screen {
    Screen {
        command: sqs::tools::get_queue_attributes_command(queue),
        output: sqs::tools::get_queue_attributes(account, queue, &["All"]),
    }
}

/// What `rabbitmqctl` prints of a broker.
fn listed(broker: &rabbitmq::Broker, listing: Listing) -> Screen {
    let screen = |command: &str, output: String| Screen {
        command: format!("rabbitmqctl {command}"),
        output,
    };
    match listing {
        Listing::ListQueues => queues(broker),
        Listing::ListExchanges => screen("list_exchanges", rabbitmq::tools::list_exchanges(broker)),
        Listing::ListBindings => screen("list_bindings", rabbitmq::tools::list_bindings(broker)),
        Listing::ListConsumers => screen("list_consumers", rabbitmq::tools::list_consumers(broker)),
    }
}

/// What it prints of all queues.
fn queues(broker: &rabbitmq::Broker) -> Screen {
    let columns = [
        "name",
        "messages_ready",
        "messages_unacknowledged",
        "consumers",
    ];
    Screen {
        command: format!("rabbitmqctl list_queues {}", columns.join(" ")),
        output: match rabbitmq::tools::list_queues(broker, &columns) {
            Ok(output) => output,
            Err(unknown) => unknown.to_string(),
        },
    }
}
