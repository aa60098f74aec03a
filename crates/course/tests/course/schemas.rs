//! The published schemas.

use crate::expected;
use serde_json::Value;
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

/// The fields of a schema and its definitions that hold any number of values, with what is said of them.
fn lists(schema: &Value) -> Vec<(String, String)> {
    let mut lists = Vec::new();
    let mut parts = vec![schema];
    while let Some(part) = parts.pop() {
        match part {
            Value::Object(fields) => {
                parts.extend(fields.values());
                let properties = part.get("properties").and_then(Value::as_object);
                for (name, field) in properties.into_iter().flatten() {
                    let repeats = field.get("items").is_some()
                        || field
                            .get("additionalProperties")
                            .is_some_and(|any| *any != Value::Bool(false));
                    if repeats && field.get("maxItems").is_none() {
                        // What is said of one of several shapes stands beside its only field.
                        let told = field.get("description").or(part.get("description"));
                        let told = told.and_then(Value::as_str);
                        lists.push((name.clone(), told.unwrap_or_default().to_owned()));
                    }
                }
            }
            Value::Array(all) => parts.extend(all),
            _ => {}
        }
    }
    lists
}

#[test]
fn every_list_has_a_bound_and_says_it() {
    for (file, text) in course::schema::published() {
        let schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
        let lists = lists(&schema);
        assert!(!lists.is_empty(), "{file} has lists");
        for (name, told) in lists {
            assert!(
                told.contains("t most "),
                "{file}: `{name}` does not say how many it may have: {told}"
            );
        }
    }
}
