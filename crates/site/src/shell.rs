//! The page shell: the template `index.html` at the top of the checkout, with slots like
//! `{{title}}` that every page fills.

use std::collections::BTreeMap;

use course::{Diagnostics, Source};
use maud::Markup;

/// The slots; each stands in the template at least once.
pub const SLOTS: [&str; 13] = [
    "policy",
    "title",
    "description",
    "kind",
    "heading",
    "head",
    "home",
    "course-current",
    "glossary",
    "glossary-current",
    "fidelity",
    "fidelity-current",
    "body",
];

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(&'static str),
}

impl Shell {
    /// Reads a template.
    ///
    /// # Errors
    /// Every slot that no page fills, that does not end, or that is missing.
    pub fn read(source: &Source) -> Result<Shell, Diagnostics> {
        let text = source.text();
        let mut pieces = Vec::new();
        let mut mistakes = Diagnostics::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("{{") {
            let begin = at + found;
            pieces.push(Piece::Text(text[at..begin].to_owned()));
            let Some(length) = text[begin..].find("}}") else {
                mistakes.add(
                    source,
                    begin..begin + 2,
                    "a slot begins here and does not end",
                    "end it with `}}`",
                );
                at = text.len();
                break;
            };
            at = begin + length + 2;
            let name = text[begin + 2..begin + length].trim();
            match SLOTS.iter().find(|slot| **slot == name) {
                Some(slot) => pieces.push(Piece::Slot(slot)),
                None => mistakes.add(
                    source,
                    begin..at,
                    format!("no page fills a slot `{name}`"),
                    format!("the slots are {}", SLOTS.join(", ")),
                ),
            }
        }
        pieces.push(Piece::Text(text[at..].to_owned()));
        for slot in SLOTS
            .iter()
            .filter(|slot| !pieces.contains(&Piece::Slot(slot)))
        {
            let help = format!("write {{{{{slot}}}}} where it belongs");
            mistakes.add(source, 0..0, format!("the slot `{slot}` is missing"), help);
        }
        mistakes.or(Shell(pieces))
    }

    /// The page with these values in its slots.
    ///
    /// # Panics
    /// When a slot has no value: a mistake in this program.
    pub fn fill(&self, values: &BTreeMap<&str, Markup>) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Slot(slot) => {
                    &values
                        .get(slot)
                        .unwrap_or_else(|| panic!("nothing fills {slot}"))
                        .0
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::PreEscaped;

    fn whole() -> String {
        SLOTS
            .map(|slot| format!("<i>{{{{{slot}}}}}</i>"))
            .join("\n")
    }

    #[test]
    fn every_slot_is_filled() {
        let shell = Shell::read(&Source::new("index.html", &whole())).unwrap();
        let values = SLOTS.map(|slot| (slot, PreEscaped(slot.to_uppercase())));
        let page = shell.fill(&BTreeMap::from(values));
        assert!(
            page.starts_with("<i>POLICY</i>\n<i>TITLE</i>") && page.ends_with("<i>BODY</i>"),
            "{page}"
        );
    }

    #[test]
    fn all_mistakes_are_told_with_their_place() {
        let text = whole()
            .replace("{{body}}", "é{{bodi}}")
            .replace("{{head}}", "");
        let mistakes = Shell::read(&Source::new("index.html", &text)).unwrap_err();
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(
            told[0].contains("`body` is missing") && told[1].contains("`head` is missing"),
            "{told:?}"
        );
        assert!(
            told[2].starts_with("index.html:13:5: no page fills a slot `bodi`"),
            "{told:?}"
        );
    }

    #[test]
    fn a_slot_without_an_end_is_a_mistake() {
        assert!(Shell::read(&Source::new("index.html", &(whole() + "{{"))).is_err());
    }
}
