//! Deduplication.

use crate::bench_client::Bench;
use systems::sqs::{Entry, Fact, MessageId, Reply};

fn id(reply: &Reply) -> MessageId {
    match reply {
        Reply::Sent(sent) => sent.message_id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_duplicate_is_not_stored_even_after_the_first_is_gone() {
    let mut bench = Bench::fifo(&[]);
    let message = |body: &str| Entry::new(body).of_group("g", "d");
    let first = id(&bench.send("q.fifo", message("first")));
    let held = bench.receive("q.fifo", 1);
    bench.delete("q.fifo", held[0].receipt);
    assert_eq!(id(&bench.at(299).send("q.fifo", message("again"))), first);
    assert_eq!(bench.depth("q.fifo"), [0, 0, 0]);
    let is_told = |fact: &Fact| matches!(fact, Fact::DuplicateNotStored { .. });
    assert_eq!(bench.facts.iter().filter(|fact| is_told(fact)).count(), 1);
    // The duplicate at 299 has not begun the five minutes again.
    assert_ne!(id(&bench.at(300).send("q.fifo", message("later"))), first);
    assert_eq!(bench.bodies("q.fifo", 10), ["later"]);
}

#[test]
fn deduplication_can_be_per_message_group() {
    let send = |scope: &str| {
        let mut bench = Bench::fifo(&[("DeduplicationScope", scope)]);
        for (body, group) in [("1", "g"), ("2", "h"), ("3", "g")] {
            bench.send("q.fifo", Entry::new(body).of_group(group, "d"));
        }
        bench.bodies("q.fifo", 10)
    };
    assert_eq!(send("queue"), ["1"]);
    assert_eq!(send("messageGroup"), ["1", "2"]);
}

#[test]
fn an_id_made_of_the_body_and_the_same_id_given_are_one() {
    let mut bench = Bench::fifo(&[("ContentBasedDeduplication", "true")]);
    let made = Entry {
        group: Some("g".into()),
        ..Entry::new("abc")
    };
    let first = id(&bench.send("q.fifo", made));
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let given = Entry::new("other").of_group("g", hash);
    assert_eq!(id(&bench.send("q.fifo", given)), first);
}
