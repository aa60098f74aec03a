//! `alo check`: every lesson, scene, quiz and exercise, every number in the prose, and what is said
//! of every schedule.

use crate::language::{Limits, graded};
use crate::output::{Failure, print};
use crate::threads;
use course::exercise::Written;
use course::exercise::prove::{Claim, claims};
use course::expected;
use course::found::explore;
use course::{Course, Diagnostics, Source, read_course};
use engine::Scene;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check all lessons below a folder: every mistake is told, with its line and what to write instead.
///
/// Every exercise is proved: its starter fails, its solution passes, and each of its wrong answers
/// breaks the promise it is listed with. So is what scenes say of every schedule (`explored`).
#[derive(clap::Args)]
pub struct Check {
    /// The folder that holds the lessons' folders.
    #[arg(default_value = "lessons")]
    lessons: PathBuf,
}

/// Something to be proved.
enum Proof<'a> {
    /// What an exercise claims of an answer.
    Answer(&'a Written, Claim),
    /// What a scene expects of every schedule: the n-th of its expectations.
    Explored(PathBuf, &'a Scene, usize),
}

impl Proof<'_> {
    /// What is wrong with it.
    fn mistakes(&self) -> Result<Diagnostics, Failure> {
        Ok(match self {
            Proof::Answer(written, claim) => {
                let grade = graded(&written.exercise, &claim.answer, Limits::DEFAULT)?;
                claim.tell(written, &grade.graded)
            }
            Proof::Explored(path, scene, at) => {
                let mistakes = match expected::cast(&scene.explored[*at], scene) {
                    Ok(cast) => explore(&cast, &mut |_| true)
                        .map(|report| expected::differences(&scene.explored[*at], *at, &report)),
                    Err(mistakes) => Some(mistakes),
                };
                let source = Source::read(path);
                match (source, mistakes) {
                    (Ok(source), Some(mistakes)) => course::scene::told(&source, mistakes),
                    (Err(unread), _) => unread,
                    (Ok(_), None) => Diagnostics::new(),
                }
            }
        })
    }
}

impl Check {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let course = read_course(&self.lessons).map_err(Failure::Mistakes)?;
        let proofs = proofs(&course, &self.lessons);
        let mut found = Diagnostics::new();
        for mistakes in threads::each(&proofs, Proof::mistakes) {
            found.merge(mistakes?);
        }
        let proved = course::diagnostic::count(proofs.len(), "proof");
        found.or(()).map_err(Failure::Mistakes)?;
        print(&format!(
            "no mistakes in {}; {proved} over every schedule\n",
            course.totals()
        ))
    }
}

/// Everything to be proved, in the order of the lessons.
fn proofs<'a>(course: &'a Course, folder: &Path) -> Vec<Proof<'a>> {
    let mut all = Vec::new();
    for lesson in &course.lessons {
        for scene in lesson.scenes.values() {
            let file = format!("{}.scene.json", scene.id);
            let path = folder.join(&lesson.front.id).join(file);
            let expected = 0..scene.explored.len();
            all.extend(expected.map(|at| Proof::Explored(path.clone(), scene, at)));
        }
        for written in lesson.exercises.values() {
            let claims = claims(&written.exercise).into_iter();
            all.extend(claims.map(|claim| Proof::Answer(written, claim)));
        }
    }
    all
}
