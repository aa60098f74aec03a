//! The same scene, seed and choices give the same bytes natively and in wasm.
//!
//! Natively and in a browser the same committed text is expected; whatever differs between the
//! two shows here. `BLESS=1 cargo test -p schedule --test wasm` rewrites the files.

use engine::scene::Selection;
use engine::seed::Seed;
use engine::{Cast, Choice, ClientId, Run, Scene};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const FLAGSHIP: &str =
    include_str!("../../../lessons/consumer-groups/crash-before-commit.scene.json");
/// The traces that `golden.rs` keeps, by the options they were made with.
const TRACES: [(&str, &str, &str); 8] = [
    (
        "after",
        "off",
        include_str!("../../engine/tests/golden/crash-before-commit/commit-after,guard-off.txt"),
    ),
    (
        "after",
        "on",
        include_str!("../../engine/tests/golden/crash-before-commit/commit-after,guard-on.txt"),
    ),
    (
        "before",
        "off",
        include_str!("../../engine/tests/golden/crash-before-commit/commit-before,guard-off.txt"),
    ),
    (
        "before",
        "on",
        include_str!("../../engine/tests/golden/crash-before-commit/commit-before,guard-on.txt"),
    ),
    (
        "automatic",
        "off",
        include_str!(
            "../../engine/tests/golden/crash-before-commit/commit-automatic,guard-off.txt"
        ),
    ),
    (
        "automatic",
        "on",
        include_str!("../../engine/tests/golden/crash-before-commit/commit-automatic,guard-on.txt"),
    ),
    (
        "automatic-background",
        "off",
        include_str!(
            "../../engine/tests/golden/crash-before-commit/commit-automatic-background,guard-off.txt"
        ),
    ),
    (
        "automatic-background",
        "on",
        include_str!(
            "../../engine/tests/golden/crash-before-commit/commit-automatic-background,guard-on.txt"
        ),
    ),
];
const WANDERINGS: &str = include_str!("golden/wanderings.txt");
const SEARCHES: &str = include_str!("golden/searches.txt");
const MEMORY: &str = include_str!("golden/memory.txt");

fn flagship() -> Scene {
    serde_json::from_str(FLAGSHIP).expect("the flagship scene is a scene")
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn the_flagship_traces_have_the_same_bytes_everywhere() {
    for (commit, guard, expected) in TRACES {
        let selection = Selection::from([
            ("commit".to_owned(), commit.to_owned()),
            ("guard".to_owned(), guard.to_owned()),
        ]);
        let scene = flagship().with(&selection).expect("its own options");
        let mut run = Run::new(Cast::new(&scene).expect("the flagship scene has no mistakes"));
        run.to_rest();
        assert!(
            run.trace().text() == expected,
            "commit {commit}, guard {guard}: differs from the committed trace"
        );
    }
}

/// Two members, three partitions, ways of uneven length: more of the engine than the lesson shows.
fn busy(seed: u64) -> Scene {
    let mut scene: Scene = serde_json::from_str(
        r#"{
          "id": "busy", "title": "Busy", "version": 1,
          "topics": [
            { "name": "orders", "partitions": 3, "records": [
              { "value": "a" }, { "value": "b", "partition": 1 }, { "value": "c", "partition": 2 },
              { "value": "d" }, { "value": "e", "partition": 1 }, { "value": "f", "partition": 2 } ] },
            { "name": "bills", "partitions": 2, "records": [{ "value": "g" }, { "value": "h", "partition": 1 }] }
          ],
          "services": [{ "name": "mail" }], "tables": [{ "name": "processed" }],
          "consumers": [
            { "name": "one", "group": "g", "topics": ["orders", "bills"], "config": { "max.poll.records": 2, "auto.offset.reset": "earliest" },
              "handler": [{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }], "commit": "after" },
            { "name": "two", "group": "g", "topics": ["orders"], "start_ms": 9000, "config": { "auto.offset.reset": "earliest" },
              "handler": [{ "send": "mail" }], "commit": "automatic", "work": "background" },
            { "name": "other", "group": "h", "topics": ["orders"], "config": { "auto.offset.reset": "earliest" },
              "handler": [{ "send": "mail" }], "commit": "before" }
          ],
          "network": { "latency_us": [300, 9000] },
          "bounds": { "steps": 600, "time_ms": 400000 }
        }"#,
    )
    .expect("the busy scene is a scene");
    scene.seed = seed;
    scene
}

/// A plain producer, two processes with one transactional id, of which each fences what the other has begun,
/// and a consumer that publishes and commits in one transaction.
fn written(seed: u64) -> Scene {
    let mut scene: Scene = serde_json::from_str(
        r#"{
          "id": "written", "title": "Written", "version": 1,
          "topics": [{ "name": "orders", "partitions": 2,
            "sent": [{ "value": "a", "key": "k1" }, { "value": "b", "key": "k2" }, { "value": "c", "partition": 1 }, { "value": "d" }] },
            { "name": "shipped", "partitions": 2, "published": "events" }],
          "services": [{ "name": "mail" }],
          "producers": [
            { "name": "plain", "config": { "enable.idempotence": false }, "program": [{ "send": "d" }, { "wait_ms": 5000 }, { "send": "d" }] },
            { "name": "first", "config": { "transactional.id": "shop", "transaction.timeout.ms": 20000 }, "restart_ms": 3000,
              "program": ["begin", { "send": "a" }, { "send": "c" }, "commit", "begin", { "send": "b" }, "abort"] },
            { "name": "second", "config": { "transactional.id": "shop" }, "start_ms": 4000, "on_restart": "again",
              "program": ["begin", { "send": "b" }, { "send": "a" }, "commit"] }
          ],
          "consumers": [
            { "name": "all", "group": "g", "topics": ["orders"], "config": { "auto.offset.reset": "earliest" }, "handler": [{ "send": "mail" }], "commit": "after" },
            { "name": "committed", "group": "h", "topics": ["orders"], "handler": [{ "send": "mail" }], "commit": "after",
              "config": { "auto.offset.reset": "earliest", "isolation.level": "read_committed" } },
            { "name": "ship", "group": "s", "topics": ["orders"], "handler": [{ "publish": "shipped" }, { "send": "mail" }],
              "commit": "in_transaction", "producer": { "transactional.id": "ship", "transaction.timeout.ms": 15000 },
              "config": { "auto.offset.reset": "earliest", "isolation.level": "read_committed", "max.poll.records": 2 } }
          ],
          "network": { "latency_us": [300, 9000] },
          "bounds": { "steps": 600, "time_ms": 400000 },
          "promises": [
            { "name": "once", "that": { "stored_once": "orders" } },
            { "name": "aborted", "that": "none_aborted" },
            { "name": "stored", "that": { "all_stored": "orders" } }
          ]
        }"#,
    )
    .expect("the written scene is a scene");
    scene.seed = seed;
    scene
}

/// Queues of Amazon SQS: a standard one with two workers and a dead-letter queue, and a FIFO queue.
fn queues(seed: u64) -> Scene {
    let mut scene: Scene = serde_json::from_str(
        r#"{
          "id": "queues", "title": "Queues", "version": 1,
          "broker": { "system": "sqs" },
          "on": { "sqs": {
            "queues": {
              "mails": { "VisibilityTimeout": 8, "RedrivePolicy": {
                "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 2 } },
              "dead": {},
              "books": { "FifoQueue": true }
            },
            "workers": {
              "one": { "heartbeat.seconds": 3 },
              "two": { "MaxNumberOfMessages": 2, "delete": "batch" }
            }
          } },
          "topics": [{ "name": "orders", "records": [
            { "value": "a", "key": "k1" }, { "value": "b", "key": "k2" }, { "value": "c", "key": "k1" }, { "value": "d" }] }],
          "services": [{ "name": "mail", "latency_ms": 3000 }], "tables": [{ "name": "processed" }],
          "consumers": [
            { "name": "one", "group": "mails", "topics": ["orders"], "commit": "after", "restart_ms": 2000,
              "handler": [{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }] },
            { "name": "two", "group": "mails", "topics": ["orders"], "start_ms": 4000, "commit": "after",
              "handler": [{ "send": "mail" }] },
            { "name": "book", "group": "books", "topics": ["orders"], "commit": "before", "handler": [{ "send": "mail" }] }
          ],
          "network": { "latency_us": [300, 9000] },
          "bounds": { "steps": 600, "time_ms": 400000 },
          "promises": [
            { "name": "lost", "that": "nothing_lost" },
            { "name": "twice", "that": { "done_once": "mail" } },
            { "name": "left", "that": "lag_zero" }
          ]
        }"#,
    )
    .expect("the scene of queues is a scene");
    scene.seed = seed;
    scene
}

/// RabbitMQ: a topic exchange with two queues, one of which hands on what was delivered too often, a
/// publisher that waits for confirms, and consumers that acknowledge in every way.
fn exchanges(seed: u64) -> Scene {
    let mut scene: Scene = serde_json::from_str(
        r##"{
          "id": "exchanges", "title": "Exchanges", "version": 1,
          "broker": { "system": "rabbitmq" },
          "on": { "rabbitmq": {
            "exchanges": { "orders": { "type": "topic", "bindings": { "mails": ["eu.#"], "books": ["*.paid"] } } },
            "queues": {
              "mails": { "x-queue-type": "quorum", "x-delivery-limit": 2,
                "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead" },
              "dead": {}
            },
            "consumers": {
              "one": { "prefetch_count": 1 }, "two": { "prefetch_count": 3, "acknowledge": "multiple" }
            },
            "publishers": { "shop": { "mandatory": true } }
          } },
          "topics": [{ "name": "orders",
            "records": [{ "value": "a", "key": "eu.paid" }, { "value": "b", "key": "eu.open" }, { "value": "c", "key": "us.paid" }],
            "sent": [{ "value": "d", "key": "eu.paid" }, { "value": "e", "key": "us.open" }] }],
          "services": [{ "name": "mail", "latency_ms": 3000 }], "tables": [{ "name": "processed" }],
          "producers": [{ "name": "shop", "start_ms": 1000, "restart_ms": 2000, "program": [{ "send": "d" }, { "wait_ms": 500 }, { "send": "e" }] }],
          "consumers": [
            { "name": "one", "group": "mails", "topics": ["orders"], "commit": "after", "restart_ms": 2000,
              "handler": [{ "skip_if_in": "processed" }, { "send": "mail" }, { "insert_into": "processed" }] },
            { "name": "two", "group": "mails", "topics": ["orders"], "start_ms": 4000, "commit": "after",
              "handler": [{ "send": "mail" }] },
            { "name": "book", "group": "books", "topics": ["orders"], "commit": "automatic", "handler": [{ "send": "mail" }] }
          ],
          "network": { "latency_us": [300, 9000] },
          "bounds": { "steps": 600, "time_ms": 400000 },
          "promises": [
            { "name": "lost", "that": "nothing_lost" },
            { "name": "twice", "that": { "done_once": "mail" } },
            { "name": "left", "that": "lag_zero" }
          ]
        }"##,
    )
    .expect("the scene of exchanges is a scene");
    scene.seed = seed;
    scene
}

/// A run whose choices a seed makes: mostly the earliest step, sometimes another, sometimes a fault.
fn wander(scene: &Scene, seed: u64) -> Run {
    let mut run = Run::new(Cast::new(scene).expect("the scene has no mistakes"));
    let mut dice = Seed::new(seed);
    let clients = (scene.consumers.len() + scene.producers.len()) as u64;
    let freezes = !scene.producers.is_empty();
    for _ in 0..300 {
        let who = ClientId(dice.between(0, clients - 1) as u8);
        let choice = match dice.between(0, 42) {
            40 => Choice::Lose(dice.between(0, 3) as u16),
            41 => Choice::Duplicate(dice.between(0, 3) as u16),
            42 if dice.between(0, 9) == 0 => Choice::NoStory,
            0 => Choice::Fault(engine::scene::Verb::Crash, who),
            1 | 2 => Choice::Fault(engine::scene::Verb::Restart, who),
            3 if freezes => Choice::Fault(engine::scene::Verb::Freeze, who),
            4 if freezes => Choice::Fault(engine::scene::Verb::Thaw, who),
            3..=6 => Choice::Nth(dice.between(1, 3) as u16),
            _ => Choice::Earliest,
        };
        // A choice that cannot be made leaves the run as it was.
        let _ = run.choose(choice);
    }
    run.to_rest();
    run
}

/// FNV-1a: a short name for a long text; not secret, and written out to be the same everywhere.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn five_hundred_wanderings_have_the_same_bytes_everywhere() {
    let mut lines = String::new();
    let flagship = flagship();
    let told: Vec<Scene> = flagship
        .selections()
        .iter()
        .map(|chosen: &Selection| flagship.with(chosen).expect("its own options"))
        .collect();
    for nth in 0..500_u64 {
        let (busy, written, queues) = (busy(nth), written(nth), queues(nth));
        let exchanges = exchanges(nth);
        let scene = if nth >= 400 {
            &exchanges
        } else if nth >= 300 {
            &queues
        } else if nth >= 200 {
            &written
        } else if nth % 2 == 0 {
            &busy
        } else {
            &told[(nth as usize / 2) % told.len()]
        };
        let run = wander(scene, nth);
        let text = run.trace().text();
        let read = engine::Trace::read(&text, std::sync::Arc::clone(run.trace().cast()))
            .expect("a trace reads back");
        assert!(
            read == *run.trace(),
            "wandering {nth} reads back as another trace"
        );
        lines.push_str(&format!(
            "{nth:>3} {:<20} {:>5} facts {:016x}\n",
            scene.id,
            run.trace().entries().len(),
            digest(&text)
        ));
    }
    hold("wanderings.txt", WANDERINGS, &lines);
}

/// Compares lines with those of a committed file, or rewrites it.
fn hold(file: &str, expected: &str, got: &str) {
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = format!("{}/tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, got).expect("the expected text can be written");
        return;
    }
    for (expected, got) in expected.lines().zip(got.lines()) {
        assert_eq!(expected, got, "{file}");
    }
    assert_eq!(expected.lines().count(), got.lines().count(), "{file}");
}

/// The counts of a search, and of every promise the verdict, the way, and the digest of the trace it leads to.
fn searched(name: &str, scene: &Scene) -> String {
    let mut lines = String::new();
    let cast = Cast::new(scene).expect("no mistakes");
    let mut exploration = schedule::Exploration::new(std::sync::Arc::clone(&cast));
    while !exploration.advance(1_000).ended {}
    let report = exploration.report();
    lines.push_str(&format!(
        "{} {} states {} steps {} deep\n",
        name, report.states, report.steps, report.depth
    ));
    for judged in &report.judged {
        let way = judged.finding.as_ref().map_or_else(String::new, |finding| {
            let run = Run::replay(std::sync::Arc::clone(&cast), &finding.path)
                .expect("a finding can be followed");
            format!(
                "{} {:016x} {}",
                finding.path,
                digest(&run.trace().text()),
                finding.sentence
            )
        });
        let line = format!("  {} {} {way}", judged.name, judged.verdict.word());
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// What is searched: every combination of the flagship's settings, records that are written, and queues.
fn scenes_to_search() -> Vec<(String, Scene)> {
    let mut all = Vec::new();
    let flagship = flagship();
    for selection in flagship.selections() {
        let mut scene = flagship.with(&selection).expect("its own options");
        scene.promises = serde_json::from_str(
            r#"[{ "name": "lost", "that": "nothing_lost" },
                { "name": "twice", "that": { "done_once": "mail" } },
                { "name": "handled", "that": "all_handled" },
                { "name": "done", "that": { "all_done": "mail" } }]"#,
        )
        .expect("promises");
        scene.explored.clear();
        scene.explore = engine::scene::Budget {
            crashes: 1,
            losses: 1,
            states: 4_000,
            ..engine::scene::Budget::default()
        };
        let name = format!("{:?}", selection.values().collect::<Vec<_>>());
        all.push((name, scene));
    }
    let mut written = written(0);
    written.explore = engine::scene::Budget {
        crashes: 1,
        losses: 1,
        freezes: 1,
        states: 20_000,
        ..engine::scene::Budget::default()
    };
    let mut shipped = written.clone();
    written.consumers.truncate(1);
    all.push(("written".to_owned(), written));
    // The orders are there, and whoever ships them is alone.
    shipped.producers.clear();
    shipped.consumers.drain(..2);
    shipped.topics[0].records = shipped.topics[0].sent.drain(..2).collect();
    shipped.topics[0].sent.clear();
    shipped.promises.retain(|one| one.name == "once");
    shipped.promises[0].that = engine::scene::Condition::StoredOnce("shipped".to_owned());
    all.push(("shipped".to_owned(), shipped));
    let mut queues = queues(0);
    queues.explore = engine::scene::Budget {
        crashes: 1,
        early_timeouts: 1,
        states: 20_000,
        ..engine::scene::Budget::default()
    };
    queues.consumers[0].restart_ms = None;
    queues.consumers.truncate(2);
    queues.topics[0].records.truncate(2);
    queues.on.sqs.iter_mut().for_each(|sqs| {
        sqs.workers.remove("book");
    });
    all.push(("queues".to_owned(), queues));
    all
}

/// One line for every promise of every combination of settings, with one crash and two consumers'
/// worth of faults: the counts, the verdict, the way, and the digest of the trace it leads to.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn searches_find_the_same_ways_to_the_same_bytes_everywhere() {
    let scenes = scenes_to_search().into_iter();
    let lines: String = scenes
        .map(|(name, scene)| searched(&name, &scene))
        .collect();
    hold("searches.txt", SEARCHES, &lines);
}

/// One line for every thousand states of a search: the bytes that it takes by its own count. So a search
/// that may take so many bytes ends in the same state in a page and in a command.
#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn searches_take_the_same_bytes_everywhere() {
    let mut lines = String::new();
    for (name, scene) in scenes_to_search() {
        let cast = Cast::new(&scene).expect("no mistakes");
        let mut exploration = schedule::Exploration::new(cast);
        lines.push_str(&format!("{name}\n"));
        for _ in 0..4 {
            let progress = exploration.advance(1_000);
            lines.push_str(&format!(
                "{:>7} states {:>10} bytes\n",
                progress.states,
                exploration.memory_bytes()
            ));
        }
    }
    hold("memory.txt", MEMORY, &lines);
}
