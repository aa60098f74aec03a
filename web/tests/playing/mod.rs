//! A player of a scene, with options chosen in it.

use engine::Scene;
use engine::scene::{Selection, Told};
use std::sync::Arc;
use web::stage::player::Player;

/// A player of a scene that is written in a file.
pub fn player(scene: &str, options: &[(&str, &str)]) -> Player {
    of_scene(serde_json::from_str(scene).expect("a scene"), options)
}

/// A player of a scene.
pub fn of_scene(scene: Scene, options: &[(&str, &str)]) -> Player {
    let scene: Arc<Told> = Arc::new(scene.into());
    Player::new(scene, selection(options)).expect("the scene has no mistakes")
}

/// Options by the names of their settings.
pub fn selection(options: &[(&str, &str)]) -> Selection {
    let options = options.iter();
    let options = options.map(|(setting, option)| ((*setting).to_owned(), (*option).to_owned()));
    options.collect()
}
