//! Queues of a run: which there are, and how deep each is.

use engine::systems::broker::{Broker, Opening};
use engine::{Cast, World};

/// How many messages a queue has.
pub struct Depth {
    /// Those that can be handed out now.
    pub visible: i64,
    /// Those that were handed out and are not settled yet.
    pub in_flight: i64,
}

/// The names of the queues that are there from the beginning. None on a system of logs.
pub fn names(cast: &Cast) -> Vec<&str> {
    match &cast.opening {
        Opening::Kafka(_) => Vec::new(),
        Opening::Sqs(opening) => opening.queues.iter().map(|one| &*one.name).collect(),
        Opening::Rabbitmq(opening) => opening.queues.iter().map(|one| &*one.queue).collect(),
    }
}

/// The name of a queue, which may be called by that of its subscription.
pub fn full_name<'a>(cast: &'a Cast, name: &str) -> Option<&'a str> {
    let own = cast.find_group(name).and_then(|group| cast.queue_of(group));
    let mut names = names(cast).into_iter();
    own.or_else(|| names.find(|other| *other == name))
}

/// How deep a queue is now.
pub fn depth(world: &World, name: &str) -> Option<Depth> {
    let name = full_name(world.cast(), name)?;
    let (visible, in_flight) = match world.broker() {
        Broker::Kafka(_) => return None,
        Broker::Sqs(account) => {
            let store = &account.queue(name)?.store;
            (store.visible(), store.in_flight())
        }
        Broker::Rabbitmq(broker) => {
            let queue = broker.queues().by_name.get(name)?;
            (queue.ready.len() as u64, queue.held.len() as u64)
        }
    };
    Some(Depth {
        visible: i64::try_from(visible).ok()?,
        in_flight: i64::try_from(in_flight).ok()?,
    })
}
