//! Which of the ways to break a promise is shown: where a scene has settings, one that the chosen options
//! alone allow is preferred to one that breaks the promise whatever is chosen.
//!
//! A way is the same story under other options when its choices can be made there too, and the promise is
//! broken in the end about the same record.

use super::judge::{Finding, Judge};
use super::space::Schedules;
use super::tell::Told;
use engine::cast::Cast;
use engine::run::Run;
use explore::{Search, State};
use std::sync::Arc;

/// The most states that are looked at after the first that breaks a promise.
const STATES_MAX: usize = 6_000;
/// The most ways that are tried under other options.
const WAYS_MAX: usize = 40;

/// The state in which a promise breaks that is to be shown: the first, or a later one in whose story fewer
/// of the other casts break it.
pub(super) fn preferred(
    search: &Search<Schedules>,
    promise: usize,
    first: State,
    others: &[Arc<Cast>],
) -> State {
    let schedules = search.system();
    let judge = Judge::new(&schedules.cast().promises[promise], schedules.cast());
    let look = |state: State| judge.look(&schedules.world(search.parts(state)));
    let shared = |state: State| alike(search, promise, state, others);
    let (mut best, mut least) = (first, shared(first));
    let later = search.visited().skip(first.index() + 1).take(STATES_MAX);
    let broken = later.filter(|&state| look(state) != Finding::True);
    for state in broken.take(WAYS_MAX * 8) {
        if least == 0 {
            break;
        }
        if !breaks_just_now(search, &judge, state) {
            continue;
        }
        let count = shared(state);
        if count < least {
            (best, least) = (state, count);
        }
    }
    best
}

/// Whether the promise still held one step before this state, on the way by which it was found.
fn breaks_just_now(search: &Search<Schedules>, judge: &Judge, state: State) -> bool {
    let walk = search.walk(state);
    let before = walk.states.len().checked_sub(2);
    before.is_some_and(|at| {
        let world = search.system().world(&walk.states[at]);
        judge.look(&world) == Finding::True
    })
}

/// In how many of the other casts the way to a state breaks the promise about the same record.
fn alike(search: &Search<Schedules>, promise: usize, state: State, others: &[Arc<Cast>]) -> usize {
    let Ok(told) = Told::follow(search.system(), &search.walk(state)) else {
        return usize::MAX;
    };
    let of = |run: &Run| {
        let cast = run.world().cast();
        let promise = cast.promises.get(promise)?;
        Some(Judge::new(promise, cast).look(run.world()))
    };
    let mut here = told.run;
    here.to_rest();
    let (path, broken) = (here.path(), of(&here));
    let breaks_too = |other: &&Arc<Cast>| {
        let made = Run::replay(Arc::clone(other), &path).or_else(|(at, _)| {
            // What cannot be done there any more was done in vain here: the rest comes by itself.
            let mut begun = path.clone();
            begun.0.truncate(at);
            Run::replay(Arc::clone(other), &begun)
        });
        made.is_ok_and(|mut run| {
            run.to_rest();
            of(&run) == broken
        })
    };
    others.iter().filter(breaks_too).count()
}
