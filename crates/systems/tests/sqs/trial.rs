//! The service on trial: any requests under the service's invariants, and two kinds of queue beside
//! models.

use crate::operations::{Name, Op, Receipts};
use crate::stage::{Sent, Stage};
use crate::{random, reference, sequence};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeSet;
use systems::sqs::message::{MessageId, Place};
use systems::sqs::{QueueId, Reply, Request, Sqs, tools};
use systems::{Caller, Span};

/// Plays what the bytes say: the first says what kind of trial it is. How many operations there were.
pub fn run(bytes: &[u8]) -> usize {
    let mut bytes = Unstructured::new(bytes);
    let kind = bytes.int_in_range(0..=7_u8).unwrap_or_default();
    match kind {
        0 | 1 => {
            let ops = sequence::decode(&mut bytes, 80, reference::Op::of);
            reference::compare(kind == 1, &ops);
            ops.len()
        }
        2 | 3 => {
            let ops = sequence::decode(&mut bytes, 100, random::Op::of);
            random::play(kind == 3, &ops);
            ops.len()
        }
        _ => {
            let ops = sequence::decode(&mut bytes, 150, Op::arbitrary);
            let mut trial = Trial::new();
            sequence::each(&ops, |op| trial.play(op));
            ops.len()
        }
    }
}

struct Trial {
    stage: Stage<Sqs>,
    receipts: Receipts,
}

fn caller(client: u8) -> Caller {
    Caller {
        client: client % 3,
        connection: 1,
    }
}

impl Trial {
    /// Two queues of each kind, of which one takes the other's dead letters.
    fn new() -> Trial {
        let mut trial = Trial {
            stage: Stage::new(Sqs::default()),
            receipts: Receipts::default(),
        };
        for op in [
            Op::Create(Name::Standard, vec![]),
            Op::Create(Name::Dead, vec![]),
            Op::CreateFifo(Name::Fifo),
            Op::CreateFifo(Name::FifoDead),
            Op::Redrive(Name::Standard, Name::Dead, 1),
            Op::Redrive(Name::Fifo, Name::FifoDead, 2),
        ] {
            trial.play(&op);
        }
        trial
    }

    /// Those that are in flight, and will be for some time.
    fn in_flight(&self) -> BTreeSet<(QueueId, MessageId)> {
        let now = self.stage.now;
        let queues = self.stage.server.queues();
        let held = queues.flat_map(|queue| {
            let messages = queue.store.messages().map(|(_, message)| message);
            let held = messages
                .filter(|one| matches!(one.place, Place::InFlight { until, .. } if until > now));
            held.map(|one| (queue.id, one.id))
        });
        held.collect()
    }

    fn play(&mut self, op: &Op) {
        match op {
            Op::Wait(micros) => {
                // Up to a day; sometimes to the end of time.
                let is_long = micros.is_multiple_of(97);
                let day = 86_400_000_000;
                let sent = self
                    .stage
                    .pass(Span(if is_long { *micros } else { micros % day }));
                self.took(sent);
            }
            Op::Sleep(ms) => self.stage.sleep(Span::from_ms((*ms).into())),
            Op::Fire => {
                let sent = self.stage.fire();
                self.took(sent);
            }
            Op::Leave(client) => {
                let sent = self.stage.lose(caller(*client));
                self.took(sent);
            }
            op => {
                if let Some(request) = self.receipts.request(op.clone()) {
                    self.ask(caller(self.receipts.0.len() as u8), request);
                }
            }
        }
        self.check();
    }

    fn ask(&mut self, from: Caller, request: Request) {
        // A receive that is repeated gives the same messages again.
        let is_again = matches!(&request, Request::ReceiveMessage { receive, .. }
            if receive.receive_request_attempt_id.is_some());
        // Others may free what is in flight.
        let frees_none = matches!(
            &request,
            Request::ReceiveMessage { .. } | Request::SendMessage { .. }
        );
        let held = self.in_flight();
        let sent = self.stage.ask(from, request);
        for (_, reply) in &sent {
            let Reply::Messages(messages) = reply else {
                continue;
            };
            for one in messages {
                let is_held = held.contains(&(one.receipt.queue, one.message_id));
                assert!(
                    !is_held || is_again || !frees_none,
                    "{one:?} is with somebody else"
                );
            }
        }
        self.took(sent);
    }

    fn took(&mut self, sent: Sent<Sqs>) {
        for (_, reply) in sent {
            let Reply::Messages(messages) = reply else {
                continue;
            };
            for one in &messages {
                assert!(one.receive_count > 0 && one.first_received <= self.stage.now);
                assert!(one.sent <= one.first_received);
                self.receipts.0.push(one.receipt);
            }
            let mut ids: Vec<MessageId> = messages.iter().map(|one| one.message_id).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(
                ids.len(),
                messages.len(),
                "a message is twice in one answer"
            );
        }
    }

    fn check(&self) {
        for queue in self.stage.server.queues() {
            let store = &queue.store;
            let mut counted = [0; 3];
            for (_, message) in store.messages() {
                counted[match message.place {
                    Place::Visible => 0,
                    Place::InFlight { .. } => 1,
                    Place::Delayed { .. } => 2,
                }] += 1;
            }
            let told = [store.visible(), store.in_flight(), store.delayed()];
            assert_eq!(told, counted, "{}", queue.name);
            if self.stage.server.queue(&queue.name).is_none() {
                continue;
            }
            let printed = tools::get_queue_attributes(&self.stage.server, &queue.name, &["All"]);
            for (name, count) in [
                ("ApproximateNumberOfMessages", counted[0]),
                ("ApproximateNumberOfMessagesNotVisible", counted[1]),
                ("ApproximateNumberOfMessagesDelayed", counted[2]),
            ] {
                let line = format!("\"{name}\": \"{count}\"");
                assert!(printed.contains(&line), "{line} is not in {printed}");
            }
        }
    }
}
