//! The same programs tell the same natively and in wasm.
//!
//! `programs.txt` has the programs, `told.txt` what each tells: its problems, or the whole story of one
//! message. `BLESS=1 cargo test -p handler --test wasm` rewrites it; read the difference.

mod common;

use common::{Tables, cast, story};
use handler::Code;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const PROGRAMS: &str = include_str!("programs.txt");
const TOLD: &str = include_str!("told.txt");

fn told() -> String {
    let cast = cast();
    let mut text = String::new();
    for source in PROGRAMS.split("---\n") {
        let title = source.lines().next().unwrap_or_default();
        text.push_str(title);
        text.push('\n');
        match Code::parse(source, &cast) {
            Ok(code) => text.push_str(&shortened(&story(&code, &mut Tables::default()))),
            Err(problems) => {
                for problem in problems {
                    text.push_str(&format!("{problem}\n"));
                }
            }
        }
        text.push('\n');
    }
    text
}

/// Of very long stories the beginning and the end.
fn shortened(story: &str) -> String {
    let lines: Vec<&str> = story.lines().collect();
    if lines.len() <= 20 {
        return story.to_owned();
    }
    let (begin, end) = (lines[..3].join("\n"), lines[lines.len() - 2..].join("\n"));
    format!("{begin}\n… {} lines …\n{end}\n", lines.len() - 5)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn programs_tell_the_same_everywhere() {
    let told = told();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/told.txt");
        std::fs::write(path, &told).expect("told.txt can be written");
        return;
    }
    for (line, (is, should)) in told.lines().zip(TOLD.lines()).enumerate() {
        assert_eq!(is, should, "told.txt, line {}", line + 1);
    }
    assert_eq!(told.len(), TOLD.len(), "told.txt is longer or shorter");
}
