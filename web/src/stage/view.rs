//! The stage as a Yew component. It draws; what it draws is worked out in the modules beside it.

mod controls;
#[cfg(feature = "ssr")]
mod fixed;
mod keys;
mod parties;
mod tape;
mod terminal;
mod timeline;
mod trace;

use crate::stage::bus::{self, Shown};
use crate::stage::moment::Moment;
use crate::stage::player::{MOST_BRANCHES, Player};
use crate::stage::{rows, sentence};
use course::link::{self, Link};
use engine::scene::{Scene, Selection, Verb};
use engine::{ConsumerId, Mistake};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use yew::prelude::*;

/// What a stage is made from.
#[derive(Clone, Debug, PartialEq, Properties, Serialize, Deserialize)]
pub struct StageProps {
    /// The lesson it stands in.
    pub lesson: String,
    /// Its name on the page, for links.
    pub anchor: String,
    /// The scene.
    pub scene: Scene,
    /// Which options are chosen at first.
    #[prop_or_default]
    #[serde(default)]
    pub selection: Selection,
}

/// What a learner does.
#[derive(Clone, Debug)]
pub enum Act {
    /// The page has come alive.
    Live,
    /// One step forward.
    Forward,
    /// One step back.
    Back,
    /// To the start.
    StartOver,
    /// To the end.
    ToEnd,
    /// To a position.
    Seek(usize),
    /// To the n-th stop.
    SeekStop(usize),
    /// Play or pause.
    TogglePlay,
    /// The player's own step.
    Tick,
    /// How many steps a second.
    Speed(Speed),
    /// A fault.
    Fault(Verb, ConsumerId),
    /// Another branch.
    Branch(usize),
    /// Another option of a setting.
    Choose(String, String),
    /// Whether every step is shown.
    Detailed(bool),
    /// A place from a link.
    Restore(Link),
    /// A link that cannot be followed, and why: the scene is shown from its start.
    Unfollowed(String),
}

/// How fast the player steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// A step in two seconds.
    Slow,
    /// A step in a second.
    Normal,
    /// Three steps a second.
    Fast,
}

impl Speed {
    /// All of them.
    pub const ALL: [(Speed, &'static str); 3] = [
        (Speed::Slow, "½×"),
        (Speed::Normal, "1×"),
        (Speed::Fast, "3×"),
    ];

    const fn interval_ms(self) -> u32 {
        match self {
            Speed::Slow => 2_400,
            Speed::Normal => 1_200,
            Speed::Fast => 400,
        }
    }
}

/// The component's state.
#[derive(Clone, PartialEq)]
pub struct State {
    player: Player,
    /// The players of other settings, with their branches, to come back to.
    others: Vec<Player>,
    live: bool,
    playing: bool,
    speed: Speed,
    notice: Option<String>,
}

impl Reducible for State {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut next = (*self).clone();
        // Whoever takes the wheel stops the player.
        let keeps_playing = matches!(
            act,
            Act::Tick | Act::TogglePlay | Act::Speed(_) | Act::Live | Act::Detailed(_)
        );
        if !keeps_playing {
            next.playing = false;
            next.notice = None;
        }
        match act {
            Act::Live => next.live = true,
            Act::Forward => drop(next.player.forward()),
            Act::Back => drop(next.player.back()),
            Act::StartOver => next.player.seek(0),
            Act::ToEnd => next.player.seek(usize::MAX),
            Act::Seek(position) => next.player.seek(position),
            Act::SeekStop(nth) => next.player.seek_stop(nth),
            Act::TogglePlay => {
                next.playing = !next.playing;
                if next.playing && next.player.at_end() {
                    next.player.seek(0);
                }
            }
            Act::Tick => {
                next.playing = next.playing && next.player.forward() && !next.player.at_end()
            }
            Act::Speed(speed) => next.speed = speed,
            Act::Fault(verb, to) => {
                let full = next.player.branches().len() == MOST_BRANCHES;
                if next.player.act(verb, to)
                    && full
                    && next.player.branches().len() == MOST_BRANCHES
                    && next.player.current() + 1 == MOST_BRANCHES
                {
                    next.notice = Some(format!(
                        "{MOST_BRANCHES} branches are kept, so your oldest one made room."
                    ));
                }
            }
            Act::Branch(branch) => next.player.select(branch),
            Act::Choose(setting, option) => {
                let mut selection = next.player.selection().clone();
                selection.insert(setting, option);
                next.replace(selection);
            }
            Act::Detailed(detailed) => next.player.detailed = detailed,
            Act::Restore(link) => {
                next.replace(link.selection);
                if let Err(why) = next.player.follow(&link.path, link.position) {
                    next.player.to_start();
                    next.notice = Some(format!(
                        "This link cannot be followed ({why}), so the scene is shown from its start."
                    ));
                }
            }
            Act::Unfollowed(why) => {
                next.player.to_start();
                next.notice = Some(why);
            }
        }
        Rc::new(next)
    }
}

impl State {
    /// Shows the scene with other settings: where the learner left it, or at its start.
    fn replace(&mut self, selection: Selection) {
        let known = self
            .others
            .iter()
            .position(|other| other.is_with(&selection));
        let next = match known {
            Some(at) => Ok(self.others.remove(at)),
            None if self.player.is_with(&selection) => return,
            None => Player::new(Rc::clone(self.player.scene()), selection),
        };
        match next {
            Ok(mut player) => {
                player.detailed = self.player.detailed;
                self.others
                    .push(std::mem::replace(&mut self.player, player));
            }
            Err(_) => {
                self.notice =
                    Some("That setting cannot be shown; the scene stays as it was.".to_owned());
            }
        }
    }
}

/// The stage, or the mistakes of a scene that cannot be played.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let scene = use_memo(props.scene.clone(), Scene::clone);
    match Player::new(scene, props.selection.clone()) {
        Ok(player) => html! { <Playing player={player} anchor={props.anchor.clone()} /> },
        Err(mistakes) => broken(&mistakes),
    }
}

fn broken(mistakes: &[Mistake]) -> Html {
    html! {
        <div class="stage broken" role="alert">
            <p>{"This scene cannot be played:"}</p>
            <ul>{ for mistakes.iter().map(|mistake| html! { <li>{ mistake.to_string() }</li> }) }</ul>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct PlayingProps {
    player: Player,
    anchor: String,
}

#[component]
fn Playing(props: &PlayingProps) -> Html {
    let state = use_reducer_eq(|| State {
        player: props.player.clone(),
        others: Vec::new(),
        live: false,
        playing: false,
        speed: Speed::Normal,
        notice: None,
    });
    let stage = use_node_ref();
    let dispatcher = state.dispatcher();
    let act = use_callback((), move |act: Act, ()| dispatcher.dispatch(act));

    use_come_alive(&act, props, &stage);
    use_clock(&act, &state);
    use_focus_kept(&stage, state.player.position());
    use_effect_with(
        (
            Rc::clone(state.player.run()),
            state.player.position(),
            state.live,
        ),
        {
            let scene = state.player.scene().id.clone();
            move |(run, position, live)| {
                if *live {
                    bus::show(&Shown {
                        scene,
                        run: Rc::clone(run),
                        position: *position,
                    });
                }
            }
        },
    );

    let player = &state.player;
    let run = Rc::clone(player.run());
    let moment = Moment::new(&run, player.position());
    let said = sentence::sentence(&moment, player.detailed);
    let onkeydown = keys::handler(&act);
    // The second stage of a scene has the anchor "scene-2": its parts are told apart by that number.
    let nth = props
        .anchor
        .strip_prefix(&player.scene().id)
        .unwrap_or_default()
        .replace('-', " ");
    html! {
        <section class="stage" id={props.anchor.clone()} aria-label={format!("Scene{nth}: {}", player.scene().title)} ref={stage} {onkeydown}>
            <controls::Bar player={player.clone()} live={state.live} act={act.clone()} />
            <div class="dock">
                <controls::Controls
                    player={player.clone()}
                    live={state.live}
                    playing={state.playing}
                    speed={state.speed}
                    anchor={props.anchor.clone()}
                    act={act.clone()}
                />
                <p class={classes!("says", said.tone.class())} role="status">
                    <span class="sign" aria-hidden="true">{ said.tone.sign() }</span>
                    <span><b>{ said.lead }</b>{ " " }{ said.rest }</span>
                </p>
                if let Some(notice) = &state.notice {
                    <p class="notice" role="alert">{ notice }</p>
                }
            </div>
            <div class="two">
                <div class="picture">
                    { for tape::draw(&moment) }
                    { parties::draw(&moment, state.live, &act) }
                    { timeline::draw(&moment, &act) }
                </div>
                <trace::Table
                    rows={rows::rows(&run, player.position(), player.detailed)}
                    one_mark={rows::has_one_mark(&run)}
                    act={act.clone()}
                />
            </div>
            <controls::Under
                player={player.clone()}
                live={state.live}
                playing={state.playing}
                speed={state.speed}
                anchor={props.anchor.clone()}
                act={act.clone()}
            />
            { terminal::draw(&moment, format!("Terminal{nth}")) }
        </section>
    }
}

/// The page has come alive: enable the controls, and go where the address says.
#[hook]
fn use_come_alive(act: &Callback<Act>, props: &PlayingProps, stage: &NodeRef) {
    let act = act.clone();
    let scene = Rc::clone(props.player.scene());
    let stage = stage.clone();
    use_effect_with(props.anchor.clone(), move |anchor| {
        act.emit(Act::Live);
        let anchor = anchor.clone();
        // The same address again, by way of back and forward, is no reason to leave where one is.
        let followed = std::cell::RefCell::new(String::new());
        let go = move || {
            let hash = gloo::utils::window().location().hash().unwrap_or_default();
            if link::anchor(&hash) == Some(&anchor) && *followed.borrow() != hash {
                match link::read(&scene, &hash) {
                    Ok(link) => act.emit(Act::Restore(link)),
                    Err(why) => act.emit(Act::Unfollowed(why.0)),
                }
                if let Some(stage) = stage.cast::<web_sys::Element>() {
                    stage.scroll_into_view();
                }
                followed.replace(hash);
            }
        };
        go();
        let listener =
            gloo::events::EventListener::new(&gloo::utils::window(), "hashchange", move |_| go());
        move || drop(listener)
    });
}

/// A button that can do nothing more is disabled, and would take the keyboard with it: Play gets it.
#[hook]
fn use_focus_kept(stage: &NodeRef, position: usize) {
    let stage = stage.clone();
    use_effect_with(position, move |_| {
        let active = gloo::utils::document().active_element();
        let lost = active.is_some_and(|active| active.has_attribute("disabled"));
        let play = stage
            .cast::<web_sys::Element>()
            .and_then(|stage| stage.query_selector(".controls .go").ok().flatten())
            .and_then(|play| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(play).ok());
        if let (true, Some(play)) = (lost, play) {
            drop(play.focus());
        }
    });
}

/// While it plays, a step every so often.
#[hook]
fn use_clock(act: &Callback<Act>, state: &UseReducerHandle<State>) {
    let act = act.clone();
    use_effect_with((state.playing, state.speed), move |(playing, speed)| {
        let clock = playing.then(|| {
            gloo::timers::callback::Interval::new(speed.interval_ms(), move || act.emit(Act::Tick))
        });
        move || drop(clock)
    });
}

#[cfg(feature = "ssr")]
pub use fixed::{fixed_rows, fixed_screen};
