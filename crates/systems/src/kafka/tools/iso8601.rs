//! Times and spans as ISO 8601 writes them.

/// A span such as `PT1H30M`, `P1D` or `-PT5M`, in milliseconds.
pub fn duration(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let text = text.strip_prefix('P')?;
    let (days, time) = match text.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (text, None),
    };
    if time.map_or(days.is_empty(), str::is_empty) {
        return None;
    }
    let mut sum = 0_i64;
    let mut add = |text: &str, units: &[(char, i64)]| -> Option<()> {
        let mut number = String::new();
        let mut units = units.iter();
        for letter in text.chars() {
            if letter.is_ascii_digit() || "-+".contains(letter) && number.is_empty() {
                number.push(letter);
                continue;
            }
            let (_, ms) = units.find(|(unit, _)| *unit == letter)?;
            let count: i64 = number.parse().ok()?;
            sum = sum.checked_add(count.checked_mul(*ms)?)?;
            number.clear();
        }
        number.is_empty().then_some(())
    };
    add(days, &[('D', 86_400_000)])?;
    add(
        time.unwrap_or_default(),
        &[('H', 3_600_000), ('M', 60_000), ('S', 1_000)],
    )?;
    Some(sign * sum)
}

/// A time such as `2026-11-21T12:00:00.000` or with a zone behind it, `Z`, `+01:00` or `+0100`, as a Unix
/// time in milliseconds. Without a zone it is UTC.
pub fn datetime(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let (time, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => (time.get(..at)?, zone(time.get(at..)?)?),
        None => (time, 0),
    };
    let [year, month, day] = numbers(date, '-')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = numbers(time, ':')?;
    let ms: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_time = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    if !is_date || !is_time || !(0..=9_999).contains(&year) {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - zone;
    Some(seconds * 1_000 + ms)
}

/// Days from the beginning of Unix time, by the rules of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the day of a leap year comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let numbers: Option<Vec<i64>> = text.split(between).map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// What a zone is ahead of UTC, in seconds.
fn zone(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.get(1..)?.chars().filter(|one| *one != ':').collect();
    let digits = format!("{digits:0<4}");
    let (hours, minutes): (i64, i64) = (
        digits.get(..2)?.parse().ok()?,
        digits.get(2..4)?.parse().ok()?,
    );
    Some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(duration(text), ms, "{text}");
        check("PT2S", Some(2_000));
        check("P1DT1H1M", Some(90_060_000));
        check("P1D", Some(86_400_000));
        check("-PT1H", Some(-3_600_000));
        check("PT", None);
        check("P1DT", None);
        check("P", None);
        check("2S", None);
        check("PT1S1H", None);
        check("PTS", None);
    }

    #[test]
    fn times_are_read() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(datetime(text), ms, "{text}");
        check("1970-01-01T00:00:00.000", Some(0));
        check("1970-01-01T00:00:00", Some(0));
        check("2020-09-13T12:26:40.001", Some(1_600_000_000_001));
        check("2020-09-13T12:26:40.001Z", Some(1_600_000_000_001));
        check("2020-09-13T14:26:40.001+02:00", Some(1_600_000_000_001));
        check("2020-09-13T09:26:40.001-0300", Some(1_600_000_000_001));
        check("2024-02-29T00:00:00.5", Some(1_709_164_800_500));
        check("1969-12-31T23:59:59.999", Some(-1));
        check("2020-13-01T00:00:00", None);
        check("2020-09-13", None);
        check("T", None);
        check("2020-09-13T12:26:40.", Some(1_600_000_000_000));
    }
}
