//! Core NATS.

use crate::bench_of_one::{Bench, ME, bodies};
use systems::nats::{
    AckReply, ConsumerConfig, CoreError, Message, Pull, Reply, Request, Settings, StreamConfig,
};
use systems::{Instant, Out, Server};

#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let settings = Settings {
        max_pending: 1_000,
        ..Settings::default()
    };
    let mut bench = Bench::with(settings.clone());
    bench.subscribe("t");
    bench.send(Request::Socket { reads: false });
    bench.put("t", "small");
    // It reads again in time: nothing is lost.
    bench.wait(9_000);
    let came = bench.send(Request::Socket { reads: true });
    assert_eq!(bodies(&came), ["small"]);
    // Too many bytes wait.
    bench.send(Request::Socket { reads: false });
    bench.put("t", "small");
    let message = Message::new("t", &"x".repeat(1_000));
    let came = bench.send(Request::Publish {
        message,
        reply: None,
    });
    assert_eq!(came, [Reply::Error(CoreError::SlowConsumer)]);
    assert!(!bench.nats.has_interest("t"));
    // Or nothing is taken for ten seconds.
    let mut bench = Bench::with(settings);
    bench.subscribe("t");
    bench.send(Request::Socket { reads: false });
    bench.put("t", "small");
    let came = bench.wait(20_000);
    assert_eq!(came, [(10_000, Reply::Error(CoreError::SlowConsumer))]);
}

#[test]
fn a_status_goes_nowhere_once_it_has_cut_its_client_off() {
    let mut bench = Bench::with(Settings {
        max_pending: 10,
        ..Settings::default()
    });
    bench
        .stream(StreamConfig::new("S", &["s.>"]))
        .expect("made");
    bench.consumer(ConsumerConfig::durable("c")).expect("made");
    // Two subscriptions are to get the status, and the first copy is too much.
    bench.subscribe("inbox");
    bench.subscribe("inbox");
    bench.send(Request::Socket { reads: false });
    let came = bench.send(Request::Next {
        stream: "S".into(),
        consumer: "c".into(),
        reply: "inbox".into(),
        pull: Pull {
            batch: 1,
            expires: None,
            no_wait: true,
            max_bytes: None,
        },
    });
    assert_eq!(came, [Reply::Error(CoreError::SlowConsumer)]);
    assert!(!bench.nats.has_interest("inbox"));
}

#[test]
fn what_is_invalid_is_refused() {
    let mut bench = Bench::new();
    for subject in ["a..b", "a.*", ">", "", "a b"] {
        let message = Message::new(subject, "m");
        let came = bench.send(Request::Publish {
            message,
            reply: None,
        });
        assert_eq!(came, [Reply::Error(CoreError::InvalidSubject)], "{subject}");
    }
    let (subject, queue, sid) = ("a.>.b".into(), None, 1);
    let came = bench.send(Request::Subscribe {
        subject,
        queue,
        sid,
    });
    assert_eq!(came, [Reply::Error(CoreError::InvalidSubject)]);
    bench.subscribe("t");
    let message = Message::new("t", &"x".repeat(1_048_577));
    let came = bench.send(Request::Publish {
        message,
        reply: None,
    });
    assert_eq!(came, [Reply::Error(CoreError::MaximumPayload)]);
    assert!(!bench.nats.has_interest("t"));
}

#[test]
fn an_echo_can_be_refused() {
    let mut bench = Bench::new();
    bench.subscribe("t");
    bench.put("t", "mine");
    assert_eq!(bodies(&bench.came), ["mine"]);
    bench.send(Request::Connect {
        echo: false,
        no_responders: true,
    });
    bench.put("t", "mine again");
    assert_eq!(bodies(&bench.came), ["mine"]);
}

#[test]
fn a_member_that_leaves_gets_nothing_more() {
    let (mut bench, mut out) = (Bench::new(), Out::default());
    let other = systems::Caller {
        client: 1,
        connection: 1,
    };
    let join = || Request::Subscribe {
        subject: "t".into(),
        queue: Some("g".into()),
        sid: 9,
    };
    bench.send(join());
    bench.nats.handle(Instant(0), other, join(), &mut out);
    for body in ["1", "2", "3", "4"] {
        let message = Message::new("t", body);
        bench.nats.handle(
            Instant(0),
            ME,
            Request::Publish {
                message,
                reply: None,
            },
            &mut out,
        );
    }
    let of = |to| out.to.iter().filter(|(caller, _)| *caller == to).count();
    assert_eq!((of(ME), of(other)), (2, 2));
    let mut out = Out::default();
    bench.nats.disconnect(Instant(0), other, &mut out);
    let message = Message::new("t", "5");
    bench.nats.handle(
        Instant(0),
        ME,
        Request::Publish {
            message,
            reply: None,
        },
        &mut out,
    );
    assert_eq!(out.to.len(), 1);
    assert_eq!(out.to[0].0, ME);
}

#[test]
fn an_ack_subject_reads_back() {
    let ack = AckReply {
        stream: "S".into(),
        consumer: "c".into(),
        deliveries: 2,
        stream_seq: 7,
        consumer_seq: 9,
        stored: Instant(5_000),
        pending: 3,
        record: None,
    };
    assert_eq!(ack.subject(), "$JS.ACK.S.c.2.7.9.5000000.3");
    assert_eq!(AckReply::parse(&ack.subject()), Some(ack));
    assert_eq!(AckReply::parse("$JS.ACK.S.c.2.7.9.x.3"), None);
}
