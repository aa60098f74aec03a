//! Words that somebody does not know.

use fantoccini::key::Key;
use serde_json::json;
use tests::lesson::LESSON;
use tests::story::{Story, story};
use tests::visitor::{Visitor, reference};
use tests::{axe, host::Host};

/// What is shown beside a term, once it is.
async fn preview(visitor: &Visitor) -> String {
    const SHOWN: &str = "
        const [box] = document.querySelectorAll('.preview:popover-open');
        return box ? box.innerText : null;";
    visitor
        .until("what the term means", async || {
            visitor.read::<Option<String>>(SHOWN, vec![]).await
        })
        .await
}

async fn until_no_preview(visitor: &Visitor) {
    visitor
        .until("no preview", async || {
            let shown = "return document.querySelectorAll('.preview:popover-open').length";
            (visitor.read::<usize>(shown, vec![]).await == 0).then_some(())
        })
        .await;
}

/// Where everything on the page is, to see whether something has moved.
async fn height(visitor: &Visitor) -> f64 {
    let height = "return document.querySelector('article').getBoundingClientRect().height";
    visitor.read(height, vec![]).await
}

async fn open(visitor: &Visitor, host: &Host) -> fantoccini::elements::Element {
    visitor.open(&host.address(LESSON)).await;
    visitor.find(None, "link", "committed offset").await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_term_says_what_it_means_to_somebody_without_a_mouse() {
    story(async |visitor, host| {
        let term = open(&visitor, &host).await;
        let before = height(&visitor).await;
        // The keyboard stands before the term, and goes on to it.
        const BEFORE: &str = "
            const all = [...document.querySelectorAll('main :is(a[href], button:enabled, input:enabled, select:enabled, summary, [tabindex=\"0\"])')].filter((it) => it.checkVisibility());
            all[all.indexOf(arguments[0]) - 1].focus();
            return null;";
        visitor.read::<()>(BEFORE, vec![reference(&term)]).await;
        // Buttons of parts that come alive meanwhile may lie between.
        let mut name = String::new();
        for _ in 0..30 {
            visitor.keys([Key::Tab.into()]).await;
            name = visitor.focus_seen().await.name;
            if name == "committed offset" {
                break;
            }
        }
        assert_eq!(name, "committed offset");
        let shown = preview(&visitor).await;
        assert!(
            shown.contains("committed offset") && shown.contains("next one to read"),
            "{shown}"
        );
        let described = "return document.getElementById(arguments[0].getAttribute('aria-describedby')).innerText";
        let heard: String = visitor.read(described, vec![reference(&term)]).await;
        assert!(heard.contains("next one to read"), "{heard}");
        assert!(
            (height(&visitor).await - before).abs() < 0.5,
            "it moves the page"
        );
        visitor.keys([Key::Escape.into()]).await;
        until_no_preview(&visitor).await;
        // The focus has stayed, and Enter follows the link.
        visitor.keys([Key::Enter.into()]).await;
        visitor.find(None, "heading", "Glossary").await;
        let address = visitor.address().await;
        assert!(
            address.ends_with("glossary/index.html#committed-offset"),
            "{address}"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_tap_shows_what_a_term_means_and_another_beside_it_closes_it() {
    story(async |visitor, host| {
        visitor.take_screen(390, 844).await;
        let touch = json!({ "enabled": true, "maxTouchPoints": 1 });
        visitor
            .chromium("Emulation.setTouchEmulationEnabled", touch)
            .await;
        let term = open(&visitor, &host).await;
        let tap = async |x: f64, y: f64| {
            let points = json!([{ "x": x, "y": y }]);
            let start = json!({ "type": "touchStart", "touchPoints": points });
            visitor.chromium("Input.dispatchTouchEvent", start).await;
            let end = json!({ "type": "touchEnd", "touchPoints": [] });
            visitor.chromium("Input.dispatchTouchEvent", end).await;
        };
        const MIDDLE: &str = "
            arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' });
            const [line] = arguments[0].getClientRects();
            return [line.left + line.width / 2, line.top + line.height / 2];";
        let (x, y): (f64, f64) = visitor.read(MIDDLE, vec![reference(&term)]).await;
        tap(x, y).await;
        let shown = preview(&visitor).await;
        assert!(
            shown.contains("next one to read") && shown.contains("In the glossary"),
            "{shown}"
        );
        assert!(
            visitor.address().await.ends_with(LESSON),
            "it has stayed on the page"
        );
        const INSIDE: &str = "
            const box = document.querySelector('.preview').getBoundingClientRect();
            return box.left >= 0 && box.right <= document.documentElement.clientWidth && box.top >= 0 && box.bottom <= innerHeight;";
        assert!(
            visitor.read::<bool>(INSIDE, vec![]).await,
            "it is on the screen"
        );
        axe::check(&visitor, "a preview on a phone").await;
        tap(4.0, 4.0).await;
        until_no_preview(&visitor).await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_glossary_can_be_narrowed_down_and_leads_to_the_lessons() {
    story(async |visitor, host| {
        for colours in ["light", "dark"] {
            visitor.prefer("prefers-color-scheme", colours).await;
            visitor.open(&host.address("glossary/")).await;
            axe::check(&visitor, &format!("the glossary, {colours}")).await;
        }
        let field = visitor.find(None, "searchbox", "Narrow down").await;
        visitor.press(&field).await;
        visitor.keys("dead letter t".chars()).await;
        let names = "return [...document.querySelectorAll('.entry dt')].filter((it) => it.checkVisibility()).map((it) => it.textContent)";
        let narrowed = visitor
            .until("few terms", async || {
                let names: Vec<String> = visitor.read(names, vec![]).await;
                (names.len() < 5).then_some(names)
            })
            .await;
        // Found by what Google Pub/Sub calls it.
        assert!(
            narrowed.contains(&"dead-letter queue".to_owned()),
            "{narrowed:?}"
        );
        let lesson = visitor
            .find(None, "link", "Lesson 4, Retry, poison, dead letters")
            .await;
        visitor.press(&lesson).await;
        visitor.find(None, "heading", "Two kinds of failure").await;
    });
}

/// A lesson that nobody asks for a term loads neither the glossary nor the search.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_nobody_asks_for_is_not_loaded() {
    Story::with_requests_noted().tell(async |visitor, host| {
        let term = open(&visitor, &host).await;
        let asked = visitor.requests().await;
        assert!(
            asked.iter().any(|address| address.contains("/assets/ask-")),
            "{asked:?}"
        );
        for name in ["preview-", "finder-", "found-", "glossary/"] {
            assert!(
                !asked.iter().any(|address| address.contains(name)),
                "{name}: {asked:?}"
            );
        }
        const FOCUS: &str = "arguments[0].focus({ focusVisible: true }); return null";
        visitor.read::<()>(FOCUS, vec![reference(&term)]).await;
        preview(&visitor).await;
        let asked = visitor.requests().await;
        for name in ["preview-", "glossary/"] {
            assert!(
                asked.iter().any(|address| address.contains(name)),
                "{name}: {asked:?}"
            );
        }
        assert!(
            !asked.iter().any(|address| address.contains("found-")),
            "{asked:?}"
        );
    });
}
