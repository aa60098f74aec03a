//! Subscribing, confirming, changing and unsubscribing.
//!
//! Simplified: a question for confirmation that is not answered is not asked again.

use crate::sns::delivering::first;
use crate::sns::delivery::{Delivery, Parcel, Purpose};
use crate::sns::envelope;
use crate::sns::error::{Call, SnsError};
use crate::sns::fact::Fact;
use crate::sns::subscription::{Confirmation, Context, Endpoint, Settings, Subscription};
use crate::sns::topic::Kind;
use crate::sns::topics::Topics;
use explore::time::{Instant, Span};
use std::sync::Arc;

/// What came of `Subscribe`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    /// The ARN of the subscription.
    pub arn: Arc<str>,
    /// `SubscriptionArn` as the caller is told: the ARN, or `pending confirmation`.
    pub told: Arc<str>,
    /// The question to an endpoint that must confirm.
    pub deliveries: Vec<Delivery>,
}

impl Topics {
    /// `Subscribe`, with `ReturnSubscriptionArn` left out.
    ///
    /// # Errors
    /// There is no such topic, the endpoint does not go with it, or an attribute is not right.
    pub fn subscribe(
        &mut self,
        now: Instant,
        topic: &str,
        protocol: &str,
        endpoint: &str,
        attributes: &[(&str, &str)],
        facts: &mut Vec<Fact>,
    ) -> Result<Subscribed, SnsError> {
        let of = self.topic(topic).ok_or(SnsError::NoTopic)?;
        let endpoint = Endpoint::parse(protocol, endpoint)?;
        of.admits(&endpoint)?;
        let context = Context {
            endpoint: &endpoint,
            is_fifo_topic: of.settings.kind == Kind::Fifo,
            call: Call::Subscribe,
        };
        let settings = Settings::read(context, attributes)?;
        let told = |arn: &Arc<str>, confirmation: &Confirmation| match confirmation {
            Confirmation::Confirmed => arn.clone(),
            Confirmation::Pending(_) => "pending confirmation".into(),
        };
        if let Some(there) = of.subscriptions.iter().find(|one| one.endpoint == endpoint) {
            let mut same = there.settings.clone();
            for (name, value) in attributes {
                same.set(context, name, value)?;
            }
            if same != there.settings {
                return Err(SnsError::SubscriptionExists);
            }
            return Ok(Subscribed {
                arn: there.arn.clone(),
                told: told(&there.arn, &there.confirmation),
                deliveries: Vec::new(),
            });
        }
        if settings.filter_policy.is_some() {
            of.admits_filter_policy()?;
        }
        let (name, of_topic) = (of.name.clone(), of.arn.clone());
        let (arn, token) = self.next_subscription(topic);
        let mut deliveries = Vec::new();
        let confirmation = if endpoint.is_web() {
            let message_id: Arc<str> = self.next_message_id();
            let parcel = Parcel {
                body: envelope::confirmation(now, &message_id, topic, &token),
                message_id,
                attributes: Default::default(),
                group: None,
                deduplication_id: None,
                record: None,
            };
            facts.push(Fact::ConfirmationAsked {
                topic: name,
                endpoint: endpoint.name().clone(),
            });
            let purpose = Purpose::SubscriptionConfirmation;
            let delivery = first(&of_topic, &arn, endpoint.clone(), purpose, parcel);
            deliveries.extend(self.send(now, delivery, None, facts));
            Confirmation::Pending(token)
        } else {
            facts.push(Fact::Subscribed {
                topic: name,
                endpoint: endpoint.name().clone(),
            });
            Confirmation::Confirmed
        };
        let told = told(&arn, &confirmation);
        let subscription = Subscription::new(now, arn.clone(), endpoint, confirmation, settings);
        self.topic_mut(topic)?.subscriptions.push(subscription);
        Ok(Subscribed {
            arn,
            told,
            deliveries,
        })
    }

    /// `ConfirmSubscription`: gives the ARN of the subscription.
    ///
    /// # Errors
    /// There is no such topic, or the token is none of its subscriptions'.
    pub fn confirm_subscription(
        &mut self,
        topic: &str,
        token: &str,
        facts: &mut Vec<Fact>,
    ) -> Result<Arc<str>, SnsError> {
        let topic = self.topic_mut(topic)?;
        let is_asked = |one: &&mut Subscription| match &one.confirmation {
            Confirmation::Pending(asked) => **asked == *token,
            Confirmation::Confirmed => false,
        };
        let subscription = topic.subscriptions.iter_mut().find(is_asked);
        let subscription = subscription.ok_or(SnsError::Token)?;
        subscription.confirmation = Confirmation::Confirmed;
        facts.push(Fact::Subscribed {
            topic: topic.name.clone(),
            endpoint: subscription.endpoint.name().clone(),
        });
        Ok(subscription.arn.clone())
    }

    /// `Unsubscribe`
    pub fn unsubscribe(&mut self, subscription: &str, facts: &mut Vec<Fact>) {
        let Some((topic, there)) = self.subscription(subscription) else {
            return;
        };
        facts.push(Fact::Unsubscribed {
            topic: topic.name.clone(),
            endpoint: there.endpoint.name().clone(),
        });
        let topic = topic.arn.clone();
        if let Ok(topic) = self.topic_mut(&topic) {
            topic.subscriptions.retain(|one| *one.arn != *subscription);
        }
        self.outbox.forget(subscription);
    }

    /// `SetSubscriptionAttributes`
    ///
    /// # Errors
    /// There is no such subscription or attribute, or it cannot be this.
    pub fn set_subscription_attribute(
        &mut self,
        now: Instant,
        subscription: &str,
        name: &str,
        value: &str,
        facts: &mut Vec<Fact>,
    ) -> Result<(), SnsError> {
        let (topic, there) = self
            .subscription(subscription)
            .ok_or(SnsError::NoSubscription)?;
        let context = Context {
            endpoint: &there.endpoint,
            is_fifo_topic: topic.settings.kind == Kind::Fifo,
            call: Call::SetAttributes,
        };
        let mut settings = there.settings.clone();
        settings.set(context, name, value)?;
        if settings.filter_policy.is_some() && there.settings.filter_policy.is_none() {
            topic.admits_filter_policy()?;
        }
        facts.push(Fact::AttributeSet {
            endpoint: there.endpoint.name().clone(),
            attribute: name.into(),
        });
        let delay = Span::from_ms(u64::from(self.account().filter_policy_delay) * 1000);
        let topic = topic.arn.clone();
        for one in &mut self.topic_mut(&topic)?.subscriptions {
            if *one.arn == *subscription {
                one.change(now, settings, delay);
                break;
            }
        }
        Ok(())
    }
}
