//! `alo grade`: grades an answer to an exercise.

use crate::findings::{self, Page, Property};
use crate::language::{Limits, graded};
use crate::output::{Failure, print, say};
use course::Source;
use course::exercise::{Answer, Exercise, Graded, Kind, read_file, shown_cast};
use course::search;
use engine::Cast;
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Grade an answer to an exercise, over every schedule within its budget.
///
/// The verdict stands on the last line. Exit status 0: the answer passes. 1: it does not. 2: the
/// command, the exercise or the answer's file is mistaken.
#[derive(clap::Args)]
pub struct Grade {
    /// The exercise's file, such as lessons/consumer-groups/no-mail-twice.exercise.json.
    exercise: PathBuf,
    /// The answer's file: the code; or words. Settings: guard=on commit=after, then expect:holds because:1; expect:1 for the first promise to break. A run: 19-c0-r0. Predictions: QUESTION=OPTION with options from 1. A design: the numbers of its points.
    answer: PathBuf,
    /// Print one JSON object, on one line.
    #[arg(long)]
    json: bool,
    /// How long code may be graded, in seconds; then it fails.
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.seconds)]
    seconds: u64,
    /// How much memory that may take, in MB, where the system tells.
    #[arg(long, value_name = "N", default_value_t = Limits::DEFAULT.megabytes)]
    megabytes: u64,
}

#[derive(Serialize)]
struct Whole<'a> {
    exercise: &'a str,
    version: u32,
    kind: &'static str,
    passed: bool,
    verdict: &'a str,
    expected: Option<&'a str>,
    why: Option<String>,
    states: u64,
    complete: bool,
    properties: Vec<Property<'a>>,
    finding: Option<Finding<'a>>,
    problems: &'a [engine::handler::Problem],
    marks: &'a [course::quiz::Mark],
}

#[derive(Serialize)]
struct Finding<'a> {
    property: Option<&'a str>,
    sentence: &'a str,
    message: Option<&'a str>,
    steps: usize,
    path: &'a str,
    at: usize,
    faults: Vec<&'a str>,
    link: Option<String>,
}

impl Grade {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let written = read_file(&self.exercise).map_err(Failure::Mistakes)?;
        let exercise = &written.exercise;
        let source = Source::read(&self.answer).map_err(Failure::Mistakes)?;
        let answer = Answer::read(exercise, source.text())
            .map_err(|why| Failure::Usage(format!("{}: {why}", self.answer.display())))?;
        let limits = Limits {
            seconds: self.seconds,
            megabytes: self.megabytes,
        };
        let search::Grade { graded, recorded } = graded(exercise, &answer, limits)?;
        let with = graded.found.as_ref().map(|found| &found.with);
        let cast = with.and_then(|with| shown_cast(exercise, with, &recorded));
        // A run of the learner's code is in no link: the page would need the code as well.
        let scene = exercise
            .scene
            .as_ref()
            .filter(|_| exercise.kind() != Kind::Code);
        let lesson = scene.and_then(|scene| findings::played_in(&self.exercise, scene));
        print(&if self.json {
            json(exercise, &graded, lesson)
        } else {
            text(exercise, &graded, cast.as_ref(), lesson)
        })?;
        Ok(say(u8::from(!graded.passed)))
    }
}

/// Where findings of an exercise can be opened; none for one without a scene.
fn page(exercise: &Exercise, lesson: Option<String>) -> Option<Page<'_>> {
    let scene = exercise.scene.as_ref()?;
    Some(Page { lesson, scene })
}

fn text(
    exercise: &Exercise,
    graded: &Graded,
    cast: Option<&Arc<Cast>>,
    lesson: Option<String>,
) -> String {
    let mut text = String::new();
    for problem in &graded.problems {
        let place = format!("{}:{}", problem.line, problem.column);
        text.push_str(&format!("{place}: {} {}\n", problem.message, problem.help));
    }
    for mark in &graded.marks {
        let why = mark.why.as_deref().map(plain).unwrap_or_default();
        let line = format!("{}: {} {why}", mark.question, mark.verdict.word());
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if let Some(page) = page(exercise, lesson) {
        text.push_str(&findings::text(&graded.promises, cast, &page));
    }
    if let Some(expected) = &graded.expected {
        text.push_str(&format!("{expected}\n"));
    }
    if let Some(why) = &graded.why {
        text.push_str(&format!("{}\n", plain(why)));
    }
    text.push_str(&format!("{}\n", graded.sentence));
    text
}

fn json(exercise: &Exercise, graded: &Graded, lesson: Option<String>) -> String {
    let page = page(exercise, lesson);
    let properties = page.iter().flat_map(|page| {
        let all = graded.promises.iter();
        all.map(move |outcome| Property::of(outcome, page))
    });
    let finding = graded.found.as_ref().map(|found| Finding {
        property: found.promise.as_deref(),
        sentence: &found.sentence,
        message: found.record.as_deref(),
        steps: found.steps,
        path: &found.path,
        at: found.at,
        faults: found
            .faults
            .iter()
            .map(|(_, words)| words.as_str())
            .collect(),
        link: page.as_ref().and_then(|page| page.link(found)),
    });
    let whole = Whole {
        exercise: &exercise.id,
        version: exercise.version,
        kind: exercise.kind().word(),
        passed: graded.passed,
        verdict: &graded.sentence,
        expected: graded.expected.as_deref(),
        why: graded.why.as_deref().map(plain),
        states: graded.states,
        complete: graded.complete,
        properties: properties.collect(),
        finding,
        problems: &graded.problems,
        marks: &graded.marks,
    };
    // Names and numbers always have a JSON form.
    serde_json::to_string(&whole).unwrap_or_default() + "\n"
}

/// A text of a lesson without its marks, for a terminal.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut within = false;
    for letter in html.chars() {
        match letter {
            '<' => within = true,
            '>' if within => within = false,
            _ if within => {}
            _ => text.push(letter),
        }
    }
    // The ampersand last, or what it escapes would be read again.
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text, |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_out_of_texts() {
        let check = |html: &str, expected: &str| assert_eq!(plain(html), expected);
        check("The <em>row</em> <code>a &lt; b</code>", "The row a < b");
        check("&amp;lt; is &quot;&lt;&quot;", "&lt; is \"<\"");
    }
}
