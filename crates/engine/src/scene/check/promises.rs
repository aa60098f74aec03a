//! What a schema cannot say about promises, budgets, and what every schedule is expected to show.

use super::{Mistakes, Scene};
use crate::scene::MOST_PARTS;
use crate::scene::Verdict;
use crate::scene::{Condition, Consumer};
use std::collections::BTreeSet;

/// The longest name of a promise, in characters: it heads a column.
const LONGEST_PROMISE: usize = 64;
/// The most states a search may be allowed. Each takes memory.
const MOST_STATES: u32 = 50_000_000;
/// The most ways in which interchangeable consumers may stand for each other: each state is compared
/// with all of them.
const MOST_RENAMINGS: usize = 120;

/// The names of one kind of party in a scene.
fn names<T>(list: &[T], name: impl Fn(&T) -> &str) -> Vec<&str> {
    list.iter().map(name).collect()
}

impl Scene {
    /// How many parts its world has that a step can read: as `World::parts` counts them, and one for
    /// the faults so far. The other three are the fetches that wait, the transactions and the ledger.
    fn parts(&self) -> usize {
        let mut groups = BTreeSet::new();
        groups.extend(names(&self.consumers, |one| &one.group));
        2 * (self.consumers.len() + self.producers.len())
            + groups.len()
            + self.topics.len()
            + self.services.len()
            + self.tables.len()
            + 4
    }

    pub(super) fn check_promises(&self, found: &mut Mistakes) {
        if !self.promises.is_empty() && self.parts() > MOST_PARTS {
            found.add(
                "/promises",
                format!(
                    "{} parts are too many to try every schedule of",
                    self.parts()
                ),
                format!(
                    "have at most {MOST_PARTS}: two for each consumer and producer, one for each group, topic, service and table, and 4 more"
                ),
            );
        }
        let services = names(&self.services, |one| &one.name);
        let tables = names(&self.tables, |one| &one.name);
        let topics = names(&self.topics, |one| &one.name);
        let mut taken = BTreeSet::new();
        for (at, promise) in self.promises.iter().enumerate() {
            let place = format!("/promises/{at}");
            let name = promise.name.trim();
            if name.is_empty() || name.chars().count() > LONGEST_PROMISE {
                found.add(
                    format!("{place}/name"),
                    format!("`{}` names no promise", promise.name),
                    format!("write what is promised in at most {LONGEST_PROMISE} characters, such as \"No order lost\""),
                );
            } else if !taken.insert(name) {
                found.add(
                    format!("{place}/name"),
                    format!("two promises are called `{name}`"),
                    "give each a name of its own",
                );
            }
            let place = format!("{place}/that");
            match &promise.that {
                Condition::StoredOnce(name) => {
                    found.resting_on(["/topics/*/name"], |found| {
                        found.known(format!("{place}/stored_once"), "topic", name, &topics);
                    });
                }
                Condition::AllStored(name) => {
                    found.resting_on(["/topics/*/name"], |found| {
                        found.known(format!("{place}/all_stored"), "topic", name, &topics);
                    });
                }
                Condition::NothingLost
                | Condition::NoneAborted
                | Condition::AllHandled
                | Condition::LagZero
                | Condition::Redelivered => {}
                Condition::DoneOnce(name) => {
                    found.resting_on(["/services/*/name"], |found| {
                        found.known(format!("{place}/done_once"), "service", name, &services);
                    });
                }
                Condition::InOrder(name) => {
                    found.resting_on(["/services/*/name"], |found| {
                        found.known(format!("{place}/in_order"), "service", name, &services);
                    });
                    let mut records = self
                        .topics
                        .iter()
                        .flat_map(|topic| topic.records.iter().chain(&topic.sent));
                    if !records.any(|record| record.key.is_some()) {
                        let keys = ["/topics/*/records/*/key", "/topics/*/sent/*/key"];
                        found.resting_on(keys, |found| {
                            found.add(
                                format!("{place}/in_order"),
                                "no record has a key, so no order is promised",
                                "give records a `key`, or promise something else",
                            );
                        });
                    }
                }
                Condition::AddsUp(name) => {
                    found.resting_on(["/tables/*/name"], |found| {
                        found.known(format!("{place}/adds_up"), "table", name, &tables);
                    });
                }
                Condition::AllDone(name) => {
                    found.resting_on(["/services/*/name"], |found| {
                        found.known(format!("{place}/all_done"), "service", name, &services);
                    });
                }
                Condition::NoGhost { topic, table } => {
                    found.resting_on(["/topics/*/name"], |found| {
                        found.known(format!("{place}/no_ghost/topic"), "topic", topic, &topics);
                    });
                    found.resting_on(["/tables/*/name"], |found| {
                        found.known(format!("{place}/no_ghost/table"), "table", table, &tables);
                    });
                }
            }
        }
    }

    pub(super) fn check_budget(&self, found: &mut Mistakes) {
        let budget = &self.explore;
        found.within(
            "/explore/states",
            "the most states",
            budget.states.into(),
            1,
            MOST_STATES.into(),
        );
        found.within(
            "/explore/depth",
            "the longest schedule",
            budget.depth.into(),
            1,
            super::MOST_STEPS.into(),
        );
        let consumers = names(&self.consumers, |one| &one.name);
        let renamings = budget.interchangeable.iter().fold(1, |all: usize, alike| {
            (1..=alike.len()).fold(all, usize::saturating_mul)
        });
        found.count(
            "/explore/interchangeable",
            "ways to stand for each other",
            renamings,
            MOST_RENAMINGS,
        );
        let mut taken: BTreeSet<&str> = BTreeSet::new();
        for (at, alike) in budget.interchangeable.iter().enumerate() {
            let place = format!("/explore/interchangeable/{at}");
            if alike.len() < 2 {
                found.add(
                    &place,
                    "nobody can be exchanged for nobody",
                    "name at least two consumers, or remove the list",
                );
            }
            let first = self
                .consumers
                .iter()
                .find(|one| alike.first() == Some(&one.name));
            for (nth, name) in alike.iter().enumerate() {
                let place = format!("{place}/{nth}");
                found.resting_on(["/consumers/*/name"], |found| {
                    found.known(&place, "consumer", name, &consumers);
                });
                if !taken.insert(name) {
                    found.add(
                        &place,
                        format!("`{name}` stands here twice"),
                        "name each consumer in one list, once",
                    );
                }
                let one = self.consumers.iter().find(|one| one.name == *name);
                if let (Some(first), Some(one)) = (first, one)
                    && differs(first, one)
                {
                    found.resting_on(["/consumers/*/*", "/consumers/*/*/*"], |found| {
                        found.add(
                            &place,
                            format!(
                                "`{name}` and `{}` differ in more than their names",
                                first.name
                            ),
                            "let them be alike, or remove one from the list",
                        );
                    });
                }
            }
        }
    }

    pub(super) fn check_explored(&self, found: &mut Mistakes) {
        let promises = names(&self.promises, |one| &one.name);
        for (at, explored) in self.explored.iter().enumerate() {
            let place = format!("/explored/{at}");
            for (setting, option) in &explored.with {
                let known = self.settings.iter().find(|known| known.id == *setting);
                match known {
                    None => {
                        let ids = names(&self.settings, |one| &one.id);
                        found.resting_on(["/settings/*/id"], |found| {
                            found.known(
                                format!("{place}/with/{setting}"),
                                "setting",
                                setting,
                                &ids,
                            );
                        });
                    }
                    Some(known) => {
                        let ids = names(&known.options, |one| &one.id);
                        found.resting_on(["/settings/*/id", "/settings/*/options/*/id"], |found| {
                            found.known(format!("{place}/with/{setting}"), "option", option, &ids);
                        });
                    }
                }
            }
            if self.explored[..at]
                .iter()
                .any(|other| other.with == explored.with)
            {
                found.add(
                    format!("{place}/with"),
                    "the same options stand here twice",
                    "keep one of the two",
                );
            }
            for (name, verdict) in &explored.promises {
                let part = name.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{place}/promises/{part}");
                found.resting_on(["/promises/*/name"], |found| {
                    found.known(&pointer, "promise", name, &promises);
                });
                if *verdict == Verdict::Unknown {
                    found.add(
                        pointer,
                        "that a search does not end is nothing to expect",
                        "write one of: holds, violated, unseen; or raise the budget",
                    );
                }
            }
        }
    }
}

/// Whether two consumers differ in more than their names.
fn differs(one: &Consumer, other: &Consumer) -> bool {
    let renamed = Consumer {
        name: one.name.clone(),
        ..other.clone()
    };
    *one != renamed
}

#[cfg(test)]
mod tests {
    use crate::Scene;
    use serde_json::{Value, json};

    /// What is said of a small sound scene with these parts.
    fn told(parts: Value) -> Vec<String> {
        let mut scene = json!({
            "id": "s", "title": "S", "version": 1,
            "topics": [{ "name": "orders", "records": [{ "value": "a" }] }],
            "services": [{ "name": "mail" }],
            "tables": [{ "name": "sums" }],
            "consumers": [
                { "name": "one", "group": "g", "topics": ["orders"], "commit": "after" },
                { "name": "two", "group": "g", "topics": ["orders"], "commit": "after" },
                { "name": "odd", "group": "g", "topics": ["orders"] }
            ],
            "settings": [{ "id": "guard", "label": "Guard", "options": [{ "id": "off", "label": "off" }] }]
        });
        for (name, part) in parts.as_object().expect("parts") {
            scene[name] = part.clone();
        }
        let scene: Scene = serde_json::from_value(scene).expect("a scene");
        scene.mistakes().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn promises_name_what_the_scene_has() {
        let check = |that: Value, expected: &[&str]| {
            let parts = json!({ "promises": [{ "name": "P", "that": that }] });
            assert_eq!(told(parts), expected, "{that}");
        };
        check(json!("nothing_lost"), &[]);
        check(json!({ "done_once": "mail" }), &[]);
        check(
            json!({ "done_once": "sums" }),
            &["/promises/0/that/done_once: there is no service `sums`; write one of: mail"],
        );
        check(
            json!({ "in_order": "mail" }),
            &[
                "/promises/0/that/in_order: no record has a key, so no order is promised; give records a `key`, or promise something else",
            ],
        );
        let topics = json!([{ "name": "orders", "sent": [{ "value": "a", "key": "k" }] }]);
        let that = json!([{ "name": "P", "that": { "in_order": "mail" } }]);
        let sent = told(json!({ "topics": topics, "promises": that }));
        assert!(
            sent.iter().all(|one| !one.contains("no record has a key")),
            "{sent:?}"
        );
        check(
            json!({ "adds_up": "mail" }),
            &["/promises/0/that/adds_up: there is no table `mail`; write one of: sums"],
        );
        check(
            json!({ "all_done": "post" }),
            &["/promises/0/that/all_done: there is no service `post`; write one of: mail"],
        );
        check(
            json!({ "no_ghost": { "topic": "events", "table": "rows" } }),
            &[
                "/promises/0/that/no_ghost/topic: there is no topic `events`; write one of: orders",
                "/promises/0/that/no_ghost/table: there is no table `rows`; write one of: sums",
            ],
        );
    }

    #[test]
    fn promises_have_names_of_their_own() {
        let promise = |name: &str| json!({ "name": name, "that": "nothing_lost" });
        let parts = json!({ "promises": [promise("A"), promise(" "), promise("A")] });
        assert_eq!(
            told(parts),
            [
                "/promises/1/name: ` ` names no promise; write what is promised in at most 64 characters, such as \"No order lost\"",
                "/promises/2/name: two promises are called `A`; give each a name of its own",
            ]
        );
    }

    #[test]
    fn a_budget_can_be_searched() {
        let check = |budget: Value, expected: &[&str]| {
            assert_eq!(told(json!({ "explore": budget })), expected, "{budget}");
        };
        check(json!({ "interchangeable": [["one", "two"]] }), &[]);
        check(
            json!({ "states": 0, "depth": 0 }),
            &[
                "/explore/states: the most states is 0; write a number from 1 to 50000000",
                "/explore/depth: the longest schedule is 0; write a number from 1 to 100000",
            ],
        );
        check(
            json!({ "interchangeable": [["one"], ["two", "odd", "tow"], ["two", "one"]] }),
            &[
                "/explore/interchangeable/0: nobody can be exchanged for nobody; name at least two consumers, or remove the list",
                "/explore/interchangeable/1/1: `odd` and `two` differ in more than their names; let them be alike, or remove one from the list",
                "/explore/interchangeable/1/2: there is no consumer `tow`; write one of: one, two, odd",
                "/explore/interchangeable/2/0: `two` stands here twice; name each consumer in one list, once",
                "/explore/interchangeable/2/1: `one` stands here twice; name each consumer in one list, once",
            ],
        );
    }

    #[test]
    fn a_search_has_bounds() {
        let consumers = |count: usize| -> Value {
            let one = |at: usize| json!({ "name": format!("c-{at}"), "group": format!("g-{at}"), "topics": ["orders"] });
            (0..count).map(one).collect()
        };
        let names: Vec<String> = (0..6).map(|at| format!("c-{at}")).collect();
        let alike: Value = consumers(6)
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| json!({ "name": one["name"], "group": "g", "topics": one["topics"] }))
            .collect();
        let rows = |count: usize, name: &str| -> Value {
            (0..count)
                .map(|at| json!({ "name": format!("{name}-{at}") }))
                .collect()
        };
        let promise = json!([{ "name": "P", "that": "nothing_lost" }]);
        let parts = |tables: usize| {
            json!({
                "promises": promise,
                "consumers": consumers(31),
                "tables": rows(tables, "table")
            })
        };
        assert_eq!(told(parts(29)), [""; 0]);
        assert_eq!(
            told(parts(30)),
            [
                "/promises: 129 parts are too many to try every schedule of; have at most 128: two for each consumer and producer, one for each group, topic, service and table, and 4 more"
            ]
        );
        assert_eq!(
            told(json!({ "consumers": alike, "explore": { "interchangeable": [names] } })),
            [
                "/explore/interchangeable: 720 ways to stand for each other are too many; have at most 120"
            ]
        );
    }

    #[test]
    fn events_count_as_records() {
        let topics = |records: usize| {
            let records: Value = (0..records)
                .map(|at| json!({ "value": format!("r-{at}") }))
                .collect();
            json!({ "topics": [
                { "name": "orders", "records": records },
                { "name": "events", "published": "events" },
                { "name": "dead", "published": "dead_letters" }
            ] })
        };
        assert_eq!(told(topics(1_365)), [""; 0]);
        assert_eq!(
            told(topics(1_366)),
            [
                "/topics: 4098 records, with one more of each in every topic that is published to, are too many; have at most 4096"
            ]
        );
    }

    #[test]
    fn what_is_expected_of_every_schedule_can_come_about() {
        let parts = json!({
            "promises": [{ "name": "A", "that": "nothing_lost" }],
            "explored": [
                { "promises": { "A": "holds" } },
                { "with": { "guard": "on", "gard": "off" }, "promises": { "B": "holds" } },
                { "promises": { "A": "unknown" } }
            ]
        });
        assert_eq!(
            told(parts),
            [
                "/explored/1/with/gard: there is no setting `gard`; write one of: guard",
                "/explored/1/with/guard: there is no option `on`; write one of: off",
                "/explored/1/promises/B: there is no promise `B`; write one of: A",
                "/explored/2/with: the same options stand here twice; keep one of the two",
                "/explored/2/promises/A: that a search does not end is nothing to expect; write one of: holds, violated, unseen; or raise the budget",
            ]
        );
    }
}
