//! The group model, of which every number is known.

use super::group::{self, Group, Known, TABLE};
use engine::explore::{Limits, Order, Outcome, Search, Verdict};

/// How long the way is on which a promise is broken, if it is.
fn broken(search: &Search<Group>, promise: usize) -> Option<usize> {
    match search.verdicts()[promise] {
        Verdict::Broken(state) => Some(search.walk(state).steps.len()),
        Verdict::Kept => None,
        other => panic!("promise {promise} is {other:?} after a complete search"),
    }
}

fn check(known: &Known) {
    let mut search = Search::new(known.group, Limits::NONE, Order::Breadth);
    assert_eq!(search.finish(), Outcome::Complete);
    let counts = (search.states(), search.generated(), search.depth());
    assert_eq!(
        counts,
        (known.states, known.generated, known.depth),
        "{known:?}"
    );
    assert_eq!(broken(&search, group::NO_LOSS), known.loss, "{known:?}");
    assert_eq!(
        broken(&search, group::NO_DUPLICATE),
        known.duplicate,
        "{known:?}"
    );
}

#[test]
fn the_group_model_has_the_states_everybody_counts() {
    for known in TABLE.iter().filter(|known| known.states < 2_000_000) {
        check(known);
    }
}

#[test]
#[ignore]
fn time_it() {
    for known in &TABLE[3..6] {
        let begin = std::time::Instant::now();
        let mut search = Search::new(known.group, Limits::NONE, Order::Breadth);
        search.finish();
        let s = begin.elapsed().as_secs_f64();
        println!(
            "{} {:.2} M/s {} B/state asked {:?}",
            search.states(),
            search.states() as f64 / s / 1e6,
            search.memory_bytes() / search.states(),
            search.asked()
        );
    }
}
