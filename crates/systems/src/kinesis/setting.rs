//! Settings of the service: its quotas, and how long its changes take.
//!
//! Simplified: AWS tells no times for its changes; these are what one sees with small streams.

crate::settings! {
    /// The account's quotas, and how long changes take.
    pub struct Settings {
        /// The account that the streams belong to; it stands in errors and names.
        "AccountId" account: std::sync::Arc<str> = "123456789012".into();
        /// The region that the streams are in.
        "Region" region: std::sync::Arc<str> = "us-east-1".into();
        /// How many milliseconds a new stream is CREATING.
        "CreateStreamMs" create_ms: u64 = 10_000, 0..=3_600_000;
        /// How many milliseconds a stream is DELETING before it is gone.
        "DeleteStreamMs" delete_ms: u64 = 10_000, 0..=3_600_000;
        /// How many milliseconds a stream is UPDATING while its shards are split or merged.
        "UpdateStreamMs" update_ms: u64 = 30_000, 0..=3_600_000;
        /// How many milliseconds a new consumer of enhanced fan-out is CREATING.
        "RegisterConsumerMs" register_ms: u64 = 10_000, 0..=3_600_000;
        /// How many milliseconds a record takes to a subscribed consumer.
        "PropagationDelayMs" propagation_ms: u64 = 70, 0..=60_000;
        /// How many bytes, keys counted, a shard takes in a second.
        "WriteBytesPerSecond" write_bytes: u64 = 1_048_576, 1..=u64::MAX;
        /// How many records a shard takes in a second.
        "WriteRecordsPerSecond" write_records: u64 = 1_000, 1..=u64::MAX;
        /// How many bytes a shard gives in a second: to all readers together, and once more to each consumer of enhanced fan-out.
        "ReadBytesPerSecond" read_bytes: u64 = 2_097_152, 1..=u64::MAX;
        /// How many GetRecords calls a shard answers in a second.
        "GetRecordsPerSecond" read_calls: u64 = 5, 1..=u64::MAX;
        /// How large a record may be, data and key together.
        "MaxRecordSizeInKiB" max_record_kib: u64 = 1_024, 1_024..=10_240;
        /// How many open shards the account may have.
        "ShardLimit" shard_limit: u32 = 20_000, 1..=100_000;
        /// How many consumers a stream may have.
        "ConsumerLimit" consumer_limit: u32 = 20, 1..=50;
    }
}
