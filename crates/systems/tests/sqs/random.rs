//! Whatever clients do: no message is lost, none is with two at once, and groups keep their order.

use crate::bench_client::{Bench, caller, redrive};
use crate::sequence;
use arbitrary::{Result, Unstructured};
use std::collections::{BTreeMap, BTreeSet};
use systems::sqs::{Entry, Fact, ReceiptHandle, Receive, Received, Reply, Request};
use systems::{RecordId, Server};

#[derive(Clone, Debug)]
pub enum Op {
    Send(u8),
    Receive { by: u16, most: i64, wait: i64 },
    Delete(usize),
    Hide(usize, i64),
    MoveBack,
    Leave(u16),
    Wait(u64),
}

impl Op {
    pub fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        Ok(match bytes.int_in_range(0..=19_u8)? {
            0..=3 => Op::Send(bytes.int_in_range(0..=2)?),
            4..=8 => Op::Receive {
                by: bytes.int_in_range(1..=3)?,
                most: bytes.int_in_range(1..=4)?,
                wait: bytes.int_in_range(0..=5)?,
            },
            9..=11 => Op::Delete(bytes.int_in_range(0..=7)?),
            12 | 13 => Op::Hide(bytes.int_in_range(0..=7)?, bytes.int_in_range(0..=19)?),
            14 => Op::MoveBack,
            15 => Op::Leave(bytes.int_in_range(1..=3)?),
            _ => Op::Wait(bytes.int_in_range(0..=11)?),
        })
    }
}

/// Plays, and looks after each step.
pub fn play(is_fifo: bool, ops: &[Op]) {
    let (queue, dead) = if is_fifo {
        ("q.fifo", "dead.fifo")
    } else {
        ("q", "dead")
    };
    let kind = [("FifoQueue", "true")];
    let kind = if is_fifo { &kind[..] } else { &[] };
    let mut bench = Bench::new();
    bench.create(dead, kind);
    let policy = redrive(dead, 2);
    let own = [
        ("VisibilityTimeout", "7"),
        ("RedrivePolicy", policy.as_str()),
    ];
    bench.create(queue, &[kind, &own].concat());
    let mut sent: BTreeSet<u16> = BTreeSet::new();
    let mut groups: BTreeMap<u16, u8> = BTreeMap::new();
    let mut held: Vec<Received> = Vec::new();
    let mut number = 0;
    sequence::each(ops, |op| {
        number += 1;
        let mut given = Vec::new();
        match *op {
            Op::Send(group) => {
                let record = Some(RecordId(number));
                let plain = Entry {
                    record,
                    ..Entry::new(&number.to_string())
                };
                let message = match is_fifo {
                    true => plain.of_group(&group.to_string(), &number.to_string()),
                    false => plain,
                };
                assert!(matches!(bench.send(queue, message), Reply::Sent(_)));
                sent.insert(number);
                groups.insert(number, group);
            }
            Op::Receive { by, most, wait } => {
                let receive = Receive {
                    max_number_of_messages: Some(most),
                    wait_time_seconds: Some(wait),
                    ..Receive::default()
                };
                let request = Request::ReceiveMessage {
                    queue: queue.into(),
                    receive,
                };
                given.extend(bench.ask_from(caller(by), request));
            }
            Op::Delete(of) if of < held.len() => {
                let handle = ReceiptHandle::Issued(held[of].receipt);
                bench.ask(Request::DeleteMessage {
                    queue: queue.into(),
                    handle,
                });
            }
            Op::Hide(of, seconds) if of < held.len() => {
                bench.hide(queue, held[of].receipt, seconds);
            }
            Op::MoveBack => {
                bench.ask(Request::StartMessageMoveTask {
                    source_arn: systems::sqs::arn::arn(dead),
                    destination_arn: None,
                    max_number_of_messages_per_second: None,
                });
            }
            Op::Leave(by) => {
                let mut out = systems::Out::default();
                bench.sqs.disconnect(bench.now, caller(by), &mut out);
            }
            Op::Wait(seconds) => {
                let now = bench.now.ms() / 1000;
                bench.at(now + seconds);
            }
            _ => {}
        }
        given.extend(
            std::mem::take(&mut bench.later)
                .into_iter()
                .map(|(_, reply)| reply),
        );
        for reply in given {
            let Reply::Messages(messages) = reply else {
                continue;
            };
            if is_fifo {
                // Within one answer each group is in the order of sending.
                for (earlier, later) in messages.iter().zip(messages.iter().skip(1)) {
                    assert!(earlier.sequence_number < later.sequence_number);
                }
            }
            held.extend(messages);
        }
        check(&bench, is_fifo, [queue, dead], &sent, &groups);
    });
}

/// The promises.
fn check(
    bench: &Bench,
    is_fifo: bool,
    queues: [&str; 2],
    sent: &BTreeSet<u16>,
    groups: &BTreeMap<u16, u8>,
) {
    let record = |record: &Option<RecordId>| record.expect("a message of the test").0;
    let deleted = bench.facts.iter().filter_map(|fact| match fact {
        Fact::Deleted { record: of, .. } => Some(record(of)),
        _ => None,
    });
    let mut all: Vec<u16> = deleted.collect();
    for queue in queues {
        let store = &bench.sqs.queue(queue).expect("a queue").store;
        all.extend(store.messages().map(|(_, message)| record(&message.record)));
        let ends: Vec<u64> = store.ends_of_visibility().map(|(_, at, _)| at).collect();
        assert_eq!(ends.len() as u64, store.in_flight());
        let due = store
            .ends_of_visibility()
            .all(|(until, ..)| until > bench.now);
        assert!(due, "nothing is held beyond its time");
    }
    // Each message is in one queue, or deleted, once.
    all.sort_unstable();
    assert_eq!(all, sent.iter().copied().collect::<Vec<_>>());
    if is_fifo {
        // What is given out of a group is older than what stays.
        let store = &bench.sqs.queue(queues[0]).expect("a queue").store;
        let first = store.first().and_then(|at| store.get(at));
        if let Some(first) = first {
            let group = groups[&record(&first.record)];
            let held = store
                .ends_of_visibility()
                .filter_map(|(_, at, _)| store.get(at));
            let mut held = held.map(|message| groups[&record(&message.record)]);
            assert!(
                held.all(|one| one != group),
                "a group with a message in flight is blocked"
            );
        }
    }
}
