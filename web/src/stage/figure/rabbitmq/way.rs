//! The latest message that came to an exchange, as the facts tell it.

use engine::systems::rabbitmq::Fact;
use engine::{Cast, ClientId, RecordId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The latest message that came to an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Which.
    pub record: RecordId,
    /// To which exchange it came first.
    pub exchange: String,
    /// With which routing key.
    pub key: String,
    /// From where: "from shop", "rejected in billing"; nothing for what stands there at the beginning.
    pub from: Option<String>,
    /// To whom it went back, for no queue took it.
    pub returned_to: Option<ClientId>,
}

impl Latest {
    /// The latest of these facts. `dead_letter` says to which exchange, and with which key, the messages of a queue die.
    pub fn of<'a>(
        facts: impl Iterator<Item = &'a Fact>,
        cast: &Cast,
        dead_letter: impl Fn(&str) -> Option<(Arc<str>, Option<Arc<str>>)>,
    ) -> Option<Latest> {
        let mut latest: Option<Latest> = None;
        // With which key a message came to a queue, and who published it.
        let mut keys: BTreeMap<(RecordId, Arc<str>), String> = BTreeMap::new();
        let mut publishers: BTreeMap<RecordId, ClientId> = BTreeMap::new();
        for fact in facts {
            match fact {
                Fact::MethodSent {
                    by,
                    method,
                    record: Some(record),
                } if **method == *"basic.publish" => {
                    publishers.insert(*record, *by);
                }
                Fact::Routed {
                    record: Some(record),
                    exchange,
                    queues,
                } => {
                    let key = published_key(cast, *record);
                    for queue in queues {
                        keys.insert((*record, Arc::clone(queue)), key.clone());
                    }
                    latest = Some(published(cast, *record, exchange, key, &publishers));
                }
                Fact::Unroutable {
                    record: Some(record),
                    exchange,
                    key,
                } => {
                    latest = Some(published(
                        cast,
                        *record,
                        exchange,
                        key.to_string(),
                        &publishers,
                    ));
                }
                Fact::Returned { record, client } => {
                    if let Some(one) = latest.as_mut().filter(|one| Some(one.record) == *record) {
                        one.returned_to = Some(*client);
                    }
                }
                Fact::DeadLettered {
                    record: Some(record),
                    queue,
                    reason,
                    queues,
                    client: _,
                } => {
                    let Some((exchange, own)) = dead_letter(queue) else {
                        continue;
                    };
                    let key = match own {
                        Some(own) => own.to_string(),
                        None => keys
                            .get(&(*record, Arc::clone(queue)))
                            .cloned()
                            .unwrap_or_else(|| published_key(cast, *record)),
                    };
                    for queue in queues {
                        keys.insert((*record, Arc::clone(queue)), key.clone());
                    }
                    let why = match &**reason {
                        "maxlen" => "pushed out of",
                        "delivery_limit" => "over the delivery limit in",
                        "expired" => "expired in",
                        _ => "rejected in",
                    };
                    latest = Some(Latest {
                        record: *record,
                        exchange: exchange.to_string(),
                        key,
                        from: Some(format!("{why} {queue}")),
                        returned_to: None,
                    });
                }
                _ => {}
            }
        }
        latest
    }
}

fn published_key(cast: &Cast, record: RecordId) -> String {
    let Some(plan) = cast.records.get(record.at()) else {
        return String::new();
    };
    let topic = cast.topics.get(usize::from(plan.partition.topic.0));
    plan.routing_key(topic.map_or("", |topic| &topic.name))
        .to_owned()
}

fn published(
    cast: &Cast,
    record: RecordId,
    exchange: &str,
    key: String,
    publishers: &BTreeMap<RecordId, ClientId>,
) -> Latest {
    let from = publishers.get(&record);
    Latest {
        record,
        exchange: exchange.to_owned(),
        key,
        from: from.map(|id| format!("from {}", cast.client_name(*id))),
        returned_to: None,
    }
}
