//! Exercises as authors write them: read and checked. That they can be solved is proved elsewhere,
//! because every schedule takes longer to try than a file to read.

mod code;
mod find;
mod settings;

use super::{DesignDraft, Draft, Exercise, Form, Kind, Point, PredictDraft};
use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::lengths;
use crate::lesson::scenes::{NoRun, Scenes, unknown_option};
use crate::query::Condition;
use crate::quiz;
use crate::reading::Reading;
use crate::schema;
use crate::shape::Reading as Shaped;
use crate::source::Source;
use engine::scene::Told;
use engine::{Cast, Scene};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads a file that stands beside an exercise, by its name.
pub type Beside<'a> = dyn Fn(&str) -> Result<Source, Diagnostics> + 'a;

/// An exercise with the texts it was read from, for telling what is wrong with it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The exercise.
    pub exercise: Exercise,
    /// Its file.
    pub source: Source,
    /// The files beside it that it names.
    pub files: BTreeMap<String, Source>,
    /// Which file holds the code at a JSON Pointer.
    pub code: BTreeMap<String, String>,
    /// How many numbers were computed for it.
    pub values: usize,
}

/// Reads an exercise about these scenes.
///
/// # Errors
/// All mistakes.
pub fn read_exercise(
    source: &Source,
    scenes: &Scenes,
    beside: &Beside<'_>,
) -> Result<Written, Diagnostics> {
    let document = Document::json(source)?;
    let Shaped {
        value,
        mut found,
        mended,
    } = schema::EXERCISE.read_on::<Draft>(&document);
    let Some(draft) = value else {
        return Err(found);
    };
    let mut reading = Reading::new(&document, &mended, scenes);
    if let Err(too_long) = reading.lengths(lengths::of_exercise(&draft)) {
        found.merge(too_long);
        return Err(found);
    }
    let mut checking = Checking {
        reading,
        beside,
        files: BTreeMap::new(),
        code: BTreeMap::new(),
    };
    let exercise = checking.exercise(&draft);
    let Checking {
        reading: Reading { mut prose, .. },
        files,
        code,
        ..
    } = checking;
    prose.finish();
    prose.found.merge(found);
    let values = prose.values;
    match exercise {
        Some(exercise) => prose.found.or(Written {
            exercise,
            source: source.clone(),
            files,
            code,
            values,
        }),
        // What could not be made of it was told.
        None => Err(prose.found),
    }
}

/// Reads the exercise in a file, with the scenes and the code beside it.
///
/// # Errors
/// All mistakes, those of the scenes too.
pub fn read_file(path: &Path) -> Result<Written, Diagnostics> {
    let source = Source::read(path)?;
    let name = path.file_name().and_then(|name| name.to_str());
    if !name.is_some_and(|name| name.ends_with(".exercise.json")) {
        let help = "name a file that ends in `.exercise.json`";
        return Err(Diagnostics::one(&source, 0..0, "this is no exercise", help));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let mut found = Diagnostics::new();
    let scenes = crate::lesson::scenes_of(folder, &mut found);
    let written = read_exercise(&source, &scenes, &|name| Source::read(&folder.join(name)));
    match written {
        Ok(written) => found.or(written),
        Err(mistakes) => {
            found.merge(mistakes);
            Err(found)
        }
    }
}

/// Whether this is a name as links and commands use them.
fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (1..=engine::scene::mistake::LONGEST_NAME).contains(&name.len()) && name.chars().all(fits)
}

struct Checking<'a> {
    reading: Reading<'a>,
    beside: &'a Beside<'a>,
    files: BTreeMap<String, Source>,
    code: BTreeMap<String, String>,
}

impl Checking<'_> {
    fn add(&mut self, pointer: &str, what: impl Into<String>, help: impl Into<String>) {
        self.reading.add(pointer, what, help);
    }

    fn touches(&self, pointer: &str) -> bool {
        self.reading.mended.touches(pointer)
    }

    fn exercise(&mut self, draft: &Draft) -> Option<Exercise> {
        if !is_name(&draft.id) {
            let what = format!("`{}` is not a name", draft.id);
            let help = "use 1 to 64 letters, digits, `-`, `_` and `.`";
            self.add("/id", what, help);
        }
        self.reading.head(&draft.title, draft.version);
        if draft.task.is_empty() {
            self.add("/task", "nothing is asked", "write at least one paragraph");
        }
        let task = self.reading.lines("/task", &draft.task);
        let hints = self.reading.lines("/hints", &draft.hints);
        let explored = matches!(draft.kind, Kind::Code | Kind::Settings);
        if draft.hints.is_empty() && (explored || draft.kind == Kind::Find) {
            let help = "write \"hints\": [\"…\", \"…\"], the slightest first";
            self.add("/kind", "there is no hint", help);
        }
        let why = self.why(draft);
        self.sections(draft);
        let scene = self.scene(draft, explored);
        let form = self.form(draft, scene.as_ref());
        let exercise = Exercise {
            id: draft.id.clone(),
            title: draft.title.clone(),
            version: draft.version,
            task,
            hints,
            why,
            scene: scene.map(Told::from),
            with: draft.with.clone(),
            floor: draft.floor,
            form: form?,
        };
        // What is wrong with the choices themselves is told first.
        if self.reading.prose.found.is_empty() && self.reading.mended.is_empty() {
            self.every_choice(&exercise);
        }
        Some(exercise)
    }

    /// Why a right answer is right.
    fn why(&mut self, draft: &Draft) -> String {
        let tried = matches!(draft.kind, Kind::Code | Kind::Settings | Kind::Find);
        match (draft.why.is_empty(), tried) {
            (false, true) => self.reading.line("/why", &draft.why),
            (true, true) => {
                let help = "write \"why\": and a sentence for those who have passed";
                self.add("/kind", "nothing says why a right answer is right", help);
                String::new()
            }
            (false, false) => {
                if !self.touches("/kind") {
                    let what = format!("a {} exercise has no `why`", draft.kind.word());
                    let help = "remove it: its options or its points say why";
                    self.add("/why", what, help);
                }
                String::new()
            }
            (true, false) => String::new(),
        }
    }

    /// Conditions by which a kind of wrong answer is recognised.
    fn when(&mut self, place: &str, when: &[String], cast: &Cast) {
        if when.is_empty() {
            let help = "write a condition on its run, such as \"count crashed >= 1\"";
            self.add(place, "nothing says by what it is recognised", help);
        }
        self.conditions(place, when, cast);
    }

    fn conditions(&mut self, place: &str, lines: &[String], cast: &Cast) {
        for (at, line) in lines.iter().enumerate() {
            let mistakes = match line.parse::<Condition>() {
                Ok(condition) => condition.check(cast),
                Err(mistake) => vec![mistake],
            };
            for mistake in mistakes {
                self.add(&format!("{place}/{at}"), mistake.what, mistake.help);
            }
        }
    }

    /// The section of the kind is there, and no other.
    fn sections(&mut self, draft: &Draft) {
        if self.touches("/kind") {
            return;
        }
        let there = [
            draft.code.is_some(),
            draft.settings.is_some(),
            draft.find.is_some(),
            draft.predict.is_some(),
            draft.design.is_some(),
        ];
        let own = draft.kind.word();
        for (kind, there) in Kind::ALL.into_iter().zip(there) {
            let word = kind.word();
            let place = format!("/{word}");
            if kind == draft.kind && !there && !self.touches(&place) {
                let help = format!("write \"{word}\": {{ … }}, as the schema says");
                self.add("/kind", format!("the field `{word}` is missing"), help);
            } else if kind != draft.kind && there {
                let help = format!("remove it, or write \"kind\": \"{word}\"");
                self.add(&place, format!("a {own} exercise has no `{word}`"), help);
            }
        }
    }

    /// The scene as it is graded here.
    fn scene(&mut self, draft: &Draft, explored: bool) -> Option<Scene> {
        if !explored {
            let over = [
                ("promises", draft.promises.is_some()),
                ("explore", draft.explore.is_some()),
                ("floor", draft.floor > 0),
            ];
            for (field, there) in over {
                if there && !self.touches("/kind") {
                    let what = format!("a {} exercise has no `{field}`", draft.kind.word());
                    let help = "remove it: only code and settings are tried on every schedule";
                    self.add(&format!("/{field}"), what, help);
                }
            }
        }
        let Some(id) = &draft.scene else {
            if (explored || draft.kind == Kind::Find) && !self.touches("/scene") {
                let what = format!("a {} exercise needs a scene", draft.kind.word());
                self.add("/kind", what, "write \"scene\": and the id of one");
            }
            return None;
        };
        if self.touches("/scene") {
            return None;
        }
        let mut scene = match self.reading.prose.scenes.get(id) {
            Ok(scene) => scene.clone(),
            Err(none) => {
                self.no_run("/scene", none);
                return None;
            }
        };
        if let Err(none) = unknown_option(&scene, &draft.with) {
            self.no_run("/with", none);
            return None;
        }
        if let Some(promises) = &draft.promises {
            scene.promises.clone_from(promises);
            // What the scene expects is about its own promises.
            scene.explored.clear();
        }
        if let Some(budget) = &draft.explore {
            scene.explore = budget.clone();
        }
        // The scene itself has no mistakes, so each is about what stands here in its place.
        for mistake in scene.mistakes() {
            self.add(&mistake.pointer, mistake.what, mistake.help);
        }
        if explored && scene.promises.is_empty() {
            let help = "write \"promises\" here or in the scene";
            self.add(
                "/scene",
                format!("`{id}` promises nothing that could be graded"),
                help,
            );
        }
        if draft.floor >= scene.explore.states && scene.explore.states > 0 {
            let what = format!("no search visits {} states", draft.floor);
            let help = format!("write a number below the budget's {}", scene.explore.states);
            self.add("/floor", what, help);
        }
        Some(scene)
    }

    fn no_run(&mut self, pointer: &str, none: NoRun) {
        if let NoRun::Unknown(what, help) = none {
            self.add(pointer, what, help);
        }
    }

    fn form(&mut self, draft: &Draft, scene: Option<&Scene>) -> Option<Form> {
        if self.touches("/kind") {
            return None;
        }
        match draft.kind {
            Kind::Code => self.code(draft.code.as_ref()?, &draft.with, scene?),
            Kind::Settings => self.settings(draft.settings.as_ref()?, &draft.with, scene?),
            Kind::Find => self.find(draft.find.as_ref()?, &draft.with, scene?),
            Kind::Predict => self.predict(draft.predict.as_ref()?),
            Kind::Design => Some(self.design(draft.design.as_ref()?)),
        }
    }

    /// The promise that a wrong answer breaks is one.
    fn breaks(&mut self, pointer: &str, name: &str, scene: &Scene) {
        let known: Vec<&str> = scene.promises.iter().map(|one| one.name.as_str()).collect();
        // That there is no promise at all is told once.
        if !known.is_empty() && !known.contains(&name) && !self.touches("/promises/*/name") {
            let help = crate::shape::one_of(name, &known);
            self.add(pointer, format!("there is no promise `{name}`"), help);
        }
    }

    fn predict(&mut self, draft: &PredictDraft) -> Option<Form> {
        for (at, question) in draft.questions.iter().enumerate() {
            if question.kind != quiz::Kind::Predict {
                let help = "write \"kind\": \"predict\", or move the question to a quiz";
                let place = format!("/predict/questions/{at}/kind");
                self.add(&place, "here runs say what is right", help);
            }
        }
        let predicted = draft.questions.iter().map(|question| quiz::Question {
            kind: quiz::Kind::Predict,
            ..question.clone()
        });
        let predicted: Vec<_> = predicted.collect();
        let questions = self.reading.questions(&predicted, "/predict/questions");
        Some(Form::Predict { questions })
    }

    fn design(&mut self, draft: &DesignDraft) -> Form {
        if draft.rubric.is_empty() {
            let help = "write at least one point, with what a strong answer says";
            self.add("/design/rubric", "the rubric has no point", help);
        }
        if draft.model.is_empty() {
            let help = "write at least one paragraph";
            self.add("/design/model", "there is no model answer", help);
        }
        let points = draft.rubric.len() as u32;
        if points > 0 && !(1..=points).contains(&draft.pass) {
            let what = format!("{} of {points} points cannot be enough", draft.pass);
            let help = format!("write a number from 1 to {points}");
            self.add("/design/pass", what, help);
        }
        let mut rubric = Vec::new();
        for (at, point) in draft.rubric.iter().enumerate() {
            let place = format!("/design/rubric/{at}");
            rubric.push(Point {
                point: self.reading.line(&format!("{place}/point"), &point.point),
                strong: self.reading.line(&format!("{place}/strong"), &point.strong),
            });
        }
        Form::Design {
            rubric,
            model: self.reading.lines("/design/model", &draft.model),
            pass: draft.pass,
        }
    }
}
