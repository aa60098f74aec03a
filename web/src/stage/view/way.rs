//! The way from a task to its player and back. Nothing moves for it: the link back lies over the picture.

use super::{Act, focus};
use crate::stage::bus::{self, Way};
use yew::prelude::*;

/// Goes to an element of the page with the eye and the keyboard; says whether it is there.
pub(crate) fn go(id: &str) -> bool {
    let found = gloo::utils::document().get_element_by_id(id);
    if let Some(element) = &found {
        element.scroll_into_view();
        focus::give_in_place(element);
    }
    found.is_some()
}

/// Tells a player of every task that leads to it.
pub(super) fn follow(anchor: &str, act: &Callback<Act>) {
    let (here, act) = (anchor.to_owned(), act.clone());
    bus::guide(move |way| match way {
        Way::To { anchor, task } if *anchor == here => act.emit(Act::Entered(task.clone())),
        Way::To { .. } => {}
        Way::Reached { task } => act.emit(Act::Reached(task.clone())),
    });
}

#[derive(PartialEq, Properties)]
pub(super) struct BackProps {
    /// The task.
    pub task: String,
    /// Whether what it asks for has come about.
    pub reached: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The link back to the task.
#[component]
pub(super) fn Back(props: &BackProps) -> Html {
    let address = format!("task-{}", props.task);
    let onclick = {
        let (address, act) = (address.clone(), props.act.clone());
        Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            go(&address);
            act.emit(Act::Left);
        })
    };
    html! {
        <a class={classes!("to-task", props.reached.then_some("reached"))} href={format!("#{address}")} {onclick}>
            { if props.reached { "✓ Done. Back to the task" } else { "Back to the task" } }
        </a>
    }
}
