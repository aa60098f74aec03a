//! Subscriptions of a topic: which endpoint gets its messages, which of them, and in which form.
//!
//! S19. A queue or function of the same account is subscribed at once; an HTTP or HTTPS endpoint gets
//! a message with a token first, and gets notifications only after the token has come back with
//! `ConfirmSubscription`. Source: SNS developer guide, "Subscribe an HTTP/S endpoint". Shown by: the
//! test `an_http_endpoint_must_confirm`.
//!
//! S20. Subscribing an endpoint again gives the same subscription if its attributes are the same,
//! and is refused otherwise. Source: the recorded answers of the service in LocalStack's suite. Shown
//! by: the test `subscribing_again_gives_the_same_subscription`.
//!
//! S21. A FIFO queue cannot be subscribed to a standard topic, and a FIFO topic takes queues only,
//! FIFO ones and standard ones. Source: SNS developer guide, "Message delivery for FIFO topics". Shown
//! by: the test `what_can_be_subscribed_to_which_topic`.
//!
//! S22. Raw delivery is for queues and HTTP and HTTPS endpoints. Source: SNS developer guide, "Raw
//! message delivery". Shown by: the test `a_function_has_no_raw_delivery`.
//!
//! S23. A filter policy that is set later, or changed, takes up to 15 minutes to be in force; the
//! attributes show it at once. How long it takes here is the setting `FilterPolicyDelaySeconds`, by
//! default 0. Source: SNS developer guide, "Subscription filter policies". Shown by: the test
//! `a_filter_policy_takes_its_time`.
//!
//! S24. An empty filter policy (`{}` or nothing) removes the one that was set. Source: SNS developer
//! guide, "Removing a subscription filter policy". Shown by: the test
//! `an_empty_filter_policy_removes_it`.
//!
//! S25. A FIFO queue on a FIFO topic has a FIFO queue as its dead-letter queue. Source: SNS
//! developer guide, "Amazon SNS dead-letter queues". Shown by: the test
//! `a_fifo_queue_has_a_fifo_dead_letter_queue`.
//!
//! Left out: the protocols email, email-json, sms, application and firehose; replay policies and
//! archives; subscriptions across accounts; a subscription that is not confirmed does not go away.

use crate::sns::arn;
use crate::sns::delivery_policy::RetryPolicy;
use crate::sns::error::{Call, SnsError};
use crate::sns::filter_policy::{FilterPolicy, Scope};
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use serde_json::Value;
use std::sync::Arc;

/// Where a subscription's messages go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// A queue of Amazon SQS, by name.
    Sqs(Arc<str>),
    /// A function of AWS Lambda, by name.
    Lambda(Arc<str>),
    /// An HTTP endpoint, by its URL.
    Http(Arc<str>),
    /// An HTTPS endpoint, by its URL.
    Https(Arc<str>),
}

impl Endpoint {
    /// The endpoint that a request names.
    ///
    /// # Errors
    /// There is no such protocol, or the endpoint is none of it.
    pub fn parse(protocol: &str, endpoint: &str) -> Result<Endpoint, SnsError> {
        match protocol {
            "sqs" => arn::queue_name(endpoint)
                .map(|name| Endpoint::Sqs(name.into()))
                .ok_or(SnsError::QueueArn),
            "lambda" => arn::function_name(endpoint)
                .map(|name| Endpoint::Lambda(name.into()))
                .ok_or(SnsError::FunctionArn),
            "http" if endpoint.starts_with("http://") => Ok(Endpoint::Http(endpoint.into())),
            "https" if endpoint.starts_with("https://") => Ok(Endpoint::Https(endpoint.into())),
            "http" | "https" => Err(SnsError::Endpoint),
            other => Err(SnsError::Protocol(other.into())),
        }
    }

    /// Its protocol.
    pub const fn protocol(&self) -> &'static str {
        match self {
            Endpoint::Sqs(_) => "sqs",
            Endpoint::Lambda(_) => "lambda",
            Endpoint::Http(_) => "http",
            Endpoint::Https(_) => "https",
        }
    }

    /// Its ARN or URL.
    pub fn text(&self) -> Arc<str> {
        match self {
            Endpoint::Sqs(name) => arn::queue(name),
            Endpoint::Lambda(name) => arn::function(name),
            Endpoint::Http(url) | Endpoint::Https(url) => url.clone(),
        }
    }

    /// The name of its queue or function, or its URL.
    pub const fn name(&self) -> &Arc<str> {
        match self {
            Endpoint::Sqs(name)
            | Endpoint::Lambda(name)
            | Endpoint::Http(name)
            | Endpoint::Https(name) => name,
        }
    }

    /// Whether it is reached over HTTP or HTTPS.
    pub const fn is_web(&self) -> bool {
        matches!(self, Endpoint::Http(_) | Endpoint::Https(_))
    }

    /// Whether it is a FIFO queue.
    pub fn is_fifo(&self) -> bool {
        matches!(self, Endpoint::Sqs(name) if name.ends_with(".fifo"))
    }
}

/// In which form a message is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// A JSON object with the message in it.
    #[default]
    Envelope,
    /// The message as it was published.
    Raw,
}

/// Whether the endpoint has agreed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// It has.
    Confirmed,
    /// Not yet; it has been sent this token.
    Pending(Arc<str>),
}

/// A policy as it was set, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy<T> {
    /// The text.
    pub text: Arc<str>,
    /// What it says.
    pub says: T,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subscription {
    /// Its ARN.
    pub arn: Arc<str>,
    /// Where the messages go.
    pub endpoint: Endpoint,
    /// Whether the endpoint has agreed.
    pub confirmation: Confirmation,
    /// What is set.
    pub settings: Settings,
    /// The filter policies from which instant on, oldest first.
    in_force: Vec<(Instant, Option<FilterPolicy>)>,
}

/// The attributes of a subscription that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// `FilterPolicy`
    pub filter_policy: Option<FilterPolicy>,
    /// `FilterPolicyScope`
    pub filter_policy_scope: Scope,
    /// `RawMessageDelivery`
    pub format: Format,
    /// `RedrivePolicy`: the name of the dead-letter queue.
    pub redrive_policy: Option<Policy<Arc<str>>>,
    /// `DeliveryPolicy`: how often a failed delivery is tried again. None if its text does not say.
    pub delivery_policy: Option<Policy<Option<RetryPolicy>>>,
}

/// What a subscription is of, as far as its attributes depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// Whether the topic is a FIFO topic.
    pub is_fifo_topic: bool,
    /// The request that sets them.
    pub call: Call,
}

impl Settings {
    /// Sets one attribute.
    ///
    /// # Errors
    /// There is no such attribute, or it cannot be this.
    pub fn set(&mut self, of: Context<'_>, name: &str, value: &str) -> Result<(), SnsError> {
        let call = of.call;
        match name {
            "FilterPolicy" => {
                self.filter_policy = filter_policy(value, self.filter_policy_scope)
                    .map_err(|reason| SnsError::FilterPolicy(call, reason))?;
            }
            "FilterPolicyScope" => {
                let scope = Scope::named(value)
                    .ok_or_else(|| SnsError::FilterPolicyScope(call, value.into()))?;
                if let Some(policy) = &self.filter_policy {
                    self.filter_policy = filter_policy(policy.text(), scope)
                        .map_err(|reason| SnsError::FilterPolicy(call, reason))?;
                }
                self.filter_policy_scope = scope;
            }
            "RawMessageDelivery" => {
                let format = match value.to_ascii_lowercase().as_str() {
                    "true" => Format::Raw,
                    "false" => Format::Envelope,
                    _ => return Err(SnsError::RawMessageDelivery(call, value.into())),
                };
                if format == Format::Raw && matches!(of.endpoint, Endpoint::Lambda(_)) {
                    return Err(SnsError::RawProtocol(call, of.endpoint.protocol().into()));
                }
                self.format = format;
            }
            "RedrivePolicy" => self.redrive_policy = redrive_policy(of, value)?,
            "DeliveryPolicy" => {
                let refused = |reason: Arc<str>| SnsError::DeliveryPolicy(call, reason);
                self.delivery_policy = delivery_policy(of, value).map_err(refused)?;
            }
            _ => return Err(SnsError::AttributeName(call)),
        }
        Ok(())
    }

    /// Reads the attributes of `Subscribe`, in whichever order they are given.
    ///
    /// # Errors
    /// One of them cannot be set.
    pub fn read(of: Context<'_>, attributes: &[(&str, &str)]) -> Result<Settings, SnsError> {
        let mut settings = Settings::default();
        let is_scope = |(name, _): &&(&str, &str)| *name == "FilterPolicyScope";
        let first = attributes.iter().filter(is_scope);
        let rest = attributes.iter().filter(|attribute| !is_scope(attribute));
        for (name, value) in first.chain(rest) {
            settings.set(of, name, value)?;
        }
        Ok(settings)
    }
}

/// A filter policy, unless it is empty.
fn filter_policy(
    text: &str,
    scope: Scope,
) -> Result<Option<FilterPolicy>, crate::sns::filter_policy::error::PolicyError> {
    if text.is_empty() {
        return Ok(None);
    }
    let policy = FilterPolicy::parse(text, scope)?;
    let is_empty = matches!(serde_json::from_str(text), Ok(Value::Object(keys)) if keys.is_empty());
    Ok((!is_empty).then_some(policy))
}

fn redrive_policy(of: Context<'_>, text: &str) -> Result<Option<Policy<Arc<str>>>, SnsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let policy: Value =
        serde_json::from_str(text).map_err(|_| SnsError::RedrivePolicyJson(of.call))?;
    let queue = policy["deadLetterTargetArn"]
        .as_str()
        .and_then(arn::queue_name);
    let queue = queue.ok_or(SnsError::RedrivePolicyArn(of.call))?;
    if of.is_fifo_topic && of.endpoint.is_fifo() && !queue.ends_with(".fifo") {
        return Err(SnsError::RedrivePolicyFifo(of.call));
    }
    Ok(Some(Policy {
        text: text.into(),
        says: queue.into(),
    }))
}

fn delivery_policy(
    of: Context<'_>,
    text: &str,
) -> Result<Option<Policy<Option<RetryPolicy>>>, Arc<str>> {
    if text.is_empty() {
        return Ok(None);
    }
    if !of.endpoint.is_web() {
        return Err("Delivery policy can be set only for HTTP/S subscriptions".into());
    }
    let policy: Value = serde_json::from_str(text).map_err(|_| "failed to parse JSON.")?;
    let retries = match &policy["healthyRetryPolicy"] {
        Value::Null => None,
        retries => Some(RetryPolicy::read(retries)?),
    };
    Ok(Some(Policy {
        text: text.into(),
        says: retries,
    }))
}

impl Subscription {
    /// A subscription with these attributes, from now on.
    pub fn new(
        now: Instant,
        arn: Arc<str>,
        endpoint: Endpoint,
        confirmation: Confirmation,
        settings: Settings,
    ) -> Subscription {
        Subscription {
            arn,
            endpoint,
            confirmation,
            in_force: vec![(now, settings.filter_policy.clone())],
            settings,
        }
    }

    /// Takes other attributes. A changed filter policy is in force after a delay.
    pub fn change(&mut self, now: Instant, settings: Settings, filter_delay: Span) {
        if settings.filter_policy != self.settings.filter_policy {
            while self.in_force.get(1).is_some_and(|(since, _)| *since <= now) {
                self.in_force.remove(0);
            }
            self.in_force
                .push((now + filter_delay, settings.filter_policy.clone()));
        }
        self.settings = settings;
    }

    /// The filter policy that is in force.
    pub fn filter_policy(&self, now: Instant) -> Option<&FilterPolicy> {
        let in_force = self.in_force.iter().rev().find(|(since, _)| *since <= now);
        in_force.and_then(|(_, policy)| policy.as_ref())
    }
}

impl Visit for Subscription {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for (since, _) in &mut self.in_force {
            since.visit(visitor);
        }
    }
}
