//! What the operators' own tools would print now.

use crate::stage::moment::Moment;
use engine::World;
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

/// What the tools print at a moment: one screen for each group.
pub fn screens(moment: &Moment<'_>) -> Vec<Screen> {
    moment
        .groups()
        .map(|group| of_group(&moment.world, group))
        .collect()
}

/// What the tool prints of a group.
pub fn of_group(world: &World, group: GroupId) -> Screen {
    let cast = world.cast();
    Screen {
        command: tools::describe_group_command(&cast.group_name(group)),
        output: tools::describe_group(world.broker(), group, &**cast),
    }
}

/// What `aws` prints of each queue of an account.
pub fn of_queues(account: &Sqs) -> Vec<Screen> {
    let of = |queue: &sqs::Queue| Screen {
        command: format!(
            "aws sqs get-queue-attributes --queue-url {} --attribute-names All",
            arn::url(&queue.name)
        ),
        output: sqs::tools::get_queue_attributes(account, &queue.name, &["All"]),
    };
    account.queues().map(of).collect()
}
