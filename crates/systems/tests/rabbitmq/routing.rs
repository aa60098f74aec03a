//! Where messages go.

use crate::{Scene, bind, texts};
use proptest::prelude::*;
use systems::rabbitmq::{
    Answer, BasicPublish, ExchangeDeclare, Method, Properties, Value, Version,
    topic::{self, Fit},
};

fn publish(scene: &mut Scene, exchange: &str, key: &str, body: &str) {
    scene.ok(
        8,
        Method::BasicPublish(BasicPublish::new(exchange, key, body)),
    );
}

/// The definition: a pattern's first word against a key's first word.
fn recursive(pattern: &[&str], words: &[&str]) -> bool {
    match (pattern, words) {
        ([], words) => words.is_empty(),
        (["#", rest @ ..], words) => {
            (0..=words.len()).any(|skipped| recursive(rest, &words[skipped..]))
        }
        (["*", rest @ ..], [_, words @ ..]) => recursive(rest, words),
        ([one, rest @ ..], [word, words @ ..]) => one == word && recursive(rest, words),
        _ => false,
    }
}

fn split(key: &str) -> Vec<&str> {
    match key {
        "" => Vec::new(),
        key => key.split('.').collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_agrees_with_a_recursive_one_on(
        pattern in "([ab*#]?[.]){0,5}[ab*#]?", key in "([ab]?[.]){0,5}[ab]?",
    ) {
        let expected = recursive(&split(&pattern), &split(&key));
        prop_assert_eq!(topic::matches(&pattern, &key), expected);
    }
}

#[test]
fn the_matcher_agrees_with_a_recursive_one() {
    let parts = ["a", "b", "*", "#", ""];
    for one in parts {
        for two in parts {
            for three in parts {
                let pattern = [one, two, three].join(".");
                for key in ["", "a", "a.b", "a..b", "b.a.b", ".", "a.b.a.b"] {
                    let expected = recursive(&split(&pattern), &split(key));
                    assert_eq!(topic::matches(&pattern, key), expected, "{pattern} {key}");
                    let compared = topic::compare(&pattern, key);
                    let fits = |fit: &Fit| matches!(fit, Fit::Equal | Fit::StandsFor(_));
                    let is_match = compared.iter().all(|(_, fit)| fits(fit));
                    assert_eq!(is_match, expected, "{pattern} {key}: {compared:?}");
                }
            }
        }
    }
}

#[test]
fn exchanges_in_a_circle_route_once() {
    let mut scene = Scene::new(Version::V4_0);
    scene.exchange("a", "fanout");
    scene.exchange("b", "topic");
    scene.queue("q", &[]);
    scene.ok(9, Method::ExchangeBind(bind("a", "", "b")));
    scene.ok(9, Method::ExchangeBind(bind("b", "#", "a")));
    scene.bind("a", "", "q");
    scene.bind("b", "k", "q");
    publish(&mut scene, "a", "k", "m");
    assert_eq!(scene.bodies("q"), ["m"]);
    scene.ok(9, Method::ExchangeUnbind(bind("a", "", "b")));
    publish(&mut scene, "b", "k", "n");
    assert_eq!(scene.bodies("q"), ["n"]);
}

#[test]
fn an_alternate_exchange_takes_what_has_no_route() {
    let mut scene = Scene::new(Version::V4_0);
    scene.exchange("rest", "fanout");
    let declare = ExchangeDeclare {
        alternate_exchange: Some("rest".into()),
        ..ExchangeDeclare::new("d", "direct")
    };
    scene.ok(9, Method::ExchangeDeclare(declare));
    scene.queue("q", &[]);
    scene.queue("others", &[]);
    scene.bind("d", "k", "q");
    scene.bind("rest", "", "others");
    publish(&mut scene, "d", "k", "one");
    let mandatory = BasicPublish {
        mandatory: true,
        ..BasicPublish::new("d", "x", "two")
    };
    assert_eq!(scene.ask(8, Method::BasicPublish(mandatory)), []);
    assert_eq!(scene.bodies("q"), ["one"]);
    let other = scene.get(1, "others").expect("the other one");
    assert_eq!(
        (&*other.message.body, &*other.message.exchange),
        ("two", "d")
    );
}

#[test]
fn an_auto_delete_exchange_goes_with_its_last_binding() {
    let mut scene = Scene::new(Version::V4_0);
    let declare = |name: &str| ExchangeDeclare {
        auto_delete: true,
        ..ExchangeDeclare::new(name, "fanout")
    };
    scene.ok(9, Method::ExchangeDeclare(declare("first")));
    scene.ok(9, Method::ExchangeDeclare(declare("second")));
    scene.queue("q", &[]);
    scene.ok(9, Method::ExchangeBind(bind("first", "", "second")));
    scene.bind("second", "", "q");
    let is_there = |scene: &Scene, name: &str| scene.broker.exchanges().by_name.contains_key(name);
    assert!(is_there(&scene, "first") && is_there(&scene, "second"));
    // With the queue its binding goes, with it the second exchange, with it the first.
    let method = Method::QueueDelete {
        queue: "q".into(),
        if_unused: false,
        if_empty: false,
    };
    scene.ok(9, method);
    assert!(!is_there(&scene, "second") && !is_there(&scene, "first"));
}

#[test]
fn cc_is_routed_and_bcc_is_hidden() {
    let mut scene = Scene::new(Version::V3_13);
    for name in ["one", "two", "three"] {
        scene.queue(name, &[("x-dead-letter-exchange", "".into())]);
    }
    let keys = |list: &[&str]| {
        let texts = texts(list).into_iter();
        Value::Array(texts.map(Value::Text).collect())
    };
    let mut properties = Properties::default();
    properties.headers.insert("CC".into(), keys(&["two"]));
    properties.headers.insert("BCC".into(), keys(&["three"]));
    scene.send_with("one", "m", properties.clone());
    for name in ["one", "two", "three"] {
        let got = scene.get(1, name).expect("a copy");
        let headers = got.message.headers();
        assert!(headers.contains_key("CC") && !headers.contains_key("BCC"));
        assert_eq!(&*got.message.routing_key(), "one");
        if name == "three" {
            // It dies, and its death is not to tell of the hidden key; its copies go to all three.
            scene.nack(1, got.delivery_tag, false);
        }
    }
    let again = scene.get(1, "two").expect("the dead letter");
    let death = &again.message.deaths().entries[0];
    assert_eq!(
        (&*death.queue, &death.routing_keys),
        ("three", &texts(&["one", "two"]))
    );
    properties.headers.insert("CC".into(), Value::Int(1));
    let publish = BasicPublish {
        properties,
        ..BasicPublish::new("", "one", "m")
    };
    let told = scene.error(8, Method::BasicPublish(publish));
    assert!(
        told.starts_with("406 PRECONDITION_FAILED - invalid message"),
        "{told}"
    );
}

#[test]
fn one_queue_that_refuses_makes_a_nack() {
    let mut scene = Scene::new(Version::V4_0);
    scene.exchange("f", "fanout");
    let full = [
        ("x-max-length", 0.into()),
        ("x-overflow", "reject-publish".into()),
    ];
    scene.queue("full", &full);
    scene.queue("open", &[]);
    scene.bind("f", "", "full");
    scene.bind("f", "", "open");
    scene.ok(8, Method::ConfirmSelect);
    let answers = scene.ask(8, Method::BasicPublish(BasicPublish::new("f", "", "m")));
    assert_eq!(answers, [Answer::Refused { delivery_tag: 1 }]);
    let answers = scene.ask(8, Method::BasicPublish(BasicPublish::new("", "open", "n")));
    assert_eq!(answers, [Answer::Confirmed { delivery_tag: 2 }]);
    assert_eq!(scene.bodies("open"), ["m", "n"]);
    assert_eq!(scene.counts("full"), (0, 0));
}
