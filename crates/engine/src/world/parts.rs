//! A world as a row of parts; and worlds that differ only in names and times, made equal.

use super::{Ledger, World};
use crate::broker::kafka::group::{Generation, Group};
use crate::broker::kafka::topic::Topic;
use crate::broker::kafka::transaction::Coordinator;
use crate::broker::kafka::{GroupId, ParkedFetch};
use crate::calendar::{Flight, Message};
use crate::client::consumer::Consumer;
use crate::client::producer::process::Process;
use crate::seed::Seed;
use crate::service::{Service, Table};
use crate::slot::{Slot, Touched};
use crate::time::Instant;
use crate::visit::{Visit, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One part of a world, shared with it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Consumer(Arc<Consumer>),
    Flights(Arc<Vec<Flight>>),
    Group(Arc<Group>),
    Topic(Arc<Topic>),
    Parked(Arc<Vec<ParkedFetch>>),
    Service(Arc<Service>),
    Table(Arc<Table>),
    Ledger(Arc<Ledger>),
    Producer(Arc<Process>),
    Transactions(Arc<Coordinator>),
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
    Consumer: Consumer, Vec<Flight>: Flights, Group: Group, Topic: Topic, Vec<ParkedFetch>: Parked,
    Service: Service, Table: Table, Ledger: Ledger, Process: Producer, Coordinator: Transactions,
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
    pub(crate) fn parts(&self) -> Vec<(Touched, Part)> {
        let mut out = Vec::with_capacity(16);
        parts_of(&self.consumers, &mut out);
        parts_of(&self.flights, &mut out);
        parts_of(&self.broker.groups, &mut out);
        parts_of(&self.broker.topics, &mut out);
        parts_of([&self.broker.parked_fetches], &mut out);
        parts_of(&self.services, &mut out);
        parts_of(&self.tables, &mut out);
        parts_of([&self.ledger], &mut out);
        if self.has_producers() {
            parts_of(&self.producers, &mut out);
            parts_of([&self.broker.transactions], &mut out);
        }
        out
    }

    /// Whether anybody has a producer, alone or in a consumer's process.
    fn has_producers(&self) -> bool {
        !self.producers.is_empty() || !self.cast.transactional_ids.is_empty()
    }

    /// A world of the same scene with other parts, none of them touched. What is no part (the clock,
    /// the seed, the story's faults) is as in this one.
    pub(crate) fn with_parts<'p>(&self, parts: impl IntoIterator<Item = &'p Part>) -> World {
        let mut world = self.clone();
        let mut parts = parts.into_iter();
        put_parts(&mut world.consumers, &mut parts);
        put_parts(&mut world.flights, &mut parts);
        put_parts(&mut world.broker.groups, &mut parts);
        put_parts(&mut world.broker.topics, &mut parts);
        put_parts([&mut world.broker.parked_fetches], &mut parts);
        put_parts(&mut world.services, &mut parts);
        put_parts(&mut world.tables, &mut parts);
        put_parts([&mut world.ledger], &mut parts);
        if world.has_producers() {
            put_parts(&mut world.producers, &mut parts);
            put_parts([&mut world.broker.transactions], &mut parts);
        }
        world
    }

    /// This world without the story's own faults, its clock at zero: what exploration begins with.
    pub(crate) fn begun(mut self) -> World {
        self.script.next = self.cast.faults.len();
        self.script.due = None;
        self.script.since = Instant(0);
        self.script.seen = 0;
        self
    }

    /// Forgets what an order of steps does not depend on: how many messages were sent, chance, and
    /// the clock. Times become times from now (`timed`), or nothing at all. Then only parts that were
    /// written to need a look; with times, all do.
    pub(crate) fn settle(&mut self, timed: bool) {
        let mut clock = Clock {
            now: self.now,
            timed,
        };
        let due = |touched: Touched| timed || touched == Touched::Written;
        for slot in &mut self.consumers {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        for slot in &mut self.flights {
            if due(slot.touched()) {
                slot.visit(&mut clock);
                slot.sort_by_key(|flight| (flight.lane(), flight.due));
                for flight in slot.iter_mut() {
                    flight.sent = 0;
                }
            }
        }
        for slot in &mut self.producers {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        for slot in &mut self.broker.groups {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        for slot in &mut self.tables {
            if due(slot.touched()) {
                slot.visit(&mut clock);
            }
        }
        self.now = Instant(0);
        self.sent = 0;
        self.seed = Seed::new(self.cast.seed);
    }

    /// Forgets what of the ledger is not to be kept.
    pub(crate) fn keep(&mut self, handled: bool, polled: bool) {
        if self.ledger.peek().has_other(handled, polled) {
            self.ledger.keep(handled, polled);
        }
    }

    /// Numbers the processes, member ids and generations of a group anew, from 1, in their order:
    /// nothing depends on how many there have been.
    pub(crate) fn renumber(&mut self, group: GroupId) {
        let own: Vec<usize> = (0..self.consumers.len())
            .filter(|&at| self.cast.consumers[at].group == group)
            .collect();
        let mut numbers = Numbers {
            own: own.iter().map(|&at| at as u8).collect(),
            ..Numbers::default()
        };
        let mut collect = Collect(&mut numbers);
        for &at in &own {
            Consumer::clone(&self.consumers[at]).visit(&mut collect);
            Vec::clone(&self.flights[at]).visit(&mut collect);
        }
        if let Some(state) = self.broker.groups.get(usize::from(group.0)) {
            Group::clone(state).visit(&mut collect);
        }
        Vec::clone(&self.broker.parked_fetches).visit(&mut collect);
        if numbers.are_ranks() {
            return;
        }
        for &at in &own {
            self.consumers[at].visit(&mut numbers);
            self.flights[at].visit(&mut numbers);
        }
        if let Some(state) = self.broker.groups.get_mut(usize::from(group.0)) {
            state.visit(&mut numbers);
        }
        if !self.broker.parked_fetches.is_empty() {
            self.broker.parked_fetches.visit(&mut numbers);
        }
    }

    /// The group's numbers that only ever grow.
    pub(crate) fn growing(&self, group: GroupId) -> (Generation, usize, u32) {
        let mut ids = 0;
        let mut generation = Generation(0);
        if let Some(slot) = self.broker.groups.get(usize::from(group.0)) {
            generation = slot.peek().generation();
            ids = slot.peek().ids_given();
        }
        let processes = self
            .consumers
            .iter()
            .zip(&self.cast.consumers)
            .filter(|(_, plan)| plan.group == group)
            .map(|(slot, _)| u32::from(slot.peek().process))
            .sum();
        (generation, ids, processes)
    }

    /// This world with every name, number and time that nothing depends on forgotten: equal for two
    /// worlds that go on in the same ways.
    #[must_use]
    pub fn canonical(&self) -> World {
        let mut world = self.clone().begun();
        // Everything counts as written, so that everything is settled.
        world.consumers.iter().for_each(Slot::touch);
        world.flights.iter().for_each(Slot::touch);
        world.producers.iter().for_each(Slot::touch);
        world.broker.groups.iter().for_each(Slot::touch);
        world.tables.iter().for_each(Slot::touch);
        world.settle(false);
        for group in 0..world.broker.groups.len() {
            world.renumber(GroupId(group as u8));
        }
        world
    }
}

impl Flight {
    /// What cannot overtake it: messages of one connection in one direction. Calls overtake each other.
    pub(crate) fn lane(&self) -> (u8, u16) {
        let kind = match self.message {
            Message::Request(_) => 0,
            Message::Response(_) => 1,
            Message::Perform(_) | Message::Tables(_) | Message::Answer(_) | Message::Rows(_) => 2,
        };
        (kind, self.caller.connection)
    }

    /// Whether it is a heartbeat, or the answer to one that is fine.
    pub(crate) fn is_sign_of_life(&self) -> bool {
        use crate::broker::kafka::{Request, Response};
        matches!(
            self.message,
            Message::Request(Request::Heartbeat { .. })
                | Message::Response(Response::HeartbeatAnswered(Ok(())))
        )
    }
}

/// Makes times relative to now, or forgets them.
struct Clock {
    now: Instant,
    timed: bool,
}

impl Visitor for Clock {
    fn instant(&mut self, instant: &mut Instant) {
        *instant = if self.timed {
            Instant(0) + instant.since(self.now)
        } else {
            Instant(0)
        };
    }
}

/// All numbers of a group's processes, member ids and generations.
#[derive(Default)]
struct Numbers {
    own: BTreeSet<u8>,
    processes: BTreeMap<u8, BTreeSet<u16>>,
    ids: BTreeMap<u8, BTreeSet<u16>>,
    generations: BTreeSet<u32>,
}

impl Numbers {
    /// Whether they are numbered from 1 without a gap already.
    fn are_ranks(&self) -> bool {
        let full = |numbers: &BTreeSet<u16>| {
            numbers
                .last()
                .is_none_or(|last| usize::from(*last) == numbers.len())
        };
        self.processes.values().all(full)
            && self.ids.values().all(full)
            && self
                .generations
                .last()
                .is_none_or(|last| *last as usize == self.generations.len())
    }
}

fn rank(numbers: Option<&BTreeSet<u16>>, number: u16) -> u16 {
    numbers.map_or(number, |all| all.range(..=number).count() as u16)
}

struct Collect<'a>(&'a mut Numbers);

impl Visitor for Collect<'_> {
    fn process(&mut self, of: u8, number: &mut u16) {
        if *number > 0 && self.0.own.contains(&of) {
            self.0.processes.entry(of).or_default().insert(*number);
        }
    }
    fn nth(&mut self, of: u8, nth: &mut u16) {
        self.0.ids.entry(of).or_default().insert(*nth);
    }
    fn generation(&mut self, generation: &mut Generation) {
        if generation.0 > 0 {
            self.0.generations.insert(generation.0);
        }
    }
}

impl Visitor for Numbers {
    fn process(&mut self, of: u8, number: &mut u16) {
        *number = rank(self.processes.get(&of), *number);
    }
    fn nth(&mut self, of: u8, nth: &mut u16) {
        *nth = rank(self.ids.get(&of), *nth);
    }
    fn generation(&mut self, generation: &mut Generation) {
        generation.0 = self.generations.range(..=generation.0).count() as u32;
    }
}

/// Gives consumers other numbers: the n-th becomes the one that stands at place n.
pub(crate) struct Rename<'a>(pub &'a [u8]);

impl Visitor for Rename<'_> {
    fn client(&mut self, client: &mut u8) {
        if let Some(other) = self.0.get(usize::from(*client)) {
            *client = *other;
        }
    }
}

impl Part {
    /// This part with consumers renamed.
    pub(crate) fn renamed(&self, to: &[u8]) -> Part {
        fn with<T: Clone + Visit>(shared: &Arc<T>, to: &[u8]) -> Arc<T> {
            let mut own = T::clone(shared);
            own.visit(&mut Rename(to));
            Arc::new(own)
        }
        match self {
            Part::Consumer(one) => Part::Consumer(with(one, to)),
            Part::Flights(one) => Part::Flights(with(one, to)),
            Part::Group(one) => Part::Group(with(one, to)),
            Part::Parked(one) => Part::Parked(with(one, to)),
            Part::Topic(_)
            | Part::Service(_)
            | Part::Table(_)
            | Part::Ledger(_)
            | Part::Producer(_)
            | Part::Transactions(_) => self.clone(),
        }
    }
}
