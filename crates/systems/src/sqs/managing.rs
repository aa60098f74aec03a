//! Making, changing, purging and deleting queues.
//!
//! Q31. Making a queue that is there finds it, if no attribute that is given differs; else it is
//! `QueueAlreadyExists`. For a minute after a queue was deleted none of its name can be made
//! (`QueueDeletedRecently`). Source: SQS API reference, "CreateQueue". Shown by: sqs-limits-errors, the
//! test `a_name_is_free_a_minute_after_its_queue_was_deleted`.
//!
//! Q32. A changed delay holds, on a standard queue, for messages sent from then on; on a FIFO queue
//! also for those that are still delayed. Source: SQS developer guide, "Amazon SQS delay queues".
//! Shown by: sqs-alter-delay, the test `a_fifo_delay_is_changed_for_what_waits_already`.
//!
//! Q33. A purge removes all messages, also those in flight and delayed; a second one within a minute
//! is `PurgeQueueInProgress`. Source: SQS API reference, "PurgeQueue". Shown by: sqs-purge-in-flight,
//! the test `a_queue_is_purged_once_a_minute`.
//!
//! Simplified: changes of attributes, purges and deletions take effect at once; the real ones take up
//! to a minute. The real service's names of errors differ between its two protocols; these are those
//! of the older one (`QueueAlreadyExists`, in the newer one `QueueNameExists`).

use super::attributes::{Given, QueueAttributes};
use super::error::{Code, Error};
use super::message::Place;
use super::queue::{Life, Queue};
use super::receiving::seconds;
use super::reply::Reply;
use super::{Fact, QueueId, Sqs, arn};
use crate::server::Out;
use explore::slot::Slot;
use explore::time::Instant;
use std::sync::Arc;

/// The attributes that are told of a queue and not set, in the order in which the tool prints them.
const COUNTS: [&str; 6] = [
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
];

/// The attributes that can be set, in the order in which the tool prints them.
const SET: [&str; 10] = [
    "VisibilityTimeout",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "RedriveAllowPolicy",
    "FifoQueue",
    "DeduplicationScope",
    "ContentBasedDeduplication",
];

impl Queue {
    /// An attribute as the service tells it.
    pub fn attribute(&self, name: &str) -> Option<Arc<str>> {
        let number = |count: u64| Some(count.to_string().into());
        match name {
            "QueueArn" => Some(self.arn()),
            "ApproximateNumberOfMessages" => number(self.store.visible()),
            "ApproximateNumberOfMessagesNotVisible" => number(self.store.in_flight()),
            "ApproximateNumberOfMessagesDelayed" => number(self.store.delayed()),
            "CreatedTimestamp" => number(self.created.ms() / 1000),
            "LastModifiedTimestamp" => number(self.modified.ms() / 1000),
            name => self.attributes.written(name),
        }
    }

    /// The attributes of these names, or all of them (`All`), in the service's order.
    ///
    /// # Errors
    /// A name that the service does not know.
    pub fn attributes_named(&self, names: &[Arc<str>]) -> Result<Vec<Given>, Error> {
        let known = || COUNTS.iter().chain(&SET);
        let is_known = |name: &&Arc<str>| &***name == "All" || known().any(|one| *one == &***name);
        if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
            let message = format!("Unknown Attribute {unknown}.");
            return Err(Error::new(Code::InvalidAttributeName, message));
        }
        let is_wanted = |one: &&&str| {
            names
                .iter()
                .any(|name| **name == ***one || &**name == "All")
        };
        let told = known().filter(is_wanted);
        Ok(told
            .filter_map(|name| Some(((*name).into(), self.attribute(name)?)))
            .collect())
    }
}

impl Sqs {
    pub(super) fn create(
        &mut self,
        now: Instant,
        name: &Arc<str>,
        given: &[Given],
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let attributes = QueueAttributes::of_new(name, given)?;
        let url = Reply::QueueUrl(arn::url(name));
        if let Some(queue) = self.queue(name) {
            let differs =
                |(name, _): &&Given| attributes.written(name) != queue.attributes.written(name);
            return match given.iter().find(differs) {
                None => Ok(url),
                Some((attribute, _)) => Err(Error::new(
                    Code::QueueAlreadyExists,
                    format!(
                        "A queue already exists with the same name and a different value for attribute {attribute}"
                    ),
                )),
            };
        }
        self.check_redrive(name, &attributes)?;
        let taken = seconds(self.service.deleted_queue_seconds.into());
        let earlier = self
            .queues
            .iter()
            .position(|queue| queue.peek().name == *name);
        match earlier.and_then(|at| self.queues.get_mut(at)) {
            Some(queue) => {
                if let Life::Deleted(at) = queue.life
                    && now < at + taken
                {
                    let message = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
                    return Err(Error::new(Code::QueueDeletedRecently, message));
                }
                queue.begin_again(attributes, now);
            }
            None => {
                let Ok(id) = u16::try_from(self.queues.len()) else {
                    let message = "There are too many queues.";
                    return Err(Error::new(Code::UnsupportedOperation, message));
                };
                let queue = Queue::new(QueueId(id), name.clone(), attributes, now);
                self.queues.push(Slot::new(queue));
            }
        }
        out.tell(Fact::QueueCreated {
            queue: name.clone(),
        });
        Ok(url)
    }

    /// Whether messages can go where the redrive policy says.
    fn check_redrive(&self, name: &str, attributes: &QueueAttributes) -> Result<(), Error> {
        let Some(policy) = &attributes.redrive_policy else {
            return Ok(());
        };
        let refused = |reason: &str| {
            let value = attributes.written("RedrivePolicy").unwrap_or_default();
            Err(Error::invalid(value, "RedrivePolicy", reason))
        };
        let target = self.find_arn(&policy.dead_letter_target);
        let Some(target) = target.and_then(|id| self.get(id)) else {
            return refused("Dead letter target does not exist.");
        };
        if target.is_fifo() != attributes.fifo_queue {
            return refused("Dead-letter queue must be same type of queue as the source.");
        }
        match &target.attributes.redrive_allow_policy {
            Some(allow) if !allow.allows(&arn::arn(name)) => {
                refused("The dead-letter queue does not allow this source queue.")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_attributes(
        &mut self,
        now: Instant,
        id: QueueId,
        given: &[Given],
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        if given.iter().any(|(name, _)| &**name == "FifoQueue") {
            let message = "Unknown Attribute FifoQueue.";
            return Err(Error::new(Code::InvalidAttributeName, message));
        }
        let name = self.name(id);
        let mut attributes = self.get_mut(id)?.attributes.clone();
        attributes.set_given(given)?;
        if given.iter().any(|(name, _)| &**name == "RedrivePolicy") {
            self.check_redrive(&name, &attributes)?;
        }
        let queue = self.get_mut(id)?;
        if queue.is_fifo() && attributes.delay_seconds != queue.attributes.delay_seconds {
            queue.delay_anew(now, attributes.delay_seconds);
        }
        queue.attributes = attributes;
        queue.modified = now;
        out.tell(Fact::AttributesSet { queue: name });
        Ok(Reply::Done)
    }

    pub(super) fn attributes(&self, id: QueueId, names: &[Arc<str>]) -> Result<Reply, Error> {
        let queue = self.get(id).ok_or_else(Error::no_queue)?;
        Ok(Reply::Attributes(queue.attributes_named(names)?))
    }

    pub(super) fn list(&self, prefix: &str) -> Reply {
        let named = self.queues().filter(|queue| queue.name.starts_with(prefix));
        Reply::QueueUrls(named.map(|queue| arn::url(&queue.name)).collect())
    }

    pub(super) fn purge(
        &mut self,
        now: Instant,
        id: QueueId,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let taken = seconds(self.service.purge_seconds.into());
        let queue = self.get_mut(id)?;
        let name = queue.name.clone();
        if queue.purged.is_some_and(|at| now < at + taken) {
            let message =
                format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
            return Err(Error::new(Code::PurgeQueueInProgress, message));
        }
        queue.purged = Some(now);
        queue.attempts.clear();
        let messages = queue.store.clear();
        out.tell(Fact::Purged {
            queue: name,
            messages,
        });
        Ok(Reply::Done)
    }

    pub(super) fn delete_queue(
        &mut self,
        now: Instant,
        id: QueueId,
        out: &mut Out<Self>,
    ) -> Result<Reply, Error> {
        let queue = self.get_mut(id)?;
        queue.life = Life::Deleted(now);
        queue.attempts.clear();
        queue.tasks.clear();
        let messages = queue.store.clear();
        for poll in std::mem::take(&mut queue.polls) {
            out.reply(poll.caller, Reply::Refused(Error::no_queue()));
        }
        let queue = queue.name.clone();
        out.tell(Fact::QueueDeleted { queue, messages });
        Ok(Reply::Done)
    }
}

impl Queue {
    /// Delays what is delayed already for so many seconds from its sending.
    fn delay_anew(&mut self, now: Instant, delay: u32) {
        let delayed: Vec<u64> = self.store.ends_of_delays().map(|(_, at)| at).collect();
        for sequence in delayed {
            let sent = self.store.get(sequence).map_or(now, |message| message.sent);
            let until = sent + seconds(delay.into());
            let place = match until > now {
                true => Place::Delayed { until },
                false => Place::Visible,
            };
            self.store.put(sequence, place);
        }
    }
}
