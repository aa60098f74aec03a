//! What scenes expect of themselves, held against a run and against every schedule. A scene whose
//! expectation fails is not published.

use engine::scene::{Expect, Explored, Mistake};
use engine::{Cast, Outcome, Run, Scene, anomaly};
use schedule::{Report, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs a scene for each of its expectations and says which do not hold.
pub fn broken(scene: &Scene) -> Vec<Mistake> {
    let mut broken = Vec::new();
    for (at, expect) in scene.expect.iter().enumerate() {
        let place = format!("/expect/{at}");
        let cast = match scene.with(&expect.with).and_then(|scene| Cast::new(&scene)) {
            Ok(cast) => cast,
            Err(mistakes) => {
                broken.extend(mistakes.into_iter().map(|mistake| {
                    Mistake::new(&format!("{place}/with"), mistake.what, mistake.help)
                }));
                continue;
            }
        };
        let mut run = Run::new(cast);
        let outcome = run.to_rest();
        if outcome != Outcome::AtRest {
            broken.push(Mistake::new(
                &place,
                format!("the run was {}", outcome.word()),
                "raise the bound, or let the scene come to rest",
            ));
        }
        judge(expect, &run, &place, &mut broken);
    }
    broken
}

/// "mail: ord_12 2, ord_13 2".
fn in_words(effects: &BTreeMap<String, BTreeMap<String, u32>>) -> String {
    let service = |(name, done): (&String, &BTreeMap<String, u32>)| {
        let done: Vec<_> = done
            .iter()
            .map(|(record, times)| format!("{record} {times}"))
            .collect();
        format!(
            "{name}: {}",
            if done.is_empty() {
                "nothing".to_owned()
            } else {
                done.join(", ")
            }
        )
    };
    effects.iter().map(service).collect::<Vec<_>>().join("; ")
}

/// "ord_12, ord_13", or "nothing".
fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn judge(expect: &Expect, run: &Run, place: &str, broken: &mut Vec<Mistake>) {
    let (world, trace) = (run.world(), run.trace());
    let cast = world.cast();
    let mut compare = |part: &str, expected: String, got: String| {
        if expected != got {
            broken.push(Mistake::new(
                &format!("{place}/{part}"),
                format!("expected {expected}, and the run gave {got}"),
                "correct the scene or the expectation",
            ));
        }
    };
    if let Some(effects) = &expect.effects {
        let got: BTreeMap<String, BTreeMap<String, u32>> = world
            .services()
            .iter()
            .enumerate()
            .map(|(at, service)| {
                (
                    cast.services[at].name.clone(),
                    service
                        .all()
                        .map(|(record, times)| (cast.record_name(record), times))
                        .collect(),
                )
            })
            .collect();
        compare("effects", in_words(effects), in_words(&got));
    }
    for (group, offsets) in &expect.committed {
        let Some(id) = cast.find_group(group) else {
            compare(
                "committed",
                format!("a group `{group}`"),
                format!("the groups {:?}", cast.groups),
            );
            continue;
        };
        for (partition, expected) in offsets {
            let got = cast
                .find_partition(partition)
                .and_then(|partition| world.committed(id, partition));
            let got = got.map_or_else(|| "nothing".to_owned(), |offset| offset.to_string());
            compare(
                "committed",
                format!("{group} to have committed {expected} of {partition}"),
                format!("{group} to have committed {got} of {partition}"),
            );
        }
    }
    let names = |records: &mut dyn Iterator<Item = engine::RecordId>| {
        listed(
            &records
                .map(|record| cast.record_name(record))
                .collect::<Vec<_>>(),
        )
    };
    if let Some(lost) = &expect.lost {
        compare(
            "lost",
            listed(lost),
            names(&mut anomaly::lost(trace).iter().map(|lost| lost.record)),
        );
    }
    if let Some(duplicated) = &expect.duplicated {
        compare(
            "duplicated",
            listed(duplicated),
            names(&mut anomaly::duplicated(trace).iter().map(|again| again.record)),
        );
    }
}

/// What is to be explored for what a scene says of every schedule.
///
/// # Errors
/// Options that the scene does not have, or a scene that has mistakes with them.
pub fn cast(explored: &Explored, scene: &Scene) -> Result<Arc<Cast>, Vec<Mistake>> {
    scene
        .with(&explored.with)
        .and_then(|scene| Cast::new(&scene))
}

/// What came out otherwise; `at` says which of the scene's this is.
pub fn differences(explored: &Explored, at: usize, report: &Report) -> Vec<Mistake> {
    let judged = |name: &str| report.judged.iter().find(|one| one.name == *name);
    let differ = |(name, expected): (&String, &Verdict)| {
        let got = judged(name)?;
        if got.verdict == *expected {
            return None;
        }
        let part = name.replace('~', "~0").replace('/', "~1");
        let why = got
            .finding
            .as_ref()
            .map_or_else(String::new, |finding| format!(": {}", finding.sentence));
        let help = match got.verdict {
            Verdict::Unknown => "raise the scene's budget, or make the scene smaller",
            _ => "correct the scene or the expectation",
        };
        Some(Mistake::new(
            &format!("/explored/{at}/promises/{part}"),
            format!(
                "expected `{name}` to come out as {}, and every schedule together gave {}{why}",
                expected.word(),
                got.verdict.word()
            ),
            help,
        ))
    };
    explored.promises.iter().filter_map(differ).collect()
}
