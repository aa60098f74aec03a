//! Draws leases and works over time. Along time x is in percent and y in pixels, so that bars stretch
//! and words keep their size.

use super::percent;
use crate::stage::figure::leases::{
    Again, Bar, Fall, Lane, LeaseEnd, Leases, Noun, Overlap, Tense, Tick, Work,
};
use crate::stage::view::{Act, focus};
use wasm_bindgen::JsCast;
use yew::prelude::*;

/// The height of the axis, with the words under it.
const AXIS: u32 = 36;
/// The height of a lane's name.
const HEAD: u32 = 24;
/// The height of a bar.
const BAR: u32 = 22;
/// From a lease to the next row: lease, gap, work, gap.
const ROW: u32 = 2 * BAR + 11;
/// Between two lanes.
const GAP: u32 = 8;
/// The height of what was done more than once for a message.
const AGAIN: u32 = 36;
/// The width of a letter, and of the chart where it is narrow and where it is wide, roughly.
const LETTER: u32 = 7;
const NARROW: u32 = 330;
const WIDE: u32 = 520;

/// What every bar is drawn with.
#[derive(Clone, Copy)]
struct Chart<'a> {
    noun: Noun,
    now: u16,
    hatch: &'a str,
    stop: Option<&'a Bar>,
    live: bool,
    act: &'a Callback<Act>,
}

/// The chart; `id` is its own on the page.
pub fn draw(leases: &Leases, id: &str, live: bool, act: &Callback<Act>) -> Html {
    let tops = tops(&leases.lanes);
    let lanes_end = tops.last().copied().unwrap_or(AXIS);
    let bottom = lanes_end + leases.room_for_again as u32 * AGAIN;
    let height = bottom + 16;
    let hatch = format!("hatch-{id}");
    let chart = Chart {
        noun: leases.noun,
        now: leases.now.at,
        hatch: &hatch,
        stop: stop(&leases.lanes),
        live,
        act,
    };
    // Tab comes to one bar; up and down go on from there.
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowUp" | "ArrowDown") {
            event.prevent_default();
            event.stop_propagation();
            let chart = event
                .current_target()
                .and_then(|chart| chart.dyn_into().ok());
            focus::along(chart, "[role=button]", &event.key());
        }
    });
    html! {
        <svg class="leases" width="100%" height={height.to_string()} role="group" aria-label={leases.words.clone()} {onkeydown}>
            <defs>
                <pattern id={hatch.clone()} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect width="8" height="8" class="hatch-ground" /><rect width="2.6" height="8" class="hatch-line" />
                </pattern>
            </defs>
            { for leases.overlaps.iter().filter(|both| both.from <= leases.now.at).map(|one| both(one, bottom)) }
            { for leases.ticks.iter().map(|tick| axis(tick, leases.now.at)) }
            <g aria-hidden="true">
                <line class="now" x1={percent(leases.now.at)} x2={percent(leases.now.at)} y1={AXIS.to_string()} y2={bottom.to_string()} />
                { words(leases.now.at, height - 4, "now", &leases.now.label) }
            </g>
            { for leases.lanes.iter().zip(&tops).map(|(lane, &top)| draw_lane(lane, top, &chart)) }
            { for leases.again.iter().enumerate().map(|(nth, again)| {
                draw_again(again, lanes_end + nth as u32 * AGAIN, leases.now.at)
            }) }
            { for leases.falls.iter().map(|fall| draw_fall(fall, leases.now.at, &tops)) }
        </svg>
    }
}

/// The top of each lane, and of what follows the last.
fn tops(lanes: &[Lane]) -> Vec<u32> {
    let mut tops = vec![AXIS];
    for lane in lanes {
        let rows = lane.rows.len() as u32;
        let has_more = lane.more > 0 || lane.room_for_more;
        let more = if has_more { 16 } else { 0 };
        let top = tops.last().copied().unwrap_or(AXIS);
        tops.push(top + HEAD + rows * ROW + more + GAP);
    }
    tops
}

/// The bar that Tab comes to: the latest that has begun.
fn stop(lanes: &[Lane]) -> Option<&Bar> {
    let bars = lanes.iter().flat_map(|lane| lane.rows.iter().flatten());
    bars.filter(|bar| bar.tense != Tense::Future)
        .max_by_key(|bar| bar.from)
}

/// The top of a row in a lane.
const fn row_top(lane: u32, row: usize) -> u32 {
    lane + HEAD + row as u32 * ROW
}

/// Where words begin at a place, so that they stay in the picture.
const fn anchor(at: u16) -> &'static str {
    match at {
        0..=90 => "start",
        910..=1000 => "end",
        _ => "middle",
    }
}

fn words(at: u16, y: u32, class: &'static str, text: &str) -> Html {
    html! { <text x={percent(at)} y={y.to_string()} text-anchor={anchor(at)} {class}>{ text }</text> }
}

fn axis(tick: &Tick, now: u16) -> Html {
    let x = percent(tick.at);
    let near = tick.at.abs_diff(now) < 4;
    html! {
        <g aria-hidden="true">
            { words(tick.at, 11, "tick", &tick.label) }
            if !near { <line class="tick" x1={x.clone()} x2={x} y1="15" y2="20" /> }
        </g>
    }
}

fn both(overlap: &Overlap, bottom: u32) -> Html {
    let width = overlap.to.saturating_sub(overlap.from).max(2);
    let middle = overlap.from + width / 2;
    html! {
        <g class="both" aria-hidden="true">
            <rect x={percent(overlap.from)} width={percent(width)} y="18" height={(bottom - 18).to_string()} />
            { words(middle, 31, "both", "two at work") }
        </g>
    }
}

fn draw_lane(lane: &Lane, top: u32, chart: &Chart<'_>) -> Html {
    let rows = lane.rows.iter().enumerate();
    let after = row_top(top, lane.rows.len());
    let alone = lane.is_alone.then_some("alone");
    // Beside a long name there is no room for the note in a narrow chart.
    let both = (lane.who.chars().count() + lane.note.chars().count()) as u32 + 4;
    let room = (both * LETTER > NARROW).then_some("roomy");
    html! {
        <g class="lane">
            <g aria-hidden="true">
                <text x="0" y={(top + 15).to_string()} class="who">{ &lane.who }</text>
                <text x="100%" y={(top + 15).to_string()} text-anchor="end" class={classes!("note", alone, room)}>
                    { if lane.is_alone { "✕ " } else { "" } }{ &lane.note }
                </text>
            </g>
            { for rows.flat_map(|(row, bars)| {
                let y = row_top(top, row);
                bars.iter().map(move |bar| draw_bar(bar, y, chart))
            }) }
            if lane.more > 0 {
                <text x="0" y={(after + 10).to_string()} class="tick">{ format!("and {} more at the same time", lane.more) }</text>
            }
        </g>
    }
}

/// Whether words fit in a bar of this length: everywhere, only where the chart is wide, or nowhere.
fn fits(length: u16, words: &str) -> Option<&'static str> {
    let needed = words.chars().count() as u32 * LETTER + 14;
    let has = |width: u32| u32::from(length) * width / 1000;
    if needed <= has(NARROW) {
        Some("")
    } else if needed <= has(WIDE) {
        Some("roomy")
    } else {
        None
    }
}

fn draw_bar(bar: &Bar, y: u32, chart: &Chart<'_>) -> Html {
    let tense = match bar.tense {
        Tense::Past => "past",
        Tense::Present => "present",
        Tense::Future => "future",
    };
    let (end, sign) = match bar.end {
        LeaseEnd::Open => ("open", ""),
        LeaseEnd::Over => ("over", ""),
        LeaseEnd::GivenBack => ("given-back", "↩"),
        LeaseEnd::Settled => ("settled", "✓"),
    };
    let length = bar.to.saturating_sub(bar.from).max(3);
    let sign = match bar.tense {
        Tense::Past if !sign.is_empty() => format!(" {sign}"),
        Tense::Past | Tense::Present | Tense::Future => String::new(),
    };
    let noun = chart.noun.word();
    // A message has its own leases, so several bars are its first: where there is room, it is named.
    // The bar's name has what stands on it, in its order: the message stands on one of its two halves.
    let named = format!("{noun} {} of {}{sign}", bar.nth, bar.record);
    let (label, words, on_work) = match bar.work {
        None => (format!("{} waits{sign}", bar.record), bar.words.clone(), ""),
        Some(_) if fits(length, &named) == Some("") => (named, bar.words.clone(), ""),
        Some(_) => {
            let of = format!(" of {}:", bar.record);
            let words = bar.words.replacen(&of, &format!(": {}", bar.record), 1);
            (format!("{noun} {}{sign}", bar.nth), words, &*bar.record)
        }
    };
    let middle = (y + 15).to_string();
    let is_stop = chart.stop.is_some_and(|stop| std::ptr::eq(stop, bar));
    let tab = if is_stop { "0" } else { "-1" };
    let position = bar.position.filter(|_| chart.live);
    let go = position.map(|position| {
        let act = chart.act.clone();
        Callback::from(move |_: MouseEvent| act.emit(Act::Seek(position)))
    });
    // Enter and space are the bar's here: space plays everywhere else on the stage.
    let onkeydown = position.map(|position| {
        let act = chart.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " ") {
                event.prevent_default();
                event.stop_propagation();
                act.emit(Act::Seek(position));
            }
        })
    });
    html! {
        <g
            class={classes!("lease", end, tense)} role={if position.is_some() { "button" } else { "img" }}
            tabindex={position.map(|_| tab)} aria-label={words} onclick={go} {onkeydown}
        >
            <rect class="lease" x={percent(bar.from)} y={y.to_string()} width={percent(length)} height={BAR.to_string()} rx="6" />
            <g>{ for bar.extended.iter().map(|&at| html! {
                <line class="extended" x1={percent(at)} x2={percent(at)} y1={(y + 3).to_string()} y2={(y + BAR - 3).to_string()} />
            }) }</g>
            if let Some(room) = fits(length, &label) {
                <svg x={percent(bar.from)} overflow="visible"><text x="8" y={middle} class={classes!("lease", room)}>{ label }</text></svg>
            }
            // What stands on the bars are words of their own.
            { " " }
            if let Some(work) = &bar.work {
                { draw_work(work, on_work, y + BAR + 3, chart.hatch) }
            }
            if bar.end == LeaseEnd::Over {
                <line class={if bar.to > chart.now { "tear later" } else { "tear" }} x1={percent(bar.to)} x2={percent(bar.to)} y1={(y - 3).to_string()} y2={(y + 2 * BAR + 6).to_string()} />
            }
        </g>
    }
}

/// What is done of the work is filled, hatched where it goes on without a lease; the rest is an outline.
fn draw_work(work: &Work, record: &str, y: u32, hatch: &str) -> Html {
    let (y, height) = (y.to_string(), BAR.to_string());
    let alone = work.alone.map_or(work.to, |lost| lost.max(work.from));
    let done = work.done.min(alone);
    let rect = |from: u16, to: u16, class: &'static str, fill: Option<String>| {
        html! {
            if from < to {
                <rect {class} x={percent(from)} y={y.clone()} width={percent(to - from)} height={height.clone()} rx="4" {fill} />
            }
        }
    };
    // The name stands in what is done, or else after it in what is still to do.
    let inside = fits(work.done.saturating_sub(work.from), record);
    let after = fits(work.to.saturating_sub(work.done), record);
    let (at, class, room) = match inside {
        Some(_) if work.is_again => (work.from, "work again", inside),
        Some(_) => (work.from, "work inside", inside),
        None => (work.done, "work", after),
    };
    let again = work.is_again.then(|| format!("url(#{hatch})"));
    let own = if work.is_again { "work alone" } else { "work" };
    let middle = y.parse::<u32>().unwrap_or(0) + 15;
    html! {
        <>
            { rect(work.from, work.to, "work later", None) }
            { rect(work.from, done, own, again) }
            { rect(alone, work.done, "work alone", Some(format!("url(#{hatch})"))) }
            if let Some(room) = room.filter(|_| !record.is_empty()) {
                <svg x={percent(at)} overflow="visible"><text x="8" y={middle.to_string()} class={classes!(class, room)}>{ record }</text></svg>
            }
            if let Some(sign) = ended_badly(work) {
                <svg x={percent(work.to)} overflow="visible"><text x={if work.to > 880 { "-3" } else { "3" }} y={middle.to_string()} text-anchor={if work.to > 880 { "end" } else { "start" }} class="cut">{ sign }</text></svg>
            }
        </>
    }
}

/// What stands where work ended that was not done.
const fn ended_badly(work: &Work) -> Option<&'static str> {
    // Which of the two it is stands in the bar's words.
    if work.is_failed || work.is_cut {
        Some("✕")
    } else {
        None
    }
}

/// A dot for each time, ringed from the second on; an outline as long as it has not happened.
fn draw_again(again: &Again, top: u32, now: u16) -> Html {
    let y = (top + 26).to_string();
    let ends = again.times.first().zip(again.times.last());
    html! {
        <g class="again" role="img" aria-label={again.words.clone()}>
            <text x="0" y={(top + 11).to_string()} class="who">{ &again.label }</text>
            if let Some((&first, &last)) = ends {
                <line x1={percent(first)} x2={percent(last)} y1={y.clone()} y2={y.clone()} />
            }
            { for again.times.iter().enumerate().map(|(nth, &at)| html! {
                <svg x={percent(at)} y={y.clone()} overflow="visible" class={classes!((at > now).then_some("future"), (nth > 0).then_some("more"))}>
                    <circle r="5" />
                    if nth > 0 { <circle r="8.5" class="ring" /> }
                    <text x={if at > 900 { "-13" } else { "13" }} y="4" text-anchor={if at > 900 { "end" } else { "start" }}>{ nth_time(nth) }</text>
                </svg>
            }) }
        </g>
    }
}

/// "1st", "2nd", "3rd", "4th".
fn nth_time(nth: usize) -> String {
    match nth + 1 {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        more => format!("{more}th"),
    }
}

/// An arrow from the end of a lease to the lease of the worker who received the message next.
fn draw_fall(fall: &Fall, now: u16, tops: &[u32]) -> Html {
    let top = |(lane, row): (usize, usize)| tops.get(lane).map_or(AXIS, |&lane| row_top(lane, row));
    let (from, to) = (top(fall.upper), top(fall.lower));
    // Down to the top of the next lease, or up to the lower end of its work.
    let down = from < to;
    let (start, end) = if down {
        (from + 2 * BAR + 6, to - 1)
    } else {
        (from - 3, to + 2 * BAR + 5)
    };
    let head = if down {
        "M-5 -8L0 1L5 -8z"
    } else {
        "M-5 8L0 -1L5 8z"
    };
    let (x1, x2) = (percent(fall.from), percent(fall.to));
    html! {
        <g class={if fall.to > now { "fall later" } else { "fall" }} aria-hidden="true">
            if fall.from != fall.to {
                <line x1={x1} x2={x2.clone()} y1={start.to_string()} y2={start.to_string()} />
            }
            <line x1={x2.clone()} x2={x2.clone()} y1={start.to_string()} y2={end.to_string()} />
            <svg x={x2} y={end.to_string()} overflow="visible"><path d={head} /></svg>
        </g>
    }
}
