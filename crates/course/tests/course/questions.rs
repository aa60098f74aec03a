//! Questions of tasks: their keys, and what is said of those that have mistakes.

use crate::mistakes::changed;
use course::lesson::Block;
use course::task::{Form, Judged};
use std::path::Path;

/// What is said of the sound lesson when its task has these lines too, of which the first is line 47.
fn check(lines: &str, expected: &[&str]) {
    let from = "when: lost = 0\n";
    changed("lesson", from, &format!("{from}{lines}"), expected);
}

const SAID: &str = "right: Yes.\nwrong: No.\n";

#[test]
fn a_question_without_mistakes_is_sound() {
    check(&format!("number: total mail\n{SAID}"), &[]);
    check(
        &format!("names: times mail * = 2\n{SAID}if: ord_1: Once.\n"),
        &[],
    );
    check(
        &format!(
            "with: commit=before\nnumber: lost\n{SAID}if: 0: `one =mail commit=before: lost`.\n"
        ),
        &[],
    );
    check(
        &format!("choice: duplicated\noption: 0: none\noption: 1: *one*\n{SAID}if: 0: No.\n"),
        &[],
    );
}

#[test]
fn a_question_is_whole_and_asks_once() {
    check(
        "right: Yes.\n",
        &[
            "lesson:47:8: `right` belongs to a question, and the task asks none; ask with `number:`, `names:` or `choice:`, or remove the line",
        ],
    );
    check(
        "number: lost\nright: Yes.\n",
        &["lesson:43:1: nothing is said of a wrong answer; add `wrong: TEXT`"],
    );
    check(
        &format!("number: lost\nchoice: lost\n{SAID}"),
        &["lesson:48:9: the task asks a second question with `choice`; keep one"],
    );
    check(
        &format!("number: lost\noption: 1: one\n{SAID}"),
        &[
            "lesson:48:9: a question with `number` has no options; remove the line, or ask with `choice:`",
        ],
    );
    check(
        &format!("number: lost\nnumbr: lost\n{SAID}"),
        &[
            "lesson:48:1: a task has no `numbr`; did you mean `number`? possible: scene, when, way, number, names, choice, option, with, right, wrong, if",
        ],
    );
}

#[test]
fn the_key_is_what_a_run_gives() {
    check(
        &format!("number: total post\n{SAID}"),
        &["lesson:47:9: there is no service `post`; write one of: mail"],
    );
    check(
        &format!("number: @started committed email-service orders/0\n{SAID}"),
        &["lesson:47:9: the run gives nothing here; ask at another moment, or something else"],
    );
    check(
        &format!("number: lost\nwith: commit=never\n{SAID}"),
        &["lesson:48:7: the setting `commit` has no option `never`; write one of: after, before"],
    );
    check(
        &format!("names: times mail ord_1 = 2\n{SAID}"),
        &[
            "lesson:47:8: nothing says which names are asked for; write a condition with one `*` in place of a name, such as `times mail * = 0`",
        ],
    );
    check(
        &format!("names: times mail * = 7\n{SAID}"),
        &["lesson:47:8: the condition holds for no name; ask for those of which something holds"],
    );
    check(
        &format!("names: times post * = 2\n{SAID}"),
        &["lesson:47:8: there is no service `post`; write one of: mail"],
    );
    check(
        &format!("names: count * = 2\n{SAID}"),
        &[
            "lesson:47:8: no names of the scene fit in place of `*`; put it where a record, a process, a group, a partition or a service stands",
        ],
    );
    check(
        &format!("choice: duplicated\noption: 0: none\noption: 2: two\n{SAID}"),
        &["lesson:47:9: the run gives 1, and no option stands for that; add `option: 1: TEXT`"],
    );
    check(
        &format!("choice: duplicated\noption: one\noption: 1: one\noption: 1: once\n{SAID}"),
        &[
            "lesson:48:9: the option stands for no number; write `option: NUMBER: TEXT`",
            "lesson:50:9: a second option stands for 1; keep one",
        ],
    );
    check(
        &format!("choice: duplicated\noption: 1: one\n{SAID}"),
        &["lesson:43:1: the choice has 1 options; write 2 to 16, each as `option: NUMBER: TEXT`"],
    );
}

#[test]
fn a_wrong_answer_that_is_known_can_be_given_and_is_wrong() {
    let asked = format!("number: total mail\n{SAID}");
    check(
        &format!("{asked}if: 3: No.\n"),
        &["lesson:50:5: `3` is the right answer; say it with `right:`, or name another answer"],
    );
    check(
        &format!("{asked}if: many: No.\n"),
        &["lesson:50:5: nobody can answer `many`; write an answer as learners give it"],
    );
    check(
        &format!("{asked}if: 4\n"),
        &[
            "lesson:50:5: the wrong answer or what is said of it is missing; write `if: ANSWER: TEXT`",
        ],
    );
    check(
        &format!("{asked}if: 4: No.\nif: 4: No.\n"),
        &["lesson:51:5: `4` stands here twice, or there are more than 16; keep one of each"],
    );
    check(
        &format!("{asked}if: 4: `five =mail: total mail`.\n"),
        &["lesson:50:9: the text says five, and the run gives 3; write 3, or correct the scene"],
    );
}

#[test]
fn the_tasks_of_the_flagship_have_the_answers_of_their_runs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons/consumer-groups");
    let lesson = course::read_lesson(&folder)
        .unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let question = |id: &str| {
        let mut tasks = lesson.blocks.iter().filter_map(|block| match block {
            Block::Task(task) if task.id == id => task.question.clone(),
            _ => None,
        });
        tasks.next().unwrap_or_else(|| panic!("{id} asks nothing"))
    };
    let check = |id: &str, right: &str, wrong: &[&str]| {
        let question = question(id);
        assert!(
            matches!(question.judge(right), Some(Judged::Right(_))),
            "{id}: {right}"
        );
        let mut said: Vec<_> = wrong.iter().map(|wrong| question.judge(wrong)).collect();
        assert!(
            said.iter()
                .all(|said| matches!(said, Some(Judged::Wrong(_)))),
            "{id}: {said:?}"
        );
        // Each of them has a sentence of its own.
        let count = said.len();
        said.dedup();
        assert_eq!(said.len(), count, "{id}");
    };
    check("second-mail", "2", &["3", "4", "5", "6"]);
    check("lose-two", "ord_13 ord_12", &["ord_10 ord_11", "ord_12"]);
    check("crash-loop", "2", &["0", "1"]);
    assert!(matches!(question("lose-two").form, Form::Names { all, .. } if all.len() == 4));
}
