//! What a search found, in the player; and exercises, without a browser.

use course::exercise::{Exercise, Form, Graded};
use course::quiz::{Kind, ResolvedOption, ResolvedQuestion};
use course::search::{Grade, Tell};
use course::{found, witness};
use engine::handler::Recorded;
use engine::scene::Selection;
use engine::{Cast, Scene};
use schedule::{Exploration, Judged, Report};
use std::rc::Rc;
use std::sync::Arc;
use web::exercise::state::{self, Act, State};
use web::stage::moment::Moment;
use web::stage::player::Player;
use web::stage::{figure, search, timeline};
use yew::Reducible;

const FLAGSHIP: &str = include_str!("../../lessons/consumer-groups/crash-before-commit.scene.json");

/// The flagship with promises of its own.
fn scene() -> Scene {
    let mut scene: serde_json::Value = serde_json::from_str(FLAGSHIP).unwrap();
    scene["promises"] = serde_json::json!([
        { "name": "No order mailed twice", "that": { "done_once": "mail" } },
        { "name": "An order is handed out again", "that": "redelivered" }
    ]);
    scene["explored"] = serde_json::json!([]);
    scene["explore"] = serde_json::json!({ "crashes": 1 });
    serde_json::from_value(scene).unwrap()
}

fn report(scene: &Scene) -> Report {
    let cast = Cast::new(&scene.with(&Selection::new()).unwrap()).unwrap();
    let mut exploration = Exploration::new(cast);
    while !exploration.advance(10_000).ended {}
    exploration.report()
}

#[test]
fn a_finding_is_a_branch_that_stands_where_it_breaks() {
    let scene = scene();
    let report = report(&scene);
    let mut player = Player::new(Arc::new(scene.into()), Selection::new()).unwrap();
    for (nth, Judged { finding, kind, .. }) in report.judged.iter().enumerate() {
        let finding = finding.as_ref().expect("one crash is enough");
        player.show(finding, *kind).unwrap();
        assert_eq!(player.branches().len(), nth + 2);
        assert_eq!(player.position(), finding.at);
        assert_eq!(player.branch().name, finding.sentence);
        assert!(player.branch().run.len() >= finding.path.0.len());
    }
    let first = &report.judged[0];
    let finding = first.finding.as_ref().unwrap();
    player.show(finding, first.kind).unwrap();
    assert_eq!(player.branches().len(), 3, "it was shown before");

    // After the step it is broken, before it was not.
    let mails = |position: usize| {
        let moment = Moment::new(player.run(), position);
        moment
            .world
            .services()
            .iter()
            .flat_map(|service| service.all())
            .map(|(_, times)| times)
            .max()
    };
    assert_eq!(
        (mails(finding.at - 1), mails(finding.at)),
        (Some(1), Some(2))
    );

    let found = player.branch().finding.clone();
    let moment = Moment::new(player.run(), player.position()).with_finding(found.as_deref());
    let concerned = figure::kafka::tapes(&moment)[0]
        .cells
        .iter()
        .filter(|cell| cell.concerned)
        .count();
    assert_eq!(concerned, 1);
    let drawn = timeline::timeline(&moment, 640.0, 24);
    assert_eq!(drawn.found.len(), 1);
    assert_eq!(drawn.found[0].1, "it breaks");
}

/// What breaks first may break whatever is chosen; what is shown is what the chosen option brings.
#[test]
fn a_finding_shows_how_the_chosen_setting_differs_from_the_others() {
    let scene: Scene = serde_json::from_str(FLAGSHIP).unwrap();
    let found = |commit: &str| {
        let with = Selection::from([("commit".to_owned(), commit.to_owned())]);
        let cast = Cast::new(&scene.with(&with).unwrap()).unwrap();
        let others = found::others(&scene.settings, &with, &|other| scene.with(other).ok());
        assert_eq!(others.len(), 4, "one other guard and three other commits");
        let report = found::explore_beside(&cast, others, &mut |_| true).unwrap();
        let twice = report.judged.into_iter().nth(1).unwrap();
        let finding = twice.finding.expect("somebody is mailed twice");
        let run = engine::Run::replay(cast, &finding.path).unwrap();
        assert!(!engine::anomaly::duplicated(run.trace()).is_empty());
        finding.sentence
    };
    let (after, automatic) = (found("after"), found("automatic"));
    assert_ne!(after, automatic);
    assert_eq!(
        automatic,
        "ord_10 is mailed twice: email-1 crashes after polling ord_12, ord_13, before the mail for ord_12"
    );
}

/// A handler that settles nothing loses nothing, and that is said.
#[test]
fn a_promise_that_was_never_put_to_the_test_says_that_nothing_happened() {
    let mut idle = scene();
    idle.consumers[0].handler.clear();
    let judged = |scene: &Scene| report(scene).judged.remove(0);
    let words =
        |judged: &Judged| witness::words(judged.witness.as_ref().expect("every end is known"));
    let idle = judged(&idle);
    assert_eq!(
        words(&idle),
        "nothing happened: there is no run in which a record is mailed"
    );
    let mark = search::mark(idle.verdict, idle.kind, idle.witness.as_ref());
    assert_eq!(mark.word, "nothing happened");
    let busy = judged(&scene());
    assert!(
        !busy
            .witness
            .as_ref()
            .expect("every end is known")
            .is_missing()
    );
}

fn exercise(version: u32) -> Rc<Exercise> {
    Rc::new(Exercise {
        id: "guard".to_owned(),
        title: "Guard it".to_owned(),
        version,
        task: Vec::new(),
        hints: vec!["one".to_owned(), "two".to_owned()],
        why: String::new(),
        scene: Some(scene().into()),
        with: Selection::new(),
        floor: 0,
        form: Form::Code {
            consumers: vec!["email-1".to_owned()],
            starter: format!("starter {version}"),
            solution: "solution".to_owned(),
            wrong: Vec::new(),
        },
    })
}

fn after(state: State, acts: impl IntoIterator<Item = Act>) -> State {
    let state = acts
        .into_iter()
        .fold(Rc::new(state), |state, act| state.reduce(act));
    (*state).clone()
}

fn graded(passed: bool) -> Tell {
    Tell::Graded(Box::new(Grade {
        graded: Graded::plain(passed, "…".to_owned()),
        recorded: Recorded::default(),
    }))
}

#[test]
fn nothing_is_kept_of_an_exercise_that_nobody_touched() {
    let state = after(State::new(exercise(1)), [Act::Live(None)]);
    assert_eq!(state.kept(), None);
    let state = after(state, [Act::Edit("mine".to_owned())]);
    assert_eq!(state.kept().unwrap().answer, "mine");
    let state = after(state, [Act::Reset]);
    assert_eq!(state.kept(), None);
}

#[test]
fn an_authors_new_text_stands_beside_the_learners_old_one() {
    let acts = [Act::Live(None), Act::Edit("mine".to_owned()), Act::Hint];
    let kept = after(State::new(exercise(1)), acts).kept();
    let same = after(State::new(exercise(1)), [Act::Live(kept.clone())]);
    assert_eq!((same.answer.as_str(), same.hints), ("mine", 1));
    let newer = after(State::new(exercise(2)), [Act::Live(kept)]);
    assert_eq!(
        (newer.answer.as_str(), newer.earlier.as_deref()),
        ("starter 2", Some("mine"))
    );
    // It is still there after a visit on which nothing was done.
    let again = after(State::new(exercise(2)), [Act::Live(newer.kept())]);
    assert_eq!(again.earlier.as_deref(), Some("mine"));
    let taken = after(again, [Act::Earlier]);
    assert_eq!((taken.answer.as_str(), taken.earlier), ("mine", None));
}

#[test]
fn a_verdict_is_about_the_answer_that_was_graded() {
    let told = |nth, tell| Act::Heard(nth, web::worker::Heard::Told(tell));
    let state = after(State::new(exercise(1)), [Act::Live(None), Act::Check]);
    let nth = state.job.as_ref().unwrap().nth;
    // What was asked of another worker means nothing.
    let state = after(state, [told(nth + 1, graded(true))]);
    assert!(state.job.is_some() && !state.passed);
    let state = after(state, [told(nth, graded(true))]);
    assert!(state.job.is_none() && state.passed && !state.is_stale());
    let state = after(state, [Act::Edit("other".to_owned())]);
    assert!(state.is_stale() && state.passed);
    let state = after(state, [Act::Solution]);
    assert!(state.solution);
    // An edit ends a grading.
    let state = after(state, [Act::Check, Act::Edit("more".to_owned())]);
    assert!(state.job.is_none());
}

/// A run of the old code beside a verdict on the new one would contradict it.
#[test]
fn a_shown_run_is_marked_when_the_answer_changes_and_goes_when_another_is_checked() {
    let told = |state: &State, tell| {
        let nth = state.job.as_ref().unwrap().nth;
        Act::Heard(nth, web::worker::Heard::Told(tell))
    };
    let state = after(State::new(exercise(1)), [Act::Live(None), Act::Run]);
    let ran = told(&state, graded(true));
    let state = after(state, [ran]);
    assert!(state.shown.is_some() && !state.is_shown_stale());
    let state = after(state, [Act::Edit("other".to_owned())]);
    assert!(state.shown.is_some() && state.is_shown_stale());
    let state = after(state, [Act::Check]);
    let checked = told(&state, graded(true));
    let state = after(state, [checked]);
    assert_eq!((state.passed, state.shown), (true, None));
}

#[test]
fn a_check_that_was_cancelled_is_told() {
    let said = |state: &State| state.failure.clone();
    let state = after(State::new(exercise(1)), [Act::Live(None), Act::Cancel]);
    assert_eq!(said(&state), None, "there was nothing to cancel");
    let state = after(state, [Act::Check, Act::Cancel]);
    let expected = "Cancelled: your answer was not checked.";
    assert_eq!(said(&state).as_deref(), Some(expected));
    assert!(state.job.is_none() && !state.passed);
    let again = after(state, [Act::Check]);
    assert_eq!(said(&again), None);
}

#[test]
fn settings_are_expected_to_hold_and_explained_before_they_are_checked() {
    let option = |text: &str| ResolvedOption {
        text: text.to_owned(),
        why: String::new(),
    };
    let exercise = Rc::new(Exercise {
        form: Form::Settings {
            form: vec!["commit".to_owned()],
            starter: Selection::new(),
            solution: Selection::new(),
            right: Vec::new(),
            wrong: Vec::new(),
            reason: ResolvedQuestion {
                id: "why".to_owned(),
                kind: Kind::Choice,
                prompt: "Why?".to_owned(),
                options: vec![option("a"), option("b")],
                key: 1,
            },
        },
        ..(*exercise(1)).clone()
    });
    let at = |text: &str, act: Act| {
        let acts = [Act::Live(None), Act::Edit(text.to_owned()), act];
        after(State::new(Rc::clone(&exercise)), acts)
    };
    let lacks = |text: &str, act: Act| at(text, act).failure;
    let expect = Some("First say what you expect with these settings.".to_owned());
    assert_eq!(lacks("commit=after", Act::Run), expect);
    assert_eq!(lacks("commit=after because:1", Act::Check), expect);
    assert!(at("commit=after", Act::Check).job.is_none());
    let why = Some("First say why you expect every promise to hold.".to_owned());
    assert_eq!(lacks("commit=after expect:holds", Act::Check), why);
    assert_eq!(lacks("commit=after expect:holds", Act::Run), None);
    assert!(at("commit=after expect:2", Act::Check).job.is_some());
    assert!(
        at("commit=after expect:holds because:1", Act::Check)
            .job
            .is_some()
    );
    // What is thought of settings changes no run of them.
    let run = at("commit=after expect:1", Act::Run);
    let same = after(run.clone(), [Act::Edit("commit=after expect:2".to_owned())]);
    assert!(!same.is_shown_stale());
    let other = after(run, [Act::Edit("commit=before expect:1".to_owned())]);
    assert!(other.is_shown_stale());
}

#[test]
fn a_design_keeps_its_words_and_the_points_found_in_it() {
    let design = "points\nare no points";
    assert_eq!(state::design(design), (None, design));
    let points = std::collections::BTreeSet::from([0, 2]);
    let text = state::design_text(Some(&points), design);
    assert_eq!(state::design(&text), (Some(points), design));
    let answers = state::predictions("first=2 second=1 third=0");
    assert_eq!(state::predictions_text(&answers), "first=2 second=1");
}
