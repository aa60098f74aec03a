//! Links from a lesson's prose to the glossary, which are found and never written.
//!
//! # Rules
//! 1. A term is linked where a section (from one `##` to the next) first uses it; a common one where the
//!    lesson does.
//! 2. A use is whole words: no letter, digit, `_` or `-` stands before or behind it. An `s` at its end is part
//!    of it.
//! 3. A form in small letters is found with a capital at its beginning. One that has a capital is found
//!    only as it is written.
//! 4. Where forms overlap, the first counts, and of those that begin at one place the longest.
//! 5. Nothing is linked in headings, code, links, and bold or slanted text.
//! 6. A term that a section's heading has, or that stands alone in bold or slanted text, is defined there: the
//!    section does not link it afterwards.

use super::{Glossary, Term};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Where the glossary stands, as seen from the page of a lesson.
const PAGE: &str = "../../glossary/index.html";

/// Finds the uses of terms in one lesson, section by section.
pub struct Links<'g> {
    terms: &'g [Term],
    /// Forms and their terms by the first word in small letters, the longest first.
    forms: BTreeMap<String, Vec<(&'g str, usize)>>,
    /// The id of the heading that the section began with.
    section: String,
    /// What is linked or defined in the section so far.
    here: BTreeSet<usize>,
    /// What is linked or defined in the lesson so far, and the section that was first.
    lesson: BTreeMap<usize, String>,
}

impl<'g> Links<'g> {
    /// Nothing found yet.
    pub fn to(glossary: &'g Glossary) -> Self {
        let terms = glossary.terms();
        let mut forms: BTreeMap<String, Vec<(&str, usize)>> = BTreeMap::new();
        for (at, term) in terms.iter().enumerate() {
            for form in &term.forms {
                let first = form[..word_end(form, 0)].to_lowercase();
                forms.entry(first).or_default().push((form, at));
            }
        }
        for forms in forms.values_mut() {
            forms.sort_by_key(|(form, at)| (std::cmp::Reverse(form.len()), *at));
        }
        Links {
            terms,
            forms,
            section: String::new(),
            here: BTreeSet::new(),
            lesson: BTreeMap::new(),
        }
    }

    /// The terms that the lesson uses by their ids, each with the heading of the section that first does;
    /// none before the first heading.
    pub fn used(self) -> BTreeMap<String, String> {
        let id = |at: usize| self.terms[at].id.clone();
        let used = self.lesson.into_iter();
        used.map(|(at, section)| (id(at), section)).collect()
    }

    /// The events with links in them.
    pub fn link<'e>(&mut self, events: Vec<Event<'e>>) -> Vec<Event<'e>> {
        if self.terms.is_empty() {
            return events;
        }
        let mut linked = Vec::with_capacity(events.len());
        // What the text stands in: headings, links and code, and bold or slanted text.
        let (mut closed, mut marked) = (0_usize, 0_usize);
        let mut heading: Option<String> = None;
        let mut events = events.into_iter().peekable();
        while let Some(event) = events.next() {
            match &event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    if *level == HeadingLevel::H2 {
                        self.here.clear();
                        self.section = id.as_deref().unwrap_or_default().to_owned();
                    }
                    heading = Some(String::new());
                }
                Event::End(TagEnd::Heading(_)) => {
                    let text = heading.take().unwrap_or_default();
                    for (_, term) in self.uses(&text) {
                        self.is_first(term);
                    }
                }
                Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => closed += 1,
                Event::End(TagEnd::Link | TagEnd::CodeBlock) => closed -= 1,
                Event::Start(Tag::Strong | Tag::Emphasis) => marked += 1,
                Event::End(TagEnd::Strong | TagEnd::Emphasis) => marked -= 1,
                Event::Text(text) => {
                    let mut text = text.to_string();
                    while let Some(Event::Text(more)) =
                        events.next_if(|next| matches!(next, Event::Text(_)))
                    {
                        text.push_str(&more);
                    }
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    } else if closed == 0 && marked > 0 {
                        self.define(&text);
                    } else if closed == 0 {
                        self.link_text(&text, &mut linked);
                        continue;
                    }
                    linked.push(Event::Text(text.into()));
                    continue;
                }
                _ => {}
            }
            linked.push(event);
        }
        linked
    }

    fn link_text<'e>(&mut self, text: &str, linked: &mut Vec<Event<'e>>) {
        let owned = |text: &str| Event::Text(CowStr::from(text.to_owned()));
        let mut written = 0;
        for (at, term) in self.uses(text) {
            if !self.is_first(term) {
                continue;
            }
            if at.start > written {
                linked.push(owned(&text[written..at.start]));
            }
            let id = &self.terms[term].id;
            let opening = format!("<a class=\"term\" href=\"{PAGE}#{id}\">");
            linked.push(Event::InlineHtml(opening.into()));
            linked.push(owned(&text[at.clone()]));
            linked.push(Event::InlineHtml("</a>".into()));
            written = at.end;
        }
        if written < text.len() {
            linked.push(owned(&text[written..]));
        }
    }

    /// Takes note of a term that is all of a bold or slanted text.
    fn define(&mut self, text: &str) {
        let whole = text.trim_end_matches([':', '.', ',', ';']);
        for (at, term) in self.uses(whole) {
            if at == (0..whole.len()) {
                self.is_first(term);
            }
        }
    }

    /// Whether it is the first use of the term that counts; the next will not be.
    fn is_first(&mut self, term: usize) -> bool {
        let is_new_here = self.here.insert(term);
        let is_new = !self.lesson.contains_key(&term);
        if is_new {
            self.lesson.insert(term, self.section.clone());
        }
        is_new_here && (is_new || !self.terms[term].is_common)
    }

    /// The uses of terms in a text, in order.
    fn uses(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let mut uses = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let end = word_end(text, at);
            if end == at {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            let word = text[at..end].to_lowercase();
            let singular = word.strip_suffix('s').unwrap_or(&word);
            let candidates = [word.as_str(), singular];
            let candidates = candidates
                .iter()
                .filter_map(|first| self.forms.get(*first))
                .flatten();
            let longest = candidates
                .filter_map(|&(form, term)| Some((use_at(text, at, form)?, term)))
                .max_by_key(|(end, term)| (*end, std::cmp::Reverse(*term)));
            match longest {
                Some((end, term)) => {
                    uses.push((at..end, term));
                    at = end;
                }
                None => at = end,
            }
        }
        uses
    }
}

/// Whether a letter is part of a word, so that what stands beside it is not whole.
fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

/// Where the word ends that begins at a place; there, if none does.
fn word_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest
        .find(|letter| !is_of_word(letter))
        .unwrap_or(rest.len())
}

/// Where a use of a form ends that begins here, if one does.
fn use_at(text: &str, at: usize, form: &str) -> Option<usize> {
    let found = text.get(at..at + form.len())?;
    let is_small = !form.contains(char::is_uppercase);
    let mut letters = found.chars();
    let first = letters.next()?;
    let is_it = found == form
        || is_small && first.is_uppercase() && first.to_lowercase().chain(letters).eq(form.chars());
    let is_end = |end: usize| !text[end..].starts_with(is_of_word);
    let end = at + found.len();
    let plural = text[end..].starts_with('s').then_some(end + 1);
    is_it
        .then(|| {
            [Some(end), plural]
                .into_iter()
                .flatten()
                .find(|end| is_end(*end))
        })
        .flatten()
}
