//! The player's keys. They never fire where somebody writes or chooses.

use super::Act;
use crate::stage::player::Player;
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// What the keys do, for the list under `?`.
const KEYS: [(&str, &str); 6] = [
    ("space", "play or pause"),
    ("← →", "step back, step forward"),
    ("Home End", "to the start, to the end"),
    (BREAK, "break it: try every schedule"),
    ("Esc", "close what is open"),
    ("?", "show the keys"),
];

const BREAK: &str = "b";

/// The keys of a stage, and what they do.
pub fn of(player: &Player) -> impl Iterator<Item = &'static (&'static str, &'static str)> + use<> {
    let breaks = !player.scene().promises.is_empty();
    KEYS.iter().filter(move |(key, _)| breaks || *key != BREAK)
}

/// The event with which a stage asks for the list of keys to be shown or hidden.
pub const LIST: &str = "stage-keys";

/// The event with which a stage asks for what is open in it to be closed.
pub const CLOSE: &str = "stage-close";

/// Asks for the list of keys of the stage an element stands in.
pub fn ask_for_list(element: Option<web_sys::Element>) {
    ask(element, LIST);
}

/// Tells the stage that was pressed a key in.
fn tell(event: &KeyboardEvent, what: &str) {
    let target = event.target();
    ask(target.and_then(|target| target.dyn_into().ok()), what);
}

fn ask(element: Option<web_sys::Element>, what: &str) {
    let stage = element.and_then(|element| element.closest(".stage").ok().flatten());
    if let (Some(stage), Ok(event)) = (stage, web_sys::CustomEvent::new(what)) {
        drop(stage.dispatch_event(&event));
    }
}

/// Whether the element under the keys takes them itself.
fn takes_keys(event: &KeyboardEvent, key: &str) -> bool {
    let Some(element) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return false;
    };
    match element.tag_name().as_str() {
        // The slider moves by itself, and has no use for the others.
        "INPUT" if element.get_attribute("type").as_deref() == Some("range") => {
            ![" ", "?", BREAK].contains(&key)
        }
        "INPUT" | "SELECT" | "TEXTAREA" => true,
        "BUTTON" | "SUMMARY" => key == " " || key == "Enter",
        // The editor keeps its parts to itself: to the page, what is typed in it comes from its frame.
        _ => element.matches(".code-editor") == Ok(true),
    }
}

/// Handles the keys of a stage.
pub fn handler(act: &Callback<Act>) -> Callback<KeyboardEvent> {
    let act = act.clone();
    Callback::from(move |event: KeyboardEvent| {
        let key = event.key();
        // A list that is open in the browser's own way closes by itself.
        let is_list = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
            .is_some();
        if key == "Escape" && !is_list {
            act.emit(Act::Close);
            tell(&event, CLOSE);
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || takes_keys(&event, &key) {
            return;
        }
        let what = match key.as_str() {
            " " => Act::TogglePlay,
            "ArrowRight" => Act::Forward,
            "ArrowLeft" => Act::Back,
            "Home" => Act::StartOver,
            "End" => Act::ToEnd,
            BREAK => Act::Break,
            "?" => {
                tell(&event, LIST);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        act.emit(what);
    })
}
