//! Islands: what a page has of live parts, as data, and how one is rendered or brought to life.
//!
//! The page holds `<div data-island data-props="…">…</div>`: the props as JSON, and what they
//! look like rendered.

use crate::exercise::ExerciseProps;
use crate::progress::ProgressProps;
use crate::quiz::QuizProps;
use crate::stage::view::StageProps;
use crate::task::TaskProps;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
use crate::{exercise::Exercise, progress::Progress, quiz::Quiz, stage::view::Stage, task::Task};
use serde::{Deserialize, Serialize};

/// One live part of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// The variant is the key: a tag inside would have every type read twice over, in code too.
#[serde(rename_all = "snake_case")]
pub enum Island {
    /// A scene with its player.
    Stage(StageProps),
    /// A quiz.
    Quiz(QuizProps),
    /// An exercise.
    Exercise(ExerciseProps),
    /// A task in the prose.
    Task(TaskProps),
    /// The learner's progress.
    Progress(ProgressProps),
}

/// Renders an island as it stands in the static page.
#[cfg(feature = "ssr")]
pub fn render(island: &Island) -> String {
    use crate::printing;
    match island.clone() {
        Island::Stage(props) => printing::print::<Stage>(props, true),
        Island::Quiz(props) => printing::print::<Quiz>(props, true),
        Island::Exercise(props) => printing::print::<Exercise>(props, true),
        Island::Task(props) => printing::print::<Task>(props, true),
        Island::Progress(props) => printing::print::<Progress>(props, true),
    }
}

/// Brings every island of the page to life.
#[cfg(feature = "hydrate")]
pub fn bring_to_life() {
    use wasm_bindgen::JsCast;
    let Ok(found) = gloo::utils::document().query_selector_all("[data-island]") else {
        return;
    };
    for at in 0..found.length() {
        let Some(root) = found
            .get(at)
            .and_then(|node| node.dyn_into::<web_sys::Element>().ok())
        else {
            continue;
        };
        let props = root.get_attribute("data-props").unwrap_or_default();
        // An island that cannot be read stays as it was rendered.
        match serde_json::from_str(&props) {
            Ok(Island::Stage(props)) => {
                visit(&props.lesson);
                wake::<Stage>(root, props);
            }
            Ok(Island::Quiz(props)) => wake::<Quiz>(root, props),
            Ok(Island::Exercise(props)) => wake::<Exercise>(root, props),
            Ok(Island::Task(props)) => wake::<Task>(root, props),
            Ok(Island::Progress(props)) => wake::<Progress>(root, props),
            Err(error) => gloo::console::error!(format!("an island stays still: {error}")),
        }
    }
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    if let Some(anchor) = course::link::anchor(&hash)
        && gloo::utils::document().get_element_by_id(anchor).is_none()
    {
        crate::notice::say("This link is to a scene that is not on this page.");
    }
}

#[cfg(feature = "hydrate")]
fn wake<C: yew::BaseComponent>(root: web_sys::Element, props: C::Properties) {
    drop(yew::Renderer::<C>::with_root_and_props(root, props).hydrate());
}

/// Remembers that a lesson was opened.
#[cfg(feature = "hydrate")]
fn visit(lesson: &str) {
    crate::keeping::change(|progress| progress.lesson_mut(lesson).visited = true);
}
