//! How many operations a second a system does with little waiting in it, and with much.
//!
//! All sizes take turns, and what counts is the time that the processor spent on this thread, in the
//! fastest round: whatever else the machine does takes neither turns nor processor time from one of them
//! only.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How many rounds each has.
const ROUNDS: usize = 9;

/// How long the processor has worked for this thread. Where the system does not tell it, how long the
/// program has run.
fn worked() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = BEGIN.get_or_init(Instant::now);
    // Linux adds up the time of a running thread at every tick, which are milliseconds apart, and whenever
    // the thread offers the processor to others.
    std::thread::yield_now();
    // Nanoseconds on the processor, nanoseconds in the queue for it, how often it was given.
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

/// How long the processor works on this.
pub fn timed(run: impl FnOnce()) -> Duration {
    let begin = worked();
    run();
    worked().saturating_sub(begin)
}

/// Measures so many operations on each of these systems: `round` does them, and says how long they took
/// ([`timed`]). Prints millions a second, and what the last size has of the first.
pub fn take_turns<S>(
    what: &str,
    operations: u32,
    systems: &mut [(String, S)],
    mut round: impl FnMut(&mut S) -> Duration,
) {
    let mut best = vec![0.0_f64; systems.len()];
    for _ in 0..ROUNDS {
        for ((_, system), best) in systems.iter_mut().zip(&mut best) {
            let seconds = round(system).as_secs_f64().max(1e-9);
            *best = best.max(f64::from(operations) / seconds / 1e6);
        }
    }
    let each = systems.iter().zip(&best);
    let each: Vec<String> = each
        .map(|((name, _), best)| format!("{best:.2} with {name}"))
        .collect();
    let share = best.last().unwrap_or(&0.0) / best.first().unwrap_or(&1.0);
    let each = each.join(", ");
    println!("{what} (millions a second): {each}; last to first {share:.2}");
}
