//! Exercises in which a handler is written.

use super::Checking;
use crate::exercise::{Answer, CodeDraft, Form, WrongCode};
use engine::scene::Selection;
use engine::{Cast, Scene};

/// What the name of a file with code ends in.
const ENDING: &str = ".star";

impl Checking<'_> {
    pub(super) fn code(
        &mut self,
        draft: &CodeDraft,
        with: &Selection,
        scene: &Scene,
    ) -> Option<Form> {
        // What the conditions can name; a scene with mistakes has told them.
        let cast = scene.with(with).and_then(|scene| Cast::new(&scene)).ok();
        if draft.consumers.is_empty() {
            let help = "name those that handle their records with the code";
            self.add("/code/consumers", "nobody runs the code", help);
        }
        let known: Vec<&str> = scene
            .consumers
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        for (at, name) in draft.consumers.iter().enumerate() {
            let place = format!("/code/consumers/{at}");
            if !known.contains(&name.as_str()) {
                let help = crate::shape::one_of(name, &known);
                self.add(&place, format!("there is no consumer `{name}`"), help);
            } else if draft.consumers[..at].contains(name) {
                let what = format!("`{name}` stands here twice");
                self.add(&place, what, "name each consumer once");
            }
        }
        let starter = self.text("/code/starter", &draft.starter);
        let solution = self.text("/code/solution", &draft.solution);
        let mut others: Vec<(String, Answer)> = Vec::new();
        for (place, text) in [("/code/starter", &starter), ("/code/solution", &solution)] {
            if let Some(text) = text {
                self.is_new(place, text, &mut others);
            }
        }
        let mut wrong = Vec::new();
        for (at, one) in draft.wrong.iter().enumerate() {
            let place = format!("/code/wrong/{at}");
            let pointer = format!("{place}/answer");
            let text = self.text(&pointer, &one.answer);
            let why = self.reading.line(&format!("{place}/why"), &one.why);
            self.breaks(&format!("{place}/breaks"), &one.breaks, scene);
            if let Some(cast) = &cast {
                self.when(&format!("{place}/when"), &one.when, cast);
            }
            if let Some(answer) = text {
                self.is_new(&pointer, &answer, &mut others);
                wrong.push(WrongCode {
                    answer,
                    breaks: one.breaks.clone(),
                    when: one.when.clone(),
                    why,
                });
            }
        }
        Some(Form::Code {
            consumers: draft.consumers.clone(),
            starter: starter?,
            solution: solution?,
            wrong,
        })
    }

    /// The text of a file beside the exercise.
    fn text(&mut self, pointer: &str, name: &str) -> Option<String> {
        if self.touches(pointer) {
            return None;
        }
        let plain = name.strip_suffix(ENDING).is_some_and(super::is_name);
        if !plain {
            let what = format!("`{name}` is no file of code");
            let help = format!("name a file beside this one that ends in `{ENDING}`");
            self.add(pointer, what, help);
            return None;
        }
        match (self.beside)(name) {
            Ok(source) if source.text().trim().is_empty() => {
                let what = format!("the file `{name}` is empty");
                self.add(pointer, what, "write the handler into it");
                None
            }
            Ok(source) => {
                let text = source.text().to_owned();
                self.files.insert(name.to_owned(), source);
                self.code.insert(pointer.to_owned(), name.to_owned());
                Some(text)
            }
            Err(why) => {
                let why = why
                    .iter()
                    .next()
                    .map_or_else(String::new, |one| one.what.clone());
                let help = "write it, or correct the name";
                self.add(pointer, format!("`{name}`: {why}"), help);
                None
            }
        }
    }

    /// Says when this code is another answer's too.
    fn is_new(&mut self, pointer: &str, text: &str, others: &mut Vec<(String, Answer)>) {
        let answer = Answer::Code(text.to_owned());
        // A starter may be listed among the wrong answers: it has something to learn from too.
        let twin = others.iter().find(|(known, other)| {
            other.same(&answer) && (known != "code.starter" || !pointer.starts_with("/code/wrong"))
        });
        if let Some((other, _)) = twin {
            let what = format!("this is the same answer as `{other}`");
            self.add(pointer, what, "write another, or remove one");
        }
        others.push((pointer.trim_start_matches('/').replace('/', "."), answer));
    }
}
