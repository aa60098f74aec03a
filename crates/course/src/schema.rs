//! The published schemas, which editors follow from a file's `$schema`.

use crate::quiz::Quiz;
use crate::shape::Shape;
use engine::Scene;
use serde_json::Value;
use std::sync::LazyLock;

/// The shape of `*.scene.json`.
pub static SCENE: LazyLock<Shape> = LazyLock::new(Shape::of::<Scene>);
/// The shape of `*.quiz.json`.
pub static QUIZ: LazyLock<Shape> = LazyLock::new(Shape::of::<Quiz>);

/// The published files: their names within `lessons/`, and their text.
pub fn published() -> [(&'static str, String); 2] {
    [
        ("scene.schema.json", text(SCENE.schema())),
        ("quiz.schema.json", text(QUIZ.schema())),
    ]
}

fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
