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
        self.scene.set_in(&mut self.text.clone(), selection)
    }

    /// The same as a scene that can be changed and handed on again.
    ///
    /// # Errors
    /// Those of [`Scene::with`].
    pub fn chosen(&self, selection: &Selection) -> Result<Told, Vec<Mistake>> {
        let mut text = self.text.clone();
        let scene = self.scene.set_in(&mut text, selection)?;
        Ok(Told { scene, text })
    }

    /// The scene without these parts, by their names; as it is, where a scene must have one of them.
    #[must_use]
    pub fn without(self, parts: &[&str]) -> Told {
        let mut text = self.text.clone();
        if let Value::Object(fields) = &mut text {
            fields.retain(|name, _| !parts.contains(&name.as_str()));
        }
        match crate::text::read_value(&text) {
            Ok(scene) => Told { scene, text },
            Err(_) => self,
        }
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
        let scene: Scene = crate::text::read_value(&text).map_err(serde::de::Error::custom)?;
        Ok(Told { scene, text })
    }
}
