//! What is said of the facts of Amazon SQS and SNS.

use crate::bench::{Bench, Cast, WORKER_1, WORKER_2, at, most};
use engine::systems::Weight;
use engine::systems::fact::Names;
use engine::systems::sqs::{Receive, Sqs};
use engine::systems::{sns, sqs};
use engine::{ClientId, ConsumerId, Instant, Party};
use web::stage::telling::Telling;
use web::stage::telling::aws::{self, Place};

const MAILS: &str = "mails";

fn party(client: ClientId) -> Party {
    Party::Consumer(ConsumerId(client.0))
}

fn place<'a>(names: &'a dyn Names, moment: Option<(&'a Sqs, Instant)>) -> Place<'a> {
    Place {
        names,
        here: "aws",
        party_of: &party,
        moment,
        is_copy: false,
        is_left: false,
        together: &[],
    }
}

/// A fact of each kind, made of its verb and of values that fit its fields.
fn each<T>(
    forms: &[(&str, &[&str])],
    read: impl Fn(&str, &[(&str, &str)]) -> Result<T, String>,
) -> Vec<T> {
    let value = |field: &str| match field {
        "record" | "records" => "ord_7",
        "by" | "held_by" | "consumer" => "worker-1",
        "messages" | "delay" | "receive_count" | "timeout" | "endpoints" | "attempt"
        | "attempts" | "after_ms" => "3",
        text => match text {
            "queue" => "mails",
            "dead_letter_queue" => "mails-dlq",
            "code" => "OverLimit",
            "what" => "answer",
            _ => "other",
        },
    };
    let made = forms.iter().map(|(verb, fields)| {
        let fields: Vec<_> = fields.iter().map(|&field| (field, value(field))).collect();
        read(verb, &fields).expect("the values fit")
    });
    made.collect()
}

fn check(verb: &str, weight: Weight, telling: &Telling) {
    let (lead, rest) = (telling.lead(), telling.rest());
    assert!(
        !telling.who.is_empty() && !telling.phrase.is_empty(),
        "{verb}"
    );
    assert!(!telling.phrase.ends_with('.'), "{verb}: {}", telling.phrase);
    assert!(
        lead.ends_with('.') && !lead.ends_with(".."),
        "{verb}: {lead}"
    );
    assert!(rest.is_empty() || rest.ends_with('.'), "{verb}: {rest}");
    assert!(
        telling.label.chars().count() <= 20,
        "{verb}: {}",
        telling.label
    );
    let is_drawn = !telling.label.is_empty();
    assert_eq!(
        is_drawn,
        weight == Weight::Headline,
        "{verb}: {}",
        telling.label
    );
}

#[test]
fn every_fact_of_sqs_has_words() {
    let all = each(sqs::Fact::FORMS, |verb, fields| {
        sqs::Fact::read(verb, fields, &Cast)
    });
    for fact in all {
        let telling = aws::sqs::telling(&fact, &place(&Cast, None));
        check(fact.verb(), fact.weight(), &telling);
    }
}

#[test]
fn every_fact_of_sns_has_words() {
    let all = each(sns::Fact::FORMS, |verb, fields| {
        sns::Fact::read(verb, fields, &Cast)
    });
    for fact in all {
        let telling = aws::sns::telling(&fact, &place(&Cast, None));
        check(fact.verb(), fact.weight(), &telling);
    }
}

/// What is said of the latest fact.
fn said(bench: &Bench, now: u64) -> (String, String, String) {
    let (_, fact) = bench.facts.last().expect("something happened");
    let telling = aws::sqs::telling(fact, &place(&Cast, Some((&bench.sqs, at(now)))));
    let who = format!("{} {}", telling.who, telling.phrase);
    (who, telling.lead(), telling.rest().to_owned())
}

fn check_said(bench: &Bench, now: u64, phrase: &str, lead: &str, rest: &str) {
    let expected = (phrase.to_owned(), lead.to_owned(), rest.to_owned());
    assert_eq!(said(bench, now), expected);
}

#[test]
fn a_lease_that_ends_too_early_is_told_step_by_step() {
    let mut bench = Bench::default();
    bench.make(MAILS, &[]);
    bench.send(0, MAILS, 20, None, 0);
    check_said(
        &bench,
        0,
        "mails stores ord_20",
        "mails has ord_20.",
        "It stays there until somebody deletes it.",
    );
    let first = bench.receive(0, WORKER_1, MAILS, most(1, 30));
    check_said(
        &bench,
        0,
        "worker-1 receives ord_20",
        "worker-1 receives ord_20.",
        "For 30 s nobody else gets it.",
    );
    bench.advance(30);
    check_said(
        &bench,
        30,
        "mails lease of worker-1 on ord_20 ends",
        "The lease of worker-1 on ord_20 ends.",
        "worker-1 has not deleted it in time: others can receive it. Whether worker-1 is dead or slow, the queue cannot tell.",
    );
    bench.receive(31, WORKER_2, MAILS, most(1, 30));
    check_said(
        &bench,
        31,
        "worker-2 receives ord_20 again",
        "worker-2 receives ord_20 again.",
        "It has been received twice by now, and not deleted. For 30 s nobody else gets it.",
    );
    bench.delete(40, WORKER_1, MAILS, first[0]);
    check_said(
        &bench,
        40,
        "worker-1 deletes ord_20: no effect",
        "worker-1 deletes ord_20, to no effect.",
        "It is told that all is well, but it has been received twice, and only the receipt handle of the last time counts.",
    );
}

#[test]
fn a_delete_of_what_is_gone_says_so() {
    let mut bench = Bench::default();
    bench.make(MAILS, &[]);
    bench.send(0, MAILS, 1, None, 0);
    let receipts = bench.receive(0, WORKER_1, MAILS, Receive::default());
    bench.delete(1, WORKER_1, MAILS, receipts[0]);
    check_said(
        &bench,
        1,
        "worker-1 deletes ord_1",
        "worker-1 deletes ord_1.",
        "Nobody will receive it again.",
    );
    bench.delete(2, WORKER_1, MAILS, receipts[0]);
    check_said(
        &bench,
        2,
        "worker-1 deletes ord_1: no effect",
        "worker-1 deletes ord_1, to no effect.",
        "It is told that all is well, but the message is gone already.",
    );
}
