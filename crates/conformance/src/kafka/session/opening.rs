//! Real clients as they are made, with their settings.

use super::consumer::{Consumer, Reset};
use super::{Client, Session, answer};
use crate::kafka::ops::Op;
use crate::refusal::Refusal;
use explore::time::Span;
use serde_json::{Value, json};
use systems::kafka::producer::{Call, Config, Producer};
use systems::kafka::tools::iso8601::duration;

pub(super) fn reset(text: &str) -> Option<Reset> {
    Some(match text {
        "earliest" => Reset::Earliest,
        "latest" => Reset::Latest,
        "none" => Reset::None,
        other => {
            let span = duration(other.strip_prefix("by_duration:")?)?;
            if span < 0 {
                return None;
            }
            Reset::ByDuration(span)
        }
    })
}

impl Session {
    pub(super) fn open(&mut self, op: Op) -> Result<Value, Refusal> {
        let Op::Open {
            kind,
            client,
            transactional_id,
            timeout_ms,
            config,
            group,
            auto_offset_reset,
            isolation,
            protocol,
        } = op
        else {
            return Err(Refusal::new(format!("{op:?} opens nothing")));
        };
        let number = |name: &str, value: &Value| {
            let text = super::text(value);
            text.parse::<u64>()
                .map_err(|_| Refusal::new(format!("{name}={text} is no number")))
        };
        match kind.as_str() {
            "producer" => {
                let mut set = Config {
                    version: self.broker.settings().transaction_version,
                    ..Config::default()
                };
                set.transactional_id = transactional_id.map(|id| self.transactional_id(&id));
                if let Some(ms) = timeout_ms {
                    set.transaction_timeout = Span::from_ms(ms);
                }
                for (name, value) in &config {
                    match name.as_str() {
                        "max.block.ms" => set.max_block = Span::from_ms(number(name, value)?),
                        "max.request.size" => set.max_request_bytes = number(name, value)?,
                        "enable.idempotence" => set.idempotent = super::text(value) == "true",
                        "transaction.timeout.ms" => {
                            set.transaction_timeout = Span::from_ms(number(name, value)?);
                        }
                        // They are about how long it tries, and how it bundles: here nothing is lost,
                        // and bundles are given.
                        "acks"
                        | "retries"
                        | "linger.ms"
                        | "batch.size"
                        | "delivery.timeout.ms"
                        | "request.timeout.ms"
                        | "max.in.flight.requests.per.connection" => {}
                        other => {
                            return Err(Refusal::new(format!(
                                "the producer's setting `{other}` is unknown"
                            )));
                        }
                    }
                }
                let inits = set.transactional_id.is_some();
                let producer = Client::Producer(Box::new(Producer::new(set)));
                self.clients.insert(client.clone(), producer);
                if !inits {
                    return Ok(answer::nothing());
                }
                Ok(match self.call(&client, Call::Init)? {
                    Err(thrown) => answer::thrown(thrown),
                    Ok(_) => {
                        let identity = self.producer(&client)?.identity();
                        let name = identity.map(|identity| self.name(identity.producer, &client));
                        json!({ "producer": name, "epoch": identity.map(|one| one.epoch.0) })
                    }
                })
            }
            "consumer" => {
                let protocol = protocol.as_deref().unwrap_or("classic");
                if !["classic", "consumer"].contains(&protocol) {
                    return Err(Refusal::unknown(
                        "protocol",
                        protocol,
                        &["classic", "consumer"],
                    ));
                }
                let Some(reset) = reset(auto_offset_reset.as_deref().unwrap_or("latest")) else {
                    return Ok(answer::throws("ConfigException"));
                };
                let number_of_it = self.member_number(&client);
                let classic = protocol == "classic";
                let mut consumer = Consumer::new(classic, reset, isolation, number_of_it);
                consumer.group = group.map(|group| self.group(&group));
                for (name, value) in &config {
                    match name.as_str() {
                        "request.timeout.ms" => {
                            consumer.request_timeout = Span::from_ms(number(name, value)?);
                        }
                        "session.timeout.ms" => {
                            consumer.session_timeout = Span::from_ms(number(name, value)?);
                        }
                        "heartbeat.interval.ms"
                        | "max.poll.interval.ms"
                        | "default.api.timeout.ms"
                        | "max.poll.records" => {}
                        other => {
                            return Err(Refusal::new(format!(
                                "the consumer's setting `{other}` is unknown"
                            )));
                        }
                    }
                }
                self.clients
                    .insert(client, Client::Consumer(Box::new(consumer)));
                Ok(answer::nothing())
            }
            other => Err(Refusal::unknown("kind", other, &["producer", "consumer"])),
        }
    }
}
