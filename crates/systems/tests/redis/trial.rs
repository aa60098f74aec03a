//! The server on trial: any commands under the server's invariants, a stream and a group beside lists.

use crate::operations::Op;
use crate::stage::{Sent, Stage};
use crate::{reference, sequence};
use arbitrary::Unstructured;
use systems::redis::config::{BufferLimit, Settings, Version};
use systems::redis::{Redis, Reply, Request, tools};
use systems::{Caller, Span};

/// The keys that may hold streams.
const KEYS: [&str; 3] = ["s", "t", "u"];

/// Plays what the bytes say: the first says what kind of trial it is. How many commands were refused,
/// and how many were answered otherwise.
pub fn run(bytes: &[u8]) -> [usize; 2] {
    let mut bytes = Unstructured::new(bytes);
    match bytes.int_in_range(0..=7_u8).unwrap_or_default() {
        0 => reference::compare_entries(&mut bytes),
        1 | 2 => reference::compare_group(&mut bytes),
        _ => return commands(&mut bytes),
    }
    [0, 0]
}

fn client(client: u8) -> Caller {
    Caller {
        client,
        connection: 1,
    }
}

fn settings(bytes: &mut Unstructured<'_>) -> Settings {
    let versions = [Version::V7_0, Version::V6_2, Version::V7_2];
    let small = BufferLimit {
        hard_bytes: 400,
        soft_bytes: 100,
        soft_seconds: 1,
    };
    Settings {
        version: *bytes.choose(&versions).unwrap_or(&Version::V7_0),
        stream_node_max_entries: bytes.int_in_range(0..=3).unwrap_or_default(),
        pubsub_limit: small,
        normal_limit: small,
        ..Settings::default()
    }
}

fn commands(bytes: &mut Unstructured<'_>) -> [usize; 2] {
    let mut stage = Stage::new(Redis::new(settings(bytes)));
    for line in [
        "XADD s 1-0 k v",
        "XGROUP CREATE s g 0",
        "XREADGROUP GROUP g c STREAMS s >",
    ] {
        stage.ask(client(0), Request::line(line));
    }
    let ops = sequence::decode(bytes, 150, Op::of);
    let mut counts = [0, 0];
    sequence::each(&ops, |op| {
        let sent: Sent<Redis> = match op {
            Op::Command { client: by, words } => {
                stage.ask(client(*by), Request::words(words.clone()))
            }
            Op::StopsReading(by) => stage.ask(client(*by), Request::StopsReading),
            Op::ReadsOn(by) => stage.ask(client(*by), Request::ReadsOn),
            Op::Leaves(by) => stage.lose(client(*by)),
            Op::Pass { ms } => stage.pass(Span::from_ms(*ms)),
            Op::Sleep { ms } => {
                stage.sleep(Span::from_ms(*ms));
                Vec::new()
            }
            Op::Fire => stage.fire(),
        };
        let is_refused = |reply: &Reply| matches!(reply, Reply::Error(_));
        for (_, reply) in &sent {
            counts[usize::from(!is_refused(reply))] += 1;
        }
        check(&stage);
    });
    counts
}

/// What holds after any command.
fn check(stage: &Stage<Redis>) {
    for key in KEYS {
        let Some(stream) = stage.server.stream(key) else {
            continue;
        };
        let log = &stream.log;
        assert!(log.top().is_none_or(|top| top <= log.last), "{key}");
        for (name, group) in &stream.groups {
            assert!(group.is_consistent(), "{name} of {key}");
            let line = format!("XPENDING {key} {name}");
            let printed = tools::redis_cli(&stage.server, stage.now, &line);
            let count = group.pending().len();
            assert!(
                printed.starts_with(&format!("1) (integer) {count}\n")) || odd(name),
                "{line}: {printed}"
            );
        }
        let printed = tools::redis_cli(&stage.server, stage.now, &format!("XLEN {key}"));
        assert_eq!(printed, format!("(integer) {}\n", log.len()));
    }
}

/// Whether a name is none that can be typed as it is.
fn odd(name: &str) -> bool {
    name.is_empty() || name.contains(|letter: char| !letter.is_ascii_alphanumeric())
}
