//! The story of leases: who was handed which message when, and worked on it until when.

use super::chart::{self, Axis};
use super::{LeaseEnd, Leases, Noun};
use crate::stage::figure::Seen;
use engine::fact::{process, service};
use engine::{ClientId, Instant, RecordId, ServiceId};
use std::sync::Arc;

/// What happened to a lease, or to the work under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A message was handed to a worker.
    Leased {
        /// To whom.
        who: ClientId,
        /// Which.
        record: RecordId,
        /// For which time, from 1.
        nth: u32,
    },
    /// The lease on a message ended before it was settled: others can have it.
    Over(RecordId),
    /// The worker gave a message back.
    GivenBack(RecordId),
    /// The worker got its lease on a message extended.
    Extended(RecordId),
    /// A message was settled: nobody gets it again.
    Settled(RecordId),
    /// A worker is through with its work on a message.
    Worked(ClientId, RecordId),
    /// The handler of a worker failed with a message: its work ends there, unless it is tried again.
    Failed(ClientId, RecordId),
    /// A worker goes on with what it has in hand.
    WentOn(ClientId),
    /// A worker lets go of a message that it has not settled, and goes on with what else it has in hand. The lease
    /// runs on; what its queue then hears about it gives it back.
    Left(ClientId, RecordId),
    /// A worker died, with whatever it had in hand.
    Died(ClientId),
    /// A service did something for a message that a worker asked it for, which cannot be taken back.
    Done(ClientId, ServiceId, RecordId),
}

impl Event {
    /// What a fact of a service means for the work under leases; nothing where it means none.
    pub const fn of_service(fact: &service::Fact) -> Option<Event> {
        match fact {
            service::Fact::EffectDone {
                service,
                consumer,
                record,
                times: _,
            } => Some(Event::Done(ClientId(consumer.0), *service, *record)),
            service::Fact::EffectAsked { .. } | service::Fact::KnownKey { .. } => None,
        }
    }

    /// What a fact of a process means for the work under leases; nothing where it means none.
    pub const fn of_process(fact: &process::Fact) -> Option<Event> {
        match fact {
            process::Fact::HandlerFailed {
                consumer,
                record,
                code_line: _,
                text: _,
            } => Some(Event::Failed(ClientId(consumer.0), *record)),
            process::Fact::MovedOn {
                consumer,
                record: _,
            } => Some(Event::WentOn(ClientId(consumer.0))),
            process::Fact::Handled { consumer, record }
            | process::Fact::PutBack {
                consumer,
                record,
                attempt: _,
            } => Some(Event::Worked(ClientId(consumer.0), *record)),
            process::Fact::Crashed {
                consumer,
                in_hand: _,
            } => Some(Event::Died(ClientId(consumer.0))),
            process::Fact::ProducerCrashed {
                producer,
                unacknowledged: _,
            } => Some(Event::Died(*producer)),
            process::Fact::Started { .. }
            | process::Fact::Logged { .. }
            | process::Fact::GaveUp { .. }
            | process::Fact::Froze { .. }
            | process::Fact::Thawed { .. }
            | process::Fact::ProducerStarted { .. }
            | process::Fact::Threw { .. }
            | process::Fact::ProgramOver { .. } => None,
        }
    }
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
    /// Until when it is leased now, as the queue has it, whatever comes before; only of one that is held now.
    pub leased_until: Option<Instant>,
    pub end: LeaseEnd,
    pub extended: Vec<Instant>,
    pub position: Option<usize>,
    /// Whether the worker that was handed the message still lives.
    pub is_in_hand: bool,
    pub work_from: Option<Instant>,
    pub work_to: Option<Instant>,
    pub is_cut: bool,
    /// Whether its worker has let go of the message.
    pub is_left: bool,
    /// Whether its work ended with a failure of the handler, as far as the story goes.
    pub is_failed: bool,
}

impl Holding {
    pub fn new(who: ClientId, record: RecordId, nth: u32, happening: &Happening) -> Holding {
        Holding {
            who,
            record,
            nth,
            from: happening.at,
            to: None,
            leased_until: None,
            end: LeaseEnd::Open,
            extended: Vec::new(),
            position: happening.position,
            is_in_hand: true,
            work_from: None,
            work_to: None,
            is_cut: false,
            is_left: false,
            is_failed: false,
        }
    }

    /// Whether it is what this worker works on, or fails with and tries again.
    fn is_tried_by(&self, who: ClientId, record: RecordId) -> bool {
        self.record == record && (self.is_worked_on_by(who) || self.who == who && self.is_failed)
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
    /// The chart of a story in a queue: of what has happened and of what will, as far as it is told.
    /// `ends` says until when a message is leased now.
    ///
    /// What is not told yet leaves its room, so that nothing moves when it is: the axis is as long as the
    /// whole story, and everybody who will ever hold a message has a lane.
    pub fn of(
        story: &[Happening],
        queue: (&str, Noun),
        seen: &Seen<'_>,
        ends: &dyn Fn(RecordId) -> Option<Instant>,
    ) -> Option<Leases> {
        let all = holdings(story, seen.now, ends);
        if all.is_empty() {
            return None;
        }
        let axis = Axis::of(&all, story, seen.now);
        let whole = chart::draw(&all, story, &axis, axis.end(), queue, seen);
        let Some((position, told)) = seen.until else {
            return Some(whole);
        };
        let is_told = |one: &&Happening| one.position.is_none_or(|at| at <= position);
        let story: Vec<Happening> = story.iter().filter(is_told).cloned().collect();
        let leases = holdings(&story, seen.now, ends);
        let told = told.max(seen.now).min(axis.end());
        Some(chart::draw(&leases, &story, &axis, told, queue, seen).in_the_room_of(&whole))
    }
}

/// The leases of a story. What is held now is held until its lease ends, whatever comes after.
fn holdings(
    story: &[Happening],
    now: Instant,
    ends: &dyn Fn(RecordId) -> Option<Instant>,
) -> Vec<Holding> {
    let mut leases: Vec<Holding> = Vec::new();
    for happening in story {
        let at = happening.at;
        match happening.event {
            Event::Leased { who, record, nth } => {
                leases.push(Holding::new(who, record, nth, happening));
                begin_next(&mut leases, who, at);
            }
            Event::Over(record) => end_lease(&mut leases, record, at, LeaseEnd::Over),
            Event::GivenBack(record) => end_lease(&mut leases, record, at, LeaseEnd::GivenBack),
            Event::Settled(record) => end_lease(&mut leases, record, at, LeaseEnd::Settled),
            Event::Extended(record) => {
                if let Some(lease) = open_lease(&mut leases, record) {
                    match lease.is_left {
                        true => (lease.to, lease.end) = (Some(at), LeaseEnd::GivenBack),
                        false => lease.extended.push(at),
                    }
                }
            }
            Event::Worked(who, record) => {
                end_work(&mut leases, who, record, at, false);
                begin_next(&mut leases, who, at);
            }
            Event::Failed(who, record) => end_work(&mut leases, who, record, at, true),
            Event::Left(who, record) => {
                if let Some(lease) = open_lease(&mut leases, record).filter(|one| one.who == who) {
                    lease.is_left = true;
                    if lease.is_worked_on_by(who) {
                        lease.work_to = Some(at);
                    }
                    lease.is_in_hand = false;
                }
                begin_next(&mut leases, who, at);
            }
            Event::WentOn(who) => begin_next(&mut leases, who, at),
            Event::Died(who) => {
                for one in leases.iter_mut().filter(|one| one.who == who) {
                    if one.is_worked_on_by(who) {
                        (one.work_to, one.is_cut) = (Some(at), true);
                    }
                    one.is_in_hand = false;
                }
            }
            Event::Done(..) => {}
        }
    }
    for lease in &mut leases {
        let is_held = lease.from <= now && lease.to.is_none_or(|to| now < to);
        if is_held {
            lease.leased_until = ends(lease.record);
            lease.to = lease.to.or(lease.leased_until);
        }
    }
    leases
}

/// The work on a message ends; of several times that it was handed to one worker, the last.
fn end_work(leases: &mut [Holding], who: ClientId, record: RecordId, at: Instant, is_failed: bool) {
    let mut all = leases.iter_mut().rev();
    if let Some(one) = all.find(|one| one.is_tried_by(who, record)) {
        (one.work_to, one.is_failed) = (Some(at), is_failed);
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
