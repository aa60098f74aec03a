//! The real systems, and which families and kinds are about which.

use serde::Serialize;

/// A system, or several that one set of cases is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its name, for people.
    pub title: &'static str,
    /// The names of its families and kinds begin with one of these words.
    words: &'static [&'static str],
}

/// All systems; where the words of two fit, the longer one counts.
pub const ALL: &[System] = &[
    system("Apache Kafka", &["kafka"]),
    system("Kafka Streams", &["streams", "kafka_streams"]),
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
    let fits = |word: &&&str| {
        let rest = model.strip_prefix(**word);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    let length = |system: &System| {
        let words = system.words.iter().filter(fits);
        words.map(|word| word.len()).max()
    };
    ALL.iter()
        .filter_map(|system| Some((length(system)?, system)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, system)| system)
}

/// What something was recorded from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its name and its number.
    pub name: String,
    /// Whether it only stands for the system.
    pub is_emulator: bool,
}

/// What a recording was recorded from, as its field `system` tells it: the system itself, or
/// emulators of it.
pub fn versions(system: &str) -> Vec<Version> {
    let Some((name, rest)) = system.split_once(' ') else {
        return Vec::new();
    };
    if let Some(emulators) = rest.strip_prefix("(emulated: ") {
        let emulators = emulators.trim_end_matches(')').split(", ");
        let version = |name: &str| Version {
            name: name.to_owned(),
            is_emulator: true,
        };
        return emulators.map(version).collect();
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
    vec![Version {
        name: format!("{title} {rest}"),
        is_emulator: false,
    }]
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
        let check = |system: &str, told: &[&str], is_emulator: bool| {
            let versions = versions(system);
            let names: Vec<&str> = versions.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names, told);
            assert!(versions.iter().all(|one| one.is_emulator == is_emulator));
        };
        check("kafka 4.3.1", &["Apache Kafka 4.3.1"], false);
        check("nats-server 2.9.10", &["NATS 2.9.10"], false);
        let two = "sqs (emulated: moto 5.2.5, fauxqs 1.9.2)";
        check(two, &["moto 5.2.5", "fauxqs 1.9.2"], true);
        check("debezium 3 (router)", &["Debezium 3 (router)"], false);
        check("pulsar 4", &["pulsar 4"], false);
        check("", &[], false);
    }
}
