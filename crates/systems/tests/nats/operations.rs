//! What clients may ask, decoded from bytes.

use arbitrary::{Arbitrary, Unstructured};
use std::sync::Arc;
use systems::nats::{
    AckKind, AckPolicy, AckReply, Call, ConsumerConfig, Deliver, Discard, Get, Message, Origin,
    Pull, Replay, Request, Retention, StreamConfig,
};
use systems::{Instant, Span};

/// Something that a client or the clock does.
#[derive(Clone, Debug)]
pub enum Op {
    Ask(u8, Box<Request>),
    /// The answer to a delivery, counted back from the last one.
    Answer(u8, u8, AckKind),
    Leave(u8),
    Pass(Span),
    Sleep(Span),
    Fire,
}

impl Op {
    pub fn of(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Op> {
        let client = bytes.int_in_range(0..=2)?;
        Ok(match bytes.int_in_range(0..=31_u8)? {
            0 => Op::Leave(client),
            1 | 2 => Op::Pass(Span::from_ms(bytes.arbitrary::<u16>()?.into())),
            3 => Op::Pass(Span::from_ms(bytes.arbitrary::<u32>()?.into())),
            4 => Op::Sleep(Span::from_ms(bytes.arbitrary::<u16>()?.into())),
            5 | 6 => Op::Fire,
            7..=11 => {
                let delay = Some(Span::from_ms(bytes.arbitrary::<u8>()?.into()));
                let kinds = [
                    AckKind::Ack,
                    AckKind::Nak(None),
                    AckKind::Nak(delay),
                    AckKind::InProgress,
                    AckKind::Term,
                ];
                let kind = *bytes.choose(&kinds)?;
                Op::Answer(client, bytes.int_in_range(0..=7)?, kind)
            }
            _ => Op::Ask(client, Box::new(request(bytes)?)),
        })
    }
}

/// Any request, from any bytes.
pub fn request(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Request> {
    let text = |bytes: &mut Unstructured<'_>| -> arbitrary::Result<Arc<str>> {
        let known = [
            "S",
            "T",
            "c",
            "d",
            "s",
            "s.a",
            "s.>",
            ">",
            "*",
            "",
            "a..b",
            "$JS.ACK.S.c.1.1.1.1.1",
            "i",
        ];
        Ok((*bytes.choose(&known)?).into())
    };
    let number = |bytes: &mut Unstructured<'_>| -> arbitrary::Result<u64> {
        let any = u64::arbitrary(bytes)?;
        Ok(*bytes.choose(&[0, 1, 2, 3, any, u64::MAX, u64::MAX - 1])?)
    };
    let maybe = |bytes: &mut Unstructured<'_>| -> arbitrary::Result<Option<u64>> {
        Ok(if bool::arbitrary(bytes)? {
            Some(number(bytes)?)
        } else {
            None
        })
    };
    Ok(match bytes.int_in_range(0..=12_u8)? {
        0 => Request::Subscribe {
            subject: text(bytes)?,
            queue: None,
            sid: bytes.int_in_range(0..=3)?,
        },
        1 => Request::Unsubscribe {
            sid: bytes.int_in_range(0..=3)?,
            max: maybe(bytes)?,
        },
        2 | 3 => {
            let names = [
                "Nats-Msg-Id",
                "Nats-Expected-Last-Sequence",
                "Nats-Rollup",
                "x",
            ];
            let name = *bytes.choose(&names)?;
            let value = *bytes.choose(&["0", "1", "sub", "all", ""])?;
            let body = *bytes.choose(&[
                "",
                "+ACK",
                "-NAK {\"delay\": 18446744073709551615}",
                "-NAK x",
                "+WPI",
                "+TERM",
                "m",
            ])?;
            let message = Message::new(&text(bytes)?, body).with(name, value);
            Request::Publish {
                message,
                reply: Some(text(bytes)?),
            }
        }
        4 | 5 => {
            let to = AckReply {
                stream: "S".into(),
                consumer: "c".into(),
                deliveries: number(bytes)?,
                stream_seq: number(bytes)?,
                consumer_seq: number(bytes)?,
                stored: Instant(number(bytes)?),
                pending: number(bytes)?,
                record: None,
            };
            let delay = maybe(bytes)?.map(Span);
            let kind = *bytes.choose(&[
                AckKind::Ack,
                AckKind::Nak(delay),
                AckKind::InProgress,
                AckKind::Term,
            ])?;
            Request::Ack {
                to,
                kind,
                reply: Some("i".into()),
            }
        }
        6 => Request::Next {
            stream: "S".into(),
            consumer: "c".into(),
            reply: "i".into(),
            pull: Pull {
                batch: number(bytes)?,
                expires: maybe(bytes)?.map(Span),
                no_wait: bool::arbitrary(bytes)?,
                max_bytes: maybe(bytes)?,
            },
        },
        7 => {
            let config = StreamConfig {
                name: text(bytes)?,
                subjects: vec![text(bytes)?],
                retention: *bytes.choose(&[
                    Retention::Limits,
                    Retention::Interest,
                    Retention::WorkQueue,
                ])?,
                max_msgs: maybe(bytes)?,
                max_bytes: maybe(bytes)?,
                max_age: maybe(bytes)?.map(Span),
                max_msgs_per_subject: maybe(bytes)?,
                discard: *bytes.choose(&[Discard::Old, Discard::New])?,
                duplicate_window: maybe(bytes)?.map(Span),
                allow_rollup: bool::arbitrary(bytes)?,
                ..StreamConfig::default()
            };
            let config = match bytes.int_in_range(0..=3_u8)? {
                0 => StreamConfig {
                    mirror: Some(Origin::new("S")),
                    subjects: Vec::new(),
                    ..config
                },
                1 => StreamConfig {
                    sources: vec![Origin::new("S"), Origin::new("T")],
                    ..config
                },
                _ => config,
            };
            let call = match bool::arbitrary(bytes)? {
                true => Call::CreateStream(Box::new(config)),
                false => Call::UpdateStream(Box::new(config)),
            };
            Request::Api { id: 0, call }
        }
        8 | 9 => {
            let config = ConsumerConfig {
                durable: bool::arbitrary(bytes)?,
                deliver_subject: if bool::arbitrary(bytes)? {
                    Some("d".into())
                } else {
                    None
                },
                deliver: match bytes.int_in_range(0..=5_u8)? {
                    0 => Deliver::New,
                    1 => Deliver::Last,
                    2 => Deliver::LastPerSubject,
                    3 => Deliver::ByStartSequence(number(bytes)?),
                    4 => Deliver::ByStartTime(Instant(number(bytes)?)),
                    _ => Deliver::All,
                },
                ack: *bytes.choose(&[AckPolicy::Explicit, AckPolicy::All, AckPolicy::None])?,
                ack_wait: Span(number(bytes)?),
                max_deliver: i64::arbitrary(bytes)?,
                backoff: vec![Span(number(bytes)?), Span(number(bytes)?)],
                filters: if bool::arbitrary(bytes)? {
                    vec![text(bytes)?]
                } else {
                    Vec::new()
                },
                replay: *bytes.choose(&[Replay::Instant, Replay::Original])?,
                max_ack_pending: i64::arbitrary(bytes)?,
                ..ConsumerConfig::durable("c")
            };
            let call = Call::CreateConsumer {
                stream: text(bytes)?,
                config: Box::new(config),
            };
            Request::Api { id: 0, call }
        }
        10 => {
            let filter = if bool::arbitrary(bytes)? {
                Some(text(bytes)?)
            } else {
                None
            };
            let (stream, seq, keep) = ("S".into(), number(bytes)?, number(bytes)?);
            Request::Api {
                id: 0,
                call: Call::PurgeStream {
                    stream,
                    filter,
                    seq,
                    keep,
                },
            }
        }
        11 => {
            let stream: Arc<str> = "S".into();
            let call = match bytes.int_in_range(0..=3_u8)? {
                0 => Call::DeleteMessage {
                    stream,
                    seq: number(bytes)?,
                },
                1 => Call::GetMessage {
                    stream,
                    get: Get::LastBySubject(text(bytes)?),
                },
                2 => Call::DeleteConsumer {
                    stream,
                    consumer: "c".into(),
                },
                _ => Call::DeleteStream { stream },
            };
            Request::Api { id: 0, call }
        }
        _ => Request::Socket {
            reads: bool::arbitrary(bytes)?,
        },
    })
}
