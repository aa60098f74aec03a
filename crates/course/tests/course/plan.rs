//! The plan of the course: the file beside the lessons' folders.

use course::plan::{Plan, read_plan};
use course::{Diagnostics, Source};
use std::path::Path;

const SOUND: &str = r#"{
  "modules": [
    { "letter": "A", "name": "Logs", "question": "Who has read how far?", "lessons": [
      { "number": 2, "title": "Groups" },
      { "number": 9, "title": "Acks" },
      { "number": 3, "title": "Keys" }
    ] },
    { "letter": "B", "name": "Queues", "question": "Whose is it?", "lessons": [] }
  ]
}"#;

fn read(text: &str) -> Result<Plan, Vec<String>> {
    let lines = |mistakes: Diagnostics| mistakes.iter().map(ToString::to_string).collect();
    read_plan(&Source::new("p", text)).map_err(lines)
}

#[test]
fn a_lesson_has_a_place_whatever_its_number() {
    let plan = read(SOUND).expect("it has no mistakes");
    let place = |number| {
        let place = plan.place(number);
        place.map(|(at, module)| (at, module.title()))
    };
    assert_eq!(place(9), Some((1, "A. Logs".to_owned())));
    assert_eq!(place(3), Some((2, "A. Logs".to_owned())));
    assert_eq!(place(4), None);
}

#[test]
fn the_mistakes_of_a_plan_are_told_where_they_are() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(SOUND.contains(from), "{from}");
        assert_eq!(
            read(&SOUND.replacen(from, to, 1)),
            Err(vec![expected.to_owned()]),
            "{from} → {to}"
        );
    };
    check(
        "\"letter\": \"B\"",
        "\"letter\": \"A\"",
        "p:8:17: `A` is no letter of its own; give each module another letter",
    );
    check(
        "\"number\": 3",
        "\"number\": 2",
        "p:6:19: 2 is no number of its own; give each lesson another number, from 1",
    );
    check(
        "\"title\": \"Acks\"",
        "\"title\": \" \"",
        "p:5:31: nothing is written here; write what the learner will see",
    );
}

#[test]
fn the_plan_of_the_course_is_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/course.json");
    let source = Source::read(&path).expect("the file is there");
    let plan = read_plan(&source).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let numbers = plan.modules.iter().flat_map(|module| &module.lessons);
    let mut numbers: Vec<_> = numbers.map(|lesson| lesson.number).collect();
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=33));
}
