//! Queues as figures, and what is said of them, from Amazon SQS as it is driven here.

// The server that is drawn is the one of the host.
#![cfg(not(target_arch = "wasm32"))]

mod bench;
mod leases;
mod stage;
mod words;

use bench::{Bench, Cast, SHOP, WORKER_1, WORKER_2, at, most, patient};
use engine::screen::{self, Screen};
use engine::{ClientId, Instant, RecordId, ServiceId};
use web::stage::figure::leases::{Event, Happening};
use web::stage::figure::queue::{Message, Queue, RoomKind};
use web::stage::figure::{Figure, Seen, sqs};
use web::stage::moment::Fate;

const INVOICES: &str = "invoices";
const DEAD: &str = "invoices-dlq";

/// An invoice takes 40 seconds to render, and the queue waits 30: two workers do the same work.
/// What happens until a second, and who was through with what when.
fn slower_than_the_lease(until: u64) -> (Bench, Vec<Happening>) {
    let mut bench = Bench::default();
    let policy = format!(
        r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":3}}"#,
        engine::systems::sqs::arn::arn(DEAD)
    );
    bench.make(DEAD, &[]);
    bench.make(INVOICES, &[("RedrivePolicy", &policy)]);
    bench.send(0, INVOICES, 17, None, 0);
    for _ in 0..4 {
        bench.receive(0, WORKER_1, INVOICES, most(1, 0));
    }
    bench.facts.clear();
    bench.send(0, INVOICES, 20, None, 0);
    let mut worked = Vec::new();
    let mut receipts = Vec::new();
    type Step = fn(&mut Bench, &mut Vec<engine::systems::sqs::Receipt>);
    let steps: [(u64, Step); 7] = [
        (0, |bench, receipts| {
            receipts.extend(bench.receive(0, WORKER_1, INVOICES, most(1, 30)));
        }),
        (20, |bench, _| {
            bench.receive(20, WORKER_2, INVOICES, patient());
        }),
        (32, |bench, _| bench.send(32, INVOICES, 21, None, 15)),
        (33, |bench, _| bench.send(33, INVOICES, 22, None, 0)),
        (40, |bench, receipts| {
            bench.delete(40, WORKER_1, INVOICES, receipts[0])
        }),
        (40, |bench, _| {
            bench.receive(40, WORKER_1, INVOICES, most(1, 60));
        }),
        (70, |bench, receipts| {
            let latest = receipts[0];
            // worker-2's handle is of the next receive of the same message.
            let number = latest.number + 1;
            let own = engine::systems::sqs::Receipt { number, ..latest };
            bench.delete(70, WORKER_2, INVOICES, own);
        }),
    ];
    for (second, step) in steps {
        if second > until {
            break;
        }
        bench.advance(second);
        step(&mut bench, &mut receipts);
        let who = match second {
            40 => WORKER_1,
            70 => WORKER_2,
            _ => continue,
        };
        if !worked.iter().any(|one: &Happening| one.at == at(second)) {
            let done = Event::Done(ClientId(who), ServiceId(0), RecordId(20));
            let through = Event::Worked(ClientId(who), RecordId(20));
            worked.extend([done, through].map(|event| Happening {
                at: at(second),
                position: None,
                queue: None,
                event,
            }));
        }
    }
    bench.advance(until);
    (bench, worked)
}

/// What happened, with what workers were through with, in order.
fn story(bench: &Bench, worked: Vec<Happening>) -> Vec<Happening> {
    let facts = bench.facts.iter().enumerate();
    let mut story: Vec<_> = facts
        .filter_map(|(nth, (at, fact))| sqs::happening(*at, Some(nth), fact))
        .collect();
    // A worker is through with its work before it asks for more.
    for one in worked {
        let at = story.partition_point(|other| other.at < one.at);
        story.insert(at, one);
    }
    story
}

fn figure(bench: &Bench, story: &[Happening], now: Instant) -> Queue {
    let seen = Seen {
        names: &Cast,
        now,
        until: None,
        fate: &|_, _| Fate::Waiting,
        workers: &|_| Vec::new(),
        concerns: &|record| record == RecordId(20),
        done: &|_| "mailed",
        did: &|_| "mailed".to_owned(),
    };
    match &sqs::figures(&bench.sqs, &seen, story)[..] {
        [Figure::Queue(queue)] => Queue::clone(queue),
        others => panic!("one queue with its dead letters, not {others:?}"),
    }
}

fn room(queue: &Queue, kind: RoomKind) -> Vec<&Message> {
    let mut rooms = queue.rooms.iter();
    let room = rooms.find(|room| room.kind == kind).expect("it is there");
    room.messages.iter().collect()
}

fn names(queue: &Queue, kind: RoomKind) -> Vec<&str> {
    let messages = room(queue, kind).into_iter();
    messages.map(|message| message.name.as_str()).collect()
}

#[test]
fn every_message_is_in_the_room_where_the_queue_has_it() {
    let (bench, _) = slower_than_the_lease(34);
    let queue = figure(&bench, &[], at(34));
    assert_eq!(names(&queue, RoomKind::Delayed), ["ord_21"]);
    assert_eq!(names(&queue, RoomKind::Ready), ["ord_22"]);
    assert_eq!(names(&queue, RoomKind::InFlight), ["ord_20"]);
    assert_eq!(names(&queue, RoomKind::DeadLetters), ["ord_17"]);
    assert_eq!(queue.dead_letters, Some((DEAD.to_owned(), 3)));

    let delayed = room(&queue, RoomKind::Delayed)[0];
    assert_eq!(delayed.waits.as_deref(), Some("13 s to go"));
    let held = room(&queue, RoomKind::InFlight)[0];
    let lease = held.lease.as_ref().expect("it is in flight");
    assert_eq!(
        (&*lease.holder, &*lease.words, lease.left),
        ("worker-2", "26 s left", 866)
    );
    assert_eq!(held.received(), "received 2 of 3 times");
    assert!(held.concerned && !delayed.concerned);
    assert_eq!(
        room(&queue, RoomKind::DeadLetters)[0].received(),
        "received 3 of 3 times"
    );
}

#[test]
fn the_rooms_hold_what_the_tool_counts() {
    for second in 0..=75 {
        let (bench, _) = slower_than_the_lease(second);
        let queue = figure(&bench, &[], at(second));
        let screens = screen::of_queues(&bench.sqs);
        let own = |screen: &&Screen| screen.command.contains("/invoices --attribute-names All");
        let printed = &screens.iter().find(own).expect("its screen").output;
        let count = |name: &str| {
            let (_, after) = printed.split_once(&format!("\"{name}\": \"")).expect(name);
            let (digits, _) = after.split_once('"').expect("a text");
            digits.parse::<u64>().expect("a number")
        };
        let counts: Vec<u64> = queue.rooms[..3].iter().map(|room| room.count).collect();
        assert_eq!(
            counts,
            [
                count("ApproximateNumberOfMessagesDelayed"),
                count("ApproximateNumberOfMessages"),
                count("ApproximateNumberOfMessagesNotVisible")
            ],
            "second {second}"
        );
    }
}

#[test]
fn a_crowded_room_says_how_many_more_there_are() {
    let mut bench = Bench::default();
    bench.make(INVOICES, &[]);
    (0..44).for_each(|record| bench.send(0, INVOICES, record, None, 0));
    let queue = figure(&bench, &[], at(0));
    let ready = &queue.rooms[1];
    assert_eq!((ready.count, ready.messages.len(), ready.more), (44, 3, 41));
    assert_eq!(ready.messages[0].received(), "not received yet");
}

/// A FIFO queue with three groups, of which two stand still.
fn groups() -> Bench {
    let mut bench = Bench::default();
    bench.make("orders.fifo", &[("FifoQueue", "true")]);
    let all = [
        (1, "anna"),
        (2, "anna"),
        (3, "ben"),
        (4, "anna"),
        (5, "ben"),
        (6, "cleo"),
    ];
    for (record, group) in all {
        bench.send(0, "orders.fifo", record, Some(group), 0);
    }
    bench.receive(1, WORKER_1, "orders.fifo", most(1, 30));
    bench.receive(2, WORKER_2, "orders.fifo", most(1, 30));
    bench
}

#[test]
fn a_group_stands_still_behind_its_message_in_flight() {
    let bench = groups();
    let queue = figure(&bench, &[], at(10));
    assert_eq!(queue.kind, "FIFO queue");
    assert_eq!(names(&queue, RoomKind::InFlight), ["ord_1", "ord_3"]);
    let ready: Vec<_> = room(&queue, RoomKind::Ready)
        .into_iter()
        .map(|message| (&*message.name, message.waits.as_deref()))
        .collect();
    assert_eq!(
        ready,
        [
            ("ord_2", Some("behind ord_1")),
            ("ord_4", Some("behind ord_1")),
            ("ord_5", Some("behind ord_3")),
            ("ord_6", None)
        ]
    );
}

#[test]
fn what_is_drawn_as_standing_still_is_what_nobody_can_receive() {
    for second in [3, 31, 32, 33] {
        let mut bench = groups();
        bench.advance(second);
        let queue = figure(&bench, &[], at(second));
        let free = room(&queue, RoomKind::Ready).into_iter();
        let free: Vec<_> = free
            .filter(|message| !message.is_blocked)
            .map(|message| message.name.clone())
            .collect();
        let given = bench.receive(second, SHOP, "orders.fifo", most(10, 30));
        let mut given: Vec<_> = given
            .iter()
            .filter_map(|receipt| Some(format!("ord_{}", receipt.record?.0)))
            .collect();
        given.sort_unstable();
        assert_eq!(free, given, "second {second}");
    }
}

#[test]
fn the_column_says_how_often_each_message_was_received() {
    let (bench, _) = slower_than_the_lease(100);
    let facts = || bench.facts.iter().map(|(_, fact)| Some(fact));
    let column = sqs::receives(facts().chain([None]));
    let named = facts().flatten().map(|fact| fact.verb()).chain(["nothing"]);
    let rows: Vec<_> = named.zip(column.values).collect();
    assert_eq!(column.head, "receives");
    assert_eq!(
        rows,
        [
            ("sent", Some(0)),
            ("received", Some(1)),
            ("waits_for_messages", None),
            ("visibility_ended", Some(1)),
            ("received", Some(2)),
            ("sent", Some(0)),
            ("sent", Some(0)),
            ("deleted_nothing", Some(2)),
            ("received", Some(1)),
            ("delay_ended", Some(0)),
            ("visibility_ended", Some(2)),
            ("deleted", None),
            ("visibility_ended", Some(1)),
            ("nothing", None),
        ]
    );
}

#[cfg(feature = "ssr")]
#[test]
fn the_drawing_has_words_for_everything_and_no_style_of_its_own() {
    let (whole, worked) = slower_than_the_lease(100);
    let (bench, _) = slower_than_the_lease(34);
    let queue = figure(&bench, &story(&whole, worked), at(34));
    let html = web::stage::view::fixed_figure(Figure::Queue(Box::new(queue)), "scene".to_owned());
    for words in [
        "aria-label=\"received 2 of 3 times\"",
        "aria-label=\"lease 1: ord_20 from 0 s to 30 s, over; works on ord_20 from 0 s to 40 s\"",
        "26 s left",
        "ord_20 without a lease",
        "two at work",
        "the finding",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(
        !html.contains("style="),
        "the content policy forbids inline styles"
    );
}
