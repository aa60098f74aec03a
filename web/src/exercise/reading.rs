//! Answers that no program gives: predictions, and a design with the rubric beside it.

use super::state::{self, Act};
use crate::quiz;
use course::exercise::Point;
use course::quiz::{Mark, ResolvedQuestion};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// The questions, each with what is said of its answer.
pub fn predict(
    id: &str,
    questions: &[ResolvedQuestion],
    text: &str,
    marks: &[Mark],
    act: &Callback<Act>,
) -> Html {
    let answers = state::predictions(text);
    let choose = {
        let (act, answers) = (act.clone(), answers.clone());
        Callback::from(move |(question, option): (String, usize)| {
            let mut next = answers.clone();
            next.insert(question, option);
            act.emit(Act::Edit(state::predictions_text(&next)));
        })
    };
    html! {
        <div class="quiz">
            { for questions.iter().map(|question| {
                let mark = marks.iter().find(|mark| mark.question == question.id);
                quiz::draw(&format!("exercise-{id}"), question, answers.get(&question.id).copied(), mark, &choose)
            }) }
        </div>
    }
}

/// The design; then the rubric and a strong answer to compare it with.
pub fn design(
    id: &str,
    rubric: &[Point],
    model: &[String],
    text: &str,
    live: bool,
    act: &Callback<Act>,
) -> Html {
    let (points, words) = state::design(text);
    let id = format!("exercise-{id}-design");
    let oninput = {
        let (act, points) = (act.clone(), points.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(area) = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok())
            {
                act.emit(Act::Edit(state::design_text(
                    points.as_ref(),
                    &area.value(),
                )));
            }
        })
    };
    let edit = |points: Option<std::collections::BTreeSet<usize>>| {
        let (act, words) = (act.clone(), words.to_owned());
        move || act.emit(Act::Edit(state::design_text(points.as_ref(), &words)))
    };
    html! {
        <div class="exercise-code exercise-design">
            <label for={id.clone()}>{ "Your design" }</label>
            <textarea {id} rows="10" disabled={!live} value={words.to_owned()} {oninput} />
            if let Some(points) = &points {
                <p>{ "Which of these points does your design make? Tick them yourself; nobody else reads it." }</p>
                <ul class="rubric">
                    { for rubric.iter().enumerate().map(|(nth, point)| {
                        let mut next = points.clone();
                        if !next.remove(&nth) {
                            next.insert(nth);
                        }
                        let edit = edit(Some(next));
                        html! {
                            <li>
                                <label><input type="checkbox" checked={points.contains(&nth)} onchange={Callback::from(move |_: Event| edit())} />{ quiz::inline(&point.point) }</label>
                                <div class="why">{ quiz::inline(&point.strong) }</div>
                            </li>
                        }
                    }) }
                </ul>
                <details><summary>{ "A strong answer" }</summary>{ for model.iter().map(|html| super::markup("p", html)) }</details>
            } else {
                <button type="button" disabled={!live || words.trim().is_empty()} onclick={
                    let edit = edit(Some(Default::default()));
                    Callback::from(move |_: MouseEvent| edit())
                }>{ "Compare with the rubric" }</button>
            }
        </div>
    }
}
