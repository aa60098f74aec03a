//! What a learner may change in a scene: named choices, each of which sets parts of it.

use super::{Mistake, Scene, Wording};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The name links use, for example "guard".
    pub id: String,
    /// What stands beside the choice on the page, for example "Guard".
    pub label: String,
    /// What can be chosen; the first is the scene as told. At most 64.
    pub options: Vec<SettingOption>,
}

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingOption {
    /// The name links use, for example "on".
    pub id: String,
    /// What the page shows, for example "on".
    pub label: String,
    /// Which parts of the scene it replaces: a JSON Pointer (RFC 6901) into the scene, and the new value. At most 64.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "BTreeMap<String, serde_json::Value>")
    )]
    pub set: BTreeMap<String, serde_json::Value>,
}

/// Which option of each setting is chosen, by their ids. A setting that is not named has its first.
pub type Selection = BTreeMap<String, String>;

impl Scene {
    /// This scene with the chosen options applied, in the order of its settings.
    ///
    /// # Errors
    /// A setting or option that the scene does not have, or a part that cannot be set so.
    pub fn with(&self, selection: &Selection) -> Result<Scene, Vec<Mistake>> {
        match serde_json::to_value(self) {
            Ok(mut value) => self.set_in(&mut value, selection),
            Err(_) => Err(vec![Mistake::new(
                "",
                "this scene cannot be written as JSON",
                "report this as a bug",
            )]),
        }
    }

    /// The same, given the scene as JSON: writing it again would be code that every page loads.
    pub(super) fn set_in(
        &self,
        value: &mut serde_json::Value,
        selection: &Selection,
    ) -> Result<Scene, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for (setting, option) in selection {
            let known = self.settings.iter().find(|known| known.id == *setting);
            if !known.is_some_and(|known| known.options.iter().any(|known| known.id == *option)) {
                mistakes.push(Mistake::new(
                    "/settings",
                    format!("there is no option `{option}` of a setting `{setting}`"),
                    "choose one the scene lists",
                ));
            }
        }
        let mut last = "/settings".to_owned();
        for (at, setting) in self.settings.iter().enumerate() {
            let chosen = match selection.get(&setting.id) {
                Some(id) => setting.options.iter().position(|option| option.id == *id),
                None => Some(0),
            };
            let Some((nth, option)) = chosen.and_then(|nth| Some((nth, setting.options.get(nth)?)))
            else {
                continue;
            };
            for (pointer, new) in &option.set {
                let place = format!(
                    "/settings/{at}/options/{nth}/set/{}",
                    pointer.replace('~', "~0").replace('/', "~1")
                );
                let root = pointer.split('/').nth(1).unwrap_or_default();
                if [
                    "id", "version", "settings", "expect", "explored", "title", "",
                ]
                .contains(&root)
                {
                    mistakes.push(Mistake::new(&place, format!("`{pointer}` may not be changed by a setting"), "set a part of topics, services, tables, consumers, network, faults, broker or bounds"));
                    continue;
                }
                let part = in_text(value, pointer);
                match value.pointer_mut(&part) {
                    Some(old) => *old = new.clone(),
                    None => mistakes.push(Mistake::new(
                        &place,
                        format!("the scene has nothing at `{pointer}`"),
                        "write a JSON Pointer to a part that exists, such as /consumers/0/commit",
                    )),
                }
                last = place;
            }
        }
        match crate::text::read_value::<Scene>(value) {
            Ok(scene) if mistakes.is_empty() => Ok(scene),
            Ok(_) => Err(mistakes),
            Err(error) => {
                mistakes.push(Mistake::new(
                    &last,
                    format!("with this option the scene is no scene: {error}"),
                    "set a value of the shape the schema asks for",
                ));
                Err(mistakes)
            }
        }
    }

    /// Every combination of options, the scene as told first. Bounded by [`super::check::MOST_COMBINATIONS`].
    pub fn selections(&self) -> Vec<Selection> {
        let mut all = vec![Selection::new()];
        for setting in &self.settings {
            all = all
                .into_iter()
                .flat_map(|chosen| {
                    setting.options.iter().map(move |option| {
                        let mut chosen = chosen.clone();
                        chosen.insert(setting.id.clone(), option.id.clone());
                        chosen
                    })
                })
                .take(super::check::MOST_COMBINATIONS + 1)
                .collect();
        }
        all
    }
}

/// A pointer into a scene as its text has it: in the words it was written with, or else in the words that
/// the text is written in.
fn in_text(text: &serde_json::Value, pointer: &str) -> String {
    match text.pointer(pointer) {
        Some(_) => pointer.to_owned(),
        None => Wording::of(text).pointer(pointer),
    }
}
