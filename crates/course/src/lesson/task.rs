//! The directive `task`: something to bring about in a scene, and a way to it.

use super::directive::{Directive, Staging};
use super::prose::Place;
use super::{Block, way};
use crate::query::Condition;
use crate::task::Task;
use engine::scene::Selection;

impl Staging<'_, '_> {
    pub(super) fn task(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let (fields, rest) = self.fields(directive, &["scene", "when", "way"], &["when"]);
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
        match fields.iter().find(|field| field.key == "way") {
            Some(field) => match way::shown(field.value, scene.value, self.scenes(), &conditions) {
                Ok(true) => {}
                Ok(false) => self.add(
                    at("way"),
                    "this way does not lead to where the task is done",
                    help,
                ),
                Err(why) => self.add(at("way"), why, help),
            },
            None => {
                if self
                    .scenes()
                    .get(scene.value)
                    .is_ok_and(|scene| !way::found(scene, &conditions))
                {
                    self.add(
                        at("when"),
                        "no way was found in which this comes about",
                        help,
                    );
                }
            }
        }
        Some(Block::Task(Task {
            id: directive.subject.to_owned(),
            scene: scene.value.to_owned(),
            when,
            html,
        }))
    }
}
