//! "Break it": the search through every schedule, and the way from a finding into the player.

use super::{Act, State};
use crate::stage::player::Player;
use crate::stage::search::{self, Phase, Search};
use crate::worker::{Heard, Skill, Worker};
use course::budget;
use course::search::Ask;
use schedule::Judged;
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

/// The promises, what is tried, how far it is, and what came of it, in the `nth` stage of the scene.
pub fn panel(search: &Search, player: &Player, nth: &str, act: &Callback<Act>) -> Html {
    let does = |what: Act| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(what.clone()))
    };
    let scene = player.scene();
    let stale = !player.is_with(&search.selection);
    let running = search.is_running();
    let settings = search::settings(scene, &search.selection);
    // One button, whatever it does just now, so that the focus stays on it.
    let (word, what) = if running {
        ("Cancel", Act::CancelSearch)
    } else {
        ("Search again", Act::Search)
    };
    html! {
        <section class={classes!("search", stale.then_some("stale"))} aria-label={format!("Every schedule{nth}")} aria-busy={running.then_some("true")}>
            <p class="tried">
                <span><b>{ "Every schedule" }</b>{ format!(" {}.", budget::words(&scene.explore)) }</span>
                <span class="search-buttons">
                    <button type="button" onclick={does(what)}>{ word }</button>
                    <button type="button" onclick={does(Act::Break)}>{ "Close" }</button>
                </span>
            </p>
            if stale && !running {
                <p class="of-others">{ format!("These results are for other settings ({settings}). Search again for the present ones.") }</p>
            }
            <p class="verdict" role="status">{ search.verdict() }</p>
            <p class="counts">{ search.counts() }</p>
            <p class="hidden-visually" role="status">{ &search.said }</p>
            <ul class="promises" aria-label="Promises">
                { match search.report() {
                    Some(report) => report.judged.iter().enumerate().map(|(nth, judged)| promise(player, judged, does(Act::Show(nth)))).collect::<Html>(),
                    None => scene.promises.iter().map(|promise| html! {
                        <li><span class="sign" aria-hidden="true">{ "·" }</span><span>{ &promise.name }</span></li>
                    }).collect(),
                } }
            </ul>
        </section>
    }
}

fn promise(player: &Player, judged: &Judged, onclick: Callback<MouseEvent>) -> Html {
    let (sign, word) = search::word(judged);
    let class = match word {
        "holds" | "seen" => "yes",
        "broken" => "no",
        _ => "open",
    };
    html! {
        <li class={class}>
            <span class="sign" aria-hidden="true">{ sign }</span>
            <span><b>{ &judged.name }</b>{ ": " }<b class="word">{ word }</b>
                if let Some(finding) = &judged.finding {
                    { format!(". {}. Shortest: {} steps.", finding.sentence.trim_end_matches('.'), finding.steps) }
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

/// The places of the finding that is shown, to go to.
pub fn places(player: &Player, act: &Callback<Act>) -> Html {
    let Some(found) = &player.branch().finding else {
        return Html::default();
    };
    let (finding, kind) = &**found;
    html! {
        <div class="places" role="group" aria-label="The finding">
            <span>{ format!("{}:", finding.sentence.trim_end_matches('.')) }</span>
            { for search::places(finding, *kind, player.run().len()).into_iter().map(|(at, name)| {
                let act = act.clone();
                let onclick = Callback::from(move |_: MouseEvent| act.emit(Act::Seek(at)));
                html! { <button type="button" class="quiet" aria-pressed={(player.position() == at).to_string()} {onclick}>{ name }</button> }
            }) }
        </div>
    }
}
