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
        self.end_snapshots(now);
        if self.snapshots.at(&snapshot).is_some() {
            return Err(Error::already_exists(&snapshot));
        }
        let number = self.known(now, subscription, out)?;
        let Some(one) = self.subscriptions.of(subscription) else {
            return Err(Error::not_found(subscription));
        };
        let Some(topic) = self.roster.numbered(number).and_then(|one| one.topic) else {
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
        let number = self.known(now, name, out)?;
        if self.subscriptions.of(name).is_some_and(|one| one.detached) {
            return Err(Error::detached(name));
        }
        let topic = self.roster.numbered(number).and_then(|one| one.topic);
        match to {
            SeekTarget::Time(ms) => {
                let to = Instant(ms.saturating_mul(1000));
                let topics = self.topics.0.iter();
                let mut of_it = topics.filter(|one| Some(one.number) == topic);
                let kept = of_it.next().map(|topic| topic.kept_since(now, to));
                self.with(now, name, out, |one, work| {
                    one.seek_to_time(to, kept.unwrap_or_default(), work);
                });
            }
            SeekTarget::Snapshot(snapshot) => {
                self.end_snapshots(now);
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
                self.with(now, name, out, |one, work| {
                    one.seek_to_snapshot(&unacknowledged, work);
                });
            }
        }
        Ok(())
    }

    /// Forgets the snapshots whose time is over.
    pub(super) fn end_snapshots(&mut self, now: Instant) {
        if self.snapshots.0.iter().any(|one| one.expires <= now) {
            self.snapshots.0.retain(|one| one.expires > now);
        }
    }
}
