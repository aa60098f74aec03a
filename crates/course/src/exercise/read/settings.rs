//! Exercises in which settings are chosen.

use super::Checking;
use crate::exercise::grade::known_settings;
use crate::exercise::prove::{choices, same};
use crate::exercise::{Chosen, Exercise, Form, SettingsDraft, WrongSettings};
use crate::lesson::scenes::unknown_option;
use crate::quiz::{self, Question, ResolvedQuestion};
use crate::shape::one_of;
use engine::Scene;
use engine::scene::Selection;

/// The most choices a form may leave: something is said of each, and each is tried.
const MOST_CHOICES: usize = 64;

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
        let mut chosen = |checking: &mut Self, place: &str, options: &Selection| {
            checking.chosen(place, options, draft, scene, &mut others);
        };
        chosen(self, "/settings/starter", &draft.starter);
        chosen(self, "/settings/solution", &draft.solution);
        for (at, right) in draft.right.iter().enumerate() {
            chosen(self, &format!("/settings/right/{at}"), right);
        }
        // What is wrong with the form is told there.
        let is_known = |id: &String| ids.contains(&id.as_str());
        let in_doubt = draft.form.is_empty() || !draft.form.iter().all(is_known);
        let mut wrong = Vec::new();
        for (at, one) in draft.wrong.iter().enumerate() {
            let place = format!("/settings/wrong/{at}");
            chosen(self, &format!("{place}/answer"), &one.answer);
            for (nth, id) in one.any.iter().enumerate() {
                if !draft.form.contains(id) && !in_doubt {
                    let what = format!("`{id}` is not in the form");
                    let help = one_of(id, &draft.form);
                    self.add(&format!("{place}/any/{nth}"), what, help);
                }
            }
            self.breaks(&format!("{place}/breaks"), &one.breaks, scene);
            wrong.push(WrongSettings {
                why: self.reading.line(&format!("{place}/why"), &one.why),
                ..one.clone()
            });
        }
        Some(Form::Settings {
            form: draft.form.clone(),
            starter: draft.starter.clone(),
            solution: draft.solution.clone(),
            right: draft.right.clone(),
            wrong,
            reason: self.reason(&draft.reason),
        })
    }

    /// The question for the reason, which is the author's to answer.
    fn reason(&mut self, asked: &Question) -> ResolvedQuestion {
        let place = "/settings/reason";
        if asked.kind != quiz::Kind::Choice && !self.touches(place) {
            let help = "write \"kind\": \"choice\", and \"correct\": true at one option";
            let what = "no run says what somebody's reason is";
            self.add(&format!("{place}/kind"), what, help);
        }
        let asked = Question {
            kind: quiz::Kind::Choice,
            ..asked.clone()
        };
        self.reading.question(&asked, place)
    }

    /// Every choice that the form leaves is right, or something is said of it.
    pub(super) fn every_choice(&mut self, exercise: &Exercise) {
        let Form::Settings {
            form,
            solution,
            right,
            wrong,
            ..
        } = &exercise.form
        else {
            return;
        };
        let options = |id: &String| {
            let settings = exercise.scene.iter().flat_map(|scene| &scene.settings);
            let mut found = settings.filter(|setting| setting.id == *id);
            found.next().map_or(1, |setting| setting.options.len())
        };
        let count = form.iter().map(options).fold(1, usize::saturating_mul);
        if count > MOST_CHOICES {
            let what = format!("{count} choices are too many to say something of each");
            let help = format!("leave settings out until at most {MOST_CHOICES} are left");
            self.add("/settings/form", what, help);
            return;
        }
        let is_right = |chosen: &Selection| {
            let mut all = std::iter::once(solution).chain(right);
            all.any(|one| same(exercise, one, chosen))
        };
        let all = choices(exercise, form).into_iter();
        let untold: Vec<String> = all
            .filter(|chosen| !is_right(chosen) && known_settings(exercise, wrong, chosen).is_none())
            .map(|chosen| Chosen {
                options: chosen,
                ..Chosen::default()
            })
            .map(|chosen| format!("`{chosen}`"))
            .collect();
        if let Some(first) = untold.first() {
            let more = match untold.len() {
                1 => String::new(),
                all => format!(", and of {} more choices", all - 1),
            };
            let what = format!("nothing is said of {first}{more}");
            let help =
                "write a wrong answer for it; its `any` names settings that make no difference";
            self.add("/settings/wrong", what, help);
        }
        for (at, one) in wrong.iter().enumerate() {
            let earlier = known_settings(exercise, wrong, &one.answer);
            if let Some(earlier) = earlier.filter(|&earlier| earlier != at) {
                let place = format!("/settings/wrong/{at}/answer");
                let what = format!("`settings.wrong.{earlier}` is told in place of this");
                self.add(&place, what, "put this one before it");
            }
        }
        for (at, one) in right.iter().chain([solution]).enumerate() {
            if let Some(nth) = known_settings(exercise, wrong, one) {
                let place = match right.get(at) {
                    Some(_) => format!("/settings/right/{at}"),
                    None => "/settings/solution".to_owned(),
                };
                let what = format!("`settings.wrong.{nth}` is said of this, too");
                self.add(&place, what, "let its `any` name less, or remove this");
            }
        }
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
