//! What comes in the end, and what may stay away for ever.

use super::replay::replayed;
use explore::{Kind, Limits, Order, Search, System, Verdict, View};

/// A system drawn as arrows: `0 a 1` is a step `a` from state 0 to state 1; one with `!` is a fault.
struct Arrows {
    arrows: Vec<(u8, &'static str, u8)>,
    goals: Vec<u8>,
}

impl Arrows {
    fn read(text: &'static str, goals: &[u8]) -> Self {
        let number = |word: &str| word.parse().expect("a state is a number");
        let arrows = text.split(';').map(|arrow| {
            let words: Vec<&'static str> = arrow.split_whitespace().collect();
            let [from, step, to] = words[..] else {
                panic!("{arrow} is no arrow")
            };
            (number(from), step, number(to))
        });
        Arrows {
            arrows: arrows.collect(),
            goals: goals.to_vec(),
        }
    }
}

impl System for Arrows {
    type Part = u8;
    type Step = &'static str;

    fn start(&self) -> Vec<u8> {
        vec![0]
    }

    fn parties(&self) -> usize {
        1
    }

    fn expand(
        &self,
        _party: usize,
        state: &View<'_, u8>,
        next: &mut dyn FnMut(&'static str, Vec<(usize, u8)>),
    ) {
        let here = *state.get(0);
        for &(_, step, to) in self.arrows.iter().filter(|(from, ..)| *from == here) {
            next(step, vec![(0, to)]);
        }
    }

    fn fair(&self, step: &&'static str) -> bool {
        !step.starts_with('!')
    }

    fn promises(&self) -> Vec<Kind> {
        vec![Kind::Eventually]
    }

    fn holds(&self, _promise: usize, state: &View<'_, u8>) -> bool {
        self.goals.contains(state.get(0))
    }
}

/// The way on which no goal comes: its steps, a bar where the round begins, a dot where nothing more is owed.
fn told(arrows: Arrows) -> String {
    let mut search = Search::new(arrows, Limits::NONE, Order::Breadth);
    search.finish();
    let Some(lasso) = search.lasso(0) else {
        assert_eq!(search.verdicts(), [Verdict::Kept]);
        return "kept".to_owned();
    };
    replayed(search.system(), &lasso.walk);
    let (steps, from) = (&lasso.walk.steps, lasso.loop_from);
    let Some(from) = from else {
        return format!("{} .", steps.join(" ")).trim().to_owned();
    };
    let states = &lasso.walk.states;
    assert_eq!(states[from], states[steps.len()], "a round is round");
    let (stem, round) = steps.split_at(from);
    format!("{} | {}", stem.join(" "), round.join(" "))
        .trim()
        .to_owned()
}

#[test]
fn a_promise_is_kept_in_the_end_unless_a_fair_way_stays_away_from_it() {
    let rows: [(&str, &'static str, &[u8], &str); 16] = [
        ("it comes", "0 a 1", &[1], "kept"),
        ("a dead end", "0 a 1", &[9], "a ."),
        ("a dead end at once", "1 a 0", &[9], "."),
        ("the goal lies on the round", "0 a 1; 1 b 0", &[1], "kept"),
        (
            "a round, and nothing else is possible",
            "0 a 1; 1 b 0",
            &[9],
            "| a b",
        ),
        (
            "a round after a while",
            "0 s 1; 1 a 2; 2 b 1",
            &[9],
            "s | a b",
        ),
        (
            "one goes round, and another's step stays possible",
            "0 a 1; 1 b 0; 0 g 2; 1 g 2",
            &[2],
            "kept",
        ),
        (
            "one goes round, and another's step is possible only now and then",
            "0 a 1; 1 b 0; 0 g 2",
            &[2],
            "| a b",
        ),
        (
            "the step that stays possible is taken inside as well",
            "0 a 1; 1 a 0; 0 g 2; 1 g 0",
            &[2],
            "| a g",
        ),
        (
            "a round must pass where the step is not possible",
            "0 a 1; 1 a 0; 1 b 2; 2 b 1; 0 g 9; 1 g 9",
            &[9],
            "| a b b a",
        ),
        (
            "a poll that finds nothing is no round",
            "0 p 0; 0 a 1",
            &[1],
            "kept",
        ),
        ("and no way on", "0 p 0", &[1], "."),
        (
            "nobody goes round by faults",
            "0 !f 1; 1 r 0; 0 a 2",
            &[2],
            "kept",
        ),
        ("a fault leads to a dead end", "0 a 2; 0 !f 1", &[2], "!f ."),
        ("only a fault would help", "0 a 1; 1 !f 2", &[2], "a ."),
        (
            "it came once, and may go",
            "0 a 1; 1 b 2; 2 c 3; 3 d 2",
            &[1],
            "a b | c d",
        ),
    ];
    for (name, arrows, goals, expected) in rows {
        assert_eq!(told(Arrows::read(arrows, goals)), expected, "{name}");
    }
}

/// Two that poll in turn for ever, as parts of their own; one of them would deliver.
#[test]
fn a_party_that_goes_round_does_not_keep_another_from_its_step() {
    struct Two;
    impl System for Two {
        type Part = u8;
        type Step = u8;
        fn start(&self) -> Vec<u8> {
            vec![0, 0]
        }
        fn parties(&self) -> usize {
            2
        }
        fn expand(
            &self,
            party: usize,
            state: &View<'_, u8>,
            next: &mut dyn FnMut(u8, Vec<(usize, u8)>),
        ) {
            let part = *state.get(party);
            if party == 0 {
                next(0, vec![(0, (part + 1) % 3)]);
            } else if part == 0 {
                next(0, vec![(1, 1)]);
            }
        }
        fn promises(&self) -> Vec<Kind> {
            vec![Kind::Eventually, Kind::Eventually]
        }
        /// The other delivers; the first stands still.
        fn holds(&self, promise: usize, state: &View<'_, u8>) -> bool {
            promise == 0 && *state.get(1) == 1
        }
    }
    let mut search = Search::new(Two, Limits::NONE, Order::Breadth);
    search.finish();
    assert_eq!(search.verdicts()[0], Verdict::Kept);
    let lasso = search.lasso(1).expect("it never stands still");
    // The step that delivers is owed first.
    assert_eq!((lasso.walk.steps.len(), lasso.loop_from), (4, Some(1)));
    assert_eq!(search.schedules(), None, "a way can go round");
}

/// A bound leaves it open, unless a way round was found among the states that are known.
#[test]
fn a_bounded_search_says_only_what_it_knows() {
    let rows: [(&'static str, Verdict); 2] = [
        ("0 a 1; 1 a 2; 2 a 3; 3 a 4; 4 a 3", Verdict::Unknown),
        (
            "0 b 5; 5 b 0; 0 a 1; 1 a 2; 2 a 3",
            Verdict::Broken(explore::State::START),
        ),
    ];
    for (arrows, expected) in rows {
        let limits = Limits {
            depth: 2,
            ..Limits::NONE
        };
        let mut search = Search::new(Arrows::read(arrows, &[9]), limits, Order::Breadth);
        search.finish();
        assert_eq!(search.verdicts(), [expected], "{arrows}");
    }
}
