//! Topics, subscriptions, snapshots and endpoints: made, changed, told.

use super::{Answer, OPERATOR, Session, seconds};
use crate::pubsub::ops::{Declared, Fields, Given};
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::pubsub::{Description, Error, Reply, Request, Settings};

impl Session {
    pub(super) fn declare(&mut self, declared: Declared) -> Result<Answer, Refusal> {
        Ok(match declared {
            Declared::Topic { name, retention_ms } => {
                let message_retention_duration = retention_ms.map(seconds).transpose()?;
                self.done(Request::CreateTopic {
                    topic: name.into(),
                    message_retention_duration,
                })
            }
            Declared::Subscription {
                name,
                topic,
                ack_deadline_ms,
                ordering,
                filter,
                dead_letter,
                retention_ms,
                retain_acked,
                exactly_once,
                push,
                retry,
            } => {
                let fields = Fields {
                    ack_deadline_ms,
                    ordering,
                    filter,
                    dead_letter,
                    retention_ms,
                    retain_acked,
                    exactly_once,
                    push,
                    retry,
                };
                let settings = settings(fields, Settings::default())?;
                self.done(Request::CreateSubscription {
                    subscription: name.into(),
                    topic: topic.into(),
                    settings: Box::new(settings),
                })
            }
            Declared::Snapshot { name, subscription } => self.done(Request::CreateSnapshot {
                snapshot: name.into(),
                subscription: subscription.into(),
            }),
            Declared::Endpoint { name, answers } => {
                let caller = self.connect(&name, answers)?;
                let endpoint = name.into();
                self.ask(caller, Request::Serve { endpoint })
                    .map(|_| json!({}))
            }
        })
    }

    pub(super) fn alter(&mut self, subscription: &str, fields: Fields) -> Result<Answer, Refusal> {
        let present = match self.describe_subscription(subscription) {
            Ok(present) => present,
            Err(error) => return Ok(Err(error)),
        };
        let settings = settings(fields, present.settings)?;
        Ok(self.done(Request::UpdateSubscription {
            subscription: subscription.into(),
            settings: Box::new(settings),
        }))
    }

    pub(super) fn describe_subscription(&mut self, name: &str) -> Result<Description, Error> {
        let subscription = name.into();
        match self.ask(OPERATOR, Request::GetSubscription { subscription })? {
            Some(Reply::Subscription(description)) => Ok(*description),
            _ => Err(Error::not_found(name)),
        }
    }

    pub(super) fn describe(&mut self, kind: &str, name: &str) -> Result<Answer, Refusal> {
        match kind {
            "topic" => {
                let topic = name.into();
                let reply = self.ask(OPERATOR, Request::ListTopicSubscriptions { topic });
                Ok(reply.map(|reply| match reply {
                    Some(Reply::Subscriptions(names)) => {
                        let names = names.iter().map(|name| Value::from(&**name));
                        json!({"subscriptions": names.collect::<Vec<_>>()})
                    }
                    _ => json!({}),
                }))
            }
            "subscription" => Ok(self.describe_subscription(name).map(|one| {
                let settings = &one.settings;
                let mut told = json!({
                    "topic": &*one.topic,
                    "ack_deadline_ms": u64::from(settings.ack_deadline_seconds) * 1000,
                    "retention_ms": u64::from(settings.message_retention_duration) * 1000,
                });
                if settings.enable_message_ordering {
                    told["ordering"] = true.into();
                }
                if let Some(filter) = &settings.filter {
                    told["filter"] = (**filter).into();
                }
                if let Some(topic) = &settings.dead_letter_topic {
                    let max_attempts = settings.max_delivery_attempts;
                    told["dead_letter"] = json!({"topic": &**topic, "max_attempts": max_attempts});
                }
                if settings.retain_acked_messages {
                    told["retain_acked"] = true.into();
                }
                if settings.enable_exactly_once_delivery {
                    told["exactly_once"] = true.into();
                }
                told
            })),
            other => Err(Refusal::unknown("kind", other, &["topic", "subscription"])),
        }
    }
}

fn settings(fields: Fields, present: Settings) -> Result<Settings, Refusal> {
    let in_seconds = |given: Option<u64>, present: u32| match given {
        Some(ms) => seconds(ms),
        None => Ok(present),
    };
    let mut settings = Settings {
        ack_deadline_seconds: in_seconds(fields.ack_deadline_ms, present.ack_deadline_seconds)?,
        message_retention_duration: in_seconds(
            fields.retention_ms,
            present.message_retention_duration,
        )?,
        retain_acked_messages: fields.retain_acked.unwrap_or(present.retain_acked_messages),
        enable_message_ordering: fields.ordering.unwrap_or(present.enable_message_ordering),
        enable_exactly_once_delivery: fields
            .exactly_once
            .unwrap_or(present.enable_exactly_once_delivery),
        filter: fields
            .filter
            .or(present.filter.as_deref().map(str::to_owned))
            .map(Into::into),
        push_endpoint: fields
            .push
            .or(present.push_endpoint.as_deref().map(str::to_owned))
            .filter(|endpoint| !endpoint.is_empty())
            .map(Into::into),
        ..present
    };
    match fields.dead_letter {
        Given::LeftOut => {}
        Given::Null => settings.dead_letter_topic = None,
        Given::Value(policy) => {
            settings.dead_letter_topic = Some(policy.topic.into());
            settings.max_delivery_attempts = policy.max_attempts;
        }
    }
    match fields.retry {
        Given::LeftOut => {}
        Given::Null => settings.minimum_backoff = None,
        Given::Value(policy) => {
            settings.minimum_backoff = Some(seconds(policy.min_ms)?);
            settings.maximum_backoff = seconds(policy.max_ms)?;
        }
    }
    Ok(settings)
}
