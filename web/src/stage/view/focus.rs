//! Moves the keyboard's focus.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

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

/// Gives the focus to what has just opened, and when it closes back to where it was, unless somebody has
/// taken it elsewhere meanwhile.
#[hook]
pub fn use_taken(place: &NodeRef) {
    let place = place.clone();
    use_effect_with((), move |()| {
        let document = gloo::utils::document();
        let before = document.active_element();
        let opened = place.cast::<Element>();
        if let Some(opened) = &opened {
            give_in_place(opened);
        }
        move || {
            // What had the focus inside is gone by now, and left it to the page.
            let active = gloo::utils::document().active_element();
            let is_free = active.as_ref().is_none_or(|active| {
                active.tag_name() == "BODY"
                    || opened
                        .as_ref()
                        .is_some_and(|opened| opened.contains(Some(active)))
            });
            if let (true, Some(before)) = (is_free, before) {
                give_in_place(&before);
            }
        }
    });
}

/// Gives an element the focus, and leaves the page where it is.
pub fn give_in_place(element: &Element) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let element = element.unchecked_ref::<HtmlElement>();
    drop(element.focus_with_options(&options));
}
