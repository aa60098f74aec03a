//! Islands: what a page has of live parts, as data, and how one is rendered or brought to life.
//!
//! The page holds `<div data-island="KIND" data-props='…'>…</div>`: the props as JSON, and what
//! they look like rendered. The page's own script says when one is to come alive (`web/page/boot.js`).

use crate::exercise::ExerciseProps;
use crate::map::MapProps;
use crate::progress::ProgressProps;
use crate::quiz::QuizProps;
use crate::stage::view::StageProps;
use crate::task::TaskProps;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
use crate::{
    exercise::Exercise, map::CourseMap, progress::Progress, quiz::Quiz, stage::view::Stage,
    task::Task,
};
use serde::{Deserialize, Serialize};

/// One live part of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
// The variant is the key: a tag inside would have every type read twice over, in code too.
#[serde(rename_all = "snake_case")]
pub enum Island {
    /// A scene with its player.
    Stage(Box<StageProps>),
    /// A quiz.
    Quiz(QuizProps),
    /// An exercise.
    Exercise(Box<ExerciseProps>),
    /// A task in the prose.
    Task(TaskProps),
    /// The map of the course.
    Map(MapProps),
    /// The learner's progress, to carry elsewhere.
    Progress(ProgressProps),
}

impl Island {
    /// Its kind, as the page names it: the key of its data.
    pub fn kind(&self) -> &'static str {
        match self {
            Island::Stage(_) => "stage",
            Island::Quiz(_) => "quiz",
            Island::Exercise(_) => "exercise",
            Island::Task(_) => "task",
            Island::Map(_) => "map",
            Island::Progress(_) => "progress",
        }
    }
}

/// Renders an island as it stands in the static page.
#[cfg(feature = "ssr")]
pub fn render(island: &Island) -> String {
    use crate::printing;
    match island.clone() {
        Island::Stage(props) => printing::print::<Stage>(*props, true),
        Island::Quiz(props) => printing::print::<Quiz>(props, true),
        Island::Exercise(props) => printing::print::<Exercise>(*props, true),
        Island::Task(props) => printing::print::<Task>(props, true),
        Island::Map(props) => printing::print::<CourseMap>(props, true),
        Island::Progress(props) => printing::print::<Progress>(props, true),
    }
}

/// The event on an island with which the page's script has it come alive.
#[cfg(feature = "hydrate")]
const WAKE: &str = "wake-island";

/// Waits for islands to be woken, and follows the address.
#[cfg(feature = "hydrate")]
pub fn bring_to_life() {
    use gloo::events::EventListener;
    use wasm_bindgen::JsCast;
    hear_panics();
    EventListener::new(&gloo::utils::document(), WAKE, |event| {
        let target = event.target();
        if let Some(root) = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            wake(root);
        }
    })
    .forget();
    visit();
    go_to_link();
    // A player that is not alive yet hears of no link.
    EventListener::new(&gloo::utils::window(), "hashchange", |_| go_to_link()).forget();
}

/// Has the page say so when the module stops.
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

/// Brings an island to life from its props.
#[cfg(feature = "hydrate")]
fn wake(root: web_sys::Element) {
    fn hydrate<C: yew::BaseComponent>(root: web_sys::Element, props: C::Properties) {
        drop(yew::Renderer::<C>::with_root_and_props(root, props).hydrate());
    }
    let props = root.get_attribute("data-props").unwrap_or_default();
    match engine::text::read(&props) {
        Ok(Island::Stage(props)) => hydrate::<Stage>(root, *props),
        Ok(Island::Quiz(props)) => hydrate::<Quiz>(root, props),
        Ok(Island::Exercise(props)) => hydrate::<Exercise>(root, *props),
        Ok(Island::Task(props)) => hydrate::<Task>(root, props),
        Ok(Island::Map(props)) => hydrate::<CourseMap>(root, props),
        Ok(Island::Progress(props)) => hydrate::<Progress>(root, props),
        // An island that cannot be read stays as it was rendered.
        Err(error) => gloo::console::error!(format!("an island stays still: {error}")),
    }
}

/// The player that the address means follows it by itself when it comes alive, which it does when it
/// is near; one that is not here never is.
#[cfg(feature = "hydrate")]
fn go_to_link() {
    let hash = gloo::utils::window().location().hash().unwrap_or_default();
    let Some(anchor) = course::link::anchor(&hash) else {
        return;
    };
    match gloo::utils::document().get_element_by_id(anchor) {
        None => crate::notice::say("This link is to a scene that is not on this page."),
        Some(player) => {
            if let Ok(Some(_)) = player.closest("[data-island]:not([data-live])") {
                player.scroll_into_view();
            }
        }
    }
}

/// Remembers that the page's lesson was opened, where it is one.
#[cfg(feature = "hydrate")]
fn visit() {
    let found = gloo::utils::document().query_selector("[data-lesson]");
    let lesson = found
        .ok()
        .flatten()
        .and_then(|element| element.get_attribute("data-lesson"));
    if let Some(lesson) = lesson {
        crate::keeping::change(|progress| progress.lesson_mut(&lesson).visited = true);
    }
}
