//! A lesson's page: the story and the stage first, what the lesson promises beside them, then the
//! rest in the author's order.

use std::collections::BTreeMap;
use std::sync::Arc;

use course::lesson::{Block, Lesson};
use engine::scene::Selection;
use engine::{Cast, Run, Scene};
use maud::{Markup, PreEscaped, html};
use web::exercise::ExerciseProps;
use web::islands::Island;
use web::quiz::QuizProps;
use web::stage::fixed;
use web::stage::view::StageProps;
use web::task::TaskProps;

use crate::entry::Entry;
use crate::island::island;
use crate::note::note;
use crate::outcomes;
use crate::page::{Kind, Needs, Page};
use crate::primer;

/// A lesson among the others.
pub struct Place<'a> {
    /// All lessons, in order.
    pub all: &'a [Entry],
    /// Which of them this is.
    pub at: usize,
}

/// The page of a lesson, with the terms that it teaches.
pub fn page(lesson: &Lesson, place: &Place<'_>, terms: &Markup) -> Page {
    let entry = &place.all[place.at];
    Page {
        path: entry.path(),
        heading: entry.title.clone(),
        description: entry.summary.clone(),
        kind: Kind::Article,
        needs: Needs::Module,
        body: html! {
            div.page {
                nav.contents.contents-beside aria-label="Contents" { (contents(lesson, place)) }
                main #main tabindex="-1" {
                    nav.contents.contents-folded aria-label="Contents" {
                        details {
                            summary { "Contents" }
                            div.lists { (contents(lesson, place)) }
                        }
                    }
                    article.lesson { (article(lesson, place, terms)) }
                }
            }
        },
    }
}

/// The lessons of the module, and the sections of this page.
fn contents(lesson: &Lesson, place: &Place<'_>) -> Markup {
    let current = &place.all[place.at];
    html! {
        p.contents-title { (current.module) }
        ol {
            @for entry in place.all.iter().filter(|entry| entry.module == current.module) {
                li {
                    @if entry.id == current.id {
                        a href="index.html" aria-current="page" { (entry.title) }
                    } @else {
                        a href=(beside(entry)) { (entry.title) }
                    }
                }
            }
        }
        p.contents-title { "On this page" }
        ol {
            @for heading in lesson.headings.iter().filter(|heading| heading.level == 2) {
                li { a href={ "#" (heading.id) } { (heading.text) } }
            }
        }
    }
}

fn article(lesson: &Lesson, place: &Place<'_>, terms: &Markup) -> Markup {
    let mut rendering = Rendering {
        lesson,
        anchors: BTreeMap::new(),
    };
    // The first screen ends with the first stage, if it comes soon; else with the first words.
    let stage = lesson
        .blocks
        .iter()
        .take(OPENING_BLOCKS_MAX)
        .position(|block| matches!(block, Block::Stage { .. }));
    let (opening, rest) = lesson
        .blocks
        .split_at(stage.map_or(1, |at| at + 1).min(lesson.blocks.len()));
    let (words, staged) = opening.split_at(stage.unwrap_or(opening.len()));
    html! {
        div.opening {
            div.opening-text {
                (head(place))
                @for block in words { (rendering.block(block)) }
            }
            @if !staged.is_empty() {
                // A stage has a heading of the third level, as in the sections below.
                h2.hidden-visually { "Step through it" }
            }
            @for block in staged { (rendering.block(block)) }
            section.outcomes aria-labelledby="lesson-outcomes" {
                h2 #lesson-outcomes { "After this lesson you can" }
                ul { @for outcome in &lesson.outcomes { li { (PreEscaped(outcome)) } } }
            }
        }
        @for block in rest { (rendering.block(block)) }
        section.takeaways aria-labelledby="lesson-takeaways" {
            h2 #lesson-takeaways { "What to take away" }
            ul { @for takeaway in &lesson.takeaways { li { (PreEscaped(takeaway)) } } }
            (terms)
        }
        section.sources aria-labelledby="lesson-sources" {
            h2 #lesson-sources { "Sources" }
            ol { @for source in &lesson.front.sources { li { a href=(source.url) { (source.title) } } } }
        }
        (pager(place))
    }
}

/// How many blocks may stand before the first stage for it to be part of the first screen.
const OPENING_BLOCKS_MAX: usize = 3;

fn head(place: &Place<'_>) -> Markup {
    let entry = &place.all[place.at];
    let after: Vec<&Entry> = place
        .all
        .iter()
        .filter(|other| entry.after.contains(&other.id))
        .collect();
    html! {
        header.lesson-head {
            nav.crumbs aria-label="You are here" {
                ol {
                    li { a href="../../index.html" { "Course" } }
                    li { (entry.module) }
                }
            }
            h1 { (entry.title) }
            p.meta {
                "Lesson " (entry.number) " · " (entry.minutes) " minutes"
                @for (at, other) in after.iter().enumerate() {
                    (if at == 0 { " · after " } else { ", " })
                    a href=(beside(other)) { (other.title) }
                }
            }
        }
    }
}

fn pager(place: &Place<'_>) -> Markup {
    let before = place.at.checked_sub(1).and_then(|at| place.all.get(at));
    let after = place.all.get(place.at + 1);
    html! {
        @if before.is_some() || after.is_some() {
            nav.pager aria-label="Lessons" {
                @if let Some(entry) = before { a rel="prev" href=(beside(entry)) { small { "Previous" } (entry.title) } }
                @if let Some(entry) = after { a rel="next" href=(beside(entry)) { small { "Next" } (entry.title) } }
            }
        }
    }
}

/// From one lesson's page to another's.
fn beside(entry: &Entry) -> String {
    format!("../{}/index.html", entry.id)
}

/// Blocks in the order in which they stand on the page.
struct Rendering<'a> {
    lesson: &'a Lesson,
    /// How many stages show a scene so far.
    anchors: BTreeMap<String, usize>,
}

impl Rendering<'_> {
    fn block(&mut self, block: &Block) -> Markup {
        let lesson = &self.lesson.front.id;
        match block {
            Block::Prose(prose) => html! { div.prose { (PreEscaped(scrolling(prose))) } },
            Block::Note { kind, html } => note(*kind, &scrolling(html)),
            Block::Stage { scene, with, .. } => {
                let props = StageProps {
                    lesson: lesson.clone(),
                    anchor: self.anchor(scene),
                    scene: Arc::new(self.scene(scene).clone().into()),
                    selection: with.clone(),
                };
                let without = "Scripts are off: this is the first moment, and the table tells the whole story.";
                island(&Island::Stage(Box::new(props)), Some(without))
            }
            Block::Trace { scene, with, facts } => {
                let run = self.run(scene, with);
                let number = |id: Option<u32>| id.map_or(0, |id| id as usize);
                let (from, to) = (
                    number(facts.first().map(|fact| fact.id)),
                    number(facts.last().map(|fact| fact.id)),
                );
                html! { div.figure.narrow { div.scroll { (PreEscaped(fixed::trace_table(&run, from, to))) } } }
            }
            Block::Terminal { screen, .. } => {
                html! { div.figure { (PreEscaped(fixed::terminal(screen.clone()))) } }
            }
            Block::Quiz(quiz) => {
                let props = QuizProps {
                    lesson: lesson.clone(),
                    quiz: quiz.clone(),
                };
                island(
                    &Island::Quiz(props),
                    Some("Scripts are off, so answers cannot be checked here."),
                )
            }
            Block::Exercise(id) => {
                let written = self.lesson.exercises.get(id);
                let props = ExerciseProps {
                    lesson: lesson.clone(),
                    exercise: written
                        .expect("the course has found the exercise")
                        .exercise
                        .clone(),
                };
                let without = "Scripts are off, so answers cannot be checked here.";
                island(&Island::Exercise(Box::new(props)), Some(without))
            }
            Block::Outcomes(table) => {
                // The first player of a scene is called after it.
                let shown = |block: &Block| matches!(block, Block::Stage { scene, .. } if *scene == table.scene);
                let has_player = self.lesson.blocks.iter().any(shown);
                let anchor = has_player.then_some(table.scene.as_str());
                outcomes::table(table, self.scene(&table.scene), anchor)
            }
            Block::Task(task) => {
                let props = TaskProps {
                    lesson: lesson.clone(),
                    task: task.clone(),
                };
                island(&Island::Task(props), None)
            }
            Block::Primer(known) => primer::primer(known),
        }
    }

    /// A name for a stage that no other stage of the page has.
    fn anchor(&mut self, scene: &str) -> String {
        let stages = self.anchors.entry(scene.to_owned()).or_insert(0);
        *stages += 1;
        if *stages == 1 {
            scene.to_owned()
        } else {
            format!("{scene}-{stages}")
        }
    }

    fn scene(&self, id: &str) -> &Scene {
        self.lesson
            .scenes
            .get(id)
            .expect("the course has found the scene")
    }

    fn run(&self, scene: &str, with: &Selection) -> Run {
        let scene = self
            .scene(scene)
            .with(with)
            .expect("the course has tried the selection");
        let mut run = Run::new(Cast::new(&scene).expect("the course has checked the scene"));
        run.to_rest();
        run
    }
}

/// Tables that are wider than a phone scroll by themselves.
fn scrolling(html: &str) -> String {
    html.replace("<table>", "<div class=\"scroll\"><table>")
        .replace("</table>", "</table></div>")
}
