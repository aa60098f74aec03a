//! The trace as a table that follows the position.

use super::Act;
use crate::stage::rows::{Row, Tense};
use crate::stage::sentence::Tone;
use crate::stage::words::{clock, more_steps};
use web_sys::HtmlElement;
use yew::prelude::*;

/// What the table shows.
#[derive(PartialEq, Properties)]
pub struct TableProps {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many steps are to come of which nothing is told yet.
    pub unseen: usize,
    /// What is written above the system's own column, if it has one.
    pub column: Option<&'static str>,
    /// Whether the run is so long that its times are told in hours and minutes.
    pub is_long: bool,
    /// Whether something happens when a button is pressed.
    pub live: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The table. It keeps the present row in sight without moving the page.
#[component]
pub fn Table(props: &TableProps) -> Html {
    let scroller = use_node_ref();
    // On a phone the times stay away until somebody asks for them: what happened comes first.
    let whole = use_state(|| false);
    let toggle = {
        let whole = whole.clone();
        Callback::from(move |_: MouseEvent| whole.set(!*whole))
    };
    let present = props
        .rows
        .iter()
        .find(|row| row.tense == Tense::Present)
        .map(|row| row.id);
    use_effect_with(present, {
        let scroller = scroller.clone();
        move |_| {
            let Some(scroller) = scroller.cast::<HtmlElement>() else {
                return;
            };
            let row = scroller
                .query_selector("tr[aria-current]")
                .ok()
                .flatten()
                .and_then(|row| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(row).ok());
            let Some(row) = row else {
                scroller.set_scroll_top(0);
                return;
            };
            let (top, height, room) = (
                row.offset_top(),
                row.offset_height(),
                scroller.client_height(),
            );
            if top < scroller.scroll_top() + height
                || top + 2 * height > scroller.scroll_top() + room
            {
                scroller.set_scroll_top(top - room / 2);
            }
        }
    });
    html! {
        <div class="side">
            <button type="button" class="quiet columns" disabled={!props.live} aria-pressed={whole.to_string()} onclick={toggle}>{ if *whole { "Without times" } else { "With times" } }</button>
            <div class="trace" ref={scroller} tabindex="0" role="group" aria-label="Trace, scrolls">
                <table class={whole.then_some("whole")}>
                    <caption>{ "Trace" }</caption>
                    { head(props.column, props.is_long) }
                    <tbody>{ for props.rows.iter().map(|row| draw(row, props.column, props.is_long, Some(&props.act))) }</tbody>
                    if props.unseen > 0 {
                        <tfoot><tr class="to-come"><td colspan={(3 + usize::from(props.column.is_some())).to_string()}>{ more_steps(props.unseen) }</td></tr></tfoot>
                    }
                </table>
            </div>
        </div>
    }
}

/// The heads of the columns.
pub fn head(column: Option<&'static str>, is_long: bool) -> Html {
    html! {
        <thead><tr>
            <th scope="col" class="number ms">{ if is_long { "h:min:s" } else { "s" } }</th>
            <th scope="col">{ "who" }</th>
            <th scope="col">{ "what happened" }</th>
            if let Some(column) = column { <th scope="col" class="number">{ column }</th> }
        </tr></thead>
    }
}

/// One row; with something to do, a click goes there.
pub fn draw(
    row: &Row,
    column: Option<&'static str>,
    is_long: bool,
    act: Option<&Callback<Act>>,
) -> Html {
    let tense = match row.tense {
        Tense::Past => "past",
        Tense::Present => "present",
        Tense::Future => "future",
    };
    let onclick = act.map(|act| {
        let (act, position) = (act.clone(), row.position);
        Callback::from(move |_: MouseEvent| act.emit(Act::Seek(position)))
    });
    html! {
        <tr key={row.id.0} class={classes!(tense, row.tone.class())} aria-current={(row.tense == Tense::Present).then_some("step")} {onclick}>
            <td class="number ms">{ clock(row.ms, is_long) }</td>
            <td class="who">{ who(&row.who) }</td>
            <td class="what">
                if row.tone == Tone::Broken { <b class="breaks">{ "✕ breaks the promise: " }</b> }
                { &row.what }
            </td>
            if column.is_some() { <td class="number">{ row.value.map_or_else(|| "–".to_owned(), |value| value.to_string()) }</td> }
        </tr>
    }
}

/// The name of a process, which breaks between its parts only: "email-1", then "· 2nd".
fn who(name: &str) -> Html {
    match name.split_once(" · ") {
        Some((name, nth)) => {
            html! { <><span class="name">{ name }</span>{ " " }<span class="name">{ format!("· {nth}") }</span></> }
        }
        None => html! { <span class="name">{ name }</span> },
    }
}
