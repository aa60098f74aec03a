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
}

type Listener = Rc<dyn Fn(&Shown)>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
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
