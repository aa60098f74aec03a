//! A player inside an exercise: the scene with the learner's answer, or what breaks it.

use super::answer;
use super::state::{self, Shown as State};
use crate::stage::player::Player;
use crate::stage::view::Playing;
use course::exercise::{Exercise, Form};
use course::found::Found;
use engine::explore::Kind;
use engine::handler::Handler;
use engine::{Cast, Path};
use schedule::Finding;
use std::rc::Rc;
use std::sync::Arc;
use yew::prelude::*;

/// What the player is made from.
#[derive(PartialEq, Properties)]
pub struct ShownProps {
    /// The exercise.
    pub exercise: Rc<Exercise>,
    /// The lesson it stands in.
    pub lesson: String,
    /// What is shown.
    pub shown: State,
}

/// The player.
#[component]
pub fn Shown(props: &ShownProps) -> Html {
    let ShownProps {
        exercise, shown, ..
    } = props;
    let player = use_memo((Rc::clone(exercise), shown.clone()), |(exercise, shown)| {
        player(exercise, shown)
    });
    match &*player {
        Ok(player) => {
            html! { <Playing player={player.clone()} anchor={format!("exercise-{}-run", exercise.id)} /> }
        }
        Err(why) => html! { <p class="notice" role="alert">{ why }</p> },
    }
}

/// Says of which answer the player shows a run: the present one, or the one it was made with.
pub fn belongs_to(exercise: &Exercise, shown: &State, is_stale: bool) -> Html {
    let of = answer::words(exercise, &shown.of);
    let is_code = matches!(exercise.form, Form::Code { .. });
    let what = match (is_code, is_stale) {
        (true, false) => "A run of your code as it stands above.".to_owned(),
        (true, true) => "A run of your code as it was before you changed it. Run or check it again to see what the present code does.".to_owned(),
        (false, false) => format!("A run with your settings: {of}."),
        (false, true) => format!("A run with other settings than you have chosen now: {of}."),
    };
    html! {
        <div class={classes!("belongs", is_stale.then_some("stale"))} role="status">
            <p>{ what }</p>
            if is_code && is_stale {
                <details><summary>{ "The code of this run" }</summary><pre tabindex="0">{ of }</pre></details>
            }
        </div>
    }
}

/// The player of an answer, at what was found, or at the start.
pub fn player(exercise: &Exercise, shown: &State) -> Result<Player, String> {
    let Some(scene) = &exercise.scene else {
        return Err("This exercise has no scene to play.".to_owned());
    };
    let mut selection = exercise.with.clone();
    if let Form::Settings { .. } = exercise.form {
        selection.extend(state::settings(&shown.of));
    }
    if let Some(found) = &shown.found {
        selection.extend(found.with.clone());
    }
    let broken = |mistakes: Vec<engine::Mistake>| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        format!("This cannot be played: {}.", told.join("; "))
    };
    // The settings are the answer: they are changed in the exercise, and searched there.
    let scene = scene.chosen(&selection).map_err(broken)?;
    let scene = match exercise.form {
        // Whoever looks for a run makes the faults of it.
        Form::Find { .. } => scene.without(&["settings", "promises", "faults"]),
        _ => scene.without(&["settings", "promises"]),
    };
    let mut cast = Cast::of_checked(&scene);
    if let Form::Code { consumers, .. } = &exercise.form {
        let ids: Vec<_> = consumers
            .iter()
            .filter_map(|name| cast.find_consumer(name))
            .collect();
        let code: Arc<dyn Handler> = Arc::new((*shown.recorded).clone());
        cast = cast.with_handler(&ids, &code);
    }
    let mut player = Player::of_cast(Arc::new(scene), Default::default(), cast);
    if let Some(found) = &shown.found {
        let (finding, kind) = finding(found, &player)?;
        player
            .show(&finding, kind)
            .map_err(|why| format!("This finding cannot be shown: {why}."))?;
    }
    Ok(player)
}

fn finding(found: &Found, player: &Player) -> Result<(Finding, Kind), String> {
    let path: Path = found.path.parse()?;
    let cast = player.run().world().cast();
    let finding = Finding {
        path,
        steps: found.steps,
        turns: found.turns,
        at: found.at,
        record: found
            .record
            .as_deref()
            .and_then(|name| cast.find_record(name)),
        faults: Vec::new(),
        loops_from: found.loops_from,
        sentence: found.sentence.clone(),
    };
    Ok((finding, Kind::Always))
}
