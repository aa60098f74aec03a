//! How many operations a second a system does with little waiting in it, and with a million.
//!
//! Both take turns, and what counts is the time that the processor spent on this process, in the fastest
//! round: whatever else the machine does takes neither turns nor processor time from one of them only.

use std::time::Duration;

/// How many rounds each has.
const ROUNDS: usize = 5;

/// How long the processor has worked for this thread. Where the system does not tell it, how long the
/// program has run.
fn worked() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = BEGIN.get_or_init(Instant::now);
    // Linux: nanoseconds on the processor, nanoseconds in the queue for it, how often it was given.
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}

/// Measures so many operations, which `round` does, on each of these systems; prints millions a second,
/// and what the last has of the first.
pub fn take_turns<S>(
    what: &str,
    operations: u32,
    systems: &mut [(String, S)],
    mut round: impl FnMut(&mut S),
) {
    let mut best = vec![0.0_f64; systems.len()];
    for _ in 0..ROUNDS {
        for ((_, system), best) in systems.iter_mut().zip(&mut best) {
            let begin = worked();
            round(system);
            let seconds = (worked() - begin).as_secs_f64().max(1e-9);
            *best = best.max(f64::from(operations) / seconds / 1e6);
        }
    }
    let each = systems.iter().zip(&best);
    let each: Vec<String> = each
        .map(|((name, _), best)| format!("{best:.2} million a second with {name}"))
        .collect();
    let share = best.last().unwrap_or(&0.0) / best.first().unwrap_or(&1.0);
    println!("{what}: {}; {share:.2} of it", each.join(", "));
}
