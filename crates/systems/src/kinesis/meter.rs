//! Meters: how much went through a shard in the running second.
//!
//! # Rules
//! K6. A shard takes up to 1 MiB (keys counted) and 1000 records a second, and gives up to 2 MiB a
//! second and five GetRecords calls a second to all readers together; beyond that it refuses with
//! ProvisionedThroughputExceededException, and nothing is stored or read. Source: developer guide,
//! "Quotas and limits". Shown by: the test `a_shard_takes_a_thousand_records_a_second`,
//! the test `a_shard_answers_five_reads_a_second`.
//!
//! K7. A GetRecords call may return up to 10 MiB at once; calls within the next five seconds are
//! then refused. Source: API reference, GetRecords. Shown by: the test `a_large_read_is_paid_for_later`.
//!
//! Simplified: AWS does not document when its seconds begin. Here a second begins with the first
//! request after the one before it.

use crate::visit::{Visit, Visitor};
use explore::time::{Instant, Span};

/// Counts units (bytes, records, calls) against a rate per second.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Meter {
    began: Instant,
    units: u64,
}

impl Meter {
    /// What was used of the second that runs at `now`.
    pub fn used(&self, now: Instant, rate: u64) -> u64 {
        match now < self.free_at(rate) {
            true => self.units,
            false => 0,
        }
    }

    /// Uses some units. More than the rate at once makes the second so much longer.
    pub fn take(&mut self, now: Instant, units: u64, rate: u64) {
        let used = self.used(now, rate);
        if used == 0 {
            self.began = now;
        }
        self.units = used.saturating_add(units);
    }

    /// When the second ends that runs now; a meter nobody has used is free.
    pub fn free_at(&self, rate: u64) -> Instant {
        if self.units == 0 {
            return Instant(0);
        }
        let micros = u128::from(self.units) * 1_000_000 / u128::from(rate.max(1));
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.began + Span(micros.max(1_000_000))
    }
}

impl Visit for Meter {
    fn visit(&mut self, visitor: &mut impl Visitor) {
        self.began.visit(visitor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_empty_after_its_second() {
        let mut meter = Meter::default();
        assert_eq!(meter.used(Instant(0), 10), 0);
        meter.take(Instant(5), 4, 10);
        meter.take(Instant(500_000), 6, 10);
        assert_eq!(meter.used(Instant(1_000_004), 10), 10);
        assert_eq!(meter.used(Instant(1_000_005), 10), 0);
        meter.take(Instant(2_000_000), 50, 10);
        assert_eq!(meter.free_at(10), Instant(7_000_000));
    }
}
