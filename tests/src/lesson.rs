//! The page of the flagship lesson, and what of it is alive.

use fantoccini::elements::Element;

use crate::host::Host;
use crate::stage::Stage;
use crate::visitor::Visitor;

/// Where it stands in the site.
pub const LESSON: &str = "lessons/consumer-groups/";
/// What its first player is called.
pub const SCENE: &str = "Scene: A crash in the loop";
/// What its second player is called, which stands in another setting.
pub const SECOND_SCENE: &str = "Scene 2: A crash in the loop";

/// Opens the lesson and waits until its first player can be used.
pub async fn open(visitor: &Visitor, host: &Host) -> Stage {
    visitor.open(&host.address(LESSON)).await;
    first_player(visitor).await
}

/// The first player of the page, once it can be used.
pub async fn first_player(visitor: &Visitor) -> Stage {
    player(visitor, SCENE).await
}

/// Writes an answer to the question of a task, which is called so, and gives it.
///
/// # Panics
/// Where nothing can be written.
pub async fn answer(visitor: &Visitor, task: &str, text: &str) -> Element {
    let form = question(visitor, task).await;
    let field = visitor.find(Some(&form), "textbox", "Your answer").await;
    field.clear().await.expect("the field can be emptied");
    field.send_keys(text).await.expect("the field takes keys");
    give_answer(visitor, &form).await;
    form
}

/// Chooses or ticks these answers to the question of a task, which is called so, and gives them.
pub async fn choose(visitor: &Visitor, task: &str, role: &str, answers: &[&str]) -> Element {
    let form = question(visitor, task).await;
    for answer in answers {
        let one = visitor.find(Some(&form), role, answer).await;
        visitor.press(&one).await;
    }
    give_answer(visitor, &form).await;
    form
}

/// The question of the task that is called so.
pub async fn question(visitor: &Visitor, task: &str) -> Element {
    let form = visitor
        .find(None, "form", &format!("Your answer: {task}"))
        .await;
    visitor.come_to(&form).await;
    form
}

async fn give_answer(visitor: &Visitor, form: &Element) {
    let button = visitor.find(Some(form), "button", "Answer").await;
    visitor.press(&button).await;
}

/// The player of this name, once it can be used.
pub async fn player(visitor: &Visitor, name: &str) -> Stage {
    let element = visitor.find(None, "region", name).await;
    usable(visitor, element).await
}

/// The player inside an exercise of which nothing else is a region, once it can be used.
///
/// # Panics
/// Where there is none.
pub async fn player_in(visitor: &Visitor, exercise: &Element) -> Stage {
    let regions = visitor.all_with_role(Some(exercise), "region").await;
    let player = regions.into_iter().next().expect("a player is in it");
    usable(visitor, player).await
}

async fn usable(visitor: &Visitor, element: Element) -> Stage {
    visitor.come_to(&element).await;
    let stage = Stage::new(visitor.clone(), element).await;
    stage
        .until("a player that can be used", |sight| sight.is_live)
        .await;
    stage
}
