//! A vector file: cases of one kind, each an input and the output that real code or a rule gives.

pub mod agreement;

use crate::fields::Fields;
use crate::mistake::Mistake;
use serde::Serialize;
use serde_json::Value;

/// The fields of a vector file.
const FIELDS: [&str; 7] = ["source", "about", "in", "out", "part", "origins", "cases"];

/// The fields of a case.
const CASE_FIELDS: [&str; 10] = [
    "id",
    "in",
    "out",
    "origin",
    "ref",
    "hard",
    "order_matters",
    "exact",
    "invariants",
    "aws_validated",
];

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// Where its cases come from, as a whole.
    pub source: String,
    /// What a case means.
    pub about: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its name within the file.
    pub id: String,
    /// What is given.
    pub input: Value,
    /// What must come out.
    pub output: Value,
    /// Whose word that is.
    pub origin: Origin,
    /// Whether the order of lists counts.
    pub order_matters: bool,
    /// What must hold instead of equality, where real code leaves the output open.
    pub invariants: Option<Invariants>,
}

/// Whose word a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Taken from a test or a document of the system.
    Quoted,
    /// What the system's own code or server gave.
    Observed,
    /// Computed from the rule; the others win over it.
    Computed,
}

/// What must hold of an assignment whose details are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invariants {
    /// How many partitions each member has, sorted.
    pub sizes: Vec<usize>,
    /// How many partitions are given out.
    pub assigned: usize,
    /// How many at least stay with a member that owned them.
    pub kept: usize,
}

impl Vectors {
    /// Whether `value` means to be a vector file: it has cases.
    pub fn is_meant(value: &Value) -> bool {
        value.get("cases").is_some()
    }

    /// Reads a vector file; `place` names it.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub fn read(place: &str, value: &Value) -> Result<Vectors, Vec<Mistake>> {
        let mut fields = Fields::of(place, value).map_err(|mistake| vec![mistake])?;
        fields.only(&FIELDS, |_| false);
        let source = fields.text("source");
        let about = fields.text("about");
        let mut cases: Vec<Case> = Vec::new();
        for (at, case) in fields.list("cases").iter().enumerate() {
            match Case::read(&format!("{place}: case {at}"), case) {
                Ok(case) if cases.iter().any(|other| other.id == case.id) => {
                    let cause = format!("two cases are named `{}`", case.id);
                    fields.wrong("cases", cause, "give each case a name of its own");
                }
                Ok(case) => cases.push(case),
                Err(mistakes) => fields.extend(mistakes),
            }
        }
        fields.or(Vectors {
            source,
            about,
            cases,
        })
    }
}

impl Case {
    fn read(place: &str, value: &Value) -> Result<Case, Vec<Mistake>> {
        let mut fields = Fields::of(place, value).map_err(|mistake| vec![mistake])?;
        fields.only(&CASE_FIELDS, |_| false);
        let id = fields.text("id");
        let input = fields.any("in");
        let output = fields.any("out");
        let origin =
            fields.optional(
                "origin",
                "`quoted`, `observed` or `computed`",
                |origin| match origin.as_str()? {
                    "quoted" => Some(Origin::Quoted),
                    "observed" => Some(Origin::Observed),
                    "computed" => Some(Origin::Computed),
                    _ => None,
                },
            );
        let order_matters = fields.truth("order_matters", true);
        let is_exact = fields.truth("exact", true);
        let invariants = fields.optional("invariants", "{sizes, assigned, kept}", |invariants| {
            Invariants::read(invariants)
        });
        if !is_exact && value.get("invariants").is_none() {
            let remedy = "add what must hold instead of equality, or leave out `exact`";
            fields.wrong("invariants", "is missing beside `exact: false`", remedy);
        }
        fields.or(Case {
            id,
            input,
            output,
            // What does not say whose word it is has the weakest.
            origin: origin.unwrap_or(Origin::Computed),
            order_matters,
            invariants: invariants.filter(|_| !is_exact),
        })
    }
}

impl Invariants {
    fn read(value: &Value) -> Option<Invariants> {
        let members = value.as_object()?;
        let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
        let sizes = members.get("sizes")?.as_array()?.iter().map(number);
        let invariants = Invariants {
            sizes: sizes.collect::<Option<_>>()?,
            assigned: number(members.get("assigned")?)?,
            kept: number(members.get("kept")?)?,
        };
        (members.len() == 3).then_some(invariants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "source": "a suite", "about": "in to out", "in": "{n}", "out": "bool",
            "origins": {"quoted": 1, "observed": 0, "computed": 0},
            "cases": [
                {"id": "one", "in": {"n": 1}, "out": null, "origin": "quoted", "ref": "a test", "hard": 1},
                {"id": "two", "in": 2, "out": true, "order_matters": false, "exact": false,
                 "invariants": {"sizes": [1, 2], "assigned": 3, "kept": 0}}
            ]
        })
    }

    #[test]
    fn a_case_says_how_it_is_compared() {
        let cases = Vectors::read("a.json", &whole()).expect("a file").cases;
        assert_eq!(cases[0].origin, Origin::Quoted);
        assert!(cases[0].order_matters && cases[0].invariants.is_none());
        let open = cases[1].invariants.as_ref().map(|it| it.sizes.as_slice());
        assert!(!cases[1].order_matters);
        assert_eq!(open, Some([1, 2].as_slice()));
    }

    #[test]
    fn every_mistake_is_told_with_file_and_field() {
        let check = |change: fn(&mut Value), told: &[&str]| {
            let mut value = whole();
            change(&mut value);
            let mistakes = Vectors::read("a.json", &value).map_or_else(|all| all, |_| Vec::new());
            let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), told.len(), "{said:?}");
            for (said, told) in said.iter().zip(told) {
                assert!(said.starts_with(told), "{said} / {told}");
            }
        };
        check(|_| (), &[]);
        check(
            |it| it["casez"] = json!([]),
            &["a.json: field `casez`: is unknown; the fields are source"],
        );
        check(
            |it| {
                it["cases"][0]["origin"] = json!("guessed");
                it["cases"][0]["ot"] = json!(1);
                it["cases"][1]["invariants"]["sizes"] = json!([-1]);
            },
            &[
                "a.json: case 0: field `ot`: is unknown",
                "a.json: case 0: field `origin`: `quoted`, `observed` or `computed`",
                "a.json: case 1: field `invariants`: {sizes, assigned, kept} is expected",
            ],
        );
        check(
            |it| it["cases"][1]["id"] = json!("one"),
            &["a.json: field `cases`: two cases are named `one`"],
        );
        check(
            |it| {
                it["cases"][1]
                    .as_object_mut()
                    .map(|case| case.remove("invariants"));
                it["cases"][0]
                    .as_object_mut()
                    .map(|case| case.remove("out"));
            },
            &[
                "a.json: case 0: field `out`: is missing",
                "a.json: case 1: field `invariants`: is missing beside `exact: false`",
            ],
        );
        check(
            |it| *it = json!([]),
            &["a.json: an object is expected, this is a list"],
        );
    }
}
