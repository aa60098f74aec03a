//! What the operators' tools print.
//!
//! T44. `mosquitto_sub -v` prints topic, a blank and the payload of each message, and `(null)` for an empty one. Source: mosquitto_sub(1). Shown by: the test `mosquitto_sub_prints_topic_and_payload`.
//!
//! T45. The broker tells about itself in topics below `$SYS/broker`; here those that follow from its state. Source: mosquitto(8), "Broker Status". Shown by: the test `sys_topics_count_what_is_there`.
//!
//! Simplified: `$SYS` is read here and not published; what counts since the start (messages, bytes, loads, uptime) is left out.

use super::Broker;
use super::packet::Publish;

/// One line of `mosquitto_sub -v` for a message that came.
pub fn mosquitto_sub(publish: &Publish) -> String {
    match publish.payload.is_empty() {
        true => format!("{} (null)", publish.topic),
        false => format!("{} {}", publish.topic, publish.payload),
    }
}

/// The `$SYS` topics with their values, as `mosquitto_sub -v -t '$SYS/#'` prints them, one per line.
pub fn sys(broker: &Broker) -> String {
    let sessions = broker.sessions();
    let connected = sessions.iter().filter(|one| one.is_connected()).count();
    let disconnected = sessions.len().saturating_sub(connected);
    let in_flight: usize = sessions
        .iter()
        .map(|one| one.outgoing().in_flight_count())
        .sum();
    let topics = [
        ("clients/total", sessions.len()),
        ("clients/connected", connected),
        ("clients/disconnected", disconnected),
        ("clients/inactive", disconnected),
        ("clients/active", connected),
        ("messages/inflight", in_flight),
        ("subscriptions/count", broker.subscriptions().count()),
        ("retained messages/count", broker.retained().count()),
    ];
    let lines = topics.map(|(topic, value)| format!("$SYS/broker/{topic} {value}\n"));
    lines.concat()
}
