//! Brings a page to life in the browser.

#[cfg(all(target_arch = "wasm32", feature = "hydrate"))]
fn main() {
    web::islands::bring_to_life();
}

#[cfg(not(all(target_arch = "wasm32", feature = "hydrate")))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
