//! Small models for the harness's own tests.

use conformance::{Family, Kind, Model, Models, Player, Recording, Refusal, Step};
use serde::Deserialize;
use serde_json::{Value, json};

/// Knows how to count, and little else.
struct Counter(u64);

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Op {
    Add { by: u64 },
    Read {},
    Explode {},
}

impl Player for Counter {
    fn play(&mut self, step: &Step) -> Result<Value, Refusal> {
        match step.read()? {
            Op::Add { by } => {
                self.0 += by;
                Ok(json!({}))
            }
            Op::Read {} => Ok(json!({"sum": self.0, "extra": null})),
            Op::Explode {} => panic!("the counter burst at {}", self.0),
        }
    }
}

fn begin(recording: &Recording) -> Result<Box<dyn Player>, Refusal> {
    match recording.broker.keys().next() {
        Some(setting) => Err(Refusal::unknown("setting", setting, &["none"])),
        None => Ok(Box::new(Counter(0))),
    }
}

fn double(input: &Value) -> Result<Value, Refusal> {
    match input.as_u64() {
        Some(0) => panic!("nothing to double"),
        Some(number) => Ok(json!(number * 2)),
        None => Err(Refusal::new("a number is expected")),
    }
}

/// A family and a kind.
pub const MODELS: Models<'static> = Models(&[Model {
    title: "Counting",
    families: &[Family {
        name: "counter",
        begin,
    }],
    kinds: &[Kind {
        name: "double",
        answer: double,
    }],
    rooms: Vec::new,
}]);
