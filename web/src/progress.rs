//! The learner's progress: what is done, and to carry it elsewhere or throw it away.

use crate::keeping;
use course::progress::{LessonProgress, Outline};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What the overview is made from.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct ProgressProps {
    /// Every lesson.
    pub lessons: Vec<LessonOutline>,
}

/// A lesson as the overview shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LessonOutline {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What there is to do in it.
    pub outline: Outline,
}

/// The learner's progress, kept up to date, and whether the page lives.
#[hook]
pub fn use_progress() -> (course::progress::Progress, bool) {
    let live = use_state(|| false);
    let progress = use_state(course::progress::Progress::default);
    use_effect_with((), {
        let (live, progress) = (live.clone(), progress.clone());
        move |()| {
            live.set(true);
            progress.set(keeping::progress());
            keeping::listen(move |now| progress.set(now.clone()));
        }
    });
    ((*progress).clone(), *live)
}

/// What is done in each lesson; where it is carried elsewhere and thrown away.
#[component]
pub fn Progress(props: &ProgressProps) -> Html {
    let (progress, live) = use_progress();
    let said = use_state(String::new);
    let asking = use_state(|| false);
    let export = {
        let (progress, said) = (progress.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            said.set(download(&progress.text()).map_or_else(
                || "This browser refused to make the file.".to_owned(),
                |()| "Exported as a file.".to_owned(),
            ))
        })
    };
    let import = {
        let said = said.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let Some((input, file)) =
                input.and_then(|input| Some((input.clone(), input.files()?.get(0)?)))
            else {
                return;
            };
            let said = said.clone();
            yew::platform::spawn_local(async move {
                let text = wasm_bindgen_futures::JsFuture::from(file.text())
                    .await
                    .ok()
                    .and_then(|text| text.as_string());
                said.set(match text.as_deref().map(keeping::import) {
                    Some(Ok(())) => "Imported: what the file knew was added.".to_owned(),
                    Some(Err(why)) => why.to_string(),
                    None => "The file could not be read. Nothing was changed.".to_owned(),
                });
                input.set_value("");
            });
        })
    };
    let ask = |answer: bool| {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(answer))
    };
    let reset = {
        let (asking, said) = (asking.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            keeping::reset();
            asking.set(false);
            said.set("Everything is forgotten.".to_owned());
        })
    };
    let forget = |lesson: &LessonOutline| {
        let (said, id, title) = (said.clone(), lesson.id.clone(), lesson.title.clone());
        Callback::from(move |_: MouseEvent| {
            keeping::change(|progress| progress.reset_lesson(&id));
            said.set(format!("“{title}” is forgotten."));
        })
    };
    let begun: Vec<Html> = props
        .lessons
        .iter()
        .filter_map(|lesson| {
            let known = progress.lesson(&lesson.id)?;
            Some(html! {
                <li>
                    <b>{ &lesson.title }</b>{ ": " }{ summary(&lesson.outline, known) }{ " " }
                    <button type="button" class="quiet" aria-label={format!("Forget: {}", lesson.title)} onclick={forget(lesson)}>{ "Forget" }</button>
                </li>
            })
        })
        .collect();
    html! {
        <div class="progress">
            <p>{ "It is kept in this browser and nowhere else. " } if begun.is_empty() { { "Nothing is begun yet." } }</p>
            <ul>{ for begun }</ul>
            <p class="progress-actions">
                <button type="button" disabled={!live} onclick={export}>{ "Export" }</button>
                <label class="file">{ "Import " }<input type="file" accept="application/json,.json" disabled={!live} onchange={import} /></label>
                if *asking {
                    <span role="alert">{ "Forget everything you did here? " }</span>
                    <button type="button" class="danger" onclick={reset}>{ "Forget everything" }</button>
                    <button type="button" onclick={ask(false)}>{ "Keep it" }</button>
                } else {
                    <button type="button" disabled={!live} onclick={ask(true)}>{ "Reset…" }</button>
                }
                <span role="status">{ (*said).clone() }</span>
            </p>
        </div>
    }
}

fn summary(outline: &Outline, known: &LessonProgress) -> String {
    let done = outline.done(known);
    let (right, of) = done.answers;
    let quiz = match of {
        0 => "questions not answered yet".to_owned(),
        of => format!("{right} of {of} answers right"),
    };
    let (tasks, exercises) = (outline.tasks.len(), outline.exercises.len());
    format!(
        "{} of {tasks} tasks done, {quiz}, {} of {exercises} exercises passed",
        done.tasks, done.exercises
    )
}

/// Offers a text as a file.
fn download(text: &str) -> Option<()> {
    let parts = js_sys::Array::of1(&text.into());
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement = gloo::utils::document()
        .create_element("a")
        .ok()?
        .dyn_into()
        .ok()?;
    link.set_href(&address);
    link.set_download("at-least-once-progress.json");
    link.click();
    web_sys::Url::revoke_object_url(&address).ok()
}
