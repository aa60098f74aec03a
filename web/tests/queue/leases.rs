//! Leases over works: the bars, and what is said of them.

use crate::bench::{Bench, WORKER_1, at, most};
use crate::{INVOICES, figure, slower_than_the_lease, story};
use engine::ClientId;
use web::stage::figure::leases::{Event, Happening, LeaseEnd, Leases, Tense};

fn chart(now: u64) -> Leases {
    let (whole, worked) = slower_than_the_lease(100);
    let (bench, _) = slower_than_the_lease(now);
    let queue = figure(&bench, &story(&whole, worked), at(now));
    queue.leases.expect("something was leased")
}

#[test]
fn a_worker_without_a_lease_is_seen_to_work_on() {
    let leases = chart(34);
    let [first, second] = &leases.lanes[..] else {
        panic!("two workers, not {:?}", leases.lanes);
    };
    assert_eq!(
        (&*first.who, &*first.note, first.is_alone),
        ("worker-1", "ord_20 without a lease", true)
    );
    assert_eq!(
        (&*second.who, &*second.note, second.is_alone),
        ("worker-2", "holds ord_20, 26 s left", false)
    );
    let [lease, next] = &first.rows[0][..] else {
        panic!("two leases, not {:?}", first.rows);
    };
    assert_eq!((lease.end, lease.tense), (LeaseEnd::Over, Tense::Past));
    let work = lease.work.as_ref().expect("it works");
    // The lease ends at 30 s, the present is at 34, the work ends at 40; the axis has 100.
    assert_eq!(leases.now.at, 340);
    assert_eq!((work.alone, work.done, work.to), (Some(300), 340, 400));
    assert_eq!(next.tense, Tense::Future);
    let again: Vec<_> = leases
        .again
        .iter()
        .map(|one| (&*one.words, &one.times[..]))
        .collect();
    assert_eq!(again, [("ord_20 mailed at 40 s and 70 s", &[400, 700][..])]);
    let both: Vec<_> = leases
        .overlaps
        .iter()
        .map(|both| (both.from, both.to))
        .collect();
    assert_eq!(both, [(300, 400)]);
    let [fall] = &leases.falls[..] else {
        panic!("one lease fell to another worker, not {:?}", leases.falls);
    };
    assert_eq!((fall.from, fall.to), (300, 300));
    assert_eq!((fall.upper, fall.lower), ((0, 0), (1, 0)));
    assert!(
        leases.words.contains(
            "worker-1: lease 1 of ord_20: from 0 s to 30 s, over; works on ord_20 from 0 s to 40 s."
        ),
        "{}",
        leases.words
    );
}

#[test]
fn a_lease_is_open_until_the_message_is_settled_or_its_time_is_over() {
    let leases = chart(29);
    assert!(leases.lanes.iter().all(|lane| !lane.is_alone));
    assert_eq!(leases.lanes[0].note, "holds ord_20, 1.0 s left");
    let at_the_end = chart(100);
    let ends: Vec<_> = at_the_end.lanes[1].rows[0]
        .iter()
        .map(|bar| bar.end)
        .collect();
    // The queue waits 30 s from 30 on; nobody took it when that was over, and the delete came at 70.
    assert_eq!(ends, [LeaseEnd::Over]);
}

/// The line says what the queue has, and not when the worker will be through in this run.
#[test]
fn a_lease_that_will_be_settled_soon_has_its_whole_time_left() {
    let until = |seconds: u64| {
        let mut bench = Bench::default();
        bench.make(INVOICES, &[]);
        bench.send(0, INVOICES, 1, None, 0);
        let receipts = bench.receive(0, WORKER_1, INVOICES, most(1, 30));
        if seconds >= 3 {
            bench.delete(3, WORKER_1, INVOICES, receipts[0]);
        }
        bench
    };
    let story = story(&until(3), Vec::new());
    let now = figure(&until(0), &story, at(0));
    let leases = now.leases.expect("a lease");
    assert_eq!(leases.lanes[0].note, "holds ord_1, 30 s left");
    let bar = &leases.lanes[0].rows[0][0];
    assert_eq!(
        bar.end,
        LeaseEnd::Settled,
        "the bar still ends where it will"
    );
    let room = now.rooms.iter().flat_map(|room| &room.messages).next();
    let lease = room.and_then(|message| message.lease.as_ref());
    assert_eq!(lease.map(|lease| &*lease.words), Some("30 s left"));
}

#[test]
fn long_leases_are_told_in_minutes_and_hours() {
    let check = |visibility: i64, now: u64, left: &str, tick: &str| {
        let mut bench = Bench::default();
        bench.make(INVOICES, &[]);
        bench.send(0, INVOICES, 1, None, 0);
        bench.receive(0, WORKER_1, INVOICES, most(1, visibility));
        let story = story(&bench, Vec::new());
        let leases = figure(&bench, &story, at(now)).leases.expect("a lease");
        assert_eq!(leases.lanes[0].note, format!("holds ord_1, {left} left"));
        assert_eq!(leases.ticks.last().map(|tick| &*tick.label), Some(tick));
        assert!(leases.ticks.len() <= 6, "{:?}", leases.ticks);
    };
    check(30, 0, "30 s", "30 s");
    check(900, 10, "14 minutes", "60 s");
    check(900, 450, "450 s", "15 min");
    check(43_200, 7_200, "10 hours", "240 min");
    check(43_200, 21_600, "6 hours", "12 h");
}

#[test]
fn a_worker_that_dies_leaves_its_work_and_what_it_had_in_hand() {
    let mut bench = Bench::default();
    bench.make(INVOICES, &[]);
    bench.send(0, INVOICES, 1, None, 0);
    bench.send(0, INVOICES, 2, None, 0);
    bench.receive(0, WORKER_1, INVOICES, most(2, 30));
    let died = Happening {
        at: at(10),
        position: None,
        queue: None,
        event: Event::Died(ClientId(WORKER_1)),
    };
    let mut story = story(&bench, Vec::new());
    story.push(died);
    let leases = figure(&bench, &story, at(15)).leases.expect("two leases");
    let works: Vec<_> = leases.lanes[0]
        .rows
        .iter()
        .flatten()
        .map(|bar| bar.work.clone())
        .collect();
    assert_eq!(works.len(), 2);
    assert!(works[0].as_ref().is_some_and(|work| work.is_cut));
    assert!(works[1].is_none(), "it never came to the second");
}
