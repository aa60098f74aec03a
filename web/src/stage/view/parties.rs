//! Draws the cards of producers, consumers, services and tables, with the menu of what can be done to each.

use super::{Act, focus};
use crate::stage::moment::Moment;
use crate::stage::party::{self, Chip, ProcessCard, ServiceCard, TableCard};
use engine::scene::Verb;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// All cards of a moment.
pub fn draw(moment: &Moment<'_>, live: bool, act: &Callback<Act>) -> Html {
    html! {
        <div class="parties">
            { for party::producers(moment).into_iter().chain(party::consumers(moment)).map(|card| {
                let key = card.name.clone();
                html! { <Process {key} {card} {live} act={act.clone()} /> }
            }) }
            { for party::services(moment).iter().map(service) }
            { for party::tables(moment).iter().filter(|card| card.used).map(table) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ProcessProps {
    card: ProcessCard,
    live: bool,
    act: Callback<Act>,
}

const VERBS: [(Verb, &str); 4] = [
    (Verb::Crash, "Crash"),
    (Verb::Restart, "Restart"),
    (Verb::Freeze, "Freeze"),
    (Verb::Thaw, "Thaw"),
];

#[component]
fn Process(props: &ProcessProps) -> Html {
    let open = use_state(|| false);
    let button = use_node_ref();
    let menu = use_node_ref();
    let card = &props.card;
    use_effect_with(*open, {
        let menu = menu.clone();
        move |open| {
            if *open
                && let Some(first) = menu.cast::<web_sys::Element>().and_then(|menu| {
                    menu.query_selector("[role=menuitem]:not([aria-disabled=true])")
                        .ok()
                        .flatten()
                })
            {
                focus::give(&first);
            }
        }
    });
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(!*open))
    };
    let oncontextmenu = {
        let open = open.clone();
        let live = props.live;
        Callback::from(move |event: MouseEvent| {
            if live {
                event.prevent_default();
                open.set(true);
            }
        })
    };
    let onkeydown = {
        let (open, button, menu) = (open.clone(), button.clone(), menu.clone());
        Callback::from(move |event: KeyboardEvent| {
            if !*open {
                return;
            }
            match event.key().as_str() {
                "Escape" | "Tab" => {
                    open.set(false);
                    if event.key() == "Escape"
                        && let Some(button) = button.cast::<HtmlElement>()
                    {
                        drop(button.focus());
                    }
                }
                "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight" | "Home" | "End" => {
                    event.prevent_default();
                    focus::along(menu.cast(), "[role=menuitem]", &event.key());
                }
                _ => {}
            }
            event.stop_propagation();
        })
    };
    // Focus that leaves the card closes the menu.
    let onfocusout = {
        let open = open.clone();
        Callback::from(move |event: FocusEvent| {
            let card = event
                .current_target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            let next = event
                .related_target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if card.is_some_and(|card| !card.contains(next.as_ref())) {
                open.set(false);
            }
        })
    };
    html! {
        <div class={classes!("card", "consumer", card.class)} {oncontextmenu} {onkeydown} {onfocusout}>
            <div class="card-head">
                <button
                    type="button" class="party" ref={button.clone()} disabled={!props.live}
                    aria-haspopup="menu" aria-expanded={open.to_string()} onclick={toggle}
                >{ &card.name }</button>
                if let Some(nth) = &card.nth { <span class="nth">{ format!("· {nth}") }</span> }
                <span class="card-state">{ card.state }</span>
            </div>
            if *open {
                <div class="menu" role="menu" aria-label={format!("What happens to {}", card.name)} ref={menu}>
                    { for VERBS.iter().map(|&(verb, name)| item(props, verb, name, &open, &button)) }
                </div>
            }
            <p>{ &card.owns }</p>
            <p>{ if card.hand.is_empty() { "nothing in hand".to_owned() } else { format!("in hand: {}", card.hand.join(", ")) } }</p>
            <ol class="program" aria-label="Its program">
                { for card.program.iter().map(|(name, chip)| html! {
                    <li class={classes!("chip", (*chip == Chip::Now).then_some("now"))} aria-current={(*chip == Chip::Now).then_some("step")}>{ name }</li>
                }) }
            </ol>
            <p class="doing">{ &card.doing }</p>
        </div>
    }
}

fn item(
    props: &ProcessProps,
    verb: Verb,
    name: &'static str,
    open: &UseStateHandle<bool>,
    button: &NodeRef,
) -> Html {
    let allowed = props.card.allowed.contains(&verb);
    let onclick = {
        let (act, open, button, id) = (
            props.act.clone(),
            open.clone(),
            button.clone(),
            props.card.id,
        );
        Callback::from(move |_: MouseEvent| {
            if allowed {
                open.set(false);
                act.emit(Act::Fault(verb, id));
                if let Some(button) = button.cast::<HtmlElement>() {
                    drop(button.focus());
                }
            }
        })
    };
    html! { <button type="button" role="menuitem" tabindex="-1" aria-disabled={(!allowed).then_some("true")} {onclick}>{ name }</button> }
}

fn service(card: &ServiceCard) -> Html {
    html! {
        <div class="card service" key={card.name.clone()}>
            <div class="card-head"><b>{ &card.name }</b><span class="card-state">{ &card.total }</span></div>
            <ul class="effects" aria-label="Done so far">
                { for card.done.iter().map(|(record, times)| html! {
                    <li class={classes!((*times > 1).then_some("twice"))}>
                        <span class="record">{ record }</span>{ " " }
                        <span aria-hidden="true">{ signs(card.effect.0, *times) }</span>
                        <span class="hidden-visually">{ &card.effect.1 }</span>
                        if *times > 1 { <b>{ format!(" ×{times}") }</b> }
                    </li>
                }) }
            </ul>
            <p class="doing">{ &card.summary }</p>
        </div>
    }
}

/// A sign per time, as long as they can be told apart.
fn signs(sign: char, times: u32) -> String {
    let shown = times.min(4) as usize;
    std::iter::repeat_n(sign, shown).collect()
}

fn table(card: &TableCard) -> Html {
    html! {
        <div class="card table" key={card.name.clone()}>
            <div class="card-head"><b>{ &card.name }</b><span class="card-state">{ "table" }</span></div>
            <ul class="effects" aria-label="Rows">{ for card.rows.iter().map(|row| html! { <li><span class="record">{ row }</span></li> }) }</ul>
            <p class="doing">{ if card.rows.is_empty() { "empty" } else { "outlives a crash" } }</p>
        </div>
    }
}
