use super::*;
use crate::task::{Form, Question};

fn done(tasks: &[&str], right: u32) -> Progress {
    let mut progress = Progress::default();
    let lesson = progress.lesson_mut("consumer-groups");
    lesson.visited = true;
    lesson.tasks = tasks.iter().map(|&id| id.to_owned()).collect();
    let answers = Answers::from([("q1".to_owned(), 2)]);
    lesson.quizzes.insert(
        "check".to_owned(),
        QuizProgress {
            version: 1,
            answers,
            right,
            of: 5,
        },
    );
    progress
}

#[test]
fn what_is_exported_is_imported() {
    let progress = done(&["crash-it"], 4);
    assert_eq!(Progress::read(&progress.text()), Ok(progress));
}

#[test]
fn a_task_that_asks_is_done_when_it_is_reached_and_rightly_answered() {
    let question = Question {
        form: Form::Number { key: 2 },
        right: String::new(),
        wrong: String::new(),
        known: Vec::new(),
    };
    let task = Task {
        id: "second-mail".to_owned(),
        scene: "crash".to_owned(),
        when: vec!["lost >= 1".to_owned()],
        html: String::new(),
        question: Some(question),
    };
    let check = |steps: &[Option<&str>], expected: bool| {
        let mut lesson = LessonProgress::default();
        for step in steps {
            match step {
                Some(answer) => lesson.answer(&task, (*answer).to_owned()),
                None => lesson.reach(&task),
            }
        }
        assert_eq!(lesson.tasks.contains("second-mail"), expected, "{steps:?}");
    };
    check(&[None], false);
    check(&[Some("2")], false);
    check(&[Some("4"), None], false);
    check(&[None, Some("2")], true);
    check(&[Some("2"), None], true);
    // Whoever has done it may try other answers.
    check(&[Some("2"), None, Some("4")], true);
    let asks_nothing = Task {
        question: None,
        ..task.clone()
    };
    let mut lesson = LessonProgress::default();
    lesson.reach(&asks_nothing);
    assert!(lesson.tasks.contains("second-mail") && lesson.reached.is_empty());
}

#[test]
fn a_text_that_is_no_progress_is_told_so() {
    let check = |text: &str, expected| assert_eq!(Progress::read(text), Err(expected), "{text}");
    check("", Unreadable::Damaged);
    check("{}", Unreadable::Damaged);
    check("[1]", Unreadable::Damaged);
    check(r#"{"version":0}"#, Unreadable::Damaged);
    check(r#"{"version":1,"lessons":7}"#, Unreadable::Damaged);
    check(r#"{"version":1,"lessons":{"a""#, Unreadable::Damaged);
    check(r#"{"version":2}"#, Unreadable::Newer(2));
    check(
        r#"{"version":99999999999}"#,
        Unreadable::Newer(99_999_999_999),
    );
}

#[test]
fn nobody_has_more_right_answers_than_there_are_questions() {
    let mut text = done(&[], 4_294_967_295).text();
    let read = Progress::read(&text).expect("progress");
    let quiz = |progress: &Progress| {
        let quiz = &progress.lessons["consumer-groups"].quizzes["check"];
        (quiz.right, quiz.of)
    };
    assert_eq!(quiz(&read), (5, 5));
    text = done(&[], 3).text();
    assert_eq!(quiz(&Progress::read(&text).expect("progress")), (3, 5));
}

#[test]
fn merging_never_undoes_what_was_done() {
    let mut progress = done(&["a"], 4);
    progress.merge(&done(&["b"], 3));
    assert_eq!(progress, done(&["a", "b"], 4));
    progress.merge(&done(&[], 5));
    assert_eq!(progress, done(&["a", "b"], 5));
}

#[test]
fn answers_to_a_newer_quiz_replace_better_ones_to_an_older() {
    let mut newer = done(&[], 1);
    newer
        .lesson_mut("consumer-groups")
        .quizzes
        .entry("check".to_owned())
        .and_modify(|quiz| quiz.version = 2);
    let mut progress = done(&[], 5);
    progress.merge(&newer);
    assert_eq!(progress, newer);
}

#[test]
fn an_answer_to_another_version_is_kept_beside() {
    let old = ExerciseProgress {
        version: 1,
        answer: "mine".to_owned(),
        hints: 2,
        passed: true,
        earlier: None,
    };
    assert_eq!(old.clone().at_version(1), old);
    let new = old.clone().at_version(2);
    assert_eq!(
        (new.answer.as_str(), new.passed, new.earlier.as_deref()),
        ("", false, Some("mine"))
    );
    // It stays when the next version comes too, and when another copy is at that already.
    assert_eq!(new.clone().at_version(3).earlier, Some("mine".to_owned()));
    let mut progress = Progress::default();
    let exercises = |progress: &mut Progress, kept| {
        let lesson = progress.lesson_mut("consumer-groups");
        lesson.exercises.insert("guard".to_owned(), kept);
    };
    exercises(&mut progress, old);
    let mut other = Progress::default();
    let theirs = ExerciseProgress {
        version: 2,
        answer: "theirs".to_owned(),
        ..ExerciseProgress::default()
    };
    exercises(&mut other, theirs);
    progress.merge(&other);
    let merged = &progress.lesson("consumer-groups").unwrap().exercises["guard"];
    assert_eq!(
        (merged.answer.as_str(), merged.earlier.as_deref()),
        ("theirs", Some("mine"))
    );
}

#[test]
fn two_pages_that_write_lose_nothing_of_each_other() {
    let typed = |answers: &[(&str, &str)]| {
        let mut progress = Progress::default();
        let exercises = &mut progress.lesson_mut("consumer-groups").exercises;
        for (exercise, answer) in answers {
            let kept = ExerciseProgress {
                version: 1,
                answer: (*answer).to_owned(),
                ..ExerciseProgress::default()
            };
            exercises.insert((*exercise).to_owned(), kept);
        }
        progress
    };
    let joined = |base: &Progress, mut here: Progress, there: &Progress| {
        here.join(base, there);
        here
    };
    let base = typed(&[("a", "1"), ("b", "1")]);
    // Each typed in another exercise.
    let (here, there) = (
        typed(&[("a", "2"), ("b", "1")]),
        typed(&[("a", "1"), ("b", "2")]),
    );
    assert_eq!(
        joined(&base, here, &there),
        typed(&[("a", "2"), ("b", "2")])
    );
    // Both typed in the same one: the other's text is kept beside.
    let (here, there) = (
        typed(&[("a", "2"), ("b", "1")]),
        typed(&[("a", "3"), ("b", "1")]),
    );
    let both = joined(&base, here, &there);
    let kept = &both.lessons["consumer-groups"].exercises["a"];
    assert_eq!(
        (kept.answer.as_str(), kept.earlier.as_deref()),
        ("2", Some("3"))
    );
    // What one of them has forgotten stays forgotten, unless the other went on with it.
    assert_eq!(
        joined(&base, Progress::default(), &base),
        Progress::default()
    );
    assert_eq!(
        joined(&base, base.clone(), &Progress::default()),
        Progress::default()
    );
    let here = typed(&[("a", "2"), ("b", "1")]);
    assert_eq!(joined(&base, here.clone(), &Progress::default()), here);
    // Tasks and quizzes are joined.
    let both = joined(&Progress::default(), done(&["a"], 4), &done(&["b"], 3));
    assert_eq!(both, done(&["a", "b"], 4));
}

#[test]
fn a_reset_forgets_one_lesson_or_all() {
    let mut progress = done(&["a"], 1);
    progress.lesson_mut("other").visited = true;
    progress.reset_lesson("consumer-groups");
    assert_eq!(progress.lessons.keys().collect::<Vec<_>>(), ["other"]);
    progress.reset();
    assert_eq!(progress, Progress::default());
}

#[test]
fn a_store_that_refuses_keeps_what_it_had() {
    let mut store = Memory::default();
    assert_eq!(store.save("1"), Ok(()));
    store.refuses = Some(Refused::Full);
    assert_eq!(store.save("2"), Err(Refused::Full));
    store.refuses = None;
    assert_eq!(store.load(), Ok(Some("1".to_owned())));
}

#[test]
fn a_lesson_is_done_when_all_there_is_to_do_is_done() {
    let outline = Outline {
        tasks: vec!["a".to_owned(), "b".to_owned()],
        quizzes: vec![("check".to_owned(), 1)],
        exercises: vec![("guard".to_owned(), 2)],
    };
    let passed = |progress: &mut Progress, version| {
        let kept = ExerciseProgress {
            version,
            passed: true,
            ..ExerciseProgress::default()
        };
        let lesson = progress.lesson_mut("consumer-groups");
        lesson.exercises.insert("guard".to_owned(), kept);
    };
    let standing = |progress: &Progress| outline.standing(progress.lesson("consumer-groups"));
    assert_eq!(standing(&Progress::default()), Standing::NotBegun);
    let begun = |done| Standing::Begun { done, of: 4 };
    assert_eq!(standing(&done(&[], 4)), begun(0));
    assert_eq!(standing(&done(&["a"], 4)), begun(1));
    let mut progress = done(&["a", "b", "gone"], 5);
    assert_eq!(standing(&progress), begun(3));
    // Passed at another version, and then at this one.
    passed(&mut progress, 1);
    assert_eq!(standing(&progress), begun(3));
    passed(&mut progress, 2);
    assert_eq!(standing(&progress), Standing::Done);
    let nothing_to_do = Outline::default();
    let visited = progress.lesson("consumer-groups");
    assert_eq!(nothing_to_do.standing(visited), Standing::Done);
    assert_eq!(nothing_to_do.standing(None), Standing::NotBegun);
}
