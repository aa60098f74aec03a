//! A run as text and as JSON.

use engine::fact::{Holds, items};
use engine::scene::Selection;
use engine::systems::sqs::Sqs;
use engine::{Fact, FactId, RULES_VERSION, Run, Scene, Weight, anomaly};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that is told about a run.
pub struct Report<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// Its options.
    pub selection: &'a Selection,
    /// The run.
    pub run: &'a Run,
}

/// How often each service did its work, by service and record.
type Effects = BTreeMap<String, BTreeMap<String, u32>>;
/// The next offset to read, by group and partition.
type Offsets = BTreeMap<String, BTreeMap<String, u64>>;

#[derive(Serialize)]
struct Whole<'a> {
    scene: &'a str,
    version: u32,
    rules: u32,
    seed: u64,
    with: &'a Selection,
    path: String,
    outcome: &'static str,
    at_us: u64,
    facts: Vec<OneFact>,
    lost: Vec<OneLost>,
    duplicated: Vec<OneDuplicated>,
    committed: Offsets,
    effects: Effects,
}

#[derive(Serialize)]
struct OneFact {
    id: u32,
    at_us: u64,
    by: String,
    fact: &'static str,
    weight: &'static str,
    fields: BTreeMap<&'static str, Value>,
    cause: Option<u32>,
}

#[derive(Serialize)]
struct OneLost {
    group: String,
    record: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    partition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    at: u32,
}

#[derive(Serialize)]
struct OneDuplicated {
    service: String,
    record: String,
    times: u32,
    first: u32,
    again: u32,
}

impl Report<'_> {
    /// One JSON object.
    pub fn json(&self) -> String {
        let (world, trace) = (self.run.world(), self.run.trace());
        let cast = world.cast();
        let facts = trace
            .entries()
            .iter()
            .enumerate()
            .map(|(id, entry)| OneFact {
                id: id as u32,
                at_us: entry.at.0,
                by: cast.party_name(entry.by),
                fact: entry.fact.verb(),
                weight: match entry.fact.weight() {
                    Weight::Headline => "headline",
                    Weight::Detail => "detail",
                },
                fields: entry
                    .fact
                    .fields(cast)
                    .into_iter()
                    .map(|(name, value)| {
                        let holds = Fact::holds(entry.fact.verb(), name).unwrap_or(Holds::Text);
                        (name, json_of(holds, value))
                    })
                    .collect(),
                cause: entry.cause.0.map(|cause| cause.0),
            });
        let lost = anomaly::lost(trace).into_iter().map(|lost| OneLost {
            group: cast.group_name(lost.group),
            record: cast.record_name(lost.record),
            partition: lost.place.map(|place| cast.partition_name(place.partition)),
            offset: lost.place.map(|place| place.offset.0),
            at: lost.at.0,
        });
        let duplicated = anomaly::duplicated(trace)
            .into_iter()
            .map(|again| OneDuplicated {
                service: cast.service_name(again.service),
                record: cast.record_name(again.record),
                times: again.times,
                first: again.first.0,
                again: again.again.0,
            });
        let whole = Whole {
            scene: &self.scene.id,
            version: self.scene.version,
            rules: RULES_VERSION,
            seed: cast.seed,
            with: self.selection,
            path: self.run.path().to_string(),
            outcome: self.run.outcome().word(),
            at_us: world.now().0,
            facts: facts.collect(),
            lost: lost.collect(),
            duplicated: duplicated.collect(),
            committed: self.committed(),
            effects: self.effects(),
        };
        // Names and numbers always have a JSON form.
        serde_json::to_string_pretty(&whole).unwrap_or_default() + "\n"
    }

    /// The trace, and after it a summary whose lines begin with `#`.
    pub fn text(&self) -> String {
        let (world, trace) = (self.run.world(), self.run.trace());
        let cast = world.cast();
        let mut text = trace.text();
        let mut say = |line: String| {
            text.push_str(format!("# {line}").trim_end());
            text.push('\n');
        };
        let with: Vec<String> = self
            .selection
            .iter()
            .map(|(setting, option)| format!(", {setting}={option}"))
            .collect();
        say(format!(
            "scene {} version {}, rules {RULES_VERSION}, seed {}{}",
            self.scene.id,
            self.scene.version,
            cast.seed,
            with.concat()
        ));
        say(format!("path {}", self.run.path()));
        say(format!(
            "{} after {} choices and {} facts, at {} ms",
            self.run.outcome().word(),
            self.run.len(),
            trace.entries().len(),
            world.now()
        ));
        for (service, records) in self.effects() {
            let times: Vec<String> = records
                .iter()
                .map(|(record, times)| format!("{record} {times}"))
                .collect();
            say(format!("{service} did its work for: {}", list(&times)));
        }
        for queue in self.run.world().sqs().into_iter().flat_map(Sqs::queues) {
            say(format!(
                "{}: {} messages visible, {} in flight, {} delayed",
                queue.name,
                queue.store.visible(),
                queue.store.in_flight(),
                queue.store.delayed()
            ));
        }
        let queues = self.run.world().rabbitmq();
        for queue in queues
            .into_iter()
            .flat_map(|broker| broker.queues().by_name.values())
        {
            say(format!(
                "{}: {} messages ready, {} unacknowledged",
                queue.name,
                queue.message_count(),
                queue.held.len()
            ));
        }
        for (group, offsets) in self.committed() {
            let offsets: Vec<String> = offsets
                .iter()
                .map(|(partition, offset)| format!("{partition} {offset}"))
                .collect();
            say(format!("{group} has committed: {}", list(&offsets)));
        }
        for again in anomaly::duplicated(trace) {
            let (service, record) = (
                cast.service_name(again.service),
                cast.record_name(again.record),
            );
            say(format!(
                "duplicated: {service} did its work for {record} again, time {} ({}; the first was {})",
                again.times,
                self.place(again.again),
                self.place(again.first)
            ));
        }
        for lost in anomaly::lost(trace) {
            let (group, record) = (cast.group_name(lost.group), cast.record_name(lost.record));
            let place = lost.place.map_or_else(String::new, |place| {
                let partition = cast.partition_name(place.partition);
                format!(" at offset {} of {partition}", place.offset.0)
            });
            say(format!(
                "lost: {group} will never handle {record}{place} (since {})",
                self.place(lost.at)
            ));
        }
        text
    }

    fn place(&self, fact: FactId) -> String {
        match self.run.trace().get(fact) {
            Some(entry) => format!("fact {} at {} ms", fact.0, entry.at),
            None => format!("fact {}", fact.0),
        }
    }

    fn effects(&self) -> Effects {
        let world = self.run.world();
        let cast = world.cast();
        let services = world.services().iter().zip(&cast.services);
        services
            .map(|(service, plan)| {
                (
                    plan.name.clone(),
                    service
                        .all()
                        .map(|(record, times)| (cast.record_name(record), times))
                        .collect(),
                )
            })
            .collect()
    }

    fn committed(&self) -> Offsets {
        let world = self.run.world();
        let cast = world.cast();
        let offsets = |name: &String| -> BTreeMap<String, u64> {
            let group = cast.find_group(name).and_then(|group| world.group(group));
            group
                .into_iter()
                .flat_map(|group| group.offsets().all())
                .map(|&(partition, offset)| (cast.partition_name(partition), offset.0))
                .collect()
        };
        // Only Kafka has offsets that are committed.
        let groups = cast.groups.iter().filter(|_| world.kafka().is_some());
        groups.map(|name| (name.clone(), offsets(name))).collect()
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        "nothing".to_owned()
    } else {
        items.join(", ")
    }
}

/// A field's value as what it holds: a number, a text, or a list of them.
fn json_of(holds: Holds, text: String) -> Value {
    match holds {
        Holds::Number => text.parse::<u64>().map_or(Value::String(text), Value::from),
        Holds::Word(_) | Holds::Text | Holds::Name(_) => Value::String(text),
        Holds::List(each) => items(&text)
            .map(|item| json_of(*each, item.to_owned()))
            .collect(),
    }
}
