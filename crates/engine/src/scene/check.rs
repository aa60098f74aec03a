//! What a schema cannot say about a scene: names that exist, numbers within bounds, sense.

mod lengths;
mod producers;
mod promises;

use super::{Fault, HandlerStep, Scene, Verb, When};
pub use lengths::{
    MOST_EXPECTED, MOST_HEADERS, MOST_PROGRAM_STEPS, MOST_QUEUES, MOST_SETTINGS, MOST_TOLD,
};
use std::collections::BTreeSet;

/// The most combinations of settings a scene may have: each is checked.
pub const MOST_COMBINATIONS: usize = 64;
/// The most consumers, producers, services, tables and topics, each.
pub const MOST_PARTIES: usize = 32;
/// The most partitions of a topic.
pub const MOST_PARTITIONS: u16 = 64;
/// The most records of a scene.
pub const MOST_RECORDS: usize = 4_096;
/// The most steps a run may be allowed.
pub const MOST_STEPS: u32 = 100_000;
/// The longest name.
pub const LONGEST_NAME: usize = 64;
/// The most mistakes of one scene that are told; nobody corrects more before trying again.
pub const MOST_MISTAKES: usize = 500;
/// The most names that a mistake lists, of those that are known.
const MOST_NAMES: usize = 32;

/// Something wrong with a scene, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where: a JSON Pointer (RFC 6901) into the scene.
    pub pointer: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub help: String,
}

impl Mistake {
    /// A mistake at a place.
    pub fn new(pointer: &str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Mistake {
            pointer: pointer.to_owned(),
            what: what.into(),
            help: help.into(),
        }
    }

    /// That there are more of something at a place than there may be.
    pub fn of_length(pointer: &str, what: &str, count: usize, most: usize) -> Option<Self> {
        (count > most).then(|| {
            let told = format!("{count} {what} are too many");
            Mistake::new(pointer, told, format!("have at most {most}"))
        })
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{}: {}; {}",
            if self.pointer.is_empty() {
                "/"
            } else {
                &self.pointer
            },
            self.what,
            self.help
        )
    }
}

/// Collects mistakes.
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(
        &mut self,
        pointer: impl AsRef<str>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.0.len() < MOST_MISTAKES {
            self.0.push(Mistake::new(pointer.as_ref(), what, help));
        }
    }

    fn name(&mut self, pointer: impl AsRef<str>, name: &str) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
            self.add(
                pointer,
                format!("`{name}` is not a name"),
                format!("use 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`"),
            );
        }
    }

    fn count(&mut self, pointer: &str, what: &str, count: usize, most: usize) {
        if let Some(mistake) = Mistake::of_length(pointer, what, count, most) {
            self.add(mistake.pointer, mistake.what, mistake.help);
        }
    }

    fn within(&mut self, pointer: impl AsRef<str>, what: &str, value: u64, low: u64, high: u64) {
        if !(low..=high).contains(&value) {
            self.add(
                pointer,
                format!("{what} is {value}"),
                format!("write a number from {low} to {high}"),
            );
        }
    }

    pub(super) fn known(
        &mut self,
        pointer: impl AsRef<str>,
        what: &str,
        name: &str,
        known: &[&str],
    ) {
        if !known.contains(&name) {
            let help = match known {
                [] => format!("add one called `{name}`"),
                [first @ .., _] if first.len() >= MOST_NAMES => {
                    format!("write one of: {}, …", known[..MOST_NAMES].join(", "))
                }
                _ => format!("write one of: {}", known.join(", ")),
            };
            self.add(pointer, format!("there is no {what} `{name}`"), help);
        }
    }
}

impl Scene {
    /// All mistakes of this scene as told, without its settings.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = Mistakes(Vec::new());
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
            return found.0;
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
        self.check_consumers(&mut found);
        self.check_producers(&mut found);
        for (at, fault) in self.faults.iter().enumerate() {
            self.check_fault(&mut found, at, fault);
        }
        let (low, high) = self.network.latency_us;
        if low > high || high > 3_600_000 {
            found.add(
                "/network/latency_us",
                format!("[{low}, {high}] is not a shortest and a longest way"),
                "write two numbers, the smaller first, at most 3600000",
            );
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
        found.0
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
        let mut taken = BTreeSet::from([self.broker.name.as_str()]);
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
        found.count(
            "/topics",
            "records, with one more of each in every topic that is published to,",
            records.saturating_add(events),
            MOST_RECORDS,
        );
        let mut values: BTreeSet<&str> = BTreeSet::new();
        for (at, topic) in self.topics.iter().enumerate() {
            // A topic without partitions is told once, not with each of its records.
            let partitions = topic.partitions.max(1);
            found.within(
                format!("/topics/{at}/partitions"),
                "the number of partitions",
                topic.partitions.into(),
                1,
                MOST_PARTITIONS.into(),
            );
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
                    found.add(
                        format!("{place}/partition"),
                        format!("`{}` has no partition {partition}", topic.name),
                        format!("write a number below {partitions}"),
                    );
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
        let broker = &self.broker.settings;
        let has_sessions =
            broker.group_min_session_timeout_ms <= broker.group_max_session_timeout_ms;
        if !has_sessions {
            found.add(
                "/broker/settings/group.min.session.timeout.ms",
                format!(
                    "no session can last {} ms or longer and {} ms or shorter",
                    broker.group_min_session_timeout_ms, broker.group_max_session_timeout_ms
                ),
                "write a number that is no larger than group.max.session.timeout.ms",
            );
        }
        for (at, consumer) in self.consumers.iter().enumerate() {
            let place = format!("/consumers/{at}");
            found.name(format!("{place}/group"), &consumer.group);
            if consumer.topics.is_empty() {
                found.add(
                    format!("{place}/topics"),
                    format!("`{}` subscribes to nothing", consumer.name),
                    "name at least one topic",
                );
            }
            for (nth, topic) in consumer.topics.iter().enumerate() {
                found.known(format!("{place}/topics/{nth}"), "topic", topic, &topics);
                if consumer.topics[..nth].contains(topic) {
                    found.add(
                        format!("{place}/topics/{nth}"),
                        format!("`{topic}` stands here twice"),
                        "name each topic once",
                    );
                }
            }
            for (nth, step) in consumer.handler.iter().enumerate() {
                match step {
                    HandlerStep::SkipIfIn(name) => found.known(
                        format!("{place}/handler/{nth}/skip_if_in"),
                        "table",
                        name,
                        &tables,
                    ),
                    HandlerStep::InsertInto(name) => found.known(
                        format!("{place}/handler/{nth}/insert_into"),
                        "table",
                        name,
                        &tables,
                    ),
                    HandlerStep::Send(name) => found.known(
                        format!("{place}/handler/{nth}/send"),
                        "service",
                        name,
                        &services,
                    ),
                    HandlerStep::Publish(name) => found.known(
                        format!("{place}/handler/{nth}/publish"),
                        "topic that is published to",
                        name,
                        &published,
                    ),
                }
            }
            let config = &consumer.config;
            found.within(
                format!("{place}/config/max.poll.records"),
                "max.poll.records",
                config.max_poll_records.into(),
                1,
                100_000,
            );
            if has_sessions {
                found.within(
                    format!("{place}/config/session.timeout.ms"),
                    "session.timeout.ms",
                    config.session_timeout_ms.into(),
                    broker.group_min_session_timeout_ms.into(),
                    broker.group_max_session_timeout_ms.into(),
                );
            }
            // A session time-out that is none says nothing about the heartbeats.
            let session = broker.group_min_session_timeout_ms..=broker.group_max_session_timeout_ms;
            if config.heartbeat_interval_ms == 0
                || config.heartbeat_interval_ms >= config.session_timeout_ms
                    && session.contains(&config.session_timeout_ms)
            {
                found.add(
                    format!("{place}/config/heartbeat.interval.ms"),
                    format!("heartbeats every {} ms cannot keep a session of {} ms", config.heartbeat_interval_ms, config.session_timeout_ms),
                    "write a number above 0 and below session.timeout.ms; Kafka advises a third of it",
                );
            }
            found.within(
                format!("{place}/config/max.poll.interval.ms"),
                "max.poll.interval.ms",
                config.max_poll_interval_ms.into(),
                1,
                86_400_000,
            );
            found.within(
                format!("{place}/config/auto.commit.interval.ms"),
                "auto.commit.interval.ms",
                config.auto_commit_interval_ms.into(),
                1,
                86_400_000,
            );
        }
    }

    fn check_fault(&self, found: &mut Mistakes, at: usize, fault: &Fault) {
        let consumers = self.consumers.iter().map(|one| one.name.as_str());
        let producers = self.producers.iter().map(|one| one.name.as_str());
        let known: Vec<_> = consumers.chain(producers.clone()).collect();
        found.known(
            format!("/faults/{at}/to"),
            "consumer or producer",
            &fault.to,
            &known,
        );
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
                }
                if matches!(fault.verb, Verb::Restart | Verb::Thaw) {
                    found.add(
                        format!("/faults/{at}/when"),
                        "who is down or stands still does nothing one could wait for",
                        "write {\"after_ms\": 1000} or {\"at_ms\": …}",
                    );
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
                found.add(
                    format!("{place}/options"),
                    format!("`{}` has no options", setting.label),
                    "list at least two",
                );
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
        found.count(
            "/settings",
            "combinations of options",
            combinations,
            MOST_COMBINATIONS,
        );
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
