//! Plays a collection against the models, case by case.
//!
//! A model that panics fails its case and no other: one mistake must not hide what else there is.

use crate::collection::{Collection, File, Form};
use crate::compare;
use crate::family::Family;
use crate::kind::Kind;
use crate::known::Known;
use crate::mistake::Mistake;
use crate::model::{MODELS, Model};
use crate::recording::Recording;
use crate::refusal::Refusal;
use crate::report::{Failure, FileReport, NotYet, Place, Report, What};
use crate::system;
use crate::vectors::{Case, Vectors, agreement};
use serde_json::Value;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What there is to play against.
#[derive(Clone, Copy, Debug)]
pub struct Models<'a>(pub &'a [Model]);

impl Models<'static> {
    /// Everything that is modelled.
    pub const ALL: Models<'static> = Models(MODELS);
}

impl Models<'_> {
    /// Plays every file whose family or kind is modelled.
    pub fn replay(self, collection: &Collection, known: &[Known]) -> Report {
        let mut report = Report::default();
        let others = collection.others.iter();
        report.skipped = others.map(|path| path.display().to_string()).collect();
        for file in &collection.files {
            match self.file(file) {
                Some(mut played) => {
                    for failure in &mut played.failures {
                        failure.known = known
                            .iter()
                            .find(|known| known.is_of(&file.name, &failure.case))
                            .cloned();
                    }
                    report.files.push(played);
                }
                None => report.add_not_yet(not_yet(file)),
            }
        }
        report
    }

    /// What came of one file; nothing, where it is not modelled.
    fn file(self, file: &File) -> Option<FileReport> {
        let model = file.model();
        match &file.form {
            Form::Broken(mistake) => Some(mistaken(file, vec![mistake.clone()])),
            Form::Recording(value) => {
                let family = self
                    .0
                    .iter()
                    .flat_map(|one| one.families)
                    .find(|family| family.name == model)?;
                Some(match Recording::read(&file.place, value) {
                    Ok(recording) => recorded(file, &recording, family),
                    Err(mistakes) => mistaken(file, mistakes),
                })
            }
            Form::Vectors(value) => {
                let kind = self
                    .0
                    .iter()
                    .flat_map(|one| one.kinds)
                    .find(|kind| kind.name == model)?;
                Some(match Vectors::read(&file.place, value) {
                    Ok(vectors) => answered(file, &vectors, kind),
                    Err(mistakes) => mistaken(file, mistakes),
                })
            }
        }
    }
}

fn not_yet(file: &File) -> NotYet {
    let (cases, system) = match &file.form {
        Form::Vectors(value) => {
            let cases = value.get("cases").and_then(Value::as_array);
            (cases.map_or(0, Vec::len), "")
        }
        Form::Recording(value) => (1, value.get("system").and_then(Value::as_str).unwrap_or("")),
        Form::Broken(_) => (0, ""),
    };
    NotYet {
        name: file.model().to_owned(),
        files: 1,
        cases,
        versions: system::versions(system),
    }
}

fn mistaken(file: &File, mistakes: Vec<Mistake>) -> FileReport {
    FileReport {
        name: file.name.clone(),
        model: file.model().to_owned(),
        mistakes,
        ..FileReport::default()
    }
}

/// One recording is one case.
fn recorded(file: &File, recording: &Recording, family: &Family) -> FileReport {
    let failures = play(recording, family);
    FileReport {
        name: file.name.clone(),
        model: family.name.to_owned(),
        versions: system::versions(&recording.system),
        passed: usize::from(failures.is_empty()),
        mistakes: Vec::new(),
        failures: match failures.is_empty() {
            true => Vec::new(),
            false => vec![Failure {
                case: recording.id.clone(),
                what: failures,
                known: None,
            }],
        },
    }
}

/// What differs in a recording. A step that is refused, or at which the model panics, is the last.
fn play(recording: &Recording, family: &Family) -> Vec<What> {
    let mut player = match guarded(|| (family.begin)(recording)) {
        Ok(player) => player,
        Err(stopped) => return vec![stopped.at(None)],
    };
    let mut what = Vec::new();
    let compared: Vec<usize> = recording.compared_steps().collect();
    for step in &recording.steps {
        let place = Some(Place {
            step: step.at,
            op: step.op.clone(),
        });
        match guarded(|| player.play(step)) {
            Ok(answer) if compared.contains(&step.at) => {
                if let Some(found) = compare::disagreement(recording, step.at, Some(&answer)) {
                    what.push(What::Differs {
                        place,
                        expected: Value::from(&found.expected),
                        got: Value::from(&found.got),
                        broken: None,
                    });
                }
            }
            Ok(_) => {}
            Err(stopped) => {
                what.push(stopped.at(place));
                break;
            }
        }
    }
    what
}

fn answered(file: &File, vectors: &Vectors, kind: &Kind) -> FileReport {
    let failures: Vec<Failure> = vectors
        .cases
        .iter()
        .filter_map(|case| {
            let what = answer(case, kind)?;
            Some(Failure {
                case: case.id.clone(),
                what: vec![what],
                known: None,
            })
        })
        .collect();
    FileReport {
        name: file.name.clone(),
        model: kind.name.to_owned(),
        versions: Vec::new(),
        passed: vectors.cases.len() - failures.len(),
        mistakes: Vec::new(),
        failures,
    }
}

fn answer(case: &Case, kind: &Kind) -> Option<What> {
    match guarded(|| (kind.answer)(&case.input)) {
        Ok(output) => {
            agreement::disagreement(kind.name, case, &output).map(|found| What::Differs {
                place: None,
                expected: Value::from(&found.expected),
                got: Value::from(&found.got),
                broken: found.broken,
            })
        }
        Err(stopped) => Some(stopped.at(None)),
    }
}

/// Why a model did not go on.
enum Stopped {
    Refused(Refusal),
    Panicked(String),
}

impl Stopped {
    fn at(self, place: Option<Place>) -> What {
        match self {
            Stopped::Refused(refusal) => What::Refused {
                place,
                cause: refusal.cause,
                remedy: refusal.remedy,
            },
            Stopped::Panicked(message) => What::Panicked { place, message },
        }
    }
}

/// Calls a model. After a panic nothing of it is used again, so what it left half done is not seen.
fn guarded<T>(call: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Stopped> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(answer) => answer.map_err(Stopped::Refused),
        Err(panic) => Err(Stopped::Panicked(message(panic.as_ref()))),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}
