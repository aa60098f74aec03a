//! What first readers stumbled over: each told as it is, on the system it happens on.

mod playing;

use course::search::Tell;

use engine::{Cast, Scene};
use playing::{player, selection};
use schedule::{Exploration, Report};
use std::rc::Rc;
use std::sync::Arc;
use web::stage::moment::Moment;
use web::stage::party;
use web::stage::player::Player;
use web::stage::rows::{self, Row, Tense};
use web::stage::sentence::{self, Sentence, Tone};
use web::stage::timeline;
use web::stage::view::{Act, State};
use web::worker::Heard;
use yew::Reducible;

const LOST_ANSWER: &str = include_str!("../../lessons/guarantees/lost-answer.scene.json");
const ONE_CRASH: &str = include_str!("../../lessons/guarantees/one-crash.scene.json");
const CHARGE: &str = include_str!("../../lessons/idempotence/charge.scene.json");
const FORGETS: &str = include_str!("../../lessons/idempotence/forgets.scene.json");
const ORDER: &str = include_str!("../../lessons/keys/late-cancel.scene.json");

fn says(player: &Player) -> Sentence {
    let moment = Moment::new(player.run(), player.position());
    sentence::sentence(&moment, player.detailed)
}

/// All that is said on the way to the end.
fn told(player: &mut Player) -> Vec<Sentence> {
    let mut all = Vec::new();
    while player.forward() {
        all.push(says(player));
    }
    all
}

fn words(said: &Sentence) -> String {
    format!("{} {}", said.lead, said.rest)
}

/// What is said where these words begin it.
fn saying(all: &[Sentence], start: &str) -> Sentence {
    let found = all.iter().find(|said| said.lead.starts_with(start));
    found
        .unwrap_or_else(|| panic!("{start} is not among {all:#?}"))
        .clone()
}

fn rows_of(player: &Player) -> Vec<Row> {
    rows::rows(player.run(), player.position(), false)
}

#[test]
fn a_producer_that_asks_for_no_acknowledgement_gets_none() {
    let all = told(&mut player(LOST_ANSWER, &[("producer", "acks-0")]));
    let every: Vec<String> = all.iter().map(words).collect();
    assert!(
        !every
            .iter()
            .any(|said| said.contains("acknowledgement is on its way")
                || said.contains("was acknowledged")),
        "{every:#?}"
    );
    assert!(saying(&all, "ord_1 is stored.").rest.contains("acks=0"));
    assert!(saying(&all, "shop crashes").rest.contains("never knew"));
    let all = told(&mut player(LOST_ANSWER, &[("producer", "idempotent")]));
    let stored = saying(&all, "ord_1 is stored.");
    assert!(stored.rest.contains("acknowledgement is on its way"));
}

#[test]
fn a_crash_on_rabbitmq_is_told_with_what_the_broker_makes_of_it() {
    let mut player = player(ONE_CRASH, &[("settle", "rabbitmq-after")]);
    loop {
        assert!(player.forward(), "it never crashes");
        let said = says(&player);
        if !said.lead.contains("crashes") {
            continue;
        }
        assert_eq!(said.tone, Tone::Crash);
        let rest = "Its connection breaks. The broker puts ord_2 back, to be handed out again, marked redelivered.";
        assert_eq!(said.rest, rest);
        let rows = rows_of(&player);
        let present = rows.iter().find(|row| row.tense == Tense::Present);
        assert_eq!(present.map(|row| &*row.what), Some("crashes"));
        let moment = Moment::new(player.run(), player.position());
        let picture = timeline::timeline(&moment, 456.0, 18);
        let present: Vec<_> = picture
            .events
            .iter()
            .filter(|event| event.present)
            .collect();
        assert_eq!(present.len(), 1);
        assert_eq!(
            present[0].label.as_ref().map(|(label, _)| &**label),
            Some("crash")
        );
        break;
    }
}

#[test]
fn an_ack_that_is_lost_with_its_connection_is_drawn_and_told() {
    let mut player = player(ONE_CRASH, &[("settle", "rabbitmq-after")]);
    player.detailed = true;
    while !rows::rows(player.run(), player.position(), true)
        .iter()
        .any(|row| row.tense == Tense::Present && row.what.contains("sends basic.ack"))
    {
        assert!(player.forward(), "nothing is ever acknowledged");
    }
    assert!(player.act(engine::scene::Verb::Crash, engine::ClientId(0)));
    player.detailed = false;
    let said = says(&player);
    assert!(
        said.rest
            .contains("The basic.ack for ord_1 was on its way, and is lost with it."),
        "{said:?}"
    );
    assert!(said.rest.contains("puts ord_1 back"), "{said:?}");
    let rows = rows_of(&player);
    let lost = rows
        .iter()
        .find(|row| row.what.contains("basic.ack for ord_1 gets lost"));
    assert_eq!(
        lost.map(|row| (row.tone, row.tense)),
        Some((Tone::Crash, Tense::Past))
    );
}

#[test]
fn a_record_that_was_sent_twice_is_a_copy_and_no_second_poll() {
    let all = told_of_duplicate(&mut player(LOST_ANSWER, &[("producer", "retries")]));
    let stored = saying(&all, "ord_1 is stored once more.");
    assert_eq!(stored.tone, Tone::Twice);
    let copy = saying(&all, "billing-1 polls ord_1, stored as a copy.");
    assert!(copy.rest.contains("two offsets"), "{copy:?}");
    let again = |said: &&Sentence| said.lead.contains("a second time");
    assert!(!all.iter().any(|said| again(&said)), "{all:#?}");
}

/// What is told of the way on which the search finds a record stored twice.
fn told_of_duplicate(player: &mut Player) -> Vec<Sentence> {
    let options = selection(&[("producer", "retries"), ("fails", "loss")]);
    let scene = player.scene().with(&options).expect("no mistakes");
    let report = search(&scene);
    let broken = report
        .judged
        .iter()
        .find_map(|one| Some((one.finding.clone()?, one.kind)));
    let (finding, kind) = broken.expect("one lost answer stores a record twice");
    let mut shown = Player::new(Arc::clone(player.scene()), options).expect("no mistakes");
    shown.show(&finding, kind).expect("it can be followed");
    shown.seek(0);
    told(&mut shown)
}

fn search(scene: &Scene) -> Report {
    let mut exploration = Exploration::new(Cast::new(scene).expect("no mistakes"));
    while !exploration.advance(10_000).ended {}
    exploration.report()
}

#[test]
fn the_step_that_breaks_a_promise_is_told_as_such() {
    for (scene, options) in [
        (ONE_CRASH, vec![("settle", "kafka-before")]),
        (
            LOST_ANSWER,
            vec![("producer", "retries"), ("fails", "loss")],
        ),
        (ORDER, vec![]),
    ] {
        let mut player = player(scene, &options);
        let with = player
            .scene()
            .with(&selection(&options))
            .expect("no mistakes");
        let report = search(&with);
        let mut broken = 0;
        for judged in &report.judged {
            let Some(finding) = judged.finding.as_ref() else {
                continue;
            };
            if judged.kind == engine::explore::Kind::Sometimes {
                continue;
            }
            broken += 1;
            player
                .show(finding, judged.kind)
                .expect("it can be followed");
            let found = player.branch().finding.clone();
            let moment =
                Moment::new(player.run(), player.position()).with_finding(found.as_deref());
            let said = sentence::sentence(&moment, false);
            assert_eq!(
                (said.tone, said.tone.sign()),
                (Tone::Broken, "✕"),
                "{said:?}"
            );
            assert!(
                said.rest.starts_with("That breaks the promise: "),
                "{said:?}"
            );
            let rows = rows::rows_with(player.run(), player.position(), false, found.as_deref());
            let marked = rows.iter().filter(|row| row.tone == Tone::Broken).count();
            assert_eq!(marked, 1, "{rows:#?}");
        }
        assert!(broken > 0, "nothing breaks with {options:?}");
    }
}

#[test]
fn a_charge_is_no_letter_and_says_its_name() {
    let mut player = player(CHARGE, &[]);
    player.seek(usize::MAX);
    let moment = Moment::new(player.run(), player.position());
    let card = &party::services(&moment)[0];
    assert_eq!(card.effect, ('¤', "charge".to_owned()));
    assert!(
        card.total.ends_with("charge") || card.total.ends_with("charges"),
        "{}",
        card.total
    );
}

#[test]
fn what_a_service_has_done_is_so_far_until_the_end() {
    let mut player = player(ONE_CRASH, &[("settle", "sqs-before")]);
    let summary = |player: &Player| {
        let moment = Moment::new(player.run(), player.position());
        party::services(&moment)[0].summary.clone()
    };
    assert_eq!(summary(&player), "so far 0 of 3 charged, none twice");
    player.seek(usize::MAX);
    assert!(
        summary(&player).starts_with("in the end "),
        "{}",
        summary(&player)
    );
}

#[test]
fn a_look_up_is_a_step_of_the_story() {
    for system in ["kafka", "sqs", "rabbitmq"] {
        let options = [("system", system), ("guard", "after")];
        let all = told(&mut player(CHARGE, &options));
        let look = all
            .iter()
            .find(|said| said.lead.contains("looks pay_1 up in processed"));
        let look = look.unwrap_or_else(|| panic!("{system}: {all:#?}"));
        assert!(look.rest.contains("goes on with the work"), "{look:?}");
    }
}

#[test]
fn everybody_has_a_lane_from_the_start() {
    let mut player = player(CHARGE, &[("guard", "after")]);
    let lanes = |player: &Player| {
        let moment = Moment::new(player.run(), player.position()).up_to(player.position(), 1);
        let lanes = timeline::timeline(&moment, 456.0, 18).lanes;
        lanes.into_iter().map(|lane| lane.name).collect::<Vec<_>>()
    };
    let first = lanes(&player);
    assert!(first.iter().any(|name| name == "card"), "{first:?}");
    assert!(first.iter().any(|name| name == "processed"), "{first:?}");
    player.seek(usize::MAX);
    assert_eq!(lanes(&player), first);
}

#[test]
fn hours_are_told_in_hours() {
    let mut player = player(FORGETS, &[]);
    let mut gaps = Vec::new();
    player.seek(usize::MAX);
    let moment = Moment::new(player.run(), player.position());
    gaps.extend(timeline::timeline(&moment, 1200.0, 40).gaps);
    let gaps: Vec<String> = gaps.into_iter().filter_map(|(_, words)| words).collect();
    assert!(
        gaps.iter()
            .any(|words| words.contains("hours") || words.contains(" h ")),
        "{gaps:?}"
    );
}

#[test]
fn other_words_on_queues() {
    for (settle, word) in [
        ("kafka-after", "record"),
        ("sqs-after", "message"),
        ("rabbitmq-after", "message"),
    ] {
        let player = player(ONE_CRASH, &[("settle", settle)]);
        let first = says(&player).lead;
        assert!(
            first.contains(&format!("3 {word}s wait in ")),
            "{settle}: {first}"
        );
        let with = player
            .scene()
            .with(player.selection())
            .expect("no mistakes");
        for judged in &search(&with).judged {
            let premise = judged
                .witness
                .as_ref()
                .map(|witness| witness.premise.clone());
            let premise = premise.unwrap_or_default();
            let other = if word == "record" {
                "message"
            } else {
                "record"
            };
            assert!(
                !premise.contains(&format!("a {other}")),
                "{settle}: {premise}"
            );
        }
    }
}

#[test]
fn results_go_with_the_settings_they_are_of_and_one_press_searches_anew() {
    let mut state = Rc::new(State::new(player(ONE_CRASH, &[])));
    let act = |state: &mut Rc<State>, act: Act| *state = Rc::clone(state).reduce(act);
    act(&mut state, Act::Live);
    act(&mut state, Act::Break);
    let with = state
        .player
        .scene()
        .with(state.player.selection())
        .expect("no mistakes");
    let report = Tell::Report(Box::new(search(&with)));
    act(&mut state, Act::Heard(1, Heard::Told(report)));
    assert!(
        state
            .search
            .as_ref()
            .is_some_and(|search| search.report().is_some())
    );

    act(
        &mut state,
        Act::Choose("settle".to_owned(), "sqs-after".to_owned()),
    );
    assert!(state.search.is_none(), "they are of other settings");
    assert!(
        state
            .notice
            .as_ref()
            .is_some_and(|said| said.contains("other settings"))
    );
    act(&mut state, Act::Break);
    let search = state.search.as_ref().expect("one press is enough");
    assert!(search.is_running() && state.player.is_with(&search.selection));

    // A search that goes on ends with its settings, and what its worker still tells is not taken.
    act(
        &mut state,
        Act::Choose("settle".to_owned(), "kafka-after".to_owned()),
    );
    assert!(state.search.is_none());
    act(&mut state, Act::Break);
    let nth = state.search.as_ref().expect("it begins").nth;
    assert_eq!(nth, 3);
}

#[test]
fn a_page_without_scripts_shows_the_start_and_no_future() {
    let player = player(ONE_CRASH, &[("settle", "sqs-after")]);
    let all = player.steps_after(0);
    let moment = Moment::new(player.run(), 0).up_to(0, all);
    let events = timeline::timeline(&moment, 456.0, 18).events;
    assert!(events.iter().all(|event| event.position == 0), "{events:?}");
    for figure in web::stage::figure::figures(&moment) {
        let web::stage::figure::Figure::Queue(queue) = figure else {
            panic!("a queue")
        };
        let leases = queue.leases.iter();
        let lanes = leases.flat_map(|leases| &leases.lanes);
        let bars: usize = lanes.map(|lane| lane.rows.iter().flatten().count()).sum();
        assert_eq!(bars, 0);
    }
}
