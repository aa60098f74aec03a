//! Going back and doing something else: the old story stays.

use tests::lesson;
use tests::story::story;

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_crash_elsewhere_makes_a_branch_and_the_old_one_can_be_chosen() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let told = stage.to_end().await;
        stage.seek(5).await;
        stage.act("email-1", "Crash").await.expect("it may crash");
        stage
            .act("email-1", "Restart")
            .await
            .expect("it may restart");
        let own = stage.to_end().await;
        assert_ne!(own.rows, told.rows, "the branch tells the old story");
        assert_eq!(own.mails_for("ord_10"), 2, "{:?}", own.past());

        let group = stage.find("group", "Branches").await;
        let branches = visitor.all_with_role(Some(&group), "button").await;
        assert_eq!(branches.len(), 2);
        assert_eq!(visitor.text(&branches[0]).await, "as told");
        assert_eq!(pressed(&branches).await, [false, true]);

        visitor.press(&branches[0]).await;
        stage
            .until("the old branch", |sight| {
                sight.rows.len() == told.rows.len()
            })
            .await;
        assert_eq!(pressed(&branches).await, [true, false]);
        let end = stage.to_end().await;
        assert_eq!(end.rows, told.rows);
        assert_eq!(end.terminal, told.terminal);
        assert_eq!(end.sentence, told.sentence);

        visitor.press(&branches[1]).await;
        stage
            .until("the own branch", |sight| sight.rows.len() == own.rows.len())
            .await;
        assert_eq!(stage.to_end().await.rows, own.rows);
    });
}

async fn pressed(branches: &[fantoccini::elements::Element]) -> Vec<bool> {
    let mut pressed = Vec::new();
    for branch in branches {
        let state = branch
            .attr("aria-pressed")
            .await
            .expect("the branch is there");
        pressed.push(state.as_deref() == Some("true"));
    }
    pressed
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn two_crashes_from_the_same_moment_are_two_branches() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        for step in [4, 6] {
            stage.seek(step).await;
            stage.act("email-1", "Crash").await.expect("it may crash");
            let group = stage.find("group", "Branches").await;
            let told = visitor.find(Some(&group), "button", "as told").await;
            visitor.press(&told).await;
        }
        let group = stage.find("group", "Branches").await;
        assert_eq!(visitor.all_with_role(Some(&group), "button").await.len(), 3);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn each_setting_keeps_its_place_and_its_branches() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(5).await;
        stage.act("email-1", "Crash").await.expect("it may crash");
        let left = stage.sight().await;
        stage.set("Guard", "on").await;
        stage
            .until("a scene at its start", |sight| sight.step == 0)
            .await;
        stage.set("Guard", "off").await;
        let found = stage
            .until("the place it was left at", |sight| sight.step == left.step)
            .await;
        assert_eq!(found.place(), left.place());
    });
}
