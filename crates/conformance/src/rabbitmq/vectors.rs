//! The vectors of RabbitMQ.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use systems::rabbitmq::{
    Acknowledging, Answer, Arguments, BasicPublish, Broker, Method, Properties, QueueDeclare,
    Request, Settings, Version, headers, topic, value,
};
use systems::{Caller, Instant, Out, Server, Span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadersMatch {
    args: Map<String, Value>,
    headers: Map<String, Value>,
}

/// `rabbitmq_headers_match`.
///
/// # Errors
/// An input of another form.
pub fn headers_match(input: &Value) -> Result<Value, Refusal> {
    let HeadersMatch { args, headers } = serde_json::from_value(input.clone())?;
    let table = |map| value::table(&Value::Object(map));
    Ok(json!(headers::matches(&table(args), &table(headers))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicMatch {
    binding: String,
    routing_key: String,
}

/// `rabbitmq_topic_match`.
///
/// # Errors
/// An input of another form.
pub fn topic_match(input: &Value) -> Result<Value, Refusal> {
    let one: TopicMatch = serde_json::from_value(input.clone())?;
    Ok(json!(topic::matches(&one.binding, &one.routing_key)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BindingLimit {
    binding: String,
}

/// `rabbitmq_topic_binding_limits`: with the limit switched on.
///
/// # Errors
/// An input of another form.
pub fn topic_binding_limits(input: &Value) -> Result<Value, Refusal> {
    let one: BindingLimit = serde_json::from_value(input.clone())?;
    Ok(json!(topic::is_within_limit(&one.binding)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    #[serde(default)]
    confirms: bool,
    ops: Vec<ScenarioOp>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum ScenarioOp {
    Declare {
        queue: String,
        #[serde(default)]
        args: Map<String, Value>,
    },
    Publish {
        queue: String,
        payload: String,
        priority: Option<u8>,
        expiration: Option<Value>,
    },
    Get {
        queue: String,
    },
    GetAll {
        queue: String,
    },
    Deaths {
        queue: String,
    },
    Ack {
        queue: String,
        payload: String,
        #[serde(default)]
        multiple: bool,
    },
    Nack {
        queue: String,
        payload: String,
        #[serde(default)]
        multiple: bool,
        requeue: Option<bool>,
    },
    Reject {
        queue: String,
        payload: String,
        #[serde(default)]
        multiple: bool,
        requeue: Option<bool>,
    },
    Wait {
        ms: u64,
    },
}

/// A broker with one client.
struct Played {
    broker: Broker,
    now: Instant,
    /// The tags by queue and body.
    tags: BTreeMap<(String, String), u64>,
}

const ME: Caller = Caller {
    client: 0,
    connection: 1,
};

impl Played {
    fn ask(&mut self, method: Method) -> Result<Option<Answer>, Refusal> {
        let mut out = Out::default();
        let channel = 1;
        self.broker.handle(
            self.now,
            ME,
            Request {
                channel,
                method: method.into(),
            },
            &mut out,
        );
        self.rest();
        let answer = out.to.pop().map(|(_, reply)| *reply.answer);
        if let Some(Answer::ChannelClose(error) | Answer::ConnectionClose(error)) = &answer {
            return Err(Refusal::new(error.text.to_string()));
        }
        Ok(answer)
    }

    fn rest(&mut self) {
        let now = self.now;
        while let Some((_, due)) = self.broker.next_due().filter(|(at, _)| *at <= now) {
            self.broker.fire(now, due, &mut Out::default());
        }
    }

    fn get(&mut self, queue: &str) -> Result<Value, Refusal> {
        let method = Method::BasicGet {
            queue: queue.into(),
            acknowledging: Acknowledging::Manual,
        };
        let Some(Answer::BasicGetOk { delivery, .. }) = self.ask(method)? else {
            return Ok(Value::Null);
        };
        let body = delivery.message.body.to_string();
        let place = (queue.to_owned(), body.clone());
        self.tags.insert(place, delivery.delivery_tag);
        Ok(json!(body))
    }

    fn tag(&self, queue: String, payload: String) -> Result<u64, Refusal> {
        let place = (queue, payload);
        let none = || Refusal::new(format!("{place:?} has not been delivered"));
        self.tags.get(&place).copied().ok_or_else(none)
    }

    fn deaths(&self, queue: &str) -> Value {
        let queue = self.broker.queues().by_name.get(queue);
        let version = self.broker.settings().version;
        let Some(head) = queue.and_then(|queue| queue.head(version)) else {
            return Value::Null;
        };
        let deaths = head.message.deaths().entries.iter();
        deaths
            .map(|death| {
                json!({
                    "queue": *death.queue,
                    "reason": death.reason.name(),
                    "count": death.count,
                })
            })
            .collect()
    }

    fn declare(&mut self, queue: String, args: Map<String, Value>) -> Result<(), Refusal> {
        let mut arguments = Arguments::default();
        for (name, value) in &args {
            let refused = |refused: systems::setting::Refused| Refusal::new(refused.to_string());
            arguments.set(name, value).map_err(refused)?;
        }
        let declare = QueueDeclare {
            arguments,
            ..QueueDeclare::new(queue)
        };
        self.ask(Method::QueueDeclare(declare)).map(|_| ())
    }
}

/// A message's `expiration`: a number, or the text AMQP writes it as.
fn expiration(value: Option<Value>) -> Result<Option<u64>, Refusal> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = match &value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    };
    let wrong = || Refusal::new(format!("{value} is no expiration"));
    number.map(Some).ok_or_else(wrong)
}

/// `rabbitmq_scenarios`: of the main branch of 2026, from whose tests the cases are.
///
/// # Errors
/// An op or a field that is not known, an error of the broker.
pub fn scenarios(input: &Value) -> Result<Value, Refusal> {
    let Scenario { confirms, ops } = serde_json::from_value(input.clone())?;
    let settings = Settings {
        version: Version::V4_3,
        ..Settings::default()
    };
    let mut played = Played {
        broker: Broker::new(settings),
        now: Instant(0),
        tags: BTreeMap::new(),
    };
    played.ask(Method::ChannelOpen)?;
    if confirms {
        played.ask(Method::ConfirmSelect)?;
    }
    let mut results = Vec::new();
    for op in ops {
        match op {
            ScenarioOp::Declare { queue, args } => played.declare(queue, args)?,
            ScenarioOp::Publish {
                queue,
                payload,
                priority,
                expiration: ms,
            } => {
                let publish = BasicPublish {
                    properties: Properties {
                        priority,
                        expiration: expiration(ms)?,
                        ..Properties::default()
                    },
                    ..BasicPublish::new("", queue, payload)
                };
                match played.ask(Method::BasicPublish(publish))? {
                    Some(Answer::Confirmed { .. }) => results.push(json!("ack")),
                    Some(Answer::Refused { .. }) => results.push(json!("nack")),
                    _ => {}
                }
            }
            ScenarioOp::Get { queue } => results.push(played.get(&queue)?),
            ScenarioOp::GetAll { queue } => {
                let mut all = Vec::new();
                loop {
                    match played.get(&queue)? {
                        Value::Null => break,
                        body => all.push(body),
                    }
                }
                results.push(Value::Array(all));
            }
            ScenarioOp::Deaths { queue } => results.push(played.deaths(&queue)),
            ScenarioOp::Ack {
                queue,
                payload,
                multiple,
            } => {
                let delivery_tag = played.tag(queue, payload)?;
                played.ask(Method::BasicAck {
                    delivery_tag,
                    multiple,
                })?;
            }
            ScenarioOp::Reject {
                queue,
                payload,
                multiple: false,
                requeue,
            } => {
                let delivery_tag = played.tag(queue, payload)?;
                let requeue = requeue.unwrap_or(true);
                played.ask(Method::BasicReject {
                    delivery_tag,
                    requeue,
                })?;
            }
            // AMQP's basic.reject is about one delivery: for several there is basic.nack.
            ScenarioOp::Nack {
                queue,
                payload,
                multiple,
                requeue,
            }
            | ScenarioOp::Reject {
                queue,
                payload,
                multiple,
                requeue,
            } => {
                let delivery_tag = played.tag(queue, payload)?;
                let requeue = requeue.unwrap_or(true);
                played.ask(Method::BasicNack {
                    delivery_tag,
                    multiple,
                    requeue,
                })?;
            }
            ScenarioOp::Wait { ms } => {
                let end = played.now + Span::from_ms(ms);
                while let Some((at, due)) = played.broker.next_due().filter(|(at, _)| *at <= end) {
                    played.now = played.now.max(at);
                    played.broker.fire(played.now, due, &mut Out::default());
                }
                played.now = end;
            }
        }
    }
    Ok(Value::Array(results))
}
