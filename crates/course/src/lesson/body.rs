//! The body of a lesson, taken apart into prose and directives.

use super::directive::{self, Directive, Staging};
use super::prose::{self, Names, Place, Prose};
use super::{Block, Known};
use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use std::ops::Range;

/// The blocks, and what was meant to be one.
#[derive(Default)]
pub struct Body {
    /// Each with the place of its opening.
    blocks: Vec<(Block, Range<usize>)>,
    /// The directives that were written, with mistakes or without: kind and subject.
    written: Vec<(String, String)>,
}

impl Body {
    /// Reads a part of a lesson's text.
    pub fn read(part: Range<usize>, prose: &mut Prose<'_>, known: Known<'_>) -> Body {
        let source = prose.source;
        let text = &source.text()[part.clone()];
        let mut body = Body::default();
        let mut pending: Vec<(Event<'_>, Range<usize>)> = Vec::new();
        let mut depth = 0_usize;
        let mut events = prose::events(text);
        while let Some((event, range)) = events.next() {
            match &event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))
                    if depth == 0 && directive::kind(info).is_some() =>
                {
                    body.prose(&mut pending, prose, part.start);
                    let kind = directive::kind(info).unwrap_or_default();
                    let subject = info.trim()[kind.len()..].trim();
                    let mut inside: Option<Range<usize>> = None;
                    for (event, range) in events.by_ref() {
                        match event {
                            Event::Text(_) => {
                                inside = Some(
                                    inside.map_or(range.clone(), |inside| inside.start..range.end),
                                )
                            }
                            Event::End(TagEnd::CodeBlock) => break,
                            _ => {}
                        }
                    }
                    let line = text[range.start..]
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .trim_end()
                        .len();
                    let opening = part.start + range.start..part.start + range.start + line;
                    let inside = inside.unwrap_or(range.end..range.end);
                    let start = part.start + inside.start;
                    let directive = Directive {
                        kind,
                        subject,
                        opening: opening.clone(),
                        body: &text[inside],
                        start,
                    };
                    let block = Staging { prose, known }.block(&directive);
                    body.written.push((kind.to_owned(), subject.to_owned()));
                    body.blocks.extend(block.map(|block| (block, opening)));
                    continue;
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            pending.push((event, range));
        }
        body.prose(&mut pending, prose, part.start);
        body
    }

    fn prose(
        &mut self,
        pending: &mut Vec<(Event<'_>, Range<usize>)>,
        prose: &mut Prose<'_>,
        offset: usize,
    ) {
        let Some((_, first)) = pending.first() else {
            return;
        };
        let at = offset + first.start..offset + first.end;
        let html = prose.linked(std::mem::take(pending).into_iter(), &Place::From(offset));
        self.blocks.push((Block::Prose(html), at));
    }

    /// Tells what every lesson must have and this one lacks, and what it has twice.
    pub fn missing(&self, front: Range<usize>, prose: &mut Prose<'_>) {
        let source = prose.source;
        let mut add = |span: &Range<usize>, what: String, help: &str| {
            prose.found.add(source, span.clone(), what, help)
        };
        let has = |kind: &str, subject: &str| {
            self.written
                .iter()
                .any(|(known, name)| known == kind && (subject.is_empty() || name == subject))
        };
        let mut names = Names::default();
        let mut titles = Names::default();
        let mut asked = false;
        for (block, at) in &self.blocks {
            let (kind, id) = match block {
                Block::Task(task) => ("task", &task.id),
                Block::Quiz(quiz) => ("quiz", &quiz.id),
                Block::Exercise(id) => ("exercise", id),
                Block::Primer(primer) => ("primer", &primer.id),
                _ => continue,
            };
            let is_new = names.is_new(&format!("{kind} {id}"));
            if !is_new {
                add(
                    at,
                    format!("there are two of {kind} `{id}`"),
                    "give each its own name, and show each once",
                );
            }
            match block {
                Block::Task(task) if !has("stage", &task.scene) => {
                    add(
                        at,
                        format!(
                            "no stage shows `{}`, in which the task is to be done",
                            task.scene
                        ),
                        &format!("add a `stage {}`", task.scene),
                    );
                }
                Block::Quiz(quiz) => {
                    asked |= quiz.questions.len() >= 3;
                    if is_new && !titles.is_new(&quiz.title) {
                        let what = format!("there are two quizzes called “{}”", quiz.title);
                        add(at, what, "give each a title of its own");
                    }
                }
                _ => {}
            }
        }
        let front = front.start..front.start;
        if !has("stage", "") {
            add(
                &front,
                "the lesson has no stage".to_owned(),
                "add a `stage` directive",
            );
        }
        // A quiz with mistakes may be just the one that seems to be missing.
        let quizzes = self
            .blocks
            .iter()
            .filter(|(block, _)| matches!(block, Block::Quiz(_)))
            .count();
        let whole = self
            .written
            .iter()
            .filter(|(kind, _)| kind == "quiz")
            .count()
            == quizzes;
        if !asked && whole {
            add(
                &front,
                "the lesson has no quiz of three questions or more".to_owned(),
                "add a `quiz` directive",
            );
        }
    }

    /// The blocks, in order.
    pub fn into_blocks(self) -> Vec<Block> {
        self.blocks.into_iter().map(|(block, _)| block).collect()
    }
}
