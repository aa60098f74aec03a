//! A scene, a table and a driver to try handlers with.
#![allow(dead_code)] // Each test uses its part of it.

use engine::cast::RecordId;
use engine::handler::{Ask, Delivery, Handler, Next, Place, TableStep, Turn, Value, Verdict};
use engine::systems::SystemName;
use engine::systems::kafka::{Offset, Partition, TopicId};
use engine::{Cast, Scene};
use handler::Code;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

pub fn cast() -> Arc<Cast> {
    static CAST: LazyLock<Arc<Cast>> = LazyLock::new(|| on(SystemName::Kafka));
    CAST.clone()
}

/// The toy scene on a system.
pub fn on(system: SystemName) -> Arc<Cast> {
    Cast::new(&scene().on(system)).expect("the toy scene has no mistakes")
}

fn scene() -> Scene {
    serde_json::from_str(
        r#"{
            "id": "toy", "title": "Toy", "version": 1,
            "topics": [
                {"name": "orders", "partitions": 2, "records": [
                    {"value": "ord_10"},
                    {"value": "ord_11", "key": "anna", "amount": 1999, "headers": {"kind": "paid"}}
                ]},
                {"name": "mails"}
            ],
            "services": [{"name": "mail"}, {"name": "charge"}],
            "tables": [{"name": "processed"}, {"name": "balance"}],
            "consumers": [{
                "name": "email-1", "group": "email", "topics": ["orders"], "handler": [],
                "commit": "after"
            }]
        }"#,
    )
    .expect("the toy scene is a scene")
}

pub fn delivery() -> Delivery {
    Delivery {
        record: RecordId(1),
        place: Some(Place {
            partition: Partition {
                topic: TopicId(0),
                index: 0,
            },
            offset: Offset(11),
        }),
        attempt: 1,
        redelivered: false,
    }
}

pub fn parse(source: &str) -> Code {
    match Code::parse(source, &cast()) {
        Ok(code) => code,
        Err(problems) => panic!("{}\n{source}", problems[0]),
    }
}

/// What is wrong with a program, a line for each thing.
pub fn problems(source: &str) -> String {
    match Code::parse(source, &cast()) {
        Ok(_) => String::new(),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect(),
    }
}

pub fn next(handler: &impl Handler, answers: &[Value]) -> Turn {
    handler.next(&cast(), &delivery(), answers)
}

/// Tables that do what they should.
#[derive(Default)]
pub struct Tables(BTreeMap<(u8, Value), Value>);

impl Tables {
    fn one(&mut self, step: &TableStep) -> Value {
        match step {
            TableStep::Get(table, key) => self
                .0
                .get(&(table.0, key.clone()))
                .cloned()
                .unwrap_or_default(),
            TableStep::Has(table, key) => {
                Value::Truth(self.0.contains_key(&(table.0, key.clone())))
            }
            TableStep::Insert(table, key, value) => {
                let place = (table.0, key.clone());
                let new = !self.0.contains_key(&place);
                if new {
                    self.0.insert(place, value.clone());
                }
                Value::Truth(new)
            }
            TableStep::Put(table, key, value) => {
                self.0.insert((table.0, key.clone()), value.clone());
                Value::Nothing
            }
            TableStep::Add(table, key, n) => {
                let row = self
                    .0
                    .entry((table.0, key.clone()))
                    .or_insert(Value::Number(0));
                if let Value::Number(number) = row {
                    *number += n;
                }
                row.clone()
            }
            TableStep::Delete(table, key) => {
                Value::Truth(self.0.remove(&(table.0, key.clone())).is_some())
            }
        }
    }

    pub fn answer(&mut self, ask: &Ask) -> Value {
        match ask {
            Ask::Call { .. } | Ask::Commit | Ask::Publish { .. } => Value::Truth(true),
            Ask::Sleep(_) => Value::Nothing,
            Ask::Tables(steps) => {
                if let [step] = steps.as_slice() {
                    return self.one(step);
                }
                let before = self.0.clone();
                let mut all = Vec::new();
                for step in steps {
                    let answer = self.one(step);
                    if matches!(step, TableStep::Insert(..)) && answer == Value::Truth(false) {
                        self.0 = before;
                        return Value::Nothing;
                    }
                    all.push(answer);
                }
                Value::List(all)
            }
        }
    }
}

/// Handles one message to its end, and tells everything.
pub fn story(handler: &impl Handler, tables: &mut Tables) -> String {
    let mut answers = Vec::new();
    let mut text = String::new();
    loop {
        let turn = next(handler, &answers);
        for line in &turn.log {
            let _ = writeln!(text, "log: {line}");
        }
        match turn.next {
            Next::Ask(ask) => {
                let answer = tables.answer(&ask);
                let _ = writeln!(text, "{} → {}", asked(&ask), value(&answer));
                answers.push(answer);
            }
            Next::End(Verdict::Done) => return text + "done\n",
            Next::End(Verdict::Again(wait)) => {
                let _ = writeln!(text, "again after {} µs", wait.0);
                return text;
            }
            Next::End(Verdict::Failed(failure)) => {
                let _ = writeln!(
                    text,
                    "failed at {}:{}: {}",
                    failure.line, failure.column, failure.message
                );
                return text;
            }
        }
        if answers.len() > 2_000 {
            return text + "never ends\n";
        }
    }
}

pub fn asked(ask: &Ask) -> String {
    let cast = cast();
    match ask {
        Ask::Call {
            service,
            record,
            key,
        } => {
            let key = key
                .as_ref()
                .map_or(String::new(), |key| format!(", key {}", value(key)));
            format!(
                "call {} for {}{key}",
                cast.service_name(*service),
                cast.record_name(*record)
            )
        }
        Ask::Tables(steps) => {
            let steps: Vec<String> = steps.iter().map(step).collect();
            steps.join(" + ")
        }
        Ask::Commit => "commit".to_owned(),
        Ask::Publish { topic, record } => format!(
            "publish to {} about {}",
            cast.topic_name(*topic),
            cast.record_name(*record)
        ),
        Ask::Sleep(span) => format!("sleep {} µs", span.0),
    }
}

fn step(step: &TableStep) -> String {
    let cast = cast();
    match step {
        TableStep::Get(table, key) => format!("get {}[{}]", cast.table_name(*table), value(key)),
        TableStep::Has(table, key) => format!("has {}[{}]", cast.table_name(*table), value(key)),
        TableStep::Insert(table, key, row) => format!(
            "insert {}[{}] = {}",
            cast.table_name(*table),
            value(key),
            value(row)
        ),
        TableStep::Put(table, key, row) => format!(
            "put {}[{}] = {}",
            cast.table_name(*table),
            value(key),
            value(row)
        ),
        TableStep::Add(table, key, n) => {
            format!("add {n} to {}[{}]", cast.table_name(*table), value(key))
        }
        TableStep::Delete(table, key) => {
            format!("delete {}[{}]", cast.table_name(*table), value(key))
        }
    }
}

pub fn value(value: &Value) -> String {
    match value {
        Value::Nothing => "nothing".to_owned(),
        Value::Truth(true) => "yes".to_owned(),
        Value::Truth(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(all) => {
            let all: Vec<String> = all.iter().map(self::value).collect();
            format!("[{}]", all.join(", "))
        }
    }
}
