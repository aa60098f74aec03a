//! The way back from a player to the tasks that are done in it.

use crate::stage::bus::{self, Task};
use yew::prelude::*;

/// Whose tasks.
#[derive(PartialEq, Properties)]
pub struct TasksProps {
    /// The scene.
    pub scene: String,
}

/// The tasks of the scene: which of them are done, each with the way to it.
#[component]
pub fn Tasks(props: &TasksProps) -> Html {
    let tasks = use_state(Vec::<Task>::new);
    use_effect_with(props.scene.clone(), {
        let tasks = tasks.setter();
        move |scene| {
            let scene = scene.clone();
            bus::listen_to_tasks(move |all| {
                let own = all.iter().filter(|task| task.scene == scene);
                tasks.set(own.cloned().collect());
            });
        }
    });
    if tasks.is_empty() {
        return Html::default();
    }
    let done = tasks.iter().filter(|task| task.done).count();
    html! {
        <div class="tasks" role="group" aria-label="Tasks in this player">
            <span role="status">{ format!("Tasks here: {done} of {} done.", tasks.len()) }</span>
            { for tasks.iter().enumerate().map(|(nth, task)| {
                let (sign, state) = if task.done { ("✓", "done") } else { ("☐", "to do") };
                html! {
                    <a class={classes!(task.done.then_some("done"))} href={format!("#task-{}", task.id)} aria-label={format!("Back to task {}, {state}", nth + 1)}>
                        <span aria-hidden="true">{ sign }</span>{ format!(" Back to task {}", nth + 1) }
                    </a>
                }
            }) }
        </div>
    }
}
