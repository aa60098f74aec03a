//! When the commit happens, chosen by hand.

use tests::lesson::{self, SECOND_SCENE};
use tests::story::story;

/// The scene as told under a choice of `Commit`: how many mails each order has in the end, and
/// words of the last sentence.
fn check(commit: &'static str, mails: [usize; 4], said: &'static str) {
    story(async move |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.set("Commit", commit).await;
        let end = stage.to_end().await;
        let orders = ["ord_10", "ord_11", "ord_12", "ord_13"];
        assert_eq!(orders.map(|order| end.mails_for(order)), mails, "{commit}");
        assert!(end.sentence.contains(said), "{commit}: {}", end.sentence);
        assert_eq!(end.tool("CURRENT-OFFSET"), "4", "{commit}");
        assert_eq!(end.tool("LAG"), "0", "{commit}");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_commit_after_the_work_repeats_two() {
    check(
        "after the work",
        [1, 1, 2, 2],
        "ord_12 and ord_13 were mailed more than once",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_commit_before_the_work_loses_two() {
    check(
        "before the work",
        [1, 1, 0, 0],
        "ord_12 and ord_13 were never mailed",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_automatic_commit_repeats_all_four() {
    check(
        "automatic",
        [2; 4],
        "ord_10, ord_11, ord_12 and ord_13 were mailed more than once",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_automatic_commit_with_work_in_the_background_repeats_nothing_and_loses() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.set("Commit", "automatic, work in background").await;
        let end = stage.to_end().await;
        let mails = ["ord_10", "ord_11", "ord_12", "ord_13"].map(|order| end.mails_for(order));
        assert!(
            mails.iter().all(|mails| *mails <= 1),
            "something was mailed twice: {mails:?}"
        );
        assert!(mails.contains(&0), "nothing was lost: {mails:?}");
        assert!(
            end.sentence.contains("were never mailed"),
            "{}",
            end.sentence
        );
        assert!(!end.sentence.contains("more than once"), "{}", end.sentence);
        assert_eq!(end.tool("LAG"), "0");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_second_player_stands_in_the_setting_its_text_is_about() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let second = lesson::player(&visitor, SECOND_SCENE).await;
        let sight = second.sight().await;
        assert!(
            sight
                .settings
                .iter()
                .any(|chosen| chosen == "automatic, work in background"),
            "{:?}",
            sight.settings
        );
        assert!(second.to_end().await.sentence.contains("were never mailed"));
        // The first one is not moved by it.
        assert_eq!(lesson::first_player(&visitor).await.sight().await.step, 0);
    });
}
