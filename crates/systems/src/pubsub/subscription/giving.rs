//! How messages get to subscribers: pulls, streaming pulls and pushes.
//!
//! # Rules
//! P30. A pull takes at most as many messages as it names (at least 1), with the deadline of the
//! subscription. It is answered at once with what there is; where there is nothing it waits, for 90 s at most,
//! unless it asks not to. Source: Pull method. Shown by: pubsub-batch-publish, the test
//! `a_pull_waits_for_a_message`.
//!
//! P31. A streaming pull gets messages as they come, with its own deadline (10 to 600 s). Several streams, and
//! pulls, share: a message goes to one of them. Source: StreamingPull method. Shown by: pubsub-stream,
//! pubsub-stream-two-clients.
//!
//! P32. Flow control: a stream that names limits gets nothing more while it holds that many unacknowledged
//! messages or bytes. Source: StreamingPullRequest reference. Shown by: the test
//! `flow_control_holds_a_stream_back`.
//!
//! P33. What a closed stream held stays hidden until its deadline. Source: "Pull subscriptions". Shown by:
//! pubsub-stream-closes.
//!
//! Simplified: which of several streams gets a message is decided by turns. Streams are not
//! closed by the service now and then.

use super::{Holder, Standing, Stream, Subscription, WaitingPull, Work};
use crate::party::Caller;
use crate::pubsub::Pubsub;
use crate::pubsub::error::Error;
use crate::pubsub::fact::Fact;
use crate::pubsub::message::ReceivedMessage;
use crate::pubsub::request::Reply;
use crate::server::Out;
use explore::time::{Instant, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long a pull waits for a message.
const PULL_WAITS: Span = Span::from_ms(90_000);

impl Subscription {
    /// A pull: answered now, or made to wait.
    pub fn pull(&mut self, from: Caller, max: u32, at_once: bool, work: &mut Work<'_>) {
        let messages = self.take(from, max, work);
        if !messages.is_empty() || at_once {
            self.received(from, messages, work);
        } else {
            self.pulls.push_back(WaitingPull {
                caller: from,
                max_messages: max,
                until: work.now + PULL_WAITS,
            });
        }
    }

    fn received(&self, to: Caller, messages: Vec<ReceivedMessage>, work: &mut Work<'_>) {
        let subscription = Arc::clone(&self.name);
        work.out.reply(
            to,
            Reply::Received {
                subscription,
                messages,
            },
        );
    }

    /// A batch for a pull, of a key as many as there is room for.
    fn take(&mut self, from: Caller, max: u32, work: &mut Work<'_>) -> Vec<ReceivedMessage> {
        let mut messages = Vec::new();
        let mut next_of_keys = BTreeSet::new();
        while (messages.len() as u64) < u64::from(max) {
            let next = [self.ready.first(), next_of_keys.first()];
            let Some(id) = next.into_iter().flatten().min().copied() else {
                break;
            };
            next_of_keys.remove(&id);
            let seconds = self.settings.ack_deadline_seconds;
            let Some(message) = self.give(id, seconds, Holder::Pull(from), work) else {
                break;
            };
            messages.push(message);
            next_of_keys.extend(self.next_of_key(id));
        }
        messages
    }

    /// Opens a stream, or changes the deadline of the one that this connection has.
    pub fn open_stream(
        &mut self,
        from: Caller,
        seconds: u32,
        max_messages: u32,
        max_bytes: u64,
        out: &mut Out<Pubsub>,
    ) {
        let open = self.streams.iter_mut().find(|stream| stream.caller == from);
        if let Some(stream) = open {
            stream.ack_deadline_seconds = seconds;
            return;
        }
        self.streams.join(Stream {
            caller: from,
            ack_deadline_seconds: seconds,
            max_messages,
            max_bytes,
            held: 0,
            held_bytes: 0,
            next: BTreeSet::new(),
        });
        out.tell(Fact::StreamOpened {
            subscription: Arc::clone(&self.name),
        });
    }

    /// Closes the stream of this connection; what it held stays hidden.
    pub fn close_stream(&mut self, from: Caller, out: &mut Out<Pubsub>) {
        let Some(stream) = self.streams.leave(|stream| stream.caller == from) else {
            return;
        };
        self.give_up_stream(from);
        out.tell(Fact::StreamClosed {
            subscription: Arc::clone(&self.name),
            held: stream.held,
        });
    }

    /// Ends every stream and every waiting pull with an error.
    pub fn turn_away(&mut self, error: &Error, out: &mut Out<Pubsub>) {
        for stream in std::mem::take(&mut self.streams) {
            self.give_up_stream(stream.caller);
            let (subscription, error) = (Arc::clone(&self.name), error.clone());
            out.reply(
                stream.caller,
                Reply::StreamEnded {
                    subscription,
                    error,
                },
            );
        }
        for pull in std::mem::take(&mut self.pulls) {
            let error = error.clone();
            out.reply(
                pull.caller,
                Reply::Refused {
                    method: "Pull",
                    error,
                },
            );
        }
    }

    /// Whether the connection means anything to the subscription.
    pub fn knows(&self, caller: Caller) -> bool {
        self.streams.iter().any(|stream| stream.caller == caller)
            || self.pulls.iter().any(|pull| pull.caller == caller)
            || self.pushed_to(caller).next().is_some()
    }

    fn pushed_to(&self, caller: Caller) -> impl Iterator<Item = u64> + '_ {
        let is_there = move |(_, id): &(Instant, u64)| {
            matches!(
                self.entries.get(*id).map(|entry| entry.standing),
                Some(Standing::InFlight { holder: Holder::Endpoint(to), .. }) if to == caller
            )
        };
        self.in_flight.iter().filter(is_there).map(|(_, id)| id)
    }

    /// The connection is gone: its stream is closed, its pulls are forgotten, what was pushed to it failed.
    pub fn hang_up(&mut self, gone: Caller, work: &mut Work<'_>) {
        self.close_stream(gone, work.out);
        self.pulls.retain(|pull| pull.caller != gone);
        let mut pushed: Vec<u64> = self.pushed_to(gone).collect();
        pushed.sort_unstable();
        for id in pushed {
            self.push_failed(id, None, work);
        }
    }

    /// Whether something could be given to somebody now.
    pub fn has_work(&self, now: Instant) -> bool {
        if self.settings.push_endpoint.is_some() {
            return !self.ready.is_empty() && self.can_push(now);
        }
        if !self.ready.is_empty() && !self.pulls.is_empty() {
            return true;
        }
        let is_served = |stream: &Stream| {
            stream.has_room() && (!self.ready.is_empty() || !stream.next.is_empty())
        };
        self.streams.iter().any(is_served)
    }

    /// Gives out what can be given.
    pub fn give_out(&mut self, work: &mut Work<'_>) {
        match self.settings.push_endpoint.clone() {
            Some(endpoint) => self.push(&endpoint, work),
            None => {
                self.answer_pulls(work);
                self.fill_streams(work);
            }
        }
    }

    fn answer_pulls(&mut self, work: &mut Work<'_>) {
        while !self.ready.is_empty() {
            let Some(pull) = self.pulls.pop_front() else {
                break;
            };
            let messages = self.take(pull.caller, pull.max_messages, work);
            self.received(pull.caller, messages, work);
        }
    }

    fn fill_streams(&mut self, work: &mut Work<'_>) {
        let mut batches: Vec<(Caller, Vec<ReceivedMessage>)> = Vec::new();
        loop {
            let first = self.ready.first().copied();
            let next = self.streams.serve(|stream| {
                let ids = [first, stream.next.first().copied()];
                let id = ids.into_iter().flatten().min();
                id.filter(|_| stream.has_room())
            });
            let Some((stream, id)) = next else {
                break;
            };
            let (caller, seconds) = (stream.caller, stream.ack_deadline_seconds);
            let Some(message) = self.give(id, seconds, Holder::Stream(caller), work) else {
                break;
            };
            match batches.iter_mut().find(|(to, _)| *to == caller) {
                Some((_, batch)) => batch.push(message),
                None => batches.push((caller, vec![message])),
            }
        }
        for (to, messages) in batches {
            let subscription = Arc::clone(&self.name);
            work.out.reply(
                to,
                Reply::Streamed {
                    subscription,
                    messages,
                },
            );
        }
    }

    /// A deadline has passed.
    pub fn exceed(&mut self, id: u64, work: &mut Work<'_>) {
        let Some(entry) = self.entries.get(id) else {
            return;
        };
        work.out.tell(Fact::DeadlineExceeded {
            record: entry.message.record,
            subscription: Arc::clone(&self.name),
        });
        match entry.standing {
            Standing::InFlight {
                holder: Holder::Endpoint(_),
                ..
            } => {
                self.push_failed(id, None, work);
            }
            _ => self.fail(id, work),
        }
    }

    /// A pull has waited long enough.
    pub fn end_pull(&mut self, caller: Caller, until: Instant, work: &mut Work<'_>) {
        let is_it = |pull: &WaitingPull| pull.caller == caller && pull.until == until;
        if let Some(at) = self.pulls.iter().position(is_it) {
            self.pulls.remove(at);
            self.received(caller, Vec::new(), work);
        }
    }
}
