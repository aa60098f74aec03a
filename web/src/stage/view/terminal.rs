//! What the operator's own tool would print now.

use crate::stage::screen::Screen;
use yew::prelude::*;

/// The terminal, with one command after the other.
pub fn draw(screens: &[Screen], label: String) -> Html {
    html! {
        <div class="terminal" role="region" aria-label={label} tabindex="0">
            { for screens.iter().map(draw_screen) }
        </div>
    }
}

/// A command and what it printed.
pub fn draw_screen(screen: &Screen) -> Html {
    html! { <pre><span class="prompt">{ format!("$ {}\n", screen.command) }</span>{ screen.output.trim_end() }</pre> }
}
