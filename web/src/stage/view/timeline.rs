//! Draws the timeline, once for wide places and once, shorter, for narrow ones. Along time x is in percent
//! and y in pixels: what happened stretches, and words keep their size.

use super::Act;
use crate::stage::moment::Moment;
use crate::stage::telling::Shape;
use crate::stage::timeline::{self, Event, Timeline};
use yew::prelude::*;

/// The least width of the picture beside the trace, and how many turns it has room for.
const WIDE: (f32, usize) = (456.0, 18);
/// The same on a phone.
const NARROW: (f32, usize) = (290.0, 9);

/// Both widths; the style sheet shows one.
pub fn draw(moment: &Moment<'_>, act: &Callback<Act>) -> Html {
    let past = moment.past.headlines().count();
    let all = moment.run.trace().headlines().count();
    let label = format!(
        "Timeline, {} of {all} turns of the story; the table tells them in words",
        if moment.position == 0 { 0 } else { past }
    );
    let draw = |(width, most), class| one(&timeline::timeline(moment, width, most), class, act);
    html! {
        <div class="timeline" role="img" aria-label={label}>
            { draw(WIDE, "wide") }
            { draw(NARROW, "narrow") }
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

/// Where things stand along time, in percent of what is right of the names.
#[derive(Clone, Copy)]
struct Axis {
    left: f32,
    width: f32,
}

impl Axis {
    fn at(self, x: f32) -> String {
        self.long(x - self.left)
    }

    fn long(self, width: f32) -> String {
        n(100.0 * width / (self.width - self.left)) + "%"
    }
}

fn one(timeline: &Timeline, class: &'static str, act: &Callback<Act>) -> Html {
    let axis = Axis {
        left: timeline.left,
        width: timeline.width,
    };
    let height = n(timeline.height);
    html! {
        <div class={classes!("turns", class)} aria-hidden="true">
            <svg class="names" width={n(timeline.left)} height={height.clone()} focusable="false">
                { for timeline.lanes.iter().map(|lane| html! {
                    <text x="0" y={n(lane.y + 4.0)} class="lane">{ lane.name.chars().take(12).collect::<String>() }</text>
                }) }
            </svg>
            <svg class="lanes" height={height} focusable="false">
                { for timeline.lanes.iter().map(|lane| html! {
                    <line x1="0" x2="100%" y1={n(lane.y)} y2={n(lane.y)} class="lane" />
                }) }
                { for timeline.gaps.iter().map(|(x, words)| html! {
                    <g class="gap">
                        <line x1={axis.at(*x)} x2={axis.at(*x)} y1="16" y2={n(timeline.height - 6.0)} />
                        if let Some(words) = words { <text x={axis.at(*x)} y="11" text-anchor="middle">{ words }</text> }
                    </g>
                }) }
                { for timeline.down.iter().map(|(from, to, y)| html! {
                    <g class="down">
                        <line x1={axis.at(*from)} x2={axis.at(*to)} y1={n(*y)} y2={n(*y)} class="blank" />
                        <line x1={axis.at(*from)} x2={axis.at(*to)} y1={n(*y)} y2={n(*y)} />
                    </g>
                }) }
                { for timeline.echoes.iter().map(|(from, to, y)| html! {
                    <svg x={axis.at(*from)} y={n(y + 6.0)} width={axis.long(to - from)} height="22" viewBox="0 0 100 22" preserveAspectRatio="none">
                        <path class="echo" d="M0 0Q50 34 100 2" vector-effect="non-scaling-stroke" />
                    </svg>
                }) }
                if let Some((x, words)) = &timeline.outline {
                    <g class="to-come">
                        <rect x={axis.at(*x)} y="16" width={axis.long(timeline.width - x)} height={n(timeline.height - 20.0)} rx="6" />
                        if let Some(words) = words { <text x={axis.at((x + timeline.width) / 2.0)} y="11" text-anchor="middle">{ words }</text> }
                    </g>
                }
                <line class="now" x1={axis.at(timeline.now)} x2={axis.at(timeline.now)} y1="14" y2={n(timeline.height - 4.0)} />
                { for timeline.found.iter().map(|(x, what, y)| html! {
                    <g class="found">
                        <line x1={axis.at(*x)} x2={axis.at(*x)} y1="4" y2={n(y - 12.0)} />
                        <text x={axis.at(*x)} y={n(*y)} text-anchor={if *x > timeline.width - 60.0 { "end" } else { "middle" }}>{ what }</text>
                    </g>
                }) }
                { for timeline.events.iter().map(|event| draw_event(event, axis, act)) }
                if timeline.cut.0 { <text x="0" y="11" class="cut">{ "…" }</text> }
                if timeline.cut.1 { <text x="100%" y="11" text-anchor="end" class="cut">{ "…" }</text> }
            </svg>
        </div>
    }
}

fn draw_event(event: &Event, axis: Axis, act: &Callback<Act>) -> Html {
    let onclick = {
        let (act, position) = (act.clone(), event.position);
        Callback::from(move |_: MouseEvent| act.emit(Act::Seek(position)))
    };
    let (x, y) = (axis.at(event.x), event.y);
    // Paths have no percent: they are drawn around the corner of a picture that stands there.
    let around = |path: &'static str, class: Option<&'static str>| {
        html! { <svg x={x.clone()} y={n(y)} width="1" height="1" class="around"><path {class} d={path} /></svg> }
    };
    let shape = match event.shape {
        Shape::Dot => html! { <circle cx={x.clone()} cy={n(y)} r="4.5" /> },
        Shape::Ring => {
            html! { <><circle cx={x.clone()} cy={n(y)} r="5" /><circle cx={x.clone()} cy={n(y)} r="8.5" class="ring" /></> }
        }
        Shape::Cross => around("M-5.5 -5.5l11 11m0 -11l-11 11", Some("cross")),
        Shape::Triangle => around("M0 -6l6 10h-12z", None),
    };
    html! {
        <g class={classes!("event", event.tone.class(), event.future.then_some("future"), event.present.then_some("present"))} {onclick}>
            if let Some(from) = event.from {
                <line class="link" x1={axis.at(event.x - 9.0)} x2={x.clone()} y1={n(from)} y2={n(y)} />
            }
            { shape }
            if let Some((words, height)) = &event.label {
                <text x={x.clone()} y={n(*height)} text-anchor="middle">{ words }</text>
            }
        </g>
    }
}
