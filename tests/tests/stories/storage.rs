//! What the browser keeps for the site: shared by all tabs, and at times no progress at all.

use serde_json::json;
use tests::host::{Host, Wasm};
use tests::lesson;
use tests::stage::Stage;
use tests::story::{Story, story};
use tests::visitor::{Visitor, reference};

/// Where progress is kept.
const KEY: &str = "at-least-once.progress";
/// Where the first progress goes that was set aside.
const ASIDE: &str = "at-least-once.progress.aside.1";
/// The exercise that is answered with code.
const EXERCISE: &str = "Write the guarded handler";

/// What is kept under a name; empty where nothing is.
async fn kept(visitor: &Visitor, name: &str) -> String {
    const KEPT: &str = "return localStorage.getItem(arguments[0]) ?? ''";
    visitor.read(KEPT, vec![name.into()]).await
}

async fn keep(visitor: &Visitor, text: &str) {
    const KEEP: &str = "localStorage.setItem(arguments[0], arguments[1]); return null";
    visitor
        .read::<()>(KEEP, vec![KEY.into(), text.into()])
        .await;
}

async fn until_kept(visitor: &Visitor, words: &str) {
    visitor
        .until(words, async || {
            kept(visitor, KEY).await.contains(words).then_some(())
        })
        .await;
}

async fn until_said(visitor: &Visitor, words: &str) {
    visitor
        .until(words, async || {
            visitor.page_text().await.contains(words).then_some(())
        })
        .await;
}

async fn press(visitor: &Visitor, name: &str) {
    let button = visitor.find(None, "button", name).await;
    visitor.press(&button).await;
}

/// Writes at the beginning of the code of the exercise.
async fn write_code(visitor: &Visitor, words: &str) {
    let exercise = visitor.find(None, "region", EXERCISE).await;
    visitor.come_to(&exercise).await;
    let area = visitor.find(Some(&exercise), "textbox", "Your code").await;
    visitor
        .until("code that can be changed", async || {
            area.is_enabled().await.ok()?.then_some(())
        })
        .await;
    visitor.press(&area).await;
    const EDITOR: &str = "return Boolean(arguments[0].querySelector('.code-editor'))";
    visitor
        .until("an editor", async || {
            let here = visitor.read::<bool>(EDITOR, vec![reference(&exercise)]);
            here.await.then_some(())
        })
        .await;
    visitor.keys(words.chars()).await;
    until_kept(visitor, words).await;
}

/// Does the first task of the lesson, which is then to be kept.
async fn do_the_first_task(visitor: &Visitor, stage: &Stage) {
    stage
        .forward_until("the second mail for ord_12", |sight| {
            sight.count("second mail for ord_12") == 1
        })
        .await;
    lesson::answer(visitor, "second mail", "2").await;
}

/// Until the page shows that a task is done: from then on it has tried to keep it.
async fn until_done(visitor: &Visitor) {
    const DONE: &str = "
        return [...document.querySelectorAll('[role=img]')].some((box) => box.ariaLabel === 'Done')";
    visitor
        .until("a task that is done", async || {
            visitor.read::<bool>(DONE, vec![]).await.then_some(())
        })
        .await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_is_typed_in_another_tab_is_kept() {
    story(async |visitor, host| {
        let first = visitor.tab().await;
        let stage = lesson::open(&visitor, &host).await;
        let second = visitor.open_tab().await;
        lesson::open(&visitor, &host).await;
        write_code(&visitor, "typed_in_the_second").await;

        // What the first tab does later knows nothing of it.
        visitor.look_at(&first).await;
        do_the_first_task(&visitor, &stage).await;
        until_kept(&visitor, "second-mail").await;
        let text = kept(&visitor, KEY).await;
        assert!(text.contains("typed_in_the_second"), "{text}");

        // Both have written to one exercise: one answer stands, the other beside it.
        write_code(&visitor, "typed_in_the_first").await;
        let text = kept(&visitor, KEY).await;
        assert!(text.contains("typed_in_the_second"), "{text}");
        assert!(text.contains("second-mail"), "{text}");

        visitor.look_at(&second).await;
        visitor.reload().await;
        lesson::first_player(&visitor).await;
        until_done(&visitor).await;
        let text = kept(&visitor, KEY).await;
        assert!(text.contains("typed_in_the_first"), "{text}");
        assert!(text.contains("typed_in_the_second"), "{text}");
    });
}

/// While a page is open, another tab keeps what the page cannot read: it is left as it is.
async fn check_not_overwritten(visitor: &Visitor, host: &Host, foreign: &str, words: &str) {
    let first = visitor.tab().await;
    let stage = lesson::open(visitor, host).await;
    visitor.open_tab().await;
    visitor.open(&host.address("fidelity/")).await;
    keep(visitor, foreign).await;
    visitor.look_at(&first).await;
    until_said(visitor, words).await;
    do_the_first_task(visitor, &stage).await;
    until_done(visitor).await;
    assert_eq!(kept(visitor, KEY).await, foreign);

    // Set aside it is still there, and the next visit is kept.
    press(visitor, "Set it aside").await;
    until_said(visitor, "The progress is set aside in this browser.").await;
    assert_eq!(kept(visitor, ASIDE).await, foreign);
    press(visitor, "Reload").await;
    let stage = lesson::first_player(visitor).await;
    assert!(!visitor.page_text().await.contains(words));
    do_the_first_task(visitor, &stage).await;
    until_kept(visitor, "second-mail").await;
    assert_eq!(kept(visitor, ASIDE).await, foreign);
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn progress_of_a_newer_page_is_not_overwritten() {
    story(async |visitor, host| {
        let newer = "{\"version\": 2, \"lessons\": [\"another form\"]}";
        check_not_overwritten(&visitor, &host, newer, "was written by a newer page").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn garbage_is_not_overwritten() {
    story(async |visitor, host| {
        let words = "cannot be read by this page";
        check_not_overwritten(&visitor, &host, "no progress", words).await;
    });
}

/// Nobody says that it was written: the page looks again before it writes.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_is_stored_is_read_again_before_it_is_overwritten() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        // Of this version, and of a shape that only the module knows.
        let foreign = "{\"version\": 1, \"lessons\": {\"a\": {\"tasks\": 3}}}";
        keep(&visitor, foreign).await;
        do_the_first_task(&visitor, &stage).await;
        until_said(&visitor, "cannot be read by this page").await;
        until_done(&visitor).await;
        assert_eq!(kept(&visitor, KEY).await, foreign);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_cannot_be_used_can_be_set_aside_without_the_module() {
    Story::with_wasm(Wasm::Lost)
        .expecting("wasm")
        .tell(async |visitor, host| {
            let folder =
                std::env::temp_dir().join(format!("at-least-once-storage-{}", std::process::id()));
            std::fs::create_dir_all(&folder).expect("there is room for a file");
            let downloads = json!({ "behavior": "allow", "downloadPath": folder });
            visitor
                .chromium("Browser.setDownloadBehavior", downloads)
                .await;
            visitor.open(&host.address("")).await;
            let foreign = "[\"no progress\"]";
            keep(&visitor, foreign).await;
            visitor.reload().await;
            until_said(&visitor, "cannot be read by this page").await;

            press(&visitor, "Save as a file").await;
            let file = folder.join("at-least-once-progress-set-aside.json");
            let saved = visitor
                .until("the file", async || {
                    std::fs::read_to_string(&file)
                        .ok()
                        .filter(|text| !text.is_empty())
                })
                .await;
            assert_eq!(saved, foreign);
            std::fs::remove_dir_all(&folder).expect("the folder was ours");

            // What was set aside before stays too.
            press(&visitor, "Set it aside").await;
            until_said(&visitor, "The progress is set aside in this browser.").await;
            assert_eq!(kept(&visitor, KEY).await, "");
            assert_eq!(kept(&visitor, ASIDE).await, foreign);
            keep(&visitor, "again").await;
            visitor.reload().await;
            press(&visitor, "Set it aside").await;
            until_said(&visitor, "The progress is set aside in this browser.").await;
            assert_eq!(kept(&visitor, ASIDE).await, foreign);
            let second = ASIDE.replace(".1", ".2");
            assert_eq!(kept(&visitor, &second).await, "again");
        });
}

/// What the page's own script takes for progress may still stop the module at each visit.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_page_that_stops_offers_to_set_the_progress_aside() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        do_the_first_task(&visitor, &stage).await;
        until_kept(&visitor, "second-mail").await;
        let before = kept(&visitor, KEY).await;
        const STOP: &str = "document.dispatchEvent(new CustomEvent('engine-trap')); return null";
        visitor.read::<()>(STOP, vec![]).await;
        until_said(&visitor, "If the page stops at each visit").await;
        press(&visitor, "Set it aside").await;
        until_said(&visitor, "The progress is set aside in this browser.").await;
        assert_eq!(kept(&visitor, ASIDE).await, before);
        press(&visitor, "Reload").await;
        lesson::first_player(&visitor).await;
    });
}
