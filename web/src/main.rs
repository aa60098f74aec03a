//! One module for the whole course: in a page it brings the islands to life, in a worker it searches.

#[cfg(all(target_arch = "wasm32", feature = "hydrate"))]
fn main() {
    if web_sys::window().is_some() {
        web::islands::bring_to_life();
    } else {
        use worker::{explorer::Explorer, port};
        port::serve(Explorer::new(port::ask_language));
    }
}

#[cfg(not(all(target_arch = "wasm32", feature = "hydrate")))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
