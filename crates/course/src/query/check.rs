//! Whether a question can be asked of a scene: its names are there, its facts exist.

use super::{Condition, Measure, Mistake, Moment, Query, queues};
use engine::cast::TableId;
use engine::fact::{Field, Holds};
use engine::systems::SystemName;
use engine::systems::kafka::{GroupId, Partition};
use engine::{Cast, ClientId, ConsumerId, Fact, RecordId, ServiceId};

struct Checking<'a> {
    cast: &'a Cast,
    /// Whether a fact of another system is a mistake. A scene that runs on several systems is checked on one of
    /// them, and what a task waits for may come about on another.
    is_here: bool,
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

    /// A name, of what values of this type stand for.
    fn name<T: Field>(&mut self, name: &str) {
        self.value(T::HOLDS, "name", name);
    }

    fn value(&mut self, holds: Holds, field: &str, value: &str) {
        if let Some((what, help)) = holds.misfit(field, value, self.cast) {
            self.add(what, help);
        }
    }

    fn facts(&mut self, verb: &str, fields: &[(String, String)]) {
        let here = self.cast.system();
        let verbs = |is_one: &dyn Fn(Option<SystemName>) -> bool| {
            let verbs = Fact::forms().map(|(verb, _)| *verb);
            let verbs: Vec<_> = verbs.filter(|verb| is_one(Fact::system(verb))).collect();
            format!("write one of: {}", verbs.join(", "))
        };
        let Some((_, known)) = Fact::forms().find(|(known, _)| *known == verb) else {
            let help = verbs(&|system| system.is_none_or(|system| system == here));
            return self.add(format!("there is no fact `{verb}`"), help);
        };
        if self.is_here && Fact::system(verb).is_some_and(|system| system != here) {
            let what = format!("there is never a fact `{verb}` on {}", here.title());
            return self.add(what, verbs(&|system| system == Some(here)));
        }
        for (field, value) in fields {
            match Fact::holds(verb, field) {
                Some(holds) => self.value(holds, field, value),
                None => self.add(
                    format!("`{verb}` has no field `{field}`"),
                    format!("write one of: {}", known.join(", ")),
                ),
            }
        }
    }

    fn moment(&mut self, moment: &Moment) {
        self.facts(&moment.verb, &moment.fields);
    }

    fn queue(&mut self, name: &str) {
        if queues::full_name(self.cast, name).is_some() {
            return;
        }
        let there = queues::names(self.cast);
        let what = format!("there is no queue `{name}`");
        match there.as_slice() {
            [] => self.add(what, "ask it on a system that has queues".to_owned()),
            names => self.add(what, format!("write one of: {}", names.join(", "))),
        }
    }

    fn setting(&mut self, party: &str, name: &str) {
        let Some(table) = self.cast.configured.get(party) else {
            return self.name::<ClientId>(party);
        };
        if table.number(name).is_none() {
            self.add(
                format!("`{party}` has no setting `{name}` that is a number"),
                format!("write one of: {}", table.numbers().join(", ")),
            );
        }
    }

    fn measure(&mut self, measure: &Measure) {
        match measure {
            Measure::Committed { group, partition } | Measure::Lag { group, partition } => {
                self.name::<GroupId>(group);
                self.name::<Partition>(partition);
            }
            Measure::Position {
                consumer,
                partition,
            } => {
                self.name::<ConsumerId>(consumer);
                self.name::<Partition>(partition);
            }
            Measure::End { partition } => self.name::<Partition>(partition),
            Measure::Times { service, record } => {
                self.name::<ServiceId>(service);
                self.name::<RecordId>(record);
            }
            Measure::Total { service } => self.name::<ServiceId>(service),
            Measure::Count { verb, fields } => self.facts(verb, fields),
            Measure::Ms(moment) => self.moment(moment),
            Measure::GapMs(from, to) => {
                self.moment(from);
                self.moment(to);
            }
            Measure::Visible { queue } | Measure::InFlight { queue } => self.queue(queue),
            Measure::Lost | Measure::Duplicated | Measure::Reordered | Measure::Stuck => {}
            Measure::Surplus { table } => self.name::<TableId>(table),
            Measure::Config { party, name } => self.setting(party, name),
            Measure::Seconds(ms) => self.measure(ms),
        }
    }
}

impl Query {
    /// What of this question the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        self.check_as(cast, true)
    }

    fn check_as(&self, cast: &Cast, is_here: bool) -> Vec<Mistake> {
        let mut checking = Checking {
            cast,
            is_here,
            found: Vec::new(),
        };
        if let Some(moment) = &self.at {
            checking.moment(moment);
        }
        checking.measure(&self.measure);
        checking.found
    }
}

impl Moment {
    /// What of this moment the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        let mut checking = Checking {
            cast,
            is_here: false,
            found: Vec::new(),
        };
        checking.moment(self);
        checking.found
    }
}

impl Condition {
    /// What of this condition the scene does not have.
    pub fn check(&self, cast: &Cast) -> Vec<Mistake> {
        self.query.check_as(cast, false)
    }
}
