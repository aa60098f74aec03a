//! What an author claims of an exercise, and whether it is so: the starter fails, the solution
//! passes, each wrong answer breaks the promise it is listed with. Whoever checks grades the
//! answers, one by one or many at once; the order of the claims is theirs to keep.

use super::{Answer, Exercise, Form, Graded, Way, Written};
use crate::diagnostic::Diagnostics;
use crate::document::Document;

/// What is claimed of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It passes.
    Passes,
    /// It does not pass.
    Fails,
    /// It does not pass, and this is the first promise that it breaks.
    Breaks(String),
}

/// A claim of an exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which answer: "the starter".
    pub name: String,
    /// Where it stands: a JSON Pointer into the exercise.
    pub pointer: String,
    /// The answer.
    pub answer: Answer,
    /// What is claimed.
    pub claimed: Claimed,
}

/// Everything that an exercise claims. Of predictions and designs there is nothing to prove: the
/// keys were computed, and a rubric is no machine's to judge.
pub fn claims(exercise: &Exercise) -> Vec<Claim> {
    let claim = |name: &str, pointer: String, answer, claimed| Claim {
        name: name.to_owned(),
        pointer,
        answer,
        claimed,
    };
    let three = |at: &str, starter, solution, wrong: Vec<(Answer, Claimed)>| {
        let mut all = vec![
            claim(
                "the starter",
                format!("/{at}/starter"),
                starter,
                Claimed::Fails,
            ),
            claim(
                "the solution",
                format!("/{at}/solution"),
                solution,
                Claimed::Passes,
            ),
        ];
        all.extend(
            wrong
                .into_iter()
                .enumerate()
                .map(|(nth, (answer, claimed))| {
                    let pointer = format!("/{at}/wrong/{nth}/answer");
                    claim("this wrong answer", pointer, answer, claimed)
                }),
        );
        all
    };
    match &exercise.form {
        Form::Code {
            starter,
            solution,
            wrong,
            ..
        } => {
            let code = |text: &String| Answer::Code(text.clone());
            let wrong = wrong
                .iter()
                .map(|one| (code(&one.answer), Claimed::Breaks(one.breaks.clone())));
            three("code", code(starter), code(solution), wrong.collect())
        }
        Form::Settings {
            starter,
            solution,
            wrong,
            ..
        } => {
            let wrong = wrong.iter().map(|one| {
                let answer = Answer::Settings(one.answer.clone());
                (answer, Claimed::Breaks(one.breaks.clone()))
            });
            let chosen = |selection: &engine::scene::Selection| Answer::Settings(selection.clone());
            three(
                "settings",
                chosen(starter),
                chosen(solution),
                wrong.collect(),
            )
        }
        Form::Find {
            solution, wrong, ..
        } => {
            let wrong = wrong
                .iter()
                .map(|one| (Answer::Find(one.answer.clone()), Claimed::Fails));
            let undisturbed = Answer::Find(Way::Path(String::new()));
            let mut all = three(
                "find",
                undisturbed,
                Answer::Find(solution.clone()),
                wrong.collect(),
            );
            // The undisturbed run is written nowhere; the goal says what it must not reach.
            all[0].name = "the undisturbed run".to_owned();
            all[0].pointer = "/find/goal".to_owned();
            all
        }
        Form::Predict { .. } | Form::Design { .. } => Vec::new(),
    }
}

impl Claim {
    /// What is wrong with the claim, now that the answer is graded.
    pub fn tell(&self, written: &Written, graded: &Graded) -> Diagnostics {
        let mut found = Diagnostics::new();
        let Ok(document) = Document::json(&written.source) else {
            return found;
        };
        let code = written
            .code
            .get(&self.pointer)
            .and_then(|name| written.files.get(name));
        if let Some(file) = code.filter(|_| !graded.problems.is_empty()) {
            for problem in &graded.problems {
                let start = byte(file.text(), problem.line, problem.column);
                let end = byte(file.text(), problem.end_line, problem.end_column);
                let help = match problem.help.as_str() {
                    "" => "correct it",
                    help => help,
                };
                found.add(file, start..end.max(start), &problem.message, help);
            }
            return found;
        }
        let name = &self.name;
        let sentence = &graded.sentence;
        let told = match (&self.claimed, graded.passed) {
            (Claimed::Passes, true) | (Claimed::Fails, false) => None,
            (Claimed::Passes, false) => Some((
                format!("{name} does not pass: {sentence}"),
                "correct it, the promises or the budget",
            )),
            (Claimed::Fails | Claimed::Breaks(_), true) => Some((
                format!("{name} passes: {sentence}"),
                "let the exercise ask for something that it does not do",
            )),
            (Claimed::Breaks(promise), false) => match graded.breaks() {
                Some(broken) if broken == promise => None,
                Some(broken) => Some((
                    format!("{name} breaks `{broken}` first: {sentence}"),
                    "correct `breaks`, or the answer",
                )),
                None => Some((
                    format!("{name} breaks nothing: {sentence}"),
                    "correct the answer, or raise the budget",
                )),
            },
        };
        if let Some((what, help)) = told {
            found.add(&written.source, document.place(&self.pointer), what, help);
        }
        found
    }
}

/// Where a line and a column, both from 1, are in a text.
fn byte(text: &str, line: u32, column: u32) -> usize {
    let before = text
        .split_inclusive('\n')
        .take((line as usize).saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let rest = &text[before..];
    let line = rest.lines().next().unwrap_or_default();
    let within = line
        .char_indices()
        .nth((column as usize).saturating_sub(1))
        .map_or(line.len(), |(at, _)| at);
    before + within
}
