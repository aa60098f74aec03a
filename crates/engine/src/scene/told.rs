//! A scene together with the JSON it was read from.

use super::{Mistake, Scene, Selection};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::ops::Deref;

/// A scene that can be changed by its settings, and handed on, without being written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    scene: Scene,
    text: Value,
}

impl Told {
    /// The scene with the chosen options applied, as [`Scene::with`].
    ///
    /// # Errors
    /// Those of [`Scene::with`].
    pub fn with(&self, selection: &Selection) -> Result<Scene, Vec<Mistake>> {
        self.scene.set_in(self.text.clone(), selection)
    }
}

impl From<Scene> for Told {
    fn from(scene: Scene) -> Self {
        Told {
            text: serde_json::to_value(&scene).unwrap_or_default(),
            scene,
        }
    }
}

impl Deref for Told {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.scene
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Value::deserialize(from)?;
        let scene = Scene::deserialize(&text).map_err(serde::de::Error::custom)?;
        Ok(Told { scene, text })
    }
}
