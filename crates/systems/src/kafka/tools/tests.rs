//! What the tools print. Lines with masks are as recorded from Apache Kafka 4.3.1; there runs of
//! blanks count as one, because a mask has not the width of what it hides.

mod groups;
mod records;
mod topics;
mod transactions;

use super::super::log::record::{Batch, Header, Record, Timestamp};
use super::super::settings::{Settings, TransactionVersion};
use super::*;

struct Masks;

impl Names for Masks {
    fn group(&self, group: GroupId) -> String {
        ["g", "h"][usize::from(group.0)].to_owned()
    }
    fn topic(&self, topic: TopicId) -> String {
        ["t", "u"][usize::from(topic.0)].to_owned()
    }
    fn member(&self, member: MemberId) -> String {
        format!("c{}-<id>", member.client)
    }
    fn host(&self, _client: u8) -> String {
        "/<host>".to_owned()
    }
    fn client(&self, client: u8) -> String {
        format!("c{client}")
    }
    fn transactional_id(&self, id: TransactionalId) -> String {
        ["pay", "mail"][usize::from(id.0)].to_owned()
    }
    fn address(&self) -> String {
        "<host>:<port>".to_owned()
    }
    fn instant(&self, ms: i64) -> String {
        format!("<t+{ms}>")
    }
    fn duration(&self, _ms: u64) -> String {
        "<ms>".to_owned()
    }
    fn offsets_partitions(&self) -> u32 {
        1
    }
}

const fn ms(ms: u64) -> Instant {
    Instant(ms * 1_000)
}

fn printed(broker: &mut Broker, at: u64, command: &str) -> Printed {
    let args: Vec<&str> = command.split(' ').collect();
    run(broker, ms(at), &args, None, &Masks).expect(command)
}

/// A line in which blanks beside masks count as one.
fn plain(line: &str, masked: bool) -> String {
    match masked {
        true => line.split_whitespace().collect::<Vec<_>>().join(" "),
        false => line.to_owned(),
    }
}

fn check(broker: &mut Broker, at: u64, command: &str, expected: &[&str]) {
    let found = printed(broker, at, command);
    let masked = expected.iter().any(|line| line.contains('<'));
    let found: Vec<String> = found.stdout.iter().map(|one| plain(one, masked)).collect();
    let expected: Vec<String> = expected.iter().map(|one| plain(one, masked)).collect();
    assert_eq!(found, expected, "{command}");
}

/// Nothing on standard output, a sentence on standard error.
fn check_wrong(broker: &mut Broker, command: &str, expected: &str) {
    let found = printed(broker, 0, command);
    assert_eq!(found, Printed::wrong(expected), "{command}");
}

/// What the cluster refuses, as `kafka-topics` tells it.
fn check_failed(broker: &mut Broker, command: &str, expected: &str) {
    let found = printed(broker, 0, command);
    let line = format!("Error while executing topic command : {expected}");
    assert_eq!(
        (found.stdout.last(), found.exit),
        (Some(&line), 1),
        "{command}"
    );
}

fn check_refused(broker: &mut Broker, command: &str, expected: &str) {
    let args: Vec<&str> = command.split(' ').collect();
    let found = run(broker, ms(0), &args, None, &Masks);
    let refusal = found.expect_err(command).to_string();
    assert!(refusal.contains(expected), "{command}: {refusal}");
}

fn broker() -> Broker {
    Broker::new(Settings::default(), 2)
}

fn place(broker: &Broker, topic: &str, index: u16) -> Partition {
    let topic = broker.find_topic(topic).expect(topic);
    Partition { topic, index }
}

fn record(at: u64, key: Option<&str>, value: &str) -> Record {
    Record {
        timestamp: Timestamp(at as i64),
        key: key.map(|key| key.as_bytes().into()),
        value: Some(value.as_bytes().into()),
        ..Record::default()
    }
}

fn publish(broker: &mut Broker, topic: &str, index: u16, record: Record) {
    let partition = place(broker, topic, index);
    let now = Instant(record.timestamp.0 as u64 * 1_000);
    let batch = Batch::plain(vec![record]);
    let stored = broker.produce(now, partition, &batch, None);
    stored.expect("a plain record is stored");
}

/// Three topics with records at instant 0, as recorded.
fn orders() -> Broker {
    let mut broker = broker();
    let settings = [("retention.ms", "600000"), ("cleanup.policy", "delete")];
    broker.create_topic("orders", 3, &settings).expect("orders");
    broker.create_topic("empty", 1, &[]).expect("empty");
    publish(&mut broker, "orders", 0, record(0, Some("a"), "one"));
    let mut headed = record(0, Some("b"), "two");
    headed.headers.push(Header {
        name: "h".into(),
        value: Some(b"v".as_slice().into()),
    });
    publish(&mut broker, "orders", 0, headed);
    publish(&mut broker, "orders", 2, record(0, None, "three"));
    broker
}

#[test]
fn what_is_not_known_here_is_refused_with_what_is() {
    let broker = &mut orders();
    let rows = [
        (
            "kafka-topic --list",
            "there is no tool `kafka-topic` here; those there are: kafka-topics, ",
        ),
        ("", "there is no tool `` here"),
        (
            "kafka-topics --liste",
            "`--liste` is not known here; known are: --list, ",
        ),
        (
            "kafka-consumer-groups --drop --group g",
            "`--drop` is not known here",
        ),
        ("kafka-transactions", "known are: list, describe, "),
        (
            "kafka-transactions drop",
            "`drop` is not known here; known are: list, describe, ",
        ),
        (
            "kafka-transactions describe",
            "nothing follows `--transactional-id`",
        ),
        (
            "kafka-transactions describe-producers --topic orders --partition 9",
            "`orders-9`",
        ),
        (
            "kafka-transactions describe-producers --topic orders --partition x",
            "`x` behind `--partition`",
        ),
        (
            "kafka-transactions find-hanging --broker-id 2",
            "the only one",
        ),
        (
            "kafka-transactions forceTerminateTransaction --transactionalId x",
            "`x`, which no producer has used,",
        ),
        (
            "kafka-delete-records --offset-json-file plan.json",
            "hand its text over",
        ),
        (
            "kafka-topics --create --topic x --config retention.ms=soon",
            "the value `soon` for `retention.ms`",
        ),
        (
            "kafka-topics --create --topic x --partitions 70000",
            "at most 65535",
        ),
        (
            "kafka-get-offsets --topic [a-z]+",
            "as in a regular expression",
        ),
        (
            "kafka-get-offsets --time latest-tiered",
            "there is no tiered storage here",
        ),
        (
            "kafka-console-consumer --topic orders --formatter-property print.epoch=true",
            "print.timestamp",
        ),
        (
            "kafka-dump-log --files a --offsets-decoder",
            "`--offsets-decoder` is not known here",
        ),
    ];
    for (command, expected) in rows {
        check_refused(broker, command, expected);
    }
}

/// Words that tools know, or nearly.
#[cfg(not(target_arch = "wasm32"))]
fn words() -> impl proptest::strategy::Strategy<Value = Vec<String>> {
    use proptest::prelude::*;
    let known: Vec<&str> = "--list --describe --create --alter --delete --topic --partitions --partition \
        --offset --time --topic-partitions --max-messages --timeout-ms --from-beginning --config \
        --replica-assignment --replication-factor --if-exists --if-not-exists --exclude-internal --files \
        --print-data-log --max-bytes --offset-json-file --group --state --members --verbose --type \
        --transactional-id --transactionalId --start-offset --broker-id --max-transaction-timeout \
        --formatter-property --isolation-level list describe describe-producers find-hanging abort \
        forceTerminateTransaction orders pay g 0 1 2 -1 9223372036854775807 18446744073709551615 .* \
        orders:0-2 print.key=true retention.ms=1 1:2,3 earliest read_committed \
        orders-0/00000000000000000000.log orders-0/0.txnindex Empty"
        .split_whitespace()
        .collect();
    let known = proptest::sample::select(known).prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![6 => known, 1 => any::<String>()], 0..8)
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn whatever_is_typed_is_answered_or_refused(tool in 0..TOOLS.len(), words in words(), file: String) {
        let mut broker = orders();
        transactions::Producer::init(&mut broker, 0, 0, TransactionVersion::V2);
        let mut args = vec![TOOLS[tool].0];
        args.extend(words.iter().map(String::as_str));
        match run(&mut broker, ms(1_000), &args, Some(&file), &Masks) {
            Ok(printed) => assert!(printed.stdout.iter().all(|line| !line.contains('\n'))),
            Err(refusal) => assert!(!refusal.to_string().is_empty()),
        }
    }
}
