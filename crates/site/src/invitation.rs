//! The invitation on the first page: what one scene comes to, record by record, computed.

use engine::{Cast, Mistake, Run, Scene};
use maud::{Markup, html};

use crate::entry::Entry;

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fate {
    record: String,
    times: u32,
}

/// A lesson, and what its scene comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    lesson: Entry,
    /// What the records are, for example "orders".
    records: String,
    /// What one effect is called, for example "mail".
    noun: String,
    /// What has been done to a record then, for example "mailed".
    done: String,
    fates: Vec<Fate>,
}

impl Invitation {
    /// Runs the scene as told; nothing, where it has no service whose work could be counted.
    ///
    /// # Errors
    /// The scene's mistakes.
    pub fn new(lesson: Entry, scene: &Scene) -> Result<Option<Invitation>, Vec<Mistake>> {
        let cast = Cast::new(scene)?;
        let mut run = Run::new(cast.clone());
        run.to_rest();
        let (Some(plan), Some(service), Some(topic)) = (
            cast.services.first(),
            run.world().services().first(),
            cast.topics.first(),
        ) else {
            return Ok(None);
        };
        let records = cast.records.iter().zip(0..);
        let fates = records
            .map(|(record, at)| Fate {
                record: record.value.clone(),
                times: service.times(engine::RecordId(at)),
            })
            .collect();
        let (records, noun, done) = (topic.name.clone(), plan.noun.clone(), plan.done.clone());
        Ok(Some(Invitation {
            lesson,
            records,
            noun,
            done,
            fates,
        }))
    }

    /// The card.
    pub fn html(&self) -> Markup {
        let effects = self.fates.iter().map(|fate| fate.times as usize).sum();
        let title = format!(
            "{} {}, {} {}s, nothing broken",
            in_words(self.fates.len()),
            self.records,
            in_words(effects),
            self.noun
        );
        html! {
            section.aha aria-labelledby="aha" {
                div {
                    h2 #aha { (capitalised(&title)) }
                    p {
                        "A consumer does its work and dies before it can say so. "
                        "Step to the moment where it goes wrong, then crash it somewhere else."
                    }
                    a.go href=(self.lesson.path()) { "See how it happens" }
                }
                ul.orders aria-label={ "What became of the " (self.records) } {
                    @for fate in &self.fates {
                        @let (class, said) = match fate.times {
                            0 => ("never", format!("never {}", self.done)),
                            1 => ("once", format!("{} ✓", self.done)),
                            times => ("again", format!("{} ×{times}", self.done)),
                        };
                        li class=(class) { code { (fate.record) } span { (said) } }
                    }
                }
            }
        }
    }
}

/// Small numbers as words, as in running text.
fn in_words(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    WORDS
        .get(number)
        .map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
