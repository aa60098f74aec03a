//! What is to come: an outline the first time through, told in review and where the reader wants it.

use serde::Deserialize;
use tests::lesson;
use tests::stage::Stage;
use tests::story::story;
use tests::visitor::{Visitor, reference};

/// What a player tells of the future.
#[derive(Debug, Deserialize, PartialEq)]
struct Future {
    /// Rows of the trace that have not happened yet.
    rows: usize,
    /// What stands for the rest of the trace.
    outline: String,
    /// Turns on the timeline that have not happened yet.
    events: usize,
    /// Ticks of the slider that tell what comes.
    ticks: usize,
    /// Whether the page knows more than it shows.
    is_hidden: bool,
}

async fn future(visitor: &Visitor, stage: &Stage) -> Future {
    const FUTURE: &str = "
        const [stage] = arguments;
        const shown = (it) => it.checkVisibility({ visibilityProperty: true });
        const all = (what) => [...stage.querySelectorAll(what)].filter(shown);
        const here = stage.querySelector('input[type=range]').valueAsNumber;
        return {
            rows: all('.trace tr.future').length,
            outline: stage.querySelector('.trace tfoot')?.innerText.trim() ?? '',
            events: all('.turns .event.future').length,
            ticks: [...stage.querySelectorAll('.ticks line')].filter((it, at) => at > here && it.getAttribute('class') !== 'plain').length,
            is_hidden: [...stage.querySelectorAll('.trace tr.future')].some((it) => !shown(it)),
        };";
    visitor.read(FUTURE, vec![reference(&stage.element)]).await
}

fn nothing_but(outline: String) -> Future {
    Future {
        rows: 0,
        outline,
        events: 0,
        ticks: 0,
        is_hidden: false,
    }
}

/// How many steps the outline says, from a sight of the player.
fn steps(count: usize) -> String {
    if count == 1 {
        "1 more step".to_owned()
    } else {
        format!("{count} more steps")
    }
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_first_time_through_what_is_to_come_is_an_outline_that_says_how_much() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let mut sight = stage.sight().await;
        assert!(sight.last_step >= 20, "{}", sight.last_step);
        loop {
            let left = sight.last_step - sight.step;
            if left == 0 {
                break;
            }
            assert_eq!(
                future(&visitor, &stage).await,
                nothing_but(steps(left)),
                "at step {}",
                sight.step
            );
            sight = stage.forward().await;
        }
        // In review all of it is there, on the way back too.
        assert_eq!(future(&visitor, &stage).await, nothing_but(String::new()));
        stage.seek(3).await;
        let review = future(&visitor, &stage).await;
        assert_eq!(review.rows, sight.rows.len() - 3, "{review:?}");
        assert!(review.events > 0 && review.ticks > 0, "{review:?}");
        assert_eq!(review.outline, "");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_was_seen_stays_on_the_way_back_and_each_branch_has_a_first_time() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let last = stage.seek(8).await.last_step;
        stage.back().await;
        let behind = future(&visitor, &stage).await;
        assert_eq!((behind.rows, behind.outline), (1, steps(last - 8)));
        // Another setting is another run, and so is a branch.
        stage.to_end().await;
        let guarded = stage.set("Guard", "on").await;
        let all = guarded.last_step;
        assert_eq!(future(&visitor, &stage).await, nothing_but(steps(all)));
        stage.set("Guard", "off").await;
        stage.seek(5).await;
        let crashed = stage.act("email-1", "Crash").await.expect("it may crash");
        let left = crashed.last_step - crashed.step;
        assert_eq!(future(&visitor, &stage).await, nothing_but(steps(left)));
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_reader_can_have_it_told_and_the_wish_is_kept() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let wish = stage.find("checkbox", "What is to come").await;
        visitor.press(&wish).await;
        let told = stage
            .until("the whole trace", |sight| !sight.rows.is_empty())
            .await;
        let all = future(&visitor, &stage).await;
        assert_eq!((all.rows, all.outline.as_str()), (told.rows.len(), ""));
        assert!(all.events > 0 && all.ticks > 0, "{all:?}");

        visitor.reload().await;
        let stage = lesson::first_player(&visitor).await;
        stage
            .until("the whole trace again", |sight| !sight.rows.is_empty())
            .await;
        // For every player of the page.
        let second = lesson::player(&visitor, lesson::SECOND_SCENE).await;
        second
            .until("the whole trace there", |sight| !sight.rows.is_empty())
            .await;
        let wish = second.find("checkbox", "What is to come").await;
        visitor.press(&wish).await;
        stage.until("no trace", |sight| sight.rows.is_empty()).await;
    });
}
