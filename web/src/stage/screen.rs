//! What the operators' own tools would print now.

use crate::stage::moment::Moment;
use engine::World;
use engine::cast::Library;
use engine::systems::broker::Broker;
use engine::systems::kafka::{GroupId, tools};
use engine::systems::sqs::{self, Sqs, arn};

/// A command, and what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The command, with its arguments.
    pub command: String,
    /// What it prints.
    pub output: String,
}

/// What the tools print at a moment: one screen for each group or queue.
pub fn screens(moment: &Moment<'_>) -> Vec<Screen> {
    match moment.world.broker() {
        Broker::Kafka(_) => moment
            .groups()
            .map(|group| of_group(&moment.world, group))
            .collect(),
        Broker::Sqs(account) => of_queues(account),
    }
}

/// What the tool prints of a subscription: of a group, or of the queue its consumers share.
pub fn of_group(world: &World, group: GroupId) -> Screen {
    let cast = world.cast();
    match world.broker() {
        Broker::Kafka(broker) => Screen {
            command: tools::describe_group_command(&cast.group_name(group)),
            output: tools::describe_group(broker, group, &**cast),
        },
        Broker::Sqs(account) => {
            let mut consumers = cast.consumers.iter().filter(|plan| plan.group == group);
            let queue = consumers.find_map(|plan| match &plan.library {
                Library::Sqs(worker) => Some(&*worker.queue),
                Library::Kafka => None,
            });
            of_queue(account, queue.unwrap_or_default())
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
        command: format!(
            "aws sqs get-queue-attributes --queue-url {} --attribute-names All",
            arn::url(queue)
        ),
        output: sqs::tools::get_queue_attributes(account, queue, &["All"]),
    }
}
