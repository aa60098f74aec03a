//! What clients may send, decoded from bytes.

use arbitrary::{Result, Unstructured};
use std::sync::Arc;

/// Words of which any commands are made.
const WORDS: &[&str] = &[
    "XADD",
    "XLEN",
    "XRANGE",
    "XREVRANGE",
    "XREAD",
    "XREADGROUP",
    "XDEL",
    "XTRIM",
    "XSETID",
    "XGROUP",
    "XACK",
    "XPENDING",
    "XCLAIM",
    "XAUTOCLAIM",
    "XINFO",
    "PUBLISH",
    "SUBSCRIBE",
    "PSUBSCRIBE",
    "UNSUBSCRIBE",
    "PUNSUBSCRIBE",
    "PUBSUB",
    "SSUBSCRIBE",
    "SPUBLISH",
    "SET",
    "GET",
    "DEL",
    "EXISTS",
    "TYPE",
    "LPUSH",
    "RPOP",
    "BLPOP",
    "LRANGE",
    "LLEN",
    "HSET",
    "HGET",
    "HDEL",
    "ZADD",
    "ZREM",
    "ZRANGEBYSCORE",
    "PING",
    "CREATE",
    "SETID",
    "DESTROY",
    "CREATECONSUMER",
    "DELCONSUMER",
    "MKSTREAM",
    "ENTRIESREAD",
    "STREAMS",
    "GROUP",
    "COUNT",
    "BLOCK",
    "NOACK",
    "MAXLEN",
    "MINID",
    "LIMIT",
    "NOMKSTREAM",
    "FORCE",
    "JUSTID",
    "IDLE",
    "TIME",
    "RETRYCOUNT",
    "LASTID",
    "FULL",
    "STREAM",
    "GROUPS",
    "CONSUMERS",
    "CHANNELS",
    "NUMSUB",
    "NUMPAT",
    "NX",
    "PX",
    "s",
    "s",
    "s",
    "g",
    "g",
    "c",
    "*",
    ">",
    "$",
    "-",
    "+",
    "~",
    "=",
    "0",
    "1",
    "2",
    "-1",
    "0-0",
    "1-0",
    "1-*",
    "(1-0",
    "(2",
    "18446744073709551615-18446744073709551615",
    "18446744073709551615",
    "9223372036854775807",
    "-9223372036854775808",
    "[a-",
    "h*llo\\",
    "",
];

/// Something that a client or the clock does.
#[derive(Clone, Debug)]
pub enum Op {
    Command { client: u8, words: Vec<Arc<str>> },
    StopsReading(u8),
    ReadsOn(u8),
    Leaves(u8),
    Pass { ms: u64 },
    Sleep { ms: u64 },
    Fire,
}

/// One of the words, now and then another text.
fn word(bytes: &mut Unstructured<'_>) -> Result<Arc<str>> {
    let at = bytes.int_in_range(0..=WORDS.len())?;
    Ok(match WORDS.get(at) {
        Some(word) => (*word).into(),
        None => bytes.arbitrary::<String>()?.into(),
    })
}

/// Commands of some sense, so that streams, groups and those who wait for them meet.
fn line(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut of = |words: &[&str]| Ok((*bytes.choose(words)?).to_owned());
    let stream = of(&["s", "s", "t", "u"])?;
    let group = of(&["g", "g", "h"])?;
    let consumer = of(&["a", "b", "c"])?;
    let id = of(&["1-0", "1-1", "2-0", "3-0", "0-0", "9-9"])?;
    let count = of(&["1", "2", "3", "0", "-1"])?;
    Ok(match bytes.int_in_range(0..=24_u8)? {
        0 | 1 => format!("XADD {stream} * k v"),
        2 => format!("XADD {stream} MAXLEN ~ {count} {id} k v"),
        3 => format!("XADD {stream} NOMKSTREAM MINID = {id} 3-* k v"),
        4 => format!("XGROUP CREATE {stream} {group} 0 MKSTREAM"),
        5 => format!("XGROUP CREATE {stream} {group} $ ENTRIESREAD {count}"),
        6 => format!("XGROUP SETID {stream} {group} {id}"),
        7 => format!("XGROUP DESTROY {stream} {group}"),
        8 => format!("XGROUP CREATECONSUMER {stream} {group} {consumer}"),
        9 => format!("XGROUP DELCONSUMER {stream} {group} {consumer}"),
        10..=12 => {
            format!("XREADGROUP GROUP {group} {consumer} COUNT {count} BLOCK 50 STREAMS {stream} >")
        }
        13 => format!("XREADGROUP GROUP {group} {consumer} STREAMS s t > {id}"),
        14 => format!("XREAD COUNT {count} BLOCK 0 STREAMS {stream} $"),
        15 | 16 => format!("XACK {stream} {group} {id}"),
        17 => format!("XCLAIM {stream} {group} {consumer} {count} {id} IDLE 5 RETRYCOUNT 3"),
        18 => format!("XAUTOCLAIM {stream} {group} {consumer} 1 {id} COUNT {count}"),
        19 => format!("XDEL {stream} {id}"),
        20 => format!("DEL {stream}"),
        21 => format!("BLPOP {stream} 1"),
        22 => format!("RPUSH {stream} a b"),
        23 => format!("SUBSCRIBE {group}"),
        _ => format!("PUBLISH {group} {consumer}"),
    })
}

impl Op {
    pub fn of(bytes: &mut Unstructured<'_>) -> Result<Op> {
        let client = bytes.int_in_range(0..=2)?;
        Ok(match bytes.int_in_range(0..=31_u8)? {
            0 => Op::StopsReading(client),
            1 => Op::ReadsOn(client),
            2 => Op::Leaves(client),
            3 | 4 => Op::Pass {
                ms: bytes.arbitrary::<u16>()?.into(),
            },
            5 => Op::Sleep {
                ms: bytes.arbitrary::<u8>()?.into(),
            },
            6 => Op::Fire,
            7..=15 => {
                let length = bytes.int_in_range(0..=9_usize)?;
                // The first word is mostly the name of a command.
                let first = WORDS[bytes.int_in_range(0..=39_usize)?];
                let mut words = vec![first.into()];
                for _ in 0..length {
                    words.push(word(bytes)?);
                }
                Op::Command { client, words }
            }
            _ => Op::Command {
                client,
                words: line(bytes)?.split(' ').map(Into::into).collect(),
            },
        })
    }
}
