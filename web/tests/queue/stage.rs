//! A scene that runs on Amazon SQS, on the stage.

use engine::screen;
use engine::{Cast, Run, Scene};
use serde_json::json;
use web::stage::figure::{Figure, column, figures};
use web::stage::moment::Moment;
use web::stage::{party, rows, sentence};

/// A worker that dies before it has deleted what it has mailed, and is started again.
fn run() -> Run {
    let scene = json!({
        "id": "orders", "title": "Orders", "version": 1,
        "broker": { "system": "sqs" },
        "on": { "kafka": {}, "sqs": {} },
        "topics": [{ "name": "orders", "records": [
            { "value": "ord_1" }, { "value": "ord_2" }, { "value": "ord_3" }
        ] }],
        "services": [{ "name": "mail", "noun": "mail", "done": "mailed" }],
        "consumers": [{
            "name": "email-1", "group": "email", "topics": ["orders"], "commit": "after",
            "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }]
        }],
        "faults": [
            { "do": "crash", "to": "email-1", "when": { "before": { "step": "commit", "nth": 1 } } },
            { "do": "restart", "to": "email-1", "when": { "after_ms": 2000 } }
        ],
        "bounds": { "time_ms": 120_000 }
    });
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    let mut run = Run::new(Cast::new(&scene).expect("no mistakes"));
    run.to_rest();
    run
}

#[test]
fn every_moment_has_a_queue_and_words_of_its_own() {
    let run = run();
    for position in 0..=run.len() {
        let moment = Moment::new(&run, position);
        let [Figure::Queue(queue)] = &figures(&moment)[..] else {
            panic!("one queue at {position}, not {:?}", figures(&moment));
        };
        let counts: Vec<_> = queue.rooms.iter().map(|room| room.count).collect();
        let printed = &screen::of_all(&moment.world)[0].output;
        for (count, name) in
            counts
                .iter()
                .zip(["MessagesDelayed", "Messages", "MessagesNotVisible"])
        {
            let line = format!("\"ApproximateNumberOf{name}\": \"{count}\"");
            assert!(
                printed.contains(&line),
                "{position}: {line} not in {printed}"
            );
        }
        let cards = party::consumers(&moment);
        let program: Vec<_> = cards[0]
            .program
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(program, ["receive", "send mail", "delete"]);
        for detailed in [false, true] {
            let said = sentence::sentence(&moment, detailed);
            let words = format!(
                "{} {} {} {}",
                said.lead, said.rest, cards[0].owns, cards[0].doing
            );
            for of_kafka in ["offset", "group", "commit", "poll", "partition"] {
                assert!(!words.contains(of_kafka), "{position}: {words}");
            }
        }
    }
}

#[test]
fn the_crash_says_what_the_queue_still_hides() {
    let run = run();
    let said = (0..=run.len()).find_map(|position| {
        let said = sentence::sentence(&Moment::new(&run, position), false);
        said.lead
            .starts_with("email-1 crashes")
            .then_some(said.rest)
    });
    let said = said.expect("it crashes");
    assert!(said.contains("it still hides ord_1 for "), "{said}");
    let end = sentence::sentence(&Moment::new(&run, run.len()), false);
    assert!(
        end.rest.contains("ord_1 was mailed more than once"),
        "{end:?}"
    );
}

#[test]
fn the_table_counts_receives() {
    let run = run();
    assert_eq!(column(&run).map(|column| column.head), Some("receives"));
    let rows = rows::rows(&run, run.len(), false);
    let received = |row: &&rows::Row| row.what.contains("receives ord_1");
    let counts: Vec<_> = rows
        .iter()
        .filter(received)
        .map(|row| (row.who.as_str(), row.value))
        .collect();
    assert_eq!(counts, [("email-1", Some(1)), ("email-1 · 2nd", Some(2))]);
}

#[test]
fn every_bar_leads_to_where_the_message_was_received() {
    let run = run();
    let moment = Moment::new(&run, run.len());
    let [Figure::Queue(queue)] = &figures(&moment)[..] else {
        panic!("one queue");
    };
    let leases = queue.leases.as_ref().expect("something was leased");
    let bars: Vec<_> = leases
        .lanes
        .iter()
        .flat_map(|lane| lane.rows.iter().flatten())
        .collect();
    assert!(
        bars.len() >= 4,
        "three messages, one of them twice: {bars:?}"
    );
    for bar in bars {
        let position = bar.position.expect("it was received in this run");
        let said = sentence::sentence(&Moment::new(&run, position), true);
        assert!(said.lead.contains("receives"), "{position}: {said:?}");
    }
}
