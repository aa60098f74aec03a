//! What is wrong with a program, and where.

use engine::handler::Problem;
use starlark::ErrorKind;
use starlark::codemap::{ResolvedSpan, Span};

/// The name of the file in the language's own words; it is never shown.
pub(crate) const FILE: &str = "handler.star";

/// Something that is wrong at a place.
pub(crate) fn at(
    place: ResolvedSpan,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Problem {
    let from_1 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX - 1) + 1;
    Problem {
        line: from_1(place.begin.line),
        column: from_1(place.begin.column),
        end_line: from_1(place.end.line),
        end_column: from_1(place.end.column),
        message: message.into(),
        help: help.into(),
    }
}

/// Where an error of the language is, in the program that was read: `None` when it is in none of its
/// lines.
pub(crate) fn span(error: &starlark::Error) -> Option<Span> {
    if let Some(span) = error.span()
        && span.filename() == FILE
    {
        return Some(span.span);
    }
    let frames = &error.call_stack().frames;
    let places = frames
        .iter()
        .rev()
        .filter_map(|frame| frame.location.as_ref());
    places
        .filter(|span| span.filename() == FILE)
        .map(|span| span.span)
        .next()
}

/// A part of a program, from byte to byte.
pub(crate) fn part(source: &str, from: usize, to: usize) -> ResolvedSpan {
    ResolvedSpan {
        begin: place_of(source, from).begin,
        end: place_of(source, to.max(from)).begin,
    }
}

/// The place of one byte of a program.
pub(crate) fn place_of(source: &str, at: usize) -> ResolvedSpan {
    let before = source.get(..at).unwrap_or_default();
    let mut place = ResolvedSpan::default();
    place.begin.line = before.matches('\n').count();
    let line = before.rsplit('\n').next().unwrap_or_default();
    place.begin.column = line.chars().count();
    place.end.line = place.begin.line;
    place.end.column = place.begin.column + 1;
    place
}

/// An error of the language in one line of our own words, where we have some.
pub(crate) fn words(error: &starlark::Error) -> (String, String) {
    let raw = error.without_diagnostic().to_string();
    let raw = raw.strip_prefix("fail:").unwrap_or(&raw).trim();
    let said = error.span().map(|span| span.source_span().to_owned());
    let said = said.unwrap_or_default();
    let own = |message: String, help: &str| (message, help.to_owned());
    if raw.contains("call stack overflow") {
        return own(crate::limits::too_deep(), "");
    }
    if raw.contains("ticks has been exceeded") {
        return own(crate::limits::too_many_turns(), "");
    }
    if let Some(told) = crate::calls::missing(raw) {
        return told;
    }
    if raw == "Immutable" {
        return own(
            "what stands at the top of the program cannot be changed".to_owned(),
            "a process that dies forgets its variables: keep in a table what must last",
        );
    }
    if let Some(rest) = raw.strip_prefix("Object of type `struct` has no attribute `")
        && let Some((name, _)) = rest.split_once('`')
    {
        if name == "now" {
            return own(no_now().0.to_owned(), no_now().1);
        }
        return own(format!("there is nothing called `{name}` here"), "");
    }
    let help = not_here(&said);
    let message: String = raw.lines().next().unwrap_or_default().to_owned();
    let message = message
        .strip_prefix("Parse error: ")
        .map_or(message.clone(), str::to_owned);
    own(message.replace(" in this dialect", " here"), help)
}

/// Whether the program met a limit: it did nothing wrong that can be told, and what it would have
/// done is not known. What every limit says begins alike, and only `fail` says what it is given.
pub(crate) fn is_limit(error: &starlark::Error) -> bool {
    !matches!(error.kind(), ErrorKind::Fail(_)) && words(error).0.starts_with("stopped")
}

/// Why there is no clock to read.
pub(crate) fn no_now() -> (&'static str, &'static str) {
    (
        "there is no clock.now()",
        "a schedule is an order of events and not a time: what could differ from run to run is not there to be read; clock.sleep(ms) waits",
    )
}

/// What to write for words of other languages.
fn not_here(word: &str) -> &'static str {
    match word {
        "while" => "there is no while here: write `for attempt in range(1, 4):`",
        "class" => "there are no classes here: functions and dicts do",
        "try" | "except" | "finally" | "raise" => {
            "there are no exceptions to catch here: a call that failed answers False, and fail(\"…\") ends the process"
        }
        "import" | "from" => "nothing can be imported here: all there is comes as a parameter",
        "with" | "async" | "await" | "yield" => {
            "each call here waits for its answer; nothing has to be opened or closed"
        }
        "is" => "write == instead of is",
        "global" | "nonlocal" => {
            "a process that dies forgets its variables: keep in a table what must last"
        }
        "del" => "a list has .pop() and a dict .pop(key)",
        "assert" => "write `if …: fail(\"…\")`",
        _ => "",
    }
}
