//! A consumer group, small enough to know all of: what every explorer is held against.
//!
//! Partitions with records, members that are assigned partitions, poll, send one e-mail a record
//! and commit; so many crashes and so many revocations. The numbers in [`TABLE`] were agreed on by
//! four checkers that have nothing in common.

use explore::{Kind, Limits, Order, Outcome, Search, System, Verdict, View, Weigh};

/// How large the model is, and what a member does first.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// How many partitions.
    pub partitions: usize,
    /// How many records each partition has.
    pub records: u8,
    /// How many members.
    pub members: usize,
    /// How many crashes there may be.
    pub crashes: u8,
    /// How many times a partition may be revoked.
    pub revocations: u8,
    /// Whether a member commits before it sends.
    pub at_most_once: bool,
    /// Whether members are told apart only by what they do.
    pub interchangeable: bool,
}

/// A model and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The model.
    pub group: Group,
    /// How many different states it has.
    pub states: usize,
    /// How many steps there are from all of them.
    pub generated: usize,
    /// How many steps from the start the furthest state is.
    pub depth: usize,
    /// How many steps bring about a second e-mail for a record.
    pub duplicate: Option<usize>,
    /// How many steps bring about a record that is committed and has no e-mail.
    pub loss: Option<usize>,
}

const fn group(partitions: usize, records: u8, members: usize, crashes: u8) -> Group {
    Group {
        partitions,
        records,
        members,
        crashes,
        revocations: 1,
        at_most_once: false,
        interchangeable: false,
    }
}

const fn at_least_once(group: Group, states: usize, generated: usize, depth: usize) -> Known {
    Known {
        group,
        states,
        generated,
        depth,
        duplicate: Some(7),
        loss: None,
    }
}

/// What is known. The fourth and the fifth are measured next to another explorer, the sixth alone.
pub const TABLE: [Known; 7] = [
    at_least_once(group(1, 4, 2, 1), 2_096, 4_526, 23),
    at_least_once(group(2, 2, 2, 1), 17_170, 48_546, 24),
    at_least_once(group(2, 3, 2, 1), 49_087, 135_736, 30),
    at_least_once(group(2, 4, 2, 2), 448_644, 1_385_728, 41),
    at_least_once(group(2, 4, 3, 2), 2_316_188, 8_875_884, 41),
    at_least_once(group(2, 6, 3, 2), 10_791_776, 39_805_512, 53),
    Known {
        group: Group {
            at_most_once: true,
            ..group(2, 4, 2, 2)
        },
        states: 315_540,
        generated: 956_288,
        depth: 35,
        duplicate: Some(9),
        loss: Some(3),
    },
];

/// A complete breadth-first search of a model. What it finds is as it must be.
pub fn searched(known: &Known) -> Search<Group> {
    let mut search = Search::new(known.group, Limits::NONE, Order::Breadth);
    assert_eq!(search.finish(), Outcome::Complete);
    let counts = (search.states(), search.generated(), search.depth());
    let expected = (known.states, known.generated, known.depth);
    assert_eq!(counts, expected, "{known:?}");
    let shortest = |promise: usize| match search.verdicts()[promise] {
        Verdict::Broken(state) => Some(search.walk(state).steps.len()),
        _ => None,
    };
    let found = (shortest(NO_DUPLICATE), shortest(NO_LOSS));
    assert_eq!(found, (known.duplicate, known.loss), "{known:?}");
    search
}

/// The promise that no committed record is without an e-mail.
pub const NO_LOSS: usize = 0;
/// The promise that no record has two e-mails.
pub const NO_DUPLICATE: usize = 1;

/// A record: of which partition, at which offset.
pub type Record = (u8, u8);

/// What a member is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Member {
    /// It crashed.
    Down,
    /// It has no record in hand.
    Idle,
    /// It has a record and has done nothing with it.
    Held(Record),
    /// It has done the first of the two things.
    Half(Record),
}

/// What a slot holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Weigh)]
pub enum Part {
    /// A member.
    Member(Member),
    /// Who owns a partition, and the position from which it polls next.
    Assigned(Option<(u8, u8)>),
    /// A partition's committed offset.
    Committed(u8),
    /// How many e-mails there were for each record of a partition: none, one, or more.
    Mails(Vec<u8>),
    /// How many crashes or revocations are left.
    Left(u8),
}

/// What can happen, to which member and partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the model's own words, and none to add")]
pub enum Step {
    Assign(u8, u8),
    Poll(u8, u8),
    Process(u8),
    Commit(u8),
    Restart(u8),
    Crash(u8),
    Revoke(u8),
}

impl Group {
    fn member_slot(&self, member: usize) -> usize {
        member
    }

    fn assigned_slot(&self, partition: usize) -> usize {
        self.members + partition
    }

    fn committed_slot(&self, partition: usize) -> usize {
        self.members + self.partitions + partition
    }

    fn mails_slot(&self, partition: usize) -> usize {
        self.members + 2 * self.partitions + partition
    }

    fn crashes_slot(&self) -> usize {
        self.members + 3 * self.partitions
    }

    fn revocations_slot(&self) -> usize {
        self.crashes_slot() + 1
    }

    fn member(&self, state: &View<'_, Part>, member: usize) -> Member {
        match state.get(self.member_slot(member)) {
            Part::Member(member) => *member,
            other => unreachable!("a member's slot holds {other:?}"),
        }
    }

    fn assigned(&self, state: &View<'_, Part>, partition: usize) -> Option<(u8, u8)> {
        match state.get(self.assigned_slot(partition)) {
            Part::Assigned(assigned) => *assigned,
            other => unreachable!("an assignment's slot holds {other:?}"),
        }
    }

    fn committed(&self, state: &View<'_, Part>, partition: usize) -> u8 {
        match state.get(self.committed_slot(partition)) {
            Part::Committed(offset) => *offset,
            other => unreachable!("a committed offset's slot holds {other:?}"),
        }
    }

    fn mails<'a>(&self, state: &View<'a, Part>, partition: usize) -> &'a [u8] {
        match state.get(self.mails_slot(partition)) {
            Part::Mails(mails) => mails,
            other => unreachable!("a mailbox's slot holds {other:?}"),
        }
    }

    fn left(&self, state: &View<'_, Part>, slot: usize) -> u8 {
        match state.get(slot) {
            Part::Left(left) => *left,
            other => unreachable!("a budget's slot holds {other:?}"),
        }
    }

    /// A member's work on what it has in hand, or its restart.
    fn work(&self, member: usize, state: &View<'_, Part>, next: Next<'_>) {
        let (name, slot) = (member as u8, self.member_slot(member));
        let becomes = |member| (slot, Part::Member(member));
        let now = self.member(state, member);
        let (record, sends) = match now {
            Member::Down => return next(Step::Restart(name), vec![becomes(Member::Idle)]),
            Member::Idle => return,
            Member::Held(record) => (record, !self.at_most_once),
            Member::Half(record) => (record, self.at_most_once),
        };
        let then = match now {
            Member::Held(_) => Member::Half(record),
            _ => Member::Idle,
        };
        let (partition, offset) = (usize::from(record.0), record.1);
        if sends {
            let mut mails = self.mails(state, partition).to_vec();
            let mail = &mut mails[usize::from(offset)];
            *mail = (*mail + 1).min(2);
            let mails = (self.mails_slot(partition), Part::Mails(mails));
            return next(Step::Process(name), vec![becomes(then), mails]);
        }
        let owned = matches!(self.assigned(state, partition), Some((owner, _)) if owner == name);
        let writes = if owned {
            let offset = self.committed(state, partition).max(offset + 1);
            let committed = (self.committed_slot(partition), Part::Committed(offset));
            vec![becomes(then), committed]
        } else {
            // Refused: whoever commits first does not go on to send.
            vec![becomes(Member::Idle)]
        };
        next(Step::Commit(name), writes);
    }

    /// What passes between a member and a partition: an assignment or a poll.
    fn meet(&self, member: usize, partition: usize, state: &View<'_, Part>, next: Next<'_>) {
        let (name, from) = (member as u8, partition as u8);
        let doing = self.member(state, member);
        if doing == Member::Down {
            return;
        }
        let slot = self.assigned_slot(partition);
        match self.assigned(state, partition) {
            None => {
                let committed = self.committed(state, partition);
                let assigned = Part::Assigned(Some((name, committed)));
                next(Step::Assign(name, from), vec![(slot, assigned)]);
            }
            Some((owner, position))
                if owner == name && doing == Member::Idle && position < self.records =>
            {
                let held = Part::Member(Member::Held((from, position)));
                let assigned = Part::Assigned(Some((name, position + 1)));
                next(
                    Step::Poll(name, from),
                    vec![(self.member_slot(member), held), (slot, assigned)],
                );
            }
            Some(_) => {}
        }
    }

    fn crash(&self, member: usize, state: &View<'_, Part>, next: Next<'_>) {
        let left = self.left(state, self.crashes_slot());
        if left == 0 || self.member(state, member) == Member::Down {
            return;
        }
        let mut writes = vec![
            (self.member_slot(member), Part::Member(Member::Down)),
            (self.crashes_slot(), Part::Left(left - 1)),
        ];
        for partition in 0..self.partitions {
            let assigned = self.assigned(state, partition);
            if assigned.is_some_and(|(owner, _)| usize::from(owner) == member) {
                writes.push((self.assigned_slot(partition), Part::Assigned(None)));
            }
        }
        next(Step::Crash(member as u8), writes);
    }

    fn revoke(&self, partition: usize, state: &View<'_, Part>, next: Next<'_>) {
        let left = self.left(state, self.revocations_slot());
        if left > 0 && self.assigned(state, partition).is_some() {
            next(
                Step::Revoke(partition as u8),
                vec![
                    (self.assigned_slot(partition), Part::Assigned(None)),
                    (self.revocations_slot(), Part::Left(left - 1)),
                ],
            );
        }
    }
}

type Next<'a> = &'a mut dyn FnMut(Step, Vec<(usize, Part)>);

impl System for Group {
    type Part = Part;
    type Step = Step;

    fn start(&self) -> Vec<Part> {
        let mut parts = vec![Part::Member(Member::Idle); self.members];
        parts.extend(vec![Part::Assigned(None); self.partitions]);
        parts.extend(vec![Part::Committed(0); self.partitions]);
        let mails = Part::Mails(vec![0; usize::from(self.records)]);
        parts.extend(vec![mails; self.partitions]);
        parts.extend([Part::Left(self.crashes), Part::Left(self.revocations)]);
        parts
    }

    /// Each member's work, each member's crash, each partition's revocation, and each member with each partition.
    fn parties(&self) -> usize {
        2 * self.members + self.partitions + self.members * self.partitions
    }

    fn expand(&self, party: usize, state: &View<'_, Part>, next: Next<'_>) {
        let (crashes, revocations) = (self.members, 2 * self.members);
        let meetings = revocations + self.partitions;
        if party < crashes {
            self.work(party, state, next);
        } else if party < revocations {
            self.crash(party - crashes, state, next);
        } else if party < meetings {
            self.revoke(party - revocations, state, next);
        } else {
            let meeting = party - meetings;
            self.meet(
                meeting / self.partitions,
                meeting % self.partitions,
                state,
                next,
            );
        }
    }

    fn fair(&self, step: &Step) -> bool {
        !matches!(step, Step::Crash(_) | Step::Revoke(_))
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Always, Kind::Always]
    }

    fn holds(&self, promise: usize, state: &View<'_, Part>) -> bool {
        (0..self.partitions).all(|partition| {
            if promise == NO_DUPLICATE {
                return self.mails(state, partition).iter().all(|&mails| mails < 2);
            }
            let committed = usize::from(self.committed(state, partition));
            let mails = &self.mails(state, partition)[..committed];
            mails.iter().all(|&mails| mails > 0)
        })
    }

    fn renamings(&self) -> usize {
        if self.interchangeable {
            (1..=self.members).product::<usize>() - 1
        } else {
            0
        }
    }

    fn renamed(&self, renaming: usize, slot: usize, part: &Part) -> (usize, Part) {
        let names = permutation(renaming + 1, self.members);
        match part {
            Part::Member(_) => (names[slot], part.clone()),
            Part::Assigned(Some((owner, position))) => {
                let owner = names[usize::from(*owner)] as u8;
                (slot, Part::Assigned(Some((owner, *position))))
            }
            _ => (slot, part.clone()),
        }
    }
}

/// The permutations of so many, by number; the first leaves everything where it is.
fn permutation(number: usize, of: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..of).collect();
    let mut number = number;
    (1..=of)
        .rev()
        .map(|rest| {
            let block: usize = (1..rest).product();
            let nth = number / block;
            number %= block;
            left.remove(nth)
        })
        .collect()
}
