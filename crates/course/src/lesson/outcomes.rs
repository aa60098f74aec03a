//! The directive `outcomes`: which options of a scene are explored, and for which promises.

use super::directive::{Directive, Staging};
use super::scenes::{selection, unknown_option};
use super::{Block, Outcomes};
use crate::shape::one_of;
use engine::scene::Selection;

/// The most rows: each takes a search.
const MOST_ROWS: usize = 16;

impl Staging<'_, '_> {
    pub(super) fn outcomes(&mut self, directive: &Directive<'_>) -> Option<Block> {
        let known = ["rows", "row", "with"];
        let (fields, rest) = self.fields(directive, &known, &["row"]);
        if !directive.body[rest..].trim().is_empty() {
            let help = "move this text below the closing fence";
            self.add(
                directive.opening.clone(),
                "a table of outcomes has no text",
                help,
            );
        }
        let scene = match self.scenes().get(directive.subject) {
            Ok(scene) => scene,
            Err(none) => {
                self.tell(none, directive.opening.clone());
                return None;
            }
        };
        if scene.promises.is_empty() {
            let what = format!("`{}` promises nothing", scene.id);
            self.add(
                directive.opening.clone(),
                what,
                "write \"promises\" in the scene",
            );
            return None;
        }
        let mut chosen = |field: &super::directive::Field<'_>| -> Option<Selection> {
            let read = selection(field.value.split_whitespace());
            let selection = match read {
                Ok(selection) => selection,
                Err(why) => {
                    let help = "write SETTING=OPTION, such as guard=on";
                    self.add(field.value_at.clone(), why, help);
                    return None;
                }
            };
            match unknown_option(scene, &selection) {
                Ok(()) => Some(selection),
                Err(none) => {
                    self.tell(none, field.value_at.clone());
                    None
                }
            }
        };
        let with = match fields.iter().find(|field| field.key == "with") {
            Some(field) => chosen(field)?,
            None => Selection::new(),
        };
        let mut rows: Vec<(String, Selection)> = Vec::new();
        for field in fields.iter().filter(|field| field.key == "row") {
            let mut all = with.clone();
            let own = chosen(field)?;
            let label: Vec<String> = own.iter().map(|one| label(scene, one)).collect();
            all.extend(own);
            rows.push((label.join(", "), all));
        }
        let mut head = "Settings".to_owned();
        if let Some(field) = fields.iter().find(|field| field.key == "rows") {
            let Some(setting) = scene.settings.iter().find(|one| one.id == field.value) else {
                let ids: Vec<&str> = scene.settings.iter().map(|one| one.id.as_str()).collect();
                let what = format!("`{}` has no setting `{}`", scene.id, field.value);
                self.add(field.value_at.clone(), what, one_of(field.value, &ids));
                return None;
            };
            if !rows.is_empty() {
                let help = "keep `rows` or the `row` lines";
                self.add(field.value_at.clone(), "the rows are told twice", help);
            }
            head.clone_from(&setting.label);
            rows = setting
                .options
                .iter()
                .map(|option| {
                    let mut all = with.clone();
                    all.insert(setting.id.clone(), option.id.clone());
                    (option.label.clone(), all)
                })
                .collect();
        }
        if rows.is_empty() || rows.len() > MOST_ROWS {
            let what = format!("a table of outcomes cannot have {} rows", rows.len());
            let help = format!(
                "write `rows: SETTING`, or up to {MOST_ROWS} lines `row: SETTING=OPTION …`"
            );
            self.add(directive.opening.clone(), what, help);
            return None;
        }
        Some(Block::Outcomes(Outcomes {
            scene: scene.id.clone(),
            head,
            rows,
            promises: scene.promises.iter().map(|one| one.name.clone()).collect(),
        }))
    }
}

/// An option as the page calls it: "Guard: on".
fn label(scene: &engine::Scene, (setting, option): (&String, &String)) -> String {
    let known = scene.settings.iter().find(|known| known.id == *setting);
    let shown = known.and_then(|known| {
        let option = known.options.iter().find(|known| known.id == *option)?;
        Some(format!("{}: {}", known.label, option.label))
    });
    shown.unwrap_or_else(|| format!("{setting}: {option}"))
}
