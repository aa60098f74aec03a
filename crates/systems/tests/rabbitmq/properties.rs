//! What holds whatever is done.

use crate::{Scene, replay, trial};
use systems::Server;
use systems::rabbitmq::Fact;

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("rabbitmq", |bytes| {
        trial::run(bytes);
    });
}

#[test]
fn the_state_is_sound_whatever_is_done() {
    replay::random(400, 400, |bytes| {
        trial::run(bytes);
    });
}

#[test]
fn a_classic_queue_agrees_with_a_sorted_list() {
    replay::random(256, 400, |bytes| {
        trial::run(&[&[0], bytes].concat());
    });
}

#[test]
fn a_stream_gives_every_message_in_order() {
    replay::random(256, 300, |bytes| {
        trial::run(&[&[1], bytes].concat());
    });
}

/// A message that goes round between a work queue and a retry queue.
#[test]
fn x_death_counts_equal_the_deaths() {
    use serde_json::json;
    use systems::rabbitmq::Version;
    let mut scene = Scene::new(Version::V4_0);
    let to = |queue: &str| {
        [
            ("x-dead-letter-exchange", json!("")),
            ("x-dead-letter-routing-key", json!(queue)),
        ]
    };
    scene.queue("work", &to("retry"));
    let [exchange, key] = to("work");
    scene.queue("retry", &[exchange, key, ("x-message-ttl", json!(10))]);
    scene.send("work", "m");
    for round in 0..50_u64 {
        scene.until(round * 10);
        let got = scene.get(1, "work").expect("it is back");
        let counts: Vec<u64> = got
            .message
            .deaths()
            .entries
            .iter()
            .map(|one| one.count)
            .collect();
        let expected = if round == 0 {
            vec![]
        } else {
            vec![round, round]
        };
        assert_eq!(counts, expected);
        scene.nack(1, got.delivery_tag, false);
    }
    assert_eq!(scene.broker.next_due().map(|(at, _)| at.ms()), Some(500));
}

/// Bytes that look random, the same in every run.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = explore::seed::Seed::new(seed);
    (0..75).flat_map(|_| state.draw().to_le_bytes()).collect()
}

#[test]
fn random_operations_reach_every_fact() {
    let mut missing: std::collections::BTreeSet<&str> =
        Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    // Nobody in them declares a queue that expires for want of use.
    missing.remove("queue_expired");
    // What client libraries tell, and no server.
    for verb in [
        "method_sent",
        "buffered",
        "handed",
        "given_back",
        "channel_lost",
        "publish_confirmed",
        "publish_lost",
        // What is told of a request that breaks off with its connection, which nobody in them cuts.
        "settlement_lost",
    ] {
        assert!(missing.remove(verb), "{verb}");
    }
    for seed in 0..1_500 {
        for fact in trial::run(&[&[2], &bytes(seed)[..]].concat()) {
            missing.remove(fact.verb());
        }
        if missing.is_empty() {
            return;
        }
    }
    panic!("never happened: {missing:?}");
}
