//! The names of a scene that a program may use.

use engine::cast::{RecordId, ServiceId, TableId};
use engine::handler::Delivery;
use engine::handler::language::{Record, Vocabulary};
use engine::handler::reference::spelled;
use engine::systems::SystemName;

/// Everybody a program can name, by number.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub system: SystemName,
    pub services: Vec<String>,
    /// How a program writes each service.
    pub words: Vec<String>,
    pub tables: Vec<String>,
    pub topics: Vec<String>,
    pub records: Vec<Record>,
}

impl Names {
    pub fn new(vocabulary: Vocabulary) -> Names {
        let Vocabulary {
            system,
            services,
            tables,
            topics,
            records,
        } = vocabulary;
        Names {
            system,
            words: spelled(services.iter().map(String::as_str)),
            services,
            tables,
            topics,
            records,
        }
    }

    /// The names again, for what is written of them.
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            system: self.system,
            services: self.services.clone(),
            tables: self.tables.clone(),
            topics: self.topics.clone(),
            records: self.records.clone(),
        }
    }

    pub fn table(&self, name: &str) -> Option<TableId> {
        let at = self.tables.iter().position(|one| one == name)?;
        Some(TableId(at as u8))
    }

    pub fn record(&self, text: &str) -> Option<RecordId> {
        let at = self.records.iter().position(|one| one.value == text)?;
        Some(RecordId(at as u16))
    }

    pub fn service(&self, id: ServiceId) -> &str {
        self.services.get(id.at()).map_or("service", String::as_str)
    }

    pub fn record_text(&self, id: RecordId) -> &str {
        self.records
            .get(id.at())
            .map_or("", |one| one.value.as_str())
    }

    pub fn topic_text(&self, delivery: &Delivery) -> &str {
        let record = self.records.get(delivery.record.at());
        record
            .and_then(|record| self.topics.get(usize::from(record.topic)))
            .map_or("", String::as_str)
    }
}

/// What a message carries on another system only, and what it carries here.
pub(crate) fn not_carried(name: &str, system: SystemName) -> Option<(String, String)> {
    let mut others = SystemName::ALL.iter();
    let other = others.find(|other| other.words().carried.contains(&name))?;
    let own = system.words().carried.iter();
    let own: Vec<String> = own.map(|name| format!("message.{name}")).collect();
    Some((
        format!(
            "a message of {} has no `{name}`: that is of {}",
            system.title(),
            other.title()
        ),
        format!("{} has {}", system.title(), own.join(" and ")),
    ))
}

pub(crate) fn no_table(name: &str, names: &Names) -> (String, String) {
    (
        format!("there is no table {name:?} in this scene"),
        those(
            "the tables here are",
            "this scene has no tables",
            names.tables.iter().map(|one| format!("{one:?}")),
        ),
    )
}

pub(crate) fn no_topic(name: &str, names: &Names) -> (String, String) {
    (
        format!("there is no topic {name:?} in this scene"),
        those(
            "the topics here are",
            "this scene has no topics",
            names.topics.iter().map(|one| format!("{one:?}")),
        ),
    )
}

/// A sentence that lists things.
pub(crate) fn those(begin: &str, none: &str, things: impl Iterator<Item = String>) -> String {
    let things: Vec<String> = things.collect();
    if things.is_empty() {
        none.to_owned()
    } else {
        format!("{begin} {}", things.join(", "))
    }
}
