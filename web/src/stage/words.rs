//! How names, numbers, spans and values are written for people.

use engine::Span;
use engine::handler::Value;

/// "ord_12", "ord_12 and ord_13", "ord_12, ord_13 and ord_14".
pub fn list(items: &[String]) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// "is" for one name, "are" for more.
pub const fn is(names: &[String]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

/// "it" for one name, "them" for more.
pub const fn them(names: &[String]) -> &'static str {
    if names.len() == 1 { "it" } else { "them" }
}

/// The same at the beginning of a sentence; a name is written as it is: "img_1", "email-1".
pub fn capital(words: &str) -> String {
    let first = words.split(' ').next().unwrap_or_default();
    let is_name = |letter: char| !letter.is_alphabetic() && !"’'".contains(letter);
    let mut letters = words.chars();
    match letters.next() {
        Some(letter) if !first.trim_end_matches([',', ':', '.']).contains(is_name) => {
            letter.to_uppercase().chain(letters).collect()
        }
        Some(_) | None => words.to_owned(),
    }
}

/// "charges" of "charge", "entries" of "entry".
pub fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

/// "once", "twice", "3 times".
pub fn times(times: u32) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    }
}

/// "1 more step", "7 more steps".
pub fn more_steps(count: usize) -> String {
    match count {
        1 => "1 more step".to_owned(),
        count => format!("{count} more steps"),
    }
}

/// "second", "third", "4th".
pub fn ordinal(nth: u32) -> String {
    match nth {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        nth => format!("{nth}th"),
    }
}

/// From here on a run's times are told in hours and minutes.
const LONG_MS: u64 = 600_000;

/// Whether a run that ends then is told in hours and minutes.
pub const fn is_long(end_ms: u64) -> bool {
    end_ms >= LONG_MS
}

/// A point of virtual time for a column of such, in seconds: "0.004", "51.005"; in a long run with hours and
/// minutes: "2:00:00.000".
pub fn clock(ms: u64, is_long: bool) -> String {
    let (seconds, rest) = (ms / 1_000, ms % 1_000);
    match is_long {
        false => format!("{}.{rest:03}", thousands(seconds)),
        true => format!(
            "{}:{:02}:{:02}.{rest:03}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        ),
    }
}

/// A span of virtual time in words, rounded to what matters: "250 ms", "2.5 s", "40 s", "15 minutes",
/// "8 hours", "8 h 30 min".
pub fn span(us: u64) -> String {
    Span(us).in_words()
}

/// A number with a narrow space between thousands.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A value as people read it: text without quotes.
pub fn said(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Nothing => "nothing".to_owned(),
        Value::Truth(true) => "yes".to_owned(),
        Value::Truth(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_name_as_it_is() {
        let check = |words, expected| assert_eq!(capital(words), expected);
        check("a record is settled", "A record is settled");
        check("img_1 is rendered twice", "img_1 is rendered twice");
        check("email-1: crashes", "email-1: crashes");
        check("nothing", "Nothing");
        check("", "");
    }

    #[test]
    fn a_column_of_times_is_in_seconds() {
        let check = |ms, expected| assert_eq!(clock(ms, false), expected);
        check(0, "0.000");
        check(6_003, "6.003");
        check(51_005, "51.005");
    }

    #[test]
    fn a_column_of_hours_is_in_hours() {
        let check = |ms, expected| assert_eq!(clock(ms, true), expected);
        check(0, "0:00:00.000");
        check(51_005, "0:00:51.005");
        check(7_261_020, "2:01:01.020");
    }
}
