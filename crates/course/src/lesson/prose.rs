//! Markdown to HTML, with computed values, checked links and headings that can be linked to.
//!
//! CommonMark and tables. Raw HTML is a mistake: a lesson says what it means, the page how it looks.

use super::scenes::Scenes;
use super::value::{self, Wrong};
use crate::diagnostic::Diagnostics;
use crate::glossary::links::Links;
use crate::shape::one_of;
use crate::source::Source;
use pulldown_cmark::{
    Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// Languages that code blocks may be in.
const LANGUAGES: [&str; 14] = [
    "text",
    "console",
    "sh",
    "properties",
    "json",
    "toml",
    "yaml",
    "xml",
    "sql",
    "java",
    "python",
    "rust",
    "go",
    "javascript",
];

/// A heading of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 2 for the sections of a lesson, 3 for their parts, and so on.
    pub level: u8,
    /// What a link to it names.
    pub id: String,
    /// Its text, without marks.
    pub text: String,
}

/// Where a Markdown text stands in its file.
pub enum Place {
    /// It is a part of it, from this byte.
    From(usize),
    /// It was written in another notation, somewhere in these bytes.
    Within(Range<usize>),
}

impl Place {
    fn span(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Place::From(start) => start + range.start..start + range.end,
            Place::Within(all) => all.clone(),
        }
    }
}

/// Writes the prose of one file.
pub struct Prose<'a> {
    /// The file.
    pub source: &'a Source,
    /// What values are computed from.
    pub scenes: &'a Scenes,
    /// The mistakes so far.
    pub found: Diagnostics,
    /// How many values were computed.
    pub values: usize,
    /// The headings so far.
    pub headings: Vec<Heading>,
    /// Where uses of terms are linked to the glossary.
    pub links: Option<Links<'a>>,
    /// Links into the page, with their places: their headings may come later.
    anchors: Vec<(String, Range<usize>)>,
}

/// The events of a text, with their places in it.
pub fn events(text: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter()
}

impl<'a> Prose<'a> {
    /// Nothing written yet.
    pub fn new(source: &'a Source, scenes: &'a Scenes) -> Self {
        Prose {
            source,
            scenes,
            found: Diagnostics::new(),
            values: 0,
            headings: Vec::new(),
            links: None,
            anchors: Vec::new(),
        }
    }

    /// A text of any blocks, without headings of its own.
    pub fn blocks(&mut self, text: &str, place: &Place) -> String {
        let events = self.of_blocks(text, place);
        push(events)
    }

    /// As [`Prose::blocks`], with links to the glossary.
    pub fn linked_blocks(&mut self, text: &str, place: &Place) -> String {
        let events = self.of_blocks(text, place);
        push(self.with_links(events))
    }

    fn of_blocks<'e>(&mut self, text: &'e str, place: &Place) -> Vec<Event<'e>> {
        let headings = self.headings.len();
        let written = self.checked(events(text), place);
        if self.headings.len() > headings {
            self.headings.truncate(headings);
            self.found.add(
                self.source,
                place.span(0..text.trim_end().len()),
                "headings do not belong in here",
                "write a paragraph, or bold text",
            );
        }
        written
    }

    /// One paragraph, without the `<p>` around it.
    pub fn line(&mut self, text: &str, place: &Place) -> String {
        let mut paragraphs = 0;
        let mut other = false;
        let mut depth = 0;
        let mut inside = Vec::new();
        for (event, range) in events(text) {
            match &event {
                Event::Start(Tag::Paragraph) if depth == 0 => paragraphs += 1,
                Event::Start(_) | Event::Rule | Event::Html(_) if depth == 0 => other = true,
                _ => {}
            }
            match &event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
            if !matches!(
                event,
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)
            ) {
                inside.push((event, range));
            }
        }
        if paragraphs != 1 || other {
            let what = if paragraphs == 0 && !other {
                "this is empty"
            } else {
                "this is more than one paragraph"
            };
            self.found.add(
                self.source,
                place.span(0..text.len()),
                what,
                "write one paragraph without lists, headings and blocks",
            );
            return String::new();
        }
        push(self.checked(inside.into_iter(), place))
    }

    /// The HTML of some events, after every one was checked, with links to the glossary.
    pub fn linked<'e>(
        &mut self,
        events: impl Iterator<Item = (Event<'e>, Range<usize>)>,
        place: &Place,
    ) -> String {
        let events = self.checked(events, place);
        push(self.with_links(events))
    }

    fn with_links<'e>(&mut self, events: Vec<Event<'e>>) -> Vec<Event<'e>> {
        match &mut self.links {
            Some(links) => links.link(events),
            None => events,
        }
    }

    /// Some events as they are written, after every one was checked.
    fn checked<'e>(
        &mut self,
        events: impl Iterator<Item = (Event<'e>, Range<usize>)>,
        place: &Place,
    ) -> Vec<Event<'e>> {
        let mut written: Vec<Event<'e>> = Vec::new();
        let mut heading: Option<(usize, HeadingLevel, String, Range<usize>)> = None;
        let mut code = false;
        for (event, range) in events {
            let event = match event {
                Event::Html(_) | Event::InlineHtml(_) => {
                    self.found.add(
                        self.source,
                        place.span(range),
                        "this is HTML",
                        "write Markdown; for a bare `<`, write it in a code span or as `\\<`",
                    );
                    continue;
                }
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => continue,
                Event::Start(Tag::Heading {
                    level,
                    classes,
                    attrs,
                    ..
                }) => {
                    heading = Some((written.len(), level, String::new(), range));
                    Event::Start(Tag::Heading {
                        level,
                        id: None,
                        classes,
                        attrs,
                    })
                }
                Event::End(TagEnd::Heading(level)) => {
                    if let Some((at, level, text, range)) = heading.take() {
                        let id = self.heading(level, &text, place.span(range));
                        written[at] = Event::Start(Tag::Heading {
                            level,
                            id: Some(id.into()),
                            classes: Vec::new(),
                            attrs: Vec::new(),
                        });
                    }
                    Event::End(TagEnd::Heading(level))
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    code = true;
                    if let CodeBlockKind::Fenced(info) = &kind {
                        self.language(info, place.span(range));
                    }
                    Event::Start(Tag::CodeBlock(kind))
                }
                Event::End(TagEnd::CodeBlock) => {
                    code = false;
                    Event::End(TagEnd::CodeBlock)
                }
                // Alignment would be written as inline style, which the page's security policy forbids.
                Event::Start(Tag::Table(columns)) => {
                    Event::Start(Tag::Table(vec![Alignment::None; columns.len()]))
                }
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                }) => {
                    self.link(&dest_url, place.span(range));
                    Event::Start(Tag::Link {
                        link_type,
                        dest_url,
                        title,
                        id,
                    })
                }
                Event::Start(Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    id,
                }) => {
                    self.found.add(
                        self.source,
                        place.span(range),
                        "pictures are drawn from scenes",
                        "show a stage, or remove the picture",
                    );
                    Event::Start(Tag::Image {
                        link_type,
                        dest_url,
                        title,
                        id,
                    })
                }
                Event::Code(text) if !code && value::is_value(&text) => {
                    let (shown, html) = self.value(&text, range, place);
                    if let Some((_, _, heading, _)) = &mut heading {
                        heading.push_str(&shown);
                    }
                    Event::InlineHtml(html.into())
                }
                event => {
                    if let (Some((_, _, heading, _)), Event::Text(text) | Event::Code(text)) =
                        (&mut heading, &event)
                    {
                        heading.push_str(text);
                    }
                    event
                }
            };
            written.push(event);
        }
        written
    }

    /// Says which links into the page lead nowhere, once all of it is written.
    pub fn finish(&mut self) {
        let known: Vec<String> = self
            .headings
            .iter()
            .map(|heading| heading.id.clone())
            .collect();
        for (anchor, span) in std::mem::take(&mut self.anchors) {
            if !known.contains(&anchor) {
                self.found.add(
                    self.source,
                    span,
                    format!("the page has no heading `#{anchor}`"),
                    one_of(&anchor, &known),
                );
            }
        }
    }

    fn heading(&mut self, level: HeadingLevel, text: &str, span: Range<usize>) -> String {
        let level = level as u8;
        let before = self.headings.last().map_or(1, |heading| heading.level);
        if level == 1 {
            self.found.add(
                self.source,
                span.clone(),
                "the title of the page stands in the front matter",
                "begin the heading with `##`",
            );
        } else if level > before + 1 {
            let what = format!("a heading of level {level} follows one of level {before}");
            self.found.add(
                self.source,
                span.clone(),
                what,
                format!("begin it with `{}`", "#".repeat(usize::from(before) + 1)),
            );
        }
        let mut id = slug(text);
        if id.is_empty() {
            self.found
                .add(self.source, span, "this heading has no words", "write some");
            id = "section".to_owned();
        } else if self.headings.iter().any(|heading| heading.id == id) {
            self.found.add(
                self.source,
                span,
                format!("two headings are linked to as `#{id}`"),
                "word one of them otherwise",
            );
        }
        self.headings.push(Heading {
            level,
            id: id.clone(),
            text: text.to_owned(),
        });
        id
    }

    fn language(&mut self, info: &CowStr<'_>, span: Range<usize>) {
        let Some(word) = info.split_whitespace().next() else {
            return;
        };
        if super::directive::KINDS.contains(&word) {
            self.found.add(
                self.source,
                span,
                format!("a {word} cannot stand inside something else"),
                "put it at the margin of the lesson",
            );
        } else if !LANGUAGES.contains(&word) {
            let known: Vec<_> = super::directive::KINDS
                .into_iter()
                .chain(LANGUAGES)
                .collect();
            self.found.add(
                self.source,
                span,
                format!("`{word}` is neither a directive nor a language"),
                one_of(word, &known),
            );
        }
    }

    fn link(&mut self, address: &str, span: Range<usize>) {
        if let Some(anchor) = address.strip_prefix('#') {
            self.anchors.push((anchor.to_owned(), span));
            return;
        }
        let scheme = address
            .split(['/', '?', '#'])
            .next()
            .unwrap_or_default()
            .split_once(':')
            .map(|(scheme, _)| scheme);
        if address.is_empty() || !matches!(scheme, None | Some("https")) {
            self.found.add(
                self.source,
                span,
                format!("`{address}` is no address that can be linked to"),
                "write an https address, or the path of a page, such as ../offsets/",
            );
        }
    }

    /// A value as text and as HTML.
    fn value(&mut self, code: &str, range: Range<usize>, place: &Place) -> (String, String) {
        match value::compute(code, self.scenes) {
            Ok(shown) => {
                self.values += 1;
                let html = format!(
                    "<data class=\"computed\" value=\"{}\">{}</data>",
                    shown.value, shown.text
                );
                (shown.text, html)
            }
            Err(Wrong::Scene) => (String::new(), String::new()),
            Err(Wrong::Here(mistakes)) => {
                for mistake in mistakes {
                    let span = match place {
                        Place::Within(all) => all.clone(),
                        Place::From(start) => {
                            // Line breaks and outer spaces of a code span are changed; then the whole stands for the part.
                            let whole = start + range.start..start + range.end;
                            let written = self
                                .source
                                .text()
                                .get(whole.clone())
                                .and_then(|written| written.find(code));
                            written.map_or(whole.clone(), |at| {
                                let first = whole.start + at;
                                first + mistake.at.start.min(code.len())
                                    ..first + mistake.at.end.min(code.len())
                            })
                        }
                    };
                    self.found
                        .add(self.source, span, mistake.what, mistake.help);
                }
                (String::new(), String::new())
            }
        }
    }
}

fn push(events: Vec<Event<'_>>) -> String {
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    page
}

/// What a link to a heading names: its words in lower case.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for word in
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '\'' && letter != '’')
    {
        let word: String = word
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        if !word.is_empty() {
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.push_str(&word);
        }
    }
    slug
}

/// Names that were used, to find the second use of one.
#[derive(Debug, Default)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// Whether the name is new; it is known afterwards.
    pub fn is_new(&mut self, name: &str) -> bool {
        self.0.insert(name.to_owned())
    }
}
