//! Enhanced fan-out.

use crate::account::{Account, ME, MIDDLE, code};
use systems::kinesis::reply::{Batch, Reply};
use systems::kinesis::request::{Request, Starting};
use systems::kinesis::setting::Settings;
use systems::kinesis::shard::ShardId;
use systems::kinesis::stream::Status;
use systems::{Caller, Server};

fn register(consumer: &str) -> Request {
    Request::RegisterStreamConsumer {
        stream: "s".into(),
        consumer: consumer.into(),
    }
}

fn subscribe(consumer: &str, starting: Starting) -> Request {
    Request::SubscribeToShard {
        stream: "s".into(),
        consumer: consumer.into(),
        shard: ShardId(0),
        starting,
    }
}

/// An account with a consumer `c` that is ACTIVE.
fn registered() -> Account {
    let settings = Settings {
        create_ms: 0,
        update_ms: 0,
        register_ms: 0,
        ..Settings::default()
    };
    let mut account = Account::with(settings, 1);
    assert!(matches!(account.ask(register("c")), Reply::Consumer(_)));
    account
}

/// The batches that were pushed, and whether the subscription is over.
fn pushed(account: &mut Account) -> (Vec<Batch>, bool) {
    let (mut batches, mut is_over) = (Vec::new(), false);
    for (_, reply) in account.pushed.drain(..) {
        match reply {
            Reply::Event { batch, .. } => batches.push(batch),
            Reply::SubscriptionEnded { .. } => is_over = true,
            other => panic!("{other:?} was pushed"),
        }
    }
    (batches, is_over)
}

fn bodies(account: &mut Account) -> (Vec<String>, bool) {
    let (batches, is_over) = pushed(account);
    let bodies = batches.iter().flat_map(crate::account::bodies);
    (bodies.collect(), is_over)
}

#[test]
fn a_consumer_is_registered_before_it_subscribes() {
    let mut account = Account::new(1);
    let reply = account.ask(subscribe("c", Starting::Latest));
    assert_eq!(code(&reply), "ResourceNotFoundException");
    let Reply::Consumer(described) = account.ask(register("c")) else {
        panic!("it is registered");
    };
    assert_eq!(described.status, Status::Creating);
    assert_eq!(code(&account.ask(register("c"))), "ResourceInUseException");
    let reply = account.ask(subscribe("c", Starting::Latest));
    assert_eq!(code(&reply), "ResourceInUseException");
    account.wait(10_000);
    let described = account.ask(Request::DescribeStreamConsumer {
        stream: "s".into(),
        consumer: "c".into(),
    });
    assert!(matches!(described, Reply::Consumer(one) if one.status == Status::Active));
    assert_eq!(
        account.ask(subscribe("c", Starting::Latest)),
        Reply::Subscribed
    );
    for number in 1..20 {
        assert_eq!(code(&account.ask(register(&format!("c{number}")))), "");
    }
    assert_eq!(
        code(&account.ask(register("c20"))),
        "LimitExceededException"
    );
    let Reply::Consumers(consumers) =
        account.ask(Request::ListStreamConsumers { stream: "s".into() })
    else {
        panic!("they are listed");
    };
    assert_eq!(consumers.len(), 20);
}

#[test]
fn a_subscription_lasts_five_minutes() {
    let mut account = registered();
    account.put("k", "m1");
    account.wait(1_000);
    let began = account.ask(subscribe("c", Starting::TrimHorizon));
    assert_eq!(began, Reply::Subscribed);
    assert_eq!(bodies(&mut account), (vec!["m1".to_owned()], false));
    account.put("k", "m2");
    account.wait(69);
    assert_eq!(bodies(&mut account), (Vec::new(), false));
    account.wait(1);
    assert_eq!(bodies(&mut account), (vec!["m2".to_owned()], false));
    account.wait(299_929);
    assert_eq!(bodies(&mut account), (Vec::new(), false));
    account.wait(1);
    assert_eq!(bodies(&mut account), (Vec::new(), true));
    account.put("k", "m3");
    account.wait(1_000);
    assert_eq!(bodies(&mut account), (Vec::new(), false));
}

#[test]
fn a_second_subscription_takes_over_after_five_seconds() {
    let mut account = registered();
    let other = Caller {
        client: 1,
        connection: 1,
    };
    account.ask(subscribe("c", Starting::Latest));
    account.wait(4_999);
    let refused = account.ask_as(other, subscribe("c", Starting::Latest));
    let Reply::Refused(error) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(
        error.to_string(),
        "ResourceInUseException: Another active subscription exists for this consumer: 123456789012:s:shardId-000000000000:c"
    );
    account.wait(1);
    let taken = account.ask_as(other, subscribe("c", Starting::Latest));
    assert_eq!(taken, Reply::Subscribed);
    let ended = Reply::SubscriptionEnded {
        consumer: "c".into(),
        shard: ShardId(0),
    };
    assert_eq!(account.pushed, [(ME, ended)]);
    account.pushed.clear();
    account.put("k", "m1");
    account.wait(100);
    assert!(account.pushed.iter().all(|(to, _)| *to == other));
    assert_eq!(bodies(&mut account), (vec!["m1".to_owned()], false));
}

#[test]
fn a_consumer_has_throughput_of_its_own() {
    let mut account = registered();
    for _ in 0..4 {
        account.put("k", &"x".repeat(1_048_575));
        account.wait(1_000);
    }
    account.ask(register("d"));
    account.ask(subscribe("c", Starting::TrimHorizon));
    account.ask(subscribe("d", Starting::TrimHorizon));
    // 2 MiB for each of them at once, the rest a second later.
    assert_eq!(bodies(&mut account).0.len(), 4);
    let iterator = account.oldest(0);
    let (batch, _) = account
        .get(&iterator, None)
        .expect("readers have their own share");
    assert_eq!(batch.records.len(), 4);
    account.wait(999);
    assert_eq!(bodies(&mut account).0.len(), 0);
    account.wait(1);
    assert_eq!(bodies(&mut account).0.len(), 4);
}

#[test]
fn a_subscription_ends_with_its_shard() {
    let mut account = registered();
    account.ask(subscribe("c", Starting::Latest));
    account.put("k", "m1");
    account.split(0, MIDDLE);
    account.wait(1_000);
    let (batches, is_over) = pushed(&mut account);
    assert!(is_over);
    let last = batches.last().expect("an event");
    let children: Vec<u32> = last.children.iter().map(|child| child.shard.0).collect();
    assert_eq!(children, [1, 2]);
    let records: usize = batches.iter().map(|batch| batch.records.len()).sum();
    assert_eq!(records, 1);
}

#[test]
fn a_gone_connection_is_pushed_nothing() {
    let mut account = registered();
    account.ask(subscribe("c", Starting::Latest));
    let now = account.now;
    account
        .kinesis
        .disconnect(now, ME, &mut systems::Out::default());
    account.put("k", "m1");
    account.wait(400_000);
    assert_eq!(account.pushed, []);
}

#[test]
fn a_deregistered_consumer_is_pushed_nothing() {
    let mut account = registered();
    account.ask(subscribe("c", Starting::Latest));
    let gone = || Request::DeregisterStreamConsumer {
        stream: "s".into(),
        consumer: "c".into(),
    };
    assert_eq!(account.ask(gone()), Reply::Done);
    assert_eq!(bodies(&mut account), (Vec::new(), true));
    assert_eq!(code(&account.ask(gone())), "ResourceNotFoundException");
}
