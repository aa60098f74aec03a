//! The story of leases: who was handed which message when, and worked on it until when.

use super::{LeaseEnd, Leases, chart};
use crate::stage::figure::Seen;
use engine::{ClientId, Instant, RecordId};
use std::sync::Arc;

/// What happened to a lease, or to the work under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message was handed to a worker, for the n-th time.
    Leased(ClientId, u32),
    /// The lease ended before the message was settled: others can have it.
    Over,
    /// The worker gave the message back.
    GivenBack,
    /// The worker got the lease extended.
    Extended,
    /// The message was settled: nobody gets it again.
    Settled,
    /// A worker is through with its work on the message.
    Worked(ClientId),
    /// A worker died, with whatever it had in hand.
    Died(ClientId),
}

/// Such an event, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Instant,
    /// The position of the run at which it has just happened, to go there.
    pub position: Option<usize>,
    /// In which queue; nothing where it happens to a process.
    pub queue: Option<Arc<str>>,
    /// To which message. What a process that died had in hand does not matter here.
    pub record: RecordId,
    /// What.
    pub event: Event,
}

/// A lease and the work under it, while the story is read.
pub struct Holding {
    pub who: ClientId,
    pub record: RecordId,
    pub nth: u32,
    pub from: Instant,
    pub to: Option<Instant>,
    pub end: LeaseEnd,
    pub extended: Vec<Instant>,
    pub position: Option<usize>,
    /// Whether the worker that was handed the message still lives.
    pub is_in_hand: bool,
    pub work_from: Option<Instant>,
    pub work_to: Option<Instant>,
    pub is_cut: bool,
}

impl Holding {
    pub fn new(who: ClientId, record: RecordId, nth: u32, happening: &Happening) -> Holding {
        Holding {
            who,
            record,
            nth,
            from: happening.at,
            to: None,
            end: LeaseEnd::Open,
            extended: Vec::new(),
            position: happening.position,
            is_in_hand: true,
            work_from: None,
            work_to: None,
            is_cut: false,
        }
    }

    /// Whether its worker is at it.
    pub fn is_worked_on_by(&self, who: ClientId) -> bool {
        self.who == who && self.is_in_hand && self.work_from.is_some() && self.work_to.is_none()
    }

    /// From when to when it is worked on, as far as the story goes.
    pub fn work(&self, end: Instant) -> Option<(Instant, Instant)> {
        let from = self.work_from?;
        Some((from, self.work_to.unwrap_or(end).max(from)))
    }

    /// When the lease ended too early for the work.
    pub fn alone_from(&self, end: Instant) -> Option<Instant> {
        let (_, work_to) = self.work(end)?;
        let to = self.to?;
        let is_lost = matches!(self.end, LeaseEnd::Open | LeaseEnd::Over);
        (is_lost && to < work_to).then_some(to)
    }
}

impl Leases {
    /// The chart of a story: of what has happened and of what will. `ends` says until when a message is
    /// leased now.
    pub fn of(
        story: &[Happening],
        seen: &Seen<'_>,
        ends: &dyn Fn(RecordId) -> Option<Instant>,
    ) -> Option<Leases> {
        let mut leases: Vec<Holding> = Vec::new();
        for happening in story {
            let (at, record) = (happening.at, happening.record);
            match happening.event {
                Event::Leased(who, nth) => {
                    leases.push(Holding::new(who, record, nth, happening));
                    begin_next(&mut leases, who, at);
                }
                Event::Over => end_lease(&mut leases, record, at, LeaseEnd::Over),
                Event::GivenBack => end_lease(&mut leases, record, at, LeaseEnd::GivenBack),
                Event::Settled => end_lease(&mut leases, record, at, LeaseEnd::Settled),
                Event::Extended => {
                    if let Some(lease) = open_lease(&mut leases, record) {
                        lease.extended.push(at);
                    }
                }
                Event::Worked(who) => {
                    let mut all = leases.iter_mut();
                    let is_it =
                        |one: &&mut Holding| one.is_worked_on_by(who) && one.record == record;
                    if let Some(one) = all.find(is_it) {
                        one.work_to = Some(at);
                    }
                    begin_next(&mut leases, who, at);
                }
                Event::Died(who) => {
                    for one in leases.iter_mut().filter(|one| one.who == who) {
                        if one.is_worked_on_by(who) {
                            (one.work_to, one.is_cut) = (Some(at), true);
                        }
                        one.is_in_hand = false;
                    }
                }
            }
        }
        // What is held now is held until its lease ends, whatever comes after.
        for lease in &mut leases {
            if lease.to.is_none() && lease.from <= seen.now {
                lease.to = ends(lease.record);
            }
        }
        (!leases.is_empty()).then(|| chart::draw(&leases, story, seen))
    }
}

fn open_lease(leases: &mut [Holding], record: RecordId) -> Option<&mut Holding> {
    let mut all = leases.iter_mut().rev();
    all.find(|lease| lease.record == record && lease.end == LeaseEnd::Open)
}

fn end_lease(leases: &mut [Holding], record: RecordId, at: Instant, end: LeaseEnd) {
    if let Some(lease) = open_lease(leases, record) {
        (lease.to, lease.end) = (Some(at), end);
    }
}

/// A worker does one thing after the other: one that has nothing under way begins with what it was
/// handed first.
fn begin_next(leases: &mut [Holding], who: ClientId, at: Instant) {
    if leases.iter().any(|one| one.is_worked_on_by(who)) {
        return;
    }
    let mut all = leases.iter_mut();
    let waits = |one: &&mut Holding| one.who == who && one.is_in_hand && one.work_from.is_none();
    if let Some(next) = all.find(waits) {
        next.work_from = Some(at);
    }
}
