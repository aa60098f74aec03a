//! What the operator's own tool would print now.

use crate::stage::screen::{Piece, is_taught_first, pieces};
use engine::screen::Screen;
use yew::prelude::*;

/// What the terminal shows.
#[derive(PartialEq, Properties)]
pub struct TerminalProps {
    /// One command after the other.
    pub screens: Vec<Screen>,
    /// Its name.
    pub label: String,
    /// Whether something happens when a button is pressed.
    pub live: bool,
}

/// The terminal. Where its lines do not fit it shows tables row by row, with the columns that are taught
/// first, and the whole output behind a control; the style sheet says where that is.
#[component]
pub fn Terminal(props: &TerminalProps) -> Html {
    let whole = use_state(|| false);
    let toggle = {
        let whole = whole.clone();
        Callback::from(move |_: MouseEvent| whole.set(!*whole))
    };
    html! {
        <div class={classes!("terminal", whole.then_some("whole"))} role="region" aria-label={props.label.clone()} tabindex="0">
            if props.screens.iter().any(has_table) {
                <button type="button" class="whole-output" disabled={!props.live} aria-pressed={whole.to_string()} onclick={toggle}>{ if *whole { "As a list" } else { "Whole output" } }</button>
            }
            { for props.screens.iter().map(|screen| draw_screen(screen, is_taught_first)) }
        </div>
    }
}

/// Whether a tool printed a table, whose lines cannot be broken.
fn has_table(screen: &Screen) -> bool {
    let pieces = pieces(screen);
    pieces.iter().any(|piece| matches!(piece, Piece::Row(_)))
}

/// A command and what it printed: as it was printed, and where there is a table, for narrow places in pieces,
/// with the columns that are wanted.
pub fn draw_screen(screen: &Screen, wanted: fn(&str) -> bool) -> Html {
    if !has_table(screen) {
        return html! {
            <pre class="plain"><span class="prompt">{ format!("$ {}\n", screen.command) }</span>{ screen.output.trim_end() }</pre>
        };
    }
    html! {
        <>
            <pre class="printed"><span class="prompt">{ format!("$ {}\n", screen.command) }</span>{ screen.output.trim_end() }</pre>
            <div class="pieces">
                <pre class="prompt">{ format!("$ {}", screen.command) }</pre>
                { for pieces(screen).iter().map(|one| piece(one, wanted)) }
            </div>
        </>
    }
}

fn piece(piece: &Piece, wanted: fn(&str) -> bool) -> Html {
    match piece {
        Piece::Text(text) => html! { <pre>{ text.trim_end() }</pre> },
        Piece::Row(cells) => html! {
            <dl>
                { for cells.iter().filter(|(head, _)| wanted(head)).map(|(head, cell)| html! {
                    <div><dt>{ head }</dt><dd>{ cell }</dd></div>
                }) }
            </dl>
        },
    }
}
