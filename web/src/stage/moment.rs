//! One moment of a run: the world, the facts so far, and what has become of every record.

use engine::cast::Action;
use engine::client::handling::Phase;
use engine::custody::Custody;
use engine::explore::Kind;
use engine::fact::{process, service};
use engine::scene::Commit;
use engine::systems::kafka::GroupId;
use engine::{
    Cast, ConsumerId, Entry, Fact, FactId, RecordId, Run, ServiceId, TableId, Trace, Weight, World,
    anomaly,
};
use schedule::Finding;

/// What has become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody has read it yet.
    Waiting,
    /// A living consumer has it in hand.
    InHand,
    /// Somebody had it in hand and died, and it will come again.
    Dropped,
    /// Its work is done, once.
    Done,
    /// Its work is done more than once.
    Twice(u32),
    /// Its work will never be done.
    Lost,
}

impl Fate {
    /// What has become of a record with which two have to do: the worse of both.
    fn and(self, other: Fate) -> Fate {
        let weight = |fate: Fate| match fate {
            Fate::Done => (0, 0),
            Fate::Waiting => (1, 0),
            Fate::InHand => (2, 0),
            Fate::Dropped => (3, 0),
            Fate::Twice(times) => (4, times),
            Fate::Lost => (5, 0),
        };
        match weight(other) > weight(self) {
            true => other,
            false => self,
        }
    }

    /// The class that draws it.
    pub const fn class(self) -> &'static str {
        match self {
            Fate::Waiting => "waiting",
            Fate::InHand => "in-hand",
            Fate::Dropped => "unfinished",
            Fate::Done => "done",
            Fate::Twice(_) => "twice",
            Fate::Lost => "lost",
        }
    }
}

/// A run at a position.
pub struct Moment<'a> {
    /// The whole run, with its future.
    pub run: &'a Run,
    /// How many choices have been made.
    pub position: usize,
    /// The world now.
    pub world: World,
    /// The facts so far.
    pub past: Trace,
    /// How far the run has been looked at; what lies behind that is not told yet.
    pub horizon: usize,
    /// How many steps lie behind it.
    pub unseen: usize,
    /// What a search found on this run, and how that promise is judged.
    pub finding: Option<&'a (Finding, Kind)>,
    /// By group, then by record; nothing where a group does not read a record.
    fates: Vec<Vec<Option<Fate>>>,
}

impl<'a> Moment<'a> {
    /// The run after so many choices.
    pub fn new(run: &'a Run, position: usize) -> Self {
        let position = position.min(run.len());
        let world = run.world_after(position);
        let past = run.trace().until(run.facts_after(position));
        let fates = fates(&world, &past);
        Moment {
            run,
            position,
            world,
            past,
            horizon: run.len(),
            unseen: 0,
            finding: None,
            fates,
        }
    }

    /// The moment, of a run on which a search found this.
    #[must_use]
    pub fn with_finding(self, finding: Option<&'a (Finding, Kind)>) -> Self {
        Moment { finding, ..self }
    }

    /// The moment, of a run that has been looked at so far, with so many steps behind that.
    #[must_use]
    pub fn up_to(self, horizon: usize, unseen: usize) -> Self {
        Moment {
            horizon: horizon.max(self.position),
            unseen,
            ..self
        }
    }

    /// Whether the finding is about this record.
    pub fn concerns(&self, record: RecordId) -> bool {
        self.finding
            .is_some_and(|(finding, _)| finding.record == Some(record))
    }

    /// What has become of a record for a group: groups know nothing of each other. Nothing where the
    /// group does not read it.
    pub fn fate_for(&self, record: RecordId, group: GroupId) -> Option<Fate> {
        *self.fates.get(usize::from(group.0))?.get(record.at())?
    }

    /// What has become of a record for all that read it: what is worst, and done when all are done.
    pub fn fate(&self, record: RecordId) -> Fate {
        let all = self.groups();
        let all = all.filter_map(|group| self.fate_for(record, group));
        all.reduce(Fate::and).unwrap_or(Fate::Waiting)
    }

    /// What a group calls a record that it is done with: "mailed".
    pub fn done_by(&self, group: GroupId) -> &str {
        let cast = self.run.world().cast();
        let services = cast.services.iter().enumerate();
        let mut used = services.filter(|(at, _)| serves(cast, group, ServiceId(*at as u8)));
        used.next().map_or("done", |(_, plan)| plan.done.as_str())
    }

    /// The last headline so far.
    pub fn headline(&self) -> Option<(FactId, &Entry)> {
        self.past.headlines().last()
    }

    /// What the last step is about.
    pub fn turn(&self, detailed: bool) -> Option<FactId> {
        turn(self.run, self.position, detailed)
    }

    /// Whether nothing more happens by itself.
    pub fn is_last(&self) -> bool {
        self.position == self.run.len()
    }

    /// The groups, by number.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.world.cast().groups.len() as u8).map(GroupId)
    }
}

/// What the step that leads to a position is about: of several turns of the story the last, but where a
/// process ends, its end, because the others only follow from it. With every step shown also the last of
/// what is no turn; else, where there is none, the last turn before.
pub fn turn(run: &Run, position: usize, detailed: bool) -> Option<FactId> {
    let (trace, before) = (run.trace(), run.facts_after(position.checked_sub(1)?));
    let ids = (before..run.facts_after(position)).map(|at| FactId(at as u32));
    let fact = |id: &FactId| trace.get(*id).map(|entry| &entry.fact);
    let is_turn = |id: &FactId| fact(id).is_some_and(|fact| fact.weight() == Weight::Headline);
    let is_end = |id: &FactId| {
        matches!(
            fact(id),
            Some(Fact::Process(
                process::Fact::Crashed { .. } | process::Fact::ProducerCrashed { .. }
            ))
        )
    };
    let turns = || ids.clone().filter(is_turn);
    let turn = turns().find(is_end).or(turns().next_back());
    turn.or_else(|| match detailed {
        // A step can pass without a fact: it is still the last one that is told.
        true => {
            let last = ids.clone().next_back();
            last.or_else(|| before.checked_sub(1).map(|at| FactId(at as u32)))
        }
        false => (0..before as u32).map(FactId).rfind(is_turn),
    })
}

/// A record whose handling counts when the transaction does.
fn fate_in_transaction(world: &World, id: ConsumerId, record: RecordId) -> Fate {
    let group = world.cast().consumers[id.at()].group;
    let handling = world.process(id).handling();
    let ending = handling.is_some_and(|handling| {
        matches!(
            handling.phase,
            Phase::Working | Phase::BeforeCall(_) | Phase::Calling(_)
        )
    });
    match world.custody(record, group) {
        Custody::Settled | Custody::SetAside => Fate::Done,
        Custody::Nowhere | Custody::Waiting | Custody::Out(_) if ending => Fate::InHand,
        Custody::Nowhere | Custody::Waiting | Custody::Out(_) => Fate::Waiting,
    }
}

/// Whether a group has a service do its work; a program in code may call any.
pub fn serves(cast: &Cast, group: GroupId, service: ServiceId) -> bool {
    let mut consumers = cast.consumers.iter().filter(|plan| plan.group == group);
    consumers.any(|plan| {
        let mut actions = plan.handler.iter();
        plan.code.is_some() || actions.any(|action| *action == Action::Send(service))
    })
}

/// Whether some program uses a table; one in code may use any.
pub fn uses(cast: &Cast, table: TableId) -> bool {
    let is_of = |action: &Action| matches!(action, Action::SkipIfIn(used) | Action::InsertInto(used) if *used == table);
    let mut consumers = cast.consumers.iter();
    consumers.any(|plan| plan.code.is_some() || plan.handler.iter().any(is_of))
}

/// What has become of every record for every group that reads it.
fn fates(world: &World, past: &Trace) -> Vec<Vec<Option<Fate>>> {
    let cast = world.cast();
    let groups = (0..cast.groups.len() as u8).map(GroupId);
    let lost = anomaly::lost(past);
    let of = |group| {
        let reads = |record: RecordId| {
            let topic = cast.records.get(record.at()).map(|one| one.partition.topic);
            let mut members = cast.consumers.iter().filter(|plan| plan.group == group);
            members.any(|plan| topic.is_some_and(|topic| plan.topics.contains(&topic)))
        };
        let fates = fates_for(world, past, &lost, group).into_iter().enumerate();
        // What reaches a group by other ways, as from a queue's dead letters, has a fate for it too.
        fates
            .map(|(at, fate)| (fate != Fate::Waiting || reads(RecordId(at as u16))).then_some(fate))
            .collect()
    };
    groups.map(of).collect()
}

/// What has become of every record for one group.
fn fates_for(world: &World, past: &Trace, lost: &[anomaly::Lost], group: GroupId) -> Vec<Fate> {
    let cast = world.cast();
    let mut fates = vec![Fate::Waiting; cast.records.len()];
    let set = |fates: &mut Vec<Fate>, record: RecordId, fate: Fate| {
        if let Some(place) = fates.get_mut(record.at()) {
            *place = fate;
        }
    };
    let plan = |consumer: ConsumerId| {
        let plan = cast.consumers.get(consumer.at());
        plan.filter(|plan| plan.group == group)
    };
    let effects = !cast.work_of(group).is_empty();
    // What its members had services do, each pair once.
    let mut done: Vec<(ServiceId, RecordId)> = Vec::new();
    for entry in past.entries() {
        match &entry.fact {
            Fact::Process(process::Fact::Crashed { consumer, in_hand })
                if plan(*consumer).is_some() =>
            {
                in_hand
                    .iter()
                    .for_each(|&record| set(&mut fates, record, Fate::Dropped));
            }
            Fact::Process(process::Fact::Handled { consumer, record }) if !effects => {
                let Some(plan) = plan(*consumer) else {
                    continue;
                };
                let fate = match plan.commit {
                    Commit::InTransaction => fate_in_transaction(world, *consumer, *record),
                    _ => Fate::Done,
                };
                set(&mut fates, *record, fate);
            }
            Fact::Service(service::Fact::EffectDone {
                service,
                consumer,
                record,
                times: _,
            }) if plan(*consumer).is_some() && !done.contains(&(*service, *record)) => {
                done.push((*service, *record));
            }
            _ => {}
        }
    }
    let members = cast.consumers.iter().zip(world.consumers());
    for (_, consumer) in members.filter(|(plan, _)| plan.group == group) {
        consumer
            .hand()
            .iter()
            .for_each(|held| set(&mut fates, held.record(), Fate::InHand));
    }
    for (service, record) in done {
        let times = world.services().get(service.at());
        let times = times.map_or(1, |service| service.times(record));
        let most = match fates.get(record.at()) {
            Some(Fate::Twice(most)) => times.max(*most),
            _ => times,
        };
        let fate = if most > 1 {
            Fate::Twice(most)
        } else {
            Fate::Done
        };
        set(&mut fates, record, fate);
    }
    for lost in lost.iter().filter(|lost| lost.group == group) {
        set(&mut fates, lost.record, Fate::Lost);
    }
    fates
}
