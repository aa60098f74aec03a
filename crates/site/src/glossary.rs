//! The glossary's page: every term by the alphabet, with the lesson that teaches it, those that use it, and what
//! the systems call it. Previews in lessons are cut out of it (`web/page/preview.js`).

use std::collections::BTreeMap;

use course::Course;
use course::glossary::Term;
use maud::{Markup, PreEscaped, html};

use crate::entry::Entry;
use crate::page::{Kind, Needs, Page};

/// Where the page is in the site.
pub const PATH: &str = "glossary/index.html";

/// The page of the course's glossary; none, where it has no terms.
pub fn page(course: &Course, entries: &[Entry]) -> Option<Page> {
    let terms = course.glossary.terms();
    let here = Place { course, entries };
    let letters: Vec<&[Term]> = terms
        .chunk_by(|one, next| letter(one) == letter(next))
        .collect();
    (!terms.is_empty()).then(|| Page {
        path: PATH.to_owned(),
        heading: "Glossary".to_owned(),
        description: "The terms of messaging systems in a sentence or two each, with the lesson that teaches them and \
            what Kafka, Amazon SQS, RabbitMQ, NATS, MQTT, Redis, Google Pub/Sub and Kinesis call them."
            .to_owned(),
        kind: Kind::Glossary,
        needs: Needs::Nothing,
        body: html! {
            div.page.alone {
                main #main tabindex="-1" {
                    div.glossary {
                        h1 { "Glossary" }
                        p.lead {
                            (terms.len()) " terms, each with the lesson that teaches it, "
                            "and with what the systems call it where they use another word."
                        }
                        div.glossary-tools {
                            label.glossary-filter hidden { "Narrow down" input type="search" autocomplete="off"; }
                            p.glossary-said role="status" {}
                            nav.glossary-letters aria-label="Letters" {
                                @for terms in &letters {
                                    a href={ "#" (anchor(&terms[0])) } { (letter(&terms[0])) }
                                }
                            }
                        }
                        @for terms in &letters {
                            section.glossary-letter aria-labelledby=(anchor(&terms[0])) {
                                h2 id=(anchor(&terms[0])) { (letter(&terms[0])) }
                                dl { @for term in *terms { (here.entry(term)) } }
                            }
                        }
                    }
                }
            }
        },
    })
}

/// The terms that a lesson teaches, for its own page.
pub fn taught(course: &Course, terms: &[String]) -> Markup {
    let terms = terms
        .iter()
        .filter_map(|term| course.glossary.get(term).ok());
    let terms: Vec<&Term> = terms.collect();
    html! {
        @if !terms.is_empty() {
            p.lesson-terms {
                span { "Terms of this lesson: " }
                @for (at, term) in terms.iter().enumerate() {
                    @if at > 0 { ", " }
                    a.term href={ "../../" (PATH) "#" (term.id) } { (term.term) }
                }
            }
        }
    }
}

/// Under which letter a term stands; those that begin with a digit or a sign stand under one of their own.
fn letter(term: &Term) -> char {
    let first = term.term.chars().next().unwrap_or('#');
    match first.is_alphabetic() {
        true => first.to_uppercase().next().unwrap_or(first),
        false => '#',
    }
}

fn anchor(term: &Term) -> String {
    match letter(term) {
        '#' => "letter-other".to_owned(),
        letter => format!("letter-{}", letter.to_lowercase()),
    }
}

struct Place<'a> {
    course: &'a Course,
    entries: &'a [Entry],
}

impl Place<'_> {
    fn entry(&self, term: &Term) -> Markup {
        // What has a plural of its own is not another word.
        let forms = term.forms.iter().filter(|form| **form != term.term);
        let forms: Vec<&str> = forms.map(String::as_str).collect();
        html! {
            div.entry id=(term.id) {
                dt { (term.term) }
                @if !forms.is_empty() { dd.forms { "also: " (forms.join(", ")) } }
                dd.means { (PreEscaped(&term.means)) }
                @if !term.elsewhere.is_empty() {
                    dd.elsewhere {
                        @for (at, (system, word)) in term.elsewhere.iter().enumerate() {
                            @if at > 0 { "; " }
                            b { (system) } ": " (PreEscaped(word))
                        }
                    }
                }
                dd.where {
                    (self.lesson(term.lesson))
                    (self.uses(term))
                    (self.see(term))
                }
            }
        }
    }

    /// The lesson that teaches it; one that is not written yet leads nowhere.
    fn lesson(&self, number: u32) -> Markup {
        let written = self.entries.iter().find(|entry| entry.number == number);
        let plan = self.course.plan.iter();
        let mut planned = plan
            .flat_map(|plan| &plan.modules)
            .flat_map(|module| &module.lessons);
        let planned = planned.find(|lesson| lesson.number == number);
        html! {
            @match (written, planned) {
                (Some(entry), _) => { a href={ "../" (entry.path()) } { "Lesson " (number) ", " (entry.title) } }
                (None, Some(lesson)) => { "Lesson " (number) ", " (lesson.title) ", not written yet" }
                (None, None) => { "Lesson " (number) ", not written yet" }
            }
        }
    }

    /// The other lessons that use it, each where it first does.
    fn uses(&self, term: &Term) -> Markup {
        let lessons = self.entries.iter().zip(&self.course.lessons);
        let uses = lessons.filter_map(|(entry, lesson)| {
            let section = lesson.terms.get(&term.id)?;
            (entry.number != term.lesson).then_some((entry, section))
        });
        let uses: BTreeMap<u32, _> = uses
            .map(|(entry, section)| (entry.number, (entry, section)))
            .collect();
        html! {
            @if !uses.is_empty() {
                " · used in " (if uses.len() == 1 { "lesson " } else { "lessons " })
                @for (at, (number, (entry, section))) in uses.iter().enumerate() {
                    @if at > 0 { ", " }
                    @let place = if section.is_empty() { String::new() } else { format!("#{section}") };
                    a href={ "../" (entry.path()) (place) } aria-label={ "lesson " (number) ", " (entry.title) } { (number) }
                }
            }
        }
    }

    fn see(&self, term: &Term) -> Markup {
        let name = |id: &str| {
            let mut terms = self.course.glossary.terms().iter();
            terms.find(|one| one.id == id).map(|one| one.term.as_str())
        };
        html! {
            @if !term.see.is_empty() {
                " · see also "
                @for (at, id) in term.see.iter().enumerate() {
                    @if at > 0 { ", " }
                    a href={ "#" (id) } { (name(id).expect("the course has found the term")) }
                }
            }
        }
    }
}
