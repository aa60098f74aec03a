//! What code can call in an exercise's scene, from the table that the check of the language uses: each
//! with a line as it could stand in the code, which is written where the cursor is when it is pressed.

use course::exercise::Exercise;
use engine::Cast;
use engine::handler::language::Vocabulary;
use engine::handler::reference::{Line, listed};
use std::rc::Rc;
use yew::prelude::*;

/// What the list is made from.
#[derive(PartialEq, Properties)]
pub struct CallsProps {
    /// The exercise.
    pub exercise: Rc<Exercise>,
    /// Whether the page has come alive.
    pub live: bool,
    /// Writes a line into the code.
    pub write: Callback<String>,
}

/// What code can write in an exercise's scene, by whose it is; nothing where it has none.
pub fn of(exercise: &Exercise) -> Option<Vec<(String, Vec<Line>)>> {
    let scene = exercise.scene.as_ref()?;
    let cast = Cast::new(&scene.with(&exercise.with).ok()?).ok()?;
    let publishes = cast.topics.iter().any(|topic| topic.published.is_some());
    Some(listed(&Vocabulary::of(&cast), publishes))
}

/// The list, folded.
#[component]
pub fn Calls(props: &CallsProps) -> Html {
    let all = use_memo(
        (Rc::clone(&props.exercise), props.live),
        |(exercise, live)| {
            // A page without scripts runs no code, and is lighter without the list.
            of(exercise).filter(|_| *live)
        },
    );
    html! {
        <details class="calls">
            <summary>{ "What the code can call" }</summary>
            <p>{ "What it uses stands among the parameters of " }<code>{ "handle" }</code>{ ". Each " }<b>{ "step" }</b>{ " is one step of the world: a crash can fall before and after it. Press a line to write it where your cursor is." }</p>
            { for all.iter().flatten().map(|(name, lines)| html! {
                <section aria-label={name.clone()}>
                    <h4><code>{ name }</code></h4>
                    <ul>{ for lines.iter().map(|line| told(line, &props.write)) }</ul>
                </section>
            }) }
        </details>
    }
}

fn told(line: &Line, write: &Callback<String>) -> Html {
    let onclick = {
        let (write, example) = (write.clone(), line.example.clone());
        Callback::from(move |_: MouseEvent| write.emit(example.clone()))
    };
    html! {
        <li>
            if line.signature != line.example {
                <code class="signature">{ &line.signature }</code>
            }
            <button type="button" class="quiet" title="Write it where the cursor is" {onclick}><code>{ &line.example }</code></button>
            <span>
                if line.step { <b class="step">{ "step" }</b>{ " " } }
                { line.says }
            </span>
        </li>
    }
}
