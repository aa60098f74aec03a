//! When the output of a model agrees with a case.
//!
//! # Rules
//! 1. Equal, numbers by value. Here null and absent are two things: an output is small and whole.
//! 2. Where the case says that order does not matter, every list is a multiset.
//! 3. Where the case says what must hold instead (`exact: false`), the output is a valid assignment
//!    for which that holds.
//! 4. Of some kinds another part is open: the order of a pattern's matches, the reason for which a
//!    filter policy is refused, members of replies that random scripts leave out.

use super::{Case, Invariants};
use crate::canonical::Canonical;
use crate::compare::any_order;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is open in the outputs of a kind, beyond what a case says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    /// Nothing.
    Nothing,
    /// The order of the outermost list.
    Order,
    /// All members but this one.
    AllBut(&'static str),
    /// Members that are not given, in the cases whose ids begin so.
    NotGiven(&'static str),
}

fn open(kind: &str) -> Open {
    match kind {
        // A pattern's matches are a set; the events of a match are not.
        "flink_cep_matches" => Open::Order,
        // The reason is for people.
        "sns_filter_policy_validation" => Open::AllBut("accepted"),
        // Releases differ in what these leave out.
        "redis_streams" => Open::NotGiven("random-"),
        _ => Open::Nothing,
    }
}

/// An output that does not agree: both sides as they were compared, or why it cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What was expected.
    pub expected: Canonical,
    /// What came.
    pub got: Canonical,
    /// What does not hold, where not equality was asked for.
    pub broken: Option<String>,
}

/// How `output` of a model disagrees with the case, if it does.
pub fn disagreement(kind: &str, case: &Case, output: &Value) -> Option<Disagreement> {
    let mut expected = Canonical::from(&case.output);
    let mut got = Canonical::from(output);
    if let Some(invariants) = &case.invariants {
        let broken = broken(invariants, &case.input, &got)?;
        return Some(Disagreement {
            expected,
            got,
            broken: Some(broken),
        });
    }
    if !case.order_matters {
        (expected, got) = (any_order(expected), any_order(got));
    }
    match open(kind) {
        Open::Nothing => {}
        Open::Order => {
            for side in [&mut expected, &mut got] {
                if let Canonical::List(list) = side {
                    list.sort();
                }
            }
        }
        Open::AllBut(name) => {
            for side in [&mut expected, &mut got] {
                if let Canonical::Object(members) = side {
                    members.retain(|member, _| member == name);
                }
            }
        }
        Open::NotGiven(beginning) if case.id.starts_with(beginning) => {
            keep_given(&expected, &mut got);
        }
        Open::NotGiven(_) => {}
    }
    (expected != got).then_some(Disagreement {
        expected,
        got,
        broken: None,
    })
}

/// Takes out of `got` the members of objects that `expected` does not have.
fn keep_given(expected: &Canonical, got: &mut Canonical) {
    match (expected, got) {
        (Canonical::Object(expected), Canonical::Object(got)) => {
            got.retain(|name, _| expected.contains_key(name));
            for (name, member) in got.iter_mut() {
                if let Some(expected) = expected.get(name) {
                    keep_given(expected, member);
                }
            }
        }
        (Canonical::List(expected), Canonical::List(got)) => {
            for (expected, got) in expected.iter().zip(got) {
                keep_given(expected, got);
            }
        }
        _ => {}
    }
}

/// A member as the input tells it.
struct Member {
    topics: BTreeSet<String>,
    owned: BTreeSet<String>,
}

/// What does not hold of an assignment `{member: ["topic-partition", …]}`.
fn broken(invariants: &Invariants, input: &Value, got: &Canonical) -> Option<String> {
    let members = members(input);
    let Some(assignment) = assignment(got) else {
        return Some("an assignment is an object of lists of texts".to_owned());
    };
    let mut taken = BTreeSet::new();
    let mut kept = 0;
    for (id, partitions) in &assignment {
        let Some(member) = members.get(id) else {
            return Some(format!("there is no member {id}"));
        };
        for &partition in partitions {
            if !is_subscribed(member, input, partition) {
                return Some(format!("{id} does not subscribe to {partition}"));
            }
            if !taken.insert(partition) {
                return Some(format!("{partition} is given out twice"));
            }
            kept += usize::from(member.owned.contains(partition));
        }
    }
    let mut sizes: Vec<usize> = members
        .keys()
        .map(|id| assignment.get(id).map_or(0, Vec::len))
        .collect();
    sizes.sort_unstable();
    if sizes != invariants.sizes {
        return Some(format!(
            "members have {sizes:?} partitions instead of {:?}",
            invariants.sizes
        ));
    }
    if taken.len() != invariants.assigned {
        return Some(format!(
            "{} partitions are given out instead of {}",
            taken.len(),
            invariants.assigned
        ));
    }
    (kept < invariants.kept).then(|| {
        format!(
            "{kept} partitions stay with their owners instead of {}",
            invariants.kept
        )
    })
}

fn members(input: &Value) -> BTreeMap<String, Member> {
    let texts = |value: Option<&Value>| {
        let list = value.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let list = input.get("members").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|member| {
            let id = member.get("id")?.as_str()?.to_owned();
            let topics = texts(member.get("topics"));
            let owned = texts(member.get("owned"));
            Some((id, Member { topics, owned }))
        })
        .collect()
}

fn assignment(got: &Canonical) -> Option<BTreeMap<String, Vec<&str>>> {
    let Canonical::Object(members) = got else {
        return None;
    };
    members
        .iter()
        .map(|(id, partitions)| {
            let Canonical::List(partitions) = partitions else {
                return None;
            };
            let texts = partitions.iter().map(|partition| match partition {
                Canonical::Text(text) => Some(text.as_str()),
                _ => None,
            });
            Some((id.clone(), texts.collect::<Option<_>>()?))
        })
        .collect()
}

/// Whether the partition exists, and its topic is one of the member's.
fn is_subscribed(member: &Member, input: &Value, partition: &str) -> bool {
    let Some((topic, index)) = partition.rsplit_once('-') else {
        return false;
    };
    let count = input.get("topics").and_then(|topics| topics.get(topic));
    let exists = index.parse::<u64>().is_ok_and(|index| {
        count
            .and_then(Value::as_u64)
            .is_some_and(|count| index < count)
    });
    exists && member.topics.contains(topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::Origin;
    use serde_json::json;

    fn case(id: &str, output: Value, order_matters: bool) -> Case {
        Case {
            id: id.to_owned(),
            input: json!({}),
            output,
            origin: Origin::Quoted,
            order_matters,
            invariants: None,
        }
    }

    fn check(kind: &str, case: &Case, output: Value, agrees: bool) {
        let found = disagreement(kind, case, &output);
        assert_eq!(
            found.is_none(),
            agrees,
            "{kind} {case:?} {output}: {found:?}"
        );
    }

    #[test]
    fn outputs_are_equal_unless_the_case_leaves_the_order_open() {
        let ordered = case("a", json!({"m": [1, 2]}), true);
        check("kind", &ordered, json!({"m": [1.0, 2]}), true);
        check("kind", &ordered, json!({"m": [2, 1]}), false);
        check("kind", &ordered, json!({"m": [1, 2], "n": null}), false);
        let open = case("a", json!({"m": [1, 2]}), false);
        check("kind", &open, json!({"m": [2, 1]}), true);
        check("kind", &open, json!({"m": [2, 2]}), false);
    }

    #[test]
    fn matches_of_a_pattern_have_no_order_but_their_events_do() {
        let matches = case("a", json!([[0, 1], [2]]), true);
        check("flink_cep_matches", &matches, json!([[2], [0, 1]]), true);
        check("flink_cep_matches", &matches, json!([[2], [1, 0]]), false);
        check("kind", &matches, json!([[2], [0, 1]]), false);
    }

    #[test]
    fn of_a_policy_only_counts_whether_it_is_accepted() {
        let policy = case("a", json!({"accepted": false, "reason": "too deep"}), true);
        let kind = "sns_filter_policy_validation";
        check(kind, &policy, json!({"accepted": false}), true);
        check(
            kind,
            &policy,
            json!({"accepted": true, "reason": "too deep"}),
            false,
        );
        check(kind, &policy, json!({}), false);
        check("kind", &policy, json!({"accepted": false}), false);
    }

    #[test]
    fn random_scripts_tell_only_part_of_a_reply() {
        let reply = json!([{"name": "g", "deep": [{"n": 1}]}]);
        let more = json!([{"name": "g", "lag": 1, "deep": [{"n": 1, "m": 2}]}]);
        let random = case("random-1", reply.clone(), true);
        check("redis_streams", &random, more.clone(), true);
        check(
            "redis_streams",
            &random,
            json!([{"name": "h", "deep": [{"n": 1}]}]),
            false,
        );
        check(
            "redis_streams",
            &random,
            json!([{"deep": [{"n": 1}]}]),
            false,
        );
        check("redis_streams", &random, json!([]), false);
        let other = case("group", reply, true);
        check("redis_streams", &other, more, false);
    }

    #[test]
    fn an_open_assignment_must_be_valid_and_keep_what_it_can() {
        let mut open = case("a", json!({}), false);
        open.input = json!({"topics": {"t": 3, "u-v": 1}, "members": [
            {"id": "a", "topics": ["t"], "owned": ["t-0", "t-1"]},
            {"id": "b", "topics": ["t", "u-v"], "owned": []}]});
        open.invariants = Some(Invariants {
            sizes: vec![2, 2],
            assigned: 4,
            kept: 1,
        });
        let check = |output: Value, broken: Option<&str>| {
            let found = disagreement("kind", &open, &output).and_then(|found| found.broken);
            match (&found, broken) {
                (Some(found), Some(broken)) => assert!(found.contains(broken), "{output}: {found}"),
                (found, broken) => assert_eq!(found.as_deref(), broken, "{output}"),
            }
        };
        check(json!({"a": ["t-0", "t-1"], "b": ["u-v-0", "t-2"]}), None);
        check(json!({"a": ["t-2", "t-1"], "b": ["u-v-0", "t-0"]}), None);
        check(
            json!({"a": ["t-2", "t-3"], "b": ["u-v-0", "t-0"]}),
            Some("does not subscribe to t-3"),
        );
        check(
            json!({"a": ["u-v-0"], "b": []}),
            Some("does not subscribe to u-v-0"),
        );
        check(
            json!({"a": ["t-0", "t-1"], "b": ["t-1", "t-2"]}),
            Some("t-1 is given out twice"),
        );
        check(json!({"c": []}), Some("no member c"));
        check(
            json!({"a": ["t-0"], "b": ["u-v-0", "t-2", "t-1"]}),
            Some("instead of [2, 2]"),
        );
        check(json!({"b": ["u-v-0", "t-2"]}), Some("instead of [2, 2]"));
        check(json!([]), Some("an object of lists"));
        open.invariants = Some(Invariants {
            sizes: vec![0, 1],
            assigned: 1,
            kept: 1,
        });
        let check = |output: Value, broken: bool| {
            assert_eq!(
                disagreement("kind", &open, &output).is_some(),
                broken,
                "{output}"
            );
        };
        check(json!({"a": ["t-0"]}), false);
        check(json!({"a": ["t-2"]}), true);
    }
}
