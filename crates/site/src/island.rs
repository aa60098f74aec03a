//! Islands in a page: what they look like, and what brings them to life, in one element.

use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use web::exercise::ExerciseProps;
use web::islands::{EXERCISE, Island, PAGE, render, render_exercise};

/// An island; `without_scripts` is the sentence that stands above it where scripts are off.
pub fn island(island: &Island, without_scripts: Option<&str>) -> Markup {
    let still = render(island);
    element(PAGE, island, &still, without_scripts)
}

/// An exercise, likewise.
pub fn exercise(props: &ExerciseProps, without_scripts: &str) -> Markup {
    let still = render_exercise(props.clone());
    element(EXERCISE, props, &still, Some(without_scripts))
}

/// What this module brings to life, and how it looks until then.
fn element(
    module: &str,
    props: &impl Serialize,
    still: &str,
    without_scripts: Option<&str>,
) -> Markup {
    let props = serde_json::to_string(props).expect("props are plain data");
    html! {
        @if let Some(sentence) = without_scripts {
            noscript { p.still { (sentence) } }
        }
        // Nothing may stand between this element and what was rendered: the module takes it over node by node.
        div.island data-island=(module) data-props=(props) { (PreEscaped(still)) }
    }
}
