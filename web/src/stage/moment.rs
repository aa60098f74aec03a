//! One moment of a run: the world, the facts so far, and what has become of every record.

use engine::client::handling::Phase;
use engine::custody::Custody;
use engine::explore::Kind;
use engine::fact::process;
use engine::scene::Commit;
use engine::systems::kafka::GroupId;
use engine::{ConsumerId, Entry, Fact, FactId, RecordId, Run, Trace, World, anomaly};
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
    fates: Vec<Fate>,
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

    /// What has become of a record.
    pub fn fate(&self, record: RecordId) -> Fate {
        self.fates
            .get(record.at())
            .copied()
            .unwrap_or(Fate::Waiting)
    }

    /// The last headline so far.
    pub fn headline(&self) -> Option<(FactId, &Entry)> {
        self.past.headlines().last()
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

fn fates(world: &World, past: &Trace) -> Vec<Fate> {
    let cast = world.cast();
    let mut fates = vec![Fate::Waiting; cast.records.len()];
    let set = |fates: &mut Vec<Fate>, record: RecordId, fate: Fate| {
        if let Some(place) = fates.get_mut(record.at()) {
            *place = fate;
        }
    };
    let effects = !cast.services.is_empty();
    for entry in past.entries() {
        match &entry.fact {
            Fact::Process(process::Fact::Crashed { in_hand, .. }) => in_hand
                .iter()
                .for_each(|&record| set(&mut fates, record, Fate::Dropped)),
            Fact::Process(process::Fact::Handled { consumer, record }) if !effects => {
                let fate = match cast.consumers.get(consumer.at()) {
                    Some(plan) if plan.commit == Commit::InTransaction => {
                        fate_in_transaction(world, *consumer, *record)
                    }
                    _ => Fate::Done,
                };
                set(&mut fates, *record, fate);
            }
            _ => {}
        }
    }
    for consumer in world.consumers() {
        consumer
            .hand()
            .iter()
            .for_each(|held| set(&mut fates, held.record(), Fate::InHand));
    }
    for service in world.services() {
        for (record, times) in service.all() {
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
    }
    for lost in anomaly::lost(past) {
        set(&mut fates, lost.record, Fate::Lost);
    }
    fates
}
