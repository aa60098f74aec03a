//! What an explorer does with the service: it takes it apart, renames and compares.

use crate::bench_client::{Bench, redrive};
use systems::sqs::{Due, Entry, Sqs};
use systems::{Counter, Instant, Parts, Server, Span, Visitor, Wait};

/// All times a minute later, all counters ten further.
struct Later;

impl Visitor for Later {
    fn instant(&mut self, at: &mut Instant) {
        *at = *at + Span::from_ms(60_000);
    }
    fn counter(&mut self, _: Counter, number: &mut u64) {
        *number += 10;
    }
}

/// A state with something everywhere.
fn busy() -> Bench {
    let mut bench = Bench::new();
    bench.create("dead", &[]);
    bench.create(
        "q",
        &[
            ("RedrivePolicy", &redrive("dead", 1)),
            ("VisibilityTimeout", "10"),
        ],
    );
    bench.put(&["a", "b"]);
    bench.receive("q", 1);
    bench.at(10).receive("q", 2);
    bench.put(&["c"]);
    let delayed = Entry {
        delay_seconds: Some(100),
        ..Entry::new("d")
    };
    bench.send("q", delayed);
    bench.create("q.fifo", &[("FifoQueue", "true")]);
    bench.put_in("g", &["x", "y"]).put_in("h", &["z"]);
    bench.receive("q.fifo", 1);
    bench
}

/// What the service will do, with times from `since`.
fn future(sqs: &Sqs, since: Instant) -> Vec<(Span, String)> {
    let mut dues = Vec::new();
    sqs.dues(0, &mut |at, due| {
        let kind = format!("{due:?}").split(' ').next().map(str::to_owned);
        dues.push((at.since(since), kind.unwrap_or_default()));
    });
    dues
}

#[test]
fn a_service_with_other_times_and_numbers_goes_on_alike() {
    let mut bench = busy();
    let mut other = bench.sqs.clone();
    other.visit_parts(&mut Later, |_| true);
    assert_ne!(other, bench.sqs);
    let minute = bench.now + Span::from_ms(60_000);
    assert_eq!(future(&other, minute), future(&bench.sqs, bench.now));
    let mut later = Bench {
        sqs: other,
        now: minute,
        ..Bench::new()
    };
    for (queue, seconds) in [("q", 15), ("q.fifo", 45), ("dead", 50), ("q.fifo", 80)] {
        let bodies = bench.at(seconds).bodies(queue, 10);
        assert_eq!(
            later.at(seconds + 60).bodies(queue, 10),
            bodies,
            "{queue} at {seconds}"
        );
    }
}

#[test]
fn the_parts_make_up_the_service_again() {
    let bench = busy();
    let mut parts = Vec::new();
    bench.sqs.parts(&mut |_, part| parts.push(part));
    assert_eq!(parts.len(), 3);
    let mut other = bench.sqs.clone();
    other.put(&mut parts.into_iter());
    assert_eq!(other, bench.sqs);
}

#[test]
fn the_next_due_is_the_first_of_all_dues() {
    let mut bench = busy();
    for _ in 0..20 {
        let mut first: Option<(Instant, Due)> = None;
        bench.sqs.dues(0, &mut |at, due| {
            if first.as_ref().is_none_or(|(earliest, _)| at < *earliest) {
                first = Some((at, due));
            }
        });
        assert_eq!(bench.sqs.next_due(), first);
        let Some((at, _)) = first else { return };
        bench.at(at.ms() / 1000);
    }
}

#[test]
fn a_visibility_time_out_waits_for_the_work_of_its_holder() {
    let bench = busy();
    let mut held = 0;
    bench.sqs.dues(0, &mut |_, due| {
        let waits = bench.sqs.waits_for(&due);
        let is_of_work = matches!(waits, Wait::Work(holder) if holder.client.0 == 0);
        assert_eq!(
            is_of_work,
            matches!(due, Due::VisibilityEnds { .. }),
            "{due:?}"
        );
        held += u32::from(is_of_work);
    });
    assert_eq!(held, 2);
}

#[test]
fn a_due_that_has_gone_does_nothing() {
    let mut bench = Bench::with(&[]);
    bench.put(&["a"]);
    let first = bench.receive("q", 1)[0].receipt;
    let mut dues = Vec::new();
    bench.sqs.dues(0, &mut |_, due| dues.push(due));
    bench.delete("q", first);
    let before = bench.sqs.clone();
    for due in dues {
        let mut out = systems::Out::default();
        bench.sqs.fire(bench.now, due, &mut out);
        assert!(out.facts.is_empty() && out.to.is_empty(), "{out:?}");
    }
    assert_eq!(bench.sqs, before);
}
