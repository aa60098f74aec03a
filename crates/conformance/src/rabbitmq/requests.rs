//! Steps that ask the broker for something.

use super::ops::{Ack, Binding, Declare, DeclareQueue, Delete, Publish, Subscribe};
use super::session::Session;
use crate::refusal::Refusal;
use serde_json::{Value, json};
use systems::rabbitmq::{
    Acknowledging, Answer, Arguments, BasicConsume, BasicPublish, Bind, ExchangeDeclare, Method,
    Offset, Properties, QueueDeclare, value,
};

impl Session {
    pub(super) fn declare(&mut self, declare: Declare) -> Result<Value, Refusal> {
        match declare {
            Declare::Queue(queue) => {
                let client = queue.client.clone();
                let method = Method::QueueDeclare(queue_declare(*queue));
                self.call(&client, method, declared)
            }
            Declare::Exchange(one) => {
                let method = Method::ExchangeDeclare(ExchangeDeclare {
                    exchange: one.name.into(),
                    kind: one.exchange_type.into(),
                    passive: one.passive,
                    durable: one.durable,
                    auto_delete: one.auto_delete,
                    internal: one.internal,
                    alternate_exchange: one.alternate_exchange.map(Into::into),
                });
                self.call(&one.client, method, |_| None)
            }
        }
    }

    pub(super) fn bind(&mut self, one: Binding, is_bind: bool) -> Result<Value, Refusal> {
        let mut arguments = value::table(&Value::Object(one.match_headers));
        if let Some(x_match) = &one.x_match {
            arguments.insert("x-match".into(), value::Value::of_json(x_match));
        }
        let is_queue = one.queue.is_some();
        let (Some(destination), false) = (
            one.queue.or(one.to_exchange.clone()),
            is_queue && one.to_exchange.is_some(),
        ) else {
            let cause = "a binding leads to one of `queue` and `to_exchange`";
            return Err(Refusal::new(cause));
        };
        let bind = Bind {
            destination: destination.into(),
            source: one.exchange.into(),
            routing_key: one.key.into(),
            arguments,
        };
        let method = match (is_bind, is_queue) {
            (true, true) => Method::QueueBind(bind),
            (true, false) => Method::ExchangeBind(bind),
            (false, true) => Method::QueueUnbind(bind),
            (false, false) => Method::ExchangeUnbind(bind),
        };
        self.call(&one.client, method, |_| None)
    }

    pub(super) fn delete(&mut self, delete: Delete) -> Result<Value, Refusal> {
        match delete {
            Delete::Queue {
                name,
                if_unused,
                if_empty,
                client,
            } => {
                let method = Method::QueueDelete {
                    queue: name.into(),
                    if_unused,
                    if_empty,
                };
                self.call(&client, method, |answer| match answer {
                    Answer::QueueDeleteOk { message_count } => {
                        Some(json!({"deleted": message_count}))
                    }
                    _ => None,
                })
            }
            Delete::Exchange {
                name,
                if_unused,
                client,
            } => {
                let method = Method::ExchangeDelete {
                    exchange: name.into(),
                    if_unused,
                };
                self.call(&client, method, |_| None)
            }
        }
    }

    pub(super) fn publish(&mut self, publish: Publish) -> Result<Value, Refusal> {
        let name = &publish.client;
        if !self.client(name)?.confirms {
            self.ask(name, Method::ConfirmSelect)?;
            self.client(name)?.confirms = true;
        }
        let message = BasicPublish {
            mandatory: publish.mandatory,
            properties: Properties {
                headers: value::table(&Value::Object(publish.headers)),
                priority: publish.priority,
                expiration: publish.ttl_ms,
                ..Properties::default()
            },
            ..BasicPublish::new(publish.exchange, publish.key, publish.msg)
        };
        self.call(name, Method::BasicPublish(message), |answer| match answer {
            Answer::BasicReturn { reason, .. } => Some(json!({
                "result": "returned",
                "code": reason.code.number(),
                "name": reason.code.name(),
            })),
            Answer::Confirmed { .. } => Some(json!({"result": "confirmed"})),
            Answer::Refused { .. } => Some(json!({"result": "rejected"})),
            _ => None,
        })
    }

    pub(super) fn subscribe(&mut self, one: Subscribe) -> Result<Value, Refusal> {
        for (prefetch, global) in [(one.prefetch, false), (one.global_prefetch, true)] {
            if let Some(prefetch_count) = prefetch {
                let method = Method::BasicQos {
                    prefetch_count,
                    global,
                };
                self.ask(&one.client, method)?;
            }
        }
        let offset = match &one.offset {
            None => Offset::Next,
            Some(Value::String(word)) => match word.as_str() {
                "first" => Offset::First,
                "last" => Offset::Last,
                "next" => Offset::Next,
                other => {
                    let known = ["first", "last", "next"];
                    return Err(Refusal::unknown("offset", other, &known));
                }
            },
            Some(number) => match number.as_u64() {
                Some(number) => Offset::At(number),
                None => return Err(Refusal::new(format!("{number} is no offset"))),
            },
        };
        // The session names the consumer itself, so that it knows it before the first delivery.
        let client = self.client(&one.client)?;
        let tag = match &one.sub {
            Some(sub) => sub.clone(),
            None => format!("ctag{}.{}", client.number, client.subs.len()),
        };
        client.subs.insert(tag.clone(), one.sub.clone());
        client.latest_sub = Some(tag.clone());
        let method = Method::BasicConsume(BasicConsume {
            acknowledging: acknowledging(one.ack),
            exclusive: one.exclusive,
            priority: one.priority,
            offset,
            ..BasicConsume::new(one.queue, tag)
        });
        self.call(&one.client, method, |_| None)
    }

    pub(super) fn unsubscribe(
        &mut self,
        name: &str,
        sub: Option<String>,
    ) -> Result<Value, Refusal> {
        let latest = self.client(name)?.latest_sub.clone();
        let Some(tag) = sub.or(latest) else {
            return Err(Refusal::new(format!("`{name}` has no subscription")));
        };
        let consumer_tag = tag.into();
        self.call(name, Method::BasicCancel { consumer_tag }, |_| None)
    }
}

pub(super) fn declared(answer: &Answer) -> Option<Value> {
    match answer {
        Answer::QueueDeclareOk {
            message_count,
            consumer_count,
            ..
        } => Some(json!({"ready": message_count, "consumers": consumer_count})),
        _ => None,
    }
}

pub(super) const fn acknowledging(ack: Ack) -> Acknowledging {
    match ack {
        Ack::Manual => Acknowledging::Manual,
        Ack::Auto => Acknowledging::Automatic,
    }
}

fn queue_declare(queue: DeclareQueue) -> QueueDeclare {
    QueueDeclare {
        queue: queue.name.into(),
        passive: queue.passive,
        durable: queue.durable,
        exclusive: queue.exclusive,
        auto_delete: queue.auto_delete,
        arguments: Arguments {
            message_ttl: queue.message_ttl_ms,
            expires: queue.expires_ms,
            max_length: queue.max_length,
            max_length_bytes: queue.max_length_bytes,
            overflow: queue.overflow.map(Into::into),
            dead_letter_exchange: queue.dead_letter_exchange.map(Into::into),
            dead_letter_routing_key: queue.dead_letter_routing_key.map(Into::into),
            max_priority: queue.max_priority,
            queue_type: queue.queue_type.map(Into::into),
            delivery_limit: queue.delivery_limit,
            single_active_consumer: queue.single_active_consumer,
            consumer_timeout: None,
        },
    }
}
