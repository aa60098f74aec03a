//! A JSON file of a lesson while it is judged: its texts are rendered, its mistakes collected.

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::lesson::prose::{Place, Prose};
use crate::lesson::scenes::Scenes;
use crate::shape::Mended;
use engine::scene::Mistake;

/// A document of the right shape, mended where it had to be, and what was said of it so far.
pub(crate) struct Reading<'a> {
    /// Where its parts stand.
    pub document: &'a Document,
    /// What its author did not write; nothing is said of it, nor of what rests on it.
    pub mended: &'a Mended,
    /// Takes the mistakes, and writes what is Markdown.
    pub prose: Prose<'a>,
}

impl<'a> Reading<'a> {
    /// Nothing said yet.
    pub fn new(document: &'a Document, mended: &'a Mended, scenes: &'a Scenes) -> Self {
        Reading {
            document,
            mended,
            prose: Prose::new(&document.source, scenes),
        }
    }

    /// Says what is wrong with the part at a JSON Pointer, unless its author did not write it.
    pub fn add(&mut self, pointer: &str, what: impl Into<String>, help: impl Into<String>) {
        let (what, help) = (what.into(), help.into());
        let names = |text: &str| self.mended.is_named_in(text);
        if self.mended.touches(pointer) || names(&what) || names(&help) {
            return;
        }
        let span = self.document.place(pointer);
        self.prose
            .found
            .add(&self.document.source, span, what, help);
    }

    /// Goes on when no list is too long: what lists hold is compared with each other, so it is judged
    /// when they are shorter.
    ///
    /// # Errors
    /// The lists that are too long.
    pub fn lengths(&mut self, too_long: Vec<Mistake>) -> Result<(), Diagnostics> {
        for mistake in too_long {
            self.add(&mistake.pointer, mistake.what, mistake.help);
        }
        std::mem::take(&mut self.prose.found).or(())
    }

    /// One paragraph of Markdown as HTML, without the element around it.
    pub fn line(&mut self, pointer: &str, text: &str) -> String {
        if self.mended.touches(pointer) {
            return String::new();
        }
        self.prose
            .line(text, &Place::Within(self.document.place(pointer)))
    }

    /// A list of such paragraphs.
    pub fn lines(&mut self, pointer: &str, texts: &[String]) -> Vec<String> {
        let at = |(at, text): (usize, &String)| self.line(&format!("{pointer}/{at}"), text);
        texts.iter().enumerate().map(at).collect()
    }

    /// What every such file says about itself.
    pub fn head(&mut self, title: &str, version: u32) {
        if title.trim().is_empty() {
            self.add(
                "/title",
                "the title is empty",
                "write what the learner will see",
            );
        }
        if version == 0 {
            self.add("/version", "versions begin at 1", "write 1");
        }
    }
}
