//! How long the lists of a scene may be that nothing else bounds: each is read, checked or run.

use super::{MOST_PARTIES, MOST_RECORDS, Mistakes};
use crate::Scene;

/// The most settings, the most options of one, and the most parts that an option replaces.
pub const MOST_SETTINGS: usize = 64;
/// The most faults of the story, and the most promises.
pub const MOST_TOLD: usize = 64;
/// The most expectations: some for each combination of settings. Each is run or searched.
pub const MOST_EXPECTED: usize = 256;
/// The most headers of a record.
pub const MOST_HEADERS: usize = 32;

impl Scene {
    /// Lists that nothing else bounds.
    pub(super) fn check_lengths(&self, found: &mut Mistakes) {
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
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}/topics");
            found.count(&place, "topics", consumer.topics.len(), MOST_PARTIES);
        }
        for (at, topic) in self.topics.iter().enumerate() {
            for (list, records) in [("records", &topic.records), ("sent", &topic.sent)] {
                for (nth, record) in records.iter().enumerate() {
                    let place = format!("/topics/{at}/{list}/{nth}/headers");
                    found.count(&place, "headers", record.headers.len(), MOST_HEADERS);
                }
            }
        }
        for (at, expect) in self.expect.iter().enumerate() {
            let effects = expect.effects.iter().flat_map(|all| all.values());
            let lists = [
                ("effects", effects.map(|all| all.len()).sum()),
                (
                    "committed",
                    expect.committed.values().map(|all| all.len()).sum(),
                ),
                ("lost", expect.lost.as_ref().map_or(0, Vec::len)),
                ("duplicated", expect.duplicated.as_ref().map_or(0, Vec::len)),
            ];
            for (list, count) in lists {
                let place = format!("/expect/{at}/{list}");
                found.count(&place, "entries", count, MOST_RECORDS);
            }
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
