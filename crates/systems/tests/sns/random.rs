//! Whatever clients and endpoints say, nothing panics and the account stays consistent.

use crate::{replay, trial};
use explore::seed::Seed;
use proptest::prelude::*;
use std::collections::BTreeSet;
use systems::sns::filter_policy::{FilterPolicy, Scope};
use systems::sns::{Fact, Message, Request, Topics, arn};
use systems::{Instant, Parts, Visit, Visitor};

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("sns", |bytes| {
        trial::run(bytes);
    });
}

#[test]
fn nothing_panics_and_all_stays_consistent() {
    replay::random(128, 2_000, |bytes| {
        trial::run(bytes);
    });
}

/// Whatever fails, each message of a group comes once, after those before it.
#[test]
fn a_group_is_delivered_in_order() {
    replay::random(256, 60, |bytes| {
        trial::run(&[&[6], bytes].concat());
    });
}

/// Random steps would show nothing if they never got anywhere.
#[test]
fn random_steps_reach_every_fact() {
    let mut seed = Seed::new(1);
    let mut reached = BTreeSet::new();
    for _ in 0..400 {
        let bytes: Vec<u8> = (0..500).flat_map(|_| seed.draw().to_le_bytes()).collect();
        reached.extend(trial::run(&[&[0], &bytes[..]].concat()));
    }
    let all: BTreeSet<&str> = Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(reached, all);
}

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
