//! The picture of exchanges, bindings and queues: which way a message took, and why.

use engine::{Cast, Run, Scene};
use serde_json::{Value, json};
use web::stage::figure::routes::{Board, Routes, Sign, To};
use web::stage::figure::{Figure, figures};
use web::stage::moment::Moment;

/// A shop that publishes these orders, each with its key, to an exchange.
fn run(exchanges: Value, queues: Value, sent: &[(&str, &str)], more: &[(&str, Value)]) -> Run {
    let records = sent
        .iter()
        .map(|(value, key)| json!({ "value": value, "key": key }));
    let program = sent.iter().map(|(value, _)| json!({ "send": value }));
    let mut told = json!({
        "id": "routes", "title": "Routes", "version": 1,
        "broker": { "system": "rabbitmq" },
        "on": { "rabbitmq": { "exchanges": exchanges, "queues": queues } },
        "topics": [{ "name": "events", "sent": records.collect::<Vec<_>>() }],
        "producers": [{ "name": "shop", "program": program.collect::<Vec<_>>() }],
        "consumers": [{
            "name": "billing-1", "group": "billing", "topics": ["events"], "commit": "after", "handler": [],
            "start_ms": 0
        }],
    });
    for (place, value) in more {
        *told.pointer_mut(place).expect("the place is there") = value.clone();
    }
    let scene: Scene = serde_json::from_value(told).expect("it is a scene");
    let cast = Cast::new(&scene).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let mut run = Run::new(cast);
    run.to_rest();
    run
}

fn routes(run: &Run, position: usize) -> Routes {
    match figures(&Moment::new(run, position)).remove(0) {
        Figure::Routes(routes) => *routes,
        other => panic!("no routes: {other:?}"),
    }
}

fn board<'a>(routes: &'a Routes, exchange: &str) -> &'a Board {
    let mut all = routes.boards.iter();
    all.find(|board| board.exchange == exchange)
        .expect("it is drawn")
}

fn topic() -> Value {
    json!({ "events": { "type": "topic", "bindings": {
        "billing": ["order.*.paid", "order.eu.*"], "us-desk": ["order.us.*"], "audit": ["order.#"]
    } } })
}

fn two_queues() -> Value {
    json!({ "us-desk": {}, "audit": {} })
}

#[test]
fn a_topic_exchange_is_compared_word_for_word() {
    let run = run(topic(), two_queues(), &[("ord_1", "order.eu.paid")], &[]);
    let before = routes(&run, 0);
    assert_eq!(board(&before, "events").message, None);
    let after = routes(&run, run.len());
    let events = board(&after, "events");
    assert_eq!(
        events.says,
        "order.eu.paid matches order.#, order.*.paid and order.eu.*; not order.us.*. billing is bound 2 times over and gets one copy."
    );
    assert_eq!(
        events.message,
        Some(("ord_1".to_owned(), "from shop".to_owned()))
    );
    assert_eq!(
        (events.columns, &events.key[..]),
        (3, &["order", "eu", "paid"].map(String::from)[..])
    );
    let words: Vec<&str> = events
        .ways
        .iter()
        .flat_map(|way| &way.bindings)
        .map(|one| &*one.words)
        .collect();
    assert_eq!(
        words,
        [
            "order.# matches: # stands for eu.paid",
            "order.*.paid matches: * stands for eu",
            "order.eu.* matches: * stands for paid",
            "order.us.* does not match: us is not eu",
        ]
    );
    let signs = |at: usize| -> Vec<Sign> {
        let all = events.ways.iter().flat_map(|way| &way.bindings).nth(at);
        all.into_iter()
            .flat_map(|one| &one.cells)
            .map(|cell| cell.sign)
            .collect()
    };
    assert_eq!(signs(0), [Sign::Equal, Sign::Wild]);
    assert_eq!(signs(3), [Sign::Equal, Sign::Differs, Sign::NotAsked]);
    let notes: Vec<_> = events
        .ways
        .iter()
        .map(|way| (way.is_taken, way.note))
        .collect();
    assert_eq!(
        notes,
        [
            (true, Some("gets a copy")),
            (true, Some("2 ways, 1 copy")),
            (false, Some("gets nothing"))
        ]
    );
}

#[test]
fn what_no_binding_takes_is_dropped_returned_or_goes_to_the_alternate_exchange() {
    let sent = [("inv_1", "invoice.eu")];
    let says = |exchanges: Value, more: &[(&str, Value)]| {
        let run = run(exchanges, two_queues(), &sent, more);
        let all = routes(&run, run.len());
        board(&all, "events").says.clone()
    };
    let none =
        "invoice.eu matches none: not order.#, not order.*.paid, not order.eu.*, not order.us.*.";
    assert_eq!(
        says(topic(), &[]),
        format!("{none} So inv_1 is dropped, and its publisher is not told.")
    );
    let rabbitmq = json!({
        "exchanges": topic(), "queues": two_queues(), "publishers": { "shop": { "mandatory": true } }
    });
    assert_eq!(
        says(topic(), &[("/on/rabbitmq", rabbitmq)]),
        format!("{none} inv_1 is mandatory, so it goes back to shop.")
    );
    let mut exchanges = topic();
    exchanges["events"]["alternate-exchange"] = json!("rest");
    exchanges["rest"] = json!({ "bindings": { "audit": [""] } });
    assert_eq!(
        says(exchanges.clone(), &[]),
        format!("{none} So inv_1 goes to the alternate exchange, rest.")
    );
    let run = run(exchanges, two_queues(), &sent, &[]);
    let all = routes(&run, run.len());
    assert_eq!(
        board(&all, "events").alternate,
        Some(("rest".to_owned(), true))
    );
    let rest = board(&all, "rest");
    assert_eq!(
        rest.message,
        Some(("inv_1".to_owned(), "from events".to_owned()))
    );
    assert_eq!(rest.ways[0].to, To::Elsewhere("audit".to_owned()));
    assert!(rest.ways[0].is_taken);
}

#[test]
fn a_dead_letter_takes_a_way_of_its_own_and_tells_of_its_deaths() {
    let exchanges = json!({ "events": { "type": "direct", "bindings": { "billing": ["paid"] } } });
    let queues = json!({
        "billing": { "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "set-aside" }, "set-aside": {}
    });
    let rabbitmq = json!({
        "exchanges": exchanges, "queues": queues, "consumers": { "billing-1": { "failure": "reject" } }
    });
    let fails = json!([{ "fail_for": ["ord_1"] }]);
    let run = run(
        exchanges,
        queues,
        &[("ord_1", "paid")],
        &[
            ("/on/rabbitmq", rabbitmq),
            ("/consumers/0/start_ms", json!(2_000)),
            ("/consumers/0/handler", fails),
        ],
    );
    let all = routes(&run, run.len());
    let default = board(&all, "default exchange");
    assert_eq!(
        default.message,
        Some(("ord_1".to_owned(), "rejected in billing".to_owned()))
    );
    assert_eq!(
        default.says,
        "The default exchange needs no binding: the key set-aside is the name of the queue."
    );
    assert_eq!(board(&all, "events").message, None);
    let (record, deaths) = all.deaths.expect("it died");
    assert_eq!((&*record, deaths.len()), ("ord_1", 1));
    assert_eq!(
        (
            &*deaths[0].queue,
            deaths[0].reason,
            deaths[0].count,
            &*deaths[0].key
        ),
        ("billing", "rejected", 1, "paid")
    );
    let stop = all
        .queues
        .iter()
        .find(|stop| stop.queue.name == "billing")
        .expect("it is drawn");
    let leases = stop
        .queue
        .leases
        .as_ref()
        .expect("billing-1 had a delivery");
    let bar = &leases.lanes[0].rows[0][0];
    assert!(
        bar.words.starts_with("delivery 1 of ord_1: from "),
        "{}",
        bar.words
    );
    assert!(bar.words.contains(", given back"), "{}", bar.words);
}

#[test]
fn a_full_prefetch_explains_why_a_message_waits() {
    let exchanges = json!({ "events": { "type": "direct", "bindings": { "billing": ["paid"] } } });
    let rabbitmq =
        json!({ "exchanges": exchanges, "consumers": { "billing-1": { "prefetch_count": 1 } } });
    let run = run(
        exchanges,
        json!({}),
        &[("ord_1", "paid"), ("ord_2", "paid")],
        &[("/on/rabbitmq", rabbitmq)],
    );
    let full = (0..run.len()).any(|position| {
        let all = routes(&run, position);
        let stop = &all.queues[0];
        let holder = stop.holders.first();
        holder.is_some_and(|one| one.is_full && one.limit == "prefetch 1" && one.holds == ["ord_1"])
    });
    assert!(full, "{}", run.trace().text());
}
