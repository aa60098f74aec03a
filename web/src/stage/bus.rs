//! What the learner's players show, for everything else on the page that follows along; and the tasks of
//! the page, for the players that lead back to them.

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

/// A task of the page, as a player leads to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name on the page.
    pub id: String,
    /// In which scene it is done.
    pub scene: String,
    /// Whether it is done.
    pub done: bool,
}

type TaskListener = Rc<dyn Fn(&[Task])>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
    static TASKS: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static TASK_LISTENERS: RefCell<Vec<TaskListener>> = const { RefCell::new(Vec::new()) };
}

/// Says how a task stands.
pub fn set_task(task: Task) {
    let all = TASKS.with(|all| {
        let mut all = all.borrow_mut();
        match all.iter_mut().find(|known| known.id == task.id) {
            Some(known) => *known = task,
            None => all.push(task),
        }
        all.clone()
    });
    let listeners = TASK_LISTENERS.with(|listeners| listeners.borrow().clone());
    listeners.iter().for_each(|listener| listener(&all));
}

/// Hears of the tasks of the page, now and whenever one changes, for as long as the page lives.
pub fn listen_to_tasks(listener: impl Fn(&[Task]) + 'static) {
    let all = TASKS.with(|all| all.borrow().clone());
    listener(&all);
    TASK_LISTENERS.with(|listeners| listeners.borrow_mut().push(Rc::new(listener)));
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
