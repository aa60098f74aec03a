//! Any text at all: it is read, or its mistakes are told; nothing panics.

use crate::together::pointers;
use course::lesson::scenes::Scenes;
use course::query::{Condition, Moment, Query};
use course::{Diagnostics, Source};
use engine::Scene;
use proptest::prelude::*;
use std::sync::LazyLock;

const MAIL: &str = include_str!("fixtures/sound/one-mail/mail.scene.json");
const QUIZ: &str = include_str!("fixtures/sound/one-mail/check.quiz.json");
const LESSON: &str = include_str!("fixtures/sound/one-mail/lesson.md");
const MANY: &str = include_str!("fixtures/mistakes/many/lesson.md");

static SCENE: LazyLock<Scene> =
    LazyLock::new(|| course::read_scene("mail", MAIL).expect("it is sound"));

/// Mistakes can always be shown.
fn shown<T>(read: Result<T, Diagnostics>) {
    if let Err(mistakes) = read {
        assert!(!mistakes.is_empty());
        assert!(
            mistakes
                .render(true)
                .ends_with(&(mistakes.closing_line() + "\n"))
        );
    }
}

fn scene(text: &str) {
    shown(course::read_scene("s", text));
}

fn lesson(text: &str) {
    let mut scenes = Scenes::default();
    scenes.add("mail", Some(SCENE.clone()));
    scenes.add("good", Some(SCENE.clone()));
    shown(course::lesson::read_text(
        &Source::new("l", text),
        "one-mail",
        &scenes,
        course::lesson::Known {
            quizzes: &Default::default(),
            exercises: &Default::default(),
            shared: &course::lesson::Shared::of_none(),
        },
    ));
}

fn quiz(text: &str) {
    let mut scenes = Scenes::default();
    scenes.add("mail", Some(SCENE.clone()));
    shown(course::quiz::read_quiz(&Source::new("q", text), &scenes));
}

/// A text with some of its parts removed, doubled, exchanged or replaced.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        Just("\n".to_owned()),
        Just("```".to_owned()),
        Just("`=mail: lost`".to_owned()),
        Just("+++\n".to_owned()),
        Just("null".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("[[[[{".to_owned()),
        Just("é\u{301}🙂\r\n".to_owned()),
        ".{0,8}",
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, piece), 1..6);
    edits.prop_map(move |edits| {
        let mut text: Vec<char> = text.chars().collect();
        for (at, length, piece) in edits {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        text.into_iter().collect()
    })
}

/// A JSON text with some of its parts in place of others.
fn shuffled(text: &'static str) -> impl Strategy<Value = String> {
    let pair = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    prop::collection::vec(pair, 1..6).prop_map(move |pairs| {
        let mut value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        for (from, to) in pairs {
            let mut all = Vec::new();
            pointers(&value, String::new(), &mut all);
            let part = value
                .pointer(from.get::<String>(&all))
                .cloned()
                .unwrap_or_default();
            if let Some(place) = value.pointer_mut(to.get::<String>(&all)) {
                *place = part;
            }
            if all.len() > 2_000 {
                break;
            }
        }
        value.to_string()
    })
}

/// Random words of the languages, in random order.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "committed",
        "position",
        "end",
        "lag",
        "times",
        "total",
        "count",
        "ms",
        "gap_ms",
        "lost",
        "duplicated",
        "config",
        "@polled",
        "@",
        "@#",
        "polled#2",
        "crashed",
        "email-service",
        "email-1",
        "orders/0",
        "mail",
        "ord_1",
        "record=ord_1",
        "=",
        ">=",
        "2",
        "-9223372036854775808",
        "é=é",
    ]);
    prop::collection::vec(word, 0..7).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_can_be_read_as_anything(text in any::<String>()) {
        scene(&text);
        lesson(&text);
        quiz(&text);
    }

    #[test]
    fn any_front_matter_and_any_body_can_be_read(front in ".*", body in any::<String>()) {
        lesson(&format!("+++\n{front}\n+++\n{body}"));
    }

    #[test]
    fn a_changed_scene_can_be_read(text in mutated(MAIL)) {
        scene(&text);
    }

    #[test]
    fn a_changed_lesson_can_be_read(text in mutated(LESSON)) {
        lesson(&text);
    }

    #[test]
    fn a_changed_lesson_full_of_mistakes_can_be_read(text in mutated(MANY)) {
        lesson(&text);
    }

    #[test]
    fn a_changed_quiz_can_be_read(text in mutated(QUIZ)) {
        quiz(&text);
    }

    #[test]
    fn a_scene_with_parts_in_wrong_places_can_be_read(text in shuffled(MAIL)) {
        scene(&text);
    }

    #[test]
    fn a_quiz_with_parts_in_wrong_places_can_be_read(text in shuffled(QUIZ)) {
        quiz(&text);
    }

    #[test]
    fn any_question_can_be_asked(text in words()) {
        let cast = engine::Cast::new(&SCENE).expect("no mistakes");
        let mut run = engine::Run::new(cast);
        run.to_rest();
        if let Ok(query) = text.parse::<Query>() {
            query.check(run.trace().cast());
            query.value(&run, run.len() / 2);
        }
        if let Ok(moment) = text.parse::<Moment>() {
            moment.place(&run, run.len());
        }
        if let Ok(condition) = text.parse::<Condition>() {
            condition.holds(&run, run.len());
        }
    }

    #[test]
    fn any_bytes_can_be_progress(text in any::<String>()) {
        let _ = course::progress::Progress::read(&text);
    }
}
