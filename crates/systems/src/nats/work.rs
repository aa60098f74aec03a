//! What the server does with what is published: subscribers, streams, copies.
//!
//! # Rules
//! N27. A stored message is published again under the subject that `republish` gives it, with its
//! stream, sequence and the last sequence of its subject as headers. Source: NATS docs, "RePublish".
//! Shown by: the test `a_stored_message_is_republished`.
//!
//! Left out: what a push consumer delivers and what is published again is not stored by other
//! streams.

use super::core::Core;
use super::error::ApiError;
use super::message::{From, Message, ReplyTo};
use super::signals::Signals;
use super::stream::{Republish, Retention, Stream};
use super::{Fact, Nats, Settings, subject};
use crate::deduplication::Key;
use crate::party::Caller;
use crate::row::Row;
use crate::server::Out;
use explore::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One step of the server.
pub(super) struct Work<'a> {
    pub(super) now: Instant,
    pub(super) settings: &'a Settings,
    pub(super) core: &'a mut Core,
    pub(super) streams: &'a mut BTreeMap<Arc<str>, Stream>,
    pub(super) out: &'a mut Out<Nats>,
    /// Consumers that may have something to deliver now: stream and name.
    pub(super) signals: Signals,
}

impl Work<'_> {
    /// Sends a message to subscribers only; how many got it.
    pub(super) fn route(
        &mut self,
        from: From,
        subject: &str,
        message: &Message,
        reply: Option<&ReplyTo>,
    ) -> u32 {
        let (now, settings) = (self.now, self.settings);
        self.core
            .route(now, settings, from, subject, message, reply, self.out)
    }

    /// Sends a status line to an inbox.
    pub(super) fn status(&mut self, consumer: &Arc<str>, inbox: &str, code: u16, words: &str) {
        self.out.tell(Fact::PullEnded {
            consumer: consumer.clone(),
            status: code,
        });
        let (now, settings) = (self.now, self.settings);
        self.core
            .status(now, settings, inbox, (code, words), self.out);
    }

    /// Tells a requester that nobody takes its request.
    pub(super) fn no_responders(&mut self, from: Caller, subject: &str, inbox: &str) {
        let (now, settings) = (self.now, self.settings);
        if self
            .core
            .no_responders(now, settings, from, inbox, self.out)
        {
            self.out.tell(Fact::NoResponders {
                record: None,
                subject: subject.into(),
            });
        }
    }

    /// Publishes a message: subscribers get it, and the streams that take its subject store it.
    pub(super) fn publish(&mut self, from: From, message: Message, reply: Option<Arc<str>>) {
        let subject = message.subject.clone();
        let taking = self
            .streams
            .values()
            .filter(|one| one.config.takes(&subject));
        let taking: Vec<Arc<str>> = taking.map(|one| one.config.name.clone()).collect();
        let to = reply.clone().map(ReplyTo::Subject);
        let receivers = self.route(from, &subject, &message, to.as_ref());
        let record = message.record;
        if receivers > 0 {
            let subject = subject.clone();
            self.out.tell(Fact::Routed {
                record,
                subject,
                receivers,
            });
        } else if taking.is_empty() && from.is_some() {
            match (from, &reply) {
                (Some(from), Some(inbox)) => self.no_responders(from, &subject, inbox),
                _ => self.out.tell(Fact::Unheard { record, subject }),
            }
        }
        for name in taking {
            let answer = self.admit(&name, message.clone());
            if let Some(reply) = &reply {
                let body = match answer {
                    Ok((seq, true)) => {
                        serde_json::json!({"stream": &*name, "seq": seq, "duplicate": true})
                    }
                    Ok((seq, false)) => serde_json::json!({"stream": &*name, "seq": seq}),
                    Err(error) => {
                        serde_json::json!({"error": error.json(), "stream": &*name, "seq": 0})
                    }
                };
                self.route(None, reply, &Message::new(reply, &body.to_string()), None);
            }
        }
    }

    /// Stores a published message, if the stream takes it: its sequence, and whether it is a
    /// duplicate of the message stored under that.
    pub(super) fn admit(
        &mut self,
        name: &Arc<str>,
        message: Message,
    ) -> Result<(u64, bool), ApiError> {
        let record = message.record;
        let admitted = self.try_admit(name, message);
        match &admitted {
            Err(error) => self.out.tell(Fact::Refused {
                record,
                stream: name.clone(),
                err_code: error.parts().1,
            }),
            Ok((seq, true)) => self.out.tell(Fact::Duplicate {
                record,
                stream: name.clone(),
                seq: *seq,
            }),
            Ok((_, false)) => {}
        }
        admitted
    }

    fn try_admit(&mut self, name: &Arc<str>, message: Message) -> Result<(u64, bool), ApiError> {
        let now = self.now;
        let is_copied = self.has_copies(name);
        let stream = self.streams.get_mut(name).ok_or(ApiError::StreamNotFound)?;
        if stream.config.sealed {
            return Err(ApiError::Sealed);
        }
        let number = |text: &str| text.parse::<u64>().ok();
        if message
            .header("Nats-Expected-Stream")
            .is_some_and(|want| *want != **name)
        {
            return Err(ApiError::StreamNotMatch);
        }
        let id: Option<Arc<str>> = message
            .header("Nats-Msg-Id")
            .filter(|id| !id.is_empty())
            .map(Into::into);
        let window = stream.config.duplicate_window.unwrap_or(Span(0));
        let key = id.clone().map(|id| Key::new(None, id));
        if let Some(key) = &key
            && let Some(seq) = stream.ids.first(now, window, key)
        {
            return Ok((*seq, true));
        }
        let expected = message
            .header("Nats-Expected-Last-Subject-Sequence")
            .and_then(number);
        if let Some(expected) = expected {
            let last = stream.log.on(&message.subject).and_then(Row::last);
            if last.unwrap_or(0) != expected {
                return Err(ApiError::WrongLastSequence(last.unwrap_or(0)));
            }
        }
        let expected = message
            .header("Nats-Expected-Last-Sequence")
            .and_then(number);
        if expected.is_some_and(|expected| expected != stream.log.last()) {
            return Err(ApiError::WrongLastSequence(stream.log.last()));
        }
        if let Some(want) = message.header("Nats-Expected-Last-Msg-Id")
            && !want.is_empty()
            && *want != *stream.last_id
        {
            return Err(ApiError::WrongLastMsgId(stream.last_id.clone()));
        }
        let rollup = match message.header("Nats-Rollup") {
            None | Some("") => None,
            Some(_) if !stream.config.allow_rollup || stream.config.deny_purge => {
                return Err(ApiError::RollupFailed("rollup not permitted".into()));
            }
            Some("sub") => Some(Some(message.subject.clone())),
            Some("all") => Some(None),
            Some(other) => {
                let why = format!("rollup value invalid: {other:?}");
                return Err(ApiError::RollupFailed(why.into()));
            }
        };
        if stream
            .config
            .max_msg_size
            .is_some_and(|max| message.size() > max)
        {
            return Err(ApiError::MessageExceedsMaximum);
        }
        if stream.log.is_used_up() {
            return Err(ApiError::StoreFailed("sequences are used up".into()));
        }
        let last_id = id.unwrap_or_default();
        let wanted = stream
            .consumers
            .values()
            .any(|one| one.wants(&message.subject));
        if stream.config.retention == Retention::Interest && !wanted && !is_copied {
            let seq = stream.log.skip();
            stream.last_id = last_id;
            if let Some(key) = key {
                stream.ids.remember(now, key, seq);
            }
            self.out.tell(Fact::Unheard {
                record: message.record,
                subject: message.subject,
            });
            return Ok((seq, false));
        }
        if let Some(why) = stream.is_full(&message.subject, message.size()) {
            return Err(ApiError::StoreFailed(why.into()));
        }
        let before = stream.log.on(&message.subject).and_then(Row::last);
        let again = stream
            .config
            .republish
            .as_ref()
            .map(|republish| (republish.clone(), message.clone()));
        let seq = stream.log.append(now, message);
        stream.last_id = last_id;
        if let Some(key) = key {
            stream.ids.remember(now, key, seq);
        }
        self.arrived(name, seq);
        if let Some(filter) = rollup {
            // Its purpose is to keep itself alone.
            let _ = self.purge(name, filter.as_deref(), 0, 1);
        }
        if let Some((republish, message)) = again {
            self.republish(&republish, name, (seq, before.unwrap_or(0)), message);
        }
        self.copy_on(name);
        Ok((seq, false))
    }

    /// Takes note of a message that was just stored.
    pub(super) fn arrived(&mut self, name: &Arc<str>, seq: u64) {
        let Some(stream) = self.streams.get_mut(name) else {
            return;
        };
        let Some(stored) = stream.log.get(seq) else {
            return;
        };
        self.out.tell(Fact::Stored {
            record: stored.message.record,
            stream: name.clone(),
            seq,
        });
        let subject = stored.message.subject.clone();
        for (consumer, one) in &mut stream.consumers {
            one.stored(&subject);
            if one.may_deliver() {
                self.signals.add(name, consumer);
            }
        }
        self.enforce_limits(name, Some(&subject));
    }

    /// Publishes again what was stored under a sequence, with the last one of its subject before.
    fn republish(
        &mut self,
        republish: &Republish,
        name: &Arc<str>,
        (seq, last): (u64, u64),
        message: Message,
    ) {
        if !subject::matches(&republish.source, &message.subject) {
            return;
        }
        let destination: Arc<str> = match &*republish.destination {
            ">" => message.subject.clone(),
            wild => match wild.strip_suffix(">") {
                Some(prefix) => format!("{prefix}{}", message.subject).into(),
                None => wild.into(),
            },
        };
        let subject = message.subject.clone();
        let mut again = message;
        if republish.headers_only {
            let size = again.payload.len().to_string();
            again = again.with("Nats-Msg-Size", &size);
            again.payload = "".into();
        }
        again = again
            .with("Nats-Stream", name)
            .with("Nats-Subject", &subject)
            .with("Nats-Sequence", &seq.to_string())
            .with("Nats-Last-Sequence", &last.to_string());
        again.subject = destination.clone();
        self.route(None, &destination, &again, None);
    }
}
