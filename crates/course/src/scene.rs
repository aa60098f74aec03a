//! Scenes as authors write them: read, checked, and run against what they expect.

use crate::diagnostic::Diagnostics;
use crate::document::{Document, below};
use crate::schema;
use crate::source::Source;
use engine::Scene;
use engine::scene::{Mistake, Selection};
use std::collections::BTreeSet;

/// Reads a scene and runs it: one that is returned keeps all of its expectations.
///
/// # Errors
/// All mistakes: of notation, else of shape, else of sense, else expectations that do not hold.
pub fn read_scene(path: &str, text: &str) -> Result<Scene, Diagnostics> {
    read(&Source::new(path, text))
}

/// As [`read_scene`].
///
/// # Errors
/// All mistakes.
pub fn read(source: &Source) -> Result<Scene, Diagnostics> {
    let document = Document::json(source)?;
    let scene = sound(&document)?;
    tell(&document, scene.broken_expectations()).or(scene)
}

/// Reads a scene that can be run, whatever it expects to come of it.
///
/// # Errors
/// All mistakes but broken expectations.
pub fn runnable(source: &Source) -> Result<Scene, Diagnostics> {
    sound(&Document::json(source)?)
}

fn sound(document: &Document) -> Result<Scene, Diagnostics> {
    let scene: Scene = schema::SCENE.read(document)?;
    tell(document, mistakes(&scene)).or(scene)
}

/// All mistakes of the scene as told and with each combination of its settings. What a setting
/// brought in is told at the setting; the same mistake of several combinations is told once.
fn mistakes(scene: &Scene) -> Vec<Mistake> {
    let as_told = scene.mistakes();
    if !as_told.is_empty() {
        return as_told;
    }
    let mut told = BTreeSet::new();
    let mut all = Vec::new();
    for selection in scene.selections() {
        let found = match scene.with(&selection) {
            Ok(changed) => changed
                .mistakes()
                .into_iter()
                .map(|mistake| Mistake {
                    pointer: origin(scene, &selection, &mistake.pointer),
                    ..mistake
                })
                .collect(),
            Err(mistakes) => mistakes,
        };
        all.extend(
            found
                .into_iter()
                .filter(|mistake| told.insert((mistake.pointer.clone(), mistake.what.clone()))),
        );
    }
    all
}

/// Where the part at a pointer came from: the last setting that replaced it, or the scene itself.
fn origin(scene: &Scene, selection: &Selection, pointer: &str) -> String {
    let mut origin = pointer.to_owned();
    for (at, setting) in scene.settings.iter().enumerate() {
        let Some(nth) = setting
            .options
            .iter()
            .position(|option| selection.get(&setting.id) == Some(&option.id))
        else {
            continue;
        };
        for part in setting.options[nth].set.keys() {
            match pointer.strip_prefix(part.as_str()) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                    origin = below(&format!("/settings/{at}/options/{nth}/set"), part) + rest;
                }
                _ => {}
            }
        }
    }
    origin
}

fn tell(document: &Document, mistakes: Vec<Mistake>) -> Diagnostics {
    let mut found = Diagnostics::new();
    for mistake in mistakes {
        found.add(
            &document.source,
            document.place(&mistake.pointer),
            mistake.what,
            mistake.help,
        );
    }
    found
}
