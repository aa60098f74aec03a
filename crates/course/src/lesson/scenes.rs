//! The scenes of one lesson, and their runs: each combination of options is run once.

use crate::query::{Mistake, Query};
use crate::shape::one_of;
use engine::scene::Selection;
use engine::{Cast, Run, Scene};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Why there is no run to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRun {
    /// The scene has mistakes of its own, which are told where they are.
    Mistaken,
    /// There is no such scene or option: what is wrong, and what to write instead.
    Unknown(String, String),
}

/// Scenes by their ids; one that was not understood is known by name only.
#[derive(Debug, Default)]
pub struct Scenes {
    scenes: BTreeMap<String, Option<Scene>>,
    runs: RefCell<BTreeMap<(String, Selection), Rc<Run>>>,
}

impl Scenes {
    /// Adds a scene, or the name of one that has mistakes.
    pub fn add(&mut self, id: &str, scene: Option<Scene>) {
        self.scenes.insert(id.to_owned(), scene);
    }

    /// The scenes without mistakes.
    pub fn sound(self) -> BTreeMap<String, Scene> {
        self.scenes
            .into_iter()
            .filter_map(|(id, scene)| Some((id, scene?)))
            .collect()
    }

    /// A scene.
    ///
    /// # Errors
    /// It has mistakes, or there is none of this name.
    pub fn get(&self, id: &str) -> Result<&Scene, NoRun> {
        match self.scenes.get(id) {
            Some(Some(scene)) => Ok(scene),
            Some(None) => Err(NoRun::Mistaken),
            None => {
                let known: Vec<_> = self.scenes.keys().collect();
                let help = if known.is_empty() {
                    format!("write the file `{id}.scene.json` beside the lesson")
                } else {
                    one_of(id, &known)
                };
                Err(NoRun::Unknown(format!("there is no scene `{id}`"), help))
            }
        }
    }

    /// The run of a scene with some options, to rest.
    ///
    /// # Errors
    /// There is none.
    pub fn run(&self, id: &str, selection: &Selection) -> Result<Rc<Run>, NoRun> {
        let scene = self.get(id)?;
        let key = (id.to_owned(), selection.clone());
        if let Some(run) = self.runs.borrow().get(&key) {
            return Ok(Rc::clone(run));
        }
        unknown_option(scene, selection)?;
        let cast = scene
            .with(selection)
            .and_then(|scene| Cast::new(&scene))
            .map_err(|_| NoRun::Mistaken)?;
        let mut run = Run::new(cast);
        run.to_rest();
        let run = Rc::new(run);
        self.runs.borrow_mut().insert(key, Rc::clone(&run));
        Ok(run)
    }

    /// The answer to a question about a run at rest; `None` when there is nothing to tell.
    ///
    /// # Errors
    /// Everything that the scene does not have.
    pub fn ask(&self, run: &Run, query: &Query) -> Result<Option<i64>, Vec<Mistake>> {
        let mistakes = query.check(run.trace().cast());
        if mistakes.is_empty() {
            Ok(query.value(run, run.len()))
        } else {
            Err(mistakes)
        }
    }
}

/// Whether the scene lacks one of the options.
pub fn unknown_option(scene: &Scene, selection: &Selection) -> Result<(), NoRun> {
    for (id, option) in selection {
        let Some(setting) = scene.settings.iter().find(|setting| setting.id == *id) else {
            let known: Vec<_> = scene
                .settings
                .iter()
                .map(|setting| setting.id.as_str())
                .collect();
            return Err(NoRun::Unknown(
                format!("`{}` has no setting `{id}`", scene.id),
                one_of(id, &known),
            ));
        };
        let known: Vec<_> = setting
            .options
            .iter()
            .map(|option| option.id.as_str())
            .collect();
        if !known.contains(&option.as_str()) {
            return Err(NoRun::Unknown(
                format!("the setting `{id}` has no option `{option}`"),
                one_of(option, &known),
            ));
        }
    }
    Ok(())
}

/// The selection in words such as `guard=on commit=before`.
///
/// # Errors
/// The first word that is none.
pub fn selection<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Selection, String> {
    let mut selection = Selection::new();
    for word in words {
        match word
            .split_once('=')
            .filter(|(setting, option)| !setting.is_empty() && !option.is_empty())
        {
            Some((setting, option)) => {
                if selection
                    .insert(setting.to_owned(), option.to_owned())
                    .is_some()
                {
                    return Err(format!("`{setting}` is chosen twice"));
                }
            }
            None => return Err(format!("`{word}` chooses nothing")),
        }
    }
    Ok(selection)
}
