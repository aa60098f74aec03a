//! The stage as a Yew component. It draws; what it draws is worked out in the modules beside it.

mod controls;
mod figure;
#[cfg(feature = "ssr")]
mod fixed;
mod focus;
mod keys;
mod parties;
mod queue;
mod routes;
mod search;
mod state;
mod tape;
mod terminal;
mod timeline;
mod trace;
pub(crate) mod way;

pub use state::{Act, Speed, State};

use crate::keeping;
use crate::stage::bus::{self, Shown};
use crate::stage::figure::{column, figures};
use crate::stage::moment::Moment;
use crate::stage::player::Player;
use crate::stage::words::is_long;
use crate::stage::{rows, sentence};
use course::link;
use engine::scene::{Selection, Told};
use engine::{Mistake, screen};
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use std::sync::Arc;
use yew::prelude::*;

/// What a stage is made from.
#[derive(Clone, Debug, Properties, Serialize, Deserialize)]
pub struct StageProps {
    /// The lesson it stands in.
    pub lesson: String,
    /// Its name on the page, for links.
    pub anchor: String,
    /// The scene.
    pub scene: Arc<Told>,
    /// Which options are chosen at first.
    #[prop_or_default]
    #[serde(default)]
    pub selection: Selection,
}

/// A page's scenes do not change while it is open: the same id and version are the same scene. Comparing
/// every part of one would be code that each visit loads.
impl PartialEq for StageProps {
    fn eq(&self, other: &Self) -> bool {
        self.lesson == other.lesson
            && self.anchor == other.anchor
            && self.selection == other.selection
            && self.scene.id == other.scene.id
            && self.scene.version == other.scene.version
    }
}

/// The stage, or the mistakes of a scene that cannot be played.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    match Player::new(Arc::clone(&props.scene), props.selection.clone()) {
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

/// What a player in the page is made from.
#[derive(PartialEq, Properties)]
pub struct PlayingProps {
    /// The player as it begins.
    pub player: Player,
    /// Its name on the page, for links.
    pub anchor: String,
}

/// A player in the page.
#[component]
pub fn Playing(props: &PlayingProps) -> Html {
    let state = use_reducer_eq(|| State::new(props.player.clone()));
    let stage = use_node_ref();
    let dispatcher = state.dispatcher();
    let act = use_callback((), move |act: Act, ()| dispatcher.dispatch(act));

    use_come_alive(&act, props, &stage);
    use_clock(&act, &state);
    search::use_worker(&act, &state);
    use_focus_kept(&stage, state.player.position());
    use_effect_with(
        (
            Rc::clone(state.player.run()),
            state.player.position(),
            state.live,
            state.is_own(),
        ),
        {
            let scene = state.player.scene().id.clone();
            let anchor = props.anchor.clone();
            move |(run, position, live, own)| {
                if *live {
                    bus::show(&Shown {
                        scene,
                        anchor,
                        run: Rc::clone(run),
                        position: *position,
                        own: *own,
                    });
                }
            }
        },
    );

    let player = &state.player;
    let run = Rc::clone(player.run());
    let finding = player.branch().finding.clone();
    let horizon = state.horizon();
    let unseen = player.steps_after(horizon);
    // A page without scripts has its whole trace to read, beside a picture that shows the start only.
    let (shown, to_come) = if state.live {
        (horizon, unseen)
    } else {
        (player.position(), player.steps_after(player.position()))
    };
    let moment = Moment::new(&run, player.position())
        .with_finding(finding.as_deref())
        .up_to(shown, to_come);
    let told = rows::rows_with(&run, player.position(), player.detailed, finding.as_deref());
    let told: Vec<_> = told
        .into_iter()
        .filter(|row| row.position <= horizon)
        .collect();
    let said = sentence::sentence(&moment, player.detailed);
    let onkeydown = keys::handler(&act);
    // The second stage of a scene has the anchor "scene-2": its parts are told apart by that number.
    // One in an exercise is told apart by the exercise.
    let nth = match props.anchor.strip_prefix(&player.scene().id) {
        Some(nth) => nth.replace('-', " "),
        None => format!(" in {}", props.anchor.replace('-', " ")),
    };
    html! {
        <section class="stage" id={props.anchor.clone()} tabindex="-1" aria-label={format!("Scene{nth}: {}", player.scene().title)} ref={stage} {onkeydown}>
            <controls::Bar player={player.clone()} live={state.live} act={act.clone()} />
            <div class="dock">
                <controls::Controls
                    player={player.clone()}
                    live={state.live}
                    playing={state.playing}
                    speed={state.speed}
                    searching={state.search.is_some() && !state.folded}
                    {horizon}
                    ahead={state.ahead}
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
                { search::places(player, state.search.is_some(), &act) }
                if let Some((task, reached)) = state.entered.clone().filter(|_| state.search.is_none() || state.folded) {
                    <way::Back {task} {reached} act={act.clone()} />
                }
            </div>
            <div class="two">
                <div class="picture">
                    { for figures(&moment).iter().map(|figure| figure::draw(figure, &props.anchor, state.live, &act)) }
                    { parties::draw(&moment, state.live, &act) }
                    { timeline::draw(&moment, &act) }
                </div>
                <trace::Table
                    rows={told}
                    unseen={if state.live { unseen } else { player.steps_after(player.seen()) }}
                    column={column(&run).map(|column| column.head)}
                    is_long={run.trace().entries().last().is_some_and(|last| is_long(last.at.ms()))}
                    live={state.live}
                    act={act.clone()}
                />
                if let Some(found) = &state.search {
                    <search::Panel search={found.clone()} player={player.clone()} nth={nth.clone()} folded={state.folded} act={act.clone()} />
                }
            </div>
            <controls::Under
                player={player.clone()}
                live={state.live}
                playing={state.playing}
                speed={state.speed}
                searching={state.search.is_some()}
                {horizon}
                ahead={state.ahead}
                anchor={props.anchor.clone()}
                act={act.clone()}
            />
            <terminal::Terminal
                screens={screen::of_all(&moment.world)}
                label={format!("Terminal{nth}: {}", player.scene().title)}
                live={state.live}
            />
        </section>
    }
}

/// The page has come alive: enable the controls, and go where the address says.
#[hook]
fn use_come_alive(act: &Callback<Act>, props: &PlayingProps, stage: &NodeRef) {
    let act = act.clone();
    let scene = Arc::clone(props.player.scene());
    let stage = stage.clone();
    use_effect_with(props.anchor.clone(), move |anchor| {
        act.emit(Act::Live);
        act.emit(Act::Ahead(keeping::progress().reader.ahead));
        keeping::listen({
            let act = act.clone();
            move |progress| act.emit(Act::Ahead(progress.reader.ahead))
        });
        way::follow(anchor, &act);
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
                    focus::give_in_place(&stage);
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

/// A button that can do nothing more is disabled, and would take the keyboard with it: the way back
/// from there gets it, which undoes no more than a step.
#[hook]
fn use_focus_kept(stage: &NodeRef, position: usize) {
    let stage = stage.clone();
    use_effect_with(position, move |position| {
        let active = gloo::utils::document().active_element();
        let lost = active.is_some_and(|active| active.has_attribute("disabled"));
        let back = if *position == 0 {
            ".controls [aria-label='Step forward']"
        } else {
            ".controls [aria-label='Step back']"
        };
        let back = stage
            .cast::<web_sys::Element>()
            .and_then(|stage| stage.query_selector(back).ok().flatten());
        if let (true, Some(back)) = (lost, back) {
            focus::give_in_place(&back);
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
pub use fixed::{fixed_figure, fixed_rows, fixed_screen};
