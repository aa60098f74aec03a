//! A browser without scripts: everything can be read.

use tests::host::Host;
use tests::lesson::{LESSON, SCENE};
use tests::story::story;
use tests::visitor::{Visitor, reference};

/// Opens a page in a browser that runs no scripts of pages.
async fn open_still(visitor: &Visitor, host: &Host, path: &str) {
    let off = serde_json::json!({ "value": true });
    visitor
        .chromium("Emulation.setScriptExecutionDisabled", off)
        .await;
    visitor.open(&host.address(path)).await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn without_scripts_prose_first_picture_and_the_whole_trace_can_be_read() {
    story(async |visitor, host| {
        open_still(&visitor, &host, LESSON).await;
        let text = visitor.page_text().await;
        for words in [
            "Scripts are off",
            "Four customers have ordered.",
            "Every consumer runs the same loop.",
            "A strong answer:",
            "CURRENT-OFFSET",
        ] {
            assert!(text.contains(words), "the page does not show: {words}");
        }
        let scene = visitor.find(None, "region", SCENE).await;
        let frame = visitor.text(&scene).await;
        for words in ["ord_10", "waiting", "email-1", "4 records wait in orders."] {
            assert!(
                frame.contains(words),
                "the first picture does not show: {words}"
            );
        }
        let trace = visitor.find(Some(&scene), "table", "Trace").await;
        let rows = visitor.text(&trace).await;
        for words in [
            "starts",
            "mail for ord_10",
            "commits 2",
            "crashes",
            "second mail for ord_13",
            "commits 4",
        ] {
            assert!(rows.contains(words), "the trace does not show: {words}");
        }
        // Nothing is left for later: no outline, and the answers of tasks can be unfolded.
        assert!(!rows.contains("more step"), "{rows}");
        let answer = visitor.find(None, "form", "Your answer: lose two").await;
        visitor
            .read::<()>(
                "arguments[0].querySelector('summary').click(); return null",
                vec![reference(&answer)],
            )
            .await;
        let told = visitor.text(&answer).await;
        assert!(
            told.contains("ord_12, ord_13. They were committed"),
            "{told}"
        );
        assert!(text.contains("New to Kafka? Six words first"), "{text}");
        // What is folded unfolds without scripts.
        let primer = "const primer = document.querySelector('[data-primer] summary, details.primer summary'); primer.click(); return primer.parentElement.innerText";
        let primer: String = visitor.read(primer, vec![]).await;
        assert!(
            primer.contains("The number of a record in its partition"),
            "{primer}"
        );
        // What is cut off can be reached by scrolling without scripts, or is not cut off.
        let is_reachable: bool = visitor
            .read(
                "const box = [...document.querySelectorAll('table')].find((it) => it.caption?.innerText === 'Trace').parentElement;
                 const style = getComputedStyle(box);
                 return box.scrollHeight <= box.clientHeight + 1 || ['auto', 'scroll'].includes(style.overflowY);",
                vec![],
            )
            .await;
        assert!(is_reachable, "rows of the trace are cut off");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn without_scripts_nothing_pretends_to_work() {
    story(async |visitor, host| {
        open_still(&visitor, &host, LESSON).await;
        let scene = visitor.find(None, "region", SCENE).await;
        for button in visitor.all_with_role(Some(&scene), "button").await {
            assert!(
                !button.is_enabled().await.expect("it is there"),
                "{}",
                visitor.text(&button).await
            );
        }
        for check in visitor.all(None, "button", "Check answers").await {
            assert!(!check.is_enabled().await.expect("it is there"));
        }
        open_still(&visitor, &host, "").await;
        let lesson = visitor
            .find(None, "link", crate::newcomer::INVITATION)
            .await;
        visitor.press(&lesson).await;
        visitor
            .find(None, "heading", "Consumer groups and offsets")
            .await;
    });
}
