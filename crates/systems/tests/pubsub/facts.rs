//! Facts are written as text and read back.

use crate::world::{World, record, settings};
use std::collections::BTreeSet;
use systems::fact::{Named, Names};
use systems::pubsub::{Fact, PubsubMessage, Request, SeekTarget};

struct Numbers;

impl Names for Numbers {
    fn name(&self, _: Named, number: u32) -> String {
        format!("m{number}")
    }
    fn find(&self, _: Named, name: &str) -> Option<u32> {
        name.strip_prefix('m')?.parse().ok()
    }
}

#[test]
fn facts_are_read_back_as_they_were_written() {
    let mut world = World::new();
    world.topic("dead");
    let chosen = settings(|it| {
        it.dead_letter_topic = Some("dead".into());
        it.minimum_backoff = Some(1);
        it.enable_message_ordering = true;
    });
    world.subscribe("s", "t", chosen).expect("a subscription");
    let none = settings(|it| it.filter = Some("attributes:none".into()));
    world
        .subscribe("filtered", "t", none)
        .expect("a subscription");
    let message = |number| PubsubMessage {
        record: record(number),
        ordering_key: "k".into(),
        ..PubsubMessage::of("m")
    };
    world.send("t", (0..3).map(message).collect());
    let got = world.pull("s");
    world
        .ack("s", &[got[1].ack_id])
        .expect("an acknowledgement");
    world.nack("s", got[0].ack_id);
    for _ in 0..5 {
        world.wait(20_000);
        world.pull("s");
    }
    let (snapshot, subscription) = ("snap".into(), "s".into());
    world.ask(Request::CreateSnapshot {
        snapshot,
        subscription,
    });
    world.seek("s", SeekTarget::Time(1));
    world.ask(Request::DeleteTopic { topic: "t".into() });
    let mut verbs = BTreeSet::new();
    for fact in &world.facts {
        let fields = fact.fields(&Numbers);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, text)| (*name, &**text)).collect();
        assert_eq!(
            Fact::read(fact.verb(), &fields, &Numbers).as_ref(),
            Ok(fact)
        );
        verbs.insert(fact.verb());
    }
    for verb in [
        "acknowledged_ahead",
        "dead_lettered",
        "deadline_exceeded",
        "filtered_out",
        "nacked",
        "order_restored",
        "retry_delayed",
        "sought",
        "topic_deleted",
    ] {
        assert!(verbs.contains(verb), "{verb} was not told");
    }
}

#[test]
fn verbs_are_unique_words() {
    let verbs: BTreeSet<&str> = Fact::FORMS.iter().map(|(verb, _)| *verb).collect();
    assert_eq!(verbs.len(), Fact::FORMS.len());
    let is_word = |verb: &&str| {
        verb.chars()
            .all(|letter| letter.is_ascii_lowercase() || letter == '_')
    };
    assert!(verbs.iter().all(is_word));
}
