//! Draws a queue: the rooms a message can be in, and under them who held what when.

pub mod leases;

use super::Act;
use crate::stage::figure::queue::{Message, Queue, Room, RoomKind};
use crate::stage::moment::Fate;
use course::budget::counted;
use yew::prelude::*;

/// The most receives that are drawn as dots.
const MOST_DOTS: u32 = 5;

/// A queue. `anchor` tells the stages of a page apart.
pub fn draw(queue: &Queue, anchor: &str, live: bool, act: &Callback<Act>) -> Html {
    let back = queue.rooms.len() > 2;
    let class = match queue.dead_letters {
        Some(_) => "four",
        None => "three",
    };
    html! {
        <div class="queue" key={queue.name.clone()}>
            <p class="tape-name"><b>{ &queue.name }</b>{ " " }<span>{ queue.kind }</span></p>
            <div class={classes!("rooms", class)} role="group" aria-label={format!("Queue {}", queue.name)}>
                { for queue.rooms.iter().map(room) }
                if back { <p class="room-back"><span>{ "lease over" }</span></p> }
                if let Some((name, limit)) = &queue.dead_letters {
                    <p class="room-dead">{ format!("{name}, after {}", counted((*limit).into(), "receive", "receives")) }</p>
                }
            </div>
            if let Some(chart) = &queue.leases {
                { leases::draw(chart, &format!("{anchor}-{}", queue.name), live, act) }
            }
        </div>
    }
}

fn room(room: &Room) -> Html {
    let (name, count) = (room.kind.name(), room.count);
    html! {
        <div class={classes!("room", room.kind.class())} key={name}>
            <p class="room-name"><span>{ name }</span>{ " " }<b>{ count }</b></p>
            if !room.messages.is_empty() {
                <ol aria-label={name}>{ for room.messages.iter().map(|one| message(one, room.kind)) }</ol>
            }
            if room.more > 0 {
                <p class="room-more">{ format!("and {} more", room.more) }</p>
            }
        </div>
    }
}

fn message(message: &Message, kind: RoomKind) -> Html {
    let fate = match message.fate {
        Fate::Done => "done",
        Fate::Twice(_) => "twice",
        Fate::Lost => "lost",
        Fate::Waiting | Fate::InHand | Fate::Dropped => "",
    };
    let blocked = message.is_blocked.then_some("blocked");
    let concerned = message.concerned.then_some("concerned");
    html! {
        <li class={classes!("message", kind.class(), fate, blocked, concerned)} key={message.name.clone()}>
            <div class="box">
                <span class="name">
                    <span class="record">{ &message.name }</span>
                    if let Some(group) = &message.group { <span class="group">{ group }</span> }
                </span>
                { receives(message) }
                if let Some(done) = &message.done { <b class="fate">{ done }</b> }
                if let Some(waits) = &message.waits { <span class="waits">{ waits }</span> }
            </div>
            if let Some(lease) = &message.lease {
                <svg class="lease-left" width="100%" height="7" aria-hidden="true">
                    <rect width="100%" height="7" rx="3.5" class="all" />
                    <rect width={percent(lease.left)} height="7" rx="3.5" class="left" />
                </svg>
                <span class="until">{ &lease.words }</span>
                <span class="holder">{ &lease.holder }</span>
            }
            if message.concerned { <b class="about">{ "the finding" }</b> }
        </li>
    }
}

/// How often a message was received: a dot for each time it can be, as long as they can be counted.
fn receives(message: &Message) -> Html {
    let words = message.received();
    match message.most_receives {
        Some(most) if most <= MOST_DOTS => html! {
            <span class="pips" role="img" aria-label={words}>
                { for (0..most).map(|nth| html! { <i class={classes!((nth < message.receives).then_some("on"))}></i> }) }
            </span>
        },
        Some(most) => html! {
            <span class="receives" role="img" aria-label={words}>{ format!("{} of {most}", message.receives) }</span>
        },
        None if message.receives == 0 => html! {},
        None => html! { <span class="receives">{ words }</span> },
    }
}

/// Thousandths as percent.
fn percent(thousandths: u16) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}
