//! The glossary's page, the links to it, and what the search finds.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use site::files::Files;

use crate::markup::Tag;
use crate::{pages, target};

static SITE: LazyLock<Files> = LazyLock::new(|| crate::site("found"));

/// What a lesson's terms lead to.
fn terms(tags: &[Tag]) -> Vec<&str> {
    let links = tags.iter().filter(|tag| tag.get("class") == Some("term"));
    links.filter_map(|tag| tag.get("href")).collect()
}

#[test]
fn every_term_of_a_lesson_leads_to_its_place_in_the_glossary() {
    let pages = pages(&SITE);
    let entries: BTreeSet<&str> = pages[site::glossary::PATH]
        .iter()
        .filter(|tag| tag.get("class") == Some("entry"))
        .filter_map(|tag| tag.get("id"))
        .collect();
    assert!(entries.len() >= 120, "{}", entries.len());
    for (page, tags) in pages
        .iter()
        .filter(|(page, _)| page.starts_with("lessons/"))
    {
        let linked = terms(tags);
        assert!(linked.len() > 10, "{page}: {linked:?}");
        for address in linked {
            assert_eq!(target(page, address), site::glossary::PATH, "{page}");
            let (_, term) = address.split_once('#').expect("it names a term");
            assert!(entries.contains(term), "{page}: {term}");
        }
    }
}

#[test]
fn a_term_leads_back_to_the_lessons_that_use_it() {
    let pages = pages(&SITE);
    let glossary = &pages[site::glossary::PATH];
    let mut sections = 0;
    for address in glossary.iter().filter_map(|tag| tag.get("href")) {
        let Some((_, section)) = address
            .split_once('#')
            .filter(|(path, _)| path.contains("lessons/"))
        else {
            continue;
        };
        let lesson = &pages[&target(site::glossary::PATH, address)];
        assert!(
            lesson.iter().any(|tag| tag.get("id") == Some(section)),
            "{address}"
        );
        sections += 1;
    }
    assert!(sections > 50, "{sections}");
}

#[test]
fn what_can_be_found_is_there() {
    let pages = pages(&SITE);
    let (_, found) = SITE
        .iter()
        .find(|(path, _)| path.starts_with("assets/found-"))
        .expect("the index is there");
    let rows: Vec<[String; 5]> = serde_json::from_slice(found).expect("it is rows of texts");
    let mut addresses = BTreeSet::new();
    for [kind, address, title, _, text] in &rows {
        assert!(addresses.insert(address), "{address} is there twice");
        assert!(!title.is_empty(), "{address}");
        assert!(!text.contains("</") && !text.contains("&lt;"), "{text}");
        let page = &pages[&target("index.html", address)];
        if let Some((_, id)) = address.split_once('#') {
            let is_there = page.iter().any(|tag| tag.get("id") == Some(id));
            assert!(is_there, "{address} of {kind}");
        }
    }
    for (kind, least) in [("lesson", 60), ("term", 120), ("scene", 20), ("rule", 100)] {
        let count = rows.iter().filter(|[one, ..]| one == kind).count();
        assert!(count >= least, "{kind}: {count}");
    }
}

#[test]
fn no_page_loads_what_has_to_be_asked_for() {
    for (page, tags) in pages(&SITE) {
        for name in ["src", "href"] {
            let loaded = tags.iter().filter(|tag| tag.name != "a");
            for address in loaded.filter_map(|tag| tag.get(name)) {
                for later in ["/finder-", "/found-", "/preview-"] {
                    assert!(!address.contains(later), "{page} loads {address}");
                }
            }
        }
        let is_lesson = page.starts_with("lessons/");
        let has_preview = tags
            .iter()
            .any(|tag| tag.get("data-later-preview").is_some());
        assert_eq!(has_preview, is_lesson, "{page}");
    }
}
