//! What each method does: its checks, and what it changes.

mod delivery;
mod snapshots;
mod subscriptions;

use super::error::{Code, Error};
use super::fact::Fact;
use super::message::{Message, PubsubMessage};
use super::request::{Reply, Request};
use super::roster::Listed;
use super::settings::Settings;
use super::subscription::{DELETED_TOPIC, Subscription};
use super::topic::Topic;
use super::{Out, Pubsub};
use crate::party::Caller;
use explore::time::Instant;
use std::sync::Arc;

/// How many topics, subscriptions and snapshots a project can have.
const MAX_RESOURCES: usize = 10_000;

type Answer = Result<Option<Reply>, Error>;

impl Pubsub {
    /// Carries out a request; nothing where the answer comes later, was sent already, or never comes.
    pub(super) fn call(
        &mut self,
        now: Instant,
        from: Caller,
        request: Request,
        out: &mut Out<Pubsub>,
    ) -> Answer {
        let done = Ok(Some(Reply::Done {
            method: request.method(),
        }));
        match request {
            Request::CreateTopic {
                topic,
                message_retention_duration,
            } => self.create_topic(topic, message_retention_duration, out)?,
            Request::GetTopic { topic } => {
                let topic = self.topics.0.get(self.topic(&topic)?);
                return Ok(topic.map(|topic| Reply::Topic {
                    name: Arc::clone(&topic.name),
                    message_retention_duration: topic.retention,
                }));
            }
            Request::ListTopicSubscriptions { topic } => {
                let at = self.topic(&topic)?;
                self.refresh_topic(now, at, out);
                let number = self.topics.0.get(at).map(|topic| topic.number);
                let of_it = number.into_iter().flat_map(|number| self.roster.of(number));
                let mut names: Vec<Arc<str>> = of_it.map(|one| Arc::clone(&one.name)).collect();
                names.sort();
                return Ok(Some(Reply::Subscriptions(names)));
            }
            Request::DeleteTopic { topic } => self.delete_topic(&topic, out)?,
            Request::Publish { topic, messages } => {
                let message_ids = self.publish(now, &topic, messages, out)?;
                return Ok(Some(Reply::Published { message_ids }));
            }
            Request::CreateSubscription {
                subscription,
                topic,
                settings,
            } => self.create_subscription(now, subscription, &topic, *settings, out)?,
            Request::GetSubscription { subscription } => {
                self.known(now, &subscription, out)?;
                let one = self.subscriptions.of(&subscription);
                return Ok(one.map(|one| Reply::Subscription(Box::new(one.describe()))));
            }
            Request::UpdateSubscription {
                subscription,
                settings,
            } => self.update_subscription(now, &subscription, *settings, out)?,
            Request::ModifyPushConfig {
                subscription,
                push_endpoint,
            } => {
                self.known(now, &subscription, out)?;
                let present = self.subscriptions.of(&subscription);
                let present = present.map(|one| one.settings.clone());
                let settings = Settings {
                    push_endpoint,
                    ..present.unwrap_or_default()
                };
                self.update_subscription(now, &subscription, settings, out)?;
            }
            Request::DeleteSubscription { subscription } => {
                self.known(now, &subscription, out)?;
                self.drop_subscription(&subscription, out);
            }
            Request::DetachSubscription { subscription } => {
                let number = self.known(now, &subscription, out)?;
                self.roster.detach(number);
                if let Some(one) = self.subscriptions.of_mut(&subscription) {
                    one.turn_away(&Error::detached(&subscription), out);
                    one.detached = true;
                    let dropped = one.clear();
                    out.tell(Fact::Detached {
                        subscription,
                        dropped,
                    });
                }
            }
            Request::Pull { .. }
            | Request::StreamingPull { .. }
            | Request::CloseStream { .. }
            | Request::Acknowledge { .. }
            | Request::ModifyAckDeadline { .. }
            | Request::Serve { .. }
            | Request::PushAnswer { .. } => return self.deliver(now, from, request, out),
            Request::CreateSnapshot {
                snapshot,
                subscription,
            } => self.create_snapshot(now, snapshot, &subscription, out)?,
            Request::DeleteSnapshot { snapshot } => {
                self.end_snapshots(now);
                let at = self.snapshots.at(&snapshot);
                let at = at.ok_or_else(|| Error::not_found(&snapshot))?;
                self.snapshots.0.remove(at);
                out.tell(Fact::SnapshotDeleted { snapshot });
            }
            Request::Seek { subscription, to } => self.seek(now, &subscription, to, out)?,
        }
        done
    }

    fn topic(&self, name: &str) -> Result<usize, Error> {
        self.topics.at(name).ok_or_else(|| Error::not_found(name))
    }

    /// The number of a subscription, after whatever it holds for too long is gone.
    fn known(&mut self, now: Instant, name: &str, out: &mut Out<Pubsub>) -> Result<u32, Error> {
        self.refresh(now, name, out);
        let one = self.subscriptions.of(name);
        one.map(|one| one.number)
            .ok_or_else(|| Error::not_found(name))
    }

    fn create_topic(
        &mut self,
        topic: Arc<str>,
        retention: Option<u32>,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        check_name(&topic)?;
        if self.topics.at(&topic).is_some() {
            return Err(Error::already_exists(&topic));
        }
        if let Some(seconds) = retention.filter(|seconds| !(600..=2_678_400).contains(seconds)) {
            let message = format!("Invalid message retention duration given: {seconds} seconds.");
            return Err(Error::invalid(message));
        }
        check_quota(self.topics.0.len(), "topics")?;
        self.numbers.topics = self.numbers.topics.wrapping_add(1);
        let number = self.numbers.topics;
        self.topics.0.push(Topic {
            name: Arc::clone(&topic),
            number,
            retention,
            kept: Default::default(),
        });
        out.tell(Fact::TopicCreated { topic });
        Ok(())
    }

    fn delete_topic(&mut self, name: &str, out: &mut Out<Pubsub>) -> Result<(), Error> {
        let at = self.topic(name)?;
        let topic = self.topics.0.remove(at);
        self.roster.delete_topic(topic.number);
        let listed = self.roster.iter();
        let names: Vec<_> = listed.map(|one| Arc::clone(&one.name)).collect();
        for name in names {
            let is_of = |one: &Subscription| one.topic == topic.name;
            if self.subscriptions.of(&name).is_some_and(is_of)
                && let Some(one) = self.subscriptions.of_mut(&name)
            {
                one.topic = DELETED_TOPIC.into();
            }
        }
        out.tell(Fact::TopicDeleted { topic: topic.name });
        Ok(())
    }

    fn publish(
        &mut self,
        now: Instant,
        topic: &str,
        messages: Vec<PubsubMessage>,
        out: &mut Out<Pubsub>,
    ) -> Result<Vec<u64>, Error> {
        let at = self.topic(topic)?;
        match messages.len() as u64 {
            0 => return Err(Error::too_small("message_count", 0, 1)),
            1..=1000 => {}
            count => return Err(Error::too_large("message_count", count, 1000)),
        }
        for message in &messages {
            message.check()?;
        }
        self.end_snapshots(now);
        self.refresh_topic(now, at, out);
        let stored = messages.into_iter();
        Ok(stored
            .filter_map(|message| self.store(now, at, message, out))
            .collect())
    }

    /// Gives a message its id, and every subscription of the topic its copy.
    pub(super) fn store(
        &mut self,
        now: Instant,
        topic: usize,
        message: PubsubMessage,
        out: &mut Out<Pubsub>,
    ) -> Option<u64> {
        self.numbers.last_message = self.numbers.last_message.saturating_add(1);
        let id = self.numbers.last_message;
        let message = Arc::new(Message::new(id, now, message));
        let (name, number, keeps) = {
            let topic = self.topics.0.get(topic)?;
            (
                Arc::clone(&topic.name),
                topic.number,
                topic.retention.is_some(),
            )
        };
        if keeps {
            self.topics.0.get_mut(topic)?.keep(now, &message);
        }
        if self.snapshots.0.iter().any(|one| one.topic == number) {
            for one in &mut self.snapshots.0 {
                if one.topic == number {
                    one.unacknowledged.insert(id, Arc::clone(&message));
                }
            }
        }
        let mut copies: u32 = 0;
        let mut filtered = Out::default();
        for at in 0..self.roster.len() {
            let listed = self.roster.get(at);
            if let Some(Listed { name, .. }) = listed.filter(|one| one.topic == Some(number)) {
                let name = Arc::clone(name);
                let took = self.with(now, &name, &mut filtered, |one, work| {
                    one.add(&message, work)
                });
                copies += u32::from(took == Some(true));
            }
        }
        out.tell(Fact::Published {
            record: message.record,
            topic: name,
            copies,
        });
        out.facts.extend(filtered.facts);
        Some(id)
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    match name.is_empty() {
        true => Err(Error::invalid(format!(
            "Invalid resource name given (name={name})."
        ))),
        false => Ok(()),
    }
}

fn check_quota(there_are: usize, what: &str) -> Result<(), Error> {
    match there_are < MAX_RESOURCES {
        true => Ok(()),
        false => Err(Error::new(
            Code::ResourceExhausted,
            format!("A project can have {MAX_RESOURCES} {what}."),
        )),
    }
}
