//! The published schemas, which editors follow from a file's `$schema`.

use crate::exercise::Draft;
use crate::glossary;
use crate::plan::Plan;
use crate::primer;
use crate::quiz::Quiz;
use crate::shape::Shape;
use engine::Scene;
use engine::scene::Wording;
use engine::scene::words::{OF_CONSUMER, OF_SCENE, Pair, STEPS};
use serde_json::Value;
use std::sync::LazyLock;

/// The shape of `*.scene.json`.
pub static SCENE: LazyLock<Shape> = LazyLock::new(Shape::of::<Scene>);
/// The shape of `*.scene.json` that is written in neutral words.
pub static NEUTRAL_SCENE: LazyLock<Shape> = LazyLock::new(|| Shape::new(in_neutral_words(&SCENE)));
/// The shape of `*.quiz.json`.
pub static QUIZ: LazyLock<Shape> = LazyLock::new(Shape::of::<Quiz>);
/// The shape of `*.exercise.json`.
pub static EXERCISE: LazyLock<Shape> = LazyLock::new(Shape::of::<Draft>);
/// The shape of `course.json`.
pub static PLAN: LazyLock<Shape> = LazyLock::new(Shape::of::<Plan>);
/// The shape of `primers.json`.
pub static PRIMERS: LazyLock<Shape> = LazyLock::new(Shape::of::<primer::Draft>);

/// The shape of `glossary.json`.
pub static GLOSSARY: LazyLock<Shape> = LazyLock::new(Shape::of::<glossary::Draft>);

/// The published files: their names within `lessons/`, and their text.
pub fn published() -> [(&'static str, String); 7] {
    [
        ("scene.schema.json", text(SCENE.schema())),
        ("neutral-scene.schema.json", text(NEUTRAL_SCENE.schema())),
        ("quiz.schema.json", text(QUIZ.schema())),
        ("exercise.schema.json", text(EXERCISE.schema())),
        ("course.schema.json", text(PLAN.schema())),
        ("primers.schema.json", text(PRIMERS.schema())),
        ("glossary.schema.json", text(GLOSSARY.schema())),
    ]
}

/// The shape of scenes in these words.
pub fn scene(wording: Wording) -> &'static Shape {
    match wording {
        Wording::Kafka => &SCENE,
        Wording::Neutral => &NEUTRAL_SCENE,
    }
}

/// The schema of scenes with neutral words in place of Kafka's.
fn in_neutral_words(scene: &Shape) -> Value {
    let mut schema = scene.schema().clone();
    rename_fields(&mut schema, &OF_SCENE);
    if let Some(consumer) = schema.pointer_mut("/$defs/Consumer") {
        rename_fields(consumer, &OF_CONSUMER);
    }
    let points = schema.pointer_mut("/$defs/Point/oneOf");
    for point in points.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(word) = point.get_mut("const") {
            rename(word, &STEPS);
        }
    }
    say_neutrally(&mut schema);
    schema
}

/// Sentences of the schema in Kafka's words, and what stands in their place where the words are neutral.
const SENTENCES: [(&str, &str); 26] = [
    (
        "The topics, with the records that are in them when the scene begins. At most 32.",
        "The channels, with the records that are in them when the scene begins. At most 32.",
    ),
    (
        "A topic.",
        "A channel: a topic on Kafka, what fills the queues on Amazon SQS, an exchange on RabbitMQ.",
    ),
    (
        "How many partitions it has, 1 to 64.",
        "How many partitions it has on Kafka, 1 to 64. Queues have none.",
    ),
    (
        "In which partition it stands. Left out: where the hash of its key puts it, and without a key 0.",
        "In which partition it stands on Kafka. Left out: where the hash of its key puts it, and without a key 0.",
    ),
    ("A record in a topic.", "A record in a channel."),
    (
        "What handlers publish to a topic.",
        "What handlers publish to a channel.",
    ),
    (
        "Records nobody could handle: a dead-letter topic.",
        "Records nobody could handle: a channel of dead letters.",
    ),
    (
        "Publish an event about the record to this topic.",
        "Publish an event about the record to this channel.",
    ),
    (
        "A consumer: a process with a Kafka client and a program around it.",
        "A consumer: a process with the system's client library and a program around it.",
    ),
    (
        "Its name and `client.id`, for example \"email-1\".",
        "Its name, for example \"email-1\".",
    ),
    (
        "Its name and `client.id`, for example \"shop\".",
        "Its name, for example \"shop\".",
    ),
    (
        "Its `group.id`.",
        "The subscription it shares with others of the same: a consumer group on Kafka, a queue elsewhere.",
    ),
    (
        "The topics it subscribes to. At most 32.",
        "The channels whose records the subscription gets. At most 32.",
    ),
    (
        "When it commits.",
        "When it settles what it took: commits it, deletes it or acknowledges it.",
    ),
    (
        "Whether the poll loop waits for the work.",
        "Whether the loop that takes records waits for the work.",
    ),
    (
        "Client settings under their real names.",
        "Settings of Kafka's client under their real names. They hold on Kafka; what other systems have stands in `on`.",
    ),
    (
        "When offsets are committed.",
        "When what was taken is settled: committed, deleted or acknowledged.",
    ),
    (
        "By the client, inside a poll, when the interval has passed (`enable.auto.commit=true`, as shipped).",
        "By the client itself: on Kafka inside a poll when the interval has passed, on RabbitMQ as soon as it is sent. Amazon SQS has nothing like it.",
    ),
    (
        "By the program, when the batch has been handled (`enable.auto.commit=false`).",
        "By the program, when what it took has been handled.",
    ),
    (
        "By the program, before it handles the batch (`enable.auto.commit=false`).",
        "By the program, before it handles what it took.",
    ),
    (
        "By the handler, where its code says so (`enable.auto.commit=false`).",
        "By the handler, where its code says so.",
    ),
    (
        "The poll loop itself; it polls again when the batch is done.",
        "The loop that takes records itself; it takes more when the batch is done.",
    ),
    (
        "A worker of the same process; the poll loop hands the batch over and polls again at once.",
        "A worker of the same process; the loop hands the batch over and takes more at once. Queues have nothing like it here.",
    ),
    (
        "Calls poll.",
        "Takes records: polls, receives, or looks for what was pushed.",
    ),
    (
        "Commits, by the program or automatically.",
        "Settles: commits, deletes or acknowledges, by the program or automatically.",
    ),
    (
        "A producer: a process with a Kafka client and a program around it.",
        "A producer: a process with the system's client library and a program around it.",
    ),
];

/// Puts neutral sentences in place of those in Kafka's words.
fn say_neutrally(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(say_neutrally),
        Value::Object(fields) => {
            for (name, field) in fields {
                let mut known = SENTENCES.iter();
                match known.find(|(kafka, _)| name == "description" && *field == *kafka) {
                    Some((_, neutral)) => *field = (*neutral).into(),
                    None => say_neutrally(field),
                }
            }
        }
        _ => {}
    }
}

/// Gives the fields of an object's schema their neutral names.
fn rename_fields(schema: &mut Value, pairs: &[Pair]) {
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        for pair in pairs {
            if let Some(field) = fields.remove(pair.kafka) {
                fields.insert(pair.neutral.to_owned(), field);
            }
        }
    }
    let required = schema.get_mut("required").and_then(Value::as_array_mut);
    for name in required.into_iter().flatten() {
        rename(name, pairs);
    }
}

/// Puts the neutral word in place of Kafka's.
fn rename(word: &mut Value, pairs: &[Pair]) {
    if let Some(pair) = pairs.iter().find(|pair| *word == pair.kafka) {
        *word = pair.neutral.into();
    }
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sentence that is mended in the scene's types is mended here as well.
    #[test]
    fn every_sentence_in_kafkas_words_stands_in_the_schema() {
        let (kafka, neutral) = (
            SCENE.schema().to_string(),
            NEUTRAL_SCENE.schema().to_string(),
        );
        for (sentence, instead) in SENTENCES {
            let quoted = |text: &str| Value::from(text).to_string();
            assert!(kafka.contains(&quoted(sentence)), "{sentence}");
            assert!(!neutral.contains(&quoted(sentence)), "{sentence}");
            assert!(neutral.contains(&quoted(instead)), "{instead}");
        }
    }
}
