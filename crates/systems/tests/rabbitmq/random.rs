//! Operations decoded from any bytes.

use crate::scene::{self, Scene};
use arbitrary::{Arbitrary, Unstructured};
use serde_json::json;
use systems::rabbitmq::{
    Acknowledging, Answer, BasicConsume, BasicPublish, Kind, Method, Offset, Properties, Version,
};

/// A queue of a few; the fourth does not exist at first.
const QUEUES: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Clone, Debug, Arbitrary)]
pub(crate) enum Op {
    Declare(u8, u16),
    Exchange(u8, u8),
    Bind(u8, u8, u8),
    Unbind(u8, u8, u8),
    BindExchange(u8, u8),
    Publish(u8, u8, u8),
    PublishBy(u8, u8),
    Get(u8, u8, bool),
    Consume(u8, u8, u8),
    Cancel(u8, u8),
    Qos(u8, u8, bool),
    Ack(u8, u8, bool),
    Nack(u8, u8, bool, bool),
    Reject(u8, u8, bool),
    Recover(u8, bool),
    Purge(u8),
    Delete(u8),
    Close(u8),
    CloseOk(u8),
    Lose(u8),
    Confirm(u8),
    Wait(u16),
}

fn name(of: u8) -> &'static str {
    QUEUES[usize::from(of) % QUEUES.len()]
}

/// Arguments by the bits of a number; the next queue takes the dead letters, or itself.
pub(crate) fn arguments(at: u8, bits: u16) -> Vec<(&'static str, serde_json::Value)> {
    let mut given = vec![];
    let is_quorum = bits & 3 == 1;
    if is_quorum {
        given.push(("x-queue-type", json!("quorum")));
        if bits & 4 != 0 {
            given.push(("x-delivery-limit", json!(bits >> 3 & 3)));
        }
    } else if bits & 4 != 0 {
        given.push(("x-max-priority", json!(3)));
    }
    if bits & 32 != 0 {
        given.push(("x-max-length", json!(bits >> 6 & 3)));
        let overflows = ["drop-head", "reject-publish", "reject-publish-dlx"];
        given.push(("x-overflow", json!(overflows[usize::from(bits >> 8) % 3])));
    }
    if bits & 1024 != 0 {
        given.push(("x-message-ttl", json!(bits >> 11 & 7)));
    }
    if bits & 16384 == 0 {
        given.push(("x-dead-letter-exchange", json!("")));
        let next = name(at.wrapping_add(u8::from(bits & 512 == 0)));
        given.push(("x-dead-letter-routing-key", json!(next)));
    }
    if bits & 32768 != 0 {
        given.push(("x-single-active-consumer", json!(true)));
    }
    given
}

/// Three clients with two channels each.
fn place(of: u8) -> (u8, u16) {
    (of % 3, 1 + u16::from(of / 3 % 2))
}

/// One operation; `record` numbers what is published.
pub(crate) fn step(scene: &mut Scene, op: &Op, record: &mut u16) {
    let mut on = |(client, channel): (u8, u16), method: Method| {
        let answers = scene.on(client, channel, method);
        let is_closed = |answer: &Answer| matches!(answer, Answer::ChannelClose(_));
        // Now and then the client does not notice at once.
        if answers.iter().any(is_closed) && channel == 1 {
            scene.on(client, channel, Method::ChannelCloseOk);
        }
    };
    let exchange = |of: u8| ["x", "y", "amq.topic", "amq.fanout"][usize::from(of) % 4];
    match *op {
        Op::Declare(at, bits) => {
            let declare = scene::queue(name(at), &arguments(at, bits));
            on((9, 1), Method::QueueDeclare(declare));
        }
        Op::Exchange(at, kind) => {
            let kinds = [Kind::Direct, Kind::Fanout, Kind::Topic, Kind::Headers];
            let kind = kinds[usize::from(kind) % 4].name();
            let declare = systems::rabbitmq::ExchangeDeclare {
                auto_delete: at & 4 != 0,
                ..systems::rabbitmq::ExchangeDeclare::new(exchange(at), kind)
            };
            on((9, 1), Method::ExchangeDeclare(declare));
        }
        Op::Bind(from, key, to) => {
            let key = ["", "#", "k", "*.k"][usize::from(key) % 4];
            on(
                (9, 1),
                Method::QueueBind(scene::bind(exchange(from), key, name(to))),
            );
        }
        Op::Unbind(from, key, to) => {
            let key = ["", "#", "k", "*.k"][usize::from(key) % 4];
            on(
                (9, 1),
                Method::QueueUnbind(scene::bind(exchange(from), key, name(to))),
            );
        }
        Op::BindExchange(from, to) => {
            let bind = scene::bind(exchange(from), "#", exchange(to));
            on((9, 1), Method::ExchangeBind(bind));
        }
        Op::Publish(who, to, how) => {
            *record += 1;
            let publish = BasicPublish {
                mandatory: how & 1 != 0,
                properties: Properties {
                    priority: (how & 2 != 0).then_some(how >> 5),
                    expiration: (how & 4 != 0).then_some(u64::from(how >> 4)),
                    ..Properties::default()
                },
                record: scene::record(*record),
                ..BasicPublish::new("", name(to), "body")
            };
            on(place(who), Method::BasicPublish(publish));
        }
        Op::PublishBy(who, by) => {
            let publish = BasicPublish::new(exchange(by), "k", "copied");
            on(place(who), Method::BasicPublish(publish));
        }
        Op::Get(who, from, is_manual) => {
            let acknowledging = match is_manual {
                true => Acknowledging::Manual,
                false => Acknowledging::Automatic,
            };
            let queue = name(from).into();
            on(
                place(who),
                Method::BasicGet {
                    queue,
                    acknowledging,
                },
            );
        }
        Op::Consume(who, from, how) => {
            let consume = BasicConsume {
                acknowledging: match how & 1 {
                    0 => Acknowledging::Manual,
                    _ => Acknowledging::Automatic,
                },
                exclusive: how & 0x70 == 0x70,
                priority: i32::from(how >> 1 & 3),
                offset: Offset::First,
                ..BasicConsume::new(name(from), ["", "t", "u"][usize::from(how >> 3) % 3])
            };
            on(place(who), Method::BasicConsume(consume));
        }
        Op::Cancel(who, tag) => {
            let consumer_tag = ["t", "u"][usize::from(tag) % 2].into();
            on(place(who), Method::BasicCancel { consumer_tag });
        }
        Op::Qos(who, count, global) => {
            let prefetch_count = u16::from(count % 4);
            on(
                place(who),
                Method::BasicQos {
                    prefetch_count,
                    global,
                },
            );
        }
        Op::Ack(who, tag, multiple) => {
            let delivery_tag = u64::from(tag % 12);
            on(
                place(who),
                Method::BasicAck {
                    delivery_tag,
                    multiple,
                },
            );
        }
        Op::Nack(who, tag, multiple, requeue) => {
            let delivery_tag = u64::from(tag % 12);
            on(
                place(who),
                Method::BasicNack {
                    delivery_tag,
                    multiple,
                    requeue,
                },
            );
        }
        Op::Reject(who, tag, requeue) => {
            let delivery_tag = u64::from(tag % 12);
            on(
                place(who),
                Method::BasicReject {
                    delivery_tag,
                    requeue,
                },
            );
        }
        Op::Recover(who, requeue) => on(place(who), Method::BasicRecover { requeue }),
        Op::Purge(at) => {
            let queue = name(at).into();
            on((9, 1), Method::QueuePurge { queue });
        }
        Op::Delete(at) => on(
            (9, 1),
            Method::QueueDelete {
                queue: name(at).into(),
                if_unused: at & 64 != 0,
                if_empty: at & 128 != 0,
            },
        ),
        Op::Close(who) => on(place(who), Method::ChannelClose),
        Op::CloseOk(who) => on(place(who), Method::ChannelCloseOk),
        Op::Lose(who) => scene.lose(who % 3),
        Op::Confirm(who) => on(place(who), Method::ConfirmSelect),
        Op::Wait(ms) => {
            // Mostly milliseconds, at times past the acknowledgement timeout.
            let ms = match ms % 8 {
                0 => u64::from(ms) * 60,
                _ => u64::from(ms % 16),
            };
            let end = scene.now.ms() + ms;
            scene.until(end);
        }
    }
}

/// A scene of the version and with the queues that the first bytes stand for.
pub(crate) fn begin(bytes: &mut Unstructured<'_>) -> Scene {
    let versions = [Version::V3_10, Version::V3_13, Version::V4_0, Version::V4_3];
    let version = bytes.int_in_range(0..=3).unwrap_or_default();
    let mut scene = Scene::new(versions[version]);
    for at in 0..3 {
        let bits = bytes.arbitrary().unwrap_or_default();
        let declare = scene::queue(name(at), &arguments(at, bits));
        scene.on(9, 1, Method::QueueDeclare(declare));
        scene.on(9, 1, Method::ChannelCloseOk);
    }
    scene
}
