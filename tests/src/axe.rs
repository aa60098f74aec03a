//! axe-core: barriers that a machine can find.

use std::fs;

use serde::Deserialize;

use crate::environment;
use crate::visitor::Visitor;

#[derive(Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    html: String,
    failure_summary: String,
}

/// Checks the page as it is now; without axe-core it says so and checks nothing.
///
/// # Panics
/// Where it finds something.
pub async fn check(visitor: &Visitor, what: &str) {
    let Some(path) = environment::axe() else {
        println!("not checked, for want of axe-core: {what}");
        return;
    };
    let axe = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    // A check amid a change of colours finds a contrast that nobody sees.
    const RUN: &str = "
        const done = arguments[0];
        Promise.all(document.getAnimations().filter((it) => it.effect.getComputedTiming().endTime < 1e9).map((it) => it.finished))
            .then(() => axe.run(document)).then(({ violations }) => done(violations));";
    visitor
        .read::<()>(&format!("{axe}; return null;"), vec![])
        .await;
    let found: Vec<Violation> = visitor.read_later(RUN, vec![]).await;
    let told: Vec<String> = found
        .iter()
        .flat_map(|violation| {
            violation.nodes.iter().map(move |node| {
                let Violation { id, help, .. } = violation;
                format!(
                    "{id}: {help}\n    {}\n    {}",
                    node.html, node.failure_summary
                )
            })
        })
        .collect();
    assert!(told.is_empty(), "axe finds on {what}:\n{}", told.join("\n"));
}
