//! A run to be found: a stage in which the learner brings it about, and a goal that ticks itself off.

use super::player;
use super::state::{Act, Shown};
use crate::stage::bus;
use crate::stage::view::Playing;
use course::exercise::{Allowed, Exercise, Form, known};
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
    let instead = use_state(|| None::<Instead>);
    use_effect_with((), {
        let (act, exercise, anchor, used, instead) = (
            props.act.clone(),
            Rc::clone(exercise),
            anchor.clone(),
            used.clone(),
            instead.clone(),
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
                instead.set(Instead::of(&exercise, &shown.run, shown.position, now));
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
            // What was found instead is said at the end of a run, and taken back when somebody steps back.
            <div class="instead" role="status">
                if let Some(instead) = (*instead).as_ref().filter(|_| !props.passed) {
                    <p>{ &instead.sentence }</p>
                    if let Some(why) = &instead.why { { super::markup("p", why) } }
                }
            </div>
            if props.passed && !exercise.why.is_empty() {
                { super::markup("p", &exercise.why) }
            }
            { match &*player {
                Ok(player) => html! { <Playing player={player.clone()} {anchor} /> },
                Err(why) => html! { <p class="notice" role="alert">{ why }</p> },
            } }
        </>
    }
}

/// What a run came to whose end is not what was asked for.
#[derive(Clone, Debug, PartialEq)]
struct Instead {
    sentence: String,
    /// As HTML: what the author has to say of such a run.
    why: Option<String>,
}

impl Instead {
    /// What is to be said at this place of a run; nothing before its end.
    fn of(exercise: &Exercise, run: &Run, position: usize, used: Used) -> Option<Instead> {
        let Form::Find {
            goal,
            allowed,
            wrong,
            ..
        } = &exercise.form
        else {
            return None;
        };
        if position < run.len() || !run.world().at_rest() {
            return None;
        }
        if !used.is_allowed(allowed) {
            let sentence =
                "More was done to this run than is allowed. Go back and leave some of it out.";
            return Some(Instead {
                sentence: sentence.to_owned(),
                why: None,
            });
        }
        let instead = known::instead(goal, run);
        if instead.is_empty() {
            return None;
        }
        let known = known::way(wrong, run);
        Some(Instead {
            sentence: format!(
                "This run is over. In the end {}. You can go back to any moment and take another way.",
                instead.join("; ")
            ),
            why: known.map(|nth| wrong[nth].why.clone()),
        })
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
