//! Publish and subscribe, and subscribers that do not read.

use crate::talk::{Talk, client};
use systems::redis::config::{BufferLimit, Settings};
use systems::redis::{Fact, Request};
use systems::{ClientId, RecordId};

#[test]
fn a_message_comes_once_for_each_matching_subscription() {
    let mut talk = Talk::default();
    talk.by(1, "SUBSCRIBE news.a");
    talk.by(1, "PSUBSCRIBE news.* n*");
    talk.by(2, "PSUBSCRIBE n*");
    talk.got.clear();
    assert_eq!(talk.ask("PUBLISH news.a hi"), "4");
    assert_eq!(
        talk.got_by(1),
        [
            "[message news.a hi]",
            "[pmessage news.* news.a hi]",
            "[pmessage n* news.a hi]"
        ]
    );
    assert_eq!(talk.got_by(2), ["[pmessage n* news.a hi]"]);
    talk.by(1, "PUNSUBSCRIBE");
    assert_eq!(talk.ask("PUBLISH news.a hi"), "2");
    // Sharded channels are others.
    assert_eq!(talk.ask("SPUBLISH news.a hi"), "0");
    talk.by(2, "SSUBSCRIBE news.a");
    assert_eq!(talk.ask("SPUBLISH news.a hi"), "1");
}

#[test]
fn pubsub_counts_channels_and_patterns() {
    let mut talk = Talk::default();
    assert_eq!(
        talk.by(1, "SUBSCRIBE a b"),
        "1) \"subscribe\"\n2) \"a\"\n3) (integer) 1\n1) \"subscribe\"\n2) \"b\"\n3) (integer) 2\n"
    );
    talk.by(2, "SUBSCRIBE b");
    talk.by(2, "PSUBSCRIBE x* y*");
    talk.by(1, "PSUBSCRIBE x*");
    assert_eq!(talk.ask("PUBSUB CHANNELS"), "[a b]");
    assert_eq!(talk.ask("PUBSUB CHANNELS [b-z]"), "[b]");
    assert_eq!(talk.ask("PUBSUB NUMSUB b a x*"), "[b 2 a 1 x* 0]");
    assert_eq!(talk.ask("PUBSUB NUMPAT"), "2");
    assert_eq!(
        talk.by(1, "UNSUBSCRIBE b a c"),
        "1) \"unsubscribe\"\n2) \"b\"\n3) (integer) 2\n1) \"unsubscribe\"\n2) \"a\"\n3) (integer) 1\n1) \"unsubscribe\"\n2) \"c\"\n3) (integer) 1\n"
    );
    assert_eq!(talk.ask("PUBSUB CHANNELS"), "[b]");
    assert!(
        talk.ask("PUBSUB NONE")
            .starts_with("ERR unknown subcommand 'NONE'")
    );
}

/// A message of a mebibyte, published by somebody; how often it was sent.
fn publish(talk: &mut Talk, record: u16) -> String {
    let words = vec!["PUBLISH".into(), "news".into(), "x".repeat(1 << 20).into()];
    let request = Request::words(words).carrying(&[RecordId(record)]);
    let to = talk.request(client(9), request);
    let mine = to.iter().filter(|(to, _)| *to == client(9));
    mine.map(|(_, reply)| crate::talk::plain(reply)).collect()
}

#[test]
fn a_slow_subscriber_is_disconnected_at_the_hard_limit() {
    let mut talk = Talk::default();
    talk.by(1, "SUBSCRIBE news");
    talk.request(client(1), Request::StopsReading);
    talk.got.clear();
    let mut sent = Vec::new();
    for n in 0..40 {
        talk.until(u64::from(n) * 250);
        sent.push(publish(&mut talk, n));
    }
    // The 32nd takes the buffer over 33 554 432 bytes.
    assert_eq!(sent.iter().position(|sent| sent == "0"), Some(32));
    assert_eq!(sent.iter().filter(|sent| *sent == "1").count(), 32);
    assert_eq!(talk.got_by(1), ["closed"]);
    let lost = (0..32).map(RecordId).collect();
    let overrun = talk.facts.iter().find_map(|fact| match fact {
        Fact::BufferOverrun { client, lost, .. } => Some((*client, lost.clone())),
        _ => None,
    });
    assert_eq!(overrun, Some((ClientId(1), lost)));
    // It comes back on another connection, and gets what is published from then on.
    talk.until(20_000);
    let again = systems::Caller {
        client: 1,
        connection: 2,
    };
    talk.request(again, Request::line("SUBSCRIBE news"));
    talk.got.clear();
    talk.until(25_000);
    assert_eq!(publish(&mut talk, 40), "1");
    assert_eq!(talk.got_by(1).len(), 1);
}

#[test]
fn a_slow_subscriber_is_disconnected_after_the_soft_limits_time() {
    let mut talk = Talk::default();
    talk.by(1, "SUBSCRIBE news");
    talk.request(client(1), Request::StopsReading);
    talk.got.clear();
    for n in 0..9 {
        talk.until(u64::from(n) * 250);
        assert_eq!(publish(&mut talk, n), "1");
    }
    assert!(talk.redis.waiting_bytes(client(1)) > 8 << 20);
    // Over 8 MB from 1.75 s on: closed when more than 60 whole seconds have passed.
    talk.until(61_999);
    assert_eq!(talk.got_by(1), Vec::<String>::new());
    talk.until(62_000);
    assert_eq!(talk.got_by(1), ["closed"]);
    assert_eq!(publish(&mut talk, 9), "0");
}

#[test]
fn who_reads_again_in_time_gets_everything() {
    let limit = BufferLimit {
        hard_bytes: 1_000,
        soft_bytes: 60,
        soft_seconds: 1,
    };
    let mut talk = Talk::new(Settings {
        pubsub_limit: limit,
        ..Settings::default()
    });
    talk.by(1, "SUBSCRIBE a");
    talk.request(client(1), Request::StopsReading);
    talk.got.clear();
    talk.all(&["PUBLISH a 1", "PUBLISH a 2"]);
    talk.until(1_999);
    assert_eq!(talk.got_by(1), Vec::<String>::new());
    talk.request(client(1), Request::ReadsOn);
    assert_eq!(talk.got_by(1), ["[message a 1]", "[message a 2]"]);
    talk.until(100_000);
    assert_eq!(talk.ask("PUBLISH a 3"), "1");
}
