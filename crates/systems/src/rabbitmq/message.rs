//! Messages: what a publisher sends, and how a message remembers its deaths.
//!
//! M2. A message that died carries `x-death`: one entry for each pair of queue and reason, with a
//! count; the entry of the latest death stands first. A pair that comes again is counted up and keeps
//! the exchange and the routing keys of its first death. Source: documentation, "Dead Letter
//! Exchanges", "Effects on messages"; `dead_lettering_SUITE#dead_letter_headers`. Shown by:
//! rabbitmq-xdeath-counts-cycle, rabbitmq-dlx-reject, the test `x_death_counts_equal_the_deaths`.
//!
//! M3. The reasons are `rejected`, `expired`, `maxlen` and, on quorum queues, `delivery_limit`.
//! Source: documentation, "Dead Letter Exchanges". Shown by: rabbitmq-queue-ttl,
//! rabbitmq-maxlen-drop-head, rabbitmq-quorum-delivery-limit.
//!
//! M4. `x-first-death-queue`, `-reason` and `-exchange` tell of the first death and never change.
//! From 3.13 on `x-last-death-*` tell of the latest. Source: documentation, "Dead Letter Exchanges".
//! Shown by: rabbitmq-xdeath-counts-cycle, the test `the_last_death_is_told_from_3_13_on`.
//!
//! M5. A dead letter has no `expiration` any more, so that it does not expire again; its `x-death`
//! entry keeps it as `original-expiration`. A queue's own TTL leaves no such entry. Source:
//! documentation, "Dead Letter Exchanges". Shown by: rabbitmq-message-ttl-head-of-line,
//! rabbitmq-queue-ttl.
//!
//! M6. A dead letter is published with the queue's `x-dead-letter-routing-key`, or without one with
//! the keys it had, those of its `CC` and `BCC` headers among them. A `BCC` header is taken away when
//! the message is published; a `CC` header when the queue's own key replaces it. Source:
//! documentation, "Dead Letter Exchanges", "Sender-selected Distribution"; `rabbit_dead_letter`. Shown
//! by: rabbitmq-dlx-keeps-key, the test `cc_is_routed_and_bcc_is_hidden`.
//!
//! M7. A message that died automatically is dropped where it would come back to a queue in which it
//! died before, unless it was rejected since: such a cycle would never end. A rejected message is
//! always let through. Source: documentation, "Dead Letter Exchanges", "Routing dead-lettered
//! messages"; `rabbit_dead_letter`. Shown by: rabbitmq-dlx-self-cycle, rabbitmq_scenarios.
//!
//! M8. Before 4.0 an `x-death` that a client publishes is counted on; from 4.0 on it is passed on as
//! any header, and the first death replaces it. Source: release notes 4.0, "x-death". Shown by: the
//! test `a_published_x_death_is_counted_on_before_4_0`.
//!
//! Left out: the `time` in entries of `x-death`. Properties that do not change what the broker does
//! (content type, correlation id and so on) are no part of a message here.

use super::settings::Version;
use super::value::{Table, Value};
use crate::record::RecordId;
use explore::Weigh;
use std::sync::Arc;

/// Why a message died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Weigh)]
pub enum Reason {
    /// A consumer rejected it without requeueing.
    Rejected,
    /// Its time to live was over.
    Expired,
    /// The queue was full.
    Maxlen,
    /// A quorum queue's limit of deliveries was passed.
    DeliveryLimit,
}

impl Reason {
    /// As `x-death` writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Rejected => "rejected",
            Reason::Expired => "expired",
            Reason::Maxlen => "maxlen",
            Reason::DeliveryLimit => "delivery_limit",
        }
    }
}

/// An entry of `x-death`: how often a message died in one queue of one reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Death {
    /// In which queue.
    pub queue: Arc<str>,
    /// Of what.
    pub reason: Reason,
    /// How often.
    pub count: u64,
    /// To which exchange the message had been published.
    pub exchange: Arc<str>,
    /// With which routing keys.
    pub routing_keys: Vec<Arc<str>>,
    /// The `expiration` it had, in milliseconds.
    pub original_expiration: Option<u64>,
}

/// A death that is told on its own: the first, or the latest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct DeathOf {
    /// In which queue.
    pub queue: Arc<str>,
    /// Of what.
    pub reason: Reason,
    /// To which exchange the message had been published.
    pub exchange: Arc<str>,
}

/// All deaths of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Deaths {
    /// The entries of `x-death`, the latest first.
    pub entries: Vec<Death>,
    /// The first of all.
    pub first: Option<DeathOf>,
    /// The latest (from 3.13 on).
    pub last: Option<DeathOf>,
}

impl Deaths {
    fn record(&mut self, death: Death, version: Version) {
        let of = DeathOf {
            queue: death.queue.clone(),
            reason: death.reason,
            exchange: death.exchange.clone(),
        };
        if version >= Version::V3_13 {
            self.last = Some(of.clone());
        }
        self.first.get_or_insert(of);
        let same = |one: &Death| one.queue == death.queue && one.reason == death.reason;
        let entry = match self.entries.iter().position(same) {
            Some(at) => {
                let mut known = self.entries.remove(at);
                known.count = known.count.saturating_add(1);
                known
            }
            None => death,
        };
        self.entries.insert(0, entry);
    }

    /// Whether coming to `queue` would close a cycle in which nobody rejected the message.
    pub fn is_automatic_cycle(&self, queue: &str) -> bool {
        match self.entries.iter().position(|death| &*death.queue == queue) {
            Some(at) => self.entries[..=at]
                .iter()
                .all(|death| death.reason != Reason::Rejected),
            None => false,
        }
    }

    /// The headers that tell of it.
    fn headers(&self, headers: &mut Table) {
        if self.entries.is_empty() {
            return;
        }
        let text = |text: &Arc<str>| Value::Text(text.clone());
        let entry = |death: &Death| {
            let mut table = Table::new();
            let count = i64::try_from(death.count).unwrap_or(i64::MAX);
            table.insert("count".into(), Value::Int(count));
            table.insert("exchange".into(), text(&death.exchange));
            table.insert("queue".into(), text(&death.queue));
            table.insert("reason".into(), Value::Text(death.reason.name().into()));
            let keys = death.routing_keys.iter().map(text).collect();
            table.insert("routing-keys".into(), Value::Array(keys));
            if let Some(ms) = death.original_expiration {
                let ms = Value::Text(ms.to_string().into());
                table.insert("original-expiration".into(), ms);
            }
            Value::Table(table)
        };
        let entries = self.entries.iter().map(entry).collect();
        headers.insert("x-death".into(), Value::Array(entries));
        for (which, death) in [("first", &self.first), ("last", &self.last)] {
            let Some(death) = death else { continue };
            let mut set = |what: &str, value: Value| {
                headers.insert(format!("x-{which}-death-{what}").into(), value);
            };
            set("queue", text(&death.queue));
            set("reason", Value::Text(death.reason.name().into()));
            set("exchange", text(&death.exchange));
        }
    }
}

/// Whether a message outlives a restart of the broker, in a durable queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub enum DeliveryMode {
    /// 1: it is gone after a restart (classic queues).
    Transient,
    /// 2: it is kept.
    #[default]
    Persistent,
}

/// What a publisher says of a message, beside its body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Weigh)]
pub struct Properties {
    /// Headers of the application, and `CC` and `BCC`.
    pub headers: Table,
    /// How urgent it is.
    pub priority: Option<u8>,
    /// Its time to live in milliseconds.
    pub expiration: Option<u64>,
    /// Whether it outlives a restart.
    pub delivery_mode: DeliveryMode,
    /// An `x-death` that the client copied from a delivery and sends along.
    pub deaths: Deaths,
}

/// A message in the broker.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub struct Message {
    /// Which message of a scene it is.
    pub record: Option<RecordId>,
    /// The exchange it was last published to.
    pub exchange: Arc<str>,
    /// Its routing key; then those of `CC` and `BCC`.
    pub routing_keys: Vec<Arc<str>>,
    /// How many of the routing keys come from `BCC`: nobody is told of them.
    pub hidden_keys: usize,
    /// Its properties; what a client sent in `BCC` is no part of them.
    pub properties: Properties,
    /// Its body.
    pub body: Arc<str>,
}

impl Message {
    /// A published message.
    ///
    /// # Errors
    /// `CC` or `BCC` is no list of texts: which of them.
    pub fn published(
        record: Option<RecordId>,
        exchange: Arc<str>,
        routing_key: Arc<str>,
        mut properties: Properties,
        body: Arc<str>,
        version: Version,
    ) -> Result<Message, &'static str> {
        let mut routing_keys = vec![routing_key];
        let mut hidden_keys = 0;
        for header in ["CC", "BCC"] {
            let Some(value) = properties.headers.get(header) else {
                continue;
            };
            let Value::Array(list) = value else {
                return Err(header);
            };
            let keys: Vec<Arc<str>> = list
                .iter()
                .map(|key| key.text().cloned())
                .collect::<Option<_>>()
                .ok_or(header)?;
            if header == "BCC" {
                hidden_keys = keys.len();
            }
            routing_keys.extend(keys);
        }
        properties.headers.remove("BCC");
        if version >= Version::V4_0 {
            let sent = std::mem::take(&mut properties.deaths);
            sent.headers(&mut properties.headers);
        }
        Ok(Message {
            record,
            exchange,
            routing_keys,
            hidden_keys,
            properties,
            body,
        })
    }

    /// The routing key a consumer is told.
    pub fn routing_key(&self) -> Arc<str> {
        let key = self.routing_keys.first();
        key.cloned().unwrap_or_else(|| "".into())
    }

    /// How many bytes count against `x-max-length-bytes`: those of the body.
    pub fn bytes(&self) -> u64 {
        self.body.len() as u64
    }

    /// The deaths it tells of.
    pub fn deaths(&self) -> &Deaths {
        &self.properties.deaths
    }

    /// All headers, those about its deaths among them.
    pub fn headers(&self) -> Table {
        let mut headers = self.properties.headers.clone();
        self.deaths().headers(&mut headers);
        headers
    }

    /// The dead letter: published anew to `exchange`, by `key` or by the keys it had.
    pub fn died(
        &self,
        queue: Arc<str>,
        reason: Reason,
        exchange: Arc<str>,
        key: Option<Arc<str>>,
        version: Version,
    ) -> Message {
        let mut letter = self.clone();
        let told = self.routing_keys.len().saturating_sub(self.hidden_keys);
        let death = Death {
            queue,
            reason,
            count: 1,
            exchange: self.exchange.clone(),
            routing_keys: self.routing_keys.iter().take(told).cloned().collect(),
            original_expiration: self.properties.expiration,
        };
        letter.properties.deaths.record(death, version);
        letter.properties.expiration = None;
        if let Some(key) = key {
            letter.routing_keys = vec![key];
            letter.hidden_keys = 0;
            letter.properties.headers.remove("CC");
        }
        letter.exchange = exchange;
        letter
    }
}
