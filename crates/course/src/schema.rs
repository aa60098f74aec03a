//! The published schemas, which editors follow from a file's `$schema`.

use crate::exercise::Draft;
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

/// The published files: their names within `lessons/`, and their text.
pub fn published() -> [(&'static str, String); 6] {
    [
        ("scene.schema.json", text(SCENE.schema())),
        ("neutral-scene.schema.json", text(NEUTRAL_SCENE.schema())),
        ("quiz.schema.json", text(QUIZ.schema())),
        ("exercise.schema.json", text(EXERCISE.schema())),
        ("course.schema.json", text(PLAN.schema())),
        ("primers.schema.json", text(PRIMERS.schema())),
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
    schema
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
