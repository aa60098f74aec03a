//! The built site as a value: what holds for every page, and that a mistake stops all of it.

mod colour;
mod found;
mod markup;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use markup::{Tag, tags};
use site::files::Files;
use site::{Request, build};

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of its own for one test, gone when the test is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("site-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for name in ["web", "language"] {
            let module = folder.join("bundle").join(name);
            fs::create_dir_all(&module).unwrap();
            fs::write(
                module.join(format!("{name}.js")),
                "export default () => {};",
            )
            .unwrap();
            fs::write(module.join(format!("{name}_bg.wasm")), b"\0asm\x01\0\0\0").unwrap();
        }
        Scratch(folder)
    }

    fn request(&self) -> Request {
        Request {
            lessons: checkout().join("lessons"),
            bundle: self.0.join("bundle"),
            checkout: checkout(),
            live_reload: false,
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn site(name: &str) -> Files {
    let scratch = Scratch::new(name);
    build(&scratch.request()).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)))
}

fn pages(files: &Files) -> BTreeMap<String, Vec<Tag>> {
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html"));
    let pages: BTreeMap<_, _> = pages
        .map(|(path, bytes)| (path.to_owned(), tags(std::str::from_utf8(bytes).unwrap())))
        .collect();
    assert!(pages.len() >= 3, "{:?}", pages.keys());
    pages
}

/// The path in the site that a relative address on a page means.
fn target(page: &str, address: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    let address = address.split(['#', '?']).next().unwrap();
    for part in address.split('/') {
        match part {
            ".." => assert!(
                parts.pop().is_some(),
                "{page}: {address} leads out of the site"
            ),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The addresses a tag loads from or leads to.
fn addresses(tag: &Tag) -> impl Iterator<Item = &str> {
    [
        "href",
        "src",
        "data-module",
        "data-wasm",
        "data-later-worker",
        "data-later-language",
        "data-later-finder",
        "data-later-found",
        "data-later-preview",
        "data-later-review",
    ]
    .into_iter()
    .filter_map(|name| tag.get(name))
}

#[test]
fn no_page_has_scripts_or_styles_of_its_own() {
    for (page, tags) in pages(&site("inline")) {
        for tag in &tags {
            assert_ne!(tag.name, "style", "{page}");
            assert!(
                tag.get("style").is_none(),
                "{page}: a style attribute at {tag:?}"
            );
            assert!(
                tag.name != "script" || tag.get("src").is_some(),
                "{page}: {tag:?}"
            );
            let handler = tag.attributes.keys().find(|name| name.starts_with("on"));
            assert_eq!(handler, None, "{page}: {tag:?}");
        }
    }
}

#[test]
fn every_page_states_the_policy_before_anything_is_loaded() {
    let files = site("policy");
    for (page, tags) in pages(&files) {
        let stated = tags
            .iter()
            .position(|tag| tag.get("http-equiv") == Some("Content-Security-Policy"));
        let loads = tags
            .iter()
            .position(|tag| matches!(tag.name.as_str(), "link" | "script"));
        assert!(stated.unwrap() < loads.unwrap(), "{page}");
        let policy = tags[stated.unwrap()].get("content").unwrap();
        assert_eq!(policy, site::policy::POLICY, "{page}");
        let headers = String::from_utf8_lossy(files.get("_headers").unwrap());
        assert!(
            headers.contains(policy) && headers.contains("frame-ancestors 'none'"),
            "{headers}"
        );
    }
}

#[test]
fn every_local_address_is_relative_and_there() {
    let files = site("links");
    for (page, tags) in pages(&files) {
        // Its styles are asked for at several depths, of which one is right.
        let is_missing_page = page == "404.html";
        for tag in &tags {
            for address in addresses(tag).filter(|address| !address.starts_with('#')) {
                assert!(
                    !address.starts_with('/') && !address.starts_with("http:"),
                    "{page}: {address}"
                );
                if address.starts_with("https:") {
                    assert_eq!(tag.name, "a", "{page} loads {address}");
                } else if !(is_missing_page && address.starts_with("..")) {
                    let target = target(&page, address);
                    assert!(
                        files.get(&target).is_some(),
                        "{page}: {address} leads to {target}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_lesson_names_the_editor_and_no_page_loads_it() {
    let files = site("editor");
    for (page, tags) in pages(&files) {
        let named: Vec<&str> = tags
            .iter()
            .filter(|tag| tag.name == "meta" && tag.get("name") == Some("editor"))
            .filter_map(|tag| tag.get("content"))
            .collect();
        assert_eq!(
            named.len(),
            usize::from(page.starts_with("lessons/")),
            "{page}"
        );
        for address in named {
            let bundle = files.get(&target(&page, address)).expect("it is there");
            let kept = fs::read(checkout().join("web/editor/editor.bundle.js")).unwrap();
            assert!(bundle == kept, "{page}: {address}");
        }
        for address in tags.iter().flat_map(addresses) {
            assert!(!address.contains("/editor-"), "{page} loads {address}");
        }
    }
}

#[test]
fn ids_are_unique_and_links_into_a_page_find_them() {
    for (page, tags) in pages(&site("ids")) {
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{page}: {ids:?}");
        let named = [
            "href",
            "aria-labelledby",
            "aria-describedby",
            "aria-controls",
            "for",
        ];
        for tag in &tags {
            for value in named.iter().filter_map(|name| tag.get(name)) {
                let id = value
                    .strip_prefix('#')
                    .or((!value.contains(['.', '/', ':'])).then_some(value));
                // A run opens in the player that it names first.
                let id = id.map(|id| match id.strip_prefix("run=") {
                    Some(run) => run.split(';').next().unwrap_or(run),
                    None => id,
                });
                assert!(
                    id.is_none_or(|id| unique.contains(id)),
                    "{page}: {value} at {tag:?}"
                );
            }
        }
    }
}

#[test]
fn every_page_has_one_title_and_the_landmarks() {
    for (page, tags) in pages(&site("landmarks")) {
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        for (name, expected) in [("h1", 1), ("main", 1), ("title", 1), ("footer", 1)] {
            assert_eq!(count(name), expected, "{page}: {name}");
        }
        let has = |name: &str, attribute: &str, value: &str| {
            assert!(
                tags.iter()
                    .any(|tag| tag.name == name && tag.get(attribute) == Some(value)),
                "{page}: {name} {value}"
            );
        };
        has("html", "lang", "en");
        has("a", "class", "skip");
        has("meta", "name", "description");
        has("meta", "property", "og:title");
        has("div", "role", "status");
    }
}

#[test]
fn a_lesson_is_whole_without_scripts() {
    let files = site("static");
    let lesson = String::from_utf8_lossy(files.get("lessons/consumer-groups/index.html").unwrap())
        .into_owned();
    let tags = tags(&lesson);
    assert!(tags.iter().any(|tag| tag.name == "noscript"));
    assert!(
        tags.iter().any(|tag| tag.name == "caption"),
        "the whole trace is a table"
    );
    assert!(
        lesson.contains("kafka-consumer-groups.sh"),
        "the tool's output is there"
    );
    assert!(lesson.contains("After this lesson you can") && lesson.contains("What to take away"));
    // What needs a script cannot be pressed before there is one.
    let buttons = tags
        .iter()
        .filter(|tag| tag.name == "button" && tag.get("class") != Some("theme"));
    for button in buttons {
        assert!(button.get("disabled").is_some(), "{button:?}");
    }
}

#[test]
fn the_page_about_fidelity_tells_the_numbers_of_a_replay() {
    let report = site::fidelity::replay(&checkout()).unwrap();
    let files = site("fidelity");
    let page = String::from_utf8_lossy(files.get(site::fidelity::PATH).unwrap()).into_owned();
    let has = |told: String| assert!(page.contains(&told), "{told} is not in\n{page}");
    let cases = report.passed() + report.failed();
    has(format!("{} of {cases} cases agree", report.passed()));
    let waiting: usize = report.not_yet.iter().map(|one| one.cases).sum();
    has(format!("{waiting} more are not compared yet"));
    let (mut agree, mut wait) = (0, 0);
    for system in conformance::overview::of(&report) {
        for area in &system.modelled {
            let (title, passed, cases) = (&area.title, area.passed, area.cases);
            has(format!(
                "<tr><th scope=\"row\">{title}</th><td>{passed} of {cases}</td></tr>"
            ));
            agree += passed;
        }
        for area in &system.waiting {
            let (title, cases) = (&area.title, area.cases);
            has(format!(
                "<tr><th scope=\"row\">{title}</th><td>{cases}</td></tr>"
            ));
            wait += cases;
        }
        for version in &system.versions {
            has(version.name.clone());
        }
    }
    assert_eq!((agree, wait), (report.passed(), waiting), "the rows add up");
    for (_, failure) in report.failures() {
        has(format!("<code>{}</code>", failure.case));
        if let Some(known) = &failure.known {
            has(known.reason.clone());
        }
    }
}

#[test]
fn every_page_leads_to_the_one_about_fidelity() {
    for (page, tags) in pages(&site("footer")) {
        let leads = tags.iter().any(|tag| {
            tag.name == "a"
                && tag
                    .get("href")
                    .is_some_and(|address| target(&page, address) == site::fidelity::PATH)
        });
        assert!(leads, "{page}");
    }
}

#[test]
fn the_props_of_every_island_can_be_read_back() {
    let mut islands = 0;
    for (page, tags) in pages(&site("props")) {
        for tag in tags.iter().filter(|tag| tag.get("data-island").is_some()) {
            let props = tag.get("data-props").unwrap();
            let again: web::islands::Island =
                serde_json::from_str(props).unwrap_or_else(|error| panic!("{page}: {error}"));
            assert_eq!(serde_json::to_string(&again).unwrap(), props, "{page}");
            assert_eq!(tag.get("data-island"), Some(again.kind()), "{page}");
            islands += 1;
        }
    }
    assert!(islands > 3, "{islands}");
}

#[test]
fn assets_are_named_by_their_content() {
    let assets = |files: &Files| -> BTreeSet<String> {
        files
            .iter()
            .map(|(path, _)| path.to_owned())
            .filter(|path| path.starts_with("assets/"))
            .collect()
    };
    let scratch = Scratch::new("hashes");
    let before = assets(&build(&scratch.request()).unwrap());
    fs::write(
        scratch.0.join("bundle/web/web_bg.wasm"),
        b"\0asm\x01\0\0\0\0",
    )
    .unwrap();
    let after = assets(&build(&scratch.request()).unwrap());
    let changed: Vec<_> = before.symmetric_difference(&after).collect();
    assert!(
        changed.len() == 2 && changed.iter().all(|path| path.ends_with(".wasm")),
        "{changed:?}"
    );
}

#[test]
fn two_builds_are_the_same_to_the_byte() {
    assert_eq!(site("once"), site("again"));
}

#[test]
fn only_a_site_being_edited_reloads_itself() {
    let scratch = Scratch::new("reload");
    let is_reloading = |files: &Files| {
        files
            .iter()
            .any(|(path, _)| path.starts_with("assets/reload-"))
    };
    assert!(!is_reloading(&build(&scratch.request()).unwrap()));
    assert!(is_reloading(
        &build(&Request {
            live_reload: true,
            ..scratch.request()
        })
        .unwrap()
    ));
}

#[test]
fn mistakes_anywhere_are_all_told_and_nothing_is_written() {
    let scratch = Scratch::new("mistakes");
    let lessons = scratch.0.join("lessons");
    for name in ["one", "two"] {
        fs::create_dir_all(lessons.join(name)).unwrap();
        fs::write(lessons.join(name).join("lesson.md"), "no front matter").unwrap();
    }
    fs::remove_file(scratch.0.join("bundle/web/web.js")).unwrap();
    let out = scratch.0.join("out");
    let run = Command::new(env!("CARGO_BIN_EXE_site"))
        .arg("--out")
        .arg(&out)
        .arg("--bundle")
        .arg(scratch.0.join("bundle"))
        .arg("--lessons")
        .arg(&lessons)
        .arg("--checkout")
        .arg(checkout())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{told}");
    for place in ["one/lesson.md", "two/lesson.md", "web.js"] {
        assert!(told.contains(place), "nothing of {place} in:\n{told}");
    }
    assert!(!out.exists());
}

#[test]
fn a_link_that_leads_nowhere_is_told_where_it_was_written() {
    let scratch = Scratch::new("nowhere");
    let lessons = scratch.0.join("lessons/consumer-groups");
    fs::create_dir_all(&lessons).unwrap();
    for entry in fs::read_dir(checkout().join("lessons/consumer-groups")).unwrap() {
        let from = entry.unwrap().path();
        let mut text = fs::read_to_string(&from).unwrap();
        if from.ends_with("lesson.md") {
            text.push_str("\nSee [elsewhere](../elsewhere/).\n");
        }
        fs::write(lessons.join(from.file_name().unwrap()), text).unwrap();
    }
    for shared in ["lessons/primers.json", "lessons/glossary.json"] {
        fs::copy(checkout().join(shared), scratch.0.join(shared)).unwrap();
    }
    let request = Request {
        lessons: scratch.0.join("lessons"),
        ..scratch.request()
    };
    let mistakes = build(&request).unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("../elsewhere/") && mistakes.iter().all(|mistake| mistake.line > 100),
        "{told:?}"
    );
}

#[test]
fn no_file_is_written_outside_the_site() {
    let refused = |path: &str| {
        let path = path.to_owned();
        std::panic::catch_unwind(move || Files::default().add(path, "")).is_err()
    };
    assert!(refused("../up.html") && refused("/etc/hosts") && refused("a//b") && refused(""));
    assert!(!refused("a/b.html"));
}
