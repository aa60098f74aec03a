//! Streams with one consumer: what holds of them, and a slow one on a page.

use crate::bench_of_one::Bench;
use crate::sequence;
use arbitrary::{Result, Unstructured};
use std::collections::BTreeSet;
use systems::Span;
use systems::nats::{AckKind, AckReply, Call, ConsumerConfig, Retention, StreamConfig};

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

impl Act {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Act> {
        Ok(match bytes.int_in_range(0..=17_u8)? {
            0..=3 => Act::Publish(bytes.int_in_range(0..=2)?),
            4..=7 => Act::Fetch(bytes.int_in_range(1..=3)?),
            8..=10 => Act::Ack(bytes.arbitrary()?),
            11 => Act::Nak(bytes.arbitrary()?, None),
            12 => Act::Nak(bytes.arbitrary()?, Some(bytes.int_in_range(1..=2_999)?)),
            13 => Act::Term(bytes.arbitrary()?),
            14 => Act::Progress(bytes.arbitrary()?),
            15 => Act::Delete(bytes.arbitrary()?),
            _ => Act::Wait(bytes.int_in_range(1..=3_999)?),
        })
    }
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

/// A work queue keeps nothing that was acknowledged, and its numbers add up.
pub fn work_queue(bytes: &mut Unstructured<'_>) {
    let max = bytes.int_in_range(1..=3).unwrap_or(1);
    let acts = sequence::decode(bytes, 60, Act::of);
    let mut bench = Bench::new();
    let config = StreamConfig {
        retention: Retention::WorkQueue,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    let config = ConsumerConfig {
        ack_wait: Span::from_ms(2_000),
        max_ack_pending: max,
        ..ConsumerConfig::durable("c")
    };
    bench.consumer(config).expect("made");
    let (mut held, mut done, mut deleted) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    sequence::each(&acts, |act| {
        let (settled, gone) = play(&mut bench, act, &mut held);
        if let Some(seq) = settled.filter(|seq| !deleted.contains(seq)) {
            done.insert(seq);
        }
        if let Some(seq) = gone {
            deleted.insert(seq);
        }
        let stream = bench.nats.stream("S").expect("there");
        let (log, consumer) = (stream.log(), &stream.consumers()["c"]);
        assert!(done.iter().all(|seq| log.get(*seq).is_none()));
        assert!(consumer.ack_pending() <= max as u64);
        // Every message waits, is with a worker, is done or was deleted.
        let sum = consumer.unseen() + consumer.ack_pending() + (done.len() + deleted.len()) as u64;
        assert_eq!(sum, log.last());
        assert_eq!(consumer.unseen() + consumer.ack_pending(), log.len());
        assert!(consumer.ack_floor().consumer <= consumer.delivered().consumer);
    });
}

/// Sequences only grow, and limits hold.
pub fn limits(bytes: &mut Unstructured<'_>) {
    let max_msgs = bytes.int_in_range(1..=5).unwrap_or(1);
    let per_subject = bytes.int_in_range(1..=2).unwrap_or(1);
    let acts = sequence::decode(bytes, 60, Act::of);
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
    sequence::each(&acts, |act| {
        let known = held.len();
        play(&mut bench, act, &mut held);
        let stream = bench.nats.stream("S").expect("there");
        let log = stream.log();
        assert!(log.first() >= first && log.last() >= last);
        (first, last) = (log.first(), log.last());
        assert!(log.len() <= max_msgs);
        assert!(
            log.subjects(">")
                .all(|(_, seqs)| seqs.len() as u64 <= per_subject)
        );
        let bytes: u64 = log.from(0).map(|one| one.size()).sum();
        assert_eq!(bytes, log.bytes());
        assert!(
            log.from(0)
                .all(|one| one.at + Span::from_ms(5_000) > bench.now)
        );
        // A delivery has its own number, and a message its own count of them.
        for ack in &held[known..] {
            assert!(seen.insert((ack.stream_seq, ack.deliveries)));
        }
        let consumer = &stream.consumers()["c"];
        let waiting = log.from(consumer.delivered().stream + 1).count() as u64;
        assert_eq!(consumer.unseen(), waiting);
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

/// A work queue delivers what the slow one does.
pub fn compare(bytes: &mut Unstructured<'_>) {
    let acts = sequence::decode(bytes, 50, Act::of);
    let (mut bench, mut slow) = (Bench::new(), Slow::default());
    let config = StreamConfig {
        retention: Retention::WorkQueue,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    let config = ConsumerConfig {
        ack_wait: Span::from_ms(2_000),
        ..ConsumerConfig::durable("c")
    };
    bench.consumer(config).expect("made");
    let mut held: Vec<AckReply> = Vec::new();
    sequence::each(&acts, |act| match act {
        Act::Publish(_) => {
            bench.put("s.a", "m");
            slow.last += 1;
            slow.fresh.push(slow.last);
        }
        Act::Fetch(batch) => {
            let got = bench.fetch("c", u64::from(*batch));
            let seqs: Vec<u64> = got.iter().map(|(_, ack)| ack.stream_seq).collect();
            assert_eq!(seqs, slow.fetch(usize::from(*batch)));
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
    });
}
