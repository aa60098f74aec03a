//! A report by system: what agrees of each area, and what is not modelled yet.

use crate::area;
use crate::report::{FileReport, Report};
use crate::system::{self, System, Version};
use serde::Serialize;

/// What came of one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// The system's name.
    pub title: String,
    /// What it was recorded from.
    pub versions: Vec<Version>,
    /// Areas that are modelled, in the order of the report.
    pub modelled: Vec<Modelled>,
    /// Areas that are not.
    pub waiting: Vec<Waiting>,
}

/// An area that is modelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Modelled {
    /// The family or kind.
    pub model: String,
    /// What it is about.
    pub title: String,
    /// How many cases agree.
    pub passed: usize,
    /// How many there are.
    pub cases: usize,
}

/// An area that is not modelled yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The family or kind.
    pub model: String,
    /// What it is about.
    pub title: String,
    /// How many cases wait.
    pub cases: usize,
}

/// Systems are told in their own order, and only those that the report is about.
pub fn of(report: &Report) -> Vec<Overview> {
    let known = system::ALL.iter().map(Some);
    let systems = known.chain([None]).map(|system| one(report, system));
    systems
        .filter(|one| !one.modelled.is_empty() || !one.waiting.is_empty())
        .collect()
}

fn one(report: &Report, system: Option<&System>) -> Overview {
    let mut overview = Overview {
        title: system
            .map_or("Other systems", |system| system.title)
            .to_owned(),
        versions: Vec::new(),
        modelled: Vec::new(),
        waiting: Vec::new(),
    };
    let is_of = |model: &str| system::of(model) == system;
    for file in report.files.iter().filter(|file| is_of(&file.model)) {
        overview.add(file);
    }
    for not_yet in report.not_yet.iter().filter(|one| is_of(&one.name)) {
        overview.waiting.push(Waiting {
            model: not_yet.name.clone(),
            title: area::title(&not_yet.name).to_owned(),
            cases: not_yet.cases,
        });
        not_yet
            .versions
            .iter()
            .for_each(|version| overview.recorded_from(version));
    }
    overview
}

impl Overview {
    fn add(&mut self, file: &FileReport) {
        let cases = file.passed + file.failed();
        match self.modelled.iter_mut().find(|one| one.model == file.model) {
            Some(area) => {
                area.passed += file.passed;
                area.cases += cases;
            }
            None => self.modelled.push(Modelled {
                model: file.model.clone(),
                title: area::title(&file.model).to_owned(),
                passed: file.passed,
                cases,
            }),
        }
        file.versions
            .iter()
            .for_each(|version| self.recorded_from(version));
    }

    fn recorded_from(&mut self, version: &Version) {
        if !self.versions.contains(version) {
            self.versions.push(version.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Failure, NotYet};

    #[test]
    fn files_are_summed_by_area_and_areas_stand_by_system() {
        let file = |model: &str, passed: usize, failed: usize| FileReport {
            name: "a".to_owned(),
            model: model.to_owned(),
            versions: match model.contains('-') {
                true => system::versions("kafka 4.3.1"),
                false => Vec::new(),
            },
            passed,
            mistakes: Vec::new(),
            failures: vec![
                Failure {
                    case: "c".to_owned(),
                    what: Vec::new(),
                    known: None
                };
                failed
            ],
        };
        let report = Report {
            files: vec![
                file("kafka-txn", 1, 0),
                file("kafka-txn", 0, 1),
                file("kafka_murmur2", 7, 2),
                file("pulsar", 1, 0),
            ],
            not_yet: vec![NotYet {
                name: "redis".to_owned(),
                files: 1,
                cases: 3,
                versions: system::versions("redis 7.0.15"),
            }],
            skipped: Vec::new(),
        };
        let told: Vec<String> = of(&report)
            .iter()
            .map(|system| {
                let modelled = system
                    .modelled
                    .iter()
                    .map(|area| format!("{} {}/{}", area.title, area.passed, area.cases));
                let waiting = system
                    .waiting
                    .iter()
                    .map(|area| format!("{} {}", area.title, area.cases));
                let areas: Vec<String> = modelled.chain(waiting).collect();
                format!(
                    "{}: {} ({})",
                    system.title,
                    areas.join(", "),
                    system
                        .versions
                        .iter()
                        .map(|version| version.name.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            })
            .collect();
        let expected = [
            "Apache Kafka: Idempotent producers and transactions 1/2, Partitions of records with a key 7/9 (Apache Kafka 4.3.1)",
            "Redis: Streams, consumer groups, and Pub/Sub 3 (Redis 7.0.15)",
            "Other systems: pulsar 1/1 ()",
        ];
        assert_eq!(told, expected);
    }
}
