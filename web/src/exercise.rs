//! An exercise: a task, an answer, and a verdict over every schedule.
//!
//! The answer is the learner's: it is kept as it is typed, by the exercise's version, and an
//! author's new text never takes its place. Grading is a worker's; what it found opens in a player
//! inside the exercise.

mod answer;
mod calls;
mod editor;
mod find;
mod player;
mod reading;
mod settings;
pub mod state;
mod verdict;

use crate::keeping;
use crate::worker::{Heard, Skill, Worker};
use course::exercise::{Exercise as Task, Form};
use course::progress::ExerciseProgress;
use course::search::{Ask, ToGrade};
use serde::{Deserialize, Serialize};
use state::{Act, State};
use std::rc::Rc;
use yew::prelude::*;

/// What an exercise is made from.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct ExerciseProps {
    /// The lesson it stands in.
    pub lesson: String,
    /// The exercise.
    pub exercise: Task,
}

/// How long after the last change an answer is kept, in ms.
const KEEP_AFTER: u32 = 400;

/// An exercise.
#[component]
pub fn Exercise(props: &ExerciseProps) -> Html {
    let exercise = use_memo(props.exercise.clone(), Task::clone);
    let state = use_reducer_eq({
        let exercise = Rc::clone(&exercise);
        || State::new(exercise)
    });
    let dispatcher = state.dispatcher();
    let act = use_callback((), move |act: Act, ()| dispatcher.dispatch(act));
    use_kept(&act, &state, &props.lesson);
    use_worker(&act, &state);

    let does = |what: Act| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(what.clone()))
    };
    let heading = format!("exercise-{}-title", exercise.id);
    let is_find = matches!(exercise.form, Form::Find { .. });
    let runs = matches!(exercise.form, Form::Code { .. } | Form::Settings { .. });
    // A design is graded by its own author, once it was compared with the rubric.
    let grades = match &exercise.form {
        Form::Find { .. } => false,
        Form::Design { .. } => state::design(&state.answer).0.is_some(),
        _ => true,
    };
    let (check, checks) = if state.job.is_some() {
        ("Cancel", Act::Cancel)
    } else {
        ("Check", Act::Check)
    };
    html! {
        <section class={classes!("exercise", state.passed.then_some("done"))} id={format!("exercise-{}", exercise.id)} aria-labelledby={heading.clone()}>
            <h3 id={heading}>
                { &exercise.title }
                if state.passed { <span class="passed">{ " ✓ passed" }</span> }
            </h3>
            { for exercise.task.iter().map(|html| markup("p", html)) }
            if let Some(earlier) = &state.earlier {
                <div class="earlier">
                    <p>{ "This exercise has changed since you worked on it. Your text for an earlier version is kept:" }</p>
                    <details><summary>{ "Show it" }</summary><pre>{ earlier }</pre></details>
                    <button type="button" onclick={does(Act::Earlier)}>{ "Go on with it" }</button>
                </div>
            }
            <answer::Field exercise={Rc::clone(&exercise)} text={state.answer.clone()} problems={verdict::problems(&state)} marks={verdict::marks(&state)} live={state.live} act={act.clone()} />
            if is_find {
                <find::Find exercise={Rc::clone(&exercise)} passed={state.passed} act={act.clone()} />
            }
            <div class="exercise-buttons">
                if runs {
                    <button type="button" disabled={!state.live} onclick={does(Act::Run)}>{ "Run" }</button>
                }
                if grades {
                    <button type="button" class="go" disabled={!state.live} onclick={does(checks)}>{ check }</button>
                }
                if state.hints < exercise.hints.len() {
                    <button type="button" disabled={!state.live} onclick={does(Act::Hint)}>{ format!("Hint ({} of {})", state.hints + 1, exercise.hints.len()) }</button>
                }
                if runs {
                    <button type="button" disabled={!state.live || state.answer == state::starter(&exercise)} onclick={does(Act::Reset)}>{ "Reset" }</button>
                    <button type="button" aria-expanded={state.solution.to_string()} disabled={!state.passed} title={if state.passed { "" } else { "After passing" }} onclick={does(Act::Solution)}>{ "Solution" }</button>
                }
            </div>
            <verdict::Verdict state={(*state).clone()} act={act.clone()} />
            if state.hints > 0 {
                <ol class="hints" aria-label="Hints">{ for exercise.hints.iter().take(state.hints).map(|html| markup("li", html)) }</ol>
            }
            if state.solution {
                <pre class="solution" aria-label="A solution" tabindex="0">{ answer::words(&exercise, &state::solution(&exercise)) }</pre>
            }
            if let Some(shown) = &state.shown {
                { player::belongs_to(&exercise, shown, state.is_shown_stale()) }
                <player::Shown key={shown.nth} exercise={Rc::clone(&exercise)} lesson={props.lesson.clone()} shown={shown.clone()} />
            }
        </section>
    }
}

/// HTML that the course's own reader made from Markdown at build time; nothing of it comes from outside.
fn markup(tag: &str, html: &str) -> Html {
    Html::from_html_unchecked(AttrValue::from(format!("<{tag}>{html}</{tag}>")))
}

/// Takes up what was kept, and keeps what is done.
#[hook]
fn use_kept(act: &Callback<Act>, state: &UseReducerHandle<State>, lesson: &str) {
    let id = state.exercise().id.clone();
    use_effect_with((lesson.to_owned(), id.clone()), {
        let act = act.clone();
        move |(lesson, id)| {
            let kept = keeping::progress()
                .lesson(lesson)
                .and_then(|lesson| lesson.exercises.get(id).cloned());
            act.emit(Act::Live(kept));
        }
    });
    let kept = state.live.then(|| state.kept());
    let lesson = lesson.to_owned();
    use_effect_with(kept, move |kept| {
        let keep = kept.clone().map(|kept| {
            // Typing is a burst of changes; the last of them is what is kept.
            gloo::timers::callback::Timeout::new(KEEP_AFTER, move || {
                keeping::change(|progress| {
                    let all = &mut progress.lesson_mut(&lesson).exercises;
                    match kept {
                        Some(kept) => drop(all.insert(id, kept)),
                        // Nothing is not kept by keeping nothing: what other copies know is added.
                        None => {
                            if let Some(known) = all.get_mut(&id) {
                                *known = ExerciseProgress {
                                    version: known.version,
                                    ..ExerciseProgress::default()
                                };
                            }
                        }
                    }
                });
            })
        });
        move || drop(keep)
    });
}

/// Has a worker run or grade the answer, and ends it when it has.
#[hook]
fn use_worker(act: &Callback<Act>, state: &UseReducerHandle<State>) {
    let worker = use_mut_ref(|| None::<Worker>);
    let wanted = state.job.as_ref().map(|job| (job.nth, job.grades));
    let act = act.clone();
    let state = state.clone();
    use_effect_with(wanted, move |wanted| {
        if let Some((nth, grades)) = *wanted {
            let hear = Callback::from(move |heard| act.emit(Act::Heard(nth, heard)));
            let exercise = state.exercise();
            let skill = match exercise.form {
                Form::Code { .. } => Skill::Code,
                _ => Skill::Search,
            };
            let to_grade = ToGrade {
                exercise: (**exercise).clone(),
                answer: state::answer(exercise, &state.answer),
                once: !grades,
            };
            match Worker::start(skill, Ask::Grade(Box::new(to_grade)), &hear) {
                Ok(started) => drop(worker.replace(Some(started))),
                Err(why) => hear.emit(Heard::Lost(why)),
            }
        }
        move || drop(worker.take())
    });
}
