//! What the search finds: sections of lessons, terms, scenes and the rules of the models, with their texts.
//!
//! It is one JSON file of rows `[kind, address, title, place, text]`, which a page fetches when somebody opens
//! the search first, and which is indexed there (`web/finder`). Addresses are relative to the site's folder.

use conformance::model::MODELS;
use course::Course;
use course::lesson::{Block, Lesson};

use crate::entry::Entry;
use crate::{fidelity, glossary};

/// Something that can be found: the group it is shown in, its address, its title, where it is, and its text.
type Row = (&'static str, String, String, String, String);

/// The groups: sections of lessons, terms, scenes that lessons show, rules of models.
const LESSON: &str = "lesson";
const TERM: &str = "term";
const SCENE: &str = "scene";
const RULE: &str = "rule";

/// The file.
pub fn file(course: &Course, entries: &[Entry]) -> String {
    let mut rows = Vec::new();
    for (lesson, entry) in course.lessons.iter().zip(entries) {
        rows.extend(sections(lesson, entry));
        rows.extend(scenes(lesson, entry));
    }
    rows.extend(terms(course));
    rows.extend(rules());
    serde_json::to_string(&rows).expect("rows of texts can be written")
}

/// A lesson's beginning, and each of its sections.
fn sections(lesson: &Lesson, entry: &Entry) -> Vec<Row> {
    let place = format!("Lesson {}", entry.number);
    let mut sections = vec![(
        LESSON,
        entry.path(),
        entry.title.clone(),
        place,
        entry.summary.clone() + " ",
    )];
    for block in &lesson.blocks {
        let (Block::Prose(html) | Block::Note { html, .. }) = block else {
            continue;
        };
        for (at, part) in html.split("<h2 id=\"").enumerate() {
            let part = match at {
                0 => part,
                _ => {
                    let (id, rest) = part.split_once("\">").expect("a heading has a name");
                    let (title, rest) = rest.split_once("</h2>").expect("a heading ends");
                    let place = format!("Lesson {}, {}", entry.number, entry.title);
                    let address = format!("{}#{id}", entry.path());
                    sections.push((LESSON, address, text(title), place, String::new()));
                    rest
                }
            };
            let (.., told) = sections.last_mut().expect("the first is the beginning");
            told.push_str(&text(part));
            told.push(' ');
        }
    }
    for (.., told) in &mut sections {
        *told = told.trim_end().to_owned();
    }
    sections
}

/// The scenes that have a player, by the first.
fn scenes(lesson: &Lesson, entry: &Entry) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for block in &lesson.blocks {
        let Block::Stage { scene: id, .. } = block else {
            continue;
        };
        let scene = lesson.scenes.get(id).expect("the course has found it");
        let address = format!("{}#{id}", entry.path());
        if rows.iter().any(|(_, known, ..)| *known == address) {
            continue;
        }
        let topics = scene.topics.iter().map(|topic| topic.name.as_str());
        let parties = scene.consumers.iter().map(|one| one.name.as_str());
        let producers = scene.producers.iter().map(|one| one.name.as_str());
        let services = scene.services.iter().map(|one| one.name.as_str());
        let names = topics.chain(producers).chain(parties).chain(services);
        let names = names.collect::<Vec<_>>().join(", ");
        let place = format!("Lesson {}, {}", entry.number, entry.title);
        rows.push((SCENE, address, scene.title.clone(), place, names));
    }
    rows
}

fn terms(course: &Course) -> impl Iterator<Item = Row> {
    course.glossary.terms().iter().map(|term| {
        let address = format!("{}#{}", glossary::PATH, term.id);
        let elsewhere = term.elsewhere.iter();
        let elsewhere = elsewhere.map(|(system, word)| format!(" {system}: {}.", text(word)));
        let told = text(&term.means) + &elsewhere.collect::<String>();
        let others = term.forms.iter().filter(|form| **form != term.term);
        let others: Vec<&str> = others.map(String::as_str).collect();
        (TERM, address, term.term.clone(), others.join(", "), told)
    })
}

fn rules() -> impl Iterator<Item = Row> {
    MODELS.iter().flat_map(|model| {
        let rooms = (model.rooms)();
        rooms.into_iter().flat_map(|room| {
            let rows = room.rules.iter().map(|rule| {
                let id = fidelity::rule_id(model.title, room.title, rule);
                let title = format!("{}, rule {}{}", room.title, rule.prefix, rule.number);
                let told = rule
                    .text
                    .replace("[`", "")
                    .replace("`]", "")
                    .replace('`', "");
                let address = format!("{}#{id}", fidelity::PATH);
                (RULE, address, title, model.title.to_owned(), told)
            });
            rows.collect::<Vec<_>>()
        })
    })
}

/// The words of some HTML. Blocks end words, and marks within a line do not.
pub fn text(html: &str) -> String {
    let mut told = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        told.push_str(before);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/');
        let name = name.split([' ', '/']).next().unwrap_or_default();
        if !matches!(name, "a" | "b" | "em" | "strong" | "code" | "data") {
            told.push(' ');
        }
        rest = after;
    }
    told.push_str(rest);
    let told = told
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_html_are_told_as_they_are_read() {
        let check = |html: &str, expected: &str| assert_eq!(text(html), expected, "{html}");
        check(
            "<p>Two <em>mails</em>, a&amp;b.</p>\n<p>x</p>",
            "Two mails, a&b. x",
        );
        check("<td>1</td><td>2</td>", "1 2");
        check("off<code>set</code> &lt;3", "offset <3");
        check("<data class=\"computed\" value=\"2\">two</data>s", "twos");
    }
}
