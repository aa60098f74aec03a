//! The page that brings questions and terms back, and the file of what can come back.
//!
//! The page is empty until its script has read the progress that the browser keeps; when something comes back,
//! and what is kept for that, `web/review` knows. The module is not needed for it.

use course::Course;
use course::lesson::{Block, Lesson};
use maud::html;
use serde_json::{Value, json};

use crate::entry::Entry;
use crate::page::{Kind, Needs, Page};

/// Where the page is in the site.
pub const PATH: &str = "review/index.html";

/// The file: a JSON array with one row for each lesson, in the order of the course. Paths are relative to the
/// site's folder, and links in what a term means are as on the glossary's page.
pub fn file(course: &Course, entries: &[Entry]) -> String {
    let lessons = course.lessons.iter().zip(entries);
    let rows = lessons.map(|(lesson, entry)| row(course, lesson, entry));
    Value::Array(rows.collect()).to_string()
}

/// What can come back of a lesson.
fn row(course: &Course, lesson: &Lesson, entry: &Entry) -> Value {
    let mut quizzes = Vec::new();
    let mut exercises = Vec::new();
    for block in &lesson.blocks {
        match block {
            Block::Quiz(quiz) => quizzes.push(json!(quiz)),
            Block::Exercise(id) => {
                let written = lesson.exercises.get(id);
                let title = written.map(|written| &written.exercise.title);
                exercises.extend(title.map(|title| json!({ "id": id, "title": title })));
            }
            _ => {}
        }
    }
    let terms = lesson.front.terms.iter();
    let terms = terms.filter_map(|term| course.glossary.get(term).ok());
    let terms: Vec<Value> = terms
        .map(|term| json!({ "id": term.id, "term": term.term, "means": term.means }))
        .collect();
    json!({
        "id": entry.id,
        "number": entry.number,
        "title": entry.title,
        "path": entry.path(),
        "quizzes": quizzes,
        "exercises": exercises,
        "terms": terms,
    })
}

/// The page.
pub fn page() -> Page {
    Page {
        path: PATH.to_owned(),
        heading: "Review".to_owned(),
        description: "Questions and terms of the lessons that you have done come back after growing intervals, \
            what you missed first. Ten minutes a day are enough."
            .to_owned(),
        kind: Kind::Review,
        needs: Needs::Nothing,
        body: html! {
            div.page.alone {
                main #main tabindex="-1" {
                    div.prose.home {
                        h1 { "Review" }
                        p.lead {
                            "Questions that you have answered in a lesson come back here, and the terms of that lesson, "
                            "each after a longer interval than before. What you missed comes first. Ten minutes a day are enough."
                        }
                        section.review.quiz aria-label="What is due" {
                            noscript { p { "Scripts are off, so nothing can come back: the page does not know what you have done." } }
                        }
                        p {
                            "When something comes back is planned by FSRS, so that you still know about nine in ten when they do. "
                            "The plan is kept in this browser and nowhere else; it is no part of the file in which progress is exported. "
                            "What you forget of one lesson leaves the plan when this page is opened next; when you forget everything, the plan goes at once."
                        }
                        p { a href="../index.html#progress" { "Your progress" } }
                    }
                }
            }
        },
    }
}
