//! Exercises in which a run is found.

use super::Checking;
use crate::exercise::{FindDraft, Form, Way, WrongWay};
use engine::scene::{Fault, Selection};
use engine::{Cast, Scene};

impl Checking<'_> {
    pub(super) fn find(
        &mut self,
        draft: &FindDraft,
        with: &Selection,
        scene: &Scene,
    ) -> Option<Form> {
        if draft.goal.is_empty() {
            let help = "write a condition, such as \"duplicated >= 1\"";
            self.add("/find/goal", "nothing is to be found", help);
        }
        let mut chosen = scene.with(with).ok()?;
        // Options may change the scene's own faults, so these go after them.
        chosen.faults.clear();
        let cast = Cast::new(&chosen).ok()?;
        self.conditions("/find/goal", &draft.goal, &cast);
        let allowed = &draft.allowed;
        let faults = [
            allowed.crashes,
            allowed.restarts,
            allowed.freezes,
            allowed.losses,
            allowed.duplicates,
        ];
        if faults == [0; 5] && !allowed.any_order {
            let help = "allow crashes, restarts, freezes, losses, duplicates, or any order";
            self.add("/find/allowed", "nothing can be done", help);
        }
        self.way("/find/solution", &draft.solution, &chosen);
        let mut wrong = Vec::new();
        for (at, one) in draft.wrong.iter().enumerate() {
            let place = format!("/find/wrong/{at}");
            self.way(&format!("{place}/answer"), &one.answer, &chosen);
            let twin = draft.wrong[..at]
                .iter()
                .any(|other| other.answer == one.answer);
            if one.answer == draft.solution || twin {
                let what = "this is the same answer as another";
                self.add(
                    &format!("{place}/answer"),
                    what,
                    "write another, or remove one",
                );
            }
            self.when(&format!("{place}/when"), &one.when, &cast);
            wrong.push(WrongWay {
                answer: one.answer.clone(),
                when: one.when.clone(),
                why: self.reading.line(&format!("{place}/why"), &one.why),
            });
        }
        Some(Form::Find {
            goal: draft.goal.clone(),
            allowed: allowed.clone(),
            solution: draft.solution.clone(),
            wrong,
        })
    }

    fn way(&mut self, place: &str, way: &Way, scene: &Scene) {
        match way {
            Way::Path(text) => {
                if let Err(why) = text.parse::<engine::Path>() {
                    self.add(&format!("{place}/path"), why, "for example 19-c0-r0");
                }
            }
            Way::Faults(faults) => {
                for (pointer, what, help) in mistakes(faults, scene) {
                    let pointer = pointer.strip_prefix("/faults").unwrap_or_default();
                    self.add(&format!("{place}/faults{pointer}"), what, help);
                }
            }
        }
    }
}

/// What is wrong with faults in a scene that has no mistakes without them.
fn mistakes(faults: &[Fault], scene: &Scene) -> Vec<(String, String, String)> {
    let scene = Scene {
        faults: faults.to_vec(),
        ..scene.clone()
    };
    let all = scene.mistakes().into_iter();
    all.map(|one| (one.pointer, one.what, one.help)).collect()
}
