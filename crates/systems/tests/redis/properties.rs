//! What holds after any commands.

use crate::talk::{Talk, client};
use arbitrary::{Arbitrary, Unstructured};
use explore::seed::Seed;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use systems::redis::{Request, StreamId};
use systems::{Server, Span};

fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    })
}

fn id() -> impl Strategy<Value = StreamId> {
    (0..9u64, 0..3u64).prop_map(|(ms, seq)| StreamId { ms, seq })
}

/// Commands on one stream and its group.
fn command() -> impl Strategy<Value = String> {
    let who = || prop::sample::select(vec!["a", "b", "c"]);
    prop_oneof![
        4 => id().prop_map(|id| format!("XADD s {id} k v")),
        2 => Just("XADD s * k v".to_owned()),
        4 => (who(), 1..4).prop_map(|(who, n)| format!("XREADGROUP GROUP g {who} COUNT {n} STREAMS s >")),
        1 => who().prop_map(|who| format!("XREADGROUP GROUP g {who} STREAMS s 0")),
        1 => who().prop_map(|who| format!("XREADGROUP GROUP n {who} COUNT 2 NOACK STREAMS s >")),
        2 => id().prop_map(|id| format!("XACK s g {id}")),
        2 => (who(), 0..3u64, id()).prop_map(|(who, idle, id)| format!("XCLAIM s g {who} {idle} {id}")),
        1 => (who(), id()).prop_map(|(who, id)| format!("XCLAIM s g {who} 0 {id} FORCE JUSTID")),
        2 => (who(), id(), 1..3).prop_map(|(who, id, n)| format!("XAUTOCLAIM s g {who} 1 {id} COUNT {n}")),
        1 => id().prop_map(|id| format!("XDEL s {id}")),
        1 => (0..5).prop_map(|n| format!("XTRIM s MAXLEN {n}")),
        1 => who().prop_map(|who| format!("XGROUP DELCONSUMER s g {who}")),
    ]
}

#[test]
fn a_pending_entry_has_one_owner_and_delivered_ids_only_grow() {
    let commands = prop::collection::vec(command(), 1..60);
    let checked = runner().run(&commands, |commands| {
        let mut talk = Talk::default();
        talk.all(&["XGROUP CREATE s g 0 MKSTREAM", "XGROUP CREATE s n 0"]);
        let mut last = StreamId::MIN;
        for (n, command) in commands.iter().enumerate() {
            talk.until(n as u64);
            let before = talk.ask("XPENDING s g - + 1000");
            let answer = talk.ask(command);
            let stream = talk.redis.stream("s").expect("the stream stays");
            for (name, group) in &stream.groups {
                prop_assert!(group.is_consistent(), "{name} after {command}");
                prop_assert!(group.last <= stream.log.last);
            }
            prop_assert!(stream.groups["n"].pending().is_empty(), "after {}", command);
            let group = &stream.groups["g"];
            prop_assert!(group.last >= last, "after {}", command);
            last = group.last;
            prop_assert!(group.pending().keys().all(|id| *id <= stream.log.last));
            // What is refused changes nothing.
            if answer.starts_with("ERR") {
                prop_assert_eq!(talk.ask("XPENDING s g - + 1000"), before);
            }
            prop_assert_eq!(talk.redis.next_due(), None);
        }
        Ok(())
    });
    assert_eq!(checked, Ok(()));
}

/// What is done to the entries of a stream.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    Add(StreamId),
    Delete(StreamId),
    Newest(usize),
    From(StreamId),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        5 => id().prop_map(Change::Add),
        2 => id().prop_map(Change::Delete),
        1 => (0..6usize).prop_map(Change::Newest),
        1 => id().prop_map(Change::From),
    ]
}

/// A stream as a sorted list that is looked through from end to end.
#[test]
fn ranges_and_trims_agree_with_a_list() {
    let changes = prop::collection::vec((change(), id(), id()), 1..50);
    let checked = runner().run(&changes, |changes| {
        let mut talk = Talk::default();
        let (mut list, mut top, mut is_made) = (Vec::<StreamId>::new(), StreamId::MIN, false);
        for (change, start, end) in changes {
            let before = list.len();
            let (line, answer) = match change {
                Change::Add(id) => {
                    let is_taken = id > top;
                    is_made |= is_taken;
                    if is_taken {
                        list.push(id);
                        top = id;
                    }
                    (format!("XADD s {id} k v"), is_taken.then(|| id.to_string()))
                }
                Change::Delete(id) => {
                    list.retain(|one| *one != id);
                    (
                        format!("XDEL s {id}"),
                        Some((before - list.len()).to_string()),
                    )
                }
                Change::Newest(count) => {
                    list.drain(..before.saturating_sub(count));
                    (
                        format!("XTRIM s MAXLEN = {count}"),
                        Some((before - list.len()).to_string()),
                    )
                }
                Change::From(id) => {
                    list.retain(|one| *one >= id);
                    (
                        format!("XTRIM s MINID {id}"),
                        Some((before - list.len()).to_string()),
                    )
                }
            };
            let got = talk.ask(&line);
            match answer {
                Some(answer) => prop_assert_eq!(got, answer, "{}", line),
                None => prop_assert!(got.starts_with("ERR "), "{line}: {got}"),
            }
            let shown = |ids: Vec<&StreamId>| {
                let ids: Vec<String> = ids.iter().map(|id| format!("{id}(k v)")).collect();
                format!("[{}]", ids.join(" "))
            };
            let within = |id: &&StreamId| start <= **id && **id <= end;
            let up = shown(list.iter().filter(within).collect());
            prop_assert_eq!(talk.ask(&format!("XRANGE s {start} {end}")), up);
            let down = shown(list.iter().rev().filter(within).collect());
            prop_assert_eq!(talk.ask(&format!("XREVRANGE s {end} {start}")), down);
            prop_assert_eq!(talk.ask("XLEN s"), list.len().to_string());
            prop_assert_eq!(talk.ask("EXISTS s"), u8::from(is_made).to_string());
        }
        Ok(())
    });
    assert_eq!(checked, Ok(()));
}

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

/// Something a client sends.
#[derive(Debug, Arbitrary)]
struct Sent {
    client: u8,
    after_ms: u16,
    words: Vec<u8>,
    other: String,
    what: u8,
}

#[test]
fn no_bytes_make_the_server_panic() {
    let mut seed = Seed::new(31);
    let mut kinds = BTreeMap::<&str, u32>::new();
    for _ in 0..60 {
        let bytes: Vec<u8> = (0..800).flat_map(|_| seed.draw().to_le_bytes()).collect();
        let mut bytes = Unstructured::new(&bytes);
        let mut talk = Talk::default();
        talk.all(&[
            "XADD s 1-0 k v",
            "XGROUP CREATE s g 0",
            "XREADGROUP GROUP g c STREAMS s >",
        ]);
        while let (false, Ok(sent)) = (bytes.is_empty(), Sent::arbitrary(&mut bytes)) {
            let who = client(sent.client % 3);
            let end = talk.now + Span::from_ms(u64::from(sent.after_ms));
            talk.until(end.ms());
            let request = match sent.what {
                0..=5 => Request::StopsReading,
                6..=11 => Request::ReadsOn,
                12 => {
                    let mut out = systems::Out::default();
                    talk.redis.disconnect(talk.now, who, &mut out);
                    continue;
                }
                what => {
                    let word = |at: &u8| {
                        (*WORDS.get(usize::from(*at) % WORDS.len()).unwrap_or(&"s")).into()
                    };
                    let mut words: Vec<std::sync::Arc<str>> = sent.words.iter().map(word).collect();
                    if what % 4 == 0 {
                        words.push(sent.other.into());
                    }
                    words.insert(0, word(&(what % 40)));
                    Request::words(words)
                }
            };
            for (_, reply) in talk.request(who, request) {
                let is_error = matches!(reply, systems::redis::Reply::Error(_));
                *kinds
                    .entry(if is_error { "refused" } else { "answered" })
                    .or_default() += 1;
            }
            let stream = talk.redis.stream("s");
            let groups = stream.into_iter().flat_map(|stream| stream.groups.values());
            assert!(
                groups
                    .into_iter()
                    .all(systems::redis::group::Group::is_consistent)
            );
        }
    }
    assert!(
        kinds.values().all(|count| *count > 50) && kinds.len() == 2,
        "{kinds:?}"
    );
}
