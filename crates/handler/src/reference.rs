//! What a program can use, as data for a page and for the checks.

use engine::systems::SystemName;
use serde::Serialize;

/// One thing a program can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How it is written.
    pub signature: &'static str,
    /// What it does and gives.
    pub says: &'static str,
    /// Whether it is a step of the world: a crash can fall before and after it.
    pub step: bool,
}

/// What `handle` can have as parameters in every scene; the scene's services come besides.
pub(crate) const PARAMETERS: [&str; 5] = ["message", "db", "broker", "clock", "log"];

/// Other names of the one thing services do.
pub(crate) const SERVICE_METHODS: [&str; 4] = ["send", "call", "charge", "post"];

const fn read(signature: &'static str, says: &'static str) -> Entry {
    Entry {
        signature,
        says,
        step: false,
    }
}

const fn step(signature: &'static str, says: &'static str) -> Entry {
    Entry {
        signature,
        says,
        step: true,
    }
}

const ENTRIES: [Entry; 40] = [
    read(
        "def handle(message, db, broker):",
        "is called with each message. Its parameters are any of message, db, broker, clock, log and the services of the scene by their names (card-payments is card_payments), in any order.",
    ),
    read(
        "message.id",
        "The message's text, such as \"ord_12\"; the scene shows it by this name.",
    ),
    read("message.value", "The same text."),
    read("message.key", "Its key, or None."),
    read("message.amount", "The money it is about, in cents."),
    read("message.headers", "Its headers, a dict of texts."),
    read("message.topic", "The name of its topic."),
    read(
        "message.partition",
        "The number of its partition, on Kafka.",
    ),
    read("message.offset", "Its offset, on Kafka."),
    read(
        "message.receive_count",
        "How often it has been received, on Amazon SQS: 1 to 7, and 8 for 8 or more.",
    ),
    read(
        "message.redelivered",
        "Whether it had been handed out before, on RabbitMQ: True or False.",
    ),
    read(
        "message.attempt",
        "The how-manieth time this process tries, from 1. After a crash it is 1 again: the broker does not count.",
    ),
    step("db.has(table, key)", "Is there such a row? True or False."),
    step("db.get(table, key)", "The row's value, or None."),
    step(
        "db.insert(table, key, value=True)",
        "Enters a row that must not be there yet. True, or False when it was there and stays as it is.",
    ),
    step(
        "db.put(table, key, value)",
        "Writes the row, whether it was there or not.",
    ),
    step(
        "db.add(table, key, n)",
        "Adds to the number in the row, from 0, and gives the new number.",
    ),
    step(
        "db.delete(table, key)",
        "Takes the row out. True when it was there.",
    ),
    read(
        "tx = db.begin()",
        "Begins a transaction. It gathers writes; nothing happens before tx.commit(). One at a time.",
    ),
    read(
        "tx.insert(table, key, value=True)",
        "Gathers an insert. When its row is there at the commit, nothing of the transaction happens.",
    ),
    read("tx.put(table, key, value)", "Gathers a write."),
    read("tx.add(table, key, n)", "Gathers an addition."),
    read("tx.delete(table, key)", "Gathers a deletion."),
    step(
        "tx.commit()",
        "All the writes in one step, or none. True, or False when a row to insert was there. A transaction that was not committed did nothing.",
    ),
    read("tx.rollback()", "Forgets what was gathered."),
    step(
        "mail.send(message, key=None)",
        "Has a service do its work for the message. True, or False when no answer came in time: the work may have been done or not. With a key that the service knows already it answers True and does nothing again.",
    ),
    step(
        "charge.charge(message, key=None)",
        "The same; every service has send, call, charge and post, which do the same.",
    ),
    step("http.post(message, key=None)", "The same."),
    step(
        "broker.commit(message)",
        "Commits the offset behind this message. True, or False when the group's coordinator refused it.",
    ),
    step(
        "broker.ack(message)",
        "The same: in Kafka, to acknowledge a message is to commit the offset behind it.",
    ),
    step(
        "broker.publish(topic, message)",
        "Publishes an event about the message to a topic. True.",
    ),
    read(
        "broker.nack(message, delay_ms=0)",
        "Ends the handler here: it wants the message again, after this wait.",
    ),
    step("clock.sleep(ms)", "Waits."),
    step(
        "clock.backoff(attempt, base_ms=100, max_ms=10000)",
        "Waits base_ms, doubled with each attempt after the first, at most max_ms.",
    ),
    read("log(text)", "Writes a line into the trace."),
    read("print(text)", "The same, without a parameter."),
    read(
        "fail(text)",
        "An uncaught exception: the process dies, and may be restarted.",
    ),
    read(
        "return",
        "Ends the handler: it is through with the message.",
    ),
    read(
        "for n in range(1, 4):",
        "Starlark is Python without while, classes, imports and exceptions: if, for, functions, texts, lists and dicts are as there.",
    ),
    read(
        "clock.now()",
        "Does not exist. A schedule is an order of events and not a time, and what could differ from run to run is not there to be read. Nor is chance.",
    ),
];

/// What a program can write, in the order of a page that explains it.
pub fn reference() -> Vec<Entry> {
    ENTRIES.to_vec()
}

/// What a message has behind its dot on a system.
pub(crate) fn of_message(system: SystemName) -> Vec<&'static str> {
    let begin = ["id", "value", "key", "amount", "headers", "topic"];
    let carried = system.words().carried.iter().copied();
    begin
        .into_iter()
        .chain(carried)
        .chain(["attempt"])
        .collect()
}

/// What an object of the scene but a message has behind its dot; all services are as `mail` is.
pub(crate) fn attributes(object: &str) -> &'static [&'static str] {
    match object {
        "db" => &["has", "get", "insert", "put", "add", "delete", "begin"],
        "tx" => &["insert", "put", "add", "delete", "commit", "rollback"],
        "mail" => &SERVICE_METHODS,
        "broker" => &["commit", "ack", "publish", "nack"],
        "clock" => &["sleep", "backoff"],
        _ => &[],
    }
}
