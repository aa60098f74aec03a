//! Lessons without mistakes.

use crate::expected;
use course::lesson::scenes::Scenes;
use course::lesson::{Block, Known, Lesson, read_lesson, read_text};
use course::quiz::{Verdict, grade};

use course::{Source, read_scene};
use std::path::Path;

fn sound() -> Lesson {
    let lesson = read_lesson(Path::new("tests/course/fixtures/sound/one-mail"));
    lesson.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)))
}

#[test]
fn a_lesson_is_read_ready_for_the_page() {
    let lesson = sound();
    let mut text = format!(
        "{:#?}\noutcomes {:#?}\ntakeaways {:#?}\nheadings {:#?}\n",
        lesson.front, lesson.outcomes, lesson.takeaways, lesson.headings
    );
    for block in &lesson.blocks {
        match block {
            Block::Prose(html) => text.push_str(&format!("\n== prose\n{html}")),
            Block::Terminal { screen, .. } => text.push_str(&format!(
                "\n== terminal\n$ {}\n{}",
                screen.command, screen.output
            )),
            other => text.push_str(&format!("\n== {other:#?}\n")),
        }
    }
    expected::check("tests/course/fixtures/expected/one-mail.txt", &text);
}

#[test]
fn a_course_says_how_much_was_checked() {
    let course = course::read_course(Path::new("tests/course/fixtures/sound"))
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let expected = "1 lesson, 1 scene, 2 combinations of settings, 2 expectations, 1 quiz, 3 questions, 0 exercises, 1 task, 10 computed values";
    assert_eq!(course.totals().to_string(), expected);
}

#[test]
fn the_key_of_a_predict_question_is_what_the_run_gives() {
    let lesson = sound();
    let quiz = lesson
        .blocks
        .iter()
        .find_map(|block| {
            if let Block::Quiz(quiz) = block {
                Some(quiz)
            } else {
                None
            }
        })
        .expect("it has a quiz");
    let answers = [
        ("next".to_owned(), 0),
        ("mails".to_owned(), 1),
        ("lost".to_owned(), 0),
    ]
    .into();
    let verdicts: Vec<_> = grade(quiz, &answers)
        .into_iter()
        .map(|mark| mark.verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Right, Verdict::Right, Verdict::Wrong]);
}

#[test]
fn a_task_is_done_where_its_conditions_hold_and_not_before() {
    let lesson = sound();
    let task = lesson
        .blocks
        .iter()
        .find_map(|block| {
            if let Block::Task(task) = block {
                Some(task)
            } else {
                None
            }
        })
        .expect("it has a task");
    let cast = engine::Cast::new(&lesson.scenes["mail"]).expect("no mistakes");
    let mut run = engine::Run::new(cast);
    run.to_rest();
    let done: Vec<usize> = (0..=run.len())
        .filter(|&choices| task.done(&run, choices))
        .collect();
    let second_mail: course::query::Moment = "effect_done record=ord_2 #2"
        .replace(" #2", "")
        .parse()
        .expect("a moment");
    let first = course::query::Moment {
        nth: 2,
        ..second_mail
    }
    .place(&run, run.len())
    .expect("it comes");
    assert_eq!(done, (first..=run.len()).collect::<Vec<_>>());
}

#[test]
fn a_queue_has_a_terminal_too() {
    let mut scenes = Scenes::default();
    for (name, text) in [
        (
            "mail",
            include_str!("fixtures/sound/one-mail/mail.scene.json"),
        ),
        ("queue", include_str!("fixtures/queue.scene.json")),
    ] {
        let scene = read_scene(name, text);
        let scene = scene.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
        scenes.add(name, Some(scene));
    }
    let screen = |directive: &str| {
        let sound = include_str!("fixtures/sound/one-mail/lesson.md");
        let text = sound.replacen(
            "```sh",
            &format!("```terminal {directive}\n```\n\n```sh"),
            1,
        );
        let known = Known {
            quizzes: &[("check".to_owned(), None)].into(),
            exercises: &Default::default(),
            shared: &course::lesson::Shared::of_none(),
        };
        let lesson = read_text(&Source::new("lesson", &text), "one-mail", &scenes, known);
        let lesson = lesson.map_err(|mistakes| mistakes.render(false))?;
        let mut screens = lesson.blocks.into_iter().filter_map(|block| match block {
            Block::Terminal { scene, screen, .. } => (scene == "queue").then_some(screen),
            _ => None,
        });
        Ok::<_, String>(screens.next_back().expect("the terminal of the queue"))
    };
    let shown = screen("queue\nat: received\nsubscription: email-service");
    let shown = shown.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert!(
        shown
            .command
            .starts_with("aws sqs get-queue-attributes --queue-url")
    );
    for attribute in [
        "\"ApproximateNumberOfMessages\": \"1\"",
        "\"ApproximateNumberOfMessagesNotVisible\": \"1\"",
    ] {
        assert!(shown.output.contains(attribute), "{}", shown.output);
    }
    let mistakes = screen("queue\nsubscription: mails").expect_err("nobody subscribes to it");
    assert!(
        mistakes.contains("there is no subscription `mails`"),
        "{mistakes}"
    );
}
