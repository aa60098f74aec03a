//! Topic exchanges: how a binding key matches a routing key.
//!
//! M9. Keys are words separated by dots. In a binding key `*` stands for exactly one word, `#` for
//! any number of them, none included. An empty key has no words; two dots have an empty word between
//! them, which `*` matches. A `#` or `*` inside a word is a letter. Source: documentation, "Exchanges",
//! "Topic"; `rabbit_db_topic_exchange_SUITE`. Shown by: rabbitmq_topic_match, rabbitmq-topic-matrix,
//! the test `the_matcher_agrees_with_a_recursive_one`.
//!
//! M10. The main branch of 2026 refuses a new topic binding with more than two `#` words (setting
//! `topic_binding_wildcard_limit`). Source: `unit_topic_binding_validation_SUITE`. Shown by:
//! rabbitmq_topic_binding_limits.

use crate::pattern::Wildcards;

/// How [patterns](crate::pattern) are written here.
pub const WILDCARDS: Wildcards = Wildcards {
    one: "*",
    many: "#",
    least: 0,
};

/// The words of a key; an empty key has none.
pub(crate) fn words(key: &str) -> Vec<&str> {
    match key {
        "" => Vec::new(),
        key => key.split('.').collect(),
    }
}

/// Whether a message with `routing_key` goes by a binding with `binding_key`.
///
/// ```
/// use systems::rabbitmq::topic;
/// assert!(topic::matches("order.*.paid", "order.eu.paid"));
/// assert!(topic::matches("order.#", "order"));
/// assert!(!topic::matches("order.*", "order"));
/// ```
pub fn matches(binding_key: &str, routing_key: &str) -> bool {
    fits(&words(binding_key), &words(routing_key))
}

fn fits(pattern: &[&str], words: &[&str]) -> bool {
    // Whether the pattern so far matches the first n words, for every n.
    let mut row = vec![false; words.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    for part in pattern {
        let mut next = vec![false; row.len()];
        let mut earlier = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = row.get(at).copied().unwrap_or_default();
            let before = at.checked_sub(1);
            let before_matched = before.and_then(|at| row.get(at)).copied();
            let word = before.and_then(|at| words.get(at));
            *slot = match *part {
                "#" => {
                    earlier |= here;
                    earlier
                }
                "*" => before_matched.unwrap_or_default(),
                part => before_matched.unwrap_or_default() && word == Some(&part),
            };
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// What a word of a binding key makes of a routing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit<'a> {
    /// It is the same word.
    Equal,
    /// It is a wildcard, and stands for these words.
    StandsFor(Vec<&'a str>),
    /// It does not fit this word, or there is no word left for it.
    Differs(Option<&'a str>),
    /// A word before it does not fit, so nobody asks.
    NotAsked,
}

/// A binding key word for word against a routing key: why it matches, or the first word that does not fit.
/// Where the routing key goes on behind the binding key's last word, an empty word stands for its end.
///
/// ```
/// use systems::rabbitmq::topic::{Fit, compare};
/// assert_eq!(compare("order.#", "order.eu.paid"), [
///     ("order", Fit::Equal), ("#", Fit::StandsFor(vec!["eu", "paid"]))
/// ]);
/// assert_eq!(compare("order.us.*", "order.eu.paid"), [
///     ("order", Fit::Equal), ("us", Fit::Differs(Some("eu"))), ("*", Fit::NotAsked)
/// ]);
/// assert_eq!(compare("order", "order.eu"), [("order", Fit::Equal), ("", Fit::Differs(Some("eu")))]);
/// ```
pub fn compare<'a>(binding_key: &'a str, routing_key: &'a str) -> Vec<(&'a str, Fit<'a>)> {
    let (pattern, words) = (words(binding_key), words(routing_key));
    let is_match = fits(&pattern, &words);
    let mut left = &words[..];
    let mut found = Vec::new();
    let mut differs = false;
    for (at, &part) in pattern.iter().enumerate() {
        let rest = pattern.get(at + 1..).unwrap_or_default();
        let fit = match (part, left) {
            _ if differs => Fit::NotAsked,
            ("#", _) => {
                // As few words as the rest allows; where nothing matches, all that the rest leaves.
                let least = rest.iter().filter(|part| **part != "#").count();
                let most = left.len().saturating_sub(least);
                let mut counts = 0..=most;
                let takes = |count: &usize| is_match && fits(rest, &left[*count..]);
                let count = counts.find(takes).unwrap_or(most);
                let (taken, others) = left.split_at(count);
                left = others;
                Fit::StandsFor(taken.to_vec())
            }
            ("*", [word, others @ ..]) => {
                left = others;
                Fit::StandsFor(vec![word])
            }
            (part, [word, others @ ..]) if part == *word => {
                left = others;
                Fit::Equal
            }
            (_, left) => {
                differs = true;
                Fit::Differs(left.first().copied())
            }
        };
        found.push((part, fit));
    }
    if let (false, Some(word)) = (differs, left.first()) {
        found.push(("", Fit::Differs(Some(word))));
    }
    found
}

/// How many `#` words a new topic binding may have where they are limited.
pub const WILDCARD_LIMIT: usize = 2;

/// Whether a new binding may have this key where `#` words are limited.
pub fn is_within_limit(binding_key: &str) -> bool {
    let words = words(binding_key).into_iter();
    words.filter(|word| *word == "#").count() <= WILDCARD_LIMIT
}
