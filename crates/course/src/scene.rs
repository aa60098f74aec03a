//! Scenes as authors write them: read, checked, and run against what they expect.

use crate::diagnostic::Diagnostics;
use crate::document::{Document, below};
use crate::expected;
use crate::schema;
use crate::shape::{Mended, Reading};
use crate::source::Source;
use engine::Scene;
use engine::scene::{Mistake, Selection, Wording};

/// Reads a scene and runs it: one that is returned keeps all of its expectations.
///
/// # Errors
/// All mistakes: of notation; else of shape and of sense together; else expectations that do not hold.
pub fn read_scene(path: &str, text: &str) -> Result<Scene, Diagnostics> {
    read(&Source::new(path, text))
}

/// As [`read_scene`].
///
/// # Errors
/// All mistakes.
pub fn read(source: &Source) -> Result<Scene, Diagnostics> {
    let document = document(source)?;
    let scene = sound(&document)?;
    tell(&document, expected::broken(&scene)).or(scene)
}

/// Reads a scene that can be run, whatever it expects to come of it.
///
/// # Errors
/// All mistakes but broken expectations.
pub fn runnable(source: &Source) -> Result<Scene, Diagnostics> {
    sound(&document(source)?)
}

/// The text as JSON, unless it is another part of a lesson.
fn document(source: &Source) -> Result<Document, Diagnostics> {
    let other = |span, what: &str| {
        let help = "name a file that ends in `.scene.json`; `alo check` reads whole lessons";
        Diagnostics::one(source, span, format!("this is {what}, not a scene"), help)
    };
    if source.text().starts_with("+++") {
        return Err(other(0..3, "a lesson"));
    }
    let document = Document::json(source)?;
    let has = |field| document.value.get(field).is_some();
    if has("questions") && !has("topics") && !has("channels") && !has("consumers") {
        return Err(other(document.key("/questions"), "a quiz"));
    }
    Ok(document)
}

fn sound(document: &Document) -> Result<Scene, Diagnostics> {
    // A scene in two kinds of words is read on as one that keeps to those it began with.
    let wording = Wording::of(&document.value);
    let mut text = document.value.clone();
    let mixed = wording.put(&mut text);
    let read = document.with_value(text);
    let Reading {
        value,
        mut found,
        mended,
    } = schema::scene(wording).read_on::<Scene>(&read);
    tell_words(&mut found, document, mixed);
    // What the engine says of a scene, it says in Kafka's words.
    let mended = mended.renamed(|pointer| Wording::Kafka.pointer(pointer));
    let Some(scene) = value else {
        return Err(found);
    };
    let mut mistakes = scene.mistakes();
    mistakes.retain(|mistake| !in_doubt(mistake, &mended));
    tell_all(&mut found, document, mistakes);
    // What the options and the run make of a scene with mistakes says nothing about its author's.
    if found.is_empty() {
        for selection in scene.selections() {
            found.merge(of_selection(document, &scene, &selection));
        }
    }
    found.or(scene)
}

/// Whether a mistake of sense may come of what was mended: at its place, where it was compared with, or by
/// the name that it tells.
fn in_doubt(mistake: &Mistake, mended: &Mended) -> bool {
    let mut parts = mistake.rests_on.iter().chain([&mistake.pointer]);
    parts.any(|part| mended.touches(part))
        || [&mistake.what, &mistake.help]
            .iter()
            .any(|text| mended.is_named_in(text))
}

/// The mistakes of the scene with some options. What an option brought in is told at the option,
/// so that the same mistake of several combinations is told once.
fn of_selection(document: &Document, scene: &Scene, selection: &Selection) -> Diagnostics {
    let Ok(mut value) = serde_json::to_value(scene) else {
        return Diagnostics::one(
            &document.source,
            0..0,
            "this scene has no JSON form",
            "report this as a bug",
        );
    };
    let wording = Wording::of(&document.value);
    // The engine has written it in Kafka's words, which is no mistake of its author.
    wording.put(&mut value);
    let mut changed = document.with_value(value);
    for (at, setting) in scene.settings.iter().enumerate() {
        for (nth, option) in setting.options.iter().enumerate() {
            if selection.get(&setting.id) == Some(&option.id) {
                let set = format!("/settings/{at}/options/{nth}/set");
                for part in option.set.keys() {
                    changed.replace(&wording.pointer(part), &below(&set, part));
                }
            }
        }
    }
    let mixed = wording.put(&mut changed.value);
    if !mixed.is_empty() {
        let mut found = Diagnostics::new();
        tell_words(&mut found, &changed, mixed);
        return found;
    }
    let shape = schema::scene(wording).read::<Scene>(&changed);
    match (scene.with(selection), shape) {
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

/// Mistakes of a scene that was read before, at their places in its file.
pub fn told(source: &Source, mistakes: Vec<Mistake>) -> Diagnostics {
    match document(source) {
        Ok(document) => tell(&document, mistakes),
        Err(changed) => changed,
    }
}

fn tell(document: &Document, mistakes: Vec<Mistake>) -> Diagnostics {
    let mut found = Diagnostics::new();
    tell_all(&mut found, document, mistakes);
    found
}

/// Mistakes in the words of a scene, each at the word.
fn tell_words(found: &mut Diagnostics, document: &Document, mistakes: Vec<Mistake>) {
    for mistake in mistakes {
        // A step is the value of its field; other words are names of fields.
        let place = match mistake.pointer.ends_with("/step") {
            true => document.place(&mistake.pointer),
            false => document.key(&mistake.pointer),
        };
        found.add(&document.source, place, mistake.what, mistake.help);
    }
}

fn tell_all(found: &mut Diagnostics, document: &Document, mistakes: Vec<Mistake>) {
    let wording = Wording::of(&document.value);
    for mistake in mistakes {
        found.add(
            &document.source,
            document.place(&wording.pointer(&mistake.pointer)),
            mistake.what,
            mistake.help,
        );
    }
}
