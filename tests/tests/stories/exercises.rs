//! Exercises: they come alive when one is near, and what is done in them is kept.

use fantoccini::elements::Element;
use tests::axe;
use tests::host::Wasm;
use tests::lesson;
use tests::story::{Story, story};
use tests::visitor::{Visitor, reference};

/// What the page's policy has refused, counted from before the page's own scripts on.
const WATCH: &str = "
    window.refused = [];
    document.addEventListener('securitypolicyviolation', (it) => refused.push(`${it.violatedDirective} ${it.blockedURI}`));";

/// Scrolls to an exercise.
async fn go_to(visitor: &Visitor, name: &str) -> Element {
    let exercise = visitor.find(None, "region", name).await;
    visitor.come_to(&exercise).await;
    exercise
}

/// A button, once it can be pressed.
async fn button(visitor: &Visitor, exercise: &Element, name: &str) -> Element {
    let button = visitor.find(Some(exercise), "button", name).await;
    visitor
        .until("a button that works", async || {
            button
                .is_enabled()
                .await
                .expect("it is there")
                .then_some(())
        })
        .await;
    button
}

/// Opens the editor of an exercise, by coming to its text area.
async fn open_editor(visitor: &Visitor, exercise: &Element) {
    let area = visitor.find(Some(exercise), "textbox", "Your code").await;
    visitor.press(&area).await;
    const EDITOR: &str = "return Boolean(arguments[0].querySelector('.code-editor'))";
    visitor
        .until("an editor", async || {
            let here = visitor.read::<bool>(EDITOR, vec![reference(exercise)]);
            here.await.then_some(())
        })
        .await;
}

/// The text in the editor of an exercise.
async fn code(visitor: &Visitor, exercise: &Element) -> String {
    const TEXT: &str = "return arguments[0].querySelector('.code-editor').shadowRoot.querySelector('.cm-content').innerText";
    visitor.read(TEXT, vec![reference(exercise)]).await
}

/// One of the answers to what a check of the settings will find.
const BREAKS: &str = "“Every order handled in the end” breaks";

/// Chooses an option of a question, by the beginning of its words.
async fn answer(visitor: &Visitor, exercise: &Element, words: &str) {
    let option = visitor.find(Some(exercise), "radio", words).await;
    visitor.press(&option).await;
}

async fn until_said(visitor: &Visitor, exercise: &Element, words: &str) {
    visitor
        .until(words, async || {
            visitor.text(exercise).await.contains(words).then_some(())
        })
        .await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn an_exercise_comes_alive_when_it_is_near_and_what_is_done_is_kept() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        const ALIVE: &str =
            "return document.querySelectorAll('[data-island=exercise][data-live]').length";
        assert_eq!(visitor.read::<usize>(ALIVE, vec![]).await, 0);

        let exercise = go_to(&visitor, "Choose the settings").await;
        let check = button(&visitor, &exercise, "Check").await;
        answer(&visitor, &exercise, BREAKS).await;
        assert!(visitor.read::<usize>(ALIVE, vec![]).await > 0);
        visitor.press(&check).await;
        until_said(
            &visitor,
            &exercise,
            "Every order handled in the end: broken",
        )
        .await;
        let hint = button(&visitor, &exercise, "Hint (1 of 4)").await;
        visitor.press(&hint).await;

        // A player's task is kept too, and both are there when the page comes again.
        const KEPT: &str = "return localStorage.getItem('at-least-once.progress') ?? ''";
        let kept = async |words: &'static str| {
            visitor
                .until(words, async || {
                    let text: String = visitor.read(KEPT, vec![]).await;
                    text.contains(words).then_some(())
                })
                .await;
        };
        kept("\"hints\": 1").await;
        stage
            .forward_until("the second mail for ord_12", |sight| {
                sight.count("second mail for ord_12") == 1
            })
            .await;
        kept("\"reached\": [\n").await;
        lesson::answer(&visitor, "second mail", "2").await;
        kept("\"tasks\": [\n").await;
        visitor.reload().await;
        lesson::first_player(&visitor).await;
        let exercise = go_to(&visitor, "Choose the settings").await;
        button(&visitor, &exercise, "Hint (2 of 4)").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_rest_of_the_page_goes_on_where_no_code_can_be_read() {
    Story::with_wasm(Wasm::LanguageLost).tell(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Write the guarded handler").await;
        let check = button(&visitor, &exercise, "Check").await;
        visitor.press(&check).await;
        until_said(&visitor, &exercise, "could not be loaded").await;
        // What needs no code is graded all the same.
        let exercise = go_to(&visitor, "Choose the settings").await;
        let check = button(&visitor, &exercise, "Check").await;
        answer(&visitor, &exercise, BREAKS).await;
        visitor.press(&check).await;
        until_said(
            &visitor,
            &exercise,
            "Every order handled in the end: broken",
        )
        .await;
        stage.forward().await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_policy_refuses_nothing_of_what_somebody_writes_and_has_checked() {
    story(async |visitor, host| {
        visitor.before_every_page(WATCH).await;
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Write the guarded handler").await;
        button(&visitor, &exercise, "Check").await;
        open_editor(&visitor, &exercise).await;
        visitor
            .keys(
                "a = (\n\n    b\n"
                    .chars()
                    .map(|it| if it == '\n' { '\u{e007}' } else { it }),
            )
            .await;
        visitor
            .press(&button(&visitor, &exercise, "Check").await)
            .await;
        const MARKED: &str = "return Boolean(arguments[0].querySelector('.code-editor').shadowRoot.querySelector('.cm-lint-marker'))";
        visitor
            .until("a marked line", async || {
                let here = visitor.read::<bool>(MARKED, vec![reference(&exercise)]);
                here.await.then_some(())
            })
            .await;
        visitor.keys("x".chars()).await;
        let refused: Vec<String> = visitor.read("return refused", vec![]).await;
        assert_eq!(refused, [""; 0]);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn settings_pass_when_they_are_expected_to_hold_for_the_right_reason() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Choose the settings").await;
        let check = button(&visitor, &exercise, "Check").await;
        visitor.press(&check).await;
        until_said(&visitor, &exercise, "First say what you expect").await;
        for (list, option) in [
            ("Commit", "by the program, after each batch"),
            ("Work", "in the poll loop"),
            ("auto.offset.reset", "earliest"),
        ] {
            let list = visitor.find(Some(&exercise), "combobox", list).await;
            visitor.choose(&list, option).await;
        }
        answer(&visitor, &exercise, "Every promise holds").await;
        visitor.press(&check).await;
        until_said(&visitor, &exercise, "First say why").await;
        const WRONG: &str =
            "The broker remembers which orders were handled, and hands out the others again.";
        answer(&visitor, &exercise, WRONG).await;
        visitor.press(&check).await;
        until_said(&visitor, &exercise, "but the reason you gave is not why").await;
        until_said(&visitor, &exercise, "The broker keeps one number").await;
        assert!(!visitor.text(&exercise).await.contains("✓ passed"));
        const RIGHT: &str = "The group begins before both orders, and no commit covers an order whose mail has not left.";
        answer(&visitor, &exercise, RIGHT).await;
        let check = button(&visitor, &exercise, "Check").await;
        visitor.press(&check).await;
        until_said(&visitor, &exercise, "✓ passed").await;
        until_said(
            &visitor,
            &exercise,
            "What a crash leaves behind is an order that is mailed again",
        )
        .await;
        axe::check(&visitor, "settings that passed").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn code_is_told_what_is_wrong_with_its_kind_and_a_line_is_written_where_the_cursor_is() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Close the gap of the mail").await;
        visitor
            .press(&button(&visitor, &exercise, "Check").await)
            .await;
        until_said(&visitor, &exercise, "This is the gap of the lesson.").await;
        // The list of calls, closed until it is asked for.
        const OPEN: &str = "
            const calls = arguments[0].querySelector('.calls');
            calls.querySelector('summary').click();
            return [...calls.querySelectorAll('button')].map((it) => it.innerText.trim());";
        let lines: Vec<String> = visitor.read(OPEN, vec![reference(&exercise)]).await;
        for line in [
            "db.insert(\"processed\", message.id)",
            "mail.send(message, key=message.id)",
            "tx.commit()",
        ] {
            assert!(lines.iter().any(|one| one == line), "{line}: {lines:?}");
        }
        axe::check(&visitor, "the list of calls").await;
        open_editor(&visitor, &exercise).await;
        let line = visitor
            .find(
                Some(&exercise),
                "button",
                "mail.send(message, key=message.id)",
            )
            .await;
        visitor.press(&line).await;
        visitor
            .until("the line in the code", async || {
                let text = code(&visitor, &exercise).await;
                text.contains("mail.send(message, key=message.id)")
                    .then_some(())
            })
            .await;
    });
}

/// What the editor offers just now: each with its signature and what it does.
async fn offered(visitor: &Visitor, exercise: &Element, wanted: &str) -> Vec<String> {
    const OFFERED: &str = "
        const editor = arguments[0].querySelector('.code-editor').shadowRoot;
        return [...editor.querySelectorAll('[role=option]')].map((it) => it.innerText.replace(/\\s+/g, ' '));";
    visitor
        .until(wanted, async || {
            let all: Vec<String> = visitor.read(OFFERED, vec![reference(exercise)]).await;
            all.iter().any(|one| one.contains(wanted)).then_some(all)
        })
        .await
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn calls_are_completed_by_keyboard_with_what_the_scene_has() {
    const ENTER: char = '\u{e007}';
    story(async |visitor, host| {
        visitor.before_every_page(WATCH).await;
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Close the gap of the mail").await;
        button(&visitor, &exercise, "Check").await;
        open_editor(&visitor, &exercise).await;
        visitor.keys([ENTER]).await;
        visitor.keys("db.ins".chars()).await;
        let all = offered(&visitor, &exercise, "insert(table, key").await;
        let says = all.iter().find(|one| one.starts_with("insert("));
        assert!(says.is_some_and(|one| one.len() > 40), "{all:?}");
        axe::check(&visitor, "an open completion").await;
        visitor.keys([ENTER]).await;
        visitor
            .until("the call in the code", async || {
                let text = code(&visitor, &exercise).await;
                text.contains("db.insert(\"processed\", message.id)")
                    .then_some(())
            })
            .await;
        // What the scene's system has not is not offered, nor what nobody can name.
        visitor.keys([ENTER]).await;
        visitor.keys("message.".chars()).await;
        let parts = offered(&visitor, &exercise, "offset").await;
        assert!(
            !parts.iter().any(|one| one.contains("receive_count")),
            "{parts:?}"
        );
        let refused: Vec<String> = visitor.read("return refused", vec![]).await;
        assert_eq!(refused, [""; 0]);
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn calls_are_completed_by_touch_on_a_phone() {
    story(async |visitor, host| {
        visitor.take_phone().await;
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Close the gap of the mail").await;
        button(&visitor, &exercise, "Check").await;
        open_editor(&visitor, &exercise).await;
        visitor.keys(['\u{e007}']).await;
        visitor.keys("db.".chars()).await;
        offered(&visitor, &exercise, "insert(table, key").await;
        const PLACE: &str = "
            const editor = arguments[0].querySelector('.code-editor').shadowRoot;
            const all = [...editor.querySelectorAll('[role=option]')];
            const { left, right, height } = all[0].getBoundingClientRect();
            return left >= 0 && right <= innerWidth && height >= 44;";
        assert!(
            visitor
                .read::<bool>(PLACE, vec![reference(&exercise)])
                .await
        );
        const TAP: &str = "
            const editor = arguments[0].querySelector('.code-editor').shadowRoot;
            const one = [...editor.querySelectorAll('[role=option]')].find((it) => it.innerText.startsWith('insert'));
            one.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true }));";
        visitor
            .read::<Option<bool>>(TAP, vec![reference(&exercise)])
            .await;
        visitor
            .until("the call in the code", async || {
                let text = code(&visitor, &exercise).await;
                text.contains("db.insert(\"processed\", message.id)")
                    .then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_run_that_is_not_the_one_says_what_it_came_to() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let exercise = go_to(&visitor, "Lose exactly one order").await;
        let stage = lesson::player_in(&visitor, &exercise).await;
        assert!(!visitor.text(&exercise).await.contains("This run is over"));
        stage.to_end().await;
        until_said(
            &visitor,
            &exercise,
            "In the end the number of lost records is 0, and 1 is asked for",
        )
        .await;
        until_said(&visitor, &exercise, "Nobody has died in this run").await;
        stage.back().await;
        visitor
            .until("nothing said of a run that goes on", async || {
                let text = visitor.text(&exercise).await;
                (!text.contains("This run is over")).then_some(())
            })
            .await;
    });
}
