//! What an author claims of an exercise, and whether it is so: the starter fails, the solution
//! passes, each wrong answer breaks the promise it is listed with and is told its own sentence. Of
//! settings every choice is claimed: it is right, or something is said of it. Whoever checks grades the
//! answers, one by one or many at once; the order of the claims is theirs to keep.

use super::grade::{complete, known_settings};
use super::{Answer, Chosen, Exercise, Expected, Form, Graded, Way, Written};
use crate::diagnostic::Diagnostics;
use crate::document::Document;
use engine::scene::Selection;

/// What is claimed of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It passes.
    Passes,
    /// It does not pass.
    Fails,
    /// It does not pass, this is the first promise that it breaks, and the n-th wrong answer, from 0, has
    /// the sentence that is said of it.
    Breaks(String, usize),
    /// It does not pass, and the n-th wrong answer, from 0, has the sentence that is said of it.
    Told(usize),
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
            let wrong = wrong.iter().enumerate().map(|(nth, one)| {
                let claimed = Claimed::Breaks(one.breaks.clone(), nth);
                (code(&one.answer), claimed)
            });
            three("code", code(starter), code(solution), wrong.collect())
        }
        Form::Settings {
            starter,
            solution,
            right,
            wrong,
            reason,
            form,
        } => {
            let chosen = |options: &Selection| {
                Answer::Settings(Chosen {
                    options: options.clone(),
                    expected: Some(Expected::Holds),
                    because: Some(reason.key),
                })
            };
            let mut all = three("settings", chosen(starter), chosen(solution), Vec::new());
            all.extend(right.iter().enumerate().map(|(nth, options)| {
                let pointer = format!("/settings/right/{nth}");
                claim(
                    "this right answer",
                    pointer,
                    chosen(options),
                    Claimed::Passes,
                )
            }));
            for options in choices(exercise, form) {
                let Some(nth) = known_settings(exercise, wrong, &options) else {
                    continue;
                };
                let words: Vec<String> = options
                    .iter()
                    .map(|(setting, option)| format!("{setting}={option}"))
                    .collect();
                let claimed = Claimed::Breaks(wrong[nth].breaks.clone(), nth);
                let pointer = format!("/settings/wrong/{nth}/answer");
                let name = format!("`{}`", words.join(" "));
                all.push(claim(&name, pointer, chosen(&options), claimed));
            }
            all
        }
        Form::Find {
            solution, wrong, ..
        } => {
            let wrong = wrong
                .iter()
                .enumerate()
                .map(|(nth, one)| (Answer::Find(one.answer.clone()), Claimed::Told(nth)));
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

/// Every choice that a form leaves, in the order of its settings and their options.
pub(super) fn choices(exercise: &Exercise, form: &[String]) -> Vec<Selection> {
    let settings = exercise.scene.iter().flat_map(|scene| &scene.settings);
    let mut all = vec![Selection::new()];
    for setting in settings.filter(|setting| form.contains(&setting.id)) {
        all = all
            .iter()
            .flat_map(|chosen| {
                setting.options.iter().map(|option| {
                    let mut chosen = chosen.clone();
                    chosen.insert(setting.id.clone(), option.id.clone());
                    chosen
                })
            })
            .collect();
    }
    all
}

/// Whether two choices come to the same, with the first option of every setting that is left out.
pub(super) fn same(exercise: &Exercise, one: &Selection, other: &Selection) -> bool {
    complete(exercise, one.clone()) == complete(exercise, other.clone())
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
            (Claimed::Fails | Claimed::Breaks(..) | Claimed::Told(_), true) => Some((
                format!("{name} passes: {sentence}"),
                "let the exercise ask for something that it does not do",
            )),
            (Claimed::Told(nth), false) => self.told(*nth, graded),
            (Claimed::Breaks(promise, nth), false) => match graded.breaks() {
                Some(broken) if broken == promise => self.told(*nth, graded),
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

    /// What is wrong with the sentence that is said of a wrong answer, which is to be that of the n-th.
    fn told(&self, nth: usize, graded: &Graded) -> Option<(String, &'static str)> {
        let name = &self.name;
        let sentence = &graded.sentence;
        match graded.known {
            Some(known) if known == nth => None,
            Some(known) => Some((
                format!("{name} is told what stands at `wrong.{known}`: {sentence}"),
                "put it first, or let `when` say what is so there and not here",
            )),
            None => Some((
                format!(
                    "{name} is told nothing: what `when` says is not so in its run: {sentence}"
                ),
                "write conditions that hold at the end of its run",
            )),
        }
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
