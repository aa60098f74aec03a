//! Somebody who looks for something.

use fantoccini::key::Key;
use tests::axe;
use tests::lesson::LESSON;
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// The titles of what is found, with their groups, once something is.
async fn found(visitor: &Visitor, what: &str) -> Vec<String> {
    const FOUND: &str = "
        return [...document.querySelectorAll('.finder-results section')].flatMap((group) => {
            const kind = group.querySelector('h2').firstChild.data;
            return [...group.querySelectorAll('.finder-title')].map((title) => `${kind}: ${title.textContent}`);
        });";
    visitor
        .until(what, async || {
            let found: Vec<String> = visitor.read(FOUND, vec![]).await;
            found.iter().any(|one| one == what).then_some(found)
        })
        .await
}

async fn type_words(visitor: &Visitor, words: &str) {
    const CLEAR: &str = "document.querySelector('.finder-input').select(); return null";
    visitor.read::<()>(CLEAR, vec![]).await;
    visitor.keys(words.chars()).await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_slash_opens_the_search_which_forgives_a_slip_and_leads_there() {
    story(async |visitor, host| {
        visitor.open(&host.address(LESSON)).await;
        visitor.find(None, "button", "Search").await;
        visitor.keys(['/']).await;
        visitor.find(None, "dialog", "Search").await;
        type_words(&visitor, "viisbility timout").await;
        let terms = found(&visitor, "Terms: visibility time-out").await;
        assert!(
            terms.iter().any(|one| one.starts_with("Lessons: ")),
            "{terms:?}"
        );
        // The beginning of a word is enough.
        type_words(&visitor, "heartb").await;
        found(&visitor, "Terms: heartbeat").await;
        // Rules and scenes are found, too.
        type_words(&visitor, "three photos damaged").await;
        found(&visitor, "Scenes: Three photos, one damaged").await;
        type_words(&visitor, "murmur2").await;
        found(&visitor, "Terms: partitioner").await;
        let marked: usize = visitor
            .read(
                "return document.querySelectorAll('.finder-results mark').length",
                vec![],
            )
            .await;
        assert!(marked > 0);
        axe::check(&visitor, "results of a search").await;

        // Nothing of it opens a second one, and Esc gives the page back.
        visitor.keys(['/']).await;
        visitor.keys([Key::Escape.into()]).await;
        visitor
            .until("no dialog", async || {
                let open = visitor.all(None, "dialog", "Search").await;
                open.is_empty().then_some(())
            })
            .await;

        visitor.keys(['/']).await;
        type_words(&visitor, "vanishes poison").await;
        type_words(&visitor, "herd").await;
        found(&visitor, "Terms: thundering herd").await;
        visitor.keys([Key::Down.into()]).await;
        assert_eq!(visitor.focus_seen().await.tag, "a");
        visitor.keys([Key::Up.into()]).await;
        assert_eq!(visitor.focus().await.tag, "input");
        visitor.keys([Key::Enter.into()]).await;
        let address = visitor
            .until("another page", async || {
                let address = visitor.address().await;
                address.contains("#thundering-herd").then_some(address)
            })
            .await;
        assert!(
            address.ends_with("glossary/index.html#thundering-herd"),
            "{address}"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_button_opens_the_search_on_a_phone_in_the_dark() {
    story(async |visitor, host| {
        visitor.take_screen(390, 844).await;
        visitor.prefer("prefers-color-scheme", "dark").await;
        visitor.open(&host.address("")).await;
        let button = visitor.find(None, "button", "Search").await;
        visitor.press(&button).await;
        type_words(&visitor, "redrive").await;
        found(&visitor, "Terms: redrive").await;
        axe::check(&visitor, "a search on a phone in the dark").await;
        let wider: bool = visitor
            .read(
                "return document.querySelector('.finder').scrollWidth > innerWidth",
                vec![],
            )
            .await;
        assert!(!wider);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_question_mark_lists_the_keys() {
    story(async |visitor, host| {
        visitor.open(&host.address("glossary/")).await;
        visitor.find(None, "button", "Search").await;
        visitor.keys(['?']).await;
        let keys = visitor.find(None, "dialog", "Keys").await;
        let told = visitor.text(&keys).await;
        assert!(
            told.contains("search lessons, terms, rules and scenes"),
            "{told}"
        );
        axe::check(&visitor, "the keys").await;
        visitor.keys([Key::Escape.into()]).await;
        visitor
            .until("no dialog", async || {
                visitor
                    .all(None, "dialog", "Keys")
                    .await
                    .is_empty()
                    .then_some(())
            })
            .await;
        // Who writes means the letter.
        let field = visitor.find(None, "searchbox", "Narrow down").await;
        visitor.press(&field).await;
        visitor.keys(['/', '?']).await;
        let written: String = visitor
            .read(
                "return document.querySelector('.glossary-filter input').value",
                vec![],
            )
            .await;
        assert_eq!(written, "/?");
        assert!(visitor.all(None, "dialog", "Search").await.is_empty());
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_search_asks_for_nothing_but_its_index() {
    Story::with_requests_noted().tell(async |visitor, host| {
        visitor.open(&host.address("glossary/")).await;
        visitor.find(None, "button", "Search").await;
        visitor.requests().await;
        visitor.keys(['/']).await;
        type_words(&visitor, "poison").await;
        found(&visitor, "Terms: poison message").await;
        let asked = visitor.requests().await;
        let names = asked
            .iter()
            .map(|address| address.rsplit('/').next().unwrap_or_default());
        let names: Vec<&str> = names
            .map(|name| name.split('-').next().unwrap_or_default())
            .collect();
        assert_eq!(names, ["finder", "found"], "{asked:?}");
    });
}
