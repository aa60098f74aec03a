//! The question of a task. Its answer is folded until the reader has committed to one.

use crate::quiz::inline;
use course::task::{Form, Judged, Question as Asked};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct QuestionProps {
    /// The task's name in the lesson.
    pub task: String,
    /// What is asked.
    pub question: Asked,
    /// The last answer.
    pub answer: Option<String>,
    /// Whether somebody hears an answer.
    pub live: bool,
    /// An answer, as it is kept.
    pub onanswer: Callback<String>,
}

/// The question.
#[component]
pub(super) fn Question(props: &QuestionProps) -> Html {
    let Asked { form, right, .. } = &props.question;
    // What is written or chosen, and whether it was taken for an answer.
    let draft = use_state(String::new);
    let refused = use_state(|| false);
    let unfolded = use_state(|| false);
    use_effect_with(props.answer.clone(), {
        let draft = draft.clone();
        move |answer| {
            if let Some(answer) = answer {
                draft.set(answer.clone());
            }
        }
    });
    let write = {
        let (draft, refused) = (draft.clone(), refused.clone());
        Callback::from(move |text: String| {
            draft.set(text);
            refused.set(false);
        })
    };
    let onsubmit = {
        let (draft, refused) = (draft.clone(), refused.clone());
        let (question, onanswer) = (props.question.clone(), props.onanswer.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match question.read(&draft) {
                Some(answer) => onanswer.emit(answer),
                None => refused.set(true),
            }
        })
    };
    let unfold = {
        let unfolded = unfolded.clone();
        Callback::from(move |_: MouseEvent| unfolded.set(true))
    };
    // What is said belongs to the answer that was given, not to one that is being written.
    let given = props.answer.as_deref();
    let judged = given
        .filter(|given| props.question.read(&draft).as_deref() == Some(*given))
        .and_then(|given| props.question.judge(given));
    html! {
        <form class="task-answer" aria-label={format!("Your answer: {}", props.task.replace('-', " "))} {onsubmit}>
            { field(props, &draft, &write) }
            <button type="submit" disabled={!props.live}>{ "Answer" }</button>
            <div class="judged" role="status">
                if *refused {
                    <p class="why no">{ how(form) }</p>
                }
                if let Some(judged) = judged {
                    { said(judged) }
                }
            </div>
            if let Some(Judged::Wrong(_)) = judged {
                if *unfolded {
                    <p class="why">{ "The answer: " }<b>{ key(&props.question) }</b>{ ". " }{ inline(right) }</p>
                } else {
                    <button type="button" class="quiet" onclick={unfold}>{ "Show the answer" }</button>
                }
            }
            if !props.live {
                // The page's text where no script runs; it is taken out when there is somebody to ask.
                <details class="still-answer"><summary>{ "The answer" }</summary><p>{ key(&props.question) }{ ". " }{ inline(right) }</p></details>
            }
        </form>
    }
}

fn said(judged: Judged<'_>) -> Html {
    match judged {
        Judged::Right(html) => {
            html! { <p class="why yes"><b>{ "✓ Right. " }</b>{ inline(html) }</p> }
        }
        Judged::Wrong(html) => {
            html! { <p class="why no"><b>{ "✕ Not so. " }</b>{ inline(html) }</p> }
        }
    }
}

/// How this kind of question is answered.
fn how(form: &Form) -> &'static str {
    match form {
        Form::Number { .. } => "Write a whole number in digits, such as 3.",
        Form::Names { .. } => "Tick at least one.",
        Form::Choice { .. } => "Choose one.",
    }
}

/// The right answer, in words.
fn key(question: &Asked) -> Html {
    match &question.form {
        Form::Number { key } => html! { <>{ key }</> },
        Form::Names { key, .. } => html! { <>{ key.join(", ") }</> },
        Form::Choice { options, key } => {
            let option = options.iter().find(|(value, _)| value == key);
            inline(option.map_or("", |(_, text)| text.trim_end_matches('.')))
        }
    }
}

/// Where the answer is written or chosen.
fn field(props: &QuestionProps, draft: &str, write: &Callback<String>) -> Html {
    let value = |event: &Event| {
        let target = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
        Some(target.value())
    };
    match &props.question.form {
        Form::Number { .. } => {
            let write = write.clone();
            let oninput = Callback::from(move |event: InputEvent| {
                if let Some(text) = value(&event) {
                    write.emit(text);
                }
            });
            html! {
                <label>{ "Your answer " }<input type="text" inputmode="numeric" autocomplete="off" size="8" value={draft.to_owned()} disabled={!props.live} {oninput} /></label>
            }
        }
        Form::Names { all, .. } => {
            let chosen: Vec<&str> = draft.split_whitespace().collect();
            let one = |name: &String| {
                let write = write.clone();
                let onchange = Callback::from(move |event: Event| write.emit(ticked(&event)));
                let checked = chosen.contains(&name.as_str());
                html! { <label><input type="checkbox" value={name.clone()} {checked} disabled={!props.live} {onchange} /><code>{ name }</code></label> }
            };
            html! { <fieldset><legend>{ "Your answer" }</legend>{ for all.iter().map(one) }</fieldset> }
        }
        Form::Choice { options, .. } => {
            let one = |(number, text): &(i64, String)| {
                let write = write.clone();
                let onchange = Callback::from(move |event: Event| {
                    if let Some(value) = value(&event) {
                        write.emit(value);
                    }
                });
                let checked = draft == number.to_string();
                html! { <label><input type="radio" name={format!("task-{}-answer", props.task)} value={number.to_string()} {checked} disabled={!props.live} {onchange} /><span>{ inline(text) }</span></label> }
            };
            html! { <fieldset><legend>{ "Your answer" }</legend>{ for options.iter().map(one) }</fieldset> }
        }
    }
}

/// The values that are ticked in the group of what has changed.
fn ticked(event: &Event) -> String {
    let group = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .and_then(|target| target.closest("fieldset").ok().flatten());
    let all = group.and_then(|group| group.query_selector_all("input:checked").ok());
    let Some(all) = all else {
        return String::new();
    };
    let values = (0..all.length()).filter_map(|at| {
        let input = all.get(at)?.dyn_into::<HtmlInputElement>().ok()?;
        Some(input.value())
    });
    values.collect::<Vec<_>>().join(" ")
}
