//! The directive `task`: something to bring about in a scene, a way to it, and a question about it.

use super::directive::{Directive, Field, Staging};
use super::prose::Place;
use super::scenes::selection;
use super::{Block, question, way};
use crate::query::{Condition, first};
use crate::task::Task;
use engine::Run;
use engine::scene::Selection;
use std::rc::Rc;

impl Staging<'_, '_> {
    pub(super) fn task(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let known = [&["scene", "when", "way"][..], &question::FIELDS].concat();
        let repeated = [&["when"][..], &question::REPEATED].concat();
        let (fields, rest) = self.fields(directive, &known, &repeated);
        let text = &directive.body[rest..];
        if text.trim().is_empty() {
            self.add(
                directive.opening.clone(),
                "the task asks for nothing",
                "write the task after a blank line",
            );
        }
        let html = self
            .prose
            .blocks(text, &Place::From(directive.start + rest));
        if !fields.iter().any(|field| field.key == "when") {
            self.add(
                directive.opening.clone(),
                "nothing says when the task is done",
                "write `when: CONDITION`, such as `when: duplicated >= 1`",
            );
        }
        let Some(scene) = fields.iter().find(|field| field.key == "scene") else {
            self.add(
                directive.opening.clone(),
                "the task names no scene",
                "write `scene: SCENE` in its first line",
            );
            return None;
        };
        let run = match self.scenes().run(scene.value, &Selection::new()) {
            Ok(run) => run,
            Err(none) => {
                self.tell(none, scene.value_at.clone());
                return None;
            }
        };
        let mut conditions = Vec::new();
        let mut when = Vec::new();
        for field in fields.iter().filter(|field| field.key == "when") {
            match field.value.parse::<Condition>() {
                Ok(condition) => {
                    let mistakes = condition.check(run.trace().cast());
                    if mistakes.is_empty() {
                        conditions.push(condition);
                    }
                    self.tell_all(mistakes, &field.value_at);
                }
                Err(mistake) => self.tell_all(vec![mistake], &field.value_at),
            }
            when.push(field.value.to_owned());
        }
        let at = |key: &str| {
            let field = fields.iter().find(|field| field.key == key);
            field.map_or(directive.opening.clone(), |field| field.value_at.clone())
        };
        if conditions.len() < when.len() || conditions.is_empty() {
            return None;
        }
        if conditions.iter().all(|condition| condition.holds(&run, 0)) {
            let what = "the task is done before the learner has done anything";
            self.add(
                at("when"),
                what,
                "add a condition that does not hold at the start",
            );
            return None;
        }
        let help =
            "correct the conditions, or show how it can be done, such as `way: guard=on 19-c0-r0`";
        // The question is asked of the run in which the task is done, unless it names another.
        let mut asked = None;
        match fields.iter().find(|field| field.key == "way") {
            Some(field) => match way::shown(field.value, scene.value, self.scenes()) {
                Ok(shown) if first(&conditions, &shown, 0).is_some() => {
                    asked = Some(Rc::new(shown));
                }
                Ok(_) => self.add(
                    at("way"),
                    "this way does not lead to where the task is done",
                    help,
                ),
                Err(why) => self.add(at("way"), why, help),
            },
            None => {
                let scene = self.scenes().get(scene.value).ok();
                asked = scene
                    .and_then(|scene| way::found(scene, &conditions))
                    .map(Rc::new);
                if scene.is_some() && asked.is_none() {
                    self.add(
                        at("when"),
                        "no way was found in which this comes about",
                        help,
                    );
                }
            }
        }
        if let Some(with) = fields.iter().find(|field| field.key == "with") {
            asked = self.with(with, scene.value);
        }
        let asked = asked?;
        let question = self.question(directive, &fields, &asked).ok()?;
        Some(Block::Task(Task {
            id: directive.subject.to_owned(),
            scene: scene.value.to_owned(),
            when,
            html,
            question,
        }))
    }

    /// The run of a scene with the options that a field names.
    fn with(&mut self, field: &Field<'_>, scene: &str) -> Option<Rc<Run>> {
        let chosen = match selection(field.value.split_whitespace()) {
            Ok(chosen) => chosen,
            Err(why) => {
                let help = "write SETTING=OPTION, such as guard=on";
                self.add(field.value_at.clone(), why, help);
                return None;
            }
        };
        match self.scenes().run(scene, &chosen) {
            Ok(run) => Some(run),
            Err(none) => {
                self.tell(none, field.value_at.clone());
                None
            }
        }
    }
}
