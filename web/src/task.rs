//! A task in the prose that ticks itself off when the learner has brought it about.

use crate::keeping;
use crate::stage::bus;
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

/// A task.
#[component]
pub fn Task(props: &TaskProps) -> Html {
    let done = use_state(|| false);
    use_effect_with(props.clone(), {
        let done = done.clone();
        move |TaskProps { lesson, task }| {
            let is_kept = {
                let (lesson, id) = (lesson.clone(), task.id.clone());
                move |progress: &course::progress::Progress| {
                    progress
                        .lesson(&lesson)
                        .is_some_and(|known| known.tasks.contains(&id))
                }
            };
            done.set(is_kept(&keeping::progress()));
            keeping::listen(move |progress| done.set(is_kept(progress)));
            let (lesson, task) = (lesson.clone(), task.clone());
            bus::listen(move |shown| {
                if shown.scene == task.scene && task.done(&shown.run, shown.position) {
                    keeping::change(|progress| {
                        progress.lesson_mut(&lesson).tasks.insert(task.id.clone());
                    });
                }
            });
        }
    });
    html! {
        <div class={classes!("task", done.then_some("done"))} id={format!("task-{}", props.task.id)} tabindex="-1">
            <span class="box" role="img" aria-label={if *done { "Done" } else { "To do" }}></span>
            <div class="asked">
                { Html::from_html_unchecked(AttrValue::from(format!("<div>{}</div>", props.task.html))) }
                <a class="to-player" href={format!("#{}", props.task.scene)}>{ "To the player" }</a>
            </div>
            <span class="hidden-visually" role="status">{ if *done { "Task done" } else { "" } }</span>
        </div>
    }
}
