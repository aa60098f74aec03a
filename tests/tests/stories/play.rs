//! The player's own pace: play, pause, speed, slider, and going back.

use fantoccini::key::Key;
use tests::lesson;
use tests::stage::{Sight, Stage};
use tests::story::story;
use tests::visitor::Visitor;

/// Presses Play at the fastest speed, and waits for the end.
async fn play_to_the_end(visitor: &Visitor, stage: &Stage) -> Sight {
    let speed = stage.find("combobox", "Speed").await;
    visitor.choose(&speed, "3×").await;
    stage.press("Play").await;
    stage
        .until("a player that plays", |sight| sight.is_playing)
        .await;
    stage
        .until("the end", |sight| !sight.can_step_forward)
        .await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn play_runs_to_the_end_and_becomes_play_again() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let end = play_to_the_end(&visitor, &stage).await;
        assert!(!end.is_playing, "at the end it still offers Pause");
        assert!(end.sentence.contains("That is the end"), "{}", end.sentence);

        stage.press("Play").await;
        let again = stage
            .until("a player that plays again", |sight| sight.is_playing)
            .await;
        assert!(again.step < again.last_step, "it does not begin again");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn pause_stops_where_it_is_and_a_faster_speed_steps_sooner() {
    // How long the page asks its timers to wait, in ms.
    const WATCH: &str = "
        window.paces = [];
        const begin = window.setInterval;
        window.setInterval = (...given) => {
            paces.push(given[1]);
            return begin(...given);
        };";
    story(async |visitor, host| {
        visitor.before_every_page(WATCH).await;
        let stage = lesson::open(&visitor, &host).await;
        let mut paces = Vec::new();
        for speed in ["½×", "3×"] {
            stage.start_over().await;
            let list = stage.find("combobox", "Speed").await;
            visitor.choose(&list, speed).await;
            stage.press("Play").await;
            stage.until("a step", |sight| sight.step > 0).await;
            paces.push(visitor.read::<f64>("return paces.at(-1)", vec![]).await);
            stage.press("Pause").await;
            let paused = stage.until("a pause", |sight| !sight.is_playing).await;
            assert!(
                paused.can_step_forward && paused.step >= 1,
                "{}",
                paused.time
            );
        }
        // A step in 2.4 seconds, and in 0.4.
        assert_eq!(paces, [2400.0, 400.0]);
        // Whoever takes the wheel stops the player.
        stage.press("Play").await;
        stage
            .until("a player that plays", |sight| sight.is_playing)
            .await;
        stage.seek(3).await;
        assert!(
            !stage.sight().await.is_playing,
            "it plays on after the slider was moved"
        );
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_slider_moves_by_the_keyboard_and_says_where_it_is() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let slider = stage.find("slider", "Time").await;
        let press = async |key: Key| {
            let sent = slider.send_keys(&char::from(key).to_string()).await;
            sent.expect("the slider takes keys");
            stage.sight().await
        };
        let end = press(Key::End).await;
        assert_eq!(end.step, end.last_step);
        assert!(
            end.time
                .starts_with(&format!("step {0} of {0}", end.last_step)),
            "{}",
            end.time
        );
        assert_eq!(press(Key::Left).await.step, end.last_step - 1);
        assert_eq!(press(Key::Home).await.step, 0);
        let first = press(Key::Right).await;
        assert!(first.time.contains("email-1 starts"), "{}", first.time);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn stepping_back_restores_every_former_moment_exactly() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        // Else the rows that were not there the first time are there the second time.
        let ahead = stage.find("checkbox", "What is to come").await;
        visitor.press(&ahead).await;
        stage
            .until("the whole trace", |sight| !sight.rows.is_empty())
            .await;
        let mut moments = vec![stage.sight().await];
        while moments.last().is_some_and(|sight| sight.can_step_forward) {
            moments.push(stage.forward().await);
        }
        assert!(moments.len() > 20, "only {} moments", moments.len());
        for former in moments.iter().rev().skip(1) {
            assert_eq!(&stage.back().await, former, "back at step {}", former.step);
        }
        for later in &moments[1..] {
            assert_eq!(
                &stage.forward().await,
                later,
                "again at step {}",
                later.step
            );
        }
        // By another way it is the same moment too.
        for step in [7, 2, 15] {
            assert_eq!(
                stage.seek(step).await,
                moments[step],
                "by the slider at step {step}"
            );
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn every_step_can_be_shown_heartbeats_too() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let ahead = stage.find("checkbox", "What is to come").await;
        visitor.press(&ahead).await;
        let brief = stage
            .until("the whole trace", |sight| !sight.rows.is_empty())
            .await;
        let detail = stage.find("checkbox", "Every step").await;
        visitor.press(&detail).await;
        let detailed = stage
            .until("more steps", |sight| sight.last_step > brief.last_step)
            .await;
        assert!(detailed.rows.len() > brief.rows.len());
        let mut sight = stage.seek(4).await;
        for _ in 0..20 {
            let row = sight.current_row();
            sight = stage.forward().await;
            assert!(
                sight.current_row() > row,
                "the current row stays at step {}",
                sight.step
            );
        }
    });
}
