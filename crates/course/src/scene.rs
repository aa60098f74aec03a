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
    mistakes.retain(|mistake| !in_doubt(&mistake.pointer, &mended));
    tell_all(&mut found, document, mistakes);
    // What the options and the run make of a scene with mistakes says nothing about its author's.
    if found.is_empty() {
        for selection in scene.selections() {
            found.merge(of_selection(document, &scene, &selection));
        }
    }
    found.or(scene)
}

/// What a mistake of sense rests on besides its own place: by its pointer, the parts that it was
/// compared with. `*` is any index; `#` is the same index in both.
const RESTS_ON: [(&str, &[&str]); 32] = [
    ("/topics", &["/topics/*/records"]),
    (
        "/topics/#/records/*/partition",
        &["/topics/#/partitions", "/topics/#/name"],
    ),
    ("/consumers/#/topics", &["/consumers/#/name"]),
    ("/consumers/*/topics/*", &["/topics/*/name"]),
    ("/consumers/*/handler/*/skip_if_in", &["/tables/*/name"]),
    ("/consumers/*/handler/*/insert_into", &["/tables/*/name"]),
    ("/consumers/*/handler/*/send", &["/services/*/name"]),
    (
        "/consumers/*/config/session.timeout.ms",
        &[
            "/broker/settings/group.min.session.timeout.ms",
            "/broker/settings/group.max.session.timeout.ms",
        ],
    ),
    (
        "/consumers/#/config/heartbeat.interval.ms",
        &["/consumers/#/config/session.timeout.ms"],
    ),
    (
        "/consumers/*/handler/*/publish",
        &["/topics/*/name", "/topics/*/published"],
    ),
    (
        "/consumers/#/commit",
        &["/consumers/#/producer", "/consumers/#/name"],
    ),
    ("/consumers/#/work", &["/consumers/#/producer"]),
    (
        "/producers/*/program/*/send",
        &["/topics/*/sent", "/topics/*/sent/*/value"],
    ),
    (
        "/producers/#/program",
        &[
            "/producers/#/config/transactional.id",
            "/producers/#/program/*",
            "/producers/#/name",
        ],
    ),
    (
        "/producers/#/program/*",
        &["/producers/#/config/transactional.id"],
    ),
    (
        "/explore/jitter_ms",
        &["/consumers/*/producer", "/producers/*/config"],
    ),
    ("/faults/*/to", &["/consumers/*/name", "/producers/*/name"]),
    ("/faults/#/when", &["/faults/#/do"]),
    (
        "/faults/*/when/*/step",
        &[
            "/consumers/*/producer",
            "/consumers/*/name",
            "/producers/*/name",
        ],
    ),
    ("/network/latency_us", &["/network/latency_us/*"]),
    ("/settings", &["/settings/*/options"]),
    ("/settings/#/options", &["/settings/#/label"]),
    ("/promises/*/that/done_once", &["/services/*/name"]),
    ("/promises/*/that/all_done", &["/services/*/name"]),
    (
        "/promises/*/that/in_order",
        &["/services/*/name", "/topics/*/records/*/key"],
    ),
    ("/promises/*/that/adds_up", &["/tables/*/name"]),
    ("/promises/*/that/no_ghost/topic", &["/topics/*/name"]),
    ("/promises/*/that/no_ghost/table", &["/tables/*/name"]),
    (
        "/explore/interchangeable/*/*",
        &["/consumers/*/*", "/consumers/*/*/*"],
    ),
    (
        "/explored/*/with/*",
        &["/settings/*/id", "/settings/*/options/*/id"],
    ),
    ("/explored/*/promises/*", &["/promises/*/name"]),
    ("/explored/*/promises", &["/promises/*/name"]),
];

/// Whether a mistake of sense at this place may come of what was mended.
fn in_doubt(pointer: &str, mended: &Mended) -> bool {
    if mended.is_empty() {
        return false;
    }
    mended.touches(pointer)
        || RESTS_ON.iter().any(|(place, parts)| {
            same_index(place, pointer).is_some_and(|index| {
                parts
                    .iter()
                    .any(|part| mended.touches(&part.replace('#', index)))
            })
        })
}

/// Whether a pointer has a form, and the index that stands for its `#`.
fn same_index<'a>(form: &str, pointer: &'a str) -> Option<&'a str> {
    let (mut names, mut index) = (pointer.split('/'), "");
    for one in form.split('/') {
        let name = names.next()?;
        match one {
            "*" => {}
            "#" => index = name,
            _ if one == name => {}
            _ => return None,
        }
    }
    names.next().is_none().then_some(index)
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
        let place = document.key(&mistake.pointer);
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
