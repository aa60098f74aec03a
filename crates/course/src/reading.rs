//! A JSON file of a lesson while it is judged: its texts are rendered, its mistakes collected.

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::lesson::prose::{Place, Prose};
use crate::lesson::scenes::Scenes;
use crate::shape::{self, Mended, Shape};
use crate::source::Source;
use engine::scene::Mistake;
use serde::de::DeserializeOwned;

/// A document of the right shape, mended where it had to be, and what was said of it so far.
pub(crate) struct Reading<'a> {
    /// Where its parts stand.
    pub document: &'a Document,
    /// What its author did not write; nothing is said of it, nor of what rests on it.
    pub mended: &'a Mended,
    /// Takes the mistakes, and writes what is Markdown.
    pub prose: Prose<'a>,
}

/// Reads a file that all lessons share: on its shape, then how long its lists are, then what it says.
///
/// # Errors
/// All mistakes; where lists are too long, none of what they hold.
pub(crate) fn read_shared<T: DeserializeOwned, R>(
    source: &Source,
    shape: &Shape,
    too_long: impl FnOnce(&T) -> Vec<Mistake>,
    judge: impl FnOnce(&mut Reading, T) -> R,
) -> Result<R, Diagnostics> {
    let document = Document::json(source)?;
    let shape::Reading {
        value,
        found,
        mended,
    } = shape.read_on::<T>(&document);
    let Some(draft) = value else {
        return Err(found);
    };
    let scenes = Scenes::default();
    let mut reading = Reading::new(&document, &mended, &scenes);
    if let Err(mut too_long) = reading.lengths(too_long(&draft)) {
        too_long.merge(found);
        return Err(too_long);
    }
    let said = judge(&mut reading, draft);
    let Reading { mut prose, .. } = reading;
    prose.finish();
    prose.found.merge(found);
    prose.found.or(said)
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
