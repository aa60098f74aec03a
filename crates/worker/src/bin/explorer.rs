//! Tries every schedule of a scene, beside the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    worker::port::serve(worker::explorer::Explorer::default());
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
