//! The filter of a subscription: an expression over the attributes of a message.
//!
//! # Rules
//! P4. A filter looks at attributes only: `attributes:name` (there is one), `attributes.name = "value"`,
//! `attributes.name != "value"`, `hasPrefix(attributes.name, "begin")`, with `NOT` (or `-`), `AND`, `OR`
//! and parentheses; `AND` and `OR` are not mixed without parentheses. Operators are in capitals. Source:
//! "Filter messages from a subscription", "Filtering syntax". Shown by: pubsub-filter, the test
//! `filters_are_read_and_applied`.
//!
//! P5. `!=` holds also for a message without the attribute; values and names are case-sensitive. Source:
//! "Filtering syntax". Shown by: the test `filters_are_read_and_applied`.
//!
//! P6. A filter has at most 256 bytes; one that cannot be read is `INVALID_ARGUMENT`. Source: "Filter
//! messages from a subscription". Shown by: the test `malformed_filters_are_refused`.

use super::error::Error;
use super::message::Message;
use std::iter::Peekable;
use std::str::Chars;
use std::sync::Arc;

/// A filter that has been read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Filter {
    /// There is an attribute of this name.
    Has(Arc<str>),
    /// The attribute is there and has this value.
    Is(Arc<str>, Arc<str>),
    /// The attribute is there and its value begins so.
    Prefix(Arc<str>, Arc<str>),
    /// The other does not hold.
    Not(Box<Filter>),
    /// All hold.
    All(Vec<Filter>),
    /// At least one holds.
    Any(Vec<Filter>),
}

/// How many bytes a filter can have.
const MAX_BYTES: usize = 256;

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: it is too long or no filter.
    pub fn read(text: &str) -> Result<Filter, Error> {
        let refused = |why: &str| {
            let message = format!("Invalid filter syntax: {why} (filter={text}).");
            Error::invalid(message)
        };
        if text.len() > MAX_BYTES {
            return Err(refused("it is longer than 256 bytes"));
        }
        let words = words(text).map_err(|why| refused(&why))?;
        let mut reader = Reader { words: &words };
        let filter = reader.expression().map_err(|why| refused(&why))?;
        match reader.words.first() {
            None => Ok(filter),
            Some(word) => Err(refused(&format!("{word} is not expected"))),
        }
    }

    /// Whether a message passes.
    pub fn matches(&self, message: &Message) -> bool {
        match self {
            Filter::Has(name) => message.attribute(name).is_some(),
            Filter::Is(name, value) => message.attribute(name) == Some(&**value),
            Filter::Prefix(name, begin) => message
                .attribute(name)
                .is_some_and(|value| value.starts_with(&**begin)),
            Filter::Not(filter) => !filter.matches(message),
            Filter::All(filters) => filters.iter().all(|filter| filter.matches(message)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.matches(message)),
        }
    }
}

/// A word of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    /// A name or an operator.
    Name(String),
    /// A text in quotes.
    Text(String),
    /// A sign.
    Sign(&'static str),
}

impl std::fmt::Display for Word {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Word::Name(name) => write!(out, "`{name}`"),
            Word::Text(text) => write!(out, "{text:?}"),
            Word::Sign(sign) => write!(out, "`{sign}`"),
        }
    }
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut all = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&letter) = rest.peek() {
        if letter == '"' {
            rest.next();
            all.push(Word::Text(quoted(&mut rest)?));
            continue;
        }
        if letter.is_alphanumeric() || letter == '_' {
            let mut name = String::new();
            // A dash inside a name belongs to it; one before it negates.
            while let Some(next) =
                rest.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-'))
            {
                name.push(next);
            }
            all.push(Word::Name(name));
            continue;
        }
        rest.next();
        let sign = match letter {
            '.' => ".",
            ':' => ":",
            '=' => "=",
            '(' => "(",
            ')' => ")",
            ',' => ",",
            '-' => "-",
            '!' if rest.next_if_eq(&'=').is_some() => "!=",
            blank if blank.is_whitespace() => continue,
            other => return Err(format!("`{other}` is not expected")),
        };
        all.push(Word::Sign(sign));
    }
    Ok(all)
}

/// A text up to its closing quote.
fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match rest.next() {
            Some('"') => return Ok(text),
            Some('\\') => text.extend(rest.next()),
            Some(letter) => text.push(letter),
            None => return Err("a quote is not closed".to_owned()),
        }
    }
}

struct Reader<'a> {
    words: &'a [Word],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a Word> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.words.first(), Some(Word::Sign(other)) if *other == sign);
        if is_it {
            self.next();
        }
        is_it
    }

    fn take_name(&mut self, name: &str) -> bool {
        let is_it = matches!(self.words.first(), Some(Word::Name(other)) if other == name);
        if is_it {
            self.next();
        }
        is_it
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(format!("`{sign}` is expected")),
        }
    }

    fn expression(&mut self) -> Result<Filter, String> {
        let mut filters = vec![self.term()?];
        let mut joined: Option<&str> = None;
        loop {
            let word = match (self.take_name("AND"), joined) {
                (true, _) => "AND",
                (false, _) if self.take_name("OR") => "OR",
                _ => break,
            };
            if joined.is_some_and(|other| other != word) {
                return Err("AND and OR need parentheses between them".to_owned());
            }
            joined = Some(word);
            filters.push(self.term()?);
        }
        Ok(match (joined, filters.pop()) {
            (None, Some(only)) => only,
            (joined, last) => {
                filters.extend(last);
                match joined {
                    Some("OR") => Filter::Any(filters),
                    _ => Filter::All(filters),
                }
            }
        })
    }

    fn term(&mut self) -> Result<Filter, String> {
        if self.take_name("NOT") || self.take("-") {
            return Ok(Filter::Not(Box::new(self.term()?)));
        }
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take_name("hasPrefix") {
            self.expect("(")?;
            self.attributes()?;
            self.expect(".")?;
            let name = self.key()?;
            self.expect(",")?;
            let begin = self.text()?;
            self.expect(")")?;
            return Ok(Filter::Prefix(name, begin));
        }
        self.attributes()?;
        if self.take(":") {
            return Ok(Filter::Has(self.key()?));
        }
        self.expect(".")?;
        let name = self.key()?;
        if self.take("!=") {
            return Ok(Filter::Not(Box::new(Filter::Is(name, self.text()?))));
        }
        self.expect("=")?;
        Ok(Filter::Is(name, self.text()?))
    }

    fn attributes(&mut self) -> Result<(), String> {
        match self.take_name("attributes") {
            true => Ok(()),
            false => Err("`attributes` is expected".to_owned()),
        }
    }

    fn key(&mut self) -> Result<Arc<str>, String> {
        match self.next() {
            Some(Word::Name(name) | Word::Text(name)) => Ok(name.as_str().into()),
            _ => Err("the name of an attribute is expected".to_owned()),
        }
    }

    fn text(&mut self) -> Result<Arc<str>, String> {
        match self.next() {
            Some(Word::Text(text)) => Ok(text.as_str().into()),
            _ => Err("a value in quotes is expected".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pubsub::message::PubsubMessage;
    use explore::time::Instant;

    #[test]
    fn filters_are_read_and_applied() {
        let mut sent = PubsubMessage::of("m");
        let attributes = [
            ("color", "red"),
            ("size", "10"),
            ("a b", "x\"y"),
            ("my-key", "1"),
        ];
        sent.attributes = attributes
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let message = Message::new(1, Instant(0), sent);
        let check = |filter: &str, passes: bool| {
            let read = Filter::read(filter).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(read.matches(&message), passes, "{filter}");
        };
        check("attributes:color", true);
        check("attributes:Color", false);
        check("attributes.color = \"red\"", true);
        check("attributes.color=\"Red\"", false);
        check("attributes.color != \"red\"", false);
        check("attributes.none != \"red\"", true);
        check("NOT attributes:none", true);
        check("-attributes:color", false);
        check("attributes.my-key = \"1\"", true);
        check("attributes.\"a b\" = \"x\\\"y\"", true);
        check("hasPrefix(attributes.color, \"re\")", true);
        check("hasPrefix(attributes.none, \"\")", false);
        check(
            "attributes:color AND attributes:size AND attributes:none",
            false,
        );
        check("attributes:none OR attributes:size", true);
        check(
            "(attributes:none OR attributes:size) AND attributes:color",
            true,
        );
        check("NOT (attributes:none OR attributes:size)", false);
    }

    #[test]
    fn malformed_filters_are_refused() {
        let check = |filter: &str| {
            let error = Filter::read(filter).expect_err(filter);
            assert_eq!(error.code.name(), "INVALID_ARGUMENT");
        };
        check("");
        check("color = \"red\"");
        check("attributes.color");
        check("attributes.color = red");
        check("attributes.color = \"red");
        check("attributes:a and attributes:b");
        check("attributes:a AND attributes:b OR attributes:c");
        check("(attributes:a");
        check("attributes:a)");
        check("attributes.a ! \"b\"");
        check("hasPrefix(attributes.a)");
        check(&format!("attributes:{}", "x".repeat(256)));
    }
}
