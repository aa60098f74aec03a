//! The real systems, and which families and kinds are about which.

/// A system, or several that one set of cases is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name, for people.
    pub title: &'static str,
    /// The names of its families and kinds begin with one of these words.
    words: &'static [&'static str],
}

/// All systems; the first whose word fits is meant.
pub const ALL: &[System] = &[
    system("Kafka Streams", &["streams", "kafka_streams"]),
    system("Apache Kafka", &["kafka"]),
    system("RabbitMQ", &["rabbitmq"]),
    system("Redis", &["redis"]),
    system("NATS", &["nats"]),
    system("MQTT", &["mqtt"]),
    system("Amazon SQS and SNS", &["sqs", "sns"]),
    system("Google Cloud Pub/Sub", &["pubsub"]),
    system("Amazon Kinesis", &["kinesis"]),
    system("Apache Flink", &["flink"]),
    system("Debezium", &["debezium"]),
    system("Windows of Flink, Beam and Kafka Streams", &["stream"]),
];

const fn system(title: &'static str, words: &'static [&'static str]) -> System {
    System { title, words }
}

/// The system that a family or a kind is about; nothing, where none is known.
pub fn of(model: &str) -> Option<&'static System> {
    let begins = |word: &&&str| {
        let rest = model.strip_prefix(**word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    ALL.iter()
        .find(|system| system.words.iter().any(|word| begins(&word)))
}

/// What a recording was recorded from, as its field `system` tells it, in the words of people:
/// a system of its own by name and version, an emulated one by its emulators.
pub fn version(system: &str) -> Option<String> {
    let (name, rest) = system.split_once(' ')?;
    if let Some(emulators) = rest.strip_prefix("(emulated: ") {
        return Some(format!("{}, emulators", emulators.trim_end_matches(')')));
    }
    let title = match name {
        "kafka" => "Apache Kafka",
        "kafka-streams" => "Kafka Streams",
        "rabbitmq" => "RabbitMQ",
        "redis" => "Redis",
        "nats-server" => "NATS",
        "mosquitto" => "Mosquitto",
        "flink" => "Apache Flink",
        "debezium" => "Debezium",
        other => other,
    };
    Some(format!("{title} {rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_or_kind_is_about_one_system() {
        let check = |model: &str, title: Option<&str>| {
            assert_eq!(of(model).map(|system| system.title), title, "{model}");
        };
        check("kafka-txn", Some("Apache Kafka"));
        check("kafka_murmur2", Some("Apache Kafka"));
        check("kafka_streams_join", Some("Kafka Streams"));
        check("streams", Some("Kafka Streams"));
        check(
            "stream_session_merge",
            Some("Windows of Flink, Beam and Kafka Streams"),
        );
        check("sns_filter_policy_match", Some("Amazon SQS and SNS"));
        check("kafkaesque", None);
        check("", None);
    }

    #[test]
    fn a_version_is_told_with_its_system() {
        let check = |system: &str, told: Option<&str>| {
            assert_eq!(version(system).as_deref(), told);
        };
        check("kafka 4.3.1", Some("Apache Kafka 4.3.1"));
        check("nats-server 2.9.10", Some("NATS 2.9.10"));
        check(
            "sqs (emulated: moto 5.2.5, fauxqs 1.9.2)",
            Some("moto 5.2.5, fauxqs 1.9.2, emulators"),
        );
        check(
            "debezium 3.4.0.Final (outbox event router)",
            Some("Debezium 3.4.0.Final (outbox event router)"),
        );
        check("pulsar 4", Some("pulsar 4"));
        check("", None);
    }
}
