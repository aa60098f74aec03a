//! What clients may send, decoded from bytes.

use crate::sequence;
use arbitrary::{Result, Unstructured};
use std::sync::Arc;
use systems::Span;
use systems::mqtt::{
    Ack, Connect, Properties, Publish, Qos, ReasonCode, Release, Request, RetainHandling, Settings,
    Subscription, Version, Will,
};

/// Something that a client or the clock does.
#[derive(Clone, Debug)]
pub enum Op {
    Send(u8, u8, Request),
    Lose(u8, u8),
    Pass(Span),
    Sleep(Span),
    Fire,
}

/// One of `all`, mostly the first ones.
fn one<'a, T>(bytes: &mut Unstructured, all: &'a [T]) -> Result<&'a T> {
    let (a, b) = (
        bytes.choose_index(all.len())?,
        bytes.choose_index(all.len())?,
    );
    Ok(&all[a.min(b)])
}

fn topic(bytes: &mut Unstructured) -> Result<Arc<str>> {
    let known = ["a", "a/b", "", "/", "a//b", "$x/a", "$SYS/x", "a/+", "long"];
    Ok(match *one(bytes, &known)? {
        "long" => "/".repeat(usize::from(bytes.arbitrary::<u8>()?)).into(),
        known => known.into(),
    })
}

fn filter(bytes: &mut Unstructured) -> Result<Arc<str>> {
    let known = [
        "a",
        "#",
        "a/b",
        "+",
        "a/#",
        "$share/g/a",
        "$share/g/#",
        "+/b",
        "$x/#",
        "$SYS/#",
        "$share",
        "$share/g",
        "",
        "a+",
        "#/a",
    ];
    Ok((*one(bytes, &known)?).into())
}

fn qos(bytes: &mut Unstructured) -> Result<Qos> {
    Ok(*bytes.choose(&[Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce])?)
}

/// Short, long, for ever, or not said.
fn interval(bytes: &mut Unstructured) -> Result<Option<u32>> {
    let interval = u32::from(bytes.arbitrary::<u8>()?);
    Ok(*one(
        bytes,
        &[None, Some(interval), Some(0), Some(u32::MAX)],
    )?)
}

fn connect(bytes: &mut Unstructured, client: u8) -> Result<Request> {
    let own = ["x", "y", "z"][usize::from(client % 3)];
    let will = match bytes.ratio(1_u8, 3_u8)? {
        false => None,
        true => Some(Will {
            topic: topic(bytes)?,
            payload: "will".into(),
            qos: qos(bytes)?,
            retain: bytes.arbitrary()?,
            delay_interval: interval(bytes)?.unwrap_or(0),
            message_expiry_interval: interval(bytes)?,
            properties: Properties::default(),
            record: None,
        }),
    };
    Ok(Request::Connect(Box::new(Connect {
        version: *bytes.choose(&[Version::V311, Version::V5])?,
        client_id: (*one(bytes, &[own, own, own, "x", ""])?).into(),
        clean_start: bytes.ratio(1_u8, 4_u8)?,
        keep_alive: *one(bytes, &[0, 60, 1, u16::MAX])?,
        will,
        session_expiry_interval: interval(bytes)?,
        receive_maximum: *one(bytes, &[None, Some(1), Some(3), Some(u16::MAX), Some(0)])?,
    })))
}

fn packet(bytes: &mut Unstructured, client: u8) -> Result<Request> {
    let packet_id = *one(bytes, &[1_u16, 2, 3, 4, 5, u16::MAX, 0])?;
    Ok(match bytes.int_in_range(0_u8..=17)? {
        0..=2 => connect(bytes, client)?,
        3..=8 => {
            let qos = qos(bytes)?;
            let is_numbered = (qos != Qos::AtMostOnce) != bytes.ratio(1_u8, 30_u8)?;
            Request::Publish(Publish {
                topic: topic(bytes)?,
                payload: (*one(bytes, &["p", "q", ""])?).into(),
                qos,
                retain: bytes.ratio(1_u8, 4_u8)?,
                dup: qos != Qos::AtMostOnce && bytes.arbitrary()?,
                packet_id: is_numbered.then_some(packet_id),
                topic_alias: *one(bytes, &[None, None, Some(1), Some(0), Some(u16::MAX)])?,
                message_expiry_interval: interval(bytes)?,
                ..Publish::default()
            })
        }
        9..=13 => {
            let ack = Ack {
                reason: *one(bytes, &[ReasonCode::Success, ReasonCode::QuotaExceeded])?,
                ..Ack::of(packet_id)
            };
            let kinds: [fn(Ack) -> Request; 4] = [
                Request::Pubrel,
                Request::Puback,
                Request::Pubrec,
                Request::Pubcomp,
            ];
            bytes.choose(&kinds)?(ack)
        }
        14 | 15 => {
            let mut subscriptions = Vec::new();
            for _ in 0..*one(bytes, &[1, 2, 0])? {
                let handling = [
                    RetainHandling::Always,
                    RetainHandling::IfNew,
                    RetainHandling::Never,
                ];
                subscriptions.push(Subscription {
                    filter: filter(bytes)?,
                    qos: qos(bytes)?,
                    no_local: bytes.ratio(1_u8, 4_u8)?,
                    retain_as_published: bytes.arbitrary()?,
                    retain_handling: *bytes.choose(&handling)?,
                });
            }
            Request::Subscribe {
                packet_id,
                subscriptions,
                identifier: *one(bytes, &[None, Some(7), Some(0), Some(u32::MAX)])?,
            }
        }
        16 => Request::Unsubscribe {
            packet_id,
            filters: vec![filter(bytes)?],
        },
        _ => match bytes.arbitrary()? {
            true => Request::Pingreq,
            false => Request::Disconnect {
                reason: *bytes.choose(&[ReasonCode::Success, ReasonCode::DisconnectWithWill])?,
                session_expiry_interval: interval(bytes)?,
            },
        },
    })
}

fn op(bytes: &mut Unstructured) -> Result<Op> {
    let (client, connection) = (bytes.int_in_range(0..=2)?, *one(bytes, &[0, 1, 2])?);
    Ok(match bytes.int_in_range(0_u8..=23)? {
        0 => Op::Lose(client, connection),
        1 if bytes.arbitrary()? => Op::Pass(Span::from_ms(bytes.arbitrary::<u16>()?.into())),
        1 => Op::Sleep(Span::from_ms(bytes.arbitrary::<u16>()?.into())),
        2 if bytes.ratio(1_u8, 8_u8)? => {
            Op::Pass(Span::from_ms(u64::from(bytes.arbitrary::<u32>()?) * 1_000))
        }
        3 => Op::Fire,
        _ => Op::Send(client, connection, packet(bytes, client)?),
    })
}

/// Operations, and the settings they run on.
pub fn decode(bytes: &mut Unstructured<'_>) -> (Settings, Vec<Op>) {
    let settings = Settings {
        max_inflight_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        max_queued_messages: bytes.int_in_range(0..=3).unwrap_or(2),
        queue_qos0_messages: bytes.arbitrary().unwrap_or(false),
        release: Release(*one(bytes, &[22, 11, 12]).unwrap_or(&22)),
        allow_duplicate_messages: bytes.arbitrary().unwrap_or(false),
        ..Settings::default()
    };
    (settings, sequence::decode(bytes, 150, op))
}
