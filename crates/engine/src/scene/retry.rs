//! What a consumer does with a record that its handler fails with: attempts and the waits between them.
//!
//! # Rules
//! 1. A failed attempt is followed by another after a wait, as long as attempts are left. Attempts are counted
//!    as `message.attempt` says: by the system where it counts (receives on Amazon SQS, returns to a quorum
//!    queue of RabbitMQ), else by the process, which forgets them when it dies. Shown by: the test
//!    `a_process_counts_what_its_system_does_not`.
//! 2. The wait is fixed, or doubled with each attempt up to a longest one (truncated exponential back-off). Full
//!    jitter waits any time up to that, half jitter at least its half. Source: AWS Architecture Blog,
//!    "Exponential Backoff And Jitter" (half jitter is called "equal" there). Shown by: the test
//!    `waits_grow_to_the_longest_and_jitter_stays_within`.
//! 3. Who waits differs. On Kafka the process does, and its partitions stand; so it does on RabbitMQ when it
//!    rejects what it gives up. What is requeued on RabbitMQ is delivered again at once: a broker that pushes
//!    has no wait to offer. On Amazon SQS the queue waits (`ChangeMessageVisibility`), in whole seconds.
//!    Shown by: the test `the_same_poison_blocks_spins_or_waits`.
//! 4. When no attempt is left: on RabbitMQ the message is rejected, on Kafka the process does what its
//!    `failure` says. A worker of Amazon SQS cannot refuse a message: there the queue counts, with its
//!    `RedrivePolicy`, and `attempts` is not looked at. Shown by: the test `who_counts_sets_aside`.

use super::mistake::Mistakes;
use crate::handler::MOST_ATTEMPTS;
use crate::seed::{Seed, mix};
use crate::time::Span;
use serde::{Deserialize, Serialize};

/// The longest wait between two attempts, in ms: that of a visibility time-out.
const LONGEST_WAIT_MS: u32 = 43_200_000;

/// How a consumer tries again what its handler failed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    /// How often a record is tried in all, 1 to 8, as `message.attempt` counts. Left out: for ever. On Amazon SQS the queue counts instead (`maxReceiveCount` of its `RedrivePolicy`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// How the wait grows from attempt to attempt.
    pub backoff: Backoff,
    /// The wait after the first attempt, in ms. At most 12 hours.
    pub delay_ms: u32,
    /// The longest wait, in ms. At most 12 hours.
    pub max_delay_ms: u32,
    /// How much of a wait is left to chance, so that those who failed together do not come again together. The scene's seed decides.
    pub jitter: Jitter,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            attempts: None,
            backoff: Backoff::Fixed,
            delay_ms: 1_000,
            max_delay_ms: 60_000,
            jitter: Jitter::None,
        }
    }
}

/// How the wait between attempts grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Backoff {
    /// It stays the same.
    #[default]
    Fixed,
    /// It is doubled with each attempt, up to the longest.
    Exponential,
}

/// How much of a wait is left to chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Nothing.
    #[default]
    None,
    /// Half of it: between the half and the whole.
    Half,
    /// All of it: between nothing and the whole.
    Full,
}

/// A failure that passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FailFirst {
    /// With which records, by their values. At most 64.
    pub records: Vec<String>,
    /// At how many of their first tries, 1 to 7, as `message.attempt` counts: where nobody counts, each try is the first.
    pub tries: u32,
}

impl Retry {
    /// Whether there is another attempt after this one (rule 1).
    pub fn goes_on(&self, attempt: u32) -> bool {
        self.attempts.is_none_or(|most| attempt < most)
    }

    /// How long is waited after a failed attempt (rule 2). `of` says at which record: the
    /// same attempt at the same record waits as long whoever makes it, so that consumers can be interchangeable.
    pub fn wait(&self, attempt: u32, seed: u64, of: u64) -> Span {
        let doubled = match self.backoff {
            Backoff::Fixed => 0,
            Backoff::Exponential => attempt.saturating_sub(1).min(32),
        };
        let whole = (u64::from(self.delay_ms) << doubled).min(self.max_delay_ms.into());
        let least = match self.jitter {
            Jitter::None => whole,
            Jitter::Half => whole / 2,
            Jitter::Full => 0,
        };
        let of = of.wrapping_mul(u64::from(MOST_ATTEMPTS) + 1) + u64::from(attempt);
        Span::from_ms(Seed::new(seed ^ mix(of.wrapping_add(1))).between(least, whole))
    }

    /// Numbers within bounds.
    pub(super) fn check(&self, place: &str, found: &mut Mistakes) {
        if let Some(attempts) = self.attempts {
            found.within(
                format!("{place}/attempts"),
                "the number of attempts",
                attempts.into(),
                1,
                MOST_ATTEMPTS.into(),
            );
        }
        for (name, what, value) in [
            ("delay_ms", "the wait", self.delay_ms),
            ("max_delay_ms", "the longest wait", self.max_delay_ms),
        ] {
            let most = LONGEST_WAIT_MS.into();
            found.within(format!("{place}/{name}"), what, value.into(), 0, most);
        }
        if self.delay_ms > self.max_delay_ms && self.delay_ms <= LONGEST_WAIT_MS {
            let rests = [format!("{place}/max_delay_ms")];
            found.resting_on([rests[0].as_str()], |found| {
                found.add(
                    format!("{place}/delay_ms"),
                    "the first wait is longer than the longest",
                    "write a larger `max_delay_ms`, which is 60000 where it is left out",
                );
            });
        }
    }
}

impl FailFirst {
    /// A number within its bounds.
    pub(super) fn check(&self, place: &str, found: &mut Mistakes) {
        found.within(
            format!("{place}/tries"),
            "the number of tries that fail",
            self.tries.into(),
            1,
            u64::from(MOST_ATTEMPTS) - 1,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_jitter_stays_within() {
        let retry = |backoff, jitter| Retry {
            backoff,
            jitter,
            max_delay_ms: 5_000,
            ..Retry::default()
        };
        let waits = |retry: &Retry, seed: u64| -> Vec<u64> {
            (1..=5)
                .map(|nth| retry.wait(nth, seed, 7).0 / 1_000)
                .collect()
        };
        let fixed = retry(Backoff::Fixed, Jitter::None);
        assert_eq!(waits(&fixed, 1), [1_000; 5]);
        let whole = waits(&retry(Backoff::Exponential, Jitter::None), 1);
        assert_eq!(whole, [1_000, 2_000, 4_000, 5_000, 5_000]);
        for (jitter, part) in [(Jitter::Half, 2), (Jitter::Full, 0)] {
            let retry = retry(Backoff::Exponential, jitter);
            let mut seen = std::collections::BTreeSet::new();
            for seed in 0..50 {
                let waits = waits(&retry, seed);
                let within = |(wait, whole): (&u64, &u64)| {
                    let least = whole.checked_div(part).unwrap_or(0);
                    (least..=*whole).contains(wait)
                };
                assert!(waits.iter().zip(&whole).all(within), "{waits:?}");
                seen.insert(waits);
            }
            assert!(seen.len() > 40, "chance decides: {}", seen.len());
            assert_eq!(waits(&retry, 3), waits(&retry, 3));
        }
    }
}
