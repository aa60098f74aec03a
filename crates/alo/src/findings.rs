//! What a search found, as text and as JSON: for `explore` and `grade`.

use course::budget::counted;
use course::found::{Found, Outcome};
use course::lesson::Block;
use engine::scene::Budget;
use engine::{Cast, Scene};
use schedule::Verdict;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// Where findings can be opened.
pub struct Page<'a> {
    /// The lesson whose page plays the scene; none where no page does.
    pub lesson: Option<String>,
    /// The scene they are about.
    pub scene: &'a Scene,
}

impl Page<'_> {
    /// The address of a finding from the site's root.
    pub fn link(&self, found: &Found) -> Option<String> {
        let lesson = self.lesson.as_deref()?;
        Some(found.link(lesson, self.scene, &self.scene.id))
    }
}

/// The lesson of a file, by its folder, if its page plays this very scene. The first of its players is
/// called after the scene.
pub fn played_in(file: &Path, scene: &Scene) -> Option<String> {
    let whole = file.canonicalize().ok()?;
    let folder = whole.parent()?;
    // A lesson with mistakes has no page, and whoever corrects it does not need a link yet.
    let lesson = course::lesson::read_lesson(folder).ok()?;
    let plays = |block: &Block| matches!(block, Block::Stage { scene: id, .. } if *id == scene.id);
    let same = lesson.scenes.get(&scene.id).map(as_run) == Some(as_run(scene));
    let name = folder.file_name()?.to_str()?;
    (same && lesson.blocks.iter().any(plays)).then(|| name.to_owned())
}

/// A scene without what says something about its runs and changes none: an exercise may promise other
/// things than the lesson, and search further.
fn as_run(scene: &Scene) -> Scene {
    Scene {
        promises: Vec::new(),
        explore: Budget::default(),
        expect: Vec::new(),
        explored: Vec::new(),
        ..scene.clone()
    }
}

/// A promise as JSON.
#[derive(Serialize)]
pub struct Property<'a> {
    name: &'a str,
    kind: &'a str,
    verdict: &'static str,
    steps: Option<usize>,
    link: Option<String>,
}

impl<'a> Property<'a> {
    /// How a promise came out.
    pub fn of(outcome: &'a Outcome, page: &Page<'_>) -> Self {
        let found = outcome.found.as_ref();
        Property {
            name: &outcome.name,
            kind: &outcome.kind,
            verdict: outcome.verdict.word(),
            steps: found.map(|found| found.steps),
            link: found.and_then(|found| page.link(found)),
        }
    }
}

/// A line for each promise, and below each that does not hold the run that shows it.
pub fn text(outcomes: &[Outcome], cast: Option<&Arc<Cast>>, page: &Page<'_>) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let (name, kind, verdict) = (&outcome.name, &outcome.kind, outcome.verdict.word());
        let steps = outcome.found.as_ref().map_or_else(String::new, |found| {
            format!(", {}", counted(found.steps as u128, "step", "steps"))
        });
        text.push_str(&format!("{verdict:<9} {name} ({kind}{steps})\n"));
        if let Some(found) = outcome
            .found
            .as_ref()
            .filter(|_| outcome.verdict == Verdict::Violated)
        {
            text.push_str(&finding(found, cast, page));
        }
    }
    text
}

/// What a finding says, what it takes, and its story.
pub fn finding(found: &Found, cast: Option<&Arc<Cast>>, page: &Page<'_>) -> String {
    let mut text = format!("  {}\n", found.sentence);
    let mut say = |what: &str, value: &str| text.push_str(&format!("  {what}: {value}\n"));
    if let Some(record) = &found.record {
        say("message", record);
    }
    for (choice, words) in &found.faults {
        say("fault", &format!("{words} (choice {})", choice + 1));
    }
    if let Some(from) = found.loops_from {
        say("goes on for ever", &format!("from choice {} on", from + 1));
    }
    say("path", &found.path);
    if let Some(link) = page.link(found) {
        say("open", &link);
    }
    let Some(run) = cast.and_then(|cast| found.run(cast).ok()) else {
        return text;
    };
    let cast = run.trace().cast();
    for (mark, entry) in found.story(&run) {
        let fields: Vec<String> = entry
            .fact
            .fields(cast)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let line = format!(
            "    {:<6} {:>12}  {}  {} {}",
            mark.word(),
            entry.at.to_string(),
            cast.party_name(entry.by),
            entry.fact.verb(),
            fields.join(" ")
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
