//! Moving messages between queues: into a dead-letter queue, and out of it.
//!
//! Q23. A message that was received maxReceiveCount times goes to the dead-letter queue when it would
//! be received once more, not when its visibility time-out ends: until then it can be deleted. That
//! same receive gives what comes after it; on a FIFO queue the group goes on. Source: SQS developer
//! guide, "Using dead-letter queues in Amazon SQS". Shown by: sqs-redrive, the test
//! `the_receive_that_moves_a_message_gives_the_next`.
//!
//! Q24. A message keeps its id and its receive count when it goes to a dead-letter queue, where the
//! count goes on: that queue's own maxReceiveCount may be used up by the first receive. Source: SQS
//! API reference, "ReceiveMessage" (ApproximateReceiveCount counts across all queues). Shown by:
//! sqs-dlq-chain, sqs-redrive.
//!
//! Q25. In a FIFO dead-letter queue the deduplication id of a message is its message id. Source:
//! ElasticMQ, FifoDeduplicationTests. Shown by: the test
//! `a_fifo_dead_letter_has_its_message_id_as_deduplication_id`.
//!
//! Q26. A redrive policy names a queue that is there, of the same kind, whose redrive allow policy
//! does not forbid it; maxReceiveCount is 1 to 1000. A policy that is set later counts the receives
//! from before. Source: SQS API reference, "SetQueueAttributes". Shown by: sqs-dlq-sources, the test
//! `a_redrive_policy_needs_a_queue_of_the_same_kind_that_allows_it`.
//!
//! Q27. StartMessageMoveTask moves what is visible in a dead-letter queue when it starts, message by
//! message, to the queues they came from or to the one it names. What is moved is a new message: a
//! new id, a new age, no receives. There is one task of a queue at a time. Source: SQS API reference,
//! "StartMessageMoveTask"; SQS developer guide, "Learn how to configure a dead-letter queue redrive".
//! Shown by: sqs-dlq-redrive-elsewhere, the test `a_message_moved_back_is_a_new_one`.
//!
//! Q28. A task without a destination fails at a message that no queue has moved there. Source: SQS
//! API reference, "ListMessageMoveTasks" (CouldNotDetermineMessageSource). Shown by: the test
//! `a_move_task_fails_at_a_message_without_a_source`.
//!
//! Simplified: without MaxNumberOfMessagesPerSecond a task moves all messages at one instant, one
//! after the other; the real one chooses a rate. A message of a queue whose dead-letter queue was
//! deleted goes on being received.

use super::error::{Code, Error};
use super::message::{Message, Place};
use super::receipt::QueueId;
use super::receiving::seconds;
use super::reply::{MoveStatus, MoveTaskEntry, Reply};
use super::{Fact, Sqs, arn};
use crate::server::Out;
use crate::visit::{Visit, Visitor};
use explore::Weigh;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// How many tasks of a queue are remembered.
const REMEMBERED: usize = 10;

/// A task that moves messages out of a dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct MoveTask {
    handle: Arc<str>,
    status: MoveStatus,
    destination: Option<QueueId>,
    /// It moves messages up to this place.
    up_to: u64,
    /// How many messages in a second.
    rate: Option<u64>,
    moved: u64,
    to_move: u64,
    /// When it moves the next message.
    next: Instant,
}

impl MoveTask {
    /// When it moves the next message, while it runs.
    pub fn next(&self) -> Option<Instant> {
        (self.status == MoveStatus::Running).then_some(self.next)
    }

    pub(super) fn visit_in(&mut self, queue: QueueId, visitor: &mut impl Visitor) {
        self.next.visit(visitor);
        visitor.counter(queue.sequences(), &mut self.up_to);
    }
}

/// What to do next with a task.
enum Step {
    Move(Message, QueueId),
    End(MoveStatus),
}

impl Sqs {
    /// The dead-letter queue of a queue, and how often a message can be received before it goes there.
    pub(super) fn dead_letter_queue(&self, id: QueueId) -> Option<(QueueId, u32)> {
        let policy = self.get(id)?.attributes.redrive_policy.as_ref()?;
        let target = self.find_arn(&policy.dead_letter_target)?;
        Some((target, policy.max_receive_count))
    }

    /// Moves messages that were received too often.
    pub(super) fn bury(
        &mut self,
        now: Instant,
        from: QueueId,
        to: QueueId,
        dead: Vec<Message>,
        out: &mut Out<Self>,
    ) {
        let (name, target_name) = (self.name(from), self.name(to));
        let Ok(target) = self.get_mut(to) else { return };
        let period = u64::from(target.attributes.message_retention_period);
        for message in dead {
            let (record, receive_count) = (message.record, message.receive_count);
            out.tell(Fact::MovedToDeadLetterQueue {
                record,
                queue: name.clone(),
                dead_letter_queue: target_name.clone(),
                receive_count,
            });
            let is_fifo = target.is_fifo();
            let moved = Message {
                deduplication_id: match is_fifo {
                    true => Some(message.id.to_string().into()),
                    false => message.deduplication_id,
                },
                sent: if is_fifo { now } else { message.sent },
                latest_receipt: None,
                place: Place::Visible,
                source: Some(from),
                ..message
            };
            if now < moved.sent + seconds(period) {
                target.store.add(moved);
            } else {
                let queue = target_name.clone();
                out.tell(Fact::Expired { record, queue });
            }
        }
    }

    /// The queues whose dead-letter queue this is.
    pub(super) fn list_sources(&self, id: QueueId) -> Reply {
        let is_source = |queue: &&super::Queue| {
            let target = self.dead_letter_queue(queue.id);
            target.is_some_and(|(target, _)| target == id)
        };
        let sources = self.queues().filter(is_source);
        Reply::QueueUrls(sources.map(|queue| arn::url(&queue.name)).collect())
    }

    pub(super) fn start_move(
        &mut self,
        now: Instant,
        source: &str,
        destination: Option<&str>,
        rate: Option<i64>,
    ) -> Result<Reply, Error> {
        let missing = |parameter: &str| {
            let message = format!(
                "The resource that you specified for the {parameter} parameter doesn't exist."
            );
            Error::new(Code::ResourceNotFoundException, message)
        };
        let invalid = |message: &str| Error::new(Code::InvalidParameterValue, message);
        let id = self.find_arn(source).ok_or_else(|| missing("SourceArn"))?;
        let destination = match destination {
            Some(arn) => Some(
                self.find_arn(arn)
                    .ok_or_else(|| missing("DestinationArn"))?,
            ),
            None => None,
        };
        if self.list_sources(id) == Reply::QueueUrls(Vec::new()) {
            return Err(invalid(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        if destination == Some(id) {
            let reason = "The source queue and the destination queue cannot be the same.";
            return Err(invalid(reason));
        }
        let is_fifo = |id: QueueId| self.get(id).map(super::Queue::is_fifo);
        if destination.is_some_and(|destination| is_fifo(destination) != is_fifo(id)) {
            let reason = "The source queue and the destination queue must be of the same type.";
            return Err(invalid(reason));
        }
        let rate = match rate {
            Some(rate) if !(1..=500).contains(&rate) => {
                let reason = "MaxNumberOfMessagesPerSecond must be between 1 and 500.";
                return Err(Error::invalid(rate, "MaxNumberOfMessagesPerSecond", reason));
            }
            rate => rate.and_then(|rate| u64::try_from(rate).ok()),
        };
        let queue = self.get_mut(id)?;
        if queue
            .tasks
            .front()
            .is_some_and(|task| task.next().is_some())
        {
            return Err(invalid(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        let number = queue.tasks.front().map_or(0, |task| {
            let number = task
                .handle
                .rsplit('-')
                .next()
                .and_then(|text| text.parse().ok());
            number.unwrap_or(0_u64)
        });
        let handle: Arc<str> = format!("{}-task-{}", queue.name, number.saturating_add(1)).into();
        queue.tasks.push_front(MoveTask {
            handle: handle.clone(),
            status: MoveStatus::Running,
            destination,
            up_to: queue.store.last(),
            rate,
            moved: 0,
            to_move: queue.store.visible(),
            next: now,
        });
        queue.tasks.truncate(REMEMBERED);
        Ok(Reply::TaskHandle(handle))
    }

    /// Moves the next message of a task, or ends it; the queue that has got one.
    pub(super) fn go_on_moving(
        &mut self,
        now: Instant,
        id: QueueId,
        out: &mut Out<Self>,
    ) -> Option<QueueId> {
        match self.next_move(id)? {
            Step::End(status) => {
                let queue = self.get_mut(id).ok()?;
                let task = queue.tasks.front_mut()?;
                task.status = status;
                let messages = task.moved;
                out.tell(Fact::MoveTaskEnded {
                    dead_letter_queue: queue.name.clone(),
                    messages,
                });
                None
            }
            Step::Move(message, to) => {
                let queue = self.get_mut(id).ok()?;
                if let Some(task) = queue.tasks.front_mut() {
                    task.moved = task.moved.saturating_add(1);
                    let pause = task.rate.map_or(0, |rate| 1_000_000 / rate.max(1));
                    task.next = now + Span(pause);
                }
                let target = self.get_mut(to).ok()?;
                let new = Message {
                    id: target.next_message_id(),
                    sent: now,
                    first_received: None,
                    receive_count: 0,
                    latest_receipt: None,
                    place: Place::Visible,
                    source: None,
                    ..message
                };
                let record = new.record;
                target.store.add(new);
                out.tell(Fact::Redriven {
                    record,
                    dead_letter_queue: self.name(id),
                    queue: self.name(to),
                });
                Some(to)
            }
        }
    }

    fn next_move(&mut self, id: QueueId) -> Option<Step> {
        let queue = self.get(id)?;
        let task = queue.tasks.front().filter(|task| task.next().is_some())?;
        let Some(sequence) = queue.store.first_visible_up_to(task.up_to) else {
            return Some(Step::End(MoveStatus::Completed));
        };
        let source = queue.store.get(sequence).and_then(|message| message.source);
        let target = task.destination.or(source);
        let Some(target) = target.filter(|target| self.get(*target).is_some()) else {
            return Some(Step::End(MoveStatus::Failed));
        };
        let queue = self.get_mut(id).ok()?;
        queue.forget_attempts(sequence);
        Some(Step::Move(queue.store.remove(sequence)?, target))
    }

    pub(super) fn cancel_move(
        &mut self,
        handle: &str,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let is_it = |task: &MoveTask| &*task.handle == handle && task.next().is_some();
        let running = |queue: &&super::Queue| queue.tasks.front().is_some_and(is_it);
        let id = self.queues().find(running).map(|queue| queue.id);
        let missing = || {
            let message = "Task does not exist.";
            Error::new(Code::ResourceNotFoundException, message)
        };
        let queue = self.get_mut(id.ok_or_else(missing)?)?;
        let name = queue.name.clone();
        let task = queue.tasks.front_mut().ok_or_else(missing)?;
        task.status = MoveStatus::Cancelled;
        let messages = task.moved;
        out.tell(Fact::MoveTaskEnded {
            dead_letter_queue: name,
            messages,
        });
        Ok(Reply::Cancelled(messages))
    }

    pub(super) fn list_moves(&self, source: &str) -> Result<Reply, Error> {
        let id = self.find_arn(source).ok_or_else(|| {
            let message =
                "The resource that you specified for the SourceArn parameter doesn't exist.";
            Error::new(Code::ResourceNotFoundException, message)
        })?;
        let tasks = self.get(id).into_iter().flat_map(|queue| &queue.tasks);
        let entry = |task: &MoveTask| MoveTaskEntry {
            task_handle: task.next().map(|_| task.handle.clone()),
            status: task.status,
            destination_arn: task.destination.map(|to| arn::arn(&self.name(to))),
            moved: task.moved,
            to_move: task.to_move,
        };
        Ok(Reply::MoveTasks(tasks.map(entry).collect()))
    }
}
