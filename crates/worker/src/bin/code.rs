//! Tries every schedule of a scene with what a learner wrote, beside the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    worker::port::serve(worker::explorer::Explorer::with_language(&handler::program));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
