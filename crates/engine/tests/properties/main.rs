//! Random scenes and random choices: whatever happens is a trace that can be read back, replayed
//! and cut short, and nothing panics.

// The generator of random scenes is not for browsers.
#![cfg(not(target_arch = "wasm32"))]

mod anomalies;
mod scenes;

use engine::scene::Verb;
use engine::{Cast, Choice, ClientId, Path, Run, Trace, anomaly};
use proptest::prelude::*;
use scenes::scenes;

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let verb = prop::sample::select(Verb::ALL.to_vec());
    let choice = prop_oneof![
        8 => Just(Choice::Earliest),
        2 => (0_u16..6).prop_map(Choice::Nth),
        1 => (verb, 0_u8..7).prop_map(|(verb, to)| Choice::Fault(verb, ClientId(to))),
        1 => (0_u16..3).prop_map(Choice::Lose),
    ];
    prop::collection::vec(choice, 0..150)
}

/// Makes the choices that can be made.
fn follow(run: &mut Run, choices: &[Choice]) {
    for &choice in choices {
        let before = (run.len(), run.trace().entries().len());
        if run.choose(choice).is_err() {
            assert_eq!(
                before,
                (run.len(), run.trace().entries().len()),
                "a refused choice changes nothing"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_trace_is_read_back_as_it_was(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        run.to_rest();
        let read = Trace::read(&run.trace().text(), cast);
        prop_assert_eq!(read.as_ref(), Ok(run.trace()));
        anomaly::lost(run.trace());
        anomaly::duplicated(run.trace());
    }

    #[test]
    fn the_same_choices_lead_to_the_same_place(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        let path: Path = run.path().to_string().parse().map_err(TestCaseError::fail)?;
        let again = Run::replay(cast, &path).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        prop_assert_eq!(again.trace(), run.trace());
        prop_assert_eq!(again.world(), run.world());
    }

    #[test]
    fn going_back_leads_to_where_one_was(scene in scenes(), choices in choices(), back in any::<prop::sample::Index>()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        // To the end: only runs of many choices have snapshots to go back to.
        run.to_rest();
        let there = back.index(run.len() + 1);
        let mut slowly = Run::new(cast);
        follow(&mut slowly, &run.path().0[..there]);
        prop_assert_eq!(&run.world_after(there), slowly.world());
        let mut cut = run.until(there);
        prop_assert_eq!(cut.trace(), slowly.trace());
        cut.to_rest();
        slowly.to_rest();
        prop_assert_eq!(cut.trace(), slowly.trace());
    }

    #[test]
    fn causes_come_before_what_they_cause_and_time_never_goes_back(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast);
        follow(&mut run, &choices);
        run.to_rest();
        let entries = run.trace().entries();
        for (at, entry) in entries.iter().enumerate() {
            prop_assert!(entry.cause.0.is_none_or(|cause| (cause.0 as usize) < at));
            prop_assert!(at == 0 || entries[at - 1].at <= entry.at);
        }
    }
}
