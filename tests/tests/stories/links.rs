//! A place in a story, sent to somebody else.

use std::rc::Rc;

use tests::driver::{Driver, Requests};
use tests::host::Host;
use tests::lesson::{self, LESSON};
use tests::stage::Stage;
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// A place worth a link: other settings, a crash by hand, and some steps on.
async fn go_somewhere(stage: &Stage) {
    stage.set("Guard", "on").await;
    stage
        .forward_until("the mail for ord_12", |sight| {
            sight.mails_for("ord_12") == 1
        })
        .await;
    stage.act("email-1", "Crash").await.expect("it may crash");
    stage
        .act("email-1", "Restart")
        .await
        .expect("it may restart");
    stage.forward().await;
    stage.forward().await;
}

/// Where the link was refused by the clipboard it is shown, to be copied by hand.
async fn link_by_hand(visitor: &Visitor, stage: &Stage) -> String {
    visitor.permit("clipboard-write", "denied").await;
    stage.press("Copy link").await;
    let field = stage.find("textbox", "Copy this:").await;
    field
        .prop("value")
        .await
        .expect("the field is there")
        .expect("it has a value")
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_link_goes_to_the_clipboard_and_says_so() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        go_somewhere(&stage).await;
        for right in ["clipboard-write", "clipboard-read"] {
            visitor.permit(right, "granted").await;
        }
        stage.press("Copy link").await;
        stage
            .until("that it was copied", |sight| sight.text.contains("Copied"))
            .await;
        let copied: String = visitor
            .read_later("navigator.clipboard.readText().then(arguments[0])", vec![])
            .await;
        assert!(copied.starts_with(&host.address(LESSON)), "{copied}");
        let by_hand = link_by_hand(&visitor, &stage).await;
        assert_eq!(copied, by_hand);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_opened_elsewhere_shows_the_same_place() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        go_somewhere(&stage).await;
        let link = link_by_hand(&visitor, &stage).await;
        let sent = stage.sight().await;

        let (_, place) = link.split_once('#').expect("the place stands behind the #");
        let place = format!("#{place}");
        // Another person: another profile, and the same site.
        elsewhere(host, async move |visitor, host| {
            visitor
                .open(&format!("{}{place}", host.address(LESSON)))
                .await;
            let stage = lesson::first_player(&visitor).await;
            let seen = stage
                .until("the place of the link", |sight| sight.step == sent.step)
                .await;
            assert_eq!(seen.place(), sent.place());
            assert_eq!(seen.alerts, [""; 0]);
            // And it goes on from there in the same way.
            assert_eq!(stage.to_end().await.mails_for("ord_12"), 2);
        })
        .await;
    });
}

/// A fresh profile beside the first; the two do not know of each other.
async fn elsewhere<F: AsyncFnOnce(Visitor, Rc<Host>) + 'static>(host: Rc<Host>, told: F) {
    let driver = Driver::start();
    let client = driver
        .browser(&serde_json::json!({}), Requests::Forgotten)
        .await;
    told(Visitor::new(client.clone()), host).await;
    client.close().await.expect("the second browser closes");
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_pressed_on_the_page_itself_is_followed_too() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        go_somewhere(&stage).await;
        let link = link_by_hand(&visitor, &stage).await;
        let sent = stage.sight().await;
        stage.set("Guard", "off").await;
        visitor.open(&link).await;
        let seen = stage
            .until("the place of the link", |sight| sight.step == sent.step)
            .await;
        assert_eq!(seen.place(), sent.place());
    });
}

/// Opens a link made from a sound one by `change`: a notice with these words, and the start.
fn check(change: fn(&str) -> String, said: &'static str) {
    Story::default().tell(async move |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        go_somewhere(&stage).await;
        let sound = link_by_hand(&visitor, &stage).await;
        let changed = change(&sound);
        assert_ne!(changed, sound, "the link was not changed");
        // A new page, not a jump on the same one.
        visitor.open("about:blank").await;
        visitor.open(&changed).await;
        let stage = lesson::first_player(&visitor).await;
        let seen = stage
            .until("a notice", |sight| !sight.alerts.is_empty())
            .await;
        assert!(
            seen.alerts[0].contains(said),
            "{:?} of {changed}",
            seen.alerts
        );
        assert_eq!((seen.step, seen.can_step_back), (0, false), "{changed}");
        assert!(
            seen.sentence.contains("4 records wait in orders"),
            "{}",
            seen.sentence
        );
        assert!(
            stage.forward().await.alerts.is_empty(),
            "the notice stays for ever"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_cut_off_is_told_and_the_scene_begins() {
    check(
        |link| link[..link.rfind(';').expect("it has parts")].to_owned(),
        "This link is damaged",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_with_a_broken_word_is_told_and_the_scene_begins() {
    check(
        |link| link.replace("guard.on", "guard.maybe"),
        "This link is damaged",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_to_a_step_that_cannot_be_made_is_told_and_the_scene_begins() {
    check(
        // A restart of somebody who is up.
        |link| link.replace("-c0-", "-r0-"),
        "This link cannot be followed",
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_link_of_another_version_is_told_and_the_scene_begins() {
    check(
        |link| link.replace("crash-before-commit.1.", "crash-before-commit.99."),
        "another version of the scene",
    );
}

/// A link that cannot be followed leaves nobody where they were while it says otherwise.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_damaged_link_pressed_on_the_page_itself_leads_to_the_start() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(5).await;
        let sound = link_by_hand(&visitor, &stage).await;
        visitor
            .open(sound.trim_end_matches(|it: char| it != ';'))
            .await;
        let seen = stage
            .until("a notice", |sight| !sight.alerts.is_empty())
            .await;
        assert!(
            seen.alerts[0].contains("so the scene is shown from its start"),
            "{:?}",
            seen.alerts
        );
        assert_eq!(
            (seen.step, seen.can_step_back),
            (0, false),
            "the scene is not at its start"
        );
    });
}
