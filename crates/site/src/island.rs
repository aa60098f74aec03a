//! Islands in a page: what they look like, and what brings them to life, in one element.

use maud::{Markup, PreEscaped, html};
use web::islands::{Island, render};

/// An island; `without_scripts` is the sentence that stands above it where scripts are off.
pub fn island(island: &Island, without_scripts: Option<&str>) -> Markup {
    let props = serde_json::to_string(island).expect("props are plain data");
    let lesson = match island {
        Island::Stage(props) => Some(props.lesson.as_str()),
        _ => None,
    };
    let still = render(island);
    html! {
        @if let Some(sentence) = without_scripts {
            noscript { p.still { (sentence) } }
        }
        // Nothing may stand between this element and what was rendered: the module takes it over node by node.
        div.island data-island=(island.kind()) data-lesson=[lesson] data-props=(props) { (PreEscaped(still)) }
    }
}
