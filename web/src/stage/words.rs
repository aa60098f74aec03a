//! How names, numbers, spans and values are written for people.

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

/// A point of virtual time in seconds, for a column of such: "0.004", "51.005", "7\u{202f}200.000".
pub fn clock(ms: u64) -> String {
    format!("{}.{:03}", thousands(ms / 1_000), ms % 1_000)
}

/// A span of virtual time in words, rounded to what matters.
pub fn span(us: u64) -> String {
    match us {
        0..1_000_000 => format!("{} ms", us / 1_000),
        1_000_000..10_000_000 => {
            let tenths = (us + 50_000) / 100_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => format!("{} s", (us + 500_000) / 1_000_000),
    }
}

/// The same where it can be long: "15 minutes" from ten minutes on, "12 hours" from two hours on.
pub fn long_span(us: u64) -> String {
    const MINUTE: u64 = 60_000_000;
    match us / MINUTE {
        0..10 => span(us),
        minutes @ 10..120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
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
        let check = |ms, expected| assert_eq!(clock(ms), expected);
        check(0, "0.000");
        check(6_003, "6.003");
        check(51_005, "51.005");
        check(7_200_000, "7\u{202f}200.000");
    }
}
