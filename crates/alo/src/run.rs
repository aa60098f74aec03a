//! `alo run`: lets one scene happen and prints what happened.

use crate::output::{Failure, print};
use crate::report;
use course::Source;
use course::lesson::scenes::{NoRun, selection, unknown_option};
use engine::scene::Selection;
use engine::{Cast, Path, Scene};
use std::path::PathBuf;
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
        let selection = self.selection()?;
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

    fn selection(&self) -> Result<Selection, Failure> {
        let words = self
            .with
            .iter()
            .map(|word| word.trim())
            .filter(|word| !word.is_empty());
        selection(words).map_err(|why| {
            Failure::Usage(format!(
                "{why}; write --with SETTING=OPTION, such as --with guard=on,commit=before"
            ))
        })
    }

    fn happen(
        &self,
        scene: &Scene,
        selection: &Selection,
        path: Option<Path>,
    ) -> Result<engine::Run, Failure> {
        match unknown_option(scene, selection) {
            Err(NoRun::Unknown(what, help)) => {
                return Err(Failure::Usage(format!("{what}; {help}")));
            }
            Err(NoRun::Mistaken) | Ok(()) => {}
        }
        // Every combination was checked when the scene was read.
        let mistaken = |mistakes: Vec<engine::Mistake>| {
            let sentences: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            Failure::Hindered(format!(
                "`{}` cannot be run so: {}",
                self.scene.display(),
                sentences.join("; ")
            ))
        };
        let mut scene = scene.with(selection).map_err(mistaken)?;
        scene.seed = self.seed.unwrap_or(scene.seed);
        let cast = Cast::new(&scene).map_err(mistaken)?;
        let Some(path) = path else {
            let mut run = engine::Run::new(cast);
            run.to_rest();
            return Ok(run);
        };
        let mut run = engine::Run::replay(cast, &path).map_err(|(at, refusal)| {
            Failure::Usage(format!(
                "choice {} of the path, `{}`, cannot be made: {refusal}",
                at + 1,
                Path(path.0[at..=at].to_vec())
            ))
        })?;
        if self.to_rest {
            run.to_rest();
        }
        Ok(run)
    }
}

fn read_path(text: &str) -> Result<Path, Failure> {
    text.parse()
        .map_err(|why| Failure::Usage(format!("{why}; for example --path 41-c0-r0")))
}
