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
