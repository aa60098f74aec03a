//! The head of a lesson: TOML between two lines of `+++`.

use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::shape::{Mended, Reading, Shape};
use crate::source::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::LazyLock;

/// What a lesson says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Front {
    /// The name of its folder, and of its page.
    pub id: String,
    /// Its place in the course, from 1.
    pub number: u32,
    /// Its title, which is the page's first heading.
    pub title: String,
    /// The part of the course it belongs to, for example "C. Logs".
    pub module: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// How much it asks of the reader.
    pub difficulty: Difficulty,
    /// The ids of the lessons it builds on.
    #[serde(default)]
    pub after: Vec<String>,
    /// "By the end you can …": one line of Markdown each.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// What to remember: one line of Markdown each.
    #[serde(default)]
    pub takeaways: Vec<String>,
    /// The terms of the glossary that it teaches, as they are written there.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Where to read on.
    #[serde(default)]
    pub sources: Vec<Link>,
    /// One or two sentences for search engines and previews.
    pub summary: String,
}

/// How much a lesson asks of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Nothing is taken for granted.
    Intro,
    /// What the lessons before it taught is.
    Core,
    /// That, and some patience.
    Advanced,
}

/// A source for further reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it is called.
    pub title: String,
    /// Where it is: an https address.
    pub url: String,
}

static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<Front>);

const FENCE: &str = "+++";

/// The front matter's place and the body's, without the fences.
pub fn split(source: &Source) -> Result<(Range<usize>, Range<usize>), Diagnostics> {
    if let Some(refused) = source.refused("lesson") {
        return Err(refused);
    }
    let text = source.text();
    let mut at = 0;
    let mut opened = None;
    for line in text.split_inclusive('\n') {
        let fence = line.trim_end() == FENCE;
        match opened {
            None if fence => opened = Some(at + line.len()),
            None => {
                let help =
                    "begin with a line `+++`, then `id = \"…\"` and so on, then a line `+++`";
                return Err(Diagnostics::one(
                    source,
                    0..line.trim_end().len(),
                    "the lesson does not begin with its front matter",
                    help,
                ));
            }
            Some(front) if fence => return Ok((front..at, at + line.len()..text.len())),
            Some(_) => {}
        }
        at += line.len();
    }
    Err(Diagnostics::one(
        source,
        0..FENCE.len(),
        "the front matter that begins here does not end",
        "end it with a line `+++`",
    ))
}

/// What could be read of the front matter.
pub struct Head {
    /// The front matter, with stand-ins for what is mistaken in it.
    pub front: Front,
    /// The places of its parts.
    pub document: Document,
    /// The parts that are stand-ins.
    pub mended: Mended,
    /// All its mistakes.
    pub found: Diagnostics,
}

/// Reads the front matter and checks it; `folder` is what its id must be.
///
/// # Errors
/// All mistakes, when so little of it can be read that there is no head.
pub fn read(source: &Source, part: Range<usize>, folder: &str) -> Result<Head, Diagnostics> {
    let document = Document::toml(source, part)?;
    let Reading {
        value,
        mut found,
        mended,
    } = SHAPE.read_on::<Front>(&document);
    let Some(front) = value else {
        return Err(found);
    };
    let mut add = |pointer: &str, what: String, help: String| {
        if !mended.touches(pointer) {
            found.add(source, document.place(pointer), what, help);
        }
    };
    if front.id != folder {
        add(
            "/id",
            format!("the lesson `{}` stands in the folder `{folder}`", front.id),
            format!("write id = \"{folder}\", or rename the folder"),
        );
    }
    for (pointer, number) in [("/number", front.number), ("/minutes", front.minutes)] {
        if number == 0 {
            add(
                pointer,
                "0 is too small".to_owned(),
                "write a number from 1".to_owned(),
            );
        }
    }
    for (pointer, text) in [
        ("/title", &front.title),
        ("/module", &front.module),
        ("/summary", &front.summary),
    ] {
        if text.trim().is_empty() {
            add(
                pointer,
                "this is empty".to_owned(),
                "write what the reader will see".to_owned(),
            );
        }
    }
    let lists = [
        (
            "outcomes",
            front.outcomes.len(),
            "outcomes = [\"…\"]: what the reader can do at the end",
        ),
        (
            "takeaways",
            front.takeaways.len(),
            "takeaways = [\"…\"]: what to remember",
        ),
        (
            "sources",
            front.sources.len(),
            "sources = [{ title = \"…\", url = \"https://…\" }]: where to read on",
        ),
    ];
    for (name, count, help) in lists {
        if count == 0 {
            add(
                &format!("/{name}"),
                format!("the lesson has no {name}"),
                format!("write {help}"),
            );
        }
    }
    for (at, link) in front.sources.iter().enumerate() {
        if link.title.trim().is_empty() {
            add(
                &format!("/sources/{at}/title"),
                "this is empty".to_owned(),
                "write what the source is called".to_owned(),
            );
        }
        if !link.url.starts_with("https://") || link.url.contains(char::is_whitespace) {
            add(
                &format!("/sources/{at}/url"),
                format!("`{}` is no https address", link.url),
                "write one such as https://kafka.apache.org/documentation/".to_owned(),
            );
        }
    }
    Ok(Head {
        front,
        document,
        mended,
        found,
    })
}
