//! What those who explore a server need of it.

use crate::talk::{Talk, client};
use std::collections::BTreeSet;
use systems::redis::{Fact, Redis, Request};
use systems::{About, Caller, Instant, Parts, RecordId, Visitor, Weight, Wire};

#[test]
fn a_server_is_the_row_of_its_parts() {
    let mut talk = Talk::default();
    talk.all(&[
        "XADD s 1-0 k v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g c STREAMS s >",
    ]);
    talk.by(1, "SUBSCRIBE a");
    talk.by(2, "XREAD BLOCK 5 STREAMS s $");
    let mut parts = Vec::new();
    talk.redis.parts(&mut |_, part| parts.push(part));
    let mut other = Redis::default();
    assert_ne!(other, talk.redis);
    other.put(&mut parts.into_iter());
    assert_eq!(other, talk.redis);
}

/// Notes times and clients.
#[derive(Default)]
struct Seen {
    times: Vec<Instant>,
    clients: BTreeSet<u8>,
}

impl Visitor for Seen {
    fn instant(&mut self, at: &mut Instant) {
        self.times.push(*at);
    }
    fn client(&mut self, client: &mut u8) {
        self.clients.insert(*client);
    }
}

#[test]
fn every_time_and_client_is_visited() {
    let mut talk = Talk::default();
    talk.until(7);
    talk.all(&[
        "XADD s 1-0 k v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g c STREAMS s >",
    ]);
    talk.all(&["SET t x PX 3"]);
    talk.by(1, "PSUBSCRIBE a*");
    talk.request(client(1), Request::StopsReading);
    talk.by(2, "XREAD BLOCK 5 STREAMS s $");
    let mut seen = Seen::default();
    talk.redis.visit_parts(&mut seen, |_| true);
    seen.times.sort_unstable();
    // The delivery, when the consumer was seen and active; the end of the key; the end of the wait.
    let times: Vec<u64> = seen.times.iter().map(|at| at.ms()).collect();
    assert_eq!(times, [7, 7, 7, 10, 12]);
    assert_eq!(seen.clients, BTreeSet::from([1, 2]));
}

#[test]
fn a_record_is_followed_through_the_server() {
    let mut talk = Talk::default();
    talk.all(&["XGROUP CREATE s g 0 MKSTREAM"]);
    let me: Caller = client(0);
    let add = Request::line("XADD s * k v").carrying(&[RecordId(3)]);
    assert_eq!(add.about(), About::Records(vec![RecordId(3)]));
    talk.request(me, add);
    let read = talk.request(me, Request::line("XREADGROUP GROUP g c STREAMS s >"));
    assert_eq!(read[0].1.about(), About::Records(vec![RecordId(3)]));
    let ack = Request::line("XACK s g 0-1").carrying(&[RecordId(3)]);
    assert_eq!(ack.about(), About::Settling(vec![RecordId(3)]));
    talk.request(me, ack);
    let headlines = talk
        .facts
        .iter()
        .filter(|fact| fact.weight() == Weight::Headline);
    let verbs: Vec<&str> = headlines.map(Fact::verb).collect();
    assert_eq!(verbs, ["added", "delivered", "acknowledged"]);
}

#[test]
fn every_fact_has_its_own_verb() {
    let verbs: BTreeSet<&str> = Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(verbs.len(), Fact::FORMS.len());
}
