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
                self.pullable(now, &subscription, out)?;
                if max_messages == 0 {
                    return Err(Error::too_small("max_messages", 0, 1));
                }
                self.with(now, &subscription, out, |one, work| {
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
                self.pullable(now, &subscription, out)?;
                if !(10..=600).contains(&seconds) {
                    let message = format!(
                        "Invalid ack deadline given (ack_deadline={seconds}). The ack deadline must be between 10 and 600 seconds."
                    );
                    return Err(Error::invalid(message));
                }
                self.with(now, &subscription, out, |one, work| {
                    one.open_stream(from, seconds, messages, bytes, work.out);
                });
                return Ok(None);
            }
            Request::CloseStream { subscription } => {
                self.known(now, &subscription, out)?;
                self.with(now, &subscription, out, |one, work| {
                    one.close_stream(from, work.out)
                });
            }
            Request::Acknowledge {
                subscription,
                ack_ids,
            } => {
                self.settles(now, &subscription, &ack_ids, out)?;
                let invalid = self.with(now, &subscription, out, |one, work| {
                    one.acknowledge(&ack_ids, work)
                });
                refuse(invalid)?;
            }
            Request::ModifyAckDeadline {
                subscription,
                ack_ids,
                ack_deadline_seconds: seconds,
            } => {
                self.settles(now, &subscription, &ack_ids, out)?;
                if seconds > 600 {
                    let message = format!(
                        "Invalid ack deadline given (ack_deadline={seconds}). The ack deadline must be between 0 and 600 seconds."
                    );
                    return Err(Error::invalid(message));
                }
                let invalid = self.with(now, &subscription, out, |one, work| {
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
                self.refresh(now, &subscription, out);
                self.with(now, &subscription, out, |one, work| {
                    if one.check_ids(&[ack_id]).is_ok() {
                        one.push_answered(ack_id, status, work);
                    }
                });
                return Ok(None);
            }
            _ => {}
        }
        done
    }

    /// Checks that a subscription can be pulled from; it is used now.
    pub(super) fn pullable(
        &mut self,
        now: Instant,
        name: &str,
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        self.known(now, name, out)?;
        let Some(one) = self.subscriptions.of_mut(name) else {
            return Err(Error::not_found(name));
        };
        if one.detached {
            return Err(Error::detached(name));
        }
        if one.settings.push_endpoint.is_some() {
            return Err(Error::not_pull());
        }
        one.used(now);
        Ok(())
    }

    /// Checks that a subscription gave out these ids; it is used now.
    pub(super) fn settles(
        &mut self,
        now: Instant,
        name: &str,
        ids: &[AckId],
        out: &mut Out<Pubsub>,
    ) -> Result<(), Error> {
        self.known(now, name, out)?;
        let Some(one) = self.subscriptions.of_mut(name) else {
            return Err(Error::not_found(name));
        };
        one.check_ids(ids)?;
        // Only where the subscription does not have the message is it asked whether there is such an id.
        let is_made_up = |id: &&AckId| {
            id.message == 0 || (!one.has(id.message) && id.message > self.numbers.last_message)
        };
        if let Some(id) = ids.iter().find(is_made_up) {
            return Err(Error::no_ack_id(*id));
        }
        one.used(now);
        Ok(())
    }
}

fn refuse(invalid: Option<Vec<AckId>>) -> Result<(), Error> {
    match invalid {
        Some(ids) if !ids.is_empty() => Err(Error::expired_ack_ids(ids)),
        _ => Ok(()),
    }
}
