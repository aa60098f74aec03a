//! What differs between the versions.

use crate::talk::Talk;
use systems::redis::config::{Settings, Version};

fn of(version: Version) -> Talk {
    Talk::new(Settings {
        version,
        ..Settings::default()
    })
}

#[test]
fn versions_differ_where_redis_says_so() {
    let check = |lines: &[&str], line: &str, answers: [&str; 3]| {
        let versions = [Version::V6_2, Version::V7_0, Version::V7_2];
        for (version, answer) in versions.into_iter().zip(answers) {
            let mut talk = of(version);
            talk.all(lines);
            assert_eq!(talk.ask(line), answer, "{version:?} {line}");
        }
    };
    let invalid = "ERR Invalid stream ID specified as stream command argument";
    check(&[], "XADD s 5-* k v", [invalid, "5-0", "5-0"]);
    let group = ["XADD s 1-0 k v", "XADD s 2-0 k w", "XGROUP CREATE s g 0"];
    check(
        &group,
        "XINFO GROUPS s",
        [
            "[[name g consumers 0 pending 0 last-delivered-id 0-0]]",
            "[[name g consumers 0 pending 0 last-delivered-id 0-0 entries-read - lag 2]]",
            "[[name g consumers 0 pending 0 last-delivered-id 0-0 entries-read - lag 2]]",
        ],
    );
    let mut lines = group.to_vec();
    lines.extend(["XREADGROUP GROUP g c STREAMS s >", "XDEL s 1-0"]);
    check(
        &lines,
        "XAUTOCLAIM s g d 0 0",
        [
            "[0-0 [- 2-0(k w)]]",
            "[0-0 [2-0(k w)] [1-0]]",
            "[0-0 [2-0(k w)] [1-0]]",
        ],
    );
    check(&lines, "XCLAIM s g d 0 1-0", ["[-]", "[]", "[]"]);
    check(
        &lines,
        "XINFO CONSUMERS s g",
        [
            "[[name c pending 2 idle 0]]",
            "[[name c pending 2 idle 0]]",
            "[[name c pending 2 idle 0 inactive 0]]",
        ],
    );
    // A consumer that has got nothing yet.
    lines.push("XREADGROUP GROUP g e STREAMS s >");
    check(
        &lines,
        "XINFO CONSUMERS s g",
        [
            "[[name c pending 2 idle 0]]",
            "[[name c pending 2 idle 0]]",
            "[[name c pending 2 idle 0 inactive 0] [name e pending 0 idle 0 inactive -1]]",
        ],
    );
    let unknown = "ERR unknown command 'SPUBLISH', with args beginning with: 'a' 'b' ";
    check(&[], "SPUBLISH a b", [unknown, "0", "0"]);
}

#[test]
fn seen_and_active_differ_since_7_2() {
    let mut talk = of(Version::V7_2);
    talk.all(&[
        "XADD s 1-0 k v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g c STREAMS s >",
    ]);
    talk.until(1_000);
    talk.all(&["XREADGROUP GROUP g c STREAMS s >"]);
    talk.until(1_500);
    let info = talk.ask("XINFO CONSUMERS s g");
    assert_eq!(info, "[[name c pending 1 idle 500 inactive 1500]]");
}
