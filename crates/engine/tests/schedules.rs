//! Every schedule of real scenes.

use engine::schedule::{Exploration, Report, Verdict};
use engine::{Cast, Run, Scene};
use std::sync::Arc;

fn flagship(with: &[(&str, &str)], explore: serde_json::Value) -> Arc<Cast> {
    let text = include_str!("../../../lessons/consumer-groups/crash-before-commit.scene.json");
    let scene: Scene = serde_json::from_str(text).unwrap();
    let selection = with
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect();
    let mut scene = scene.with(&selection).unwrap();
    scene.promises = serde_json::from_value(serde_json::json!([
        { "name": "No order lost", "that": "nothing_lost" },
        { "name": "Nobody mailed twice", "that": { "done_once": "mail" } },
        { "name": "Everything handled in the end", "that": "all_handled" },
        { "name": "Lag returns to zero", "that": "lag_zero" },
        { "name": "A mail for everybody", "that": { "all_done": "mail" } },
    ]))
    .unwrap();
    scene.explore = serde_json::from_value(explore).unwrap();
    Cast::new(&scene).unwrap()
}

fn explore(cast: &Arc<Cast>) -> Report {
    let mut exploration = Exploration::new(Arc::clone(cast));
    while !exploration.advance(100_000).ended {}
    exploration.report()
}

#[test]
fn the_flagship() {
    for with in [
        vec![],
        vec![("guard", "on")],
        vec![("commit", "before")],
        vec![("commit", "automatic")],
        vec![("commit", "automatic-background")],
    ] {
        for crashes in [0, 1] {
            let cast = flagship(
                &with,
                serde_json::json!({ "crashes": crashes, "states": 20000 }),
            );
            let begun = std::time::Instant::now();
            let report = explore(&cast);
            println!(
                "{with:?} {crashes}: {} {} {} {:?} {} {:?}",
                report.states,
                report.steps,
                report.depth,
                report.schedules_words(),
                report.sentence(),
                begun.elapsed()
            );
            for judged in &report.judged {
                println!(
                    "    {} {} {:?}",
                    judged.name,
                    judged.verdict.word(),
                    judged.finding.as_ref().map(|f| (
                        f.steps,
                        f.at,
                        f.loops_from,
                        &f.sentence,
                        f.path.to_string()
                    ))
                );
                if let Some(finding) = &judged.finding {
                    Run::replay(Arc::clone(&cast), &finding.path).unwrap();
                }
            }
            let _ = Verdict::Unknown;
        }
    }
}

#[test]
fn try_file() {
    let Ok(path) = std::env::var("SCENE") else {
        return;
    };
    let scene: Scene = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cast = Cast::new(&scene).unwrap();
    let begun = std::time::Instant::now();
    let report = explore(&cast);
    println!(
        "{} {} {} {:?} {} {:?}",
        report.states,
        report.steps,
        report.depth,
        report.schedules_words(),
        report.sentence(),
        begun.elapsed()
    );
    for judged in &report.judged {
        println!(
            "    {} {} {:?}",
            judged.name,
            judged.verdict.word(),
            judged.finding.as_ref().map(|f| (
                f.steps,
                f.at,
                f.loops_from,
                &f.sentence,
                f.path.to_string()
            ))
        );
    }
}
