//! Mistakes of shape and of sense in one file: all are told at once, and none that only comes of
//! how the file had to be mended to be judged.

use course::diagnostic::Diagnostic;
use course::document::Document;
use course::lesson::scenes::Scenes;
use course::{Diagnostics, Source, read_scene, schema};
use engine::Scene;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What is said, each with its place.
fn told<T>(read: Result<T, Diagnostics>) -> Vec<String> {
    let one = |one: &Diagnostic| format!("{}:{} {}; {}", one.line, one.column, one.what, one.help);
    read.err()
        .iter()
        .flat_map(|all| all.iter().map(one))
        .collect()
}

/// As [`told`], without what to do about it.
fn whats<T>(read: Result<T, Diagnostics>) -> Vec<String> {
    let one = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.what);
    read.err()
        .iter()
        .flat_map(|all| all.iter().map(one))
        .collect()
}

#[test]
fn a_scene_is_told_all_its_mistakes_with_places_and_help() {
    let text = r#"{"id":"x y","title":"","version":"one","topics":[{"name":"orders","partitions":0,"records":[{"value":"a"},{"value":"a","partition":9}]}],"consumers":[{"name":"c","group":"g","topics":["nope"],"handler":[{"sned":"mail"}],"config":{"session.timeout.ms":10}}],"extra":1}"#;
    assert_eq!(
        told(read_scene("s", text)),
        [
            "1:7 `x y` is not a name; use 1 to 64 letters, digits, `-`, `_` and `.`",
            "1:21 the title is empty; write what the learner will see",
            "1:34 this is the text \"one\", and a whole number is expected; write a whole number (`version`: Raised by the author whenever old links to this scene should no longer be followed. Begins at 1)",
            "1:80 the number of partitions is 0; write a number from 1 to 64",
            "1:116 two records are called `a`; give each record a value of its own",
            "1:132 `orders` has no partition 9; write a number below 1",
            "1:185 there is no topic `nope`; write one of: orders",
            "1:205 `sned` is not possible here; did you mean `send`? possible: skip_if_in, send, insert_into, publish, fail_for, fail_first",
            "1:252 session.timeout.ms is 10; write a number from 6000 to 1800000",
            "1:258 `extra` is no field here; write one of: $schema, bounds, broker, consumers, expect, explore, explored, faults, id, network, on, producers, promises, seed, services, settings, tables, title, topics, version",
        ]
    );
}

#[test]
fn what_rests_on_a_mended_part_is_not_told() {
    // The parts of a small sound scene, each on its line, with one or two exchanged.
    let check = |parts: &[(&str, &str)], expected: &[&str]| {
        let mut scene = vec![
            ("id", r#""s""#),
            ("title", r#""S""#),
            ("version", "1"),
            ("topics", r#"[{"name": "t", "records": [{"value": "a"}]}]"#),
            ("services", r#"[{"name": "mail"}]"#),
            (
                "consumers",
                r#"[{"name": "c", "group": "g", "topics": ["t"], "handler": [{"send": "mail"}]}]"#,
            ),
        ];
        for &(name, value) in parts {
            match scene.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => scene.push((name, value)),
            }
        }
        let lines: Vec<_> = scene
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        let text = format!("{{\n{}\n}}", lines.join(",\n"));
        assert_eq!(whats(read_scene("s", &text)), expected, "{text}");
    };
    check(&[], &[]);
    // A topic that is not understood may be the one that is missed.
    check(
        &[("topics", r#"[{"nmae": "t"}]"#), ("title", r#""""#)],
        &[
            "3:9 the title is empty",
            "5:11 the field `name` is missing",
            "5:12 `nmae` is no field here",
        ],
    );
    check(
        &[("topics", "7")],
        &["5:10 this is 7, and a list is expected"],
    );
    check(
        &[("topics", "[7]")],
        &["5:11 this is 7, and an object is expected"],
    );
    // Another part of it that is not understood has nothing to do with it.
    check(
        &[("topics", r#"[{"name": "u", "partitions": -1}]"#)],
        &["5:39 -1 is too small", "7:53 there is no topic `t`"],
    );
    // A record may stand in a partition that was told wrongly, or under another name.
    check(
        &[(
            "topics",
            r#"[{"name": "t", "partitions": "3", "records": [{"value": "a", "partition": 2}]}]"#,
        )],
        &["5:39 this is the text \"3\", and a whole number is expected"],
    );
    check(
        &[(
            "topics",
            r#"[{"name": "t", "count": 3, "records": [{"value": "a", "partition": 2}]}]"#,
        )],
        &["5:25 `count` is no field here"],
    );
    check(
        &[(
            "topics",
            r#"[{"name": "t", "comment": "", "records": [{"value": "a", "partition": 2}]}]"#,
        )],
        &[
            "5:25 `comment` is no field here",
            "5:80 `t` has no partition 2",
        ],
    );
    // Fields that were meant as others.
    check(
        &[("services", "[]"), ("mailers", r#"[{"name": "mail"}]"#)],
        &[
            "7:80 there is no service `mail`",
            "8:1 `mailers` is no field here",
        ],
    );
    check(
        &[("services", r#"{"name": "mail"}"#)],
        &["6:1 this is an object, and a list is expected"],
    );
    check(
        &[(
            "consumers",
            r#"[{"name": "c", "group": "g", "topic": "t", "handler": [{"send": "post"}]}]"#,
        )],
        &[
            "7:14 the field `topics` is missing",
            "7:42 `topic` is no field here",
            "7:77 there is no service `post`",
        ],
    );
    // Two that are compared: of one that is not understood nothing is said, nor of the other.
    check(
        &[
            (
                "consumers",
                r#"[{"name": "c", "group": "g", "topics": ["t"], "config": {"session.timeout.ms": null, "heartbeat.interval.ms": 50000}}]"#,
            ),
            (
                "faults",
                r#"[{"do": "stop", "to": "c", "when": {"before": {"step": "poll", "nth": 0}}}, {"do": "crash", "to": 7, "when": {"at_ms": 1}}]"#,
            ),
        ],
        &[
            "7:92 this is null, and a whole number is expected",
            "8:18 `stop` is not possible here",
            "8:80 there is no 0th time",
            "8:108 this is 7, and a text in quotes is expected",
        ],
    );
    check(
        &[
            (
                "broker",
                r#"{"settings": {"group.min.session.timeout": 5000}}"#,
            ),
            (
                "consumers",
                r#"[{"name": "kafka", "group": "", "topics": ["t"], "config": {"session.timeout.ms": 5000}}]"#,
            ),
        ],
        &[
            "7:23 `kafka` is taken",
            "7:41 `` is not a name",
            "8:24 `group.min.session.timeout` is no field here",
        ],
    );
    // Where the name of the broker is not understood, it is nobody's.
    check(
        &[
            ("broker", "[]"),
            (
                "consumers",
                r#"[{"name": "kafka", "group": "g", "topics": ["u"]}]"#,
            ),
        ],
        &[
            "7:57 there is no topic `u`",
            "8:1 this is a list, and an object is expected",
        ],
    );
    check(
        &[
            ("network", r#"{"latency_us": [5000000, "slow"]}"#),
            ("seed", "1.0"),
        ],
        &[
            "8:36 this is the text \"slow\", and a whole number is expected",
            "9:8 1.0 is not written as a whole number",
        ],
    );
    // Options and expectations wait until there is nothing else.
    check(
        &[("seed", "-1"), ("expect", r#"[{"lost": ["a"]}]"#)],
        &["8:8 -1 is too small"],
    );
    // When nothing can be read, there is nothing to judge.
    assert_eq!(
        whats(read_scene("s", "[]")),
        ["1:1 this is a list, and an object is expected"]
    );
}

#[test]
fn a_scene_in_neutral_words_is_told_its_mistakes_in_them() {
    let scene = |consumer: &str, more: &str| {
        format!(
            r#"{{"id": "s", "title": "S", "version": 1, "channels": [{{"name": "t", "records": [{{"value": "a"}}]}}],
"consumers": [{{{consumer}}}]{more}}}"#
        )
    };
    let check = |consumer: &str, more: &str, expected: &[&str]| {
        let text = scene(consumer, more);
        assert_eq!(told(read_scene("s", &text)), expected, "{text}");
    };
    let sound = r#""name": "c", "subscription": "g", "channels": ["t"], "settle": "after""#;
    let crash = r#",
"faults": [{"do": "crash", "to": "c", "when": {"before": {"step": "settle"}}}],
"settings": [{"id": "k", "label": "K", "options": [{"id": "a", "label": "a"}, {"id": "b", "label": "b", "set": {"/consumers/0/settle": "before"}}]}]"#;
    check(sound, crash, &[]);
    // The places are those of the words that were written, and so are the words that are known.
    check(
        r#""name": "c", "subscription": "", "channels": ["u"], "setle": "after""#,
        "",
        &[
            "2:45 `` is not a name; use 1 to 64 letters, digits, `-`, `_` and `.`",
            "2:62 there is no topic `u`; write one of: t",
            "2:68 `setle` is no field here; did you mean `settle`? possible: channels, config, handler, name, producer, restart_ms, retry, settle, start_ms, subscription, work",
        ],
    );
    check(
        r#""name": "c", "channels": ["t"], "settle": "never""#,
        r#", "faults": [{"do": "crash", "to": "c", "when": {"before": {"step": "poll"}}}]"#,
        &[
            "2:15 the field `subscription` is missing; write `subscription` too (`subscription`: The subscription it shares with others of the same: a consumer group on Kafka, a queue elsewhere)",
            "2:58 `never` is not possible here; write one of: automatic, after, before, handler, in_transaction",
            "2:135 `poll` is a word of Kafka, and the scene is written in neutral ones (`channels`); write `take`, or put the whole scene into the same words",
        ],
    );
    // Words of both kinds in one scene, also for the same thing, and in what options set.
    check(
        r#""name": "c", "subscription": "g", "group": "h", "channels": ["t"]"#,
        "",
        &[
            "2:50 `group` is a word of Kafka, and the scene is written in neutral ones (`channels`); write `subscription`, or put the whole scene into the same words",
        ],
    );
    check(
        sound,
        r#", "settings": [{"id": "k", "label": "K", "options": [{"id": "a", "label": "a"}, {"id": "b", "label": "b", "set": {"/consumers/0/commit": "before"}}]}]"#,
        &[
            "2:202 the scene is not written in the words of `/consumers/0/commit`; write `/consumers/0/settle`",
        ],
    );
    // What an option brings in is told at the option.
    check(
        sound,
        r#", "settings": [{"id": "k", "label": "K", "options": [{"id": "a", "label": "a"}, {"id": "b", "label": "b", "set": {"/consumers/0/settle": "never", "/consumers/0/channels": ["u"]}}]}]"#,
        &[
            "2:225 `never` is not possible here; write one of: automatic, after, before, handler, in_transaction",
        ],
    );
}

#[test]
fn what_two_settings_say_together_rests_on_both() {
    let check = |broker: &str, expected: &[&str]| {
        let text = format!(
            r#"{{"id": "s", "title": "S", "version": 1, "topics": [{{"name": "t"}}],
"consumers": [{{"name": "c", "group": "g", "topics": ["t"]}}],
"broker": {{"settings": {broker}}}}}"#
        );
        assert_eq!(whats(read_scene("s", &text)), expected, "{text}");
    };
    check(
        r#"{"group.min.session.timeout.ms": 2000000}"#,
        &["3:57 no session can last 2000000 ms or longer and 1800000 ms or shorter"],
    );
    // The longest one may have been written wrongly.
    check(
        r#"{"group.min.session.timeout.ms": 2000000, "group.max.session.timeout.ms": "3000000"}"#,
        &["3:98 this is the text \"3000000\", and a whole number is expected"],
    );
}

#[test]
fn a_quiz_is_told_all_its_mistakes() {
    let check = |text: &str, expected: &[&str]| {
        let mut scenes = Scenes::default();
        let scene = include_str!("fixtures/sound/one-mail/mail.scene.json");
        scenes.add("mail", read_scene("mail", scene).ok());
        let source = Source::new("q", text);
        assert_eq!(
            whats(course::quiz::read_quiz(&source, &scenes)),
            expected,
            "{text}"
        );
    };
    check(
        r#"{ "id": "q", "title": "", "version": "1", "questions": [
  { "id": "a", "prompt": "", "kind": "chioce", "options": [{ "text": "x", "why": "" }, 7] },
  { "id": "a", "prompt": "p", "kind": "choice", "options": [{ "text": "x", "why": "y", "corect": true }, { "text": "z", "why": "w" }] },
  { "id": "c", "prompt": "p", "kind": "choice", "options": [{ "text": 1, "why": "y" }, { "text": "z", "why": "`=mail: lots`" }] }
] }"#,
        &[
            "1:23 the title is empty",
            "1:38 this is the text \"1\", and a whole number is expected",
            "2:26 this is empty",
            "2:38 `chioce` is not possible here",
            "2:82 this is empty",
            "2:88 this is 7, and an object is expected",
            "3:11 `a` is no name of its own",
            "3:88 `corect` is no field here",
            "4:49 no option is correct",
            "4:71 this is 1, and a text in quotes is expected",
            "4:110 `lots` is no question",
        ],
    );
    check(
        r#"{ "id": "q", "title": "Q", "version": 0, "questions": [
  { "id": "a", "prompt": "p", "kind": "predict", "predict": { "scene": "mail", "qury": "lost" }, "options": [{ "text": "x", "why": "y", "value": 1 }, { "text": "z", "why": "w" }] },
  { "id": "b", "prompt": "p", "kind": "predict", "predict": { "scene": "mial", "query": "lost" }, "options": [{ "text": "x", "why": "y", "value": 1 }, { "text": "z", "why": "w", "value": "2" }] },
  { "id": "c", "prompt": "p", "kind": "predict", "predict": { "scene": "mail", "query": "lost" }, "options": [{ "text": "x", "why": "y", "value": 1 }, { "text": "z", "why": "w", "value": "2" }] }
] }"#,
        &[
            "1:39 versions begin at 1",
            "2:50 the field `query` is missing",
            "2:80 `qury` is no field here",
            "2:151 the option stands for no number",
            "3:72 there is no scene `mial`",
            "3:188 this is the text \"2\", and a whole number is expected",
            "4:188 this is the text \"2\", and a whole number is expected",
        ],
    );
}

/// A scene of right shape with mistakes of nearly every sense, and beside each its sound twin.
static MISTAKEN: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "id": "no name", "title": " ", "version": 1, "seed": 1,
        "broker": { "name": "b", "settings": { "group.min.session.timeout.ms": 1000, "group.max.session.timeout.ms": 2_000_000 } },
        "topics": [
            { "name": "kafka", "partitions": 3, "records": [{ "value": "a", "partition": 2 }, { "value": "a" }, { "value": "b", "partition": 3 }] },
            { "name": "other", "partitions": 0, "records": [] }
        ],
        "services": [{ "name": "mail", "noun": "mail" }, { "name": "slow", "latency_ms": 4_000_000 }],
        "tables": [{ "name": "seen", "latency_ms": 5_000_000 }],
        "consumers": [
            {
                "name": "one", "group": "g", "topics": ["kafka", "other", "none"], "start_ms": 5,
                "handler": [{ "skip_if_in": "seen" }, { "send": "mail" }, { "send": "post" }, { "insert_into": "seen" }, { "insert_into": "mail" }],
                "config": { "session.timeout.ms": 60_000, "heartbeat.interval.ms": 50_000, "max.poll.records": 0 },
                "commit": "after", "work": "inline"
            },
            { "name": "mail", "group": "g", "topics": [], "config": { "session.timeout.ms": 1_900_000, "auto.offset.reset": "earliest" } },
            { "name": "two", "group": "h", "topics": ["other", "other"], "config": { "session.timeout.ms": 1500, "heartbeat.interval.ms": 1500 } }
        ],
        "network": { "latency_us": [5, 4] },
        "faults": [
            { "do": "crash", "to": "one", "when": { "before": { "step": "send", "nth": 0 } } },
            { "do": "restart", "to": "one", "when": { "after": { "step": "poll" } } },
            { "do": "crash", "to": "three", "when": { "at_ms": 4 } }
        ],
        "settings": [
            { "id": "s", "label": "S", "options": [{ "id": "x", "label": "x" }, { "id": "x", "label": "y", "set": {} }] },
            { "id": "s", "label": "T", "options": [] }
        ],
        "bounds": { "steps": 0, "time_ms": 1 },
        "expect": [{ "lost": ["a"], "committed": { "g": { "t/0": 1 } } }]
    })
});

/// Every part of a value but the whole.
pub fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, part)| (name.clone(), part))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, part)| (at.to_string(), part))
            .collect(),
        _ => Vec::new(),
    };
    for (name, part) in parts {
        let pointer = course::document::below(&at, &name);
        all.push(pointer.clone());
        pointers(part, pointer, all);
    }
}

/// Gives a part another kind of value, or its field another name.
fn spoil(scene: &mut Value, pointer: &str, how: usize) {
    let other = [
        Value::Null,
        json!(true),
        json!(7.5),
        json!("w"),
        json!([]),
        json!({}),
    ];
    let (Some(was), Some(part)) = (MISTAKEN.pointer(pointer), scene.pointer_mut(pointer)) else {
        return;
    };
    match other.get(how) {
        Some(other) if std::mem::discriminant(was) != std::mem::discriminant(other) => {
            *part = other.clone()
        }
        Some(_) => {}
        None => {
            let (around, name) = pointer.rsplit_once('/').expect("it is inside");
            if let Some(Value::Object(fields)) = scene.pointer_mut(around)
                && let Some(value) = fields.remove(name)
            {
                fields.insert(format!("{name}y"), value);
            }
        }
    }
}

/// What is said of a scene by its schema, and what by sense, without places.
fn both(scene: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let text = scene.to_string();
    let lines = |read: Result<Scene, Diagnostics>| -> BTreeSet<String> {
        let one = |one: &Diagnostic| format!("{}; {}", one.what, one.help);
        read.err()
            .iter()
            .flat_map(|all| all.iter().map(one))
            .collect()
    };
    let document = Document::json(&Source::new("s", &text)).expect("it is JSON");
    let shape = lines(schema::SCENE.read(&document));
    let all = lines(read_scene("s", &text));
    assert!(all.is_superset(&shape), "{text}");
    (shape.clone(), &all - &shape)
}

/// Nothing is said of a spoiled scene that is not said of it when nothing is spoiled.
fn no_false_complaint(spoiled: &Value) -> usize {
    static SENSE: LazyLock<BTreeSet<String>> = LazyLock::new(|| both(&MISTAKEN).1);
    let (shape, sense) = both(spoiled);
    // What has the right shape was meant so, and may have other mistakes.
    if shape.is_empty() {
        return 0;
    }
    let new: Vec<_> = sense.difference(&SENSE).collect();
    assert!(new.is_empty(), "{new:#?}\n{shape:#?}\n{spoiled}");
    sense.len()
}

#[test]
fn one_spoiled_part_brings_no_false_complaint_and_hides_few() {
    let (shape, sense) = both(&MISTAKEN);
    assert_eq!((shape.len(), sense.len()), (0, 23));
    let mut all = Vec::new();
    pointers(&MISTAKEN, String::new(), &mut all);
    let (mut spoiled, mut told) = (0, 0);
    for pointer in &all {
        for how in 0..7 {
            let mut scene = MISTAKEN.clone();
            spoil(&mut scene, pointer, how);
            let count = no_false_complaint(&scene);
            if count > 0 {
                (spoiled, told) = (spoiled + 1, told + count);
            }
        }
    }
    assert!(spoiled > 600 && told / spoiled >= 22, "{told} in {spoiled}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_spoiled_parts_bring_no_false_complaint(
        which in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..7), 1..6),
    ) {
        let mut all = Vec::new();
        pointers(&MISTAKEN, String::new(), &mut all);
        let mut scene = MISTAKEN.clone();
        for (at, how) in which {
            let pointer = at.get(&all);
            spoil(&mut scene, pointer, how);
        }
        no_false_complaint(&scene);
    }
}
