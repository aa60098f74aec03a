//! The page of the flagship lesson, and what of it is alive.

use crate::host::Host;
use crate::stage::Stage;
use crate::visitor::Visitor;
use fantoccini::elements::Element;

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
