//! Every lesson, by one story that knows the words of none.

use fantoccini::elements::Element;
use std::fs;
use tests::axe;
use tests::environment;
use tests::stage::Stage;
use tests::story::Story;
use tests::visitor::Visitor;

/// The paths of all lessons in the site.
fn lessons() -> Vec<String> {
    let folder = environment::site().join("lessons");
    let mut found: Vec<String> = fs::read_dir(&folder)
        .expect("the site has lessons")
        .map(|entry| entry.expect("the folder can be read"))
        .filter(|entry| entry.path().join("index.html").is_file())
        .map(|entry| format!("lessons/{}/", entry.file_name().to_string_lossy()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// All parts of the page with this role and class.
async fn parts(visitor: &Visitor, role: &str, class: &str) -> Vec<Element> {
    let mut found = Vec::new();
    for element in visitor.all_with_role(None, role).await {
        // What a player shows besides may go when it comes alive: then it is no part of the page.
        let Ok(classes) = element.attr("class").await else {
            continue;
        };
        if classes.is_some_and(|all| all.split_whitespace().any(|one| one == class)) {
            found.push(element);
        }
    }
    found
}

/// Steps a scene to its end.
async fn step_through(visitor: &Visitor, scene: Element) {
    visitor.come_to(&scene).await;
    let stage = Stage::new(visitor.clone(), scene).await;
    let mut sight = stage.sight().await;
    let last = sight.last_step;
    assert!(sight.is_live && last > 0, "a scene without steps");
    while sight.can_step_forward {
        sight = stage.forward().await;
    }
    assert_eq!(sight.step, last);
    assert_eq!(sight.current_row(), Some(sight.rows.len() - 1));
}

/// Answers every question with its first option.
async fn answer(visitor: &Visitor, form: Element) {
    visitor.come_to(&form).await;
    let questions = visitor.all_with_role(Some(&form), "group").await;
    assert!(!questions.is_empty(), "a quiz without questions");
    for question in &questions {
        let options = visitor.all_with_role(Some(question), "radio").await;
        visitor.press(&options[0]).await;
    }
    let check = visitor.find(Some(&form), "button", "Check answers").await;
    visitor.press(&check).await;
    let status = visitor.all_with_role(Some(&form), "status").await.remove(0);
    let words = visitor
        .until("a verdict", async || {
            Some(visitor.text(&status).await).filter(|said| !said.is_empty())
        })
        .await;
    assert!(words.contains("right"), "{words}");
}

async fn check_width(visitor: &Visitor, width: u32, path: &str) {
    const WIDTH: &str = "return Math.max(document.scrollingElement.scrollWidth, innerWidth)";
    let found: u32 = visitor.read(WIDTH, vec![]).await;
    assert!(found <= width, "{path} is {found} wide, on {width}");
}

/// What the console has to say fails every story.
#[test]
#[ignore = "tells its story on the built pages: cargo xtask test"]
fn every_lesson_can_be_gone_through() {
    const WIDTH: u32 = 390;
    for path in lessons() {
        println!("{path}");
        Story::default().tell(async move |visitor, host| {
            visitor.take_screen(WIDTH, 844).await;
            visitor.open(&host.address(&path)).await;
            check_width(&visitor, WIDTH, &path).await;
            let scenes = parts(&visitor, "region", "stage").await;
            assert!(!scenes.is_empty(), "{path} has no scene");
            for scene in scenes {
                step_through(&visitor, scene).await;
            }
            for form in parts(&visitor, "form", "quiz").await {
                answer(&visitor, form).await;
            }
            check_width(&visitor, WIDTH, &path).await;
            axe::check(&visitor, &format!("{path} at its end")).await;
        });
    }
}
