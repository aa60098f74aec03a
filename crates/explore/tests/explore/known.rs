//! The group model, of which every number is known, and the same model searched by stateright.

use super::group::{self, Group, Known, Part, TABLE};
use super::replay::{holds, replayed};
use explore::{Bound, Limits, Order, Outcome, Search, Status, System, Verdict, View};
use std::cell::Cell;
use std::collections::HashSet;

/// How long the way is on which a promise is broken, if it is; the way is gone again.
fn broken(search: &Search<Group>, promise: usize) -> Option<usize> {
    match search.verdicts()[promise] {
        Verdict::Broken(state) => {
            let walk = search.walk(state);
            let last = replayed(search.system(), &walk);
            assert!(!holds(search.system(), promise, &last));
            Some(walk.steps.len())
        }
        Verdict::Kept => None,
        other => panic!("promise {promise} is {other:?} after a complete search"),
    }
}

/// Those that can be searched without optimisation while somebody waits; the bench has the next.
fn small(states_max: usize) -> impl Iterator<Item = &'static Known> {
    TABLE.iter().filter(move |known| known.states < states_max)
}

#[test]
fn the_group_model_has_the_states_everybody_counts() {
    for known in small(2_000_000) {
        let search = group::searched(known);
        assert_eq!(broken(&search, group::NO_LOSS), known.loss, "{known:?}");
        assert_eq!(
            broken(&search, group::NO_DUPLICATE),
            known.duplicate,
            "{known:?}"
        );
        let (wanted, asked) = search.asked();
        assert!(asked * 10 < wanted, "hardly anything was remembered");
    }
}

#[test]
fn a_state_of_the_group_takes_at_most_32_bytes() {
    let known = &TABLE[3];
    let each = group::searched(known).memory_bytes() as f64 / known.states as f64;
    assert!(each <= 32.0, "{} states: {each} bytes each", known.states);
}

#[test]
fn a_search_may_end_when_every_promise_is_decided() {
    let known = &TABLE[6];
    let mut search = Search::new(known.group, Limits::NONE, Order::Breadth).until_decided();
    assert_eq!(search.finish(), Outcome::Decided);
    assert!(search.states() < known.states / 10);
    assert_eq!(broken(&search, group::NO_LOSS), known.loss);
    assert_eq!(broken(&search, group::NO_DUPLICATE), known.duplicate);
}

#[test]
fn slices_of_any_size_find_the_same() {
    let whole = group::searched(&TABLE[0]);
    for slice in [1, 7, 1_000] {
        let mut search = Search::new(TABLE[0].group, Limits::NONE, Order::Breadth);
        while search.advance(slice) == Status::Going {
            assert!(search.frontier() <= search.states());
        }
        assert_eq!(search.states(), whole.states());
        assert_eq!(search.verdicts(), whole.verdicts());
    }
}

#[test]
fn every_bound_ends_a_search_and_is_told() {
    let check = |limits: Limits, bound, no_duplicate: bool| {
        for order in [Order::Breadth, Order::Depth] {
            let mut search = Search::new(TABLE[0].group, limits, order);
            assert_eq!(search.finish(), Outcome::Bounded(bound), "{order:?}");
            assert!(search.states() <= limits.states);
            assert!(search.depth() <= limits.depth);
            let give = 32_768;
            assert!(search.memory_bytes() <= limits.memory_bytes.saturating_add(give));
            let no_loss = search.verdicts()[group::NO_LOSS];
            assert_eq!(no_loss, Verdict::Unknown, "not all was seen");
            let found = search.verdicts()[group::NO_DUPLICATE] != Verdict::Unknown;
            if order == Order::Breadth {
                assert_eq!(found, no_duplicate);
            }
        }
    };
    let none = Limits::NONE;
    check(
        Limits {
            states: 100,
            ..none
        },
        Bound::States,
        false,
    );
    check(
        Limits {
            states: 2_095,
            ..none
        },
        Bound::States,
        true,
    );
    check(Limits { depth: 6, ..none }, Bound::Depth, false);
    check(Limits { depth: 7, ..none }, Bound::Depth, true);
    let memory_bytes = 60_000;
    check(
        Limits {
            memory_bytes,
            ..none
        },
        Bound::Memory,
        true,
    );
}

#[test]
fn a_bound_that_nothing_lies_beyond_is_not_reached() {
    let known = &TABLE[0];
    let limits = Limits {
        states: known.states,
        depth: known.depth,
        ..Limits::NONE
    };
    let mut search = Search::new(known.group, limits, Order::Breadth);
    assert_eq!(search.finish(), Outcome::Complete);
    assert_eq!(search.generated(), known.generated);
}

/// All states, by the plainest of searches: told apart as they are, and up to renaming.
fn plainly(group: Group) -> (usize, usize) {
    let mut all: HashSet<Vec<Part>> = HashSet::new();
    let mut orbits: HashSet<Vec<Part>> = HashSet::new();
    let mut next = vec![group.start()];
    let mut different = 0;
    while let Some(state) = next.pop() {
        if !all.insert(state.clone()) {
            continue;
        }
        if orbits.insert(state.clone()) {
            different += 1;
            for renaming in 0..group.renamings() {
                let mut other = state.clone();
                for (slot, part) in state.iter().enumerate() {
                    let (to, part) = group.renamed(renaming, slot, part);
                    other[to] = part;
                }
                orbits.insert(other);
            }
        }
        let (parts, read) = (state.iter().collect::<Vec<_>>(), Cell::new(0));
        for party in 0..group.parties() {
            group.expand(party, &View::new(&parts, &read), &mut |_, writes| {
                let mut there = state.clone();
                for (slot, part) in writes {
                    there[slot] = part;
                }
                next.push(there);
            });
        }
    }
    (all.len(), different)
}

#[test]
fn members_that_are_interchangeable_are_found_once() {
    let rows = [
        (&TABLE[0], 2),
        (&TABLE[0], 3),
        (&TABLE[1], 2),
        (&TABLE[1], 3),
    ];
    for (known, members) in rows {
        for at_most_once in [false, true] {
            let apart = Group {
                members,
                at_most_once,
                ..known.group
            };
            let group = Group {
                interchangeable: true,
                ..apart
            };
            // The plainest of searches is slow; the large ones are left out.
            if members == 3 && group.partitions == 2 {
                continue;
            }
            let (all, different) = plainly(group);
            let mut search = Search::new(group, Limits::NONE, Order::Breadth);
            search.finish();
            let mut told_apart = Search::new(apart, Limits::NONE, Order::Breadth);
            told_apart.finish();
            assert_eq!((told_apart.states(), search.states()), (all, different));
            assert!(different < all * 2 / 3);
            for promise in [group::NO_LOSS, group::NO_DUPLICATE] {
                assert_eq!(broken(&search, promise), broken(&told_apart, promise));
            }
            assert_eq!(search.depth(), told_apart.depth());
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn stateright_finds_the_same() {
    use super::rival::{Natural, Packed, run};
    let at_most_once = Group {
        at_most_once: true,
        ..TABLE[1].group
    };
    let groups = small(20_000).map(|known| known.group);
    for group in groups.chain([at_most_once]) {
        let mut search = Search::new(group, Limits::NONE, Order::Breadth);
        search.finish();
        let own = (search.states(), search.generated());
        // All states, as long as one promise is kept; else only as far as the first way to break it.
        let said = run::<Natural>(group, &[group::NO_LOSS]);
        assert_eq!(said.broken, broken(&search, group::NO_LOSS), "{group:?}");
        if said.broken.is_none() {
            let packed = run::<Packed>(group, &[group::NO_LOSS]);
            assert_eq!((said.states, said.generated), own, "{group:?}");
            assert_eq!((packed.states, packed.generated), own, "{group:?}");
        }
        let said = run::<Packed>(group, &[group::NO_DUPLICATE]);
        let duplicate = broken(&search, group::NO_DUPLICATE);
        assert_eq!(said.broken, duplicate, "{group:?}");
    }
}
