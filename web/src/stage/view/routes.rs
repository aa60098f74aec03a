//! Draws routes: the words of a key, under them each binding word for word, and beside it the queue it leads to.

use super::Act;
use super::queue::leases;
use crate::stage::figure::queue::{Message, Room};
use crate::stage::figure::routes::{
    Binding, Board, Cell, Death, Holder, Routes, Sign, Stop, To, Way,
};
use crate::stage::moment::Fate;
use yew::prelude::*;

/// The routes of a broker.
pub fn draw(routes: &Routes, anchor: &str, live: bool, act: &Callback<Act>) -> Html {
    html! {
        <div class="routes">
            { for routes.boards.iter().map(|one| board(one, routes)) }
            if !routes.unbound.is_empty() {
                <div class="board one">
                    <p class="board-name">{ "no exchange leads here" }</p>
                    { for routes.unbound.iter().map(|at| html! { <div class="way">{ stop(&routes.queues[*at], None, false) }</div> }) }
                </div>
            }
            if let Some((record, entries)) = &routes.deaths { { deaths(record, entries) } }
            { for routes.queues.iter().filter_map(|stop| {
                let queue = &stop.queue;
                let chart = leases::draw(queue.leases.as_ref()?, &format!("{anchor}-{}", queue.name), live, act);
                Some(html! { <div class="held"><p class="board-name"><b>{ &queue.name }</b>{ ": who held what" }</p>{ chart }</div> })
            }) }
        </div>
    }
}

fn board(board: &Board, routes: &Routes) -> Html {
    let columns = match board.columns {
        1 => "one",
        2 => "two-words",
        3 => "three-words",
        4 => "four-words",
        5 => "five-words",
        _ => "six-words",
    };
    let label = format!("{} {}", board.kind, board.exchange);
    html! {
        <div class={classes!("board", columns)} role="group" aria-label={label} key={board.exchange.clone()}>
            <p class="board-name"><b>{ &board.exchange }</b>{ " " }<span>{ &board.kind }</span></p>
            if let Some((record, from)) = &board.message {
                <div class="way asked">
                    <p class="words key"><span class="hidden-visually">{ "Key " }</span>{ for board.key.iter().map(|word| html! { <span class="word">{ word }</span> }) }</p>
                    <p class="comes"><span class="tag">{ record }</span>{ " " }<span>{ from }</span></p>
                </div>
            }
            { for board.ways.iter().map(|one| way(one, routes)) }
            if let Some((to, taken)) = &board.alternate {
                <p class={classes!("otherwise", taken.then_some("taken"))}>{ "what no binding takes → " }<b>{ to }</b></p>
            }
            if !board.says.is_empty() { <p class="board-says">{ &board.says }</p> }
        </div>
    }
}

fn way(way: &Way, routes: &Routes) -> Html {
    let taken = way.is_taken.then_some("taken");
    html! {
        <div class={classes!("way", taken)}>
            <ul class="bindings">{ for way.bindings.iter().map(binding) }</ul>
            {
                match &way.to {
                    To::Queue(at) => stop(&routes.queues[*at], way.note, way.is_taken),
                    To::Elsewhere(name) => html! { <p class="stop else"><b>{ name }</b>{ " " }{ note(way.note, way.is_taken) }</p> },
                    To::Exchange(name) => html! { <p class="stop else"><span>{ "exchange " }</span><b>{ name }</b></p> },
                }
            }
        </div>
    }
}

fn note(note: Option<&str>, is_taken: bool) -> Html {
    html! { if let Some(note) = note { <span class={if is_taken { "gets" } else { "gets-none" }}>{ note.to_owned() }</span> } }
}

fn binding(binding: &Binding) -> Html {
    let class = match binding.takes {
        None => "",
        Some(true) => "takes",
        Some(false) => "takes-not",
    };
    html! {
        <li class={classes!("binding", class)}>
            <span class="hidden-visually">{ &binding.words }</span>
            <span class="words" aria-hidden="true">{ for binding.cells.iter().map(word) }</span>
            <i aria-hidden="true"></i>
        </li>
    }
}

fn word(cell: &Cell) -> Html {
    let sign = match cell.sign {
        Sign::Plain => "",
        Sign::Equal => "equal",
        Sign::Wild => "wild",
        Sign::Differs => "differs",
        Sign::NotAsked => "not-asked",
    };
    let span = match cell.span {
        0 | 1 => "",
        2 => "span-2",
        3 => "span-3",
        4 => "span-4",
        _ => "span-5",
    };
    html! {
        <span class={classes!("word", sign, span)}>{ &cell.text }if let Some(note) = &cell.note { <small>{ note }</small> }</span>
    }
}

/// A queue: what is ready in it, and who holds what.
fn stop(stop: &Stop, gets: Option<&str>, is_taken: bool) -> Html {
    let queue = &stop.queue;
    let ready = queue.rooms.first();
    html! {
        <div class={classes!("stop", is_taken.then_some("taken"))} role="group" aria-label={format!("Queue {}", queue.name)}>
            <p><b>{ &queue.name }</b>{ " " }<span>{ queue.kind }</span>{ " " }{ note(gets, is_taken) }</p>
            if let Some(room) = ready { { contents(room) } }
            { for stop.holders.iter().map(holder) }
            { for stop.rules.iter().map(|rule| html! { <p class="rule">{ rule }</p> }) }
        </div>
    }
}

fn contents(room: &Room) -> Html {
    html! {
        <p class="contents"><span>{ format!("ready {}", room.count) }</span>
            { for room.messages.iter().map(ready) }
            if room.more > 0 { <span>{ format!("and {} more", room.more) }</span> }
        </p>
    }
}

fn ready(message: &Message) -> Html {
    let fate = match message.fate {
        Fate::Done => "done",
        Fate::Twice(_) => "twice",
        Fate::Lost => "lost",
        Fate::Waiting | Fate::InHand | Fate::Dropped => "",
    };
    html! {
        <>{ " " }<span class={classes!("tag", fate, message.concerned.then_some("concerned"))}>{ &message.name }</span>
            if let Some(waits) = &message.waits { { " " }<small>{ waits }</small> }
        </>
    }
}

fn holder(holder: &Holder) -> Html {
    html! {
        <p class="holder"><span>{ &holder.who }</span>
            if holder.holds.is_empty() { { " holds nothing" } } else { { " holds" } }
            { for holder.holds.iter().map(|name| html! { <>{ " " }<span class="tag held">{ name }</span></> }) }
            { ", " }<span class={classes!(holder.is_full.then_some("full"))}>{ if holder.is_full { format!("full: {}", holder.limit) } else { holder.limit.clone() } }</span>
        </p>
    }
}

/// The header that tells of a message's deaths.
fn deaths(record: &str, entries: &[Death]) -> Html {
    html! {
        <div class="deaths">
            <table>
                <caption>{ "x-death of " }<b>{ record }</b>{ " " }<small>{ "newest first" }</small></caption>
                <thead><tr><th scope="col">{ "queue" }</th><th scope="col">{ "reason" }</th><th scope="col" class="number">{ "count" }</th><th scope="col">{ "exchange" }</th><th scope="col">{ "key" }</th></tr></thead>
                <tbody>{ for entries.iter().map(|one| html! {
                    <tr><td>{ &one.queue }</td><td>{ one.reason }</td><td class="number">{ one.count }</td><td>{ &one.exchange }</td><td>{ &one.key }</td></tr>
                }) }</tbody>
            </table>
        </div>
    }
}
