//! Primers that their reader has folded stay folded. The page's own script folds them before they are
//! drawn (`web/page/boot.js`); here it is remembered which they are.

use crate::keeping;
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;

/// The attribute that has a primer's name.
const NAME: &str = "data-primer";

/// Remembers which primers are folded, for as long as the page lives.
pub fn remember() {
    // The event does not rise: it is heard on its way down.
    let options = EventListenerOptions::run_in_capture_phase();
    let document = gloo::utils::document();
    let listener = EventListener::new_with_options(&document, "toggle", options, |event| {
        let target = event.target();
        let Some(primer) = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        else {
            return;
        };
        let Some(name) = primer.get_attribute(NAME) else {
            return;
        };
        keeping::change(|progress| {
            let known = &mut progress.reader.known;
            if primer.has_attribute("open") {
                known.remove(&name);
            } else {
                known.insert(name);
            }
        });
    });
    listener.forget();
}
