//! When an answer agrees with what was observed.
//!
//! # Rules
//! Everything counts, step by step, except:
//! 1. Null, empty and absent are the same. Numbers are compared by value.
//! 2. Loose and disputed steps, and those past the evidence, do not count.
//! 3. Under `order: any` every list of the answer is a multiset; in a tool's output the rows of each
//!    block are, below its first.
//! 4. Of some steps only part counts: that there is an error; all but the lag; the bodies alone.
//! 5. RabbitMQ: the number of consumers in `depth` depends on the kind of queue; a
//!    `delivery_count` of 0 is none.
//! 6. NATS: a consumer's `waiting` and `redelivered` are its own affair; the statuses 404, 408 and
//!    none all say that there is nothing more now; `pending` of a message is a hint.
//! 7. Kafka: sizes of stored batches, and what a batch is not; empty `assigned` callbacks, of which
//!    a real client may get one more; the order in sets (assignments, in-sync replicas, …), but for
//!    `poll`; in tools' output blanks at the end of a line, the number of blanks beside a mask, and
//!    the order in sets inside a line. A tool's error stream, and its mixture with the output, count
//!    only where a model gives them.
//! 8. Flink: results of one step come in any order. Flink and Kafka Streams: numbers of the
//!    implementation do not count.
//! 9. `same_id_as_earlier` and `children` never count.

mod tool_output;

use crate::canonical::Canonical;
use crate::recording::{Order, Recording, Step};
use serde_json::Value;
use std::collections::BTreeMap;
use tool_output::{blanks, sorted_rows};

/// A compared step whose answer does not agree; both sides as they were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The step's place.
    pub step: usize,
    /// What was observed.
    pub expected: Canonical,
    /// What was answered.
    pub got: Canonical,
}

/// Every compared step on which `answers` differ from what was observed. A step beyond the end of
/// `answers` has none, and differs.
pub fn disagreements(recording: &Recording, answers: &[Value]) -> Vec<Disagreement> {
    recording
        .compared_steps()
        .filter_map(|at| disagreement(recording, at, answers.get(at)))
        .collect()
}

/// How `answer` to the step at `at` differs from what was observed, if it does.
pub fn disagreement(
    recording: &Recording,
    at: usize,
    answer: Option<&Value>,
) -> Option<Disagreement> {
    let (step, observed) = (recording.steps.get(at)?, recording.observed.get(at)?);
    let rules = Rules {
        system: recording.system_name(),
        step,
    };
    let mut expected = rules.answer(observed);
    let mut got = match answer {
        Some(answer) => rules.answer(answer),
        None => Canonical::from(&serde_json::json!({"missing": true})),
    };
    let is_in = |steps: &[usize]| steps.contains(&at);
    let evidence = &recording.evidence;
    for side in [&mut expected, &mut got] {
        if is_in(&evidence.any_error) {
            *side = whether_error(side);
        }
        if is_in(&evidence.lag_disputed) || is_in(&evidence.end_disputed) {
            side.remove("behind_latest_ms");
        }
        if is_in(&evidence.end_disputed) {
            *side = bodies(side);
        }
        if step.order == Order::Any {
            *side = any_order(std::mem::replace(side, Canonical::Null));
        }
        if rules.system == "flink" {
            sort_results(side);
        }
    }
    if step.op == "tool" {
        for stream in ["stderr", "screen"] {
            if got.member(stream).is_none() {
                expected.remove(stream);
            }
        }
    }
    (expected != got).then_some(Disagreement {
        step: at,
        expected,
        got,
    })
}

/// What holds for one step of one system.
struct Rules<'a> {
    system: &'a str,
    step: &'a Step,
}

/// Members whose lists are sets in Kafka's answers, unless a program polled them.
const SETS: [&str; 11] = [
    "assignment",
    "target",
    "owned",
    "topics",
    "isr",
    "elr",
    "last_known_elr",
    "offline",
    "adding",
    "removing",
    "brokers",
];

impl Rules<'_> {
    /// What is left to compare of an answer.
    fn answer(&self, answer: &Value) -> Canonical {
        let answer = self.left_of(Canonical::from(answer));
        match answer.is_nothing() {
            true => Canonical::Object(BTreeMap::new()),
            false => answer,
        }
    }

    fn left_of(&self, value: Canonical) -> Canonical {
        match value {
            Canonical::List(list) => {
                Canonical::List(list.into_iter().map(|one| self.left_of(one)).collect())
            }
            Canonical::Object(members) => Canonical::Object(
                members
                    .into_iter()
                    .filter_map(|(name, member)| {
                        let member = self.member(&name, member)?;
                        Some((name, member))
                    })
                    .collect(),
            ),
            other => other,
        }
    }

    /// What is left of a member; nothing, where it does not count or says nothing.
    fn member(&self, name: &str, value: Canonical) -> Option<Canonical> {
        if matches!(name, "same_id_as_earlier" | "children") || !self.counts(name, &value) {
            return None;
        }
        let is_kafka = self.system == "kafka";
        let value = match name {
            "callbacks" if is_kafka => without_empty_assigned(value),
            "stdout" | "stderr" | "screen" if is_kafka => blanks(value),
            _ => value,
        };
        let mut value = self.left_of(value);
        if is_kafka && SETS.contains(&name) && self.step.op != "poll" {
            value = any_order(value);
        }
        (!value.is_nothing()).then_some(value)
    }

    fn counts(&self, name: &str, value: &Canonical) -> bool {
        let op = self.step.op.as_str();
        match (self.system, name) {
            ("rabbitmq", "consumers") => op != "depth" || matches!(value, Canonical::List(_)),
            ("rabbitmq", "delivery_count") => *value != Canonical::Whole(0),
            ("nats-server", "waiting" | "redelivered") => false,
            ("nats-server", "status") => {
                op != "fetch" || !matches!(value, Canonical::Whole(404 | 408))
            }
            ("nats-server", "pending") => !matches!(op, "fetch" | "drain"),
            ("kafka", _) if self.is_raw() => name != "bytes" && *value != Canonical::Bool(false),
            (
                "flink" | "kafka-streams",
                "event_timers" | "processing_timers" | "keys_with_state",
            ) => false,
            _ => true,
        }
    }

    /// Whether the step asks for batches as they are stored.
    fn is_raw(&self) -> bool {
        self.step.fields.get("raw") == Some(&Value::Bool(true))
    }
}

fn without_empty_assigned(value: Canonical) -> Canonical {
    match value {
        Canonical::Object(members) => Canonical::Object(
            members
                .into_iter()
                .map(|(name, member)| (name, without_empty_assigned(member)))
                .collect(),
        ),
        Canonical::List(list) => Canonical::List(
            list.into_iter()
                .filter(|callback| !is_empty_assigned(callback))
                .collect(),
        ),
        other => other,
    }
}

fn is_empty_assigned(callback: &Canonical) -> bool {
    let Canonical::Object(members) = callback else {
        return false;
    };
    members.len() == 1 && members.get("assigned") == Some(&Canonical::List(Vec::new()))
}

/// Only whether there is an error.
fn whether_error(answer: &Canonical) -> Canonical {
    let is_error = Canonical::Bool(answer.member("error").is_some());
    Canonical::Object(BTreeMap::from([("error".to_owned(), is_error)]))
}

/// The bodies of the records alone.
fn bodies(answer: &Canonical) -> Canonical {
    let records = match answer.member("records") {
        Some(Canonical::List(records)) => records.as_slice(),
        _ => &[],
    };
    let body = |record: &Canonical| record.member("msg").cloned().unwrap_or(Canonical::Null);
    Canonical::List(records.iter().map(body).collect())
}

/// Every list inside as a multiset; in a tool's output the rows of each block.
pub(crate) fn any_order(value: Canonical) -> Canonical {
    match value {
        Canonical::List(list) => {
            let mut list: Vec<Canonical> = list.into_iter().map(any_order).collect();
            list.sort();
            Canonical::List(list)
        }
        Canonical::Object(members) => Canonical::Object(
            members
                .into_iter()
                .map(|(name, member)| {
                    let member = match name.as_str() {
                        "stdout" | "screen" => sorted_rows(member),
                        _ => any_order(member),
                    };
                    (name, member)
                })
                .collect(),
        ),
        other => other,
    }
}

/// Results of different keys, pairs of a join and matches of a pattern come in any order, and so do
/// the values of a session.
fn sort_results(answer: &mut Canonical) {
    let Canonical::Object(members) = answer else {
        return;
    };
    for name in ["out", "late", "late_right", "timed_out"] {
        let Some(Canonical::List(results)) = members.get_mut(name) else {
            continue;
        };
        for result in results.iter_mut() {
            if let Canonical::Object(members) = result
                && let Some(Canonical::List(values)) = members.get_mut("values")
            {
                values.sort();
            }
        }
        results.sort();
    }
}

#[cfg(test)]
mod tests;
