//! What comes twice, and what comes back: copies that are sent, work that is asked for twice, messages that are
//! given back.

mod playing;

use engine::fact::service;

use engine::{Cast, Choice, Fact, Run, Scene};
use playing::player;
use serde_json::json;
use std::sync::Arc;
use web::stage::figure::leases::{LeaseEnd, Leases};
use web::stage::figure::{Figure, figures};
use web::stage::moment::Moment;
use web::stage::rows;
use web::stage::sentence::{self, Sentence, Tone};

const ONE_CRASH: &str = include_str!("../../lessons/guarantees/one-crash.scene.json");
const READERS: &str = include_str!("../../lessons/parts/readers.scene.json");
const ELSEWHERE: &str = include_str!("../../lessons/retry/elsewhere.scene.json");

/// All that is said in a run, every step shown.
fn told(run: &Run) -> Vec<Sentence> {
    let positions = 1..=run.len();
    positions
        .map(|at| sentence::sentence(&Moment::new(run, at), true))
        .collect()
}

fn saying<'a>(all: &'a [Sentence], lead: &str) -> &'a Sentence {
    let found = all.iter().find(|said| said.lead == lead);
    found.unwrap_or_else(|| panic!("{lead} is not among {all:#?}"))
}

/// A shop that sends each order to a queue of a system, and does not hear that the first one arrived.
fn answer_lost(system: &str) -> Run {
    let scene = json!({
        "id": "lost", "title": "A lost answer", "version": 1,
        "broker": { "system": system },
        "on": { "kafka": {}, "sqs": {}, "rabbitmq": { "publishers": { "shop": { "confirms": true } } } },
        "channels": [{ "name": "orders", "sent": [{ "value": "ord_1" }, { "value": "ord_2" }] }],
        "producers": [{ "name": "shop", "program": [{ "send": "ord_1" }, { "send": "ord_2" }] }],
        "consumers": [{
            "name": "billing-1", "subscription": "billing", "channels": ["orders"], "settle": "after"
        }],
        "bounds": { "time_ms": 120_000 }
    });
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    let mut run = Run::new(Cast::new(&scene).expect("no mistakes"));
    let arrived = |run: &Run| {
        run.trace().entries().iter().any(|entry| {
            let verb = entry.fact.verb();
            verb == "sent" || verb == "routed"
        })
    };
    while !arrived(&run) {
        run.choose(Choice::Earliest).expect("the shop sends");
    }
    let lost = (0..9).any(|nth| run.choose(Choice::Lose(nth)).is_ok());
    assert!(lost, "its answer is under way");
    run.to_rest();
    run
}

/// What the table says of these, with the tone of each.
fn rows_with(run: &Run, words: &str) -> Vec<(Tone, String)> {
    let all = rows::rows(run, run.len(), true).into_iter();
    let all = all.filter(|row| row.what.starts_with(words));
    all.map(|row| (row.tone, row.what)).collect()
}

#[test]
fn what_is_sent_again_to_a_queue_is_a_copy() {
    let run = answer_lost("sqs");
    let stored = [
        (Tone::Plain, "stores ord_1".to_owned()),
        (Tone::Twice, "stores ord_1: a copy".to_owned()),
        (Tone::Plain, "stores ord_2".to_owned()),
    ];
    assert_eq!(rows_with(&run, "stores "), stored);
    let received = ["receives ord_1", "receives ord_1, a copy", "receives ord_2"];
    let received = received.map(|what| (Tone::Hand, what.to_owned()));
    assert_eq!(rows_with(&run, "receives ord"), received);
    saying(&told(&run), "billing-1 receives ord_1, a copy.");
}

#[test]
fn what_is_published_again_on_rabbitmq_is_a_copy() {
    let run = answer_lost("rabbitmq");
    let routed = [
        (Tone::Plain, "routes ord_1 to billing".to_owned()),
        (Tone::Twice, "routes ord_1 to billing: a copy".to_owned()),
        (Tone::Plain, "routes ord_2 to billing".to_owned()),
    ];
    assert_eq!(rows_with(&run, "routes "), routed);
    let delivered = [
        "delivers ord_1 to billing-1",
        "delivers ord_1 to billing-1, a copy",
    ];
    let mut delivered = delivered.map(|what| (Tone::Hand, what.to_owned())).to_vec();
    delivered.push((Tone::Hand, "delivers ord_2 to billing-1".to_owned()));
    assert_eq!(rows_with(&run, "delivers "), delivered);
}

#[test]
fn a_step_without_a_fact_does_not_say_that_nothing_has_happened() {
    for said in &told(&answer_lost("sqs"))[1..] {
        assert!(!said.rest.contains("Nothing has happened yet"), "{said:?}");
    }
}

#[test]
fn a_request_that_the_network_doubles_is_told_as_such() {
    for settle in ["kafka-after", "sqs-after", "rabbitmq-after"] {
        let scene = player(ONE_CRASH, &[("settle", settle)]);
        let mut run = Run::new(Arc::clone(scene.run().world().cast()));
        run.choose(Choice::NoStory).expect("at the start");
        let is_asked = |run: &Run| {
            let last = run.trace().entries().last();
            last.is_some_and(|last| {
                matches!(last.fact, Fact::Service(service::Fact::EffectAsked { .. }))
            })
        };
        while !is_asked(&run) {
            run.choose(Choice::Earliest).expect("it works");
        }
        let doubled = (0..9).any(|nth| run.choose(Choice::Duplicate(nth)).is_ok());
        assert!(doubled, "{settle}: its request is under way");
        run.to_rest();
        let all = told(&run);
        let twice = saying(&all, "ord_1 has been charged twice.");
        assert_eq!(twice.tone, Tone::Twice, "{settle}");
        let why = "billing-1 asked once less: the network made a copy of a request.";
        assert_eq!(twice.rest, why, "{settle}");
    }
}

fn leases(run: &Run, position: usize) -> Option<Leases> {
    let mut all = figures(&Moment::new(run, position)).into_iter();
    all.find_map(|figure| match figure {
        Figure::Queue(queue) => queue.leases,
        _ => None,
    })
}

/// A worker that fails with a damaged photo, and does so with it.
fn fails(failure: &str) -> Run {
    let mut scene: serde_json::Value = serde_json::from_str(ELSEWHERE).expect("a scene");
    scene["on"]["sqs"]["workers"]["worker-1"]["failure"] = json!(failure);
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    let mut run = Run::new(Cast::new(&scene).expect("no mistakes"));
    run.to_rest();
    run
}

#[test]
fn work_that_fails_ends_where_it_failed() {
    let run = fails("leave");
    let leases = leases(&run, run.len()).expect("photos were received");
    let bars = leases
        .lanes
        .iter()
        .flat_map(|lane| lane.rows.iter().flatten());
    let failed: Vec<_> = bars.filter(|bar| bar.record == "img_2").collect();
    assert!(!failed.is_empty(), "{leases:#?}");
    for bar in failed {
        let work = bar.work.as_ref().expect("its work was begun");
        assert!(work.is_failed && !work.is_cut, "{bar:?}");
        assert!(work.to < bar.to, "the lease runs on: {bar:?}");
        assert!(bar.words.contains("fail"), "{bar:?}");
    }
}

#[test]
fn a_message_that_is_given_back_has_no_lease_extended() {
    let run = fails("change_visibility");
    let all = told(&run);
    let back = saying(&all, "img_2 is given back, hidden for 30 s from now.");
    assert_eq!(back.tone, Tone::Mark);
    assert!(
        !all.iter().any(|said| said.lead.contains("is hidden for")),
        "{all:#?}"
    );
    let leases = leases(&run, run.len()).expect("photos were received");
    let bars = leases
        .lanes
        .iter()
        .flat_map(|lane| lane.rows.iter().flatten());
    let back: Vec<_> = bars.filter(|bar| bar.record == "img_2").collect();
    assert!(back.len() > 1, "{leases:#?}");
    assert!(
        back.iter()
            .all(|bar| bar.end == LeaseEnd::GivenBack && bar.extended.is_empty()),
        "{back:#?}"
    );
}

#[test]
fn a_worker_that_is_idle_has_a_lane() {
    let mut scene: serde_json::Value = serde_json::from_str(ELSEWHERE).expect("a scene");
    let mut second = scene["consumers"][0].clone();
    second["name"] = json!("worker-2");
    second["start_ms"] = json!(200_000);
    scene["consumers"]
        .as_array_mut()
        .expect("a list")
        .push(second);
    scene["channels"][0]["records"] = json!([{ "value": "img_1" }]);
    scene["consumers"][0]["handler"] = json!([{ "send": "render" }]);
    scene["consumers"][1]["handler"] = json!([{ "send": "render" }]);
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    let mut run = Run::new(Cast::new(&scene).expect("no mistakes"));
    run.to_rest();
    let leases = leases(&run, run.len()).expect("a photo was received");
    let lanes = leases.lanes.iter().map(|lane| {
        let bars = lane.rows.iter().flatten().count();
        (&*lane.who, bars)
    });
    assert_eq!(
        lanes.collect::<Vec<_>>(),
        [("worker-1", 1), ("worker-2", 0)]
    );
}

#[test]
fn messages_wait_in_their_queue() {
    for system in ["sqs", "rabbitmq"] {
        let player = player(ELSEWHERE, &[("system", system)]);
        let moment = Moment::new(player.run(), 0);
        let lead = sentence::sentence(&moment, false).lead;
        assert_eq!(lead, "3 messages wait in thumbnails.", "{system}");
    }
}

#[test]
fn what_two_services_do_for_a_message_is_not_done_again() {
    for system in ["sqs", "rabbitmq"] {
        let mut player = player(READERS, &[("system", system), ("second", "own")]);
        player.seek(usize::MAX);
        let moment = Moment::new(player.run(), player.position());
        let done = player.run().trace().entries().iter();
        let done = done.filter(|entry| entry.fact.verb() == "effect_done");
        assert_eq!(done.count(), 8, "a mail and a booking for each order");
        let queues = figures(&moment)
            .into_iter()
            .flat_map(|figure| match figure {
                Figure::Queue(queue) => vec![queue],
                Figure::Routes(routes) => routes
                    .queues
                    .into_iter()
                    .map(|stop| stop.queue.into())
                    .collect(),
                Figure::Tape(_) => Vec::new(),
            });
        let charts = queues.filter_map(|queue| queue.leases);
        let again: Vec<_> = charts.map(|leases| leases.again).collect();
        assert!(!again.is_empty(), "{system}");
        assert!(again.iter().all(Vec::is_empty), "{system}: {again:?}");
    }
}
