//! Exercises in which settings are chosen.

use super::Checking;
use crate::exercise::{Form, SettingsDraft, Wrong};
use crate::lesson::scenes::unknown_option;
use crate::shape::one_of;
use engine::Scene;
use engine::scene::Selection;

impl Checking<'_> {
    pub(super) fn settings(
        &mut self,
        draft: &SettingsDraft,
        with: &Selection,
        scene: &Scene,
    ) -> Option<Form> {
        let ids: Vec<&str> = scene.settings.iter().map(|one| one.id.as_str()).collect();
        if draft.form.is_empty() {
            let help = format!("name settings of the scene: {}", ids.join(", "));
            self.add("/settings/form", "nothing can be chosen", help);
        }
        for (at, id) in draft.form.iter().enumerate() {
            let place = format!("/settings/form/{at}");
            if !ids.contains(&id.as_str()) {
                let what = format!("`{}` has no setting `{id}`", scene.id);
                self.add(&place, what, one_of(id, &ids));
            } else if draft.form[..at].contains(id) {
                self.add(&place, format!("`{id}` stands here twice"), "keep one");
            } else if with.contains_key(id) {
                let what = format!("`{id}` is set by `with`, so it cannot be chosen");
                self.add(&place, what, "remove it here or there");
            }
        }
        let mut others: Vec<(String, Selection)> = Vec::new();
        self.chosen(
            "/settings/starter",
            &draft.starter,
            draft,
            scene,
            &mut others,
        );
        self.chosen(
            "/settings/solution",
            &draft.solution,
            draft,
            scene,
            &mut others,
        );
        let mut wrong = Vec::new();
        for (at, one) in draft.wrong.iter().enumerate() {
            let place = format!("/settings/wrong/{at}");
            self.chosen(
                &format!("{place}/answer"),
                &one.answer,
                draft,
                scene,
                &mut others,
            );
            self.breaks(&format!("{place}/breaks"), &one.breaks, scene);
            wrong.push(Wrong {
                answer: one.answer.clone(),
                why: self.reading.line(&format!("{place}/why"), &one.why),
                breaks: one.breaks.clone(),
            });
        }
        Some(Form::Settings {
            form: draft.form.clone(),
            starter: draft.starter.clone(),
            solution: draft.solution.clone(),
            wrong,
        })
    }

    /// An answer chooses what the form has, and is no other answer. A starter may be listed among
    /// the wrong answers: it has something to learn from too.
    fn chosen(
        &mut self,
        place: &str,
        chosen: &Selection,
        draft: &SettingsDraft,
        scene: &Scene,
        others: &mut Vec<(String, Selection)>,
    ) {
        let known = |id: &String| scene.settings.iter().any(|setting| setting.id == *id);
        // What is wrong with the form is told there.
        let in_doubt = draft.form.is_empty() || !draft.form.iter().all(known);
        let strange = chosen.keys().find(|id| !draft.form.contains(id));
        if let Some(other) = strange.filter(|_| !in_doubt) {
            let what = format!("`{other}` is not in the form");
            self.add(place, what, one_of(other, &draft.form));
            return;
        }
        if let Err(none) = unknown_option(scene, chosen) {
            self.no_run(place, none);
            return;
        }
        let full: Selection = scene
            .settings
            .iter()
            .filter_map(|setting| {
                let first = setting.options.first()?;
                let option = chosen.get(&setting.id).unwrap_or(&first.id);
                Some((setting.id.clone(), option.clone()))
            })
            .collect();
        let twin = others.iter().find(|(other, known)| {
            *known == full && (other != "settings.starter" || place == "/settings/solution")
        });
        if let Some((other, _)) = twin {
            let what = format!("this is the same answer as `{other}`");
            self.add(place, what, "write another, or remove one");
        }
        others.push((place.trim_start_matches('/').replace('/', "."), full));
    }
}
