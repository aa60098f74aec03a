//! Crashes by hand.

use tests::lesson;
use tests::stage::{Sight, Stage};
use tests::story::story;

const ORDERS: [&str; 4] = ["ord_10", "ord_11", "ord_12", "ord_13"];

/// Crashes `email-1` when both mails of the second batch have left, restarts it, and goes on to
/// the end.
async fn crash_before_the_second_commit(stage: &Stage) -> Sight {
    let before = stage
        .forward_until("the second batch", |sight| {
            sight.mails_for("ord_12") + sight.mails_for("ord_13") == 2
        })
        .await;
    assert_eq!(before.count("commits 4"), 0, "it has committed already");
    let crashed = stage.act("email-1", "Crash").await.expect("it may crash");
    assert!(
        crashed.sentence.contains("email-1 crashes"),
        "{}",
        crashed.sentence
    );
    assert!(
        stage.act("email-1", "Crash").await.is_none(),
        "the dead may crash once more"
    );
    let restarted = stage
        .act("email-1", "Restart")
        .await
        .expect("it may restart");
    assert!(
        restarted.sentence.contains("email-1 is started again"),
        "{}",
        restarted.sentence
    );
    assert!(
        stage.act("email-1", "Restart").await.is_none(),
        "the living may be restarted"
    );
    stage.to_end().await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn without_the_guard_both_orders_of_the_batch_get_a_second_mail() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let end = crash_before_the_second_commit(&stage).await;
        assert_eq!(ORDERS.map(|order| end.mails_for(order)), [1, 1, 2, 2]);
        assert_eq!(end.count("second mail for ord_12"), 1);
        assert_eq!(end.count("second mail for ord_13"), 1);
        assert!(
            end.sentence
                .contains("ord_12 and ord_13 were mailed more than once"),
            "{}",
            end.sentence
        );
        assert!(
            end.text.contains("6 mails"),
            "the mail service says otherwise: {}",
            end.text
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn with_the_guard_no_order_gets_a_second_mail() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.set("Guard", "on").await;
        stage
            .forward_until("both inserts of the second batch", |sight| {
                sight.count("inserts ord_13 into processed") == 1
            })
            .await;
        let end = crash_before_the_second_commit(&stage).await;
        assert_eq!(ORDERS.map(|order| end.mails_for(order)), [1; 4]);
        assert_eq!(end.count("passes over ord_12: it is in processed"), 1);
        assert_eq!(end.count("passes over ord_13: it is in processed"), 1);
        assert!(
            end.sentence.contains("nothing was done twice"),
            "{}",
            end.sentence
        );
        assert!(
            end.text.contains("4 mails"),
            "the mail service says otherwise: {}",
            end.text
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn between_the_mail_and_the_insert_the_guard_has_its_hole() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
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
        let end = stage.to_end().await;
        assert_eq!(ORDERS.map(|order| end.mails_for(order)), [1, 1, 2, 1]);
    });
}

/// No step is special: a crash anywhere, and a restart, lead to an end where all is committed. Every single
/// step, in several settings, has its turn without a browser, in `the_learner_may_crash_and_restart_at_every_step`.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_crash_at_any_step_leads_to_an_end() {
    const STRIDE: usize = 3;
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let last = stage.sight().await.last_step;
        let mut crashes = 0;
        for step in (0..=last).step_by(STRIDE) {
            // Away from the branch of the last crash, if there was one.
            let told = visitor.all(Some(&stage.element), "button", "as told").await;
            if let Some(told) = told.first() {
                visitor.press(told).await;
            }
            stage.seek(step).await;
            let crashed = stage.act("email-1", "Crash").await;
            crashes += usize::from(crashed.is_some());
            let restarted = stage.act("email-1", "Restart").await;
            let end = stage.to_end().await;
            assert!(
                crashed.is_none() || restarted.is_some(),
                "no restart after the crash at step {step}"
            );
            assert!(
                end.sentence.contains("That is the end"),
                "after a crash at step {step}: {}",
                end.sentence
            );
            // Of many branches the oldest makes room, and a notice may say so.
            let is_mistake = |alert: &&String| !alert.contains("made room");
            let mistakes: Vec<_> = end.alerts.iter().filter(is_mistake).collect();
            assert_eq!(mistakes, [""; 0], "after a crash at step {step}");
            assert_eq!(
                end.tool("CURRENT-OFFSET"),
                "4",
                "after a crash at step {step}"
            );
            for order in ORDERS {
                let mails = end.mails_for(order);
                assert!(
                    (1..=3).contains(&mails),
                    "{mails} mails for {order} after a crash at step {step}"
                );
            }
        }
        assert!(
            crashes >= (last - 2) / STRIDE,
            "only {crashes} of {last} steps could be crashed at, of which one in {STRIDE} was tried"
        );
    });
}
