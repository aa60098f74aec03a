//! Systems whose states can be counted on paper.

use super::replay::replayed;
use explore::{Kind, Limits, Order, Outcome, Search, State, System, Verdict, View};

type Next<'a> = &'a mut dyn FnMut(u8, Vec<(usize, u8)>);

/// Counters that know nothing of each other, each counting up to a number of its own.
struct Counters(Vec<u8>);

impl System for Counters {
    type Part = u8;
    type Step = u8;

    fn start(&self) -> Vec<u8> {
        vec![0; self.0.len()]
    }

    fn parties(&self) -> usize {
        self.0.len()
    }

    fn expand(&self, party: usize, state: &View<'_, u8>, next: Next<'_>) {
        let count = *state.get(party);
        if count < self.0[party] {
            next(party as u8, vec![(party, count + 1)]);
        }
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Sometimes, Kind::Eventually, Kind::Always]
    }

    /// That all are at their end.
    fn holds(&self, _promise: usize, state: &View<'_, u8>) -> bool {
        (0..state.len()).all(|slot| *state.get(slot) == self.0[slot])
    }
}

#[test]
fn counters_that_know_nothing_of_each_other_are_multiplied() {
    let rows: [(&[u8], usize, usize, u128); 6] = [
        (&[], 1, 0, 1),
        (&[0], 1, 0, 1),
        (&[5], 6, 5, 1),
        (&[2, 3], 12, 2 * 4 + 3 * 3, 10),
        (&[1, 1, 1, 1], 16, 4 * 8, 24),
        (&[9, 9, 9], 1_000, 3 * 9 * 100, 227_873_431_500),
    ];
    for (ends, states, generated, schedules) in rows {
        for order in [Order::Breadth, Order::Depth] {
            let mut search = Search::new(Counters(ends.to_vec()), Limits::NONE, order);
            assert_eq!(search.finish(), Outcome::Complete);
            assert_eq!((search.states(), search.generated()), (states, generated));
            assert_eq!(search.schedules(), Some(schedules), "{ends:?}");
            let all: usize = ends.iter().map(|&end| usize::from(end)).sum();
            assert_eq!(search.depth(), all);
            let [Verdict::Witnessed(end), Verdict::Kept, always] = *search.verdicts() else {
                panic!("{:?}", search.verdicts())
            };
            let walk = search.walk(end);
            assert_eq!(replayed(search.system(), &walk), ends);
            assert_eq!(walk.steps.len(), all, "every way is the shortest");
            let parts = search.parts(end);
            assert!(parts.into_iter().eq(ends));
            if all > 0 {
                assert_eq!(always, Verdict::Broken(State::START));
            } else {
                assert_eq!(always, Verdict::Kept);
            }
        }
    }
}

/// More values in a slot than fit into 16 bits, and more than 64 bits in a row.
#[test]
fn slots_become_as_wide_as_they_must() {
    struct Long;
    impl System for Long {
        type Part = u64;
        type Step = ();
        fn start(&self) -> Vec<u64> {
            vec![0; 9]
        }
        fn parties(&self) -> usize {
            1
        }
        fn remembers(&self, _party: usize) -> bool {
            false
        }
        fn expand(
            &self,
            _party: usize,
            state: &View<'_, u64>,
            next: &mut dyn FnMut((), Vec<(usize, u64)>),
        ) {
            let count = *state.get(4);
            if count < 70_000 {
                let slots = 0..state.len();
                let writes =
                    slots.map(|slot| (slot, if slot == 4 { count + 1 } else { count % 1_000 }));
                next((), writes.collect());
            }
        }
        fn promises(&self) -> Vec<Kind> {
            vec![Kind::Always]
        }
        fn holds(&self, _promise: usize, state: &View<'_, u64>) -> bool {
            *state.get(4) != 69_999
        }
    }
    let mut search = Search::new(Long, Limits::NONE, Order::Breadth);
    assert_eq!(search.finish(), Outcome::Complete);
    assert_eq!((search.states(), search.depth()), (70_001, 70_000));
    let Verdict::Broken(state) = search.verdicts()[0] else {
        panic!("it gets there")
    };
    assert_eq!(state.index(), 69_999);
    assert_eq!(
        search.parts(state),
        [&998, &998, &998, &998, &69_999, &998, &998, &998, &998]
    );
}

/// A die that is thrown once: one party, many steps.
struct Die;

impl System for Die {
    type Part = u8;
    type Step = u8;

    fn start(&self) -> Vec<u8> {
        vec![0]
    }

    fn parties(&self) -> usize {
        1
    }

    fn expand(&self, _party: usize, state: &View<'_, u8>, next: Next<'_>) {
        if *state.get(0) == 0 {
            (1..=6).for_each(|face| next(face, vec![(0, face)]));
        }
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Always, Kind::Sometimes, Kind::Sometimes]
    }

    /// Below six; six; seven.
    fn holds(&self, promise: usize, state: &View<'_, u8>) -> bool {
        let face = *state.get(0);
        [face < 6, face == 6, face == 7][promise]
    }
}

#[test]
fn a_die_has_six_faces() {
    let mut search = Search::new(Die, Limits::NONE, Order::Breadth);
    search.finish();
    let counts = (search.states(), search.generated(), search.depth());
    assert_eq!(counts, (7, 6, 1));
    assert_eq!(search.schedules(), Some(6));
    let [
        Verdict::Broken(broken),
        Verdict::Witnessed(seen),
        Verdict::NeverTrue,
    ] = *search.verdicts()
    else {
        panic!("{:?}", search.verdicts())
    };
    assert_eq!(broken, seen);
    assert_eq!(search.walk(seen).steps, [6]);
}

/// Two that each take two locks in the other's order, and give both back.
struct Locks;

impl System for Locks {
    /// How far each is: nothing, the first lock, both, done.
    type Part = u8;
    type Step = u8;

    fn start(&self) -> Vec<u8> {
        vec![0, 0]
    }

    fn parties(&self) -> usize {
        2
    }

    fn expand(&self, party: usize, state: &View<'_, u8>, next: Next<'_>) {
        let (own, other) = (*state.get(party), *state.get(1 - party));
        let free = match own {
            0 => other != 2,
            1 => other == 0 || other == 3,
            2 => true,
            _ => false,
        };
        if free {
            next(party as u8, vec![(party, own + 1)]);
        }
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Always, Kind::Sometimes, Kind::Eventually]
    }

    /// Not each waiting for the other; both done; both done.
    fn holds(&self, promise: usize, state: &View<'_, u8>) -> bool {
        let both = (*state.get(0), *state.get(1));
        [both != (1, 1), both == (3, 3), both == (3, 3)][promise]
    }
}

#[test]
fn two_that_lock_crosswise_wait_for_each_other_after_two_steps() {
    let mut search = Search::new(Locks, Limits::NONE, Order::Breadth);
    search.finish();
    let counts = (search.states(), search.generated(), search.depth());
    // Sixteen pairs, less three in which somebody holds both and the other one.
    assert_eq!(counts, (13, 14, 6));
    let [
        Verdict::Broken(stuck),
        Verdict::Witnessed(done),
        Verdict::Broken(stays),
    ] = *search.verdicts()
    else {
        panic!("{:?}", search.verdicts())
    };
    assert_eq!(search.walk(stuck).steps, [0, 1]);
    assert_eq!(search.walk(done).steps.len(), 6);
    assert_eq!(stuck, stays);
    let lasso = search.lasso(2).expect("it is broken");
    assert_eq!((lasso.walk.steps, lasso.loop_from), (vec![0, 1], None));
}
