//! Somebody without a mouse.

use fantoccini::key::Key;
use tests::lesson;
use tests::stage::{Sight, Stage};
use tests::story::story;
use tests::visitor::{Focus, Visitor};

/// Presses Tab until the focus is on something of this name; the focus can be seen all the way.
async fn tab_to(visitor: &Visitor, name: &str) -> Focus {
    let mut passed = Vec::new();
    for _ in 0..120 {
        visitor.keys([Key::Tab.into()]).await;
        let focus = visitor.focus_seen().await;
        if focus.name == name {
            return focus;
        }
        passed.push(focus.name);
    }
    panic!("Tab never comes to “{name}”, only to {passed:?}");
}

async fn press_for(visitor: &Visitor, stage: &Stage, key: impl Into<char>, step: usize) -> Sight {
    visitor.keys([key.into()]).await;
    stage
        .until("the step of the key", |sight| sight.step == step)
        .await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_whole_lesson_can_be_done_without_a_mouse() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let skip = {
            visitor.keys([Key::Tab.into()]).await;
            visitor.focus().await
        };
        assert_eq!(skip.name, "Skip to the text");
        visitor.keys([Key::Enter.into()]).await;

        tab_to(&visitor, "Step forward").await;
        for step in 1..=8 {
            press_for(&visitor, &stage, Key::Enter, step).await;
        }
        press_for(&visitor, &stage, Key::Left, 7).await;
        for step in 8..=10 {
            press_for(&visitor, &stage, Key::Right, step).await;
        }
        let sight = stage.sight().await;
        assert_eq!(
            (sight.mails_for("ord_13"), sight.count("commits 4")),
            (1, 0),
            "{:?}",
            sight.past()
        );

        // On to the menu, which stands after the controls.
        for _ in 0..40 {
            if visitor.focus().await.name == "email-1" {
                break;
            }
            visitor.keys([Key::Tab.into()]).await;
        }
        assert_eq!(visitor.focus().await.name, "email-1");
        visitor.keys([Key::Enter.into()]).await;
        wait_for_focus(&visitor, "Crash").await;
        visitor.keys([Key::Escape.into()]).await;
        wait_for_focus(&visitor, "email-1").await;
        assert!(
            stage
                .sight()
                .await
                .past()
                .iter()
                .all(|said| *said != "crashes")
        );
        visitor.keys([' ']).await;
        wait_for_focus(&visitor, "Crash").await;
        visitor.keys([Key::Enter.into()]).await;
        stage
            .until("the crash", |sight| sight.count("crashes") == 1)
            .await;
        wait_for_focus(&visitor, "email-1").await;

        visitor.keys([Key::Enter.into()]).await;
        wait_for_focus(&visitor, "Restart").await;
        visitor.keys([Key::Enter.into()]).await;
        stage
            .until("the restart", |sight| sight.count("is started again") == 1)
            .await;
        wait_for_focus(&visitor, "email-1").await;

        visitor.keys([Key::End.into()]).await;
        let end = stage
            .until("the end", |sight| !sight.can_step_forward)
            .await;
        assert_eq!(end.mails_for("ord_12"), 2);
        visitor.keys([Key::Home.into()]).await;
        stage.until("the start", |sight| sight.step == 0).await;
    });
}

async fn wait_for_focus(visitor: &Visitor, name: &str) {
    let what = format!("the focus on “{name}”");
    let focus = visitor.until(&what, async || {
        Some(visitor.focus().await).filter(|focus| focus.name == name)
    });
    focus.await;
    visitor.focus_seen().await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_quiz_can_be_answered_without_a_mouse() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let form = visitor.find(None, "form", "Before you look").await;
        visitor
            .read::<()>(
                "arguments[0].scrollIntoView(); return null",
                vec![tests::visitor::reference(&form)],
            )
            .await;
        for _ in 0..120 {
            visitor.keys([Key::Tab.into()]).await;
            let focus = visitor.focus_seen().await;
            if focus.tag == "input" && focus.name == "0" {
                break;
            }
        }
        visitor
            .keys([Key::Down.into(), Key::Down.into(), Key::Down.into()])
            .await;
        wait_for_focus(&visitor, "4").await;
        tab_to(&visitor, "Check answers").await;
        visitor.keys([Key::Enter.into()]).await;
        visitor
            .until("the verdict", async || {
                visitor
                    .text(&form)
                    .await
                    .contains("All 1 right.")
                    .then_some(())
            })
            .await;
    });
}

/// Arrows belong to lists and sliders while these have the focus; a step is one step.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn keys_never_fire_twice_or_where_somebody_chooses() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(5).await;
        // In the drop-down list an arrow chooses, and the story does not move by it.
        let speed = stage.find("combobox", "Speed").await;
        focus(&visitor, &speed).await;
        visitor
            .keys([
                Key::Down.into(),
                Key::Left.into(),
                Key::Home.into(),
                Key::End.into(),
            ])
            .await;
        assert_eq!(stage.sight().await.step, 5);
        assert!(!stage.sight().await.is_playing);
        // On the slider an arrow moves by one and not by two.
        let slider = stage.find("slider", "Time").await;
        focus(&visitor, &slider).await;
        press_for(&visitor, &stage, Key::Right, 6).await;
        assert_eq!(stage.sight().await.step, 6);
        // Space on a button presses that button and does not play.
        let over = stage.find("button", "Start over").await;
        focus(&visitor, &over).await;
        press_for(&visitor, &stage, ' ', 0).await;
        assert!(!stage.sight().await.is_playing);
        // In a question the arrows choose an answer; the player stands still.
        stage.seek(5).await;
        let form = visitor.find(None, "form", "Before you look").await;
        visitor.come_to(&form).await;
        let radio = visitor.all_with_role(Some(&form), "radio").await.remove(0);
        visitor.press(&radio).await;
        visitor
            .keys([Key::Right.into(), Key::Left.into(), ' '])
            .await;
        assert_eq!(stage.sight().await.step, 5);
        assert!(!stage.sight().await.is_playing);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn in_the_link_to_copy_by_hand_the_keys_are_for_the_text() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(5).await;
        visitor.permit("clipboard-write", "denied").await;
        stage.press("Copy link").await;
        let field = stage.find("textbox", "Copy this:").await;
        visitor.press(&field).await;
        visitor
            .keys([
                Key::Home.into(),
                Key::Right.into(),
                Key::Left.into(),
                ' ',
                Key::End.into(),
            ])
            .await;
        let sight = stage.sight().await;
        assert_eq!((sight.step, sight.is_playing), (5, false));
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_question_mark_lists_the_keys_and_the_space_bar_plays() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let trace = stage.find("group", "Trace, scrolls").await;
        let forward = stage.find("button", "Step forward").await;
        focus(&visitor, &forward).await;
        visitor.keys(['?']).await;
        let listed = stage
            .until("the list of keys", |sight| {
                sight.text.contains("play or pause")
            })
            .await;
        assert!(
            listed.text.contains("step back, step forward"),
            "{}",
            listed.text
        );
        visitor.keys(['?']).await;
        stage
            .until("no list of keys", |sight| {
                !sight.text.contains("play or pause")
            })
            .await;

        // Also where no control has the focus: on the table of the trace.
        focus(&visitor, &trace).await;
        visitor.keys(['?']).await;
        stage
            .until("the list of keys", |sight| {
                sight.text.contains("play or pause")
            })
            .await;
        visitor.keys([' ']).await;
        stage
            .until("a player that plays", |sight| sight.is_playing)
            .await;
        visitor.keys([' ']).await;
        stage.until("a pause", |sight| !sight.is_playing).await;
    });
}

/// Puts the focus where it is wanted, for stories that begin there.
async fn focus(visitor: &Visitor, element: &fantoccini::elements::Element) {
    let element = tests::visitor::reference(element);
    visitor
        .read::<()>("arguments[0].focus(); return null", vec![element])
        .await;
}
