//! An exercise as it can be read without scripts.

use course::exercise::{Exercise, Form};
use maud::{Markup, PreEscaped, html};

/// What is asked, and what there is to begin with.
pub fn exercise(exercise: &Exercise) -> Markup {
    let title = format!("exercise-{}-title", exercise.id);
    html! {
        section.exercise id={ "exercise-" (exercise.id) } aria-labelledby=(title) {
            h3 id=(title) { (exercise.title) }
            @for paragraph in &exercise.task { p { (PreEscaped(paragraph)) } }
            @if let Form::Code { starter, .. } = &exercise.form {
                pre tabindex="0" aria-label="What you begin with" { code { (starter) } }
            }
            @for (at, hint) in exercise.hints.iter().enumerate() {
                details { summary { "Hint " (at + 1) } p { (PreEscaped(hint)) } }
            }
        }
    }
}
