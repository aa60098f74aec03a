//! Accounts on trial: topics alone, whose endpoints are clients; topics beside the queues of Amazon SQS;
//! groups that must stay in order.

use crate::stage::{Sent, Stage};
use crate::steps::{Step, caller, furnished, request};
use crate::{groups, sequence};
use arbitrary::{Arbitrary, Result, Unstructured};
use std::collections::{BTreeMap, BTreeSet};
use systems::aws::{self, Account};
use systems::sns::filter_policy::{FilterPolicy, Scope};
use systems::sns::outbox::State;
use systems::sns::{DeliveryId, Fact, Request, Topics, tools};
use systems::{Instant, Server, Span, sqs};

/// How many operations a trial has at most.
const LENGTH_MAX: usize = 150;

/// Plays what the bytes say: the first says what kind of trial it is. Gives what has happened.
pub fn run(bytes: &[u8]) -> BTreeSet<&'static str> {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        0..=3 => topics(&mut bytes),
        4 | 5 => account(&mut bytes),
        6 => {
            let _ = groups::in_order(&mut bytes);
            BTreeSet::new()
        }
        _ => {
            let _ = policy(&mut bytes);
            BTreeSet::new()
        }
    }
}

/// Any text as a filter policy, and any as a body.
fn policy(bytes: &mut Unstructured<'_>) -> Result<()> {
    let scope = match bytes.arbitrary()? {
        true => Scope::MessageBody,
        false => Scope::MessageAttributes,
    };
    let length = bytes.int_in_range(0..=255_usize)?.min(bytes.len());
    let policy = String::from_utf8_lossy(bytes.bytes(length)?);
    let body = String::from_utf8_lossy(bytes.bytes(bytes.len())?);
    if let Ok(policy) = FilterPolicy::parse(&policy, scope) {
        policy.takes(&body, &Default::default());
    }
    Ok(())
}

/// Does steps, and checks after each that the topics are consistent.
fn topics(bytes: &mut Unstructured<'_>) -> BTreeSet<&'static str> {
    let is_furnished = bytes.arbitrary().unwrap_or(false);
    let mut stage = Stage::new(if is_furnished {
        furnished()
    } else {
        Topics::default()
    });
    let steps = sequence::decode(bytes, LENGTH_MAX, Step::arbitrary);
    sequence::each(&steps, |step| {
        match step {
            Step::Wait { ms } => stage.sleep(Span::from_ms((*ms).into())),
            Step::Disconnect { client } => drop(stage.lose(caller(*client))),
            Step::Fire => drop(stage.fire()),
            step => {
                if let Some((from, request)) = request(&stage.server, step.clone()) {
                    // Whoever stands for the endpoint is among those who answer.
                    let answers = matches!(request, Request::Answer { .. });
                    for client in 0..if answers { 4 } else { 1 } {
                        let from = if answers { caller(client) } else { from };
                        stage.ask(from, request.clone());
                    }
                }
            }
        }
        check(&stage.server);
    });
    stage.facts.iter().map(Fact::verb).collect()
}

/// What holds of topics.
fn check(topics: &Topics) {
    let mut ahead: BTreeMap<_, DeliveryId> = BTreeMap::new();
    let mut due = 0;
    for one in topics.outbox().iter() {
        let known = topics.subscription(&one.delivery.subscription).is_some();
        assert!(known, "{one:?} is of no subscription");
        due += usize::from(one.state != State::Behind);
        if let Some(lane) = &one.lane {
            let first = *ahead.entry(lane.clone()).or_insert(one.delivery.id);
            let is_first = first == one.delivery.id;
            assert_eq!(one.state == State::Behind, !is_first, "{one:?}");
        } else {
            assert_ne!(one.state, State::Behind, "{one:?}");
        }
    }
    let dues: Vec<Instant> = topics.upcoming().map(|(at, _)| at).collect();
    assert!(dues.is_sorted() && dues.len() == due, "{dues:?}");
    assert_eq!(topics.next_due(), topics.upcoming().next());
    for topic in topics.topics() {
        let printed = tools::list_subscriptions_by_topic(topics, &topic.arn);
        let listed = printed.matches("\"Protocol\"").count();
        assert_eq!(listed, topic.subscriptions.len(), "{printed}");
    }
}

/// Something that is done to an account.
#[derive(Arbitrary, Clone, Debug)]
enum Op {
    OfTopics(Step),
    MakeQueue(u8),
    DeleteQueue(u8),
    Receive(u8, u8),
    /// The receipt of one that was received, counted back.
    Forget(u8, u8),
    Fire,
    Pass(u16),
}

fn queue(number: u8) -> &'static str {
    ["q", "q.fifo", "dlq", "dlq.fifo"][usize::from(number % 4)]
}

/// Does operations on an account.
fn account(bytes: &mut Unstructured<'_>) -> BTreeSet<&'static str> {
    let mut stage = Stage::new(Account::default());
    let mut receipts = Vec::new();
    let make = |number: u8| {
        let fifo = [("FifoQueue".into(), "true".into())];
        let is_fifo = queue(number).ends_with(".fifo");
        sqs::Request::CreateQueue {
            name: queue(number).into(),
            attributes: if is_fifo { fifo.to_vec() } else { vec![] },
        }
    };
    for number in 0..4 {
        stage.ask(caller(0), aws::Request::Sqs(make(number)));
    }
    for topic in 0..4 {
        let fifo = topic % 2 == 1;
        let create = Step::Create {
            topic,
            fifo,
            content: fifo,
        };
        for step in [create, Step::subscribe(topic, 0), Step::subscribe(topic, 1)] {
            if let Some((from, request)) = request(stage.server.sns(), step) {
                stage.ask(from, aws::Request::Sns(request));
            }
        }
    }
    let ops = sequence::decode(bytes, LENGTH_MAX, Op::arbitrary);
    sequence::each(&ops, |op| {
        let sent: Sent<Account> = match op {
            Op::OfTopics(step) => match request(stage.server.sns(), step.clone()) {
                Some((from, request)) => stage.ask(from, aws::Request::Sns(request)),
                None => Vec::new(),
            },
            Op::MakeQueue(number) => stage.ask(caller(0), aws::Request::Sqs(make(*number))),
            Op::DeleteQueue(number) => {
                let queue = queue(*number).into();
                let request = sqs::Request::DeleteQueue { queue };
                stage.ask(caller(0), aws::Request::Sqs(request))
            }
            Op::Receive(number, most) => {
                let request = sqs::Request::receive(queue(*number), (most % 11).into());
                stage.ask(caller(0), aws::Request::Sqs(request))
            }
            Op::Forget(number, back) => {
                let at = receipts.len().checked_sub(1 + usize::from(*back));
                let Some(receipt) = at.and_then(|at| receipts.get(at).copied()) else {
                    return;
                };
                let request = sqs::Request::DeleteMessage {
                    queue: queue(*number).into(),
                    handle: sqs::ReceiptHandle::Issued(receipt),
                };
                stage.ask(caller(0), aws::Request::Sqs(request))
            }
            Op::Fire => stage.fire(),
            Op::Pass(ms) => stage.pass(Span::from_ms((*ms).into())),
        };
        for (_, reply) in sent {
            if let aws::Reply::Sqs(sqs::Reply::Messages(messages)) = reply {
                receipts.extend(messages.iter().map(|one| one.receipt));
            }
        }
        check(stage.server.sns());
    });
    let verbs = stage.facts.iter().filter_map(|fact| match fact {
        aws::Fact::Sns(fact) => Some(fact.verb()),
        aws::Fact::Sqs(_) => None,
    });
    verbs.collect()
}
