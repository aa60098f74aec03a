//! Where the answer is written: code in a text area, which becomes an editor once somebody is in
//! it, or settings in a form.

use super::calls::{self, Calls};
use super::editor::{self, Editor};
use super::reading;
use super::settings::Settings;
use super::state::{self, Act};
use crate::stage::search;
use course::exercise::{Exercise, Form};
use course::quiz::Mark;
use engine::handler::Problem;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

/// What the field is made from.
#[derive(PartialEq, Properties)]
pub struct FieldProps {
    /// The exercise.
    pub exercise: Rc<Exercise>,
    /// The answer.
    pub text: String,
    /// What keeps it from being run.
    pub problems: Vec<Problem>,
    /// What is said of each prediction, or of the reason for settings.
    pub marks: Vec<Mark>,
    /// Whether the page has come alive.
    pub live: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// An answer in words.
pub fn words(exercise: &Exercise, text: &str) -> String {
    match (&exercise.form, &exercise.scene) {
        (Form::Settings { .. }, Some(scene)) => search::settings(scene, &state::settings(text)),
        _ => text.to_owned(),
    }
}

/// The field for this kind of answer.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    match &props.exercise.form {
        Form::Code { .. } => code(props),
        Form::Settings { .. } => html! {
            <Settings exercise={Rc::clone(&props.exercise)} text={props.text.clone()} marks={props.marks.clone()} live={props.live} act={props.act.clone()} />
        },
        Form::Find { .. } => Html::default(),
        Form::Predict { questions } => reading::predict(
            &props.exercise.id,
            questions,
            &props.text,
            &props.marks,
            &props.act,
        ),
        Form::Design { rubric, model, .. } => reading::design(
            &props.exercise.id,
            rubric,
            model,
            &props.text,
            props.live,
            &props.act,
        ),
    }
}

fn code(props: &FieldProps) -> Html {
    html! {
        <Code id={format!("exercise-{}-code", props.exercise.id)} exercise={Rc::clone(&props.exercise)} text={props.text.clone()} problems={props.problems.clone()} live={props.live} act={props.act.clone()} />
    }
}

#[derive(PartialEq, Properties)]
struct CodeProps {
    id: String,
    exercise: Rc<Exercise>,
    text: String,
    problems: Vec<Problem>,
    live: bool,
    act: Callback<Act>,
}

#[component]
fn Code(props: &CodeProps) -> Html {
    let area = use_node_ref();
    let place = use_node_ref();
    let editor = use_mut_ref(|| None::<Editor>);
    let opened = use_state(|| false);
    let asked = use_mut_ref(|| false);
    use_effect_with((props.text.clone(), *opened), {
        let editor = Rc::clone(&editor);
        move |(text, _)| {
            if let Some(editor) = &*editor.borrow() {
                editor.set(text);
            }
        }
    });
    use_effect_with((props.problems.clone(), *opened), {
        let editor = Rc::clone(&editor);
        move |(problems, _)| {
            if let Some(editor) = &*editor.borrow() {
                editor.mark(problems);
            }
        }
    });
    let oninput = {
        let act = props.act.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(area) = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok())
            {
                act.emit(Act::Edit(area.value()));
            }
        })
    };
    // The editor is fetched when somebody comes to write; until it is there, the text area serves.
    let onfocus = {
        let (act, place, area, opened) = (
            props.act.clone(),
            place.clone(),
            area.clone(),
            opened.clone(),
        );
        let (editor, exercise) = (Rc::clone(&editor), Rc::clone(&props.exercise));
        Callback::from(move |_: FocusEvent| {
            let Some(place) = place.cast::<HtmlElement>() else {
                return;
            };
            if asked.replace(true) {
                return;
            }
            let (editor, area, opened) = (Rc::clone(&editor), area.clone(), opened.clone());
            let text = area
                .cast::<HtmlTextAreaElement>()
                .map(|area| area.value())
                .unwrap_or_default();
            let offered = calls::of(&exercise).unwrap_or_default();
            Editor::open(&place, &text, &offered, &act, move |made| {
                let typed = area
                    .cast::<HtmlTextAreaElement>()
                    .map(|area| area.value())
                    .unwrap_or_default();
                made.set(&typed);
                made.focus();
                editor.replace(Some(made));
                opened.set(true);
            });
        })
    };
    let write = {
        let (area, editor) = (area.clone(), Rc::clone(&editor));
        Callback::from(move |line: String| match &*editor.borrow() {
            Some(editor) => editor.write(&line),
            None => {
                if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                    drop(area.focus());
                    editor::typed(&line);
                }
            }
        })
    };
    let help = format!("{}-help", props.id);
    html! {
        <div class="exercise-code">
            <label for={props.id.clone()} class={classes!(opened.then_some("hidden-visually"))}>{ "Your code" }</label>
            <textarea
                id={props.id.clone()} ref={area.clone()} hidden={*opened} disabled={!props.live} rows={(props.text.lines().count() + 2).clamp(8, 30).to_string()}
                spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" aria-describedby={help.clone()}
                aria-invalid={(!props.problems.is_empty()).then_some("true")} value={props.text.clone()} {oninput} {onfocus}
            />
            <div ref={place}></div>
            <p id={help} class="hidden-visually">{ "Starlark, which is written like Python." }</p>
            if !props.problems.is_empty() && !*opened {
                <ul class="problems" aria-label="Problems">
                    { for props.problems.iter().map(|problem| {
                        let onclick = {
                            let (area, problem) = (area.clone(), problem.clone());
                            Callback::from(move |_: MouseEvent| {
                                if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                                    select(&area, &problem);
                                }
                            })
                        };
                        html! {
                            <li><button type="button" class="quiet" {onclick}>{ format!("{}:{}: {}", problem.line, problem.column, problem.message) }</button>{ " " }{ &problem.help }</li>
                        }
                    }) }
                </ul>
            }
            <Calls exercise={Rc::clone(&props.exercise)} live={props.live} {write} />
        </div>
    }
}

/// Moves the keyboard to a problem in the text area.
fn select(area: &HtmlTextAreaElement, problem: &Problem) {
    let text = area.value();
    let from = offset(&text, problem.line, problem.column);
    let to = offset(&text, problem.end_line, problem.end_column).max(from + 1);
    drop(area.focus());
    drop(area.set_selection_range(from, to));
}

/// The place of a line and column among the UTF-16 units of a text, as browsers count.
fn offset(text: &str, line: u32, column: u32) -> u32 {
    let mut units = 0;
    let (mut at_line, mut at_column) = (1, 1);
    for character in text.chars() {
        if (at_line, at_column) >= (line, column) {
            break;
        }
        units += character.len_utf16() as u32;
        if character == '\n' {
            (at_line, at_column) = (at_line + 1, 1);
        } else {
            at_column += 1;
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn a_place_is_found_in_the_units_of_browsers() {
        let text = "a = 1\n✉️📨 = x\nend";
        let check = |line, column, expected| assert_eq!(offset(text, line, column), expected);
        check(1, 1, 0);
        check(1, 5, 4);
        check(2, 1, 6);
        // Behind a character of two units.
        check(2, 4, 10);
        check(3, 1, 15);
        // Beyond a line's end: where the next begins.
        check(1, 99, 6);
        check(9, 9, 18);
    }
}
