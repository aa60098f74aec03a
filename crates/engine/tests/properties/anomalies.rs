//! Anomalies are the same by state and by trace: on random scenes and random ways, after every choice,
//! a world and the facts of its trace give the same account.

use super::scenes::{on_kafka, on_rabbitmq, on_sqs};
use engine::anomaly::{self, Account, Facts};
use engine::cast::Cast;
use engine::custody::Custody;
use engine::scene::{Commit, HandlerStep, Published, Service, Topic, Verb};
use engine::systems::kafka::GroupId;
use engine::{Choice, ClientId, FactId, RecordId, Run, Scene, ServiceId, World};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use std::cell::Cell;

/// How many random scenes each system is tried on.
const CASES: u32 = 300;

/// How a difference begins.
const DIFFER: &str = "the accounts differ";

/// How many steps a run goes on for by itself after the choices.
const ONWARD: usize = 250;

/// Scenes in which much is lost: consumers that settle before they work, handlers with two services,
/// dead letters, records of one key.
fn lossy(scene: Scene, bits: u64) -> Scene {
    let mut scene = scene;
    let post = Service {
        name: "post".to_owned(),
        ..scene.services[0].clone()
    };
    scene.services.push(post);
    scene.topics.push(Topic {
        name: "dead".to_owned(),
        published: Some(Published::DeadLetters),
        ..scene.topics[2].clone()
    });
    for topic in &mut scene.topics[..2] {
        for record in &mut topic.records {
            record.key = record.partition.map(|index| format!("key_{index}"));
        }
    }
    let mut bits = (0..64).map(|at| (bits >> at) & 1 == 1).cycle();
    let mut coin = || bits.next().unwrap_or_default();
    for consumer in &mut scene.consumers {
        let more = [
            HandlerStep::Send("mail".to_owned()),
            HandlerStep::Send("post".to_owned()),
            HandlerStep::Publish("dead".to_owned()),
        ];
        consumer.handler.extend(more.into_iter().filter(|_| coin()));
        consumer.config.auto_offset_reset = engine::scene::Reset::Earliest;
        if coin() && consumer.commit != Commit::InTransaction {
            consumer.commit = Commit::Before;
        }
        consumer.restart_ms = coin().then_some(1_000);
        consumer.start_ms /= 4;
    }
    scene
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let verb = prop::sample::select(Verb::ALL.to_vec());
    let choice = prop_oneof![
        12 => Just(Choice::Earliest),
        3 => (0_u16..6).prop_map(Choice::Nth),
        2 => (verb, 0_u8..4).prop_map(|(verb, to)| Choice::Fault(verb, ClientId(to))),
        1 => (0_u16..3).prop_map(Choice::Lose),
        1 => (0_u16..3).prop_map(Choice::Duplicate),
    ];
    prop::collection::vec(choice, 20..250)
}

/// The first thing that two accounts do not agree on.
fn difference(state: &World, told: &impl Account, run: &Run) -> Option<String> {
    let cast = state.cast();
    let name = |record: RecordId| cast.record_name(record);
    for of in cast.subscriptions() {
        for record in cast.all_records().filter(|record| cast.is_for(of, *record)) {
            let by_state = (
                Account::custody(state, record, of),
                state.is_in_hand(record, of),
                state.is_handled(record, of),
                anomaly::is_lost(state, record, of),
            );
            let by_trace = (
                told.custody(record, of),
                told.is_in_hand(record, of),
                told.is_handled(record, of),
                anomaly::is_lost(told, record, of),
            );
            if by_state != by_trace {
                let group = cast.group_name(of);
                return Some(format!(
                    "{} for {group}: {by_state:?} by state, {by_trace:?} by trace",
                    name(record)
                ));
            }
        }
    }
    for at in 0..cast.services.len() {
        let service = ServiceId(at as u8);
        for record in cast.all_records() {
            let times = (state.times(service, record), told.times(service, record));
            if times.0 != times.1 {
                return Some(format!("{} is done {times:?} times", name(record)));
            }
        }
        let by_trace = anomaly::reordered(run.trace()).into_iter();
        let by_trace: Vec<_> = by_trace.filter(|one| one.service == service).collect();
        let first = by_trace.first().map(|one| one.record);
        if state.services()[at].overtaken() != first {
            return Some(format!("reordered by trace: {by_trace:?}"));
        }
    }
    None
}

/// What a run and the facts that were read of it differ in, after each of its choices.
struct Followed {
    run: Run,
    facts: Facts,
    read: usize,
    /// How many records were found lost, doubled, reordered, and stuck.
    found: [usize; 4],
}

impl Followed {
    fn new(run: Run) -> Followed {
        let facts = Facts::new(run.world().cast());
        Followed {
            run,
            facts,
            read: 0,
            found: [0; 4],
        }
    }

    fn choose(&mut self, choice: Choice) -> bool {
        let chosen = self.run.choose(choice).is_ok();
        let trace = self.run.trace();
        for at in self.read..trace.entries().len() {
            self.facts.read(FactId(at as u32), trace);
        }
        self.read = trace.entries().len();
        chosen
    }

    /// Makes the choices, and goes on by itself; after each, both accounts are compared.
    fn follow(&mut self, choices: &[Choice], meddle: Meddle) -> Result<(), String> {
        let onward = std::iter::repeat_n(Choice::Earliest, ONWARD);
        for choice in choices.iter().copied().chain(onward) {
            if !self.choose(choice) {
                continue;
            }
            let told = By(&self.facts, meddle);
            if let Some(differs) = difference(self.run.world(), &told, &self.run) {
                let text = self.run.trace().text();
                let path = self.run.path();
                return Err(format!(
                    "{DIFFER} after {choice:?} of {path}: {differs}\n{text}"
                ));
            }
        }
        self.count();
        Ok(())
    }

    /// Holds what the trace alone tells against the state at the end, and counts it.
    fn count(&mut self) {
        let (world, trace) = (self.run.world(), self.run.trace());
        let cast = world.cast();
        let pairs = || {
            let each = |of| cast.all_records().map(move |record| (record, of));
            cast.subscriptions().flat_map(each)
        };
        let sorted = |mut all: Vec<(RecordId, GroupId)>| {
            all.sort_unstable();
            all
        };
        let lost = anomaly::lost(trace).into_iter();
        let lost = sorted(lost.map(|lost| (lost.record, lost.group)).collect());
        let by_state = pairs().filter(|(record, of)| anomaly::is_lost(world, *record, *of));
        assert_eq!(sorted(by_state.collect()), lost, "{}", trace.text());
        let at_rest = world.at_rest();
        let is_stuck =
            |pair: &(RecordId, GroupId)| anomaly::is_stuck(world, pair.0, pair.1, at_rest);
        let stuck = sorted(anomaly::stuck(trace, at_rest));
        assert_eq!(
            sorted(pairs().filter(is_stuck).collect()),
            stuck,
            "{}",
            trace.text()
        );
        let doubled = anomaly::duplicated(trace);
        let services = (0..cast.services.len()).map(|at| ServiceId(at as u8));
        for service in services {
            for record in cast.all_records() {
                let mut by_trace = doubled.iter();
                assert_eq!(
                    anomaly::is_doubled(world, service, record),
                    by_trace.any(|one| (one.service, one.record) == (service, record)),
                );
            }
        }
        self.found = [
            lost.len(),
            doubled.len(),
            anomaly::reordered(trace).len(),
            stuck.len(),
        ];
    }
}

fn cases() -> Config {
    Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 300,
        rng_seed: RngSeed::Fixed(10),
        ..Config::default()
    }
}

fn kafka() -> impl Strategy<Value = Scene> {
    (on_kafka(), any::<u64>()).prop_map(|(scene, bits)| lossy(scene, bits))
}

/// Standard queues and FIFO queues, some with short visibility time-outs.
fn sqs() -> impl Strategy<Value = Scene> {
    (on_kafka(), any::<u64>(), any::<bool>()).prop_map(|(scene, bits, fifo)| {
        let mut scene = on_sqs(&lossy(scene, bits));
        let queues = scene.on.sqs.as_mut().map(|sqs| &mut sqs.queues);
        for (name, queue) in queues.into_iter().flatten() {
            queue.insert("VisibilityTimeout".to_owned(), 5.into());
            if fifo {
                queue.insert("FifoQueue".to_owned(), true.into());
                if queue.contains_key("RedrivePolicy") {
                    let arn = "arn:aws:sqs:us-east-1:123456789012:dead.fifo";
                    let policy =
                        format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":2}}"#);
                    queue.insert("RedrivePolicy".to_owned(), policy.into());
                }
            }
            if name == "dead" {
                queue.insert("MessageRetentionPeriod".to_owned(), 60.into());
            }
        }
        scene
    })
}

/// Quorum queues and classic ones, prefetches of none to two, acknowledgements by sending, each and several.
fn rabbitmq() -> impl Strategy<Value = Scene> {
    (on_kafka(), any::<u64>()).prop_map(|(scene, bits)| on_rabbitmq(&lossy(scene, bits)))
}

/// Runs the cases of a system. Says how much of each anomaly they showed, or what differs in one of them.
fn check(scenes: impl Strategy<Value = Scene>, meddle: Meddle) -> Result<[usize; 4], String> {
    let found = Cell::new([0; 4]);
    let mut runner = TestRunner::new(cases());
    let result = runner.run(&(scenes, choices()), |(scene, choices)| {
        let cast = Cast::new(&scene).map_err(|why| TestCaseError::fail(format!("{why:?}")))?;
        let mut followed = Followed::new(Run::new(cast));
        let held = followed.follow(&choices, meddle);
        held.map_err(TestCaseError::fail)?;
        let mut all = found.get();
        for (all, more) in all.iter_mut().zip(followed.found) {
            *all += more;
        }
        found.set(all);
        Ok(())
    });
    match result {
        Ok(()) => Ok(found.get()),
        Err(TestError::Fail(why, _)) => Err(why.to_string()),
        Err(why) => Err(why.to_string()),
    }
}

/// What an account answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Custody(Custody),
    InHand(bool),
    Times(u32),
}

/// Another answer than that of the facts.
type Meddle = fn(Answer) -> Answer;

/// The account of the facts, with whose answers somebody meddles.
struct By<'a>(&'a Facts, Meddle);

impl Account for By<'_> {
    fn cast(&self) -> &Cast {
        self.0.cast()
    }
    fn custody(&self, record: RecordId, of: GroupId) -> Custody {
        match (self.1)(Answer::Custody(self.0.custody(record, of))) {
            Answer::Custody(custody) => custody,
            other => panic!("{other:?} says nothing of custody"),
        }
    }
    fn is_in_hand(&self, record: RecordId, of: GroupId) -> bool {
        (self.1)(Answer::InHand(self.0.is_in_hand(record, of))) == Answer::InHand(true)
    }
    fn times(&self, service: ServiceId, record: RecordId) -> u32 {
        match (self.1)(Answer::Times(self.0.times(service, record))) {
            Answer::Times(times) => times,
            other => panic!("{other:?} says nothing of services"),
        }
    }
    fn is_handled(&self, record: RecordId, of: GroupId) -> bool {
        self.0.is_handled(record, of)
    }
}

/// Runs the cases of a system, which must all hold and show every anomaly.
fn holds(scenes: impl Strategy<Value = Scene>) {
    match check(scenes, |answer| answer) {
        Ok([lost, doubled, reordered, stuck]) => assert!(
            lost.min(doubled).min(stuck) > 50 && reordered > 0,
            "lost {lost}, doubled {doubled}, reordered {reordered}, stuck {stuck}"
        ),
        Err(why) => panic!("{why}"),
    }
}

/// A reader that is wrong in one thing is found out: with each of these answers some case differs.
const WRONG: [Meddle; 4] = [
    |answer| match answer {
        Answer::Custody(Custody::Settled) => Answer::Custody(Custody::Waiting),
        other => other,
    },
    |answer| match answer {
        Answer::Custody(Custody::Out(_)) => Answer::Custody(Custody::Waiting),
        other => other,
    },
    |answer| match answer {
        Answer::InHand(_) => Answer::InHand(false),
        other => other,
    },
    |answer| match answer {
        Answer::Times(times) => Answer::Times(times.min(1)),
        other => other,
    },
];

#[test]
fn logs_and_facts_give_the_same_account() {
    holds(kafka());
}

#[test]
fn queues_and_facts_give_the_same_account() {
    holds(sqs());
}

#[test]
fn exchanges_and_facts_give_the_same_account() {
    holds(rabbitmq());
}

#[test]
fn a_reader_that_is_wrong_is_found_out() {
    for (nth, wrong) in WRONG.into_iter().enumerate() {
        for found in [
            check(kafka(), wrong),
            check(sqs(), wrong),
            check(rabbitmq(), wrong),
        ] {
            let differs = found.as_ref().is_err_and(|why| why.contains(DIFFER));
            assert!(differs, "wrong answer {nth}: {found:?}");
        }
    }
}
