//! Scenes as authors write them: read, checked, and run against what they expect.

use crate::diagnostic::Diagnostics;
use crate::document::{Document, below};
use crate::schema;
use crate::source::Source;
use engine::Scene;
use engine::scene::{Mistake, Selection};

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
    let mut found = tell(document, scene.mistakes());
    if found.is_empty() {
        for selection in scene.selections() {
            found.merge(of_selection(document, &scene, &selection));
        }
    }
    found.or(scene)
}

/// The mistakes of the scene with some options. What an option brought in is told at the option,
/// so that the same mistake of several combinations is told once.
fn of_selection(document: &Document, scene: &Scene, selection: &Selection) -> Diagnostics {
    let Ok(value) = serde_json::to_value(scene) else {
        return Diagnostics::one(
            &document.source,
            0..0,
            "this scene has no JSON form",
            "report this as a bug",
        );
    };
    let mut changed = document.with_value(value);
    for (at, setting) in scene.settings.iter().enumerate() {
        for (nth, option) in setting.options.iter().enumerate() {
            if selection.get(&setting.id) == Some(&option.id) {
                let set = format!("/settings/{at}/options/{nth}/set");
                for part in option.set.keys() {
                    changed.replace(part, &below(&set, part));
                }
            }
        }
    }
    match (scene.with(selection), schema::SCENE.read::<Scene>(&changed)) {
        (Ok(scene), _) => tell(&changed, scene.mistakes()),
        // The engine says that it is no scene; the schema says why, and where.
        (Err(mistakes), Err(mut shapes)) => {
            let nowhere = |mistake: &Mistake| !mistake.what.starts_with("with this option");
            shapes.merge(tell(
                document,
                mistakes.into_iter().filter(nowhere).collect(),
            ));
            shapes
        }
        (Err(mistakes), Ok(_)) => tell(document, mistakes),
    }
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
