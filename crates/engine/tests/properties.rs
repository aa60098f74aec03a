//! Random scenes and random choices: whatever happens is a trace that can be read back, replayed
//! and cut short, and nothing panics.

// The generator of random scenes is not for browsers.
#![cfg(not(target_arch = "wasm32"))]

use engine::scene::{
    Bounds, Broker, Commit, Config, Consumer, Fault, HandlerStep, Moment, Network, Point, Record,
    Reset, Service, Table, Topic, Verb, When, Work,
};
use engine::{Cast, Choice, ConsumerId, Path, Run, Scene, Trace, anomaly};
use proptest::prelude::*;

const GROUPS: [&str; 2] = ["mailers", "auditors"];

fn point() -> impl Strategy<Value = Point> {
    prop::sample::select(vec![
        Point::Poll,
        Point::Lookup,
        Point::Send,
        Point::Insert,
        Point::Commit,
    ])
}

fn fault(consumers: usize) -> impl Strategy<Value = Fault> {
    let moment = || (point(), 1_u32..4).prop_map(|(step, nth)| Moment { step, nth });
    let crash = prop_oneof![
        moment().prop_map(When::Before),
        moment().prop_map(When::After),
        (0_u32..120_000).prop_map(When::AtMs),
        (0_u32..10_000).prop_map(When::AfterMs),
    ];
    let restart = prop_oneof![
        (0_u32..120_000).prop_map(When::AtMs),
        (0_u32..10_000).prop_map(When::AfterMs)
    ];
    let what = prop_oneof![
        crash.prop_map(|when| (Verb::Crash, when)),
        restart.prop_map(|when| (Verb::Restart, when))
    ];
    (0..consumers, what).prop_map(|(to, (verb, when))| Fault {
        verb,
        to: format!("consumer-{to}"),
        when,
    })
}

fn consumer(at: usize) -> impl Strategy<Value = Consumer> {
    let step = prop_oneof![
        Just(HandlerStep::Send("mail".to_owned())),
        Just(HandlerStep::SkipIfIn("processed".to_owned())),
        Just(HandlerStep::InsertInto("processed".to_owned())),
    ];
    let config = (
        1_u32..5,
        6_000_u32..60_000,
        100_u32..5_999,
        1_u32..20_000,
        any::<bool>(),
        1_000_u32..400_000,
    );
    let config = config.prop_map(
        |(records, session, heartbeat, auto, earliest, poll)| Config {
            max_poll_records: records,
            session_timeout_ms: session,
            heartbeat_interval_ms: heartbeat,
            max_poll_interval_ms: poll,
            auto_commit_interval_ms: auto,
            auto_offset_reset: if earliest {
                Reset::Earliest
            } else {
                Reset::Latest
            },
        },
    );
    let commit = prop::sample::select(vec![Commit::Automatic, Commit::After, Commit::Before]);
    let work = prop::sample::select(vec![Work::Inline, Work::Background]);
    let topics = prop::sample::subsequence(vec!["orders", "payments"], 1..=2);
    let group = prop::sample::select(GROUPS.to_vec());
    (
        config,
        prop::collection::vec(step, 0..4),
        commit,
        work,
        topics,
        group,
        0_u32..20_000,
    )
        .prop_map(
            move |(config, handler, commit, work, topics, group, start_ms)| Consumer {
                name: format!("consumer-{at}"),
                group: group.to_owned(),
                topics: topics.into_iter().map(str::to_owned).collect(),
                start_ms,
                restart_ms: None,
                config,
                handler,
                commit,
                work,
            },
        )
}

fn topic(name: &'static str) -> impl Strategy<Value = Topic> {
    (1_u16..4, 0_usize..7).prop_flat_map(move |(partitions, records)| {
        prop::collection::vec(0..partitions, records).prop_map(move |placed| Topic {
            name: name.to_owned(),
            partitions,
            records: placed
                .into_iter()
                .enumerate()
                .map(|(at, partition)| Record {
                    value: format!("{name}_{at}"),
                    partition,
                    key: None,
                    amount: 0,
                    headers: Default::default(),
                })
                .collect(),
            published: None,
        })
    })
}

fn scenes() -> impl Strategy<Value = Scene> {
    let people = (1_usize..4).prop_flat_map(|count| {
        let consumers: Vec<_> = (0..count).map(consumer).collect();
        (consumers, prop::collection::vec(fault(count), 0..5))
    });
    let world = (
        any::<u64>(),
        0_u32..5_000,
        0_u32..5_000,
        0_u32..2_000,
        0_u32..200,
    );
    (people, topic("orders"), topic("payments"), world).prop_map(
        |((consumers, faults), orders, payments, (seed, low, spread, service, table))| Scene {
            schema: String::new(),
            id: "random".to_owned(),
            title: "Random".to_owned(),
            version: 1,
            seed,
            broker: Broker::default(),
            topics: vec![orders, payments],
            services: vec![Service {
                name: "mail".to_owned(),
                noun: "mail".to_owned(),
                done: "mailed".to_owned(),
                latency_ms: service,
            }],
            tables: vec![Table {
                name: "processed".to_owned(),
                latency_ms: table,
                ttl_ms: None,
            }],
            consumers,
            network: Network {
                latency_us: (low, low + spread),
            },
            faults,
            settings: Vec::new(),
            bounds: Bounds {
                steps: 2_000,
                time_ms: 600_000,
            },
            promises: Vec::new(),
            explore: Default::default(),
            expect: Vec::new(),
            explored: Vec::new(),
        },
    )
}

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let verb = prop::sample::select(vec![Verb::Crash, Verb::Restart]);
    let choice = prop_oneof![
        8 => Just(Choice::Earliest),
        2 => (0_u16..6).prop_map(Choice::Nth),
        1 => (verb, 0_u8..4).prop_map(|(verb, to)| Choice::Fault(verb, ConsumerId(to))),
    ];
    prop::collection::vec(choice, 0..150)
}

/// Makes the choices that can be made.
fn follow(run: &mut Run, choices: &[Choice]) {
    for &choice in choices {
        let before = (run.len(), run.trace().entries().len());
        if run.choose(choice).is_err() {
            assert_eq!(
                before,
                (run.len(), run.trace().entries().len()),
                "a refused choice changes nothing"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_trace_is_read_back_as_it_was(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        run.to_rest();
        let read = Trace::read(&run.trace().text(), cast);
        prop_assert_eq!(read.as_ref(), Ok(run.trace()));
        anomaly::lost(run.trace());
        anomaly::duplicated(run.trace());
    }

    #[test]
    fn the_same_choices_lead_to_the_same_place(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        let path: Path = run.path().to_string().parse().map_err(TestCaseError::fail)?;
        let again = Run::replay(cast, &path).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        prop_assert_eq!(again.trace(), run.trace());
        prop_assert_eq!(again.world(), run.world());
    }

    #[test]
    fn going_back_leads_to_where_one_was(scene in scenes(), choices in choices(), back in any::<prop::sample::Index>()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast.clone());
        follow(&mut run, &choices);
        let there = back.index(run.len() + 1);
        let mut slowly = Run::new(cast);
        follow(&mut slowly, &run.path().0[..there]);
        prop_assert_eq!(&run.world_after(there), slowly.world());
        let mut cut = run.until(there);
        prop_assert_eq!(cut.trace(), slowly.trace());
        cut.to_rest();
        slowly.to_rest();
        prop_assert_eq!(cut.trace(), slowly.trace());
    }

    #[test]
    fn causes_come_before_what_they_cause_and_time_never_goes_back(scene in scenes(), choices in choices()) {
        let cast = Cast::new(&scene).map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}")))?;
        let mut run = Run::new(cast);
        follow(&mut run, &choices);
        run.to_rest();
        let entries = run.trace().entries();
        for (at, entry) in entries.iter().enumerate() {
            prop_assert!(entry.cause.0.is_none_or(|cause| (cause.0 as usize) < at));
            prop_assert!(at == 0 || entries[at - 1].at <= entry.at);
        }
    }
}
