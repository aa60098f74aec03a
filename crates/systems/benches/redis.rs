//! How many commands a second a Redis server executes, with ten thousand entries in its stream and
//! with a million: what a command costs must not grow with what lies behind it.
//!
//! `cargo bench -p systems --bench redis`. A measurement, not a test: both sizes take turns, and the
//! figures are those of the fastest round.

use std::time::Instant as Clock;
use systems::redis::config::Settings;
use systems::redis::{Redis, Reply, Request};
use systems::{Caller, Instant, Out, Server};

const SIZES: [u64; 2] = [10_000, 1_000_000];
const ROUNDS: usize = 10;
const OPERATIONS: u64 = 2_000;

const WORKER: Caller = Caller {
    client: 1,
    connection: 1,
};

/// A server whose stream has a backlog that a group has not read.
struct Filled {
    redis: Redis,
    now: u64,
}

impl Filled {
    fn new(entries: u64) -> Filled {
        let mut filled = Filled {
            redis: Redis::new(Settings::default()),
            now: 1,
        };
        filled.ask("XGROUP CREATE s g 0 MKSTREAM");
        for _ in 0..entries {
            filled.ask("XADD s * field value");
        }
        filled
    }

    fn ask(&mut self, line: &str) -> Reply {
        let mut out = Out::default();
        self.now += 1;
        let now = Instant(self.now);
        self.redis
            .handle(now, WORKER, Request::line(line), &mut out);
        let reply = out.to.pop().map(|(_, reply)| reply);
        reply.expect("no command of this measurement waits")
    }

    /// Adds an entry.
    fn publish(&mut self) {
        self.ask("XADD s * field value");
    }

    /// Adds an entry, and reads and acknowledges the oldest that was not read.
    fn deliver(&mut self) {
        self.publish();
        let read = self.ask("XREADGROUP GROUP g c COUNT 1 STREAMS s >");
        for (id, _) in read.entries() {
            self.ask(&format!("XACK s g {id}"));
        }
    }

    /// Adds an entry, reads the oldest without acknowledging it, and trims.
    fn trim(&mut self) {
        self.publish();
        self.ask("XREADGROUP GROUP g c COUNT 1 STREAMS s >");
        self.ask("XTRIM s MAXLEN ~ 9000");
        self.ask("XAUTOCLAIM s g d 0 0 COUNT 1");
    }
}

/// What is measured.
type Operation = fn(&mut Filled);

/// Operations a second in one round.
fn round(filled: &mut Filled, operation: Operation) -> u64 {
    let begin = Clock::now();
    for _ in 0..OPERATIONS {
        operation(filled);
    }
    let micros = begin.elapsed().as_micros().max(1) as u64;
    OPERATIONS * 1_000_000 / micros
}

fn main() {
    let operations: [(&str, Operation); 3] = [
        ("add", Filled::publish),
        ("add, read and acknowledge", Filled::deliver),
        ("add, read, trim and claim", Filled::trim),
    ];
    let mut servers: Vec<Filled> = SIZES.into_iter().map(Filled::new).collect();
    for (name, operation) in operations {
        let mut best = [0; SIZES.len()];
        for _ in 0..ROUNDS {
            for (filled, best) in servers.iter_mut().zip(&mut best) {
                *best = round(filled, operation).max(*best);
            }
        }
        println!("{name}: {best:?} a second with {SIZES:?} entries");
    }
}
