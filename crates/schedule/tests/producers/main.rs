//! Producers in scenes, alone and in a consumer's process.

// The scenes here are written as text, and read as files are.
#![cfg(not(target_arch = "wasm32"))]

mod alone;
mod together;
mod within;

use engine::{Cast, Run, Scene};
use schedule::{Exploration, Report};
use serde_json::Value;
use std::sync::Arc;

fn cast(scene: Value) -> Arc<Cast> {
    let scene: Scene = serde_json::from_value(scene).expect("it is a scene");
    Cast::new(&scene).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// The scene with some of its fields exchanged.
fn with(mut scene: Value, changes: Value) -> Value {
    let changes = changes.as_object().cloned().unwrap_or_default();
    for (name, value) in changes {
        scene[name] = value;
    }
    scene
}

fn explored(scene: Value) -> (Arc<Cast>, Report) {
    let cast = cast(scene);
    let mut search = Exploration::new(Arc::clone(&cast));
    while !search.advance(100_000).ended {}
    let report = search.report();
    assert!(report.complete, "{:?}", report.reached);
    (cast, report)
}

/// Every finding replays to a run whose text reads back, and whose path is followed from text.
fn replays(cast: &Arc<Cast>, report: &Report) {
    for judged in &report.judged {
        let Some(finding) = &judged.finding else {
            continue;
        };
        let path = finding.path.to_string().parse().expect("it is a path");
        let run = Run::replay(Arc::clone(cast), &path).expect("every choice can be made");
        let read = engine::Trace::read(&run.trace().text(), Arc::clone(cast));
        assert_eq!(read.as_ref(), Ok(run.trace()), "{}", judged.name);
    }
}
