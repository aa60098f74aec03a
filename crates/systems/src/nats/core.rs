//! Core NATS: connections, subscriptions and queue groups. It keeps no message.
//!
//! # Rules
//! N3. A message goes to every subscription that matches it, one copy each, also within one client;
//! who is not subscribed at that moment misses it. Source: NATS docs, "Publish-Subscribe". Shown by:
//! nats-core-overlap.
//!
//! N4. Of the members of a queue group exactly one gets a message; each group, and each subscription
//! without a group, gets its own copy. Source: `sublist_test.go`, "TestSublistBasicQueueResults".
//! Shown by: nats-core-queue-group.
//!
//! N5. A subscription that is to end after so many messages ends with the last of them; what it has
//! got before counts. Source: NATS docs, "Client protocol", UNSUB. Shown by:
//! nats-core-auto-unsubscribe.
//!
//! N6. A request that no subscription and no stream takes is answered at once with status 503, to the
//! requester's own inbox. Source: NATS docs, "Request-Reply", no responders. Shown by:
//! nats-core-request-reply.
//!
//! N7. A client that does not read is cut off as a slow consumer when more than `max_pending` bytes
//! wait for it, or when it has taken nothing for `write_deadline`. What waited is lost. Source: NATS
//! docs, "Slow Consumers". Shown by: the test `a_client_that_does_not_read_is_cut_off`.
//!
//! Simplified: which member of a queue group gets a message is random in the real server; here it is
//! the one that has waited longest.
//!
//! Left out: accounts, permissions, headers support as an option, clusters, gateways and leaf nodes.

use super::interest::Interest;
use super::message::{From, Message, Reply, ReplyTo};
use super::{Fact, Nats, Settings};
use crate::party::{Caller, ClientId};
use crate::server::Out;
use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};
use std::collections::VecDeque;
use std::sync::Arc;

/// A connection and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Connection {
    caller: Caller,
    echo: bool,
    no_responders: bool,
    /// What the client's socket does not take, and since when; nothing while the client reads.
    stalled: Option<Stalled>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stalled {
    /// When the first of the waiting replies was written.
    since: Option<Instant>,
    bytes: u64,
    replies: VecDeque<Reply>,
}

/// Who is connected and who listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Core {
    connections: Vec<Connection>,
    interest: Interest,
}

impl Core {
    fn connection(&mut self, caller: Caller) -> &mut Connection {
        let known = self.connections.iter().position(|one| one.caller == caller);
        let at = known.unwrap_or_else(|| {
            self.connections.push(Connection {
                caller,
                echo: true,
                no_responders: true,
                stalled: None,
            });
            self.connections.len() - 1
        });
        &mut self.connections[at]
    }

    /// Takes note of a connection.
    pub(super) fn seen(&mut self, caller: Caller) {
        self.connection(caller);
    }

    /// Who listens to what.
    pub(super) const fn interest(&self) -> &Interest {
        &self.interest
    }

    /// Takes the options of a connection.
    pub(super) fn connect(&mut self, caller: Caller, echo: bool, no_responders: bool) {
        let connection = self.connection(caller);
        connection.echo = echo;
        connection.no_responders = no_responders;
    }

    /// Adds a subscription; one with the same number is replaced.
    pub(super) fn subscribe(
        &mut self,
        caller: Caller,
        sid: u32,
        subject: Arc<str>,
        queue: Option<Arc<str>>,
    ) {
        self.connection(caller);
        self.interest.add(caller, sid, subject, queue);
    }

    /// Ends a subscription, or says when it ends.
    pub(super) fn unsubscribe(&mut self, caller: Caller, sid: u32, max: Option<u64>) {
        self.interest.limit(caller, sid, max);
    }

    /// Forgets a connection and its subscriptions.
    pub(super) fn disconnect(&mut self, gone: Caller) {
        self.connections.retain(|one| one.caller != gone);
        self.interest.forget(gone);
    }

    /// Takes note that a client's socket takes bytes or does not.
    pub(super) fn socket(&mut self, caller: Caller, reads: bool, out: &mut Out<Nats>) {
        let connection = self.connection(caller);
        if !reads {
            let idle = Stalled {
                since: None,
                bytes: 0,
                replies: VecDeque::new(),
            };
            connection.stalled.get_or_insert(idle);
        } else if let Some(stalled) = connection.stalled.take() {
            for reply in stalled.replies {
                out.reply(caller, reply);
            }
        }
    }

    /// When each client that does not read is cut off.
    pub(super) fn deadlines(&self, settings: &Settings, each: &mut dyn FnMut(Instant, Caller)) {
        for one in &self.connections {
            if let Some(since) = one.stalled.as_ref().and_then(|stalled| stalled.since) {
                each(
                    since + Span::from_ms(settings.write_deadline_ms),
                    one.caller,
                );
            }
        }
    }

    /// How many bytes wait for a client.
    fn waiting(&self, caller: Caller) -> u64 {
        let found = self.connections.iter().find(|one| one.caller == caller);
        found
            .and_then(|one| one.stalled.as_ref())
            .map_or(0, |stalled| stalled.bytes)
    }

    /// Cuts off a client that reads too slowly.
    pub(super) fn cut_off(&mut self, caller: Caller, out: &mut Out<Nats>) {
        out.tell(Fact::SlowConsumer {
            client: ClientId(caller.client),
            bytes: self.waiting(caller),
        });
        self.disconnect(caller);
        out.reply(caller, Reply::Error(super::CoreError::SlowConsumer));
    }

    /// Sends a reply to a client, or keeps it while the client does not read.
    pub(super) fn send(
        &mut self,
        now: Instant,
        settings: &Settings,
        to: Caller,
        reply: Reply,
        out: &mut Out<Nats>,
    ) {
        let Some(connection) = self.connections.iter_mut().find(|one| one.caller == to) else {
            return;
        };
        let Some(stalled) = &mut connection.stalled else {
            out.reply(to, reply);
            return;
        };
        stalled.bytes = stalled.bytes.saturating_add(size(&reply));
        stalled.since.get_or_insert(now);
        stalled.replies.push_back(reply);
        if stalled.bytes > settings.max_pending {
            self.cut_off(to, out);
        }
    }

    /// Takes note that a message goes to whoever is to get it.
    fn receivers(&mut self, from: From, subject: &str) -> Vec<(Caller, u32)> {
        let silent = from.filter(|from| {
            let known = self.connections.iter().find(|one| one.caller == *from);
            known.is_some_and(|one| !one.echo)
        });
        self.interest.take(silent, subject)
    }

    /// Sends a message to whoever is subscribed to `subject`; how many that are.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn route(
        &mut self,
        now: Instant,
        settings: &Settings,
        from: From,
        subject: &str,
        message: &Message,
        reply: Option<&ReplyTo>,
        out: &mut Out<Nats>,
    ) -> u32 {
        let receivers = self.receivers(from, subject);
        for &(caller, sid) in &receivers {
            let message = Reply::Message {
                sid,
                message: message.clone(),
                reply: reply.cloned(),
            };
            self.send(now, settings, caller, message, out);
        }
        u32::try_from(receivers.len()).unwrap_or(u32::MAX)
    }

    /// Sends a status line to whoever is subscribed to `subject`.
    pub(super) fn status(
        &mut self,
        now: Instant,
        settings: &Settings,
        subject: &str,
        (code, description): (u16, &str),
        out: &mut Out<Nats>,
    ) {
        for (caller, sid) in self.receivers(None, subject) {
            let description = description.into();
            let status = Reply::Status {
                sid,
                code,
                description,
            };
            self.send(now, settings, caller, status, out);
        }
    }

    /// Tells a requester that nobody takes its request; whether it could be told.
    pub(super) fn no_responders(
        &mut self,
        now: Instant,
        settings: &Settings,
        from: Caller,
        inbox: &str,
        out: &mut Out<Nats>,
    ) -> bool {
        if !self.connection(from).no_responders {
            return false;
        }
        let Some(sid) = self.interest.own(from, inbox) else {
            return false;
        };
        let description = "No Responders".into();
        let reply = Reply::Status {
            sid,
            code: 503,
            description,
        };
        self.send(now, settings, from, reply, out);
        true
    }
}

impl Visit for Core {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        for one in &mut self.connections {
            if let Some(stalled) = &mut one.stalled {
                stalled.since.visit(visitor);
                stalled.replies.visit(visitor);
            }
            one.caller.visit(visitor);
        }
        self.interest.visit(visitor);
    }
}

/// About how many bytes a reply takes on the wire.
fn size(reply: &Reply) -> u64 {
    match reply {
        Reply::Message { message, .. } => message.size() + message.subject.len() as u64 + 16,
        Reply::Status { description, .. } => description.len() as u64 + 16,
        Reply::Api { .. } => 256,
        Reply::Error(error) => error.words().len() as u64 + 8,
    }
}
