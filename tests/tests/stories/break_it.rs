//! Every schedule is tried, and what breaks is shown.

use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde::Deserialize;
use tests::host::Wasm;
use tests::lesson;
use tests::stage::Stage;
use tests::story::{Story, story};
use tests::visitor::{Visitor, reference};

const PANEL: &str = "Every schedule";

/// Starts a search and waits for its end; returns the panel.
async fn break_it(visitor: &Visitor, stage: &Stage) -> Element {
    stage.press("Break it").await;
    ended(visitor, stage).await
}

/// Waits for the end of a search; returns the panel.
async fn ended(visitor: &Visitor, stage: &Stage) -> Element {
    let panel = stage.find("region", PANEL).await;
    visitor.find(Some(&panel), "button", "Search again").await;
    panel
}

/// The first finding that can be shown, and the promise it breaks.
async fn first_finding(visitor: &Visitor, panel: &Element) -> (Element, String) {
    const START: &str = "Show me: ";
    for button in visitor.all_with_role(Some(panel), "button").await {
        let name = button.attr("aria-label").await.expect("it is there");
        if let Some(promise) = name.as_deref().and_then(|name| name.strip_prefix(START)) {
            return (button, promise.to_owned());
        }
    }
    panic!("nothing can be shown of: {}", visitor.text(panel).await);
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_finding_opens_in_the_player_as_a_branch() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let panel = break_it(&visitor, &stage).await;
        let words = visitor.text(&panel).await;
        assert!(words.contains("at most 1 crash"), "{words}");
        assert!(words.contains("broken"), "{words}");
        assert!(words.contains(". After "), "{words}");

        let (show, _) = first_finding(&visitor, &panel).await;
        visitor.press(&show).await;
        let branches = stage.find("group", "Branches").await;
        assert_eq!(
            visitor.all_with_role(Some(&branches), "button").await.len(),
            2
        );
        let places = stage.find("group", "The finding").await;
        let breaks = visitor.find(Some(&places), "button", "it breaks").await;
        assert_eq!(
            breaks.attr("aria-pressed").await.unwrap().as_deref(),
            Some("true")
        );
        let at = stage.sight().await;
        let before = visitor.find(Some(&places), "button", "before").await;
        visitor.press(&before).await;
        stage
            .until("the step before", |sight| {
                sight.past().len() < at.past().len()
            })
            .await;
        let after = visitor.find(Some(&places), "button", "after").await;
        visitor.press(&after).await;
        let end = stage
            .until("the end", |sight| !sight.can_step_forward)
            .await;
        assert!(end.past().len() >= at.past().len());

        // Shown once more, it is the same branch.
        let results = visitor.find(Some(&places), "button", "all results").await;
        visitor.press(&results).await;
        visitor.press(&show).await;
        stage.until("where it breaks", |sight| *sight == at).await;
        assert_eq!(
            visitor.all_with_role(Some(&branches), "button").await.len(),
            2
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn results_stay_with_the_settings_they_are_of() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let panel = break_it(&visitor, &stage).await;
        let old = visitor.text(&panel).await;
        assert!(old.contains("with Guard: off"), "{old}");
        stage.set("Guard", "on").await;
        stage
            .until("a notice", |sight| {
                let says = |said: &String| said.contains("other settings (Guard: off");
                sight.alerts.iter().any(says)
            })
            .await;
        let panels: u32 = visitor
            .read("return document.querySelectorAll('.search').length", vec![])
            .await;
        assert_eq!(panels, 0, "the old results are still shown");
        // One press searches with what is set now.
        let panel = break_it(&visitor, &stage).await;
        let fresh = visitor.text(&panel).await;
        assert!(fresh.contains("with Guard: on"), "{fresh}");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_search_is_done_without_a_mouse() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.find("slider", "Time").await.click().await.unwrap();
        visitor.keys(['b']).await;
        let panel = ended(&visitor, &stage).await;
        let (_, promise) = first_finding(&visitor, &panel).await;
        let wanted = format!("Show me: {promise}");
        for _ in 0..40 {
            if visitor.focus().await.name == wanted {
                break;
            }
            visitor.keys([Key::Tab.into()]).await;
        }
        let focus = visitor.focus_seen().await;
        assert_eq!(focus.name, wanted);
        visitor.keys([Key::Enter.into()]).await;
        // The focus goes where the eye does: to the place that is shown.
        stage.find("group", "The finding").await;
        visitor
            .until("the focus at what is shown", async || {
                (visitor.focus().await.name == "it breaks").then_some(())
            })
            .await;
        visitor.keys(['?']).await;
        stage
            .until("the list of keys", |sight| {
                sight.text.contains("break it: try every schedule")
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_search_can_be_cancelled_and_begun_again() {
    Story::with_wasm(Wasm::WorkerHeld).tell(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.press("Break it").await;
        stage.press("Cancel").await;
        let panel = ended(&visitor, &stage).await;
        let words = visitor.text(&panel).await;
        assert!(words.contains("Cancelled"), "{words}");
        host.release();
        let again = visitor.find(Some(&panel), "button", "Search again").await;
        visitor.press(&again).await;
        visitor
            .until("a verdict", async || {
                let words = visitor.text(&panel).await;
                words.contains(". After ").then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_search_that_cannot_be_loaded_says_so_and_the_player_goes_on() {
    Story::with_wasm(Wasm::WorkerLost).tell(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let panel = break_it(&visitor, &stage).await;
        let words = visitor.text(&panel).await;
        assert!(words.contains("could not be loaded"), "{words}");
        stage.forward().await;
    });
}

/// The worker is handed the page's module: a host that has lost it meanwhile is no trouble.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_search_fetches_no_module() {
    Story::with_wasm(Wasm::Once).expecting("404").tell(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let panel = break_it(&visitor, &stage).await;
        let words = visitor.text(&panel).await;
        assert!(words.contains(". After "), "{words}");
        // That the module would not have come again.
        const AGAIN: &str = "
            const [address] = performance.getEntriesByType('resource').filter((it) => it.name.endsWith('.wasm'));
            fetch(address.name).then((answer) => arguments[0](answer.status));";
        assert_eq!(visitor.read_later::<u16>(AGAIN, vec![]).await, 404);
    });
}

/// The page asks for the search when somebody does, and hears every key at once meanwhile.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_page_answers_while_every_schedule_is_tried() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        const FETCHED: &str = "return performance.getEntriesByType('resource').some((it) => it.name.includes('worker-'))";
        assert!(!visitor.read::<bool>(FETCHED, vec![]).await);
        // What the page's own thread hears of the search, and how often it had a turn meanwhile.
        const WATCH: &str = "
            const [stage, done] = arguments;
            const button = (name) => [...stage.querySelectorAll('button')].find((it) => it.innerText === name);
            const seen = { workers: 0, messages: 0, turns: 0 };
            const Made = window.Worker;
            window.Worker = class extends Made {
                constructor(...given) {
                    super(...given);
                    seen.workers += 1;
                    this.addEventListener('message', () => seen.messages += 1);
                }
            };
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
                if (button('Search again')) done(seen);
                else {
                    seen.turns += 1;
                    channel.port2.postMessage(null);
                }
            };
            button('Break it').click();
            channel.port2.postMessage(null);";
        let seen: Seen = visitor
            .read_later(WATCH, vec![reference(&stage.element)])
            .await;
        assert_eq!(seen.workers, 1, "{seen:?}");
        assert!(
            seen.messages > 0,
            "the verdict comes from the worker: {seen:?}"
        );
        // A page that searched itself would have had no turn between the press and the verdict.
        assert!(seen.turns > 10, "{seen:?}");
    });
}

/// What the page's thread saw of a search.
#[derive(Debug, Deserialize)]
struct Seen {
    workers: u32,
    messages: u32,
    turns: u32,
}
