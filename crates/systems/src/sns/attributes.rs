//! What can be asked of subscriptions.
//!
//! S47. The attributes of a subscription show what is set, also if it is not in force yet: the filter
//! policy as it was set, and its scope if there is one; for HTTP and HTTPS the delivery policy that is
//! in effect. Source: SNS API reference, "GetSubscriptionAttributes". Shown by: the test
//! `the_command_line_prints_subscriptions`.

use crate::sns::arn;
use crate::sns::error::SnsError;
use crate::sns::subscription::{Confirmation, Format, Subscription};
use crate::sns::topic::Topic;
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

fn attributes(topic: &Topic, of: &Subscription) -> Vec<(&'static str, Arc<str>)> {
    let truth = |value: bool| -> Arc<str> { if value { "true" } else { "false" }.into() };
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
