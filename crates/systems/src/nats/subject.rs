//! Subjects: names of tokens between dots, and the wildcards of subscriptions.
//!
//! # Rules
//! N1. A subject is a row of tokens between dots. In a subscription `*` stands for exactly one token
//! and `>` for one or more, only at the end. A `*` or `>` that is only part of a token is a letter
//! like any other. Source: `sublist_test.go`, "TestSublistMatchLiterals". Shown by:
//! nats_subject_match, nats-core-wildcards.
//!
//! N2. A subject with an empty token is invalid and matches nothing. A message is published to a
//! subject without wildcards. Source: `sublist_test.go`, "TestSublistValidLiteralSubjects". Shown by:
//! nats_subject_validity.

use crate::pattern::Wildcards;

/// How [patterns](crate::pattern) are written here.
pub const WILDCARDS: Wildcards = Wildcards {
    one: "*",
    many: ">",
    least: 1,
};

/// Whether one can subscribe to it: no empty token, no white space, `>` only as the last token.
pub fn is_valid(subject: &str) -> bool {
    let mut open = false;
    for token in subject.split('.') {
        if open || token.is_empty() || token.contains(char::is_whitespace) {
            return false;
        }
        open = token == ">";
    }
    true
}

/// Whether one can publish to it: valid, and no token is a wildcard.
pub fn is_literal(subject: &str) -> bool {
    is_valid(subject) && subject.split('.').all(|token| token != "*" && token != ">")
}

/// Whether a subscription to `pattern` takes a message published to `subject`.
pub fn matches(pattern: &str, subject: &str) -> bool {
    if subject.split('.').any(str::is_empty) {
        return false;
    }
    let (mut wanted, mut given) = (pattern.split('.'), subject.split('.'));
    loop {
        match (wanted.next(), given.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some(want), Some(token)) if want == "*" || want == token => {}
            _ => return false,
        }
    }
}

/// Whether every subject that `subject` takes is also taken by `of`.
pub fn is_subset(subject: &str, of: &str) -> bool {
    let (mut narrow, mut wide) = (subject.split('.'), of.split('.'));
    loop {
        match (narrow.next(), wide.next()) {
            (Some(_), Some(">")) | (None, None) => return true,
            (Some(">"), _) => return false,
            (Some(_), Some("*")) => {}
            (Some(token), Some(want)) if token == want => {}
            _ => return false,
        }
    }
}

/// Whether some subject is taken by both.
pub fn collide(one: &str, other: &str) -> bool {
    let (mut a, mut b) = (one.split('.'), other.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(x), Some(y)) if x == y || x == "*" || y == "*" => {}
            _ => return false,
        }
    }
}
