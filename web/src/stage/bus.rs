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
    static SHOWN: RefCell<Vec<Shown>> = const { RefCell::new(Vec::new()) };
    static GUIDES: RefCell<Vec<Guide>> = const { RefCell::new(Vec::new()) };
    static LAST: RefCell<Option<Way>> = const { RefCell::new(None) };
}

/// Hears of every place that is shown, for as long as the page lives; also of what each player showed
/// last before now, because whoever listens may come alive after a learner has played.
pub fn listen(listener: impl Fn(&Shown) + 'static) {
    let shown = SHOWN.with(|shown| shown.borrow().clone());
    shown.iter().for_each(&listener);
    LISTENERS.with(|all| all.borrow_mut().push(Rc::new(listener)));
}

/// Tells everybody who listens. Of each player the last place of the learner's own is kept for those who
/// listen later: what a link or a search has chosen does not take its place.
pub fn show(shown: &Shown) {
    SHOWN.with(|all| {
        let mut all = all.borrow_mut();
        let known = all.iter_mut().find(|one| one.anchor == shown.anchor);
        match known {
            Some(one) if shown.own || !one.own => *one = shown.clone(),
            Some(_) => {}
            None => all.push(shown.clone()),
        }
    });
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

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Scene;

    fn shown(anchor: &str, own: bool, position: usize) -> Shown {
        let scene = include_str!("../../../lessons/consumer-groups/two-members.scene.json");
        let scene: Scene = serde_json::from_str(scene).expect("a scene");
        Shown {
            scene: scene.id.clone(),
            anchor: anchor.to_owned(),
            run: Rc::new(Run::new(engine::Cast::new(&scene).expect("no mistakes"))),
            position,
            own,
        }
    }

    /// A task in the prose may come alive after the run that it asks for.
    #[test]
    fn whoever_listens_late_hears_of_the_learners_last_place_in_every_player() {
        show(&shown("first", true, 1));
        show(&shown("first", true, 2));
        show(&shown("first", false, 3));
        show(&shown("second", false, 4));
        let heard = Rc::new(RefCell::new(Vec::new()));
        listen({
            let heard = Rc::clone(&heard);
            move |one| heard.borrow_mut().push((one.own, one.position))
        });
        assert_eq!(*heard.borrow(), [(true, 2), (false, 4)]);
        show(&shown("first", true, 5));
        assert_eq!(heard.borrow().last(), Some(&(true, 5)));
    }
}
