//! Answers, in the recordings' words.

use serde_json::{Value, json};
use systems::kinesis::error::Error;
use systems::kinesis::reply::{Reply, ShardDescription};
use systems::kinesis::shard::ShardId;

/// An error: its code without the ending.
pub fn error(error: &Error) -> Value {
    let code = error.code();
    json!({ "error": { "name": code.strip_suffix("Exception").unwrap_or(code) } })
}

/// An answer that needs nothing of the session.
pub fn other(reply: Reply) -> Value {
    match reply {
        Reply::Refused(refused) => error(&refused),
        Reply::Streams(names, _) => {
            let names: Vec<&str> = names.iter().map(|name| &**name).collect();
            json!({ "streams": names })
        }
        Reply::Shards(shards, more) => {
            let numbers: Vec<u32> = shards.iter().map(|one| one.shard.0).collect();
            match more {
                true => json!({ "shards": numbers, "more": true }),
                false => json!({ "shards": numbers }),
            }
        }
        _ => json!({}),
    }
}

/// A shard of a described stream.
pub fn shard(shard: &ShardDescription) -> Value {
    let ShardId(number) = shard.shard;
    let range = [shard.range.start.to_string(), shard.range.end.to_string()];
    let parents: Vec<u32> = shard.parents.iter().map(|parent| parent.0).collect();
    json!({
        "shard": number,
        "range": range,
        "parents": parents,
        "open": shard.ending.is_none(),
    })
}
