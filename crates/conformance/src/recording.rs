//! A recording: steps that were played against a real system, and what came back.
//!
//! It is read strictly. A field nobody knows, a step without an answer, a place that is not there:
//! each is a mistake of the file, and all of them are told. What a step asks for is *not* judged
//! here; the model that plays it knows its words.

use crate::fields::Fields;
use crate::mistake::Mistake;
use crate::refusal::Refusal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of a recording; answers of other witnesses stand in fields that begin with
/// [`OTHER_WITNESS`].
const FIELDS: [&str; 20] = [
    "id",
    "system",
    "about",
    "note",
    "recorded",
    "broker",
    "features",
    "steps",
    "observed",
    "loose",
    "disputed",
    "evidence_until",
    "any_error",
    "lag_disputed",
    "end_disputed",
    // Where a recording comes from several emulators: who said what.
    "single_source",
    "documented",
    "dissent",
    "left_out",
    "answers",
];

/// How the fields begin that hold the answers of another emulator.
const OTHER_WITNESS: &str = "observed_";

/// One recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Its name, which begins with its family's.
    pub id: String,
    /// What it was recorded from, with its version.
    pub system: String,
    /// What it shows, in one line.
    pub about: String,
    /// Settings of the broker that differ from those behind all recordings of the family.
    pub broker: Map<String, Value>,
    /// Finalized feature levels of the cluster (Kafka).
    pub features: Map<String, Value>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What came back, step by step.
    pub observed: Vec<Value>,
    /// Which of that counts.
    pub evidence: Evidence,
}

/// Which answers of a recording count, and how much of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Steps from here on do not count: the witnesses' states may differ.
    pub until: Option<usize>,
    /// Steps where this version departs from its own specification; they do not count.
    pub loose: Vec<usize>,
    /// Steps on which the witnesses disagree; they do not count.
    pub disputed: Vec<usize>,
    /// Steps of which only counts that there is an error.
    pub any_error: Vec<usize>,
    /// Steps of which `behind_latest_ms` does not count.
    pub lag_disputed: Vec<usize>,
    /// Steps of which only the bodies of the records count.
    pub end_disputed: Vec<usize>,
}

/// One step: an op and its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its place in the recording, from 0.
    pub at: usize,
    /// What is done.
    pub op: String,
    /// How the lists of the answer are compared.
    pub order: Order,
    /// The op and all its fields but `order`, which is about the answer.
    pub fields: Map<String, Value>,
}

/// How the lists of an answer are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they stand.
    #[default]
    Exact,
    /// As multisets.
    Any,
    /// The answer tells a number instead of a list.
    Count,
}

impl Step {
    /// The step as a type of the model; an enum with `#[serde(tag = "op", deny_unknown_fields)]`
    /// knows its ops and their fields, and nothing else.
    ///
    /// # Errors
    /// An op or a field that the type does not know, or a value it cannot take.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(serde_json::from_value(Value::Object(self.fields.clone()))?)
    }

    fn read_from(place: &str, at: usize, value: &Value) -> Result<Step, Vec<Mistake>> {
        let mut fields =
            Fields::of(&format!("{place}: step {at}"), value).map_err(|mistake| vec![mistake])?;
        let op = fields.text("op");
        let order = fields.optional("order", "`any`, `exact` or `count`", |order| {
            match order.as_str()? {
                "any" => Some(Order::Any),
                "exact" => Some(Order::Exact),
                "count" => Some(Order::Count),
                _ => None,
            }
        });
        let mut members = value.as_object().cloned().unwrap_or_default();
        members.remove("order");
        fields.or(Step {
            at,
            op,
            order: order.unwrap_or_default(),
            fields: members,
        })
    }
}

impl Recording {
    /// Whether `value` means to be a recording: it has steps or what was observed.
    pub fn is_meant(value: &Value) -> bool {
        value.get("steps").is_some() || value.get("observed").is_some()
    }

    /// Reads a recording; `place` names its file.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub fn read(place: &str, value: &Value) -> Result<Recording, Vec<Mistake>> {
        let mut fields = Fields::of(place, value).map_err(|mistake| vec![mistake])?;
        fields.only(&FIELDS, |name| name.starts_with(OTHER_WITNESS));
        let id = fields.text("id");
        let system = fields.text("system");
        fields.optional("about", "a text", Value::as_str);
        let broker = fields.object("broker");
        let features = fields.object("features");
        let observed = fields.list("observed");
        let mut steps = Vec::new();
        let written = fields.list("steps");
        for (at, step) in written.iter().enumerate() {
            match Step::read_from(place, at, step) {
                Ok(step) => steps.push(step),
                Err(mistakes) => fields.extend(mistakes),
            }
        }
        let end = written.len();
        if end != observed.len() {
            let cause = format!("there are {end} steps and {} answers", observed.len());
            fields.wrong("observed", cause, "give each step its answer, {} for none");
        }
        for (at, answer) in observed.iter().enumerate() {
            if !answer.is_object() {
                let cause = format!("answer {at} is no object");
                fields.wrong("observed", cause, "an answer is an object, {} for none");
            }
        }
        let evidence = Evidence {
            until: fields.number("evidence_until", end),
            loose: fields.numbers("loose", end),
            disputed: fields.numbers("disputed", end),
            any_error: fields.numbers("any_error", end),
            lag_disputed: fields.numbers("lag_disputed", end),
            end_disputed: fields.numbers("end_disputed", end),
        };
        let about = value.get("about").and_then(Value::as_str);
        fields.or(Recording {
            id,
            system,
            about: about.unwrap_or_default().to_owned(),
            broker,
            features,
            steps,
            observed: observed.to_vec(),
            evidence,
        })
    }

    /// The system's name without its version: its first word.
    pub fn system_name(&self) -> &str {
        self.system.split(' ').next().unwrap_or_default()
    }

    /// The family it belongs to.
    pub fn family(&self) -> &str {
        family_of(&self.id)
    }

    /// The places of the steps whose answers count.
    pub fn compared_steps(&self) -> impl Iterator<Item = usize> + '_ {
        let Evidence {
            until,
            loose,
            disputed,
            ..
        } = &self.evidence;
        (0..until.unwrap_or(self.steps.len()))
            .filter(|at| !loose.contains(at) && !disputed.contains(at))
    }
}

/// The family of a recording: the first word of its id, for Kafka the first two.
pub fn family_of(id: &str) -> &str {
    let words = match id.starts_with("kafka-") {
        true => 2,
        false => 1,
    };
    id.match_indices('-')
        .nth(words - 1)
        .map_or(id, |(end, _)| &id[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    fn whole() -> Value {
        json!({
            "id": "kafka-txn-abort", "system": "kafka 4.3.1", "about": "an abort",
            "recorded": {"runs": 3, "identical": true, "max_skew_ms": 95},
            "steps": [{"op": "declare", "kind": "topic"}, {"op": "poll", "order": "any"}, {"op": "wait", "ms": 5}],
            "observed": [{}, {"records": []}, {}]
        })
    }

    #[test]
    fn a_family_is_the_first_word_and_for_kafka_the_first_two() {
        let check = |id: &str, family: &str| assert_eq!(family_of(id), family);
        check("rabbitmq-fifo-get", "rabbitmq");
        check("kafka-txn-abort", "kafka-txn");
        check("kafka-848-join", "kafka-848");
        check("streams-join", "streams");
        check("kafka-log", "kafka-log");
        check("kafka", "kafka");
        check("redis", "redis");
        check("", "");
    }

    #[test]
    fn every_mistake_is_told_with_file_and_field() {
        let check = |change: fn(&mut Value), told: &[&str]| {
            let mut value = whole();
            change(&mut value);
            let mistakes = Recording::read("a.json", &value).map_or_else(|all| all, |_| Vec::new());
            let said: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), told.len(), "{said:?}");
            for (said, told) in said.iter().zip(told) {
                assert!(said.starts_with(told), "{said} / {told}");
            }
        };
        check(|_| (), &[]);
        check(|it| it["loose"] = json!([2]), &[]);
        check(|it| it["observed_pstest"] = json!([]), &[]);
        check(
            |it| it["stepz"] = json!(1),
            &["a.json: field `stepz`: is unknown; the fields are id, system"],
        );
        check(
            |it| {
                it["id"] = json!(7);
                it["loose"] = json!([3]);
            },
            &[
                "a.json: field `id`: a text is expected, this is 7",
                "a.json: field `loose`: a list of whole numbers below 3 is expected",
            ],
        );
        check(
            |it| it["observed"] = json!([{}]),
            &["a.json: field `observed`: there are 3 steps and 1 answers"],
        );
        check(
            |it| it["observed"][1] = json!(null),
            &["a.json: field `observed`: answer 1 is no object"],
        );
        check(
            |it| it["steps"][1] = json!({"op": "", "order": "some"}),
            &[
                "a.json: step 1: field `op`: is empty",
                "a.json: step 1: field `order`: `any`, `exact` or `count` is expected",
            ],
        );
        check(
            |it| it["steps"][0] = json!([]),
            &["a.json: step 0: an object is expected, this is a list"],
        );
        check(
            |it| it["evidence_until"] = json!(4),
            &["a.json: field `evidence_until`: a whole number up to 3"],
        );
        check(
            |it| *it = json!("steps"),
            &["a.json: an object is expected, this is a text"],
        );
        check(
            |it| *it = json!({"steps": []}),
            &[
                "a.json: field `id`: is missing",
                "a.json: field `system`: is missing",
                "a.json: field `observed`: is missing",
            ],
        );
    }

    #[test]
    fn loose_disputed_and_late_steps_do_not_count() {
        let check = |evidence: Value, expected: &[usize]| {
            let mut value = whole();
            for (name, member) in evidence.as_object().into_iter().flatten() {
                value[name] = member.clone();
            }
            let recording = Recording::read("a.json", &value).expect("a recording");
            assert_eq!(recording.compared_steps().collect::<Vec<_>>(), expected);
        };
        check(json!({}), &[0, 1, 2]);
        check(json!({"loose": [0]}), &[1, 2]);
        check(json!({"disputed": [1]}), &[0, 2]);
        check(json!({"evidence_until": 2, "disputed": [0]}), &[1]);
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
    enum Op {
        Poll {},
        Wait { ms: u64 },
    }

    #[test]
    fn a_step_is_read_as_an_op_with_its_fields_and_no_others() {
        let recording = Recording::read("a.json", &whole()).expect("a recording");
        assert_eq!(recording.steps[2].read(), Ok(Op::Wait { ms: 5 }));
        // How the answer is compared is no field of the op.
        assert_eq!(recording.steps[1].read(), Ok(Op::Poll {}));
        assert_eq!(recording.steps[1].order, Order::Any);
        let unknown = recording.steps[0].read::<Op>().expect_err("no such op");
        assert!(unknown.cause.contains("`declare`"), "{unknown}");
        let mut step = recording.steps[2].clone();
        step.fields.insert("s".to_owned(), json!(1));
        let unknown = step.read::<Op>().expect_err("no such field");
        assert!(
            unknown.cause.contains("`s`") && unknown.cause.contains("`ms`"),
            "{unknown}"
        );
    }
}
