//! What can be asked of topics and subscriptions.
//!
//! S47. The attributes of a subscription show what is set, also if it is not in force yet: the filter
//! policy as it was set, and its scope if there is one; for HTTP and HTTPS the delivery policy that is
//! in effect. Source: SNS API reference, "GetSubscriptionAttributes". Shown by: the test
//! `the_command_line_prints_subscriptions`.
//!
//! S48. The attributes of a topic tell how many of its subscriptions are confirmed and how many are
//! not yet; of a FIFO topic also how it drops duplicates. Source: SNS API reference,
//! "GetTopicAttributes". Shown by: the test `the_command_line_prints_topics`.
//!
//! Left out: the number of deleted subscriptions is always 0, and the access policy is not shown.

use crate::sns::arn;
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::error::SnsError;
use crate::sns::subscription::{Confirmation, Format, Subscription};
use crate::sns::topic::{Kind, Overrides, ThroughputScope, Topic};
use crate::sns::topics::Topics;
use std::sync::Arc;

/// A subscription as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listed {
    /// `SubscriptionArn`, or `PendingConfirmation`.
    pub subscription: Arc<str>,
    /// `Protocol`
    pub protocol: &'static str,
    /// `Endpoint`: its ARN or URL.
    pub endpoint: Arc<str>,
    /// `TopicArn`
    pub topic: Arc<str>,
}

impl Topics {
    /// `ListSubscriptionsByTopic`
    ///
    /// # Errors
    /// There is no such topic.
    pub fn list_subscriptions_by_topic(&self, topic: &str) -> Result<Vec<Listed>, SnsError> {
        let topic = self.topic(topic).ok_or(SnsError::NoTopic)?;
        let listed = |one: &Subscription| Listed {
            subscription: match one.confirmation {
                Confirmation::Confirmed => one.arn.clone(),
                Confirmation::Pending(_) => "PendingConfirmation".into(),
            },
            protocol: one.endpoint.protocol(),
            endpoint: one.endpoint.text(),
            topic: topic.arn.clone(),
        };
        Ok(topic.subscriptions.iter().map(listed).collect())
    }

    /// `ListTopics`: their ARNs.
    pub fn list_topics(&self) -> Vec<Arc<str>> {
        self.topics().map(|topic| topic.arn.clone()).collect()
    }

    /// `GetTopicAttributes`
    ///
    /// # Errors
    /// There is no such topic.
    pub fn topic_attributes(&self, topic: &str) -> Result<Vec<(&'static str, Arc<str>)>, SnsError> {
        self.topic(topic).map(of_topic).ok_or(SnsError::NoTopic)
    }

    /// `GetSubscriptionAttributes`
    ///
    /// # Errors
    /// There is no such subscription.
    pub fn subscription_attributes(
        &self,
        subscription: &str,
    ) -> Result<Vec<(&'static str, Arc<str>)>, SnsError> {
        let found = self.subscription(subscription);
        let (topic, subscription) = found.ok_or(SnsError::NoSubscription)?;
        Ok(attributes(topic, subscription))
    }
}

fn truth(value: bool) -> Arc<str> {
    if value { "true" } else { "false" }.into()
}

fn of_topic(topic: &Topic) -> Vec<(&'static str, Arc<str>)> {
    let settings = &topic.settings;
    let is_confirmed = |one: &&Subscription| one.confirmation == Confirmation::Confirmed;
    let confirmed = topic.subscriptions.iter().filter(is_confirmed).count();
    let pending = topic.subscriptions.len() - confirmed;
    let delivery_policy = settings.delivery_policy.as_ref();
    let retries = delivery_policy.map_or(&RetryPolicy::HTTP, |policy| &policy.says.retries);
    let effective = format!(
        "{{\"http\":{{\"defaultHealthyRetryPolicy\":{},\"disableSubscriptionOverrides\":{}}}}}",
        retries.text(),
        delivery_policy.is_some_and(|policy| policy.says.overrides == Overrides::Disabled)
    );
    let mut all = vec![
        ("Owner", arn::ACCOUNT.into()),
        ("TopicArn", topic.arn.clone()),
        (
            "DisplayName",
            settings.display_name.clone().unwrap_or_default(),
        ),
        ("SubscriptionsConfirmed", confirmed.to_string().into()),
        ("SubscriptionsPending", pending.to_string().into()),
        ("SubscriptionsDeleted", "0".into()),
        ("EffectiveDeliveryPolicy", effective.into()),
    ];
    if let Some(policy) = delivery_policy {
        all.push(("DeliveryPolicy", policy.text.clone()));
    }
    if settings.kind == Kind::Fifo {
        let scope = match settings.throughput_scope {
            ThroughputScope::Topic => "Topic",
            ThroughputScope::MessageGroup => "MessageGroup",
        };
        all.push(("FifoTopic", truth(true)));
        all.push((
            "ContentBasedDeduplication",
            truth(settings.content_based_deduplication),
        ));
        all.push(("FifoThroughputScope", scope.into()));
    }
    all
}

fn attributes(topic: &Topic, of: &Subscription) -> Vec<(&'static str, Arc<str>)> {
    let is_confirmed = of.confirmation == Confirmation::Confirmed;
    let principal = format!("arn:aws:iam::{}:user/course", arn::ACCOUNT);
    let mut all = vec![
        ("SubscriptionPrincipal", principal.into()),
        ("Owner", arn::ACCOUNT.into()),
        (
            "RawMessageDelivery",
            truth(of.settings.format == Format::Raw),
        ),
        ("TopicArn", topic.arn.clone()),
        ("Endpoint", of.endpoint.text()),
        ("Protocol", of.endpoint.protocol().into()),
    ];
    if let Some(policy) = &of.settings.filter_policy {
        all.push(("FilterPolicyScope", policy.scope().name().into()));
        all.push(("FilterPolicy", policy.text().clone()));
    }
    if let Some(policy) = &of.settings.redrive_policy {
        all.push(("RedrivePolicy", policy.text.clone()));
    }
    if let Some(policy) = &of.settings.delivery_policy {
        all.push(("DeliveryPolicy", policy.text.clone()));
    }
    if of.endpoint.is_web() {
        let retries = topic.retry_policy(of).text();
        let effective = format!(
            "{{\"healthyRetryPolicy\":{retries},\"sicklyRetryPolicy\":null,\"throttlePolicy\":null,\"requestPolicy\":{{\"headerContentType\":\"text/plain; charset=UTF-8\"}},\"guaranteed\":false}}"
        );
        all.push(("EffectiveDeliveryPolicy", effective.into()));
    }
    all.push(("PendingConfirmation", truth(!is_confirmed)));
    all.push(("ConfirmationWasAuthenticated", truth(is_confirmed)));
    all.push(("SubscriptionArn", of.arn.clone()));
    all
}
