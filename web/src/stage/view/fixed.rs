//! The still parts, rendered on the host with the same drawing code.

use super::{figure, rows::Row, terminal, trace};
use crate::stage::figure::Figure;
use crate::stage::words;
use engine::screen::Screen;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
struct RowsProps {
    rows: Vec<Row>,
    column: Option<&'static str>,
}

#[component]
fn Rows(props: &RowsProps) -> Html {
    let is_long = props.rows.last().is_some_and(|row| words::is_long(row.ms));
    html! {
        <table class="printed-trace">
            <caption class="hidden-visually">{ "What happened" }</caption>
            { trace::head(props.column, is_long) }
            <tbody>{ for props.rows.iter().map(|row| trace::draw(row, props.column, is_long, None)) }</tbody>
        </table>
    }
}

#[derive(PartialEq, Properties)]
struct PrintedProps {
    screen: Screen,
}

#[component]
fn Printed(props: &PrintedProps) -> Html {
    html! { <div class="terminal" role="group" aria-label="Tool output" tabindex="0">{ terminal::draw_screen(&props.screen, |_| true) }</div> }
}

#[derive(PartialEq, Properties)]
struct StillProps {
    figure: Figure,
    anchor: String,
}

#[component]
fn Still(props: &StillProps) -> Html {
    figure::draw(&props.figure, &props.anchor, false, &Callback::noop())
}

/// A figure. `anchor` tells the figures of a page apart.
pub fn fixed_figure(figure: Figure, anchor: String) -> String {
    crate::printing::print::<Still>(StillProps { figure, anchor }, false)
}

/// A table of facts, with the system's own column if it has one.
pub fn fixed_rows(rows: Vec<Row>, column: Option<&'static str>) -> String {
    crate::printing::print::<Rows>(RowsProps { rows, column }, false)
}

/// A command and what it printed.
pub fn fixed_screen(screen: Screen) -> String {
    crate::printing::print::<Printed>(PrintedProps { screen }, false)
}
