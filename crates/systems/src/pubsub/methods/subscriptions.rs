//! The methods that make, change and delete subscriptions.

use super::{check_name, check_quota};
use crate::pubsub::roster::Listed;
use crate::pubsub::subscription::Subscription;
use crate::pubsub::{Error, Fact, Out, Pubsub, Settings};
use explore::time::Instant;
use std::sync::Arc;

impl Pubsub {
    pub(super) fn create_subscription(
        &mut self,
        now: Instant,
        name: Arc<str>,
        topic: &str,
        settings: Settings,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        check_name(&name)?;
        self.refresh(now, &name, out);
        if self.subscriptions.of(&name).is_some() {
            return Err(Error::already_exists(&name));
        }
        let at = self.topic(topic)?;
        let settings = with_defaults(settings);
        self.check(&settings)?;
        check_quota(self.roster.len(), "subscriptions")?;
        let Some(topic) = self.topics.0.get(at) else {
            return Err(Error::not_found(topic));
        };
        let (topic, of) = (Arc::clone(&topic.name), topic.number);
        self.numbers.subscriptions = self.numbers.subscriptions.wrapping_add(1);
        let number = self.numbers.subscriptions;
        out.tell(Fact::SubscriptionCreated {
            subscription: Arc::clone(&name),
            topic: Arc::clone(&topic),
        });
        self.roster.add(Listed {
            name: Arc::clone(&name),
            number,
            topic: Some(of),
        });
        let made = Subscription::new(now, name, number, topic, settings);
        self.subscriptions.add(made);
        Ok(())
    }

    pub(super) fn check(&self, settings: &Settings) -> Result<(), Error> {
        settings.check()?;
        match &settings.dead_letter_topic {
            Some(topic) => self.topic(topic).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(super) fn update_subscription(
        &mut self,
        now: Instant,
        name: &str,
        settings: Settings,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        self.known(now, name, out)?;
        let present = self.subscriptions.of(name).map(|one| one.settings.clone());
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
        self.with(now, name, out, |one, work| one.update(settings, work));
        Ok(())
    }

    /// Deletes a subscription.
    pub(in crate::pubsub) fn drop_subscription(&mut self, name: &str, out: &mut Out<Pubsub>) {
        let Some(mut gone) = self.subscriptions.remove(name) else {
            return;
        };
        self.roster.remove(gone.number);
        gone.turn_away(&Error::not_found(&gone.name), out);
        out.tell(Fact::SubscriptionDeleted {
            dropped: gone.clear(),
            subscription: gone.name,
        });
    }
}

/// An acknowledgement deadline of 0 stands for the default.
fn with_defaults(mut settings: Settings) -> Settings {
    if settings.ack_deadline_seconds == 0 {
        settings.ack_deadline_seconds = Settings::default().ack_deadline_seconds;
    }
    settings
}
