//! Mistakes of authors: where, what, and what to write instead. All of them at once.

use crate::source::Source;
use annotate_snippets::{
    AnnotationKind, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// In which file.
    pub file: String,
    /// The line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// The column in characters, from 1; 0 when the file as a whole is meant.
    pub column: usize,
    /// The bytes of the file that are mistaken; empty where something is missing.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub help: String,
}

impl std::fmt::Display for Diagnostic {
    /// On one line, without the text it is about.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.file)?;
        if self.line > 0 {
            write!(out, ":{}:{}", self.line, self.column)?;
        }
        write!(out, ": {}; {}", self.what, self.help)
    }
}

/// The longest line, in bytes, that is laid out as a whole, which takes time for each mistake in it.
const LONGEST_LINE: usize = 20_000;
/// How many bytes are laid out on each side of a mistake in a longer line; a screen is narrower.
const AROUND: usize = 500;

/// The most mistakes of one file that are told; nobody corrects more before trying again.
pub const MOST: usize = 500;

/// Mistakes in any number of files, ordered by file and place, each told once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    texts: BTreeMap<String, Source>,
    all: BTreeSet<Diagnostic>,
    told: BTreeMap<String, usize>,
}

impl Diagnostics {
    /// None so far.
    pub fn new() -> Self {
        Diagnostics::default()
    }

    /// One mistake.
    pub fn one(
        source: &Source,
        span: Range<usize>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let mut all = Diagnostics::new();
        all.add(source, span, what, help);
        all
    }

    /// Adds a mistake.
    pub fn add(
        &mut self,
        source: &Source,
        span: Range<usize>,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.is_full(source) {
            return;
        }
        *self.told.entry(source.file().to_owned()).or_default() += 1;
        let span = source.fit(span);
        let (line, column) = if source.text().is_empty() {
            (0, 0)
        } else {
            source.place(span.start)
        };
        let (what, help): (String, String) = (what.into(), help.into());
        self.all.insert(Diagnostic {
            file: source.file().to_owned(),
            line,
            column,
            start: span.start,
            end: span.end,
            what: shown(&what),
            help: shown(&help),
        });
        self.texts
            .entry(source.file().to_owned())
            .or_insert_with(|| source.clone());
    }

    /// Whether so much was said of this file that nothing more will be.
    pub fn is_full(&self, source: &Source) -> bool {
        self.told
            .get(source.file())
            .is_some_and(|&told| told >= MOST)
    }

    /// Adds those of another reading.
    pub fn merge(&mut self, other: Diagnostics) {
        self.all.extend(other.all);
        for (file, told) in other.told {
            *self.told.entry(file).or_default() += told;
        }
        for (file, source) in other.texts {
            self.texts.entry(file).or_insert(source);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.all.iter()
    }

    /// The value, when there are no mistakes.
    ///
    /// # Errors
    /// The mistakes.
    pub fn or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }

    /// The last line of a report, for example "3 mistakes in 2 files".
    pub fn closing_line(&self) -> String {
        let files: BTreeSet<_> = self.all.iter().map(|one| &one.file).collect();
        let more = if self.told.values().any(|&told| told >= MOST) {
            "at least "
        } else {
            ""
        };
        format!(
            "{more}{} in {}",
            count(self.len(), "mistake"),
            count(files.len(), "file")
        )
    }

    /// All of them with the lines they are in, and the closing line.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut report = String::new();
        for one in &self.all {
            let Some(source) = self.texts.get(&one.file) else {
                continue;
            };
            let text = source.text();
            // The renderer trims nothing itself, and a title must not be broken.
            let title = Level::ERROR.primary_title(one.what.replace(['\n', '\r'], " "));
            let help = Level::HELP.message(normalize_untrusted_str(&one.help));
            let group = if text.is_empty() {
                title.element(Origin::path(one.file.as_str()))
            } else {
                // One line is enough to find a place by; of one without an end, what is around it.
                let line_start = text[..one.start].rfind('\n').map_or(0, |at| at + 1);
                let line_end = text[one.start..]
                    .find('\n')
                    .map_or(text.len(), |at| one.start + at);
                let whole = line_end - line_start <= LONGEST_LINE;
                let shown = if whole {
                    line_start..line_end
                } else {
                    let first = one.start.saturating_sub(AROUND).max(line_start);
                    source.fit(first..(one.start + AROUND).min(line_end))
                };
                let end = one.end.clamp(one.start, shown.end) - shown.start;
                let mark = AnnotationKind::Primary.span(one.start - shown.start..end);
                let snippet = Snippet::source(&text[shown])
                    .line_start(one.line)
                    .annotation(mark);
                if whole {
                    title.element(snippet.path(one.file.as_str()))
                } else {
                    let place = Origin::path(one.file.as_str()).line(one.line);
                    title
                        .element(place.char_column(one.column))
                        .element(snippet)
                }
            };
            report.push_str(&renderer.render(&[group.element(help)]));
            report.push_str("\n\n");
        }
        report.push_str(&self.closing_line());
        report.push('\n');
        report
    }
}

/// A text as it can be printed: what nobody would see, or a terminal would obey, by its number, and
/// words without an end cut short. Foreign text is part of many sentences.
pub fn shown(text: &str) -> String {
    const LONGEST_WORD: usize = 120;
    let mut told = String::with_capacity(text.len());
    let mut word = 0;
    for letter in text.chars() {
        word = if letter.is_whitespace() { 0 } else { word + 1 };
        if word == LONGEST_WORD + 1 {
            told.push('…');
        }
        if word > LONGEST_WORD {
            continue;
        }
        if is_unseen(letter) {
            told.extend(letter.escape_unicode());
        } else {
            told.push(letter);
        }
    }
    told
}

/// Whether a letter has no picture of its own: controls but line breaks and tabs, marks of direction and
/// order, and what has no width.
fn is_unseen(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        )
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A number and a noun, for example "1 file" and "2 files".
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix("z")) {
        (1, _) => format!("1 {noun}"),
        (_, Some(_)) => format!("{number} {noun}zes"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_told_by_its_number() {
        let check = |text: &str, expected: &str| assert_eq!(shown(text), expected);
        check("`ord_1` is taken", "`ord_1` is taken");
        check("`\u{200b}ord\u{feff}`", "`\\u{200b}ord\\u{feff}`");
        check("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}");
        check("two\n\tlines, naïve 語", "two\n\tlines, naïve 語");
    }

    #[test]
    fn a_number_of_400_kb_is_not_echoed() {
        let number = "9".repeat(400_000);
        let source = Source::new("a.json", &number);
        let told = Diagnostics::one(&source, 0..1, format!("{number} is too large"), "write 1");
        let what = &told.iter().next().expect("one was added").what;
        assert!(what.ends_with("9… is too large"), "{what}");
        assert_eq!(what.chars().count(), 120 + "… is too large".chars().count());
    }
}
