//! Topics and the ends of their partitions.

use super::*;

#[test]
fn topics_are_listed_made_grown_and_deleted() {
    let broker = &mut broker();
    check(broker, 0, "kafka-topics --list", &[""]);
    let done = "Created topic b.";
    check(
        broker,
        0,
        "kafka-topics --create --topic b --partitions 2",
        &[done],
    );
    check(
        broker,
        0,
        "kafka-topics --create --topic a.x --config retention.ms=5",
        &[
            "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.",
            "Created topic a.x.",
        ],
    );
    check(
        broker,
        0,
        "kafka-topics --create --topic c --replica-assignment 1,1,1",
        &["Created topic c."],
    );
    check(broker, 0, "kafka-topics --list", &["a.x", "b", "c"]);
    check(broker, 0, "kafka-topics --list --topic b|c", &["b", "c"]);
    check(
        broker,
        0,
        "kafka-topics --alter --topic b --partitions 3",
        &[],
    );
    check(
        broker,
        0,
        "kafka-get-offsets --topic b",
        &["b:0:0", "b:1:0", "b:2:0"],
    );
    check(
        broker,
        0,
        "kafka-topics --create --if-not-exists --topic b",
        &[],
    );
    check(
        broker,
        0,
        "kafka-topics --delete --if-exists --topic no",
        &[],
    );
    check(broker, 0, "kafka-topics --delete --topic b", &[]);
    check(broker, 0, "kafka-topics --list", &["a.x", "c"]);

    let failures = [
        (
            "--describe --topic no",
            "Topic 'no' does not exist as expected",
        ),
        (
            "--delete --topic no",
            "Topic 'no' does not exist as expected",
        ),
        ("--create --topic c", "Topic 'c' already exists."),
        (
            "--create --topic a_x",
            "Topic 'a_x' collides with existing topic: a.x",
        ),
        (
            "--create --topic ..",
            "Topic name is invalid: '..' is not allowed",
        ),
        (
            "--create --topic a/b",
            "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        ),
        (
            "--create --topic d --partitions 0",
            "The partitions must be greater than 0",
        ),
        (
            "--create --topic d --replication-factor 3",
            "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.",
        ),
        (
            "--create --topic d --replica-assignment 1,9",
            "The manual partition assignment includes broker 9, but no such broker is registered.",
        ),
        (
            "--create --topic d --replica-assignment 1:1",
            "Partition replica lists may not contain duplicate entries: 1",
        ),
        (
            "--create --topic d --config soon=1",
            "Unknown topic config name: soon",
        ),
        (
            "--alter --topic c --partitions 3",
            "Topic already has 3 partition(s).",
        ),
        (
            "--alter --topic c --partitions -1",
            "The topic c currently has 3 partition(s); -1 would not be an increase.",
        ),
        (
            "--alter --topic c --partitions 2",
            "The topic c currently has 3 partition(s); 2 would not be an increase.",
        ),
    ];
    for (args, expected) in failures {
        check_failed(broker, &format!("kafka-topics {args}"), expected);
    }
    let mistakes = [
        (
            "--list --describe",
            "Command must include exactly one action: --list, --describe, --create, --alter or --delete",
        ),
        ("--delete", "Missing required argument \"[topic]\""),
        (
            "--alter --topic c",
            "Missing required argument \"[partitions]\"",
        ),
        (
            "--alter --topic c --config retention.ms=1",
            "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" (To alter topic configurations, the kafka-configs tool can be used.)",
        ),
        (
            "--list --partitions 3",
            "Option \"[partitions]\" can't be used with option \"[list]\"",
        ),
    ];
    for (args, expected) in mistakes {
        check_wrong(broker, &format!("kafka-topics {args}"), expected);
    }
}

#[test]
fn partitions_with_something_wrong_are_listed_alone() {
    let broker = &mut broker();
    for (name, least) in [("t", "2"), ("u", "1")] {
        let settings = [("min.insync.replicas", least)];
        broker.create_topic(name, 1, &settings).expect(name);
    }
    let line = |topic: &str| {
        format!("	Topic: {topic}	Partition: 0	Leader: 1	Replicas: 1	Isr: 1	Elr: 	LastKnownElr: ")
    };
    let rows = [
        ("--under-replicated-partitions", None),
        ("--unavailable-partitions", None),
        ("--under-min-isr-partitions", Some(line("t"))),
        ("--at-min-isr-partitions", Some(line("u"))),
    ];
    for (filter, expected) in rows {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let command = format!("kafka-topics --describe --exclude-internal {filter}");
        check(broker, 0, &command, &expected);
    }
    check(
        broker,
        0,
        "kafka-topics --describe --topics-with-overrides",
        &[
            "Topic: t	TopicId: <id>	PartitionCount: 1	ReplicationFactor: 1	Configs: min.insync.replicas=2",
            "Topic: u	TopicId: <id>	PartitionCount: 1	ReplicationFactor: 1	Configs: min.insync.replicas=1",
        ],
    );
}

#[test]
fn offsets_are_found_by_pattern_partition_and_time() {
    let broker = &mut broker();
    broker.create_topic("t", 11, &[]).expect("t");
    broker.create_topic("u", 2, &[]).expect("u");
    for at in [100, 300, 200] {
        publish(broker, "u", 1, record(at, None, "x"));
    }
    let rows: [(&str, &[&str]); 12] = [
        ("--topic u", &["u:0:0", "u:1:3"]),
        ("--topic u --time -1", &["u:0:0", "u:1:3"]),
        ("--topic u --time -2", &["u:0:0", "u:1:0"]),
        ("--topic u --time -3", &["u:1:1"]),
        ("--topic u --time 0", &["u:1:0"]),
        ("--topic u --time 101", &["u:1:1"]),
        ("--topic u --time 301", &[]),
        ("--partitions 1,10", &["t:1:0", "t:10:0", "u:1:3"]),
        ("--topic t --partitions 2,10", &["t:10:0", "t:2:0"]),
        ("--topic-partitions t:3,u", &["t:3:0", "u:0:0", "u:1:3"]),
        (
            "--topic-partitions t:9-,u:-1",
            &["t:10:0", "t:9:0", "u:0:0"],
        ),
        ("--topic-partitions :1-2", &["t:1:0", "u:1:3"]),
    ];
    for (args, expected) in rows {
        check(broker, 0, &format!("kafka-get-offsets {args}"), expected);
    }
    let mistakes = [
        (
            "--topic no",
            "Could not match any topic-partitions with the specified filters",
        ),
        (
            "--topic t --topic-partitions u",
            "--topic-partitions cannot be used with --topic or --partitions",
        ),
        ("--topic-partitions t:x", "Invalid rule specification: t:x"),
        (
            "--partitions one",
            "--partitions expects a comma separated list of numeric partition ids, but received: one",
        ),
    ];
    for (args, expected) in mistakes {
        let command = format!("kafka-get-offsets {args}");
        check_wrong(broker, &command, &format!("Error occurred: {expected}"));
    }
}
