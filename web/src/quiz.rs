//! A quick check: questions with one right option each, explained whichever is chosen.
//!
//! A wrong answer says why it is wrong and leaves the rest to the learner; a right one explains
//! every option.

use crate::keeping;
use course::progress::QuizProgress;
use course::quiz::{Answers, Mark, Resolved, ResolvedQuestion, Verdict, grade, right};
use serde::{Deserialize, Serialize};
use yew::prelude::*;

/// What a quiz is made from.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct QuizProps {
    /// The lesson it stands in.
    pub lesson: String,
    /// The questions.
    pub quiz: Resolved,
}

/// A quiz.
#[component]
pub fn Quiz(props: &QuizProps) -> Html {
    let live = use_state(|| false);
    let answers = use_state(Answers::new);
    let marks = use_state(|| None::<Vec<Mark>>);
    use_effect_with((), {
        let (live, answers, marks, props) =
            (live.clone(), answers.clone(), marks.clone(), props.clone());
        move |()| {
            live.set(true);
            let kept = keeping::progress()
                .lesson(&props.lesson)
                .and_then(|lesson| lesson.quizzes.get(&props.quiz.id).cloned());
            if let Some(kept) = kept.filter(|kept| kept.version == props.quiz.version) {
                marks.set(Some(grade(&props.quiz, &kept.answers)));
                answers.set(kept.answers);
            }
        }
    });
    let choose = {
        let (answers, marks) = (answers.clone(), marks.clone());
        Callback::from(move |(question, option): (String, usize)| {
            let mut next = (*answers).clone();
            next.insert(question.clone(), option);
            answers.set(next);
            // What is said of the other questions still holds.
            if let Some(known) = &*marks {
                let mut known = known.clone();
                known.retain(|mark| mark.question != question);
                marks.set(Some(known));
            }
        })
    };
    let onsubmit = {
        let (answers, marks, props) = (answers.clone(), marks.clone(), props.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let graded = grade(&props.quiz, &answers);
            let (good, of) = (right(&graded) as u32, graded.len() as u32);
            keeping::change(|progress| {
                let kept = QuizProgress {
                    version: props.quiz.version,
                    answers: (*answers).clone(),
                    right: good,
                    of,
                };
                progress
                    .lesson_mut(&props.lesson)
                    .quizzes
                    .insert(props.quiz.id.clone(), kept);
            });
            marks.set(Some(graded));
        })
    };
    html! {
        <form class="quiz" id={format!("quiz-{}", props.quiz.id)} {onsubmit} aria-label={props.quiz.title.clone()}>
            { for props.quiz.questions.iter().map(|question| {
                let mark = marks.as_ref().and_then(|marks| marks.iter().find(|mark| mark.question == question.id));
                draw(&props.quiz.id, question, answers.get(&question.id).copied(), mark, &choose)
            }) }
            <p class="quiz-end">
                <button type="submit" disabled={!*live}>{ "Check answers" }</button>
                <span role="status">{ marks.as_ref().map(|marks| verdict(marks, props.quiz.questions.len())).unwrap_or_default() }</span>
            </p>
        </form>
    }
}

/// A question, with what is said of the answer.
pub(crate) fn draw(
    quiz: &str,
    question: &ResolvedQuestion,
    chosen: Option<usize>,
    mark: Option<&Mark>,
    choose: &Callback<(String, usize)>,
) -> Html {
    let name = format!("{quiz}-{}", question.id);
    let verdict = mark.map(|mark| mark.verdict);
    let class = verdict.map(|verdict| match verdict {
        Verdict::Right => "right",
        Verdict::Wrong => "wrong",
        Verdict::Unanswered => "unanswered",
    });
    html! {
        <fieldset class={classes!(class)}>
            <legend>{ inline(&question.prompt) }</legend>
            { for question.options.iter().enumerate().map(|(at, option)| {
                let onchange = {
                    let (choose, id) = (choose.clone(), question.id.clone());
                    Callback::from(move |_: Event| choose.emit((id.clone(), at)))
                };
                let explained = match verdict {
                    Some(Verdict::Right) => true,
                    Some(Verdict::Wrong) => chosen == Some(at),
                    _ => false,
                };
                let is_key = at == question.key;
                html! {
                    <div class="option">
                        <label>
                            <input type="radio" name={name.clone()} value={at.to_string()} checked={chosen == Some(at)} {onchange} />
                            <span>{ inline(&option.text) }</span>
                        </label>
                        if explained {
                            <div class={classes!("why", if is_key { "yes" } else { "no" })}>
                                <b>{ if is_key { "✓ Right. " } else if chosen == Some(at) { "✕ Not so. " } else { "" } }</b>
                                { inline(&option.why) }
                            </div>
                        }
                    </div>
                }
            }) }
            if verdict == Some(Verdict::Unanswered) {
                <p class="why no">{ "Not answered yet." }</p>
            }
        </fieldset>
    }
}

/// HTML that the course's own reader made from Markdown at build time; nothing of it comes from outside.
pub(crate) fn inline(html: &str) -> Html {
    Html::from_html_unchecked(AttrValue::from(format!("<span>{html}</span>")))
}

fn verdict(marks: &[Mark], of: usize) -> String {
    let good = right(marks);
    let open = marks
        .iter()
        .filter(|mark| mark.verdict == Verdict::Unanswered)
        .count();
    match (good, open) {
        _ if good == of => format!("All {of} right."),
        (_, 0) => format!("{good} of {of} right. Read why, and try the others again."),
        _ => format!("{good} of {of} right, {open} not answered."),
    }
}
