//! Moves the keyboard's focus.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Gives an element the focus; parts of a drawing take it as other elements do.
pub fn give(element: &Element) {
    drop(element.unchecked_ref::<HtmlElement>().focus());
}

/// Moves the focus among the elements of this kind, as a key says.
pub fn along(within: Option<Element>, kind: &str, key: &str) {
    let Some(items) = within.and_then(|within| within.query_selector_all(kind).ok()) else {
        return;
    };
    let active = gloo::utils::document().active_element();
    let items: Vec<Element> = (0..items.length())
        .filter_map(|at| items.get(at)?.dyn_into().ok())
        .collect();
    let at = items.iter().position(|item| Some(item) == active.as_ref());
    let next = match (key, at) {
        ("Home", _) | (_, None) => 0,
        ("End", _) => items.len().saturating_sub(1),
        ("ArrowDown" | "ArrowRight", Some(at)) => (at + 1) % items.len(),
        (_, Some(at)) => (at + items.len() - 1) % items.len(),
    };
    if let Some(item) = items.get(next) {
        give(item);
    }
}
