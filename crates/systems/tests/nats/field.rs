//! Cases from the field.

use crate::bench_of_one::{Bench, delivered};
use serde_json::json;
use systems::Span;
use systems::nats::{AckKind, ConsumerConfig, Message, Retention, StreamConfig};

/// Jobs that are put back with a long delay are still unacknowledged.
#[test]
fn delayed_naks_use_up_max_ack_pending() {
    let hour = || AckKind::Nak(Some(Span::from_ms(3_600_000)));
    let begin = |max_ack_pending| {
        let mut bench = Bench::new();
        bench.stream(StreamConfig::new("S", &["s"])).expect("made");
        let config = ConsumerConfig {
            max_ack_pending,
            ..ConsumerConfig::durable("c")
        };
        bench.consumer(config).expect("made");
        for body in ["m1", "m2", "m3", "m4", "m5"] {
            bench.put("s", body);
        }
        for body in ["m1", "m2"] {
            let got = bench.fetch("c", 1);
            assert_eq!(&*got[0].0, body);
            bench.answer(&got[0].1, hour());
            bench.wait(1_000);
        }
        bench
    };
    let mut bench = begin(2);
    for _ in 0..3 {
        assert!(bench.fetch("c", 1).is_empty());
        bench.wait(1_000_000);
    }
    let consumer = bench.nats.stream("S").expect("it is there").consumers()["c"].clone();
    assert_eq!((consumer.unseen(), consumer.ack_pending()), (3, 2));
    bench.wait(3_600_000 - 3_002_000);
    let first = bench.fetch("c", 2);
    let told: Vec<_> = first
        .iter()
        .map(|(body, ack)| (&**body, ack.deliveries))
        .collect();
    assert_eq!(told, [("m1", 2)]);
    bench.wait(1_000);
    let second = bench.fetch("c", 2);
    let told: Vec<_> = second
        .iter()
        .map(|(body, ack)| (&**body, ack.deliveries))
        .collect();
    assert_eq!(told, [("m2", 2)]);
    bench.answer(&first[0].1, AckKind::Ack);
    let third = bench.fetch("c", 2);
    let told: Vec<_> = third
        .iter()
        .map(|(body, ack)| (&**body, ack.deliveries))
        .collect();
    assert_eq!(told, [("m3", 1)]);

    let mut bench = begin(1000);
    let got: Vec<String> = bench
        .fetch("c", 9)
        .iter()
        .map(|(body, _)| body.to_string())
        .collect();
    assert_eq!(got, ["m3", "m4", "m5"]);
}

/// A publish that is repeated within the window reaches nobody again, whatever became of the first.
#[test]
fn an_outbox_that_repeats_an_id_reaches_nobody() {
    for retention in [Retention::Limits, Retention::WorkQueue] {
        let begin = || {
            let mut bench = Bench::new();
            let config = StreamConfig {
                duplicate_window: Some(Span::from_ms(120_000)),
                retention,
                ..StreamConfig::new("S", &["s"])
            };
            bench.stream(config).expect("made");
            let config = ConsumerConfig {
                deliver_subject: Some("d".into()),
                ..ConsumerConfig::durable("c")
            };
            bench.consumer(config).expect("made");
            bench.subscribe("d");
            bench
        };
        let publish = |bench: &mut Bench| {
            let answer = bench.store(Message::new("s", "row").with("Nats-Msg-Id", "X"));
            let pushed = delivered(&bench.came);
            if let Some((_, ack)) = pushed.last() {
                bench.answer(ack, AckKind::Ack);
            }
            answer
        };
        let mut bench = begin();
        assert_eq!(publish(&mut bench), json!({"stream": "S", "seq": 1}));
        for _ in 0..4 {
            bench.wait(15_000);
            let again = json!({"stream": "S", "seq": 1, "duplicate": true});
            assert_eq!(publish(&mut bench), again);
        }
        assert_eq!(delivered(&bench.came).len(), 1);
        assert_eq!(bench.nats.stream("S").expect("it is there").log().last(), 1);

        let mut bench = begin();
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(publish(&mut bench));
            bench.wait(61_000);
        }
        assert_eq!(answers[1]["duplicate"], json!(true));
        assert_eq!(answers[2], json!({"stream": "S", "seq": 2}));
        assert_eq!(delivered(&bench.came).len(), 2);
    }
}
