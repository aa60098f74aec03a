//! What the learner's players show, for everything else on the page that follows along.

use engine::Run;
use std::cell::RefCell;
use std::rc::Rc;

/// A player shows a place of a run.
#[derive(Clone)]
pub struct Shown {
    /// Of which scene.
    pub scene: String,
    /// The player's name on the page.
    pub anchor: String,
    /// The run.
    pub run: Rc<Run>,
    /// How many choices of it have been made.
    pub position: usize,
    /// Whether the learner has come there by themselves, not by a link or by what a search found.
    pub own: bool,
}

/// What passes between a task and the player it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A task leads its reader to a player.
    To {
        /// The player's name on the page.
        anchor: String,
        /// The task.
        task: String,
    },
    /// What a task asks for has come about.
    Reached {
        /// The task.
        task: String,
    },
}

type Listener = Rc<dyn Fn(&Shown)>;

type Guide = Rc<dyn Fn(&Way)>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
    static GUIDES: RefCell<Vec<Guide>> = const { RefCell::new(Vec::new()) };
    static LAST: RefCell<Option<Way>> = const { RefCell::new(None) };
}

/// Hears of every place that is shown, for as long as the page lives.
pub fn listen(listener: impl Fn(&Shown) + 'static) {
    LISTENERS.with(|all| all.borrow_mut().push(Rc::new(listener)));
}

/// Tells everybody who listens.
pub fn show(shown: &Shown) {
    let all = LISTENERS.with(|all| all.borrow().clone());
    all.iter().for_each(|listener| listener(shown));
}

/// Hears of every way between tasks and players, for as long as the page lives; also of the last one
/// before now, because a player may come alive only when a task leads to it.
pub fn guide(guide: impl Fn(&Way) + 'static) {
    if let Some(last) = LAST.with(|last| last.borrow().clone()) {
        guide(&last);
    }
    GUIDES.with(|all| all.borrow_mut().push(Rc::new(guide)));
}

/// Leads somebody, or tells that what was asked for has come about.
pub fn lead(way: Way) {
    let all = GUIDES.with(|all| all.borrow().clone());
    all.iter().for_each(|guide| guide(&way));
    LAST.with(|last| *last.borrow_mut() = Some(way));
}
