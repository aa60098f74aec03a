//! Dates: virtual time as the service and its tools print it.
//!
//! Virtual time 0 is the beginning of the year 2026, UTC.

use explore::time::Instant;

/// Seconds from the beginning of 1970 to virtual time 0.
pub const SECONDS_AT_ZERO: u64 = 1_767_225_600;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The first day of 1970 was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

struct Date {
    year: u64,
    /// From 1.
    month: u64,
    /// From 1.
    day: u64,
    days_since_1970: u64,
    second_of_day: u64,
    microsecond: u64,
}

fn date(at: Instant) -> Date {
    let seconds = at.0 / 1_000_000 + SECONDS_AT_ZERO;
    let days = seconds / 86_400;
    // Years begin in March here, so that a leap day is the last of its year; 719 468 days lie
    // between the first of March of the year 0 and 1970.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12 + 1;
    Date {
        year: era * 400 + year_of_era + u64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        days_since_1970: days,
        second_of_day: seconds % 86_400,
        microsecond: at.0 % 1_000_000,
    }
}

/// As the service's errors print it: `Thu Jan 01 00:05:31 UTC 2026`.
pub fn in_words(at: Instant) -> String {
    let date = date(at);
    let name = |names: &[&'static str], number: u64| names.get(number as usize).copied();
    format!(
        "{} {} {:02} {:02}:{:02}:{:02} UTC {}",
        name(&DAYS, date.days_since_1970 % 7).unwrap_or_default(),
        name(&MONTHS, date.month - 1).unwrap_or_default(),
        date.day,
        date.second_of_day / 3_600,
        date.second_of_day / 60 % 60,
        date.second_of_day % 60,
        date.year,
    )
}

/// As the command line prints it: `2026-01-01T00:05:31+00:00`, with microseconds unless they are 0.
pub fn in_iso(at: Instant) -> String {
    let date = date(at);
    let fraction = match date.microsecond {
        0 => String::new(),
        fraction => format!(".{fraction:06}"),
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}+00:00",
        date.year,
        date.month,
        date.day,
        date.second_of_day / 3_600,
        date.second_of_day / 60 % 60,
        date.second_of_day % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let days = |days: u64| Instant(days * 86_400_000_000);
        assert_eq!(
            in_words(Instant(331_000_000)),
            "Thu Jan 01 00:05:31 UTC 2026"
        );
        assert_eq!(
            in_iso(Instant(1_500_000)),
            "2026-01-01T00:00:01.500000+00:00"
        );
        assert_eq!(in_iso(days(59)), "2026-03-01T00:00:00+00:00");
        assert_eq!(in_iso(days(364)), "2026-12-31T00:00:00+00:00");
        // 2028 has a leap day.
        assert_eq!(in_words(days(730 + 59)), "Tue Feb 29 00:00:00 UTC 2028");
    }
}
