//! A run to be found: a stage in which the learner brings it about, and a goal that ticks itself off.

use super::player;
use super::state::{Act, Shown};
use crate::stage::bus;
use crate::stage::view::Playing;
use course::exercise::{Allowed, Exercise, Form};
use course::query::Condition;
use engine::scene::Verb;
use engine::{Choice, Run};
use std::rc::Rc;
use yew::prelude::*;

/// What the search for a run is made from.
#[derive(PartialEq, Properties)]
pub struct FindProps {
    /// The exercise.
    pub exercise: Rc<Exercise>,
    /// Whether it was found.
    pub passed: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The stage and the goal.
#[component]
pub fn Find(props: &FindProps) -> Html {
    let exercise = &props.exercise;
    let anchor = format!("exercise-{}-find", exercise.id);
    let used = use_state(Used::default);
    use_effect_with((), {
        let (act, exercise, anchor, used) = (
            props.act.clone(),
            Rc::clone(exercise),
            anchor.clone(),
            used.clone(),
        );
        move |()| {
            let Form::Find { goal, allowed, .. } = &exercise.form else {
                return;
            };
            let conditions: Vec<Condition> =
                goal.iter().filter_map(|line| line.parse().ok()).collect();
            let allowed = allowed.clone();
            bus::listen(move |shown| {
                if shown.anchor != anchor {
                    return;
                }
                let now = Used::of(&shown.run, shown.position);
                used.set(now);
                let reached = !conditions.is_empty()
                    && conditions
                        .iter()
                        .all(|one| one.holds(&shown.run, shown.position));
                if reached && now.is_allowed(&allowed) {
                    act.emit(Act::Reached(shown.run.path().to_string()));
                }
            });
        }
    });
    let Form::Find { allowed, .. } = &exercise.form else {
        return Html::default();
    };
    let start = Shown {
        nth: 0,
        of: String::new(),
        recorded: Rc::default(),
        found: None,
    };
    let player = use_memo(Rc::clone(exercise), |exercise| {
        player::player(exercise, &start)
    });
    html! {
        <>
            <p class={classes!("goal", props.passed.then_some("done"))} role="status">
                <span class="sign" aria-hidden="true">{ if props.passed { "✓ " } else { "☐ " } }</span>
                { if props.passed { "Found." } else { "Not found yet." } }
                { format!(" Crashes used: {} of {}. Restarts: {} of {}.", used.crashes, allowed.crashes, used.restarts, allowed.restarts) }
            </p>
            { match &*player {
                Ok(player) => html! { <Playing player={player.clone()} {anchor} /> },
                Err(why) => html! { <p class="notice" role="alert">{ why }</p> },
            } }
        </>
    }
}

/// What a learner did to a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Used {
    crashes: u32,
    restarts: u32,
    freezes: u32,
    order: bool,
}

impl Used {
    fn of(run: &Run, position: usize) -> Used {
        let mut used = Used::default();
        for choice in run.path().0.iter().take(position) {
            match choice {
                Choice::Fault(Verb::Crash, _) => used.crashes += 1,
                Choice::Fault(Verb::Restart, _) => used.restarts += 1,
                Choice::Fault(Verb::Freeze, _) => used.freezes += 1,
                Choice::Fault(Verb::Thaw, _) | Choice::Earliest | Choice::NoStory => {}
                // Nothing that the player's own controls can do.
                _ => used.order = true,
            }
        }
        used
    }

    fn is_allowed(self, allowed: &Allowed) -> bool {
        self.crashes <= allowed.crashes
            && self.restarts <= allowed.restarts
            && self.freezes <= allowed.freezes
            && (allowed.any_order || !self.order)
    }
}
