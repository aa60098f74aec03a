//! What the operator's own tool would print now.

use crate::stage::moment::Moment;
use yew::prelude::*;

/// The terminal, with one command per group.
pub fn draw(moment: &Moment<'_>, label: String) -> Html {
    html! {
        <div class="terminal" role="region" aria-label={label} tabindex="0">
            { for moment.groups().map(|group| {
                let (command, screen) = moment.terminal(group);
                screen_of(&command, &screen)
            }) }
        </div>
    }
}

/// A command and what it printed.
pub fn screen_of(command: &str, screen: &str) -> Html {
    html! { <pre><span class="prompt">{ format!("$ {command}\n") }</span>{ screen.trim_end() }</pre> }
}
