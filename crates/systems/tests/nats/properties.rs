//! What always holds.

use crate::bench_of_one::{Bench, delivered};
use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use systems::nats::{
    AckKind, AckPolicy, AckReply, Call, ConsumerConfig, Deliver, Discard, Get, Message, Origin,
    Pull, Release, Replay, Request, Retention, Settings, StreamConfig,
};
use systems::{Instant, Span};

/// Something a worker or a publisher does.
#[derive(Clone, Debug)]
enum Act {
    Publish(u8),
    Fetch(u8),
    Ack(u8),
    Nak(u8, Option<u16>),
    Term(u8),
    Progress(u8),
    Delete(u8),
    Wait(u16),
}

fn act() -> impl Strategy<Value = Act> {
    let delay = proptest::option::of(1..3_000_u16);
    prop_oneof![
        4 => (0..3_u8).prop_map(Act::Publish),
        4 => (1..4_u8).prop_map(Act::Fetch),
        3 => any::<u8>().prop_map(Act::Ack),
        1 => (any::<u8>(), delay).prop_map(|(which, delay)| Act::Nak(which, delay)),
        1 => any::<u8>().prop_map(Act::Term),
        1 => any::<u8>().prop_map(Act::Progress),
        1 => any::<u8>().prop_map(Act::Delete),
        2 => (1..4_000_u16).prop_map(Act::Wait),
    ]
}

/// Does it; what was acknowledged or terminated by it, and what was deleted.
fn play(bench: &mut Bench, act: &Act, held: &mut Vec<AckReply>) -> (Option<u64>, Option<u64>) {
    let chosen = |held: &[AckReply], which: u8| match held.len() {
        0 => None,
        len => held.get(usize::from(which) % len).cloned(),
    };
    match act {
        Act::Publish(subject) => bench.put(&format!("s.{subject}"), "m"),
        Act::Fetch(batch) => {
            let got = bench.fetch("c", u64::from(*batch));
            held.extend(got.into_iter().map(|(_, ack)| ack));
        }
        Act::Ack(which) | Act::Term(which) => {
            let kind = if matches!(act, Act::Ack(_)) {
                AckKind::Ack
            } else {
                AckKind::Term
            };
            if let Some(ack) = chosen(held, *which) {
                bench.answer(&ack, kind);
                return (Some(ack.stream_seq), None);
            }
        }
        Act::Nak(which, delay) => {
            if let Some(ack) = chosen(held, *which) {
                let delay = delay.map(|ms| Span::from_ms(ms.into()));
                bench.answer(&ack, AckKind::Nak(delay));
            }
        }
        Act::Progress(which) => {
            if let Some(ack) = chosen(held, *which) {
                bench.answer(&ack, AckKind::InProgress);
            }
        }
        Act::Delete(which) => {
            let seq = u64::from(*which) % 20;
            let stream = "S".into();
            if bench.call(Call::DeleteMessage { stream, seq }).is_ok() {
                return (None, Some(seq));
            }
        }
        Act::Wait(ms) => drop(bench.wait(u64::from(*ms))),
    }
    (None, None)
}

#[test]
fn a_work_queue_keeps_nothing_acknowledged_and_the_numbers_add_up() {
    proptest!(|(acts in proptest::collection::vec(act(), 1..60), max in 1..4_i64)| {
        let mut bench = Bench::new();
        let config = StreamConfig { retention: Retention::WorkQueue, ..StreamConfig::new("S", &["s.>"]) };
        bench.stream(config).expect("made");
        let config = ConsumerConfig {
            ack_wait: Span::from_ms(2_000),
            max_ack_pending: max,
            ..ConsumerConfig::durable("c")
        };
        bench.consumer(config).expect("made");
        let (mut held, mut done, mut deleted) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for act in &acts {
            let (settled, gone) = play(&mut bench, act, &mut held);
            if let Some(seq) = settled.filter(|seq| !deleted.contains(seq)) {
                done.insert(seq);
            }
            if let Some(seq) = gone {
                deleted.insert(seq);
            }
            let stream = bench.nats.stream("S").expect("there");
            let (log, consumer) = (stream.log(), &stream.consumers()["c"]);
            prop_assert!(done.iter().all(|seq| log.get(*seq).is_none()));
            prop_assert!(consumer.ack_pending() <= max as u64);
            // Every message waits, is with a worker, is done or was deleted.
            let sum = consumer.unseen() + consumer.ack_pending() + (done.len() + deleted.len()) as u64;
            prop_assert_eq!(sum, log.last());
            prop_assert_eq!(consumer.unseen() + consumer.ack_pending(), log.len());
            prop_assert!(consumer.ack_floor().consumer <= consumer.delivered().consumer);
        }
    });
}

#[test]
fn sequences_only_grow_and_limits_hold() {
    proptest!(|(
        acts in proptest::collection::vec(act(), 1..60),
        max_msgs in 1..6_u64,
        per_subject in 1..3_u64,
    )| {
        let mut bench = Bench::new();
        let config = StreamConfig {
            max_msgs: Some(max_msgs),
            max_msgs_per_subject: Some(per_subject),
            max_age: Some(Span::from_ms(5_000)),
            ..StreamConfig::new("S", &["s.>"])
        };
        bench.stream(config).expect("made");
        bench.consumer(ConsumerConfig::durable("c")).expect("made");
        let (mut held, mut first, mut last) = (Vec::new(), 1, 0);
        let mut seen: BTreeSet<(u64, u64)> = BTreeSet::new();
        for act in &acts {
            let known = held.len();
            play(&mut bench, act, &mut held);
            let stream = bench.nats.stream("S").expect("there");
            let log = stream.log();
            prop_assert!(log.first() >= first && log.last() >= last);
            (first, last) = (log.first(), log.last());
            prop_assert!(log.len() <= max_msgs);
            prop_assert!(log.subjects(">").all(|(_, seqs)| seqs.len() as u64 <= per_subject));
            let bytes: u64 = log.from(0).map(|one| one.size()).sum();
            prop_assert_eq!(bytes, log.bytes());
            prop_assert!(log.from(0).all(|one| one.at + Span::from_ms(5_000) > bench.now));
            // A delivery has its own number, and a message its own count of them.
            for ack in &held[known..] {
                prop_assert!(seen.insert((ack.stream_seq, ack.deliveries)));
            }
            let consumer = &stream.consumers()["c"];
            let waiting = log.from(consumer.delivered().stream + 1).count() as u64;
            prop_assert_eq!(consumer.unseen(), waiting);
        }
    });
}

/// A work queue on a page: what waits, and what is out until when. Redeliveries come in the order in
/// which they became due, before anything new.
#[derive(Default)]
struct Slow {
    last: u64,
    fresh: Vec<u64>,
    out: Vec<(u64, u64)>,
    again: Vec<u64>,
    now: u64,
}

impl Slow {
    fn tick(&mut self) {
        self.now += 1;
        let (mut due, rest): (Vec<_>, Vec<_>) =
            self.out.iter().partition(|(_, at)| *at <= self.now);
        due.sort_unstable();
        self.again.extend(due.into_iter().map(|(seq, _)| seq));
        self.out = rest;
    }

    fn fetch(&mut self, batch: usize) -> Vec<u64> {
        let mut got = Vec::new();
        while got.len() < batch {
            let from = if self.again.is_empty() {
                &mut self.fresh
            } else {
                &mut self.again
            };
            if from.is_empty() {
                break;
            }
            got.push(from.remove(0));
        }
        self.out
            .extend(got.iter().map(|seq| (*seq, self.now + 2_000)));
        got
    }

    fn ack(&mut self, seq: u64) {
        self.out.retain(|(one, _)| *one != seq);
        self.again.retain(|one| *one != seq);
    }
}

#[test]
fn a_work_queue_delivers_as_the_slow_one_on_a_page() {
    proptest!(|(acts in proptest::collection::vec(act(), 1..50))| {
        let (mut bench, mut slow) = (Bench::new(), Slow::default());
        let config = StreamConfig { retention: Retention::WorkQueue, ..StreamConfig::new("S", &["s.>"]) };
        bench.stream(config).expect("made");
        let config = ConsumerConfig { ack_wait: Span::from_ms(2_000), ..ConsumerConfig::durable("c") };
        bench.consumer(config).expect("made");
        let mut held: Vec<AckReply> = Vec::new();
        for act in &acts {
            match act {
                Act::Publish(_) => {
                    bench.put("s.a", "m");
                    slow.last += 1;
                    slow.fresh.push(slow.last);
                }
                Act::Fetch(batch) => {
                    let got = bench.fetch("c", u64::from(*batch));
                    let seqs: Vec<u64> = got.iter().map(|(_, ack)| ack.stream_seq).collect();
                    prop_assert_eq!(seqs, slow.fetch(usize::from(*batch)));
                    held.extend(got.into_iter().map(|(_, ack)| ack));
                }
                Act::Ack(which) if !held.is_empty() => {
                    let ack = held[usize::from(*which) % held.len()].clone();
                    bench.answer(&ack, AckKind::Ack);
                    slow.ack(ack.stream_seq);
                }
                Act::Wait(ms) => {
                    bench.wait(u64::from(*ms));
                    (0..*ms).for_each(|_| slow.tick());
                }
                _ => {}
            }
        }
    });
}

/// Any request, from any bytes.
fn request(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Request> {
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

#[test]
fn no_bytes_make_the_server_panic() {
    proptest!(|(bytes in proptest::collection::vec(any::<u8>(), 1..1_500), old in any::<bool>())| {
        let release = if old { Release::V2_9 } else { Release::V2_14 };
        let mut bench = Bench::with(Settings { release, ..Settings::default() });
        let mut bytes = Unstructured::new(&bytes);
        bench.stream(StreamConfig::new("S", &["s", "s.*"])).expect("made");
        bench.subscribe("i");
        bench.subscribe("d");
        while !bytes.is_empty() && let Ok(request) = request(&mut bytes) {
            bench.send(request);
            for _ in 0..3 {
                let Some((at, due)) = systems::Server::next_due(&bench.nats) else {
                    break;
                };
                bench.now = bench.now.max(at);
                let mut out = systems::Out::default();
                systems::Server::fire(&mut bench.nats, bench.now, due, &mut out);
            }
            // A delivery always says how to acknowledge it.
            prop_assert!(delivered(&bench.came).iter().all(|(_, ack)| ack.deliveries > 0));
        }
    });
}
