//! What went wrong: each anomaly defined once, for promises, searches, traces and pages alike.
//!
//! An anomaly is judged on an [`Account`]: where records are ([`Custody`]), whose hands they are in, and
//! what work was done. A [`World`](crate::World) gives account of its state, and [`Facts`] of what a trace
//! has told so far. A test holds both to the same answer, on each system, on random scenes and ways.
//!
//! - **lost** ([`is_lost`]): a record is settled for a subscription, its work was not done, nobody alive
//!   has it in hand, and no request to a service for it is under way. Example: the consumer commits 4,
//!   crashes before it has sent the mail for `ord_13` at offset 3, and its successor goes on at 4.
//! - **doubled** ([`is_doubled`]): a service did its work twice for one record. Example: the mail for
//!   `ord_12` is sent, the consumer crashes before it commits, its successor reads `ord_12` again and
//!   sends a second mail.
//! - **reordered** ([`overtakes`]): a service did its work for a record, for the first time, after that of
//!   a later one of the same key and channel. Example: `paid` and `refunded` of one customer wait in a
//!   standard queue; `paid` is received, its worker crashes, another one books `refunded`, and only then
//!   `paid` comes again.
//! - **stuck** ([`is_stuck`]): nothing more happens by itself, a record still waits for a subscription or is
//!   out, and its work is not done. Example: the only consumer has crashed with `ord_12` in hand, and
//!   nobody starts it again. A record that is mailed and not committed is not stuck: it will come again
//!   as soon as somebody is there.
//!
//! # The work of a record
//! 1. It is that of all services of the subscription ([`Cast::work_of`]). A handler with two services that
//!    dies between them has not done it. Shown by: the test `work_is_that_of_all_services`.
//! 2. A service counts by record: whoever asked it, the work is done for every subscription.
//! 3. Of a subscription without a service the work is done when a handler is through with the record. A
//!    published event does not count: who sent it may have died before it was through.
//! 4. A record that was set aside is not lost: somebody is to look at it. Shown by: the test
//!    `a_dead_letter_is_not_lost`.
//! 5. A request to a service that is under way will be done, whoever lives to hear of it; one that got
//!    lost will not. Shown by: the test `a_lost_request_is_no_hope`.
//! 6. A program that settles before it works lets go of a record whose settling is refused: on Kafka when
//!    it hears so, on Amazon SQS as soon as the queue has refused.

mod facts;
mod hands;
#[cfg(test)]
mod tests;

pub use facts::Facts;

use crate::cast::{Cast, RecordId, ServiceId};
use crate::custody::Custody;
use crate::fact::{Fact, service};
use crate::handler::Place;
use crate::trace::{FactId, Trace};
use systems::kafka::GroupId;

/// What anomalies are judged by: custody, hands, and work done.
pub trait Account {
    /// Who takes part.
    fn cast(&self) -> &Cast;

    /// Where a record is, for one subscription.
    fn custody(&self, record: RecordId, of: GroupId) -> Custody;

    /// Whether a living member of the subscription has a record in hand, or its request to a service for
    /// it is under way, whether or not it lives.
    fn is_in_hand(&self, record: RecordId, of: GroupId) -> bool;

    /// How often a service has done its work for a record.
    fn times(&self, service: ServiceId, record: RecordId) -> u32;

    /// Whether a handler of the subscription is through with a record.
    fn is_handled(&self, record: RecordId, of: GroupId) -> bool;
}

/// Whether the work of a record is done, for one subscription: rules 1 to 3.
pub fn is_done(account: &impl Account, record: RecordId, of: GroupId) -> bool {
    let services = account.cast().work_of(of);
    match services.is_empty() {
        true => account.is_handled(record, of),
        false => services
            .iter()
            .all(|service| account.times(*service, record) > 0),
    }
}

/// Whether a record is lost to a subscription: it is settled, its work is not done, and nobody is about
/// to do it.
pub fn is_lost(account: &impl Account, record: RecordId, of: GroupId) -> bool {
    // In the order in which a search has to look at the least.
    account.custody(record, of) == Custody::Settled
        && !is_done(account, record, of)
        && !account.is_in_hand(record, of)
}

/// Whether a service has done its work more than once for a record.
pub fn is_doubled(account: &impl Account, service: ServiceId, record: RecordId) -> bool {
    account.times(service, record) > 1
}

/// Whether a record is stuck: nothing more happens by itself, it still waits for a subscription or is
/// out, and its work is not done.
pub fn is_stuck(account: &impl Account, record: RecordId, of: GroupId, at_rest: bool) -> bool {
    at_rest && account.custody(record, of).is_open() && !is_done(account, record, of)
}

/// Whether work for `late`, done for the first time after that for `early`, was done in the wrong order:
/// both are of one key and one channel, and `late` comes before `early` there.
pub fn overtakes(cast: &Cast, early: RecordId, late: RecordId) -> bool {
    let (early_plan, late_plan) = (&cast.records[early.at()], &cast.records[late.at()]);
    early > late
        && late_plan.key.is_some()
        && early_plan.key == late_plan.key
        && early_plan.partition.topic == late_plan.partition.topic
}

/// The first record that is lost, with the subscription it is lost to.
pub fn first_lost(account: &impl Account) -> Option<(RecordId, GroupId)> {
    let mut all = pairs(account.cast());
    all.find(|(record, of)| is_lost(account, *record, *of))
}

/// Every record with every subscription it is for.
fn pairs(cast: &Cast) -> impl Iterator<Item = (RecordId, GroupId)> + '_ {
    cast.subscriptions().flat_map(move |of| {
        let records = cast.all_records();
        let records = records.filter(move |record| cast.is_for(of, *record));
        records.map(move |record| (record, of))
    })
}

/// A service did its work again for a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicated {
    /// Which service.
    pub service: ServiceId,
    /// For which record.
    pub record: RecordId,
    /// The first time.
    pub first: FactId,
    /// This time.
    pub again: FactId,
    /// How often by now.
    pub times: u32,
}

/// A service did its work for a record too late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reordered {
    /// Which service.
    pub service: ServiceId,
    /// For which record.
    pub record: RecordId,
    /// The later record whose work was done before.
    pub behind: RecordId,
    /// When.
    pub at: FactId,
}

/// A record whose work will never be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// For which group.
    pub group: GroupId,
    /// Which record.
    pub record: RecordId,
    /// Where it stands, in a system whose records have places.
    pub place: Option<Place>,
    /// The fact with which the last hope went.
    pub at: FactId,
}

/// The facts of a trace with which services did their work.
fn effects(trace: &Trace) -> impl Iterator<Item = (FactId, ServiceId, RecordId, u32)> + '_ {
    let entries = trace.entries().iter().enumerate();
    entries.filter_map(|(at, entry)| match entry.fact {
        Fact::Service(service::Fact::EffectDone {
            service,
            record,
            times,
            ..
        }) => Some((FactId(at as u32), service, record, times)),
        _ => None,
    })
}

/// Every effect that was done more than once, in the order it happened.
pub fn duplicated(trace: &Trace) -> Vec<Duplicated> {
    let mut firsts: Vec<(ServiceId, RecordId, FactId)> = Vec::new();
    let mut found = Vec::new();
    for (again, service, record, times) in effects(trace) {
        let mut known = firsts.iter();
        match known.find(|first| (first.0, first.1) == (service, record)) {
            None => firsts.push((service, record, again)),
            Some(&(_, _, first)) => found.push(Duplicated {
                service,
                record,
                first,
                again,
                times,
            }),
        }
    }
    found
}

/// Every effect that was done too late, in the order it happened.
pub fn reordered(trace: &Trace) -> Vec<Reordered> {
    let mut before: Vec<(ServiceId, RecordId)> = Vec::new();
    let mut found = Vec::new();
    for (at, service, record, _) in effects(trace) {
        if before.contains(&(service, record)) {
            continue;
        }
        let of_service = before.iter().filter(|(of, _)| *of == service);
        let mut early = of_service.map(|(_, early)| *early);
        if let Some(behind) = early.find(|early| overtakes(trace.cast(), *early, record)) {
            found.push(Reordered {
                service,
                record,
                behind,
                at,
            });
        }
        before.push((service, record));
    }
    found
}

/// Every record that is lost at the end of a trace, in the order they were lost.
pub fn lost(trace: &Trace) -> Vec<Lost> {
    lost_by(trace, Facts::new(trace.cast()))
}

/// The same, with an account to follow the facts with.
fn lost_by(trace: &Trace, mut account: Facts) -> Vec<Lost> {
    let mut found: Vec<Lost> = Vec::new();
    for at in (0..trace.entries().len()).map(|at| FactId(at as u32)) {
        if !account.read(at, trace) {
            continue;
        }
        found.retain(|lost| is_lost(&account, lost.record, lost.group));
        for (record, group) in pairs(trace.cast()) {
            let mut known = found.iter();
            if known.any(|lost| (lost.record, lost.group) == (record, group))
                || !is_lost(&account, record, group)
            {
                continue;
            }
            found.push(Lost {
                group,
                record,
                place: account.place(record),
                at,
            });
        }
    }
    found
}

/// Every record that is stuck at the end of the trace of a run that is at rest, with its subscription.
pub fn stuck(trace: &Trace, at_rest: bool) -> Vec<(RecordId, GroupId)> {
    let account = Facts::of(trace);
    pairs(trace.cast())
        .filter(|(record, of)| is_stuck(&account, *record, *of, at_rest))
        .collect()
}
