//! The bar above the picture, and the controls under the hand.

use super::{Act, Speed, keys};
use crate::keeping;
use crate::stage::player::Player;
use crate::stage::{rows, sentence::Tone};
use course::link::{self, Link};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What the bar shows.
#[derive(PartialEq, Properties)]
pub struct BarProps {
    /// The player.
    pub player: Player,
    /// Whether controls work.
    pub live: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// The title and the settings.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let player = &props.player;
    html! {
        <div class="bar">
            <h3>{ &player.scene().title }</h3>
            <div class="settings">
                { for player.scene().settings.iter().map(|setting| {
                    let id = setting.id.clone();
                    let act = props.act.clone();
                    html! {
                        <label>
                            { &setting.label }{ " " }
                            <Choice
                                options={setting.options.iter().map(|option| (AttrValue::from(option.id.clone()), AttrValue::from(option.label.clone()))).collect::<Vec<_>>()}
                                chosen={AttrValue::from(player.chosen(&setting.id).unwrap_or_default().to_owned())}
                                live={props.live}
                                onchoose={Callback::from(move |option: String| act.emit(Act::Choose(id.clone(), option)))}
                            />
                        </label>
                    }
                }) }
            </div>
        </div>
    }
}

/// What the controls, and the line under them, show.
#[derive(PartialEq, Properties)]
pub struct ControlsProps {
    /// The player.
    pub player: Player,
    /// Whether controls work.
    pub live: bool,
    /// Whether it plays.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Whether the search is open.
    pub searching: bool,
    /// How far the run is told.
    pub horizon: usize,
    /// Whether what is to come is shown the first time through too.
    pub ahead: bool,
    /// The stage's name on the page.
    pub anchor: String,
    /// What to do.
    pub act: Callback<Act>,
}

/// Step, play, time, speed and link: what the hand needs, always within reach.
#[component]
pub fn Controls(props: &ControlsProps) -> Html {
    let player = &props.player;
    let does = |what: Act| {
        let act = props.act.clone();
        Callback::from(move |_: MouseEvent| act.emit(what.clone()))
    };
    let at_start = player.position() == 0;
    html! {
        <div class="controls">
            <button type="button" aria-label="Start over" title="Start over (Home)" disabled={!props.live || at_start} onclick={does(Act::StartOver)}>{ icon("M4 4v16M20 5v14L9 12z") }</button>
            <button type="button" aria-label="Step back" title="Step back (←)" disabled={!props.live || at_start} onclick={does(Act::Back)}>{ icon("M17 5v14L6 12z") }</button>
            <button type="button" class="go" aria-label={if props.playing { "Pause" } else { "Play" }} disabled={!props.live} onclick={does(Act::TogglePlay)}>
                { icon(if props.playing { "M7 5h3v14H7zM14 5h3v14h-3z" } else { "M8 5v14l11-7z" }) }
                <span>{ if props.playing { "Pause" } else { "Play" } }</span>
            </button>
            <button type="button" aria-label="Step forward" title="Step forward (→)" disabled={!props.live || player.at_end()} onclick={does(Act::Forward)}>{ icon("M6 5v14l11-7zM19 5v14") }</button>
            { time(props) }
            if !player.scene().promises.is_empty() {
                <button type="button" class="break" title="Try every schedule (b)" disabled={!props.live} aria-expanded={props.searching.to_string()} onclick={does(Act::Break)}>{ "Break it" }</button>
            }
        </div>
    }
}

/// The branches, the machinery, and the keys.
#[component]
pub fn Under(props: &ControlsProps) -> Html {
    let keys_shown = use_state(|| false);
    let player = &props.player;
    // The list of keys opens wherever in the stage the learner is.
    let place = use_node_ref();
    use_effect_with((), {
        let (keys_shown, place) = (keys_shown.setter(), place.clone());
        move |()| {
            let stage = place
                .cast::<web_sys::Element>()
                .and_then(|place| place.closest(".stage").ok().flatten());
            let shown = std::rc::Rc::new(std::cell::Cell::new(false));
            let listeners = stage.map(|stage| {
                let (closed, setter) = (std::rc::Rc::clone(&shown), keys_shown.clone());
                [
                    gloo::events::EventListener::new(&stage, keys::CLOSE, move |_| {
                        closed.set(false);
                        setter.set(false);
                    }),
                    gloo::events::EventListener::new(&stage, keys::LIST, move |_| {
                        shown.set(!shown.get());
                        keys_shown.set(shown.get());
                    }),
                ]
            });
            move || drop(listeners)
        }
    });
    let toggle_keys = {
        let place = place.clone();
        Callback::from(move |_: MouseEvent| keys::ask_for_list(place.cast::<web_sys::Element>()))
    };
    html! {
        <div class="under" ref={place}>
            { branches(props) }
            { speed(props) }
            <CopyLink player={player.clone()} anchor={props.anchor.clone()} live={props.live} />
            <label class="detail">
                <input type="checkbox" checked={player.detailed} disabled={!props.live} onchange={
                    let act = props.act.clone();
                    Callback::from(move |event: Event| {
                        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                            act.emit(Act::Detailed(input.checked()));
                        }
                    })
                } />
                { " Every step" }
            </label>
            <label class="detail">
                <input type="checkbox" checked={props.ahead} disabled={!props.live} onchange={
                    Callback::from(|event: Event| {
                        if let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                            let ahead = input.checked();
                            keeping::change(|progress| progress.reader.ahead = ahead);
                        }
                    })
                } />
                { " What is to come" }
            </label>
            <button type="button" class="quiet" aria-expanded={(*keys_shown).to_string()} disabled={!props.live} onclick={toggle_keys}>{ "Keys " }<kbd>{ "?" }</kbd></button>
            if *keys_shown {
                <dl class="keys">
                    { for keys::of(player).map(|(key, what)| html! { <div><dt><kbd>{ key }</kbd></dt><dd>{ what }</dd></div> }) }
                </dl>
            }
        </div>
    }
}

fn icon(path: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false"><path d={path} /></svg> }
}

/// The slider, with a tick for every turn of the story.
fn time(props: &ControlsProps) -> Html {
    let player = &props.player;
    let stops = player.stops();
    let last = stops.len().saturating_sub(1);
    let at = player.stop();
    let all = rows::rows_with(
        player.run(),
        player.position(),
        player.detailed,
        player.branch().finding.as_deref(),
    );
    let here = all
        .iter()
        .rfind(|row| row.tense == rows::Tense::Present)
        .map(|row| format!(": {} {}", row.who, row.what))
        .unwrap_or_default();
    let act = props.act.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(input) = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        {
            act.emit(Act::SeekStop(input.value_as_number().max(0.0) as usize));
        }
    });
    let ticks = stops.iter().enumerate().map(|(nth, &stop)| {
        let x = 1000 * nth / last.max(1);
        let is_told = stop > 0 && stop <= props.horizon;
        let tone = all.iter().find(|row| is_told && row.position == stop).map_or(Tone::Plain, |row| row.tone);
        let (top, class) = match tone {
            Tone::Crash | Tone::Twice | Tone::Lost => (0, tone.class()),
            _ => (8, "plain"),
        };
        html! { <line x1={x.to_string()} x2={x.to_string()} y1={top.to_string()} y2={(24 - top).to_string()} class={class} /> }
    });
    html! {
        <div class="time">
            <svg class="ticks" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true" focusable="false">{ for ticks }</svg>
            <input
                type="range" aria-label="Time" min="0" max={last.to_string()} step="1" value={at.to_string()}
                aria-valuetext={format!("step {at} of {last}{here}")} disabled={!props.live} {oninput}
            />
        </div>
    }
}

fn speed(props: &ControlsProps) -> Html {
    let act = props.act.clone();
    let onchoose = Callback::from(move |name: String| {
        if let Some((speed, _)) = Speed::ALL.iter().find(|(_, known)| *known == name) {
            act.emit(Act::Speed(*speed));
        }
    });
    let chosen = Speed::ALL
        .iter()
        .find(|(speed, _)| *speed == props.speed)
        .map_or("", |(_, name)| *name);
    let options: Vec<_> = Speed::ALL
        .iter()
        .map(|(_, name)| (AttrValue::from(*name), AttrValue::from(*name)))
        .collect();
    html! { <Choice label="Speed" {options} {chosen} live={props.live} {onchoose} /> }
}

#[derive(PartialEq, Properties)]
struct ChoiceProps {
    /// Values and what is shown for them.
    options: Vec<(AttrValue, AttrValue)>,
    chosen: AttrValue,
    /// Its name, where no label stands around it.
    #[prop_or_default]
    label: Option<AttrValue>,
    live: bool,
    onchoose: Callback<String>,
}

/// A drop-down that always shows what is chosen, also when somebody else chose it: once a person
/// has used it, a browser no longer listens to the attribute.
#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let select = use_node_ref();
    use_effect_with(props.chosen.clone(), {
        let select = select.clone();
        move |chosen| {
            if let Some(select) = select.cast::<HtmlSelectElement>() {
                select.set_value(chosen);
            }
        }
    });
    let onchange = {
        let onchoose = props.onchoose.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
            {
                onchoose.emit(select.value());
            }
        })
    };
    html! {
        <select ref={select} aria-label={props.label.clone()} {onchange} disabled={!props.live}>
            { for props.options.iter().map(|(value, shown)| html! {
                <option value={value.clone()} selected={*value == props.chosen}>{ shown }</option>
            }) }
        </select>
    }
}

fn branches(props: &ControlsProps) -> Html {
    let player = &props.player;
    if player.branches().len() < 2 {
        return html! { <span class="branches">{ "Go back and choose otherwise: the old story is kept." }</span> };
    }
    html! {
        <div class="branches" role="group" aria-label="Branches">
            <span>{ "Branches: " }</span>
            { for player.branches().iter().enumerate().map(|(at, branch)| {
                let act = props.act.clone();
                let onclick = Callback::from(move |_: MouseEvent| act.emit(Act::Branch(at)));
                let current = at == player.current();
                html! { <button type="button" class="quiet" aria-pressed={current.to_string()} {onclick}>{ &branch.name }</button> }
            }) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct CopyLinkProps {
    player: Player,
    anchor: String,
    live: bool,
}

/// What became of the last click.
#[derive(Clone, PartialEq)]
enum Copied {
    Not,
    Yes,
    /// The browser refused: here it is, to copy by hand.
    ByHand(String),
}

#[component]
fn CopyLink(props: &CopyLinkProps) -> Html {
    let copied = use_state(|| Copied::Not);
    // Another place is another link.
    use_effect_with(props.player.clone(), {
        let copied = copied.clone();
        move |_| copied.set(Copied::Not)
    });
    let onclick = {
        let copied = copied.clone();
        let player = props.player.clone();
        let anchor = props.anchor.clone();
        Callback::from(move |_: MouseEvent| {
            let link = Link {
                anchor: anchor.clone(),
                selection: player.selection().clone(),
                path: player.path_for_link(),
                position: player.position(),
            };
            let window = gloo::utils::window();
            let address = window.location().href().unwrap_or_default();
            let page = address.split('#').next().unwrap_or_default();
            let address = format!("{page}{}", link::write(player.scene(), &link));
            let copied = copied.clone();
            yew::platform::spawn_local(async move {
                // Without a secure context there is no clipboard at all, not even one that refuses.
                let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into())
                    .ok()
                    .filter(|found| found.is_object());
                let done =
                    match clipboard.and_then(|found| found.dyn_into::<web_sys::Clipboard>().ok()) {
                        Some(clipboard) => {
                            wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&address))
                                .await
                                .is_ok()
                        }
                        None => false,
                    };
                copied.set(if done {
                    Copied::Yes
                } else {
                    Copied::ByHand(address)
                });
            });
        })
    };
    html! {
        <>
            <button type="button" aria-label="Copy link" disabled={!props.live} {onclick}>{ if *copied == Copied::Yes { "Copied ✓" } else { "Link" } }</button>
            <span class="hidden-visually" role="status">{ if *copied == Copied::Yes { "Link copied" } else { "" } }</span>
            if let Copied::ByHand(address) = &*copied {
                <label class="by-hand">{ "Copy this: " }<input readonly={true} value={address.clone()} /></label>
            }
        </>
    }
}
