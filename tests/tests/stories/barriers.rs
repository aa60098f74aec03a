//! Barriers that a machine can find, on every page and in the states it gets into.

use tests::axe;
use tests::host::Host;
use tests::lesson;
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// The lesson as it opens, after some steps, with the menu open, and with the answers marked.
async fn check_lesson(visitor: &Visitor, host: &Host, how: &str) {
    let stage = lesson::open(visitor, host).await;
    axe::check(visitor, &format!("the lesson, {how}")).await;
    stage
        .forward_until("a second mail", |sight| sight.mails_for("ord_12") == 2)
        .await;
    axe::check(visitor, &format!("a second mail, {how}")).await;
    stage.press("email-1").await;
    stage.find("menuitem", "Crash").await;
    axe::check(visitor, &format!("the open menu, {how}")).await;
    stage.press("email-1").await;
    stage.act("email-1", "Crash").await.expect("it may crash");
    stage.press("Keys ?").await;
    visitor.permit("clipboard-write", "denied").await;
    stage.press("Copy link").await;
    stage.find("textbox", "Copy this:").await;
    axe::check(visitor, &format!("a branch, the keys and the link, {how}")).await;

    let form = visitor.find(None, "form", "Quick check").await;
    visitor.come_to(&form).await;
    for group in visitor
        .all_with_role(Some(&form), "group")
        .await
        .iter()
        .take(4)
    {
        let options = visitor.all_with_role(Some(group), "radio").await;
        visitor.press(&options[1]).await;
    }
    let button = visitor.find(Some(&form), "button", "Check answers").await;
    visitor.press(&button).await;
    visitor
        .until("the marks", async || {
            visitor.text(&form).await.contains("Not so.").then_some(())
        })
        .await;
    axe::check(visitor, &format!("marked answers, {how}")).await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_first_page_has_no_barriers() {
    story(async |visitor, host| {
        for colours in ["light", "dark"] {
            visitor.prefer("prefers-color-scheme", colours).await;
            visitor.open(&host.address("")).await;
            visitor.find(None, "button", "Export").await;
            axe::check(&visitor, &format!("the first page, {colours}")).await;
        }
        let reset = visitor.find(None, "button", "Reset…").await;
        visitor.press(&reset).await;
        visitor.find(None, "button", "Forget everything").await;
        axe::check(&visitor, "the question before everything is forgotten").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_lesson_in_light_has_no_barriers() {
    story(async |visitor, host| {
        visitor.prefer("prefers-color-scheme", "light").await;
        check_lesson(&visitor, &host, "in light").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_lesson_in_the_dark_has_no_barriers() {
    story(async |visitor, host| {
        visitor.prefer("prefers-color-scheme", "dark").await;
        check_lesson(&visitor, &host, "in the dark").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_lesson_on_a_phone_has_no_barriers() {
    story(async |visitor, host| {
        visitor.take_phone().await;
        check_lesson(&visitor, &host, "on a phone").await;
        visitor.open(&host.address("")).await;
        visitor.find(None, "button", "Export").await;
        axe::check(&visitor, "the first page, on a phone").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_page_about_fidelity_has_no_barriers() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        let link = visitor
            .find(None, "link", "How its models are held against real systems")
            .await;
        visitor.press(&link).await;
        for colours in ["light", "dark"] {
            visitor.prefer("prefers-color-scheme", colours).await;
            visitor.find(None, "heading", "What agrees").await;
            axe::check(&visitor, &format!("the page about fidelity, {colours}")).await;
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_page_for_what_is_not_there_has_no_barriers() {
    Story::default()
        .expecting("404")
        .tell(async |visitor, host| {
            visitor.open(&host.address("no/such/page")).await;
            visitor
                .find(None, "heading", "Nothing is stored at this address")
                .await;
            axe::check(&visitor, "the page for what is not there").await;
        });
}
