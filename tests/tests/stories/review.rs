//! Questions and terms that come back.

use fantoccini::key::Key;
use serde_json::{Value, json};
use tests::axe;
use tests::host::Host;
use tests::story::story;
use tests::visitor::Visitor;

const PAGE: &str = "review/";
/// Where progress is kept, and where the plan is.
const PROGRESS: &str = "at-least-once.progress";
const PLAN: &str = "at-least-once.review";

async fn keep(visitor: &Visitor, name: &str, text: &str) {
    const KEEP: &str = "localStorage.setItem(arguments[0], arguments[1]); return null";
    visitor
        .read::<()>(KEEP, vec![name.into(), text.into()])
        .await;
}

async fn kept(visitor: &Visitor, name: &str) -> String {
    const KEPT: &str = "return localStorage.getItem(arguments[0]) ?? ''";
    visitor.read(KEPT, vec![name.into()]).await
}

async fn until_said(visitor: &Visitor, words: &str) {
    visitor
        .until(words, async || {
            visitor.page_text().await.contains(words).then_some(())
        })
        .await;
}

/// Somebody who has answered two questions of a quick check: the first rightly, the second not.
fn done() -> Value {
    let answers = json!({ "current-offset": 1, "who-notices": 0 });
    let quiz = json!({ "version": 1, "answers": answers, "right": 1, "of": 5 });
    let lesson = json!({ "visited": true, "quizzes": { "quick-check": quiz } });
    json!({ "version": 1, "lessons": { "consumer-groups": lesson } })
}

async fn come_back(visitor: &Visitor, host: &Host) {
    visitor.open(&host.address(PAGE)).await;
    until_said(visitor, "Nothing to review yet").await;
    keep(visitor, PROGRESS, &done().to_string()).await;
    visitor.reload().await;
    until_said(visitor, "due.").await;
}

/// When a card of the plan is due, in milliseconds from now.
async fn due_in(visitor: &Visitor, question: &str) -> f64 {
    const DUE: &str = "
        const card = JSON.parse(localStorage.getItem(arguments[0])).cards[`consumer-groups/quick-check/${arguments[1]}`];
        return card.due - Date.now();";
    visitor.read(DUE, vec![PLAN.into(), question.into()]).await
}

const HOUR: f64 = 3_600_000.0;

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_was_missed_comes_back_first_and_again_the_next_day() {
    story(async |visitor, host| {
        come_back(&visitor, &host).await;
        until_said(&visitor, "Two processes are in the group").await;
        assert!(due_in(&visitor, "current-offset").await > 24.0 * HOUR - 60_000.0);
        // The keyboard alone: an answer that is wrong, and on.
        visitor.keys(['1']).await;
        until_said(&visitor, "Not so. It comes back tomorrow.").await;
        let hours = due_in(&visitor, "who-notices").await / HOUR;
        assert!((23.0..25.0).contains(&hours), "{hours}");
        assert_eq!(visitor.focus_seen().await.name, "Next");
        visitor.keys([Key::Enter.into()]).await;
        until_said(&visitor, "Say it to yourself first.").await;
        axe::check(&visitor, "a term of the review").await;
        // The terms of the lesson, until nothing is due.
        for _ in 0..20 {
            if visitor.page_text().await.contains("That was all for now.") {
                break;
            }
            visitor.keys(['1', '1']).await;
            until_said(&visitor, "It comes back in").await;
            visitor.keys([Key::Enter.into()]).await;
        }
        until_said(&visitor, "That was all for now. The next is due on").await;
        // And at the next visit.
        visitor.reload().await;
        until_said(&visitor, "Nothing is due. The next is due on").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_review_fits_a_phone_in_the_dark_and_explains_a_right_answer() {
    story(async |visitor, host| {
        visitor.take_screen(390, 844).await;
        visitor.prefer("prefers-color-scheme", "dark").await;
        come_back(&visitor, &host).await;
        axe::check(&visitor, "a question of the review").await;
        visitor.keys(['3']).await;
        until_said(&visitor, "Right. It comes back in").await;
        axe::check(&visitor, "an answer of the review").await;
        const WIDER: &str = "return document.scrollingElement.scrollWidth > innerWidth";
        assert!(!visitor.read::<bool>(WIDER, vec![]).await);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_plan_that_cannot_be_read_is_left_until_somebody_sets_it_aside() {
    story(async |visitor, host| {
        come_back(&visitor, &host).await;
        for (text, says) in [
            ("{\"version\":9}", "written by a newer page"),
            ("{}", "cannot be read"),
        ] {
            keep(&visitor, PLAN, text).await;
            visitor.reload().await;
            until_said(&visitor, says).await;
            visitor.keys(['1']).await;
            until_said(&visitor, "It comes back tomorrow.").await;
            assert_eq!(kept(&visitor, PLAN).await, text);
        }
        let aside = visitor
            .find(None, "button", "Set it aside and begin a new plan")
            .await;
        visitor.press(&aside).await;
        until_said(&visitor, "due.").await;
        assert_eq!(kept(&visitor, "at-least-once.review.aside").await, "{}");
        assert!(kept(&visitor, PLAN).await.contains("who-notices"));
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_another_tab_answers_is_not_asked_again_and_what_it_forgets_is_gone() {
    story(async |visitor, host| {
        come_back(&visitor, &host).await;
        let first = visitor.tab().await;
        let second = visitor.open_tab().await;
        visitor.look_at(&second).await;
        visitor.open(&host.address(PAGE)).await;
        until_said(&visitor, "Two processes are in the group").await;
        visitor.keys(['3']).await;
        until_said(&visitor, "Right. It comes back in").await;
        visitor.look_at(&first).await;
        until_said(&visitor, "Say it to yourself first.").await;
        visitor.look_at(&second).await;
        keep(&visitor, PROGRESS, "{\"version\":1}").await;
        visitor.look_at(&first).await;
        until_said(&visitor, "Nothing to review yet").await;
        assert!(!kept(&visitor, PLAN).await.contains("who-notices"));
    });
}
