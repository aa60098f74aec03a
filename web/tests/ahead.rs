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

/// The bars of leases are a picture of the run, too: they end where the telling ends, and leave the room
/// for what is to come.
#[test]
fn the_bars_of_leases_end_where_the_telling_ends() {
    use web::stage::figure::{Figure, figures};
    let worker = |name: &str, start_ms: u32| {
        serde_json::json!({
            "name": name, "group": "thumbnails", "topics": ["photos"], "commit": "after",
            "handler": [{ "send": "render" }], "start_ms": start_ms
        })
    };
    let scene = serde_json::json!({
        "id": "slow-render", "title": "One photo, two workers", "version": 1,
        "broker": { "system": "sqs" },
        "on": { "sqs": { "queues": { "thumbnails": { "VisibilityTimeout": 30 } } } },
        "topics": [{ "name": "photos", "records": [{ "value": "img_1" }] }],
        "services": [{ "name": "render", "noun": "thumbnail", "done": "rendered", "latency_ms": 40000 }],
        "consumers": [worker("worker-1", 0), worker("worker-2", 5000)],
        "bounds": { "time_ms": 200_000 }
    });
    let scene: Scene = serde_json::from_value(scene).expect("a scene");
    let scene: Arc<Told> = Arc::new(scene.into());
    let mut player = Player::new(scene, Selection::new()).expect("no mistakes");
    let leases = |player: &Player, unseen: usize| {
        let moment = Moment::new(player.run(), player.position());
        let moment = moment.up_to(player.seen(), unseen);
        let mut all = figures(&moment).into_iter();
        all.find_map(|figure| match figure {
            Figure::Queue(queue) => queue.leases,
            Figure::Tape(_) | Figure::Routes(_) => None,
        })
    };
    let mut bars_told = Vec::new();
    loop {
        let unseen = player.steps_after(player.seen());
        let told = leases(&player, unseen).expect("there will be leases");
        let whole = leases(&player, 0).expect("its leases are all told");
        let now = told.now.at;
        assert_eq!(told.ticks, whole.ticks, "the axis stays");
        let rows = |leases: &web::stage::figure::leases::Leases| -> Vec<usize> {
            leases.lanes.iter().map(|lane| lane.rows.len()).collect()
        };
        assert_eq!(rows(&told), rows(&whole), "the lanes stay");
        assert_eq!(told.room_for_again, whole.room_for_again);
        let bars = || {
            told.lanes
                .iter()
                .flat_map(|lane| lane.rows.iter().flatten())
        };
        if unseen > 0 {
            assert!(bars().all(|bar| bar.from <= now), "no lease of the future");
            let works = bars().filter_map(|bar| bar.work.as_ref());
            assert!(
                works.clone().all(|work| work.to <= now),
                "no work of the future"
            );
            assert!(
                told.again
                    .iter()
                    .all(|one| one.times.iter().all(|at| *at <= now))
            );
            assert!(told.falls.iter().all(|fall| fall.to <= now));
        }
        bars_told.push(bars().count());
        if !player.forward() {
            break;
        }
    }
    let whole = leases(&player, 0).expect("its leases are all told");
    let bars = whole
        .lanes
        .iter()
        .flat_map(|lane| lane.rows.iter().flatten());
    assert_eq!(bars_told.first(), Some(&0));
    assert_eq!(bars_told.last(), Some(&bars.count()));
}
