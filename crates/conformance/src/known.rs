//! Known differences: cases that the project holds to be wrong, or cannot meet, each with its reason.
//!
//! They stand in one data file, `tests/conformance/known.json`, which is built in, so that they are
//! marked whichever folder is replayed. A known difference still counts as failed. The project's own
//! test passes when exactly these fail: one that has come right must leave the list.

use crate::fields::Fields;
use crate::mistake::Mistake;
use serde::Serialize;
use serde_json::Value;

/// A case that differs, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Known {
    /// The name of its file, without folder and ending.
    pub file: String,
    /// The case's id; of a recording, its own.
    pub case: String,
    /// Why the engine differs.
    pub reason: String,
    /// Where that can be read.
    pub source: String,
}

const PLACE: &str = "tests/conformance/known.json";
const TEXT: &str = include_str!("../../../tests/conformance/known.json");

/// The project's list.
///
/// # Errors
/// Every mistake in it.
pub fn list() -> Result<Vec<Known>, Vec<Mistake>> {
    let value = serde_json::from_str(TEXT).map_err(|error| {
        vec![Mistake {
            place: PLACE.to_owned(),
            cause: format!("this is no JSON: {error}"),
            remedy: "correct the file".to_owned(),
        }]
    })?;
    read(PLACE, &value)
}

/// Whether `value` means to be such a list.
pub fn is_meant(value: &Value) -> bool {
    value.get("known").is_some()
}

/// Reads such a list; `place` names its file.
///
/// # Errors
/// Every mistake in it.
pub fn read(place: &str, value: &Value) -> Result<Vec<Known>, Vec<Mistake>> {
    let mut fields = Fields::of(place, value).map_err(|mistake| vec![mistake])?;
    fields.only(&["about", "known"], |_| false);
    let mut list: Vec<Known> = Vec::new();
    for (at, one) in fields.list("known").iter().enumerate() {
        match read_one(&format!("{place}: known {at}"), one) {
            Ok(one) if list.iter().any(|other| one.is_of(&other.file, &other.case)) => {
                let cause = format!("`{}` in {} is named twice", one.case, one.file);
                fields.wrong("known", cause, "give one reason for it");
            }
            Ok(one) => list.push(one),
            Err(mistakes) => fields.extend(mistakes),
        }
    }
    fields.or(list)
}

fn read_one(place: &str, value: &Value) -> Result<Known, Vec<Mistake>> {
    let mut fields = Fields::of(place, value).map_err(|mistake| vec![mistake])?;
    fields.only(&["file", "case", "reason", "source"], |_| false);
    let known = Known {
        file: fields.text("file"),
        case: fields.text("case"),
        reason: fields.text("reason"),
        source: fields.text("source"),
    };
    fields.or(known)
}

impl Known {
    /// Whether it is about this case.
    pub fn is_of(&self, file: &str, case: &str) -> bool {
        self.file == file && self.case == case
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_known_difference_names_its_case_and_its_reason() {
        let one = json!({"file": "f", "case": "c", "reason": "r", "source": "s"});
        let check = |value: Value, told: &[&str]| {
            let mistakes = read("k.json", &value).map_or_else(|all| all, |_| Vec::new());
            let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), told.len(), "{said:?}");
            for (said, told) in said.iter().zip(told) {
                assert!(said.starts_with(told), "{said} / {told}");
            }
        };
        check(json!({"about": "x", "known": [one]}), &[]);
        check(
            json!({"known": [one, one]}),
            &["k.json: field `known`: `c` in f is named twice"],
        );
        check(
            json!({"known": [{"file": "f", "case": "c", "reason": ""}]}),
            &[
                "k.json: known 0: field `reason`: is empty",
                "k.json: known 0: field `source`: is missing",
            ],
        );
        check(
            json!({"known": 1}),
            &["k.json: field `known`: a list is expected"],
        );
    }
}
