//! How a consumer is set.

use crate::kafka::ops::Isolation;
use crate::kafka::session::consumer::Reset;
use crate::kafka::session::opening::reset;
use crate::kafka::session::text;
use crate::refusal::Refusal;
use explore::time::Span;
use serde_json::Value;
use std::collections::BTreeMap;
use systems::kafka::assignor::Assignor;

/// Its settings, with the defaults of these recordings.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub session_timeout: Span,
    pub heartbeat_interval: Span,
    pub max_poll_interval: Span,
    pub max_poll_records: usize,
    pub metadata_max_age: Span,
    /// Automatic commits, and how far apart.
    pub auto_commit: Option<Span>,
    pub reset: Reset,
    pub isolation: Isolation,
    /// The preferred one first.
    pub assignors: Vec<Assignor>,
}

impl Config {
    /// Reads the settings.
    pub(super) fn read(
        config: &BTreeMap<String, Value>,
        assignor: Option<&Value>,
    ) -> Result<Config, Refusal> {
        let ms = Span::from_ms;
        let mut set = Config {
            session_timeout: ms(3_000),
            heartbeat_interval: ms(300),
            max_poll_interval: ms(300_000),
            max_poll_records: 500,
            metadata_max_age: ms(300_000),
            auto_commit: None,
            reset: Reset::Earliest,
            isolation: Isolation::ReadUncommitted,
            assignors: assignors(assignor)?,
        };
        let mut interval = ms(5_000);
        for (name, value) in config {
            let value = text(value);
            let number = || {
                let bad = |_| Refusal::new(format!("{name}={value} is no number"));
                value.parse::<u64>().map_err(bad)
            };
            let refused = || Refusal::new(format!("{name} cannot be {value} here"));
            match name.as_str() {
                "session.timeout.ms" => set.session_timeout = ms(number()?),
                "heartbeat.interval.ms" => set.heartbeat_interval = ms(number()?.max(1)),
                "max.poll.interval.ms" => set.max_poll_interval = ms(number()?),
                "max.poll.records" => {
                    set.max_poll_records = usize::try_from(number()?).map_err(|_| refused())?;
                }
                "metadata.max.age.ms" => set.metadata_max_age = ms(number()?),
                "auto.commit.interval.ms" => interval = ms(number()?),
                "enable.auto.commit" => {
                    set.auto_commit = (value == "true").then_some(interval);
                }
                "auto.offset.reset" => set.reset = reset(&value).ok_or_else(refused)?,
                "isolation.level" => {
                    set.isolation = match value.as_str() {
                        "read_committed" => Isolation::ReadCommitted,
                        "read_uncommitted" => Isolation::ReadUncommitted,
                        _ => return Err(refused()),
                    };
                }
                // They are about how long a client tries, and here nothing is lost.
                "request.timeout.ms" | "default.api.timeout.ms" => {}
                _ => {
                    return Err(Refusal::new(format!(
                        "the consumer's setting `{name}` is unknown"
                    )));
                }
            }
        }
        set.auto_commit = set.auto_commit.map(|_| interval);
        Ok(set)
    }

    /// Whether partitions are kept through a rebalance: when every assignor can do so.
    pub(super) fn is_cooperative(&self) -> bool {
        self.assignors.iter().all(|one| one.is_cooperative())
    }
}

/// One assignor, a list, or those that a consumer has as shipped.
fn assignors(given: Option<&Value>) -> Result<Vec<Assignor>, Refusal> {
    let names = match given {
        None => return Ok(vec![Assignor::Range, Assignor::CooperativeSticky]),
        Some(Value::Array(names)) => names.iter().map(text).collect(),
        Some(name) => vec![text(name)],
    };
    let find = |name: &String| {
        let known = Assignor::ALL.map(Assignor::name);
        Assignor::find(name).ok_or_else(|| Refusal::unknown("assignor", name, &known))
    };
    names.iter().map(find).collect()
}
