//! Answers, from the run alone.

use super::{Condition, Measure, Moment, Query, queues};
use engine::systems::kafka::Partition;
use engine::systems::kafka::inbox::Position;
use engine::time::Instant;
use engine::{Cast, ConsumerId, Entry, FactId, Run, World, anomaly};

impl Moment {
    /// The fact meant, among the first `facts` of the run.
    pub fn find(&self, run: &Run, facts: usize) -> Option<FactId> {
        let nth = usize::try_from(self.nth).ok()?.checked_sub(1)?;
        let cast = run.trace().cast();
        let entries = run.trace().entries().iter().take(facts).enumerate();
        let mut such = entries.filter(|(_, entry)| fits(entry, &self.verb, &self.fields, cast));
        such.nth(nth).map(|(at, _)| FactId(at as u32))
    }

    /// How many choices were made when it had just come about, among the first `choices`.
    pub fn place(&self, run: &Run, choices: usize) -> Option<usize> {
        let fact = self.find(run, run.facts_after(choices))?;
        // `facts_after` grows with the choices, so the first that covers the fact is found by halving.
        let (mut low, mut high) = (0, choices);
        while low < high {
            let middle = low + (high - low) / 2;
            if run.facts_after(middle) > fact.0 as usize {
                high = middle
            } else {
                low = middle + 1
            }
        }
        Some(low)
    }
}

fn fits(entry: &Entry, verb: &str, fields: &[(String, String)], cast: &Cast) -> bool {
    if entry.fact.verb() != verb {
        return false;
    }
    fields.is_empty() || {
        let has = entry.fact.fields(cast);
        fields
            .iter()
            .all(|(name, value)| has.iter().any(|(field, is)| field == name && is == value))
    }
}

impl Query {
    /// The answer after so many choices of the run; none when there is nothing to tell.
    pub fn value(&self, run: &Run, choices: usize) -> Option<i64> {
        let mut choices = choices.min(run.len());
        if let Some(moment) = &self.at {
            choices = moment.place(run, choices)?;
        }
        self.measure.value(run, choices)
    }
}

impl Measure {
    /// The answer right after so many choices of the run.
    fn value(&self, run: &Run, choices: usize) -> Option<i64> {
        let facts = run.facts_after(choices);
        let cast = run.trace().cast();
        let instant = |moment: &Moment| {
            moment
                .find(run, facts)
                .and_then(|id| run.trace().get(id))
                .map(|entry| entry.at)
        };
        match self {
            Measure::Committed { group, partition } => {
                committed(&run.world_after(choices), group, partition)
            }
            Measure::Position {
                consumer,
                partition,
            } => position(&run.world_after(choices), consumer, partition),
            Measure::End { partition } => end(&run.world_after(choices), partition),
            Measure::Lag { group, partition } => {
                let world = run.world_after(choices);
                Some(end(&world, partition)?.saturating_sub(committed(&world, group, partition)?))
            }
            Measure::Times { service, record } => {
                let (service, record) = (cast.find_service(service)?, cast.find_record(record)?);
                Some(
                    run.world_after(choices)
                        .services()
                        .get(service.at())?
                        .times(record)
                        .into(),
                )
            }
            Measure::Total { service } => {
                let service = cast.find_service(service)?;
                Some(
                    run.world_after(choices)
                        .services()
                        .get(service.at())?
                        .total()
                        .into(),
                )
            }
            Measure::Count { verb, fields } => {
                let entries = run.trace().entries().iter().take(facts);
                Some(
                    entries
                        .filter(|entry| fits(entry, verb, fields, cast))
                        .count() as i64,
                )
            }
            Measure::Ms(moment) => i64::try_from(instant(moment)?.ms()).ok(),
            Measure::GapMs(from, to) => Some(gap(instant(from)?, instant(to)?) / 1_000),
            Measure::Visible { queue } => {
                queues::depth(&run.world_after(choices), queue).map(|depth| depth.visible)
            }
            Measure::InFlight { queue } => {
                queues::depth(&run.world_after(choices), queue).map(|depth| depth.in_flight)
            }
            Measure::Lost => Some(anomaly::lost(&run.trace().until(facts)).len() as i64),
            Measure::Duplicated => {
                Some(anomaly::duplicated(&run.trace().until(facts)).len() as i64)
            }
            Measure::Reordered => Some(anomaly::reordered(&run.trace().until(facts)).len() as i64),
            Measure::Stuck => {
                let at_rest = run.world_after(choices).at_rest();
                Some(anomaly::stuck(&run.trace().until(facts), at_rest).len() as i64)
            }
            Measure::Surplus { table } => {
                let table = cast.find_table(table)?;
                Some(run.world_after(choices).sums(table).surplus())
            }
            Measure::Config { party, name } => cast.configured.get(party)?.number(name),
            Measure::Seconds(ms) => {
                let ms = ms.value(run, choices)?;
                Some(ms.saturating_add(500).div_euclid(1000))
            }
        }
    }
}

/// From one instant to another, in microseconds.
fn gap(from: Instant, to: Instant) -> i64 {
    to.0 as i64 - from.0 as i64
}

fn find(world: &World, partition: &str) -> Option<Partition> {
    world.cast().find_partition(partition)
}

fn committed(world: &World, group: &str, partition: &str) -> Option<i64> {
    let offset = world.committed(world.cast().find_group(group)?, find(world, partition)?)?;
    i64::try_from(offset).ok()
}

fn end(world: &World, partition: &str) -> Option<i64> {
    i64::try_from(world.log(find(world, partition)?)?.end().0).ok()
}

fn position(world: &World, consumer: &str, partition: &str) -> Option<i64> {
    let partition = find(world, partition)?;
    let ConsumerId(id) = world.cast().find_consumer(consumer)?;
    let owned = world
        .consumers()
        .get(usize::from(id))?
        .kafka()?
        .owned
        .iter()
        .find(|owned| owned.partition == partition)?;
    match owned.position {
        Position::At(offset) => i64::try_from(offset.0).ok(),
        Position::Unknown | Position::Asked => None,
    }
}

impl Condition {
    /// Whether it holds after so many choices of the run.
    pub fn holds(&self, run: &Run, choices: usize) -> bool {
        self.query
            .value(run, choices)
            .is_some_and(|answer| self.comparison.holds(answer, self.number))
    }
}

/// After how many choices, from these on, all conditions first hold together; none when nowhere.
pub fn first(conditions: &[Condition], run: &Run, from: usize) -> Option<usize> {
    (from..=run.len()).find(|&choices| {
        // Nothing new can hold where nothing new has happened.
        let news = choices == from || run.facts_after(choices) > run.facts_after(choices - 1);
        news && conditions
            .iter()
            .all(|condition| condition.holds(run, choices))
    })
}
