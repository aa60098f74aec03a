//! The trace as a table that follows the position.

use super::Act;
use crate::stage::rows::{Row, Tense};
use crate::stage::words::thousands;
use web_sys::HtmlElement;
use yew::prelude::*;

/// What the table shows.
#[derive(PartialEq, Properties)]
pub struct TableProps {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether one number says what is committed.
    pub one_mark: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The table. It keeps the present row in sight without moving the page.
#[component]
pub fn Table(props: &TableProps) -> Html {
    let scroller = use_node_ref();
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
            <div class="trace" ref={scroller} tabindex="0" role="group" aria-label="Trace, scrolls">
                <table>
                    <caption>{ "Trace" }</caption>
                    <thead><tr>
                        <th scope="col" class="number">{ "ms" }</th>
                        <th scope="col">{ "who" }</th>
                        <th scope="col">{ "what happened" }</th>
                        if props.one_mark { <th scope="col" class="number">{ "committed" }</th> }
                    </tr></thead>
                    <tbody>{ for props.rows.iter().map(|row| draw(row, props.one_mark, Some(&props.act))) }</tbody>
                </table>
            </div>
        </div>
    }
}

/// One row; with something to do, a click goes there.
pub fn draw(row: &Row, one_mark: bool, act: Option<&Callback<Act>>) -> Html {
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
            <td class="number">{ thousands(row.ms) }</td>
            <td>{ &row.who }</td>
            <td class="what">{ &row.what }</td>
            if one_mark { <td class="number">{ row.committed.map_or_else(|| "–".to_owned(), |offset| offset.to_string()) }</td> }
        </tr>
    }
}
