//! Virtual time. It moves only when a step happens; nothing here reads a clock.

use crate::Weigh;
use serde::{Deserialize, Serialize};

/// A point of virtual time, in microseconds since the scene began.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Instant(pub u64);

/// A length of virtual time, in microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Weigh,
)]
pub struct Span(pub u64);

impl Span {
    /// A span given in milliseconds, the unit scenes and broker settings use.
    pub const fn from_ms(ms: u64) -> Self {
        Span(ms.saturating_mul(1000))
    }

    /// The span as people say it, rounded to what matters: "5 ms", "2.0 s", "40 s", "15 minutes" from ten
    /// minutes on, "8 hours" and "8 h 30 min" from two hours on.
    pub fn in_words(self) -> String {
        const SECOND: u64 = 1_000_000;
        const MINUTE: u64 = 60 * SECOND;
        let minutes = self.0 / MINUTE;
        match (self.0, minutes % 60) {
            (us @ 0..SECOND, _) => format!("{} ms", us / 1_000),
            (us, _) if us < 10 * SECOND => {
                let tenths = (us + SECOND / 20) / (SECOND / 10);
                format!("{}.{} s", tenths / 10, tenths % 10)
            }
            (us, _) if minutes < 10 => format!("{} s", (us + SECOND / 2) / SECOND),
            _ if minutes < 120 => format!("{minutes} minutes"),
            (_, 0) => format!("{} hours", minutes / 60),
            (_, rest) => format!("{} h {rest} min", minutes / 60),
        }
    }
}

impl Instant {
    /// The whole milliseconds, rounded down.
    pub const fn ms(self) -> u64 {
        self.0 / 1000
    }

    /// The span from `earlier` to this instant; zero when `earlier` is not earlier.
    pub const fn since(self, earlier: Instant) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Span> for Instant {
    type Output = Instant;
    fn add(self, span: Span) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

impl std::fmt::Display for Instant {
    /// Milliseconds with three digits: the microseconds are exact, never rounded.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

impl std::str::FromStr for Instant {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is not a time; write milliseconds with three digits, such as 12.500")
        };
        let (ms, us) = text.split_once('.').ok_or_else(wrong)?;
        if us.len() != 3 {
            return Err(wrong());
        }
        let ms: u64 = ms.parse().map_err(|_| wrong())?;
        let us: u64 = us.parse().map_err(|_| wrong())?;
        Ok(Instant(
            ms.checked_mul(1000)
                .and_then(|ms| ms.checked_add(us))
                .ok_or_else(wrong)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_the_unit_that_people_use() {
        let check = |ms, expected: &str| assert_eq!(Span::from_ms(ms).in_words(), expected);
        check(0, "0 ms");
        check(999, "999 ms");
        check(2_040, "2.0 s");
        check(40_400, "40 s");
        check(599_400, "599 s");
        check(900_000, "15 minutes");
        check(3_600_000, "60 minutes");
        check(8 * 3_600_000, "8 hours");
        check(8 * 3_600_000 + 1_800_000, "8 h 30 min");
    }
}
