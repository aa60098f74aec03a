//! The settings of a subscription, with their bounds.
//!
//! # Rules
//! P7. The acknowledgement deadline is 10 s by default (also where 0 is named) and 10 to 600 s; a subscription keeps
//! unacknowledged messages for 7 days by default and for 10 minutes to 31 days; a dead-letter policy has 5
//! to 100 attempts; the back-offs of a retry policy are 0 to 600 s; a subscription expires after 31 idle
//! days by default, after 1 day or more, or never. Source: Subscription reference, "Subscription
//! properties". Shown by:
//! pubsub-bounds, the test `settings_out_of_bounds_are_refused`.
//!
//! P8. The filter and the ordering of a subscription cannot change; everything else can. A changed
//! acknowledgement deadline holds for later deliveries, not for what is in flight. Exactly-once delivery is
//! for pull subscriptions only. Source: Subscription reference, "Exactly-once delivery". Shown by:
//! pubsub-alter-deadline, the test `filter_and_ordering_cannot_change`.
//!
//! P9. The dead-letter topic must exist when the policy is set. Source: "Dead-letter topics". Shown by:
//! pubsub-bounds (its dead-letter steps), the test `a_dead_letter_topic_must_exist_when_the_policy_is_set`.

use super::error::{Code, Error};
use super::filter::Filter;
use std::sync::Arc;

crate::settings! {
    /// Of a subscription.
    pub struct Settings {
        /// How many seconds a subscriber has to acknowledge a message before it comes again.
        "ackDeadlineSeconds" ack_deadline_seconds: u32 = 10, 10..=600;
        /// How many seconds unacknowledged messages are kept, counted from publishing: 10 minutes to
        /// 31 days.
        "messageRetentionDuration" message_retention_duration: u32 = 604_800, 600..=2_678_400;
        /// Whether acknowledged messages are kept as long, so that a seek can bring them back.
        "retainAckedMessages" retain_acked_messages: bool = false;
        /// Whether messages of one ordering key come in publish order.
        "enableMessageOrdering" enable_message_ordering: bool = false;
        /// Whether an acknowledged message is sure not to come again, and acknowledgements are confirmed.
        "enableExactlyOnceDelivery" enable_exactly_once_delivery: bool = false;
        /// Which messages the subscription takes; nothing takes all.
        "filter" filter: Option<Arc<str>> = None;
        /// Where messages go that were not acknowledged in all their attempts; nothing tries for ever.
        "deadLetterPolicy.deadLetterTopic" dead_letter_topic: Option<Arc<str>> = None;
        /// How many attempts a message has before it goes to the dead-letter topic.
        "deadLetterPolicy.maxDeliveryAttempts" max_delivery_attempts: u32 = 5, 5..=100;
        /// How many seconds the first redelivery waits; nothing redelivers at once.
        "retryPolicy.minimumBackoff" minimum_backoff: Option<u32> = None;
        /// How many seconds a redelivery waits at most.
        "retryPolicy.maximumBackoff" maximum_backoff: u32 = 600, 0..=600;
        /// The endpoint that messages are pushed to; nothing for a pull subscription.
        "pushConfig.pushEndpoint" push_endpoint: Option<Arc<str>> = None;
        /// After how many idle seconds the subscription is deleted; nothing keeps it for ever.
        "expirationPolicy.ttl" expiration_ttl: Option<u32> = Some(2_678_400);
    }
}

impl Settings {
    /// Whether a subscription can have these.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, or `OUT_OF_RANGE` for the number of attempts.
    pub fn check(&self) -> Result<(), Error> {
        let outside = |what: &str, value: u32| {
            Err(Error::invalid(format!(
                "Invalid {what} given ({value} seconds)."
            )))
        };
        let ack_deadline = self.ack_deadline_seconds;
        if !(10..=600).contains(&ack_deadline) {
            return Err(Error::invalid(format!(
                "Invalid ack deadline given (ack_deadline={ack_deadline}). The ack deadline must be between 10 and 600 seconds."
            )));
        }
        if !(600..=2_678_400).contains(&self.message_retention_duration) {
            return outside(
                "message retention duration",
                self.message_retention_duration,
            );
        }
        if let Some(ttl) = self.expiration_ttl.filter(|ttl| *ttl < 86_400) {
            return outside("expiration policy ttl", ttl);
        }
        let maximum = self.maximum_backoff;
        if let Some(minimum) = self
            .minimum_backoff
            .filter(|minimum| *minimum > maximum.min(600))
        {
            return outside("minimum backoff", minimum);
        }
        if self.minimum_backoff.is_some() && maximum > 600 {
            return outside("maximum backoff", maximum);
        }
        if self.dead_letter_topic.is_some() && !(5..=100).contains(&self.max_delivery_attempts) {
            let message = format!(
                "Invalid max delivery attempts given: {} is not within 5 and 100.",
                self.max_delivery_attempts
            );
            return Err(Error::new(Code::OutOfRange, message));
        }
        if self.push_endpoint.is_some() && self.enable_exactly_once_delivery {
            return Err(Error::invalid(
                "Exactly-once delivery is not supported for push subscriptions.",
            ));
        }
        self.read_filter().map(|_| ())
    }

    /// The filter, read.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: it cannot be read.
    pub fn read_filter(&self) -> Result<Option<Filter>, Error> {
        let filter = self.filter.as_deref().filter(|text| !text.is_empty());
        filter.map(Filter::read).transpose()
    }
}
