//! Whatever clients and endpoints say, nothing panics and the account stays consistent.

use crate::steps::{Step, caller, furnished, request};
use arbitrary::{Arbitrary, Unstructured};
use explore::seed::Seed;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use systems::sns::filter_policy::{FilterPolicy, Scope};
use systems::sns::outbox::State;
use systems::sns::{DeliveryId, Fact, Message, Request, Topics, arn};
use systems::{Instant, Out, Parts, Server, Span, Visit, Visitor};

/// Does steps, and checks after each that the account is consistent. Gives what has happened.
fn play(bytes: &[u8]) -> BTreeSet<&'static str> {
    let mut verbs = BTreeSet::new();
    let mut source = Unstructured::new(bytes);
    let (mut topics, mut now) = (Topics::default(), Instant(0));
    if source.arbitrary().unwrap_or(false) {
        topics = furnished();
    }
    while let (false, Ok(step)) = (source.is_empty(), Step::arbitrary(&mut source)) {
        let mut out = Out::default();
        match step {
            Step::Wait { ms } => now = now + Span::from_ms(ms.into()),
            Step::Disconnect { client } => topics.disconnect(now, caller(client), &mut out),
            Step::Fire => {
                if let Some((at, due)) = topics.next_due() {
                    now = now.max(at);
                    topics.fire(now, due, &mut out);
                }
            }
            step => {
                if let Some((from, request)) = request(&topics, step) {
                    // Whoever stands for the endpoint is among those who answer.
                    let answers = matches!(request, Request::Answer { .. });
                    for client in 0..if answers { 4 } else { 1 } {
                        let from = if answers { caller(client) } else { from };
                        topics.handle(now, from, request.clone(), &mut out);
                    }
                }
            }
        }
        verbs.extend(out.facts.iter().map(Fact::verb));
        check(&topics);
    }
    verbs
}

/// Random steps would show nothing if they never got anywhere.
#[test]
fn random_steps_reach_every_fact() {
    let mut seed = Seed::new(1);
    let mut reached = BTreeSet::new();
    for _ in 0..400 {
        let bytes: Vec<u8> = (0..500).flat_map(|_| seed.draw().to_le_bytes()).collect();
        reached.extend(play(&bytes));
    }
    let all: BTreeSet<&str> = Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(reached, all);
}

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
    let mut same = topics.clone();
    same.visit_parts(&mut Nothing, |_| true);
    assert_eq!(same, *topics, "looking at a state changes it");
    let mut parts = Vec::new();
    same.parts(&mut |_, part| parts.push(part));
    same.put(&mut parts.into_iter());
    assert_eq!(same, *topics);
}

/// Looks and changes nothing.
struct Nothing;
impl Visitor for Nothing {}

/// Numbers deliveries anew, from 100 on.
struct Shift;
impl Visitor for Shift {
    fn counter(&mut self, _: systems::Counter, number: &mut u64) {
        *number += 100;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_all_stays_consistent(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
        play(&bytes);
    }

    #[test]
    fn no_policy_and_no_body_panics(policy in ".{0,60}", body in ".{0,60}", is_body in any::<bool>()) {
        let scope = if is_body { Scope::MessageBody } else { Scope::MessageAttributes };
        if let Ok(policy) = FilterPolicy::parse(&policy, scope) {
            policy.takes(&body, &Default::default());
        }
    }
}

#[test]
fn a_renumbered_account_goes_on_alike() {
    let mut topics = Topics::default();
    let mut facts = Vec::new();
    let made = topics.create_topic("t", &[], &mut facts);
    let topic = made.expect("a topic");
    let queue = arn::queue("q");
    topics
        .subscribe(Instant(0), &topic, "sqs", &queue, &[], &mut facts)
        .expect("a subscription");
    let mut other = topics.clone();
    other.visit_parts(&mut Shift, |_| true);
    let mut number = |topics: &mut Topics| {
        let sent = topics.publish(Instant(0), &topic, &Message::new("a"), &mut facts);
        sent.expect("taken").deliveries[0].id.0
    };
    assert_eq!((number(&mut topics), number(&mut other)), (1, 101));
    topics.visit_parts(&mut Shift, |_| true);
    assert_eq!(topics, other);
    let mut request = Request::DeleteTopic { topic };
    request.visit(&mut Shift);
}
