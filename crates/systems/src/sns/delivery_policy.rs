//! How often, and how far apart, a delivery that failed is tried again.
//!
//! S34. A delivery that fails with a server-side error is tried again in four phases: without delay,
//! then at the smallest delay, then with growing delays, then at the largest delay. Source: SNS
//! developer guide, "Message delivery retries". Shown by: the test `phases_follow_each_other`.
//!
//! S35. For endpoints that Amazon Web Services manage (Amazon SQS, AWS Lambda) that is 3 times at
//! once, 2 times a second apart, 10 times from 1 to 20 seconds, 100,000 times every 20 seconds: 23
//! days. Only a policy for HTTP and HTTPS can be set. Source: SNS developer guide, "Message
//! delivery retries". Shown by: the test `a_queue_is_tried_for_23_days`, the test
//! `only_http_has_a_policy_of_its_own`.
//!
//! S36. To HTTP and HTTPS endpoints a delivery is tried again 3 times, 20 seconds apart, unless a
//! delivery policy says otherwise: the subscription's, else the topic's. Source: SNS developer
//! guide, "Delivery policy". Shown by: the test `http_is_tried_four_times`, the test
//! `only_http_has_a_policy_of_its_own`.
//!
//! S37. A delivery policy has at most 100 retries, delays from 1 second to an hour, and lasts an hour
//! at most. Source: SNS developer guide, "Creating an HTTP/S delivery policy". Shown by: the test
//! `a_policy_lasts_an_hour_at_most`.
//!
//! Simplified: the delays have no jitter. The service does not publish the formulas of its backoff
//! functions; here linear delays grow by equal steps, arithmetic ones by growing steps, geometric ones
//! by an equal factor, and exponential ones double until they reach the largest. The reasons for which
//! a delivery policy is refused are in own words.
//!
//! Left out: the throttle policy (`maxReceivesPerSecond`) and the content type of requests.

use explore::time::Span;
use serde_json::Value;
use std::sync::Arc;

/// How the delays of the third phase grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Backoff {
    /// By equal steps.
    #[default]
    Linear,
    /// By steps that grow.
    Arithmetic,
    /// By an equal factor.
    Geometric,
    /// They double until they reach the largest.
    Exponential,
}

impl Backoff {
    /// Its name in a policy.
    pub const fn name(self) -> &'static str {
        match self {
            Backoff::Linear => "linear",
            Backoff::Arithmetic => "arithmetic",
            Backoff::Geometric => "geometric",
            Backoff::Exponential => "exponential",
        }
    }

    fn named(name: &str) -> Option<Backoff> {
        let all = [
            Backoff::Linear,
            Backoff::Arithmetic,
            Backoff::Geometric,
            Backoff::Exponential,
        ];
        all.into_iter().find(|backoff| backoff.name() == name)
    }

    /// The delay before the `at`-th of `of` retries, counted from 0, in milliseconds.
    fn delay(self, at: u64, of: u64, min: u64, max: u64) -> u64 {
        let last = of.saturating_sub(1);
        if last == 0 || max <= min {
            return min;
        }
        let growth = max - min;
        let share = |part: u64, whole: u64| {
            let grown = u128::from(growth) * u128::from(part) / u128::from(whole.max(1));
            min + u64::try_from(grown).unwrap_or(growth)
        };
        match self {
            Backoff::Linear => share(at, last),
            Backoff::Arithmetic => share(triangle(at), triangle(last)),
            Backoff::Geometric => geometric(at, last, min, max),
            Backoff::Exponential => {
                let factor = 1u64.checked_shl(u32::try_from(at).unwrap_or(u32::MAX));
                factor.map_or(max, |factor| min.saturating_mul(factor).min(max))
            }
        }
    }
}

/// The sum of the numbers up to this one.
const fn triangle(n: u64) -> u64 {
    n.saturating_mul(n.saturating_add(1)) / 2
}

/// `min` times the `at`-th power of the factor of which the `last`-th power leads to `max`, with 24
/// binary digits after the point.
fn geometric(at: u64, last: u64, min: u64, max: u64) -> u64 {
    const ONE: u128 = 1 << 24;
    let grown = |factor: u128, times: u64| {
        let mut value = u128::from(min) * ONE;
        for _ in 0..times {
            value = value.saturating_mul(factor) / ONE;
            if value > u128::from(max) * ONE {
                break;
            }
        }
        value
    };
    let (mut low, mut high) = (ONE, ONE * u128::from(max / min.max(1) + 1));
    while high - low > 1 {
        let middle = low.midpoint(high);
        if grown(middle, last) <= u128::from(max) * ONE {
            low = middle;
        } else {
            high = middle;
        }
    }
    u64::try_from(grown(low, at) / ONE).unwrap_or(max).min(max)
}

/// The phases of retrying: `healthyRetryPolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RetryPolicy {
    /// `minDelayTarget`, in seconds.
    pub min_delay_target: u32,
    /// `maxDelayTarget`, in seconds.
    pub max_delay_target: u32,
    /// `numRetries`: all phases together.
    pub num_retries: u32,
    /// `numNoDelayRetries`: the first phase.
    pub num_no_delay_retries: u32,
    /// `numMinDelayRetries`: the second phase.
    pub num_min_delay_retries: u32,
    /// `numMaxDelayRetries`: the fourth phase.
    pub num_max_delay_retries: u32,
    /// `backoffFunction`: how delays grow in the third phase.
    pub backoff_function: Backoff,
}

/// In which phase of retrying a retry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Without delay.
    Immediate,
    /// At the smallest delay.
    PreBackoff,
    /// With growing delays.
    Backoff,
    /// At the largest delay.
    PostBackoff,
}

impl RetryPolicy {
    /// Of endpoints that Amazon Web Services manage: Amazon SQS and AWS Lambda.
    pub const AWS_MANAGED: RetryPolicy = RetryPolicy {
        min_delay_target: 1,
        max_delay_target: 20,
        num_retries: 100_015,
        num_no_delay_retries: 3,
        num_min_delay_retries: 2,
        num_max_delay_retries: 100_000,
        backoff_function: Backoff::Exponential,
    };

    /// Of endpoints that customers manage, other than HTTP and HTTPS: e-mail, text messages, push
    /// messages to phones. 50 attempts in more than six hours.
    pub const CUSTOMER_MANAGED: RetryPolicy = RetryPolicy {
        min_delay_target: 10,
        max_delay_target: 600,
        num_retries: 50,
        num_no_delay_retries: 0,
        num_min_delay_retries: 2,
        num_max_delay_retries: 38,
        backoff_function: Backoff::Exponential,
    };

    /// Of HTTP and HTTPS endpoints, if nothing else is set.
    pub const HTTP: RetryPolicy = RetryPolicy {
        min_delay_target: 20,
        max_delay_target: 20,
        num_retries: 3,
        num_no_delay_retries: 0,
        num_min_delay_retries: 0,
        num_max_delay_retries: 0,
        backoff_function: Backoff::Linear,
    };

    /// The phase of the `retry`-th retry, counted from 1; none when all are used up.
    pub fn phase(&self, retry: u32) -> Option<Phase> {
        let pre = self
            .num_no_delay_retries
            .saturating_add(self.num_min_delay_retries);
        if retry == 0 || retry > self.num_retries {
            None
        } else if retry <= self.num_no_delay_retries {
            Some(Phase::Immediate)
        } else if retry <= pre {
            Some(Phase::PreBackoff)
        } else if retry <= self.num_retries.saturating_sub(self.num_max_delay_retries) {
            Some(Phase::Backoff)
        } else {
            Some(Phase::PostBackoff)
        }
    }

    /// How long after a failure the `retry`-th retry comes, counted from 1; none when all are used
    /// up.
    pub fn delay(&self, retry: u32) -> Option<Span> {
        let (min, max) = (
            u64::from(self.min_delay_target) * 1000,
            u64::from(self.max_delay_target) * 1000,
        );
        let ms = match self.phase(retry)? {
            Phase::Immediate => 0,
            Phase::PreBackoff => min,
            Phase::Backoff => {
                let before = self
                    .num_no_delay_retries
                    .saturating_add(self.num_min_delay_retries);
                let others = before.saturating_add(self.num_max_delay_retries);
                let at = retry.saturating_sub(before).saturating_sub(1);
                let of = self.num_retries.saturating_sub(others);
                self.backoff_function.delay(at.into(), of.into(), min, max)
            }
            Phase::PostBackoff => max,
        };
        Some(Span::from_ms(ms))
    }

    /// Reads `healthyRetryPolicy`, or `defaultHealthyRetryPolicy` of a topic. What is left out is as
    /// in the [policy for HTTP](RetryPolicy::HTTP).
    ///
    /// # Errors
    /// Why it is refused.
    pub fn read(value: &Value) -> Result<RetryPolicy, Arc<str>> {
        let fields = value
            .as_object()
            .ok_or("healthyRetryPolicy must be an object")?;
        let mut policy = RetryPolicy::HTTP;
        let mut largest = None;
        for (name, value) in fields {
            if name == "backoffFunction" {
                let backoff = value.as_str().and_then(Backoff::named);
                policy.backoff_function = backoff.ok_or(
                    "healthyRetryPolicy.backoffFunction must be arithmetic, exponential, geometric or linear",
                )?;
                continue;
            }
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            let bounded = |low, high| match number {
                Some(number) if (low..=high).contains(&number) => Ok(number),
                _ => Err(Arc::from(format!(
                    "healthyRetryPolicy.{name} must be a number from {low} to {high}"
                ))),
            };
            match name.as_str() {
                "minDelayTarget" => policy.min_delay_target = bounded(1, 3600)?,
                "maxDelayTarget" => largest = Some(bounded(1, 3600)?),
                "numRetries" => policy.num_retries = bounded(0, 100)?,
                "numNoDelayRetries" => policy.num_no_delay_retries = bounded(0, 100)?,
                "numMinDelayRetries" => policy.num_min_delay_retries = bounded(0, 100)?,
                "numMaxDelayRetries" => policy.num_max_delay_retries = bounded(0, 100)?,
                _ => return Err(format!("healthyRetryPolicy has no field {name}").into()),
            }
        }
        policy.max_delay_target = largest.unwrap_or(policy.min_delay_target.max(20));
        if policy.max_delay_target < policy.min_delay_target {
            return Err(
                "healthyRetryPolicy.maxDelayTarget must not be below minDelayTarget".into(),
            );
        }
        let phases = policy.num_no_delay_retries
            + policy.num_min_delay_retries
            + policy.num_max_delay_retries;
        if phases > policy.num_retries {
            return Err(
                "healthyRetryPolicy.numRetries must not be below the sum of its phases".into(),
            );
        }
        let delays = (1..=policy.num_retries).filter_map(|retry| policy.delay(retry));
        if delays.map(|delay| delay.0).sum::<u64>() > Span::from_ms(3_600_000).0 {
            return Err("healthyRetryPolicy must not last longer than 3600 seconds".into());
        }
        Ok(policy)
    }

    /// The policy as `healthyRetryPolicy` writes it.
    pub fn text(&self) -> String {
        format!(
            "{{\"minDelayTarget\":{},\"maxDelayTarget\":{},\"numRetries\":{},\"numMaxDelayRetries\":{},\"numNoDelayRetries\":{},\"numMinDelayRetries\":{},\"backoffFunction\":\"{}\"}}",
            self.min_delay_target,
            self.max_delay_target,
            self.num_retries,
            self.num_max_delay_retries,
            self.num_no_delay_retries,
            self.num_min_delay_retries,
            self.backoff_function.name()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn delays(policy: &RetryPolicy) -> Vec<u64> {
        let seconds = |retry| policy.delay(retry).map(|delay| delay.0 / 1_000_000);
        (1..=policy.num_retries).map_while(seconds).collect()
    }

    #[test]
    fn phases_follow_each_other() {
        let policy = RetryPolicy::read(&json!({
            "minDelayTarget": 5, "maxDelayTarget": 35, "numRetries": 8, "numNoDelayRetries": 1,
            "numMinDelayRetries": 1, "numMaxDelayRetries": 2, "backoffFunction": "linear"
        }))
        .expect("a good policy");
        assert_eq!(delays(&policy), [0, 5, 5, 15, 25, 35, 35, 35]);
        let phases: Vec<Phase> = (1..=8).filter_map(|retry| policy.phase(retry)).collect();
        assert_eq!(phases[0], Phase::Immediate);
        assert_eq!(phases[1], Phase::PreBackoff);
        assert_eq!(phases[2..6], [Phase::Backoff; 4]);
        assert_eq!(phases[6..], [Phase::PostBackoff; 2]);
        assert_eq!((policy.phase(0), policy.phase(9)), (None, None));
    }

    #[test]
    fn a_queue_is_tried_for_23_days() {
        let policy = RetryPolicy::AWS_MANAGED;
        assert_eq!(delays(&policy)[..7], [0, 0, 0, 1, 1, 1, 2]);
        assert_eq!(delays(&policy)[7..12], [4, 8, 16, 20, 20]);
        let all: u64 = delays(&policy).iter().sum();
        assert_eq!((all / 86_400, delays(&policy).len()), (23, 100_015));
    }

    #[test]
    fn each_backoff_grows_from_the_smallest_to_the_largest() {
        for backoff in ["linear", "arithmetic", "geometric", "exponential"] {
            let backoff = Backoff::named(backoff).expect("a name");
            let delays: Vec<u64> = (0..12).map(|at| backoff.delay(at, 12, 5, 300)).collect();
            assert_eq!(delays[0], 5, "{backoff:?}");
            assert!(
                delays.is_sorted() && (299..=300).contains(&delays[11]),
                "{delays:?}"
            );
        }
    }

    #[test]
    fn a_policy_lasts_an_hour_at_most() {
        let policy = |retries: u32, delay: u32| {
            RetryPolicy::read(&json!({
                "numRetries": retries, "minDelayTarget": delay, "maxDelayTarget": delay
            }))
        };
        assert!(policy(100, 36).is_ok() && policy(100, 37).is_err() && policy(101, 1).is_err());
        assert!(policy(1, 0).is_err() && policy(1, 3600).is_ok() && policy(1, 3601).is_err());
    }
}
