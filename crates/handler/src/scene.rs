//! The names of a scene that a program may use.

use engine::cast::{Cast, RecordId, RecordPlan, ServiceId, TableId};
use engine::handler::Delivery;

/// Everybody a program can name, by number.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub services: Vec<String>,
    pub tables: Vec<String>,
    pub topics: Vec<String>,
    pub records: Vec<RecordPlan>,
}

impl Names {
    pub fn new(cast: &Cast) -> Names {
        Names {
            services: cast.services.iter().map(|one| one.name.clone()).collect(),
            tables: cast.tables.iter().map(|one| one.name.clone()).collect(),
            topics: cast.topics.iter().map(|one| one.name.clone()).collect(),
            records: cast.records.clone(),
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
        self.topics
            .get(usize::from(delivery.partition.topic.0))
            .map_or("", String::as_str)
    }
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
