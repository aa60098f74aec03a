//! The project's own recordings and vectors, and what becomes of any others.

#[path = "project/models.rs"]
mod models;
#[path = "project/reading.rs"]
mod reading;
#[path = "project/replaying.rs"]
mod replaying;

use conformance::collection::Form;
use conformance::vectors::agreement;
use conformance::{Collection, Models, Recording, Vectors, compare, known};
use serde_json::{Value, json};
use std::path::PathBuf;

fn collection() -> Collection {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance");
    Collection::read(&folder).expect("the project's folder can be read")
}

fn recordings() -> Vec<Recording> {
    let read = |(place, value): (String, Value)| {
        Recording::read(&place, &value).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    };
    let files = collection().files.into_iter();
    let values = files.filter_map(|file| match file.form {
        Form::Recording(value) => Some((file.place, value)),
        _ => None,
    });
    values.map(read).collect()
}

fn vectors() -> Vec<(String, Vectors)> {
    let files = collection().files.into_iter();
    files
        .filter_map(|file| match file.form {
            Form::Vectors(value) => Some((file.name, file.place, value)),
            _ => None,
        })
        .map(|(name, place, value)| {
            let read = Vectors::read(&place, &value);
            (name, read.unwrap_or_else(|mistakes| panic!("{mistakes:?}")))
        })
        .collect()
}

/// The promise of the project: what differs is known, and what is known differs.
#[test]
fn exactly_the_known_differences_fail() {
    let known = known::list().unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    let report = Models::ALL.replay(&collection(), &known);
    let is_unknown = |failure: &conformance::report::Failure| failure.known.is_none();
    let unknown = report.failures().any(|(_, failure)| is_unknown(failure));
    let mistaken = report.files.iter().any(|file| !file.mistakes.is_empty());
    assert!(
        !unknown && !mistaken,
        "these differ and are not in tests/conformance/known.json:\n{}",
        report.text()
    );
    assert_eq!(
        report.outdated(&known),
        Vec::<&conformance::Known>::new(),
        "these no longer differ; take them out of tests/conformance/known.json"
    );
    assert!(report.passed() > 0, "nothing was played");
    assert_eq!(report.skipped, Vec::<String>::new());
}

#[test]
fn every_recording_agrees_with_itself_and_not_with_anything_else() {
    let recordings = recordings();
    assert!(!recordings.is_empty());
    for recording in &recordings {
        let id = &recording.id;
        let found = compare::disagreements(recording, &recording.observed);
        assert_eq!(found, [], "{id} differs from itself");
        let compared = recording.compared_steps().count();
        let nothing = vec![json!({"nothing": 1}); recording.steps.len()];
        let found = compare::disagreements(recording, &nothing).len();
        assert!(found > 0 || compared == 0, "{id} agrees with anything");
        let missing = compare::disagreements(recording, &[]).len();
        assert!(missing > 0 || compared == 0, "{id} agrees with no answers");
    }
}

#[test]
fn every_vector_agrees_with_itself_and_not_with_anything_else() {
    let vectors = vectors();
    assert!(!vectors.is_empty());
    for (kind, case) in vectors
        .iter()
        .flat_map(|(kind, file)| file.cases.iter().map(move |case| (kind, case)))
    {
        let check = |output: &Value, agrees: bool| {
            let found = agreement::disagreement(kind, case, output);
            assert_eq!(found.is_none(), agrees, "{kind} {}: {found:?}", case.id);
        };
        check(&case.output, true);
        check(&json!({"nothing": 1}), false);
    }
}

#[test]
fn every_file_belongs_to_a_system_and_to_an_area_of_it() {
    for file in collection().files {
        let system = conformance::system::of(file.model());
        assert!(system.is_some(), "{} is about no system", file.place);
        let is_told = conformance::area::is_known(file.model());
        assert!(is_told, "nobody says what {} is about", file.model());
    }
}
