//! Whether a task can be done at all: a way to it is found, or the author shows one.
//!
//! Tried are the scene as told and, at each of its steps, one crash with a restart at once, with
//! every combination of settings. A task that takes more is shown by its author, as `way:`
//! followed by options and a path, such as `way: guard=on 19-c0-r0`; what follows the path
//! happens by itself.

use super::scenes::{Scenes, selection};
use crate::query::{Condition, first};
use engine::scene::{Selection, Verb};
use engine::{Cast, Choice, ClientId, Path, Run, Scene};

/// The most runs that are tried. More would be felt by whoever waits for the check.
const MOST_RUNS: usize = 4_000;

/// The run on the way that the author shows, to rest.
///
/// # Errors
/// What is wrong with the way.
pub fn shown(text: &str, id: &str, scenes: &Scenes) -> Result<Run, String> {
    let (options, path): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| word.contains('='));
    let selection = selection(options)?;
    let path: Path = match path[..] {
        [] => Path::default(),
        [one] => one.parse()?,
        [_, second, ..] => return Err(format!("`{second}` is one word too many")),
    };
    let told = scenes
        .run(id, &selection)
        .map_err(|_| format!("`{id}` has no such options"))?;
    let mut run = Run::replay(told.world().cast().clone(), &path)
        .map_err(|(at, refusal)| format!("choice {} cannot be made: {refusal}", at + 1))?;
    run.to_rest();
    Ok(run)
}

/// The first run that is found in which the conditions come about, to rest.
pub fn found(scene: &Scene, conditions: &[Condition]) -> Option<Run> {
    let casts: Vec<_> = scene
        .selections()
        .iter()
        .filter_map(|selection| cast(scene, selection))
        .collect();
    let told: Vec<Run> = casts
        .into_iter()
        .map(|cast| {
            let mut run = Run::new(cast);
            run.to_rest();
            run
        })
        .collect();
    if let Some(as_told) = told.iter().find(|run| first(conditions, run, 0).is_some()) {
        return Some(as_told.clone());
    }
    let crashes = told
        .iter()
        .flat_map(|run| (0..run.len()).map(move |at| (run, at)));
    let crashes = crashes.flat_map(|(run, at)| {
        (0..scene.consumers.len()).map(move |to| (run, at, ClientId(to as u8)))
    });
    crashes
        .filter_map(|(run, at, to)| crashed(run, at, to))
        .take(MOST_RUNS)
        .find(|(run, at)| first(conditions, run, *at).is_some())
        .map(|(run, _)| run)
}

fn cast(scene: &Scene, selection: &Selection) -> Option<std::sync::Arc<Cast>> {
    Cast::new(&scene.with(selection).ok()?).ok()
}

/// The run with a crash and a restart after so many choices, to rest; and so many choices.
fn crashed(run: &Run, at: usize, to: ClientId) -> Option<(Run, usize)> {
    if !run.world_after(at).allows(Verb::Crash, to) {
        return None;
    }
    let mut run = run.until(at);
    run.choose(Choice::Fault(Verb::Crash, to)).ok()?;
    run.choose(Choice::Fault(Verb::Restart, to)).ok()?;
    run.to_rest();
    Some((run, at))
}
