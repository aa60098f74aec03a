//! What a learner has done: ticked off, kept, carried elsewhere, forgotten.

use serde_json::{Value, json};
use tests::lesson;
use tests::stage::Stage;
use tests::story::{Story, story};
use tests::visitor::Visitor;

/// Of the tasks on the page, the first words of those that are done.
async fn done(visitor: &Visitor) -> Vec<String> {
    const DONE: &str = "
        return [...document.querySelectorAll('[role=img]')].filter((box) => box.ariaLabel === 'Done')
            .map((box) => box.parentElement.querySelector('p').innerText.split(' ').slice(0, 4).join(' '));";
    visitor.read(DONE, vec![]).await
}

async fn wait_for_done(visitor: &Visitor, tasks: usize) -> Vec<String> {
    let what = format!("{tasks} tasks done");
    visitor
        .until(&what, async || {
            Some(done(visitor).await).filter(|done| done.len() == tasks)
        })
        .await
}

/// Brings about what the first task asks for, the second mail for `ord_12`, and answers its question.
async fn do_the_first_task(visitor: &Visitor, stage: &Stage) {
    stage
        .forward_until("the second mail for ord_12", |sight| {
            sight.count("second mail for ord_12") == 1
        })
        .await;
    lesson::answer(visitor, "second mail", "2").await;
}

/// Answers the question of the second task: who gets no mail.
async fn say_who_gets_no_mail(visitor: &Visitor) {
    let orders = ["ord_12", "ord_13"];
    lesson::choose(visitor, "lose two", "checkbox", &orders).await;
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn tasks_tick_themselves_off_when_they_are_done_and_not_before() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        assert_eq!(done(&visitor).await, [""; 0]);
        stage.forward().await;
        assert_eq!(done(&visitor).await, [""; 0]);
        do_the_first_task(&visitor, &stage).await;
        assert_eq!(wait_for_done(&visitor, 1).await, ["Step to the moment"]);

        stage.set("Commit", "before the work").await;
        stage.to_end().await;
        assert_eq!(done(&visitor).await.len(), 1, "a question is open");
        say_who_gets_no_mail(&visitor).await;
        assert_eq!(wait_for_done(&visitor, 2).await[1], "In the player, set");

        // Each from the start; what was done is kept.
        let stage = lesson::open(&visitor, &host).await;
        stage
            .forward_until("the wait", |sight| {
                sight
                    .past()
                    .last()
                    .is_some_and(|last| last.starts_with("asks to join; waits"))
            })
            .await;
        stage.act("email-1", "Crash").await.expect("it may crash");
        stage
            .act("email-1", "Restart")
            .await
            .expect("it may restart");
        stage.to_end().await;
        let answer = ["until two sessions have timed out, one after the other"];
        lesson::choose(&visitor, "crash loop", "radio", &answer).await;
        assert_eq!(wait_for_done(&visitor, 3).await[2], "Make it worse. Step");

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
        stage.to_end().await;
        lesson::answer(&visitor, "guard hole", "2").await;
        assert_eq!(wait_for_done(&visitor, 4).await[3], "With the guard on,");

        let stage = lesson::open(&visitor, &host).await;
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
        stage.to_end().await;
        assert_eq!(wait_for_done(&visitor, 5).await[4], "Find a crash after");

        // As long as nothing is polled, nobody notices.
        let stage = lesson::open(&visitor, &host).await;
        stage.seek(2).await;
        stage.act("email-1", "Crash").await.expect("it may crash");
        stage
            .act("email-1", "Restart")
            .await
            .expect("it may restart");
        stage.to_end().await;
        assert_eq!(wait_for_done(&visitor, 6).await[5], "Find a crash that");
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn what_was_done_survives_a_reload_and_stands_on_the_first_page() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        do_the_first_task(&visitor, &stage).await;
        wait_for_done(&visitor, 1).await;
        visitor.reload().await;
        lesson::first_player(&visitor).await;
        wait_for_done(&visitor, 1).await;

        visitor.open(&host.address("")).await;
        visitor
            .until("the progress on the first page", async || {
                visitor
                    .page_text()
                    .await
                    .contains("1 of 7 tasks done")
                    .then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn progress_can_be_exported_forgotten_and_imported_again() {
    story(async |visitor, host| {
        let folder =
            std::env::temp_dir().join(format!("at-least-once-stories-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("there is room for a file");
        let downloads = json!({ "behavior": "allow", "downloadPath": folder });
        visitor
            .chromium("Browser.setDownloadBehavior", downloads)
            .await;
        let stage = lesson::open(&visitor, &host).await;
        do_the_first_task(&visitor, &stage).await;
        wait_for_done(&visitor, 1).await;

        visitor.open(&host.address("")).await;
        let says = async |words: &'static str| {
            visitor
                .until(words, async || {
                    visitor.page_text().await.contains(words).then_some(())
                })
                .await;
        };
        says("1 of 7 tasks done").await;
        let export = visitor.find(None, "button", "Export").await;
        visitor.press(&export).await;
        says("Exported as a file.").await;
        let file = folder.join("at-least-once-progress.json");
        let text = visitor
            .until("the exported file", async || {
                std::fs::read_to_string(&file)
                    .ok()
                    .filter(|text| !text.is_empty())
            })
            .await;
        let exported: Value = serde_json::from_str(&text).expect("the file is JSON");
        assert!(exported.to_string().contains("second-mail"), "{exported}");

        let reset = visitor.find(None, "button", "Reset…").await;
        visitor.press(&reset).await;
        says("Forget everything you did here?").await;
        let keep = visitor.find(None, "button", "Keep it").await;
        visitor.press(&keep).await;
        says("1 of 7 tasks done").await;
        let reset = visitor.find(None, "button", "Reset…").await;
        visitor.press(&reset).await;
        let plan = "return Object.keys(localStorage).includes('at-least-once.review')";
        let keep = "localStorage.setItem('at-least-once.review', '{}'); return null";
        visitor.read::<()>(keep, vec![]).await;
        assert!(visitor.read::<bool>(plan, vec![]).await);
        let forget = visitor.find(None, "button", "Forget everything").await;
        visitor.press(&forget).await;
        says("Nothing is begun yet.").await;
        assert!(!visitor.read::<bool>(plan, vec![]).await);
        visitor.reload().await;
        says("Nothing is begun yet.").await;

        visitor
            .until("the import", async || {
                let imports: Vec<bool> = visitor
                    .read("return [...document.querySelectorAll('input[type=file]')].map((it) => !it.disabled)", vec![])
                    .await;
                (imports == [true]).then_some(())
            })
            .await;
        visitor.give_file(&file).await;
        says("Imported").await;
        says("1 of 7 tasks done").await;
        std::fs::write(&file, "{\"lessons\": 3").expect("there is room for a file");
        visitor.give_file(&file).await;
        visitor
            .until("a word about the damaged file", async || {
                let text = visitor.page_text().await;
                (text.contains("Nothing was changed") && text.contains("1 of 7 tasks done"))
                    .then_some(())
            })
            .await;
        std::fs::remove_dir_all(&folder).expect("the folder was ours");
    });
}

/// The lesson works, its tasks too, and one sentence with these words is said once.
async fn check_works_unkept(visitor: &Visitor, stage: &Stage, words: &str) {
    do_the_first_task(visitor, stage).await;
    wait_for_done(visitor, 1).await;
    stage.set("Commit", "before the work").await;
    stage.to_end().await;
    say_who_gets_no_mail(visitor).await;
    wait_for_done(visitor, 2).await;
    let said = visitor.page_text().await.matches(words).count();
    assert_eq!(said, 1, "times that it is said");
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_browser_that_keeps_nothing_is_told_so_once() {
    let blocked = Story::with_preference("profile.default_content_setting_values.cookies", 2);
    blocked.tell(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        check_works_unkept(&visitor, &stage, "This browser keeps nothing for this page").await;
        // The colours can be changed all the same.
        let colours = visitor.find(None, "button", "Colours: Auto").await;
        visitor.press(&colours).await;
        visitor.find(None, "button", "Colours: Light").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_browser_whose_storage_is_full_is_told_so_once() {
    story(async |visitor, host| {
        visitor
            .before_every_page(
                "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
            )
            .await;
        let stage = lesson::open(&visitor, &host).await;
        check_works_unkept(&visitor, &stage, "no room left in this browser's storage").await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn progress_that_cannot_be_read_is_left_as_it_is() {
    story(async |visitor, host| {
        visitor.open(&host.address("")).await;
        const DAMAGE: &str = "localStorage.setItem('at-least-once.progress', '{\"version\": 99')";
        visitor
            .read::<()>(&format!("{DAMAGE}; return null"), vec![])
            .await;
        let stage = lesson::open(&visitor, &host).await;
        check_works_unkept(&visitor, &stage, "cannot be read by this page").await;
        let kept: String = visitor
            .read(
                "return localStorage.getItem('at-least-once.progress')",
                vec![],
            )
            .await;
        assert_eq!(kept, "{\"version\": 99");
    });
}
