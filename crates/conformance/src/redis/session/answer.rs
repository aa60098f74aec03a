//! Replies as the recordings have them.

use super::super::commands::plain;
use super::Read;
use serde_json::{Map, Value, json};
use systems::redis::{Entry, Reply, StreamId};

/// The fields of a group.
pub const GROUP: [(&str, &str); 6] = [
    ("name", "name"),
    ("consumers", "consumers"),
    ("pending", "pending"),
    ("last-delivered-id", "last_delivered"),
    ("entries-read", "entries_read"),
    ("lag", "lag"),
];

/// The fields of a consumer.
pub const CONSUMER: [(&str, &str); 2] = [("name", "name"), ("pending", "pending")];

/// The fields of a stream.
pub const STREAM: [(&str, &str); 7] = [
    ("length", "length"),
    ("last-generated-id", "last_id"),
    ("max-deleted-entry-id", "max_deleted_id"),
    ("entries-added", "entries_added"),
    ("groups", "groups"),
    ("first-entry", "first"),
    ("last-entry", "last"),
];

/// The answer of a refused command: the first word of the refusal.
pub fn code(reply: &Reply) -> Option<Value> {
    match reply {
        Reply::Error(error) => Some(json!({"error": {"name": error.code()}})),
        _ => None,
    }
}

/// A reply under a name, or the error.
pub fn named(name: &str, reply: &Reply) -> Value {
    code(reply).unwrap_or_else(|| json!({ name: plain(reply) }))
}

fn entry(id: StreamId, entry: Option<&Entry>) -> Value {
    let Some(entry) = entry else {
        return json!({"id": id.to_string(), "deleted": true});
    };
    let mut pairs = entry.fields.chunks_exact(2);
    let msg = pairs.find(|pair| pair.first().is_some_and(|name| **name == *"msg"));
    let msg = msg.and_then(|pair| pair.get(1));
    json!({"id": id.to_string(), "msg": msg})
}

/// The entries of a reply; where only ids were asked for, those.
pub fn entries(reply: &Reply) -> Value {
    match reply {
        Reply::List(list) => list.iter().map(entries).collect(),
        Reply::Entry(id, held) => entry(*id, held.as_ref()),
        Reply::Id(id) => json!({"id": id.to_string()}),
        other => plain(other),
    }
}

/// The answer of a read.
pub fn read_answer(read: &Read, reply: &Reply) -> Value {
    if let Some(error) = code(reply) {
        return error;
    }
    let found: Vec<(String, Value)> = match reply {
        Reply::List(streams) => streams
            .iter()
            .filter_map(|stream| match stream {
                Reply::List(pair) => match &**pair {
                    [Reply::Text(name), list] => Some((name.to_string(), entries(list))),
                    _ => None,
                },
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    let entries = match read.streams {
        Some(_) => Value::Object(found.into_iter().collect::<Map<_, _>>()),
        None => found.into_iter().next().map_or(json!([]), |(_, list)| list),
    };
    let mut answer = json!({ "entries": entries });
    if read.block_ms.is_some() {
        answer["timed_out"] = json!(*reply == Reply::Nil);
    }
    answer
}

/// The answer of a read in the background.
pub fn background(read: &Read, reply: Option<&Reply>) -> Value {
    reply.map_or(json!({"pending": true}), |reply| read_answer(read, reply))
}

/// The answer of XPENDING.
pub fn pending(detail: bool, reply: &Reply) -> Value {
    if let Some(error) = code(reply) {
        return error;
    }
    let reply = plain(reply);
    if !detail {
        let consumers = reply[3].as_array().into_iter().flatten();
        let counts = consumers.filter_map(|pair| {
            let count: u64 = pair[1].as_str()?.parse().ok()?;
            Some((pair[0].as_str()?.to_owned(), json!(count)))
        });
        let counts: Map<String, Value> = counts.collect();
        return json!({"count": reply[0], "min": reply[1], "max": reply[2], "consumers": counts});
    }
    let each = |one: &Value| {
        // Recorded idle times are rounded to half a second.
        let idle = one[2].as_u64().unwrap_or_default();
        let idle = idle.saturating_add(250) / 500 * 500;
        json!({"id": one[0], "consumer": one[1], "idle_ms": idle, "deliveries": one[3]})
    };
    let entries: Vec<Value> = reply.as_array().into_iter().flatten().map(each).collect();
    json!({ "entries": entries })
}

/// The answer of XAUTOCLAIM.
pub fn autoclaim(reply: &Reply) -> Value {
    match reply {
        Reply::List(list) => {
            let at = |at: usize| list.get(at).unwrap_or(&Reply::Nil);
            json!({"next": plain(at(0)), "entries": entries(at(1)), "deleted": plain(at(2))})
        }
        other => code(other).unwrap_or(Value::Null),
    }
}

/// Some fields of names with values in turn, under the names of the recordings.
pub fn fields(reply: &Reply, names: &[(&str, &str)]) -> Value {
    let Reply::List(list) = reply else {
        return plain(reply);
    };
    let pairs = list.chunks_exact(2).filter_map(|pair| match pair {
        [Reply::Text(field), value] => {
            let (_, name) = names.iter().find(|(one, _)| *one == &**field)?;
            let value = match value {
                Reply::Entry(id, held) => entry(*id, held.as_ref()),
                other => plain(other),
            };
            Some(((*name).to_owned(), value))
        }
        _ => None,
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// A message that was pushed to a subscriber.
pub fn delivery(reply: &Reply) -> Option<Value> {
    let reply = plain(reply);
    let words = reply.as_array()?;
    match (words.first()?.as_str()?, words.len()) {
        ("message" | "smessage", 3) => Some(json!({"channel": words[1], "msg": words[2]})),
        ("pmessage", 4) => Some(json!({"pattern": words[1], "channel": words[2], "msg": words[3]})),
        _ => None,
    }
}

/// The bodies of all deliveries, sorted.
pub fn bodies(deliveries: &Map<String, Value>) -> Vec<String> {
    let all = deliveries.values().filter_map(Value::as_array).flatten();
    let bodies = all.filter_map(|one| one["msg"].as_str().map(str::to_owned));
    let mut bodies: Vec<String> = bodies.collect();
    bodies.sort_unstable();
    bodies
}
