//! Islands: what a page has of live parts, as data, and how one is rendered or brought to life.
//!
//! The page holds `<div data-island="MODULE" data-props="…">…</div>`: the props as JSON, and what
//! they look like rendered. Exercises have a module of their own, which is fetched when one comes
//! near: reading, playing and keeping them would be a third of what every visit waits for.

#[cfg(feature = "ssr")]
use crate::exercise::ExerciseProps;
use crate::progress::ProgressProps;
use crate::quiz::QuizProps;
use crate::stage::view::StageProps;
use crate::task::TaskProps;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
use crate::{exercise::Exercise, progress::Progress, quiz::Quiz, stage::view::Stage, task::Task};
#[cfg(feature = "hydrate")]
use engine::json;
use serde::{Deserialize, Serialize};

/// The module that every visit loads, and its islands are of this kind.
pub const PAGE: &str = "web";
/// The module of exercises.
pub const EXERCISE: &str = "exercise";

/// One live part of a page that every visit brings to life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// The variant is the key: a tag inside would have every type read twice over, in code too.
#[serde(rename_all = "snake_case")]
pub enum Island {
    /// A scene with its player.
    Stage(Box<StageProps>),
    /// A quiz.
    Quiz(QuizProps),
    /// A task in the prose.
    Task(TaskProps),
    /// The learner's progress.
    Progress(ProgressProps),
}

/// Renders an exercise as it stands in the static page.
#[cfg(feature = "ssr")]
pub fn render_exercise(props: ExerciseProps) -> String {
    crate::printing::print::<Exercise>(props, true)
}

/// Renders an island as it stands in the static page.
#[cfg(feature = "ssr")]
pub fn render(island: &Island) -> String {
    use crate::printing;
    match island.clone() {
        Island::Stage(props) => printing::print::<Stage>(*props, true),
        Island::Quiz(props) => printing::print::<Quiz>(props, true),
        Island::Task(props) => printing::print::<Task>(props, true),
        Island::Progress(props) => printing::print::<Progress>(props, true),
    }
}

/// Brings the page to life, but for its exercises.
#[cfg(feature = "hydrate")]
pub fn bring_to_life() {
    hear_panics();
    each(PAGE, |root, props| {
        match json::from_text(props)? {
            Island::Stage(props) => {
                visit(&props.lesson);
                wake::<Stage>(root, *props);
            }
            Island::Quiz(props) => wake::<Quiz>(root, props),
            Island::Task(props) => wake::<Task>(root, props),
            Island::Progress(props) => wake::<Progress>(root, props),
        }
        Ok(())
    });
    go_to_link();
    // A link to an exercise has to be gone to also before there is a player that hears of it.
    gloo::events::EventListener::new(&gloo::utils::window(), "hashchange", |_| go_to_link())
        .forget();
}

/// Brings the exercises of the page to life.
#[cfg(feature = "hydrate")]
pub fn bring_exercises_to_life() {
    hear_panics();
    each(EXERCISE, |root, props| {
        wake::<Exercise>(root, json::from_text(props)?);
        Ok(())
    });
}

/// Has the page say so when a module stops.
#[cfg(feature = "hydrate")]
fn hear_panics() {
    std::panic::set_hook(Box::new(|info| {
        gloo::console::error!(info.to_string());
        // The page's own script shows the sentence; this module can do nothing more.
        if let Ok(event) = web_sys::CustomEvent::new("engine-trap") {
            drop(gloo::utils::document().dispatch_event(&event));
        }
    }));
}

/// Every island of a module, with its props.
#[cfg(feature = "hydrate")]
fn each(module: &str, wake: impl Fn(web_sys::Element, &str) -> serde_json::Result<()>) {
    use wasm_bindgen::JsCast;
    let document = gloo::utils::document();
    let Ok(found) = document.query_selector_all(&format!("[data-island={module}]")) else {
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
        if let Err(error) = wake(root, &props) {
            gloo::console::error!(format!("an island stays still: {error}"));
        }
    }
}

/// The player that the address means follows it by itself, once it is alive; one in an exercise is
/// alive only when it was near, and one that is not here never is.
#[cfg(feature = "hydrate")]
fn go_to_link() {
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    let Some(anchor) = course::link::anchor(&hash) else {
        return;
    };
    match gloo::utils::document().get_element_by_id(anchor) {
        None => crate::notice::say("This link is to a scene that is not on this page."),
        Some(player) => {
            if let Ok(Some(_)) = player.closest(&format!("[data-island={EXERCISE}]")) {
                player.scroll_into_view();
            }
        }
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
