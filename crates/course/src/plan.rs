//! The plan of the course: its modules, and the lessons of each in the order in which they are read, whether
//! they are written yet or not. It stands in `course.json` beside the lessons' folders.

use crate::diagnostic::Diagnostics;
use crate::lesson::prose::Names;
use crate::reading::{Reading, read_shared};
use crate::schema;
use crate::source::Source;
use engine::scene::Mistake;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the file is called.
pub const FILE: &str = "course.json";

/// How many modules, and lessons of one, there may be.
const MOST: usize = 16;

/// The plan, as its author writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Where the schema of this file stands, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
    /// The modules, in the order in which they are read. At most 16.
    pub modules: Vec<Module>,
}

/// A part of the course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// The letter before its name, for example "C".
    pub letter: String,
    /// Its name, for example "Logs".
    pub name: String,
    /// The question that its lessons answer.
    pub question: String,
    /// Its lessons, in the order in which they are read. At most 16.
    pub lessons: Vec<Planned>,
}

/// A lesson, written or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// Its number, which is its own in the whole course and stays when other lessons are added.
    pub number: u32,
    /// A short title, for the map of the course.
    pub title: String,
}

impl Module {
    /// As lessons name it, for example "C. Logs".
    pub fn title(&self) -> String {
        format!("{}. {}", self.letter, self.name)
    }
}

impl Plan {
    /// Where a lesson comes in the whole course, and in which module.
    pub fn place(&self, number: u32) -> Option<(usize, &Module)> {
        let all = self.modules.iter().flat_map(|module| {
            let lessons = module.lessons.iter();
            lessons.map(move |lesson| (lesson.number, module))
        });
        let mut all = all.enumerate();
        all.find_map(|(at, (known, module))| (known == number).then_some((at, module)))
    }
}

/// Reads the plan that stands beside the lessons' folders; its mistakes are added to those found. Nothing,
/// where there is no such file or it has mistakes.
pub fn beside(lessons: &Path, found: &mut Diagnostics) -> Option<Plan> {
    let path = lessons.join(FILE);
    if matches!(path.try_exists(), Ok(false)) {
        return None;
    }
    let read = Source::read(&path).and_then(|source| read_plan(&source));
    read.map_err(|mistakes| found.merge(mistakes)).ok()
}

/// Reads a plan.
///
/// # Errors
/// All mistakes.
pub fn read_plan(source: &Source) -> Result<Plan, Diagnostics> {
    read_shared(source, &schema::PLAN, too_long, |reading, plan: Plan| {
        reading.plan(&plan);
        plan
    })
}

fn too_long(plan: &Plan) -> Vec<Mistake> {
    let lessons = plan.modules.iter().enumerate().map(|(at, module)| {
        let pointer = format!("/modules/{at}/lessons");
        Mistake::of_length(&pointer, "lessons", module.lessons.len(), MOST)
    });
    let modules = Mistake::of_length("/modules", "modules", plan.modules.len(), MOST);
    modules.into_iter().chain(lessons.flatten()).collect()
}

impl Reading<'_> {
    fn plan(&mut self, plan: &Plan) {
        let mut letters = Names::default();
        let mut numbers = Names::default();
        for (at, module) in plan.modules.iter().enumerate() {
            let place = format!("/modules/{at}");
            if module.letter.trim().is_empty() || !letters.is_new(&module.letter) {
                self.add(
                    &format!("{place}/letter"),
                    format!("`{}` is no letter of its own", module.letter),
                    "give each module another letter",
                );
            }
            self.says(&format!("{place}/name"), &module.name);
            self.says(&format!("{place}/question"), &module.question);
            for (nth, lesson) in module.lessons.iter().enumerate() {
                let place = format!("{place}/lessons/{nth}");
                if lesson.number == 0 || !numbers.is_new(&lesson.number.to_string()) {
                    self.add(
                        &format!("{place}/number"),
                        format!("{} is no number of its own", lesson.number),
                        "give each lesson another number, from 1",
                    );
                }
                self.says(&format!("{place}/title"), &lesson.title);
            }
        }
    }

    fn says(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(
                pointer,
                "nothing is written here",
                "write what the learner will see",
            );
        }
    }
}
