//! Streams: what they store, refuse, copy and remove.

use crate::bench_of_one::Bench;
use serde_json::json;
use systems::Span;
use systems::nats::{
    AckKind, AckPolicy, ApiError, Call, ConsumerConfig, Deliver, Discard, Get, Message, Origin,
    Reply, Republish, Retention, StreamConfig,
};

#[test]
fn discard_new_refuses_and_max_age_removes() {
    let mut bench = Bench::new();
    let config = StreamConfig {
        max_msgs: Some(2),
        max_msgs_per_subject: Some(1),
        discard: Discard::New,
        max_age: Some(Span::from_ms(1_000)),
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config.clone()).expect("made");
    assert_eq!(bench.store(Message::new("s.a", "1"))["seq"], json!(1));
    assert_eq!(bench.store(Message::new("s.b", "2"))["seq"], json!(2));
    let refused = bench.store(Message::new("s.c", "3"));
    assert_eq!(refused["error"]["err_code"], json!(10077));
    assert_eq!(
        refused["error"]["description"],
        json!("maximum messages exceeded")
    );
    // A full subject replaces its message, unless that is refused, too.
    assert_eq!(bench.store(Message::new("s.a", "4"))["seq"], json!(3));
    bench.wait(999);
    assert_eq!(bench.nats.stream("S").expect("there").log().len(), 2);
    bench.wait(1);
    let log = bench.nats.stream("S").expect("there").log().clone();
    assert_eq!((log.len(), log.first(), log.last()), (0, 4, 3));

    let mut bench = Bench::new();
    bench
        .stream(StreamConfig {
            discard_new_per_subject: true,
            ..config
        })
        .expect("made");
    bench.store(Message::new("s.a", "1"));
    let refused = bench.store(Message::new("s.a", "2"));
    let words = "maximum messages per subject exceeded";
    assert_eq!(refused["error"]["description"], json!(words));
}

#[test]
fn a_publish_can_expect_the_last_sequence() {
    let mut bench = Bench::with_stream();
    let mut publish = |name: &str, value: &str| {
        let answer = bench.store(Message::new("s.a", "m").with(name, value));
        answer["error"]["err_code"]
            .as_u64()
            .ok_or_else(|| answer["seq"].as_u64())
    };
    assert_eq!(publish("Nats-Expected-Last-Sequence", "1"), Ok(10071));
    assert_eq!(publish("Nats-Expected-Last-Sequence", "0"), Err(Some(1)));
    assert_eq!(
        publish("Nats-Expected-Last-Subject-Sequence", "0"),
        Ok(10071)
    );
    assert_eq!(
        publish("Nats-Expected-Last-Subject-Sequence", "1"),
        Err(Some(2))
    );
    assert_eq!(publish("Nats-Expected-Stream", "T"), Ok(10060));
    assert_eq!(publish("Nats-Expected-Stream", "S"), Err(Some(3)));
    assert_eq!(publish("Nats-Expected-Last-Msg-Id", "A"), Ok(10070));
    assert_eq!(publish("Nats-Msg-Id", "A"), Err(Some(4)));
    assert_eq!(publish("Nats-Expected-Last-Msg-Id", "A"), Err(Some(5)));
    assert_eq!(publish("Nats-Rollup", "all"), Ok(10111));
}

#[test]
fn a_rollup_keeps_only_itself() {
    let mut bench = Bench::new();
    let config = StreamConfig {
        allow_rollup: true,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    for subject in ["s.a", "s.b", "s.a"] {
        bench.put(subject, "old");
    }
    let left = |bench: &Bench| {
        let log = bench.nats.stream("S").expect("there").log();
        log.from(0).map(|one| one.seq).collect::<Vec<_>>()
    };
    bench.store(Message::new("s.a", "sum").with("Nats-Rollup", "sub"));
    assert_eq!(left(&bench), [2, 4]);
    bench.store(Message::new("s.b", "sum").with("Nats-Rollup", "all"));
    assert_eq!(left(&bench), [5]);
}

#[test]
fn a_work_queue_refuses_what_it_could_not_remove() {
    let mut bench = Bench::new();
    let config = StreamConfig {
        retention: Retention::WorkQueue,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    let none = ConsumerConfig {
        ack: AckPolicy::None,
        ..ConsumerConfig::durable("c")
    };
    assert_eq!(bench.consumer(none), Err(ApiError::WqRequiresExplicitAck));
    let new = ConsumerConfig {
        deliver: Deliver::New,
        ..ConsumerConfig::durable("c")
    };
    assert_eq!(bench.consumer(new), Err(ApiError::WqConsumerNotDeliverAll));
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    bench.put("s.a", "m");
    let got = bench.fetch("c", 1);
    bench.answer(&got[0].1, AckKind::Term);
    assert!(bench.nats.stream("S").expect("there").log().is_empty());
}

#[test]
fn mirrors_keep_sequences_and_sources_do_not() {
    let mut bench = Bench::with_stream();
    bench.put("s.a", "1");
    bench.put("s.a", "2");
    bench
        .call(Call::DeleteMessage {
            stream: "S".into(),
            seq: 1,
        })
        .expect("deleted");
    let copy = |name: &str| StreamConfig {
        name: name.into(),
        ..StreamConfig::default()
    };
    let mirror = StreamConfig {
        mirror: Some(Origin::new("S")),
        ..copy("M")
    };
    bench.stream(mirror).expect("made");
    let sources = StreamConfig {
        sources: vec![Origin::new("S")],
        ..copy("T")
    };
    bench.stream(sources).expect("made");
    bench.put("s.a", "3");
    let held = |bench: &Bench, name: &str| -> Vec<(u64, String)> {
        let log = bench.nats.stream(name).expect("there").log();
        log.from(0)
            .map(|one| (one.seq, one.message.payload.to_string()))
            .collect()
    };
    assert_eq!(
        held(&bench, "M"),
        [(2, "2".to_owned()), (3, "3".to_owned())]
    );
    assert_eq!(
        held(&bench, "T"),
        [(1, "2".to_owned()), (2, "3".to_owned())]
    );
    let last = bench
        .nats
        .stream("T")
        .expect("there")
        .log()
        .newest()
        .cloned();
    let message = last.expect("stored").message;
    assert_eq!(message.header("Nats-Stream-Source"), Some("S 3"));
    // What is deleted at the origin stays in the copies; a circle is refused.
    bench
        .call(Call::DeleteMessage {
            stream: "S".into(),
            seq: 3,
        })
        .expect("deleted");
    assert_eq!(held(&bench, "M").len(), 2);
    let circle = StreamConfig {
        sources: vec![Origin::new("T")],
        ..StreamConfig::new("S", &["s.>"])
    };
    let refused = bench.call(Call::UpdateStream(Box::new(circle)));
    assert!(matches!(refused, Err(ApiError::InvalidConfig(_))));
}

#[test]
fn a_stored_message_is_republished() {
    let mut bench = Bench::new();
    let republish = Republish {
        source: "s.>".into(),
        destination: "live.>".into(),
        headers_only: false,
    };
    let config = StreamConfig {
        republish: Some(republish),
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    bench.subscribe("live.>");
    bench.put("s.a", "1");
    bench.put("s.a", "2");
    let Some(Reply::Message { message, .. }) = bench.came.last() else {
        panic!("a message is expected");
    };
    assert_eq!(&*message.subject, "live.s.a");
    let header = |name| message.header(name).map(str::to_owned);
    assert_eq!(header("Nats-Sequence").as_deref(), Some("2"));
    assert_eq!(header("Nats-Last-Sequence").as_deref(), Some("1"));
}

#[test]
fn nothing_changes_in_a_sealed_stream() {
    let mut bench = Bench::with_stream();
    bench.put("s.a", "m");
    let sealed = StreamConfig {
        sealed: true,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench
        .call(Call::UpdateStream(Box::new(sealed)))
        .expect("sealed");
    assert_eq!(
        bench.store(Message::new("s.a", "n"))["error"]["err_code"],
        json!(10109)
    );
    let (stream, filter) = ("S".into(), None);
    let purge = Call::PurgeStream {
        stream,
        filter,
        seq: 0,
        keep: 0,
    };
    assert_eq!(bench.call(purge), Err(ApiError::Sealed));
    let open = StreamConfig::new("S", &["s.>"]);
    let refused = bench.call(Call::UpdateStream(Box::new(open)));
    assert!(matches!(refused, Err(ApiError::InvalidConfig(_))));
}

#[test]
fn a_message_that_is_not_there_has_its_error() {
    let mut bench = Bench::with_stream();
    let get = |get| Call::GetMessage {
        stream: "S".into(),
        get,
    };
    assert_eq!(
        bench.call(get(Get::Sequence(1))),
        Err(ApiError::NoMessageFound)
    );
    let delete = Call::DeleteMessage {
        stream: "S".into(),
        seq: 1,
    };
    assert_eq!(bench.call(delete), Err(ApiError::SequenceNotFound(1)));
    let missing = Call::StreamInfo { stream: "T".into() };
    assert_eq!(bench.call(missing), Err(ApiError::StreamNotFound));
}

#[test]
fn interest_ends_with_the_consumer() {
    let mut bench = Bench::new();
    let config = StreamConfig {
        retention: Retention::Interest,
        ..StreamConfig::new("S", &["s.>"])
    };
    bench.stream(config).expect("made");
    bench.consumer(ConsumerConfig::durable("a")).expect("made");
    bench.consumer(ConsumerConfig::durable("b")).expect("made");
    bench.put("s.a", "1");
    bench.put("s.a", "2");
    let got = bench.fetch("a", 1);
    bench.answer(&got[0].1, AckKind::Ack);
    let (stream, consumer) = ("S".into(), "b".into());
    bench
        .call(Call::DeleteConsumer { stream, consumer })
        .expect("deleted");
    let left: Vec<u64> = bench
        .nats
        .stream("S")
        .expect("there")
        .log()
        .from(0)
        .map(|one| one.seq)
        .collect();
    assert_eq!(left, [2]);
}
