//! Consumers: what they deliver, when it comes again, and how pulls wait.

use crate::bench_of_one::{Bench, bodies, delivered, statuses};
use systems::Span;
use systems::nats::{
    AckKind, AckPolicy, ApiError, Call, ConsumerConfig, Pull, Release, Replay, Reply, Request,
    StreamConfig,
};

fn push(name: &str) -> ConsumerConfig {
    ConsumerConfig {
        deliver_subject: Some("d".into()),
        ..ConsumerConfig::durable(name)
    }
}

const NO_WAIT: Pull = Pull {
    batch: 1,
    expires: None,
    no_wait: true,
    max_bytes: None,
};

const fn waiting(batch: u64, ms: u64) -> Pull {
    Pull {
        batch,
        expires: Some(Span::from_ms(ms)),
        no_wait: false,
        max_bytes: None,
    }
}

#[test]
fn the_advisory_of_max_deliver_needs_a_pull_only_in_2_9() {
    for (release, count) in [(Release::V2_9, 0), (Release::V2_14, 1)] {
        let mut bench = Bench::of(release);
        bench
            .stream(StreamConfig::new("S", &["s.>"]))
            .expect("made");
        let config = ConsumerConfig {
            max_deliver: 1,
            ..ConsumerConfig::durable("c")
        };
        bench.consumer(config).expect("made");
        bench.subscribe("$JS.EVENT.ADVISORY.>");
        bench.put("s.a", "m");
        bench.fetch("c", 1);
        let came: Vec<Reply> = bench
            .wait(60_000)
            .into_iter()
            .map(|(_, reply)| reply)
            .collect();
        assert_eq!(bodies(&came).len(), count);
        let pending = bench.nats.stream("S").expect("there").consumers()["c"].ack_pending();
        assert_eq!(pending, 1 - count as u64);
        assert!(bench.fetch("c", 1).is_empty());
        let advisories = bodies(&bench.came);
        let advisories = advisories
            .iter()
            .filter(|body| body.contains("max_deliver"))
            .count();
        assert_eq!(advisories, 1);
        assert_eq!(bench.nats.stream("S").expect("there").log().len(), 1);
    }
}

#[test]
fn a_consumer_made_again_keeps_its_policies() {
    let mut bench = Bench::with_stream();
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    let longer = ConsumerConfig {
        ack_wait: Span::from_ms(60_000),
        ..ConsumerConfig::durable("c")
    };
    bench.consumer(longer).expect("changed");
    let other = ConsumerConfig {
        ack: AckPolicy::All,
        ..ConsumerConfig::durable("c")
    };
    let why = "ack policy can not be updated".into();
    assert_eq!(bench.consumer(other), Err(ApiError::ConsumerCreate(why)));
    let outside = ConsumerConfig {
        filters: vec!["t".into()],
        ..ConsumerConfig::durable("e")
    };
    assert_eq!(bench.consumer(outside), Err(ApiError::FilterNotSubset));
    let cycle = ConsumerConfig {
        deliver_subject: Some("s.d".into()),
        ..ConsumerConfig::durable("e")
    };
    assert_eq!(bench.consumer(cycle), Err(ApiError::DeliverCycle));
}

#[test]
fn an_unused_ephemeral_consumer_is_deleted() {
    let mut bench = Bench::with_stream();
    let config = ConsumerConfig {
        durable: false,
        ..ConsumerConfig::durable("c")
    };
    bench.consumer(config).expect("made");
    bench.wait(4_000);
    bench.fetch("c", 1);
    bench.wait(4_999);
    assert_eq!(bench.nats.stream("S").expect("there").consumers().len(), 1);
    bench.wait(1);
    assert_eq!(bench.nats.stream("S").expect("there").consumers().len(), 0);
    bench
        .consumer(ConsumerConfig::ordered("o", "d"))
        .expect("made");
    let sid = bench.subscribe("d");
    bench.wait(60_000);
    assert_eq!(bench.nats.stream("S").expect("there").consumers().len(), 1);
    bench.send(Request::Unsubscribe { sid, max: None });
    bench.wait(5_000);
    assert_eq!(bench.nats.stream("S").expect("there").consumers().len(), 0);
}

#[test]
fn waiting_pulls_take_turns_and_are_limited() {
    let mut bench = Bench::with_stream();
    let config = ConsumerConfig {
        max_waiting: 2,
        ..ConsumerConfig::durable("c")
    };
    bench.consumer(config).expect("made");
    let (one, two) = (bench.subscribe("i1"), bench.subscribe("i2"));
    bench.pull("c", "i1", waiting(2, 5_000));
    bench.pull("c", "i2", waiting(2, 5_000));
    bench.pull("c", "i1", NO_WAIT);
    assert_eq!(statuses(&bench.came), [409]);
    bench.came.clear();
    for body in ["1", "2", "3"] {
        bench.put("s.a", body);
    }
    let to: Vec<u32> = bench
        .came
        .iter()
        .filter_map(|reply| match reply {
            Reply::Message { sid, .. } => Some(*sid),
            _ => None,
        })
        .collect();
    assert_eq!(to, [one, two, one]);
    let ended = bench.wait(5_000);
    assert!(matches!(ended[..], [(5_000, Reply::Status { sid, code: 408, .. })] if sid == two));
}

#[test]
fn a_pull_is_told_what_is_wrong() {
    let mut bench = Bench::with_stream();
    bench.consumer(push("p")).expect("made");
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    bench.subscribe("i");
    bench.pull("p", "i", NO_WAIT);
    bench.pull("c", "i", NO_WAIT);
    bench.pull("nobody", "i", NO_WAIT);
    bench.pull("c", "i", waiting(1, 9_000));
    let (stream, consumer) = ("S".into(), "c".into());
    bench
        .call(Call::DeleteConsumer { stream, consumer })
        .expect("deleted");
    assert_eq!(statuses(&bench.came), [409, 404, 503, 409]);
}

#[test]
fn progress_begins_the_ack_wait_anew() {
    let mut bench = Bench::with_stream();
    bench
        .consumer(ConsumerConfig {
            ack_wait: Span::from_ms(1_000),
            ..push("c")
        })
        .expect("made");
    bench.subscribe("d");
    bench.put("s.a", "m");
    let ack = delivered(&bench.came)[0].1.clone();
    bench.wait(900);
    // As a client does it: with a publish to the reply subject.
    bench.put(&ack.subject(), "+WPI");
    let came = bench.wait(2_000);
    assert_eq!(came.first().map(|(at, _)| *at), Some(1_900));
    bench.put(&ack.subject(), "+ACK");
    assert!(bench.wait(5_000).is_empty());
}

#[test]
fn a_delayed_nak_with_backoff_comes_later() {
    let seconds = |list: [u64; 3]| list.map(|one| Span::from_ms(one * 1_000)).to_vec();
    let mut bench = Bench::with_stream();
    bench
        .consumer(ConsumerConfig {
            backoff: seconds([5, 10, 15]),
            ..push("c")
        })
        .expect("made");
    bench.subscribe("d");
    bench.put("s.a", "m");
    let mut waits = Vec::new();
    for _ in 0..4 {
        let (_, ack) = delivered(&bench.came).pop().expect("delivered");
        let before = bench.now.ms();
        bench.answer(&ack, AckKind::Nak(Some(Span::from_ms(2_000))));
        let at = loop {
            if let Some((at, _)) = bench.wait(1_000).first() {
                break *at;
            }
        };
        waits.push(at - before);
    }
    assert_eq!(waits, [2_000, 7_000, 12_000, 12_000]);
}

#[test]
fn the_original_replay_keeps_the_pauses() {
    let mut bench = Bench::with_stream();
    for body in ["1", "2", "3"] {
        bench.put("s.a", body);
        bench.wait(700);
    }
    bench.subscribe("d");
    let begin = bench.now.ms();
    bench
        .consumer(ConsumerConfig {
            replay: Replay::Original,
            ..push("c")
        })
        .expect("made");
    assert_eq!(bodies(&bench.came), ["1"]);
    let times: Vec<u64> = bench.wait(5_000).iter().map(|(at, _)| at - begin).collect();
    assert_eq!(times, [700, 1_400]);
    bench.put("s.a", "4");
    assert_eq!(bodies(&bench.came).len(), 4);
}
