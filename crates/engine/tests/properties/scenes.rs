//! Random scenes: consumers and producers of every kind, faults at every moment.

use engine::Scene;
use engine::scene::{
    Acks, Bounds, Broker, Commit, Consumer, ConsumerConfig, Fault, HandlerStep, IsolationLevel,
    Moment, Network, OnRabbitmq, OnRestart, OnSqs, Point, Producer, ProducerConfig, ProducerStep,
    Published, Record, Reset, Service, Table, Topic, Verb, When, Work,
};
use engine::systems::SystemName;
use proptest::prelude::*;

const GROUPS: [&str; 2] = ["mailers", "auditors"];

/// How many records producers have to send.
const SENT: usize = 6;

fn sent(at: usize) -> Record {
    Record {
        value: format!("sent_{at}"),
        partition: None,
        key: Some(format!("key_{at}")),
        amount: 0,
        headers: Default::default(),
        timestamp_ms: 0,
        tombstone: false,
    }
}

fn point(of_producer: bool) -> impl Strategy<Value = Point> {
    prop::sample::select(if of_producer {
        vec![
            Point::Init,
            Point::Begin,
            Point::Produce,
            Point::CommitTransaction,
            Point::AbortTransaction,
        ]
    } else {
        vec![
            Point::Poll,
            Point::Lookup,
            Point::Send,
            Point::Insert,
            Point::Commit,
        ]
    })
}

fn fault(consumers: usize, producers: usize) -> impl Strategy<Value = Fault> {
    (0..consumers + producers).prop_flat_map(move |to| {
        let of_producer = to >= consumers;
        let moment = || (point(of_producer), 1_u32..4).prop_map(|(step, nth)| Moment { step, nth });
        let stop = prop_oneof![
            moment().prop_map(When::Before),
            moment().prop_map(When::After),
            (0_u32..120_000).prop_map(When::AtMs),
            (0_u32..10_000).prop_map(When::AfterMs),
        ];
        let go = prop_oneof![
            (0_u32..120_000).prop_map(When::AtMs),
            (0_u32..10_000).prop_map(When::AfterMs)
        ];
        let stops = prop::sample::select(vec![Verb::Crash, Verb::Freeze]);
        let goes = prop::sample::select(vec![Verb::Restart, Verb::Thaw]);
        let what = prop_oneof![(stops, stop), (goes, go)];
        what.prop_map(move |(verb, when)| Fault {
            verb,
            to: if of_producer {
                format!("producer-{}", to - consumers)
            } else {
                format!("consumer-{to}")
            },
            when,
        })
    })
}

/// A plain, an idempotent or a transactional producer.
fn producer(at: usize) -> impl Strategy<Value = Producer> {
    let send = || (0..SENT).prop_map(|at| ProducerStep::Send(format!("sent_{at}")));
    let wait = || (1_u32..70_000).prop_map(ProducerStep::WaitMs);
    let step = move || prop_oneof![4 => send(), 1 => wait()];
    let plain = (
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(step(), 1..5),
    )
        .prop_map(|(idempotent, waits, program)| {
            let config = ProducerConfig {
                enable_idempotence: idempotent,
                acks: if idempotent || waits {
                    Acks::All
                } else {
                    Acks::None
                },
                retries: if idempotent || waits { 3 } else { 0 },
                ..ProducerConfig::default()
            };
            (config, program)
        });
    let end = prop::sample::select(vec![ProducerStep::Commit, ProducerStep::Abort]);
    let transaction = (prop::collection::vec(step(), 0..4), end).prop_map(|(steps, end)| {
        let begin = std::iter::once(ProducerStep::Begin);
        begin.chain(steps).chain([end]).collect::<Vec<_>>()
    });
    let all = prop::collection::vec(transaction, 1..4);
    let transactional = (0_u8..2, 1_000_u32..100_000, all).prop_map(|(id, timeout, all)| {
        let config = ProducerConfig {
            transactional_id: Some(format!("tx-{id}")),
            transaction_timeout_ms: timeout,
            ..ProducerConfig::default()
        };
        (config, all.concat())
    });
    let restart = prop::option::of(0_u32..5_000);
    let on_restart = prop::sample::select(vec![OnRestart::Onward, OnRestart::Again]);
    let kind = prop_oneof![plain, transactional];
    (kind, 0_u32..20_000, restart, on_restart).prop_map(
        move |((config, program), start_ms, restart_ms, on_restart)| Producer {
            name: format!("producer-{at}"),
            start_ms,
            restart_ms,
            config,
            program,
            on_restart,
        },
    )
}

fn consumer(at: usize) -> impl Strategy<Value = Consumer> {
    let step = prop_oneof![
        Just(HandlerStep::Send("mail".to_owned())),
        Just(HandlerStep::SkipIfIn("processed".to_owned())),
        Just(HandlerStep::InsertInto("processed".to_owned())),
        Just(HandlerStep::Publish("shipped".to_owned())),
    ];
    let config = (
        1_u32..5,
        6_000_u32..60_000,
        100_u32..5_999,
        1_u32..20_000,
        any::<bool>(),
        any::<bool>(),
        1_000_u32..400_000,
    );
    let config = config.prop_map(
        |(records, session, heartbeat, auto, earliest, committed, poll)| ConsumerConfig {
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
            isolation_level: if committed {
                IsolationLevel::ReadCommitted
            } else {
                IsolationLevel::ReadUncommitted
            },
            ..ConsumerConfig::default()
        },
    );
    let commit = prop::sample::select(vec![Commit::Automatic, Commit::After, Commit::Before]);
    let work = prop::sample::select(vec![Work::Inline, Work::Background]);
    let topics = prop::sample::subsequence(vec!["orders", "payments"], 1..=2);
    let group = prop::sample::select(GROUPS.to_vec());
    // Some have a producer of their own; two may take each other's transactional id.
    let own = prop::option::of((0_u8..2, 1_000_u32..100_000)).prop_map(|own| {
        own.map(|(id, timeout)| ProducerConfig {
            transactional_id: Some(format!("own-{id}")),
            transaction_timeout_ms: timeout,
            ..ProducerConfig::default()
        })
    });
    (
        config,
        prop::collection::vec(step, 0..4),
        commit,
        work,
        topics,
        group,
        0_u32..20_000,
        own,
    )
        .prop_map(
            move |(config, handler, commit, work, topics, group, start_ms, own)| Consumer {
                name: format!("consumer-{at}"),
                group: group.to_owned(),
                topics: topics.into_iter().map(str::to_owned).collect(),
                start_ms,
                restart_ms: None,
                retry: None,
                config,
                handler,
                commit: match own {
                    Some(_) => Commit::InTransaction,
                    None => commit,
                },
                work: match own {
                    Some(_) => Work::Inline,
                    None => work,
                },
                producer: own,
            },
        )
}

fn topic(name: &'static str) -> impl Strategy<Value = Topic> {
    (1_u16..4, 0_usize..7).prop_flat_map(move |(partitions, records)| {
        prop::collection::vec(0..partitions, records).prop_map(move |placed| Topic {
            name: name.to_owned(),
            partitions,
            config: None,
            records: placed
                .into_iter()
                .enumerate()
                .map(|(at, partition)| Record {
                    value: format!("{name}_{at}"),
                    partition: Some(partition),
                    key: None,
                    amount: 0,
                    headers: Default::default(),
                    timestamp_ms: 0,
                    tombstone: false,
                })
                .collect(),
            sent: Vec::new(),
            published: None,
        })
    })
}

/// Scenes on every system that scenes run on.
pub fn scenes() -> impl Strategy<Value = Scene> {
    (on_kafka(), 0_u8..4).prop_map(|(scene, nth)| match nth {
        0 | 1 => scene,
        2 => on_rabbitmq(&scene),
        _ => on_sqs(&scene),
    })
}

/// The same scene with queues instead of logs, as far as they can do what it asks; one of the queues has
/// a dead-letter queue.
pub fn on_sqs(scene: &Scene) -> Scene {
    let mut scene = scene.on(SystemName::Sqs);
    scene.producers.clear();
    scene
        .topics
        .iter_mut()
        .for_each(|topic| topic.published = None);
    scene.topics.iter_mut().for_each(|topic| topic.sent.clear());
    for consumer in &mut scene.consumers {
        if matches!(consumer.commit, Commit::Automatic | Commit::InTransaction) {
            consumer.commit = Commit::After;
        }
        consumer.work = Work::Inline;
        consumer.producer = None;
        let publishes = |step: &HandlerStep| matches!(step, HandlerStep::Publish(_));
        consumer.handler.retain(|step| !publishes(step));
    }
    let clients: Vec<&str> = scene.consumers.iter().map(|one| &*one.name).collect();
    let consumers_do = |fault: &Fault| match fault.when {
        When::Before(moment) | When::After(moment) => {
            moment.step.is_of_consumers() && !moment.step.needs_own_producer()
        }
        When::AtMs(_) | When::AfterMs(_) => true,
    };
    scene
        .faults
        .retain(|fault| clients.contains(&&*fault.to) && consumers_do(fault));
    let mut sqs = OnSqs::default();
    let redrive = "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":2}";
    let attributes = [("VisibilityTimeout", "5"), ("RedrivePolicy", redrive)];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.into()));
    sqs.queues.insert(GROUPS[0].to_owned(), attributes.into());
    sqs.queues.insert("dead".to_owned(), Default::default());
    scene.on.sqs = Some(sqs);
    scene
}

/// The same scene with exchanges, a quorum queue that gives up after two returns and a classic one, as far as
/// they can do what it asks.
pub fn on_rabbitmq(scene: &Scene) -> Scene {
    let mut scene = scene.on(SystemName::Rabbitmq);
    let is_plain = |one: &Producer| one.config.transactional_id.is_none();
    scene.producers.retain(is_plain);
    scene
        .topics
        .iter_mut()
        .for_each(|topic| topic.published = None);
    for consumer in &mut scene.consumers {
        if consumer.commit == Commit::InTransaction {
            consumer.commit = Commit::After;
        }
        consumer.work = Work::Inline;
        consumer.producer = None;
        let publishes = |step: &HandlerStep| matches!(step, HandlerStep::Publish(_));
        consumer.handler.retain(|step| !publishes(step));
    }
    let consumers = scene.consumers.iter().map(|one| one.name.clone());
    let producers = scene.producers.iter().map(|one| one.name.clone());
    let clients: Vec<String> = consumers.chain(producers).collect();
    let is_known = |fault: &Fault| match fault.when {
        When::Before(moment) | When::After(moment) => matches!(
            moment.step,
            Point::Poll | Point::Lookup | Point::Send | Point::Insert | Point::Produce
        ),
        When::AtMs(_) | When::AfterMs(_) => true,
    };
    scene
        .faults
        .retain(|fault| clients.contains(&fault.to) && is_known(fault));
    let mut rabbitmq = OnRabbitmq::default();
    let limited = serde_json::json!({
        "x-queue-type": "quorum", "x-delivery-limit": 2,
        "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"
    });
    let limited = limited.as_object().cloned().unwrap_or_default();
    rabbitmq
        .queues
        .insert(GROUPS[0].to_owned(), limited.into_iter().collect());
    rabbitmq
        .queues
        .insert("dead".to_owned(), Default::default());
    for (at, consumer) in scene.consumers.iter().enumerate() {
        let acknowledge = if at % 2 == 0 { "each" } else { "multiple" };
        let settings = [
            ("prefetch_count".to_owned(), at.into()),
            ("acknowledge".to_owned(), acknowledge.into()),
        ];
        rabbitmq
            .consumers
            .insert(consumer.name.clone(), settings.into());
    }
    for (at, producer) in scene.producers.iter().enumerate() {
        let settings = [("confirms".to_owned(), (at % 2 == 0).into())];
        rabbitmq
            .publishers
            .insert(producer.name.clone(), settings.into());
    }
    scene.on.rabbitmq = Some(rabbitmq);
    scene
}

/// Scenes on Kafka.
pub fn on_kafka() -> impl Strategy<Value = Scene> {
    let people = (1_usize..4, 0_usize..4).prop_flat_map(|(consumers, producers)| {
        let faults = fault(consumers, producers);
        let consumers: Vec<_> = (0..consumers).map(consumer).collect();
        let producers: Vec<_> = (0..producers).map(producer).collect();
        (consumers, producers, prop::collection::vec(faults, 0..5))
    });
    let world = (
        any::<u64>(),
        0_u32..5_000,
        0_u32..5_000,
        0_u32..2_000,
        0_u32..200,
    );
    (people, topic("orders"), topic("payments"), world).prop_map(
        |(
            (consumers, producers, faults),
            mut orders,
            payments,
            (seed, low, spread, service, table),
        )| {
            orders.sent = (0..SENT).map(sent).collect();
            let shipped = Topic {
                name: "shipped".to_owned(),
                partitions: 2,
                config: None,
                records: Vec::new(),
                sent: Vec::new(),
                published: Some(Published::Events),
            };
            Scene {
                schema: String::new(),
                id: "random".to_owned(),
                title: "Random".to_owned(),
                version: 1,
                seed,
                broker: Broker::default(),
                on: engine::scene::On::default(),
                topics: vec![orders, payments, shipped],
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
                producers,
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
            }
        },
    )
}
