//! No verdict misleads: the end counts who is missing, "possible" is not "always", and a report says
//! first what was allowed.

use tests::lesson;
use tests::story::story;
use tests::visitor::reference;

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_run_in_which_somebody_stands_still_is_no_success() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage
            .forward_until("the second batch", |sight| sight.mails_for("ord_11") == 1)
            .await;
        stage
            .act("email-1", "Freeze")
            .await
            .expect("it may stand still");
        let end = stage.to_end().await;
        for words in ["email-1 stands still", "not mailed", "Thaw it to go on"] {
            assert!(end.sentence.contains(words), "{words}: {}", end.sentence);
        }
        const TONE: &str = "return arguments[0].querySelector('.says').className";
        let tone: String = visitor.read(TONE, vec![reference(&stage.element)]).await;
        assert!(!tone.contains("done"), "{tone}: {}", end.sentence);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_report_says_first_what_was_allowed_and_counts_as_the_player_does() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.press("Break it").await;
        let panel = stage.find("region", "Every schedule").await;
        visitor.find(Some(&panel), "button", "Search again").await;
        let words = visitor.text(&panel).await;
        let place = |part: &str| {
            words
                .find(part)
                .unwrap_or_else(|| panic!("“{part}” is not in: {words}"))
        };
        assert!(place("at most 1 crash, anywhere") < place("broken"));
        place("no message is lost");
        place("with Guard: off, Commit: after the work");
        // What some schedule shows is drawn and worded otherwise than what all of them do.
        const MARKS: &str = "
            return [...arguments[0].querySelectorAll('.promises li')].map((it) =>
                [it.querySelector('.sign').innerText, it.querySelector('.kind').innerText, it.querySelector('.word').innerText]);";
        let marks: Vec<[String; 3]> = visitor.read(MARKS, vec![reference(&panel)]).await;
        let of = |word: &str| -> &[String; 3] {
            marks
                .iter()
                .find(|mark| mark[2] == word)
                .unwrap_or_else(|| panic!("nothing is {word}: {marks:?}"))
        };
        assert_ne!(of("possible")[0], of("holds")[0]);
        assert_eq!(of("possible")[1], "on at least one schedule");
        assert_eq!(of("broken")[1], "on every schedule");

        let steps = words.split("broken. ").nth(1);
        let steps = steps.and_then(|rest| rest.split(". After ").nth(1));
        let steps = steps.and_then(|rest| rest.split(' ').next());
        let show = visitor
            .find(Some(&panel), "button", "Show me: Nobody mailed twice")
            .await;
        visitor.press(&show).await;
        let shown = stage.until("the finding", |sight| sight.step > 0).await;
        assert_eq!(steps, Some(&*shown.step.to_string()), "{words}");
    });
}
