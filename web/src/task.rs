//! A task in the prose, which ticks itself off when the learner has brought it about and answered its
//! question, if it asks one.

mod question;

use crate::keeping;
use crate::stage::bus::{self, Way};
use crate::stage::view::way;
use course::progress::Progress;
use serde::{Deserialize, Serialize};
use yew::prelude::*;

/// What a task is made from.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct TaskProps {
    /// The lesson it stands in.
    pub lesson: String,
    /// The task.
    pub task: course::task::Task,
}

/// What is kept of a task.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kept {
    done: bool,
    /// What it asks for has come about, and its question is open.
    reached: bool,
    answer: Option<String>,
}

impl Kept {
    fn of(progress: &Progress, lesson: &str, id: &str) -> Kept {
        let Some(known) = progress.lesson(lesson) else {
            return Kept::default();
        };
        Kept {
            done: known.tasks.contains(id),
            reached: known.reached.contains(id),
            answer: known.answered.get(id).cloned(),
        }
    }
}

/// A task.
#[component]
pub fn Task(props: &TaskProps) -> Html {
    let live = use_state(|| false);
    let kept = use_state(Kept::default);
    use_effect_with(props.clone(), {
        let (live, kept) = (live.clone(), kept.clone());
        move |TaskProps { lesson, task }| {
            live.set(true);
            let is_kept = {
                let (lesson, id) = (lesson.clone(), task.id.clone());
                move |progress: &Progress| Kept::of(progress, &lesson, &id)
            };
            kept.set(is_kept(&keeping::progress()));
            keeping::listen(move |progress| kept.set(is_kept(progress)));
            let (lesson, task) = (lesson.clone(), task.clone());
            bus::listen(move |shown| {
                // A run that a search or somebody's link has chosen is no answer of the learner's.
                if shown.own && shown.scene == task.scene && task.done(&shown.run, shown.position) {
                    let id = task.id.clone();
                    bus::lead(Way::Reached { task: id });
                    keeping::change(|progress| progress.lesson_mut(&lesson).reach(&task));
                }
            });
        }
    });
    let onanswer = {
        let TaskProps { lesson, task } = props.clone();
        Callback::from(move |answer: String| {
            keeping::change(|progress| progress.lesson_mut(&lesson).answer(&task, answer));
        })
    };
    let to_player = {
        let (anchor, task) = (props.task.scene.clone(), props.task.id.clone());
        Callback::from(move |event: MouseEvent| {
            let to = Way::To {
                anchor: anchor.clone(),
                task: task.clone(),
            };
            bus::lead(to);
            if way::go(&anchor) {
                event.prevent_default();
            }
        })
    };
    let task = &props.task;
    html! {
        <div class={classes!("task", kept.done.then_some("done"))} id={format!("task-{}", task.id)} tabindex="-1">
            <span class="box" role="img" aria-label={if kept.done { "Done" } else { "To do" }}></span>
            <div class="asked">
                { Html::from_html_unchecked(AttrValue::from(format!("<div>{}</div>", task.html))) }
                if let Some(question) = &task.question {
                    <question::Question task={task.id.clone()} question={question.clone()} answer={kept.answer.clone()} live={*live} {onanswer} />
                }
                <a class="to-player" href={format!("#{}", task.scene)} onclick={to_player}>{ "To the player" }</a>
                { open(task, &kept) }
            </div>
            <span class="hidden-visually" role="status">{ if kept.done { "Task done" } else { "" } }</span>
        </div>
    }
}

/// What is left to do of a task that has two parts.
fn open(task: &course::task::Task, kept: &Kept) -> Html {
    if task.question.is_none() || kept.done {
        return Html::default();
    }
    let answered = task.is_answered(kept.answer.as_deref());
    let words = match (kept.reached, answered) {
        (true, false) => "You have been there. The question is open.",
        (false, true) => "Answered. Now bring it about in the player.",
        _ => return Html::default(),
    };
    html! { <span class="left-open">{ " · " }{ words }</span> }
}
