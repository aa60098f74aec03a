//! The quick check.

use fantoccini::elements::Element;
use tests::lesson;
use tests::story::story;
use tests::visitor::Visitor;

/// A form of questions and how it is answered.
struct Quiz {
    visitor: Visitor,
    form: Element,
}

impl Quiz {
    async fn find(visitor: &Visitor, name: &str) -> Quiz {
        let form = visitor.find(None, "form", name).await;
        visitor.come_to(&form).await;
        let quiz = Quiz {
            visitor: visitor.clone(),
            form,
        };
        let button = visitor
            .find(Some(&quiz.form), "button", "Check answers")
            .await;
        visitor
            .until("questions that can be checked", async || {
                button
                    .is_enabled()
                    .await
                    .expect("the button is there")
                    .then_some(())
            })
            .await;
        quiz
    }

    async fn questions(&self) -> Vec<Element> {
        self.visitor.all_with_role(Some(&self.form), "group").await
    }

    async fn choose(&self, question: usize, option: usize) {
        let question = &self.questions().await[question];
        let options = self.visitor.all_with_role(Some(question), "radio").await;
        self.visitor.press(&options[option]).await;
    }

    async fn check(&self) -> String {
        let button = self
            .visitor
            .find(Some(&self.form), "button", "Check answers")
            .await;
        self.visitor.press(&button).await;
        let status = self.visitor.all_with_role(Some(&self.form), "status").await;
        self.visitor
            .until("a verdict", async || {
                Some(self.visitor.text(&status[0]).await).filter(|said| !said.is_empty())
            })
            .await
    }

    async fn text(&self, question: usize) -> String {
        self.visitor.text(&self.questions().await[question]).await
    }
}

/// The place of the right answer of each question.
const RIGHT: [usize; 5] = [1, 3, 2, 3, 0];

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn nothing_chosen_is_told_and_gives_nothing_away() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let quiz = Quiz::find(&visitor, "Quick check").await;
        assert_eq!(quiz.questions().await.len(), 5);
        assert_eq!(quiz.check().await, "0 of 5 right, 5 not answered.");
        for question in 0..5 {
            let text = quiz.text(question).await;
            assert!(text.contains("Not answered yet."), "{text}");
            assert!(
                !text.contains("Right.") && !text.contains("Not so."),
                "{text}"
            );
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn a_wrong_answer_explains_itself_and_leaves_the_rest_to_the_learner() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let quiz = Quiz::find(&visitor, "Quick check").await;
        quiz.choose(0, 0).await;
        quiz.choose(1, RIGHT[1]).await;
        assert_eq!(quiz.check().await, "1 of 5 right, 3 not answered.");
        let wrong = quiz.text(0).await;
        assert!(
            wrong.contains("Not so. This is the “last processed” reading."),
            "{wrong}"
        );
        assert!(
            !wrong.contains("Right."),
            "the right one is given away: {wrong}"
        );
        let right = quiz.text(1).await;
        assert!(right.contains("Right."), "{right}");

        // Another choice takes the old verdict away.
        quiz.choose(0, RIGHT[0]).await;
        visitor
            .until("the old verdict to go", async || {
                (!quiz.text(0).await.contains("Not so.")).then_some(())
            })
            .await;
    });
}

/// Every wrong answer has a reason of its own.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn every_option_explains_itself() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let quiz = Quiz::find(&visitor, "Quick check").await;
        let mut reasons = Vec::new();
        for round in 1..4 {
            for (question, right) in RIGHT.iter().enumerate() {
                quiz.choose(question, (right + round) % 4).await;
            }
            assert_eq!(
                quiz.check().await,
                "0 of 5 right. Read why, and try the others again."
            );
            for question in 0..5 {
                let text = quiz.text(question).await;
                let (_, reason) = text
                    .split_once("Not so.")
                    .unwrap_or_else(|| panic!("no reason in {text}"));
                let reason = reason.trim().lines().next().unwrap_or_default().to_owned();
                assert!(reason.len() > 20, "a thin reason in {text}");
                assert!(
                    !reasons.contains(&reason),
                    "twice the same reason: {reason}"
                );
                reasons.push(reason);
            }
        }
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn all_right_is_said_and_kept() {
    story(async |visitor, host| {
        lesson::open(&visitor, &host).await;
        let quiz = Quiz::find(&visitor, "Quick check").await;
        for (question, option) in RIGHT.into_iter().enumerate() {
            quiz.choose(question, option).await;
        }
        assert_eq!(quiz.check().await, "All 5 right.");
        visitor.reload().await;
        let quiz = Quiz::find(&visitor, "Quick check").await;
        let status = visitor.all_with_role(Some(&quiz.form), "status").await;
        visitor
            .until("the kept verdict", async || {
                (visitor.text(&status[0]).await == "All 5 right.").then_some(())
            })
            .await;
        visitor.open(&host.address("")).await;
        visitor
            .until("the answers on the first page", async || {
                visitor
                    .page_text()
                    .await
                    .contains("5 of 5 answers right")
                    .then_some(())
            })
            .await;
    });
}

#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn the_prediction_has_the_answer_that_the_player_shows() {
    story(async |visitor, host| {
        let stage = lesson::open(&visitor, &host).await;
        stage.set("Commit", "before the work").await;
        let end = stage.to_end().await;
        assert_eq!(
            end.count("goes on at the committed offset 4"),
            1,
            "{:?}",
            end.past()
        );
        let quiz = Quiz::find(&visitor, "Before you look").await;
        quiz.choose(0, 3).await;
        assert_eq!(quiz.check().await, "All 1 right.");
    });
}
