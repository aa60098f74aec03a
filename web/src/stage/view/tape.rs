//! Draws a log as cells that flow: on a phone they wrap instead of scrolling away.

use crate::stage::figure::tape::{Cell, Tape};
use yew::prelude::*;

/// A tape.
pub fn draw(tape: &Tape) -> Html {
    html! {
        <div class="tape" key={format!("{}/{}", tape.topic, tape.index)}>
            <p class="tape-name"><b>{ &tape.topic }</b>{ " " }<span>{ format!("partition {}", tape.index) }</span></p>
            <ol aria-label={format!("{} partition {}", tape.topic, tape.index)}>{ for tape.cells.iter().map(cell) }</ol>
        </div>
    }
}

fn cell(cell: &Cell) -> Html {
    let class = match (&cell.record, cell.gone_to) {
        (Some(_), _) => cell.fate.class(),
        (None, Some(_)) => "gone",
        (None, None) => "next",
    };
    html! {
        <li class={classes!("cell", class, cell.concerned.then_some("concerned"))}>
            <span class="lines" aria-hidden="true">
                { for cell.marks.iter().map(|mark| html! { <i class={mark.kind.class()}></i> }) }
            </span>
            <div class="box">
                if let Some(record) = &cell.record {
                    <span class="record">{ record }</span>
                }
                { for cell.states.iter().map(|(fate, words)| html! {
                    <span class={classes!("state", (cell.states.len() > 1).then(|| fate.class()))}>{ words }</span>
                }) }
            </div>
            <span class="offset">
                { cell.offset }
                if let Some(last) = cell.gone_to.filter(|last| *last > cell.offset) {
                    { format!("–{last}") }
                }
                if cell.concerned { <b class="about">{ " the finding" }</b> }
            </span>
            <div class="marks">
                { for cell.marks.iter().map(|mark| html! { <span class={classes!("tape-mark", mark.kind.class())}>{ together(&mark.label) }</span> }) }
            </div>
        </li>
    }
}

/// The words of a mark, of which the last, its number, stays beside the one before.
fn together(label: &str) -> String {
    match label.rsplit_once(' ') {
        Some((words, number)) => format!("{words}\u{a0}{number}"),
        None => label.to_owned(),
    }
}
