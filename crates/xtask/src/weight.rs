//! What the built site weighs: every file raw and as a host sends it, and what
//! one page makes a browser load.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::ops::AddAssign;
use std::path::{Component, Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use html5gum::{Token, Tokenizer};

use crate::failure::{Failure, Outcome};

/// Bytes on the disk, and bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    pub files: u64,
    pub raw_bytes: u64,
    pub gzipped_bytes: u64,
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Weight) {
        self.files += other.files;
        self.raw_bytes += other.raw_bytes;
        self.gzipped_bytes += other.gzipped_bytes;
    }
}

/// The attributes that name what a page loads only when somebody asks for it.
const LATER: &[u8] = b"data-later-";

/// The weight of one file; gzipped as hosts do it, at the default level.
pub fn of_file(path: &Path) -> Outcome<Weight> {
    let bytes = fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let gzipped = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let gzipped = gzipped.map_err(|error| Failure::file("compress", path, &error))?;
    Ok(Weight {
        files: 1,
        raw_bytes: bytes.len() as u64,
        gzipped_bytes: gzipped.len() as u64,
    })
}

/// The weight of several files together.
pub fn of_files<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> Outcome<Weight> {
    let mut sum = Weight::default();
    for path in paths {
        sum += of_file(path)?;
    }
    Ok(sum)
}

/// The part of the site that a file belongs to.
pub fn part(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "pages",
        "css" => "styles",
        "js" | "mjs" => "scripts",
        "wasm" => "wasm",
        "woff2" | "woff" | "ttf" => "fonts",
        "svg" | "png" | "jpg" | "jpeg" | "webp" | "avif" | "ico" => "pictures",
        "json" | "webmanifest" | "xml" => "data",
        _ => "other",
    }
}

/// A table of the site's parts, and their sum.
pub fn table(site: &Path) -> Outcome<String> {
    let mut parts: BTreeMap<&str, Weight> = BTreeMap::new();
    for file in files(site) {
        *parts.entry(part(&file)).or_default() += of_file(&file)?;
    }
    let mut sum = Weight::default();
    for weight in parts.values() {
        sum += *weight;
    }
    let row = |name: &str, weight: Weight| {
        format!(
            "  {name:<10}{:>6}{:>12}{:>12}\n",
            weight.files,
            kilobytes(weight.raw_bytes),
            kilobytes(weight.gzipped_bytes)
        )
    };
    let mut table = format!(
        "  {:<10}{:>6}{:>12}{:>12}\n",
        "part", "files", "raw", "gzipped"
    );
    table.extend(parts.into_iter().map(|(name, weight)| row(name, weight)));
    table.push_str(&row("all", sum));
    Ok(table)
}

/// `12.3 KB`, of a thousand bytes each.
pub fn kilobytes(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}

/// Every file below a folder, in order.
pub fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path());
        }
    }
    found
}

/// The page itself and every file that it loads: what its tags name, and what the
/// styles and scripts among these name in turn. Links to other pages load nothing.
pub fn loaded_by(site: &Path, page: &Path) -> Outcome<BTreeSet<PathBuf>> {
    let named = names_in_tags(&read(page)?)
        .iter()
        .filter_map(|name| resolve(site, page, name))
        .collect();
    with_all_that_they_load(site, BTreeSet::from([page.to_owned()]), named)
}

/// What a page loads when somebody asks for it, by name: each with all that it loads in turn.
pub fn loaded_later_by(site: &Path, page: &Path) -> Outcome<BTreeMap<String, BTreeSet<PathBuf>>> {
    let mut later = BTreeMap::new();
    for token in Tokenizer::new(&read(page)?) {
        let Ok(Token::StartTag(tag)) = token else {
            continue;
        };
        for (name, value) in &tag.attributes {
            let Some(name) = name.strip_prefix(LATER) else {
                continue;
            };
            let named = resolve(site, page, &String::from_utf8_lossy(value));
            let name = String::from_utf8_lossy(name).into_owned();
            let loaded = with_all_that_they_load(site, BTreeSet::new(), Vec::from_iter(named))?;
            later.insert(name, loaded);
        }
    }
    Ok(later)
}

fn read(path: &Path) -> Outcome<String> {
    fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|error| Failure::file("read", path, &error))
}

fn with_all_that_they_load(
    site: &Path,
    mut loaded: BTreeSet<PathBuf>,
    mut left: Vec<PathBuf>,
) -> Outcome<BTreeSet<PathBuf>> {
    while let Some(path) = left.pop() {
        if loaded.contains(&path) {
            continue;
        }
        if matches!(part(&path), "styles" | "scripts") {
            let text = read(&path)?;
            left.extend(names_in_code(&text).filter_map(|name| resolve(site, &path, name)));
        }
        loaded.insert(path);
    }
    Ok(loaded)
}

/// What the attributes of a page's tags name, but for links that a person follows, and what is
/// fetched only when somebody asks for it.
fn names_in_tags(html: &str) -> Vec<String> {
    let mut names = Vec::new();
    for token in Tokenizer::new(html) {
        let Ok(Token::StartTag(tag)) = token else {
            continue;
        };
        let name = String::from_utf8_lossy(&tag.name).into_owned();
        if matches!(name.as_str(), "a" | "area" | "form" | "meta") {
            continue;
        }
        for (name, value) in &tag.attributes {
            if !name.starts_with(LATER) {
                names.push(String::from_utf8_lossy(value).into_owned());
            }
        }
    }
    names
}

/// The words of a style or script that may name a file: all between quotes or parentheses.
fn names_in_code(text: &str) -> impl Iterator<Item = &str> {
    text.split(['"', '\'', '`', '(', ')'])
        .filter(|word| word.len() < 200 && !word.contains(char::is_whitespace))
}

/// The file that `name` means in `from`, if it is one that a browser loads for a page.
fn resolve(site: &Path, from: &Path, name: &str) -> Option<PathBuf> {
    let name = name.split(['?', '#']).next()?;
    let (start, name) = match name.strip_prefix('/') {
        Some(rest) => (site, rest),
        None => (from.parent()?, name),
    };
    let mut path = start.to_owned();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let loads = !matches!(part(&path), "pages" | "other")
        && path.extension().is_none_or(|extension| extension != "xml");
    (loads && path.starts_with(site) && path.is_file()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A site of files and their text; returns what its page `lessons/one/index.html` loads.
    fn loads(name: &str, site: &[(&str, &str)]) -> Vec<String> {
        let root = written(name, site);
        let loaded = loaded_by(&root, &root.join("lessons/one/index.html")).unwrap();
        fs::remove_dir_all(&root).unwrap();
        tell(&root, &loaded)
    }

    fn written(name: &str, site: &[(&str, &str)]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("xtask-weight-{name}-{}", std::process::id()));
        for (path, text) in site {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn tell(root: &Path, paths: &BTreeSet<PathBuf>) -> Vec<String> {
        paths
            .iter()
            .map(|path| path.strip_prefix(root).unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn a_page_loads_what_its_tags_name_and_what_these_name_in_turn() {
        let page = r#"<!doctype html><link rel="stylesheet" href="../../style.css?v=1">
            <link rel=alternate href="../../feed.xml"><script type="module" src="../../start.js"></script>
            <div data-module="../../web.wasm"></div><a href="../two/index.html">next</a><a href="../../big.json">data</a>
            <img src="https://example.org/x.png"><!-- <script src="../../never.js"></script> -->"#;
        let site = [
            ("lessons/one/index.html", page),
            ("lessons/two/index.html", ""),
            ("style.css", "@font-face { src: url(fonts/plain.woff2) }"),
            ("fonts/plain.woff2", ""),
            (
                "start.js",
                "const glue = await import('./glue.js'); fetch(\"gone.json\")",
            ),
            (
                "glue.js",
                "import './start.js'; new URL(`worker.js`, import.meta.url)",
            ),
            ("worker.js", ""),
            ("web.wasm", ""),
            ("never.js", ""),
            ("big.json", ""),
            ("feed.xml", ""),
        ];
        let expected = [
            "fonts/plain.woff2",
            "glue.js",
            "lessons/one/index.html",
            "start.js",
            "style.css",
            "web.wasm",
            "worker.js",
        ];
        assert_eq!(loads("page", &site), expected);
    }

    #[test]
    fn what_is_fetched_later_is_told_apart() {
        let page = r#"<script src="../../start.js" data-later-search="../../search.js"></script>"#;
        let site = [
            ("lessons/one/index.html", page),
            ("start.js", ""),
            ("search.js", "import './glue.js'; new URL('search.wasm')"),
            ("glue.js", ""),
            ("search.wasm", ""),
        ];
        assert_eq!(
            loads("later", &site),
            ["lessons/one/index.html", "start.js"]
        );
        let root = written("later-too", &site);
        let later = loaded_later_by(&root, &root.join("lessons/one/index.html")).unwrap();
        assert_eq!(
            tell(&root, &later["search"]),
            ["glue.js", "search.js", "search.wasm"]
        );
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn no_name_leads_out_of_the_site() {
        let site = [(
            "lessons/one/index.html",
            "<script src=../../../../../../../../etc/x.js></script><script src=/../a.js></script>",
        )];
        assert_eq!(loads("outside", &site), ["lessons/one/index.html"]);
    }
}
