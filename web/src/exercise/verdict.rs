//! What is said of an answer: how far the grading is, the verdict, problems, promises.

use super::markup;
use super::state::{self, Act, State};
use crate::stage::search;
use course::exercise::Form;
use course::quiz::Mark;
use course::{budget, found};
use engine::handler::Problem;
use schedule::thousands;
use yew::prelude::*;

/// What the verdict is made from.
#[derive(PartialEq, Properties)]
pub struct VerdictProps {
    /// The exercise as it stands.
    pub state: State,
    /// What to do.
    pub act: Callback<Act>,
}

/// What keeps the present answer from being run.
pub fn problems(state: &State) -> Vec<Problem> {
    match &state.outcome {
        Some(outcome) if !state.is_stale() => outcome.graded.problems.clone(),
        _ => Vec::new(),
    }
}

/// What is said of each prediction of the present answer.
pub fn marks(state: &State) -> Vec<Mark> {
    match &state.outcome {
        Some(outcome) if !state.is_stale() => outcome.graded.marks.clone(),
        _ => Vec::new(),
    }
}

/// What the grading of the answer allowed and what it ruled out: with the exercise's options, and those that were
/// answered.
fn allowed(state: &State) -> Option<String> {
    let (exercise, outcome) = (state.exercise(), state.outcome.as_ref()?);
    let mut with = exercise.with.clone();
    if matches!(exercise.form, Form::Settings { .. }) {
        with.extend(state::settings(&outcome.of));
    }
    let scene = exercise.scene.as_ref()?.with(&with).ok()?;
    Some(budget::allowed(&scene.explore, scene.broker.system))
}

/// The verdict.
#[component]
pub fn Verdict(props: &VerdictProps) -> Html {
    let VerdictProps { state, act } = props;
    let graded = state.outcome.as_ref().map(|outcome| &outcome.graded);
    let stale = state.is_stale();
    let said = match (&state.failure, graded) {
        (Some(failure), _) => failure.clone(),
        _ if state.job.is_some() => String::new(),
        (None, Some(graded)) => graded.sentence.clone(),
        (None, None) => String::new(),
    };
    let counts = match &state.job {
        Some(job) => job.progress.map_or_else(
            || "starting …".to_owned(),
            |progress| format!("{} states tried", thousands(progress.states.into())),
        ),
        None => String::new(),
    };
    let class = match graded {
        Some(graded) if graded.passed => "yes",
        Some(_) => "no",
        None => "",
    };
    html! {
        <div class={classes!("graded", class, stale.then_some("stale"))}>
            <p class="verdict" role="status">
                if !said.is_empty() {
                    <span class="sign" aria-hidden="true">{ if class == "yes" { "✓ " } else { "✕ " } }</span>
                }
                { said }
            </p>
            <p class="counts">{ counts }</p>
            if stale { <p class="of-others">{ "This is about your answer as it was when you checked it." }</p> }
            if let (Some(graded), None) = (graded, &state.job) {
                if let Some(expected) = &graded.expected { <p class="expectation">{ expected }</p> }
                if let Some(why) = &graded.why { { markup("p", why) } }
                if let Some(allowed) = allowed(state).filter(|_| !graded.promises.is_empty()) {
                    <p class="allowed"><b>{ "Allowed: " }</b>{ format!("{allowed}.") }</p>
                }
                <ul class="promises" aria-label="Promises">
                    { for graded.promises.iter().map(|promise| {
                        let kind = found::kind(&promise.kind);
                        let mark = search::mark(promise.verdict, kind, promise.witness.as_ref());
                        let witness = promise.witness.as_ref().filter(|_| promise.is_empty());
                        html! {
                            <li class={mark.class}>
                                <span class="sign" aria-hidden="true">{ mark.sign }</span>
                                <span><span class="kind">{ search::quantity(kind) }</span>{ " " }<b>{ &promise.name }</b>{ ": " }<b class="word">{ mark.word }</b>
                                    if let Some(found) = &promise.found {
                                        { format!(". {}. Shortest: {}.", found.sentence.trim_end_matches('.'), search::steps(found.turns)) }
                                    } else if let Some(witness) = witness {
                                        { format!(": there is no run in which {}.", witness.premise) }
                                    }
                                </span>
                                if let Some(found) = &promise.found {
                                    <button type="button" aria-label={format!("Show me: {}", promise.name)} onclick={
                                        let (act, found) = (act.clone(), found.clone());
                                        Callback::from(move |_: MouseEvent| act.emit(Act::Show(found.clone())))
                                    }>{ "Show me" }</button>
                                }
                            </li>
                        }
                    }) }
                </ul>
            }
        </div>
    }
}
