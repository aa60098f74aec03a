//! What a player tells of a run that has not been looked at, and whose run it is.

use course::link::Link;
use engine::scene::{Selection, Told, Verb};
use engine::{ClientId, Path, Scene};
use std::sync::Arc;
use web::stage::moment::Moment;
use web::stage::player::Player;
use web::stage::timeline::timeline;
use web::stage::view::{Act, State};
use web::stage::words::more_steps;
use yew::Reducible;

const FLAGSHIP: &str = include_str!("../../lessons/consumer-groups/crash-before-commit.scene.json");
const EMAIL: ClientId = ClientId(0);

fn player() -> Player {
    let scene: Scene = serde_json::from_str(FLAGSHIP).expect("the flagship scene is a scene");
    let scene: Arc<Told> = Arc::new(scene.into());
    Player::new(scene, Selection::new()).expect("the flagship scene has no mistakes")
}

fn state() -> State {
    let state = std::rc::Rc::new(State::new(player()));
    (*state.reduce(Act::Live)).clone()
}

fn after(state: &State, acts: impl IntoIterator<Item = Act>) -> State {
    let mut state = std::rc::Rc::new(state.clone());
    for act in acts {
        state = state.reduce(act);
    }
    (*state).clone()
}

#[test]
fn the_timeline_tells_what_has_been_looked_at_and_how_much_is_to_come() {
    let mut player = player();
    loop {
        let horizon = player.seen();
        let unseen = player.steps_after(horizon);
        let moment = Moment::new(player.run(), player.position()).up_to(horizon, unseen);
        for (width, most) in [(456.0, 18), (290.0, 9)] {
            let told = timeline(&moment, width, most);
            assert!(told.events.iter().all(|event| event.position <= horizon));
            assert_eq!(told.outline.is_some(), unseen > 0);
            if let Some((x, words)) = &told.outline {
                assert!((told.left..width).contains(x), "{x}");
                assert!(
                    words
                        .as_ref()
                        .is_none_or(|words| *words == more_steps(unseen))
                );
                let behind = told.down.iter().filter(|(_, to, _)| to > x).count();
                let gaps = told.gaps.iter().filter(|(at, _)| at > x).count();
                assert_eq!((behind, gaps), (0, 0), "at {horizon}");
            }
        }
        if !player.forward() {
            break;
        }
    }
    // What has been seen once stays.
    player.seek(0);
    assert_eq!(player.steps_after(player.seen()), 0);
}

#[test]
fn how_far_a_run_is_told() {
    let len = |state: &State| state.player.run().len();
    // Without scripts nobody comes, and the page is the whole text.
    let still = State::new(player());
    assert_eq!(still.horizon(), len(&still));
    let live = state();
    assert_eq!(live.horizon(), 0);
    let wished = after(&live, [Act::Ahead(true)]);
    assert_eq!(wished.horizon(), len(&wished));
    let stepped = after(&live, [Act::Forward, Act::Forward, Act::Back]);
    assert!(stepped.horizon() > stepped.player.position());
    let review = after(&live, [Act::ToEnd, Act::StartOver]);
    assert_eq!(
        (review.player.position(), review.horizon()),
        (0, len(&review))
    );
    let other = after(&review, [Act::Choose("guard".to_owned(), "on".to_owned())]);
    assert_eq!(other.horizon(), 0);
}

#[test]
fn a_place_that_a_link_has_chosen_is_not_the_learners() {
    let link = |path: &str, position| {
        Act::Restore(Link {
            anchor: "crash-before-commit".to_owned(),
            selection: Selection::new(),
            path: path.parse::<Path>().expect("a path"),
            position,
        })
    };
    let is_own = |acts: Vec<Act>| after(&state(), acts).is_own();
    assert!(is_own(vec![Act::Forward]));
    // The run as told, at a place of it: the learner's when they move.
    assert!(!is_own(vec![link("30", 30)]));
    assert!(!is_own(vec![
        link("30", 30),
        Act::Detailed(true),
        Act::Ahead(true)
    ]));
    assert!(is_own(vec![link("30", 30), Act::Back]));
    // With faults of somebody else it stays theirs, also with one more;
    let fault = || Act::Fault(Verb::Restart, EMAIL);
    assert!(!is_own(vec![link("12-c0", 13), Act::ToEnd]));
    assert!(!is_own(vec![link("12-c0", 13), fault(), Act::ToEnd]));
    // but whoever goes back behind the first of them goes on by themselves.
    let crash = Act::Fault(Verb::Crash, EMAIL);
    assert!(is_own(vec![link("12-c0", 13), Act::Seek(9), crash]));
    assert!(is_own(vec![link("12-c0", 13), Act::Branch(0)]));
}

#[test]
fn a_task_that_led_here_is_led_back_to_until_somebody_goes() {
    let entered = |acts: Vec<Act>| after(&state(), acts).entered;
    let task = || Act::Entered("second-mail".to_owned());
    let reached = |task: &str| Act::Reached(task.to_owned());
    assert_eq!(entered(vec![]), None);
    assert_eq!(entered(vec![reached("second-mail")]), None);
    let expected = |reached| Some(("second-mail".to_owned(), reached));
    assert_eq!(entered(vec![task(), reached("other")]), expected(false));
    assert_eq!(
        entered(vec![task(), Act::Forward, reached("second-mail")]),
        expected(true)
    );
    assert_eq!(entered(vec![task(), Act::Left]), None);
}
