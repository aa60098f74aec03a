//! A worker beside the page: started when it is needed, heard, and ended.
//!
//! A worker that says nothing for long is lost: it is ended, and whoever started it is told so.
//! The next one starts afresh. It is given the page's own module, compiled, and fetches nothing
//! but the language where it has to read code.

use course::search::{Ask, Tell, read, write};
use gloo::timers::callback::Interval;
use js_sys::{Object, Reflect};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, WorkerOptions, WorkerType};
use yew::Callback;

/// How many seconds a worker may take to arrive, on a slow line too.
const ARRIVAL: u32 = 45;
/// How many seconds it may be silent while it works.
const SILENCE: u32 = 10;
/// How many seconds it may take to end when it is told to.
const FAREWELL: u32 = 3;

/// What a worker has to be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skill {
    /// Search and grade.
    Search,
    /// Read code too, for which it fetches the language.
    Code,
}

/// What is heard of a worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// It tells something.
    Told(Tell),
    /// It was ended, and why: a sentence for the page.
    Lost(&'static str),
}

/// A worker; it is ended when this is dropped.
pub struct Worker {
    worker: web_sys::Worker,
    /// How many seconds of silence are left to it.
    patience: Rc<Cell<u32>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
    _watch: Interval,
}

impl Worker {
    /// Starts a worker and has it do this.
    ///
    /// # Errors
    /// A sentence that says why it cannot be.
    pub fn start(skill: Skill, first: Ask, hear: &Callback<Heard>) -> Result<Worker, &'static str> {
        const NOT_HERE: &str =
            "This needs a part that cannot be started here: the browser has no workers for pages.";
        const NO_LANGUAGE: &str = "What reads code is not here yet: it is still being compiled, and the page reloads then.";
        let address = address("worker").ok_or(NOT_HERE)?;
        let language = match skill {
            Skill::Search => JsValue::UNDEFINED,
            Skill::Code => address_in_page("language").ok_or(NO_LANGUAGE)?.into(),
        };
        let known = js_sys::Reflect::has(&js_sys::global(), &"Worker".into());
        if known != Ok(true) {
            return Err(NOT_HERE);
        }
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(&address, &options).map_err(|_| NOT_HERE)?;
        let patience = Rc::new(Cell::new(ARRIVAL));
        // Asked when it has arrived.
        let first = Rc::new(RefCell::new(Some(first)));

        let on_message = {
            let (worker, hear, patience) = (worker.clone(), hear.clone(), Rc::clone(&patience));
            let first = Rc::clone(&first);
            Closure::new(move |event: MessageEvent| {
                let Some(tell) = event.data().as_string().and_then(|text| read(&text).ok()) else {
                    return;
                };
                patience.set(SILENCE);
                if let Some(first) = first.take() {
                    post(&worker, &first);
                }
                hear.emit(Heard::Told(tell));
            })
        };
        let on_error = {
            let (hear, patience, first) = (hear.clone(), Rc::clone(&patience), Rc::clone(&first));
            Closure::new(move |event: Event| {
                // The page itself is well: nothing of this is for it.
                event.prevent_default();
                patience.set(u32::MAX);
                hear.emit(Heard::Lost(if first.borrow().is_none() {
                    "The search has stopped because of a mistake in the engine, or for want of memory. The rest of the page goes on."
                } else {
                    "The search could not be loaded. The rest of the page goes on; try again when the connection is back."
                }));
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let begin = Object::new();
        for (name, value) in [("module", wasm_bindgen::module()), ("language", language)] {
            // A plain object takes every property.
            drop(Reflect::set(&begin, &name.into(), &value));
        }
        worker.post_message(&begin).map_err(|_| NOT_HERE)?;
        // Seconds are counted and not measured: while the page is suspended none go by.
        let watch = {
            let (hear, patience) = (hear.clone(), Rc::clone(&patience));
            Interval::new(1_000, move || match patience.get() {
                u32::MAX => {}
                0 => {
                    patience.set(u32::MAX);
                    hear.emit(Heard::Lost(
                        "The search has said nothing for too long, so it was ended. The rest of the page goes on.",
                    ));
                }
                left => patience.set(left - 1),
            })
        };
        Ok(Worker {
            worker,
            patience,
            _on_message: on_message,
            _on_error: on_error,
            _watch: watch,
        })
    }

    /// Asks it to end what it does and to report.
    pub fn cancel(&self) {
        self.patience.set(FAREWELL);
        post(&self.worker, &Ask::Cancel);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn post(worker: &web_sys::Worker, ask: &Ask) {
    // What cannot be sent is not answered, and the silence is noticed.
    drop(worker.post_message(&JsValue::from_str(&write(ask))));
}

/// The whole address of a script: a worker has another place than the page.
fn address_in_page(name: &str) -> Option<String> {
    let base = gloo::utils::document().base_uri().ok().flatten()?;
    let address = web_sys::Url::new_with_base(&address(name)?, &base).ok()?;
    Some(address.href())
}

/// The address of a script that is fetched later, as the page names it.
fn address(name: &str) -> Option<String> {
    let attribute = format!("data-later-{name}");
    let document = gloo::utils::document();
    let script = document
        .query_selector(&format!("[{attribute}]"))
        .ok()
        .flatten()?;
    script.get_attribute(&attribute)
}
