//! Topics: what is published goes to every subscription whose filter policy takes it.
//!
//! S16. A topic whose name ends in `.fifo` is a FIFO topic, and only with the attribute `FifoTopic`;
//! which of the two a topic is never changes. Source: SNS API reference, "CreateTopic". Shown by: the
//! test `a_fifo_topic_is_called_so`.
//!
//! S17. Creating a topic that exists gives it again, and is refused if it has other attributes.
//! Source: SNS API reference, "CreateTopic". Shown by: the test `creating_again_gives_the_same_topic`.
//!
//! S18. The subscriptions of a topic have at most 200 filter policies. Source: SNS developer guide,
//! "Filter policy constraints". Shown by: the test `a_topic_has_200_filter_policies_at_most`.
//!
//! Left out: tags, access policies, encryption, data protection, delivery status logging; they
//! are refused as unknown attributes. Sequence numbers of FIFO topics are counted per topic.

use crate::sns::deduplication::{Deduplication, WINDOW};
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::error::SnsError;
use crate::sns::subscription::{Endpoint, Policy, Subscription};
use crate::visit::{Visit, Visitor};
use serde_json::Value;
use std::sync::Arc;

/// How many filter policies the subscriptions of a topic can have.
pub const MOST_FILTER_POLICIES: usize = 200;

/// Whether a topic keeps order and drops duplicates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It does neither.
    #[default]
    Standard,
    /// It does both.
    Fifo,
}

/// `FifoThroughputScope`: where a deduplication id counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThroughputScope {
    /// In the whole topic.
    #[default]
    Topic,
    /// In its message group.
    MessageGroup,
}

/// The attributes of a topic that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// `FifoTopic`
    pub kind: Kind,
    /// `ContentBasedDeduplication`
    pub content_based_deduplication: bool,
    /// `FifoThroughputScope`
    pub throughput_scope: ThroughputScope,
    /// `DisplayName`
    pub display_name: Option<Arc<str>>,
    /// `DeliveryPolicy`: how often a failed delivery to HTTP and HTTPS endpoints is tried again.
    pub delivery_policy: Option<Policy<HttpPolicy>>,
}

/// What a topic's delivery policy says of HTTP and HTTPS endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpPolicy {
    /// `defaultHealthyRetryPolicy`
    pub retries: RetryPolicy,
    /// `disableSubscriptionOverrides`: whether subscriptions can have their own policy.
    pub overrides: Overrides,
}

/// Whether a subscription's own delivery policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Overrides {
    /// It does.
    Allowed,
    /// It does not.
    Disabled,
}

impl Settings {
    /// Sets one attribute.
    ///
    /// # Errors
    /// There is no such attribute, or it cannot be this.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SnsError> {
        let invalid =
            || SnsError::TopicAttribute(format!("{name}: Invalid value [{value}].").into());
        let truth = || match value.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(invalid()),
        };
        match name {
            "FifoTopic" => {
                self.kind = if truth()? { Kind::Fifo } else { Kind::Standard };
            }
            "ContentBasedDeduplication" => self.content_based_deduplication = truth()?,
            "FifoThroughputScope" => {
                self.throughput_scope = match value {
                    "Topic" => ThroughputScope::Topic,
                    "MessageGroup" => ThroughputScope::MessageGroup,
                    _ => return Err(invalid()),
                };
            }
            "DisplayName" => self.display_name = (!value.is_empty()).then(|| value.into()),
            "DeliveryPolicy" if value.is_empty() => self.delivery_policy = None,
            "DeliveryPolicy" => {
                let policy: Value = serde_json::from_str(value).map_err(|_| invalid())?;
                let http = &policy["http"];
                let retries = match &http["defaultHealthyRetryPolicy"] {
                    Value::Null => RetryPolicy::HTTP,
                    retries => RetryPolicy::read(retries).map_err(|reason| {
                        SnsError::TopicAttribute(format!("DeliveryPolicy: {reason}").into())
                    })?,
                };
                let overrides = match http["disableSubscriptionOverrides"] {
                    Value::Bool(true) => Overrides::Disabled,
                    _ => Overrides::Allowed,
                };
                self.delivery_policy = Some(Policy {
                    text: value.into(),
                    says: HttpPolicy { retries, overrides },
                });
            }
            _ => return Err(SnsError::TopicAttribute("AttributeName".into())),
        }
        Ok(())
    }
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// Its ARN.
    pub arn: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What is set.
    pub settings: Settings,
    /// Its subscriptions, in the order in which they were made.
    pub subscriptions: Vec<Subscription>,
    /// What a FIFO topic remembers of the last five minutes.
    pub deduplication: Deduplication,
    /// How many messages have been published to a FIFO topic.
    pub sequence: u64,
}

impl Topic {
    /// The next sequence number: twenty digits that only grow.
    pub fn next_sequence_number(&mut self) -> Arc<str> {
        self.sequence = self.sequence.saturating_add(1);
        format!("1{:019}", u128::from(self.sequence) * 1000).into()
    }

    /// How often a failed delivery of a subscription is tried again.
    pub fn retry_policy(&self, subscription: &Subscription) -> RetryPolicy {
        if !subscription.endpoint.is_web() {
            return RetryPolicy::AWS_MANAGED;
        }
        let of_topic = self.settings.delivery_policy.as_ref();
        let of_subscription = subscription.settings.delivery_policy.as_ref();
        let own = of_subscription.and_then(|policy| policy.says.as_ref());
        match (of_topic.map(|policy| &policy.says), own) {
            (Some(topic), Some(_)) if topic.overrides == Overrides::Disabled => {
                topic.retries.clone()
            }
            (_, Some(own)) => own.clone(),
            (Some(topic), None) => topic.retries.clone(),
            (None, None) => RetryPolicy::HTTP,
        }
    }

    /// Whether there can be one more filter policy.
    ///
    /// # Errors
    /// There are as many as there can be.
    pub fn admits_filter_policy(&self) -> Result<(), SnsError> {
        let has_one = |one: &&Subscription| one.settings.filter_policy.is_some();
        let with = self.subscriptions.iter().filter(has_one);
        match with.take(MOST_FILTER_POLICIES).count() {
            MOST_FILTER_POLICIES => Err(SnsError::FilterPolicyLimit),
            _ => Ok(()),
        }
    }

    /// Whether an endpoint can be subscribed.
    ///
    /// # Errors
    /// It goes with the other kind of topic only.
    pub fn admits(&self, endpoint: &Endpoint) -> Result<(), SnsError> {
        match self.settings.kind {
            Kind::Standard if endpoint.is_fifo() => Err(SnsError::FifoQueueOfStandardTopic),
            Kind::Fifo if !matches!(endpoint, Endpoint::Sqs(_)) => {
                Err(SnsError::FifoProtocol(endpoint.protocol().into()))
            }
            _ => Ok(()),
        }
    }
}

impl Visit for Topic {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.subscriptions.visit(visitor);
        self.deduplication.visit_in(WINDOW, visitor);
    }
}

/// Checks what a topic is to be called.
///
/// # Errors
/// It cannot be called so.
pub fn check_name(name: &str, kind: Kind) -> Result<(), SnsError> {
    let (stem, refused) = match kind {
        Kind::Standard => (Some(name), SnsError::TopicName),
        Kind::Fifo => (name.strip_suffix(".fifo"), SnsError::FifoTopicName),
    };
    let is_plain = |stem: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        !stem.is_empty() && stem.bytes().all(is_letter)
    };
    match stem {
        Some(stem) if is_plain(stem) && name.len() <= 256 => Ok(()),
        _ => Err(refused),
    }
}
