//! Tasks that ask, and the way from a task to its player and back.

use fantoccini::elements::Element;
use tests::lesson;
use tests::story::story;
use tests::visitor::{Visitor, reference};

async fn until_said(visitor: &Visitor, form: &Element, words: &str) {
    visitor
        .until(words, async || {
            visitor.text(form).await.contains(words).then_some(())
        })
        .await;
}

async fn is_done(visitor: &Visitor, task: &str) -> bool {
    const DONE: &str =
        "return document.getElementById(`task-${arguments[0]}`).classList.contains('done')";
    visitor.read(DONE, vec![task.into()]).await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_answer_is_judged_and_the_right_one_is_folded_until_somebody_has_answered() {
    const RIGHT: &str = "The broker knows of the first two orders";
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let text = visitor.page_text().await;
        assert!(
            !text.contains(RIGHT),
            "the answer stands beside its question"
        );

        let form = lesson::answer(&visitor, "second mail", "two").await;
        until_said(&visitor, &form, "Write a whole number in digits").await;
        lesson::answer(&visitor, "second mail", "5").await;
        until_said(&visitor, &form, "Not so. Five mails have left.").await;
        assert!(!visitor.text(&form).await.contains(RIGHT));
        // Any other wrong answer has a sentence too, and then the right one can be had.
        lesson::answer(&visitor, "second mail", "7").await;
        until_said(
            &visitor,
            &form,
            "Not so. The broker knows what was committed",
        )
        .await;
        let show = visitor.find(Some(&form), "button", "Show the answer").await;
        visitor.press(&show).await;
        until_said(&visitor, &form, RIGHT).await;

        stage
            .forward_until("the second mail", |sight| {
                sight.count("second mail for ord_12") == 1
            })
            .await;
        let task = visitor.find(None, "link", "To the player").await;
        visitor.come_to(&task).await;
        assert!(
            !is_done(&visitor, "second-mail").await,
            "a question is open"
        );
        lesson::answer(&visitor, "second mail", "2").await;
        until_said(&visitor, &form, "Right. The broker knows").await;
        assert!(is_done(&visitor, "second-mail").await);

        // The answer is kept, and judged again.
        visitor.reload().await;
        lesson::first_player(&visitor).await;
        let form = lesson::question(&visitor, "second mail").await;
        until_said(&visitor, &form, "Right. The broker knows").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn names_and_choices_are_answers_too() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let form = lesson::choose(&visitor, "lose two", "checkbox", &["ord_10", "ord_11"]).await;
        until_said(&visitor, &form, "Not so. These were mailed before").await;
        lesson::choose(&visitor, "lose two", "checkbox", &["ord_10", "ord_11"]).await;
        until_said(&visitor, &form, "Tick at least one.").await;
        lesson::choose(&visitor, "lose two", "checkbox", &["ord_12", "ord_13"]).await;
        until_said(&visitor, &form, "Right. They were committed").await;
        assert!(!is_done(&visitor, "lose-two").await, "nobody has seen it");

        let options = [
            "until one session has timed out",
            "until two sessions have timed out, one after the other",
        ];
        let form = lesson::choose(&visitor, "crash loop", "radio", &options[..1]).await;
        until_said(&visitor, &form, "Not so. One session ends").await;
        lesson::choose(&visitor, "crash loop", "radio", &options[1..]).await;
        until_said(&visitor, &form, "Right. For nearly two time-outs").await;
    });
}

/// Neither what a search found nor a link that somebody sent is the learner's own doing.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_finding_and_a_link_tick_nothing() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.press("Break it").await;
        let panel = stage.find("region", "Every schedule").await;
        visitor.find(Some(&panel), "button", "Search again").await;
        let promise = "Show me: Nobody mailed twice";
        let show = visitor.find(Some(&panel), "button", promise).await;
        visitor.press(&show).await;
        stage.to_end().await;
        assert_eq!(done(&visitor).await, 0, "for a finding");

        // The link to a run in which everything is brought about.
        let stage = lesson::open(&visitor, &host).await;
        stage.set("Commit", "before the work").await;
        stage.to_end().await;
        visitor.permit("clipboard-write", "denied").await;
        stage.press("Copy link").await;
        let field = stage.find("textbox", "Copy this:").await;
        let link = field
            .prop("value")
            .await
            .expect("it is there")
            .expect("a link");
        visitor
            .read::<()>("localStorage.clear(); return null", vec![])
            .await;
        visitor.open(&host.address("")).await;
        visitor.open(&link).await;
        let stage = lesson::first_player(&visitor).await;
        stage
            .until("the end, by the link", |sight| !sight.can_step_forward)
            .await;
        lesson::choose(&visitor, "lose two", "checkbox", &["ord_12", "ord_13"]).await;
        assert!(!is_done(&visitor, "lose-two").await, "for a link");
        // Whoever steps there has been there.
        stage.back().await;
        stage.to_end().await;
        visitor
            .until("the task done", async || {
                is_done(&visitor, "lose-two").await.then_some(())
            })
            .await;
    });
}

async fn done(visitor: &Visitor) -> usize {
    const DONE: &str = "
        const kept = JSON.parse(localStorage.getItem('at-least-once.progress'))?.lessons?.['consumer-groups'];
        return (kept?.tasks ?? []).length + (kept?.reached ?? []).length;";
    visitor.read(DONE, vec![]).await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_task_leads_to_its_player_and_the_player_back() {
    const PLACES: &str = "
        return ['.two', '.under', '.terminal'].map((it) => arguments[0].querySelector(it).getBoundingClientRect())
            .map((box) => Math.round(box.top + scrollY));";
    story(async |visitor, host| {
        for width in [360, 1280] {
            visitor.take_screen(width, 900).await;
            let stage = lesson::open(&visitor, &host).await;
            let back = async || {
                visitor
                    .all(Some(&stage.element), "link", "Back to the task")
                    .await
            };
            assert!(back().await.is_empty(), "nobody came from a task");
            stage.seek(3).await;
            let before: Vec<i32> = visitor.read(PLACES, vec![reference(&stage.element)]).await;

            let there = visitor.all(None, "link", "To the player").await.remove(0);
            visitor.press(&there).await;
            const AT: &str = "return document.activeElement === arguments[0] || document.activeElement.id === arguments[0]";
            let at = async |what: serde_json::Value| {
                visitor
                    .until("the focus where the eye goes", async || {
                        visitor
                            .read::<bool>(AT, vec![what.clone()])
                            .await
                            .then_some(())
                    })
                    .await;
            };
            at(reference(&stage.element)).await;
            let sight = stage.sight().await;
            assert_eq!(sight.step, 3, "the player stays where it was");
            let after: Vec<i32> = visitor.read(PLACES, vec![reference(&stage.element)]).await;
            assert_eq!(after, before, "at {width} px");

            let link = visitor
                .find(Some(&stage.element), "link", "Back to the task")
                .await;
            visitor.press(&link).await;
            at("task-second-mail".into()).await;
            visitor
                .until("no way back", async || {
                    back().await.is_empty().then_some(())
                })
                .await;
        }
    });
}
