//! What each method does.

use super::error::{Code, Error};
use super::fact::Fact;
use super::message::{Message, PubsubMessage};
use super::request::{Reply, Request, SeekTarget};
use super::settings::Settings;
use super::subscription::Subscription;
use super::topic::{Snapshot, Topic, WEEK};
use super::{Out, Pubsub};
use crate::party::Caller;
use explore::time::{Instant, Span};
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
                let number = self.topics.0.get(at).map(|topic| topic.number);
                let of_it = self.subscriptions.0.iter();
                let of_it = of_it.filter(|one| number.is_some_and(|number| one.is_of(number)));
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
                let one = self.subscriptions.0.get(self.subscription(&subscription)?);
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
                let at = self.subscription(&subscription)?;
                let present = self.subscriptions.0.get(at).map(|one| one.settings.clone());
                let settings = Settings {
                    push_endpoint,
                    ..present.unwrap_or_default()
                };
                self.update_subscription(now, &subscription, settings, out)?;
            }
            Request::DeleteSubscription { subscription } => {
                let at = self.subscription(&subscription)?;
                self.drop_subscription(at, out);
            }
            Request::DetachSubscription { subscription } => {
                let at = self.subscription(&subscription)?;
                if let Some(one) = self.subscriptions.0.get_mut(at) {
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
                let at = self.snapshots.at(&snapshot);
                let at = at.ok_or_else(|| Error::not_found(&snapshot))?;
                self.snapshots.0.remove(at);
                out.tell(Fact::SnapshotDeleted { snapshot });
            }
            Request::Seek { subscription, to } => self.seek(now, &subscription, to, out)?,
        }
        done
    }

    /// The methods by which messages are given out and settled.
    fn deliver(
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
            Request::Pull {
                subscription,
                max_messages,
                return_immediately,
            } => {
                let at = self.pullable(now, &subscription)?;
                if max_messages == 0 {
                    return Err(Error::invalid("max_messages must be greater than zero."));
                }
                self.with(now, at, out, |one, work| {
                    one.pull(from, max_messages, return_immediately, work);
                });
                return Ok(None);
            }
            Request::StreamingPull {
                subscription,
                stream_ack_deadline_seconds: seconds,
                max_outstanding_messages: messages,
                max_outstanding_bytes: bytes,
            } => {
                let at = self.pullable(now, &subscription)?;
                if !(10..=600).contains(&seconds) {
                    let message = format!("Invalid stream ack deadline given: {seconds} seconds.");
                    return Err(Error::invalid(message));
                }
                self.with(now, at, out, |one, work| {
                    one.open_stream(from, seconds, messages, bytes, work.out);
                });
                return Ok(None);
            }
            Request::CloseStream { subscription } => {
                let at = self.subscription(&subscription)?;
                self.with(now, at, out, |one, work| one.close_stream(from, work.out));
            }
            Request::Acknowledge {
                subscription,
                ack_ids,
            } => {
                let at = self.settles(now, &subscription, &ack_ids)?;
                let invalid = self.with(now, at, out, |one, work| one.acknowledge(&ack_ids, work));
                refuse(invalid)?;
            }
            Request::ModifyAckDeadline {
                subscription,
                ack_ids,
                ack_deadline_seconds: seconds,
            } => {
                let at = self.settles(now, &subscription, &ack_ids)?;
                if seconds > 600 {
                    let message = format!("Invalid ack deadline given: {seconds} seconds.");
                    return Err(Error::invalid(message));
                }
                let invalid = self.with(now, at, out, |one, work| {
                    one.modify(&ack_ids, seconds, from, work)
                });
                refuse(invalid)?;
            }
            Request::Serve { endpoint } => {
                self.endpoints.0.retain(|(name, _)| *name != endpoint);
                self.endpoints.0.push((endpoint, from));
            }
            Request::PushAnswer {
                subscription,
                ack_id,
                status,
            } => {
                // An answer is no request: nobody answers it, whatever became of the subscription.
                if let Some(at) = self.subscriptions.at(&subscription) {
                    self.with(now, at, out, |one, work| {
                        if one.check_ids(&[ack_id]).is_ok() {
                            one.push_answered(ack_id, status, work);
                        }
                    });
                }
                return Ok(None);
            }
            _ => {}
        }
        done
    }

    fn topic(&self, name: &str) -> Result<usize, Error> {
        self.topics.at(name).ok_or_else(|| Error::not_found(name))
    }

    fn subscription(&self, name: &str) -> Result<usize, Error> {
        let at = self.subscriptions.at(name);
        at.ok_or_else(|| Error::not_found(name))
    }

    /// A subscription that can be pulled from; it is used now.
    fn pullable(&mut self, now: Instant, name: &str) -> Result<usize, Error> {
        let at = self.subscription(name)?;
        let Some(one) = self.subscriptions.0.get_mut(at) else {
            return Err(Error::not_found(name));
        };
        if one.detached {
            return Err(Error::detached(name));
        }
        if one.settings.push_endpoint.is_some() {
            return Err(Error::not_pull());
        }
        one.used(now);
        Ok(at)
    }

    /// A subscription that gave out these ids; it is used now.
    fn settles(&mut self, now: Instant, name: &str, ids: &[super::AckId]) -> Result<usize, Error> {
        let at = self.subscription(name)?;
        let last = self.numbers.last_message;
        if let Some(one) = self.subscriptions.0.get_mut(at) {
            one.check_ids(ids)?;
            if let Some(id) = ids.iter().find(|id| id.message == 0 || id.message > last) {
                return Err(Error::no_ack_id(*id));
            }
            one.used(now);
        }
        Ok(at)
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
        for one in &mut self.subscriptions.0 {
            if one.topic_number == Some(topic.number) {
                one.topic_number = None;
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
        if messages.is_empty() || messages.len() > 1000 {
            return Err(Error::invalid(
                "The value for message_count is invalid: a publish request has 1 to 1000 messages.",
            ));
        }
        for message in &messages {
            message.check()?;
        }
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
        for at in 0..self.subscriptions.0.len() {
            if self
                .subscriptions
                .0
                .get(at)
                .is_some_and(|one| one.is_of(number))
            {
                let took = self.with(now, at, &mut filtered, |one, work| one.add(&message, work));
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

    fn create_subscription(
        &mut self,
        now: Instant,
        name: Arc<str>,
        topic: &str,
        settings: Settings,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        check_name(&name)?;
        if self.subscriptions.at(&name).is_some() {
            return Err(Error::already_exists(&name));
        }
        let at = self.topic(topic)?;
        let settings = with_defaults(settings);
        self.check(&settings)?;
        check_quota(self.subscriptions.0.len(), "subscriptions")?;
        let Some(topic) = self.topics.0.get(at) else {
            return Err(Error::not_found(topic));
        };
        let topic = (Arc::clone(&topic.name), topic.number);
        self.numbers.subscriptions = self.numbers.subscriptions.wrapping_add(1);
        let number = self.numbers.subscriptions;
        out.tell(Fact::SubscriptionCreated {
            subscription: Arc::clone(&name),
            topic: Arc::clone(&topic.0),
        });
        let made = Subscription::new(now, name, number, topic, settings);
        self.subscriptions.0.push(made);
        Ok(())
    }

    fn check(&self, settings: &Settings) -> Result<(), Error> {
        settings.check()?;
        match &settings.dead_letter_topic {
            Some(topic) => self.topic(topic).map(|_| ()),
            None => Ok(()),
        }
    }

    fn update_subscription(
        &mut self,
        now: Instant,
        name: &str,
        settings: Settings,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        let at = self.subscription(name)?;
        let present = self.subscriptions.0.get(at).map(|one| one.settings.clone());
        let present = present.unwrap_or_default();
        let settings = with_defaults(settings);
        if settings.filter != present.filter
            || settings.enable_message_ordering != present.enable_message_ordering
        {
            return Err(Error::invalid(
                "The filter and enable_message_ordering of a subscription cannot be updated.",
            ));
        }
        settings.check()?;
        if settings.dead_letter_topic != present.dead_letter_topic {
            self.check(&settings)?;
        }
        let Some(one) = self.subscriptions.0.get_mut(at) else {
            return Ok(());
        };
        if settings.push_endpoint != present.push_endpoint {
            one.forget_backoff();
            if settings.push_endpoint.is_some() {
                one.turn_away(&Error::not_pull(), out);
            }
        }
        one.settings = settings;
        one.used(now);
        Ok(())
    }

    /// Deletes a subscription.
    pub(super) fn drop_subscription(&mut self, at: usize, out: &mut Out<Pubsub>) {
        let mut gone = self.subscriptions.0.remove(at);
        gone.turn_away(&Error::not_found(&gone.name), out);
        out.tell(Fact::SubscriptionDeleted {
            dropped: gone.clear(),
            subscription: gone.name,
        });
    }

    fn create_snapshot(
        &mut self,
        now: Instant,
        snapshot: Arc<str>,
        subscription: &str,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        check_name(&snapshot)?;
        if self.snapshots.at(&snapshot).is_some() {
            return Err(Error::already_exists(&snapshot));
        }
        let at = self.subscription(subscription)?;
        let Some(one) = self.subscriptions.0.get(at) else {
            return Err(Error::not_found(subscription));
        };
        let Some(topic) = one.topic_number.filter(|_| !one.detached) else {
            return Err(Error::new(
                Code::FailedPrecondition,
                "A snapshot needs a subscription that is attached to a topic.",
            ));
        };
        let unacknowledged = one.unacknowledged_messages();
        let oldest = unacknowledged.values().next();
        let age = oldest.map_or(Span(0), |message| now.since(message.publish_time));
        if age.0.saturating_add(Span::from_ms(3_600_000).0) > WEEK.0 {
            return Err(Error::new(
                Code::FailedPrecondition,
                "The snapshot would expire in less than an hour: the oldest unacknowledged message is too old.",
            ));
        }
        check_quota(self.snapshots.0.len(), "snapshots")?;
        out.tell(Fact::SnapshotCreated {
            snapshot: Arc::clone(&snapshot),
            subscription: Arc::clone(&one.name),
            unacknowledged: unacknowledged.len() as u64,
        });
        self.snapshots.0.push(Snapshot {
            name: snapshot,
            topic,
            unacknowledged,
            expires: now + Span(WEEK.0.saturating_sub(age.0)),
        });
        Ok(())
    }

    fn seek(
        &mut self,
        now: Instant,
        name: &str,
        to: SeekTarget,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        let at = self.subscription(name)?;
        let (is_detached, topic) = match self.subscriptions.0.get(at) {
            Some(one) => (one.detached, one.topic_number),
            None => return Err(Error::not_found(name)),
        };
        if is_detached {
            return Err(Error::detached(name));
        }
        match to {
            SeekTarget::Time(ms) => {
                let to = Instant(ms.saturating_mul(1000));
                let topics = self.topics.0.iter();
                let mut of_it = topics.filter(|one| Some(one.number) == topic);
                let kept = of_it.next().map(|topic| topic.kept_since(now, to));
                self.with(now, at, out, |one, work| {
                    one.seek_to_time(to, kept.unwrap_or_default(), work);
                });
            }
            SeekTarget::Snapshot(snapshot) => {
                let snapshot_at = self.snapshots.at(&snapshot);
                let found = snapshot_at.and_then(|at| self.snapshots.0.get(at));
                let found = found.ok_or_else(|| Error::not_found(&snapshot))?;
                if Some(found.topic) != topic {
                    return Err(Error::new(
                        Code::FailedPrecondition,
                        "The snapshot and the subscription are of different topics.",
                    ));
                }
                let unacknowledged = found.unacknowledged.clone();
                self.with(now, at, out, |one, work| {
                    one.seek_to_snapshot(&unacknowledged, work);
                });
            }
        }
        Ok(())
    }
}

fn refuse(invalid: Option<Vec<super::AckId>>) -> Result<(), Error> {
    match invalid {
        Some(ids) if !ids.is_empty() => Err(Error::expired_ack_ids(ids)),
        _ => Ok(()),
    }
}

/// An acknowledgement deadline of 0 stands for the default.
fn with_defaults(mut settings: Settings) -> Settings {
    if settings.ack_deadline_seconds == 0 {
        settings.ack_deadline_seconds = Settings::default().ack_deadline_seconds;
    }
    settings
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
