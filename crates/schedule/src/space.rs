//! A scene's world as a system that can be explored: its parts, and who can make what happen.

use super::judge::{self, Judge};
use super::moves::{Move, Spent, Who, everybody, moves};
use engine::cast::{Cast, ConsumerId};
use engine::trace::{Entry, FactId, Sink};
use engine::world::{Part as WorldPart, World};
use explore::slot::Touched;
use explore::time::{Instant, Span};
use explore::{Kind, System, View, Weigh};
use std::sync::Arc;
use systems::kafka::transaction::TransactionalId;
use systems::{broker, kafka};

/// A slot's value: a part of the world, or what the faults so far have cost.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub(super) enum Part {
    World(WorldPart),
    Spent(Spent),
}

/// All schedules of a scene.
pub(super) struct Schedules {
    template: World,
    judges: Vec<Judge>,
    everybody: Vec<Who>,
    /// Whose places others can take: for each renaming, who stands for whom.
    renamings: Vec<Vec<u8>>,
    keep_handled: bool,
    keep_polled: bool,
}

/// Facts are not what a search is after.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn note(&mut self, _: Entry) -> FactId {
        FactId(0)
    }
}

impl Schedules {
    /// All schedules of this cast.
    pub(super) fn new(cast: Arc<Cast>) -> Self {
        let judges: Vec<Judge> = cast
            .promises
            .iter()
            .map(|promise| Judge::new(promise, &cast))
            .collect();
        let mut template = ids_given(World::new(Arc::clone(&cast), &mut Nowhere).begun());
        template.settle(cast.budget.jitter_ms.is_some());
        Schedules {
            keep_handled: judges.iter().any(|judge| judge.needs_handled(&cast)),
            keep_polled: judges.iter().any(|judge| judge.needs_polled()),
            everybody: everybody(&template),
            renamings: renamings(&cast),
            judges,
            template,
        }
    }

    pub(super) fn cast(&self) -> &Arc<Cast> {
        self.template.cast()
    }

    fn timed(&self) -> bool {
        self.cast().budget.jitter_ms.is_some()
    }

    fn spent_slot(&self, parts: usize) -> usize {
        parts - 1
    }

    /// The world that a state's parts make.
    pub(super) fn world<'p>(&self, parts: impl IntoIterator<Item = &'p Part>) -> World {
        let parts = parts.into_iter().filter_map(|part| match part {
            Part::World(part) => Some(part),
            Part::Spent(_) => None,
        });
        self.template.with_parts(parts)
    }

    fn row(&self, world: &World, spent: Spent) -> Vec<Part> {
        let parts = world.parts().into_iter();
        let parts = parts.map(|(_, part)| Part::World(part));
        parts.chain([Part::Spent(spent)]).collect()
    }

    /// Forgets what nothing that is promised depends on.
    pub(super) fn forget(&self, world: &mut World) {
        world.keep(self.keep_handled, self.keep_polled);
    }

    /// Takes one move, and hands out what it wrote.
    fn make(&self, before: &World, at: Instant, made: &Move) -> World {
        let mut after = before.clone();
        made.make(at, &mut after, &mut Nowhere);
        after.settle(self.timed());
        self.forget(&mut after);
        for scope in 0..after.scopes() {
            if after.growing(scope) != before.growing(scope) {
                after.renumber(scope);
            }
        }
        after
    }

    /// All moves of somebody, or in a timed search of everybody, that can be next.
    fn next(&self, party: usize, world: &World) -> Vec<(Instant, Move)> {
        let budget = &self.cast().budget;
        let mut all = Vec::new();
        let Some(jitter) = budget.jitter_ms else {
            moves(world, self.everybody[party], budget, &mut all);
            return all;
        };
        for &who in &self.everybody {
            moves(world, who, budget, &mut all);
        }
        let by_itself = |made: &Move| matches!(made, Move::Step(_));
        let steps = all.iter().filter(|(_, made)| by_itself(made));
        let earliest = steps.map(|(at, _)| *at).min().unwrap_or_default();
        let latest = earliest.max(world.now()) + Span::from_ms(jitter.into());
        all.retain(|(at, made)| !by_itself(made) || *at <= latest);
        all
    }
}

impl System for Schedules {
    type Part = Part;
    type Step = Move;

    fn start(&self) -> Vec<Part> {
        self.row(&self.template, Spent::default())
    }

    fn parties(&self) -> usize {
        if self.timed() {
            1
        } else {
            self.everybody.len()
        }
    }

    fn remembers(&self, _: usize) -> bool {
        !self.timed()
    }

    fn expand(
        &self,
        party: usize,
        state: &View<'_, Part>,
        next: &mut dyn FnMut(Move, Vec<(usize, Part)>),
    ) {
        let spent_slot = self.spent_slot(state.len());
        let world = self.world((0..state.len()).map(|slot| state.peek(slot)));
        let all = self.next(party, &world);
        if all.iter().any(|(_, made)| made.is_fault()) {
            state.mark(spent_slot);
        }
        let spent = match state.peek(spent_slot) {
            Part::Spent(spent) => *spent,
            Part::World(_) => Spent::default(),
        };
        mark(state, &world);
        for (at, made) in all {
            let Some(costs) = spent.with(&made, &self.cast().budget) else {
                continue;
            };
            let after = self.make(&world, at, &made);
            mark(state, &after);
            let mut writes: Vec<(usize, Part)> = after
                .parts()
                .into_iter()
                .enumerate()
                .filter(|(_, (touched, _))| *touched == Touched::Written)
                .map(|(slot, (_, part))| (slot, Part::World(part)))
                .filter(|(slot, part)| part != state.peek(*slot))
                .collect();
            if costs != spent {
                writes.push((spent_slot, Part::Spent(costs)));
            }
            next(made, writes);
        }
    }

    fn fair(&self, step: &Move) -> bool {
        !step.is_fault()
    }

    fn promises(&self) -> Vec<Kind> {
        judge::kinds(self.cast())
    }

    fn holds(&self, promise: usize, state: &View<'_, Part>) -> bool {
        let world = self.world((0..state.len()).map(|slot| state.peek(slot)));
        let holds = judge::is_true(self.judges[promise], &world);
        mark(state, &world);
        holds
    }

    fn renamings(&self) -> usize {
        self.renamings.len()
    }

    fn renamed(&self, renaming: usize, slot: usize, part: &Part) -> (usize, Part) {
        let to = &self.renamings[renaming];
        let Part::World(part) = part else {
            return (slot, part.clone());
        };
        let consumers = to.len();
        let place = |at: usize| to.get(at).map_or(at, |other| usize::from(*other));
        let slot = match slot {
            process if process < consumers => place(process),
            flights if flights < 2 * consumers => consumers + place(flights - consumers),
            other => other,
        };
        (slot, Part::World(part.renamed(to)))
    }
}

/// Notes what of a world was looked at.
fn mark(state: &View<'_, Part>, world: &World) {
    for (slot, (touched, _)) in world.parts().into_iter().enumerate() {
        if touched != Touched::Not {
            state.mark(slot);
        }
    }
}

/// This world with a producer id for every transactional id: which of two producers took its
/// transactional id first would otherwise be told for ever by the numbers they got.
fn ids_given(world: World) -> World {
    let ids = world.cast().transactional_ids.len() as u16;
    if ids == 0 {
        return world;
    }
    let mut parts: Vec<WorldPart> = world.parts().into_iter().map(|(_, part)| part).collect();
    for part in &mut parts {
        if let WorldPart::Broker(broker::Part::Kafka(kafka::Part::Transactions(all))) = part {
            let all = Arc::make_mut(all);
            (0..ids).map(TransactionalId).for_each(|id| all.reserve(id));
        }
    }
    world.with_parts(&parts)
}

/// Every way in which interchangeable consumers can stand for each other, without the one in which
/// everybody stands for themselves.
fn renamings(cast: &Cast) -> Vec<Vec<u8>> {
    let nobody: Vec<u8> = (0..cast.consumers.len() as u8).collect();
    let mut all = vec![nobody.clone()];
    for class in &cast.budget.interchangeable {
        let ids: Vec<ConsumerId> = class
            .iter()
            .filter_map(|name| cast.find_consumer(name))
            .collect();
        let mut more = Vec::new();
        for order in orders(ids.len()) {
            for one in &all {
                let mut to = one.clone();
                for (from, &place) in order.iter().enumerate() {
                    to[ids[from].at()] = ids[place].0;
                }
                more.push(to);
            }
        }
        all = more;
    }
    all.retain(|to| *to != nobody);
    all
}

/// All orders of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for next in 0..count {
        all = all
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, next);
                    longer
                })
            })
            .collect();
    }
    all
}
