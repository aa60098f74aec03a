//! A place in a run is a list of choices. Time travel, links, counterexamples and bug reports are
//! all the same thing.

use crate::cast::ClientId;
use crate::scene::Verb;
use serde::{Deserialize, Serialize};

/// One choice of what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// The earliest step of the calendar.
    Earliest,
    /// The n-th step of the calendar, from 1 (0 would be the earliest).
    Nth(u16),
    /// Somebody steps in: a fault, now.
    Fault(Verb, ClientId),
    /// The n-th step of the calendar, from 0, is a message to or from a service, or of a producer: it gets lost.
    Lose(u16),
    /// The n-th step of the calendar, from 0, is a request to a service: it arrives twice.
    Duplicate(u16),
    /// From here on the story's own faults do not happen.
    NoStory,
}

/// The longest path that is read from text.
pub const LONGEST: usize = crate::scene::check::MOST_STEPS as usize;

/// A list of choices.
///
/// As text, for links: runs of earliest steps as a number, the n-th step as `n3`, a crash of
/// client 0 as `c0`, its restart as `r0`, `f0` and `t0` when it freezes and thaws, the loss of the n-th step's message as `l3`, its double
/// as `d3`, the end of the story's own faults as `s`, joined by `-`. Nothing at all is the start.
///
/// ```
/// use engine::{Choice, Path};
/// let path: Path = "12-c0-30".parse()?;
/// assert_eq!(path.0.len(), 43);
/// assert_eq!(path.0[0], Choice::Earliest);
/// assert_eq!(path.to_string(), "12-c0-30");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Path(pub Vec<Choice>);

/// How a fault is written.
const fn letter(verb: Verb) -> char {
    match verb {
        Verb::Crash => 'c',
        Verb::Restart => 'r',
        Verb::Freeze => 'f',
        Verb::Thaw => 't',
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut separator = "";
        let mut choices = self.0.iter().peekable();
        while let Some(choice) = choices.next() {
            out.write_str(separator)?;
            separator = "-";
            match choice {
                Choice::Earliest => {
                    let mut run = 1;
                    while choices.next_if_eq(&&Choice::Earliest).is_some() {
                        run += 1;
                    }
                    write!(out, "{run}")?;
                }
                Choice::Nth(nth) => write!(out, "n{nth}")?,
                Choice::Fault(verb, id) => write!(out, "{}{}", letter(*verb), id.0)?,
                Choice::Lose(nth) => write!(out, "l{nth}")?,
                Choice::Duplicate(nth) => write!(out, "d{nth}")?,
                Choice::NoStory => out.write_str("s")?,
            }
        }
        Ok(())
    }
}

impl std::str::FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut choices = Vec::new();
        for word in text.split('-').filter(|_| !text.is_empty()) {
            let wrong = || {
                format!(
                    "`{word}` is no choice; write a number, or n, c, r, f, t, l or d and a number"
                )
            };
            if word == "s" {
                choices.push(Choice::NoStory);
                continue;
            }
            let (kind, number) = match word.as_bytes().first() {
                Some(b'n' | b'c' | b'r' | b'f' | b't' | b'l' | b'd') => word.split_at(1),
                _ => ("", word),
            };
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong());
            }
            let fault = |verb| {
                let id = number.parse().map(ClientId).map_err(|_| wrong())?;
                Ok::<_, String>(Choice::Fault(verb, id))
            };
            let nth = || number.parse().map_err(|_| wrong());
            match kind {
                "n" => choices.push(Choice::Nth(nth()?)),
                "l" => choices.push(Choice::Lose(nth()?)),
                "d" => choices.push(Choice::Duplicate(nth()?)),
                "c" => choices.push(fault(Verb::Crash)?),
                "r" => choices.push(fault(Verb::Restart)?),
                "f" => choices.push(fault(Verb::Freeze)?),
                "t" => choices.push(fault(Verb::Thaw)?),
                _ => {
                    let run: usize = number.parse().map_err(|_| wrong())?;
                    if run > LONGEST || choices.len() + run > LONGEST {
                        return Err(format!("more than {LONGEST} choices are not followed"));
                    }
                    choices.resize(choices.len() + run, Choice::Earliest);
                }
            }
            if choices.len() > LONGEST {
                return Err(format!("more than {LONGEST} choices are not followed"));
            }
        }
        Ok(Path(choices))
    }
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.to_string()
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
