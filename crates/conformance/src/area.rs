//! What families and kinds are about, in the words of a reader.

/// Names of families and kinds, and what each is about.
const AREAS: [(&str, &str); 51] = [
    ("debezium", "Outbox event router"),
    ("flink", "Windows, timers, joins, patterns and checkpoints"),
    ("flink_bounded_watermark", "Watermarks"),
    ("flink_cep_matches", "Matches of event patterns"),
    ("flink_window_operator", "Windows with late events"),
    ("kafka-848", "Consumer groups, new protocol"),
    ("kafka-group", "Consumer groups, classic protocol"),
    ("kafka-log", "Topics, logs, retention and compaction"),
    ("kafka-repl", "Replication and leaders"),
    ("kafka-share", "Share groups"),
    ("kafka-txn", "Idempotent producers and transactions"),
    (
        "kafka_aborted_txn_lookup",
        "Aborted transactions a fetch must name",
    ),
    (
        "kafka_assignor_cooperative_sticky",
        "Assignor: cooperative sticky",
    ),
    ("kafka_assignor_range", "Assignor: range"),
    ("kafka_assignor_roundrobin", "Assignor: round robin"),
    ("kafka_assignor_sticky", "Assignor: sticky"),
    (
        "kafka_builtin_partitioner",
        "Partitions of records without a key",
    ),
    (
        "kafka_idempotent_producer",
        "Sequences of idempotent producers",
    ),
    (
        "kafka_kip848_assignors",
        "Assignors of the new group protocol",
    ),
    ("kafka_log_compaction", "What compaction keeps"),
    ("kafka_murmur2", "Partitions of records with a key"),
    ("kafka_retention", "What retention keeps"),
    ("kafka_streams_join", "Joins of two streams"),
    ("kafka_streams_windowed_count", "Counts in windows"),
    ("kafka_transactions_lso", "What read_committed sees"),
    ("kinesis", "Shards, iterators and resharding"),
    ("kinesis_hash_shard", "Shards of keys"),
    (
        "mqtt",
        "Sessions, quality of service, retained messages, wills",
    ),
    ("mqtt_topic_match", "Topic filters"),
    ("mqtt_topic_validity", "Valid topics and filters"),
    ("nats", "Subjects, queue groups and JetStream"),
    ("nats_jetstream_redelivery", "Redeliveries of JetStream"),
    ("nats_subject_match", "Subjects with wildcards"),
    ("nats_subject_validity", "Valid subjects"),
    ("pubsub", "Deadlines, ordering, dead letters and seeking"),
    (
        "rabbitmq",
        "Exchanges, queues, acknowledgements, dead letters",
    ),
    ("rabbitmq_headers_match", "Headers exchanges"),
    ("rabbitmq_scenarios", "Dead letters, priorities and limits"),
    ("rabbitmq_topic_binding_limits", "Limits of topic bindings"),
    ("rabbitmq_topic_match", "Topic exchanges"),
    ("redis", "Streams, consumer groups, and Pub/Sub"),
    ("redis_psubscribe_glob", "Patterns of channels"),
    ("redis_stream_id_order", "Order of stream ids"),
    ("redis_streams", "Replies of stream commands"),
    ("sns_filter_policy_match", "Filter policies"),
    ("sns_filter_policy_validation", "Valid filter policies"),
    ("sqs", "Visibility, FIFO groups, dead letters, fan-out"),
    ("sqs_scenarios", "Queues over time"),
    ("stream_session_merge", "Sessions"),
    ("stream_window_assignment", "Windows of an event"),
    ("streams", "Topologies: windows, joins, tables, punctuation"),
];

/// What a family or a kind is about; its name, where nobody has said so.
pub fn title(model: &str) -> &str {
    let area = AREAS.iter().find(|(name, _)| *name == model);
    area.map_or(model, |(_, title)| title)
}

/// Whether somebody has said what it is about.
pub fn is_known(model: &str) -> bool {
    AREAS.iter().any(|(name, _)| *name == model)
}
