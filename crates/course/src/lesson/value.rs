//! Numbers in prose: code spans that are computed from a run.
//!
//! `` `=SCENE [SETTING=OPTION …] [@MOMENT]: QUESTION` `` prints the number.
//! `` `two =SCENE …: QUESTION` `` prints "two", after it was found to be that number.

use super::scenes::{NoRun, Scenes, selection};
use crate::query::{Mistake, Query};
use std::ops::Range;

/// Words that say a number.
const WORDS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// The number that a text says.
fn number(text: &str) -> Option<i64> {
    let word = text.to_lowercase();
    match word.as_str() {
        "no" | "none" => Some(0),
        "once" => Some(1),
        "twice" => Some(2),
        _ => WORDS
            .iter()
            .position(|known| *known == word)
            .map(|at| at as i64)
            .or_else(|| {
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse().ok().filter(|_| digits)
            }),
    }
}

/// A computed number and how it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What the reader sees.
    pub text: String,
    /// The number.
    pub value: i64,
}

/// What is wrong with a value: in the bytes of the code span, unless the scene is to blame.
pub enum Wrong {
    /// In these.
    Here(Vec<Mistake>),
    /// In the scene, which is told where it is.
    Scene,
}

/// Whether a code span is a value at all.
pub fn is_value(code: &str) -> bool {
    let (before, asked) = match code.split_once('=') {
        Some((before, asked)) => (before, asked),
        None => return false,
    };
    // A word that says no number is a mistake where a question follows; `y =f(x)` is code.
    let is_said = |word: &str| {
        let is_word = !word.is_empty() && word.chars().all(char::is_alphanumeric);
        number(word).is_some() || is_word && asked.contains(": ")
    };
    let said = before.is_empty() || before.strip_suffix(' ').is_some_and(is_said);
    said && asked.starts_with(|letter: char| letter.is_ascii_alphanumeric())
}

/// Computes the number of a code span that is a value.
pub fn compute(code: &str, scenes: &Scenes) -> Result<Shown, Wrong> {
    let wrong = |at: Range<usize>, what: String, help: String| {
        Wrong::Here(vec![Mistake { at, what, help }])
    };
    let whole = 0..code.len();
    let form = || "write `=SCENE [SETTING=OPTION …] [@MOMENT]: QUESTION`".to_owned();
    let Some((before, asked)) = code.split_once('=') else {
        return Err(wrong(whole, "this is no value".to_owned(), form()));
    };
    let Some((place, question)) = asked.split_once(':') else {
        return Err(wrong(whole, "the question is missing".to_owned(), form()));
    };
    let (chosen, moment) = place
        .split_once('@')
        .map_or((place, None), |(chosen, moment)| (chosen, Some(moment)));
    let mut words = chosen.split_whitespace();
    let id = words.next().unwrap_or_default();
    let id_at = before.len() + 1..before.len() + 1 + id.len();
    let selection = selection(words).map_err(|why| {
        wrong(
            whole.clone(),
            why,
            "write SETTING=OPTION, such as guard=on".to_owned(),
        )
    })?;
    let run = scenes.run(id, &selection).map_err(|none| match none {
        NoRun::Mistaken => Wrong::Scene,
        NoRun::Unknown(what, help) => wrong(id_at, what, help),
    })?;
    // The question is read with its moment before it, and its mistakes moved to where they were written.
    let (text, shift) = match moment {
        Some(moment) => (
            format!("@{moment} {question}"),
            before.len() + 1 + chosen.len(),
        ),
        None => (question.to_owned(), code.len() - question.len()),
    };
    let moved = |mistake: Mistake| {
        let end = mistake.at.end.saturating_add(shift).min(code.len());
        Mistake {
            at: (mistake.at.start + shift).min(end)..end,
            ..mistake
        }
    };
    let query: Query = text
        .parse()
        .map_err(|mistake| Wrong::Here(vec![moved(mistake)]))?;
    let answer = scenes
        .ask(&run, &query)
        .map_err(|mistakes| Wrong::Here(mistakes.into_iter().map(moved).collect()))?;
    let said = before.trim_end();
    match answer {
        None => Err(wrong(
            whole,
            "the run gives nothing here".to_owned(),
            "ask at another moment, or something else".to_owned(),
        )),
        Some(value) if said.is_empty() => Ok(Shown {
            text: value.to_string(),
            value,
        }),
        Some(value) if number(said) == Some(value) => Ok(Shown {
            text: said.to_owned(),
            value,
        }),
        Some(value) if number(said).is_none() => Err(wrong(
            0..said.len(),
            format!("`{said}` says no number, and the run gives {value}"),
            "write the number in digits or as a word from zero to twenty".to_owned(),
        )),
        Some(value) => {
            let help = format!("write {value}, or correct the scene");
            Err(wrong(
                0..said.len(),
                format!("the text says {said}, and the run gives {value}"),
                help,
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_code_is_no_value() {
        let check = |code: &str, expected| assert_eq!(is_value(code), expected, "{code}");
        check("=crash: lost", true);
        check("two =crash: lost", true);
        check("Twice =crash: lost", true);
        check("4 =crash: lost", true);
        check("acks=all", false);
        check("none =crash: lost", true);
        check("many =crash: lost", true);
        check("x = crash: lost", false);
        check("y =f(x)", false);
        check("1 = 1", false);
        check("==", false);
        check("=", false);
        check("", false);
        check("enable.auto.commit=false", false);
    }
}
