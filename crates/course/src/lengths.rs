//! How long the lists of quizzes and exercises may be: what they hold is rendered, run, compared with
//! each other, or tried on every schedule. The lists of scenes have bounds of their own.

use crate::exercise::{Draft, Way};
use crate::quiz::Question;
use engine::scene::Mistake;
use engine::scene::check::{MOST_SETTINGS, MOST_TOLD};

/// Which lists of some questions, which stand at a place, are too long.
pub(crate) fn of_questions(asked: &[Question], place: &str) -> Vec<Mistake> {
    let mut lists = Lists::default();
    lists.questions(asked, place);
    lists.too_long
}

/// Which lists of an exercise are too long.
pub(crate) fn of_exercise(draft: &Draft) -> Vec<Mistake> {
    let mut lists = Lists::default();
    lists.told("/task", "paragraphs", draft.task.len());
    lists.told("/hints", "hints", draft.hints.len());
    lists.chosen("/with", draft.with.len());
    let promises = draft.promises.as_ref().map_or(0, Vec::len);
    lists.told("/promises", "promises", promises);
    if let Some(code) = &draft.code {
        lists.told("/code/consumers", "consumers", code.consumers.len());
        lists.told("/code/wrong", "wrong answers", code.wrong.len());
        for (at, wrong) in code.wrong.iter().enumerate() {
            lists.conditions(&format!("/code/wrong/{at}/when"), wrong.when.len());
        }
    }
    if let Some(settings) = &draft.settings {
        lists.chosen("/settings/form", settings.form.len());
        lists.chosen("/settings/starter", settings.starter.len());
        lists.chosen("/settings/solution", settings.solution.len());
        lists.told("/settings/right", "right answers", settings.right.len());
        for (at, right) in settings.right.iter().enumerate() {
            lists.chosen(&format!("/settings/right/{at}"), right.len());
        }
        lists.told("/settings/wrong", "wrong answers", settings.wrong.len());
        for (at, wrong) in settings.wrong.iter().enumerate() {
            lists.chosen(&format!("/settings/wrong/{at}/answer"), wrong.answer.len());
            lists.chosen(&format!("/settings/wrong/{at}/any"), wrong.any.len());
        }
        lists.question(&settings.reason, "/settings/reason");
    }
    if let Some(find) = &draft.find {
        lists.conditions("/find/goal", find.goal.len());
        lists.way("/find/solution", &find.solution);
        lists.told("/find/wrong", "wrong answers", find.wrong.len());
        for (at, wrong) in find.wrong.iter().enumerate() {
            lists.way(&format!("/find/wrong/{at}/answer"), &wrong.answer);
            lists.conditions(&format!("/find/wrong/{at}/when"), wrong.when.len());
        }
    }
    if let Some(predict) = &draft.predict {
        lists.questions(&predict.questions, "/predict/questions");
    }
    if let Some(design) = &draft.design {
        lists.told("/design/rubric", "points", design.rubric.len());
        lists.told("/design/model", "paragraphs", design.model.len());
    }
    lists.too_long
}

/// The lists of a file, one after the other.
#[derive(Default)]
struct Lists {
    too_long: Vec<Mistake>,
}

impl Lists {
    /// A list of what somebody reads.
    fn told(&mut self, pointer: &str, what: &str, count: usize) {
        let mistake = Mistake::of_length(pointer, what, count, MOST_TOLD);
        self.too_long.extend(mistake);
    }

    /// A list of settings, or an option for each of some.
    fn chosen(&mut self, pointer: &str, count: usize) {
        let mistake = Mistake::of_length(pointer, "settings", count, MOST_SETTINGS);
        self.too_long.extend(mistake);
    }

    /// A list of conditions on a run.
    fn conditions(&mut self, pointer: &str, count: usize) {
        self.told(pointer, "conditions", count);
    }

    fn way(&mut self, pointer: &str, way: &Way) {
        match way {
            // How long a path may be is said where it is read.
            Way::Path(_) => {}
            Way::Faults(faults) => self.told(&format!("{pointer}/faults"), "faults", faults.len()),
        }
    }

    fn questions(&mut self, asked: &[Question], place: &str) {
        self.told(place, "questions", asked.len());
        for (at, question) in asked.iter().enumerate() {
            self.question(question, &format!("{place}/{at}"));
        }
    }

    fn question(&mut self, question: &Question, place: &str) {
        self.told(
            &format!("{place}/options"),
            "options",
            question.options.len(),
        );
        let with = question
            .predict
            .as_ref()
            .map_or(0, |predict| predict.with.len());
        self.chosen(&format!("{place}/predict/with"), with);
    }
}
