//! What holds after any commands.

use crate::talk::Talk;
use crate::{replay, sequence, trial};
use arbitrary::{Result, Unstructured};
use explore::seed::Seed;
use systems::Server;
use systems::redis::StreamId;

#[test]
fn what_the_fuzzer_has_found_holds() {
    replay::corpus("redis", |bytes| {
        trial::run(bytes);
    });
}

#[test]
fn ranges_and_trims_agree_with_a_list() {
    replay::random(200, 500, |bytes| {
        trial::run(&[&[0], bytes].concat());
    });
}

#[test]
fn a_group_does_what_the_slow_one_does() {
    replay::random(400, 500, |bytes| {
        trial::run(&[&[1], bytes].concat());
    });
}

#[test]
fn no_bytes_make_the_server_panic() {
    replay::random(100, 1_500, |bytes| {
        trial::run(bytes);
    });
    let mut seed = Seed::new(31);
    let mut counts = [0, 0];
    for _ in 0..60 {
        let bytes: Vec<u8> = (0..300).flat_map(|_| seed.draw().to_le_bytes()).collect();
        let [refused, answered] = trial::run(&[&[7], &bytes[..]].concat());
        counts = [counts[0] + refused, counts[1] + answered];
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

/// A command on one stream and its groups.
fn command(bytes: &mut Unstructured<'_>) -> Result<String> {
    let who = *bytes.choose(&["a", "b", "c"])?;
    let (ms, seq) = (bytes.int_in_range(0..=8)?, bytes.int_in_range(0..=2)?);
    let id = StreamId { ms, seq };
    let n: u8 = bytes.int_in_range(1..=3)?;
    Ok(match bytes.int_in_range(0..=21_u8)? {
        0..=3 => format!("XADD s {id} k v"),
        4 | 5 => "XADD s * k v".to_owned(),
        6..=9 => format!("XREADGROUP GROUP g {who} COUNT {n} STREAMS s >"),
        10 => format!("XREADGROUP GROUP g {who} STREAMS s 0"),
        11 => format!("XREADGROUP GROUP n {who} COUNT 2 NOACK STREAMS s >"),
        12 | 13 => format!("XACK s g {id}"),
        14 | 15 => format!("XCLAIM s g {who} {} {id}", n - 1),
        16 => format!("XCLAIM s g {who} 0 {id} FORCE JUSTID"),
        17 | 18 => format!("XAUTOCLAIM s g {who} 1 {id} COUNT {n}"),
        19 => format!("XDEL s {id}"),
        20 => format!("XTRIM s MAXLEN {n}"),
        _ => format!("XGROUP DELCONSUMER s g {who}"),
    })
}

#[test]
fn a_pending_entry_has_one_owner_and_delivered_ids_only_grow() {
    replay::random(200, 500, |bytes| {
        let commands = sequence::decode(&mut Unstructured::new(bytes), 60, command);
        let mut talk = Talk::default();
        talk.all(&["XGROUP CREATE s g 0 MKSTREAM", "XGROUP CREATE s n 0"]);
        let mut last = StreamId::MIN;
        for (n, command) in commands.iter().enumerate() {
            talk.until(n as u64);
            let before = talk.ask("XPENDING s g - + 1000");
            let answer = talk.ask(command);
            let stream = talk.redis.stream("s").expect("the stream stays");
            for (name, group) in &stream.groups {
                assert!(group.is_consistent(), "{name} after {command}");
                assert!(group.last <= stream.log.last);
            }
            assert!(stream.groups["n"].pending().is_empty(), "after {command}");
            let group = &stream.groups["g"];
            assert!(group.last >= last, "after {command}");
            last = group.last;
            assert!(group.pending().keys().all(|id| *id <= stream.log.last));
            // What is refused changes nothing.
            if answer.starts_with("ERR") {
                assert_eq!(talk.ask("XPENDING s g - + 1000"), before);
            }
            assert_eq!(talk.redis.next_due(), None);
        }
    });
}
