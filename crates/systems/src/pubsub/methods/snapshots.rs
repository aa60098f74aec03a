//! The methods about snapshots and seeking.

use super::{check_name, check_quota};
use crate::pubsub::topic::{Snapshot, WEEK};
use crate::pubsub::{Code, Error, Fact, Out, Pubsub, SeekTarget};
use explore::time::{Instant, Span};
use std::sync::Arc;

impl Pubsub {
    pub(super) fn create_snapshot(
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

    pub(super) fn seek(
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
