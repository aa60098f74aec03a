//! Starts in the browser: hears of panics, then brings the page to life.

#[cfg(all(target_arch = "wasm32", feature = "hydrate"))]
fn main() {
    std::panic::set_hook(Box::new(|info| {
        gloo::console::error!(info.to_string());
        // The page's own script shows the sentence; this module can do nothing more.
        if let Ok(event) = web_sys::CustomEvent::new("engine-trap") {
            drop(gloo::utils::document().dispatch_event(&event));
        }
    }));
    web::islands::bring_to_life();
}

#[cfg(not(all(target_arch = "wasm32", feature = "hydrate")))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
