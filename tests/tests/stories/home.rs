//! The first page: a crash at each place of a worker's loop, and the map of the course.

use tests::lesson;
use tests::story::story;
use tests::visitor::Visitor;

/// What can be seen of the order of work and commit that is chosen: the sentence, and the table of places.
async fn seen(visitor: &Visitor) -> (String, Vec<String>, String) {
    const SEEN: &str = "
        const turn = [...document.querySelectorAll('.turn')].find((one) => one.checkVisibility());
        const says = [...turn.querySelectorAll('.comes-to')].filter((one) => one.checkVisibility());
        const rows = [...turn.querySelectorAll('.tried tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText).join(' '));
        const sum = [turn.querySelector('.sum-up')].filter((one) => one.checkVisibility());
        return [says.map((one) => one.innerText).join('|'), rows, sum.map((one) => one.innerText).join('')];";
    visitor.read(SEEN, vec![]).await
}

async fn crash_after(visitor: &Visitor, place: &str) -> String {
    let station = visitor.find(None, "radio", place).await;
    visitor.press(&station).await;
    seen(visitor).await.0
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_crash_can_be_moved_through_the_loop_and_shows_what_it_comes_to() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        let (says, rows, sum) = seen(&visitor).await;
        assert!(says.starts_with("ord_12 is mailed twice."), "{says}");
        assert_eq!(rows[1], "ord_12’s mail ord_12 nobody");
        assert!(
            !rows[0].contains("nobody") && sum.is_empty(),
            "what was not tried is told: {rows:?} {sum}"
        );
        let well = "Every customer gets one mail.";
        assert!(crash_after(&visitor, "the poll").await.starts_with(well));
        assert!(crash_after(&visitor, "the commit").await.starts_with(well));
        let both = crash_after(&visitor, "ord_13’s mail").await;
        assert!(
            both.starts_with("ord_12 and ord_13 are mailed twice."),
            "{both}"
        );
        let (_, _, sum) = seen(&visitor).await;
        assert!(sum.ends_with("that is at least once."), "{sum}");

        let before = visitor.find(None, "radio", "Commit before the mails").await;
        visitor.press(&before).await;
        // The places of one order are a group of the keyboard: the arrows move the crash.
        let lost = crash_after(&visitor, "the commit").await;
        assert!(
            lost.starts_with("ord_12 and ord_13 are never mailed."),
            "{lost}"
        );
        const RIGHT: char = '\u{e014}';
        visitor.keys([RIGHT]).await;
        let (lost, _, _) = seen(&visitor).await;
        assert!(lost.starts_with("ord_13 is never mailed."), "{lost}");
        visitor.keys([RIGHT, RIGHT]).await;
        let (says, _, sum) = seen(&visitor).await;
        assert!(says.starts_with(well), "{says}");
        assert!(sum.ends_with("that is at most once."), "{sum}");
    });
}

/// The slot of the eighth lesson on the map.
async fn slot(visitor: &Visitor) -> (String, String) {
    const SLOT: &str = "
        const link = document.querySelector('.slots a[href*=\"consumer-groups\"]');
        return [link.innerText.replace(/\\s+/g, ' '), link.parentElement.className];";
    visitor.read(SLOT, vec![]).await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_map_shows_what_is_begun_and_leads_on() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        let (words, class) = slot(&visitor).await;
        assert!(
            words.starts_with("8 ") && words.ends_with("Groups and offsets"),
            "{words}"
        );
        assert!(!class.contains("begun"), "{class}");
        assert!(!visitor.page_text().await.contains("Where you stopped"));

        lesson::open(&visitor, &host).await;
        visitor.open(&host.address("")).await;
        visitor
            .until("the lesson that was begun on the map", async || {
                slot(&visitor).await.1.contains("begun").then_some(())
            })
            .await;
        let words = slot(&visitor).await.0;
        assert!(words.starts_with("8 0 of "), "{words}");
        let on = visitor.find(None, "link", "Go on").await;
        visitor.press(&on).await;
        visitor
            .find(None, "heading", "Consumer groups and offsets")
            .await;
    });
}
