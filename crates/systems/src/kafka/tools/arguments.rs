//! The arguments behind a tool's name.
//!
//! # Rules
//! 1. An argument begins with `--`; its value is the next word, or stands behind `=`. Source: the
//!    libraries that the tools read them with, joptsimple and argparse4j.
//! 2. Given twice, the last one counts, where the tool does not take a list.
//!
//! Left out: shortened names.

use super::Refusal;
use std::str::FromStr;

/// What follows an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A value.
    Value,
    /// A value, or nothing.
    Maybe,
}

/// An argument that a tool knows.
pub type Known = (&'static str, Takes);

/// How a tool is told where the cluster is. There is only one here.
const CONNECTION: [Known; 2] = [
    ("--bootstrap-server", Takes::Value),
    ("--command-config", Takes::Value),
];

/// The arguments of one command.
#[derive(Clone, Debug)]
pub struct Arguments<'a> {
    tool: &'static str,
    given: Vec<(&'static str, Option<&'a str>)>,
}

impl<'a> Arguments<'a> {
    /// Reads them.
    ///
    /// # Errors
    /// [`Refusal::UnknownArgument`], [`Refusal::MissingValue`], and [`Refusal::BadValue`] where a value
    /// stands and none should.
    pub fn read(
        tool: &'static str,
        known: &[Known],
        args: &[&'a str],
    ) -> Result<Arguments<'a>, Refusal> {
        let mut given = Vec::new();
        let mut left = args.iter().copied().peekable();
        while let Some(word) = left.next() {
            let (name, behind) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let all = known.iter().chain(&CONNECTION);
            let Some(&(name, takes)) = all.clone().find(|(known, _)| *known == name) else {
                return Err(Refusal::UnknownArgument {
                    tool,
                    argument: word.to_owned(),
                    known: known.iter().map(|(name, _)| *name).collect(),
                });
            };
            let value = match (takes, behind) {
                (Takes::Nothing, None) => None,
                (Takes::Nothing, Some(value)) => {
                    return Err(Refusal::BadValue {
                        tool,
                        argument: name,
                        value: value.to_owned(),
                        expected: "nothing",
                    });
                }
                (Takes::Value | Takes::Maybe, Some(value)) => Some(value),
                (Takes::Value, None) => {
                    let next = left.next();
                    Some(next.ok_or(Refusal::MissingValue {
                        tool,
                        argument: name,
                    })?)
                }
                (Takes::Maybe, None) => left.next_if(|next| !next.starts_with("--")),
            };
            given.push((name, value));
        }
        Ok(Arguments { tool, given })
    }

    /// Whether it was given.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| *given == name)
    }

    /// All its values.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let of = self.given.iter().filter(move |(given, _)| *given == name);
        of.filter_map(|(_, value)| *value)
    }

    /// Its value.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.values(name).last()
    }

    /// Its value as a number.
    ///
    /// # Errors
    /// [`Refusal::BadValue`].
    pub fn number<N: FromStr>(&self, name: &'static str) -> Result<Option<N>, Refusal> {
        let read = |value: &str| value.parse().map_err(|_| self.bad(name, "a whole number"));
        self.value(name).map(read).transpose()
    }

    /// That its value is not what it should be.
    pub fn bad(&self, name: &'static str, expected: &'static str) -> Refusal {
        Refusal::BadValue {
            tool: self.tool,
            argument: name,
            value: self.value(name).unwrap_or_default().to_owned(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Known; 3] = [
        ("--list", Takes::Nothing),
        ("--topic", Takes::Value),
        ("--state", Takes::Maybe),
    ];

    fn check(args: &[&str], expected: Result<&[(&str, Option<&str>)], &str>) {
        let read = Arguments::read("a-tool", &KNOWN, args);
        match (read, expected) {
            (Ok(read), Ok(given)) => assert_eq!(read.given, given, "{args:?}"),
            (Err(refusal), Err(text)) => assert_eq!(refusal.to_string(), text, "{args:?}"),
            (read, expected) => panic!("{args:?}: {read:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn values_stand_behind_or_after_an_equals_sign() {
        check(&[], Ok(&[]));
        check(&["--list"], Ok(&[("--list", None)]));
        check(&["--topic", "a"], Ok(&[("--topic", Some("a"))]));
        check(&["--topic=a=b"], Ok(&[("--topic", Some("a=b"))]));
        check(
            &["--state", "--list"],
            Ok(&[("--state", None), ("--list", None)]),
        );
        check(&["--state", "Empty"], Ok(&[("--state", Some("Empty"))]));
        check(
            &["--bootstrap-server", "here:9092"],
            Ok(&[("--bootstrap-server", Some("here:9092"))]),
        );
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        check(
            &["--liste"],
            Err("a-tool: `--liste` is not known here; known are: --list, --topic, --state"),
        );
        check(
            &["orders"],
            Err("a-tool: `orders` is not known here; known are: --list, --topic, --state"),
        );
        check(
            &["--topic"],
            Err("a-tool: nothing follows `--topic`; write its value behind it"),
        );
        check(
            &["--list=yes"],
            Err("a-tool: `yes` behind `--list` cannot be read; write nothing"),
        );
    }
}
