//! Keeps the learner's progress in this browser, and tells the page when it changes.
//!
//! Storage that refuses is no reason to stop: progress then lives as long as the page, and one
//! sentence says so, once.

use course::progress::{Progress, Refused, Store, Unreadable};
use gloo::events::EventListener;
use std::cell::RefCell;
use std::rc::Rc;

/// Under which name the browser keeps it.
const KEY: &str = "at-least-once.progress";

/// Under which name the page of reviews keeps when what is asked again; it is forgotten with the progress.
const REVIEWS: &str = "at-least-once.review";

/// What the page's own script hears when what is stored cannot be read.
const UNREADABLE: &str = "progress-unreadable";

/// The browser's local storage.
struct Browser;

impl Store for Browser {
    fn load(&self) -> Result<Option<String>, Refused> {
        storage()?.get_item(KEY).map_err(|_| Refused::Denied)
    }

    fn save(&mut self, text: &str) -> Result<(), Refused> {
        storage()?.set_item(KEY, text).map_err(|_| Refused::Full)
    }
}

/// The raw storage: a damaged text must reach the reader, who says so.
fn storage() -> Result<web_sys::Storage, Refused> {
    gloo::utils::window()
        .local_storage()
        .ok()
        .flatten()
        .ok_or(Refused::Denied)
}

type Listener = Rc<dyn Fn(&Progress)>;

/// What is known in this page.
#[derive(Default)]
struct Kept {
    progress: Progress,
    read: bool,
    said: bool,
    /// Something is stored that this page cannot read; it must not be written over.
    foreign: bool,
    /// Whether other tabs are listened to.
    listening: bool,
    listeners: Vec<Listener>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// The progress so far.
pub fn progress() -> Progress {
    read_once();
    KEPT.with(|kept| kept.borrow().progress.clone())
}

/// Changes the progress, keeps it, and tells everybody.
pub fn change(change: impl FnOnce(&mut Progress)) {
    read_once();
    let (before, after, foreign) = KEPT.with(|kept| {
        let mut kept = kept.borrow_mut();
        let before = kept.progress.clone();
        change(&mut kept.progress);
        (before, kept.progress.clone(), kept.foreign)
    });
    if before == after {
        return;
    }
    let mut kept = after;
    if !foreign {
        // Another tab may have gone on meanwhile; what it did is not undone, and what this page does
        // not understand is not written over.
        match Browser
            .load()
            .map(|text| text.map(|text| Progress::read(&text)))
        {
            Ok(Some(Err(_))) => leave_it_as_it_is(),
            Ok(Some(Ok(other))) => {
                kept.join(&before, &other);
                save(&kept);
            }
            // Nothing stored: another tab has forgotten everything, or nothing was ever kept.
            Ok(None) => save(&kept),
            Err(refused) => say_once(&refused.to_string()),
        }
    }
    KEPT.with(|all| all.borrow_mut().progress = kept.clone());
    let listeners = KEPT.with(|all| all.borrow().listeners.clone());
    listeners.iter().for_each(|listener| listener(&kept));
}

fn save(kept: &Progress) {
    if let Err(refused) = Browser.save(&kept.text()) {
        say_once(&refused.to_string());
    }
}

/// What is stored cannot be read by this page: from now on it writes nothing. The page's own script
/// says so, and offers to set it aside (`web/page/storage.js`).
fn leave_it_as_it_is() {
    KEPT.with(|kept| kept.borrow_mut().foreign = true);
    if let Ok(event) = web_sys::CustomEvent::new(UNREADABLE) {
        // Nobody can prevent what it tells.
        drop(gloo::utils::document().dispatch_event(&event));
    }
}

/// Knows this from now on.
fn take(told: Progress) {
    let listeners = KEPT.with(|kept| {
        let mut kept = kept.borrow_mut();
        kept.progress = told.clone();
        kept.listeners.clone()
    });
    listeners.iter().for_each(|listener| listener(&told));
}

/// Forgets everything, also what this page could not read.
pub fn reset() {
    read_once();
    KEPT.with(|kept| kept.borrow_mut().foreign = false);
    // First what is stored: it may be something that this page cannot read.
    if let Ok(storage) = storage() {
        drop(storage.remove_item(KEY));
        drop(storage.remove_item(REVIEWS));
    }
    change(Progress::reset);
}

/// Adds what an exported text knows.
///
/// # Errors
/// Why it cannot be read; nothing was changed then.
pub fn import(text: &str) -> Result<(), Unreadable> {
    let other = Progress::read(text)?;
    change(|progress| progress.merge(&other));
    Ok(())
}

/// Hears of every change, for as long as the page lives: here, and in other tabs.
pub fn listen(listener: impl Fn(&Progress) + 'static) {
    listen_to_other_tabs();
    KEPT.with(|kept| kept.borrow_mut().listeners.push(Rc::new(listener)));
}

/// Another tab has written: what it knows is added to what is known here.
fn listen_to_other_tabs() {
    if KEPT.with(|kept| std::mem::replace(&mut kept.borrow_mut().listening, true)) {
        return;
    }
    let listener = EventListener::new(&gloo::utils::window(), "storage", |_| {
        let Ok(text) = Browser.load() else { return };
        // Nothing stored: the other tab has forgotten everything, and so does this one.
        let Ok(other) = text.map_or_else(|| Ok(Progress::default()), |text| Progress::read(&text))
        else {
            leave_it_as_it_is();
            return;
        };
        match KEPT.with(|kept| std::mem::take(&mut kept.borrow_mut().foreign)) {
            false => take(other),
            // Set aside, or mended: what was done here meanwhile is kept at last.
            true => {
                let mut both = progress();
                both.merge(&other);
                save(&both);
                take(both);
            }
        }
    });
    listener.forget();
}

fn read_once() {
    if KEPT.with(|kept| std::mem::replace(&mut kept.borrow_mut().read, true)) {
        return;
    }
    match Browser.load() {
        Ok(None) => {}
        Ok(Some(text)) => match Progress::read(&text) {
            Ok(progress) => KEPT.with(|kept| kept.borrow_mut().progress = progress),
            Err(_) => leave_it_as_it_is(),
        },
        Err(refused) => say_once(&refused.to_string()),
    }
}

/// Says a sentence in the page's place for notices, the first time something is to be said.
fn say_once(sentence: &str) {
    if KEPT.with(|kept| std::mem::replace(&mut kept.borrow_mut().said, true)) {
        return;
    }
    crate::notice::say(sentence);
}
