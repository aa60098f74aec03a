//! Somebody who has never been here.

use tests::lesson;
use tests::stage::Sight;
use tests::story::{Story, story};

/// What leads from the first page to the lesson that it shows a crash of.
pub const INVITATION: &str = "Every step of it: lesson 8, Consumer groups and offsets";

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_newcomer_is_led_from_the_first_page_to_the_second_mails() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        let invitation = visitor.find(None, "link", INVITATION).await;
        visitor.press(&invitation).await;
        let stage = lesson::first_player(&visitor).await;
        let is_above_the_fold: bool = visitor
            .read(
                "return [...document.querySelectorAll('.stage button')]
                    .find((it) => it.ariaLabel === 'Step forward').getBoundingClientRect().bottom < innerHeight",
                vec![],
            )
            .await;
        assert!(is_above_the_fold, "the step forward is below the fold");

        let mut sight = stage.sight().await;
        assert!(
            sight.sentence.contains("4 records wait in orders"),
            "{}",
            sight.sentence
        );
        assert!(
            !sight.can_step_back,
            "nothing has happened, and yet there is a step back"
        );
        let mut told = Vec::new();
        while sight.can_step_forward {
            sight = stage.forward().await;
            check_the_trace_follows(&sight);
            told.push(sight.sentence.clone());
        }

        assert_eq!(sight.step, sight.last_step);
        for order in ["ord_12", "ord_13"] {
            let second = format!("{order} has been mailed twice.");
            assert!(
                told.iter().any(|said| said.contains(&second)),
                "no sentence tells: {second}"
            );
            assert_eq!(sight.mails_for(order), 2, "{order} in the trace");
        }
        for order in ["ord_10", "ord_11"] {
            assert_eq!(sight.mails_for(order), 1, "{order} in the trace");
        }
        assert!(
            sight
                .sentence
                .contains("ord_12 and ord_13 were mailed more than once"),
            "{}",
            sight.sentence
        );
    });
}

/// Every step has one current row, further down than the one before; only the last step, after
/// which nothing more happens, has none of its own.
fn check_the_trace_follows(sight: &Sight) {
    let rows = sight.rows.len();
    let expected = (sight.step - 1).min(rows - 1);
    assert_eq!(
        sight.current_row(),
        Some(expected),
        "at step {}",
        sight.step
    );
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_first_page_leads_to_the_lesson_and_the_brand_back() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        let lesson = visitor.find(None, "link", INVITATION).await;
        visitor.press(&lesson).await;
        visitor
            .find(None, "heading", "Consumer groups and offsets")
            .await;
        let brand = visitor.find(None, "link", "At Least Once").await;
        visitor.press(&brand).await;
        visitor
            .find(None, "heading", "Messaging systems, one step at a time")
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_address_where_nothing_stands_leads_to_the_course() {
    Story::default()
        .expecting("404")
        .tell(async |visitor, host| {
            visitor.open(&host.address("lessons/no-such/lesson/")).await;
            visitor
                .find(None, "heading", "Nothing is stored at this address")
                .await;
            let course = visitor.find(None, "link", "To the course").await;
            visitor.press(&course).await;
            visitor
                .find(None, "heading", "Messaging systems, one step at a time")
                .await;
            assert!(visitor.address().await.starts_with(&host.address("")));
        });
}
