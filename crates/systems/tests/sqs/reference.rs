//! A slow and obvious queue, on one page, held against the service.
//!
//! It keeps all messages in a list in the order in which they were sent, and looks through the whole
//! list whenever it is asked. It answers receives, deletes and visibility changes, and counts.

use crate::bench_client::{Bench, bodies};
use crate::sequence;
use arbitrary::{Result, Unstructured};
use systems::sqs::{Entry, Receipt, Reply};

/// A message, and until when nobody can receive it.
#[derive(Clone, Debug)]
struct Listed {
    body: String,
    group: Option<usize>,
    hidden_until: u64,
    /// Hidden by a receive, not by a delay.
    is_held: bool,
    receives: u32,
}

#[derive(Debug, Default)]
struct List {
    is_fifo: bool,
    visibility: u64,
    most_receives: u32,
    messages: Vec<Listed>,
    dead: Vec<String>,
    /// When each deduplication id was first sent.
    ids: Vec<(String, u64)>,
}

impl List {
    fn send(&mut self, now: u64, body: &str, group: Option<usize>, id: &str, delay: u64) {
        if self.is_fifo {
            if self
                .ids
                .iter()
                .any(|(known, at)| known == id && now < at + 300)
            {
                return;
            }
            self.ids.push((id.to_owned(), now));
        }
        self.messages.push(Listed {
            body: body.to_owned(),
            group,
            hidden_until: now + delay,
            is_held: false,
            receives: 0,
        });
    }

    /// Which groups have a message in flight.
    fn blocked(&self, now: u64) -> Vec<usize> {
        let held = self
            .messages
            .iter()
            .filter(|one| one.is_held && now < one.hidden_until);
        held.filter_map(|one| one.group).collect()
    }

    fn receive(&mut self, now: u64, most: usize) -> Vec<String> {
        let blocked = self.blocked(now);
        let is_free = |one: &Listed| {
            now >= one.hidden_until && one.group.is_none_or(|group| !blocked.contains(&group))
        };
        let mut free: Vec<usize> = (0..self.messages.len())
            .filter(|at| is_free(&self.messages[*at]))
            .collect();
        if self.is_fifo {
            // Group by group, the group of the first message first.
            let group = |at: &usize| self.messages[*at].group;
            let firsts = free.clone();
            free.sort_by_key(|at| firsts.iter().position(|first| group(first) == group(at)));
        }
        let (mut given, mut gone) = (Vec::new(), Vec::new());
        for at in free {
            if given.len() == most {
                break;
            }
            let one = &mut self.messages[at];
            if one.receives >= self.most_receives {
                gone.push(at);
                continue;
            }
            one.receives += 1;
            one.hidden_until = now + self.visibility;
            one.is_held = true;
            given.push(at);
        }
        given.sort_unstable();
        let given = given
            .iter()
            .map(|at| self.messages[*at].body.clone())
            .collect();
        self.dead
            .extend(gone.iter().map(|at| self.messages[*at].body.clone()));
        gone.sort_unstable();
        gone.iter()
            .rev()
            .for_each(|at| drop(self.messages.remove(*at)));
        given
    }

    fn delete(&mut self, now: u64, body: &str) {
        let is_fifo = self.is_fifo;
        let ends =
            |one: &Listed| one.body == body && (!is_fifo || one.is_held && now < one.hidden_until);
        self.messages.retain(|one| !ends(one));
    }

    fn hide(&mut self, now: u64, body: &str, seconds: u64) {
        let held = |one: &&mut Listed| one.body == body && one.is_held && now < one.hidden_until;
        if let Some(one) = self.messages.iter_mut().find(held) {
            one.hidden_until = now + seconds;
        }
    }

    fn depth(&self, now: u64) -> [u64; 3] {
        let count = |is_held: bool| {
            let hidden = self.messages.iter().filter(|one| now < one.hidden_until);
            hidden.filter(|one| one.is_held == is_held).count() as u64
        };
        let (held, delayed) = (count(true), count(false));
        [self.messages.len() as u64 - held - delayed, held, delayed]
    }
}

#[derive(Clone, Debug)]
pub enum Op {
    Send { group: usize, id: usize, delay: u64 },
    Receive(usize),
    Delete(usize),
    Hide(usize, u64),
    Wait(u64),
}

impl Op {
    pub fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        Ok(match bytes.int_in_range(0..=14_u8)? {
            0..=3 => Op::Send {
                group: bytes.int_in_range(0..=2)?,
                id: bytes.int_in_range(0..=29)?,
                delay: bytes.int_in_range(0..=3)?,
            },
            4..=7 => Op::Receive(bytes.int_in_range(1..=4)?),
            8 | 9 => Op::Delete(bytes.int_in_range(0..=5)?),
            10 | 11 => Op::Hide(bytes.int_in_range(0..=5)?, bytes.int_in_range(0..=11)?),
            12 | 13 => Op::Wait(bytes.int_in_range(0..=7)?),
            // All deduplication ids are forgotten.
            _ => Op::Wait(300),
        })
    }
}

/// Asks the service and the list the same.
pub fn compare(is_fifo: bool, ops: &[Op]) {
    let (queue, dead) = if is_fifo {
        ("q.fifo", "dead.fifo")
    } else {
        ("q", "dead")
    };
    let kind = [("FifoQueue", "true")];
    let kind = if is_fifo { &kind[..] } else { &[] };
    let mut bench = Bench::new();
    bench.create(dead, kind);
    let policy = crate::bench_client::redrive(dead, 3);
    let own = [
        ("VisibilityTimeout", "5"),
        ("RedrivePolicy", policy.as_str()),
    ];
    bench.create(queue, &[kind, &own].concat());
    let mut list = List {
        is_fifo,
        visibility: 5,
        most_receives: 3,
        ..List::default()
    };
    let mut receipts: Vec<(String, Receipt)> = Vec::new();
    let mut at = 0;
    sequence::each(ops, |op| {
        at += 1;
        let now = bench.now.ms() / 1000;
        let back = |back: usize| {
            receipts
                .len()
                .checked_sub(1 + back)
                .map(|at| receipts[at].clone())
        };
        match *op {
            Op::Send { group, id, delay } => {
                let (body, id) = (at.to_string(), id.to_string());
                let delay = if is_fifo { 0 } else { delay };
                let plain = Entry {
                    delay_seconds: Some(delay as i64),
                    ..Entry::new(&body)
                };
                let message = match is_fifo {
                    true => plain.of_group(&group.to_string(), &id),
                    false => plain,
                };
                assert!(matches!(bench.send(queue, message), Reply::Sent(_)));
                list.send(now, &body, is_fifo.then_some(group), &id, delay);
            }
            Op::Receive(most) => {
                let received = bench.receive(queue, most as i64);
                assert_eq!(
                    bodies(&received),
                    list.receive(now, most),
                    "step {at}: {op:?}"
                );
                for message in received {
                    // Only the latest receive of a message has a handle that counts.
                    receipts.retain(|(body, _)| **body != *message.body);
                    receipts.push((message.body.to_string(), message.receipt));
                }
            }
            Op::Delete(of) => {
                if let Some((body, receipt)) = back(of) {
                    bench.delete(queue, receipt);
                    list.delete(now, &body);
                }
            }
            Op::Hide(of, seconds) => {
                if let Some((body, receipt)) = back(of) {
                    bench.hide(queue, receipt, seconds as i64);
                    list.hide(now, &body, seconds);
                }
            }
            Op::Wait(seconds) => {
                bench.at(now + seconds);
            }
        }
        let now = bench.now.ms() / 1000;
        assert_eq!(bench.depth(queue), list.depth(now), "step {at}: {op:?}");
    });
    let store = &bench.sqs.queue(dead).expect("a queue").store;
    let dead: Vec<String> = store
        .messages()
        .map(|(_, message)| message.body.to_string())
        .collect();
    assert_eq!(dead, list.dead);
}
