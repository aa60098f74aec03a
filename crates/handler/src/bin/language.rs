//! The language in a module of its own: a search beside it, in the same worker, calls `readCode`.

#[cfg(target_arch = "wasm32")]
fn main() {
    use wasm_bindgen::{JsCast, closure::Closure};
    let mut language = handler::language::Language::default();
    let answer = Closure::<dyn FnMut(String) -> String>::new(move |request: String| {
        language.answer(&request)
    });
    let global = js_sys::global();
    // A worker's global object takes every property.
    drop(js_sys::Reflect::set(
        &global,
        &"readCode".into(),
        answer.as_ref().unchecked_ref(),
    ));
    answer.forget();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("this program runs in a browser; `cargo xtask serve` builds and serves it");
    std::process::exit(2);
}
