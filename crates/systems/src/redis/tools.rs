//! What `redis-cli` prints.
//!
//! R37. `redis-cli` at a terminal numbers the elements of a list, sets nested lists in below their
//! number, quotes texts, and marks numbers, nil and errors. Source: redis-cli of 7.0. Shown by: the
//! test `xinfo_is_printed_as_redis_cli_does`, the test `nested_lists_are_numbered_and_set_in`.
//!
//! Left out: the colours and tables of RESP3, `--csv`, `--raw`, `MONITOR`.

use super::wire::{Element, Reply, Request};
use super::{Caller, Instant, Out, Redis};
use crate::server::Server;
use std::fmt::Write;
use std::sync::Arc;

/// What `redis-cli` prints for a command, asked at this time. The server is only looked at: a command
/// that would change it changes nothing.
///
/// ```
/// use systems::redis::{Redis, tools::redis_cli};
/// use systems::Instant;
///
/// let redis = Redis::default();
/// assert_eq!(redis_cli(&redis, Instant(0), "XLEN s"), "(integer) 0\n");
/// assert_eq!(redis_cli(&redis, Instant(0), "XINFO STREAM s"), "(error) ERR no such key\n");
/// assert_eq!(redis_cli(&redis, Instant(0), "PUBSUB CHANNELS"), "(empty array)\n");
/// ```
pub fn redis_cli(redis: &Redis, now: Instant, line: &str) -> String {
    let Some(words) = words(line) else {
        return "Invalid argument(s)\n".to_owned();
    };
    if words.is_empty() {
        return String::new();
    }
    let me = Caller {
        client: u8::MAX,
        connection: u16::MAX,
    };
    let (mut redis, mut out) = (redis.clone(), Out::default());
    redis.handle(now, me, Request::words(words), &mut out);
    let mine = out.to.iter().filter(|(to, _)| *to == me);
    mine.map(|(_, reply)| printed(reply)).collect()
}

/// A reply as `redis-cli` prints it.
pub fn printed(reply: &Reply) -> String {
    let mut out = String::new();
    print(reply, "", &mut out);
    out
}

fn print(reply: &Reply, prefix: &str, out: &mut String) {
    let line = match reply {
        Reply::Status(status) => (*status).to_owned(),
        Reply::Error(error) => format!("(error) {error}"),
        Reply::Integer(number) => format!("(integer) {number}"),
        Reply::Text(text) | Reply::Element(Element { text, .. }) => quoted(text),
        Reply::Id(id) => quoted(&id.to_string()),
        Reply::Nil => "(nil)".to_owned(),
        Reply::Closed => "Error: Server closed the connection".to_owned(),
        Reply::Entry(id, entry) => {
            let fields = entry.as_ref().map_or(Reply::Nil, |entry| {
                Reply::List(entry.fields.iter().cloned().map(Reply::Text).collect())
            });
            return print(&Reply::List(vec![Reply::Id(*id), fields]), prefix, out);
        }
        Reply::List(list) if list.is_empty() => "(empty array)".to_owned(),
        Reply::List(list) => {
            let width = list.len().to_string().len();
            let inner = format!("{prefix}{}", " ".repeat(width + 2));
            for (at, one) in list.iter().enumerate() {
                // The parent has already written what stands before the first element.
                let before = if at == 0 { "" } else { prefix };
                let number = at + 1;
                // Writing to a text cannot fail.
                let _ = write!(out, "{before}{number:>width$}) ");
                print(one, &inner, out);
            }
            return;
        }
    };
    out.push_str(&line);
    out.push('\n');
}

/// A text in quotes, with what a terminal cannot show as escapes.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for byte in text.bytes() {
        match byte {
            b'\\' | b'"' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            7 => out.push_str("\\a"),
            8 => out.push_str("\\b"),
            b' '..=b'~' => out.push(char::from(byte)),
            other => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\x{other:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// The words of a line; a word in quotes can have blanks. Nothing, where a quote is not closed.
fn words(line: &str) -> Option<Vec<Arc<str>>> {
    let mut all = Vec::new();
    let mut letters = line.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        let Some(first) = letters.peek().copied() else {
            return Some(all);
        };
        let mut word = String::new();
        if first == '"' || first == '\'' {
            letters.next();
            loop {
                match letters.next()? {
                    '\\' => word.push(letters.next()?),
                    letter if letter == first => break,
                    letter => word.push(letter),
                }
            }
            if letters.peek().is_some_and(|letter| !letter.is_whitespace()) {
                return None;
            }
        } else {
            while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace()) {
                word.push(letter);
            }
        }
        all.push(Arc::from(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_lists_are_numbered_and_set_in() {
        let list = |list: Vec<Reply>| Reply::List(list);
        let texts = list(vec![Reply::text("a b"), Reply::text("\"é\n")]);
        let mut outer = vec![list(vec![]), list(vec![texts, Reply::Nil])];
        outer.extend((3..=10).map(Reply::Integer));
        let printed = printed(&list(outer));
        let lines: Vec<&str> = printed.lines().take(5).collect();
        assert_eq!(
            lines,
            [
                " 1) (empty array)",
                " 2) 1) 1) \"a b\"",
                "       2) \"\\\"\\xc3\\xa9\\n\"",
                "    2) (nil)",
                " 3) (integer) 3",
            ]
        );
        assert!(printed.ends_with("10) (integer) 10\n"));
    }

    #[test]
    fn quoted_words_can_have_blanks() {
        let read = |line| words(line).map(|words| words.join("|"));
        assert_eq!(
            read("XADD  s * \"a b\" 'c'").as_deref(),
            Some("XADD|s|*|a b|c")
        );
        assert_eq!(read("GET \"a"), None);
        assert_eq!(read("GET \"a\"b"), None);
    }
}
