//! What `rabbitmqctl` prints of the broker's state.
//!
//! Left out: `channel_pid` is made of the client's and the channel's number, for there are no
//! processes of Erlang here; the order of rows is that of names.

use super::Broker;
use super::exchange::Destination;
use super::queue::Queue;
use super::queue::consumers::{Acknowledging, Consumer};
use super::value::{Table, Value};

/// A column that `list_queues` does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn(pub String);

impl std::fmt::Display for UnknownColumn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "Error (argument validation): Info key `{}` is not supported",
            self.0
        )
    }
}

impl std::error::Error for UnknownColumn {}

/// `rabbitmqctl list_queues [COLUMN …]`; without columns `name` and `messages`.
///
/// # Errors
/// A column that it does not know.
pub fn list_queues(broker: &Broker, columns: &[&str]) -> Result<String, UnknownColumn> {
    let columns = match columns {
        [] => &["name", "messages"],
        columns => columns,
    };
    let known = |name: &&&str| COLUMNS.iter().all(|(column, _)| column != *name);
    if let Some(unknown) = columns.iter().find(known) {
        return Err(UnknownColumn((*unknown).to_owned()));
    }
    let mut text = "Timeout: 60.0 seconds ...\nListing queues for vhost / ...\n".to_owned();
    row(&mut text, columns.iter().map(|name| (*name).to_owned()));
    for queue in broker.queues().by_name.values() {
        let cells = columns.iter().filter_map(|name| {
            let (_, cell) = COLUMNS.iter().find(|(column, _)| column == name)?;
            Some(cell(queue))
        });
        row(&mut text, cells);
    }
    Ok(text)
}

/// A column of `list_queues`: its name, and its cell for a queue.
type Column = (&'static str, fn(&Queue) -> String);

/// The columns of `list_queues`.
const COLUMNS: [Column; 15] = [
    ("name", |queue| queue.name.to_string()),
    ("type", |queue| queue.queue_type().name().to_owned()),
    ("durable", |queue| queue.durable.to_string()),
    ("auto_delete", |queue| queue.auto_delete.to_string()),
    ("exclusive", |queue| queue.exclusive.is_some().to_string()),
    ("arguments", |queue| arguments(&given(queue))),
    ("messages", |queue| {
        (queue
            .message_count()
            .saturating_add(queue.held.len() as u64))
        .to_string()
    }),
    ("messages_ready", |queue| queue.message_count().to_string()),
    ("messages_unacknowledged", |queue| {
        queue.held.len().to_string()
    }),
    ("message_bytes_ready", |queue| queue.ready_bytes.to_string()),
    ("message_bytes_unacknowledged", |queue| {
        held_bytes(queue).to_string()
    }),
    ("message_bytes", |queue| {
        queue
            .ready_bytes
            .saturating_add(held_bytes(queue))
            .to_string()
    }),
    ("consumers", |queue| queue.consumers.len().to_string()),
    ("state", |_| "running".to_owned()),
    ("single_active_consumer_tag", |queue| {
        let active = queue.consumers.single_active();
        active.map_or_else(String::new, |(_, tag)| tag.to_string())
    }),
];

fn held_bytes(queue: &Queue) -> u64 {
    let held = queue.held.values();
    let bytes = held.map(|held| held.entry.message.bytes());
    bytes.fold(0, u64::saturating_add)
}

/// The arguments a queue was declared with.
fn given(queue: &Queue) -> Table {
    let rows = super::Arguments::ROWS.iter();
    rows.filter_map(|row| {
        let value = queue.arguments.get(row.name)?;
        let value = Value::of_json(&value);
        (value != Value::Void).then(|| (row.name.into(), value))
    })
    .collect()
}

/// `rabbitmqctl list_bindings`.
pub fn list_bindings(broker: &Broker) -> String {
    let mut text = "Listing bindings for vhost /...\n".to_owned();
    let columns = [
        "source_name",
        "source_kind",
        "destination_name",
        "destination_kind",
        "routing_key",
        "arguments",
    ];
    row(&mut text, columns.map(str::to_owned));
    // Every queue is bound to the default exchange by its name.
    for name in broker.queues().by_name.keys() {
        let cells = ["", "exchange", name, "queue", name, "[]"];
        row(&mut text, cells.map(str::to_owned));
    }
    for (source, exchange) in &broker.exchanges().by_name {
        for (key, bindings) in exchange.bindings() {
            for binding in bindings {
                let (name, kind) = match &binding.destination {
                    Destination::Exchange(name) => (name, "exchange"),
                    Destination::Queue(name) => (name, "queue"),
                };
                let arguments = arguments(&binding.arguments);
                let cells = [source, "exchange", name, kind, key, &arguments];
                row(&mut text, cells.map(str::to_owned));
            }
        }
    }
    text
}

/// `rabbitmqctl list_consumers`.
pub fn list_consumers(broker: &Broker) -> String {
    let mut text = "Listing consumers in vhost / ...\n".to_owned();
    let columns = [
        "queue_name",
        "channel_pid",
        "consumer_tag",
        "ack_required",
        "prefetch_count",
        "active",
        "arguments",
    ];
    row(&mut text, columns.map(str::to_owned));
    for queue in broker.queues().by_name.values() {
        let mut consumers: Vec<&Consumer> = queue.consumers.iter().collect();
        tiny_sort::stable::sort_by(&mut consumers, |one, other| one.tag.cmp(&other.tag));
        for consumer in consumers {
            let owner = consumer.owner;
            let active = queue.consumers.single_active();
            let is_active = active.is_none_or(|(its, tag)| *its == owner && *tag == consumer.tag);
            let mut given = Table::new();
            if consumer.priority != 0 {
                given.insert("x-priority".into(), Value::Int(consumer.priority.into()));
            }
            let cells = [
                queue.name.to_string(),
                format!(
                    "<rabbit@localhost.1.{}.{}>",
                    owner.caller.client, owner.channel
                ),
                consumer.tag.to_string(),
                (consumer.acknowledging == Acknowledging::Manual).to_string(),
                consumer.prefetch.to_string(),
                is_active.to_string(),
                arguments(&given),
            ];
            row(&mut text, cells);
        }
    }
    text
}

/// `rabbitmqctl list_exchanges`.
pub fn list_exchanges(broker: &Broker) -> String {
    let mut text = "Listing exchanges for vhost / ...\n".to_owned();
    row(&mut text, ["name", "type"].map(str::to_owned));
    for (name, exchange) in &broker.exchanges().by_name {
        row(&mut text, [name, exchange.kind.name()].map(str::to_owned));
    }
    text
}

fn row(text: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    text.push_str(&cells.join("\t"));
    text.push('\n');
}

/// Arguments as the tool prints them: a list of pairs.
fn arguments(table: &Table) -> String {
    let pair = |(name, value): (&std::sync::Arc<str>, &Value)| {
        let value = match value {
            Value::Text(text) => format!("\"{text}\""),
            value => value.json().to_string(),
        };
        format!("{{\"{name}\",{value}}}")
    };
    let pairs: Vec<String> = table.iter().map(pair).collect();
    format!("[{}]", pairs.join(","))
}
