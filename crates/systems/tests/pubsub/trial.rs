//! The service on trial: any requests under the service's invariants, and the promises of a
//! subscription.

use crate::operations::{Given, Sent};
use crate::stage::{self, Stage};
use crate::{promises, sequence};
use arbitrary::{Arbitrary, Unstructured};
use std::collections::BTreeSet;
use systems::pubsub::subscription::Standing;
use systems::pubsub::{Pubsub, Reply, Request, tools};
use systems::{Caller, Instant, Span};

/// Plays what the bytes say: the first says what kind of trial it is.
pub fn run(bytes: &[u8]) {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        0 | 1 => promises::keep(&mut bytes),
        2 => promises::rest(&mut bytes),
        _ => requests(&mut bytes),
    }
}

fn client(client: u8) -> Caller {
    Caller {
        client: client % 3,
        connection: 1,
    }
}

fn requests(bytes: &mut Unstructured<'_>) {
    let mut trial = Trial {
        stage: Stage::new(Pubsub::new("p")),
        given: Given::default(),
    };
    for topic in ["a", "b"] {
        let request = Request::CreateTopic {
            topic: topic.into(),
            message_retention_duration: None,
        };
        trial.stage.ask(client(0), request);
    }
    let ops = sequence::decode(bytes, 150, <(u8, Sent)>::arbitrary);
    sequence::each(&ops, |(from, sent)| trial.step(client(*from), sent));
    for _ in 0..50 {
        trial.step(client(0), &Sent::Fire);
    }
}

struct Trial {
    stage: Stage<Pubsub>,
    given: Given,
}

impl Trial {
    fn step(&mut self, from: Caller, sent: &Sent) {
        let came = match (self.given.request(sent), sent) {
            (Some(request), _) => self.ask(from, request),
            (None, Sent::Disconnect) => self.stage.lose(from),
            (None, Sent::Fire) => self.stage.fire(),
            (None, Sent::Wait(ms)) => self.stage.pass(Span::from_ms(u64::from(*ms) % 30_000)),
            (None, Sent::WaitLong(us)) => self.stage.pass(Span(*us >> 20)),
            (None, Sent::Sleep(ms)) => {
                self.stage.sleep(Span::from_ms((*ms).into()));
                Vec::new()
            }
            (None, _) => Vec::new(),
        };
        for (_, reply) in came {
            match reply {
                Reply::Received { messages, .. } | Reply::Streamed { messages, .. } => {
                    let ids: BTreeSet<u64> = messages.iter().map(|one| one.message.id).collect();
                    assert_eq!(
                        ids.len(),
                        messages.len(),
                        "a message is twice in one answer"
                    );
                    self.given.0.extend(messages.iter().map(|one| one.ack_id));
                }
                Reply::Push { message, .. } => self.given.0.push(message.ack_id),
                _ => {}
            }
        }
        self.check();
    }

    /// A pull gives nothing that is outstanding.
    fn ask(&mut self, from: Caller, request: Request) -> stage::Sent<Pubsub> {
        let is_pull = matches!(request, Request::Pull { .. });
        let now = self.stage.now;
        let held = self.outstanding().filter(|(.., until)| *until > now);
        let before: BTreeSet<(u32, u64)> = held.map(|(one, message, _)| (one, message)).collect();
        let came = self.stage.ask(from, request);
        if is_pull {
            for (_, reply) in &came {
                let Reply::Received { messages, .. } = reply else {
                    continue;
                };
                for one in messages {
                    let message = (one.ack_id.subscription, one.message.id);
                    assert!(!before.contains(&message), "{one:?} was outstanding");
                }
            }
        }
        came
    }

    /// Those that are outstanding, and until when.
    fn outstanding(&self) -> impl Iterator<Item = (u32, u64, Instant)> {
        let all = self.stage.server.subscriptions().into_iter();
        all.flat_map(|one| {
            one.backlog().filter_map(|entry| match entry.standing {
                Standing::InFlight { until, .. } => Some((one.number, entry.message.id, until)),
                _ => None,
            })
        })
    }

    fn check(&self) {
        let mut names = BTreeSet::new();
        for one in self.stage.server.subscriptions() {
            assert!(names.insert(&one.name), "{} is there twice", one.name);
            assert_eq!(one.unacknowledged(), one.backlog().count());
            let outstanding = self
                .outstanding()
                .filter(|(number, ..)| *number == one.number);
            assert_eq!(one.outstanding(), outstanding.count(), "{}", one.name);
            let text = tools::subscriptions_describe(&self.stage.server, &one.name);
            assert!(text.is_ok());
        }
    }
}
