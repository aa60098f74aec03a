//! Assets: files whose name holds a hash of what is in them, so that a browser may keep them for
//! ever and never mixes two builds.

use std::fmt::Write as _;

use course::Source;
use sha2::{Digest, Sha256};

use crate::compact;
use crate::files::Files;
use crate::frame::Frame;

/// The folder of the assets in the site.
pub const FOLDER: &str = "assets";

/// The hexadecimal digits of a hash that a name holds: 48 bits.
const DIGITS: usize = 12;

/// The paths of the assets in the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// All styles, in one file.
    pub style: String,
    /// What the first page has besides.
    pub home_style: String,
    /// What the glossary has besides.
    pub glossary_style: String,
    /// Light, dark or automatic: runs before the page is drawn.
    pub theme: String,
    /// Offers to set aside stored progress that the page cannot use.
    pub storage: String,
    /// Brings the islands to life.
    pub boot: String,
    /// Marks the section being read in the contents.
    pub contents: String,
    /// Counts the places that were tried on the first page.
    pub places: String,
    /// Mends the links of the page for what is not there.
    pub missing: String,
    /// Reloads the page when a new build is there; only while somebody edits.
    pub reload: Option<String>,
    /// The editor for learners' code: loaded when somebody opens it, and by no page.
    pub editor: String,
    /// Narrows the glossary down.
    pub glossary: String,
    /// Loads what somebody asks for: search, keys and previews of terms.
    pub ask: String,
    /// Shows what a term means: loaded when somebody asks for it.
    pub preview: String,
    /// The search: loaded when somebody opens it.
    pub finder: String,
    /// What can be found: loaded with the search.
    pub found: String,
    /// The review: what brings questions and terms back.
    pub review: String,
    /// What can come back: loaded with the review.
    pub review_rows: String,
    /// The glue between the page and the module.
    pub glue: String,
    /// The module.
    pub wasm: String,
    /// What runs beside the page; it names the glue of the page's module.
    pub worker: String,
    /// The language that learners write in; it names its own module.
    pub language: Option<String>,
}

/// The assets that are made of the course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// What can be found.
    pub found: String,
    /// What can come back.
    pub review: String,
}

impl Assets {
    /// Puts the assets of `frame` into `files`, and `texts` with them.
    pub fn add(frame: &Frame, texts: &Texts, is_live_reload: bool, files: &mut Files) -> Assets {
        let mut add = |name: &str, bytes: &[u8]| add(files, name, bytes);
        let glue = add("web.js", &script(&frame.web.glue));
        let wasm = add("web.wasm", &frame.web.wasm);
        let worker = naming(&frame.worker, &glue, &wasm);
        let worker = add("worker.js", &script(worker.as_bytes()));
        let language = frame.language.as_ref().map(|module| {
            let glue = add("language-module.js", &script(&module.glue));
            let wasm = add("language-module.wasm", &module.wasm);
            let begin = naming(&frame.begin_language, &glue, &wasm);
            add("language.js", &script(begin.as_bytes()))
        });
        Assets {
            style: add("site.css", frame.style().as_bytes()),
            home_style: add(
                "home.css",
                compact::style(frame.home_style.text()).as_bytes(),
            ),
            glossary_style: add(
                "glossary.css",
                compact::style(frame.glossary_style.text()).as_bytes(),
            ),
            theme: add("theme.js", &script(&frame.theme)),
            storage: add("storage.js", &script(&frame.storage)),
            boot: add("boot.js", &script(&frame.boot)),
            contents: add("contents.js", &script(&frame.contents)),
            places: add("places.js", &script(&frame.places)),
            glossary: add("glossary.js", &script(&frame.glossary)),
            ask: add("ask.js", &script(&frame.ask)),
            preview: add("preview.js", &script(&frame.preview)),
            finder: add("finder.js", &frame.finder),
            found: add("found.json", texts.found.as_bytes()),
            review: add("review.js", &frame.review),
            review_rows: add("review.json", texts.review.as_bytes()),
            missing: add("missing.js", &script(&frame.missing)),
            reload: is_live_reload.then(|| add("reload.js", &script(&frame.reload))),
            editor: add("editor.js", &frame.editor),
            glue,
            wasm,
            worker,
            language,
        }
    }
}

/// A script as it is published. What is no text stays as it is.
fn script(bytes: &[u8]) -> Vec<u8> {
    match str::from_utf8(bytes) {
        Ok(text) => compact::script(text).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

fn add(files: &mut Files, name: &str, bytes: &[u8]) -> String {
    let path = format!("{FOLDER}/{}", hashed_name(name, bytes));
    files.add(&path, bytes);
    path
}

/// A script with the names of a module in it, so that a page has to name only the script.
fn naming(script: &Source, glue: &str, wasm: &str) -> String {
    script
        .text()
        .replace("MODULE.js", file_name(glue))
        .replace("MODULE.wasm", file_name(wasm))
}

/// What one asset calls another: they lie in one folder.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `boot.js` becomes `boot-0123456789ab.js`.
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let (stem, extension) = name
        .rsplit_once('.')
        .expect("an asset's name has an extension");
    let mut hash = String::new();
    for byte in &Sha256::digest(bytes)[..DIGITS / 2] {
        write!(hash, "{byte:02x}").expect("a string takes what is written to it");
    }
    format!("{stem}-{hash}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_with_the_content_and_only_with_it() {
        assert_eq!(hashed_name("web.wasm", b""), "web-e3b0c44298fc.wasm");
        assert_eq!(hashed_name("web.wasm", b"a"), hashed_name("web.wasm", b"a"));
        assert_ne!(hashed_name("web.wasm", b"a"), hashed_name("web.wasm", b"b"));
    }
}
