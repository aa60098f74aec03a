//! How many different states a second are found, next to another explorer on the same model.
//!
//! `cargo bench -p explore --bench explore`; `cargo xtask bench` prints it too, and the figure in a
//! browser. A measurement, not a test, except that what is found must be right. Rounds take turns, so
//! that whatever else the machine does falls on all of them. What the other takes in bytes is not
//! measured: that needs an allocator that counts, and those cannot be written without `unsafe`.

#[path = "../tests/models/group.rs"]
mod group;

#[cfg(not(target_arch = "wasm32"))]
#[path = "../tests/models/rival.rs"]
mod rival;

use group::{Known, TABLE};

/// Ours: milliseconds, and the bytes it took.
fn ours(known: &Known, now_ms: impl Fn() -> f64) -> (f64, usize) {
    let begin = now_ms();
    let search = group::searched(known);
    (now_ms() - begin, search.memory_bytes())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    const ROUNDS: usize = 5;
    let begin = std::time::Instant::now();
    let now_ms = || begin.elapsed().as_secs_f64() * 1_000.0;
    // Both promises, as ours judges both. The first is never broken, so all states are visited.
    let timed = |known: &Known, run: fn(group::Group, &'static [usize]) -> rival::Said| {
        let begin = now_ms();
        let said = run(known.group, &[group::NO_LOSS, group::NO_DUPLICATE]);
        assert_eq!(
            (said.states, said.generated),
            (known.states, known.generated)
        );
        now_ms() - begin
    };
    for known in &TABLE[3..5] {
        let (mut own, mut packed, mut natural) = (Vec::new(), Vec::new(), Vec::new());
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            let (ms, taken) = ours(known, now_ms);
            own.push(ms);
            bytes = taken;
            packed.push(timed(known, rival::run::<rival::Packed>));
            natural.push(timed(known, rival::run::<rival::Natural>));
        }
        let states = known.states as f64;
        let per_second = |ms: f64| states / ms / 1_000.0;
        let [own, packed, natural] = [own, packed, natural].map(median);
        println!(
            "{} states, natively: {:.2} million a second, {:.0} bytes each; stateright {:.2} million \
             packed by hand (we are {:.2} times as fast), {:.2} million as written ({:.2} times)",
            known.states,
            per_second(own),
            bytes as f64 / states,
            per_second(packed),
            packed / own,
            per_second(natural),
            natural / own,
        );
    }
    let known = &TABLE[5];
    let (ms, bytes) = ours(known, now_ms);
    println!(
        "{} states, natively: {:.2} million a second, {:.0} bytes each",
        known.states,
        known.states as f64 / ms / 1_000.0,
        bytes as f64 / known.states as f64
    );
}

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use wasm_bindgen_test::{console_log, wasm_bindgen_test};

    wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

    #[wasm_bindgen_test]
    fn states_a_second() {
        let known = &super::TABLE[3];
        let rounds = (0..5).map(|_| super::ours(known, js_sys::Date::now).0);
        let ms = super::median(rounds.collect());
        console_log!(
            "{} states, in wasm: {:.2} million a second",
            known.states,
            known.states as f64 / ms / 1_000.0
        );
    }
}
