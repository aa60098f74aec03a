//! How many commands a second a Redis server executes, with ten thousand entries in its stream that a
//! group has not read and with a million: what a command costs must not grow with what lies behind it.
//!
//! `cargo bench -p systems --bench redis`. A measurement, not a test. A client keeps the words it sends
//! again and again; only the ids it acknowledges are written anew each time.

#[path = "common/turns.rs"]
mod turns;

use std::sync::Arc;
use systems::redis::config::Settings;
use systems::redis::{Redis, Reply, Request, StreamId};
use systems::{Caller, Instant, Out, Server};

const OPERATIONS: u32 = 50_000;

const WORKER: Caller = Caller {
    client: 1,
    connection: 1,
};

/// A command's words.
type Words = Vec<Arc<str>>;

fn words(line: &str) -> Words {
    line.split(' ').map(Arc::from).collect()
}

/// The id of the first entry in a reply.
fn first_of(reply: &Reply) -> Option<StreamId> {
    match reply {
        Reply::Entry(id, _) => Some(*id),
        Reply::List(list) => list.iter().find_map(first_of),
        _ => None,
    }
}

/// A server whose stream has a backlog that a group has not read.
struct Filled {
    redis: Redis,
    out: Out<Redis>,
    now: u64,
    add: Words,
    read: Words,
    acknowledge: Words,
    trim: Words,
    claim: Words,
}

impl Filled {
    fn new(entries: u64) -> Filled {
        let mut filled = Filled {
            redis: Redis::new(Settings::default()),
            out: Out::default(),
            now: 1,
            add: words("XADD s * field value"),
            read: words("XREADGROUP GROUP g c COUNT 1 STREAMS s >"),
            acknowledge: words("XACK s g"),
            trim: words("XTRIM s MAXLEN ~ 9000"),
            claim: words("XAUTOCLAIM s g d 0 0 COUNT 1"),
        };
        filled.ask(words("XGROUP CREATE s g 0 MKSTREAM"));
        for _ in 0..entries {
            filled.publish();
        }
        filled
    }

    fn ask(&mut self, words: Words) -> Reply {
        self.out.facts.clear();
        self.now += 1;
        let (now, request) = (Instant(self.now), Request::words(words));
        self.redis.handle(now, WORKER, request, &mut self.out);
        let reply = self.out.to.pop().map(|(_, reply)| reply);
        reply.expect("no command of this measurement waits")
    }

    /// Adds an entry.
    fn publish(&mut self) {
        self.ask(self.add.clone());
    }

    /// Adds an entry, and reads and acknowledges the oldest that was not read.
    fn deliver(&mut self) {
        self.publish();
        let read = self.ask(self.read.clone());
        let id = first_of(&read).expect("one has not been read");
        let id: Words = vec![id.to_string().into()];
        let acknowledge = [&self.acknowledge[..], &id].concat();
        assert_eq!(self.ask(acknowledge), Reply::Integer(1));
    }

    /// Adds an entry, reads the oldest without acknowledging it, and trims.
    fn trim(&mut self) {
        self.publish();
        self.ask(self.read.clone());
        self.ask(self.trim.clone());
        self.ask(self.claim.clone());
    }
}

/// What is measured.
type Operation = fn(&mut Filled);

fn main() {
    let operations: [(&str, Operation); 3] = [
        ("add", Filled::publish),
        ("add, read and acknowledge", Filled::deliver),
        ("add, read, trim and claim", Filled::trim),
    ];
    let sizes = [10_000, 1_000_000];
    let mut servers = sizes.map(|size| (format!("{size} entries"), Filled::new(size)));
    for (what, operation) in operations {
        turns::take_turns(what, OPERATIONS, &mut servers, |filled| {
            turns::timed(|| (0..OPERATIONS).for_each(|_| operation(filled)))
        });
    }
}
