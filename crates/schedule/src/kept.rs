//! Promises, judged on one run instead of every schedule: what somebody has just seen.
//!
//! 1. An *always* is broken at the first choice after which it is not true.
//! 2. An *eventually* is judged at the end. Where it is not true there it is broken when nothing more happens
//!    by itself and everybody is up; otherwise the run does not decide it: somebody can be started again, or
//!    the scene's bounds have ended what would have gone on.
//! 3. A *sometimes* says nothing of one run.

use crate::judge::{Finding, Judge};
use engine::Run;
use engine::cast::RecordId;
use engine::run::Outcome;
use engine::scene::Promise;
use engine::world::World;
use explore::Kind;
use std::sync::Arc;

/// How a promise came out in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InRun {
    /// The run keeps it, or it says nothing of one run.
    Kept,
    /// The run breaks it.
    Broken {
        /// After how many choices it is broken; before, it was not.
        at: usize,
        /// The record it is about, if it is about one.
        record: Option<RecordId>,
        /// What is wrong, in words: "ord_1 stands in orders twice".
        words: String,
    },
    /// The run ends before it is decided.
    Open,
}

/// How every promise of a scene came out in a run, in the scene's order.
pub fn in_run(run: &Run) -> Vec<(&Promise, InRun)> {
    let cast = run.world().cast();
    let promises = cast.promises.iter();
    let judges = promises.map(|promise| (promise, Judge::new(promise, cast), InRun::Kept));
    let mut all: Vec<_> = judges.collect();
    let look = |all: &mut [(&Promise, Judge, InRun)], world: &World, at: usize| {
        for (promise, judge, came) in all {
            if promise.that.kind() == Kind::Always
                && *came == InRun::Kept
                && let Finding::False(record) = judge.look(world)
            {
                *came = InRun::Broken {
                    at,
                    record,
                    words: judge.words(world, record),
                };
            }
        }
    };
    let has_always = |(promise, ..): &(&Promise, _, _)| promise.that.kind() == Kind::Always;
    if all.iter().any(has_always) {
        let mut again = Run::new(Arc::clone(cast));
        look(&mut all, again.world(), 0);
        for (at, choice) in run.path().0.into_iter().enumerate() {
            // What a run has chosen can be chosen again.
            if again.choose(choice).is_err() {
                break;
            }
            look(&mut all, again.world(), at + 1);
        }
    }
    for (promise, judge, came) in &mut all {
        if promise.that.kind() != Kind::Eventually {
            continue;
        }
        if let Finding::False(record) = judge.look(run.world()) {
            *came = match run.outcome() == Outcome::AtRest && everybody_up(run.world()) {
                false => InRun::Open,
                true => InRun::Broken {
                    at: run.len(),
                    record,
                    words: judge.words(run.world(), record),
                },
            };
        }
    }
    all.into_iter()
        .map(|(promise, _, came)| (promise, came))
        .collect()
}

/// Whether nobody is down who was up, and nobody stands still.
fn everybody_up(world: &World) -> bool {
    let mut all = world.consumers().iter().chain(world.producers());
    all.all(|one| one.life.number == 0 || one.life.goes_on())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Exploration;
    use engine::{Cast, Scene};

    fn cast(system: &str) -> Arc<Cast> {
        let text = format!(
            r#"{{ "id": "mails", "title": "Mails", "version": 1,
            "broker": {{ "system": "{system}" }}, "on": {{ "kafka": {{}}, "sqs": {{}}, "rabbitmq": {{}} }},
            "channels": [{{ "name": "orders", "records": [{{ "value": "ord_1" }}] }}],
            "services": [{{ "name": "mail", "noun": "mail", "done": "mailed" }}],
            "consumers": [{{ "name": "email-1", "subscription": "email", "channels": ["orders"], "settle": "after",
                "config": {{ "auto.offset.reset": "earliest" }}, "handler": [{{ "send": "mail" }}] }}],
            "promises": [
                {{ "name": "Nobody mailed twice", "that": {{ "done_once": "mail" }} }},
                {{ "name": "All is handled", "that": "all_handled" }},
                {{ "name": "Nothing is left", "that": "lag_zero" }}
            ],
            "explore": {{ "crashes": 1 }} }}"#
        );
        let scene: Scene = serde_json::from_str(&text).unwrap();
        Cast::new(&scene).unwrap()
    }

    #[test]
    fn a_run_breaks_what_the_search_found_on_it() {
        for system in ["kafka", "sqs", "rabbitmq"] {
            let cast = cast(system);
            let mut exploration = Exploration::new(Arc::clone(&cast));
            while !exploration.advance(10_000).ended {}
            let judged = exploration.report().judged;
            let finding = judged[0].finding.as_ref().expect("a crash mails twice");
            let mut run = Run::replay(cast, &finding.path).unwrap();
            run.to_rest();
            let InRun::Broken { at, words, .. } = &in_run(&run)[0].1 else {
                panic!("{system}: {:?}", in_run(&run));
            };
            assert_eq!((*at, &**words), (finding.at, "ord_1 is mailed twice"));
        }
    }

    #[test]
    fn what_a_run_ends_before_is_open() {
        let mut run = Run::new(cast("kafka"));
        run.to_rest();
        let came = |run: &Run| -> Vec<InRun> {
            let all = in_run(run).into_iter();
            all.map(|(_, came)| came).collect()
        };
        assert_eq!(came(&run), [InRun::Kept, InRun::Kept, InRun::Kept]);
        let start = Run::new(cast("kafka"));
        assert_eq!(came(&start), [InRun::Kept, InRun::Open, InRun::Open]);
    }

    #[test]
    fn a_queue_has_no_lag() {
        for (system, words) in [
            ("kafka", "the lag never returns to zero"),
            ("sqs", "a queue is never empty again"),
            ("rabbitmq", "a queue is never empty again"),
        ] {
            let run = Run::new(cast(system));
            assert_eq!(Judge::LagZero.words(run.world(), None), words);
        }
    }
}
