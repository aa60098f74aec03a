//! The page of the flagship lesson, and what of it is alive.

use crate::host::Host;
use crate::stage::Stage;
use crate::visitor::Visitor;

/// Where it stands in the site.
pub const LESSON: &str = "lessons/consumer-groups/";
/// What its first player is called.
pub const SCENE: &str = "Scene: The crash before the commit";

/// Opens the lesson and waits until its first player can be used.
pub async fn open(visitor: &Visitor, host: &Host) -> Stage {
    visitor.open(&host.address(LESSON)).await;
    first_player(visitor).await
}

/// The first player of the page, once it can be used.
pub async fn first_player(visitor: &Visitor) -> Stage {
    player(visitor, 0).await
}

/// The n-th player of the page, once it can be used.
pub async fn player(visitor: &Visitor, nth: usize) -> Stage {
    let element = visitor
        .until("a player on the page", async || {
            visitor
                .all(None, "region", SCENE)
                .await
                .into_iter()
                .nth(nth)
        })
        .await;
    let stage = Stage::new(visitor.clone(), element).await;
    visitor
        .until("a player that can be used", async || {
            stage.sight().await.is_live.then_some(())
        })
        .await;
    stage
}
