//! The group model written for stateright: once with a state as anybody would write it, once with a
//! state packed by hand.

use super::group::{Group, Member, Step};
use stateright::{Checker, Model, Property};
use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

/// A state of the group model, however it is kept.
pub trait State: Clone + Debug + Hash + Eq + Send + Sync + 'static {
    /// The first state.
    fn start(group: &Group) -> Self;
    /// What a member does.
    fn member(&self, member: usize) -> Member;
    /// Sets what a member does.
    fn set_member(&mut self, member: usize, to: Member);
    /// Who owns a partition, and its position.
    fn assigned(&self, partition: usize) -> Option<(u8, u8)>;
    /// Sets who owns a partition, and its position.
    fn assign(&mut self, partition: usize, to: Option<(u8, u8)>);
    /// A partition's committed offset.
    fn committed(&mut self, partition: usize) -> &mut u8;
    /// How many e-mails there were for a record.
    fn mails(&mut self, partition: usize, offset: u8) -> &mut u8;
    /// The crashes left, and the revocations.
    fn left(&mut self) -> [&mut u8; 2];
    /// Whether every committed record has an e-mail.
    fn no_loss(&self, group: &Group) -> bool;
    /// Whether no record has two.
    fn no_duplicate(&self, group: &Group) -> bool;
}

/// A state as anybody would write it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Natural {
    members: Vec<Member>,
    assigned: Vec<Option<(u8, u8)>>,
    committed: Vec<u8>,
    mails: Vec<Vec<u8>>,
    crashes: u8,
    revocations: u8,
}

impl State for Natural {
    fn start(group: &Group) -> Self {
        Natural {
            members: vec![Member::Idle; group.members],
            assigned: vec![None; group.partitions],
            committed: vec![0; group.partitions],
            mails: vec![vec![0; usize::from(group.records)]; group.partitions],
            crashes: group.crashes,
            revocations: group.revocations,
        }
    }

    fn member(&self, member: usize) -> Member {
        self.members[member]
    }

    fn set_member(&mut self, member: usize, to: Member) {
        self.members[member] = to;
    }

    fn assigned(&self, partition: usize) -> Option<(u8, u8)> {
        self.assigned[partition]
    }

    fn assign(&mut self, partition: usize, to: Option<(u8, u8)>) {
        self.assigned[partition] = to;
    }

    fn committed(&mut self, partition: usize) -> &mut u8 {
        &mut self.committed[partition]
    }

    fn mails(&mut self, partition: usize, offset: u8) -> &mut u8 {
        &mut self.mails[partition][usize::from(offset)]
    }

    fn left(&mut self) -> [&mut u8; 2] {
        [&mut self.crashes, &mut self.revocations]
    }

    fn no_loss(&self, _group: &Group) -> bool {
        let partitions = self.committed.iter().zip(&self.mails);
        partitions
            .map(|(&committed, mails)| &mails[..usize::from(committed)])
            .all(|mails| mails.iter().all(|&mails| mails > 0))
    }

    fn no_duplicate(&self, _group: &Group) -> bool {
        self.mails.iter().flatten().all(|&mails| mails < 2)
    }
}

/// A state in 24 bytes: at most two partitions of at most four records, and three members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packed([u8; 24]);

const OWNER: usize = 3;
const POSITION: usize = 5;
const COMMITTED: usize = 7;
const MAILS: usize = 9;
const LEFT: usize = 17;

impl State for Packed {
    fn start(group: &Group) -> Self {
        assert!(group.partitions <= 2 && group.records <= 4 && group.members <= 3);
        let mut bytes = [0; 24];
        bytes[LEFT] = group.crashes;
        bytes[LEFT + 1] = group.revocations;
        Packed(bytes)
    }

    /// Idle, down, then by partition, offset and half.
    fn member(&self, member: usize) -> Member {
        match self.0[member] {
            0 => Member::Idle,
            1 => Member::Down,
            byte => {
                let record = (byte >> 6, byte >> 3 & 7);
                if byte & 1 == 0 {
                    Member::Held(record)
                } else {
                    Member::Half(record)
                }
            }
        }
    }

    fn set_member(&mut self, member: usize, to: Member) {
        self.0[member] = match to {
            Member::Idle => 0,
            Member::Down => 1,
            Member::Held((partition, offset)) => partition << 6 | offset << 3 | 2,
            Member::Half((partition, offset)) => partition << 6 | offset << 3 | 3,
        };
    }

    fn assigned(&self, partition: usize) -> Option<(u8, u8)> {
        let owner = self.0[OWNER + partition].checked_sub(1)?;
        Some((owner, self.0[POSITION + partition]))
    }

    fn assign(&mut self, partition: usize, to: Option<(u8, u8)>) {
        let (owner, position) = to.map_or((0, 0), |(owner, position)| (owner + 1, position));
        self.0[OWNER + partition] = owner;
        self.0[POSITION + partition] = position;
    }

    fn committed(&mut self, partition: usize) -> &mut u8 {
        &mut self.0[COMMITTED + partition]
    }

    fn mails(&mut self, partition: usize, offset: u8) -> &mut u8 {
        &mut self.0[MAILS + 4 * partition + usize::from(offset)]
    }

    fn left(&mut self) -> [&mut u8; 2] {
        let [crashes, revocations, ..] = &mut self.0[LEFT..] else {
            unreachable!("there are two left")
        };
        [crashes, revocations]
    }

    fn no_loss(&self, group: &Group) -> bool {
        (0..group.partitions).all(|partition| {
            let committed = usize::from(self.0[COMMITTED + partition]);
            let mails = &self.0[MAILS + 4 * partition..][..committed];
            mails.iter().all(|&mails| mails > 0)
        })
    }

    fn no_duplicate(&self, _group: &Group) -> bool {
        self.0[MAILS..LEFT].iter().all(|&mails| mails < 2)
    }
}

/// The group model for stateright, with the promises of these numbers.
#[derive(Clone, Debug)]
pub struct Rival<T> {
    group: Group,
    promises: &'static [usize],
    state: PhantomData<T>,
}

impl<T: State> Model for Rival<T> {
    type State = T;
    type Action = Step;

    fn init_states(&self) -> Vec<T> {
        vec![T::start(&self.group)]
    }

    fn actions(&self, state: &T, steps: &mut Vec<Step>) {
        let group = &self.group;
        let mut budget = state.clone();
        let [crashes, revocations] = budget.left().map(|left| *left);
        for member in 0..group.members {
            let (name, doing) = (member as u8, state.member(member));
            match doing {
                Member::Down => steps.push(Step::Restart(name)),
                Member::Idle => {}
                Member::Held(_) if group.at_most_once => steps.push(Step::Commit(name)),
                Member::Held(_) => steps.push(Step::Process(name)),
                Member::Half(_) if group.at_most_once => steps.push(Step::Process(name)),
                Member::Half(_) => steps.push(Step::Commit(name)),
            }
            if doing == Member::Down {
                continue;
            }
            if crashes > 0 {
                steps.push(Step::Crash(name));
            }
            for partition in 0..group.partitions {
                match state.assigned(partition) {
                    None => steps.push(Step::Assign(name, partition as u8)),
                    Some((owner, position))
                        if owner == name && doing == Member::Idle && position < group.records =>
                    {
                        steps.push(Step::Poll(name, partition as u8));
                    }
                    Some(_) => {}
                }
            }
        }
        for partition in 0..group.partitions {
            if revocations > 0 && state.assigned(partition).is_some() {
                steps.push(Step::Revoke(partition as u8));
            }
        }
    }

    fn next_state(&self, before: &T, step: Step) -> Option<T> {
        let mut state = before.clone();
        match step {
            Step::Assign(member, partition) => {
                let partition = usize::from(partition);
                let position = *state.committed(partition);
                state.assign(partition, Some((member, position)));
            }
            Step::Poll(member, partition) => {
                let (_, position) = state.assigned(usize::from(partition))?;
                state.set_member(usize::from(member), Member::Held((partition, position)));
                state.assign(usize::from(partition), Some((member, position + 1)));
            }
            Step::Process(name) => {
                let member = usize::from(name);
                let (then, (partition, offset)) = match state.member(member) {
                    Member::Held(record) => (Member::Half(record), record),
                    Member::Half(record) => (Member::Idle, record),
                    Member::Down | Member::Idle => return None,
                };
                let mails = state.mails(usize::from(partition), offset);
                *mails = (*mails + 1).min(2);
                state.set_member(member, then);
            }
            Step::Commit(name) => {
                let member = usize::from(name);
                let (then, (partition, offset)) = match state.member(member) {
                    Member::Held(record) => (Member::Half(record), record),
                    Member::Half(record) => (Member::Idle, record),
                    Member::Down | Member::Idle => return None,
                };
                let partition = usize::from(partition);
                if state
                    .assigned(partition)
                    .is_some_and(|(owner, _)| owner == name)
                {
                    let committed = state.committed(partition);
                    *committed = (*committed).max(offset + 1);
                    state.set_member(member, then);
                } else {
                    state.set_member(member, Member::Idle);
                }
            }
            Step::Restart(member) => state.set_member(usize::from(member), Member::Idle),
            Step::Crash(member) => {
                *state.left()[0] -= 1;
                state.set_member(usize::from(member), Member::Down);
                for partition in 0..self.group.partitions {
                    if state
                        .assigned(partition)
                        .is_some_and(|(owner, _)| owner == member)
                    {
                        state.assign(partition, None);
                    }
                }
            }
            Step::Revoke(partition) => {
                *state.left()[1] -= 1;
                state.assign(usize::from(partition), None);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let both = [
            Property::<Self>::always("no loss", |model, state| state.no_loss(&model.group)),
            Property::<Self>::always("no duplicate", |model, state| {
                state.no_duplicate(&model.group)
            }),
        ];
        let asked = |promise: &usize| both[*promise].clone();
        self.promises.iter().map(asked).collect()
    }
}

/// What stateright says: how many different states, how many made, how many steps break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// How many different states were found.
    pub states: usize,
    /// How many states were made; the start is not counted.
    pub generated: usize,
    /// How many steps there are to the first state that breaks the first of the promises, if any does.
    pub broken: Option<usize>,
}

/// Runs stateright's breadth-first search, on one thread, until these promises are decided.
pub fn run<T: State>(group: Group, promises: &'static [usize]) -> Said {
    let model = Rival::<T> {
        group,
        promises,
        state: PhantomData,
    };
    let name = ["no loss", "no duplicate"][promises[0]];
    let checker = model.checker().threads(1).spawn_bfs().join();
    Said {
        states: checker.unique_state_count(),
        generated: checker.state_count() - 1,
        broken: checker
            .discovery(name)
            .map(|path| path.into_actions().len()),
    }
}
