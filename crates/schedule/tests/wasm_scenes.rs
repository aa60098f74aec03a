//! Every lesson's scene runs in the engine as pages have it: without the feature `models` of `systems`, which
//! leaves out what no scene's client asks for. A request that only the whole models answer stops here.
//!
//! In a browser nothing turns that feature on, and natively not in `cargo test -p schedule`.

use engine::scene::Selection;
use engine::{Cast, Fact, Run, Scene};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The scenes of all lessons, by their files below `lessons`.
const SCENES: &[(&str, &str)] = &[
    (
        "consumer-groups/balances.scene.json",
        include_str!("../../../lessons/consumer-groups/balances.scene.json"),
    ),
    (
        "consumer-groups/crash-before-commit.scene.json",
        include_str!("../../../lessons/consumer-groups/crash-before-commit.scene.json"),
    ),
    (
        "consumer-groups/first-start.scene.json",
        include_str!("../../../lessons/consumer-groups/first-start.scene.json"),
    ),
    (
        "consumer-groups/frozen.scene.json",
        include_str!("../../../lessons/consumer-groups/frozen.scene.json"),
    ),
    (
        "consumer-groups/order-mails.scene.json",
        include_str!("../../../lessons/consumer-groups/order-mails.scene.json"),
    ),
    (
        "consumer-groups/same-crash.scene.json",
        include_str!("../../../lessons/consumer-groups/same-crash.scene.json"),
    ),
    (
        "consumer-groups/two-members.scene.json",
        include_str!("../../../lessons/consumer-groups/two-members.scene.json"),
    ),
    (
        "fifo/elsewhere.scene.json",
        include_str!("../../../lessons/fifo/elsewhere.scene.json"),
    ),
    (
        "fifo/levels.scene.json",
        include_str!("../../../lessons/fifo/levels.scene.json"),
    ),
    (
        "fifo/sent-again.scene.json",
        include_str!("../../../lessons/fifo/sent-again.scene.json"),
    ),
    (
        "fifo/set-aside.scene.json",
        include_str!("../../../lessons/fifo/set-aside.scene.json"),
    ),
    (
        "fifo/side-by-side.scene.json",
        include_str!("../../../lessons/fifo/side-by-side.scene.json"),
    ),
    (
        "fifo/stand-still.scene.json",
        include_str!("../../../lessons/fifo/stand-still.scene.json"),
    ),
    (
        "fifo/started-again.scene.json",
        include_str!("../../../lessons/fifo/started-again.scene.json"),
    ),
    (
        "guarantees/charge.scene.json",
        include_str!("../../../lessons/guarantees/charge.scene.json"),
    ),
    (
        "guarantees/crash-points.scene.json",
        include_str!("../../../lessons/guarantees/crash-points.scene.json"),
    ),
    (
        "guarantees/lost-answer.scene.json",
        include_str!("../../../lessons/guarantees/lost-answer.scene.json"),
    ),
    (
        "guarantees/one-crash.scene.json",
        include_str!("../../../lessons/guarantees/one-crash.scene.json"),
    ),
    (
        "guarantees/samples.scene.json",
        include_str!("../../../lessons/guarantees/samples.scene.json"),
    ),
    (
        "guarantees/transaction.scene.json",
        include_str!("../../../lessons/guarantees/transaction.scene.json"),
    ),
    (
        "guarantees/whole-way.scene.json",
        include_str!("../../../lessons/guarantees/whole-way.scene.json"),
    ),
    (
        "idempotence/books-two.scene.json",
        include_str!("../../../lessons/idempotence/books-two.scene.json"),
    ),
    (
        "idempotence/books.scene.json",
        include_str!("../../../lessons/idempotence/books.scene.json"),
    ),
    (
        "idempotence/charge.scene.json",
        include_str!("../../../lessons/idempotence/charge.scene.json"),
    ),
    (
        "idempotence/forgets.scene.json",
        include_str!("../../../lessons/idempotence/forgets.scene.json"),
    ),
    (
        "idempotence/race.scene.json",
        include_str!("../../../lessons/idempotence/race.scene.json"),
    ),
    (
        "idempotence/two-payments.scene.json",
        include_str!("../../../lessons/idempotence/two-payments.scene.json"),
    ),
    (
        "idempotence/wallet.scene.json",
        include_str!("../../../lessons/idempotence/wallet.scene.json"),
    ),
    (
        "keys/grow.scene.json",
        include_str!("../../../lessons/keys/grow.scene.json"),
    ),
    (
        "keys/hot.scene.json",
        include_str!("../../../lessons/keys/hot.scene.json"),
    ),
    (
        "keys/late-cancel.scene.json",
        include_str!("../../../lessons/keys/late-cancel.scene.json"),
    ),
    (
        "keys/more-partitions.scene.json",
        include_str!("../../../lessons/keys/more-partitions.scene.json"),
    ),
    (
        "lag/behind.scene.json",
        include_str!("../../../lessons/lag/behind.scene.json"),
    ),
    (
        "lag/green.scene.json",
        include_str!("../../../lessons/lag/green.scene.json"),
    ),
    (
        "lag/shapes.scene.json",
        include_str!("../../../lessons/lag/shapes.scene.json"),
    ),
    (
        "lag/uneven.scene.json",
        include_str!("../../../lessons/lag/uneven.scene.json"),
    ),
    (
        "log/addresses.scene.json",
        include_str!("../../../lessons/log/addresses.scene.json"),
    ),
    (
        "log/away.scene.json",
        include_str!("../../../lessons/log/away.scene.json"),
    ),
    (
        "log/seven-days.scene.json",
        include_str!("../../../lessons/log/seven-days.scene.json"),
    ),
    (
        "log/wrong-clock.scene.json",
        include_str!("../../../lessons/log/wrong-clock.scene.json"),
    ),
    (
        "parts/consumer.scene.json",
        include_str!("../../../lessons/parts/consumer.scene.json"),
    ),
    (
        "parts/one-way.scene.json",
        include_str!("../../../lessons/parts/one-way.scene.json"),
    ),
    (
        "parts/readers.scene.json",
        include_str!("../../../lessons/parts/readers.scene.json"),
    ),
    (
        "queue/albums.scene.json",
        include_str!("../../../lessons/queue/albums.scene.json"),
    ),
    (
        "queue/batch.scene.json",
        include_str!("../../../lessons/queue/batch.scene.json"),
    ),
    (
        "queue/crash-before-delete.scene.json",
        include_str!("../../../lessons/queue/crash-before-delete.scene.json"),
    ),
    (
        "queue/elsewhere.scene.json",
        include_str!("../../../lessons/queue/elsewhere.scene.json"),
    ),
    (
        "queue/one-group.scene.json",
        include_str!("../../../lessons/queue/one-group.scene.json"),
    ),
    (
        "queue/own-lease.scene.json",
        include_str!("../../../lessons/queue/own-lease.scene.json"),
    ),
    (
        "queue/slow-render.scene.json",
        include_str!("../../../lessons/queue/slow-render.scene.json"),
    ),
    (
        "queue/usage.scene.json",
        include_str!("../../../lessons/queue/usage.scene.json"),
    ),
    (
        "rabbitmq/cycle.scene.json",
        include_str!("../../../lessons/rabbitmq/cycle.scene.json"),
    ),
    (
        "rabbitmq/full.scene.json",
        include_str!("../../../lessons/rabbitmq/full.scene.json"),
    ),
    (
        "rabbitmq/head.scene.json",
        include_str!("../../../lessons/rabbitmq/head.scene.json"),
    ),
    (
        "rabbitmq/prefetch.scene.json",
        include_str!("../../../lessons/rabbitmq/prefetch.scene.json"),
    ),
    (
        "rabbitmq/shop.scene.json",
        include_str!("../../../lessons/rabbitmq/shop.scene.json"),
    ),
    (
        "rabbitmq/word-for-word.scene.json",
        include_str!("../../../lessons/rabbitmq/word-for-word.scene.json"),
    ),
    (
        "retry/elsewhere.scene.json",
        include_str!("../../../lessons/retry/elsewhere.scene.json"),
    ),
    (
        "retry/late-file.scene.json",
        include_str!("../../../lessons/retry/late-file.scene.json"),
    ),
    (
        "retry/outage.scene.json",
        include_str!("../../../lessons/retry/outage.scene.json"),
    ),
    (
        "retry/refund.scene.json",
        include_str!("../../../lessons/retry/refund.scene.json"),
    ),
    (
        "retry/three-photos.scene.json",
        include_str!("../../../lessons/retry/three-photos.scene.json"),
    ),
    (
        "transactions/charge.scene.json",
        include_str!("../../../lessons/transactions/charge.scene.json"),
    ),
    (
        "transactions/hang.scene.json",
        include_str!("../../../lessons/transactions/hang.scene.json"),
    ),
    (
        "transactions/invoices.scene.json",
        include_str!("../../../lessons/transactions/invoices.scene.json"),
    ),
    (
        "transactions/repeats.scene.json",
        include_str!("../../../lessons/transactions/repeats.scene.json"),
    ),
    (
        "transactions/shared.scene.json",
        include_str!("../../../lessons/transactions/shared.scene.json"),
    ),
    (
        "transactions/source.scene.json",
        include_str!("../../../lessons/transactions/source.scene.json"),
    ),
    (
        "transactions/zombie.scene.json",
        include_str!("../../../lessons/transactions/zombie.scene.json"),
    ),
];

/// The options of a scene as it is shown, and for each setting each other option with the first of the rest.
fn selections(scene: &Scene) -> Vec<Selection> {
    let mut all = vec![Selection::new()];
    for setting in &scene.settings {
        let others = setting.options.iter().skip(1);
        all.extend(others.map(|one| Selection::from([(setting.id.clone(), one.id.clone())])));
    }
    all
}

/// Whether a fact says that a server does not know what it was asked for.
fn is_unknown(fact: &Fact) -> bool {
    use engine::fact::{rabbitmq, sqs};
    const NOT_IMPLEMENTED: u16 = 540;
    match fact {
        Fact::Sqs(sqs::Fact::Refused { code, .. }) => code.contains("UnsupportedOperation"),
        Fact::Rabbitmq(rabbitmq::Fact::ChannelClosed { code, .. }) => *code == NOT_IMPLEMENTED,
        Fact::Rabbitmq(rabbitmq::Fact::ConnectionClosed { code, .. }) => {
            *code == Some(NOT_IMPLEMENTED)
        }
        _ => false,
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_lessons_scene_runs_as_in_a_page() {
    for (file, text) in SCENES {
        let scene: Scene = serde_json::from_str(text).expect("a scene");
        for selection in selections(&scene) {
            let with = scene.with(&selection).expect("the options exist");
            let cast = Cast::new(&with)
                .unwrap_or_else(|mistakes| panic!("{file} with {selection:?}: {mistakes:?}"));
            let mut run = Run::new(cast);
            run.to_rest();
            let trace = run.trace();
            assert!(!trace.entries().is_empty(), "{file} with {selection:?}");
            let unknown = trace.entries().iter().find(|entry| is_unknown(&entry.fact));
            assert_eq!(unknown, None, "{file} with {selection:?}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn no_lessons_scene_is_left_out() {
    let lessons = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../lessons");
    let mut found = Vec::new();
    for lesson in lessons.read_dir().expect("the lessons are there").flatten() {
        for file in lesson.path().read_dir().into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.ends_with(".scene.json") {
                found.push(format!("{}/{name}", lesson.file_name().to_string_lossy()));
            }
        }
    }
    found.sort();
    let listed: Vec<&str> = SCENES.iter().map(|(file, _)| *file).collect();
    assert_eq!(
        listed, found,
        "SCENES lists every scene of every lesson, in order"
    );
}
