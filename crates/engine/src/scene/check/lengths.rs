//! How long the lists of a scene may be: each is read, checked or run.

use super::{MOST_PARTIES, MOST_RECORDS, Mistakes};
use crate::Scene;
use crate::scene::HandlerStep;
use std::collections::BTreeMap;

/// The most settings, the most options of one, and the most parts that an option replaces.
pub const MOST_SETTINGS: usize = 64;
/// The most faults of the story, and the most promises.
pub const MOST_TOLD: usize = 64;
/// The most expectations: some for each combination of settings. Each is run or searched.
pub const MOST_EXPECTED: usize = 256;
/// The most headers of a record.
pub const MOST_HEADERS: usize = 32;
/// The most steps of a producer's program.
pub const MOST_PROGRAM_STEPS: usize = 1_000;
/// The most listings of a terminal.
const MOST_LISTINGS: usize = 4;
/// The most queues: one for each subscription, and a dead-letter queue of its own for each.
pub const MOST_QUEUES: usize = 2 * MOST_PARTIES;

impl Scene {
    /// Whether no list is too long.
    pub(super) fn check_lengths(&self, found: &mut Mistakes) -> bool {
        let before = found.len();
        self.check_parties(found);
        self.check_records(found);
        self.check_choices(found);
        self.check_expectations(found);
        found.len() == before
    }

    /// What a scene says of RabbitMQ.
    fn check_exchanges(&self, found: &mut Mistakes) {
        let on = self.on_rabbitmq();
        let place = "/on/rabbitmq";
        found.count(
            &format!("{place}/settings"),
            "settings",
            on.settings.len(),
            MOST_SETTINGS,
        );
        for (list, what, most) in [
            ("queues", "queues", on.queues.len()),
            ("exchanges", "exchanges", on.exchanges.len()),
            ("messages", "messages", on.messages.len()),
        ] {
            found.count(&format!("{place}/{list}"), what, most, MOST_QUEUES);
        }
        found.count(
            &format!("{place}/screen"),
            "listings",
            on.screen.len(),
            MOST_LISTINGS,
        );
        let lists = [
            ("queues", "arguments", &on.queues),
            ("consumers", "settings", &on.consumers),
            ("publishers", "settings", &on.publishers),
            ("messages", "properties", &on.messages),
        ];
        for (list, what, all) in lists {
            for (name, given) in all {
                let place = format!("{place}/{list}/{name}");
                found.count(&place, what, given.len(), MOST_SETTINGS);
            }
        }
        for (name, exchange) in &on.exchanges {
            let place = format!("{place}/exchanges/{name}/bindings");
            let bindings = exchange.bindings.as_ref();
            found.count(
                &place,
                "queues",
                bindings.map_or(0, BTreeMap::len),
                MOST_QUEUES,
            );
            for (queue, keys) in bindings.into_iter().flatten() {
                found.count(
                    &format!("{place}/{queue}"),
                    "keys",
                    keys.len(),
                    MOST_SETTINGS,
                );
            }
        }
    }

    /// Lists of who takes part, and what each of them has.
    fn check_parties(&self, found: &mut Mistakes) {
        let sqs = self.on_sqs();
        let rabbitmq = self.on_rabbitmq();
        let lists = [
            ("/consumers", "consumers", self.consumers.len()),
            ("/producers", "producers", self.producers.len()),
            ("/services", "services", self.services.len()),
            ("/tables", "tables", self.tables.len()),
            ("/topics", "topics", self.topics.len()),
            (
                "/on/kafka/consumers",
                "consumers",
                self.on.kafka.as_ref().map_or(0, |on| on.consumers.len()),
            ),
            ("/on/sqs/workers", "workers", sqs.workers.len()),
            (
                "/on/rabbitmq/consumers",
                "consumers",
                rabbitmq.consumers.len(),
            ),
            (
                "/on/rabbitmq/publishers",
                "publishers",
                rabbitmq.publishers.len(),
            ),
        ];
        for (place, what, count) in lists {
            found.count(place, what, count, MOST_PARTIES);
        }
        found.count("/on/sqs/queues", "queues", sqs.queues.len(), MOST_QUEUES);
        let queues = sqs.queues.iter().map(|one| ("queues", "attributes", one));
        let workers = sqs.workers.iter().map(|one| ("workers", "settings", one));
        for (list, what, (name, given)) in queues.chain(workers) {
            let place = format!("/on/sqs/{list}/{name}");
            found.count(&place, what, given.len(), MOST_SETTINGS);
        }
        self.check_exchanges(found);
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}");
            let (topics, handler) = (consumer.topics.len(), consumer.handler.len());
            found.count(&format!("{place}/topics"), "topics", topics, MOST_PARTIES);
            found.count(&format!("{place}/handler"), "steps", handler, MOST_PARTIES);
            for (nth, step) in consumer.handler.iter().enumerate() {
                let (part, records) = match step {
                    HandlerStep::FailFor(records) => ("fail_for", records),
                    HandlerStep::FailFirst(first) => ("fail_first/records", &first.records),
                    _ => continue,
                };
                let place = format!("{place}/handler/{nth}/{part}");
                found.count(&place, "records", records.len(), MOST_SETTINGS);
            }
        }
        for (at, producer) in self.producers.iter().enumerate() {
            let place = format!("/producers/{at}/program");
            found.count(&place, "steps", producer.program.len(), MOST_PROGRAM_STEPS);
        }
    }

    /// Records, and what each of them has.
    fn check_records(&self, found: &mut Mistakes) {
        let records = self
            .topics
            .iter()
            .map(|topic| topic.records.len() + topic.sent.len());
        found.count("/topics", "records", records.sum(), MOST_RECORDS);
        for (at, topic) in self.topics.iter().enumerate() {
            for (list, records) in [("records", &topic.records), ("sent", &topic.sent)] {
                for (nth, record) in records.iter().enumerate() {
                    let place = format!("/topics/{at}/{list}/{nth}/headers");
                    found.count(&place, "headers", record.headers.len(), MOST_HEADERS);
                }
            }
        }
    }

    /// What a learner, or whoever tries every schedule, may choose from.
    fn check_choices(&self, found: &mut Mistakes) {
        let alike = &self.explore.interchangeable;
        let lists = [
            ("/settings", "settings", self.settings.len(), MOST_SETTINGS),
            ("/faults", "faults", self.faults.len(), MOST_TOLD),
            ("/promises", "promises", self.promises.len(), MOST_TOLD),
            ("/expect", "expectations", self.expect.len(), MOST_EXPECTED),
            (
                "/explored",
                "expectations",
                self.explored.len(),
                MOST_EXPECTED,
            ),
            (
                "/explore/interchangeable",
                "lists",
                alike.len(),
                MOST_PARTIES,
            ),
        ];
        for (place, what, count, most) in lists {
            found.count(place, what, count, most);
        }
        for (at, setting) in self.settings.iter().enumerate() {
            let place = format!("/settings/{at}/options");
            found.count(&place, "options", setting.options.len(), MOST_SETTINGS);
            for (nth, option) in setting.options.iter().enumerate() {
                let place = format!("{place}/{nth}/set");
                found.count(&place, "parts", option.set.len(), MOST_SETTINGS);
            }
        }
        for (at, alike) in alike.iter().enumerate() {
            let place = format!("/explore/interchangeable/{at}");
            found.count(&place, "consumers", alike.len(), MOST_PARTIES);
        }
    }

    /// What is expected of a run, and of every schedule.
    fn check_expectations(&self, found: &mut Mistakes) {
        for (at, expect) in self.expect.iter().enumerate() {
            let place = format!("/expect/{at}/with");
            found.count(&place, "options", expect.with.len(), MOST_SETTINGS);
            let effects = expect.effects.iter().flat_map(|all| all.values());
            let committed = expect.committed.values();
            let lists = [
                ("effects", effects.map(|all| 1 + all.len()).sum()),
                ("committed", committed.map(|all| 1 + all.len()).sum()),
                ("lost", expect.lost.as_ref().map_or(0, Vec::len)),
                ("duplicated", expect.duplicated.as_ref().map_or(0, Vec::len)),
            ];
            for (list, count) in lists {
                let place = format!("/expect/{at}/{list}");
                found.count(&place, "entries", count, MOST_RECORDS);
            }
        }
        for (at, explored) in self.explored.iter().enumerate() {
            let place = format!("/explored/{at}");
            let (with, promises) = (explored.with.len(), explored.promises.len());
            found.count(&format!("{place}/with"), "options", with, MOST_SETTINGS);
            found.count(
                &format!("{place}/promises"),
                "promises",
                promises,
                MOST_TOLD,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What is said of a small sound scene with these parts.
    fn told(parts: Value) -> Vec<String> {
        let mut scene = json!({
            "id": "s", "title": "S", "version": 1,
            "topics": [{ "name": "orders", "records": [{ "value": "a" }] }],
            "consumers": [{ "name": "one", "group": "g", "topics": ["orders"] }],
        });
        for (name, part) in parts.as_object().expect("parts") {
            scene[name] = part.clone();
        }
        let scene: Scene = serde_json::from_value(scene).expect("a scene");
        scene.mistakes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_scene_repeats_has_a_bound() {
        let check = |parts: Value, expected: &str| {
            let told = told(parts);
            assert!(told.contains(&expected.to_owned()), "{expected}: {told:?}");
        };
        let set: serde_json::Map<String, Value> = (0..65)
            .map(|at| (format!("/topics/{at}"), json!(1)))
            .collect();
        check(
            json!({ "settings": [{ "id": "a", "label": "A", "options": [
                { "id": "b", "label": "B", "set": set }
            ] }] }),
            "/settings/0/options/0/set: 65 parts are too many; have at most 64",
        );
        let option = json!({ "id": "a", "label": "A" });
        check(
            json!({ "settings": [{ "id": "a", "label": "A", "options": vec![option; 65] }] }),
            "/settings/0/options: 65 options are too many; have at most 64",
        );
        let setting = json!({ "id": "a", "label": "A", "options": [] });
        check(
            json!({ "settings": vec![setting; 65] }),
            "/settings: 65 settings are too many; have at most 64",
        );
        check(
            json!({ "expect": vec![json!({}); 257] }),
            "/expect: 257 expectations are too many; have at most 256",
        );
        check(
            json!({ "explored": vec![json!({ "promises": {} }); 257] }),
            "/explored: 257 expectations are too many; have at most 256",
        );
        check(
            json!({ "expect": [{ "lost": vec!["a"; 4_097] }] }),
            "/expect/0/lost: 4097 entries are too many; have at most 4096",
        );
        check(
            json!({ "promises": vec![json!({ "name": "P", "that": "nothing_lost" }); 65] }),
            "/promises: 65 promises are too many; have at most 64",
        );
        let fault = json!({ "do": "crash", "to": "one", "when": { "at_ms": 1 } });
        check(
            json!({ "faults": vec![fault; 65] }),
            "/faults: 65 faults are too many; have at most 64",
        );
        let headers: serde_json::Map<String, Value> =
            (0..33).map(|at| (at.to_string(), json!(""))).collect();
        check(
            json!({ "topics": [{ "name": "orders", "records": [{ "value": "a", "headers": headers }] }] }),
            "/topics/0/records/0/headers: 33 headers are too many; have at most 32",
        );
        check(
            json!({ "consumers": [{ "name": "one", "group": "g", "topics": vec!["orders"; 33] }] }),
            "/consumers/0/topics: 33 topics are too many; have at most 32",
        );
        let named = |count: usize| -> serde_json::Map<String, Value> {
            (0..count)
                .map(|at| (format!("n-{at}"), json!({})))
                .collect()
        };
        let check_sqs = |queues: usize, workers: usize, expected: &str| {
            let sqs = json!({ "queues": named(queues), "workers": named(workers) });
            check(json!({ "on": { "sqs": sqs } }), expected);
        };
        check_sqs(
            65,
            0,
            "/on/sqs/queues: 65 queues are too many; have at most 64",
        );
        check_sqs(
            0,
            33,
            "/on/sqs/workers: 33 workers are too many; have at most 32",
        );
        check(
            json!({ "on": { "sqs": { "queues": { "g": named(65) } } } }),
            "/on/sqs/queues/g: 65 attributes are too many; have at most 64",
        );
        check(
            json!({ "on": { "sqs": { "workers": { "one": named(65) } } } }),
            "/on/sqs/workers/one: 65 settings are too many; have at most 64",
        );
        check(
            json!({ "explore": { "interchangeable": vec![["one"]; 33] } }),
            "/explore/interchangeable: 33 lists are too many; have at most 32",
        );
        check(
            json!({ "explore": { "interchangeable": [vec!["one"; 33]] } }),
            "/explore/interchangeable/0: 33 consumers are too many; have at most 32",
        );
        let program = vec![json!({ "send": "a" }); 1_001];
        check(
            json!({ "producers": [{ "name": "two", "program": program }] }),
            "/producers/0/program: 1001 steps are too many; have at most 1000",
        );
        let effects: serde_json::Map<String, Value> =
            (0..4_097).map(|at| (at.to_string(), json!({}))).collect();
        check(
            json!({ "expect": [{ "effects": effects }] }),
            "/expect/0/effects: 4097 entries are too many; have at most 4096",
        );
    }

    /// Each of many would be told with all names that there are.
    #[test]
    fn what_is_told_has_a_bound_too() {
        let sent: Vec<Value> = (0..4_000)
            .map(|at| json!({ "value": format!("r-{at:04}") }))
            .collect();
        let producers: Vec<Value> = (0..32)
            .map(|at| {
                let program = vec![json!({ "send": "nothing" }); 1_000];
                json!({ "name": format!("p-{at}"), "program": program })
            })
            .collect();
        let told = told(json!({
            "topics": [{ "name": "orders", "sent": sent }],
            "producers": producers,
        }));
        assert_eq!(told.len(), crate::scene::mistake::MOST_MISTAKES);
        assert!(told.iter().all(|one| one.len() < 1_000), "{}", told[0]);
        assert!(told[0].ends_with("r-0031, …"), "{}", told[0]);
    }

    #[test]
    fn what_a_list_holds_is_judged_when_it_is_shorter() {
        let consumer = json!({ "name": "one", "group": "g", "topics": ["none"] });
        assert_eq!(
            told(json!({ "consumers": vec![consumer; 33] })),
            ["/consumers: 33 consumers are too many; have at most 32"]
        );
    }

    #[test]
    fn a_range_without_numbers_is_told_where_it_is_set() {
        let settings =
            json!({ "group.min.session.timeout.ms": 100, "group.max.session.timeout.ms": 1 });
        assert_eq!(
            told(json!({ "broker": { "settings": settings } })),
            [
                "/broker/settings/group.min.session.timeout.ms: no session can last 100 ms or longer and 1 ms or shorter; write a number that is no larger than group.max.session.timeout.ms"
            ]
        );
    }
}
