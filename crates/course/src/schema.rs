//! The published schemas, which editors follow from a file's `$schema`.

use crate::exercise::Draft;
use crate::quiz::Quiz;
use crate::shape::Shape;
use engine::Scene;
use serde_json::Value;
use std::sync::LazyLock;

/// The shape of `*.scene.json`.
pub static SCENE: LazyLock<Shape> = LazyLock::new(Shape::of::<Scene>);
/// The shape of `*.quiz.json`.
pub static QUIZ: LazyLock<Shape> = LazyLock::new(Shape::of::<Quiz>);
/// The shape of `*.exercise.json`.
pub static EXERCISE: LazyLock<Shape> = LazyLock::new(Shape::of::<Draft>);

/// The published files: their names within `lessons/`, and their text.
pub fn published() -> [(&'static str, String); 3] {
    [
        ("scene.schema.json", text(SCENE.schema())),
        ("quiz.schema.json", text(QUIZ.schema())),
        ("exercise.schema.json", text(EXERCISE.schema())),
    ]
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
