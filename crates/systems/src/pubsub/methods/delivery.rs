//! The methods by which messages are given out and settled.

use super::Answer;
use crate::party::Caller;
use crate::pubsub::{AckId, Error, Out, Pubsub, Reply, Request};
use explore::time::Instant;

impl Pubsub {
    /// The methods by which messages are given out and settled.
    pub(super) fn deliver(
        &mut self,
        now: Instant,
        from: Caller,
        request: Request,
        out: &mut Out<Pubsub>,
    ) -> Answer {
        let done = Ok(Some(Reply::Done {
            method: request.method(),
        }));
        match request {
            Request::Pull {
                subscription,
                max_messages,
                return_immediately,
            } => {
                let at = self.pullable(now, &subscription)?;
                if max_messages == 0 {
                    return Err(Error::too_small("max_messages", 0, 1));
                }
                self.with(now, at, out, |one, work| {
                    one.pull(from, max_messages, return_immediately, work);
                });
                return Ok(None);
            }
            Request::StreamingPull {
                subscription,
                stream_ack_deadline_seconds: seconds,
                max_outstanding_messages: messages,
                max_outstanding_bytes: bytes,
            } => {
                let at = self.pullable(now, &subscription)?;
                if !(10..=600).contains(&seconds) {
                    let message = format!(
                        "Invalid ack deadline given (ack_deadline={seconds}). The ack deadline must be between 10 and 600 seconds."
                    );
                    return Err(Error::invalid(message));
                }
                self.with(now, at, out, |one, work| {
                    one.open_stream(from, seconds, messages, bytes, work.out);
                });
                return Ok(None);
            }
            Request::CloseStream { subscription } => {
                let at = self.subscription(&subscription)?;
                self.with(now, at, out, |one, work| one.close_stream(from, work.out));
            }
            Request::Acknowledge {
                subscription,
                ack_ids,
            } => {
                let at = self.settles(now, &subscription, &ack_ids)?;
                let invalid = self.with(now, at, out, |one, work| one.acknowledge(&ack_ids, work));
                refuse(invalid)?;
            }
            Request::ModifyAckDeadline {
                subscription,
                ack_ids,
                ack_deadline_seconds: seconds,
            } => {
                let at = self.settles(now, &subscription, &ack_ids)?;
                if seconds > 600 {
                    let message = format!(
                        "Invalid ack deadline given (ack_deadline={seconds}). The ack deadline must be between 0 and 600 seconds."
                    );
                    return Err(Error::invalid(message));
                }
                let invalid = self.with(now, at, out, |one, work| {
                    one.modify(&ack_ids, seconds, from, work)
                });
                refuse(invalid)?;
            }
            Request::Serve { endpoint } => {
                self.endpoints.0.retain(|(name, _)| *name != endpoint);
                self.endpoints.0.push((endpoint, from));
            }
            Request::PushAnswer {
                subscription,
                ack_id,
                status,
            } => {
                // An answer is no request: nobody answers it, whatever became of the subscription.
                if let Some(at) = self.subscriptions.at(&subscription) {
                    self.with(now, at, out, |one, work| {
                        if one.check_ids(&[ack_id]).is_ok() {
                            one.push_answered(ack_id, status, work);
                        }
                    });
                }
                return Ok(None);
            }
            _ => {}
        }
        done
    }

    /// A subscription that can be pulled from; it is used now.
    pub(super) fn pullable(&mut self, now: Instant, name: &str) -> Result<usize, Error> {
        let at = self.subscription(name)?;
        let Some(one) = self.subscriptions.0.get_mut(at) else {
            return Err(Error::not_found(name));
        };
        if one.detached {
            return Err(Error::detached(name));
        }
        if one.settings.push_endpoint.is_some() {
            return Err(Error::not_pull());
        }
        one.used(now);
        Ok(at)
    }

    /// A subscription that gave out these ids; it is used now.
    pub(super) fn settles(
        &mut self,
        now: Instant,
        name: &str,
        ids: &[AckId],
    ) -> Result<usize, Error> {
        let at = self.subscription(name)?;
        let last = self.numbers.last_message;
        if let Some(one) = self.subscriptions.0.get_mut(at) {
            one.check_ids(ids)?;
            if let Some(id) = ids.iter().find(|id| id.message == 0 || id.message > last) {
                return Err(Error::no_ack_id(*id));
            }
            one.used(now);
        }
        Ok(at)
    }
}

fn refuse(invalid: Option<Vec<AckId>>) -> Result<(), Error> {
    match invalid {
        Some(ids) if !ids.is_empty() => Err(Error::expired_ack_ids(ids)),
        _ => Ok(()),
    }
}
