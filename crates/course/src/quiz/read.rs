//! Quizzes as authors write them: read, checked, their keys computed.

use super::{Kind, Question, Quiz, Resolved, ResolvedOption, ResolvedQuestion};
use crate::diagnostic::Diagnostics;
use crate::document::Document;
use crate::lengths;
use crate::lesson::prose::Names;
use crate::lesson::scenes::{NoRun, Scenes};
use crate::query::Query;
use crate::reading::Reading;
use crate::schema;
use crate::shape::Reading as Shaped;
use crate::source::Source;

/// Reads a quiz about these scenes; also says how many numbers were computed for it.
///
/// # Errors
/// All mistakes.
pub fn read_quiz(source: &Source, scenes: &Scenes) -> Result<(Resolved, usize), Diagnostics> {
    let document = Document::json(source)?;
    let Shaped {
        value,
        mut found,
        mended,
    } = schema::QUIZ.read_on::<Quiz>(&document);
    let Some(quiz) = value else {
        return Err(found);
    };
    let mut reading = Reading::new(&document, &mended, scenes);
    if let Err(too_long) = reading.lengths(lengths::of_questions(&quiz.questions, "/questions")) {
        found.merge(too_long);
        return Err(found);
    }
    let questions = reading.questions(&quiz.questions, "/questions");
    reading.head(&quiz.title, quiz.version);
    let Reading { mut prose, .. } = reading;
    prose.finish();
    prose.found.merge(found);
    let resolved = Resolved {
        id: quiz.id,
        title: quiz.title,
        version: quiz.version,
        questions,
    };
    prose.found.or((resolved, prose.values))
}

impl Reading<'_> {
    /// Questions whose list stands at a place.
    pub(crate) fn questions(&mut self, asked: &[Question], place: &str) -> Vec<ResolvedQuestion> {
        if asked.is_empty() {
            self.add(place, "there is no question", "ask at least one");
        }
        let mut names = Names::default();
        let mut all = Vec::new();
        for (at, question) in asked.iter().enumerate() {
            let place = format!("{place}/{at}");
            if question.id.is_empty() || !names.is_new(&question.id) {
                self.add(
                    &format!("{place}/id"),
                    format!("`{}` is no name of its own", question.id),
                    "give each question another name",
                );
            }
            all.push(self.question(question, &place));
        }
        all
    }

    pub(crate) fn question(&mut self, question: &Question, place: &str) -> ResolvedQuestion {
        let prompt = self.line(&format!("{place}/prompt"), &question.prompt);
        if question.options.len() < 2 {
            self.add(
                &format!("{place}/options"),
                "there is no choice",
                "write at least two options",
            );
        }
        let mut options = Vec::new();
        for (nth, option) in question.options.iter().enumerate() {
            let text = self.line(&format!("{place}/options/{nth}/text"), &option.text);
            let why = self.line(&format!("{place}/options/{nth}/why"), &option.why);
            options.push(ResolvedOption { text, why });
        }
        let key = match question.kind {
            _ if self.mended.touches(&format!("{place}/kind")) => None,
            Kind::Choice => self.chosen(question, place),
            Kind::Predict => self.predicted(question, place),
        };
        // Without a key there is a mistake, and nothing of this is returned.
        ResolvedQuestion {
            id: question.id.clone(),
            kind: question.kind,
            prompt,
            options,
            key: key.unwrap_or(0),
        }
    }

    fn chosen(&mut self, question: &Question, place: &str) -> Option<usize> {
        if question.predict.is_some() {
            self.add(
                &format!("{place}/predict"),
                "a choice question predicts nothing",
                "remove it, or write \"kind\": \"predict\"",
            );
        }
        for (nth, option) in question.options.iter().enumerate() {
            if option.value.is_some() {
                self.add(
                    &format!("{place}/options/{nth}/value"),
                    "only options of predict questions have a value",
                    "remove it, or write \"kind\": \"predict\"",
                );
            }
        }
        let right: Vec<usize> = (0..question.options.len())
            .filter(|&at| question.options[at].correct)
            .collect();
        match right[..] {
            [one] => Some(one),
            [] if self.mended.touches(&format!("{place}/options/*/correct")) => None,
            [] => {
                self.add(
                    &format!("{place}/options"),
                    "no option is correct",
                    "write \"correct\": true in one",
                );
                None
            }
            [_, second, ..] => {
                self.add(
                    &format!("{place}/options/{second}/correct"),
                    "a second option is correct",
                    "keep one",
                );
                None
            }
        }
    }

    fn predicted(&mut self, question: &Question, place: &str) -> Option<usize> {
        let Some(predict) = &question.predict else {
            if self.mended.touches(&format!("{place}/predict")) {
                return None;
            }
            self.add(
                &format!("{place}/kind"),
                "nothing says what is predicted",
                "add \"predict\": { \"scene\": \"…\", \"query\": \"…\" }",
            );
            return None;
        };
        let mut whole = true;
        for (nth, option) in question.options.iter().enumerate() {
            if option.correct {
                self.add(
                    &format!("{place}/options/{nth}/correct"),
                    "the run says which option is correct",
                    "remove this",
                );
            }
            if self.mended.touches(&format!("{place}/options/{nth}/value")) {
                whole = false;
            } else if option.value.is_none() {
                self.add(
                    &format!("{place}/options/{nth}"),
                    "the option stands for no number",
                    "add \"value\": and the number",
                );
                whole = false;
            }
        }
        let asked = ["scene", "with/*", "query"].map(|part| format!("{place}/predict/{part}"));
        if asked.iter().any(|part| self.mended.touches(part)) {
            return None;
        }
        let run = match self.prose.scenes.run(&predict.scene, &predict.with) {
            Ok(run) => run,
            Err(NoRun::Mistaken) => return None,
            Err(NoRun::Unknown(what, help)) => {
                let part = if self.prose.scenes.get(&predict.scene).is_ok() {
                    "with"
                } else {
                    "scene"
                };
                self.add(&format!("{place}/predict/{part}"), what, help);
                return None;
            }
        };
        let pointer = format!("{place}/predict/query");
        let query: Query = match predict.query.parse() {
            Ok(query) => query,
            Err(mistake) => {
                let mistake: crate::query::Mistake = mistake;
                self.add(&pointer, mistake.what, mistake.help);
                return None;
            }
        };
        let answer = match self.prose.scenes.ask(&run, &query) {
            Ok(answer) => answer,
            Err(mistakes) => {
                for mistake in mistakes {
                    self.add(&pointer, mistake.what, mistake.help);
                }
                return None;
            }
        };
        let Some(answer) = answer else {
            self.add(
                &pointer,
                "the run gives nothing here",
                "ask at another moment, or something else",
            );
            return None;
        };
        self.prose.values += 1;
        let right: Vec<usize> = (0..question.options.len())
            .filter(|&at| question.options[at].value == Some(answer))
            .collect();
        match right[..] {
            [one] => Some(one),
            [] if !whole || self.mended.touches(&format!("{place}/options")) => None,
            [] => {
                self.add(
                    &format!("{place}/options"),
                    format!("the run gives {answer}, and no option has that value"),
                    format!("add one with \"value\": {answer}"),
                );
                None
            }
            [_, second, ..] => {
                self.add(
                    &format!("{place}/options/{second}/value"),
                    format!("a second option has the value {answer}"),
                    "keep one",
                );
                None
            }
        }
    }
}
