//! All topics of an account, and what is on its way from them.
//!
//! S40. Deleting a topic deletes its subscriptions; what is on its way to them is dropped. Deleting a
//! topic, or unsubscribing a subscription, that does not exist is no error. Source: SNS API reference,
//! "DeleteTopic", "Unsubscribe". Shown by: the test `deleting_twice_is_no_error`.

use crate::sns::arn;
pub use crate::sns::delivering::Due;
use crate::sns::error::SnsError;
use crate::sns::fact::Fact;
use crate::sns::outbox::Outbox;
pub use crate::sns::publishing::{BatchPublished, Published};
pub use crate::sns::subscribing::Subscribed;
use crate::sns::subscription::Subscription;
use crate::sns::topic::{self, Topic};
use crate::visit::{Visit, Visitor};
use explore::seed::uuid;
use explore::slot::Slot;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Seeds of the ids that the service makes at random.
const SUBSCRIPTIONS: u64 = 1;
const TOKENS: u64 = 2;
const MESSAGES: u64 = 3;

crate::settings! {
    /// Of the account: what the service decides by itself.
    pub struct Account {
        /// How many seconds a changed filter policy takes to be in force; the service promises no more
        /// than 15 minutes.
        "FilterPolicyDelaySeconds" filter_policy_delay: u32 = 0, 0..=900;
    }
}

/// Topics and their subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Catalogue {
    /// By ARN.
    topics: BTreeMap<Arc<str>, Topic>,
    /// How many subscriptions there have been.
    subscriptions: u64,
    /// How many messages there have been.
    messages: u64,
}

impl Visit for Catalogue {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for topic in self.topics.values_mut() {
            topic.visit(visitor);
        }
    }
}

/// The topics of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Topics {
    account: Account,
    pub(super) catalogue: Slot<Catalogue>,
    pub(super) outbox: Slot<Outbox>,
    pub(super) attendants: Slot<super::server::Attendants>,
}

impl Topics {
    /// An account without topics.
    pub fn new(account: Account) -> Topics {
        Topics {
            account,
            ..Topics::default()
        }
    }

    /// What is set for the account.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// `CreateTopic`: gives the ARN.
    ///
    /// # Errors
    /// The name or an attribute is not right, or there is such a topic with other attributes.
    pub fn create_topic(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        facts: &mut Vec<Fact>,
    ) -> Result<Arc<str>, SnsError> {
        let mut settings = topic::Settings::default();
        for (name, value) in attributes {
            settings.set(name, value)?;
        }
        topic::check_name(name, settings.kind)?;
        let arn = arn::topic(name);
        if let Some(there) = self.catalogue.topics.get(&arn) {
            let mut same = there.settings.clone();
            for (name, value) in attributes {
                same.set(name, value)?;
            }
            return match same == there.settings {
                true => Ok(arn),
                false => Err(SnsError::TopicExists),
            };
        }
        let topic = Topic {
            arn: arn.clone(),
            name: name.into(),
            settings,
            subscriptions: Vec::new(),
            deduplication: Default::default(),
            sequence: 0,
        };
        facts.push(Fact::TopicCreated {
            topic: topic.name.clone(),
        });
        self.catalogue.topics.insert(arn.clone(), topic);
        Ok(arn)
    }

    /// `DeleteTopic`
    pub fn delete_topic(&mut self, topic: &str, facts: &mut Vec<Fact>) {
        if !self.catalogue.topics.contains_key(topic) {
            return;
        }
        if let Some(topic) = self.catalogue.topics.remove(topic) {
            for subscription in &topic.subscriptions {
                self.outbox.forget(&subscription.arn);
            }
            facts.push(Fact::TopicDeleted { topic: topic.name });
        }
    }

    /// `SetTopicAttributes`
    ///
    /// # Errors
    /// There is no such topic or attribute, or it cannot be this.
    pub fn set_topic_attribute(
        &mut self,
        topic: &str,
        name: &str,
        value: &str,
    ) -> Result<(), SnsError> {
        let topic = self.topic_mut(topic)?;
        if name == "FifoTopic" {
            return Err(SnsError::TopicAttribute("AttributeName".into()));
        }
        topic.settings.set(name, value)
    }

    /// The topic with this ARN.
    pub fn topic(&self, arn: &str) -> Option<&Topic> {
        self.catalogue.topics.get(arn)
    }

    /// All topics, by their ARNs.
    pub fn topics(&self) -> impl Iterator<Item = &Topic> {
        self.catalogue.topics.values()
    }

    /// The subscription with this ARN, and its topic.
    pub fn subscription(&self, arn: &str) -> Option<(&Topic, &Subscription)> {
        let topic = self.topic(arn.rsplit_once(':')?.0)?;
        let mut subscriptions = topic.subscriptions.iter();
        Some((topic, subscriptions.find(|one| *one.arn == *arn)?))
    }

    /// The deliveries that are not done.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub(super) fn topic_mut(&mut self, arn: &str) -> Result<&mut Topic, SnsError> {
        if !self.catalogue.topics.contains_key(arn) {
            return Err(SnsError::NoTopic);
        }
        self.catalogue.topics.get_mut(arn).ok_or(SnsError::NoTopic)
    }

    /// The id of the next message.
    pub(super) fn next_message_id(&mut self) -> Arc<str> {
        self.catalogue.messages = self.catalogue.messages.saturating_add(1);
        uuid(MESSAGES, self.catalogue.messages).into()
    }

    /// The ARN of the next subscription of a topic, and the token with which it is confirmed.
    pub(super) fn next_subscription(&mut self, topic: &str) -> (Arc<str>, Arc<str>) {
        self.catalogue.subscriptions = self.catalogue.subscriptions.saturating_add(1);
        let number = self.catalogue.subscriptions;
        let arn = format!("{topic}:{}", uuid(SUBSCRIPTIONS, number));
        (arn.into(), uuid(TOKENS, number).replace('-', "").into())
    }
}
