//! Draws the timeline, once for wide places and once, shorter, for narrow ones.

use super::Act;
use crate::stage::moment::Moment;
use crate::stage::telling::Shape;
use crate::stage::timeline::{self, Event, Timeline};
use yew::prelude::*;

/// Both widths; the style sheet shows one.
pub fn draw(moment: &Moment<'_>, act: &Callback<Act>) -> Html {
    let past = moment.past.headlines().count();
    let all = moment.run.trace().headlines().count();
    let label = format!(
        "Timeline, {} of {all} turns of the story; the table tells them in words",
        if moment.position == 0 { 0 } else { past }
    );
    html! {
        <div class="timeline" role="img" aria-label={label}>
            { one(&timeline::timeline(moment, 640.0, 24), "wide", act) }
            { one(&timeline::timeline(moment, 340.0, 9), "narrow", act) }
        </div>
    }
}

/// A length with one digit behind the point. What the standard library has for it is exact to the
/// last bit, and a good part of the module.
fn n(value: f32) -> String {
    let tenths = (value * 10.0).round() as i32;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

fn one(timeline: &Timeline, class: &'static str, act: &Callback<Act>) -> Html {
    let right = timeline.width - 4.0;
    html! {
        <svg class={class} viewBox={format!("0 0 {} {}", n(timeline.width), n(timeline.height))} focusable="false" aria-hidden="true">
            { for timeline.lanes.iter().map(|lane| html! {
                <g>
                    <text x="0" y={n(lane.y + 4.0)} class="lane">{ lane.name.chars().take(12).collect::<String>() }</text>
                    <line x1={n(timeline.left)} x2={n(right)} y1={n(lane.y)} y2={n(lane.y)} class="lane" />
                </g>
            }) }
            { for timeline.gaps.iter().map(|(x, words)| html! {
                <g class="gap">
                    <line x1={n(*x)} x2={n(*x)} y1="14" y2={n(timeline.height - 6.0)} />
                    <text x={n(*x)} y="9" text-anchor="middle">{ words }</text>
                </g>
            }) }
            { for timeline.down.iter().map(|(from, to, y)| html! {
                <g class="down">
                    <line x1={n(*from)} x2={n(*to)} y1={n(*y)} y2={n(*y)} class="blank" />
                    <line x1={n(*from)} x2={n(*to)} y1={n(*y)} y2={n(*y)} />
                </g>
            }) }
            { for timeline.echoes.iter().map(|(from, to, y)| html! {
                <path class="echo" d={format!("M{} {}Q{} {} {} {}", n(*from), n(y + 6.0), n((from + to) / 2.0), n(y + 40.0), n(*to), n(y + 8.0))} />
            }) }
            <line class="now" x1={n(timeline.now)} x2={n(timeline.now)} y1="12" y2={n(timeline.height - 4.0)} />
            { for timeline.found.iter().map(|(x, what)| html! {
                <g class="found">
                    <line x1={n(*x)} x2={n(*x)} y1="4" y2={n(timeline.height)} />
                    <text x={n(*x)} y={n(timeline.height + 2.0)} text-anchor={if *x > timeline.width - 60.0 { "end" } else { "middle" }}>{ what }</text>
                </g>
            }) }
            { for timeline.events.iter().map(|event| draw_event(event, act)) }
            if timeline.cut.0 { <text x={n(timeline.left - 3.0)} y="9" class="cut">{ "…" }</text> }
            if timeline.cut.1 { <text x={n(right - 8.0)} y="9" class="cut">{ "…" }</text> }
        </svg>
    }
}

fn draw_event(event: &Event, act: &Callback<Act>) -> Html {
    let onclick = {
        let (act, position) = (act.clone(), event.position);
        Callback::from(move |_: MouseEvent| act.emit(Act::Seek(position)))
    };
    let (x, y) = (event.x, event.y);
    let shape = match event.shape {
        Shape::Dot => html! { <circle cx={n(x)} cy={n(y)} r="4.5" /> },
        Shape::Ring => {
            html! { <><circle cx={n(x)} cy={n(y)} r="5" /><circle cx={n(x)} cy={n(y)} r="8.5" class="ring" /></> }
        }
        Shape::Cross => {
            html! { <path class="cross" d={format!("M{} {}l11 11m0 -11l-11 11", n(x - 5.5), n(y - 5.5))} /> }
        }
        Shape::Triangle => html! { <path d={format!("M{} {}l6 10h-12z", n(x), n(y - 6.0))} /> },
    };
    html! {
        <g class={classes!("event", event.tone.class(), event.future.then_some("future"), event.present.then_some("present"))} {onclick}>
            if let Some(from) = event.from {
                <line class="link" x1={n(x - 9.0)} x2={n(x)} y1={n(from)} y2={n(y)} />
            }
            { shape }
            if let Some((words, height)) = &event.label {
                <text x={n(x)} y={n(*height)} text-anchor="middle">{ words }</text>
            }
        </g>
    }
}
