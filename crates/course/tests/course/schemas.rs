//! The published schemas.

use crate::expected;
use std::path::Path;

#[test]
fn published_schemas_are_what_the_types_say() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    for (name, text) in course::schema::published() {
        expected::check(lessons.join(name), &text);
    }
}

#[test]
fn the_flagship_scene_names_its_schema_and_keeps_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/consumer-groups");
    let scene = std::fs::read_to_string(folder.join("crash-before-commit.scene.json"))
        .expect("the scene is there");
    let scene = course::read_scene("crash-before-commit.scene.json", &scene)
        .map_err(|mistakes| mistakes.render(false));
    let schema = scene.map(|scene| folder.join(scene.schema).is_file());
    assert_eq!(schema, Ok(true));
}
