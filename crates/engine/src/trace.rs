//! What happened, in order: the one record of a run that everything else is made from.
//!
//! The text form has one fact per line and is read back by [`Trace::read`]:
//!
//! ```text
//!   #       time ms  who         what               of what                                   because of
//!   9      3006.000  email-1     polled             consumer=email-1 partition=orders/0 …     8
//! ```

use crate::cast::{Cast, Party};
use crate::fact::{Fact, Weight};
use crate::time::Instant;
use explore::Weigh;
use std::sync::Arc;

/// A fact's place in its trace, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Weigh)]
pub struct FactId(pub u32);

/// The fact that led to something; none for what the scene itself began.
///
/// It travels with the world, so that every consequence can name it, but it is no part of the
/// world's state: two worlds that differ only in how they came about are equal.
#[derive(Clone, Copy, Debug, Default, Weigh)]
pub struct Cause(pub Option<FactId>);

impl PartialEq for Cause {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cause {}

impl std::hash::Hash for Cause {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// One fact with its circumstances.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Where it happened: at the broker, in a consumer, at a service, in a table.
    pub by: Party,
    /// Because of what.
    pub cause: Cause,
    /// What.
    pub fact: Fact,
}

impl PartialEq for Entry {
    /// Unlike states, entries of a trace do differ by their cause.
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.by, self.cause.0, &self.fact)
            == (other.at, other.by, other.cause.0, &other.fact)
    }
}

/// Takes facts as they happen and gives each its number.
pub trait Sink {
    /// Notes a fact.
    fn note(&mut self, entry: Entry) -> FactId;
}

/// All facts of a run, in the order they happened.
#[derive(Clone, Debug)]
pub struct Trace {
    cast: Arc<Cast>,
    entries: Vec<Entry>,
    /// Where facts are only numbered and not kept: the number of the next one.
    numbering: Option<u32>,
}

impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Sink for Trace {
    fn note(&mut self, entry: Entry) -> FactId {
        if let Some(next) = &mut self.numbering {
            *next += 1;
            return FactId(*next - 1);
        }
        self.entries.push(entry);
        FactId((self.entries.len() - 1) as u32)
    }
}

/// A line of a text that is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotATrace {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl std::fmt::Display for NotATrace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for NotATrace {}

impl Trace {
    /// An empty trace of this cast.
    pub fn new(cast: Arc<Cast>) -> Self {
        Trace {
            cast,
            entries: Vec::new(),
            numbering: None,
        }
    }

    /// An empty trace with room for so many facts.
    pub(crate) fn with_room(cast: Arc<Cast>, facts: usize) -> Self {
        Trace {
            entries: Vec::with_capacity(facts),
            ..Trace::new(cast)
        }
    }

    /// A trace that keeps nothing and numbers facts from `next` on: for what happens again, whose facts
    /// stand elsewhere and are only named as causes.
    pub(crate) fn numbering(cast: Arc<Cast>, next: usize) -> Self {
        Trace {
            numbering: Some(next as u32),
            ..Trace::new(cast)
        }
    }

    /// Whom the facts are about.
    pub fn cast(&self) -> &Arc<Cast> {
        &self.cast
    }

    /// The facts.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One fact.
    pub fn get(&self, id: FactId) -> Option<&Entry> {
        self.entries.get(id.0 as usize)
    }

    /// The facts that the story turns on, with their numbers.
    pub fn headlines(&self) -> impl Iterator<Item = (FactId, &Entry)> {
        self.entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.fact.weight() == Weight::Headline)
            .map(|(at, entry)| (FactId(at as u32), entry))
    }

    /// The first `length` facts.
    pub fn until(&self, length: usize) -> Trace {
        Trace {
            cast: Arc::clone(&self.cast),
            entries: self.entries[..length.min(self.entries.len())].to_vec(),
            numbering: None,
        }
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.entries.truncate(length);
    }

    /// The text form: one fact per line, aligned.
    pub fn text(&self) -> String {
        let widest = self
            .cast
            .parties()
            .map(|party| self.cast.party_name(party).chars().count())
            .max()
            .unwrap_or(0);
        let mut text = String::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let fields: Vec<_> = entry
                .fact
                .fields(&self.cast)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let party = self.cast.party_name(entry.by);
            let time = entry.at.to_string();
            text.push_str(&format!(
                "{at:>4} {time:>12}  {party:<widest$}  {:<19}  {}",
                entry.fact.verb(),
                fields.join(" ")
            ));
            if let Some(cause) = entry.cause.0 {
                text.push_str(&format!("  <- {}", cause.0));
            }
            text.push('\n');
        }
        text
    }

    /// Reads the text form back.
    ///
    /// # Errors
    /// The first line that is not a fact of this cast.
    pub fn read(text: &str, cast: Arc<Cast>) -> Result<Trace, NotATrace> {
        let mut trace = Trace::new(cast);
        for (at, line) in text.lines().enumerate() {
            let entry =
                read_line(line, at, &trace.cast).map_err(|why| NotATrace { line: at + 1, why })?;
            trace.entries.push(entry);
        }
        Ok(trace)
    }
}

fn read_line(line: &str, number: usize, cast: &Cast) -> Result<Entry, String> {
    let (line, cause) = match line.split_once("  <- ") {
        Some((line, cause)) => {
            let cause: u32 = cause
                .trim()
                .parse()
                .map_err(|_| format!("`{cause}` is not the number of a fact"))?;
            if cause as usize >= number {
                return Err(format!("its cause, {cause}, is not an earlier fact"));
            }
            (line, Some(FactId(cause)))
        }
        None => (line, None),
    };
    let mut words = line.split_whitespace();
    let mut word = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let id = word("the number")?;
    if id.parse() != Ok(number) {
        return Err(format!("its number is `{id}` and should be {number}"));
    }
    let at = word("the time")?.parse()?;
    let party = word("the party")?;
    let by = cast
        .find_party(party)
        .ok_or_else(|| format!("nobody is called `{party}`"))?;
    let verb = word("the fact")?;
    let fields: Vec<(&str, &str)> = words
        .map(|field| {
            field
                .split_once('=')
                .ok_or_else(|| format!("`{field}` is no field; write name=value"))
        })
        .collect::<Result<_, _>>()?;
    Ok(Entry {
        at,
        by,
        cause: Cause(cause),
        fact: Fact::read(verb, &fields, cast)?,
    })
}
