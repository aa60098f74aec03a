//! Troubles that people reported, with what must come out.

use crate::Scene;
use serde_json::json;
use systems::rabbitmq::{Answer, Fact, Method, Properties, Reason, Version, tools};

fn minutes(count: u64) -> u64 {
    count * 60_000
}

/// A delay queue with expirations of 3, 60 and 30 minutes: the third waits for the second.
#[test]
fn q09_each_waits_for_the_head() {
    let mut scene = Scene::new(Version::V3_13);
    scene.queue("work", &[]);
    let arguments = [
        ("x-dead-letter-exchange", json!("")),
        ("x-dead-letter-routing-key", json!("work")),
    ];
    scene.queue("delay", &arguments);
    for (body, ms) in [("m1", minutes(3)), ("m2", minutes(60)), ("m3", minutes(30))] {
        let properties = Properties {
            expiration: Some(ms),
            ..Properties::default()
        };
        scene.send_with("delay", body, properties);
    }
    scene.until(179_999);
    assert_eq!(scene.counts("work"), (0, 0));
    scene.until(180_000);
    assert_eq!(scene.counts("work"), (1, 0));
    scene.until(2_000_000);
    assert_eq!(
        tools::list_queues(&scene.broker, &[]).expect("the columns are known"),
        "Timeout: 60.0 seconds ...\nListing queues for vhost / ...\nname\tmessages\ndelay\t2\nwork\t1\n"
    );
    scene.until(3_599_999);
    assert_eq!(scene.counts("work"), (1, 0));
    scene.until(3_600_000);
    assert_eq!(
        (scene.counts("work"), scene.counts("delay")),
        ((3, 0), (0, 0))
    );
    for (body, ms) in [("m1", 180_000), ("m2", 3_600_000), ("m3", 1_800_000)] {
        let got = scene.get(1, "work").expect("a dead letter");
        assert_eq!(
            (&*got.message.body, got.message.properties.expiration),
            (body, None)
        );
        let deaths = &got.message.deaths().entries;
        let [death] = &deaths[..] else {
            panic!("{deaths:?}")
        };
        assert_eq!(
            (
                &*death.queue,
                death.reason,
                death.count,
                death.original_expiration
            ),
            ("delay", Reason::Expired, 1, Some(ms))
        );
    }
}

/// A consumer that gives everything back: with unlimited prefetch the messages come in turn, with 1
/// the first blocks all others, with 2 the third is never seen.
#[test]
fn q11_requeued_in_turn_or_stuck() {
    let check = |prefetch: u16, expected: [&str; 9]| {
        let mut scene = Scene::new(Version::V4_0);
        scene.queue("q", &[]);
        for body in ["a", "b", "c"] {
            scene.send("q", body);
        }
        scene.consume(1, "q", prefetch);
        let mut buffer = std::collections::VecDeque::new();
        let (mut seen, mut known) = (Vec::new(), std::collections::BTreeSet::new());
        for _ in 0..9 {
            buffer.extend(scene.deliveries(1));
            let next = buffer.pop_front().expect("something to do");
            let body = next.message.body.to_string();
            assert_eq!(next.redelivered, !known.insert(body.clone()), "{body}");
            seen.push(body);
            scene.nack(1, next.delivery_tag, true);
            let (ready, unacked) = scene.counts("q");
            assert_eq!(ready + unacked, 3);
        }
        assert_eq!(seen, expected, "prefetch {prefetch}");
    };
    check(0, ["a", "b", "c", "a", "b", "c", "a", "b", "c"]);
    check(1, ["a"; 9]);
    check(2, ["a", "b", "a", "b", "a", "b", "a", "b", "a"]);
}

/// A job that takes hours: the broker closes the channel, and another worker does it again.
#[test]
fn q13_a_slow_consumer_loses_its_channel() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("jobs", &[]);
    for body in ["m1", "m2", "m3"] {
        scene.send("jobs", body);
    }
    scene.consume(1, "jobs", 2);
    assert_eq!(scene.delivered(1), ["m1", "m2"]);
    scene.until(1_799_999);
    assert_eq!(scene.counts("jobs"), (1, 2));
    scene.until(1_860_000);
    let closed = scene
        .said
        .iter()
        .rev()
        .find_map(|(_, _, answer)| match answer {
            Answer::ChannelClose(exception) => Some(exception.clone()),
            _ => None,
        });
    let closed = closed.expect("the channel was closed");
    assert_eq!(closed.code.number(), 406);
    assert_eq!(
        &*closed.text,
        "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: \
         1800000 ms. This timeout value can be configured, see consumers doc guide to learn more"
    );
    assert_eq!(scene.counts("jobs"), (3, 0));
    assert_eq!(tools::list_consumers(&scene.broker).lines().count(), 2);
    let columns = ["messages_ready", "messages_unacknowledged"];
    let told = tools::list_queues(&scene.broker, &columns).expect("the columns are known");
    assert_eq!(told.lines().last(), Some("3\t0"));

    scene.until(3_600_000);
    scene.consume(2, "jobs", 1);
    let mut runs = Vec::new();
    for end in [3_660_000, 3_720_000, 3_780_000] {
        let got = scene.deliveries(2);
        let [job] = &got[..] else { panic!("{got:?}") };
        runs.push((job.message.body.to_string(), job.redelivered));
        scene.until(end);
        scene.ack(2, job.delivery_tag);
    }
    let expected = [("m1", true), ("m2", true), ("m3", false)];
    assert_eq!(runs, expected.map(|(body, again)| (body.to_owned(), again)));
    scene.until(10_800_000);
    // The first worker is done at last. Its channel is closed: nobody hears it.
    let ack = Method::BasicAck {
        delivery_tag: 1,
        multiple: false,
    };
    assert_eq!(scene.ask(1, ack), []);
    let deliveries = |fact: &&Fact| matches!(fact, Fact::Delivered { .. });
    assert_eq!(scene.facts.iter().filter(deliveries).count(), 5);
}

/// The server's part of a worker that looks, works, and stores what it has done: a message comes twice
/// when its first delivery was lost with its channel, and says so.
#[test]
fn q33_a_message_comes_twice_and_says_so() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    scene.send("q", "X");
    scene.consume(1, "q", 1);
    scene.consume(2, "q", 1);
    let first = scene.deliveries(1);
    scene.until(10);
    scene.lose(1);
    let second = scene.deliveries(2);
    assert_eq!((first[0].redelivered, second[0].redelivered), (false, true));
    assert_eq!(first[0].message, second[0].message);
    scene.ack(2, second[0].delivery_tag);
    assert_eq!(scene.counts("q"), (0, 0));
}

/// The broker's part of batches of which some fail: `multiple` acknowledges what was skipped as well.
#[test]
fn q07_multiple_settles_all_up_to_the_tag() {
    let mut scene = Scene::new(Version::V4_0);
    scene.queue("q", &[]);
    for body in ["m1", "m2", "m3", "m4"] {
        scene.send("q", body);
    }
    scene.consume(1, "q", 0);
    assert_eq!(scene.delivered(1).len(), 4);
    // m2 failed. To keep the order, it and all later ones go back.
    scene.ack(1, 1);
    let back = Method::BasicNack {
        delivery_tag: 4,
        multiple: true,
        requeue: true,
    };
    scene.ok(1, back);
    assert_eq!(scene.delivered(1), ["m2", "m3", "m4"]);
    // Sending back m2 alone lets it come after m3 and m4.
    scene.nack(1, 5, true);
    assert_eq!(scene.delivered(1), ["m2"]);
    let all = Method::BasicAck {
        delivery_tag: 8,
        multiple: true,
    };
    scene.ok(1, all);
    assert_eq!(scene.counts("q"), (0, 0));
}
