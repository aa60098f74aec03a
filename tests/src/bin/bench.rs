//! How long it takes from opening the lesson to the first step, in a browser over loopback.
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
