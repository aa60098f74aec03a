//! Records read, dumped and deleted.

use super::*;

#[test]
fn a_topic_is_described_and_read_as_recorded() {
    let broker = &mut orders();
    check(
        broker,
        1_000,
        "kafka-topics --describe --topic orders",
        &[
            "Topic: orders	TopicId: <id>	PartitionCount: 3	ReplicationFactor: 1	Configs: min.insync.replicas=1,cleanup.policy=delete,retention.ms=600000",
            "	Topic: orders	Partition: 0	Leader: 1	Replicas: 1	Isr: 1	Elr: 	LastKnownElr: ",
            "	Topic: orders	Partition: 1	Leader: 1	Replicas: 1	Isr: 1	Elr: 	LastKnownElr: ",
            "	Topic: orders	Partition: 2	Leader: 1	Replicas: 1	Isr: 1	Elr: 	LastKnownElr: ",
        ],
    );
    check(
        broker,
        2_000,
        "kafka-topics.sh --bootstrap-server here:9092 --describe --topic empty",
        &[
            "Topic: empty	TopicId: <id>	PartitionCount: 1	ReplicationFactor: 1	Configs: min.insync.replicas=1",
            "	Topic: empty	Partition: 0	Leader: 1	Replicas: 1	Isr: 1	Elr: 	LastKnownElr: ",
        ],
    );
    let get = "kafka-get-offsets --topic orders";
    check(
        broker,
        3_000,
        get,
        &["orders:0:2", "orders:1:0", "orders:2:1"],
    );
    let earliest = format!("{get} --time earliest");
    check(
        broker,
        3_000,
        &earliest,
        &["orders:0:0", "orders:1:0", "orders:2:0"],
    );
    let latest_time = format!("{get} --time max-timestamp");
    check(broker, 4_000, &latest_time, &["orders:0:0", "orders:2:0"]);

    let file =
        r#"{"partitions": [{"topic": "orders", "partition": 0, "offset": 1}], "version": 1}"#;
    let args = ["kafka-delete-records", "--offset-json-file", "<file>"];
    let deleted = run(broker, ms(5_000), &args, Some(file), &Masks).expect("it is known");
    let lines = [
        "Executing records delete operation",
        "Records delete operation completed:",
        "partition: orders-0	low_watermark: 1",
    ];
    assert_eq!(
        (deleted.stdout, deleted.exit),
        (lines.map(str::to_owned).to_vec(), 0)
    );
    check(
        broker,
        6_000,
        "kafka-console-consumer --topic orders --partition 0 --offset earliest --max-messages 1 --formatter-property print.offset=true --formatter-property print.partition=true --formatter-property print.key=true --formatter-property print.timestamp=true --formatter-property print.headers=true",
        &["CreateTime:<t+0>	Partition:0	Offset:1	h:v	b	two"],
    );
    check(
        broker,
        7_000,
        "kafka-dump-log --files <dir>/orders-2/00000000000000000000.log --print-data-log",
        &[
            "Dumping <dir>/orders-2/00000000000000000000.log",
            "Log starting offset: 0",
            "baseOffset: 0 lastOffset: 0 count: 1 baseSequence: -1 lastSequence: -1 producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty position: 0 CreateTime: <t+0> size: 73 magic: 2 compresscodec: none crc: <crc> isvalid: true",
            "| offset: 0 CreateTime: <t+0> keySize: -1 valueSize: 5 sequence: -1 headerKeys: [] payload: three",
        ],
    );
}

#[test]
fn records_are_deleted_as_the_file_says() {
    let broker = &mut orders();
    let compacted = [("cleanup.policy", "compact")];
    broker.create_topic("kept", 1, &compacted).expect("kept");
    let check = |broker: &mut Broker, file: &str, expected: Result<&[&str], &str>| {
        let args = ["kafka-delete-records", "--offset-json-file", "plan.json"];
        let found = run(broker, ms(0), &args, Some(file), &Masks).expect(file);
        match expected {
            Ok(lines) => assert_eq!(found.stdout[2..], *lines, "{file}"),
            Err(text) => assert_eq!(found, Printed::wrong(text), "{file}"),
        }
    };
    let error = "error: org.apache.kafka.common.errors";
    check(
        broker,
        r#"{"partitions": [{"topic": "orders", "partition": 0, "offset": -1},
            {"topic": "orders", "partition": 2, "offset": 9},
            {"topic": "kept", "partition": 0, "offset": 0}]}"#,
        Ok(&[
            "partition: orders-0	low_watermark: 2",
            &format!(
                "partition: orders-2	{error}.OffsetOutOfRangeException: The requested offset is not within the range of offsets maintained by the server."
            ),
            &format!(
                "partition: kept-0	{error}.PolicyViolationException: Request parameters do not satisfy the configured policy."
            ),
        ]),
    );
    check(broker, "{", Err("The input string is not a valid JSON"));
    check(broker, "{}", Err("Missing partitions field"));
    let newer = r#"{"version": 2, "partitions": []}"#;
    check(broker, newer, Err("Not supported version field value 2"));
    let one = r#"{"topic": "orders", "partition": 0, "offset": 1}"#;
    let twice = format!(r#"{{"partitions": [{one}, {one}]}}"#);
    check(
        broker,
        &twice,
        Err("Offset json file contains duplicate topic partitions: orders-0"),
    );
}

#[test]
fn the_console_consumer_prints_what_a_reader_sees() {
    let broker = &mut orders();
    let base = "kafka-console-consumer --topic orders";
    let rows: [(&str, &[&str]); 9] = [
        ("--from-beginning --max-messages 2", &["one", "two"]),
        ("--from-beginning --timeout-ms 1", &["one", "two", "three"]),
        ("--timeout-ms 1", &[]),
        ("--max-messages 0", &[]),
        ("--partition 0 --offset 1 --timeout-ms 1", &["two"]),
        ("--partition 0 --offset 9 --timeout-ms 1", &[]),
        (
            "--partition 2 --from-beginning --timeout-ms 1 --formatter-property print.key=true --formatter-property print.headers=true --formatter-property null.literal=- --formatter-property key.separator=;",
            &["NO_HEADERS;-;three"],
        ),
        (
            "--partition 0 --offset earliest --timeout-ms 1 --property print.value=false --property print.offset=true",
            &[
                "Option --property is deprecated and will be removed in a future version. Use --formatter-property instead.",
                "Offset:0",
                "Offset:1",
            ],
        ),
        (
            "--from-beginning --max-messages 2 --formatter-property line.separator=|",
            &["one|two|"],
        ),
    ];
    for (args, expected) in rows {
        check(broker, 0, &format!("{base} {args}"), expected);
    }
    let said = printed(
        broker,
        0,
        &format!("{base} --from-beginning --max-messages 2"),
    )
    .stderr;
    assert_eq!(said, ["Processed a total of 2 messages"]);
    check_refused(
        broker,
        &format!("{base} --from-beginning --max-messages 4"),
        "it would print 3 records and then wait",
    );
    check_refused(broker, base, "it would print 0 records and then wait");
    check_wrong(
        broker,
        &format!("{base} --offset 1"),
        "The partition is required when offset is specified.",
    );
}

#[test]
fn a_dump_is_as_deep_as_asked() {
    let settings = [("internal.segment.bytes", "150")];
    let broker = &mut broker();
    broker.create_topic("a-b", 1, &settings).expect("a-b");
    for value in ["x", "y", "z"] {
        publish(broker, "a-b", 0, record(7, Some("k"), value));
    }
    let file = "kafka-dump-log --files data/a-b-0/00000000000000000000.log";
    let lines =
        |args: &str, broker: &mut Broker| printed(broker, 0, &format!("{file}{args}")).stdout;
    assert_eq!(lines("", broker).len(), 4);
    assert_eq!(lines(" --deep-iteration", broker).len(), 6);
    assert_eq!(lines(" --max-bytes 139", broker).len(), 3);
    assert_eq!(
        lines(" --print-data-log --skip-record-metadata", broker)[3..],
        [
            "| key: k payload: x".to_owned(),
            lines("", broker)[3].clone(),
            "| key: k payload: y".to_owned()
        ],
    );
    let next = "kafka-dump-log --files a-b-0/00000000000000000002.log --print-data-log";
    let next = printed(broker, 0, next).stdout;
    assert!(
        next[2].starts_with("baseOffset: 2 lastOffset: 2 count: 1 "),
        "{next:?}"
    );
    assert!(
        next[3].ends_with("keySize: 1 valueSize: 1 sequence: -1 headerKeys: [] key: k payload: z")
    );
    let missing = printed(
        broker,
        0,
        "kafka-dump-log --files a-b-0/00000000000000000001.log",
    );
    assert_eq!((missing.stdout.len(), missing.exit), (2, 1));
    check_refused(
        broker,
        "kafka-dump-log --files a-b-0/00000000000000000000.index",
        "cannot be read",
    );
    check_refused(broker, "kafka-dump-log --files nonsense", "cannot be read");
}
