//! What a schema cannot say about a scene: names that exist, numbers within bounds, sense.

mod lengths;
mod producers;
mod promises;
mod topics;

use super::mistake::{Mistake, Mistakes};
use super::{Fault, HandlerStep, Scene, Verb, When};
pub use lengths::{
    MOST_EXPECTED, MOST_HEADERS, MOST_PROGRAM_STEPS, MOST_QUEUES, MOST_SETTINGS, MOST_TOLD,
};
use std::collections::BTreeSet;

/// The most combinations of settings a scene may have: each is checked.
pub const MOST_COMBINATIONS: usize = 64;
/// The most consumers, producers, services, tables and topics, each.
pub const MOST_PARTIES: usize = 32;
/// The most records of a scene.
pub const MOST_RECORDS: usize = 4_096;
/// The most steps a run may be allowed.
pub const MOST_STEPS: u32 = 100_000;

impl Scene {
    /// All mistakes of this scene as told, without its settings.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = Mistakes::default();
        found.name("/id", &self.id);
        if self.title.trim().is_empty() {
            found.add(
                "/title",
                "the title is empty",
                "write what the learner will see",
            );
        }
        found.name("/broker/name", &self.broker.name);
        if !self.check_lengths(&mut found) {
            // What lists hold is compared with other lists: it is judged when they are shorter.
            return found.all();
        }
        self.check_names(&mut found);
        self.check_topics(&mut found);
        for (at, service) in self.services.iter().enumerate() {
            found.within(
                format!("/services/{at}/latency_ms"),
                "the latency",
                service.latency_ms.into(),
                0,
                3_600_000,
            );
        }
        for (at, table) in self.tables.iter().enumerate() {
            found.within(
                format!("/tables/{at}/latency_ms"),
                "the latency",
                table.latency_ms.into(),
                0,
                3_600_000,
            );
        }
        found.misfits("/broker/settings", self.broker.settings.misfits());
        self.check_consumers(&mut found);
        self.check_producers(&mut found);
        for (at, fault) in self.faults.iter().enumerate() {
            self.check_fault(&mut found, at, fault);
        }
        let (low, high) = self.network.latency_us;
        if low > high || high > 3_600_000 {
            found.resting_on(["/network/latency_us/*"], |found| {
                found.add(
                    "/network/latency_us",
                    format!("[{low}, {high}] is not a shortest and a longest way"),
                    "write two numbers, the smaller first, at most 3600000",
                );
            });
        }
        found.within(
            "/bounds/steps",
            "the bound on steps",
            self.bounds.steps.into(),
            1,
            MOST_STEPS.into(),
        );
        found.within(
            "/bounds/time_ms",
            "the bound on time",
            self.bounds.time_ms.into(),
            1,
            86_400_000,
        );
        self.check_settings(&mut found);
        self.check_systems(&mut found);
        self.check_promises(&mut found);
        self.check_budget(&mut found);
        self.check_explored(&mut found);
        found.all()
    }

    fn check_names(&self, found: &mut Mistakes) {
        let lists = [
            (
                "consumers",
                self.consumers
                    .iter()
                    .map(|one| &one.name)
                    .collect::<Vec<_>>(),
            ),
            (
                "producers",
                self.producers.iter().map(|one| &one.name).collect(),
            ),
            (
                "services",
                self.services.iter().map(|one| &one.name).collect(),
            ),
            ("tables", self.tables.iter().map(|one| &one.name).collect()),
            ("topics", self.topics.iter().map(|one| &one.name).collect()),
        ];
        let mut taken = BTreeSet::new();
        taken.insert(self.broker.name.as_str());
        for (list, names) in &lists {
            for (at, name) in names.iter().enumerate() {
                let place = format!("/{list}/{at}/name");
                found.name(&place, name);
                if !taken.insert(name) {
                    found.add(
                        &place,
                        format!("`{name}` is taken"),
                        "give everybody in the scene another name",
                    );
                }
            }
        }
    }

    fn check_topics(&self, found: &mut Mistakes) {
        if self.topics.is_empty() {
            found.add(
                "/topics",
                "there is no topic",
                "add one, such as {\"name\": \"orders\"}",
            );
        }
        let all = |topic: &super::Topic| topic.records.len() + topic.sent.len();
        let records: usize = self.topics.iter().map(all).sum();
        let published = self.topics.iter().filter(|topic| topic.published.is_some());
        let events = records.saturating_mul(published.count());
        found.resting_on(["/topics/*/records"], |found| {
            found.count(
                "/topics",
                "records, with one more of each in every topic that is published to,",
                records.saturating_add(events),
                MOST_RECORDS,
            );
        });
        let mut values: BTreeSet<&str> = BTreeSet::new();
        for (at, topic) in self.topics.iter().enumerate() {
            // A topic without partitions is told once, not with each of its records.
            let partitions = topic.partitions.max(1);
            topic.check_config(&format!("/topics/{at}"), found);
            let there = topic.records.iter().enumerate();
            let sent = topic.sent.iter().enumerate();
            let lists = there
                .map(|(nth, record)| ("records", nth, record))
                .chain(sent.map(|(nth, record)| ("sent", nth, record)));
            for (list, nth, record) in lists {
                let place = format!("/topics/{at}/{list}/{nth}");
                found.name(format!("{place}/value"), &record.value);
                if !values.insert(&record.value) {
                    found.add(
                        format!("{place}/value"),
                        format!("two records are called `{}`", record.value),
                        "give each record a value of its own",
                    );
                }
                if let Some(partition) = record.partition.filter(|at| *at >= partitions) {
                    let parts = ["partitions", "name"].map(|part| format!("/topics/{at}/{part}"));
                    found.resting_on(parts.each_ref().map(String::as_str), |found| {
                        found.add(
                            format!("{place}/partition"),
                            format!("`{}` has no partition {partition}", topic.name),
                            format!("write a number below {partitions}"),
                        );
                    });
                }
            }
        }
    }

    fn check_consumers(&self, found: &mut Mistakes) {
        if self.consumers.is_empty() && self.producers.is_empty() {
            found.add(
                "/consumers",
                "there is nobody in it",
                "add a consumer with a name, a group and topics, or a producer",
            );
        }
        let topics: Vec<_> = self
            .topics
            .iter()
            .map(|topic| topic.name.as_str())
            .collect();
        let published = self.topics.iter().filter(|topic| topic.published.is_some());
        let published: Vec<_> = published.map(|topic| topic.name.as_str()).collect();
        let services: Vec<_> = self.services.iter().map(|one| one.name.as_str()).collect();
        let tables: Vec<_> = self.tables.iter().map(|one| one.name.as_str()).collect();
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}");
            found.name(format!("{place}/group"), &consumer.group);
            if consumer.topics.is_empty() {
                found.resting_on([&format!("{place}/name")], |found| {
                    found.add(
                        format!("{place}/topics"),
                        format!("`{}` subscribes to nothing", consumer.name),
                        "name at least one topic",
                    );
                });
            }
            for (nth, topic) in consumer.topics.iter().enumerate() {
                found.resting_on(["/topics/*/name"], |found| {
                    found.known(format!("{place}/topics/{nth}"), "topic", topic, &topics);
                });
                if consumer.topics[..nth].contains(topic) {
                    found.add(
                        format!("{place}/topics/{nth}"),
                        format!("`{topic}` stands here twice"),
                        "name each topic once",
                    );
                }
            }
            for (nth, step) in consumer.handler.iter().enumerate() {
                let part = |name: &str| format!("{place}/handler/{nth}/{name}");
                match step {
                    HandlerStep::SkipIfIn(name) => found.resting_on(["/tables/*/name"], |found| {
                        found.known(part("skip_if_in"), "table", name, &tables);
                    }),
                    HandlerStep::InsertInto(name) => {
                        found.resting_on(["/tables/*/name"], |found| {
                            found.known(part("insert_into"), "table", name, &tables);
                        })
                    }
                    HandlerStep::Send(name) => found.resting_on(["/services/*/name"], |found| {
                        found.known(part("send"), "service", name, &services);
                    }),
                    HandlerStep::Publish(name) => {
                        let rests = ["/topics/*/name", "/topics/*/published"];
                        found.resting_on(rests, |found| {
                            let what = "topic that is published to";
                            found.known(part("publish"), what, name, &published);
                        });
                    }
                    HandlerStep::FailFor(names) => {
                        self.check_poison(&part("fail_for"), names, found);
                    }
                    HandlerStep::FailFirst(first) => {
                        let place = part("fail_first");
                        self.check_poison(&format!("{place}/records"), &first.records, found);
                        first.check(&place, found);
                    }
                }
            }
            if let Some(retry) = &consumer.retry {
                retry.check(&format!("{place}/retry"), found);
            }
            let misfits = consumer.config.misfits(&self.broker.settings);
            found.misfits(&format!("{place}/config"), misfits);
        }
    }

    /// Whether the records are there that a handler fails with.
    fn check_poison(&self, place: &str, names: &[String], found: &mut Mistakes) {
        let topics = self.topics.iter();
        let records = topics.flat_map(|topic| topic.records.iter().chain(&topic.sent));
        let known: Vec<_> = records.map(|record| record.value.as_str()).collect();
        let rests = ["/topics/*/records/*/value", "/topics/*/sent/*/value"];
        for (at, name) in names.iter().enumerate() {
            found.resting_on(rests, |found| {
                found.known(format!("{place}/{at}"), "record", name, &known);
            });
        }
    }

    fn check_fault(&self, found: &mut Mistakes, at: usize, fault: &Fault) {
        let consumers = self.consumers.iter().map(|one| one.name.as_str());
        let producers = self.producers.iter().map(|one| one.name.as_str());
        let known: Vec<_> = consumers.chain(producers.clone()).collect();
        found.resting_on(["/consumers/*/name", "/producers/*/name"], |found| {
            let place = format!("/faults/{at}/to");
            found.known(place, "consumer or producer", &fault.to, &known);
        });
        let is_producer = producers.clone().any(|name| name == fault.to);
        match &fault.when {
            When::AtMs(_) | When::AfterMs(_) => {}
            When::Before(moment) | When::After(moment) => {
                let place = if matches!(fault.when, When::Before(_)) {
                    "before"
                } else {
                    "after"
                };
                if moment.nth == 0 {
                    found.add(
                        format!("/faults/{at}/when/{place}/nth"),
                        "there is no 0th time",
                        "count from 1",
                    );
                }
                let own = self.consumers.iter().find(|one| one.name == fault.to);
                let has_own = own.is_some_and(|one| one.producer.is_some());
                let does = if is_producer {
                    moment.step.is_of_producers()
                } else {
                    moment.step.is_of_consumers() && (has_own || !moment.step.needs_own_producer())
                };
                if !does && known.contains(&&*fault.to) {
                    let rests = [
                        "/consumers/*/producer",
                        "/consumers/*/name",
                        "/producers/*/name",
                    ];
                    found.resting_on(rests, |found| {
                        found.add(
                            format!("/faults/{at}/when/{place}/step"),
                            format!("`{}` never does that", fault.to),
                            if is_producer {
                                "a producer does init, begin, produce, commit_transaction and abort_transaction"
                            } else if has_own {
                                "it does init, poll, lookup, send, insert, publish, sleep, send_offsets, commit_transaction and abort_transaction"
                            } else {
                                "a consumer does poll, lookup, send, insert, commit, publish and sleep"
                            },
                        );
                    });
                }
                if matches!(fault.verb, Verb::Restart | Verb::Thaw) {
                    found.resting_on([&format!("/faults/{at}/do")], |found| {
                        found.add(
                            format!("/faults/{at}/when"),
                            "who is down or stands still does nothing one could wait for",
                            "write {\"after_ms\": 1000} or {\"at_ms\": …}",
                        );
                    });
                }
            }
        }
    }

    fn check_settings(&self, found: &mut Mistakes) {
        let mut combinations = 1_usize;
        for (at, setting) in self.settings.iter().enumerate() {
            let place = format!("/settings/{at}");
            found.name(format!("{place}/id"), &setting.id);
            if self.settings[..at]
                .iter()
                .any(|other| other.id == setting.id)
            {
                found.add(
                    format!("{place}/id"),
                    format!("two settings are called `{}`", setting.id),
                    "give each its own id",
                );
            }
            if setting.options.is_empty() {
                found.resting_on([&format!("{place}/label")], |found| {
                    found.add(
                        format!("{place}/options"),
                        format!("`{}` has no options", setting.label),
                        "list at least two",
                    );
                });
            }
            for (nth, option) in setting.options.iter().enumerate() {
                found.name(format!("{place}/options/{nth}/id"), &option.id);
                if setting.options[..nth]
                    .iter()
                    .any(|other| other.id == option.id)
                {
                    found.add(
                        format!("{place}/options/{nth}/id"),
                        format!("two options are called `{}`", option.id),
                        "give each its own id",
                    );
                }
            }
            combinations = combinations.saturating_mul(setting.options.len().max(1));
        }
        found.resting_on(["/settings/*/options"], |found| {
            found.count(
                "/settings",
                "combinations of options",
                combinations,
                MOST_COMBINATIONS,
            );
        });
    }

    /// All mistakes: of the scene as told, and of every combination of its settings.
    pub fn all_mistakes(&self) -> Vec<Mistake> {
        let mut all = self.mistakes();
        if !all.is_empty() {
            return all;
        }
        for selection in self.selections() {
            let chosen: Vec<_> = selection
                .iter()
                .map(|(setting, option)| format!("{setting}: {option}"))
                .collect();
            match self.with(&selection) {
                Err(mistakes) => all.extend(mistakes),
                Ok(scene) => all.extend(scene.mistakes().into_iter().map(|mistake| Mistake {
                    what: format!("{} (with {})", mistake.what, chosen.join(", ")),
                    ..mistake
                })),
            }
        }
        all.dedup();
        all
    }
}
