//! Values at the ends of their ranges.

use crate::bench_of_one::Bench;
use serde_json::json;
use systems::nats::{Call, ConsumerConfig, Message, Pull, Request, StreamConfig};

/// A stream S with a consumer c and a pull that waits for all there will be.
fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.stream(StreamConfig::new("S", &["s"])).expect("made");
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    bench.subscribe("inbox");
    let pull = Pull {
        batch: u64::MAX,
        expires: None,
        no_wait: false,
        max_bytes: None,
    };
    bench.pull("c", "inbox", pull);
    bench
}

fn purge(bench: &mut Bench, seq: u64) {
    let (stream, filter, keep) = ("S".into(), None, 0);
    let call = Call::PurgeStream {
        stream,
        filter,
        seq,
        keep,
    };
    bench.call(call).expect("purged");
}

#[test]
fn the_last_sequence_is_given_and_delivered_once() {
    let mut bench = bench();
    purge(&mut bench, u64::MAX - 1);
    let replies = bench.send(Request::Publish {
        message: Message::new("s", "last"),
        reply: None,
    });
    let delivered = crate::bench_of_one::delivered(&replies);
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].1.stream_seq, u64::MAX - 1);
    assert_eq!(
        bench.store(Message::new("s", "one more"))["error"],
        json!({"code": 503, "err_code": 10077, "description": "sequences are used up"})
    );
}

#[test]
fn a_purge_to_the_end_of_all_sequences_leaves_none() {
    let mut bench = bench();
    purge(&mut bench, u64::MAX);
    for _ in 0..2 {
        let answer = bench.store(Message::new("s", "m"));
        assert_eq!(answer["error"]["err_code"], 10077, "{answer}");
    }
    let stream = bench.nats.stream("S").expect("there");
    assert_eq!((stream.log().len(), stream.log().last()), (0, u64::MAX - 1));
    assert_eq!(stream.consumers()["c"].unseen(), 0);
}
