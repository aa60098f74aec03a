//! Two values that differ, told shortly: whole where they are small, else place by place.

use serde_json::Value;

/// Values of up to so many characters are told whole.
const WHOLE: usize = 240;
/// So many places of larger ones are told.
const PLACES: usize = 6;
/// So many characters of what stands at a place.
const AT_PLACE: usize = 160;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Where, as a JSON Pointer.
    Place,
    /// What was expected.
    Expected,
    /// What came.
    Got,
}

/// The difference, line by line.
pub fn tell(expected: &Value, got: &Value) -> Vec<(Side, String)> {
    let (one, other) = (expected.to_string(), got.to_string());
    if one.chars().count() <= WHOLE && other.chars().count() <= WHOLE {
        return vec![(Side::Expected, one), (Side::Got, other)];
    }
    let mut places = Vec::new();
    find(String::new(), Some(expected), Some(got), &mut places);
    let left = places.len().saturating_sub(PLACES);
    let mut lines = Vec::new();
    for (place, expected, got) in places.into_iter().take(PLACES) {
        let place = match place.is_empty() {
            true => "the whole answer".to_owned(),
            false => place,
        };
        lines.push((Side::Place, place));
        lines.push((Side::Expected, short(expected)));
        lines.push((Side::Got, short(got)));
    }
    if left > 0 {
        lines.push((Side::Place, format!("{left} more places")));
    }
    lines
}

type Found<'a> = (String, Option<&'a Value>, Option<&'a Value>);

fn find<'a>(
    place: String,
    expected: Option<&'a Value>,
    got: Option<&'a Value>,
    places: &mut Vec<Found<'a>>,
) {
    match (expected, got) {
        (Some(one), Some(other)) if one == other => {}
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let more = other.keys().filter(|name| !one.contains_key(*name));
            for name in one.keys().chain(more) {
                // As a JSON Pointer writes a name.
                let step = name.replace('~', "~0").replace('/', "~1");
                let place = format!("{place}/{step}");
                find(place, one.get(name), other.get(name), places);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for at in 0..one.len().max(other.len()) {
                find(format!("{place}/{at}"), one.get(at), other.get(at), places);
            }
        }
        (one, other) => places.push((place, one, other)),
    }
}

fn short(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    match text.char_indices().nth(AT_PLACE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn small_values_are_told_whole() {
        let told = tell(&json!({"a": 1}), &json!([]));
        let expected = [
            (Side::Expected, r#"{"a":1}"#.to_owned()),
            (Side::Got, "[]".to_owned()),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn large_values_are_told_place_by_place() {
        let long = "ä".repeat(300);
        let expected = json!({"a/b": [1, 2], "long": long, "same": 1});
        let got = json!({"a/b": [1], "long": "", "same": 1, "new": null});
        let told: Vec<String> = tell(&expected, &got)
            .into_iter()
            .map(|(_, told)| told)
            .collect();
        let cut = format!("\"{}…", "ä".repeat(AT_PLACE - 1));
        let lines = [
            "/a~1b/1", "2", "nothing", "/long", &cut, "\"\"", "/new", "nothing", "null",
        ];
        assert_eq!(told, lines);
        let many: Vec<u32> = (0..500).collect();
        let told = tell(&json!(many), &json!([]));
        assert_eq!(told.len(), PLACES * 3 + 1);
        assert_eq!(
            told.last(),
            Some(&(Side::Place, "494 more places".to_owned()))
        );
        let told = tell(&json!(long), &json!([]));
        assert_eq!(told[0], (Side::Place, "the whole answer".to_owned()));
    }
}
