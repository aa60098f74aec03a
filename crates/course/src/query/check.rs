//! Whether a question can be asked of a scene: its names are there, its facts exist.

use super::{Condition, Measure, Mistake, Moment, Query};
use crate::field::{Named, misfit};
use engine::{Cast, Fact};

/// Settings of a consumer that are numbers.
pub(super) const CONSUMER_SETTINGS: [&str; 5] = [
    "max.poll.records",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "auto.commit.interval.ms",
];
/// Settings of the broker that are numbers.
pub(super) const BROKER_SETTINGS: [&str; 3] = [
    "group.initial.rebalance.delay.ms",
    "group.min.session.timeout.ms",
    "group.max.session.timeout.ms",
];

struct Checking<'a> {
    cast: &'a Cast,
    found: Vec<Mistake>,
}

impl Checking<'_> {
    fn add(&mut self, what: String, help: String) {
        self.found.push(Mistake {
            at: 0..usize::MAX,
            what,
            help,
        });
    }

    fn name(&mut self, named: Named, name: &str) {
        if !named.is_in(self.cast, name) {
            let all = named.all(self.cast);
            let help = if all.is_empty() {
                "the scene has none".to_owned()
            } else {
                format!("write one of: {}", all.join(", "))
            };
            self.add(format!("there is no {} `{name}`", named.word()), help);
        }
    }

    fn facts(&mut self, verb: &str, fields: &[(String, String)]) {
        let Some((_, known)) = Fact::forms().find(|(known, _)| *known == verb) else {
            let verbs: Vec<_> = Fact::forms().map(|(verb, _)| *verb).collect();
            self.add(
                format!("there is no fact `{verb}`"),
                format!("write one of: {}", verbs.join(", ")),
            );
            return;
        };
        for (field, value) in fields {
            if !known.contains(&field.as_str()) {
                self.add(
                    format!("`{verb}` has no field `{field}`"),
                    format!("write one of: {}", known.join(", ")),
                );
            } else if let Some((what, help)) = misfit(field, value, self.cast) {
                self.add(what, help);
            }
        }
    }

    fn moment(&mut self, moment: &Moment) {
        self.facts(&moment.verb, &moment.fields);
    }

    fn setting(&mut self, party: &str, name: &str) {
        let known: &[&str] = if party == self.cast.broker {
            &BROKER_SETTINGS
        } else {
            &CONSUMER_SETTINGS
        };
        if party != self.cast.broker && self.cast.find_consumer(party).is_none() {
            self.name(Named::Consumer, party);
        } else if !known.contains(&name) {
            self.add(
                format!("`{party}` has no setting `{name}` that is a number"),
                format!("write one of: {}", known.join(", ")),
            );
        }
    }
}

impl Query {
    /// What of this question the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        let mut checking = Checking {
            cast,
            found: Vec::new(),
        };
        if let Some(moment) = &self.at {
            checking.moment(moment);
        }
        match &self.measure {
            Measure::Committed { group, partition } | Measure::Lag { group, partition } => {
                checking.name(Named::Group, group);
                checking.name(Named::Partition, partition);
            }
            Measure::Position {
                consumer,
                partition,
            } => {
                checking.name(Named::Consumer, consumer);
                checking.name(Named::Partition, partition);
            }
            Measure::End { partition } => checking.name(Named::Partition, partition),
            Measure::Times { service, record } => {
                checking.name(Named::Service, service);
                checking.name(Named::Record, record);
            }
            Measure::Total { service } => checking.name(Named::Service, service),
            Measure::Count { verb, fields } => checking.facts(verb, fields),
            Measure::Ms(moment) => checking.moment(moment),
            Measure::GapMs(from, to) => {
                checking.moment(from);
                checking.moment(to);
            }
            Measure::Lost | Measure::Duplicated | Measure::Reordered | Measure::Stuck => {}
            Measure::Config { party, name } => checking.setting(party, name),
        }
        checking.found
    }
}

impl Moment {
    /// What of this moment the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        let mut checking = Checking {
            cast,
            found: Vec::new(),
        };
        checking.moment(self);
        checking.found
    }
}

impl Condition {
    /// What of this condition the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        self.query.check(cast)
    }
}
