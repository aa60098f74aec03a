//! A way that was brought back, gone again.

use explore::{System, View, Walk};
use std::cell::Cell;
use std::fmt::Debug;

/// Goes a way by asking the system itself. Gives the last state.
pub fn replayed<S: System>(system: &S, walk: &Walk<S::Step, S::Part>) -> Vec<S::Part>
where
    S::Part: Debug,
{
    let mut at = system.start();
    assert!(walk.states[0] == at, "a way begins at the start");
    assert_eq!(walk.states.len(), walk.steps.len() + 1);
    for (step, expected) in walk.steps.iter().zip(&walk.states[1..]) {
        let (parts, read) = (at.iter().collect::<Vec<_>>(), Cell::new(0));
        let view = View::new(&parts, &read);
        let mut there = false;
        for party in 0..system.parties() {
            system.expand(party, &view, &mut |taken, writes| {
                let mut state = at.clone();
                for (slot, part) in writes {
                    state[slot] = part;
                }
                there |= taken == *step && state == *expected;
            });
        }
        assert!(there, "{step:?} does not lead from {at:?} to {expected:?}");
        at.clone_from(expected);
    }
    at
}

/// Whether a promise's condition is true in a state.
pub fn holds<S: System>(system: &S, promise: usize, state: &[S::Part]) -> bool {
    let (parts, read) = (state.iter().collect::<Vec<_>>(), Cell::new(0));
    system.holds(promise, &View::new(&parts, &read))
}
