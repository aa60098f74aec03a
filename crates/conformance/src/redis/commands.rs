//! Kinds on Redis: patterns, ids, and scripts of commands with the replies they get.

use crate::refusal::Refusal;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use systems::redis::glob::matches;
use systems::redis::{Entry, Redis, Reply, Request, StreamId};
use systems::{Caller, Instant, Out, Server};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscription {
    pattern: String,
    channel: String,
}

/// `redis_psubscribe_glob`: whether who is subscribed to a pattern gets a message of a channel.
///
/// # Errors
/// The input is none of this kind.
pub fn psubscribe_glob(input: &Value) -> Result<Value, Refusal> {
    let Subscription { pattern, channel } = serde_json::from_value(input.clone())?;
    Ok(json!(matches(&pattern, &channel)))
}

/// `redis_stream_id_order`: ids from the smallest to the greatest.
///
/// # Errors
/// The input is none of this kind.
pub fn stream_id_order(input: &Value) -> Result<Value, Refusal> {
    let ids: Vec<String> = serde_json::from_value(input.clone())?;
    let ids = ids.iter().map(|id| StreamId::read(id, 0));
    let mut ids: Vec<StreamId> = ids
        .collect::<Result<_, _>>()
        .map_err(|error| Refusal::new(error.to_string()))?;
    ids.sort_unstable();
    Ok(ids.iter().map(ToString::to_string).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    commands: Vec<Vec<Arc<str>>>,
}

/// `redis_streams`: the replies to commands on an empty server.
///
/// # Errors
/// The input is none of this kind.
pub fn streams(input: &Value) -> Result<Value, Refusal> {
    let Script { commands } = serde_json::from_value(input.clone())?;
    let mut redis = Redis::default();
    let mut replies = Vec::new();
    for words in commands {
        let mut out = Out::default();
        let me = Caller {
            client: 0,
            connection: 1,
        };
        // Virtual time stands still, well after its begin.
        let now = Instant(1_000_000_000);
        redis.handle(now, me, Request::words(words.clone()), &mut out);
        let reply = out.to.into_iter().next().map(|(_, reply)| reply);
        let reply = reply.ok_or_else(|| Refusal::new("a command that waits has no reply"))?;
        replies.push(shown(&words, &reply));
    }
    Ok(Value::Array(replies))
}

/// A reply as the vectors have it: XINFO's as objects, idle times masked.
fn shown(words: &[Arc<str>], reply: &Reply) -> Value {
    let is = |at: usize, word: &str| {
        words
            .get(at)
            .is_some_and(|one| one.eq_ignore_ascii_case(word))
    };
    match reply {
        Reply::List(list) if is(0, "XINFO") && is(1, "STREAM") => object(list, &STREAM_FIELDS),
        Reply::List(list) if is(0, "XINFO") => {
            let each = |one: &Reply| match one {
                Reply::List(fields) => object(fields, &LISTED_FIELDS),
                other => plain(other),
            };
            list.iter().map(each).collect()
        }
        Reply::List(list) if is(0, "XPENDING") && words.len() > 3 => {
            let masked = |one: &Reply| {
                let mut one = plain(one);
                if let Some(idle) = one.get_mut(2) {
                    *idle = json!("*");
                }
                one
            };
            list.iter().map(masked).collect()
        }
        reply => plain(reply),
    }
}

/// The fields of a stream that the vectors have.
const STREAM_FIELDS: [&str; 5] = [
    "length",
    "last-generated-id",
    "max-deleted-entry-id",
    "entries-added",
    "recorded-first-entry-id",
];

/// The fields of a group and of a consumer that the vectors have.
const LISTED_FIELDS: [&str; 6] = [
    "name",
    "consumers",
    "pending",
    "last-delivered-id",
    "entries-read",
    "lag",
];

/// Names with values in turn, as an object.
fn object(list: &[Reply], fields: &[&str]) -> Value {
    let pairs = list.chunks_exact(2).filter_map(|pair| match pair {
        [Reply::Text(name), value] if fields.contains(&&**name) => {
            Some((name.to_string(), plain(value)))
        }
        _ => None,
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// A reply as it is.
pub fn plain(reply: &Reply) -> Value {
    match reply {
        Reply::Status(status) => json!(status),
        Reply::Error(error) => json!({"error": error.code()}),
        Reply::Integer(number) => json!(number),
        Reply::Text(text) => json!(text),
        Reply::Element(element) => json!(element.text),
        Reply::Id(id) => json!(id.to_string()),
        Reply::Entry(id, entry) => json!([id.to_string(), entry.as_ref().map(texts)]),
        Reply::Nil | Reply::Closed => Value::Null,
        Reply::List(list) => list.iter().map(plain).collect(),
    }
}

fn texts(entry: &Entry) -> Vec<&str> {
    entry.fields.iter().map(|text| &**text).collect()
}
