//! Whether a run is the one that was to be found.

use super::{mistaken, plain};
use crate::budget::counted;
use crate::exercise::{Allowed, Exercise, Graded, Way, WrongWay, known};
use crate::found::Found;
use crate::query::{Condition, first};
use engine::scene::{Fault, Verb};
use engine::{Cast, Choice, Path, Run, Span};
use std::sync::Arc;

/// The run that a way gives, to rest, and how many choices were made on purpose.
struct Made {
    run: Run,
    /// After how many choices which fault was made.
    faults: Vec<(usize, String)>,
}

/// Grades a way: what follows it happens by itself, and the goal may come about anywhere.
pub fn graded(
    exercise: &Exercise,
    goal: &[String],
    allowed: &Allowed,
    wrong: &[WrongWay],
    way: &Way,
) -> Graded {
    let made = read(way).and_then(|(path, faults)| {
        too_much(&path, &faults, allowed).map_or(Ok(()), Err)?;
        make(exercise, &path, &faults)
    });
    let made = match made {
        Ok(made) => made,
        Err(graded) => return *graded,
    };
    let conditions: Result<Vec<Condition>, _> = goal.iter().map(|line| line.parse()).collect();
    let Ok(conditions) = conditions else {
        return Graded::plain(
            false,
            "Cannot be graded: the goal is not understood".to_owned(),
        );
    };
    let end = made.run.len();
    let in_the_end = || conditions.iter().all(|one| one.holds(&made.run, end));
    let found = first(&conditions, &made.run, 0).or_else(|| in_the_end().then_some(end));
    let Some(at) = found else {
        let with = match made.faults.len() {
            0 => "without a fault".to_owned(),
            faults => format!("after {}", counted(faults as u128, "fault", "faults")),
        };
        let instead = known::instead(goal, &made.run).join("; ");
        let nth = known::way(wrong, &made.run);
        return Graded {
            known: nth,
            why: nth.map(|nth| wrong[nth].why.clone()),
            ..Graded::plain(false, format!("Fails: {with}, in the end {instead}"))
        };
    };
    let facts = made.run.facts_after(at);
    let entry = made.run.trace().entries()[..facts].last();
    let when = entry.map_or_else(String::new, |entry| {
        format!(" after {}", Span(entry.at.0).in_words())
    });
    let faults = match made.faults.len() {
        0 => "without a fault".to_owned(),
        faults => format!("after {}", counted(faults as u128, "fault", "faults")),
    };
    let sentence = format!("Found: it comes about{when}, {faults}");
    let found = Found {
        promise: None,
        sentence: sentence.clone(),
        record: None,
        with: exercise.with.clone(),
        path: made.run.path().to_string(),
        at,
        steps: at,
        turns: made
            .run
            .stops(false)
            .partition_point(|&stop| stop <= at)
            .saturating_sub(1),
        faults: made.faults,
        loops_from: None,
    };
    Graded {
        found: Some(found),
        why: Some(exercise.why.clone()).filter(|why| !why.is_empty()),
        ..Graded::plain(true, sentence)
    }
}

/// The choices of a way and the faults of its story.
fn read(way: &Way) -> Result<(Path, Vec<Fault>), Box<Graded>> {
    match way {
        Way::Faults(faults) => Ok((Path::default(), faults.clone())),
        Way::Path(text) => match text.parse() {
            Ok(path) => Ok((path, Vec::new())),
            Err(why) => Err(plain(false, format!("Cannot be run: {why}"))),
        },
    }
}

/// What is done more often than allowed.
fn too_much(path: &Path, faults: &[Fault], allowed: &Allowed) -> Option<Box<Graded>> {
    let told = |verb: Verb| faults.iter().filter(|fault| fault.verb == verb).count();
    let chosen = |wanted: fn(&Choice) -> bool| path.0.iter().filter(|one| wanted(one)).count();
    let crashes = chosen(|one| matches!(one, Choice::Fault(Verb::Crash, _)));
    let restarts = chosen(|one| matches!(one, Choice::Fault(Verb::Restart, _)));
    let freezes = chosen(|one| matches!(one, Choice::Fault(Verb::Freeze, _)));
    let losses = chosen(|one| matches!(one, Choice::Lose(_)));
    let duplicates = chosen(|one| matches!(one, Choice::Duplicate(_)));
    let limits = [
        (
            crashes + told(Verb::Crash),
            allowed.crashes,
            "crash",
            "crashes",
        ),
        (
            restarts + told(Verb::Restart),
            allowed.restarts,
            "restart",
            "restarts",
        ),
        (
            freezes + told(Verb::Freeze),
            allowed.freezes,
            "freeze",
            "freezes",
        ),
        (losses, allowed.losses, "lost message", "lost messages"),
        (
            duplicates,
            allowed.duplicates,
            "doubled request",
            "doubled requests",
        ),
    ];
    for (times, most, one, many) in limits {
        if times > most as usize {
            let sentence = format!(
                "Fails: {}, and at most {most} may be used",
                counted(times as u128, one, many)
            );
            return Some(plain(false, sentence));
        }
    }
    let reordered = path.0.iter().any(|choice| matches!(choice, Choice::Nth(_)));
    (reordered && !allowed.any_order).then(|| {
        let sentence = "Fails: a step is taken out of turn, and only faults may be used";
        plain(false, sentence)
    })
}

fn make(exercise: &Exercise, path: &Path, faults: &[Fault]) -> Result<Made, Box<Graded>> {
    let cast = cast(exercise, faults)?;
    let mut run = Run::replay(Arc::clone(&cast), path).map_err(|(at, refusal)| {
        let choice = Path(path.0[at..=at].to_vec());
        let sentence = format!(
            "Fails: choice {}, `{choice}`, cannot be made: {refusal}",
            at + 1
        );
        plain(false, sentence)
    })?;
    run.to_rest();
    let mut made: Vec<(usize, String)> = path
        .0
        .iter()
        .enumerate()
        .filter_map(|(at, choice)| match choice {
            Choice::Fault(verb, to) => Some((at, said(*verb, &cast.client_name(*to)))),
            Choice::Lose(_) => Some((at, "a message is lost".to_owned())),
            Choice::Duplicate(_) => Some((at, "a request arrives twice".to_owned())),
            Choice::Earliest | Choice::Nth(_) | Choice::NoStory => None,
        })
        .collect();
    made.extend(faults.iter().map(|fault| (0, said(fault.verb, &fault.to))));
    Ok(Made { run, faults: made })
}

fn said(verb: Verb, name: &str) -> String {
    match verb {
        Verb::Crash => format!("{name} crashes"),
        Verb::Restart => format!("{name} is restarted"),
        Verb::Freeze => format!("{name} stands still"),
        Verb::Thaw => format!("{name} goes on"),
    }
}

/// The scene with the exercise's options and these faults in place of its own.
fn cast(exercise: &Exercise, faults: &[Fault]) -> Result<Arc<Cast>, Box<Graded>> {
    let Some(scene) = &exercise.scene else {
        return Err(mistaken(&[]));
    };
    let cast = scene.with(&exercise.with).and_then(|mut scene| {
        scene.faults = faults.to_vec();
        Cast::new(&scene)
    });
    cast.map_err(|mistakes| mistaken(&mistakes))
}
