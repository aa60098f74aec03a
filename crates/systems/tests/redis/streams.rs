//! Streams, groups, and those who wait for them.

use crate::talk::{Talk, client};
use systems::redis::tools::redis_cli;
use systems::redis::{Fact, Request};
use systems::{Instant, Server};

/// A stream of three entries and a group of them.
fn three() -> Talk {
    let mut talk = Talk::default();
    talk.all(&[
        "XADD s 1-0 k 1",
        "XADD s 2-0 k 2",
        "XADD s 3-0 k 3",
        "XGROUP CREATE s g 0",
    ]);
    talk
}

#[test]
fn a_blocked_read_is_answered_by_the_next_entry_or_by_its_timeout() {
    let mut talk = Talk::default();
    assert_eq!(talk.by(1, "XREAD BLOCK 500 STREAMS s $"), "");
    assert_eq!(talk.by(2, "XREAD BLOCK 0 STREAMS other s 0 $"), "");
    talk.until(499);
    assert_eq!((talk.got_by(1), talk.got_by(2)), (vec![], vec![]));
    talk.until(500);
    assert_eq!(
        (talk.got_by(1), talk.got_by(2)),
        (vec!["-".to_owned()], vec![])
    );
    talk.all(&["XADD s 1-0 k v"]);
    assert_eq!(talk.got_by(1), Vec::<String>::new());
    assert_eq!(talk.got_by(2), ["[[s [1-0(k v)]]]"]);
    talk.until(1_000_000);
    assert_eq!(talk.redis.next_due(), None);
    assert_eq!(talk.redis.waiting_clients(), []);
    assert_eq!(
        talk.by(1, "XREAD BLOCK -1 STREAMS s 0"),
        "(error) ERR timeout is negative\n"
    );
}

#[test]
fn blocked_readers_are_served_in_the_order_of_their_waiting() {
    let mut talk = three();
    talk.all(&["XREADGROUP GROUP g c STREAMS s >"]);
    for who in [3, 1, 2] {
        talk.by(
            who,
            &format!("XREADGROUP GROUP g c{who} COUNT 1 BLOCK 0 STREAMS s >"),
        );
        talk.by(who, "XLEN s");
    }
    talk.all(&["XADD s 4-0 k 4"]);
    // What was sent while waiting is answered after the read.
    assert_eq!(talk.got_by(3), ["[[s [4-0(k 4)]]]", "4"]);
    assert_eq!((talk.got_by(1), talk.got_by(2)), (vec![], vec![]));
    talk.all(&["XADD s 5-0 k 5"]);
    assert_eq!(talk.got_by(1), ["[[s [5-0(k 5)]]]", "5"]);
    // Who is gone waits no longer.
    let mut out = systems::Out::default();
    talk.redis.disconnect(talk.now, client(2), &mut out);
    talk.all(&["XADD s 6-0 k 6"]);
    assert_eq!(talk.got_by(2), Vec::<String>::new());
    assert_eq!(
        talk.ask("XPENDING s g"),
        "[5 1-0 5-0 [[c 3] [c1 1] [c3 1]]]"
    );
    // Lists likewise.
    talk.by(2, "BLPOP a b 0");
    talk.by(1, "BRPOP b 0.5");
    talk.all(&["RPUSH b x y z"]);
    assert_eq!(
        (talk.got_by(2), talk.got_by(1)),
        (vec!["[b x]".to_owned()], vec!["[b z]".to_owned()])
    );
}

#[test]
fn a_destroyed_group_ends_the_waiting() {
    let mut talk = Talk::default();
    talk.all(&["XGROUP CREATE s g $ MKSTREAM", "XGROUP CREATE s h $"]);
    talk.by(1, "XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
    talk.by(2, "XREADGROUP GROUP h c BLOCK 0 STREAMS s >");
    talk.all(&["XGROUP DESTROY s g"]);
    let gone = "NOGROUP the consumer group this client was blocked on no longer exists";
    assert_eq!(
        (talk.got_by(1), talk.got_by(2)),
        (vec![gone.to_owned()], vec![])
    );
    talk.all(&["DEL s"]);
    assert_eq!(
        talk.got_by(2),
        ["UNBLOCKED the stream key no longer exists"]
    );
}

#[test]
fn noack_leaves_nothing_pending() {
    let mut talk = three();
    let read = talk.ask("XREADGROUP GROUP g c COUNT 2 NOACK STREAMS s >");
    assert_eq!(read, "[[s [1-0(k 1) 2-0(k 2)]]]");
    assert_eq!(talk.ask("XPENDING s g"), "[0 - - -]");
    assert_eq!(talk.ask("XREADGROUP GROUP g c STREAMS s 0"), "[[s []]]");
    assert_eq!(
        talk.ask("XREADGROUP GROUP g c STREAMS s >"),
        "[[s [3-0(k 3)]]]"
    );
}

#[test]
fn a_deleted_entry_stays_pending_without_fields() {
    let mut talk = three();
    talk.all(&["XREADGROUP GROUP g c COUNT 2 STREAMS s >", "XDEL s 1-0"]);
    assert_eq!(
        talk.ask("XREADGROUP GROUP g c STREAMS s 0"),
        "[[s [1-0(-) 2-0(k 2)]]]"
    );
    // Only what could be given counts as delivered once more.
    assert_eq!(talk.ask("XPENDING s g - + 9"), "[[1-0 c 0 1] [2-0 c 0 2]]");
    assert_eq!(talk.ask("XACK s g 1-0"), "1");
}

#[test]
fn deleting_a_consumer_loses_what_it_had() {
    let mut talk = three();
    talk.all(&["XREADGROUP GROUP g c COUNT 2 STREAMS s >"]);
    assert_eq!(talk.ask("XGROUP DELCONSUMER s g c"), "2");
    assert_eq!(talk.ask("XGROUP DELCONSUMER s g c"), "0");
    assert_eq!(talk.ask("XAUTOCLAIM s g d 0 0"), "[0-0 [] []]");
    assert_eq!(
        talk.ask("XREADGROUP GROUP g d STREAMS s >"),
        "[[s [3-0(k 3)]]]"
    );
    assert_eq!(talk.ask("XGROUP CREATECONSUMER s g d"), "0");
    assert_eq!(talk.ask("XGROUP CREATECONSUMER s g e"), "1");
}

#[test]
fn of_two_claims_one_wins() {
    let mut talk = three();
    talk.all(&["XREADGROUP GROUP g c COUNT 1 STREAMS s >"]);
    talk.until(60_000);
    assert_eq!(talk.ask("XCLAIM s g d 60000 1-0"), "[1-0(k 1)]");
    assert_eq!(talk.ask("XCLAIM s g e 60000 1-0"), "[]");
    assert_eq!(talk.ask("XAUTOCLAIM s g e 60000 -"), "[0-0 [] []]");
    assert_eq!(talk.ask("XPENDING s g - + 9"), "[[1-0 d 0 2]]");
}

#[test]
fn claims_set_what_they_are_told() {
    let mut talk = three();
    talk.until(5_000);
    talk.all(&["XREADGROUP GROUP g c COUNT 1 STREAMS s >"]);
    let mut check = |command: &str, answer: &str, pending: &str| {
        assert_eq!(talk.ask(command), answer, "{command}");
        assert_eq!(talk.ask("XPENDING s g - + 9"), pending, "{command}");
    };
    check(
        "XCLAIM s g d 0 1-0 IDLE 7000 JUSTID",
        "[1-0]",
        "[[1-0 d 7000 1]]",
    );
    check(
        "XCLAIM s g d 0 1-0 TIME 4000",
        "[1-0(k 1)]",
        "[[1-0 d 1000 2]]",
    );
    check(
        "XCLAIM s g d 0 1-0 TIME 9000 RETRYCOUNT 7",
        "[1-0(k 1)]",
        "[[1-0 d 0 7]]",
    );
    check("XCLAIM s g d 0 2-0", "[]", "[[1-0 d 0 7]]");
    check(
        "XCLAIM s g d 9 2-0 9-0 FORCE JUSTID",
        "[2-0]",
        "[[1-0 d 0 7] [2-0 d 0 1]]",
    );
    check(
        "XCLAIM s g d 0 1-0 LASTID 3-0 RETRYCOUNT 1 JUSTID",
        "[1-0]",
        "[[1-0 d 0 1] [2-0 d 0 1]]",
    );
    let refused = "ERR Unrecognized XCLAIM option 'NOW'";
    check(
        "XCLAIM s g d 0 1-0 NOW",
        refused,
        "[[1-0 d 0 1] [2-0 d 0 1]]",
    );
    assert_eq!(talk.ask("XREADGROUP GROUP g d STREAMS s >"), "-");
}

#[test]
fn xinfo_is_printed_as_redis_cli_does() {
    let mut talk = three();
    talk.all(&["XREADGROUP GROUP g c COUNT 1 STREAMS s >"]);
    let printed = |line| redis_cli(&talk.redis, Instant(2_500_000), line);
    let expected = r#" 1) "length"
 2) (integer) 3
 3) "radix-tree-keys"
 4) (integer) 1
 5) "radix-tree-nodes"
 6) (integer) 2
 7) "last-generated-id"
 8) "3-0"
 9) "max-deleted-entry-id"
10) "0-0"
11) "entries-added"
12) (integer) 3
13) "recorded-first-entry-id"
14) "1-0"
15) "groups"
16) (integer) 1
17) "first-entry"
18) 1) "1-0"
    2) 1) "k"
       2) "1"
19) "last-entry"
20) 1) "3-0"
    2) 1) "k"
       2) "3"
"#;
    assert_eq!(printed("XINFO STREAM s"), expected);
    let expected = r#"1)  1) "name"
    2) "g"
    3) "consumers"
    4) (integer) 1
    5) "pending"
    6) (integer) 1
    7) "last-delivered-id"
    8) "1-0"
    9) "entries-read"
   10) (integer) 1
   11) "lag"
   12) (integer) 2
"#;
    assert_eq!(printed("XINFO GROUPS s"), expected);
    let expected = "1) 1) \"name\"\n   2) \"c\"\n   3) \"pending\"\n   4) (integer) 1\n   5) \"idle\"\n   6) (integer) 2500\n";
    assert_eq!(printed("XINFO CONSUMERS s g"), expected);
    let expected = "1) (integer) 1\n2) \"1-0\"\n3) \"1-0\"\n4) 1) 1) \"c\"\n      2) \"1\"\n";
    assert_eq!(printed("XPENDING s g"), expected);
    let full = printed("XINFO STREAM s FULL COUNT 1");
    assert!(full.contains("\"pel-count\"\n"), "{full}");
    assert_eq!(
        printed("XINFO CONSUMERS s h"),
        "(error) NOGROUP No such consumer group 'h' for key name 's'\n"
    );
}

#[test]
fn numsub_is_printed_as_redis_cli_does() {
    let mut talk = Talk::default();
    talk.by(1, "SUBSCRIBE news");
    let printed = |line| redis_cli(&talk.redis, Instant(0), line);
    assert_eq!(
        printed("PUBSUB NUMSUB news sport"),
        "1) \"news\"\n2) (integer) 1\n3) \"sport\"\n4) (integer) 0\n"
    );
    assert_eq!(printed("PUBSUB CHANNELS"), "1) \"news\"\n");
}

#[test]
fn refusals_have_the_words_of_redis() {
    let mut talk = three();
    let mut check = |line: &str, words: &str| assert_eq!(talk.ask(line), words, "{line}");
    check(
        "XADD s 3-0 k v",
        "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    );
    check(
        "XADD s 0-0 k v",
        "ERR The ID specified in XADD must be greater than 0-0",
    );
    check(
        "XADD s 4-0 k",
        "ERR wrong number of arguments for 'xadd' command",
    );
    check(
        "XADD s MAXLEN 3 LIMIT 1 * k v",
        "ERR syntax error, LIMIT cannot be used without the special ~ option",
    );
    // The same option twice is refused as two different ones are, and an id that is none comes first.
    let both = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible";
    check("XADD s MAXLEN 3 MINID 1-0 * k v", both);
    check("XTRIM s MAXLEN 3 MAXLEN 2", both);
    check(
        "XADD s LIMIT 1 x k v",
        "ERR Invalid stream ID specified as stream command argument",
    );
    check(
        "XADD s LIMIT 1 * k v",
        "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
    );
    check(
        "XADD s LIMIT 0 * k v",
        "ERR syntax error, LIMIT cannot be used without the special ~ option",
    );
    check(
        "XTRIM s LIMIT 0",
        "ERR syntax error, XTRIM must be called with a trimming strategy",
    );
    check(
        "XTRIM s MAXLEN 007",
        "ERR value is not an integer or out of range",
    );
    check(
        "XADD s x k v",
        "ERR Invalid stream ID specified as stream command argument",
    );
    check(
        "XGROUP CREATE s g $",
        "BUSYGROUP Consumer Group name already exists",
    );
    check(
        "XREADGROUP GROUP h c STREAMS s >",
        "NOGROUP No such key 's' or consumer group 'h' in XREADGROUP with GROUP option",
    );
    check(
        "XPENDING t g",
        "NOGROUP No such key 't' or consumer group 'g'",
    );
    check(
        "XREAD STREAMS s >",
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
    );
    check(
        "XREADGROUP COUNT 1 NOACK STREAMS s >",
        "ERR Missing GROUP option for XREADGROUP",
    );
    check("XAUTOCLAIM s g c 0 0 COUNT 0", "ERR COUNT must be > 0");
    check("XAUTOCLAIM s g c 0 0 COUNT x", "ERR COUNT must be > 0");
    check("XRANGE s - (0-0", "ERR invalid end ID for the interval");
    check("XINFO STREAM t", "ERR no such key");
    check(
        "LPUSH s x",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    );
    check(
        "BLAH x",
        "ERR unknown command 'BLAH', with args beginning with: 'x' ",
    );
    let refused = talk
        .facts
        .iter()
        .filter(|fact| matches!(fact, Fact::Refused { .. }));
    assert_eq!(refused.count(), 23);
}

#[test]
fn a_key_holds_one_kind_of_value() {
    let mut talk = Talk::default();
    talk.all(&[
        "SET t x",
        "RPUSH l x",
        "HSET h f x",
        "ZADD z 1 x",
        "XADD s 1-0 k v",
    ]);
    for (key, kind) in [
        ("t", "string"),
        ("l", "list"),
        ("h", "hash"),
        ("z", "zset"),
        ("s", "stream"),
        ("n", "none"),
    ] {
        assert_eq!(talk.ask(&format!("TYPE {key}")), kind);
    }
    for line in ["XLEN t", "LPOP s 1", "HGET l f", "ZCARD h", "GET z"] {
        assert!(talk.ask(line).starts_with("WRONGTYPE "), "{line}");
    }
    talk.all(&["RPOP l", "HDEL h f", "ZREM z x", "XDEL s 1-0"]);
    assert_eq!(talk.ask("EXISTS l h z s"), "1");
    assert_eq!(talk.ask("DEL s t l"), "2");
}

#[test]
fn a_connection_with_subscriptions_can_do_little_else() {
    let mut talk = Talk::default();
    talk.request(client(1), Request::line("SUBSCRIBE a"));
    let refused = talk.by(1, "XLEN s");
    assert!(
        refused.starts_with("(error) ERR Can't execute 'xlen': only (P|S)SUBSCRIBE"),
        "{refused}"
    );
    talk.by(1, "UNSUBSCRIBE");
    assert_eq!(talk.by(1, "XLEN s"), "(integer) 0\n");
}
