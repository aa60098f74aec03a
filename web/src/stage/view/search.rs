//! "Break it": the search through every schedule, and the way from a finding into the player.
//!
//! The results lie over picture and trace, which nobody reads meanwhile, so that nothing on the page
//! moves. Whoever has a finding shown sees the picture again, and comes back to the results from there.

use super::{Act, State, focus};
use crate::stage::player::Player;
use crate::stage::search::{self, Phase, Search};
use crate::stage::words::capital;
use crate::worker::{Heard, Skill, Worker};
use course::search::Ask;
use course::witness;
use schedule::{Judged, Verdict};
use std::rc::Rc;
use std::sync::Arc;
use yew::prelude::*;

/// Has a worker do what the search needs, and ends it when the search is over.
#[hook]
pub fn use_worker(act: &Callback<Act>, state: &UseReducerHandle<State>) {
    let worker = use_mut_ref(|| None::<Worker>);
    let running = state.search.as_ref().filter(|search| search.is_running());
    let wanted = running.map(|search| (search.nth, search.selection.clone()));
    let stopping = running.is_some_and(|search| matches!(search.phase, Phase::Stopping(_)));
    use_effect_with(wanted, {
        let (worker, act) = (Rc::clone(&worker), act.clone());
        let scene = Arc::clone(state.player.scene());
        move |wanted| {
            if let Some((nth, selection)) = wanted.clone() {
                let hear = Callback::from(move |heard| act.emit(Act::Heard(nth, heard)));
                let ask = Ask::Explore {
                    scene: Box::new((*scene).clone()),
                    selection,
                    states: None,
                };
                match Worker::start(Skill::Search, ask, &hear) {
                    Ok(started) => drop(worker.replace(Some(started))),
                    Err(why) => hear.emit(Heard::Lost(why)),
                }
            }
            move || drop(worker.take())
        }
    });
    use_effect_with(stopping, move |stopping| {
        if let (true, Some(worker)) = (*stopping, &*worker.borrow()) {
            worker.cancel();
        }
    });
}

/// What the results are drawn from.
#[derive(PartialEq, Properties)]
pub struct PanelProps {
    /// The search.
    pub search: Search,
    /// The player.
    pub player: Player,
    /// What tells the stage from the others of its scene.
    pub nth: AttrValue,
    /// Whether the results make room for what is shown of them.
    pub folded: bool,
    /// What to do.
    pub act: Callback<Act>,
}

/// What is allowed, how far the search is, and what came of it. It takes the focus when it opens, and
/// gives it back to where it was.
#[component]
pub fn Panel(props: &PanelProps) -> Html {
    let PanelProps {
        search,
        player,
        nth,
        folded,
        act,
    } = props;
    let place = use_node_ref();
    focus::use_taken(&place);
    use_effect_with(*folded, {
        let place = place.clone();
        move |folded| {
            let Some(panel) = place.cast::<web_sys::Element>() else {
                return;
            };
            if !folded {
                focus::give_in_place(&panel);
                return;
            }
            // The eye goes to the place in the player that shows the finding.
            let stage = panel.closest(".stage").ok().flatten();
            let shown = stage.and_then(|stage| {
                stage
                    .query_selector(".places [aria-pressed=true]")
                    .ok()
                    .flatten()
            });
            if let Some(shown) = shown {
                focus::give_in_place(&shown);
            }
        }
    });
    let does = |what: Act| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(what.clone()))
    };
    let scene = player.scene();
    let running = search.is_running();
    let settings = search::settings(scene, &search.selection);
    // One button, whatever it does just now, so that the focus stays on it.
    let (word, what) = if running {
        ("Cancel", Act::CancelSearch)
    } else {
        ("Search again", Act::Search)
    };
    html! {
        <section
            class="search" aria-label={format!("Every schedule{nth}")}
            aria-busy={running.then_some("true")} tabindex="-1" hidden={*folded} ref={place}
        >
            <p class="tried">
                <span><b>{ "Every schedule" }</b>
                    if !settings.is_empty() { { format!(" with {settings}") } }
                </span>
                <span class="search-buttons">
                    <button type="button" onclick={does(what)}>{ word }</button>
                    <button type="button" title="Close (Esc)" onclick={does(Act::Close)}>{ "Close" }</button>
                </span>
            </p>
            <p class="allowed"><b>{ "Allowed: " }</b>{ format!("{}.", search::allowed(player)) }</p>
            <p class="verdict" role="status">{ search.verdict() }</p>
            <p class="hidden-visually" role="status">{ &search.said }</p>
            <ul class="promises" aria-label="Promises">
                { match search.report() {
                    Some(report) => report.judged.iter().enumerate().map(|(nth, judged)| promise(player, judged, does(Act::Show(nth)))).collect::<Html>(),
                    None => scene.promises.iter().map(|promise| html! {
                        <li>
                            <span class="sign" aria-hidden="true">{ "·" }</span>
                            <span><span class="kind">{ search::quantity(promise.that.kind()) }</span>{ " " }<b>{ &promise.name }</b></span>
                        </li>
                    }).collect(),
                } }
            </ul>
            <p class="counts">{ search.counts() }</p>
        </section>
    }
}

fn promise(player: &Player, judged: &Judged, onclick: Callback<MouseEvent>) -> Html {
    let mark = search::mark(judged.verdict, judged.kind, judged.witness.as_ref());
    let witnessed = judged
        .witness
        .as_ref()
        .filter(|_| judged.verdict == Verdict::Holds);
    html! {
        <li class={mark.class}>
            <span class="sign" aria-hidden="true">{ mark.sign }</span>
            <span><span class="kind">{ search::quantity(judged.kind) }</span>{ " " }<b>{ &judged.name }</b>{ ": " }<b class="word">{ mark.word }</b>
                if let Some(finding) = &judged.finding {
                    { format!(". {}. After {}.", capital(finding.sentence.trim_end_matches('.')), search::steps(finding.turns)) }
                } else if let Some(witnessed) = witnessed {
                    <span class="witness">{ format!(". {}.", capital(&witness::words(witnessed))) }</span>
                }
            </span>
            if let Some(finding) = &judged.finding {
                <button
                    type="button" aria-label={format!("Show me: {}", judged.name)} {onclick}
                    aria-pressed={player.branch().finding.as_deref().is_some_and(|(shown, _)| shown == finding).to_string()}
                >{ "Show me" }</button>
            }
        </li>
    }
}

/// The places of the finding that is shown, to go to, the settings it was found with, and the way back to
/// the results.
pub fn places(player: &Player, has_results: bool, act: &Callback<Act>) -> Html {
    let Some(found) = &player.branch().finding else {
        return Html::default();
    };
    let (finding, kind) = &**found;
    let settings = search::settings(player.scene(), player.selection());
    let does = |what: Act| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(what.clone()))
    };
    html! {
        <div class="places" role="group" aria-label="The finding">
            <span>{ format!("{}:", finding.sentence.trim_end_matches('.')) }</span>
            { for search::places(finding, *kind, player.run().len()).into_iter().map(|(at, name)| html! {
                <button type="button" class="quiet" aria-pressed={(player.position() == at).to_string()} onclick={does(Act::Seek(at))}>{ name }</button>
            }) }
            if has_results {
                <button type="button" class="quiet results" onclick={does(Act::Unfold)}>{ "all results" }</button>
            }
            if !settings.is_empty() { <span class="of">{ format!("with {settings}") }</span> }
        </div>
    }
}
