//! Settings to be chosen: the form, then what is expected of them, then why. What was tried before is
//! not listed: an answer is thought out and not ticked off.

use super::state::Act;
use crate::quiz;
use course::exercise::Exercise;
use course::exercise::{Chosen, Expected, Form};
use course::quiz::Mark;
use engine::Scene;
use engine::scene::Setting;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What the form is made from.
#[derive(PartialEq, Properties)]
pub struct SettingsProps {
    /// The exercise.
    pub exercise: Rc<Exercise>,
    /// The answer.
    pub text: String,
    /// What is said of the reason.
    pub marks: Vec<Mark>,
    /// Whether the page has come alive.
    pub live: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The form.
#[component]
pub fn Settings(props: &SettingsProps) -> Html {
    let exercise = &props.exercise;
    let (Form::Settings { form, reason, .. }, Some(scene)) = (&exercise.form, &exercise.scene)
    else {
        return Html::default();
    };
    let chosen = Chosen::of_text(&props.text);
    let in_form = |setting: &&Setting| form.contains(&setting.id);
    let id = format!("exercise-{}", exercise.id);
    let because = {
        let (act, chosen) = (props.act.clone(), chosen.clone());
        Callback::from(move |(_, option): (String, usize)| {
            let chosen = Chosen {
                because: Some(option),
                ..chosen.clone()
            };
            act.emit(Act::Edit(chosen.to_string()));
        })
    };
    let mark = props.marks.iter().find(|mark| mark.question == reason.id);
    html! {
        <>
            <div class="exercise-settings">
                { for scene.settings.iter().filter(in_form).map(|setting| select(setting, &chosen, props)) }
            </div>
            <div class="quiz expected">
                { expect(&id, scene, &chosen, props) }
                if chosen.expected == Some(Expected::Holds) {
                    { quiz::draw(&id, reason, chosen.because, mark, &because) }
                }
            </div>
        </>
    }
}

fn select(setting: &Setting, chosen: &Chosen, props: &SettingsProps) -> Html {
    let onchange = {
        let (act, id, chosen) = (props.act.clone(), setting.id.clone(), chosen.clone());
        Callback::from(move |event: Event| {
            let target = event.target();
            let select = target.and_then(|one| one.dyn_into::<HtmlSelectElement>().ok());
            if let Some(select) = select {
                // What was expected was expected of other settings.
                let mut chosen = Chosen {
                    expected: None,
                    ..chosen.clone()
                };
                chosen.options.insert(id.clone(), select.value());
                act.emit(Act::Edit(chosen.to_string()));
            }
        })
    };
    let now = chosen
        .options
        .get(&setting.id)
        .or(setting.options.first().map(|option| &option.id));
    html! {
        <label>
            <span>{ &setting.label }</span>
            // A new one for another answer: a browser no longer listens to `selected` once somebody has chosen.
            <select key={now.cloned().unwrap_or_default()} {onchange} disabled={!props.live}>
                { for setting.options.iter().map(|option| html! {
                    <option value={option.id.clone()} selected={now == Some(&option.id)}>{ &option.label }</option>
                }) }
            </select>
        </label>
    }
}

/// What the search is expected to find.
fn expect(id: &str, scene: &Scene, chosen: &Chosen, props: &SettingsProps) -> Html {
    let holds = (Expected::Holds, "Every promise holds".to_owned());
    let breaks = scene.promises.iter().enumerate().map(|(nth, promise)| {
        let words = format!("“{}” breaks", promise.name);
        (Expected::Breaks(nth), words)
    });
    let name = format!("{id}-expected");
    html! {
        <fieldset disabled={!props.live}>
            <legend>{ "What will a check find with these settings?" }</legend>
            { for std::iter::once(holds).chain(breaks).map(|(expected, words)| {
                let onchange = {
                    let (act, chosen) = (props.act.clone(), chosen.clone());
                    Callback::from(move |_: Event| {
                        let chosen = Chosen {
                            expected: Some(expected),
                            ..chosen.clone()
                        };
                        act.emit(Act::Edit(chosen.to_string()));
                    })
                };
                html! {
                    <div class="option">
                        <label>
                            <input type="radio" name={name.clone()} checked={chosen.expected == Some(expected)} {onchange} />
                            <span>{ words }</span>
                        </label>
                    </div>
                }
            }) }
        </fieldset>
    }
}
