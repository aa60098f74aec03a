//! How long it takes from opening the lesson to the first step, in a browser over loopback; when a
//! slow phone has the text of a page drawn, and how long its thread is busy then; and how many states a
//! second the worker visits.
//!
//! A measurement and not a test: compare its numbers with those of the same machine only.

use std::time::Duration;

use serde_json::json;
use tests::driver::{Driver, Requests};
use tests::host::{Host, Wasm};
use tests::lesson::LESSON;
use tests::visitor::Visitor;

/// How often each visit is measured.
const VISITS: usize = 10;

/// Presses “Step forward” as soon as it can be pressed, and notes when the slider has moved, by the page's own clock, which begins with the navigation.
const FIRST_STEP: &str = "
    window.noted = new Promise((done) => {
        const noted = { live: null, first_step: null };
        const look = () => {
            const forward = document.querySelector('.stage button[aria-label=\"Step forward\"]');
            const slider = document.querySelector('.stage input[type=range]');
            if (forward && !forward.disabled && noted.live === null) {
                noted.live = performance.now();
                forward.click();
            }
            if (noted.live !== null && slider.valueAsNumber === 1) {
                noted.first_step = performance.now();
                return done(noted);
            }
            requestAnimationFrame(look);
        };
        look();
    });";

/// A phone of some years ago on a slow line, in the terms of Chromium's protocol: a quarter of this
/// machine's speed, 150 ms to the host and back, 1.6 Mbit a second.
const SLOWER: u32 = 4;
const LATENCY_MS: u32 = 150;
const BYTES_A_SECOND: u32 = 200_000;

/// Notes when the largest part of the page is drawn, and every task of the page's thread over 50 ms.
const LOAD: &str = "
    window.load = { drawn: 0, longest: 0, blocked: 0 };
    new PerformanceObserver((list) => {
        for (const it of list.getEntries()) load.drawn = it.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
            load.longest = Math.max(load.longest, duration);
            load.blocked += duration - 50;
        }
    }).observe({ type: 'longtask', buffered: true });";

/// The same once everything is quiet: the module is there, and all that is near is alive.
const LOADED: &str = "
    const [done] = arguments;
    let quiet = 0;
    const look = () => {
        quiet = document.documentElement.dataset.live ? quiet + 1 : 0;
        if (quiet < 20) setTimeout(look, 100);
        else done(load);
    };
    look();";

/// How the loading of a page went, in ms.
#[derive(Clone, Copy, serde::Deserialize)]
struct Load {
    drawn: f64,
    longest: f64,
    blocked: f64,
}

/// Has a worker of the page visit so many states of the first scene, with three crashes, and says how
/// many it visited a second.
const STATES: &str = "
    const done = arguments[0];
    const { laterWorker, wasm } = document.querySelector('[data-later-worker]').dataset;
    const { stage } = JSON.parse(document.querySelector('[data-island=stage]').dataset.props);
    const scene = { ...stage.scene, explore: { crashes: 3, states: 100000 } };
    const worker = new Worker(laterWorker, { type: 'module' });
    WebAssembly.compileStreaming(fetch(wasm)).then((module) => worker.postMessage({ module }));
    let began;
    worker.onmessage = ({ data }) => {
        const told = JSON.parse(data);
        if (told === 'Ready') {
            began = performance.now();
            worker.postMessage(JSON.stringify({ Explore: { scene, selection: {}, states: null } }));
        } else if (told.Report) {
            worker.terminate();
            done((told.Report.states * 1000) / (performance.now() - began));
        }
    };";

#[derive(Clone, Copy, serde::Deserialize)]
struct Noted {
    live: f64,
    first_step: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let host = Host::open(Wasm::Served).await;
    let driver = Driver::start();
    let mut first_visits = Vec::new();
    let mut later_visits = Vec::new();
    for _ in 0..VISITS {
        let client = driver.browser(&json!({}), Requests::Forgotten).await;
        let visitor = Visitor::new(client.clone());
        visitor.before_every_page(FIRST_STEP).await;
        for visits in [&mut first_visits, &mut later_visits] {
            visitor.open(&host.address(LESSON)).await;
            let noted = visitor.read_later("noted.then(arguments[0])", vec![]);
            let noted = tokio::time::timeout(Duration::from_secs(60), noted).await;
            visits.push(noted.expect("the first step is made within a minute"));
        }
        client.close().await.expect("the browser closes");
    }
    println!(
        "from opening the lesson to its first step, over loopback: median (least to most) of {VISITS}, in ms"
    );
    println!("{:<14}{:>22}{:>22}", "", "controls work", "first step");
    for (name, visits) in [
        ("fresh profile", first_visits),
        ("second visit", later_visits),
    ] {
        let column = |of: fn(&Noted) -> f64| spread(visits.iter().map(of).collect());
        println!(
            "{name:<14}{:>22}{:>22}",
            column(|noted| noted.live),
            column(|noted| noted.first_step)
        );
    }
    print_loads(&driver, &host).await;
    print_states(&driver, &host).await;
}

/// How two pages load on a slow phone.
async fn print_loads(driver: &Driver, host: &Host) {
    const LOADS: usize = 3;
    println!(
        "\na slow phone on a slow line, nothing compressed: median (least to most) of {LOADS}, in ms"
    );
    println!(
        "{:<14}{:>22}{:>22}{:>22}",
        "", "largest part drawn", "longest task", "blocked in all"
    );
    for (name, path) in [("home", ""), ("lesson", LESSON)] {
        let mut loads = Vec::new();
        for _ in 0..LOADS {
            let client = driver.browser(&json!({}), Requests::Forgotten).await;
            let visitor = Visitor::new(client.clone());
            visitor.take_phone().await;
            let slower = json!({ "rate": SLOWER });
            visitor
                .chromium("Emulation.setCPUThrottlingRate", slower)
                .await;
            let line = json!({
                "offline": false,
                "latency": LATENCY_MS,
                "downloadThroughput": BYTES_A_SECOND,
                "uploadThroughput": BYTES_A_SECOND,
            });
            visitor
                .chromium("Network.emulateNetworkConditions", line)
                .await;
            visitor.before_every_page(LOAD).await;
            visitor.open(&host.address(path)).await;
            loads.push(visitor.read_later::<Load>(LOADED, vec![]).await);
            client.close().await.expect("the browser closes");
        }
        let column = |of: fn(&Load) -> f64| spread(loads.iter().map(of).collect());
        println!(
            "{name:<14}{:>22}{:>22}{:>22}",
            column(|load| load.drawn),
            column(|load| load.longest),
            column(|load| load.blocked)
        );
    }
}

/// How fast the worker searches.
async fn print_states(driver: &Driver, host: &Host) {
    const SEARCHES: usize = 5;
    let client = driver.browser(&json!({}), Requests::Forgotten).await;
    let visitor = Visitor::new(client.clone());
    visitor.open(&host.address(LESSON)).await;
    let mut rates = Vec::new();
    for _ in 0..SEARCHES {
        rates.push(visitor.read_later::<f64>(STATES, vec![]).await);
    }
    client.close().await.expect("the browser closes");
    println!(
        "\nstates a second in the worker: median (least to most) of {SEARCHES}: {}",
        spread(rates)
    );
}

/// `123 (110 to 150)`.
fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let median = if times.len().is_multiple_of(2) {
        (times[middle - 1] + times[middle]) / 2.0
    } else {
        times[middle]
    };
    let (least, most) = (times[0], times[times.len() - 1]);
    format!("{median:.0} ({least:.0} to {most:.0})")
}
