//! What a site is made of besides the lessons: the page shell, styles, the page's own scripts and
//! the bundle. Read here and nowhere else.

use std::fs;
use std::path::Path;

use course::{Diagnostics, Source};

use crate::compact;

/// Styles that others build on, in this order; then those of the islands, by name.
const STYLES_FIRST: [&str; 3] = ["tokens.css", "shell.css", "prose.css"];
/// Styles that overrule others.
const STYLES_LAST: [&str; 1] = ["print.css"];
/// What only the first page has.
const HOME_STYLE: &str = "home.css";
/// What only the glossary has.
const GLOSSARY_STYLE: &str = "glossary.css";

/// Files as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The template of every page.
    pub shell: Source,
    /// The styles of all pages, in the order in which they apply.
    pub styles: Vec<String>,
    /// Those that the first page has besides.
    pub home_style: Source,
    /// Those that the glossary has besides.
    pub glossary_style: Source,
    /// `theme.js`.
    pub theme: Vec<u8>,
    /// `storage.js`.
    pub storage: Vec<u8>,
    /// `boot.js`.
    pub boot: Vec<u8>,
    /// `contents.js`.
    pub contents: Vec<u8>,
    /// `places.js`.
    pub places: Vec<u8>,
    /// `glossary.js`.
    pub glossary: Vec<u8>,
    /// `ask.js`.
    pub ask: Vec<u8>,
    /// `preview.js`.
    pub preview: Vec<u8>,
    /// `finder.bundle.js`.
    pub finder: Vec<u8>,
    /// `review.bundle.js`.
    pub review: Vec<u8>,
    /// `missing.js`.
    pub missing: Vec<u8>,
    /// `reload.js`.
    pub reload: Vec<u8>,
    /// `editor.bundle.js`.
    pub editor: Vec<u8>,
    /// `favicon.svg`.
    pub favicon: Vec<u8>,
    /// `worker.js`, with which a worker begins.
    pub worker: Source,
    /// `language.js`, with which the language begins.
    pub begin_language: Source,
    /// The module of pages and workers.
    pub web: Module,
    /// The language that learners write in; while somebody edits it may not be there yet.
    pub language: Option<Module>,
}

/// A module of the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The glue between it and JavaScript.
    pub glue: Vec<u8>,
    /// The module.
    pub wasm: Vec<u8>,
}

impl Frame {
    /// Reads everything.
    ///
    /// # Errors
    /// Everything that cannot be read.
    pub fn read(checkout: &Path, bundle: &Path) -> Result<Frame, Diagnostics> {
        let mut reader = Reader::default();
        let page = checkout.join("web/page");
        let frame = Frame {
            shell: reader.text(&checkout.join("index.html")),
            styles: reader.styles(&checkout.join("web/style")),
            home_style: reader.text(&checkout.join("web/style").join(HOME_STYLE)),
            glossary_style: reader.text(&checkout.join("web/style").join(GLOSSARY_STYLE)),
            theme: reader.bytes(&page.join("theme.js")),
            storage: reader.bytes(&page.join("storage.js")),
            boot: reader.bytes(&page.join("boot.js")),
            contents: reader.bytes(&page.join("contents.js")),
            places: reader.bytes(&page.join("places.js")),
            glossary: reader.bytes(&page.join("glossary.js")),
            ask: reader.bytes(&page.join("ask.js")),
            preview: reader.bytes(&page.join("preview.js")),
            finder: reader.bytes(&checkout.join("web/finder/finder.bundle.js")),
            review: reader.bytes(&checkout.join("web/review/review.bundle.js")),
            missing: reader.bytes(&page.join("missing.js")),
            reload: reader.bytes(&page.join("reload.js")),
            editor: reader.bytes(&checkout.join("web/editor/editor.bundle.js")),
            favicon: reader.bytes(&page.join("favicon.svg")),
            worker: reader.text(&page.join("worker.js")),
            begin_language: reader.text(&page.join("language.js")),
            web: reader.module(bundle, "web"),
            language: (bundle.join("language").is_dir()).then(|| reader.module(bundle, "language")),
        };
        reader.mistakes.or(frame)
    }

    /// All styles as one, without comments and indentation.
    pub fn style(&self) -> String {
        self.styles
            .iter()
            .map(|style| compact::style(style))
            .collect()
    }
}

/// Reads on after a failure, so that all of them are told.
#[derive(Default)]
struct Reader {
    mistakes: Diagnostics,
}

impl Reader {
    fn bytes(&mut self, path: &Path) -> Vec<u8> {
        fs::read(path).unwrap_or_else(|error| {
            self.refuse(
                path,
                format!("cannot be read: {error}"),
                "every page needs it",
            );
            Vec::new()
        })
    }

    fn text(&mut self, path: &Path) -> Source {
        Source::read(path).unwrap_or_else(|mistakes| {
            self.mistakes.merge(mistakes);
            Source::new(&path.display().to_string(), "")
        })
    }

    fn styles(&mut self, folder: &Path) -> Vec<String> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.refuse(
                    folder,
                    format!("cannot be read: {error}"),
                    "every page needs its styles",
                );
                return Vec::new();
            }
        };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".css") && !name.starts_with('.'))
            .filter(|name| ![HOME_STYLE, GLOSSARY_STYLE].contains(&name.as_str()))
            .collect();
        names.sort_by_key(|name| (rank(name), name.clone()));
        names
            .iter()
            .map(|name| self.text(&folder.join(name)).text().to_owned())
            .collect()
    }

    fn module(&mut self, bundle: &Path, name: &str) -> Module {
        let folder = bundle.join(name);
        self.refuse_snippets(&folder);
        Module {
            glue: self.bytes(&folder.join(format!("{name}.js"))),
            wasm: self.bytes(&folder.join(format!("{name}_bg.wasm"))),
        }
    }

    /// Snippets are imported by names without hashes; nothing of ours makes any.
    fn refuse_snippets(&mut self, bundle: &Path) {
        let snippets = bundle.join("snippets");
        if snippets.exists() {
            let what =
                "the bundle brings JavaScript snippets, which the site does not publish".to_owned();
            self.refuse(
                &snippets,
                what,
                "take out the dependency that makes them, or teach crates/site",
            );
        }
    }

    fn refuse(&mut self, path: &Path, what: String, help: &str) {
        let nowhere = Source::new(&path.display().to_string(), "");
        self.mistakes.add(&nowhere, 0..0, what, help);
    }
}

fn rank(name: &str) -> usize {
    let others = STYLES_FIRST.len();
    STYLES_FIRST
        .iter()
        .position(|first| *first == name)
        .or_else(|| {
            STYLES_LAST
                .iter()
                .position(|last| *last == name)
                .map(|index| others + 1 + index)
        })
        .unwrap_or(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_islands_styles_stand_between_the_prose_and_the_print() {
        let mut names = [
            "print.css",
            "stage.css",
            "prose.css",
            "quiz.css",
            "tokens.css",
            "shell.css",
        ];
        names.sort_by_key(|name| (rank(name), *name));
        assert_eq!(
            names,
            [
                "tokens.css",
                "shell.css",
                "prose.css",
                "quiz.css",
                "stage.css",
                "print.css"
            ]
        );
    }
}
