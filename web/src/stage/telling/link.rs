//! Messages on their way, in words.

use super::{At, Shape, Telling};
use crate::stage::sentence::Tone;
use engine::fact::Leg;
use engine::fact::link::Fact;

pub(super) fn telling(fact: &Fact, at: &At<'_>) -> Telling {
    let who = at.here();
    match fact {
        Fact::MessageLost {
            consumer: _,
            record,
            what,
        } => {
            let word = what.word();
            let phrase = format!("the {word} for {} gets lost", at.record(*record));
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Cross, format!("{word} lost"))
                .says(
                    lead,
                    match what {
                        Leg::Request => "Nothing was done. The caller cannot know that.",
                        Leg::Answer => "The work is done. The caller cannot know that.",
                    },
                )
        }
        Fact::MessageDoubled {
            consumer: _,
            record,
        } => {
            let phrase = format!("the request for {} is on its way twice", at.record(*record));
            let lead = format!("{who}: {phrase}.");
            Telling::new(who, Tone::Crash, phrase)
                .drawn(Shape::Ring, "twice")
                .says(lead, "Nobody will hear the second answer.")
        }
        Fact::Dropped { client: _ } => Telling::new(who, Tone::Plain, "an answer finds nobody"),
    }
}
