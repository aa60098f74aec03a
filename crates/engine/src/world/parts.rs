//! A world as a row of parts; and worlds that differ only in names and times, made equal.

use super::{Ledger, World};
use crate::calendar::{Flight, Message};
use crate::client::Process;
use crate::client::process::Program;
use crate::seed::Seed;
use crate::service::{Service, Table};
use crate::slot::{Slot, Touched};
use crate::time::{Instant, Span};
use explore::Weigh;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use systems::broker;
use systems::parts::Grows;
use systems::{AnyVisitor, Counter, Parts, Visit, Visitor, Wire};

/// One part of a world, shared with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Part {
    /// A process.
    Process(Arc<Process>),
    /// The messages under way to and from one client.
    Flights(Arc<Vec<Flight>>),
    /// A part of the broker.
    Broker(broker::Part),
    /// A service.
    Service(Arc<Service>),
    /// A table.
    Table(Arc<Table>),
    /// What has become of the records.
    Ledger(Arc<Ledger>),
}

/// What a slot holds, as a part.
trait Kind: Sized {
    fn part(shared: Arc<Self>) -> Part;
    fn of(part: &Part) -> Option<&Arc<Self>>;
}

macro_rules! kinds {
    ($( $kind:ty: $variant:ident ),* $(,)?) => { $(
        impl Kind for $kind {
            fn part(shared: Arc<Self>) -> Part {
                Part::$variant(shared)
            }
            fn of(part: &Part) -> Option<&Arc<Self>> {
                match part { Part::$variant(shared) => Some(shared), _ => None }
            }
        }
    )* };
}

kinds! {
    Process: Process, Vec<Flight>: Flights, Service: Service, Table: Table, Ledger: Ledger,
}

fn parts_of<'a, T: Kind + 'a>(
    slots: impl IntoIterator<Item = &'a Slot<T>>,
    out: &mut Vec<(Touched, Part)>,
) {
    out.extend(
        slots
            .into_iter()
            .map(|slot| (slot.touched(), T::part(slot.share()))),
    );
}

fn put_parts<'a, 'p, T: Kind + 'a>(
    slots: impl IntoIterator<Item = &'a mut Slot<T>>,
    parts: &mut impl Iterator<Item = &'p Part>,
) {
    for slot in slots {
        if let Some(shared) = parts.next().and_then(T::of) {
            *slot = Slot::of(Arc::clone(shared));
        }
    }
}

impl World {
    /// All parts, always in the same order, with what was done to each.
    pub fn parts(&self) -> Vec<(Touched, Part)> {
        let mut out = Vec::with_capacity(16);
        parts_of(self.consumers(), &mut out);
        parts_of(&self.flights, &mut out);
        self.broker
            .parts(&mut |touched, part| out.push((touched, Part::Broker(part))));
        parts_of(&self.services, &mut out);
        parts_of(&self.tables, &mut out);
        parts_of([&self.ledger], &mut out);
        parts_of(self.producers(), &mut out);
        out
    }

    /// A world of the same scene with other parts, none of them touched. What is no part (the clock,
    /// the seed, the story's faults) is as in this one.
    pub fn with_parts<'p>(&self, parts: impl IntoIterator<Item = &'p Part>) -> World {
        let mut world = self.clone();
        let mut parts = parts.into_iter();
        let (consumers, producers) = world.processes.split_at_mut(self.cast.consumers.len());
        put_parts(consumers, &mut parts);
        put_parts(&mut world.flights, &mut parts);
        world
            .broker
            .put(&mut parts.by_ref().map_while(|part| match part {
                Part::Broker(part) => Some(part.clone()),
                _ => None,
            }));
        put_parts(&mut world.services, &mut parts);
        put_parts(&mut world.tables, &mut parts);
        put_parts([&mut world.ledger], &mut parts);
        put_parts(producers, &mut parts);
        world
    }

    /// This world without the story's own faults, its clock at zero: what exploration begins with.
    pub fn begun(mut self) -> World {
        self.script.next = self.cast.faults.len();
        self.script.due = None;
        self.script.since = Instant(0);
        self.script.seen = 0;
        self
    }

    /// Forgets what an order of steps does not depend on: how many messages were sent, chance, and
    /// the clock. Times become times from now (`timed`), or nothing at all. Then only parts that were
    /// written to need a look; with times, all do.
    pub fn settle(&mut self, timed: bool) {
        let mut clock = Clock {
            now: self.now,
            timed,
            longest: self.cast.ends.since(Instant(0)),
        };
        let zero = clock.zero();
        let mut clock = AnyVisitor(&mut clock);
        let due = |touched: Touched| timed || touched == Touched::Written;
        for slot in &mut self.processes {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        for slot in &mut self.flights {
            if due(slot.touched()) {
                slot.visit(&mut clock);
                tiny_sort::stable::sort_by_key(slot, |flight| (flight.lane(), flight.due));
                for flight in slot.iter_mut() {
                    flight.sent = 0;
                }
            }
        }
        self.broker.visit_parts(&mut clock, due);
        for slot in &mut self.tables {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        self.now = zero;
        self.sent = 0;
        self.seed = Seed::new(self.cast.seed);
    }

    /// Forgets what of the ledger is not to be kept.
    pub fn keep(&mut self, handled: bool, polled: bool) {
        if self.ledger.peek().has_other(handled, polled) {
            self.ledger.keep(handled, polled);
        }
    }

    /// The consumers whose numbers are counted in a scope of the broker: those of a group, or everybody.
    fn within(&self, scope: u8) -> impl Iterator<Item = usize> + '_ {
        let all = self.cast.consumers.iter().enumerate();
        all.filter(move |(_, plan)| self.broker.is_within(scope, plan.group.0))
            .map(|(at, _)| at)
    }

    /// Numbers the processes, member ids, generations and receipts of a scope anew, from 1, in their
    /// order: nothing depends on how many there have been.
    pub fn renumber(&mut self, scope: u8) {
        let own: Vec<usize> = self.within(scope).collect();
        let mut numbers = Numbers::default();
        numbers.own.extend(own.iter().map(|&at| at as u8));
        let mut collect = Collect(&mut numbers);
        let mut collect = AnyVisitor(&mut collect);
        for &at in &own {
            Process::clone(&self.processes[at]).visit(&mut collect);
            Vec::clone(&self.flights[at]).visit(&mut collect);
        }
        self.broker.look_at(scope, &mut collect);
        if numbers.are_ranks() {
            return;
        }
        let mut numbers = AnyVisitor(&mut numbers);
        for &at in &own {
            self.processes[at].visit(&mut numbers);
            self.flights[at].visit(&mut numbers);
        }
        self.broker.visit_scope(scope, &mut numbers);
    }

    /// How many scopes of numbers that only grow the broker has.
    pub fn scopes(&self) -> u8 {
        self.broker.scopes()
    }

    /// How far the numbers of a scope have grown: they are to be numbered anew when this has changed.
    pub fn growing(&self, scope: u8) -> (u64, u32) {
        let processes = self.within(scope);
        let processes = processes.map(|at| u32::from(self.processes[at].peek().life.number));
        (self.broker.grown(scope), processes.sum())
    }

    /// This world with every name, number and time that nothing depends on forgotten: equal for two
    /// worlds that go on in the same ways.
    #[must_use]
    pub fn canonical(&self) -> World {
        let mut world = self.clone().begun();
        // Everything counts as written, so that everything is settled.
        world.processes.iter().for_each(Slot::touch);
        world.flights.iter().for_each(Slot::touch);
        world.broker.touch();
        world.tables.iter().for_each(Slot::touch);
        world.settle(false);
        for scope in 0..world.broker.scopes() {
            world.renumber(scope);
        }
        world
    }
}

impl Flight {
    /// What cannot overtake it: messages of one connection in one direction. Calls overtake each other.
    pub fn lane(&self) -> (u8, u16) {
        let kind = match self.message {
            Message::Request(_) => 0,
            Message::Reply(_) => 1,
            Message::Perform(_) | Message::Tables(_) | Message::Answer(_) | Message::Rows(_) => 2,
        };
        (kind, self.caller.connection)
    }

    /// Whether it is a heartbeat, or the answer to one that is fine.
    pub fn is_sign_of_life(&self) -> bool {
        match &self.message {
            Message::Request(request) => request.is_upkeep(),
            Message::Reply(reply) => reply.is_upkeep(),
            _ => false,
        }
    }
}

/// What parts are counted with is what they take, natively.
#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::*;
    use systems::{kafka, sqs};

    #[test]
    fn parts_are_counted_with_the_sizes_they_have() {
        fn check<T: Weigh>() {
            let (counted, name) = (T::LAYOUT.size, std::any::type_name::<T>());
            assert_eq!(counted, size_of::<T>(), "{name}");
        }
        check::<Part>();
        check::<Process>();
        check::<kafka::inbox::Owned>();
        check::<crate::client::Held>();
        check::<Flight>();
        check::<Service>();
        check::<crate::service::Row>();
        check::<crate::handler::Value>();
        check::<Ledger>();
        check::<crate::client::Outbox>();
        check::<kafka::Placed>();
        check::<kafka::group::Group>();
        check::<kafka::group::Member>();
        check::<kafka::topic::Topic>();
        check::<kafka::log::Log>();
        check::<kafka::log::record::Stored>();
        check::<kafka::log::record::Record>();
        check::<kafka::transaction::Transaction>();
        check::<kafka::transaction::Coordinator>();
        check::<crate::client::Inbox>();
        check::<sqs::Queue>();
        check::<sqs::Message>();
    }
}

/// Makes times relative to now, or forgets them.
struct Clock {
    now: Instant,
    timed: bool,
    /// How long a run may last: a window that is longer is open to its end.
    longest: Span,
}

impl Clock {
    /// What now becomes: late enough for what lies back.
    fn zero(&self) -> Instant {
        if self.timed {
            Instant(0) + self.longest
        } else {
            Instant(0)
        }
    }
}

impl Visitor for Clock {
    fn instant(&mut self, instant: &mut Instant) {
        *instant = if self.timed {
            self.zero() + instant.since(self.now)
        } else {
            Instant(0)
        };
    }

    /// How far back it lies is kept, but no further than the window is long: then it is closed for good.
    fn since(&mut self, since: &mut Instant, window: Span) {
        if !self.timed || *since >= self.now || window >= self.longest {
            self.instant(since);
            return;
        }
        let age = self.now.since(*since).min(window);
        *since = Instant(self.zero().0 - age.0);
    }
}

/// All numbers of a group's processes, member ids and generations.
#[derive(Default)]
struct Numbers {
    own: BTreeSet<u8>,
    processes: BTreeMap<u8, BTreeSet<u16>>,
    /// Those of each counter of the group.
    counters: BTreeMap<Counter, BTreeSet<u64>>,
}

impl Numbers {
    /// Whether they are numbered from 1 without a gap already.
    fn are_ranks(&self) -> bool {
        fn full<N: Copy + Ord + Into<u64>>(numbers: &BTreeSet<N>) -> bool {
            let last = numbers.last().copied().map_or(0, Into::into);
            last == numbers.len() as u64
        }
        self.processes.values().all(full) && self.counters.values().all(full)
    }
}

fn rank<N: Copy + Ord + TryFrom<usize>>(numbers: Option<&BTreeSet<N>>, number: N) -> N {
    let rank = numbers.map(|all| all.range(..=number).count());
    // A rank is no larger than the number it stands for.
    rank.and_then(|rank| rank.try_into().ok()).unwrap_or(number)
}

struct Collect<'a>(&'a mut Numbers);

impl Visitor for Collect<'_> {
    fn process(&mut self, of: u8, number: &mut u16) {
        if *number > 0 && self.0.own.contains(&of) {
            self.0.processes.entry(of).or_default().insert(*number);
        }
    }
    fn counter(&mut self, counter: Counter, number: &mut u64) {
        if *number > 0 {
            self.0.counters.entry(counter).or_default().insert(*number);
        }
    }
}

impl Visitor for Numbers {
    fn process(&mut self, of: u8, number: &mut u16) {
        *number = rank(self.processes.get(&of), *number);
    }
    fn counter(&mut self, counter: Counter, number: &mut u64) {
        *number = rank(self.counters.get(&counter), *number);
    }
}

/// Gives consumers other numbers: the n-th becomes the one that stands at place n.
pub struct Rename<'a>(pub &'a [u8]);

impl Visitor for Rename<'_> {
    fn client(&mut self, client: &mut u8) {
        if let Some(other) = self.0.get(usize::from(*client)) {
            *client = *other;
        }
    }
}

impl Part {
    /// This part with consumers renamed.
    pub fn renamed(&self, to: &[u8]) -> Part {
        fn with<T: Clone + Visit>(shared: &Arc<T>, to: &[u8]) -> Arc<T> {
            let mut own = T::clone(shared);
            own.visit(&mut AnyVisitor(&mut Rename(to)));
            Arc::new(own)
        }
        match self {
            Part::Process(one) if matches!(one.program, Program::Handling(_)) => {
                Part::Process(with(one, to))
            }
            Part::Flights(one) => Part::Flights(with(one, to)),
            Part::Broker(part) => {
                let mut own = part.clone();
                own.visit(&mut AnyVisitor(&mut Rename(to)));
                Part::Broker(own)
            }
            Part::Process(_) | Part::Service(_) | Part::Table(_) | Part::Ledger(_) => self.clone(),
        }
    }
}
