//! The rules a model follows, as its own module docs state them: each with its source and with the
//! case or test that shows it; and what the model leaves out.
//!
//! They are read from the engine's text, so that a page cannot say other rules than the code has.

/// A room of a model: one module's docs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// What it is about.
    pub title: &'static str,
    /// Its rules, in their order.
    pub rules: Vec<Rule>,
    /// What it leaves out or simplifies, a paragraph each.
    pub limits: Vec<String>,
}

/// A numbered rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The letters before its number: those of its system, whose rules are numbered throughout.
    /// Without letters, it is numbered in its room.
    pub prefix: String,
    /// Its number.
    pub number: usize,
    /// The rule, with its source; code stands between backticks.
    pub text: String,
    /// The cases and tests that show it.
    pub shown: Vec<String>,
}

/// Rooms by title and module: a path below the sources of the crate that is named first.
macro_rules! rooms {
    ($( $title:literal $krate:literal $path:literal ),* $(,)?) => {
        vec![$( $crate::rules::Room::of(
            $title,
            include_str!(concat!("../../", $krate, "/src/", $path, ".rs")),
        ), )*]
    };
}
pub(crate) use rooms;

/// How a paragraph begins that says what is not as in the real system.
const LIMITS: [&str; 5] = [
    "Left out",
    "Limits:",
    "Simplified",
    "Not here",
    "Replication (",
];

impl Room {
    /// The room of a module with these docs.
    pub fn of(title: &'static str, source: &str) -> Room {
        let paragraphs = paragraphs(source);
        let limits = paragraphs
            .iter()
            .filter(|text| LIMITS.iter().any(|begin| text.starts_with(begin)));
        Room {
            title,
            limits: limits.cloned().collect(),
            rules: paragraphs.iter().filter_map(|text| rule(text)).collect(),
        }
    }
}

/// The paragraphs of a module's docs; a numbered item is one.
fn paragraphs(source: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    // Which number the next item has; the first that has letters may begin anywhere.
    let mut next = None;
    let mut is_new = true;
    let mut is_code = false;
    for line in source.lines() {
        let Some(line) = line.strip_prefix("//!") else {
            break;
        };
        let line = line.trim();
        is_code ^= line.starts_with("```");
        if line.is_empty() || is_code || line.starts_with(['#', '-', '`']) && is_new {
            is_new = true;
            continue;
        }
        // A sentence may end a line before a number: only the next item's begins one.
        let item = number(line).filter(|(prefix, number, _)| {
            let first = if prefix.is_empty() { 1 } else { *number };
            *number == next.unwrap_or(first)
        });
        let is_item = item.is_some();
        next = item.map_or(next, |(_, number, _)| Some(number + 1));
        match all.last_mut() {
            Some(last) if !is_new && !is_item => {
                last.push(' ');
                last.push_str(line);
            }
            _ => all.push(line.to_owned()),
        }
        is_new = false;
    }
    all
}

/// The letters and the number that an item begins with, and what follows.
fn number(line: &str) -> Option<(&str, usize, &str)> {
    let (label, rest) = line.split_once(". ")?;
    let digits = label.find(|letter: char| !letter.is_ascii_uppercase())?;
    let (prefix, number) = label.split_at(digits);
    Some((prefix, number.parse().ok()?, rest))
}

fn rule(text: &str) -> Option<Rule> {
    let (prefix, number, text) = number(text)?;
    let (text, shown) = match text.split_once("Shown by:") {
        Some((text, shown)) => (text, shown),
        None => (text, ""),
    };
    let shown = shown.trim().trim_end_matches('.');
    let names = shown.split(", ").map(str::trim);
    Some(Rule {
        prefix: prefix.to_owned(),
        number,
        text: text.trim().to_owned(),
        shown: names
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MODELS;

    #[test]
    fn rules_and_limits_are_read_from_docs() {
        let room = Room::of(
            "A room",
            "//! A room.\n//!\n//! # Rules\n//! 1. One thing\n//!    goes on. Source: `A.b`. Shown by: a-case,\n\
             //!    the test `t`.\n//! 2. Another.\n//!\n//! Left out: all\n//! the rest.\n//!\n//! More.\n\nuse x;\n//! 3. No.\n",
        );
        let rule = |number, text: &str, shown: &[&str]| Rule {
            prefix: String::new(),
            number,
            text: text.to_owned(),
            shown: shown.iter().map(|&name| name.to_owned()).collect(),
        };
        assert_eq!(
            room.rules,
            [
                rule(
                    1,
                    "One thing goes on. Source: `A.b`.",
                    &["a-case", "the test `t`"]
                ),
                rule(2, "Another.", &[]),
            ]
        );
        assert_eq!(room.limits, ["Left out: all the rest."]);
        let room = Room::of("Another", "//! Q7. One.\n//!\n//! Q8. Two\n//! lines.\n");
        let read: Vec<_> = room
            .rules
            .iter()
            .map(|rule| (rule.prefix.as_str(), rule.number, rule.text.as_str()))
            .collect();
        assert_eq!(read, [("Q", 7, "One."), ("Q", 8, "Two lines.")]);
    }

    #[test]
    fn every_room_has_rules_or_limits_and_numbers_without_gaps() {
        for model in MODELS {
            let mut last = 0;
            for room in (model.rooms)() {
                for rule in &room.rules {
                    let is_first = room.rules.first() == Some(rule) && rule.prefix.is_empty();
                    let before = if is_first { 0 } else { last };
                    assert_eq!(rule.number, before + 1, "{}: {}", model.title, room.title);
                    last = rule.number;
                }
                assert!(
                    !room.rules.is_empty() || !room.limits.is_empty(),
                    "{} says nothing",
                    room.title
                );
            }
        }
    }
}
