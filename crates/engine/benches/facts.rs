//! How many facts a second the engine brings about, natively and in a browser.
//!
//! `cargo bench -p engine` natively; `cargo xtask bench` prints both. A measurement, not a test:
//! compare figures of one machine and one sitting only.

use engine::{Cast, Run, Scene};

const SCENE: &str = include_str!("../../../lessons/consumer-groups/crash-before-commit.scene.json");

/// The flagship scene from start to rest, over and over for about a second: runs and facts.
fn measure(now_ms: impl Fn() -> f64) -> (u64, u64, f64) {
    let scene: Scene = serde_json::from_str(SCENE).expect("the flagship scene is a scene");
    let cast = Cast::new(&scene).expect("the flagship scene has no mistakes");
    let (mut runs, mut facts) = (0, 0);
    let begin = now_ms();
    while now_ms() - begin < 1_000.0 {
        for _ in 0..100 {
            let mut run = Run::new(std::sync::Arc::clone(&cast));
            run.to_rest();
            runs += 1;
            facts += run.trace().entries().len() as u64;
        }
    }
    (runs, facts, (now_ms() - begin) / 1_000.0)
}

fn report(place: &str, (runs, facts, seconds): (u64, u64, f64)) -> String {
    format!(
        "{place}: {:.0} facts a second ({runs} runs of the flagship scene in {seconds:.2} s)",
        facts as f64 / seconds
    )
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    let begin = std::time::Instant::now();
    println!(
        "{}",
        report(
            "engine, natively",
            measure(|| begin.elapsed().as_secs_f64() * 1_000.0)
        )
    );
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use wasm_bindgen_test::{console_log, wasm_bindgen_test};

    wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn facts_a_second() {
        console_log!(
            "{}",
            super::report("engine, in wasm", super::measure(js_sys::Date::now))
        );
    }
}
