//! The whole course: every lesson of a folder, in order.

use crate::diagnostic::{Diagnostics, count};
use crate::glossary::Glossary;
use crate::lesson::{Block, Lesson, Shared, read_lesson_with};
use crate::plan::{self, Plan};
use crate::source::Source;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The lessons, in the order of the plan; without one in that of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// All that are written.
    pub lessons: Vec<Lesson>,
    /// Which lessons there are to be, if somebody has said so.
    pub plan: Option<Plan>,
    /// The terms of the course.
    pub glossary: Glossary,
}

/// How much was read and checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lessons.
    pub lessons: usize,
    /// Scenes.
    pub scenes: usize,
    /// Combinations of their settings, each a scene that can be run.
    pub combinations: usize,
    /// Expectations of scenes, each held against a run.
    pub expectations: usize,
    /// Quizzes.
    pub quizzes: usize,
    /// Their questions.
    pub questions: usize,
    /// Exercises.
    pub exercises: usize,
    /// Tasks.
    pub tasks: usize,
    /// Numbers computed for texts and for the keys of predict questions.
    pub values: usize,
}

/// Reads every lesson below a folder.
///
/// # Errors
/// All mistakes of all files.
pub fn read_course(root: &Path) -> Result<Course, Diagnostics> {
    let mut found = Diagnostics::new();
    let here = Source::new(&root.display().to_string(), "");
    let nothing = |what: &str, help: &str| Err(Diagnostics::one(&here, 0..0, what, help));
    let help = "name the folder that holds the lessons' folders";
    let entries = match root.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return nothing("there is no such folder", help);
        }
        Err(_) if root.is_file() => return nothing("this is a file, not a folder", help),
        Err(error) => return nothing(&format!("the folder cannot be read: {error}"), help),
    };
    let mut folders: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    if root.join("lesson.md").is_file() {
        return nothing(
            "this is the folder of one lesson",
            "name the folder around it, which holds all of them",
        );
    }
    if folders.is_empty() {
        return nothing("there is no lesson here", help);
    }
    let plan = plan::beside(root, &mut found);
    let shared = Shared::beside(root, plan.as_ref(), &mut found);
    let mut known: Vec<String> = Vec::new();
    let mut lessons = Vec::new();
    for folder in &folders {
        known.extend(
            folder
                .file_name()
                .and_then(|name| name.to_str())
                .map(str::to_owned),
        );
        match read_lesson_with(folder, &shared) {
            Ok(lesson) => lessons.push((lesson, folder.join("lesson.md"))),
            Err(mistakes) => found.merge(mistakes),
        }
    }
    let place = |number| plan.as_ref().and_then(|plan| plan.place(number));
    lessons.sort_by_key(|(lesson, _)| {
        let front = &lesson.front;
        let at = place(front.number).map_or(usize::MAX, |(at, _)| at);
        (at, front.number, front.id.clone())
    });
    order(&lessons, &known, plan.as_ref(), &mut found);
    found.or(Course {
        lessons: lessons.into_iter().map(|(lesson, _)| lesson).collect(),
        plan,
        glossary: shared.glossary,
    })
}

/// Each number once, each lesson where the plan has it, and after those it builds on.
fn order(
    lessons: &[(Lesson, std::path::PathBuf)],
    known: &[String],
    plan: Option<&Plan>,
    found: &mut Diagnostics,
) {
    let places: BTreeMap<&str, (usize, u32)> = lessons
        .iter()
        .enumerate()
        .map(|(at, (lesson, _))| (lesson.front.id.as_str(), (at, lesson.front.number)))
        .collect();
    for (at, (lesson, path)) in lessons.iter().enumerate() {
        let front = &lesson.front;
        let mut add = |field: &str, what: String, help: &str| {
            // The file was read a moment ago; a lesson that is gone since has no line to point at.
            let source =
                Source::read(path).unwrap_or_else(|_| Source::new(&path.display().to_string(), ""));
            let line = source
                .text()
                .lines()
                .find(|line| line.trim_start().starts_with(field))
                .unwrap_or_default();
            let start = if line.is_empty() {
                0
            } else {
                line.as_ptr() as usize - source.text().as_ptr() as usize
            };
            found.add(&source, start..start + line.trim_end().len(), what, help);
        };
        if let Some((other, _)) = lessons[..at]
            .iter()
            .find(|(other, _)| other.front.number == front.number)
        {
            add(
                "number",
                format!("`{}` has the number {} too", other.front.id, front.number),
                "give each lesson its own number",
            );
        }
        match plan.map(|plan| plan.place(front.number)) {
            Some(None) => add(
                "number",
                format!("the plan of the course has no lesson {}", front.number),
                "write the number that it has in `course.json`, or add it there",
            ),
            Some(Some((_, module))) if module.title() != front.module => add(
                "module",
                format!("lesson {} belongs to another module", front.number),
                &format!("write \"{}\", as in `course.json`", module.title()),
            ),
            Some(Some(_)) | None => {}
        }
        for id in &front.after {
            match places.get(id.as_str()) {
                Some(&(place, number)) if place >= at => add(
                    "after",
                    format!("`{id}` comes later, as number {number}"),
                    "name lessons that come before",
                ),
                Some(_) => {}
                // A lesson with mistakes is there, though its number is not known.
                None if known.contains(id) => {}
                None => add(
                    "after",
                    format!("there is no lesson `{id}`"),
                    "name lessons by their folders",
                ),
            }
        }
    }
}

impl Course {
    /// How much was read and checked.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            lessons: self.lessons.len(),
            ..Totals::default()
        };
        for lesson in &self.lessons {
            totals.values += lesson.values;
            for scene in lesson.scenes.values() {
                totals.scenes += 1;
                totals.combinations += scene.selections().len();
                totals.expectations += scene.expect.len();
            }
            totals.exercises += lesson.exercises.len();
            for block in &lesson.blocks {
                match block {
                    Block::Quiz(quiz) => {
                        totals.quizzes += 1;
                        totals.questions += quiz.questions.len();
                    }
                    Block::Task(_) => totals.tasks += 1,
                    _ => {}
                }
            }
        }
        totals
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            count(self.lessons, "lesson"),
            count(self.scenes, "scene"),
            count(self.combinations, "combination") + " of settings",
            count(self.expectations, "expectation"),
            count(self.quizzes, "quiz"),
            count(self.questions, "question"),
            count(self.exercises, "exercise"),
            count(self.tasks, "task"),
            count(self.values, "computed value"),
        ];
        out.write_str(&parts.join(", "))
    }
}
