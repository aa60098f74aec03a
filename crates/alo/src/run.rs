//! `alo run`: lets one scene happen and prints what happened.

use crate::output::{Failure, print};
use crate::report;
use course::Source;
use course::lesson::scenes::{NoRun, selection, unknown_option};
use engine::scene::Selection;
use engine::systems::SystemName;
use engine::{Cast, Path as Choices, Scene};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Run a scene and print its trace.
///
/// As text, every line that does not begin with `#` is one fact; the lines after them, which do,
/// say how the run ended, what it did, and what went wrong. Expectations are not held against the
/// run; `alo check` does that.
#[derive(clap::Args)]
pub struct Run {
    /// The scene's file, such as lessons/consumer-groups/crash-before-commit.scene.json.
    scene: PathBuf,
    /// Where the numbers that look random begin, instead of the scene's own seed.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Options of the scene's settings, such as guard=on,commit=before.
    #[arg(long, value_name = "SETTING=OPTION,…", value_delimiter = ',')]
    with: Vec<String>,
    /// The system to run it on, such as sqs, instead of the scene's own.
    #[arg(long, value_name = "SYSTEM")]
    on: Option<String>,
    /// Make these choices and stop there, such as 41-c0-r0: 41 earliest steps, then consumer 0 crashes and is restarted. Left out: the earliest step, until nothing more happens.
    #[arg(long)]
    path: Option<String>,
    /// After the choices of --path, go on until nothing more happens.
    #[arg(long, requires = "path")]
    to_rest: bool,
    /// Print lines of text; this is so if nothing is said.
    #[arg(long, conflicts_with = "json")]
    text: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Run {
    pub fn run(self) -> Result<ExitCode, Failure> {
        let selection = selection_of(&self.with)?;
        let path = self.path.as_deref().map(read_path).transpose()?;
        let source = Source::read(&self.scene).map_err(Failure::Mistakes)?;
        let scene = course::scene::runnable(&source).map_err(Failure::Mistakes)?;
        let run = self.happen(&scene, &selection, path)?;
        let report = report::Report {
            scene: &scene,
            selection: &selection,
            run: &run,
        };
        print(&if self.json {
            report.json()
        } else {
            report.text()
        })
    }

    fn happen(
        &self,
        scene: &Scene,
        selection: &Selection,
        path: Option<Choices>,
    ) -> Result<engine::Run, Failure> {
        let mut scene = chosen(scene, selection, &self.scene)?;
        if let Some(name) = &self.on {
            scene = scene.on(system_of(name)?);
        }
        scene.seed = self.seed.unwrap_or(scene.seed);
        let cast = Cast::new(&scene).map_err(|mistakes| mistaken(&self.scene, &mistakes))?;
        let Some(path) = path else {
            let mut run = engine::Run::new(cast);
            run.to_rest();
            return Ok(run);
        };
        let mut run = engine::Run::replay(cast, &path).map_err(|(at, refusal)| {
            Failure::Usage(format!(
                "choice {} of the path, `{}`, cannot be made: {refusal}",
                at + 1,
                Choices(path.0[at..=at].to_vec())
            ))
        })?;
        if self.to_rest {
            run.to_rest();
        }
        Ok(run)
    }
}

/// The system of this name.
pub fn system_of(name: &str) -> Result<SystemName, Failure> {
    let mut all = SystemName::ALL.iter().copied();
    all.find(|system| system.name() == name).ok_or_else(|| {
        let names: Vec<&str> = SystemName::ALL.iter().map(|system| system.name()).collect();
        Failure::Usage(format!(
            "scenes do not run on `{name}`; write one of: {}",
            names.join(", ")
        ))
    })
}

/// The options that are told as words.
pub fn selection_of(words: &[String]) -> Result<Selection, Failure> {
    let words = words
        .iter()
        .map(|word| word.trim())
        .filter(|word| !word.is_empty());
    selection(words).map_err(|why| {
        Failure::Usage(format!(
            "{why}; write --with SETTING=OPTION, such as --with guard=on,commit=before"
        ))
    })
}

/// The scene with these options.
pub fn chosen(scene: &Scene, selection: &Selection, file: &Path) -> Result<Scene, Failure> {
    if let Err(NoRun::Unknown(what, help)) = unknown_option(scene, selection) {
        return Err(Failure::Usage(format!("{what}; {help}")));
    }
    // Every combination was checked when the scene was read.
    scene
        .with(selection)
        .map_err(|mistakes| mistaken(file, &mistakes))
}

/// What stands in the way of running a scene that was checked.
pub fn mistaken(file: &Path, mistakes: &[engine::Mistake]) -> Failure {
    let sentences: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    Failure::Hindered(format!(
        "`{}` cannot be run so: {}",
        file.display(),
        sentences.join("; ")
    ))
}

fn read_path(text: &str) -> Result<Choices, Failure> {
    text.parse()
        .map_err(|why| Failure::Usage(format!("{why}; for example --path 41-c0-r0")))
}
