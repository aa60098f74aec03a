//! Every fact has words.

use engine::trace::Sink;
use engine::{Cast, Cause, Entry, Fact, FactId, Instant, Party, Scene, Trace, Weight};
use std::sync::Arc;
use web::stage::telling::telling;

const SCENE: &str = include_str!("../../lessons/consumer-groups/crash-before-commit.scene.json");

/// Values that fit some field of some fact.
const VALUES: [&str; 22] = [
    "2",
    "email-1",
    "ord_10",
    "orders/0",
    "mail",
    "processed",
    "email-service",
    "request",
    "committed",
    "commit",
    "join",
    "init",
    "produce",
    "FENCED_INSTANCE_ID",
    "ILLEGAL_GENERATION",
    "CommitFailedException",
    "start",
    "basic.ack",
    "tx-1",
    "true",
    "\"text\"",
    "-",
];

fn cast() -> Arc<Cast> {
    let mut scene: Scene = serde_json::from_str(SCENE).expect("the flagship scene is a scene");
    // Somebody has to have a transactional id, for facts that name one.
    let producer = r#"{"name": "shop", "config": {"transactional.id": "tx-1"},
        "program": ["begin", "commit"]}"#;
    scene.producers = vec![serde_json::from_str(producer).expect("a producer")];
    Cast::new(&scene).expect("no mistakes")
}

/// A fact of this kind, of values that fit its fields: each field has the first that it takes.
fn made((verb, fields): &(&str, &[&str]), cast: &Cast) -> Fact {
    let mut chosen = vec![0; fields.len()];
    loop {
        let values = fields.iter().zip(&chosen);
        let values: Vec<_> = values.map(|(&name, &at)| (name, VALUES[at])).collect();
        let why = match Fact::read(verb, &values, cast) {
            Ok(fact) => return fact,
            Err(why) => why,
        };
        let of = |name: &&str| why.starts_with(&format!("`{name}` cannot be"));
        let field = fields.iter().position(of);
        let field = field.unwrap_or_else(|| panic!("{verb}: {why}"));
        chosen[field] += 1;
        assert!(
            chosen[field] < VALUES.len(),
            "{verb}: no value fits `{}`",
            fields[field]
        );
    }
}

/// What every fact of a trace is told as.
fn every(mut each: impl FnMut(&Fact, web::stage::telling::Telling)) {
    let cast = cast();
    let mut trace = Trace::new(Arc::clone(&cast));
    for form in Fact::forms() {
        trace.note(Entry {
            at: Instant(0),
            by: Party::Broker,
            cause: Cause(None),
            fact: made(form, &cast),
        });
    }
    for (nth, entry) in trace.entries().iter().enumerate() {
        let telling = telling(&trace, FactId(nth as u32)).expect("it is in the trace");
        each(&entry.fact, telling);
    }
}

#[test]
fn every_fact_says_who_and_what() {
    every(|fact, telling| {
        let (verb, lead, rest) = (fact.verb(), telling.lead(), telling.rest());
        assert!(
            !telling.who.is_empty() && !telling.phrase.is_empty(),
            "{verb}"
        );
        assert!(!telling.phrase.ends_with('.'), "{verb}: {}", telling.phrase);
        // A handler's own words end as it likes.
        if verb != "handler_failed" {
            assert!(
                lead.ends_with('.') && !lead.ends_with(".."),
                "{verb}: {lead}"
            );
        }
        assert!(rest.is_empty() || rest.ends_with('.'), "{verb}: {rest}");
    });
}

#[test]
fn turns_of_the_story_are_drawn_with_words_but_for_these() {
    let mut without = Vec::new();
    every(|fact, telling| {
        if fact.weight() == Weight::Headline && telling.label.is_empty() {
            without.push(fact.verb());
        }
    });
    assert_eq!(
        without,
        ["known_key", "assigned", "revoked", "lost_partitions"]
    );
}
