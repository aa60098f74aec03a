//! Random small systems: whatever way they are searched, the same is found.
#![cfg(not(target_arch = "wasm32"))]

use super::replay::{holds, replayed};
use explore::{Kind, Limits, Order, Outcome, Search, System, Verdict, View};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// If these slots hold these values, then these may be written.
#[derive(Clone, Debug)]
struct Rule {
    party: usize,
    fair: bool,
    when: Vec<(usize, u8)>,
    then: Vec<(usize, u8)>,
}

#[derive(Clone, Debug)]
struct Rules {
    slots: usize,
    rules: Vec<Rule>,
    goal: (usize, u8),
    remembers: bool,
}

const PARTIES: usize = 3;
const VALUES: u8 = 3;

impl System for Rules {
    type Part = u8;
    type Step = usize;

    fn start(&self) -> Vec<u8> {
        vec![0; self.slots]
    }

    fn parties(&self) -> usize {
        PARTIES
    }

    fn expand(
        &self,
        party: usize,
        state: &View<'_, u8>,
        next: &mut dyn FnMut(usize, Vec<(usize, u8)>),
    ) {
        let rules = self.rules.iter().enumerate();
        for (step, rule) in rules.filter(|(_, rule)| rule.party == party) {
            if rule
                .when
                .iter()
                .all(|&(slot, value)| *state.get(slot) == value)
            {
                next(step, rule.then.clone());
            }
        }
    }

    fn remembers(&self, _party: usize) -> bool {
        self.remembers
    }

    fn fair(&self, step: &usize) -> bool {
        self.rules[*step].fair
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Always, Kind::Sometimes, Kind::Eventually]
    }

    fn holds(&self, promise: usize, state: &View<'_, u8>) -> bool {
        let there = *state.get(self.goal.0) == self.goal.1;
        there != (promise == 0)
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    (2..=4_usize).prop_flat_map(|slots| {
        let pairs = move |least| prop::collection::vec((0..slots, 0..VALUES), least..=2);
        let rule = (0..PARTIES, prop::bool::weighted(0.8), pairs(0), pairs(1)).prop_map(
            |(party, fair, when, then)| Rule {
                party,
                fair,
                when,
                then,
            },
        );
        (prop::collection::vec(rule, 1..8), (0..slots, 0..VALUES)).prop_map(move |(rules, goal)| {
            Rules {
                slots,
                rules,
                goal,
                remembers: true,
            }
        })
    })
}

fn searched(rules: &Rules, order: Order) -> Search<Rules> {
    let mut search = Search::new(rules.clone(), Limits::NONE, order);
    assert_eq!(search.finish(), Outcome::Complete);
    search
}

/// An owed step as an arrow between states: from, which, to.
type Arrow = (Vec<u8>, usize, Vec<u8>);

/// All states and all owed steps that change something, by the plainest of searches.
fn plainly(rules: &Rules) -> (BTreeSet<Vec<u8>>, Vec<Arrow>) {
    let (mut all, mut arrows) = (BTreeSet::new(), Vec::new());
    let mut next = vec![rules.start()];
    while let Some(state) = next.pop() {
        if !all.insert(state.clone()) {
            continue;
        }
        for (step, rule) in rules.rules.iter().enumerate() {
            if rule.when.iter().all(|&(slot, value)| state[slot] == value) {
                let mut there = state.clone();
                rule.then
                    .iter()
                    .for_each(|&(slot, value)| there[slot] = value);
                if rule.fair && there != state {
                    arrows.push((state.clone(), step, there.clone()));
                }
                next.push(there);
            }
        }
    }
    (all, arrows)
}

/// Whether a set of states can be gone round in for ever, fairly: by the definition, step by step.
fn is_fair_round(set: &BTreeSet<&Vec<u8>>, arrows: &[Arrow]) -> bool {
    let inside: Vec<&Arrow> = arrows
        .iter()
        .filter(|(from, _, to)| set.contains(from) && set.contains(to))
        .collect();
    let connected = set.iter().all(|&from| {
        let mut reached = BTreeSet::from([from]);
        for _ in 0..set.len() {
            for (from, _, to) in &inside {
                if reached.contains(from) {
                    reached.insert(to);
                }
            }
        }
        reached.len() == set.len()
    });
    let steps: BTreeSet<usize> = arrows.iter().map(|(_, step, _)| *step).collect();
    connected
        && steps.into_iter().all(|step| {
            let possible = |state: &Vec<u8>| {
                arrows
                    .iter()
                    .any(|(from, s, _)| from == state && *s == step)
            };
            !set.iter().all(|state| possible(state))
                || inside.iter().any(|(_, other, _)| *other == step)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn remembering_changes_nothing(rules in rules()) {
        let remembered = searched(&rules, Order::Breadth);
        let asked = searched(&Rules { remembers: false, ..rules }, Order::Breadth);
        prop_assert_eq!(remembered.states(), asked.states());
        prop_assert_eq!(remembered.generated(), asked.generated());
        prop_assert_eq!(remembered.depth(), asked.depth());
        prop_assert_eq!(remembered.verdicts(), asked.verdicts());
        prop_assert_eq!(remembered.lasso(2), asked.lasso(2));
        for &verdict in remembered.verdicts() {
            if let Verdict::Broken(state) | Verdict::Witnessed(state) = verdict {
                prop_assert_eq!(remembered.walk(state), asked.walk(state));
            }
        }
    }

    #[test]
    fn either_order_visits_every_state_once(rules in rules()) {
        let (all, _) = plainly(&rules);
        let breadth = searched(&rules, Order::Breadth);
        let depth = searched(&rules, Order::Depth);
        prop_assert_eq!(breadth.states(), all.len());
        prop_assert_eq!(depth.states(), all.len());
        prop_assert_eq!(breadth.generated(), depth.generated());
        for promise in 0..2 {
            match (breadth.verdicts()[promise], depth.verdicts()[promise]) {
                (Verdict::Broken(near), Verdict::Broken(far))
                | (Verdict::Witnessed(near), Verdict::Witnessed(far)) => {
                    let (near, far) = (breadth.walk(near), depth.walk(far));
                    for walk in [&near, &far] {
                        let last = replayed(&rules, walk);
                        prop_assert_eq!(holds(&rules, promise, &last), promise == 1);
                    }
                    prop_assert!(near.steps.len() <= far.steps.len());
                }
                (near, far) => prop_assert_eq!(near, far),
            }
        }
        prop_assert_eq!(breadth.lasso(2).is_some(), depth.lasso(2).is_some());
    }

    #[test]
    fn what_stays_away_for_ever_is_found_by_the_definition_too(rules in rules()) {
        let (all, arrows) = plainly(&rules);
        let without: Vec<&Vec<u8>> = all.iter().filter(|state| !holds(&rules, 2, state)).collect();
        prop_assume!(without.len() <= 9);
        let stuck = without.iter().any(|&state| arrows.iter().all(|(from, ..)| from != state));
        let sets = (0..1_usize << without.len()).map(|set| -> BTreeSet<&Vec<u8>> {
            let members = without.iter().enumerate().filter(|(nth, _)| set >> nth & 1 == 1);
            members.map(|(_, state)| *state).collect()
        });
        let round = sets.filter(|set| set.len() > 1).any(|set| is_fair_round(&set, &arrows));
        let search = searched(&rules, Order::Breadth);
        let lasso = search.lasso(2);
        prop_assert_eq!(lasso.is_some(), stuck || round);
        let Some(lasso) = lasso else { return Ok(()) };
        replayed(&rules, &lasso.walk);
        let states = &lasso.walk.states;
        let Some(from) = lasso.loop_from else {
            let end = &states[states.len() - 1];
            prop_assert!(arrows.iter().all(|(from, ..)| from != end));
            return Ok(());
        };
        // The round itself, and not just where it lies, owes nothing.
        prop_assert_eq!(&states[from], &states[states.len() - 1]);
        let (states, steps) = (&states[from..], &lasso.walk.steps[from..]);
        prop_assert!(states.iter().all(|state| !holds(&rules, 2, state)));
        for step in 0..rules.rules.len() {
            let possible = |state| arrows.iter().any(|(from, s, _)| from == state && *s == step);
            prop_assert!(steps.contains(&step) || !states.iter().all(possible));
        }
    }
}
